"""The star schema: facts have the rows of their tables, and each finds its machine, tag and date."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import polars as pl
import pytest
import stores

from acm_etl.load import publish, runs
from acm_etl.load.machines import equipment
from load.made import DAY, HOUR, T, day, log, publication, run_of

# Values of columns that may not be NULL, by type.
PLAIN = {pl.Int32(): 1, pl.Int64(): 2, pl.Float64(): 1.5, pl.String(): "x", pl.Boolean(): True}


def _frame(name, *rows):
    """Return rows of a table; required columns that a row leaves out have a plain value."""
    required = {
        column.name: PLAIN.get(column.polars_type, day(0))
        for column in T[name].insertable_columns
        if not column.nullable
    }
    rows = [{"EquipID": 1, **required, **row} for row in rows]
    return pl.DataFrame(rows, schema=T[name].polars_schema)


# Local midnight in Berlin in winter, as UTC: the local date is a day ahead of that in UTC.
MIDNIGHTS = [day(number) - HOUR for number in range(3)]


@pytest.fixture
def filled(engine):
    tags = [equipment.Tag(name) for name in ("TI-1", "a|b")]
    equipment.upsert_tags(engine, equipment.find_machine(engine, "FAN"), tags)
    runs.start_runs(engine, log(0, 1, 2))
    frames = {
        "ACM_HealthDaily": _frame(
            "ACM_HealthDaily",
            *(
                {"RunID": run_of(number), "AsOf": midnight, "AssessedCount": 10 + number, "AvgHealth": 80.0 + number}
                for number, midnight in enumerate(MIDNIGHTS)
            ),
        ),
        "ACM_SensorDaily": _frame(
            "ACM_SensorDaily",
            *(
                {"RunID": run_of(number), "AsOf": midnight, "SensorName": tag, "Readings": 24}
                for number, midnight in enumerate(MIDNIGHTS)
                for tag in ("TI-1", "a|b")
            ),
        ),
        "ACM_Episodes": _frame(
            "ACM_Episodes",
            *(
                {
                    "RunID": run_of(number), "StartTs": day(number) + 23.5 * HOUR, "EndTs": day(number + 1),
                    "Status": "OPEN", "Severity": "LOW", "PrimaryDetector": "omr_z", "PrimarySensor": sensor,
                }
                for number, sensor in enumerate(["TI-1", "a|b"])
            ),
        ),
    }  # fmt: skip
    publish.publish_batch(engine, publication(0, 1, 2, frames=frames))
    return engine


def _rows(engine, view, order):
    # The stand-in for SQL Server sends dates as texts.
    frame = engine.query(f'SELECT * FROM {view} ORDER BY "{order}"')
    texts = [name for name in ("Date",) if frame.schema.get(name) == pl.String()]
    return frame.with_columns(pl.col(texts).str.to_date()).rows(named=True)


@stores.WIRE_TOO
def test_facts_have_local_dates(filled):
    health = _rows(filled, "FactHealthDaily", "Date")
    assert [row["Date"] for row in health] == [date(2024, 1, 1) + number * DAY for number in range(3)]
    assert [(row["AvgHealth"], row["HealthSum"]) for row in health] == [(80.0, 800.0), (81.0, 891.0), (82.0, 984.0)]
    assert len(_rows(filled, "FactSensorDaily", "Date")) == 6
    episodes = _rows(filled, "FactEpisodes", "StartTs")
    assert [(row["Date"], row["TagKey"]) for row in episodes] == [
        (date(2024, 1, 2), "1|TI-1"),
        (date(2024, 1, 3), "1|a|b"),
    ]


@pytest.mark.parametrize("fact", ["FactHealthDaily", "FactEpisodes", "FactSensorDaily"])
def test_every_fact_finds_its_dimensions(filled, fact):
    (columns,) = [set(filled.query(f"SELECT * FROM {fact}").columns)]
    for dimension, key in (("DimMachine", "EquipID"), ("DimTag", "TagKey"), ("DimDate", "Date")):
        keys = [row[key] for row in _rows(filled, dimension, key)]
        assert len(keys) == len(set(keys)) > 0
        if key in columns:
            assert {row[key] for row in _rows(filled, fact, key)} <= set(keys)


def test_dates_have_no_gap_and_the_parts_of_the_calendar(filled):
    dates = _rows(filled, "DimDate", "Date")
    # The first day starts in 2023 by UTC.
    assert (dates[0]["Date"], dates[-1]["Date"]) == (date(2023, 1, 1), date(2024, 12, 31))
    assert {after["Date"] - row["Date"] for row, after in itertools.pairwise(dates)} == {timedelta(days=1)}
    for row in dates[::17]:
        on = row["Date"]
        assert (row["Year"], row["Month"], row["Day"], row["Weekday"]) == (on.year, on.month, on.day, on.isoweekday())
        assert (row["Quarter"], row["YearMonth"]) == ((on.month + 2) // 3, int(f"{on:%Y%m}"))


def test_a_store_without_results_has_no_dates(engine):
    assert _rows(engine, "DimDate", "Date") == []
