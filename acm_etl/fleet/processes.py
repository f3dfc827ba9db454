"""Worker processes on this host: one machine at a time each; a worker that dies is replaced.

Processes, not threads: a crash in a native library or a lack of memory then ends one worker only. Each worker is
connected by a pipe, whose end tells each side that the other one died.
"""

from __future__ import annotations

import logging
import os
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Event, Lock

from acm_etl.fleet.machine_task import (
    LOCK_WAIT_SECONDS,
    MachineTask,
    ProgressSender,
    WorkerMessage,
    forward_logs,
    handle_worker_message,
)
from acm_etl.host import HAS_SIGNAL_MASKS, count_available_cpus, hold_back_stop_signals, ignore_stop_signals
from acm_etl.progress import Progress
from acm_etl.results import MachineReport

log = logging.getLogger(__name__)
# Environment variables from which libraries read their number of threads, once, when they are loaded.
THREAD_VARIABLES = (
    "POLARS_MAX_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
MAX_WORKER_DEATHS = 3  # then the machine fails; a machine that exhausts the memory would kill one worker after another
# Linux kills a process for lack of memory with SIGKILL; libraries that cannot allocate call abort(), which is SIGABRT.
# As numbers, because Windows has no SIGKILL.
_OUT_OF_MEMORY_SIGNALS = (6, 9)
_POLL_SECONDS = 0.2  # interval of the checks whether the user stopped the backfill
_JOIN_SECONDS = 5.0  # time for an idle worker to exit


class ProcessExecutor:
    """Processes machines in worker processes on this host.

    If a worker dies, another worker resumes its machine from the stored progress.

    Args:
        task: The work to do for a machine.
        worker_count: Number of worker processes; each gets an equal share of the CPU cores.
    """

    def __init__(self, task: MachineTask, worker_count: int) -> None:
        self._task, self._worker_count = task, worker_count
        self._death_counts: Counter[str] = Counter()

    def run_machines(self, machines: Sequence[str], *, progress: Progress, stop: Event) -> Generator[MachineReport]:
        """Yield the report of each machine as it completes; the workers end with the generator."""
        # A queue instead of equal shares: machines differ in length, and a worker that is free takes the next one.
        waiting = deque(machines)
        workers = [_Worker(self._task, self._worker_count) for _ in range(self._worker_count)]
        try:
            while waiting or any(worker.code for worker in workers):
                self._assign_machines(workers, waiting, stop)
                if stop.is_set():
                    yield from (MachineReport(code, "stopped") for code in _drain_queue(waiting))
                # One message per worker and turn, so that a talkative worker cannot starve the others.
                for worker in _ready_workers(workers):
                    message = worker.receive_message()
                    if message is None:
                        yield from self._replace_dead_worker(worker, workers, waiting)
                    elif isinstance(message, MachineReport):
                        worker.code = None
                        yield message
                    else:
                        handle_worker_message(progress, message)
            for worker in workers:
                worker.shut_down()
        finally:
            # After an error or a second Ctrl-C: what the workers have not committed is rolled back.
            for worker in workers:
                worker.kill()

    def _assign_machines(self, workers: list[_Worker], waiting: deque[str], stop: Event) -> None:
        for worker in workers:
            if stop.is_set():
                worker.request_stop()
            elif waiting and not worker.code:
                # A machine whose worker died may still be locked by the session of the dead process.
                worker.assign_machine(
                    waiting[0], lock_wait=LOCK_WAIT_SECONDS if self._death_counts[waiting[0]] else 0.0
                )
                waiting.popleft()

    def _replace_dead_worker(
        self, worker: _Worker, workers: list[_Worker], waiting: deque[str]
    ) -> Iterator[MachineReport]:
        """Replace a dead worker and put its machine first in the queue, or report the machine as failed."""
        exit_text, code = worker.describe_exit(), worker.code
        # An idle worker that died is not needed any more.
        if code is None and not waiting:
            workers.remove(worker)
            return
        workers[workers.index(worker)] = _Worker(self._task, self._worker_count)
        if code is None:
            return
        self._death_counts[code] += 1
        if self._death_counts[code] < MAX_WORKER_DEATHS:
            log.warning("%s: its worker process died (%s); another worker resumes the machine", code, exit_text)
            waiting.appendleft(code)
        else:
            message = (
                f"{MAX_WORKER_DEATHS} worker processes died on this machine, the last one with {exit_text}; "
                "check the free memory, or use fewer --workers"
            )
            yield MachineReport(code, "failed", message)


def _drain_queue(waiting: deque[str]) -> list[str]:
    codes = list(waiting)
    waiting.clear()
    return codes


class _Worker:
    """A worker process, seen from the parent process."""

    def __init__(self, task: MachineTask, worker_count: int) -> None:
        # spawn: a fork would copy the threads' locks of polars, duckdb and BLAS in any state.
        context = get_context("spawn")
        self.pipe, worker_end = context.Pipe()
        self.code: str | None = None
        self._stop_sent = False
        self._process: BaseProcess = context.Process(
            target=_worker_main, args=(task, worker_end), name="acm-worker", daemon=True
        )
        _start_tracker()
        with _limit_threads(max(1, count_available_cpus() // worker_count)), hold_back_stop_signals():
            self._process.start()
        worker_end.close()  # else this copy would keep the pipe open after the death of the worker

    def assign_machine(self, code: str, *, lock_wait: float) -> None:
        """Start a machine."""
        self.code = code
        self._send_order(_Assignment(code, lock_wait))

    def request_stop(self) -> None:
        """Ask the worker to stop after the current batch."""
        if not self._stop_sent:
            self._stop_sent = True
            self._send_order(_Order.STOP)

    def receive_message(self) -> WorkerMessage | MachineReport | None:
        """Return the next message, or the report of the machine at its end; None if the worker has died."""
        try:
            message: WorkerMessage | MachineReport = self.pipe.recv()
        except (EOFError, OSError):
            return None
        return message

    def describe_exit(self) -> str:
        """Describe the exit of a dead worker: signal or exit code."""
        self.kill()
        code = self._process.exitcode or 0
        if -code in _OUT_OF_MEMORY_SIGNALS:
            return f"signal {-code}, most often for lack of memory"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def shut_down(self) -> None:
        """Ask an idle worker to exit, and wait for it."""
        self._send_order(_Order.SHUT_DOWN)
        self._process.join(_JOIN_SECONDS)

    def kill(self) -> None:
        """Terminate the worker at once."""
        self._process.kill()
        self._process.join()
        self.pipe.close()

    def _send_order(self, order: _Assignment | _Order) -> None:
        with suppress(OSError):  # the worker has died; the next receive_message() reports it
            self.pipe.send(order)


def _ready_workers(workers: Sequence[_Worker]) -> list[_Worker]:
    try:
        pipes = wait([worker.pipe for worker in workers], timeout=_POLL_SECONDS)
    except InterruptedError:  # on Windows, Ctrl-C ends the wait, also after a handler has dealt with it
        return []
    return [worker for worker in workers if worker.pipe in pipes]


def _start_tracker() -> None:
    """Start the process in which multiprocessing tracks resources, where it has one."""
    # Otherwise it starts with the first worker, and lifts the mask of signals that the worker is to inherit.
    if HAS_SIGNAL_MASKS:
        resource_tracker.ensure_running()


@contextmanager
def _limit_threads(thread_count: int) -> Iterator[None]:
    """Limit the threads of processes started in the block; variables that the user has set stay."""
    # A spawned process inherits the environment; setting variables in the worker would be too late for its imports.
    unset = [name for name in THREAD_VARIABLES if name not in os.environ]
    os.environ.update(dict.fromkeys(unset, str(thread_count)))
    try:
        yield
    finally:
        for name in unset:
            del os.environ[name]


class _Order(Enum):
    """Orders to a worker besides a machine: stop after the current batch, or exit."""

    STOP = auto()
    SHUT_DOWN = auto()


@dataclass(frozen=True, slots=True)
class _Assignment:
    """Order to process a machine, and to wait for its lock for some seconds."""

    code: str
    lock_wait: float


def _worker_main(task: MachineTask, pipe: Connection) -> None:
    """Run a worker process: receive orders in the main thread, process machines in another one.

    The main thread must stay free to receive a stop request, and to notice the death of the parent process.
    """
    # Ctrl-C reaches all processes of the terminal, and SIGTERM of systemd all processes of the service; the parent
    # process handles both and sends ``_Order.STOP``.
    ignore_stop_signals()
    stop, send_lock = Event(), Lock()  # connections are not thread-safe, and any thread may log

    def send_message(message: WorkerMessage | MachineReport) -> None:
        with send_lock, suppress(OSError):  # the parent process has died; the main thread notices it below
            pipe.send(message)

    def process_machine(order: _Assignment) -> None:
        with forward_logs(order.code, send_message, task.log_level):
            report = task.run_machine(
                order.code,
                open_session=task.connect_store,
                progress=ProgressSender(send_message),
                stop=stop,
                lock_wait=order.lock_wait,
            )
        send_message(report)

    with ThreadPoolExecutor(1) as thread:
        while True:
            try:
                order: _Assignment | _Order = pipe.recv()
            except (EOFError, OSError):
                os._exit(1)  # not sys.exit(): that would wait for the machine; its transaction is rolled back
            if isinstance(order, _Assignment):
                thread.submit(process_machine, order)
            elif order is _Order.STOP:
                stop.set()
            else:  # the parent process orders it when no machine is left: nothing is in work here
                return
