"""The stores that a test body can be run on: DuckDB, a stand-in for SQL Server on the wire, and a real server.

duckdb   always
wire     real drivers against ``mssql.standin`` in this process, where the drivers load
mssql    the server ``ACM_TEST_MSSQL`` names; the tests fill and empty that database
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import pytest

from acm_etl import tables
from acm_etl.errors import StoreError
from acm_etl.io.connect import LIBRARIES_HINT
from acm_etl.load.schema import migrate
from acm_etl.tables import views

URL = os.environ.get("ACM_TEST_MSSQL")
# All tests of the real server share one database: never two processes at the same time.
IS_ALONE = "PYTEST_XDIST_WORKER" not in os.environ
SERVER = pytest.param(
    "mssql",
    marks=pytest.mark.skipif(
        not (URL and IS_ALONE),
        reason="set ACM_TEST_MSSQL to the URL of a SQL Server database to fill and empty, and run make test-mssql",
    ),
)

# A table that says that tests may empty this database.
MARK = "acm_tests_empty_this_database"

# For tests of one package (fixture ``engine``) that `make test` runs over the wire, too: one for each promise.
WIRE_TOO = pytest.mark.parametrize("engine", ["duckdb", "wire", SERVER], indirect=True)

# For tests that make whole stores with the ``plant`` fixture: on every kind, and on every kind but the slow stand-in.
EVERYWHERE = pytest.mark.parametrize("plant", ["duckdb", "wire", SERVER], indirect=True)
# As REAL, and with the readings in a declared source.
SOURCES = pytest.mark.parametrize("plant", ["duckdb", "long", "sampled", SERVER], indirect=True)
SOURCES_EVERYWHERE = pytest.mark.parametrize("plant", ["duckdb", "wire", "long", "sampled", SERVER], indirect=True)
REAL = pytest.mark.parametrize("plant", ["duckdb", SERVER], indirect=True)


@cache
def missing() -> str | None:
    """Why Microsoft's driver does not load here; None where it does."""
    try:
        from acm_etl.io.mssql import driver  # noqa: PLC0415 - it may not load

        ctypes.CDLL(driver.find_odbc_driver())
    except (ImportError, OSError) as error:
        return f"the driver for SQL Server does not load ({error}); {LIBRARIES_HINT}"
    return None


def needs_driver() -> None:
    if reason := missing():
        pytest.skip(reason)


@contextmanager
def serve(path: Path) -> Iterator[dict[str, str]]:
    """Serve a file as SQL Server would, initialised if there is none yet; yield the settings of that store."""
    needs_driver()
    from mssql.standin import StandIn, prepared  # noqa: PLC0415

    with closing(StandIn(path if path.exists() else prepared(path))) as standin:
        yield {"store.url": standin.server.url()}


def empty_real_server() -> dict[str, str]:
    """Empty the database that ``ACM_TEST_MSSQL`` names; return the settings of that store."""
    server().close()
    return {"store.url": URL}


def server():
    """A session with the real server, its tables made anew by the first caller and empty."""
    needs_driver()
    server, kept = _server()
    engine = server.open_session()
    empty(engine, kept)
    return engine


def sql_server():
    """A session as ``server`` gives it; skip the test on servers without clustered indexes or statistics of tables."""
    engine = server()
    if reason := _missing_feature(engine):
        engine.close()
        pytest.skip(reason)
    return engine


def _missing_feature(engine) -> str | None:
    indexes = "SELECT COUNT(*) AS n FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[RunLog]') AND index_id = 1"
    if not engine.query(indexes).item():
        return "this server has no clustered indexes, which partitions and compression need"
    try:
        engine.query("SELECT TOP (1) row_count FROM sys.dm_db_partition_stats")
    except StoreError as error:
        return f"this server lacks views of the catalogue: {error}"
    return None


@cache
def _server():
    from acm_etl.io.mssql.engine import MsSql  # noqa: PLC0415

    engine = MsSql(URL)
    _drop(engine)
    migrate.init_schema(engine)
    return engine, {*engine.get_table_names(), *engine.get_relation_names()}


def empty(engine, kept) -> None:
    """Delete all rows but those that init writes, and drop the tables that tests have made."""
    known = [t.name for t in reversed(tables.ALL) if t.name != "ACM_SchemaVersion" and not t.seed_rows]
    engine.execute(";\n".join(f"DELETE FROM [{name}]" for name in known))
    # Names of all relations are read faster than those of tables, and most tests have made none.
    if {name.casefold() for name in engine.get_relation_names()} <= {name.casefold() for name in kept}:
        return
    for name in sorted(set(engine.get_table_names()) - kept):
        engine.execute(f"DROP TABLE {engine.dialect.quote(name)}")


def _drop(engine) -> None:
    """Leave an empty database that bears our mark.

    Without the mark only a database without tables is taken: it may be somebody's store.

    Raises:
        RuntimeError: It has tables, and no tests have run there before.
    """
    found = engine.get_table_names()
    if found and MARK.casefold() not in (name.casefold() for name in found):
        message = f"the database of ACM_TEST_MSSQL has tables of somebody else: {found[:5]}; give an empty one"
        raise RuntimeError(message)
    for view in reversed(views.ALL):
        engine.execute(f"DROP VIEW IF EXISTS [{view.name}]")
    ours = [table.name for table in reversed(tables.ALL)]
    folded = {name.casefold() for name in ours}
    strangers = [name for name in found if name.casefold() not in folded]
    for name in (*ours, *strangers):
        engine.execute(f"DROP TABLE IF EXISTS {engine.dialect.quote(name)}")
    engine.execute(f"CREATE TABLE [{MARK}] (Note INT)")
