"""Machines on a Dask cluster: each is a task, and the scheduler gives the machine of a dead worker to another one.

Neither readings nor models nor results go through the scheduler, only the machine's code, what is wanted of it, how far
it is, and the report. The only import of distributed, which the extra ``[fleet]`` brings.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
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
    dispatch,
    forward_logs,
)
from acm_etl.progress import Progress
from acm_etl.results import MachineReport

try:
    from distributed import Client, Future, get_worker
    from distributed.utils import get_ip
except ImportError as error:
    text = f"--scheduler needs Dask ({error}); pip install 'acm_etl[fleet]', here and on the cluster"
    raise UsageError(text) from error

log = logging.getLogger(__name__)
_CONNECT_SECONDS = 10  # seconds a scheduler has to answer
_POLL_SECONDS = 0.2  # seconds between two looks at the connection, and at whether the user wants to stop
_LOST_STATUSES = ("cancelled", "lost")

#: In a worker: fleets that are to stop.
_stop_events: dict[str, Event] = {}


@contextmanager
def connect_scheduler(address: str) -> Iterator[Client]:
    """A client of a scheduler.

    Raises:
        UsageError: This is no address of one.
        UnavailableError: It does not answer.
    """
    if not urlsplit(address).netloc:
        message = f"{address!r} is no scheduler; write tcp://HOST:8786"
        raise UsageError(message)
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except ValueError as error:
        message = f"{address!r} is no scheduler: {error}"
        raise UsageError(message) from error
    except OSError as error:
        message = (
            f"the scheduler {address} does not answer within {_CONNECT_SECONDS} s; is it running (dask scheduler)?"
        )
        raise UnavailableError(message) from error
    try:
        yield client
    finally:
        client.close(timeout=1)


def local_address(address: str) -> str:
    """The address of this host under which the scheduler, and with it its workers, can reach it."""
    return str(get_ip(urlsplit(address).hostname))


class DaskExecutor:
    """The workers of a scheduler.

    Args:
        client: Its client.
        address: Its address, for messages.
        task: What the workers do.
    """

    def __init__(self, client: Client, address: str, task: MachineTask) -> None:
        self._client, self._address, self._task = client, address, task

    def run_machines(self, machines: Sequence[str], *, progress: Progress, stop: Event) -> Generator[MachineReport]:
        """The report of each machine, as it comes.

        Raises:
            UnavailableError: The scheduler has gone; what was published stays.
        """
        fleet = f"acm-{uuid4().hex}"
        told: SimpleQueue[WorkerMessage | Future[MachineReport]] = SimpleQueue()
        self._client.subscribe_topic(fleet, lambda event: told.put(event[1]))
        if not self._client.scheduler_info()["workers"]:
            log.warning("the scheduler %s has no workers yet; waiting for one", self._address)
        under_way = {code: self._submit_machine(code, fleet, told) for code in machines}
        stopping = False
        try:
            while under_way:
                if stop.is_set() and not stopping:
                    stopping = True
                    self._stop_workers(fleet)
                message = self._next_message(told)
                if isinstance(message, Future):
                    code = next(code for code, future in under_way.items() if future.key == message.key)
                    yield self._collect_report(code, under_way.pop(code))
                elif message is not None:
                    dispatch(progress, message)
        finally:
            if under_way and self._client.status == "running":
                self._stop_workers(fleet)

    def _submit_machine(
        self, code: str, fleet: str, messages: SimpleQueue[WorkerMessage | Future[MachineReport]]
    ) -> Future[MachineReport]:
        future = self._client.submit(_run_machine, self._task, code, fleet, key=f"{fleet}-{code}", pure=False)
        future.add_done_callback(messages.put)
        return future

    def _stop_workers(self, fleet: str) -> None:
        """Let the workers stop after the groups at hand, and begin no other machine."""
        self._client.run(_stop_fleet, fleet, wait=False)

    def _next_message(
        self, messages: SimpleQueue[WorkerMessage | Future[MachineReport]]
    ) -> WorkerMessage | Future[MachineReport] | None:
        """What is told next, if anything is."""
        try:
            return messages.get(timeout=_POLL_SECONDS)
        except Empty:
            if self._client.status != "running":
                raise self._scheduler_lost_error() from None
            return None

    def _collect_report(self, code: str, future: Future[MachineReport]) -> MachineReport:
        if future.status in _LOST_STATUSES:
            raise self._scheduler_lost_error()
        error = future.exception()
        report: MachineReport = future.result() if error is None else build_failure_report(code, error)
        return report

    def _scheduler_lost_error(self) -> UnavailableError:
        return UnavailableError(
            f"the scheduler {self._address} has gone, or has forgotten this fleet; what was published stays: run the "
            "command again to resume"
        )


def _run_machine(task: MachineTask, code: str, fleet: str) -> MachineReport:
    """One machine, in a worker of the cluster."""
    worker = get_worker()

    def send(message: WorkerMessage) -> None:
        worker.log_event(fleet, message)

    stop = _stop_events.setdefault(fleet, Event())
    with forward_logs(code, send, task.log_level):
        # the session of a worker that died may hold the machine for a moment
        return task.run_machine(
            code, open_session=task.connect_store, progress=ProgressSender(send), stop=stop, lock_wait=LOCK_WAIT_SECONDS
        )


def _stop_fleet(fleet: str) -> None:
    """In a worker: stop a fleet."""
    _stop_events.setdefault(fleet, Event()).set()
