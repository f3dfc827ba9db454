"""acm-etl with a fault in it: ``python -m chaos.faulty_backfill FAULT ARGUMENTS...``, the fault as JSON.

{"statement": 17, "action": "kill"}   at the 17th statement: kill, interrupt, transient, terminal or delay
{"file": 2}                           the second file that is opened for writing finds no space
{"grows": 500000}                     no file may become longer: the disk is full
{"skew": 7}                           the clock jumps forward and back, by random numbers of this seed
{"count": "FILE"}                     no fault; the number of statements is written to the file
"""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from statements import call_before_statements

from acm_etl.cli import main
from acm_etl.errors import StoreError, TransientError
from acm_etl.load import clock

# The faulty process imports helpers of the tests.
_TESTS = Path(__file__).parents[1]


def build_process(words: Sequence[str], fault: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return arguments of ``subprocess`` for acm-etl, with a fault in it where one is given.

    Args:
        words: Arguments of acm-etl.
        fault: The fault, as above.
    """
    module = ["acm_etl"] if fault is None else ["chaos.faulty_backfill", json.dumps(fault)]
    modules = os.pathsep.join(filter(None, (str(_TESTS), os.environ.get("PYTHONPATH"))))
    return {"args": [sys.executable, "-m", *module, *words], "env": {**os.environ, "PYTHONPATH": modules}}


def _raise_at_call(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


ACTIONS: dict[str, Callable[[], None]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "interrupt": lambda: os.kill(os.getpid(), signal.SIGINT),
    "transient": _raise_at_call(TransientError("injected: try again")),
    "terminal": _raise_at_call(StoreError("injected: refused")),
    "delay": lambda: time.sleep(0.3),
}


def fill_disk_at(nth: int) -> None:
    """The nth file opened for writing is on a full disk."""
    left = [nth]

    def hook(event: str, args: tuple[Any, ...]) -> None:
        # A number is a file that is open already, such as standard output.
        is_named = event == "open" and not isinstance(args[0], int)
        if is_named and isinstance(args[1], str) and set(args[1]) & set("wax+"):
            left[0] -= 1
            if left[0] == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(args[0]))

    sys.addaudithook(hook)


class SkewedClock(datetime):
    """A clock that somebody sets forward and back all the time."""

    dice = random.Random(0)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        assert tz is UTC
        return datetime.now(tz) + timedelta(seconds=cls.dice.uniform(-90_000, 90_000))


def inject_fault(fault: dict[str, Any]) -> None:
    """Prepare one fault that is not at a statement."""
    if "file" in fault:
        fill_disk_at(fault["file"])
    if "grows" in fault:
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault["grows"], resource.RLIM_INFINITY))
    if "skew" in fault:
        SkewedClock.dice = random.Random(fault["skew"])
        clock.datetime = SkewedClock  # type: ignore[misc]


def run_with_fault(fault: dict[str, Any]) -> None:
    """Run acm-etl with one fault."""
    inject_fault(fault)
    numbers: list[int] = []

    def act(number: int) -> None:
        numbers.append(number)
        if number == fault.get("statement"):
            ACTIONS[fault["action"]]()

    try:
        with call_before_statements(act):
            main()
    finally:
        if "count" in fault:
            Path(fault["count"]).write_text(str(len(numbers)), encoding="utf-8")


if __name__ == "__main__":
    run_with_fault(json.loads(sys.argv.pop(1)))
