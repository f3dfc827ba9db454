"""acm-etl with a fault in it: ``victim.py FAULT ARGUMENTS...``, the fault as JSON.

{"statement": 17, "does": "kill"}   at the 17th statement: kill, interrupt, transient, terminal or delay
{"file": 2}                         the second file that is opened for writing finds no space
{"grows": 500000}                   no file may become longer: the disk is full
{"skew": 7}                         the clock jumps forth and back, by the dice of this seed
{"count": "FILE"}                   nothing happens; how many statements there were is written to the file
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from acm_etl.cli import main
from acm_etl.errors import StoreError, TransientError
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load import clock


def _raises(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


ACTS: dict[str, Callable[[], None]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "interrupt": lambda: os.kill(os.getpid(), signal.SIGINT),
    "transient": _raises(TransientError("injected: try again")),
    "terminal": _raises(StoreError("injected: refused")),
    "delay": lambda: time.sleep(0.3),
}


class Statements:
    """Counts the statements of all sessions, and acts at one of them."""

    def __init__(self, at: int = 0, does: str = "delay") -> None:
        self.seen, self._at, self._act = 0, at, ACTS[does]
        original = DuckDB._translate_errors

        @contextmanager
        def translated(engine: DuckDB) -> Iterator[None]:
            self.seen += 1
            if self.seen == self._at:
                self._act()
            with original(engine):
                yield

        DuckDB._translate_errors = translated  # type: ignore[method-assign]


def full_at(nth: int) -> None:
    """The nth file opened for writing is on a full disk."""
    left = [nth]

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
            left[0] -= 1
            if left[0] == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(args[0]))

    sys.addaudithook(hook)


class Skewed(datetime):
    """A clock that somebody sets while we look at it."""

    dice = random.Random(0)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        assert tz is UTC
        return datetime.now(tz) + timedelta(seconds=cls.dice.uniform(-90_000, 90_000))


def prepare(fault: dict[str, Any]) -> Statements | None:
    """Arm one fault; the counter where statements are counted."""
    if "statement" in fault:
        return Statements(fault["statement"], fault["does"])
    if "count" in fault:
        return Statements()
    if "file" in fault:
        full_at(fault["file"])
    if "grows" in fault:
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault["grows"], resource.RLIM_INFINITY))
    if "skew" in fault:
        Skewed.dice = random.Random(fault["skew"])
        clock.datetime = Skewed  # type: ignore[misc]
    return None


if __name__ == "__main__":
    asked = json.loads(sys.argv.pop(1))
    counter = prepare(asked)
    try:
        main()
    finally:
        if counter and "count" in asked:
            Path(asked["count"]).write_text(str(counter.seen), encoding="utf-8")
