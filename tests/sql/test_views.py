"""Views that both engines share, asked on DuckDB after real publishing."""

from __future__ import annotations

from datetime import datetime

import pytest
from load import made

from acm_etl.engine import DUCKDB, MSSQL
from acm_etl.io.duckdb import DuckDB
from acm_etl.load import coldstart, ddl, equipment, migrate, publish, runs


@pytest.fixture
def engine():
    engine = DuckDB("duckdb:///:memory:")
    migrate.init(engine)
    equipment.register(engine, "FAN", time_zone="Europe/Berlin")
    equipment.register(engine, "IDLE", time_zone="UTC")
    yield engine
    engine.close()


def _rows(engine, view):
    return engine.query(f'SELECT * FROM "{view}"').rows(named=True)


def test_the_latest_run_and_the_state_of_every_machine(engine):
    coldstart.begin(engine, 1, required=1000)
    for day in (0, 1):
        runs.announce(engine, made.log(day))
        publish.publish(engine, made.publication(day, expected=made.at(day) if day else None))
    runs.announce(engine, made.log(2))
    (run,) = _rows(engine, "ACM_LatestRun")
    assert (run["EquipCode"], run["RunID"], run["Outcome"]) == ("FAN", made.run_of(2), "RUNNING")
    (last,) = _rows(engine, "ACM_HealthTimeline_Latest")
    assert (last["EquipID"], last["Timestamp"]) == (1, made.day(1) + 23 * made.HOUR)
    fan, idle = sorted(_rows(engine, "ACM_BatchStatus"), key=lambda row: row["EquipID"])
    assert (fan["ColdstartStatus"], fan["LastBatchEndTime"], fan["LastOutcome"]) == (
        "IN_PROGRESS",
        made.day(2),
        "RUNNING",
    )
    assert (idle["EquipCode"], idle["ColdstartStatus"], idle["LastOutcome"]) == ("IDLE", "PENDING", None)


def test_local_times_know_summer(engine):
    for month in (1, 7):
        engine.execute(
            'INSERT INTO "ACM_HealthTimeline" ("RunID", "EquipID", "Timestamp") VALUES (uuid(), 1, ?)',
            [datetime(2024, month, 1, 12)],
        )
    assert [row["LocalTimestamp"].hour for row in _rows(engine, "ACM_LocalTime")] == [13, 14]


def test_sql_server_looks_zones_up_by_their_windows_name():
    text = ddl.scripts(MSSQL)["006_views.sql"]
    assert (
        "(SELECT CAST(h.[Timestamp] AT TIME ZONE 'UTC' AT TIME ZONE z.[WindowsName] AS DATETIME2(3))\n"
        "    FROM [ACM_TimeZones] AS z WHERE z.[IanaName] = e.[TimeZone]) AS [LocalTimestamp]"
    ) in text
    assert "ACM_TimeZones" not in "".join(ddl.scripts(DUCKDB).values())
