"""What scoring needs of the rows that are stored already: the trailing days of the day tables."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from acm_etl import tables
from acm_etl.engine import Engine
from acm_etl.schema import Table
from acm_etl.tables.common import DETECTOR_NAMES

_TRAILING_COLUMNS = {
    "ACM_Scores_Wide": ("Timestamp", "fused", "alarm", "regime_label", *DETECTOR_NAMES),
    "ACM_SensorDaily": tuple(c.name for c in tables.BY_NAME["ACM_SensorDaily"].columns if c.name != "RunID"),
    "ACM_Episodes": ("StartTs",),
}
"""Tables, and their columns, from which a day's summaries are made."""


def read_trailing_rows(engine: Engine, equip_id: int, *, since: datetime, until: datetime) -> dict[str, pl.DataFrame]:
    """Stored rows of a machine with time in [since, until), by table and in order of time."""
    return {
        name: _read_rows(engine, tables.BY_NAME[name], columns, [equip_id, since, until])
        for name, columns in _TRAILING_COLUMNS.items()
    }


def read_scores(engine: Engine, equip_id: int, *, since: datetime, until: datetime) -> pl.DataFrame:
    """``Timestamp``, ``Phase``, ``OperatingState``, ``alarm`` and ``drift_z`` of readings in [since, until)."""
    columns = ("Timestamp", "Phase", "OperatingState", "alarm", "drift_z")
    return _read_rows(engine, tables.BY_NAME["ACM_Scores_Wide"], columns, [equip_id, since, until])


def read_episode_spans(engine: Engine, equip_id: int, *, since: datetime, until: datetime) -> pl.DataFrame:
    """``StartTs`` and ``EndTs`` of the episodes that reach into [since, until), in order of time."""
    q = engine.dialect.quote
    sql = (
        f"SELECT {q('StartTs')}, {q('EndTs')} FROM {q('ACM_Episodes')}\n"
        f"WHERE {q('EquipID')} = ? AND {q('StartTs')} < ? AND {q('EndTs')} >= ? ORDER BY {q('StartTs')}"
    )
    return engine.query(sql, [equip_id, until, since])


def _read_rows(engine: Engine, table: Table, columns: tuple[str, ...], params: list[object]) -> pl.DataFrame:
    q = engine.dialect.quote
    listed, time = ", ".join(map(q, columns)), q(table.time_column or "")
    return engine.query(
        f"SELECT {listed} FROM {q(table.name)} WHERE {q('EquipID')} = ? AND {time} >= ? AND {time} < ?\n"
        f"ORDER BY {', '.join(map(q, table.key))}",
        params,
    )
