"""Every trap of a plant's CSV files, one by one."""

import weakref
from datetime import datetime

import polars as pl
import pytest
from whole_files import read_whole_files

from acm_etl.errors import InputError, UsageError
from acm_etl.io.files.layout import csv_batches, raw_table, table_rows
from acm_etl.io.files.layout.inputs import expand_inputs
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.prepare import prepare_import
from acm_etl.io.files.reader import stream_readings
from acm_etl.io.files.rejections import sum_rejections
from acm_etl.words import FILE_COLUMN, HISTORIAN_TIME_COLUMN, ROW_COLUMN

UTC = ImportOptions(time_zone="UTC")


@pytest.fixture
def load(tmp_path):
    """Write one file and read it: ``(frame, {(column, rule): (rows, samples)})``."""

    def run(content, name="data.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        frame, report = read_whole_files([path], ImportOptions(**{"time_zone": "UTC", **options}))
        return frame, {(row[0], row[1]): (row[2], row[3]) for row in report.rows()}

    return run


def hours(*values):
    return [datetime(2012, 1, 1, hour) for hour in values]


def test_plain_file_comes_through_whole(load):
    frame, report = load("TS,A,B\n2012-01-01 00:00,1,2.5\n2012-01-01 01:00,,-3e2\n")
    assert frame.schema == {HISTORIAN_TIME_COLUMN: pl.Datetime("ms"), "A": pl.Float64, "B": pl.Float64}
    assert frame.rows() == [(hours(0)[0], 1.0, 2.5), (hours(1)[0], None, -300.0)]
    assert report == {}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(load, delimiter):
    frame, _ = load("TS,A,B\n2012-01-01 00:00,1,2\n2012-01-01 01:00,3,4\n".replace(",", delimiter))
    assert frame.rows() == [(hours(0)[0], 1.0, 2.0), (hours(1)[0], 3.0, 4.0)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252", "utf-16"])
def test_encoding_is_found(load, encoding):
    frame, _ = load("TS,Öl °C\n2012-01-01 00:00,5\n".encode(encoding))
    assert frame.columns == [HISTORIAN_TIME_COLUMN, "Öl °C"]
    assert frame["Öl °C"].to_list() == [5.0]


def test_guessed_encoding_and_columns_left_out_are_noted(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("TS,T °C,State\n2012-01-01 00:00,5,shift 1\n".encode("cp1252"))
    found = prepare_import([path], UTC)
    assert any("Windows-1252" in line for line in found.notes)
    left_out = [(column.name, column.reason, column.samples) for column in found.plan.kinds[0].left_out]
    assert left_out == [("State", "constant_text", ("shift 1",))]
    assert found.plan.tags == ("T °C",)
    assert found.row_count == 1


def test_quoted_cells_line_ends_and_line_breaks_in_names(load):
    frame, _ = load('"TS","A\n(C)"\r\n"2012-01-01 00:00","1.5"\r\n\r\n')
    assert frame.columns == [HISTORIAN_TIME_COLUMN, "A\n(C)"]
    assert frame.rows() == [(hours(0)[0], 1.5)]


def test_descriptions_and_units_under_the_header_are_no_readings(load):
    frame, report = load(
        "Point Name,II100,TI101\nDescription,current,temp\nUnits,A,C\n"
        + "".join(f"2012-01-01 {hour:02d}:00,1,2\n" for hour in range(5))
    )
    assert len(frame) == 5
    assert report == {}


def test_ragged_rows_are_counted(load):
    frame, report = load(
        "TS,A,B\n2012-01-01 00:00,5,1\n2012-01-01 01:00,5\n2012-01-01 02:00,5,6,7\n2012-01-01 03:00,1,1\n"
    )
    assert frame[HISTORIAN_TIME_COLUMN].to_list() == hours(0, 3)
    assert report[("", "ragged_row")] == (2, "2012-01-01 01:00,5, 2012-01-01 02:00,5,6,7")


def test_text_between_numbers_becomes_null_and_is_counted(load):
    cells = ["1", "N/A", "Bad", "#VALUE!", " 2 ", "1,5", ""]
    frame, report = load("TS,A\n" + "".join(f'2012-01-01 0{i}:00,"{cell}"\n' for i, cell in enumerate(cells)))
    # The decimal comma of one cell is as clear as the points of the others.
    assert frame["A"].to_list() == [1.0, None, None, None, 2.0, 1.5, None]
    assert report == {("A", "text_state"): (3, "N/A, Bad, #VALUE!")}


def test_only_finite_numbers_are_kept(load):
    cells = ["NaN", "inf", "-Infinity", "1e400", "1e308"]
    frame, report = load("TS,A\n" + "".join(f"2012-01-01 0{i}:00,{cell}\n" for i, cell in enumerate(cells)))
    assert frame["A"].to_list() == [None, None, None, None, 1e308]
    assert report == {("A", "nan"): (1, "NaN"), ("A", "infinite"): (3, "inf, -Infinity, 1e400")}


def test_columns_without_a_value_go_and_states_become_numbers(load):
    frame, report = load("TS,A,Empty,Mode,State\n2012-01-01 00:00,1,,x,on\n2012-01-01 01:00,2,,,\n")
    assert frame.columns == [HISTORIAN_TIME_COLUMN, "A", "State"]
    assert frame["State"].to_list() == [1, None]
    assert report == {("Mode", "not_numeric_column"): (1, "x")}


def test_decimal_comma_where_the_whole_column_says_so(load):
    frame, report = load("TS;A;B\n2012-01-01 00:00;1,5;1,5\n2012-01-01 01:00;2;2.5\n2012-01-01 02:00;Bad;3\n")
    assert frame["A"].to_list() == [1.5, 2.0, None]
    assert frame["B"].to_list() == [1.5, 2.5, 3.0]
    assert report == {("A", "text_state"): (1, "Bad")}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", ["TS", "Ts", "Timestamp", "Time", "DATE", "DateTime", "EntryDateTime", " ts "])
def test_time_column_is_found_by_name(load, name):
    frame, _ = load(f"A,2nd,{name}\n1,2013-01-01,2012-01-01 00:00\n")
    assert frame[HISTORIAN_TIME_COLUMN].to_list() == hours(0)


def test_time_column_is_found_by_content_or_named(load):
    content = "A,Zeit,Logged\n1,2012-01-01 00:00,2012-01-01 05:00\n"
    assert load(content)[0][HISTORIAN_TIME_COLUMN].to_list() == hours(0)
    assert load(content, time_column="logged")[0][HISTORIAN_TIME_COLUMN].to_list() == hours(5)


@pytest.mark.parametrize(("stamp", "scale"), [(1325376000, 1), (1325376000, 1000)])
def test_epoch_numbers_are_found_by_their_name_and_range(load, stamp, scale):
    content = f"TS,A\n{stamp * scale},1\n{(stamp + 3600) * scale},2\n"
    assert load(content, time_column="TS")[0][HISTORIAN_TIME_COLUMN].to_list() == hours(0, 1)
    assert load(content)[0][HISTORIAN_TIME_COLUMN].to_list() == hours(0, 1)
    with pytest.raises(InputError, match="--time-column 'A'"):
        load(content.replace("TS,A", "A,Level").replace(",1", ",1325376000").replace(",2", ",1325376001"))


def test_cells_of_later_rows_and_later_files_win(tmp_path):
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    first.write_text("TS,A,B\n2012-01-01 00:00,1,1\n2012-01-01 01:00,1,1\n2012-01-01 01:00,2,2\n2012-01-01 02:00,7,7\n")
    second.write_text("ts,C,b\n2012-01-01 00:00,9,8\n2012-01-01 02:00,,7\n")
    frame, report = read_whole_files([first, second], UTC)
    assert frame.columns == [HISTORIAN_TIME_COLUMN, "A", "B", "C"]
    assert frame.rows() == [
        (hours(0)[0], 1.0, 8.0, 9.0), (hours(1)[0], 2.0, 2.0, None), (hours(2)[0], 7.0, 7.0, None),
    ]  # fmt: skip
    counts = {row[1]: row[2:4] for row in report.rows()}
    assert counts["conflicting_duplicate"] == (2, ", ".join(map(str, hours(0, 1))))
    assert counts["duplicate"][0] == 1


def test_exact_duplicates_are_told_from_conflicts(load):
    _, report = load("TS,A\n" + "2012-01-01 00:00,1\n" * 3 + "2012-01-01 01:00,\n2012-01-01 01:00,\n")
    assert report == {("", "duplicate"): (3, "2012-01-01 00:00:00, 2012-01-01 01:00:00")}


def test_batches_carry_on_where_the_last_one_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_batches, "_BLOCK_BYTES", 2000)
    night = ["00:00", *[f"01:{m:02d}" for m in range(60)] * 2, "02:00"]
    path = tmp_path / "a.csv"
    path.write_text("TS,A,S\n" + "".join(f"11/04/2012 {clock},{i % 50},x\n" for i, clock in enumerate(night)))
    second = tmp_path / "b.csv"
    second.write_bytes(path.read_bytes())
    options = ImportOptions(time_zone="America/New_York", date_order="mdy")
    parts = list(stream_readings(prepare_import([path, second], options)))
    assert len(parts) >= 4  # each file in several
    whole = pl.concat([part.frame for part in parts], how="diagonal")
    assert whole[ROW_COLUMN].to_list() == [*range(122)] * 2
    assert whole[FILE_COLUMN].to_list() == [0] * 122 + [1] * 122
    assert whole.head(122)[HISTORIAN_TIME_COLUMN].is_sorted()
    assert whole.head(122)[HISTORIAN_TIME_COLUMN].n_unique() == 122
    counts = {row[1]: row[2] for row in sum_rejections(part.rejections for part in parts).rows()}
    assert counts == {"ambiguous_local_time": 240, "not_numeric_column": 244}


BAD_FILES = {
    "empty": ("", "is empty"),
    "blank": (" \n\n", "is empty"),
    "header only": ("TS,A\n", "no rows"),
    "one column": ("TS\n2012-01-01\n", "no table"),
    "binary": (bytes(range(256)) * 9, "binary"),
    "zip": (b"PK\x03\x04...", "zip archive"),
    "no encoding": (b"TS,A\n2012-01-01,\x81\xff\n", "neither UTF-8"),
    "broken parquet": (b"PAR1" + b"junk" * 9, "cannot be read"),
    "reserved": ("TS,A,fileordinal\n2012-01-01,1,2\n", "reserved name: fileordinal"),
    "reserved time": ("TS,EntryDateTime,A\n2012-01-01,1,2\n", "reserved name: EntryDateTime"),
    "long name": (f"TS,{'A' * 129}\n2012-01-01,1\n", "more than 128"),
    "no tags": ("TS,A\n2012-01-01,x\n", "no column of numbers"),
    "no header": ("2012-01-01 00:00,1\n2012-01-01 01:00,2\n", "no header"),
    "no time": ("A,B\n1,2\n", "the columns are A, B"),
    "mostly no time": ("TS,A\nfoo,1\nbar,2\n2012-01-01,3\n", "begins foo, bar"),
    "time of day alone": ("Day,Time,A\nMonday,00:00,1\nTuesday,01:00,1\n", "times of day without a date"),
    "mostly ragged": (
        "TS,A\n2012-01-01,1\n2012-01-02\n2012-01-03\n",
        "of 3 rows, 2 rows not as wide as the header .the first in line 3",
    ),
}


@pytest.mark.parametrize(("content", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_files_are_refused_in_one_line(load, content, message):
    with pytest.raises(InputError, match=message) as caught:
        load(content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"<html>not found</html>\n", bytes(range(256)) * 9])
def test_what_is_only_called_parquet_is_said_to_be_none(load, content):
    with pytest.raises(InputError, match="is not a Parquet file: it does not begin with PAR1; write it again"):
        load(content, name="a.parquet")


def test_text_that_is_called_parquet_is_taken(load):
    frame, _ = load("TS,A\n2012-01-01 00:00,1\n", name="a.parquet")
    assert frame["A"].to_list() == [1.0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_the_first_ragged_line_is_named(tmp_path, encoding):
    path = tmp_path / "a.csv"
    lines = ["TS,Öl", "2012-01-01 00:00,1", "2012-01-01 01:00,2", "2012-01-01 02:00,ö,3", "2012-01-01 03:00"]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    found = prepare_import([path], UTC)
    assert any("2 rows not as wide as the header (the first in line 4)" in note for note in found.notes)


def test_named_time_column_is_checked(load):
    with pytest.raises(InputError, match="It has TS, A"):
        load("TS,A\n2012-01-01,1\n", time_column="Zeit")
    with pytest.raises(InputError, match="3 of 4 rows"):
        load("TS,A\nx,1\ny,1\nz,1\n2012-01-01,1\n", time_column="TS")
    with pytest.raises(InputError, match="mixes"):
        load("TS,A\n1325376000,1\n1325376000000,1\n", time_column="TS")


def test_missing_files_and_directories(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        prepare_import([tmp_path / "none.csv"], UTC)
    with pytest.raises(UsageError, match="no table in"):
        prepare_import([tmp_path], UTC)
    with pytest.raises(UsageError, match="no files"):
        prepare_import([], UTC)


def test_broken_off_rows_and_open_quotes_lose_only_what_is_counted(load):
    frame, report = load("TS,A,B\n2012-01-01 00:00,1,2\n2012-01-01 01:00,3,4\n2012-01-01 02:0")
    assert frame[HISTORIAN_TIME_COLUMN].to_list() == hours(0, 1)
    assert report[("", "ragged_row")] == (1, "2012-01-01 02:0")
    with pytest.raises(InputError):
        load('TS,A\n2012-01-01 00:00,"1\n' + "2012-01-01 01:00,2\n" * 9)


def test_file_that_changes_between_the_passes_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("TS,A\n2012-01-01 00:00,1\n")
    found = prepare_import([path], UTC)
    path.write_text("TS,B\n2012-01-01 00:00,1\n")
    with pytest.raises(InputError, match="cannot be read"):
        list(stream_readings(found))


class Listener:
    """Told about ragged rows; not kept alive by anybody but the reader."""

    def __call__(self, row):
        """Hear of a row."""


@pytest.mark.parametrize("way", ["header only", "read to the end", "left early", "broken"])
def test_no_thread_of_a_reader_is_left_when_its_reading_ends(tmp_path, monkeypatch, way):
    monkeypatch.setattr(csv_batches, "_BLOCK_BYTES", 1 << 10)
    rows = 0 if way == "header only" else 500
    path = tmp_path / "a.csv"
    path.write_text("TS,A\n" + "2012-01-01 00:00,1\n2012-01-01 00:00,1,2\n" * rows)
    source = raw_table.open_table(*expand_inputs([path]))
    if way == "broken":
        path.write_bytes(path.read_bytes() + b"\xff\xff,1\n" * 500)
    for _ in range(40):
        listener = Listener()
        kept = weakref.ref(listener)
        found = table_rows.read_chunks(source, source.columns, listener)
        if way == "left early":
            next(found)
            found.close()
        elif way == "broken":
            with pytest.raises(InputError):
                list(found)
        else:
            list(found)
        del listener, found
        assert kept() is None, "a thread that comes back into a Python that ends aborts the process"
