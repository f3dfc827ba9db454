"""Readings into the store: files, simulations, and frames at hand. Every import is a run."""

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
        paths: Files; later ones win over earlier ones.
        equip: Machine code; the machine is registered if it is new.
        time_zone: IANA zone of the times in the files.
        config: Settings (the store).
        time_column: Column of times; found unless given.
        date_order: Order of day and month, for files that do not prove it.
        progress: Told what happens.

    Raises:
        UsageError: Unknown zone or column, missing file.
        InputError: A file cannot be taken; nothing was stored.
    """
    begun, told = time.monotonic(), progress or NullProgress()
    options = reader.ImportOptions(time_zone=time_zone, time_column=time_column, date_order=date_order)
    told.set_stage(equip, "read", detail=f"{len(paths)} file(s)")
    found = reader.profile_files([Path(path) for path in paths], options)
    engine = open_store((config or Config()).store)
    try:
        migrate.init_schema(engine)
        machine = _find_or_register(engine, equip, time_zone)
        batches = _ImportBatches(found, told, equip)
        report = ImportReport(equip, machine.table, [str(path) for path in paths], [*found.messages])
        announced = _build_import_run(machine, report.files, options)
        _run_import(engine, machine, announced, batches=batches, report=report)
    finally:
        engine.close()
    report.seconds = time.monotonic() - begun
    told.finish_machine(equip, outcome="imported")
    return report


@dataclass
class _ImportBatches:
    """Batches of readings on their way to the store, and what was rejected on the way."""

    survey: reader.ImportProfile
    progress: Progress
    equip: str
    rejected: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0

    def __iter__(self) -> Iterator[pl.DataFrame]:
        self.progress.start_machine(self.equip, windows=self.survey.row_count)
        for batch in reader.stream_readings(self.survey):
            self.rejected.append(batch.rejections)
            self.rows += batch.frame.height
            self.progress.advance(self.equip, windows=batch.frame.height, rows=batch.frame.height, detail="import")
            yield batch.frame.select(HISTORIAN_TIME_COLUMN, *self.survey.tags)


def load_frame(frame: pl.DataFrame, *, equip: str, time_zone: str, config: Config | None = None) -> Equipment:
    """Put readings at hand into a machine's historian table exactly as they are, duplicates and all.

    Args:
        frame: ``EntryDateTime`` (naive UTC) and one Float64 column per tag.
        equip: Machine code; registered if it is new.
        time_zone: IANA zone of the machine.
        config: Settings (the store).
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
    """As they are; where the database takes no time twice and no NaN: the last of each time, and NULL."""
    if engine.dialect.has_large_table_keys:
        tags = pl.selectors.float()
        historian_table.load_readings(engine, table, [frame.with_columns(pl.when(tags.is_finite()).then(tags))])
        return
    with staging.stage_temporarily(engine, [(table, frame)]) as names, engine.transaction():
        engine.execute(merge.build_insert(table, names[table.name], engine.dialect, skip_stored_keys=False))


def _find_or_register(engine: Engine, equip: str, time_zone: str) -> Equipment:
    known = {machine.code: machine for machine in equipment.read_machines(engine)}
    return known[equip] if equip in known else equipment.register_machine(engine, equip, time_zone=time_zone)


def _run_import(
    engine: Engine, machine: Equipment, import_run: pl.DataFrame, *, batches: _ImportBatches, report: ImportReport
) -> None:
    table = historian_table.declare_historian_table(machine.code, batches.survey.tags, time_column=machine.time_column)
    runs.start_runs(engine, import_run)
    try:
        historian_table.drop_dead_staging_tables(engine)
        historian_table.create_or_extend_table(engine, table)
        done = historian_table.load_readings(engine, table, batches)
        if not done.rows_read:
            _raise_nothing_imported(batches)
        equipment.sync_tags(engine, machine)
    except AcmError as error:
        now = clock.utc_now()
        runs.fail_runs(engine, import_run, error, attempt=1, start=now, end=now, equip_code=machine.code)
        raise
    rejected = _tally_rejected(batches.rejected, done)
    events = _build_quality_events(rejected, import_run, table.name)
    quality_events.record_quality_events(
        engine, events, equip_id=machine.equip_id, run_ids=import_run["RunID"].to_list()
    )
    _complete_run(engine, import_run, batches.survey.row_count, done)
    report.rows, report.inserted, report.updated = batches.survey.row_count, done.inserted, done.updated
    report.unchanged, report.first, report.last = done.unchanged, done.first_time, done.last_time
    columns = ("ColumnName", "EventType", "AffectedRows", "SampleValues")
    report.rejected = [RejectedCount(*row) for row in rejected.select(columns).iter_rows()]


def _raise_nothing_imported(batches: _ImportBatches) -> NoReturn:
    rules = ", ".join(pl.concat(batches.rejected)["EventType"].unique().sort()) if batches.rejected else "no rows"
    message = f"none of the {batches.survey.row_count:,} rows could be taken ({rules}); nothing was stored"
    raise InputError(message)


def _build_import_run(machine: Equipment, paths: Sequence[str], options: reader.ImportOptions) -> pl.DataFrame:
    """The run of an import: the same files read the same way are the same run; again, they count nothing twice."""
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
    """What was not taken as it came, by column and rule, duplicates included."""
    doubled = {
        "ColumnName": ["", ""],
        "EventType": ["duplicate", "conflicting_duplicate"],
        "AffectedRows": [load_result.exact_duplicates, load_result.conflicting_duplicates],
        "SampleValues": [None, "; ".join(load_result.conflict_samples)[:500] or None],
    }
    return pl.concat(
        [reader.sum_rejections(rejected_batches), pl.DataFrame(doubled, schema=reader.REJECTIONS_SCHEMA)]
    ).filter(pl.col("AffectedRows") > 0)


def _build_quality_events(rejected: pl.DataFrame, import_run: pl.DataFrame, table: str) -> pl.DataFrame:
    shared = {"TableName": pl.lit(table), "EventTime": pl.lit(clock.utc_now())}
    of_run = import_run.select("RunID", "EquipID").join(rejected, how="cross")
    return run_rows.cast_to_table(of_run.with_columns(**shared), QUALITY_EVENTS)


def _complete_run(
    engine: Engine, import_run: pl.DataFrame, rows: int, load_result: historian_table.ImportCounts
) -> None:
    """The run says OK. Its readings were committed before: killed in between it stays RUNNING until it is redone."""
    known = {
        "Outcome": "OK",
        "WindowStart": load_result.first_time,
        "WindowEnd": load_result.last_time + timedelta(milliseconds=1) if load_result.last_time else None,
        "RowsRead": rows,
        "RowsWritten": load_result.inserted + load_result.updated,
        "CompletedAt": clock.utc_now(),
    }
    frame = run_rows.cast_to_table(import_run.with_columns(**{k: pl.lit(v) for k, v in known.items()}), RUN_LOG)
    with engine.transaction():
        staging.upsert_frame(engine, RUN_LOG, frame)
