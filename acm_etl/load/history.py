"""What scoring needs of the rows that are stored already: the trailing days of the day tables."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from acm_etl import tables
from acm_etl.engine import Engine
from acm_etl.schema import Table
from acm_etl.tables.common import HEADS

_TRAILING = {
    "ACM_Scores_Wide": ("Timestamp", "fused", "alarm", "regime_label", *HEADS),
    "ACM_SensorDaily": tuple(c.name for c in tables.BY_NAME["ACM_SensorDaily"].columns if c.name != "RunID"),
    "ACM_Episodes": ("StartTs",),
}
"""Tables, and their columns, from which a day's summaries are made."""


def trailing(engine: Engine, equip_id: int, *, since: datetime, until: datetime) -> dict[str, pl.DataFrame]:
    """Stored rows of a machine with time in [since, until), by table and in order of time."""
    return {
        name: _rows(engine, tables.BY_NAME[name], columns, [equip_id, since, until])
        for name, columns in _TRAILING.items()
    }


def _rows(engine: Engine, table: Table, columns: tuple[str, ...], params: list[object]) -> pl.DataFrame:
    q = engine.dialect.quote
    listed, time = ", ".join(map(q, columns)), q(table.time or "")
    return engine.query(
        f"SELECT {listed} FROM {q(table.name)} WHERE {q('EquipID')} = ? AND {time} >= ? AND {time} < ?\n"
        f"ORDER BY {', '.join(map(q, table.key))}",
        params,
    )
