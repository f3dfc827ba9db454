"""Import of readings into historian tables, from files or from a frame. An import of files is a run in RunLog.

An import is staged first. One transaction then registers a new machine, creates or extends its historian table, merges
the readings, and records tags, data quality events and the run: a refused or failed import changes nothing of these.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from acm_etl.admin import import_report, import_sampling, import_tags
from acm_etl.admin.import_results import ImportReport
from acm_etl.admin.import_source import CountedChunks, open_source
from acm_etl.config import Config
from acm_etl.engine import Engine
from acm_etl.errors import AcmError, InputError, UsageError
from acm_etl.io.connect import open_store
from acm_etl.io.files.losses import LossLimits, check_losses
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.plan import PreparedImport
from acm_etl.io.files.prepare import prepare_import
from acm_etl.load import clock, merge, run_cleanup, runs, staging
from acm_etl.load.historian import historian_table, import_staging, quality_events
from acm_etl.load.historian.historian_table import MergeCounts
from acm_etl.load.historian.import_staging import StagedReadings
from acm_etl.load.machines import equipment, sources
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.schema import migrate
from acm_etl.progress import NullProgress, Progress
from acm_etl.run import run_rows
from acm_etl.schema import Table
from acm_etl.tables.runs import QUALITY_EVENTS, RUN_LOG
from acm_etl.windows import Window
from acm_etl.words import HISTORIAN_TIME_COLUMN

_UNREGISTERED_ID = 0  # ids of machines start at 1


@dataclass(frozen=True, slots=True)
class StoreChoices:
    """Choices about how readings are stored.

    Attributes:
        replace: Period (start, and end exclusive, UTC) for which the files are the whole truth: stored values of their
            tags that they do not have are erased.
        accept_loss: Store the readings even if more is lost than the settings ``import`` allow.
    """

    replace: tuple[datetime, datetime] | None = None
    accept_loss: bool = False


@dataclass(frozen=True, slots=True)
class _ImportJob:
    """One import: where it goes and under which run.

    Attributes:
        engine: The store.
        prepared: Plan and files.
        machine: The machine; its id is 0 as long as it is not registered.
        signature: Hash of the contents of the files and of the options.
        chunks: The readings.
        limits: Losses to accept without a question.
        choices: Options of the user.
    """

    engine: Engine
    prepared: PreparedImport
    machine: Equipment
    signature: str
    chunks: CountedChunks
    limits: LossLimits
    choices: StoreChoices

    @property
    def is_new_machine(self) -> bool:
        """Whether the import registers the machine."""
        return self.machine.equip_id == _UNREGISTERED_ID


def import_files(
    arguments: Sequence[str | Path],
    *,
    equip: str,
    options: ImportOptions,
    config: Config | None = None,
    choices: StoreChoices | None = None,
) -> ImportReport:
    """Plan an import of files, and merge their readings into a machine's historian table.

    Args:
        arguments: Files, folders or patterns; if they have different values for a cell, the later file counts.
        equip: Machine code; the machine is registered if it is new.
        options: Statements about the files; the rest is detected.
        config: Settings; they name the store.
        choices: Choices about how readings are stored.

    Raises:
        UsageError: The time zone or a column is unknown, or a file is missing.
        InputError: A file cannot be read, or more of it is lost than the settings allow; nothing was stored.
    """
    return import_prepared(prepare_import(arguments, options), equip=equip, config=config, choices=choices)


def import_prepared(
    prepared: PreparedImport,
    *,
    equip: str,
    config: Config | None = None,
    choices: StoreChoices | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Merge the readings of a planned import into a machine's historian table, cell by cell.

    Args:
        prepared: Plan and files.
        equip: Machine code; the machine is registered if it is new.
        config: Settings; they name the store.
        choices: Choices about how readings are stored.
        progress: Receives the progress.

    Returns:
        Counts of new, updated, unchanged and rejected readings and cells.

    Raises:
        InputError: A file has changed since it was planned, or more is lost than the settings allow; nothing is stored.
    """
    started_at, progress, config = time.monotonic(), progress or NullProgress(), config or Config()
    choices, time_zone = choices or StoreChoices(), prepared.plan.time_zone
    check_period(choices.replace)
    source = open_source(prepared)
    engine = open_store(config.store)
    try:
        migrate.complete_schema(engine)
        machine = equipment.find_registered(engine, equip) or _propose_machine(equip, time_zone)
        job = _ImportJob(
            engine=engine,
            prepared=prepared,
            machine=machine,
            signature=_hash_import(prepared, choices.replace),
            chunks=CountedChunks(source, machine.time_column, compute_latest_time(config), equip, progress),
            limits=read_loss_limits(config),
            choices=choices,
        )
        report = _run_import(job)
    finally:
        engine.close()
    if future := job.chunks.count_future():
        report.warnings.append(
            import_report.describe_future_readings(
                future, now=clock.utc_now(), allowed_lateness=config.backfill.allowed_lateness
            )
        )
    report.seconds = time.monotonic() - started_at
    progress.finish_machine(equip, outcome="imported")
    return report


