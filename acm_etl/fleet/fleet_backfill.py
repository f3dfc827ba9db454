"""Backfill of many machines: choose an executor (this process, worker processes or Dask) and collect one report.

A machine that fails leaves the others alone. Only an unreachable store ends the whole backfill.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from threading import Event
from types import FrameType
from typing import Protocol

from acm_etl.admin import ground_truth
from acm_etl.config import Config
from acm_etl.counts import format_count
from acm_etl.engine import Engine
from acm_etl.errors import UnavailableError, UsageError
from acm_etl.fleet.machine_task import MachineTask
from acm_etl.host import MAX_WATCHED_PROCESSES, STOP_SIGNALS, handle_signals
from acm_etl.io.connect import open_store
from acm_etl.load.machines import equipment
from acm_etl.load.schema import migrate
from acm_etl.progress import NullProgress, Progress
from acm_etl.results import BackfillReport, MachineReport
from acm_etl.run import retry
from acm_etl.run.context import BackfillRequest, SettingsSources
from acm_etl.status.status_file import StatusFile

log = logging.getLogger(__name__)


@contextmanager
def stop_on_interrupt() -> Iterator[Event]:
    """Yield an event that Ctrl-C or SIGTERM sets, to stop after the current batch; a second signal stops at once.

    SIGTERM is how systemd, Docker and Kubernetes stop a process; they kill it if it goes on for long.
    """
    stop = Event()

    # The signal only sets an event: an exception at a random place could break a transaction in the middle.
    def handle_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        again = "press Ctrl-C again" if number == signal.SIGINT else f"send {signal.Signals(number).name} again"
        log.warning("interrupted: stopping after the current batch; %s to stop at once", again)

    with handle_signals(STOP_SIGNALS, handle_signal):
        yield stop


def backfill_machines(
    codes: Sequence[str] | None,
    *,
    request: BackfillRequest | None = None,
    sources: SettingsSources | None = None,
    progress: Progress | None = None,
    stop: Event | None = None,
    read_results: Callable[[Engine, BackfillReport], None] | None = None,
) -> BackfillReport:
    """Backfill machines, in parallel if the settings say so.

    Args:
        codes: Machine codes; None for every registered machine.
        request: Options of the backfill.
        sources: Sources of the settings.
        progress: Receives the progress.
        stop: Set to stop after the current batches.
        read_results: Called with the store and the report before the store is closed: to open an embedded store again
            takes as long as 20 queries.

    Returns:
        One report per machine, in the order of ``codes``; a failed machine has the outcome ``failed``.

    Raises:
        UsageError: A machine is unknown.
        UnavailableError: The store cannot be opened, or the scheduler is unreachable.
    """
    started_at = time.monotonic()
    request, stop = request or BackfillRequest(), stop or Event()
    # Resolved once: workers must not read another settings file or environment halfway through a fleet.
    sources = (sources or SettingsSources()).resolve_settings()
    config = sources.load_config()
    engine = open_store(config.store, create=False)
    try:
        # A deadlock at the first statement must not end a night of a fleet.
        retry_step = retry.retry_transient("all machines", config.backfill)
        # Checked once for the fleet: otherwise each machine would fail with the same message.
        retry_step(migrate.require_current_schema, engine)
        machines = retry_step(_resolve_machine_codes, engine, codes)
        task = MachineTask(request, sources, log_level=logging.getLogger().getEffectiveLevel())
        with (
            StatusFile(progress or NullProgress(), engine.url) as status_file,
            _create_executor(engine, task, config, len(machines)) as executor,
        ):
            status_file.set_machine_count(len(machines))
            reports = executor.run_machines(machines, progress=status_file, stop=stop)
            by_code = _collect_reports(engine, reports, progress=status_file)
        seconds = time.monotonic() - started_at
        # In the order of the request: parallel workers finish in any order.
        ordered = [by_code[code] for code in machines]
        report = BackfillReport(engine.url, ordered, seconds, interrupted=stop.is_set())
        if read_results:
            read_results(engine, report)
        return report
    finally:
        engine.close()


class Executor(Protocol):
    """Processes machines: in this process, in worker processes or on a cluster."""

    def run_machines(self, machines: Sequence[str], *, progress: Progress, stop: Event) -> Generator[MachineReport]:
        """Yield the report of each machine as it completes; closing the generator ends the workers."""


class SequentialExecutor:
    """Processes one machine after another in this process.

    Args:
        engine: Session with the store.
        task: The work to do for a machine.
    """

    def __init__(self, engine: Engine, task: MachineTask) -> None:
        self._engine, self._task = engine, task

    def run_machines(self, machines: Sequence[str], *, progress: Progress, stop: Event) -> Generator[MachineReport]:
        """Yield the report of each machine, in the given order."""
        for code in machines:
            yield self._task.run_machine(code, open_session=self._engine.open_session, progress=progress, stop=stop)


@contextmanager
def _create_executor(engine: Engine, task: MachineTask, config: Config, machine_count: int) -> Iterator[Executor]:
    """Yield the executor that the settings ask for; its workers end with the block."""
    # A scheduler decides about the number of workers; backfill.workers does not apply then.
    if config.backfill.scheduler:
        from acm_etl.fleet import dask_cluster  # noqa: PLC0415 - optional dependency

        address = config.backfill.scheduler
        with (
            dask_cluster.connect_scheduler(address) as client,
            _serve_store(engine, task, host=dask_cluster.local_address(address)) as served,
        ):
            yield dask_cluster.DaskExecutor(client, address, served, config.backfill.worker_timeout)
        return
    count = min(config.backfill.workers, machine_count, MAX_WATCHED_PROCESSES)
    if count < config.backfill.workers:
        reason = "no more machines" if count == machine_count else "Windows watches no more"
        message = "using %s instead of %d: %s"
        log.warning(message, format_count(count, "worker"), config.backfill.workers, reason)
    # A single worker process would cost its start-up and gain nothing.
    if count == 1:
        yield SequentialExecutor(engine, task)
        return
    from acm_etl.fleet.processes import ProcessExecutor  # noqa: PLC0415 - for further processes only

    with _serve_store(engine, task) as served:
        yield ProcessExecutor(served, count)


@contextmanager
def _serve_store(engine: Engine, task: MachineTask, *, host: str = "127.0.0.1") -> Iterator[MachineTask]:
    """Yield the task for other processes: they reach an embedded store through this process."""
    # DuckDB allows one process to write to a file.
    if not engine.dialect.is_embedded:
        yield task
        return
    from acm_etl.io.store_server import StoreServer  # noqa: PLC0415 - for further processes only

    server = StoreServer(engine, host=host)
    try:
        yield replace(task, store_address=server.address)
    finally:
        server.close()


def _collect_reports(
    engine: Engine, reports: Generator[MachineReport], *, progress: Progress
) -> dict[str, MachineReport]:
    by_code = {}
    # closing: an error here must end the workers now, not when the generator is garbage-collected.
    with closing(reports):
        for report in reports:
            if report.is_store_unreachable:
                raise UnavailableError(report.message)
            # Here and not in the worker: the file with the simulated faults lies beside the store on this host.
            if report.outcome not in ("failed", "planned"):
                report.truth = ground_truth.compare_with_truth(engine, report.equip)
            by_code[report.equip] = report
            progress.finish_machine(report.equip, outcome=report.outcome)
    return by_code


def _resolve_machine_codes(engine: Engine, codes: Sequence[str] | None) -> list[str]:
    if codes is None:
        registered = [machine.code for machine in equipment.read_machines(engine)]
        if not registered:
            message = "no machine is registered; import readings first (acm-etl import --help)"
            raise UsageError(message)
        return registered
    equipment.find_machines(engine, codes)
    # Two workers would compete for a machine that is named twice.
    return list(dict.fromkeys(codes))
