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
from acm_etl.engine import Dialect, Engine
from acm_etl.load import watermark
from acm_etl.load.clock import utc_now
from acm_etl.load.run_cleanup import lists
from acm_etl.schema import Table
from acm_etl.tables.runs import MODEL_REGISTRY, QUALITY_EVENTS, RUN_ERRORS, RUN_LOG, RUNS, STATE, WRITE_METRICS

LOOK_BACK = 400
"""Days that a day table may look back (``backfill.summary_days`` at most)."""
GRAINS = ("time", "event", "day")
RUN_TABLES = (RUN_ERRORS, QUALITY_EVENTS, WRITE_METRICS, RUNS, RUN_LOG)
"""What goes with a run, the run last."""
_CHUNK = 50_000  # rows a transaction deletes, about
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Expired:
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


def expire(engine: Engine, equip_id: int, keep: RetentionSettings, *, apply: bool = False) -> list[Expired]:
    """Count what has expired of one machine, and delete it if told to; the caller holds the machine's lease.

    Deleting takes many small transactions: whatever interrupts it, doing it again finishes it.
    """
    progress = watermark.read(engine, equip_id)
    found: list[Expired] = []
    if progress is not None:
        found += _rows(engine, equip_id, keep, head=progress.last_end, apply=apply)
    found += _runs(engine, equip_id, "noop_days", keep.noop_days, apply=apply)
    found += _runs(engine, equip_id, "failed_days", keep.failed_days, apply=apply)
    if keep.model_versions is not None:
        found += _models(engine, equip_id, keep.model_versions, apply=apply)
    if apply and any(one.rows for one in found):
        engine.checkpoint_wal()
    return found


def unowned(dialect: Dialect) -> list[str]:
    """Conditions under which no row of results, models or states names a run ``r``."""
    owners = {f"{dialect.schema_prefix}{dialect.quote(t.name)}": t for t in (*tables.RESULTS, MODEL_REGISTRY, STATE)}
    return [
        f"AND NOT EXISTS (SELECT 1 FROM {name} AS t WHERE {_of_run(table, dialect)})" for name, table in owners.items()
    ]


def _of_run(table: Table, dialect: Dialect) -> str:
    q = dialect.quote
    named = f"t.{q('RunID')} = r.{q('RunID')}"
    if not table.large:
        return named
    # no index on RunID: its rows lie in its window
    time = f"t.{q(table.time_column or '')}"
    window = f"{time} >= r.{q('WindowStart')} AND {time} < r.{q('WindowEnd')}"
    return f"t.{q('EquipID')} = r.{q('EquipID')} AND {window} AND {named}"


def expiring() -> list[tuple[Table, str]]:
    """Tables whose rows grow old with the data, and the setting that says when."""
    grown = [(table, f"{table.grain}_days") for table in tables.ALL if table.grain in GRAINS]
    return [*grown, (WRITE_METRICS, "run_days")]


def _rows(engine: Engine, equip_id: int, keep: RetentionSettings, *, head: datetime, apply: bool) -> Iterator[Expired]:
    needed = _needed(engine, equip_id)
    for table, setting in expiring():
        days = getattr(keep, setting)
        if days is None:
            continue
        before = head - days * _DAY
        if needed is not None and table.grain in GRAINS:
            before = min(before, needed)
        yield Expired(setting, table.name, _old(engine, table, equip_id, before=before, apply=apply), before)


def _needed(engine: Engine, equip_id: int) -> datetime | None:
    """Time from which on all rows are needed."""
    state = _oldest_state(engine, equip_id)
    q = engine.dialect.quote
    sql = (
        f"SELECT MIN({q('StartTs')}) AS n FROM {q('ACM_Episodes')} WHERE {q('EquipID')} = ? AND {q('Status')} = 'OPEN'"
    )
    begun: datetime | None = engine.query(sql, [equip_id]).item()
    times = [begun, state and state - LOOK_BACK * _DAY]
    return min((time for time in times if time is not None), default=None)


