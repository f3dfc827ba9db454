"""Read a historian table out of DuckDB: acm_etl against DuckDB's own Polars and Arrow results, ADBC and rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import duckdb
import polars as pl
from measure import Candidate, Measurement, interleave

from acm_etl import config, simulate
from acm_etl.admin import ingest
from acm_etl.io import historian
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load.machines import equipment

READINGS = 1_000_000
# fetchall makes an object of every value: few rows are enough to know its cost per row
_FEW_READINGS = 50_000
OURS, POLARS, ARROW, ADBC, ROWS = "acm_etl", "DuckDB, .pl()", "DuckDB, Arrow", "ADBC, Arrow", "fetchall"


def measure_pull(folder: Path, rounds: int) -> tuple[list[Measurement], dict[str, str]]:
    """Measure a million readings of nine tags as a sorted frame."""
    store = folder / "pull.duckdb"
    settings = config.load_config({"store.url": f"duckdb:///{store}"})
    for frame in simulate.simulate_chunks(READINGS):
        machine = ingest.load_frame(frame, equip="BENCH", time_zone="UTC", config=settings)
    query = f'SELECT * FROM "{machine.table}" ORDER BY "{machine.time_column}"'
    # A file of its own for each: DuckDB refuses a second session with other settings.
    plain, adbc = (shutil.copyfile(store, folder / f"{name}.duckdb") for name in ("plain", "adbc"))
    engine = DuckDB(settings.store.url, memory_limit=settings.store.memory_limit)
    try:
        with duckdb.connect(str(plain), read_only=True) as connection:
            candidates = [
                Candidate.from_call(OURS, READINGS, _make_pull(engine)),
                Candidate.from_call(POLARS, READINGS, lambda: connection.sql(query).pl()),
                Candidate.from_call(ARROW, READINGS, lambda: connection.sql(query).to_arrow_table()),
                Candidate.from_call(ROWS, _FEW_READINGS, partial(_fetch_rows, connection, query)),
            ]
            skipped = {} if find_spec("adbc_driver_manager") else {ADBC: "pip install adbc-driver-manager"}
            if not skipped:
                candidates.append(Candidate.from_call(ADBC, READINGS, partial(_fetch_by_adbc, adbc, query)))
            return interleave(candidates, rounds, warm_up=True), skipped
    finally:
        engine.close()


def _make_pull(engine: DuckDB) -> Callable[[], pl.DataFrame]:
    machine = equipment.find_machine(engine, "BENCH")
    tags = tuple(tag.name for tag in equipment.read_tags(engine, machine.equip_id))
    source = historian.HistorianSource(machine.table, machine.time_column, tags)
    end = simulate.DEFAULT_START + timedelta(minutes=READINGS)
    return lambda: historian.pull_readings(engine, source, simulate.DEFAULT_START, end)


def _fetch_rows(connection: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    rows = connection.execute(f"{query} LIMIT {_FEW_READINGS}").fetchall()
    return pl.DataFrame(rows, orient="row", infer_schema_length=None)


def _fetch_by_adbc(path: Path, query: str) -> pl.DataFrame:
    from adbc_driver_duckdb import dbapi  # noqa: PLC0415 - needs adbc-driver-manager

    with dbapi.connect(str(path)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return pl.DataFrame(cursor.fetch_arrow_table())
