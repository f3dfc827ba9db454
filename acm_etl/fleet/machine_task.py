"""One machine of a fleet as a task: what a worker is told, and how it works, wherever it runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from logging.handlers import QueueHandler
from queue import SimpleQueue
from threading import Event
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from acm_etl import log_context
from acm_etl.engine import Engine
from acm_etl.errors import AcmError, MachineLockedError, UnavailableError
from acm_etl.io.connect import open_store
from acm_etl.io.store_server import StoreAddress, StoreClient
from acm_etl.progress import Progress
from acm_etl.results import MachineReport
from acm_etl.run import retry
from acm_etl.run.backfill import backfill, preview_backfill
from acm_etl.run.context import BackfillRequest, SettingsSources, load_machine_context

log = logging.getLogger(__name__)
WorkerMessage = tuple[str, tuple[object, ...], dict[str, object]]
#: Seconds for which a dead worker's session may hold a machine: until its server has noticed.
LOCK_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class MachineTask:
    """What is to be done with a machine.

    Attributes:
        request: What the user asked for.
        sources: Settings, the same on every host (``Sources.settled``).
        store_address: Where the process answers that holds an embedded store; None where workers reach the store themselves.
        log_level: Level of the log.
    """

    request: BackfillRequest
    sources: SettingsSources
    store_address: StoreAddress | None = None
    log_level: int = logging.WARNING

    def connect_store(self) -> Engine:
        """A session with the store."""
        return (
            StoreClient(self.store_address)
            if self.store_address
            else open_store(self.sources.load_config().store, create=False)
        )

    def run_machine(
        self, code: str, *, open_session: Callable[[], Engine], progress: Progress, stop: Event, lock_wait: float = 0.0
    ) -> MachineReport:
        """Backfill one machine in this process, or say what would be done.

        Args:
            code: Machine code.
            open_session: Opens a session with the store.
            progress: Told what happens.
            stop: Set to stop after the group at hand.
            lock_wait: Seconds to wait for a machine that somebody else holds.

        Returns:
            The report, whatever became of the machine.
        """
        # a thread of its own, so that every end of it is a value
        with log_context.bind_machine(code), ThreadPoolExecutor(1, thread_name_prefix=f"acm-{code}") as thread:
            machine = log_context.propagate_context(self._run_in_thread)
            return report_from_future(
                code,
                thread.submit(
                    machine, code, open_session=open_session, progress=progress, stop=stop, lock_wait=lock_wait
                ),
            )

    def _run_in_thread(
        self, code: str, *, open_session: Callable[[], Engine], progress: Progress, stop: Event, lock_wait: float
    ) -> MachineReport:
        if stop.is_set():
            return MachineReport(code, "stopped")
        session = open_session()
        try:
            asked: dict[str, Any] = {"request": self.request, "sources": self.sources}
            trying = retry.retry_transient(code, self.sources.load_config().backfill)
            job = trying(load_machine_context, session, code, progress=progress, stop=stop, **asked)
            if self.request.dry_run:
                return preview_backfill(job)
            free = stop_after_delay(lock_wait)
            waiting = Retrying(
                retry=retry_if_exception_type(MachineLockedError), stop=free, wait=wait_fixed(1), reraise=True
            )
            return waiting(backfill, job)
        finally:
            session.close()


def report_from_future(code: str, future: Future[MachineReport]) -> MachineReport:
    """The report of one machine, whatever became of it."""
    error = future.exception()
    return future.result() if error is None else build_failure_report(code, error)


def build_failure_report(code: str, error: BaseException) -> MachineReport:
    """The report of a machine that could not be worked on."""
    text = " ".join(str(error).split())
    if isinstance(error, AcmError):
        log.debug("%s failed", code, exc_info=error)
        unreachable = isinstance(error, UnavailableError)
        return MachineReport(code, "failed", text, exit_code=error.exit_code, is_store_unreachable=unreachable)
    log.error("%s: unexpected error; please report it with these lines", code, exc_info=error)
    return MachineReport(code, "failed", f"unexpected {type(error).__name__}: {text}")


class ProgressSender:
    """A Progress that sends everything on as plain messages, for ``tell`` in another process."""

    def __init__(self, send: Callable[[WorkerMessage], None]) -> None:
        self._send = send

    def set_machine_count(self, machines: int) -> None:
        """A fleet of machines lies ahead."""
        self._send(("set_machine_count", (machines,), {}))

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Work on a machine begins."""
        self._send(("start_machine", (machine,), {"windows": windows}))

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """A stage of work begins."""
        self._send(("set_stage", (machine, stage), {"detail": detail}))

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Windows are committed."""
        self._send(("advance", (machine,), {"windows": windows, "rows": rows, "detail": detail}))

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Work on a machine is over."""
        self._send(("finish_machine", (machine,), {"outcome": outcome}))


class _LogForwarder(QueueHandler):
    """Sends on what is logged about one machine, so that one process writes to the terminal."""

    def __init__(self, code: str, send: Callable[[WorkerMessage], None]) -> None:
        super().__init__(SimpleQueue())  # never used: records go to ``send``
        self._send = send
        self.addFilter(
            lambda _: log_context.current_log_context().get("machine") == code
        )  # others may be at work in this process

    def enqueue(self, record: logging.LogRecord) -> None:
        """Send a record as plain values, with what it is about."""
        self._send(("log", (), {**vars(record), **log_context.current_log_context()}))


@contextmanager
def forward_logs(code: str, send: Callable[[WorkerMessage], None], level: int) -> Iterator[None]:
    """Send on what is logged about a machine in this process."""
    logger, handler = logging.getLogger("acm_etl"), _LogForwarder(code, send)
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def dispatch(progress: Progress, message: WorkerMessage) -> None:
    """Carry out a message that ``ProgressSender`` or ``logged`` sent."""
    verb, args, named = message
    if verb == "log":
        record = logging.makeLogRecord(named)
        logging.getLogger(record.name).handle(record)
    else:
        getattr(progress, verb)(*args, **named)
