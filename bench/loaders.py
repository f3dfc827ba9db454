"""Bulk loads into SQL Server: every loader in turns, into a server that discards the rows or into a real one.

Against the discarding server (``sink.py``) only the CPU seconds of the client mean something. With ``ACM_TEST_MSSQL``
the rows go to that server, together with the loads of V8 and of a table-valued parameter.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from measure import Candidate, Measurement, interleave

from acm_etl.dialects import MSSQL
from acm_etl.errors import StoreError
from acm_etl.io.mssql import driver, statements
from acm_etl.io.mssql.engine import MsSql, MssqlOptions
from acm_etl.io.mssql.url import parse_mssql_url
from acm_etl.schema import Table, col

_V8_CHUNK_ROWS = 5_000
# Rows for loaders that take milliseconds per row.
_FEW_ROWS = 20_000
_VALUES = tuple(col(f"v{i}", "f64", "A value") for i in range(10))
_TABLE = Table(
    "ACM_Bench",
    "time",
    "Rows of the benchmark of loaders",
    (col("RunID", "uuid", "Run"), col("EquipID", "i32", "Machine"), col("Timestamp", "ts3", "UTC"), *_VALUES),
    key=("EquipID", "Timestamp"),
    time_column="Timestamp",
)
Load = Callable[[pl.DataFrame], None]


@dataclass(frozen=True)
class _Loader:
    """One way to load a frame.

    Attributes:
        name: Name in the table.
        rows: Rows that it gets.
        load: Loads a frame.
        module: Module that it needs.
    """

    name: str
    rows: int
    load: Load
    module: str = "polars"


def measure_loaders(rounds: int, rows: int) -> tuple[list[Measurement], dict[str, str]]:
    """Measure loads of 13 columns: client CPU per row; rows per second on a real server."""
    with _choose_server() as url:
        engine = MsSql(url, MssqlOptions(staging="table"))
        target = f"[stage].[acm_bench_{uuid.uuid4().hex[:8]}]"
        try:
            engine.execute("IF SCHEMA_ID(N'stage') IS NULL EXEC(N'CREATE SCHEMA [stage]')")
            # the discarding server reads the number of rows out of the comment
            create = statements.build_create_table(_TABLE, target, engine.dialect, with_key_index=False)
            engine.execute(f"-- expect {rows}\n{create}")
            loaders = _list_loaders(engine, target, url, rows)
            candidates, skipped = _choose_candidates(engine, target, loaders)
            return interleave(candidates, rounds), skipped
        finally:
            engine.execute(f"DROP TABLE IF EXISTS {target}")
            engine.close()


def _choose_candidates(
    engine: MsSql, target: str, loaders: Iterable[_Loader]
) -> tuple[list[Candidate], dict[str, str]]:
    """Try each loader once; return those that work here, and why the others do not."""
    candidates, skipped = [], {}
    for loader in loaders:
        if not find_spec(loader.module):
            skipped[loader.name] = "pip install acm_etl[bcp]"
            continue
        set_up = partial(_set_up_load, engine, target, loader)
        try:
            set_up()()  # servers that are not Microsoft's may not know it
        except StoreError as error:
            skipped[loader.name] = str(error)[:100]
        else:
            candidates.append(Candidate.from_setup(loader.name, loader.rows, set_up))
    return candidates, skipped


def _set_up_load(engine: MsSql, target: str, loader: _Loader) -> Callable[[], None]:
    frame = _make_frame(loader.rows)
    engine.execute(f"-- expect {frame.height}\nTRUNCATE TABLE {target}")
    return partial(loader.load, frame)


def _make_frame(rows: int) -> pl.DataFrame:
    """Return a frame of a run, a machine, a time and ten floats."""
    rng = np.random.default_rng(7)
    start = datetime(2020, 1, 1)  # noqa: DTZ001 - all times are naive UTC
    times = pl.datetime_range(start, start + timedelta(seconds=rows - 1), "1s", time_unit="ms", eager=True)
    floats = {column.name: rng.normal(size=rows) for column in _VALUES}
    run = str(uuid.UUID(int=7))
    frame = pl.DataFrame({"RunID": [run] * rows, "EquipID": [1] * rows, "Timestamp": times, **floats})
    return frame.cast(_TABLE.polars_schema)


@contextmanager
def _choose_server() -> Iterator[str]:
    """Yield the URL of ``ACM_TEST_MSSQL``, or of a discarding server in a process of its own."""
    if url := os.environ.get("ACM_TEST_MSSQL"):
        yield url
        return
    command = [sys.executable, str(Path(__file__).with_name("sink.py"))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait()


def _list_loaders(engine: MsSql, target: str, url: str, rows: int) -> Iterator[_Loader]:
    is_real = "ACM_TEST_MSSQL" in os.environ
    odbc_rows = rows if is_real else _FEW_ROWS
    yield _Loader("Arrow bulk copy", rows, partial(_load_by_ours, engine, target, "arrow"))
    yield _Loader("pyodbc, types declared", odbc_rows, partial(_load_by_ours, engine, target, "odbc"))
    yield _Loader("pyodbc, as its manual shows", odbc_rows, partial(_load_by_pyodbc, url, target))
    yield _Loader("bcpandas, CSV step", rows, _write_csv, "bcpandas")
    if is_real:
        yield _Loader("executemany by 5,000 (V8)", _FEW_ROWS, partial(_insert_by_row, url, target))
        yield _Loader("table-valued parameter", _FEW_ROWS, partial(_load_by_parameter, url, target))


def _load_by_ours(engine: MsSql, target: str, name: str, frame: pl.DataFrame) -> None:
    loader = next(one for one in engine._loaders._available if one.name == name)  # noqa: SLF001 - each in turn
    arrived = loader.copy_rows(engine._ensure_session(), target, _TABLE, frame)  # noqa: SLF001
    if arrived != frame.height:
        message = f"{arrived} of {frame.height} rows arrived by {name}"
        raise SystemExit(message)


def _write_csv(frame: pl.DataFrame) -> None:
    """Do what bcpandas does before bcp starts: choose a delimiter and write the CSV."""
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


def _load_by_pyodbc(url: str, target: str, frame: pl.DataFrame) -> None:
    """Load without the types and lengths that acm_etl declares to the driver."""
    connection = _connect(url)
    cursor = connection.cursor()
    cursor.fast_executemany = True
    cursor.executemany(_build_insert(target, frame), frame.rows())
    connection.commit()
    connection.close()


def _insert_by_row(url: str, target: str, frame: pl.DataFrame) -> None:
    connection = _connect(url)
    cursor = connection.cursor()
    for chunk in frame.iter_slices(_V8_CHUNK_ROWS):
        cursor.executemany(_build_insert(target, frame), chunk.rows())
    connection.commit()
    connection.close()


def _build_insert(target: str, frame: pl.DataFrame) -> str:
    return f"INSERT INTO {target} VALUES ({', '.join('?' * frame.width)})"


def _load_by_parameter(url: str, target: str, frame: pl.DataFrame) -> None:
    import pyodbc  # noqa: PLC0415 - only against a real server

    connection = _connect(url)
    columns = statements.build_create_table(_TABLE, "x", MSSQL, with_key_index=False).split("(", 1)[1]
    connection.execute("DROP PROCEDURE IF EXISTS dbo.acm_bench_load")
    connection.execute("DROP TYPE IF EXISTS dbo.acm_bench_rows")
    connection.execute(f"CREATE TYPE dbo.acm_bench_rows AS TABLE ({columns}")
    connection.execute(
        f"CREATE PROCEDURE dbo.acm_bench_load @rows dbo.acm_bench_rows READONLY AS\n"
        f"INSERT INTO {target} SELECT * FROM @rows"
    )
    try:
        connection.execute("EXEC dbo.acm_bench_load ?", (frame.rows(),))
    except pyodbc.Error as error:
        raise StoreError(str(error)) from error
    connection.commit()
    connection.close()


def _connect(url: str) -> Any:  # noqa: ANN401 - pyodbc has no types
    import pyodbc  # noqa: PLC0415 - only against a real server

    return pyodbc.connect(parse_mssql_url(url).connection_string(driver.find_odbc_driver()), autocommit=False)
