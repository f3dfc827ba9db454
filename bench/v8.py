"""How the predecessor writes: INSERT ... VALUES by executemany, 5,000 rows at a time. Only for comparison."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import polars as pl

from acm_etl import config
from acm_etl.io.open import connect
from acm_etl.load import migrate

CHUNK = 5_000


def executemany(path: Path, frame: pl.DataFrame) -> float:
    """Seconds to insert a frame of ACM_Scores_Wide rows into an empty store."""
    engine = connect(config.Store(url=f"duckdb:///{path}"))
    migrate.init(engine)
    engine.close()
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    sql = f"INSERT INTO ACM_Scores_Wide ({columns}) VALUES ({', '.join('?' * frame.width)})"
    with duckdb.connect(str(path)) as connection:
        begun = time.perf_counter()
        connection.execute("BEGIN")
        for chunk in frame.iter_slices(CHUNK):
            connection.executemany(sql, chunk.rows())
        connection.execute("COMMIT")
        return time.perf_counter() - begun
