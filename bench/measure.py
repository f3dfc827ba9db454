"""Measure CPU seconds, elapsed seconds and memory of calls and commands, in interleaved rounds.

CPU seconds (user and system, all threads) are compared, because other work on the machine changes them by up to a
third where it changes elapsed seconds several times. Candidates take turns within a round, so a busy minute affects
all of them, and each ratio is formed within one round.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self

_MIB = 1024 * 1024
# Reading /proc every 10 ms costs 0.2 % of a core; a peak that is shorter than that is rarely more than a few MiB.
_SAMPLE_SECONDS = 0.01
_CLEAR_REFS = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Usage:
    """Resources that one run took.

    Attributes:
        cpu_seconds: User and system time of all threads, and of all child processes of a command.
        wall_seconds: Elapsed time.
        peak_mib: Growth of resident memory during a call; peak resident memory of the largest process of a command.
        facts: Further numbers of the run by name, for example ``rows/reading``.
    """

    cpu_seconds: float
    wall_seconds: float
    peak_mib: float
    facts: dict[str, float] = field(default_factory=dict)

    def add(self, other: Usage) -> Usage:
        """Return the usage of two runs, one after the other."""
        return Usage(
            self.cpu_seconds + other.cpu_seconds,
            self.wall_seconds + other.wall_seconds,
            max(self.peak_mib, other.peak_mib),
            self.facts | other.facts,
        )


@dataclass(frozen=True)
class Candidate:
    """One way to do a piece of work.

    Attributes:
        name: Name in the table.
        units: Readings, rows or windows that one run works on. Slow alternatives get fewer.
        run: Does the work once, and returns what it took.
        reference: Candidate that its ratios are formed with; empty for the first one of the benchmark.
    """

    name: str
    units: int
    run: Callable[[], Usage]
    reference: str = ""

    @classmethod
    def from_call(cls, name: str, units: int, call: Callable[[], object]) -> Self:
        """Measure a function of this process."""
        return cls(name, units, lambda: measure_call(call))

    @classmethod
    def from_setup(cls, name: str, units: int, set_up: Callable[[], Callable[[], object]]) -> Self:
        """Measure the function that ``set_up`` returns, without the time of ``set_up``."""
        return cls(name, units, lambda: measure_call(set_up()))


@dataclass(frozen=True)
class Measurement:
    """Usage of one candidate in every round; see ``Candidate``."""

    name: str
    units: int
    usages: list[Usage]
    reference: str = ""


def interleave(candidates: Sequence[Candidate], rounds: int, *, warm_up: bool = False) -> list[Measurement]:
    """Run all candidates in turns.

    Args:
        candidates: Ways to do the same work.
        rounds: Number of measured rounds. Every second round runs in reverse order, so that a steady change of the
            load of the machine favours nobody.
        warm_up: Run each candidate once before, unmeasured: imports, compiled kernels, caches of the file system.

    Returns:
        One measurement per candidate, in their order.
    """
    if warm_up:
        for candidate in candidates:
            candidate.run()
    usages: list[list[Usage]] = [[] for _ in candidates]
    for number in range(rounds):
        indices = range(len(candidates))
        for index in indices if number % 2 == 0 else reversed(indices):
            usages[index].append(candidates[index].run())
    return [
        Measurement(one.name, one.units, found, one.reference) for one, found in zip(candidates, usages, strict=True)
    ]


def measure_call(call: Callable[[], object]) -> Usage:
    """Return what a function of this process takes."""
    with _MemorySampler() as memory:
        cpu, wall = time.process_time(), time.perf_counter()
        call()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Usage(cpu, wall, memory.growth_mib)


def measure_command(command: Sequence[str], environment: Mapping[str, str]) -> tuple[Usage, str]:
    """Run a command in a process of its own.

    Args:
        command: Program and arguments.
        environment: All environment variables of the process.

    Returns:
        What it took, child processes included, and its standard output.

    Raises:
        SystemExit: The command failed; with the command and its standard error.
    """
    with TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        _reset_peak_memory()
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=dict(environment))  # noqa: S603
        _, status, resources = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        text, problem = (_read_all(stream) for stream in (output, errors))
    if process.returncode:
        message = f"exit code {process.returncode} of: {' '.join(command)}\n{problem[-2000:]}"
        raise SystemExit(message)
    return Usage(resources.ru_utime + resources.ru_stime, wall, resources.ru_maxrss / 1024), text


def _reset_peak_memory() -> None:
    """Forget the peak of this process, which the system counts as the least peak of the processes that it starts.

    https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
    """
    if _CLEAR_REFS.exists():
        _CLEAR_REFS.write_text("5", encoding="ascii")


def _read_all(stream: Any) -> str:  # noqa: ANN401 - TemporaryFile has a private type
    stream.seek(0)
    text: str = stream.read()
    return text


class _MemorySampler:
    """Growth of the resident memory of this process, sampled by a thread.

    The peak of the operating system (``ru_maxrss``) never falls, so it cannot tell two calls of one process apart.
    """

    def __init__(self) -> None:
        self._before = self._highest = _read_resident_bytes()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def growth_mib(self) -> float:
        """Highest minus first resident memory, MiB."""
        return max(0, self._highest - self._before) / _MIB

    def _sample(self) -> None:
        while not self._stop.wait(_SAMPLE_SECONDS):
            self._highest = max(self._highest, _read_resident_bytes())


def _read_resident_bytes() -> int:
    with suppress(OSError):  # systems without /proc: no peak of calls
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
