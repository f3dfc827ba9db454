"""A fresh store per test, and the smallest frames that fit its tables."""

from __future__ import annotations

import pytest
import stores

from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load import equipment, migrate


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """An initialised store file, to be copied: creating thirty tables takes a third of a second."""
    path = tmp_path_factory.mktemp("store") / "empty.duckdb"
    engine = DuckDB(f"duckdb:///{path}")
    migrate.init_schema(engine)
    equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
    engine.close()
    return path.read_bytes()


@pytest.fixture
def url(tmp_path, empty_store):
    (tmp_path / "acm.duckdb").write_bytes(empty_store)
    return f"duckdb:///{tmp_path / 'acm.duckdb'}"


@pytest.fixture(params=["duckdb", "wire", stores.SERVER])
def engine(request):
    """A session with a store that knows machine 1, FAN."""
    engine = _OPENED[request.param](request)
    yield engine
    engine.close()


@pytest.fixture
def duck(url):
    """A session with an embedded store that knows machine 1, FAN."""
    engine = DuckDB(url)
    yield engine
    engine.close()


def _wire(request):
    stores.needs_driver()
    from mssql.standin import StandIn, says_it_is_sql_server  # noqa: PLC0415

    from acm_etl.io.mssql.engine import MsSql  # noqa: PLC0415

    path = request.getfixturevalue("tmp_path") / "server.duckdb"
    path.write_bytes(request.getfixturevalue("empty_store"))
    says_it_is_sql_server(path)
    standin = StandIn(path)
    request.addfinalizer(standin.close)
    return MsSql(standin.server.url())


def _server(_request):
    engine = stores.server()
    equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
    return engine


_OPENED = {"duckdb": lambda request: DuckDB(request.getfixturevalue("url")), "wire": _wire, "mssql": _server}
