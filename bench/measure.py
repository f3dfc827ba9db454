"""How things are measured: in turns within one process, or as commands in processes of their own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self

Row = dict[str, Any]
"""One line of a table: what was measured, and ``ratio`` with what it is a ratio to."""

_MIB = 1024 * 1024
_PAUSE = 0.002


@dataclass(frozen=True)
class Way:
    """One way to do a piece of work.

    Attributes:
        name: What the table calls it.
        work: Does it once; may return seconds, where only a part of it counts.
        rows: Rows it works on; slow ways get fewer.
    """

    name: str
    work: Callable[[], float | None]
    rows: int


class _Peak:
    """Growth of this process's resident memory while it is open, sampled."""

    def __init__(self) -> None:
        self.before, self.highest, self._over = _resident(), 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def mib(self) -> float:
        return max(0, self.highest - self.before) / _MIB

    def _watch(self) -> None:
        while True:
            self.highest = max(self.highest, _resident())
            if self._over.wait(_PAUSE):
                return


def _resident() -> int:
    with suppress(OSError):  # not Linux: no peak
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def contest(ways: Sequence[Way], repeats: int, *, against: str) -> list[Row]:
    """All ways in turns, so that a busy machine is busy for all of them; medians, and the median of each round's ratio.

    Args:
        ways: What competes.
        repeats: Rounds.
        against: The way that the ratios are to.
    """
    speeds: dict[str, list[float]] = {way.name: [] for way in ways}
    peaks: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(repeats):
        for way in ways:
            with _Peak() as peak:
                begun = time.perf_counter()
                told = way.work()
                took = told or time.perf_counter() - begun
            speeds[way.name].append(way.rows / took)
            peaks[way.name].append(peak.mib)
    return [
        {
            "way": way.name,
            "rows": way.rows,
            "rows/s": statistics.median(speeds[way.name]),
            "extra MiB": statistics.median(peaks[way.name]),
            "ratio": statistics.median(a / b for a, b in zip(speeds[way.name], speeds[against], strict=True)),
            "is": f"times as fast as {against}",
        }
        for way in ways
    ]


@dataclass(frozen=True)
class Ran:
    """What a command took.

    Attributes:
        seconds: By the clock.
        mib: Most resident memory.
        report: The JSON that it printed.
    """

    seconds: float
    mib: float
    report: dict[str, Any]


def acm(store: Path, *words: str) -> Ran:
    """Run one ``acm-etl`` command on a DuckDB store, in a process of its own.

    Raises:
        SystemExit: It failed; with what it said.
    """
    command = [sys.executable, "-m", "acm_etl", "--store", f"duckdb:///{store}", "--json", *words]
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err)  # noqa: S603 - our own command
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        for stream in (out, err):
            stream.seek(0)
        if process.returncode:
            raise SystemExit(err.read())
        return Ran(seconds, usage.ru_maxrss / 1024, json.loads(out.read()))
