"""Count and delete rows past their retention period, per kind of table.

Rows that are still needed stay, whatever the settings say. Needed are, for every machine:

- rows from 400 days before its oldest state on: a replay starts there, and daily summaries look back that far
- rows from the start of an open episode on
- runs that rows of results refer to
- NOOP runs from the oldest state on
- the models of its coldstart, and the models valid at or after its oldest state

``usp_ACM_DataRetention`` applies the same rules under the same names; its lists of tables are rendered from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from acm_etl import tables
from acm_etl.config import RetentionSettings
from acm_etl.dialects import Dialect
from acm_etl.dialects.parameters import iter_in_lists
from acm_etl.engine import Engine
from acm_etl.load import watermark
from acm_etl.load.clock import utc_now
from acm_etl.load.models.registry import INITIAL_MODELS
from acm_etl.schema import Table
from acm_etl.tables.runs import ACM_RUNS, MODEL_REGISTRY, QUALITY_EVENTS, RUN_ERRORS, RUN_LOG, STATE, WRITE_METRICS
from acm_etl.windows import DAY

MAX_LOOKBACK_DAYS = 400
"""Longest look-back of a daily summary, days (upper limit of ``backfill.summary_days``)."""
RUN_TABLES = (RUN_ERRORS, QUALITY_EVENTS, WRITE_METRICS, ACM_RUNS, RUN_LOG)
"""Tables whose rows are deleted with a run; RunLog last, because the others refer to it."""
_DELETE_CHUNK_ROWS = 50_000  # about this many rows per transaction: short locks, and a log that can be truncated


@dataclass(frozen=True, slots=True)
class ExpiredRows:
    """Expired rows of one table.

    Attributes:
        setting: The retention setting that applies.
        table: The table.
        rows: Number of expired rows.
        before: Time of the data before which rows expire; None if they are chosen by another rule.
    """

    setting: str
    table: str
    rows: int
    before: datetime | None = None


def expire_machine_rows(
    engine: Engine, equip_id: int, limits: RetentionSettings, *, apply: bool = False
) -> list[ExpiredRows]:
    """Count the expired rows of one machine, and delete them if ``apply``. The caller must hold its lock.

    Deleting takes many small transactions. After an interruption, a second call deletes the rest.
    """
    progress = watermark.read_watermark(engine, equip_id)
    expired: list[ExpiredRows] = []
    # Ages of results count from the watermark, not from the clock: a machine that stopped keeps its last year.
    if progress is not None:
        expired += _expire_result_rows(engine, equip_id, limits, last_window_end=progress.last_window_end, apply=apply)
    expired += _expire_runs(engine, equip_id, "noop_days", limits.noop_days, apply=apply)
    expired += _expire_runs(engine, equip_id, "failed_days", limits.failed_days, apply=apply)
    if limits.model_versions is not None:
        expired += _expire_models(engine, equip_id, limits.model_versions, apply=apply)
    if apply and any(table.rows for table in expired):
        engine.checkpoint_wal()
    return expired


def find_reading_cutoff(engine: Engine, equip_id: int, limits: RetentionSettings) -> datetime | None:
    """Return the time before which the rows per reading of a machine have expired; None if they do not expire."""
    progress = watermark.read_watermark(engine, equip_id)
    if progress is None or limits.time_days is None:
        return None
    cutoff = _go_back(progress.last_window_end, limits.time_days)
    return min(cutoff, _find_oldest_needed_time(engine, equip_id) or cutoff)


def _go_back(time: datetime, days: int) -> datetime:
    # More days than the calendar has are a way to write "never".
    return time - min(days, time.toordinal() - 1) * DAY


def no_owner_conditions(dialect: Dialect) -> list[str]:
    """Return the conditions under which no result, model or state refers to run ``r``."""
    owners = {f"{dialect.schema_prefix}{dialect.quote(t.name)}": t for t in (*tables.RESULTS, MODEL_REGISTRY, STATE)}
    return [
        f"AND NOT EXISTS (SELECT 1 FROM {name} AS t WHERE {_run_match_condition(table, dialect)})"
        for name, table in owners.items()
    ]


def _run_match_condition(table: Table, dialect: Dialect) -> str:
    if not table.large:
        return dialect.sql("t.{RunID} = r.{RunID}")
    # Large tables have no index on RunID; the rows of a run lie in its window, which the clustered key finds.
    return dialect.sql(
        "t.{EquipID} = r.{EquipID} AND t.{time} >= r.{WindowStart} AND t.{time} < r.{WindowEnd}"
        " AND t.{RunID} = r.{RunID}",
        time=[table.row_time],
    )


def list_retention_tables() -> list[tuple[Table, str]]:
    """Return the tables whose rows expire by the time of the data, each with its retention setting."""
    grown = [(table, f"{table.grain}_days") for table in tables.ALL if table.grain in tables.TIMED_GRAINS]
    return [*grown, (WRITE_METRICS, "run_days")]


def _expire_result_rows(
    engine: Engine, equip_id: int, limits: RetentionSettings, *, last_window_end: datetime, apply: bool
) -> Iterator[ExpiredRows]:
    needed = _find_oldest_needed_time(engine, equip_id)
    for table, setting in list_retention_tables():
        days = getattr(limits, setting)
        if days is None:
            continue
        # From the end of the scored history: the age of a row is the age of its data.
        before = _go_back(last_window_end, days)
        if needed is not None and table.grain in tables.TIMED_GRAINS:
            before = min(before, needed)
        yield ExpiredRows(
            setting, table.name, _expire_table_rows(engine, table, equip_id, before=before, apply=apply), before
        )


def _find_oldest_needed_time(engine: Engine, equip_id: int) -> datetime | None:
    """Return the time from which on all rows are needed; None if there is no state and no open episode."""
    state = _read_oldest_state_time(engine, equip_id)
    sql = engine.dialect.sql("SELECT MIN({StartTs}) AS n FROM {ACM_Episodes} WHERE {EquipID} = ? AND {Status} = 'OPEN'")
    # An open episode is still updated: without its first rows its start and peak would change.
    open_episode: datetime | None = engine.query(sql, [equip_id]).item()
    times = [open_episode, state and state - MAX_LOOKBACK_DAYS * DAY]
    return min((time for time in times if time is not None), default=None)


def _read_oldest_state_time(engine: Engine, equip_id: int) -> datetime | None:
    sql = engine.dialect.sql("SELECT MIN({AsOf}) AS n FROM {ACM_State} WHERE {EquipID} = ?")
    oldest: datetime | None = engine.query(sql, [equip_id]).item()
    return oldest


def _expire_table_rows(engine: Engine, table: Table, equip_id: int, *, before: datetime, apply: bool) -> int:
    """Count the rows before a time; delete them in slices of time of about ``_DELETE_CHUNK_ROWS`` rows each."""
    time = [table.row_time]
    old = engine.dialect.sql("{table} WHERE {EquipID} = ? AND {time} < ?", table=table, time=time)
    select = engine.dialect.sql("SELECT COUNT(*) AS n, MIN({time}) AS first FROM {old}", time=time, old=old)
    rows, first = engine.query(select, [equip_id, before]).row(0)
    if apply and rows:
        # Rounded up: the last slice ends exactly at ``before``.
        slice_count = -(-rows // _DELETE_CHUNK_ROWS)
        # Slices of time, not TOP (n): readings are evenly spaced, and a range of the key needs no sort.
        for number in range(1, slice_count + 1):
            engine.execute(f"DELETE FROM {old}", [equip_id, first + number * (before - first) / slice_count])
    return int(rows)


def _expire_runs(engine: Engine, equip_id: int, setting: str, days: int | None, *, apply: bool) -> list[ExpiredRows]:
    """Expire runs of some outcomes that ended long ago and own no results, with their rows in ``RUN_TABLES``."""
    if days is None:
        return []
    outcomes, params, limit = "('FAIL', 'SUPERSEDED')", [equip_id, _go_back(utc_now(), days)], ""
    if setting == "noop_days":
        # A replay from the oldest state still needs the NOOP runs after it, to know which windows were empty.
        oldest = _read_oldest_state_time(engine, equip_id)
        if oldest is None:
            return [ExpiredRows(setting, RUN_LOG.name, 0)]
        outcomes, params, limit = "('NOOP')", [*params, oldest], engine.dialect.sql(" AND r.{WindowEnd} <= ?")
    sql = engine.dialect.sql(
        "SELECT r.{RunID} FROM {RunLog} AS r WHERE r.{EquipID} = ?\n"
        "  AND r.{CompletedAt} < ? AND r.{Outcome} IN {outcomes}{limit}\n"
        "{no_owner}",
        outcomes=outcomes,
        limit=limit,
        no_owner="\n".join(no_owner_conditions(engine.dialect)),
    )
    row_counts = dict.fromkeys((table.name for table in RUN_TABLES), 0)
    for ids, placeholders in iter_in_lists(engine.query(sql, params)["RunID"].to_list()):
        # One transaction per list: a run never loses only a part of its rows.
        with engine.transaction() if apply else nullcontext():
            for table in RUN_TABLES:
                rows = engine.dialect.sql(
                    "{table} WHERE {EquipID} = ? AND {RunID} IN ({values}) {seek}",
                    table=table,
                    values=placeholders,
                    seek=engine.dialect.seek_option,
                )
                row_counts[table.name] += _count_or_delete(engine, rows, [equip_id, *ids], apply=apply)
    return [ExpiredRows(setting, name, rows) for name, rows in row_counts.items()]


def _expire_models(engine: Engine, equip_id: int, version_count: int, *, apply: bool) -> list[ExpiredRows]:
    """Expire old versions of models, with the rows of the tables that describe them."""
    # Three conditions: beyond the newest ``version_count``, not the newest models of a coldstart (every replay from the
    # start needs them), and older than the models valid at the oldest state.
    sql = engine.dialect.sql(
        "SELECT {Version} {mine} AND {Version} <= ({newest}) - ?\n"
        "  AND {Version} <> ({newest} AND {initial})\n"
        "  AND {Version} < ({newest} AND {HoldsFrom} <= (SELECT MIN({AsOf}) FROM {ACM_State} WHERE {EquipID} = ?))",
        mine=engine.dialect.sql("FROM {ModelRegistry} WHERE {EquipID} = ?"),
        newest=engine.dialect.sql("SELECT MAX({Version}) FROM {ModelRegistry} WHERE {EquipID} = ?"),
        initial=engine.dialect.sql(INITIAL_MODELS),
    )
    versions = engine.query(sql, [equip_id, equip_id, version_count, equip_id, equip_id, equip_id])["Version"].to_list()
    version_columns = {table.name: "ModelVersion" for table in tables.MODEL_RESULTS}
    version_columns[MODEL_REGISTRY.name] = "Version"
    row_counts = dict.fromkeys(version_columns, 0)
    # One transaction per version: models and the tables that describe them disappear together.
    for version in versions:
        with engine.transaction():
            for name, column in version_columns.items():
                rows = engine.dialect.sql("{table} WHERE {EquipID} = ? AND {column} = ?", table=[name], column=[column])
                row_counts[name] += _count_or_delete(engine, rows, [equip_id, version], apply=apply)
    return [ExpiredRows("model_versions", name, rows) for name, rows in row_counts.items()]


def _count_or_delete(engine: Engine, rows: str, params: Sequence[object], *, apply: bool) -> int:
    """Delete rows (a table with its WHERE clause) or, without ``apply``, count them; return their number."""
    if apply:
        return engine.execute(f"DELETE FROM {rows}", params)
    return int(engine.query(f"SELECT COUNT(*) AS n FROM {rows}", params).item())
