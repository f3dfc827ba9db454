"""Declared sources: names, queries, clocks and qualities."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acm_etl.dialects import DUCKDB, MSSQL
from acm_etl.errors import UsageError
from acm_etl.io import source_clock, source_quality, source_sql
from acm_etl.source_spec import SourceSpec, format_object_name, is_selected, parse_object_name


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("History", ("History",)),
        ("Runtime.dbo.History", ("Runtime", "dbo", "History")),
        ("[My DB].dbo.[Long].[x]", None),
        ("[My.DB].[a]]b]", ("My.DB", "a]b")),
        ('"a""b".c', ('a"b', "c")),
        ("a..b", None),
        ("a.b.", None),
        ("", None),
        ("t; DROP TABLE x", ("t; DROP TABLE x",)),
    ],
)
def test_names_have_one_to_three_parts(text, parts):
    if parts is None:
        with pytest.raises(UsageError):
            parse_object_name(text)
    else:
        assert parse_object_name(text) == parts


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=3))
def test_any_name_survives_and_stays_within_its_quotes(parts):
    assert parse_object_name(format_object_name(*parts)) == tuple(parts)
    spec = SourceSpec(object_name=format_object_name(*parts))
    for dialect in (DUCKDB, MSSQL):
        assert source_sql.build_relation(spec, dialect) == ".".join(map(dialect.quote, parts)) + " AS s"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT a FROM t",
        "select a from t where note = 'x; drop table y' -- c",
        'SELECT [delete], "insert" FROM t WHERE (a + (b)) > 1;',
        "SELECT a /* ; */ FROM t",
        "SELECT Ts, TagName FROM read_parquet('s3://plant/h.parquet?v=1') WHERE PWD = 1 AND TagName <> 'user:x@y'",
        "SELECT a FROM t WHERE note NOT LIKE '%password=%' AND note NOT LIKE 'pwd = _%'",
    ],
)
def test_a_single_select_is_a_source(query):
    assert source_sql.check_query(query)


@pytest.mark.parametrize(
    "query",
    ["", "DELETE FROM t", "SELECT 1; SELECT 2", "SELECT 1) AS x; DROP TABLE t; --", "SELECT a INTO t2 FROM t",
     "WITH x AS (SELECT 1) DELETE FROM x", "EXEC sp_who", "SELECT (1", "UPDATE t SET a = 1",
     "SELECT a FROM OPENROWSET('MSOLEDBSQL', 'Server=h;UID=sa;PWD=x1', 'SELECT 1 AS a') AS r",
     "SELECT a FROM OPENROWSET('MSDASQL', 'Server=h;Password=\"x 1\";UID=sa', 'SELECT 1 AS a') AS r",
     "SELECT a FROM postgres_scan('host=h user=u password=''x 1''', 's', 't')",
     "SELECT a FROM postgres_scan('postgres://u:x1@h/d', 's', 't')", 'SELECT a FROM "https://u:x1@h/x.csv"',
     "SELECT 1 AS ä$$ FROM t) AS s; DROP TABLE t; SELECT * FROM (SELECT 1 AS ä$$ FROM t"],
)  # fmt: skip
def test_everything_else_is_refused(query):
    with pytest.raises(UsageError):
        source_sql.check_query(query)


def test_plain_names_are_compared_without_a_conversion_of_the_column():
    """A column of VARCHAR is converted for a literal N'...', and an index on it is of no use then."""
    spec = SourceSpec(
        object_name="H", shape="long", tag_column="Tag", value_column="V", filter_column="M", filter_value="F'1"
    )
    assert source_sql.build_tag_condition(spec, ["a'b", "c"], MSSQL).terms == ("s.[Tag] IN ('a''b', 'c')",)
    assert source_sql.build_tag_condition(spec, ["a", "Größe"], MSSQL).terms == ("s.[Tag] IN ('a', N'Größe')",)
    assert source_sql.build_filter(spec, MSSQL).terms == ("s.[M] = 'F''1'",)


def test_tags_are_selected_by_patterns():
    names = ["FI-101", "fi-102", "TI-1", "TI-1_SP"]
    assert [n for n in names if is_selected(n, ("FI-*", "TI-*"), ("*_sp",))] == ["FI-101", "fi-102", "TI-1"]
    assert [n for n in names if is_selected(n, ())] == names


def _local(*texts):
    return pl.Series([datetime.fromisoformat(text) for text in texts], dtype=pl.Datetime("ms"))


def test_local_times_become_utc_and_doubtful_ones_show():
    times = _local("2024-03-31 01:59", "2024-03-31 02:30", "2024-03-31 03:00", "2024-10-27 02:30", "2024-10-27 03:00")
    utc = source_clock.convert_to_utc(times, "Europe/Berlin").to_list()
    assert utc == [
        datetime(2024, 3, 31, 0, 59), None, datetime(2024, 3, 31, 1), datetime(2024, 10, 27, 0, 30),
        datetime(2024, 10, 27, 2)]  # fmt: skip
    assert source_clock.flag_ambiguous(times, "Europe/Berlin").to_list() == [False, False, False, True, False]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia"])
@given(st.datetimes(datetime(2011, 1, 1), datetime(2025, 1, 1)), st.timedeltas(timedelta(0), timedelta(days=2)))
def test_limits_contain_every_reading_of_the_period(zone, start, length):
    moment = start + length / 2
    local = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert source_clock.build_limit(start, zone, is_lower=True) <= local
    assert local <= source_clock.build_limit(start + length, zone, is_lower=False)


def test_offsets_and_epochs_become_utc():
    zoned = _local("2024-07-01 12:00").dt.replace_time_zone("Europe/Berlin")
    assert source_clock.convert_to_utc(zoned, "offset").item() == datetime(2024, 7, 1, 10)
    seconds = pl.Series([1_700_000_000.25])
    assert source_clock.convert_to_utc(seconds, "epoch_s").item() == datetime(2023, 11, 14, 22, 13, 20, 250_000)
    milliseconds = pl.Series([1_700_000_000_250])
    assert source_clock.convert_to_utc(milliseconds, "epoch_ms").item() == datetime(2023, 11, 14, 22, 13, 20, 250_000)


@pytest.mark.parametrize(
    ("column", "values", "rule", "bad"),
    [
        ("QualityDetail", [192, 64, 0, 20, 448, None], "opc", [False, False, True, True, False, False]),
        ("Quality", [0, 1, 0, 133], "zero_good", [False, True, False, True]),
        ("Quality", [192, 0, 216, 24], "opc", [False, True, False, True]),
        ("QualityDetail", [192.0, float("nan"), 0.0], "opc", [False, False, True]),
        ("DataQuality", [100, 0, 100], "percent", [False, True, False]),
        ("Validity", [1, 0, 1], "one_good", [False, True, False]),
        ("Quality", ["Good", "Bad", "Uncertain", "Comm Fail", None], "words", [False, True, False, True, False]),
        ("Quality", ["Good", "", " ", "Bad"], "words", [False, False, False, True]),
        ("QualityDetail", ["192", "", "0 "], "opc", [False, False, True]),
    ],
)
def test_quality_is_read_by_name_and_values(column, values, rule, bad):
    quality = pl.Series(values)
    assert source_quality.choose_quality_rule(column, quality) == rule
    assert source_quality.flag_bad_quality(quality, rule).to_list() == bad


def test_texts_are_numbers_or_states():
    texts = pl.Series(["1.5", " On", "CLOSED", "I/O Timeout", None, "-3e2"])
    assert source_quality.parse_values(texts).to_list() == [1.5, 1.0, 0.0, None, None, -300.0]
