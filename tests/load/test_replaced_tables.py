"""Stores of schema version 1, in which four views of today were tables."""

from __future__ import annotations

import shutil
import subprocess

import polars as pl
import pytest
from chaos.faulty_backfill import build_process
from sql.flows import FLOWS
from templates import copy_template

from acm_etl.admin import schema
from acm_etl.dialects import MSSQL
from acm_etl.errors import StoreError, UsageError
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load import publish
from acm_etl.load.schema import migrate, replaced_tables
from load import made
from load.golden_files import assert_golden
from load.old_store import downgrade, read_rows

NAMES = ("ACM_HealthTimeline", "ACM_RegimeTimeline", "ACM_CulpritHistory", "ACM_RUL_TS")


def _episode(number):
    start = made.day(number) + 5 * made.HOUR
    row = {"RunID": made.run_of(number), "EquipID": 1, "StartTs": start, "EndTs": start + 2 * made.HOUR,
           "Status": "CLOSED", "DurationHours": 2.0, "RecordCount": 2, "PeakTimestamp": start, "PeakFusedZ": 5.0,
           "AvgFusedZ": 4.5, "MinHealthIndex": 40.0, "Severity": "MEDIUM", "PrimaryDetector": "omr_z",
           "PrimarySensor": "a", "Culprits": "a (50 %)", "LeadMeanZ": 0.5, "LagMeanZ": None}  # fmt: skip
    return pl.DataFrame([row], schema=made.T["ACM_Episodes"].polars_schema)


def _health_forecast(number):
    rows = [
        {"RunID": made.run_of(number), "EquipID": 1, "AsOf": made.day(number), "Timestamp": made.day(number + 1 + days),
         "HorizonHours": 24.0 * days, "ForecastHealth": 80.0, "CiLower": 70.0, "CiUpper": 90.0, "ForecastStd": 1.0,
         "Method": "trend"}
        for days in range(4)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=made.T["ACM_HealthForecast_TS"].polars_schema)


def _publish(engine, number):
    """A day of readings: the machine is off at first, then health falls with the hour; one episode."""
    hour = pl.col("Timestamp").dt.hour()
    is_on = hour >= 3
    scores = made.health(number).with_columns(
        HealthIndex=pl.when(is_on).then(100 / (1 + hour / 7.3)),
        fused=pl.when(is_on).then(hour / 3).otherwise(0.0),
        drift_z=pl.when(is_on).then(hour / 5),
        regime_label=pl.when(is_on).then(pl.lit("1")).otherwise(pl.lit("off")),
        OperatingState=pl.when(is_on).then(pl.lit("on")).otherwise(pl.lit("off")),
    )
    frames = {
        "ACM_Scores_Wide": scores,
        "ACM_Episodes": _episode(number),
        "ACM_EpisodeCulprits": made.culprits(number, "a", "b"),
        "ACM_RUL_Summary": made.outlook(number).with_columns(RUL_Hours=pl.lit(60.0), LowerBound=pl.lit(24.1)),
        "ACM_HealthForecast_TS": _health_forecast(number),
    }
    expected = made.at(number) if number else None
    publish.publish_batch(engine, made.publication(number, frames=frames, expected=expected))


@pytest.fixture
def old_rows(duck):
    for number in range(3):
        _publish(duck, number)
    return downgrade(duck)


def _assert_migrated(engine, old_rows):
    for name, rows in old_rows.items():
        assert read_rows(engine, name).equals(rows), name
        assert read_rows(engine, f"{name}_Replaced").equals(rows), name
        assert engine.get_column_types(name) == engine.get_column_types(f"{name}_Replaced"), name
    migrate.require_current_schema(engine)
    assert migrate.init_schema(engine) == migrate.SchemaUpdate()


def test_an_old_store_has_to_be_initialised(duck, old_rows):
    del old_rows
    with pytest.raises(UsageError, match="run acm-etl init"):
        migrate.require_current_schema(duck)


def test_values_stay_where_dashboards_read_them(duck, old_rows):
    lines = migrate.init_schema(duck).applied
    assert [line for line in lines if line.startswith("set ")] == [
        f"set {name} aside as {name}_Replaced" for name in NAMES
    ]
    assert old_rows["ACM_HealthTimeline"]["HealthIndex"].null_count() == 9
    assert set(old_rows["ACM_HealthTimeline"]["HealthZone"]) == {None, "ALERT", "WATCH"}
    _assert_migrated(duck, old_rows)


@pytest.mark.slow
def test_slices_hold_allread_rows(duck, old_rows, monkeypatch):
    monkeypatch.setattr(replaced_tables, "_SLICE_ROWS", 7)
    (health,) = (table for table in replaced_tables.REPLACED_TABLES if table.name == "ACM_HealthTimeline")
    slices = list(replaced_tables._iter_slices(duck, health.name, health.time_column))
    assert len(slices) == 11
    assert [part.end for part in slices[:-1]] == [part.start for part in slices[1:]]
    migrate.init_schema(duck)
    _assert_migrated(duck, old_rows)


