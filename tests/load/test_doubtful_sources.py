"""Declared sources that are easy to read wrongly: refused, named as a doubt, or read all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import stores

from acm_etl.admin import source_detection
from acm_etl.admin import sources as admin
from acm_etl.admin.source_detection import SourceRequest
from acm_etl.errors import InputError, UsageError
from acm_etl.io import historian
from acm_etl.source_spec import SourceSpec

START = datetime(2024, 1, 1)
EPOCH_MS = 'epoch_ms(CAST("DateTime" AS TIMESTAMP))'
LONG = SourceSpec(
    object_name="History", shape="long", time_column="DateTime", tag_column="TagName", value_column="Value"
)


@pytest.fixture
def plant(duck):
    """Two tags with a reading per hour of five days."""
    duck.execute(
        'CREATE TABLE "History" AS SELECT TIMESTAMP \'2024-01-01\' + n * INTERVAL 1 HOUR AS "DateTime", '
        "t AS \"TagName\", CAST(n AS DOUBLE) AS \"Value\" FROM range(120) AS a (n), (VALUES ('A'), ('B')) AS b (t)"
    )
    return duck


def _query(time='"DateTime"', value='"Value"', more=""):
    return SourceRequest(query=f'SELECT {time} AS "DateTime", "TagName", {value} AS "Value"{more} FROM "History"')


def _inspect(engine, request):
    return admin.declare_source(engine, "FAN", request, dry_run=True)


OTHER_NUMBERS = [
    f"{EPOCH_MS} * 1000",
    f"({EPOCH_MS} + 11644473600000) * 10000",
    f"{EPOCH_MS} / 86400000.0 + 25569",
    "CAST(strftime(\"DateTime\", '%Y%m%d') AS INTEGER)",
    "CAST(strftime(\"DateTime\", '%Y%m%d%H%M%S') AS BIGINT)",
]
NO_TIMES = ["strftime(\"DateTime\", '%d.%m.%Y %H:%M')", 'CAST("DateTime" AS TIME)']


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("time", "clock"),
    [*((time, None) for time in OTHER_NUMBERS + NO_TIMES), *((time, "epoch_ms") for time in NO_TIMES)],
)
def test_times_of_another_kind_are_refused(plant, time, clock):
    with pytest.raises(UsageError, match="--query"):
        _inspect(plant, replace(_query(time), clock=clock))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("time", OTHER_NUMBERS)
@pytest.mark.parametrize("clock", ["epoch_s", "epoch_ms"])
def test_numbers_of_another_kind_are_doubtful_with_a_named_clock(plant, time, clock):
    report = _inspect(plant, replace(_query(time), clock=clock))
    assert report.spec.clock == clock
    assert "--query" in report.doubts[0]


@pytest.mark.parametrize("clock", [None, "epoch_s"])
def test_a_clock_that_was_not_set_for_days_is_named(plant, clock):
    """The sample holds rows of 1970 only."""
    plant.execute(
        'CREATE TABLE "Logger" AS SELECT n + CASE WHEN n < 25000 THEN 0 ELSE 1704067200 END AS "DateTime", '
        'CAST(n AS DOUBLE) AS "a" FROM range(40000) AS t (n) ORDER BY n'
    )
    report = _inspect(plant, SourceRequest(object_name="Logger", clock=clock))
    assert report.spec.clock == "epoch_s"
    assert [doubt[:33] for doubt in report.doubts] == ["the first reading is of 1970-01-0"]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("value", ['"DateTime"', "CAST('ab' AS BLOB)", '["Value"]', "{'a': \"Value\"}"])
def test_columns_that_cannot_hold_values_are_refused(plant, value):
    with pytest.raises(UsageError, match="--value-column"):
        _inspect(plant, _query(value=value))


@pytest.mark.parametrize(
    ("request_", "option"),
    [
        (_query(more=', 1 AS "Quality", CASE "Value" WHEN 0 THEN 0 ELSE 1 END AS "DataQuality"'), "--quality-rule"),
        (_query(value="replace(CAST(\"Value\" + 0.5 AS VARCHAR), '.', ',')"), "convert them in a query"),
        (SourceRequest(query='SELECT * FROM "History" UNION ALL SELECT * FROM "History"'), "--where"),
        (
            replace(_query(), query=f"{_query().query} UNION ALL SELECT TIMESTAMP '2024-01-01', ' ', 1.0"),
            "empty tag name",
        ),
        (_query('CASE "Value" WHEN 0 THEN TIMESTAMP \'1970-01-01\' ELSE "DateTime" END'), "--from"),
    ],
)
def test_likely_mistakes_are_named(plant, request_, option):
    assert any(option in doubt for doubt in _inspect(plant, request_).doubts)
    usual = _inspect(plant, _query(more=', 192 AS "Quality"')).doubts
    assert not any(option in doubt for doubt in usual)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("time", ["'infinity'::TIMESTAMP", "'9999-12-31 23:59'::TIMESTAMP"])
@pytest.mark.parametrize("clock", ["UTC", "Europe/Berlin", "America/New_York"])
def test_times_beyond_the_calendar_are_those_of_the_future(plant, time, clock):
    plant.execute(f"INSERT INTO \"History\" VALUES ({time}, 'A', 1.0)")
    assert _inspect(plant, replace(_query(), clock=clock)).readings == 241
    source = historian.HistorianSource("History", "DateTime", ("A", "B"), spec=replace(LONG, clock=clock))
    assert historian.read_extent(plant, source).last.year == 9999
    assert historian.pull_readings(plant, source, START - timedelta(days=1), START + timedelta(days=9)).height == 120


@pytest.mark.parametrize("number", ["9223372036854775807", "'nan'::DOUBLE"])
def test_numbers_beyond_the_calendar_are_those_of_the_future(plant, number):
    request = _query(f'CASE "Value" WHEN 5 THEN {number} ELSE {EPOCH_MS} END')
    report = _inspect(plant, request)
    assert {tag.last.year for tag in report.tags} == {9999}
    source = historian.HistorianSource("q", "DateTime", ("A", "B"), spec=report.spec)
    assert historian.pull_readings(plant, source, START, START + timedelta(days=9)).height == 119


@pytest.mark.parametrize(("time", "year"), [("infinity", 9999), ("-infinity", 1), ("294246-01-01", 9999)])
def test_an_undeclared_table_has_times_beyond_the_calendar(plant, time, year):
    plant.execute('CREATE TABLE "Wide" AS SELECT DISTINCT "DateTime" AS t, 1.5 AS a FROM "History"')
    plant.execute(f"INSERT INTO \"Wide\" VALUES ('{time}', 1.0)")
    source = historian.HistorianSource("Wide", "t", ("a",))
    extent = historian.read_extent(plant, source)
    assert (year in (extent.first.year, extent.last.year), extent.reading_count) == (True, 121)
    assert historian.pull_readings(plant, source, START, START + timedelta(days=9)).height == 120


def test_the_first_time_of_the_calendar_is_read(plant):
    first = datetime(1, 1, 2)
    plant.execute("INSERT INTO \"History\" VALUES (?, 'A', 7.0)", [first])
    source = historian.HistorianSource("History", "DateTime", ("A", "B"), spec=LONG)
    assert historian.pull_readings(plant, source, first, START)["A"].to_list() == [7.0]


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ('ALTER TABLE "History" ALTER "DateTime" TYPE VARCHAR', "DateTime"),
        ('ALTER TABLE "History" ALTER "Value" TYPE TIMESTAMP USING TIMESTAMP \'2024-01-01\'', "Value"),
    ],
)
def test_columns_that_cannot_be_read_any_more_are_named(plant, statement, column):
    source = historian.HistorianSource("History", "DateTime", ("A", "B"), spec=LONG)
    historian.check_historian_table(plant, source)
    plant.execute(statement)
    with pytest.raises(InputError, match=column):
        historian.check_historian_table(plant, source)


CONVERSIONS = {
    "text `31.12.2024 13:45:00`": "strftime(\"DateTime\", '%d.%m.%Y %H:%M:%S')",
    "text `12/31/2024 13:45:00`": "strftime(\"DateTime\", '%m/%d/%Y %H:%M:%S')",
    "microseconds since 1970": f"{EPOCH_MS} * 1000",
    "FILETIME": f"({EPOCH_MS} + 11644473600000) * 10000",
    "days since 1900 (Excel, OLE)": f"{EPOCH_MS} / 86400000.0 + 25569",
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kind", CONVERSIONS)
def test_conversions_of_the_documentation_keep_every_minute(duck, kind):
    lines = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8").splitlines()
    cells = next(line for line in lines if line.startswith(f"| {kind} |")).split("|")
    duck.execute(
        'CREATE TABLE "Minutes" AS SELECT TIMESTAMP \'2024-03-01\' + n * INTERVAL 1 MINUTE AS "DateTime", '
        'CAST(n AS DOUBLE) AS "a" FROM range(1440) AS t (n)'
    )
    times = f'SELECT {CONVERSIONS[kind]} AS t, "DateTime", "a" FROM "Minutes"'
    query = f'SELECT {cells[3].strip(" `")} AS "DateTime", "a" FROM ({times})'
    spec = _inspect(duck, SourceRequest(query=query)).spec
    source = historian.HistorianSource("q", "DateTime", ("a",), spec=spec)
    frame = historian.pull_readings(duck, source, START, START + timedelta(days=90))
    expected = pl.datetime_range(datetime(2024, 3, 1), datetime(2024, 3, 1, 23, 59), "1m", eager=True)
    assert frame.to_series(0).to_list() == expected.to_list()


def test_enumerations_are_their_texts(plant):
    plant.execute("CREATE TYPE level AS ENUM ('12', 'Off')")
    request = _query(value="CAST(CASE WHEN \"Value\" > 3 THEN '12' ELSE 'Off' END AS level)")
    source = historian.HistorianSource("q", "DateTime", ("A", "B"), spec=_inspect(plant, request).spec)
    frame = historian.pull_readings(plant, source, START, START + timedelta(days=9))
    assert frame["A"].value_counts().sort("A").rows() == [(0.0, 4), (12.0, 116)]


@stores.WIRE_TOO
def test_a_tag_that_became_text_still_has_fingerprints(engine):
    q = engine.dialect.quote
    text = f"SELECT CAST('2024-01-01' AS {engine.dialect.sql_types['ts3']}) AS t, {{}} AS a"
    texts = SourceSpec(query=" UNION ALL ".join(map(text.format, ("'Bad'", "'1.5'"))), time_column="t")
    numbers = SourceSpec(query=text.format("1.5"), time_column="t")
    counts = []
    for spec in (texts, numbers):
        source = historian.HistorianSource("q", "t", ("a",), spec=spec)
        counts.append(historian.read_day_fingerprints(engine, source)["ReadingCount"].to_list())
    assert counts == [[2], [1]], q("a")


def test_hashes_of_numbers_are_those_of_older_stores(duck):
    duck.execute("CREATE TABLE \"W\" AS SELECT TIMESTAMP '2024-01-01' AS t, 1.5::DOUBLE AS a, true AS b")
    source = historian.HistorianSource("W", "t", ("a", "b"))
    declared = replace(source, spec=SourceSpec(object_name="W", time_column="t"))
    assert historian.read_day_fingerprints(duck, declared).equals(historian.read_day_fingerprints(duck, source))


def test_codes_and_words_may_be_mixed(plant):
    quality = "CASE \"Value\" WHEN 1 THEN 'Bad' WHEN 2 THEN 'Good' WHEN 3 THEN '0' ELSE '192' END"
    request = replace(_query(more=f', {quality} AS "Quality"'), quality_rule="opc")
    source = historian.HistorianSource("q", "DateTime", ("A", "B"), spec=_inspect(plant, request).spec)
    rejected: list[pl.DataFrame] = []
    frame = historian.pull_readings(plant, source, START, START + timedelta(hours=5), rejected=rejected)
    assert frame["A"].to_list() == [0.0, None, 2.0, None, 4.0]
    assert rejected[0]["EventType"].to_list() == ["bad_quality"] * 4


@pytest.mark.parametrize("machine", ["FAN 1", "fan 1  "])
def test_a_filter_without_rows_names_the_values_of_its_column(plant, machine):
    plant.execute('ALTER TABLE "History" ADD COLUMN "Machine" VARCHAR DEFAULT \'FAN 1  \'')
    with pytest.raises(UsageError, match="'FAN 1  '"):
        _inspect(plant, SourceRequest(object_name="History", where=("Machine", machine)))
    wide = SourceRequest(object_name="History", shape="wide", where=("Machine", machine))
    assert any("'FAN 1  '" in doubt for doubt in _inspect(plant, wide).doubts)
    assert _inspect(plant, replace(wide, where=("Machine", "FAN 1  "))).readings == 240


def test_a_filter_by_text_of_a_column_of_numbers_names_the_column(plant):
    plant.execute('ALTER TABLE "History" ADD COLUMN "Machine" INTEGER DEFAULT 7')
    with pytest.raises(UsageError, match="Machine"):
        _inspect(plant, SourceRequest(object_name="History", where=("Machine", "FAN 1")))
    assert _inspect(plant, SourceRequest(object_name="History", where=("Machine", "7"))).readings == 240


@pytest.mark.parametrize(
    ("values", "clause"),
    [
        (3, "values of this column are '0', '1', '2'"),
        (10, "values of this column are '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'"),
        (37, "' and others"),
    ],
)
def test_values_of_a_filter_column_are_all_of_these_or_some(plant, values, clause):
    plant.execute(
        f'CREATE TABLE "Plant" AS SELECT "DateTime", "TagName", "Value", n % {values} AS "Machine" '
        'FROM "History", range(500) AS t (n) ORDER BY n % 7'
    )
    with pytest.raises(UsageError) as caught:
        _inspect(plant, SourceRequest(object_name="Plant", where=("Machine", "99")))
    assert str(caught.value).startswith("no row of Plant has Machine = '99'; values of this column are ")
    assert str(caught.value).endswith(clause)


def test_values_in_the_first_rows_are_not_taken_for_all(plant, monkeypatch):
    monkeypatch.setattr(source_detection, "_MAX_FILTER_ROWS", 240)
    plant.execute('ALTER TABLE "History" ADD COLUMN "Machine" VARCHAR DEFAULT \'FAN\'')
    with pytest.raises(UsageError, match=r"in the first 240 rows, this column has 'FAN'$"):
        _inspect(plant, SourceRequest(object_name="History", where=("Machine", "PUMP")))


def test_a_long_source_without_rows_has_no_readings_yet(plant):
    plant.execute('DELETE FROM "History"')
    with pytest.raises(UsageError, match=r"^History has no readings yet$"):
        _inspect(plant, SourceRequest(object_name="History"))


@pytest.mark.parametrize("column", ["INTERVAL 1 HOUR", "union_value(n := 'x')", "{'i': INTERVAL 1 HOUR}"])
def test_columns_that_polars_cannot_read_are_left_out(plant, column):
    plant.execute(f'CREATE TABLE "Odd" AS SELECT "DateTime", "Value" AS "a", {column} AS "odd" FROM "History"')
    report = _inspect(plant, SourceRequest(object_name="Odd"))
    assert ([tag.name for tag in report.tags], report.left_out) == (["a"], ["odd"])
    long = _inspect(plant, _query(value=column))
    assert long.sample_losses == {"text_value": 240}


def test_a_source_without_rows_can_be_declared(plant):
    plant.execute('CREATE TABLE "Empty" ("EntryDateTime" TIMESTAMP, "a" DOUBLE)')
    report = admin.declare_source(plant, "FAN", SourceRequest(object_name="Empty"))
    assert (report.is_stored, [tag.name for tag in report.tags], report.readings) == (True, ["a"], 0)
