"""The life of runs: announced before work, failed with a reason, swept when their runner has died."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import StoreError
from acm_etl.load import merge
from acm_etl.load.clock import utc_now
from acm_etl.load.contract import validate_frame
from acm_etl.load.staging import stage_temporarily, upsert_frame
from acm_etl.tables.runs import ACM_RUNS, RUN_ERRORS, RUN_LOG

_RUN_ID_NAMESPACE = uuid.UUID("6f0f7c52-6c2e-5b0e-9d53-0a3d1f0b6a11")
_RESTARTABLE_OUTCOMES = "('RUNNING', 'FAIL', 'SUPERSEDED')"
"""Outcomes of runs without stored rows (a replay took them back); the others a data transaction alone may change."""


def build_run_id(
    equip_code: str,
    window_start: datetime | None,
    window_end: datetime | None,
    *,
    stage: str = "score",
    model_version: int | None,
    signature: str,
) -> str:
    """UUIDv5 of what a run is about: the same work has the same id wherever and whenever it is done."""
    times = (time.isoformat(timespec="milliseconds") if time else "" for time in (window_start, window_end))
    text = "\x1f".join((stage, equip_code, *times, str(model_version), signature))
    return str(uuid.uuid5(_RUN_ID_NAMESPACE, text))


def holder_name() -> str:
    """Host and process, for RunLog.Holder."""
    return f"{socket.gethostname()}:{os.getpid()}"[:200]


def start_runs(engine: Engine, run_log: pl.DataFrame) -> pl.DataFrame:
    """Say RUNNING before the work begins, in a transaction of its own.

    New rows are inserted as they come; unfinished ones, and superseded ones that are done again, get the next attempt;
    rows that say OK or NOOP are left alone.

    Args:
        engine: The store.
        run_log: RunLog rows with Outcome RUNNING.

    Returns:
        RunID, Outcome, Attempt, StartedAt and AttemptStartedAt of these runs, as they are stored now.
    """
    q = engine.dialect.quote
    with stage_temporarily(engine, [(RUN_LOG, validate_frame(run_log, RUN_LOG))]) as names, engine.transaction():
        stage = names[RUN_LOG.name]
        engine.execute(
            f"UPDATE {q('RunLog')} SET {q('Outcome')} = 'RUNNING', {q('Attempt')} = {q('RunLog')}.{q('Attempt')} + 1,\n"
            f"  {q('AttemptStartedAt')} = {_clamp_to_start(engine, 's.' + q('AttemptStartedAt'))},\n"
            f"  {q('CompletedAt')} = NULL, {q('ErrorMessage')} = NULL, {q('Holder')} = s.{q('Holder')},\n"
            f"  {q('Version')} = s.{q('Version')}\n"
            f"FROM {stage} AS s WHERE {q('RunLog')}.{q('RunID')} = s.{q('RunID')}\n"
            f"  AND {q('RunLog')}.{q('Outcome')} IN {_RESTARTABLE_OUTCOMES}"
        )
        engine.execute(merge.build_insert(RUN_LOG, stage, engine.dialect))
        return _read_attempts(engine, stage)


def restore_attempts(engine: Engine, run_log: pl.DataFrame) -> pl.DataFrame:
    """RunLog rows with the attempts and start times the store knows, so that publishing keeps them."""
    if run_log.is_empty():
        return run_log
    q = engine.dialect.quote
    columns = ", ".join(map(q, ("RunID", "Attempt", "StartedAt", "AttemptStartedAt")))
    stored = engine.query(
        f"SELECT {columns} FROM {q('RunLog')} WHERE {q('EquipID')} = ? AND {q('WindowStart')} BETWEEN ? AND ?",
        [run_log["EquipID"][0], run_log["WindowStart"].min(), run_log["WindowStart"].max()],
    )
    known = run_log.update(stored, on="RunID", how="left")
    return known.with_columns(
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
    start: datetime,
    end: datetime,
    equip_code: str | None = None,
) -> None:
    """Record that a group failed: all its runs, and one ACM_RunErrors row, in a transaction of its own.

    Args:
        engine: The store.
        run_log: RunLog rows of the group, as announced.
        error: Why; a ``StoreError`` names its table.
        attempt: Which attempt at the group this was, counted from 1.
        start: Start of the group.
        end: End of the group.
        equip_code: Code of the machine, for ACM_Runs.EquipName.
    """
    time = utc_now()
    failed = run_log.with_columns(
        Outcome=pl.lit("FAIL"),
        ErrorMessage=pl.lit(truncate_text(str(error), 1000)),
        CompletedAt=pl.max_horizontal(pl.lit(time, dtype=pl.Datetime("ms")), "StartedAt", "AttemptStartedAt"),
    )
    with engine.transaction():
        unfinished = _mark_failed(engine, validate_frame(failed, RUN_LOG))
        upsert_frame(
            engine,
            ACM_RUNS,
            _build_failed_summaries(failed.filter(pl.col("RunID").is_in(unfinished)), equip_code, time),
        )
        upsert_frame(engine, RUN_ERRORS, _build_error_row(failed, error, attempt=attempt, span=(start, end), at=time))


def fail_abandoned_runs(engine: Engine, equip_id: int) -> int:
    """Turn RUNNING rows left by runners that have died into FAIL; the caller holds the machine's lease.

    Returns:
        How many there were.
    """
    q = engine.dialect.quote
    with engine.transaction():
        return engine.execute(
            f"UPDATE {q('RunLog')} SET {q('Outcome')} = 'FAIL', {q('CompletedAt')} = "
            f"CASE WHEN ? > {q('AttemptStartedAt')} THEN ? ELSE {q('AttemptStartedAt')} END,\n"
            f"  {q('ErrorMessage')} = CONCAT('left RUNNING by ', COALESCE({q('Holder')}, 'an unknown runner'),"
            " ', which ended without a word; the next run does it again')\n"
            f"WHERE {q('EquipID')} = ? AND {q('Outcome')} = 'RUNNING'",
            [utc_now(), utc_now(), equip_id],
        )


def find_run_ids_at(engine: Engine, equip_id: int, times: Iterable[datetime]) -> dict[datetime, str]:
    """The current (OK or NOOP) scoring run whose window contains each time; times without one are left out."""
    wanted = sorted(set(times))
    if not wanted:
        return {}
    q = engine.dialect.quote
    runs = engine.query(
        f"SELECT {q('WindowStart')}, {q('WindowEnd')}, {q('RunID')} FROM {q('RunLog')}\n"
        f"WHERE {q('EquipID')} = ? AND {q('Stage')} = 'score' AND {q('Outcome')} IN ('OK', 'NOOP')\n"
        f"  AND {q('WindowStart')} <= ? AND {q('WindowEnd')} > ? ORDER BY {q('WindowStart')}",
        [equip_id, wanted[-1], wanted[0]],
    )
    asked = pl.DataFrame({"time": wanted}, schema={"time": pl.Datetime("ms")})
    found = asked.join_asof(runs, left_on="time", right_on="WindowStart").filter(pl.col("time") < pl.col("WindowEnd"))
    return dict(found.select("time", "RunID").iter_rows())


def final_runs_condition(engine: Engine, alias: str = "") -> str:
    """Condition for the current scoring runs of final windows, of RunLog or its ``alias``."""
    q, of = engine.dialect.quote, f"{alias}." if alias else ""
    finished = f"{of}{q('Stage')} = 'score' AND {of}{q('Outcome')} IN ('OK', 'NOOP')"
    return f"{finished} AND {of}{q('Provisional')} = {false_literal(engine)}"


def false_literal(engine: Engine) -> str:
    """False, as the engine writes it."""
    return f"CAST(0 AS {engine.dialect.sql_types['bool']})"


def truncate_text(text: str, max_length: int) -> str:
    """Text on one line and no longer than its column."""
    line = " ".join(text.split())
    return line if len(line) <= max_length else line[: max_length - 3] + "..."


def _mark_failed(engine: Engine, failed: pl.DataFrame) -> Sequence[str]:
    """Say FAIL in RunLog where no data transaction has settled the run; the ids of those rows."""
    q = engine.dialect.quote
    with stage_temporarily(engine, [(RUN_LOG, failed)]) as names:
        stage = names[RUN_LOG.name]
        engine.execute(merge.build_insert(RUN_LOG, stage, engine.dialect))
        engine.execute(
            f"UPDATE {q('RunLog')} SET {q('Outcome')} = 'FAIL', {q('ErrorMessage')} = s.{q('ErrorMessage')},\n"
            f"  {q('CompletedAt')} = {_clamp_to_start(engine, 's.' + q('CompletedAt'))}\n"
            f"FROM {stage} AS s WHERE {q('RunLog')}.{q('RunID')} = s.{q('RunID')}\n"
            f"  AND {q('RunLog')}.{q('Outcome')} IN {_RESTARTABLE_OUTCOMES}"
        )
        stored = _read_attempts(engine, stage)
    return stored.filter(pl.col("Outcome") == "FAIL")["RunID"].to_list()


def _clamp_to_start(engine: Engine, time: str) -> str:
    """A time, but never before the run's first start: clocks are set back, the CHECK stays."""
    start = f"{engine.dialect.quote('RunLog')}.{engine.dialect.quote('StartedAt')}"
    return f"CASE WHEN {time} > {start} THEN {time} ELSE {start} END"


