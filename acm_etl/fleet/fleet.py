"""Many machines: who works on them (this process, others on this host, a cluster), and one report."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any, Protocol

from acm_etl.admin import simulation
from acm_etl.config import Config
from acm_etl.engine import Engine
from acm_etl.errors import UnavailableError, UsageError
from acm_etl.fleet.machine_task import MachineTask
from acm_etl.fleet.processes import ProcessExecutor
from acm_etl.io.connect import open_store
from acm_etl.io.store_server import StoreServer
from acm_etl.load import equipment, migrate
from acm_etl.progress import NullProgress, Progress
from acm_etl.results import BackfillReport, MachineReport
from acm_etl.run.context import BackfillRequest, SettingsSources
from acm_etl.status.status_file import StatusFile

log = logging.getLogger(__name__)


@contextmanager
def stop_on_interrupt() -> Iterator[Event]:
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


def backfill_machines(
    codes: Sequence[str] | None,
    *,
    request: BackfillRequest | None = None,
    sources: SettingsSources | None = None,
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
    request, stop = request or BackfillRequest(), stop or Event()
    sources = (sources or SettingsSources()).resolve_settings()
    wanted = sources.load_config()
    owner = open_store(wanted.store, create=False)
    try:
        migrate.require_current_schema(owner)
        machines = _resolve_machine_codes(owner, codes)
        task = MachineTask(request, sources, log_level=logging.getLogger().getEffectiveLevel())
        with (
            StatusFile(progress or NullProgress(), owner.url) as feed,
            _create_executor(owner, task, wanted, len(machines)) as crew,
        ):
            feed.set_machine_count(len(machines))
            reports = _collect_reports(owner, crew.run_machines(machines, progress=feed, stop=stop), progress=feed)
        ordered = [reports[code] for code in machines]
        return BackfillReport(owner.url, ordered, time.monotonic() - begun, interrupted=stop.is_set())
    finally:
        owner.close()


class Executor(Protocol):
    """Whoever works on machines."""

    def run_machines(self, machines: Sequence[str], *, progress: Progress, stop: Event) -> Generator[MachineReport]:
        """The report of each machine, in the order in which they come."""


class SequentialExecutor:
    """One machine after the other, in this process.

    Args:
        engine: A session with the store.
        task: What to do.
    """

    def __init__(self, engine: Engine, task: MachineTask) -> None:
        self._engine, self._task = engine, task

    def run_machines(self, machines: Sequence[str], *, progress: Progress, stop: Event) -> Generator[MachineReport]:
        """The report of each machine, one after the other."""
        for code in machines:
            yield self._task.run_machine(code, open_session=self._engine.open_session, progress=progress, stop=stop)


@contextmanager
def _create_executor(engine: Engine, task: MachineTask, config: Config, machine_count: int) -> Iterator[Executor]:
    """Who does it: this process, others on this host, or a cluster."""
    if config.backfill.scheduler:
        from acm_etl.fleet import dask_cluster  # noqa: PLC0415 - an extra, loaded only where it is used

        address = config.backfill.scheduler
        with (
            dask_cluster.connect_scheduler(address) as client,
            _serve_store(engine, task, host=dask_cluster.local_address(address)) as served,
        ):
            yield dask_cluster.DaskExecutor(client, address, served)
        return
    count = min(config.backfill.workers, machine_count)
    if count < config.backfill.workers:
        log.warning("%d worker(s), not %d: there are no more machines", count, config.backfill.workers)
    if count == 1:
        yield SequentialExecutor(engine, task)
        return
    with _serve_store(engine, task) as served:
        yield ProcessExecutor(served, count)


@contextmanager
def _serve_store(engine: Engine, task: MachineTask, *, host: str = "127.0.0.1") -> Iterator[MachineTask]:
    """The task for other processes: they reach a server themselves, an embedded store through this process."""
    if not engine.dialect.is_embedded:
        yield task
        return
    door = StoreServer(engine, host=host)
    try:
        yield replace(task, store_address=door.address)
    finally:
        door.close()


def _collect_reports(
    engine: Engine, reports: Generator[MachineReport], *, progress: Progress
) -> dict[str, MachineReport]:
    found = {}
    with closing(reports):
        for report in reports:
            if report.is_store_unreachable:
                raise UnavailableError(report.message)
            if report.outcome not in ("failed", "planned"):
                report.truth = simulation.compare_with_truth(engine, report.equip)
            found[report.equip] = report
            progress.finish_machine(report.equip, outcome=report.outcome)
    return found


def _resolve_machine_codes(engine: Engine, codes: Sequence[str] | None) -> list[str]:
    if codes is None:
        found = [machine.code for machine in equipment.read_machines(engine)]
        if not found:
            message = "no machine is registered; import readings first (acm-etl import --help)"
            raise UsageError(message)
        return found
    unique = list(dict.fromkeys(codes))
    for code in unique:
        equipment.find_machine(engine, code)
    return unique


def public_backfill(
    *,
    store: str | None = None,
    equip: str | Sequence[str] | None = None,
    tick: str | None = None,
    config: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
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
        workers: Machines at a time; with more than one, each is a process that imports the calling script: guard
            it with ``if __name__ == "__main__"``.
        scheduler: Address of a Dask scheduler whose workers take the machines.
        settings: Further settings by dotted name, e.g. ``{"score.alarm_z": 3.5}``.
        **request: ``since``, ``until``, ``final``, ``restart``, ``dry_run``, ``max_windows`` (see ``BackfillRequest``).

    Returns:
        The report; ``report.exit_code`` is 0 when no machine failed.

    Raises:
        UsageError: An unknown machine, setting or tick.
        UnavailableError: The store cannot be opened.
    """
    options = {
        "store.url": store,
        "backfill.tick": tick,
        "backfill.workers": workers,
        "backfill.scheduler": scheduler,
        **(settings or {}),
    }
    given = {name: value for name, value in options.items() if value is not None}
    return backfill_machines(
        [equip] if isinstance(equip, str) else equip,
        request=BackfillRequest(**request),
        sources=SettingsSources(options=given, toml_path=Path(config) if config else None),
        progress=progress,
    )