def read_loss_limits(config: Config) -> LossLimits:
    """Return the losses that an import accepts without a question."""
    return LossLimits(config.imports.max_lost_rows, config.imports.max_lost_cells)


def compute_latest_time(config: Config) -> datetime:
    """Return the latest time that a reading may have, UTC; later ones come from a wrong clock."""
    return clock.utc_now() + config.backfill.allowed_lateness


def check_period(replace: tuple[datetime, datetime] | None) -> None:
    """Check that the period of ``--replace`` ends after its start.

    Raises:
        UsageError: It does not.
    """
    if replace is not None and replace[0] >= replace[1]:
        message = f"--replace {replace[0]} {replace[1]}: the period ends before it starts; give FROM before TO"
        raise UsageError(message)


def _propose_machine(code: str, time_zone: str) -> Equipment:
    """Return a machine that the import will register."""
    equipment.validate_machine(code, time_zone)
    table = equipment.historian_table_name(code)
    return Equipment(_UNREGISTERED_ID, code, None, None, None, time_zone, table, HISTORIAN_TIME_COLUMN)


def _hash_import(prepared: PreparedImport, replace: tuple[datetime, datetime] | None) -> str:
    """Return the hash of the file contents and the decisions.

    The id of the run is made from the hash: importing the same files again repeats the same run, so that its rejected
    values are counted once.
    """
    content = hashlib.sha256(repr(prepared.plan).encode())
    if replace is not None:
        content.update(repr(replace).encode())
    # A workbook or an archive holds several tables; its bytes are hashed once.
    for path in dict.fromkeys(file.table.source.path for file in prepared.files):
        with path.open("rb") as file:
            content.update(hashlib.file_digest(file, "sha256").digest())
    return content.hexdigest()


def _run_import(job: _ImportJob) -> ImportReport:
    """Run an import as a run of RunLog.

    A machine that is not registered yet has no runs: if its first import fails, the store is as it was.

    Raises:
        AcmError: The import failed; the run of a registered machine is marked FAIL.
        MachineLockedError: Another process imports the same files.
    """
    if job.is_new_machine:
        return _stage_and_store(job)
    import_run = _build_import_run(job.machine, job.signature)
    # The lock tells other sessions that somebody works on the run.
    with job.engine.acquire_lock(import_run["RunID"].item()):
        runs.start_runs(job.engine, import_run)
        try:
            return _stage_and_store(job)
        # Not only errors: an import that is interrupted would be RUNNING until somebody finds its lock free.
        except (AcmError, KeyboardInterrupt, MemoryError) as error:
            now = clock.utc_now()
            runs.fail_runs(job.engine, import_run, error, attempt=1, span=Window(now, now), equip_code=job.machine.code)
            raise


def _stage_and_store(job: _ImportJob) -> ImportReport:
    engine, source = job.engine, job.chunks.source
    table = historian_table.declare_historian_table(
        job.machine.code, source.tags, time_column=job.machine.time_column, name=job.machine.table
    )
    import_staging.drop_dead_staging_tables(engine)
    with import_staging.stage_readings(engine, table, job.chunks) as staged:
        losses = import_report.account_for_losses(job.prepared, job.chunks, staged)
        check_losses(losses, job.limits, accept_loss=job.choices.accept_loss)
        if not staged.rows:
            reasons = ", ".join(loss.reason for loss in losses.lost_rows) or "no rows"
            message = f"all {losses.rows_in:,} rows were rejected ({reasons}); nothing was stored"
            raise InputError(message)
        # A server has no row versions of its catalogue: until a table that a transaction creates or extends is
        # committed, every other session that lists tables waits, and a long import takes minutes.
        new_tags = [] if engine.dialect.is_embedded else historian_table.create_or_extend_table(engine, table)
        with engine.transaction():
            new_tags += historian_table.apply_table_ddl(engine, table)
            merged = _store_readings(job, staged)
    engine.checkpoint_wal()
    machine = equipment.find_machine(engine, job.machine.code)
    sampling = import_sampling.declare_inferred_sampling(engine, machine)
    report = ImportReport(job.machine.code, table.name, [*source.files], [*source.messages])
    report.warnings = [
        *([sampling] if sampling else []),
        *import_report.describe_new_tags(job.machine.code, new_tags),
        *import_report.describe_conflicts(losses, job.limits),
    ]
    report.replaced_from, report.replaced_to = job.choices.replace or (None, None)
    import_report.complete_report(report, job.chunks, staged, losses=losses, merged=merged)
    return report


