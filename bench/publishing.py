"""Rows into DuckDB, table by table: contract, staging and one transaction, against what else a user would call."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import polars as pl
import v8
from measure import Row, Way, contest

from acm_etl import config, score, simulate, tables
from acm_etl.engine import Engine
from acm_etl.io.connect import open_store
from acm_etl.load import clock, equipment, migrate, publish
from acm_etl.schema import Table

READINGS, SLOW = 100_000, 1_000
_RUN = "11111111-1111-5111-8111-111111111111"
_END = simulate.DEFAULT_START + timedelta(minutes=READINGS)
_NUMBER = count()


def publishing(folder: Path, repeats: int) -> list[Row]:
    """What 100,000 scored readings put into each time-grained table, against executemany as V8, to_sql and dlt."""
    frames = _scored()
    found: list[Row] = []
    for table in (table for table in tables.ALL if table.name in frames):
        frame = frames[table.name]
        ways = [_ours(folder, {table.name: frame}, table.name), *_others(folder, table, frame)]
        found += contest(ways, repeats, against=ways[1].name)
    wide = tables.scores.SCORES_WIDE
    together = _ours(folder, frames, "all six together")
    against = _others(folder, wide, frames[wide.name])
    if find_spec("dlt"):
        against.append(Way("dlt, merge", lambda: _dlt(folder, wide, frames[wide.name]), frames[wide.name].height))
    return found + contest([together, *against], repeats, against=against[0].name)


def _ours(folder: Path, frames: dict[str, pl.DataFrame], name: str) -> Way:
    rows = sum(frame.height for frame in frames.values())
    return Way(name, lambda: _publish(folder, frames), rows)


def _others(folder: Path, table: Table, frame: pl.DataFrame) -> list[Way]:
    few = frame.head(SLOW)
    found = [
        Way(f"{table.name} by executemany", lambda: v8.executemany(_made(folder), table, few), few.height),
    ]
    if find_spec("adbc_driver_manager"):
        whole = Way(f"{table.name} by to_sql", lambda: v8.to_sql(_made(folder), table, frame), frame.height)
        found.append(whole)
    return found


def _scored() -> dict[str, pl.DataFrame]:
    """The rows of the time-grained tables, as the runner stamps them."""
    frame = next(simulate.simulate_chunks(READINGS, chunk_rows=READINGS)).rename(
        {simulate.HISTORIAN_TIME_COLUMN: "Timestamp"}
    )
    model = score.fit(frame.head(20_000))
    scored = score.score(frame, model)
    owner = {"RunID": pl.lit(_RUN), "EquipID": pl.lit(1, pl.Int32)}
    made = score.timeline_tables(scored, model_version=1)
    return {name: rows.with_columns(**owner).select(*tables.BY_NAME[name].polars_schema) for name, rows in made.items()}


@contextmanager
def _store(path: Path) -> Iterator[Engine]:
    engine = open_store(config.StoreSettings(url=f"duckdb:///{path}"))
    try:
        yield engine
    finally:
        engine.close()


def _made(folder: Path) -> Path:
    """A new store with one machine."""
    path = folder / f"publish{next(_NUMBER)}.duckdb"
    with _store(path) as engine:
        migrate.init_schema(engine)
        equipment.register_machine(engine, "BENCH", time_zone="UTC")
    return path


def _publish(folder: Path, frames: dict[str, pl.DataFrame]) -> float:
    now = clock.utc_now()
    run = {
        "RunID": _RUN, "EquipID": 1, "Stage": "score", "WindowStart": simulate.DEFAULT_START, "WindowEnd": _END,
        "Outcome": "OK", "Provisional": False, "ConfigSignature": "bench", "Attempt": 1,
        "AttemptStartedAt": now, "StartedAt": now, "Version": "bench",
    }  # fmt: skip
    publication = publish.Publication(
        equip_id=1,
        start=simulate.DEFAULT_START,
        end=_END,
        run_log=pl.DataFrame([run], schema=tables.BY_NAME["RunLog"].polars_schema),
        run_summaries=tables.BY_NAME["ACM_Runs"].empty_frame(),
        frames=frames,
    )
    with _store(_made(folder)) as engine:
        begun = time.perf_counter()
        publish.publish_batch(engine, publication)
        return time.perf_counter() - begun


def _dlt(folder: Path, table: Table, frame: pl.DataFrame) -> float:
    """Its own schema, its own columns beside ours, and a merge by the same key."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt  # noqa: PLC0415 - only where it is installed

    number = next(_NUMBER)
    place = dlt.destinations.duckdb(str(folder / f"dlt{number}.duckdb"))
    pipeline = dlt.pipeline(f"bench{number}", destination=place, dataset_name="acm", pipelines_dir=str(folder))
    rows = frame.to_arrow()
    begun = time.perf_counter()
    pipeline.run(rows, table_name=table.name, write_disposition="merge", primary_key=list(table.key))
    return time.perf_counter() - begun
