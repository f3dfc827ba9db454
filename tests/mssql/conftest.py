"""A stand-in for SQL Server per test, real drivers against it, and sessions with it."""

from __future__ import annotations

import pytest
import stores

from acm_etl.tables import shared_staging


@pytest.fixture
def standin(tmp_path, monkeypatch):
    # As frames of more than 5,000 rows in production: copies of their own for the 720 rows of ``make_large_batch``.
    monkeypatch.setattr(shared_staging, "MAX_SHARED_ROWS", 500)
    stores.needs_driver()
    from mssql.standin import StandIn, prepared  # noqa: PLC0415

    served = StandIn(prepared(tmp_path / "server.duckdb"))
    yield served
    served.close()
    assert served.server.faults == []


@pytest.fixture
def connect(standin):
    """Open sessions with the stand-in."""
    from acm_etl.io.mssql.engine import MsSql, MssqlOptions  # noqa: PLC0415

    opened = []

    def make(**options):
        engine = MsSql(standin.server.url(), MssqlOptions(**options))
        opened.append(engine)
        return engine

    yield make
    for engine in opened:
        engine.close()


@pytest.fixture
def engine(connect):
    """A session with a store that knows machine 1, FAN."""
    from acm_etl.load.machines import equipment  # noqa: PLC0415

    engine = connect()
    equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
    return engine