def _store_readings(job: _ImportJob, staged: StagedReadings) -> MergeCounts:
    """Store everything about the import inside the transaction of the caller; return the counts of the merge."""
    engine = job.engine
    merged = historian_table.merge_staged_readings(engine, staged, replaced_span=job.choices.replace)
    # After the merge: sessions that read the machines wait for a new one, and other registrations do.
    machine = equipment.insert_machine(engine, job.machine) if job.is_new_machine else job.machine
    equipment.sync_tags(engine, machine)
    import_tags.complete_tags(engine, machine, job.prepared.tags)
    if job.prepared.plan.sampling is not None:
        sources.set_sampling(engine, machine, job.prepared.plan.sampling)
    import_run = _build_import_run(machine, job.signature)
    _write_finished_run(engine, import_run, staged, merged, rows=job.chunks.source.row_count)
    rejected = import_report.tally_rejected(job.chunks, staged.duplicates)
    quality_events.write_quality_events(
        engine,
        _build_quality_events(rejected, import_run, machine.table),
        equip_id=machine.equip_id,
        run_ids=import_run["RunID"].to_list(),
    )
    return merged


def _build_import_run(machine: Equipment, signature: str) -> pl.DataFrame:
    """Return the RUNNING row of RunLog of an import."""
    run = runs.build_run_id(machine.code, None, None, stage="import", model_version=None, signature=signature)
    facts = {"EquipID": machine.equip_id, "ConfigSignature": signature, "Stage": "import"}
    return run_rows.build_running_rows(pl.DataFrame({"RunID": [run]}), now=clock.utc_now(), shared_values=facts)


def _build_quality_events(rejected: pl.DataFrame, import_run: pl.DataFrame, table: str) -> pl.DataFrame:
    shared = {"TableName": pl.lit(table), "EventTime": pl.lit(clock.utc_now())}
    of_run = import_run.select("RunID", "EquipID").join(rejected, how="cross")
    return QUALITY_EVENTS.cast_frame(of_run.with_columns(**shared))


def _write_finished_run(
    engine: Engine, import_run: pl.DataFrame, staged: StagedReadings, merged: MergeCounts, *, rows: int
) -> None:
    values = {
        "Outcome": "OK",
        "WindowStart": staged.first_time,
        # Windows are half-open; a millisecond is the resolution of the time column.
        "WindowEnd": staged.last_time + timedelta(milliseconds=1) if staged.last_time else None,
        "RowsRead": rows,
        "RowsWritten": merged.inserted + merged.updated,
        "CompletedAt": clock.utc_now(),
    }
    frame = RUN_LOG.cast_frame(import_run.with_columns(**{k: pl.lit(v) for k, v in values.items()}))
    staging.upsert_frame(engine, RUN_LOG, frame)
    # Of an earlier attempt that failed; ACM_RunErrors keeps the failure.
    run_cleanup.delete_run_summaries(engine, import_run["EquipID"][0], import_run["RunID"])


def load_frame(frame: pl.DataFrame, *, equip: str, time_zone: str, config: Config | None = None) -> Equipment:
    """Append readings to a machine's historian table without a check, duplicates included.

    Args:
        frame: Frame of (readings, 1 + tags): ``EntryDateTime`` (naive UTC) and one Float64 column per tag.
        equip: Machine code; the machine is registered if it is new.
        time_zone: IANA time zone of the machine.
        config: Settings; they name the store.

    Returns:
        The machine.
    """
    engine = open_store((config or Config()).store)
    try:
        migrate.complete_schema(engine)
        machine = equipment.find_registered(engine, equip) or equipment.register_machine(
            engine, equip, time_zone=time_zone
        )
        table = historian_table.declare_historian_table(equip, frame.columns[1:])
        historian_table.create_or_extend_table(engine, table)
        # Tags first: a machine with readings and no tags could neither be scored nor simulated again.
        with engine.transaction():
            equipment.sync_tags(engine, machine)
        _append_readings(engine, table, frame)
        return machine
    finally:
        engine.close()


def _append_readings(engine: Engine, table: Table, frame: pl.DataFrame) -> None:
    """Append readings unchanged, as far as the engine allows."""
    if engine.dialect.has_large_table_keys:
        # SQL Server: the time is the primary key, so the last reading of a time stays. FLOAT has no NaN: store NULL.
        tags = pl.selectors.float()
        last = frame.unique(frame.columns[0], keep="last", maintain_order=True)
        historian_table.load_readings(engine, table, [last.with_columns(pl.when(tags.is_finite()).then(tags))])
        return
    with staging.stage_temporarily(engine, [(table, frame)]) as names, engine.transaction():
        engine.execute(merge.build_insert(table, names[table.name], engine.dialect, skip_stored_keys=False))
