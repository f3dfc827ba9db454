"""Settings of a machine that are kept in the store."""

from __future__ import annotations

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load.clock import now
from acm_etl.load.stage import Counts, write
from acm_etl.tables.reference import CONFIG

EVERYBODY = 0
"""EquipID of settings that hold for all machines."""


def read(engine: Engine, equip_id: int) -> dict[str, str]:
    """Settings of a machine for ``config.load(rows=...)``: those of all machines, overridden by its own."""
    q = engine.dialect.quote
    rows = engine.query(
        f"SELECT {q('ParamPath')}, {q('ParamValue')} FROM {q(CONFIG.name)}\n"
        f"WHERE {q('EquipID')} IN (?, ?) ORDER BY {q('EquipID')}, {q('ParamPath')}",
        [EVERYBODY, equip_id],
    )
    return dict(rows.iter_rows())


def save(engine: Engine, equip_id: int, values: dict[str, str], *, by: str | None = None) -> Counts:
    """Store settings, dotted name and value as TOML writes it; the caller has checked them with ``config.load``."""
    rows = [
        {"EquipID": equip_id, "ParamPath": path, "ParamValue": value, "UpdatedAt": now(), "UpdatedBy": by}
        for path, value in values.items()
    ]
    with engine.transaction():
        return write(engine, CONFIG, pl.DataFrame(rows, schema=CONFIG.polars))
