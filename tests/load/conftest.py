"""A fresh store per test, and the smallest frames that fit its tables."""

from __future__ import annotations

import pytest
import stores
from templates import copy_template

from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load.machines import equipment
from load.made import init_store


@pytest.fixture
def url(tmp_path):
    return f"duckdb:///{copy_template(('FAN',), tmp_path / 'acm.duckdb', init_store)}"


@pytest.fixture(params=["duckdb", pytest.param("wire", marks=pytest.mark.slow), stores.SERVER])
def engine(request):
    """A session with a store that knows machine 1, FAN; `make test` takes the wire where `stores.WIRE_TOO` says so."""
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

    def init_server(path):
        init_store(path)
        says_it_is_sql_server(path)

    path = request.getfixturevalue("tmp_path") / "server.duckdb"
    standin = StandIn(copy_template(("FAN", "server"), path, init_server))
    request.addfinalizer(standin.close)
    return MsSql(standin.server.url())


def _server(_request):
    engine = stores.server()
    equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
    return engine


_OPENED = {"duckdb": lambda request: DuckDB(request.getfixturevalue("url")), "wire": _wire, "mssql": _server}
