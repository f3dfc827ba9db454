"""The life cycle of runs in RunLog: started before the work, failed with a reason, cleaned up after a crash.

OK and NOOP are written by ``publish`` together with the results; everything else is written here.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

import polars as pl

from acm_etl.engine import Engine, SpanStatement
from acm_etl.errors import StoreError
from acm_etl.load import merge
from acm_etl.load.clock import utc_now
from acm_etl.load.contract import validate_frame
from acm_etl.load.staging import stage_temporarily, upsert_frame
from acm_etl.redaction import truncate_text
from acm_etl.tables.runs import ACM_RUNS, RUN_ERRORS, RUN_LOG
from acm_etl.windows import Window

_RUN_ID_NAMESPACE = uuid.UUID("6f0f7c52-6c2e-5b0e-9d53-0a3d1f0b6a11")  # never change: every stored RunID depends on it
_RESTARTABLE_OUTCOMES = "('RUNNING', 'FAIL', 'SUPERSEDED')"
"""Outcomes of runs without stored results. Only the transaction that writes results may change OK and NOOP."""


def build_run_id(
    equip_code: str,
    window_start: datetime | None,
    window_end: datetime | None,
    *,
    stage: str = "score",
    model_version: int | None,
    signature: str,
) -> str:
    """Return the UUIDv5 of the work of a run: the same work has the same id on every host and at every attempt.

    Args:
        equip_code: Code of the machine.
        window_start: Start of the window; None for work without a window.
        window_end: End of the window.
        stage: Kind of work.
        model_version: Models used.
        signature: Hash of the settings.
    """
    # Stored RunIDs depend on this text. "\x1f" (unit separator) does not occur in codes and signatures.
    times = (time.isoformat(timespec="milliseconds") if time else "" for time in (window_start, window_end))
    text = "\x1f".join((stage, equip_code, *times, str(model_version), signature))
    return str(uuid.uuid5(_RUN_ID_NAMESPACE, text))


def holder_name() -> str:
    """Return ``host:pid`` of this process, for RunLog.Holder."""
    # Cut to the length of the column; host names may have 253 characters.
    return f"{socket.gethostname()}:{os.getpid()}"[:200]


def start_runs(engine: Engine, run_log: pl.DataFrame) -> pl.DataFrame:
    """Mark runs as RUNNING before the work begins, in a transaction of its own.

    New runs are inserted. Failed, abandoned and superseded runs get their next attempt. OK and NOOP runs stay.

    Args:
        engine: The store.
        run_log: RunLog rows with Outcome RUNNING.

    Returns:
        RunID, Outcome, Attempt, StartedAt and AttemptStartedAt of these runs as stored now.
    """
    # A transaction of its own: a process that is killed later leaves its runs as RUNNING, which the next process finds.
    with stage_temporarily(engine, [(RUN_LOG, validate_frame(run_log, RUN_LOG))]) as names, engine.transaction():
        stage = names[RUN_LOG.name]
        update = engine.dialect.sql(
            "UPDATE {RunLog} SET {Outcome} = 'RUNNING', {Attempt} = {RunLog}.{Attempt} + 1,\n"
            "  {AttemptStartedAt} = {attempt_start},\n"
            "  {CompletedAt} = NULL, {ErrorMessage} = NULL, {Holder} = s.{Holder},\n"
            "  {Version} = s.{Version}\n"
            "FROM {stage} AS s WHERE {RunLog}.{RunID} = s.{RunID}\n"
            "  AND {RunLog}.{Outcome} IN {restartable}",
            attempt_start=_clamp_to_start(engine, "AttemptStartedAt"),
            stage=stage,
            restartable=_RESTARTABLE_OUTCOMES,
        )
        # INSERT after UPDATE, so that a new run keeps its first attempt number.
        insert = merge.build_insert(RUN_LOG, stage, engine.dialect)
        engine.execute_batch([SpanStatement(RUN_LOG.name, update), SpanStatement(RUN_LOG.name, insert)])
        return _read_attempts(engine, stage)


def restore_attempts(engine: Engine, run_log: pl.DataFrame) -> pl.DataFrame:
    """Return RunLog rows with the stored attempt numbers and start times, so that publishing does not reset them."""
    if run_log.is_empty():
        return run_log
    sql = engine.dialect.sql(
        "SELECT {RunID}, {Attempt}, {StartedAt}, {AttemptStartedAt} FROM {RunLog}"
        " WHERE {EquipID} = ? AND {WindowStart} BETWEEN ? AND ?"
    )
    # By span instead of by id: a batch has up to thousands of runs, and the span is one range of an index.
    window_start = run_log["WindowStart"]
    stored = engine.query(sql, [run_log["EquipID"][0], window_start.min(), window_start.max()])
    restored = run_log.update(stored, on="RunID", how="left")
    # A clock that was set back between attempts must not violate the CHECK constraints on the order of times.
    return restored.with_columns(
        AttemptStartedAt=pl.max_horizontal("AttemptStartedAt", "StartedAt"),
        CompletedAt=pl.when(pl.col("CompletedAt").is_not_null()).then(
            pl.max_horizontal("CompletedAt", "StartedAt", "AttemptStartedAt")
        ),
    )


def fail_runs(
    engine: Engine,
    run_log: pl.DataFrame,
    error: BaseException,
    *,
    attempt: int,
    span: Window,
    equip_code: str | None = None,
) -> None:
    """Record the failure of a batch: all its runs, and one row of ACM_RunErrors, in a transaction of its own.

    Args:
        engine: The store.
        run_log: RunLog rows of the batch, as passed to ``start_runs``.
        error: The cause; a ``StoreError`` names its table.
        attempt: Number of the attempt at the batch, counted from 1.
        span: Start and end of the batch.
        equip_code: Code of the machine, for ACM_Runs.EquipName.
    """
    failed_at = utc_now()
    failed = run_log.with_columns(
        Outcome=pl.lit("FAIL"),
        ErrorMessage=pl.lit(truncate_text(str(error), 1000)),
        CompletedAt=pl.max_horizontal(pl.lit(failed_at, dtype=pl.Datetime("ms")), "StartedAt", "AttemptStartedAt"),
    )
    error_row = _build_error_row(failed, error, attempt=attempt, span=span, occurred_at=failed_at)
    with engine.transaction():
        # A run may be OK already: the commit succeeded and only its confirmation was lost. It keeps its summary.
        failed_ids = _mark_failed(engine, validate_frame(failed, RUN_LOG))
        summaries = build_failed_summaries(failed.filter(pl.col("RunID").is_in(failed_ids)), equip_code, failed_at)
        upsert_frame(engine, ACM_RUNS, summaries)
        upsert_frame(engine, RUN_ERRORS, error_row)


def has_failed(engine: Engine, run_id: str) -> bool:
    """Return whether a run has failed, and is not superseded since."""
    sql = engine.dialect.sql("SELECT COUNT(*) AS n FROM {RunLog} WHERE {RunID} = ? AND {Outcome} = 'FAIL'")
    return bool(engine.query(sql, [run_id]).item())


def read_input_hash(engine: Engine, equip_id: int) -> str | None:
    """Return the hash of the inputs from which all incomplete windows of a machine were published.

    Returns:
        None if there are no such windows, if some have other inputs, or if a run of the machine has not ended.
    """
    sql = engine.dialect.sql(
        "SELECT {Outcome}, {InputHash} FROM {RunLog} WHERE {EquipID} = ? AND ({Outcome} = 'RUNNING' OR\n"
        "  {Stage} = 'score' AND {Provisional} = CAST(1 AS {:bool}) AND {Outcome} <> 'SUPERSEDED')"
    )
    rows = engine.query(sql, [equip_id])
    hashes = set(rows["InputHash"])
    return hashes.pop() if len(hashes) == 1 and set(rows["Outcome"]) <= {"OK", "NOOP"} else None


def find_run_ids_at(engine: Engine, equip_id: int, times: Iterable[datetime]) -> dict[datetime, str]:
    """Return the current (OK or NOOP) scoring run whose window contains each time; times without a run are omitted."""
    sorted_times = sorted(set(times))
    if not sorted_times:
        return {}
    first, last = sorted_times[0], sorted_times[-1]
    # Windows do not overlap: that of the first time is the last one that has begun by then, which an index finds.
    sql = engine.dialect.sql(
        "SELECT {WindowStart}, {WindowEnd}, {RunID} FROM {RunLog}\n"
        "WHERE {published} AND {WindowStart} <= ? AND {WindowStart} >= COALESCE(\n"
        "  (SELECT MAX({WindowStart}) FROM {RunLog} WHERE {published} AND {WindowStart} <= ?), ?)\n"
        "ORDER BY {WindowStart}",
        published=engine.dialect.sql("{EquipID} = ? AND {Stage} = 'score' AND {Outcome} IN ('OK', 'NOOP')"),
    )
    runs = engine.query(sql, [equip_id, last, equip_id, first, first])
    # join_asof needs both sides sorted and of the same type.
    frame = pl.DataFrame({"time": sorted_times}, schema={"time": pl.Datetime("ms")})
    # Windows do not overlap: the last window that starts at or before a time is the only candidate.
    matches = frame.join_asof(runs, left_on="time", right_on="WindowStart").filter(pl.col("time") < pl.col("WindowEnd"))
    return dict(matches.select("time", "RunID").iter_rows())


def final_runs_condition(engine: Engine, alias: str = "") -> str:
    """Return the condition for the current scoring runs of final windows.

    Args:
        engine: The store.
        alias: Alias of RunLog in the statement; empty if it has none.
    """
    return engine.dialect.sql(
        "{r}{Stage} = 'score' AND {r}{Outcome} IN ('OK', 'NOOP') AND {r}{Provisional} = CAST(0 AS {:bool})",
        r=f"{alias}." if alias else "",
    )


def _mark_failed(engine: Engine, failed: pl.DataFrame) -> Sequence[str]:
    """Set the runs that have no stored results to FAIL; return the ids of all failed runs."""
    with stage_temporarily(engine, [(RUN_LOG, failed)]) as names:
        stage = names[RUN_LOG.name]
        # If starting the runs failed too, RunLog does not have them yet.
        engine.execute(merge.build_insert(RUN_LOG, stage, engine.dialect))
        update = engine.dialect.sql(
            "UPDATE {RunLog} SET {Outcome} = 'FAIL', {ErrorMessage} = s.{ErrorMessage},\n"
            "  {CompletedAt} = {completed_at}\n"
            "FROM {stage} AS s WHERE {RunLog}.{RunID} = s.{RunID}\n"
            "  AND {RunLog}.{Outcome} IN {restartable}",
            completed_at=_clamp_to_start(engine, "CompletedAt"),
            stage=stage,
            restartable=_RESTARTABLE_OUTCOMES,
        )
        engine.execute(update)
        stored = _read_attempts(engine, stage)
    return stored.filter(pl.col("Outcome") == "FAIL")["RunID"].to_list()


def _clamp_to_start(engine: Engine, column: str) -> str:
    """Return the staged time of a column, but never before the first start of the run.

    A clock that was set back would violate the CHECK constraint otherwise. No GREATEST: SQL Server has it from 2022 on.
    """
    return engine.dialect.sql(
        "CASE WHEN s.{column} > {RunLog}.{StartedAt} THEN s.{column} ELSE {RunLog}.{StartedAt} END", column=[column]
    )


def _read_attempts(engine: Engine, relation: str) -> pl.DataFrame:
    sql = engine.dialect.sql(
        "SELECT r.{RunID}, r.{Outcome}, r.{Attempt}, r.{StartedAt}, r.{AttemptStartedAt}"
        " FROM {RunLog} AS r JOIN {relation} AS s ON s.{RunID} = r.{RunID}\n"
        "ORDER BY r.{WindowStart}, r.{RunID}",
        relation=relation,
    )
    return engine.query(sql)


def build_failed_summaries(failed: pl.DataFrame, equip_code: str | None, failed_at: datetime) -> pl.DataFrame:
    """Return rows of ACM_Runs for failed runs: all result columns are NULL, the reason is set.

    Args:
        failed: RunLog rows of the runs; of their columns, the facts that ACM_Runs has too.
        equip_code: Code of the machine.
        failed_at: When the failure was recorded, naive UTC.
    """
    summaries = failed.select("RunID", "EquipID", "StartedAt", "CompletedAt", "ConfigSignature", "ErrorMessage")
    summaries = summaries.with_columns(
        EquipName=pl.lit(equip_code, dtype=pl.String),
        HealthStatus=pl.lit("UNKNOWN"),
        RefitRequested=pl.lit(value=False),
        CreatedAt=pl.lit(failed_at, dtype=pl.Datetime("ms")),
    )
    return ACM_RUNS.cast_frame(summaries)


def _build_error_row(
    failed: pl.DataFrame, error: BaseException, *, attempt: int, span: Window, occurred_at: datetime
) -> pl.DataFrame:
    # One row per batch: it stands for all runs of the batch under the id of the first.
    first = failed.sort("WindowStart", "RunID").row(0, named=True)
    row = {
        "RunID": first["RunID"],
        "EquipID": first["EquipID"],
        "Attempt": attempt,
        "GroupStart": span.start,
        "GroupEnd": span.end,
        "TableName": error.table if isinstance(error, StoreError) else None,
        "ErrorType": type(error).__name__,
        # Without the table name that str() adds: TableName has a column of its own.
        "ErrorMessage": truncate_text(error.message if isinstance(error, StoreError) else str(error), 1000),
        "OccurredAt": occurred_at,
    }
    return pl.DataFrame([row], schema=RUN_ERRORS.polars_schema)
