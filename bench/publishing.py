"""Publish scored readings into DuckDB: contract, keys and one transaction, against what else a user would call.

The floor is DuckDB's own ``INSERT ... SELECT`` from Arrow into tables without keys. All times include the commit and
closing the file, because DuckDB writes part of the rows then.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
from measure import Candidate, Measurement, interleave

from acm_etl import config, score, simulate, tables
from acm_etl.io.connect import open_store
from acm_etl.load import clock, publish
from acm_etl.load.machines import equipment
from acm_etl.load.schema import migrate

READINGS = 130_000
# Rows for executemany, which takes milliseconds per row; the ratio is per row.
_FEW_ROWS = 300
_V8_CHUNK_ROWS = 5_000
_RUN_ID = "11111111-1111-5111-8111-111111111111"
_END = simulate.DEFAULT_START + timedelta(minutes=READINGS)
_NUMBERS = count()
OURS, FLOOR, KEYS = "acm_etl", "INSERT from Arrow, no keys", "INSERT from Arrow, primary keys"
DLT, IBIS, ADBC = "dlt, merge", "ibis, insert", "ADBC, ingest"

Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class _Alternative:
    """Another way to insert frames.

    Attributes:
        name: Name in the table.
        module: Module that it needs.
        insert: Inserts Arrow tables by name into a DuckDB file that has the tables.
        has_keys: Whether the tables have primary keys.
    """

    name: str
    module: str
    insert: Callable[[Path, dict[str, pa.Table]], None]
    has_keys: bool = True


def measure_publish(folder: Path, rounds: int) -> tuple[list[Measurement], dict[str, str]]:
    """Measure what 130,000 scored readings put into the per-reading tables, all in one transaction."""
    frames = _score_readings()
    rows = sum(frame.height for frame in frames.values())
    candidates = [Candidate.from_setup(OURS, rows, partial(_set_up_publish, folder, frames))]
    skipped = {}
    for one in _ALTERNATIVES:
        if find_spec(one.module):
            candidates.append(Candidate.from_setup(one.name, rows, partial(_set_up_insert, folder, one, frames)))
        else:
            skipped[one.name] = "pip install --group bench"
    few = {name: frame.head(_FEW_ROWS) for name, frame in frames.items()}
    by_row = _Alternative("executemany by 5,000 (V8)", "duckdb", _insert_by_row)
    few_rows = sum(frame.height for frame in few.values())
    candidates.append(Candidate.from_setup(by_row.name, few_rows, partial(_set_up_insert, folder, by_row, few)))
    return interleave(candidates, rounds, warm_up=True), skipped


def _score_readings() -> Frames:
    """Return the rows of the per-reading tables, with the columns that the runner adds."""
    chunk = next(simulate.simulate_chunks(READINGS, chunk_rows=READINGS))
    frame = chunk.rename({simulate.HISTORIAN_TIME_COLUMN: "Timestamp"})
    scored = score.score(frame, score.fit(frame.head(20_000)))
    owner = {"RunID": pl.lit(_RUN_ID), "EquipID": pl.lit(1, pl.Int32)}
    made = score.timeline_tables(scored, model_version=1)
    return {name: rows.with_columns(**owner).select(*tables.BY_NAME[name].polars_schema) for name, rows in made.items()}


def _set_up_publish(folder: Path, frames: Frames) -> Callable[[], None]:
    engine = open_store(config.StoreSettings(url=f"duckdb:///{_new_path(folder)}"))
    migrate.init_schema(engine)
    equipment.register_machine(engine, "BENCH", time_zone="UTC")
    publication = _make_publication(frames)

    def run() -> None:
        publish.publish_batch(engine, publication)
        engine.close()

    return run


def _make_publication(frames: Frames) -> publish.Publication:
    now = clock.utc_now()
    run = {
        "RunID": _RUN_ID, "EquipID": 1, "Stage": "score", "WindowStart": simulate.DEFAULT_START, "WindowEnd": _END,
        "Outcome": "OK", "Provisional": False, "ConfigSignature": "bench", "Attempt": 1,
        "AttemptStartedAt": now, "StartedAt": now, "Version": "bench",
    }  # fmt: skip
    return publish.Publication(
        equip_id=1,
        start=simulate.DEFAULT_START,
        end=_END,
        run_log=pl.DataFrame([run], schema=tables.BY_NAME["RunLog"].polars_schema),
        run_summaries=tables.BY_NAME["ACM_Runs"].empty_frame(),
        frames=frames,
    )


def _new_path(folder: Path) -> Path:
    return folder / f"publish{next(_NUMBERS)}.duckdb"


def _set_up_insert(folder: Path, alternative: _Alternative, frames: Frames) -> Callable[[], None]:
    """Create empty tables as acm_etl has them, with or without keys; return the insert."""
    path = _new_path(folder)
    arrow = {name: frame.to_arrow(compat_level=pl.CompatLevel.oldest()) for name, frame in frames.items()}
    with duckdb.connect(str(path)) as connection:
        for name, frame in frames.items():
            connection.register("source", arrow[name])
            connection.execute(f'CREATE TABLE "{name}" AS FROM source LIMIT 0')
            if alternative.has_keys:
                keys = ", ".join(f'"{column}"' for column in tables.BY_NAME[name].key)
                connection.execute(f'ALTER TABLE "{name}" ADD PRIMARY KEY ({keys})')
            assert frame.height  # noqa: S101 - an empty table would be free
    return partial(alternative.insert, path, arrow)


def _insert_arrow(path: Path, arrow: dict[str, pa.Table]) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("BEGIN")
        for name, table in arrow.items():
            connection.register("source", table)
            connection.execute(f'INSERT INTO "{name}" SELECT * FROM source')
        connection.execute("COMMIT")


def _insert_adbc(path: Path, arrow: dict[str, pa.Table]) -> None:
    from adbc_driver_duckdb import dbapi  # noqa: PLC0415 - needs adbc-driver-manager

    with dbapi.connect(str(path)) as connection, connection.cursor() as cursor:
        for name, table in arrow.items():
            cursor.adbc_ingest(name, table, mode="append")
        connection.commit()


def _insert_ibis(path: Path, arrow: dict[str, pa.Table]) -> None:
    import ibis  # noqa: PLC0415 - installed with the group bench only

    connection = ibis.duckdb.connect(path)
    for name, table in arrow.items():
        connection.insert(name, table)
    connection.disconnect()


def _merge_dlt(path: Path, arrow: dict[str, pa.Table]) -> None:
    """Merge by the same keys into a schema of dlt's own, from Parquet as its manual advises for Arrow tables."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
    import dlt  # noqa: PLC0415 - installed with the group bench only

    resources = [
        dlt.resource(table, name=name, primary_key=list(tables.BY_NAME[name].key), write_disposition="merge")
        for name, table in arrow.items()
    ]
    pipeline = dlt.pipeline(
        path.stem, destination=dlt.destinations.duckdb(str(path)), dataset_name="acm", pipelines_dir=str(path.parent)
    )
    pipeline.run(resources, loader_file_format="parquet")


def _insert_by_row(path: Path, arrow: dict[str, pa.Table]) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("BEGIN")
        for name, table in arrow.items():
            sql = f'INSERT INTO "{name}" VALUES ({", ".join("?" * table.num_columns)})'
            for chunk in pl.DataFrame(table).iter_slices(_V8_CHUNK_ROWS):
                connection.executemany(sql, chunk.rows())
        connection.execute("COMMIT")


_ALTERNATIVES = (
    _Alternative(FLOOR, "duckdb", _insert_arrow, has_keys=False),
    _Alternative(KEYS, "duckdb", _insert_arrow),
    _Alternative(ADBC, "adbc_driver_manager", _insert_adbc),
    _Alternative(IBIS, "ibis", _insert_ibis),
    _Alternative(DLT, "dlt", _merge_dlt),
)
