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

from acm_etl.fleet.machine_task import (
    LOCK_WAIT_SECONDS,
    MachineTask,
    ProgressSender,
    WorkerMessage,
    dispatch,
    forward_logs,
)
from acm_etl.progress import Progress
from acm_etl.results import MachineReport

log = logging.getLogger(__name__)
#: Whatever reads the number of its threads from the environment, when it is loaded.
THREAD_VARIABLES = (
    "POLARS_MAX_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
#: A machine whose workers die so often fails; the others go on.
MAX_WORKER_DEATHS = 3
_POLL_SECONDS = 0.2  # seconds between two looks at whether the user wants to stop
_JOIN_SECONDS = 5.0  # seconds that an idle worker has to leave
_STOP, _SHUTDOWN, _REPORT = "stop", "end", "report"


def count_available_cpus() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ProcessExecutor:
    """Worker processes on this host.

    A worker that dies is replaced and its machine taken up by the next: what was published stays, and the rest is
    resumed from there.

    Args:
        task: What they do.
        worker_count: How many of them; each gets its share of the processors.
    """

    def __init__(self, task: MachineTask, worker_count: int) -> None:
        self._task, self._worker_count = task, worker_count
        self._death_counts: Counter[str] = Counter()

    def run_machines(self, machines: Sequence[str], *, progress: Progress, stop: Event) -> Generator[MachineReport]:
        """The report of each machine, as it comes; the workers are gone when this is over or closed."""
        waiting = deque(machines)
        crew = [_Worker(self._task, self._worker_count) for _ in range(self._worker_count)]
        try:
            while waiting or any(worker.code for worker in crew):
                self._assign_machines(crew, waiting, stop)
                if stop.is_set():
                    yield from (MachineReport(code, "stopped") for code in _drain_queue(waiting))
                for worker in _wait_for_workers(crew):
                    message = worker.receive_message()
                    if message is None:
                        yield from self._replace_dead_worker(worker, crew, waiting)
                    elif message[0] == _REPORT:
                        worker.code = None
                        yield message[1]
                    else:
                        dispatch(progress, message)
            for worker in crew:
                worker.shut_down()
        finally:
            for worker in crew:
                worker.kill()

    def _assign_machines(self, workers: list[_Worker], waiting: deque[str], stop: Event) -> None:
        for worker in workers:
            if stop.is_set():
                worker.request_stop()
            elif waiting and not worker.code:
                worker.assign_machine(
                    waiting[0], lock_wait=LOCK_WAIT_SECONDS if self._death_counts[waiting[0]] else 0.0
                )
                waiting.popleft()

    def _replace_dead_worker(
        self, worker: _Worker, workers: list[_Worker], waiting: deque[str]
    ) -> Iterator[MachineReport]:
        """Put another worker in the place of a dead one; its machine is next, unless it has cost too many."""
        how, code = worker.describe_exit(), worker.code
        if code is None and not waiting:
            workers.remove(worker)
            return
        workers[workers.index(worker)] = _Worker(self._task, self._worker_count)
        if code is None:
            return
        self._death_counts[code] += 1
        if self._death_counts[code] < MAX_WORKER_DEATHS:
            log.warning("%s: its worker died (%s); another one resumes it", code, how)
            waiting.appendleft(code)
        else:
            message = (
                f"{MAX_WORKER_DEATHS} workers died while they worked on it, the last by {how}; is there memory enough?"
            )
            yield MachineReport(code, "failed", message)


def _drain_queue(waiting: deque[str]) -> list[str]:
    taken = list(waiting)
    waiting.clear()
    return taken


class _Worker:
    """A worker process, seen from here."""

    def __init__(self, task: MachineTask, worker_count: int) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.code: str | None = None
        self._stop_sent = False
        self._process: BaseProcess = context.Process(
            target=_worker_main, args=(task, theirs), name="acm-worker", daemon=True
        )
        with _limit_threads(max(1, count_available_cpus() // worker_count)):
            self._process.start()
        theirs.close()  # or the pipe would stay open when the worker has died

    def assign_machine(self, code: str, *, lock_wait: float) -> None:
        """Let it work on a machine."""
        self.code = code
        self._send_message(_Assignment(code, lock_wait))

    def request_stop(self) -> None:
        """Let it stop after the group at hand."""
        if not self._stop_sent:
            self._stop_sent = True
            self._send_message(_STOP)

    def receive_message(self) -> Any:  # noqa: ANN401 - a message or a report
        """What it says; None if it is dead."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            return None

    def describe_exit(self) -> str:
        """How it died, in words."""
        self.kill()
        code = self._process.exitcode or 0
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def shut_down(self) -> None:
        """Let it go."""
        self._send_message(_SHUTDOWN)
        self._process.join(_JOIN_SECONDS)

    def kill(self) -> None:
        """End it if it has not ended, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self.pipe.close()

    def _send_message(self, message: object) -> None:
        with suppress(OSError):  # it has died: its pipe says so to whoever listens next
            self.pipe.send(message)


def _wait_for_workers(workers: Sequence[_Worker]) -> list[_Worker]:
    ready = wait([worker.pipe for worker in workers], timeout=_POLL_SECONDS)
    return [worker for worker in workers if worker.pipe in ready]


@contextmanager
def _limit_threads(thread_count: int) -> Iterator[None]:
    """What is started here takes so many threads, unless the user has said otherwise."""
    mine = [name for name in THREAD_VARIABLES if name not in os.environ]
    os.environ.update(dict.fromkeys(mine, str(thread_count)))
    try:
        yield
    finally:
        for name in mine:
            del os.environ[name]


@dataclass(frozen=True, slots=True)
class _Assignment:
    code: str
    lock_wait: float


def _worker_main(task: MachineTask, pipe: Connection) -> None:
    """A worker process: it listens here, works in a thread, and ends with whoever started it."""
    # Ctrl-C reaches the whole group of processes; only the first of them decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop, guard = Event(), Lock()

    def send(message: WorkerMessage | tuple[str, MachineReport]) -> None:
        with guard, suppress(OSError):  # nobody listens any more: the end of the pipe is noticed below
            pipe.send(message)

    def work(order: _Assignment) -> None:
        with forward_logs(order.code, send, task.log_level):
            report = task.run_machine(
                order.code,
                open_session=task.connect_store,
                progress=ProgressSender(send),
                stop=stop,
                lock_wait=order.lock_wait,
            )
        send((_REPORT, report))

    with ThreadPoolExecutor(1) as thread:
        while True:
            try:
                order = pipe.recv()
            except (EOFError, OSError):
                os._exit(1)  # nobody is left to work for; what is under way is rolled back
            if order == _SHUTDOWN:
                return
            if order == _STOP:
                stop.set()
            else:
                thread.submit(work, order)
