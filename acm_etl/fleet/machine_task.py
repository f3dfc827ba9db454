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
from acm_etl.errors import AcmError, HeldError, UnavailableError
from acm_etl.io.connect import connect
from acm_etl.io.store_server import Address, Remote
from acm_etl.progress import Progress
from acm_etl.results import MachineReport
from acm_etl.run import retry
from acm_etl.run.backfill import backfill, plan
from acm_etl.run.context import Request, Sources, prepare

log = logging.getLogger(__name__)
Message = tuple[str, tuple[object, ...], dict[str, object]]
#: Seconds for which a dead worker's session may hold a machine: until its server has noticed.
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done with a machine.

    Attributes:
        request: What the user asked for.
        sources: Settings, the same on every host (``Sources.settled``).
        owner: Where the process answers that holds an embedded store; None where workers reach the store themselves.
        level: Level of the log.
    """

    request: Request
    sources: Sources
    owner: Address | None = None
    level: int = logging.WARNING

    def connect(self) -> Engine:
        """A session with the store."""
        return Remote(self.owner) if self.owner else connect(self.sources.load().store, create=False)

    def work(
        self, code: str, *, open_: Callable[[], Engine], progress: Progress, stop: Event, patience: float = 0.0
    ) -> MachineReport:
        """Backfill one machine in this process, or say what would be done.

        Args:
            code: Machine code.
            open_: Opens a session with the store.
            progress: Told what happens.
            stop: Set to stop after the group at hand.
            patience: Seconds to wait for a machine that somebody else holds.

        Returns:
            The report, whatever became of the machine.
        """
        # a thread of its own, so that every end of it is a value
        with log_context.machine(code), ThreadPoolExecutor(1, thread_name_prefix=f"acm-{code}") as thread:
            machine = log_context.carried(self._machine)
            return outcome(
                code, thread.submit(machine, code, open_=open_, progress=progress, stop=stop, patience=patience)
            )

    def _machine(
        self, code: str, *, open_: Callable[[], Engine], progress: Progress, stop: Event, patience: float
    ) -> MachineReport:
        if stop.is_set():
            return MachineReport(code, "stopped")
        session = open_()
        try:
            asked: dict[str, Any] = {"request": self.request, "sources": self.sources}
            trying = retry.attempts(code, self.sources.load().backfill)
            job = trying(prepare, session, code, progress=progress, stop=stop, **asked)
            if self.request.dry_run:
                return plan(job)
            free = stop_after_delay(patience)
            waiting = Retrying(retry=retry_if_exception_type(HeldError), stop=free, wait=wait_fixed(1), reraise=True)
            return waiting(backfill, job)
        finally:
            session.close()


class StoreGone(MachineReport):
    """The report of a machine whose store cannot be reached at all: no other machine will do better."""

    __slots__ = ()


def outcome(code: str, future: Future[MachineReport]) -> MachineReport:
    """The report of one machine, whatever became of it."""
    error = future.exception()
    return future.result() if error is None else failed(code, error)


def failed(code: str, error: BaseException) -> MachineReport:
    """The report of a machine that could not be worked on."""
    text = " ".join(str(error).split())
    if isinstance(error, AcmError):
        log.debug("%s failed", code, exc_info=error)
        kind = StoreGone if isinstance(error, UnavailableError) else MachineReport
        return kind(code, "failed", text, exit_code=error.exit_code)
    log.error("%s: unexpected error; please report it with these lines", code, exc_info=error)
    return MachineReport(code, "failed", f"unexpected {type(error).__name__}: {text}")


class Told:
    """A Progress that sends everything on as plain messages, for ``tell`` in another process."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send

    def expect(self, machines: int) -> None:
        """A fleet of machines lies ahead."""
        self._send(("expect", (machines,), {}))

    def begin(self, machine: str, *, windows: int) -> None:
        """Work on a machine begins."""
        self._send(("begin", (machine,), {"windows": windows}))

    def stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """A stage of work begins."""
        self._send(("stage", (machine, stage), {"detail": detail}))

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Windows are committed."""
        self._send(("advance", (machine,), {"windows": windows, "rows": rows, "detail": detail}))

    def end(self, machine: str, *, outcome: str) -> None:
        """Work on a machine is over."""
        self._send(("end", (machine,), {"outcome": outcome}))


class _Forward(QueueHandler):
    """Sends on what is logged about one machine, so that one process writes to the terminal."""

    def __init__(self, code: str, send: Callable[[Message], None]) -> None:
        super().__init__(SimpleQueue())  # never used: records go to ``send``
        self._send = send
        self.addFilter(lambda _: log_context.current().get("machine") == code)  # others may be at work in this process

    def enqueue(self, record: logging.LogRecord) -> None:
        """Send a record as plain values, with what it is about."""
        self._send(("log", (), {**vars(record), **log_context.current()}))


@contextmanager
def logged(code: str, send: Callable[[Message], None], level: int) -> Iterator[None]:
    """Send on what is logged about a machine in this process."""
    logger, handler = logging.getLogger("acm_etl"), _Forward(code, send)
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def tell(progress: Progress, message: Message) -> None:
    """Carry out a message that ``Told`` or ``logged`` sent."""
    verb, args, named = message
    if verb == "log":
        record = logging.makeLogRecord(named)
        logging.getLogger(record.name).handle(record)
    else:
        getattr(progress, verb)(*args, **named)
