"""Machines side by side on this host: worker processes, one machine each at a time, and their replacement."""

from __future__ import annotations

import logging
import os
import signal
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Event, Lock
from typing import Any

from acm_etl.fleet.machine_task import PATIENCE, Message, Task, Told, logged, tell
from acm_etl.progress import Progress
from acm_etl.results import MachineReport

log = logging.getLogger(__name__)
#: Whatever reads the number of its threads from the environment, when it is loaded.
THREADS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
#: A machine whose workers die so often fails; the others go on.
DEATHS = 3
_LOOK = 0.2  # seconds between two looks at whether the user wants to stop
_JOIN = 5.0  # seconds that an idle worker has to leave
_STOP, _END, _REPORT = "stop", "end", "report"


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Processes:
    """Worker processes on this host.

    A worker that dies is replaced and its machine taken up by the next: what was published stays, and the rest is
    resumed from there.

    Args:
        task: What they do.
        count: How many of them; each gets its share of the processors.
    """

    def __init__(self, task: Task, count: int) -> None:
        self._task, self._count = task, count
        self._deaths: Counter[str] = Counter()

    def reports(self, machines: Sequence[str], *, progress: Progress, stop: Event) -> Generator[MachineReport]:
        """The report of each machine, as it comes; the workers are gone when this is over or closed."""
        waiting = deque(machines)
        crew = [_Worker(self._task, self._count) for _ in range(self._count)]
        try:
            while waiting or any(worker.code for worker in crew):
                self._assign(crew, waiting, stop)
                if stop.is_set():
                    yield from (MachineReport(code, "stopped") for code in _taken(waiting))
                for worker in _speaking(crew):
                    message = worker.hear()
                    if message is None:
                        yield from self._bury(worker, crew, waiting)
                    elif message[0] == _REPORT:
                        worker.code = None
                        yield message[1]
                    else:
                        tell(progress, message)
            for worker in crew:
                worker.leave()
        finally:
            for worker in crew:
                worker.kill()

    def _assign(self, crew: list[_Worker], waiting: deque[str], stop: Event) -> None:
        for worker in crew:
            if stop.is_set():
                worker.stop()
            elif waiting and not worker.code:
                worker.give(waiting[0], patience=PATIENCE if self._deaths[waiting[0]] else 0.0)
                waiting.popleft()

    def _bury(self, worker: _Worker, crew: list[_Worker], waiting: deque[str]) -> Iterator[MachineReport]:
        """Put another worker in the place of a dead one; its machine is next, unless it has cost too many."""
        how, code = worker.death(), worker.code
        if code is None and not waiting:
            crew.remove(worker)
            return
        crew[crew.index(worker)] = _Worker(self._task, self._count)
        if code is None:
            return
        self._deaths[code] += 1
        if self._deaths[code] < DEATHS:
            log.warning("%s: its worker died (%s); another one resumes it", code, how)
            waiting.appendleft(code)
        else:
            message = f"{DEATHS} workers died while they worked on it, the last by {how}; is there memory enough?"
            yield MachineReport(code, "failed", message)


def _taken(waiting: deque[str]) -> list[str]:
    taken = list(waiting)
    waiting.clear()
    return taken


class _Worker:
    """A worker process, seen from here."""

    def __init__(self, task: Task, count: int) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.code: str | None = None
        self._stopped = False
        self._process: BaseProcess = context.Process(target=_main, args=(task, theirs), name="acm-worker", daemon=True)
        with _threads(max(1, cores() // count)):
            self._process.start()
        theirs.close()  # or the pipe would stay open when the worker has died

    def give(self, code: str, *, patience: float) -> None:
        """Let it work on a machine."""
        self.code = code
        self._send(_Order(code, patience))

    def stop(self) -> None:
        """Let it stop after the group at hand."""
        if not self._stopped:
            self._stopped = True
            self._send(_STOP)

    def hear(self) -> Any:  # noqa: ANN401 - a message or a report
        """What it says; None if it is dead."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            return None

    def death(self) -> str:
        """How it died, in words."""
        self.kill()
        code = self._process.exitcode or 0
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def leave(self) -> None:
        """Let it go."""
        self._send(_END)
        self._process.join(_JOIN)

    def kill(self) -> None:
        """End it if it has not ended, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self.pipe.close()

    def _send(self, message: object) -> None:
        with suppress(OSError):  # it has died: its pipe says so to whoever listens next
            self.pipe.send(message)


def _speaking(crew: Sequence[_Worker]) -> list[_Worker]:
    ready = wait([worker.pipe for worker in crew], timeout=_LOOK)
    return [worker for worker in crew if worker.pipe in ready]


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """What is started here takes so many threads, unless the user has said otherwise."""
    mine = [name for name in THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(mine, str(count)))
    try:
        yield
    finally:
        for name in mine:
            del os.environ[name]


@dataclass(frozen=True, slots=True)
class _Order:
    code: str
    patience: float


def _main(task: Task, pipe: Connection) -> None:
    """A worker process: it listens here, works in a thread, and ends with whoever started it."""
    # Ctrl-C reaches the whole group of processes; only the first of them decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop, guard = Event(), Lock()

    def send(message: Message | tuple[str, MachineReport]) -> None:
        with guard, suppress(OSError):  # nobody listens any more: the end of the pipe is noticed below
            pipe.send(message)

    def work(order: _Order) -> None:
        with logged(order.code, send, task.level):
            report = task.work(order.code, open_=task.connect, progress=Told(send), stop=stop, patience=order.patience)
        send((_REPORT, report))

    with ThreadPoolExecutor(1) as thread:
        while True:
            try:
                order = pipe.recv()
            except (EOFError, OSError):
                os._exit(1)  # nobody is left to work for; what is under way is rolled back
            if order == _END:
                return
            if order == _STOP:
                stop.set()
            else:
                thread.submit(work, order)
