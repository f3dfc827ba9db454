"""Import of readings into historian tables, from files or from a frame. An import of files is a run in RunLog."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import polars as pl

from acm_etl.config import Config
from acm_etl.engine import Engine
from acm_etl.errors import AcmError, InputError
from acm_etl.io.connect import open_store
from acm_etl.io.files import reader
from acm_etl.io.files.timestamps import DateOrder
from acm_etl.load import clock, equipment, historian_table, merge, migrate, quality_events, runs, staging
from acm_etl.load.equipment import Equipment
from acm_etl.progress import NullProgress, Progress
from acm_etl.results import ImportReport, RejectedCount
from acm_etl.run import run_rows
from acm_etl.schema import Table
from acm_etl.tables.runs import QUALITY_EVENTS, RUN_LOG

HISTORIAN_TIME_COLUMN = "EntryDateTime"


def import_files(
    paths: Sequence[str | Path],
    *,
    equip: str,
    time_zone: str,
    config: Config | None = None,
    time_column: str | None = None,
    date_order: DateOrder | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Load CSV or Parquet files into a machine's historian table.

    Args:
        paths: Files; if timestamps overlap, later files take precedence.
        equip: Machine code; the machine is registered if it is new.
        time_zone: IANA time zone of the timestamps in the files.
        config: Settings; they name the store.
        time_column: Timestamp column; detected if omitted.
        date_order: Order of day and month, for files with ambiguous dates.
        progress: Receives the progress.

    Returns:
        Counts of new, updated, unchanged and rejected readings.

    Raises:
        UsageError: The time zone or a column is unknown, or a file is missing.
        InputError: A file cannot be read; nothing was stored.
    """
    started_at, progress = time.monotonic(), progress or NullProgress()
    options = reader.ImportOptions(time_zone=time_zone, time_column=time_column, date_order=date_order)
    progress.set_stage(equip, "read", detail=f"{len(paths)} file{'' if len(paths) == 1 else 's'}")
    # All files are profiled before the store is opened: a bad one keeps the good ones out.
    profile = reader.profile_files(paths, options)
    engine = open_store((config or Config()).store)
    try:
        migrate.init_schema(engine)
        machine = _find_or_register(engine, equip, time_zone)
        batches = _ImportBatches(profile, progress, equip)
        report = ImportReport(equip, machine.table, profile.paths, [*profile.messages])
        import_run = _build_import_run(machine, report.files, options)
        _run_import(engine, machine, import_run, batches=batches, report=report)
    finally:
        engine.close()
    report.seconds = time.monotonic() - started_at
    progress.finish_machine(equip, outcome="imported")
    return report


@dataclass
class _ImportBatches:
    """Batches of readings for the store; collects the rejected values while they are read.

    Attributes:
        profile: Files with their detected formats.
        progress: Receives the progress.
        equip: Machine code.
        rejected: Rejected values of the batches that were read.
        rows: Rows of the batches that were read.
    """

    profile: reader.ImportProfile
    progress: Progress
    equip: str
    rejected: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0

    def __iter__(self) -> Iterator[pl.DataFrame]:
        self.progress.start_machine(self.equip, windows=self.profile.row_count)
        for batch in reader.stream_readings(self.profile):
            self.rejected.append(batch.rejections)
            self.rows += batch.frame.height
            self.progress.advance(self.equip, windows=batch.frame.height, rows=batch.frame.height, detail="import")
            yield batch.frame.select(HISTORIAN_TIME_COLUMN, *self.profile.tags)


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
        migrate.init_schema(engine)
        machine = _find_or_register(engine, equip, time_zone)
        table = historian_table.declare_historian_table(equip, frame.columns[1:])
        historian_table.create_or_extend_table(engine, table)
        _append_readings(engine, table, frame)
        equipment.sync_tags(engine, machine)
        return machine
    finally:
        engine.close()


def _append_readings(engine: Engine, table: Table, frame: pl.DataFrame) -> None:
    """Append readings unchanged, as far as the engine allows."""
    if engine.dialect.has_large_table_keys:
        # SQL Server: the time is the primary key, so the last reading of a time stays. FLOAT has no NaN: store NULL.
        tags = pl.selectors.float()
        historian_table.load_readings(engine, table, [frame.with_columns(pl.when(tags.is_finite()).then(tags))])
        return
    with staging.stage_temporarily(engine, [(table, frame)]) as names, engine.transaction():
        engine.execute(merge.build_insert(table, names[table.name], engine.dialect, skip_stored_keys=False))


def _find_or_register(engine: Engine, equip: str, time_zone: str) -> Equipment:
    machines = {machine.code: machine for machine in equipment.read_machines(engine)}
    return machines.get(equip) or equipment.register_machine(engine, equip, time_zone=time_zone)


