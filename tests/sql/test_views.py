"""Views that both engines share, asked on DuckDB after real publishing."""

from __future__ import annotations

import math
from datetime import datetime

import polars as pl
import pytest
from load import made
from templates import copy_template

from acm_etl import tables
from acm_etl.dialects import DUCKDB, MSSQL
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load import publish, runs
from acm_etl.load.machines import equipment
from acm_etl.load.models import coldstart
from acm_etl.load.schema import ddl
from acm_etl.score.health import health_zone
from acm_etl.tables import views


def _init_two_machines(path):
    made.init_store(path)
    engine = DuckDB(f"duckdb:///{path}")
    equipment.register_machine(engine, "IDLE", time_zone="UTC")
    engine.close()


@pytest.fixture
def engine(tmp_path):
    engine = DuckDB(f"duckdb:///{copy_template(('FAN', 'IDLE'), tmp_path / 'acm.duckdb', _init_two_machines)}")
    yield engine
    engine.close()


def _rows(engine, view):
    return engine.query(f'SELECT * FROM "{view}"').rows(named=True)


def test_the_latest_run_and_the_state_of_every_machine(engine):
    coldstart.begin_attempt(engine, 1, required_rows=1000)
    for day in (0, 1):
        runs.start_runs(engine, made.log(day))
        publish.publish_batch(engine, made.publication(day, expected=made.at(day) if day else None))
    runs.start_runs(engine, made.log(2))
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


def _insert_score(engine, time, **values):
    row = {"RunID": made.run_of(0), "EquipID": 1, "Timestamp": time, "Phase": "SCORE", "alarm": False,
           "ModelVersion": 1, **values}  # fmt: skip
    names = ", ".join(f'"{name}"' for name in row)
    engine.execute(f'INSERT INTO "ACM_Scores_Wide" ({names}) VALUES ({", ".join("?" * len(row))})', list(row.values()))


def test_local_times_know_summer(engine):
    for month in (1, 7):
        _insert_score(engine, datetime(2024, month, 1, 12))
    rows = engine.query('SELECT "LocalTimestamp" FROM "ACM_LocalTime" ORDER BY "Timestamp"')
    assert [time.hour for time in rows["LocalTimestamp"]] == [13, 14]


LIMITS = (85.0, math.nextafter(85, 0), 70.0, math.nextafter(70, 0), 0.0, None)


def test_zones_of_readings_are_those_of_scoring(engine):
    for hour, value in enumerate(LIMITS):
        _insert_score(engine, made.day(0) + hour * made.HOUR, HealthIndex=value, fused=1.0, OperatingState="on")
    rows = engine.query('SELECT * FROM "ACM_HealthTimeline" ORDER BY "Timestamp"')
    assert rows["HealthIndex"].to_list() == list(LIMITS)
    assert rows["HealthZone"].to_list() == ["GOOD", "WATCH", "WATCH", "ALERT", "ALERT", None]
    assert rows["HealthZone"].to_list() == rows.select(health_zone(pl.col("HealthIndex"))).to_series().to_list()
    assert rows["FusedZ"].to_list() == [1.0] * len(LIMITS)


def test_regime_states_of_readings(engine):
    drifts = (3.09, math.nextafter(3.09, 0), 2.0, math.nextafter(2, 0), -9.0, None)
    for hour, value in enumerate(drifts):
        _insert_score(engine, made.day(0) + hour * made.HOUR, drift_z=value, regime_label="1", OperatingState="on")
    rows = engine.query('SELECT * FROM "ACM_RegimeTimeline" ORDER BY "Timestamp"')
    assert rows["RegimeState"].to_list() == ["critical", "suspect", "suspect", "healthy", "healthy", None]
    assert set(rows["RegimeLabel"]) == {"1"}
    assert set(rows["OperatingState"]) == {"on"}


def test_sql_server_looks_zones_up_by_their_windows_name():
    text = ddl.render_init_scripts(MSSQL)["006_views.sql"]
    assert (
        "(SELECT CAST(h.[Timestamp] AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))\n"
        "    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = e.[TimeZone]) AS [LocalTimestamp]"
    ) in text
    assert "ACM_TimeZones" not in "".join(ddl.render_init_scripts(DUCKDB).values())


