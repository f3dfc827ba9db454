"""What is old enough to go, per kind of table; what is still needed stays, whatever the settings say.

``usp_ACM_DataRetention`` follows the same rules under the same names, its lists are rendered from here.

Needed are, of every machine: rows from 400 days before its oldest state on (a replay starts there, and day tables look
back so far), rows from the start of an open episode on, runs that rows of results name, NOOP runs from the oldest state
on, the models of its coldstart, and those that hold at or after its oldest state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from acm_etl import tables
from acm_etl.config import RetentionSettings
from acm_etl.dialects import Dialect
from acm_etl.engine import Engine
from acm_etl.load import watermark
from acm_etl.load.clock import utc_now
from acm_etl.load.run_cleanup import iter_in_lists
from acm_etl.schema import Table
from acm_etl.tables.runs import ACM_RUNS, MODEL_REGISTRY, QUALITY_EVENTS, RUN_ERRORS, RUN_LOG, STATE, WRITE_METRICS

MAX_LOOKBACK_DAYS = 400
"""Days that a day table may look back (``backfill.summary_days`` at most)."""
RETENTION_GRAINS = ("time", "event", "day")
RUN_TABLES = (RUN_ERRORS, QUALITY_EVENTS, WRITE_METRICS, ACM_RUNS, RUN_LOG)
"""What goes with a run, the run last."""
_DELETE_CHUNK_ROWS = 50_000  # rows a transaction deletes, about
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ExpiredRows:
    """What has expired in one table.

    Attributes:
        setting: The setting by which it does.
        table: The table.
        rows: How many rows.
        before: Data time before which rows expire; None where another rule chooses them.
    """

    setting: str
    table: str
    rows: int
    before: datetime | None = None


def expire_machine_rows(
    engine: Engine, equip_id: int, limits: RetentionSettings, *, apply: bool = False
) -> list[ExpiredRows]:
    """Count what has expired of one machine, and delete it if told to; the caller holds the machine's lease.

    Deleting takes many small transactions: whatever interrupts it, doing it again finishes it.
    """
    progress = watermark.read_watermark(engine, equip_id)
    found: list[ExpiredRows] = []
    if progress is not None:
        found += _expire_result_rows(engine, equip_id, limits, last_window_end=progress.last_window_end, apply=apply)
    found += _expire_runs(engine, equip_id, "noop_days", limits.noop_days, apply=apply)
    found += _expire_runs(engine, equip_id, "failed_days", limits.failed_days, apply=apply)
    if limits.model_versions is not None:
        found += _expire_models(engine, equip_id, limits.model_versions, apply=apply)
    if apply and any(one.rows for one in found):
        engine.checkpoint_wal()
    return found


def no_owner_conditions(dialect: Dialect) -> list[str]:
    """Conditions under which no row of results, models or states names a run ``r``."""
    owners = {f"{dialect.schema_prefix}{dialect.quote(t.name)}": t for t in (*tables.RESULTS, MODEL_REGISTRY, STATE)}
    return [
        f"AND NOT EXISTS (SELECT 1 FROM {name} AS t WHERE {_run_match_condition(table, dialect)})"
        for name, table in owners.items()
    ]


def _run_match_condition(table: Table, dialect: Dialect) -> str:
    q = dialect.quote
    named = f"t.{q('RunID')} = r.{q('RunID')}"
    if not table.large:
        return named
    # no index on RunID: its rows lie in its window
    time = f"t.{q(table.time_column or '')}"
    window = f"{time} >= r.{q('WindowStart')} AND {time} < r.{q('WindowEnd')}"
    return f"t.{q('EquipID')} = r.{q('EquipID')} AND {window} AND {named}"


def list_retention_tables() -> list[tuple[Table, str]]:
    """Tables whose rows grow old with the data, and the setting that says when."""
    grown = [(table, f"{table.grain}_days") for table in tables.ALL if table.grain in RETENTION_GRAINS]
    return [*grown, (WRITE_METRICS, "run_days")]


def _expire_result_rows(
    engine: Engine, equip_id: int, limits: RetentionSettings, *, last_window_end: datetime, apply: bool
) -> Iterator[ExpiredRows]:
    needed = _find_oldest_needed_time(engine, equip_id)
    for table, setting in list_retention_tables():
        days = getattr(limits, setting)
        if days is None:
            continue
        before = last_window_end - days * _DAY
        if needed is not None and table.grain in RETENTION_GRAINS:
            before = min(before, needed)
        yield ExpiredRows(
            setting, table.name, _expire_table_rows(engine, table, equip_id, before=before, apply=apply), before
        )


def _find_oldest_needed_time(engine: Engine, equip_id: int) -> datetime | None:
    """Time from which on all rows are needed."""
    state = _read_oldest_state_time(engine, equip_id)
    q = engine.dialect.quote
    sql = (
        f"SELECT MIN({q('StartTs')}) AS n FROM {q('ACM_Episodes')} WHERE {q('EquipID')} = ? AND {q('Status')} = 'OPEN'"
    )
    begun: datetime | None = engine.query(sql, [equip_id]).item()
    times = [begun, state and state - MAX_LOOKBACK_DAYS * _DAY]
    return min((time for time in times if time is not None), default=None)


def _read_oldest_state_time(engine: Engine, equip_id: int) -> datetime | None:
    q = engine.dialect.quote
    sql = f"SELECT MIN({q('AsOf')}) AS n FROM {q(STATE.name)} WHERE {q('EquipID')} = ?"
    oldest: datetime | None = engine.query(sql, [equip_id]).item()
    return oldest


def _expire_table_rows(engine: Engine, table: Table, equip_id: int, *, before: datetime, apply: bool) -> int:
    """Rows before a time; deleted in slices of time that hold about as many rows each as one transaction may."""
    q = engine.dialect.quote
    time, name = q(table.time_column or ""), q(table.name)
    old = f"{name} WHERE {q('EquipID')} = ? AND {time} < ?"
    rows, first = engine.query(f"SELECT COUNT(*) AS n, MIN({time}) AS first FROM {old}", [equip_id, before]).row(0)
    if apply and rows:
        slices = -(-rows // _DELETE_CHUNK_ROWS)
        for number in range(1, slices + 1):
            engine.execute(f"DELETE FROM {old}", [equip_id, first + number * (before - first) / slices])
    return int(rows)


def _expire_runs(engine: Engine, equip_id: int, setting: str, days: int | None, *, apply: bool) -> list[ExpiredRows]:
    """Runs of some outcomes that ended long ago and own nothing, with what hangs on them."""
    if days is None:
        return []
    q = engine.dialect.quote
    outcomes, params = "('FAIL', 'SUPERSEDED')", [equip_id, utc_now() - days * _DAY]
    more = ""
    if setting == "noop_days":
        oldest = _read_oldest_state_time(engine, equip_id)
        if oldest is None:
            return [ExpiredRows(setting, RUN_LOG.name, 0)]
        outcomes, params, more = "('NOOP')", [*params, oldest], f" AND r.{q('WindowEnd')} <= ?"
    sql = (
        f"SELECT r.{q('RunID')} FROM {q(RUN_LOG.name)} AS r WHERE r.{q('EquipID')} = ?\n"
        f"  AND r.{q('CompletedAt')} < ? AND r.{q('Outcome')} IN {outcomes}{more}\n"
        + "\n".join(no_owner_conditions(engine.dialect))
    )
    ids = engine.query(sql, params)["RunID"].to_list()
    counted = dict.fromkeys((table.name for table in RUN_TABLES), 0)
    for values, marks in iter_in_lists(ids):
        named = f"WHERE {q('RunID')} IN ({marks})"
        if apply:
            with engine.transaction():
                for table in RUN_TABLES:
                    counted[table.name] += engine.execute(f"DELETE FROM {q(table.name)} {named}", values)
        else:
            for table in RUN_TABLES:
                counted[table.name] += engine.query(f"SELECT COUNT(*) AS n FROM {q(table.name)} {named}", values).item()
    return [ExpiredRows(setting, name, rows) for name, rows in counted.items()]


def _expire_models(engine: Engine, equip_id: int, version_count: int, *, apply: bool) -> list[ExpiredRows]:
    """Old versions of models, with what is known of them."""
    q, registry = engine.dialect.quote, engine.dialect.quote(MODEL_REGISTRY.name)
    mine = f"FROM {registry} WHERE {q('EquipID')} = ?"
    newest = f"SELECT MAX({q('Version')}) {mine}"
    state = f"SELECT MIN({q('AsOf')}) FROM {q(STATE.name)} WHERE {q('EquipID')} = ?"
    versions = engine.query(
        f"SELECT {q('Version')} {mine} AND {q('Version')} <= ({newest}) - ?\n"
        f"  AND {q('Version')} <> ({newest} AND {q('HoldsFrom')} < {q('TrainEnd')})\n"
        f"  AND {q('Version')} < ({newest} AND {q('HoldsFrom')} <= ({state}))",
        [equip_id, equip_id, version_count, equip_id, equip_id, equip_id],
    )["Version"].to_list()
    grained = {table.name: "ModelVersion" for table in tables.RESULTS if table.grain == "model"}
    counted = dict.fromkeys([*grained, MODEL_REGISTRY.name], 0)
    for version in versions:
        with engine.transaction():
            for name, column in {**grained, MODEL_REGISTRY.name: "Version"}.items():
                of_version = f"FROM {q(name)} WHERE {q('EquipID')} = ? AND {q(column)} = ?"
                if apply:
                    counted[name] += engine.execute(f"DELETE {of_version}", [equip_id, version])
                else:
                    counted[name] += engine.query(f"SELECT COUNT(*) AS n {of_version}", [equip_id, version]).item()
    return [ExpiredRows("model_versions", name, rows) for name, rows in counted.items()]