def _run_import(
    engine: Engine, machine: Equipment, import_run: pl.DataFrame, *, batches: _ImportBatches, report: ImportReport
) -> None:
    """Load the batches as a run of RunLog, and complete the report.

    Raises:
        AcmError: The import failed; its run is marked FAIL.
    """
    table = historian_table.declare_historian_table(machine.code, batches.profile.tags, time_column=machine.time_column)
    runs.start_runs(engine, import_run)
    try:
        historian_table.drop_dead_staging_tables(engine)
        historian_table.create_or_extend_table(engine, table)
        counts = historian_table.load_readings(engine, table, batches)
        if not counts.rows_read:
            _raise_nothing_imported(batches)
        equipment.sync_tags(engine, machine)
    except AcmError as error:
        now = clock.utc_now()
        runs.fail_runs(engine, import_run, error, attempt=1, start=now, end=now, equip_code=machine.code)
        raise
    rejected = _tally_rejected(batches.rejected, counts)
    events = _build_quality_events(rejected, import_run, table.name)
    quality_events.record_quality_events(
        engine, events, equip_id=machine.equip_id, run_ids=import_run["RunID"].to_list()
    )
    _complete_run(engine, import_run, batches.profile.row_count, counts)
    report.rows, report.inserted, report.updated = batches.profile.row_count, counts.inserted, counts.updated
    report.unchanged, report.first, report.last = counts.unchanged, counts.first_time, counts.last_time
    columns = ("ColumnName", "EventType", "AffectedRows", "SampleValues")
    report.rejected = [RejectedCount(*row) for row in rejected.select(columns).iter_rows()]


def _raise_nothing_imported(batches: _ImportBatches) -> NoReturn:
    rules = ", ".join(pl.concat(batches.rejected)["EventType"].unique().sort()) if batches.rejected else "no rows"
    message = f"all {batches.profile.row_count:,} rows were rejected ({rules}); nothing was stored"
    raise InputError(message)


def _build_import_run(machine: Equipment, paths: Sequence[str], options: reader.ImportOptions) -> pl.DataFrame:
    """Build the row of RunLog of an import.

    The id is a hash of the file contents and the options: importing the same files again repeats the same run, so that
    its rejected values are counted once.
    """
    content = hashlib.sha256(repr(options).encode())
    for path in paths:
        with Path(path).open("rb") as file:
            content.update(hashlib.file_digest(file, "sha256").digest())
    signature = content.hexdigest()
    run = runs.build_run_id(machine.code, None, None, stage="import", model_version=None, signature=signature)
    facts = {"EquipID": machine.equip_id, "ConfigSignature": signature, "Stage": "import"}
    return run_rows.build_running_rows(pl.DataFrame({"RunID": [run]}), now=clock.utc_now(), shared_values=facts)


def _tally_rejected(
    rejected_batches: Sequence[pl.DataFrame], load_result: historian_table.ImportCounts
) -> pl.DataFrame:
    """Return the rejected and changed values by column and rule, duplicates included."""
    duplicates = {
        "ColumnName": ["", ""],
        "EventType": ["duplicate", "conflicting_duplicate"],
        "AffectedRows": [load_result.exact_duplicates, load_result.conflicting_duplicates],
        "SampleValues": [None, "; ".join(load_result.conflict_samples)[:500] or None],
    }
    return pl.concat(
        [reader.sum_rejections(rejected_batches), pl.DataFrame(duplicates, schema=reader.REJECTIONS_SCHEMA)]
    ).filter(pl.col("AffectedRows") > 0)


def _build_quality_events(rejected: pl.DataFrame, import_run: pl.DataFrame, table: str) -> pl.DataFrame:
    shared = {"TableName": pl.lit(table), "EventTime": pl.lit(clock.utc_now())}
    of_run = import_run.select("RunID", "EquipID").join(rejected, how="cross")
    return run_rows.cast_to_table(of_run.with_columns(**shared), QUALITY_EVENTS)


def _complete_run(
    engine: Engine, import_run: pl.DataFrame, rows: int, load_result: historian_table.ImportCounts
) -> None:
    """Mark the run OK.

    Its readings were committed before. A process that is killed in between leaves the run RUNNING until the import is
    repeated, which changes no reading.
    """
    values = {
        "Outcome": "OK",
        "WindowStart": load_result.first_time,
        # Windows are half-open; a millisecond is the resolution of the time column.
        "WindowEnd": load_result.last_time + timedelta(milliseconds=1) if load_result.last_time else None,
        "RowsRead": rows,
        "RowsWritten": load_result.inserted + load_result.updated,
        "CompletedAt": clock.utc_now(),
    }
    frame = run_rows.cast_to_table(import_run.with_columns(**{k: pl.lit(v) for k, v in values.items()}), RUN_LOG)
    with engine.transaction():
        staging.upsert_frame(engine, RUN_LOG, frame)
