"""Many machines: one executor, one session per worker, one report."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

from acm_etl import config as settings
from acm_etl import demo
from acm_etl.engine import Engine
from acm_etl.errors import AcmError, UnavailableError, UsageError
from acm_etl.feed import Feed
from acm_etl.io.open import connect
from acm_etl.job import Request, Sources, prepare
from acm_etl.load import equipment, migrate
from acm_etl.progress import Progress, Silent
from acm_etl.report import BackfillReport, MachineReport
from acm_etl.runner import backfill, plan

log = logging.getLogger(__name__)


@contextmanager
def graceful_interrupt() -> Iterator[Event]:
    """An event that the first Ctrl-C sets, so that the groups at hand are finished; a second one skips the report."""
    stop = Event()

    def handle(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        log.warning("interrupted: finishing the group at hand, then stopping")

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def run(
    codes: Sequence[str] | None,
    *,
    request: Request | None = None,
    sources: Sources | None = None,
    progress: Progress | None = None,
    stop: Event | None = None,
) -> BackfillReport:
    """Backfill machines side by side; one that fails leaves the others alone.

    Args:
        codes: Machine codes; None for every registered machine.
        request: What to do.
        sources: Where settings come from.
        progress: Told what happens.
        stop: Set it to stop after the groups at hand.

    Raises:
        UsageError: An unknown machine.
        UnavailableError: The store cannot be opened.
    """
    begun = time.monotonic()
    request, sources, stop = request or Request(), sources or Sources(), stop or Event()
    wanted = settings.load(sources.options, path=sources.toml)
    owner = connect(wanted.store, create=False)
    try:
        migrate.check(owner)
        machines = _machines(owner, codes)
        with Feed(progress or Silent(), owner.url) as feed:
            task = _task(owner, request=request, sources=sources, progress=feed, stop=stop)
            with ThreadPoolExecutor(wanted.backfill.workers, thread_name_prefix="acm") as executor:
                futures = [(code, executor.submit(task, code)) for code in machines]
                reports = [_outcome(code, future, feed) for code, future in futures]
        return BackfillReport(owner.url, reports, time.monotonic() - begun, interrupted=stop.is_set())
    finally:
        owner.close()


def _machines(engine: Engine, codes: Sequence[str] | None) -> list[str]:
    if codes is None:
        found = [machine.code for machine in equipment.all_machines(engine)]
        if not found:
            message = "no machine is registered; import readings first (acm-etl import --help)"
            raise UsageError(message)
        return found
    unique = list(dict.fromkeys(codes))
    for code in unique:
        equipment.find(engine, code)
    return unique


def _task(
    owner: Engine, *, request: Request, sources: Sources, progress: Progress, stop: Event
) -> Callable[[str], MachineReport]:
    def task(code: str) -> MachineReport:
        if stop.is_set():
            return MachineReport(code, "stopped")
        session = owner.fork()
        try:
            job = prepare(session, code, request=request, sources=sources, progress=progress, stop=stop)
            report = plan(job) if request.dry_run else backfill(job)
            report.truth = demo.compare(session, code)
            return report
        finally:
            session.close()

    return task


def _outcome(code: str, future: Future[MachineReport], progress: Progress) -> MachineReport:
    """The report of one machine, whatever became of it; only a store that is gone ends the whole fleet."""
    error = future.exception()
    if isinstance(error, UnavailableError):
        raise error
    report = future.result() if error is None else _failed(code, error)
    progress.end(code, outcome=report.outcome)
    return report


def _failed(code: str, error: BaseException) -> MachineReport:
    text = " ".join(str(error).split())
    if isinstance(error, AcmError):
        log.debug("%s failed", code, exc_info=error)
        return MachineReport(code, "failed", text, exit_code=error.exit_code)
    log.error("%s: unexpected error; please report it with these lines", code, exc_info=error)
    return MachineReport(code, "failed", f"unexpected {type(error).__name__}: {text}")


def public_backfill(
    *,
    store: str | None = None,
    equip: str | Sequence[str] | None = None,
    tick: str | None = None,
    config: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    settings: dict[str, Any] | None = None,
    **request: Any,  # noqa: ANN401 - the fields of Request
) -> BackfillReport:
    """Backfill machines from Python.

    Args:
        store: URL of the store (default: ``ACM_STORE``, the settings file, ``duckdb:///acm.duckdb``).
        equip: Machine code or codes; None for every registered machine.
        tick: Length of a window, e.g. ``"12h"``.
        config: TOML settings file.
        progress: Told what happens; silence by default.
        workers: Machines at a time.
        settings: Further settings by dotted name, e.g. ``{"score.alarm_z": 3.5}``.
        **request: ``since``, ``until``, ``final``, ``restart``, ``dry_run``, ``max_windows`` (see ``Request``).

    Returns:
        The report; ``report.exit_code`` is 0 when no machine failed.

    Raises:
        UsageError: An unknown machine, setting or tick.
        UnavailableError: The store cannot be opened.
    """
    options = {"store.url": store, "backfill.tick": tick, "backfill.workers": workers, **(settings or {})}
    given = {name: value for name, value in options.items() if value is not None}
    return run(
        [equip] if isinstance(equip, str) else equip,
        request=Request(**request),
        sources=Sources(options=given, toml=Path(config) if config else None),
        progress=progress,
    )