def _outlook(engine, **rows):
    """Rows of the forecast tables of machine 1 as of the first day; what is not given takes a harmless value."""
    for name, given in rows.items():
        table = tables.BY_NAME[f"ACM_{name}"]
        plain = {"f64": 0.0, "i32": 1, "i64": 1, "ts3": made.day(1), "uuid": made.run_of(0)}

        def default(column, plain=plain):
            if column.base_type == "str":
                return (column.allowed_values or ("text",))[0]
            return None if column.nullable else plain[column.base_type]

        for row in given:
            values = {column.name: row.get(column.name, default(column)) for column in table.columns}
            values |= {"EquipID": 1, "AsOf": made.day(0)}
            marks = ", ".join("?" * len(values))
            names = ", ".join(f'"{name}"' for name in values)
            engine.execute(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', list(values.values()))


def test_what_is_enhanced_has_times_and_bands_of_risk(engine):
    hours = [24.0, 48.0]
    publish.publish_batch(engine, made.publication(0))
    _outlook(
        engine,
        RUL_Summary=[{"Status": "DEGRADING", "RUL_Hours": 30.0, "FailureProb7d": 0.9, "FailureProb30d": 1.0,
                      "Confidence": 0.8, "Method": "trend"}],
        HealthForecast_TS=[{"HorizonHours": h, "Timestamp": made.day(1) + h * made.HOUR, "ForecastHealth": 80.0 - h,
                            "ForecastStd": h} for h in hours],
        FailureForecast_TS=[{"HorizonHours": h, "Timestamp": made.day(1) + h * made.HOUR, "FailureProb": p}
                            for h, p in zip(hours, (0.29, 0.7), strict=True)],
        MaintenanceRecommendation=[{"PreferredWindowEnd": made.day(3), "FailureProbAtWindowEnd": 0.55}],
        RUL_Attribution=[{"SensorName": "a", "FailureContribution": 0.6}, {"SensorName": "b",
                         "FailureContribution": 0.05}],
    )  # fmt: skip
    first, second = sorted(_rows(engine, "ACM_EnhancedFailureProbability_TS"), key=lambda row: row["Timestamp"])
    assert (first["RiskLevel"], second["RiskLevel"]) == ("Medium", "Critical")
    assert (second["ForecastHorizon_Hours"], second["ForecastHealth"], second["ForecastUncertainty"]) == (48, 32, 48)
    (row,) = _rows(engine, "ACM_EnhancedMaintenanceRecommendation")
    assert row["UrgencyScore"] == 90
    assert row["MaintenanceRequired"] is True
    assert row["LatestSafeTime"] == made.day(3)
    (row,) = _rows(engine, "ACM_RecommendedActions")
    assert (row["Action"], row["Priority"], row["DueBy"]) == ("Inspect what a measures", "High", made.day(3))


def test_a_faulty_sensor_asks_for_work_on_the_sensor(engine):
    publish.publish_batch(engine, made.publication(0))
    for sensor, kind in (("a", "sensor_stuck"), ("b", "sensor_unit_changed"), ("c", "nan")):
        engine.execute(
            'INSERT INTO "ACM_DataQualityEvents" VALUES (?, 1, ?, ?, ?, 24, NULL, ?)',
            [made.run_of(0), "FAN_Data", sensor, kind, made.day(1)],
        )
    rows = sorted(_rows(engine, "ACM_RecommendedActions"), key=lambda row: row["Action"])
    assert [(row["Action"], row["Priority"], row["DueBy"]) for row in rows] == [
        ("Check or replace the sensor a", "Medium", None),
        ("Correct the unit of b", "Medium", None),
    ]


def test_remaining_life_counts_down(engine):
    publish.publish_batch(engine, made.publication(0))
    hours = [24.0 * day for day in range(5)]
    _outlook(
        engine,
        RUL_Summary=[{"RUL_Hours": 60.0, "LowerBound": 24.0, "UpperBound": None, "Method": "trend"}],
        HealthForecast_TS=[{"HorizonHours": h, "Timestamp": made.day(1) + h * made.HOUR} for h in hours],
    )
    for name in ("ACM_RUL_TS", "ACM_RUL_TS_Latest"):
        rows = engine.query(f'SELECT * FROM "{name}" ORDER BY "Timestamp"')
        assert rows["HorizonHours"].to_list() == hours
        assert rows["RUL_Hours"].to_list() == [60.0, 36.0, 12.0, 0.0, 0.0]
        assert rows["LowerBound"].to_list() == [24.0, 0.0, 0.0, 0.0, 0.0]
        assert set(rows["UpperBound"]) == {None}
        assert set(rows["Method"]) == {"trend"}
    engine.execute('UPDATE "ACM_RUL_Summary" SET "RUL_Hours" = NULL')
    assert not _rows(engine, "ACM_RUL_TS")


def test_causation_is_the_detectors_since_the_shift(engine):
    publish.publish_batch(engine, made.publication(0))
    for hour, z in ((0, 1.0), (12, 2.0), (24, 4.5), (72, 9.0)):
        engine.execute(
            'INSERT INTO "ACM_ContributionTimeline" VALUES (?, 1, ?, ?, ?, ?)',
            [made.run_of(0), made.day(0) + hour * made.HOUR, "ar1_z", 10.0 * z, z],
        )
    summary = {"TrendStart": made.day(0), "IssuedAt": made.day(2), "FailureTime": made.day(5)}
    _outlook(engine, RUL_Summary=[{**summary, "RUL_Hours": 72.0}])
    (row,) = _rows(engine, "ACM_FailureCausation")
    assert (row["Detector"], row["PredictedFailureTime"], row["SpikeCount"]) == ("ar1_z", made.day(5), 1)
    assert (row["MeanZ"], row["MaxZ"], row["ContributionPct"]) == (2.5, 4.5, 25.0)
    assert row["TrendSlope"] == pytest.approx(3.5)  # of 1, 2 and 4.5 half a day apart


def test_no_view_hides_the_alias_of_the_zones():
    """A subquery's alias hides one of the view around it: z.[PeriodStart] was once looked for among the zones."""
    assert [view.name for view in views.ALL if "zone_map" in view.select] == []
    assert MSSQL.to_local_time.count("AS zone_map") == 1
