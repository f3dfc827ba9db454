"""Settings of a machine that are kept in the store."""

from __future__ import annotations

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load.clock import utc_now
from acm_etl.load.staging import UpsertCounts, upsert_frame
from acm_etl.tables.reference import CONFIG, CONFIG_HISTORY

_NEW_VALUE_COLUMNS = ("ParamPath", "NewValue")
ALL_MACHINES_ID = 0
"""EquipID of settings that hold for all machines."""


def read_settings(engine: Engine, equip_id: int) -> dict[str, str]:
    """Settings of a machine for ``config.load(rows=...)``: those of all machines, overridden by its own."""
    q = engine.dialect.quote
    rows = engine.query(
        f"SELECT {q('ParamPath')}, {q('ParamValue')} FROM {q(CONFIG.name)}\n"
        f"WHERE {q('EquipID')} IN (?, ?) ORDER BY {q('EquipID')}, {q('ParamPath')}",
        [ALL_MACHINES_ID, equip_id],
    )
    return dict(rows.iter_rows())


def save_settings(
    engine: Engine, equip_id: int, values: dict[str, str], *, changed_by: str | None = None, reason: str | None = None
) -> UpsertCounts:
    """Store settings, dotted name and value as TOML writes it; the caller has checked them with ``config.load``.

    What changes is noted in ACM_ConfigHistory, in the same transaction.
    """
    rows = [
        {"EquipID": equip_id, "ParamPath": path, "ParamValue": value, "UpdatedAt": utc_now(), "UpdatedBy": changed_by}
        for path, value in values.items()
    ]
    with engine.transaction():
        changes = _find_changed_settings(engine, equip_id, values).with_columns(
            EquipID=pl.lit(equip_id, pl.Int32),
            ChangedAt=pl.lit(utc_now()),
            ChangedBy=pl.lit(changed_by),
            ChangeReason=pl.lit(reason),
        )
        if changes.height:
            upsert_frame(
                engine,
                CONFIG_HISTORY,
                changes.select(*CONFIG_HISTORY.polars_schema).cast(pl.Schema(CONFIG_HISTORY.polars_schema)),
            )
        return upsert_frame(engine, CONFIG, pl.DataFrame(rows, schema=CONFIG.polars_schema))


def _find_changed_settings(engine: Engine, equip_id: int, values: dict[str, str]) -> pl.DataFrame:
    """Settings that get another value: ParamPath, OldValue, NewValue and the number of the change."""
    q = engine.dialect.quote
    mine = f"WHERE {q('EquipID')} = ?"
    path, value = q("ParamPath"), q("ParamValue")
    stored = engine.query(f"SELECT {path}, {value} AS {q('OldValue')} FROM {q(CONFIG.name)} {mine}", [equip_id])
    counted = engine.query(
        f"SELECT {path}, COUNT(*) AS n FROM {q(CONFIG_HISTORY.name)} {mine} GROUP BY {path}", [equip_id]
    )
    asked = pl.DataFrame(
        {"ParamPath": values.keys(), "NewValue": values.values()}, schema=dict.fromkeys(_NEW_VALUE_COLUMNS, pl.String)
    )
    joined = asked.join(stored, on="ParamPath", how="left").join(counted, on="ParamPath", how="left")
    changed = joined.filter(pl.col("OldValue").ne_missing(pl.col("NewValue")))
    return changed.with_columns(Revision=pl.col("n").fill_null(0) + 1)