def _read_attempts(engine: Engine, relation: str) -> pl.DataFrame:
    q = engine.dialect.quote
    columns = ", ".join(f"r.{q(c)}" for c in ("RunID", "Outcome", "Attempt", "StartedAt", "AttemptStartedAt"))
    return engine.query(
        f"SELECT {columns} FROM {q('RunLog')} AS r JOIN {relation} AS s ON s.{q('RunID')} = r.{q('RunID')}\n"
        f"ORDER BY r.{q('WindowStart')}, r.{q('RunID')}"
    )


def _build_failed_summaries(failed: pl.DataFrame, equip_code: str | None, time: datetime) -> pl.DataFrame:
    """ACM_Runs rows of failed runs: nothing is known but the reason."""
    known = failed.select("RunID", "EquipID", "StartedAt", "CompletedAt", "ConfigSignature", "ErrorMessage")
    named = known.with_columns(
        EquipName=pl.lit(equip_code, dtype=pl.String),
        HealthStatus=pl.lit("UNKNOWN"),
        RefitRequested=pl.lit(value=False),
        CreatedAt=pl.lit(time, dtype=pl.Datetime("ms")),
    )
    return pl.concat([ACM_RUNS.empty_frame(), named], how="diagonal").select(list(ACM_RUNS.polars_schema))


def _build_error_row(
    failed: pl.DataFrame, error: BaseException, *, attempt: int, span: tuple[datetime, datetime], at: datetime
) -> pl.DataFrame:
    first = failed.sort("WindowStart", "RunID").row(0, named=True)
    row = {
        "RunID": first["RunID"],
        "EquipID": first["EquipID"],
        "Attempt": attempt,
        "GroupStart": span[0],
        "GroupEnd": span[1],
        "TableName": error.table if isinstance(error, StoreError) else None,
        "ErrorType": type(error).__name__,
        "ErrorMessage": truncate_text(error.message if isinstance(error, StoreError) else str(error), 1000),
        "OccurredAt": at,
    }
    return pl.DataFrame([row], schema=RUN_ERRORS.polars_schema)
