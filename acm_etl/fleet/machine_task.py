"""The backfill of one machine as a task that can be sent to a worker, and the messages that a worker sends back.

A task and its messages are plain values that can be pickled. Log records and progress travel to the process that owns
the terminal; readings, models and results never do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from logging.handlers import QueueHandler
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from acm_etl import log_context, tracing
from acm_etl.engine import Engine
from acm_etl.errors import OUT_OF_MEMORY_MESSAGE, AcmError, MachineLockedError, UnavailableError
from acm_etl.io.connect import open_store
from acm_etl.progress import Progress
from acm_etl.redaction import redact_text
from acm_etl.results import MachineReport
from acm_etl.run import preparation_failures, retry
from acm_etl.run.backfill import backfill, preview_backfill
from acm_etl.run.context import BackfillRequest, SettingsSources, load_machine_context

if TYPE_CHECKING:
    from acm_etl.io.store_server import StoreAddress

log = logging.getLogger(__name__)
WorkerMessage = tuple[str, tuple[object, ...], dict[str, object]]
"""Name of a ``Progress`` method or ``log``, its arguments, its keyword arguments."""
_WAIT_SECONDS = 0.2  # longest time until a signal is handled
LOCK_WAIT_SECONDS = 60.0  # until the server notices that the session of a dead worker is gone, and frees its lock


@dataclass(frozen=True, slots=True)
class MachineTask:
    """The work to do for each machine of a fleet.

    Attributes:
        request: Options of the backfill.
        sources: Settings that are the same on every host, from ``SettingsSources.resolve_settings``.
        store_address: Address of the process that serves an embedded store; None if workers connect themselves.
        log_level: Lowest level of the log records that a worker sends.
    """

    request: BackfillRequest
    sources: SettingsSources
    store_address: StoreAddress | None = None
    log_level: int = logging.WARNING

    def connect_store(self) -> Engine:
        """Open a session with the store."""
        if self.store_address is None:
            return open_store(self.sources.load_config().store, create=False)
        from acm_etl.io.store_server import StoreClient  # noqa: PLC0415 - for further processes only

        return StoreClient(self.store_address)

    def run_machine(
        self, code: str, *, open_session: Callable[[], Engine], progress: Progress, stop: Event, lock_wait: float = 0.0
    ) -> MachineReport:
        """Backfill one machine in this process, or report what would be done.

        Args:
            code: Machine code.
            open_session: Opens a session with the store.
            progress: Receives the progress.
            stop: Set to stop after the current batch.
            lock_wait: Seconds to wait for a machine that another process has locked.

        Returns:
            The report; an error becomes a report with the outcome ``failed``.
        """
        # In a thread, so that SystemExit and KeyboardInterrupt also become the exception of a future.
        with log_context.bind_machine(code), ThreadPoolExecutor(1, thread_name_prefix=f"acm-{code}") as thread:
            machine = log_context.propagate_context(self._run_in_thread)
            report = report_from_future(
                code,
                thread.submit(
                    machine, code, open_session=open_session, progress=progress, stop=stop, lock_wait=lock_wait
                ),
            )
        tracing.flush_spans()
        return report

    def _run_in_thread(
        self, code: str, *, open_session: Callable[[], Engine], progress: Progress, stop: Event, lock_wait: float
    ) -> MachineReport:
        # Machines that are still queued when the user stops the backfill report that they were not started.
        if stop.is_set():
            return MachineReport(code, "stopped")
        # A session per machine: the machine lock belongs to it and ends with it.
        session = open_session()
        try:
            # The settings of the machine are read from the store, which may be restarting.
            retry_policy = retry.retry_transient(code, self.sources.load_config().backfill)
            with self._record_failure(session, code):
                context = retry_policy(
                    load_machine_context,
                    session,
                    code,
                    request=self.request,
                    sources=self.sources,
                    progress=progress,
                    stop=stop,
                )
            if self.request.dry_run:
                return preview_backfill(context)
            # Only for a machine whose worker has died: without a wait, a second backfill must fail at once.
            lock_policy = Retrying(
                retry=retry_if_exception_type(MachineLockedError),
                stop=stop_after_delay(lock_wait),
                wait=wait_fixed(1),
                reraise=True,
            )
            return lock_policy(backfill, context)
        finally:
            session.close()

    def _record_failure(self, session: Engine, code: str) -> AbstractContextManager[None]:
        # A dry run changes nothing.
        return nullcontext() if self.request.dry_run else preparation_failures.record_failure(session, code)


def report_from_future(code: str, future: Future[MachineReport]) -> MachineReport:
    """Return the report of a machine; its exception becomes a report with the outcome ``failed``."""
    # With pauses: on Windows, the handler of Ctrl-C runs between two waits and never within one.
    while not future.done():
        wait([future], timeout=_WAIT_SECONDS)
    error = future.exception()
    return future.result() if error is None else build_failure_report(code, error)


def build_failure_report(code: str, error: BaseException) -> MachineReport:
    """Build the report of a machine that failed."""
    text = redact_text(" ".join(str(error).split()))  # drivers send messages of several lines
    # A deliberate error is reported as one line; its traceback only helps developers.
    if isinstance(error, AcmError):
        log.debug("%s failed", code, exc_info=error)
        unreachable = isinstance(error, UnavailableError)
        return MachineReport(code, "failed", text, exit_code=error.exit_code, is_store_unreachable=unreachable)
    # No defect either: a traceback of the place where memory ran out says nothing about the reason.
    if isinstance(error, MemoryError):
        log.debug("%s failed", code, exc_info=error)
        return MachineReport(code, "failed", OUT_OF_MEMORY_MESSAGE)
    log.error("%s: unexpected error; please report it with this log", code, exc_info=error)
    return MachineReport(code, "failed", f"unexpected {type(error).__name__}: {text}")


class ProgressSender:
    """A Progress that sends each report as a message, for ``handle_worker_message`` in another process."""

    def __init__(self, send: Callable[[WorkerMessage], None]) -> None:
        self._send = send

    def set_machine_count(self, machines: int) -> None:
        """Send the number of machines."""
        self._send(("set_machine_count", (machines,), {}))

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Send the start of a machine."""
        self._send(("start_machine", (machine,), {"windows": windows}))

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Send the current activity."""
        self._send(("set_stage", (machine, stage), {"detail": detail}))

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Send the committed windows."""
        self._send(("advance", (machine,), {"windows": windows, "rows": rows, "detail": detail}))

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Send the end of a machine."""
        self._send(("finish_machine", (machine,), {"outcome": outcome}))


class _LogForwarder(QueueHandler):
    """Sends the log records of one machine to the process that owns the terminal."""

    def __init__(self, code: str, send: Callable[[WorkerMessage], None]) -> None:
        super().__init__(SimpleQueue())  # unused, as enqueue() is overridden; QueueHandler formats the records
        self._send = send
        # A Dask worker may process several machines in threads of one process.
        self.addFilter(lambda _: log_context.current_log_context().get("machine") == code)

    def enqueue(self, record: logging.LogRecord) -> None:
        """Send a record as plain values, with the machine and the run."""
        self._send(("log", (), {**vars(record), **log_context.current_log_context()}))


@contextmanager
def forward_logs(code: str, send: Callable[[WorkerMessage], None], level: int) -> Iterator[None]:
    """Send the log records of a machine within the block.

    Args:
        code: Machine code.
        send: Sends a message.
        level: Lowest level that is sent.
    """
    logger, handler = logging.getLogger("acm_etl"), _LogForwarder(code, send)
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def handle_worker_message(progress: Progress, message: WorkerMessage) -> None:
    """Handle a message of ``ProgressSender`` (call the method of ``progress``) or ``forward_logs`` (log the record)."""
    name, args, keywords = message
    if name == "log":
        record = logging.makeLogRecord(keywords)
        logging.getLogger(record.name).handle(record)
    else:
        # Names come from ProgressSender in a process of the same version, never from outside.
        getattr(progress, name)(*args, **keywords)
