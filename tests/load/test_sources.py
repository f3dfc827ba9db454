"""Declared sources on all engines: what is pulled, what is counted, what is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
import stores

from acm_etl.admin import sources as admin
from acm_etl.admin.source_detection import SourceRequest
from acm_etl.errors import InputError, StoreError, UsageError
from acm_etl.io import historian
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.io.historian_source import open_reader
from acm_etl.load.historian import historian_table
from acm_etl.load.machines import equipment, sources
from acm_etl.load.schema import ddl
from acm_etl.load.staging import upsert_frame
from acm_etl.schema import Table, col
from acm_etl.source_spec import SamplingSpec, SourceSpec
from acm_etl.windows import Window

START = datetime(2024, 1, 1)
HISTORY = Table(
    "History",
    "time",
    "A long historian",
    (
        col("RowNo", "i64", "Row"),
        col("DateTime", "ts3", "Time"),
        col("TagName", "str(50)", "Tag"),
        col("Value", "f64?", "Value"),
        col("QualityDetail", "i32?", "Quality"),
        col("Machine", "str(20)", "Machine"),
    ),
    key=("RowNo",),
)
LONG = SourceSpec(
    object_name="History", shape="long", time_column="DateTime", tag_column="TagName", value_column="Value",
    quality_column="QualityDetail", quality_rule="opc", filter_column="Machine", filter_value="FAN",
)  # fmt: skip
TAGS = ("A", "b c")


def _minute(number):
    return START + timedelta(minutes=number)


def _load(engine, rows, table=HISTORY):
    """Rows (minute, tag, value, quality, machine)."""
    for statement in ddl.build_table_statements(table, engine.dialect):
        engine.execute(statement)
    frame = pl.DataFrame(
        [(i, _minute(row[0]), *row[1:]) for i, row in enumerate(rows)], schema=table.polars_schema, orient="row"
    )
    with engine.transaction():
        upsert_frame(engine, table, frame)


def _source(spec=LONG, **limits):
    return historian.HistorianSource("History", spec.time_column, TAGS, spec=spec, **limits)


ROWS = [
    (0, "A", 1.0, 192, "FAN"),
    (0, "b c", 2.0, 192, "FAN"),
    (0, "A", 9.0, 192, "PUMP"),
    (1, "A", 3.0, 0, "FAN"),
    (2, "b c", 4.0, 192, "FAN"),
    (2, "b c", 5.0, 192, "FAN"),
    (2, "unused", 7.0, 192, "FAN"),
    (30, "A", 6.0, None, "FAN"),
]


def test_a_long_source_is_pivoted(engine):
    _load(engine, ROWS)
    historian.check_historian_table(engine, _source())
    rejected = []
    frame = historian.pull_readings(engine, _source(), START, _minute(30), rejected=rejected)
    assert frame.rows() == [(START, 1.0, 2.0), (_minute(1), None, None), (_minute(2), None, 4.0)]
    assert frame.schema == {"Timestamp": pl.Datetime("ms"), "A": pl.Float64, "b c": pl.Float64}
    events = rejected[0].sort("Timestamp").select("Timestamp", "ColumnName", "EventType", "Value").rows()
    assert events == [
        (_minute(1), "A", "bad_quality", "3.0"), (_minute(2), "b c", "conflicting_duplicate", "5.0")]  # fmt: skip
    windows = [Window(START, _minute(2)), Window(_minute(2), _minute(30)), Window(_minute(30), _minute(31))]
    assert historian.count_readings(engine, _source(), windows) == [2, 1, 1]
    assert historian.read_extent(engine, _source()) == historian.ReadingsExtent(START, _minute(30), 6)
    assert historian.has_readings(engine, _source(), _minute(30), _minute(60))
    assert not historian.has_readings(engine, _source(), _minute(3), _minute(30))


@stores.WIRE_TOO
def test_a_long_source_is_sampled(engine):
    _load(engine, ROWS)
    source = _source(LONG.with_sampling(SamplingSpec.parse("10m", hold_max="30m")))
    frame = historian.pull_readings(engine, source, START, _minute(60))
    assert frame.rows() == [(START, 1.0, 2.0), (_minute(10), None, 4.0), (_minute(30), 6.0, 4.0)]
    # The value to hold lies before the window.
    assert historian.pull_readings(engine, source, _minute(20), _minute(60)).equals(frame[2:])
    assert historian.count_readings(engine, source, [Window(START, _minute(10)), Window(_minute(10), _minute(60))]) == [
        1,
        2,
    ]
    extent = historian.read_extent(engine, source)
    assert (extent.first, extent.last) == (START, _minute(30))
    limited = _source(source.spec, since=_minute(1), until=_minute(2))
    assert historian.pull_readings(engine, limited, START, _minute(60)).rows() == [(_minute(10), None, None)]


def test_fingerprints_tell_a_change_of_a_long_source(engine):
    _load(engine, ROWS)
    before = historian.read_day_fingerprints(engine, _source())
    assert before["ReadingCount"].to_list() == [6]
    quote = engine.dialect.quote
    engine.execute(f"UPDATE {quote('History')} SET {quote('Value')} = 8 WHERE {quote('RowNo')} = 2")
    assert historian.read_day_fingerprints(engine, _source()).equals(before), "a row of another machine"
    engine.execute(f"UPDATE {quote('History')} SET {quote('Value')} = 8 WHERE {quote('RowNo')} = 0")
    assert historian.read_day_fingerprints(engine, _source())["RowsHash"].item() != before["RowsHash"].item()


def test_a_query_is_a_source(engine):
    _load(engine, ROWS)
    q = engine.dialect.quote
    query = f"SELECT {q('DateTime')}, {q('TagName')}, {q('Value')} * 2 AS {q('Value')} FROM {q('History')} -- doubled"
    spec = replace(LONG, object_name=None, query=query, quality_column=None, filter_column=None, filter_value=None)
    frame = historian.pull_readings(engine, _source(spec), _minute(30), _minute(31))
    assert frame.rows() == [(_minute(30), 12.0, None)]


@pytest.mark.parametrize("count", [2, 10**9], ids=["query", "stream"])
def test_readings_are_the_same_whatever_number_is_expected(engine, count):
    table = historian_table.declare_historian_table("W", TAGS)
    historian_table.create_or_extend_table(engine, table)
    rows = [(_minute(2), None, 2.5), (_minute(1), 1.0, None), (_minute(5), 7.0, 8.0)]
    frame = pl.DataFrame(rows, schema=table.polars_schema, orient="row")
    historian_table.load_readings(engine, table, [frame])
    source = historian.HistorianSource(table.name, "EntryDateTime", TAGS)
    found = historian.pull_readings(engine, source, START, _minute(5), expected_count=count)
    assert found.rows() == [rows[1], rows[0]]
    assert found.schema == {"Timestamp": pl.Datetime("ms"), **dict.fromkeys(TAGS, pl.Float64)}


def test_numbers_are_names_of_tags(engine):
    _load(engine, ROWS)
    q = engine.dialect.quote
    tag = f"CASE WHEN {q('TagName')} = 'A' THEN 1 ELSE 20 END AS tagid"
    query = f"SELECT {q('DateTime')}, {tag}, {q('Value')} FROM {q('History')} WHERE {q('Machine')} = 'FAN'"
    spec = SourceSpec(query=query, shape="long", time_column="DateTime", tag_column="tagid", value_column="Value")
    source = historian.HistorianSource("q", "DateTime", ("20", "1"), spec=spec)
    assert historian.pull_readings(engine, source, START, _minute(1)).rows() == [(START, 2.0, 1.0)]
    assert historian.count_readings(engine, source, [Window(START, _minute(2)), Window(_minute(2), _minute(60))]) == [
        2,
        2,
    ]
    assert historian.read_day_fingerprints(engine, source)["ReadingCount"].item() == 7


def test_declarations_are_stored(engine):
    machine = equipment.find_machine(engine, "FAN")
    assert sources.read_source(engine, machine.equip_id) is None
    spec = replace(
        LONG, tag_patterns=("FI-*", "Ü'"), excluded_patterns=("x",), clock="Europe/Berlin", url_setting="HISTORIAN",
        sampling=SamplingSpec.parse("10m", aggregate="max"),
    )  # fmt: skip
    for declared in (spec, replace(LONG, object_name=None, query="SELECT 1 AS a"), spec.with_sampling(None)):
        sources.save_source(engine, machine.equip_id, declared)
        assert sources.read_source(engine, machine.equip_id) == declared
    assert sources.delete_source(engine, machine.equip_id)
    assert not sources.delete_source(engine, machine.equip_id)
    grid = SamplingSpec.parse("1h")
    assert sources.set_sampling(engine, machine, grid) == sources.read_source(engine, machine.equip_id)
    assert sources.read_source(engine, machine.equip_id).object_name == "FAN_Data"
    assert sources.set_sampling(engine, machine, None).sampling is None


def test_missing_columns_are_named(engine):
    _load(engine, ROWS)
    with pytest.raises(InputError, match="Wert"):
        historian.check_historian_table(engine, _source(replace(LONG, value_column="Wert")))


@pytest.fixture
def long_store(duck):
    _load(duck, ROWS)
    return duck


def test_usual_names_are_found(long_store):
    report = admin.declare_source(long_store, "FAN", SourceRequest(object_name="History", where=("Machine", "FAN")))
    assert report.spec == LONG
    assert report.is_stored
    assert {tag.name: tag.readings for tag in report.tags} == {"A": 3, "b c": 3, "unused": 1}
    assert report.sample_losses == {"bad_quality": 1}
    machine = equipment.find_machine(long_store, "FAN")
    assert [tag.name for tag in equipment.read_tags(long_store, machine.equip_id)] == ["A", "b c", "unused"]
    changed = admin.declare_source(long_store, "FAN", SourceRequest(sampling=SamplingSpec.parse("10m")))
    assert changed.spec == LONG.with_sampling(SamplingSpec.parse("10m"))
    fewer = admin.declare_source(long_store, "FAN", SourceRequest(excluded_patterns=("UN*",), unsampled=True))
    assert fewer.left_out == ["unused"]
    assert [tag.is_active for tag in equipment.read_tags(long_store, machine.equip_id)] == [True, True, False]
    assert admin.show_source(long_store, "FAN").spec == fewer.spec
    assert not admin.reset_source(long_store, "FAN").is_declared
    assert admin.show_source(long_store, "FAN").spec.object_name == "FAN_Data"


def test_a_dry_run_stores_nothing(long_store):
    report = admin.declare_source(long_store, "NEW", SourceRequest(object_name="History"), dry_run=True)
    assert not report.is_stored
    assert report.tags
    assert equipment.find_registered(long_store, "NEW") is None


def test_a_new_machine_needs_the_zone_of_its_days(long_store):
    request = SourceRequest(object_name="History", where=("Machine", "FAN"))
    with pytest.raises(UsageError, match="--equip-timezone"):
        admin.declare_source(long_store, "NEW", request)
    assert equipment.find_registered(long_store, "NEW") is None
    admin.declare_source(long_store, "NEW", request, time_zone="Asia/Kolkata")
    assert equipment.find_machine(long_store, "NEW").time_zone == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (SourceRequest(object_name="History", tag_column="Tga"), "TagName"),
        (SourceRequest(object_name="History", tag_patterns=("nothing*",)), "no tag"),
        (SourceRequest(object_name="History", time_column="TagName"), "--query"),
        (SourceRequest(query="SELECT 1; DELETE FROM History"), "single SELECT"),
        (SourceRequest(object_name="History", clock="Mars/Base"), "Mars/Base"),
        (SourceRequest(object_name="Equipment", shape="long"), "--tag-column"),
    ],
)
def test_impossible_sources_are_refused(long_store, request_, text):
    with pytest.raises(UsageError, match=text):
        admin.declare_source(long_store, "FAN", request_)
    assert not admin.show_source(long_store, "FAN").is_declared


def test_local_times_are_converted_and_counted(duck):
    berlin = replace(LONG, clock="Europe/Berlin")
    october = int((datetime(2024, 10, 27, 1, 30) - START).total_seconds() // 60)
    march = int((datetime(2024, 3, 31, 2, 30) - START).total_seconds() // 60)
    rows = [(october + 60 * i, "A", float(i), 192, "FAN") for i in range(4)] + [(march, "A", 0.0, 192, "FAN")]
    _load(duck, rows)
    source, rejected = _source(berlin), []
    frame = historian.pull_readings(duck, source, START, _minute(60 * 24 * 366), rejected=rejected)
    day = datetime(2024, 10, 26)
    assert frame["Timestamp"].to_list() == [day + timedelta(hours=h) for h in (23.5, 24.5, 26.5, 27.5)]
    assert sorted(rejected[0]["EventType"]) == ["ambiguous_time", "skipped_local_time"]
    # Any division of the time gives the same readings, and the same counts.
    edges = [START, *(datetime(2024, 10, 26, 22) + timedelta(minutes=30 * i) for i in range(14)), datetime(2025, 1, 1)]
    windows = [Window(*pair) for pair in pairwise(edges)]
    parts = [historian.pull_readings(duck, source, window.start, window.end) for window in windows]
    assert pl.concat(parts).equals(frame)
    assert historian.count_readings(duck, source, windows) == [part.height for part in parts]
    days = historian.read_day_fingerprints(duck, source)
    assert days["ReadingCount"].to_list() == [1, 3]
    extent = historian.read_extent(duck, replace(source, since=datetime(2024, 10, 27), until=datetime(2024, 10, 27, 2)))
    assert extent == historian.ReadingsExtent(datetime(2024, 10, 27, 0, 30), datetime(2024, 10, 27, 0, 30), 1)


@stores.WIRE_TOO
@pytest.mark.parametrize("time", [datetime(9999, 12, 31, 23, 59), datetime(1700, 6, 1)])
def test_local_times_far_away_are_counted_too(engine, time):
    _load(engine, [*ROWS[:1], (int((time - START).total_seconds() // 60), "A", 2.0, 192, "FAN")])
    limits = {"since": datetime(2025, 1, 1)} if time > START else {"until": datetime(2023, 1, 1)}
    extent = historian.read_extent(engine, _source(replace(LONG, clock="Europe/Berlin"), **limits))
    assert (extent.reading_count, extent.first.year) == (1, time.year)
    source = _source(replace(LONG, clock="Europe/Berlin"))
    assert historian.read_day_fingerprints(engine, source)["ReadingCount"].to_list() == [1, 1]


@stores.WIRE_TOO
def test_rows_without_a_tag_are_counted(engine):
    _load(engine, [*ROWS, (2, "unused", 7.0, 192, "PUMP")])
    names = ", ".join(map(engine.dialect.quote, ("DateTime", "Value", "QualityDetail", "Machine")))
    tag = engine.dialect.quote("TagName")
    query = f"SELECT {names}, NULLIF({tag}, 'unused') AS {tag} FROM {engine.dialect.quote('History')}"
    source = _source(replace(LONG, object_name=None, query=query))
    rejected = []
    frame = historian.pull_readings(engine, source, START, _minute(60), rejected=rejected)
    assert frame.equals(historian.pull_readings(engine, _source(), START, _minute(60)))
    missing = rejected[0].filter(EventType="missing_tag")
    assert missing.select("Timestamp", "ColumnName").rows() == [(_minute(2), "TagName")]
    # Nothing else depends on such rows: neither the extent nor the fingerprints.
    assert historian.read_extent(engine, source) == historian.read_extent(engine, _source())
    assert historian.read_day_fingerprints(engine, source).equals(historian.read_day_fingerprints(engine, _source()))
    request = SourceRequest(query=query, where=("Machine", "FAN"))
    assert admin.declare_source(engine, "FAN", request, dry_run=True).sample_losses["missing_tag"] == 1


@stores.WIRE_TOO
@pytest.mark.parametrize("spec", [LONG, replace(LONG, shape="wide")], ids=["long", "wide"])
def test_rows_without_a_time_are_counted(engine, spec):
    _load(engine, ROWS)
    q = engine.dialect.quote
    names = ", ".join(map(q, ("TagName", "Value", "QualityDetail", "Machine")))
    time = f"CASE WHEN {q('RowNo')} IN (1, 2, 6) THEN NULL ELSE {q('DateTime')} END AS {q('DateTime')}"
    query = f"SELECT {time}, {names} FROM {q('History')}"
    source = _source(replace(spec, object_name=None, query=query))
    if spec.shape == "wide":
        source = replace(source, tags=("Value",))
    # Of the three rows one is of another machine, and one of a tag that the machine does not have.
    assert historian.count_missing_times(engine, source) == (1 if spec.shape == "long" else 2)
    assert historian.count_missing_times(engine, _source()) == 0
    request = SourceRequest(query=query, where=("Machine", "FAN"))
    report = admin.declare_source(engine, "FAN", request, dry_run=True)
    assert [doubt for doubt in report.doubts if "without a time" in doubt] == [
        "2 rows without a time in DateTime: never scored"
    ]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("clock", ["UTC", "Europe/Berlin"])
@pytest.mark.parametrize("every", [None, "10m", "1h"])
def test_every_division_counts_the_same_losses(duck, every, clock):
    # Two local days, so that none of the readings lies before the first window.
    rows = [(60 * 12 + 5 * i, "A", float(i), 192 * (i % 3 > 0), "FAN") for i in range(200)]
    rows += [(60 * 12 + 5 * i, "A", float(i), 192, "FAN") for i in range(0, 200, 7)]
    _load(duck, rows)
    tag = 'CASE WHEN "RowNo" % 5 > 0 THEN "TagName" END'
    query = f'SELECT * REPLACE ({tag} AS "TagName") FROM "History"'
    spec = replace(LONG, object_name=None, query=query, clock=clock)
    source = _source(spec.with_sampling(SamplingSpec.parse(every) if every else None))
    counts = []
    for length in (timedelta(days=2), timedelta(hours=1)):
        rejected = []
        for number in range(timedelta(days=2) // length):
            start = START + number * length
            historian.pull_readings(duck, source, start, start + length, rejected=rejected)
        counts.append(sorted(pl.concat(rejected)["EventType"].value_counts().rows()))
    assert counts[0] == counts[1]
    assert {event for event, _ in counts[0]} >= {"bad_quality", "conflicting_duplicate", "missing_tag"}


@pytest.mark.parametrize(
    ("expression", "clock"),
    [
        ("timezone('UTC', \"DateTime\")", "offset"),
        ('epoch_ms(CAST("DateTime" AS TIMESTAMP))', "epoch_ms"),
        ('epoch_ms(CAST("DateTime" AS TIMESTAMP)) / 1000', "epoch_s"),
    ],
)
def test_clocks_of_other_types_are_found(long_store, expression, clock):
    query = f'SELECT {expression} AS t_stamp, "TagName" AS tagid, CAST("Value" AS VARCHAR) AS floatvalue FROM "History"'
    report = admin.declare_source(long_store, "FAN", SourceRequest(query=query))
    assert (report.spec.clock, report.spec.shape) == (clock, "long")
    source = _source(report.spec)
    assert historian.pull_readings(long_store, source, _minute(30), _minute(40)).rows() == [(_minute(30), 6.0, None)]
    assert historian.read_extent(long_store, source).last == _minute(30)
    assert historian.read_day_fingerprints(long_store, source)["ReadingCount"].item() == 7
    later = historian.read_day_fingerprints(long_store, replace(source, since=_minute(2)))
    assert later["ReadingCount"].item() == 3


def test_another_server_is_named_by_a_variable(duck, tmp_path, monkeypatch):
    other = DuckDB(f"duckdb:////{tmp_path.as_posix().lstrip('/')}/other.duckdb")
    _load(other, ROWS)
    other.close()
    request = SourceRequest(object_name="History", url_setting="PLANT_HISTORIAN", where=("Machine", "FAN"))
    with pytest.raises(UsageError, match="PLANT_HISTORIAN"):
        admin.declare_source(duck, "FAN", request)
    monkeypatch.setenv("PLANT_HISTORIAN", other.url)
    report = admin.declare_source(duck, "FAN", request)
    source = _source(report.spec)
    assert historian.pull_readings(duck, source, START, _minute(1)).rows() == [(START, 1.0, 2.0)]
    assert historian.count_readings(duck, source, [Window(START, _minute(60))]) == [4]
    with open_reader(duck, report.spec) as reader, pytest.raises(StoreError, match="read-only"):
        reader.execute('DELETE FROM "History"')


def test_a_sparse_wide_table_is_sampled(duck):
    duck.execute('CREATE TABLE "FAN_Data" ("EntryDateTime" TIMESTAMP_MS, "A" DOUBLE, "b c" DOUBLE)')
    for minute, a, b in ((0, 1, "NULL"), (1, "NULL", 2), (11, "NULL", "NULL"), (29, 3, "NULL")):
        duck.execute(f'INSERT INTO "FAN_Data" VALUES (?, {a}, {b})', [_minute(minute)])
    machine = equipment.find_machine(duck, "FAN")
    spec = sources.set_sampling(duck, machine, SamplingSpec.parse("10m", hold_max="1h"))
    source = historian.HistorianSource(spec.label, spec.time_column, TAGS, spec=spec)
    frame = historian.pull_readings(duck, source, START, _minute(60))
    assert frame.rows() == [(START, 1.0, None), (_minute(10), 1.0, 2.0), (_minute(30), 3.0, 2.0)]
    assert historian.count_readings(duck, source, [Window(START, _minute(60))]) == [3]
