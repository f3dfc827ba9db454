"""Readings out of a store: as Arrow, and row by row."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
from measure import Row, Way, contest

from acm_etl import config, simulate
from acm_etl.admin import ingest
from acm_etl.io import historian
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load import equipment

ROWS, FEW = 500_000, 50_000


def pulling(folder: Path, repeats: int) -> list[Row]:
    """Half a million readings of nine tags out of the store: streamed as Arrow, and fetched row by row."""
    path = folder / "pull.duckdb"
    settings = config.load_config({"store.url": f"duckdb:///{path}"})
    for frame in simulate.simulate_chunks(ROWS):
        ingest.load_frame(frame, equip="BENCH", time_zone="UTC", config=settings)
    engine = DuckDB(settings.store.url, memory_limit=settings.store.memory_limit)
    try:
        machine = equipment.find_machine(engine, "BENCH")
        tags = tuple(tag.name for tag in equipment.read_tags(engine, machine.equip_id))
        source = historian.HistorianSource(machine.table, machine.time_column, tags)
        end = simulate.DEFAULT_START + timedelta(minutes=ROWS)
        return contest(
            [
                Way("Arrow", lambda: _arrow(engine, source, end), ROWS),
                Way("rows", lambda: _rows(engine, machine.table, FEW), FEW),
            ],
            repeats,
            against="rows",
        )
    finally:
        engine.close()


def _arrow(engine: object, source: historian.HistorianSource, end: object) -> None:
    found = historian.pull_readings(engine, source, simulate.DEFAULT_START, end)  # type: ignore[arg-type]
    assert found.height == ROWS  # noqa: S101 - it did the work


def _rows(engine: DuckDB, table: str, count: int) -> None:
    # a further session of the driver itself: DuckDB refuses one with other settings while the file is open here
    with engine._connection.cursor() as session:  # noqa: SLF001
        rows = session.execute(f'SELECT * FROM "{table}" LIMIT {count}').fetchall()
    found = pl.DataFrame(rows, orient="row", infer_schema_length=None)
    assert found.height == count  # noqa: S101 - it did the work
