"""A fresh DuckDB store per test, and the smallest frames that fit its tables."""

from __future__ import annotations

import pytest

from acm_etl.io.duckdb import DuckDB
from acm_etl.load import equipment, migrate


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """An initialised store file, to be copied: creating thirty tables takes a third of a second."""
    path = tmp_path_factory.mktemp("store") / "empty.duckdb"
    engine = DuckDB(f"duckdb:///{path}")
    migrate.init(engine)
    equipment.register(engine, "FAN", time_zone="Europe/Berlin")
    engine.close()
    return path.read_bytes()


@pytest.fixture
def url(tmp_path, empty_store):
    (tmp_path / "acm.duckdb").write_bytes(empty_store)
    return f"duckdb:///{tmp_path / 'acm.duckdb'}"


@pytest.fixture
def engine(url):
    engine = DuckDB(url)
    yield engine
    engine.close()
