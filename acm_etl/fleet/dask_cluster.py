"""Machines on a Dask cluster: one task per machine; the scheduler moves the machine of a dead worker to another one.

Only machine codes, requests, progress and reports go through the scheduler, never readings, models or results. This is
the only module that imports ``distributed``, an optional dependency (``acm_etl[fleet]``).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Event
from urllib.parse import urlsplit
from uuid import uuid4

from acm_etl.errors import UnavailableError, UsageError
from acm_etl.fleet.machine_task import (
    LOCK_WAIT_SECONDS,
    MachineTask,
    ProgressSender,
    WorkerMessage,
    build_failure_report,
    forward_logs,
    handle_worker_message,
)
from acm_etl.progress import Progress
from acm_etl.redaction import redact_address
from acm_etl.results import MachineReport

try:
    from distributed import Client, Future, get_worker
    from distributed.utils import get_ip
except ImportError as error:
    text = f"--scheduler needs Dask ({error}); pip install 'acm_etl[fleet]', here and on the cluster"
    raise UsageError(text) from error

log = logging.getLogger(__name__)
_CONNECT_SECONDS = 10  # maximum wait for the scheduler
_POLL_SECONDS = 0.2  # interval of the checks of the connection and of the stop event
_WORKER_CHECK_SECONDS = 5.0  # interval of the question whether the scheduler has workers
_WORKER_WARNING_SECONDS = 60.0
_LOST_STATUSES = ("cancelled", "lost")  # of a future whose scheduler was restarted

# In a worker process: the stop event of each fleet. Several fleets may share a cluster.
_stop_events: dict[str, Event] = {}


@contextmanager
def connect_scheduler(address: str) -> Iterator[Client]:
    """Connect to a scheduler for the length of the block.

    Raises:
        UsageError: The address is not valid.
        UnavailableError: The scheduler does not answer.
    """
    shown = redact_address(address)
    invalid = f"{shown!r} is not the address of a scheduler; use tcp://HOST:8786"
    # Checked first: an invalid address is a usage error (exit code 2), not an unreachable scheduler (3).
    if not urlsplit(address).netloc:
        raise UsageError(invalid)
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except ValueError as error:
        # Without the text of the error: it repeats parts of the address, which may be a password.
        raise UsageError(invalid) from error
    except OSError as error:
        message = f"the scheduler {shown} does not answer within {_CONNECT_SECONDS} s; is it running (dask scheduler)?"
        raise UnavailableError(message) from error
    try:
        yield client
    finally:
        client.close(timeout=1)


def local_address(address: str) -> str:
    """Return the address of this host in the network of the scheduler, where the workers can reach it."""
    return str(get_ip(urlsplit(address).hostname))


class WorkerWatch:
    """Warns every minute while a scheduler has no workers, and gives up after a time-out.

    Args:
        count_workers: Returns the number of workers.
        address: Address of the scheduler, for messages.
        timeout: Maximum time without workers, seconds; 0 for no limit.
        clock: Returns the current time in seconds; monotonic, so that a clock change ends no wait.
    """

    def __init__(
        self,
        count_workers: Callable[[], int],
        address: str,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count_workers, self._address, self._timeout, self._clock = count_workers, address, timeout, clock
        self._missing_since: float | None = None
        self._next_check = self._next_warning = -math.inf

    def check_workers(self) -> None:
        """Check for workers, at most every five seconds.

        Raises:
            UnavailableError: The scheduler has had no workers for longer than the time-out.
        """
        now = self._clock()
        if now < self._next_check:
            return
        self._next_check = now + _WORKER_CHECK_SECONDS
        # Not an error at first: clusters often start their workers on demand.
        if self._count_workers():
            self._missing_since, self._next_warning = None, now
            return
        if self._missing_since is None:
            self._missing_since = now
        self._report_missing(now, now - self._missing_since)

    def _report_missing(self, now: float, seconds: float) -> None:
        if self._timeout and seconds >= self._timeout:
            message = (
                f"the scheduler {self._address} has had no workers for {seconds:.0f} s (backfill.worker_timeout); "
                f"published windows are stored: start workers (dask worker {self._address}), then run the command again"
            )
            raise UnavailableError(message)
        if now >= self._next_warning:
            self._next_warning = now + _WORKER_WARNING_SECONDS
            log.warning("the scheduler %s has no workers for %.0f s; waiting for one", self._address, seconds)


class DaskExecutor:
    """Processes machines on the workers of a Dask scheduler.

    Args:
        client: Client of the scheduler.
        address: Address of the scheduler, for messages; its password is masked.
        task: The work to do for a machine.
        worker_timeout: Maximum wait while the scheduler has no workers; zero for no limit.
    """

    def __init__(self, client: Client, address: str, task: MachineTask, worker_timeout: timedelta) -> None:
        self._client, self._address, self._task = client, redact_address(address), task
        self._workers = WorkerWatch(self._count_workers, self._address, worker_timeout.total_seconds())

    def run_machines(self, machines: Sequence[str], *, progress: Progress, stop: Event) -> Generator[MachineReport]:
        """Yield the report of each machine as it completes.

        Raises:
            UnavailableError: The scheduler is unreachable or stays without workers; published windows stay.
        """
        fleet = f"acm-{uuid4().hex}"
        # Callbacks come in threads of the client. One queue for messages and completed futures keeps their order.
        messages: SimpleQueue[WorkerMessage | Future[MachineReport]] = SimpleQueue()
        self._client.subscribe_topic(fleet, lambda event: messages.put(event[1]))
        pending = {code: self._submit_machine(code, fleet, messages) for code in machines}
        stopping = False
        try:
            while pending:
                if stop.is_set() and not stopping:
                    stopping = True
                    self._stop_workers(fleet)
                message = self._next_message(messages)
                if isinstance(message, Future):
                    code = next(code for code, future in pending.items() if future.key == message.key)
                    yield self._collect_report(code, pending.pop(code))
                elif message is not None:
                    handle_worker_message(progress, message)
        finally:
            # After an error or a second Ctrl-C, workers would otherwise go on with machines that nobody waits for.
            if pending and self._client.status == "running":
                self._stop_workers(fleet)

    def _submit_machine(
        self, code: str, fleet: str, messages: SimpleQueue[WorkerMessage | Future[MachineReport]]
    ) -> Future[MachineReport]:
        # pure=False: Dask would return the stored result of an earlier, equal call.
        future = self._client.submit(_run_machine, self._task, code, fleet, key=f"{fleet}-{code}", pure=False)
        future.add_done_callback(messages.put)
        return future

    def _stop_workers(self, fleet: str) -> None:
        """Ask the workers to stop after the current batches and to start no other machine."""
        self._client.run(_stop_fleet, fleet, wait=False)

    def _next_message(
        self, messages: SimpleQueue[WorkerMessage | Future[MachineReport]]
    ) -> WorkerMessage | Future[MachineReport] | None:
        """Return the next message or completed future; None after a while without one."""
        try:
            return messages.get(timeout=_POLL_SECONDS)
        except Empty:
            if self._client.status != "running":
                raise self._scheduler_lost_error() from None
            # Only without messages: workers that send some are there.
            self._workers.check_workers()
            return None

    def _count_workers(self) -> int:
        try:
            return len(self._client.scheduler_info()["workers"])
        except OSError as error:
            raise self._scheduler_lost_error() from error

    def _collect_report(self, code: str, future: Future[MachineReport]) -> MachineReport:
        if future.status in _LOST_STATUSES:
            raise self._scheduler_lost_error()
        error = future.exception()
        report: MachineReport = future.result() if error is None else build_failure_report(code, error)
        return report

    def _scheduler_lost_error(self) -> UnavailableError:
        return UnavailableError(
            f"the scheduler {self._address} is unreachable or has restarted; published windows are stored: run the "
            "command again to resume"
        )


def _run_machine(task: MachineTask, code: str, fleet: str) -> MachineReport:
    """Process one machine, in a worker of the cluster."""
    worker = get_worker()

    def send_message(message: WorkerMessage) -> None:
        worker.log_event(fleet, message)

    stop = _stop_events.setdefault(fleet, Event())
    with forward_logs(code, send_message, task.log_level):
        # The scheduler may have taken the machine from a worker that died a moment ago and still has the lock.
        return task.run_machine(
            code,
            open_session=task.connect_store,
            progress=ProgressSender(send_message),
            stop=stop,
            lock_wait=LOCK_WAIT_SECONDS,
        )


def _stop_fleet(fleet: str) -> None:
    """Set the stop event of a fleet, in a worker of the cluster."""
    _stop_events.setdefault(fleet, Event()).set()