def _oldest_state(engine: Engine, equip_id: int) -> datetime | None:
    q = engine.dialect.quote
    sql = f"SELECT MIN({q('AsOf')}) AS n FROM {q(STATE.name)} WHERE {q('EquipID')} = ?"
    oldest: datetime | None = engine.query(sql, [equip_id]).item()
    return oldest


def _old(engine: Engine, table: Table, equip_id: int, *, before: datetime, apply: bool) -> int:
    """Rows before a time; deleted in slices of time that hold about as many rows each as one transaction may."""
    q = engine.dialect.quote
    time, name = q(table.time_column or ""), q(table.name)
    old = f"{name} WHERE {q('EquipID')} = ? AND {time} < ?"
    rows, first = engine.query(f"SELECT COUNT(*) AS n, MIN({time}) AS first FROM {old}", [equip_id, before]).row(0)
    if apply and rows:
        slices = -(-rows // _CHUNK)
        for number in range(1, slices + 1):
            engine.execute(f"DELETE FROM {old}", [equip_id, first + number * (before - first) / slices])
    return int(rows)


def _runs(engine: Engine, equip_id: int, setting: str, days: int | None, *, apply: bool) -> list[Expired]:
    """Runs of some outcomes that ended long ago and own nothing, with what hangs on them."""
    if days is None:
        return []
    q = engine.dialect.quote
    outcomes, params = "('FAIL', 'SUPERSEDED')", [equip_id, utc_now() - days * _DAY]
    more = ""
    if setting == "noop_days":
        oldest = _oldest_state(engine, equip_id)
        if oldest is None:
            return [Expired(setting, RUN_LOG.name, 0)]
        outcomes, params, more = "('NOOP')", [*params, oldest], f" AND r.{q('WindowEnd')} <= ?"
    sql = (
        f"SELECT r.{q('RunID')} FROM {q(RUN_LOG.name)} AS r WHERE r.{q('EquipID')} = ?\n"
        f"  AND r.{q('CompletedAt')} < ? AND r.{q('Outcome')} IN {outcomes}{more}\n"
        + "\n".join(unowned(engine.dialect))
    )
    ids = engine.query(sql, params)["RunID"].to_list()
    counted = dict.fromkeys((table.name for table in RUN_TABLES), 0)
    for values, marks in lists(ids):
        named = f"WHERE {q('RunID')} IN ({marks})"
        if apply:
            with engine.transaction():
                for table in RUN_TABLES:
                    counted[table.name] += engine.execute(f"DELETE FROM {q(table.name)} {named}", values)
        else:
            for table in RUN_TABLES:
                counted[table.name] += engine.query(f"SELECT COUNT(*) AS n FROM {q(table.name)} {named}", values).item()
    return [Expired(setting, name, rows) for name, rows in counted.items()]


def _models(engine: Engine, equip_id: int, kept: int, *, apply: bool) -> list[Expired]:
    """Old versions of models, with what is known of them."""
    q, registry = engine.dialect.quote, engine.dialect.quote(MODEL_REGISTRY.name)
    mine = f"FROM {registry} WHERE {q('EquipID')} = ?"
    newest = f"SELECT MAX({q('Version')}) {mine}"
    state = f"SELECT MIN({q('AsOf')}) FROM {q(STATE.name)} WHERE {q('EquipID')} = ?"
    versions = engine.query(
        f"SELECT {q('Version')} {mine} AND {q('Version')} <= ({newest}) - ?\n"
        f"  AND {q('Version')} <> ({newest} AND {q('HoldsFrom')} < {q('TrainEnd')})\n"
        f"  AND {q('Version')} < ({newest} AND {q('HoldsFrom')} <= ({state}))",
        [equip_id, equip_id, kept, equip_id, equip_id, equip_id],
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
    return [Expired("model_versions", name, rows) for name, rows in counted.items()]