@pytest.mark.slow
def test_old_tables_are_dropped_on_request(duck, old_rows):
    result = schema.init_store(duck)
    assert (result.old_tables, result.dropped) == ([f"{name}_Replaced" for name in NAMES], [])
    result = schema.init_store(duck, drop_old=True)
    assert (result.old_tables, result.dropped) == ([], [f"{name}_Replaced" for name in NAMES])
    assert not [name for name in duck.get_table_names() if name.endswith("_Replaced")]
    for name, rows in old_rows.items():
        assert read_rows(duck, name).equals(rows), name


DIFFERENCES = {
    "a reading that has no scores": 'DELETE FROM "ACM_Scores_Wide" WHERE "Timestamp" = \'2024-01-02 07:00:00\'',
    "scores that have no health": 'DELETE FROM "ACM_HealthTimeline" WHERE "Timestamp" = \'2024-01-02 07:00:00\'',
    "another fused z": 'UPDATE "ACM_HealthTimeline" SET "FusedZ" = 7 WHERE "Timestamp" = \'2024-01-02 07:00:00\'',
    "another regime": 'UPDATE "ACM_RegimeTimeline" SET "RegimeLabel" = NULL WHERE "RegimeLabel" = \'1\'',
    "another culprit": 'UPDATE "ACM_CulpritHistory" SET "WeightedContribution" = 49',
}


@pytest.mark.sampled
@pytest.mark.parametrize("difference", DIFFERENCES)
def test_a_difference_is_refused_and_everything_keeps_its_name(duck, old_rows, difference):
    duck.execute(DIFFERENCES[difference])
    before = {name: read_rows(duck, name) for name in old_rows}
    with pytest.raises(StoreError) as caught:
        migrate.init_schema(duck)
    assert caught.value.table in NAMES
    assert set(NAMES) <= set(duck.get_table_names())
    for name, rows in before.items():
        assert read_rows(duck, name).equals(rows), name
    # Asked for, the differing rows are kept aside and the store is usable.
    assert migrate.init_schema(duck, accept_differences=True).applied
    for name, rows in before.items():
        assert read_rows(duck, f"{name}_Replaced").equals(rows), name
    migrate.require_current_schema(duck)


@pytest.mark.slow
def test_a_column_that_somebody_added_is_kept_aside(duck, old_rows):
    duck.execute('ALTER TABLE "ACM_HealthTimeline" ADD COLUMN "Note" VARCHAR DEFAULT \'seen\'')
    migrate.init_schema(duck)
    assert set(read_rows(duck, "ACM_HealthTimeline_Replaced")["Note"]) == {"seen"}
    assert read_rows(duck, "ACM_HealthTimeline").equals(old_rows["ACM_HealthTimeline"])


def _init_with_fault(fault, url):
    process = build_process(["--store", url, "init"], fault)
    return subprocess.run(**process, capture_output=True, text=True, check=False, timeout=120)


def _count_statements(store):
    """Return how many statements ``init`` sends to this store, counted once per test run: all tests have equal ones."""

    def count(path):
        copy = store.with_name("counted.duckdb")
        shutil.copy(store, copy)
        assert _init_with_fault({"count": str(path)}, f"duckdb:///{copy}").returncode == 0

    return int(copy_template(("statements of init",), store.with_name("count"), count).read_text())


# From the end, where the tables are copied, renamed and compared, to the first statement.
@pytest.mark.slow
@pytest.mark.parametrize("share", [0.999, 0.97, 0.5, 0.995, 0.99, 0.98, 0.94, 0.8, 0.3, 0.0])
def test_a_killed_migration_continues(duck, url, old_rows, tmp_path, share):
    duck.close()
    statement = max(1, int(share * _count_statements(tmp_path / "acm.duckdb")))
    killed = _init_with_fault({"statement": statement, "action": "kill"}, url)
    assert killed.returncode == -9, killed.stderr
    engine = DuckDB(url)
    # Either the old tables or the views: nothing in between is ever seen.
    names = set(engine.get_table_names())
    assert set(NAMES) <= names or {f"{name}_Replaced" for name in NAMES} <= names
    for name, rows in old_rows.items():
        assert read_rows(engine, name).equals(rows), name
    migrate.init_schema(engine)
    _assert_migrated(engine, old_rows)
    engine.close()


def test_golden_sql_for_sql_server():
    """As committed."""
    engine = FLOWS["replaced tables"]()
    text = "".join(f"{statement}{MSSQL.batch_separator}\n" for statement in dict.fromkeys(engine.statements))
    assert_golden("mssql_replaced.sql", text)
