"""Read the stored rows that scoring needs again: the trailing days of the daily summaries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from acm_etl import tables
from acm_etl.engine import Engine
from acm_etl.schema import Table
from acm_etl.tables.common import DETECTOR_NAMES

_TRAILING_COLUMNS = {
    "ACM_Scores_Wide": ("Timestamp", "fused", "alarm", "regime_label", *DETECTOR_NAMES),
    # Without the run: rows that are computed again get the run of the new batch.
    "ACM_SensorDaily": tuple(c.name for c in tables.BY_NAME["ACM_SensorDaily"].columns if c.name != "RunID"),
    "ACM_Episodes": ("StartTs",),
}
"""Columns by table from which the summaries of a day are computed."""


def read_trailing_rows(engine: Engine, equip_id: int, *, since: datetime, until: datetime) -> dict[str, pl.DataFrame]:
    """Return the stored rows of a machine with time in [since, until), by table name, in key order."""
    return {
        name: read_rows(engine, tables.BY_NAME[name], columns, equip_id, since=since, until=until)
        for name, columns in _TRAILING_COLUMNS.items()
    }


def read_scores(engine: Engine, equip_id: int, *, since: datetime, until: datetime) -> pl.DataFrame:
    """Return Timestamp, Phase, OperatingState, alarm and drift_z of the readings in [since, until), by time."""
    columns = ("Timestamp", "Phase", "OperatingState", "alarm", "drift_z")
    return read_rows(engine, tables.BY_NAME["ACM_Scores_Wide"], columns, equip_id, since=since, until=until)


def read_episode_spans(engine: Engine, equip_id: int, *, since: datetime, until: datetime) -> pl.DataFrame:
    """Return ``StartTs`` and ``EndTs`` of the episodes that overlap [since, until), in order of time."""
    sql = engine.dialect.sql(
        "SELECT {StartTs}, {EndTs} FROM {ACM_Episodes}\n"
        "WHERE {EquipID} = ? AND {StartTs} < ? AND {EndTs} >= ? ORDER BY {StartTs}"
    )
    return engine.query(sql, [equip_id, until, since])


def read_rows(
    engine: Engine, table: Table, columns: Sequence[str], equip_id: int, *, since: datetime, until: datetime
) -> pl.DataFrame:
    """Return the stored rows of a machine in a table, with time in [since, until), in key order."""
    sql = engine.dialect.sql(
        # Key order, so that the frames are the same on every engine and with every storage layout.
        "SELECT {columns} FROM {table} WHERE {EquipID} = ? AND {time} >= ? AND {time} < ?\nORDER BY {key}",
        columns=columns,
        table=table,
        time=[table.row_time],
        key=table.key,
    )
    return engine.query(sql, [equip_id, since, until])
