"""Rows into SQL Server: every loader side by side, against a server that throws them away or a real one.

Against the sink only the client's processor time says something. With ACM_TEST_MSSQL the same loads go to that server
and are timed by the clock, beside what V8 did and a table-valued parameter.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from acm_etl.dialects import MSSQL
from acm_etl.errors import StoreError
from acm_etl.io.mssql import driver, statements
from acm_etl.io.mssql.engine import MsSql, MssqlOptions
from acm_etl.io.mssql.url import parse_mssql_url
from acm_etl.schema import Table, col

V8_CHUNK = 5_000
SLOW = 20_000
"""Rows given to what takes milliseconds per row."""
VALUES = tuple(col(f"v{i}", "f64", "A value") for i in range(10))
TABLE = Table(
    "ACM_Bench",
    "time",
    "What is loaded",
    (col("RunID", "uuid", "Run"), col("EquipID", "i32", "Machine"), col("Timestamp", "ts3", "UTC"), *VALUES),
    key=("EquipID", "Timestamp"),
    time_column="Timestamp",
)


def made(rows: int) -> pl.DataFrame:
    """A frame of 13 columns: a run, a machine, a time and ten floats."""
    dice = np.random.default_rng(7)
    start = datetime(2020, 1, 1)  # noqa: DTZ001 - all times are naive UTC
    times = pl.datetime_range(start, start + timedelta(seconds=rows - 1), "1s", time_unit="ms", eager=True)
    floats = {column.name: dice.normal(size=rows) for column in VALUES}
    run = str(uuid.UUID(int=7))
    frame = pl.DataFrame({"RunID": [run] * rows, "EquipID": [1] * rows, "Timestamp": times, **floats})
    return frame.cast(TABLE.polars_schema)


def loaders(_folder: Path, repeats: int, rows: int = 500_000) -> list[dict[str, Any]]:
    """Bulk loads of 13 columns into SQL Server: client CPU per row, and rows/s on a real server."""
    url = os.environ.get("ACM_TEST_MSSQL")
    found = []
    with _sink() if url is None else _given(url) as place:
        for name, count, load in _loads(place, rows, real=url is not None):
            taken = _measure(load, made(count), place, repeats)
            found.append({"loader": name, "rows": count, **taken})
    fastest = found[0]["cpu us/row"]
    return [{**row, "CPU to arrow": _ratio(row["cpu us/row"], fastest)} for row in found]


def _ratio(value: object, base: object) -> object:
    return value / base if isinstance(value, float) and isinstance(base, float) else "-"


@contextmanager
def _sink() -> Iterator[str]:
    command = [sys.executable, str(Path(__file__).with_name("sink.py"))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stdin is not None  # noqa: S101 - they are pipes
    assert process.stdout is not None  # noqa: S101
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait()


@contextmanager
def _given(url: str) -> Iterator[str]:
    yield url


Load = Callable[[MsSql, str, pl.DataFrame], None]


def _loads(url: str, rows: int, *, real: bool) -> Iterator[tuple[str, int, Load]]:
    yield "arrow bulk copy", rows, _by("arrow")
    yield "pyodbc fast_executemany", rows if real else SLOW, _by("odbc")
    yield "the same as its manual has it", rows if real else SLOW, lambda _, place, frame: _plain(url, place, frame)
    yield "bcpandas, CSV step", rows, _csv
    if real:
        yield f"executemany by {V8_CHUNK} (V8)", SLOW, lambda _, place, frame: _executemany(url, place, frame)
        yield "table-valued parameter", SLOW, lambda _, place, frame: _parameter(url, place, frame)


def _by(name: str) -> Load:
    def load(engine: MsSql, place: str, frame: pl.DataFrame) -> None:
        loader = next(one for one in engine._loaders._available if one.name == name)  # noqa: SLF001 - each in turn
        arrived = loader.copy_rows(engine._ensure_session(), place, TABLE, frame)  # noqa: SLF001
        if arrived != frame.height:
            message = f"{arrived} of {frame.height} rows arrived by {name}"
            raise SystemExit(message)

    return load


def _csv(_engine: MsSql, _place: str, frame: pl.DataFrame) -> None:
    """What bcpandas does before bcp begins: find a delimiter, write the CSV."""
    if find_spec("bcpandas") is None:
        message = "pip install acm_etl[bcp]"
        raise StoreError(message)
    from bcpandas.constants import get_delimiter, get_quotechar  # noqa: PLC0415 - an extra

    data = frame.with_columns(pl.col("Timestamp").dt.strftime("%Y-%m-%d %H:%M:%S%.3f")).to_pandas()
    data.to_csv(
        os.devnull,
        sep=get_delimiter(data),
        header=False,
        index=False,
        quotechar=get_quotechar(data),
        lineterminator="\n",
    )


def _plain(url: str, place: str, frame: pl.DataFrame) -> None:
    """Without what our loader tells the driver beforehand: types and lengths."""
    connection = _pyodbc(url)
    cursor, marks = connection.cursor(), ", ".join("?" * frame.width)
    cursor.fast_executemany = True
    cursor.executemany(f"INSERT INTO {place} VALUES ({marks})", frame.rows())
    connection.commit()
    connection.close()


def _executemany(url: str, place: str, frame: pl.DataFrame) -> None:
    connection = _pyodbc(url)
    cursor, marks = connection.cursor(), ", ".join("?" * frame.width)
    for chunk in frame.iter_slices(V8_CHUNK):
        cursor.executemany(f"INSERT INTO {place} VALUES ({marks})", chunk.rows())
    connection.commit()
    connection.close()


def _parameter(url: str, place: str, frame: pl.DataFrame) -> None:
    import pyodbc  # noqa: PLC0415 - only against a real server

    connection = _pyodbc(url)
    columns = statements.build_create_table(TABLE, "x", MSSQL).split("(", 1)[1]
    connection.execute("DROP PROCEDURE IF EXISTS dbo.acm_bench_load")
    connection.execute("DROP TYPE IF EXISTS dbo.acm_bench_rows")
    connection.execute(f"CREATE TYPE dbo.acm_bench_rows AS TABLE ({columns}")
    connection.execute(
        f"CREATE PROCEDURE dbo.acm_bench_load @rows dbo.acm_bench_rows READONLY AS\n"
        f"INSERT INTO {place} SELECT * FROM @rows"
    )
    try:
        connection.execute("EXEC dbo.acm_bench_load ?", (frame.rows(),))
    except pyodbc.Error as error:  # servers that are not Microsoft's may not know it
        raise StoreError(str(error)) from error
    connection.commit()
    connection.close()


def _pyodbc(url: str) -> Any:  # noqa: ANN401 - no types
    import pyodbc  # noqa: PLC0415 - only against a real server

    return pyodbc.connect(parse_mssql_url(url).connection_string(driver.find_odbc_driver()), autocommit=False)


def _measure(load: Load, frame: pl.DataFrame, url: str, repeats: int) -> dict[str, object]:
    engine = MsSql(url, MssqlOptions(staging="table"))
    place = f"[stage].[acm_bench_{uuid.uuid4().hex[:8]}]"
    try:
        engine.execute(statements.CREATE_STAGING_SCHEMA)
        engine.execute(f"-- expect {frame.height}\n{statements.build_create_table(TABLE, place, engine.dialect)}")
        cpu, wall = [], []
        for _ in range(repeats):
            engine.execute(f"TRUNCATE TABLE {place}")
            begun = time.process_time(), time.perf_counter()
            load(engine, place, frame)
            cpu.append(time.process_time() - begun[0])
            wall.append(time.perf_counter() - begun[1])
    except StoreError as error:
        return {"cpu us/row": f"not here: {error}"[:60], "rows/s": "-"}
    finally:
        engine.execute(f"DROP TABLE IF EXISTS {place}")
        engine.close()
    rows = frame.height
    return {"cpu us/row": 1e6 * statistics.median(cpu) / rows, "rows/s": rows / statistics.median(wall)}
