"""What was dropped, replaced or refused, recorded apart from the data so that it survives a rollback."""

from __future__ import annotations

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load.stage import Counts, write
from acm_etl.tables.runs import QUALITY_EVENTS


def record(engine: Engine, frame: pl.DataFrame) -> Counts:
    """Upsert ACM_DataQualityEvents in a transaction of its own; a retry does not double.

    Raises:
        ContractError: The frame does not fit; nothing was staged.
    """
    if frame.is_empty():
        return Counts()
    with engine.transaction():
        return write(engine, QUALITY_EVENTS, frame)
