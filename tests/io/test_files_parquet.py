"""Parquet files of readings."""

from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from whole_files import read_whole_files

from acm_etl.errors import InputError
from acm_etl.io.files.options import ImportOptions
from acm_etl.words import HISTORIAN_TIME_COLUMN

NIGHT = [datetime(2012, 11, 4, 4) + timedelta(minutes=30 * i) for i in range(6)]
LOCAL = [datetime(2012, 11, 4, *clock) for clock in [(0, 0), (0, 30), (1, 0), (1, 30), (1, 0), (1, 30)]]


@pytest.fixture
def load(tmp_path):
    def run(columns, **options):
        path = tmp_path / "data.pq"
        pl.DataFrame(columns).write_parquet(path)
        return read_whole_files([path], ImportOptions(**{"time_zone": "America/New_York", **options}))

    return run


def test_times_with_a_zone_are_converted(load):
    utc = pl.Series(NIGHT).dt.replace_time_zone("UTC")
    for zone in ("UTC", "America/New_York", "Asia/Tokyo"):
        frame, report = load({"ts": utc.dt.convert_time_zone(zone), "A": range(6)})
        assert frame[HISTORIAN_TIME_COLUMN].to_list() == NIGHT
        assert report.is_empty()


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_naive_times_are_local(load, unit):
    frame, report = load({"ts": pl.Series(LOCAL, dtype=pl.Datetime(unit)), "A": range(6)})
    assert frame[HISTORIAN_TIME_COLUMN].to_list() == NIGHT
    assert frame["A"].to_list() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    counts = [row[:4] for row in report.rows()]
    assert counts == [("", "ambiguous_local_time", 4, "2012-11-04 01:00:00, 2012-11-04 01:30:00")]


def test_columns_of_every_type(load):
    frame, report = load(
        {
            "ts": pl.Series(LOCAL),
            "int": range(6),
            "bool": [True, None, False, True, True, True],
            "text": ["5", "a", None, "6", "7", "8"],
            "none": [None] * 6,
            "list": [[1]] * 6,
            "words": pl.Series(["a"] * 6, dtype=pl.Categorical),
            "decimal": pl.Series(["1.5"] * 6).cast(pl.Decimal(10, 2)),
            "float": [1.0, float("nan"), float("inf"), None, 1.0, 1.0],
        },
        time_zone="UTC",
    )
    assert frame.columns == [HISTORIAN_TIME_COLUMN, "int", "bool", "text", "decimal", "float"]
    assert set(frame.dtypes[1:]) == {pl.Float64}
    counts = {(row[0], row[1]): row[2] for row in report.rows()}
    assert counts == {
        ("list", "not_numeric_column"): 6, ("words", "not_numeric_column"): 6, ("text", "not_a_number"): 1,
        ("float", "nan"): 1, ("float", "infinite"): 1, ("", "conflicting_duplicate"): 2,
    }  # fmt: skip


def test_texts_dates_and_epochs(load):
    assert load({"ts": ["5/21/2012 14:00"], "A": [1]})[0][HISTORIAN_TIME_COLUMN].to_list() == [
        datetime(2012, 5, 21, 18)
    ]
    assert load({"ts": [NIGHT[0].date()], "A": [1]})[0][HISTORIAN_TIME_COLUMN].to_list() == [datetime(2012, 11, 4, 4)]
    epoch = {"ts": [1352001600], "A": [1]}
    assert load(epoch, time_column="ts")[0][HISTORIAN_TIME_COLUMN].to_list() == NIGHT[:1]
    assert load(epoch)[0][HISTORIAN_TIME_COLUMN].to_list() == NIGHT[:1]


def test_no_times_and_no_rows(load):
    with pytest.raises(InputError, match="times of day without a date"):
        load({"ts": [NIGHT[0].time()], "A": [1]}, time_column="ts")
    with pytest.raises(InputError, match="no rows"):
        load({"ts": pl.Series([], dtype=pl.Datetime), "A": pl.Series([], dtype=pl.Float64)})


UTC_NIGHT = pa.array(NIGHT, pa.timestamp("us", "UTC"))


@pytest.mark.parametrize(
    ("times", "values"),
    [
        (UTC_NIGHT.cast(pa.timestamp("us", "+05:30")), pa.array([1.5, 2.5] * 3)),
        (UTC_NIGHT, pa.array([Decimal("1.5"), Decimal("2.5")] * 3, pa.decimal256(40, 2))),
        (UTC_NIGHT, pa.array([b"1.5", b"2.5"] * 3, pa.binary())),
        (UTC_NIGHT, pc.run_end_encode(pa.array([1.5, 2.5] * 3))),
    ],
    ids=["offset", "decimal256", "bytes", "runs"],
)
def test_types_that_polars_does_not_know_keep_their_values(tmp_path, times, values):
    path = tmp_path / "data.arrow"
    table = pa.table({"ts": times, "A": values})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    frame, report = read_whole_files([path], ImportOptions(time_zone="America/New_York"))
    assert frame[HISTORIAN_TIME_COLUMN].to_list() == NIGHT
    assert frame["A"].to_list() == [1.5, 2.5] * 3
    assert report.is_empty()


def test_bytes_that_are_no_text_are_left_out(tmp_path):
    path = tmp_path / "data.pq"
    pq.write_table(pa.table({"ts": UTC_NIGHT, "A": [1.0] * 6, "blob": pa.array([b"\xff\x00"] * 6)}), path)
    frame, report = read_whole_files([path], ImportOptions(time_zone="UTC"))
    assert frame.columns == [HISTORIAN_TIME_COLUMN, "A"]
    assert report["ColumnName"].to_list() == ["blob"]
