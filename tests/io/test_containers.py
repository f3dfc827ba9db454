"""Containers of tables: files, folders, patterns, archives, workbooks, standard input."""

import contextlib
import gzip
import io
import random
import subprocess
import sys
import zipfile
from datetime import date, datetime, time, timedelta

import fastexcel
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
import xlsxwriter
from whole_files import read_whole_files

from acm_etl.errors import AcmError, InputError, UsageError
from acm_etl.io.files.layout.inputs import expand_inputs
from acm_etl.io.files.layout.raw_table import open_table
from acm_etl.io.files.layout.table_rows import find_lines, find_ragged_lines, read_chunks
from acm_etl.io.files.options import ImportOptions

CSV = "Time,A\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n"
ROWS = [("2024-01-01 00:00", "1"), ("2024-01-01 01:00", "2")]


def read_rows(source):
    table = open_table(source)
    return [row for chunk in read_chunks(table, table.columns) for row in chunk.iter_rows()]


def read_single(path):
    (source,) = expand_inputs([path])
    return read_rows(source)


def compress(kind, data=None):
    data = CSV.encode() if data is None else data
    if kind == "gz":
        return gzip.compress(data)
    if kind == "zst":
        return pa.Codec("zstd").compress(data, asbytes=True)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", data)
    return buffer.getvalue()


def write_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def write_workbook(path, sheets):
    with xlsxwriter.Workbook(path) as book:
        formats = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            time: book.add_format({"num_format": "hh:mm:ss"}),
        }
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if type(cell) in formats:
                        sheet.write_datetime(i, j, cell, formats[type(cell)])
                    else:
                        sheet.write(i, j, cell)
    return path


@pytest.mark.parametrize("kind", ["gz", "zst", "zip"])
@pytest.mark.parametrize("name", ["a.csv", "data.bin"])
def test_compression_is_found_by_content(tmp_path, kind, name):
    path = tmp_path / name
    path.write_bytes(compress(kind))
    assert read_single(path) == ROWS


def test_gzip_of_several_members_is_read_to_the_end(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(compress("gz") + compress("gz", b"2024-01-01 02:00,3\n"))
    assert read_single(path) == [*ROWS, ("2024-01-01 02:00", "3")]


@pytest.mark.parametrize("kind", ["gz", "zst", "zip"])
@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_truncated_archives_are_refused(tmp_path, kind, keep):
    lines = "".join(f"2024-01-01 00:{i % 60:02d}:{i % 59:02d},{i * 7919 % 9973}\n" for i in range(20_000))
    data = compress(kind, b"Time,A\n" + lines.encode())
    path = tmp_path / "a.csv.gz"
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(InputError, match=r"a\.csv\.gz.* cannot be read"):
        read_single(path)


LEAVE_EARLY = """
import sys
from acm_etl.io.files.layout.inputs import expand_inputs
from acm_etl.io.files.layout.raw_table import open_table
from acm_etl.io.files.layout.table_rows import read_chunks
(source,) = expand_inputs([sys.argv[1]])
table = open_table(source)
chunks = read_chunks(table, table.columns)
next(chunks)
"""


@pytest.mark.slow
def test_a_process_that_ends_while_it_reads_a_zip_does_not_abort(tmp_path):
    lines = "".join(f"2024-01-01 00:{i // 60 % 60:02d}:{i % 60:02d},{i}\n" for i in range(400_000))
    path = write_zip(tmp_path / "a.zip", {"a.csv": "Time,A\n" + lines})
    done = subprocess.run([sys.executable, "-c", LEAVE_EARLY, str(path)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_errors_of_formulas_are_counted_and_not_taken_for_empty_cells(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(2, 1, ["Time", "A", "B"])
        for i in range(4):
            sheet.write_row(3 + i, 1, [f"2024-01-01 0{i}:00", i, i])
        for row, column, error in ((4, 2, "#DIV/0!"), (5, 3, "#N/A"), (6, 3, "#REF!")):
            sheet.write_formula(row, column, "=X", None, error)
    readings, rejections = read_whole_files([path], ImportOptions(time_zone="UTC"))
    assert (readings["A"].to_list(), readings["B"].to_list()) == ([0, None, 2, 3], [0, 1, None, None])
    counts = rejections.select("ColumnName", "EventType", "SampleValues").sort("ColumnName").rows()
    assert counts == [("A", "text_state", "#DIV/0!"), ("B", "text_state", "#N/A, #REF!")]


def test_a_workbook_is_opened_once_for_all_sheets_and_both_passes(tmp_path, monkeypatch):
    rows = [["Time", "A"], *[[datetime(2024, 1, 1, hour), hour] for hour in range(9)]]
    path = write_workbook(tmp_path / "w.xlsx", {"North": rows, "South": rows})
    opened, read_excel = [], fastexcel.read_excel
    monkeypatch.setattr(fastexcel, "read_excel", lambda content: opened.append(path) or read_excel(content))
    for source in expand_inputs([path]):
        assert len(read_rows(source)) == 9
    assert len(opened) == 1


def test_every_table_of_a_zip_is_read_and_others_are_named(tmp_path):
    workbook = write_workbook(tmp_path / "b.xlsx", {"S": [["Time", "A"], [datetime(2024, 1, 1), 1]]})
    parquet = io.BytesIO()
    pl.DataFrame({"Time": [datetime(2024, 1, 1)], "A": [1.5]}).write_parquet(parquet)
    members = {
        "x/day10.csv": CSV, "x/day2.csv": CSV, "README.txt": "Values, as exported.\nBy hand.\n", "b.xlsx": None,
        "p.parquet": parquet.getvalue(), "x/empty.csv": "", "__MACOSX/._day2.csv": b"\0\5\26\7",
        "notes.pdf": b"%PDF-1.7 x",
    }  # fmt: skip
    members["b.xlsx"] = workbook.read_bytes()
    path, notes = write_zip(tmp_path / "hist.zip", members), []
    found = expand_inputs([path], notes.append)
    assert [source.name.removeprefix(f"{path}/") for source in found] == [
        "b.xlsx", "p.parquet", "x/day2.csv", "x/day10.csv",
    ]  # fmt: skip
    assert [source.format for source in found] == ["xlsx", "parquet", "text", "text"]
    assert [read_rows(source)[0][1] for source in found] == ["1", 1.5, "1", "1"]
    skipped = {"README.txt", "x/empty.csv", "notes.pdf", "__MACOSX/._day2.csv"}
    assert all(any(name in note for note in notes) for name in skipped)
    assert len(notes) == len(skipped)


def test_sheets_with_a_table_are_read_with_their_times(tmp_path):
    start = datetime(2024, 1, 1, 0, 0, 7)
    rows = [["Report"], [], ["Time", "A", "State", "Day", "Clock"]]
    rows += [
        [start + timedelta(seconds=7 * i), 1.5 + i, "Bad" if i else True, date(2024, 1, 2), time(1, 2, i)]
        for i in range(3)
    ]
    path, notes = write_workbook(tmp_path / "w.xlsx", {"Data 1": rows, "Empty": [], "Data 2": rows[2:]}), []
    first, second = expand_inputs([path], notes.append)
    assert [first.sheet, second.sheet] == ["Data 1", "Data 2"]
    assert any("Empty" in note for note in notes)
    table = open_table(first)
    assert table.columns == ("Time", "A", "State", "Day", "Clock")
    assert (table.layout.header_line, table.layout.first_data_line) == (3, 4)
    assert find_lines(table, [0, 2]) == [4, 6]
    assert read_rows(first)[0] == ("2024-01-01 00:00:07", "1.5", "true", "2024-01-02", "01:02:00")
    assert read_rows(second) == read_rows(first)


def test_a_sheet_of_a_chart_is_no_warning(tmp_path, caplog):
    with xlsxwriter.Workbook(tmp_path / "w.xlsx") as book:
        for row, cells in enumerate([["Time", "A"], ["2024-01-01 00:00", 1], ["2024-01-01 01:00", 2]]):
            (book.get_worksheet_by_name("Data") or book.add_worksheet("Data")).write_row(row, 0, cells)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Data!$B$2:$B$3"})
        book.add_chartsheet("Chart").set_chart(chart)
    assert [source.sheet for source in expand_inputs([tmp_path / "w.xlsx"])] == ["Data"]
    assert not caplog.records


def test_typed_files_keep_their_types(tmp_path):
    frame = pl.DataFrame({" Time ": [datetime(2024, 1, 1), None], "A": [1.5, None], "B": [True, False]})
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_ipc(tmp_path / "b.feather")
    frame.write_ipc_stream(tmp_path / "c.arrow")
    for name in ("a.parquet", "b.feather", "c.arrow"):
        (source,) = expand_inputs([tmp_path / name])
        table = open_table(source)
        assert table.columns == ("Time", "A", "B")
        (chunk,) = read_chunks(table, ["B", "Time"])
        assert chunk.columns == ["Time", "B"]
        assert chunk.dtypes == [pl.Datetime("us"), pl.Boolean]
        assert find_lines(table, [1]) == [2]
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress((tmp_path / "a.parquet").read_bytes()))
    assert read_single(tmp_path / "a.parquet.gz") == frame.rows()


def test_repeated_names_of_a_parquet_file_are_kept_by_position(tmp_path):
    table = pa.table([pa.array([1]), pa.array([2]), pa.array([3])], names=["Time", "A", "time"])
    pa.parquet.write_table(table.rename_columns(["Time", "A", "Time"]), tmp_path / "a.parquet")
    (source,) = expand_inputs([tmp_path / "a.parquet"])
    opened = open_table(source)
    assert opened.columns == ("Time", "A", "Time (2)")
    assert [chunk.rows() for chunk in read_chunks(opened, ["Time (2)", "A"])] == [[(2, 3)]]


def test_folders_are_read_in_natural_order(tmp_path):
    folder = tmp_path / "export"
    for name in ("day10.csv", "day2.csv", "sub/day1.csv", ".hidden.csv", ".git/x.csv", "README", "notes.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(CSV if name.endswith(".csv") else "One, two\nthree, and four,\nfive.\n")
    (folder / "empty.csv").touch()
    notes = []
    found = expand_inputs([folder], notes.append)
    assert [str(source.path.relative_to(folder)) for source in found] == ["day2.csv", "day10.csv", "sub/day1.csv"]
    for name in (".hidden.csv", ".git/x.csv", "empty.csv", "README", "notes.md"):
        assert any(name in note for note in notes), name


def test_patterns_are_expanded_and_repeated_files_said(tmp_path):
    for name in ("day10.csv", "day2.csv", "sub/day3.csv", "data[1].csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(CSV)
    names = [source.path.name for source in expand_inputs([f"{tmp_path}/day*.csv"])]
    assert names == ["day2.csv", "day10.csv"]
    assert len(expand_inputs([f"{tmp_path}/**/*.csv"])) == 4
    assert len(expand_inputs([tmp_path / "data[1].csv"])) == 1
    notes = []
    assert len(expand_inputs([tmp_path / "day2.csv", f"{tmp_path}/day*.csv"], notes.append)) == 2
    assert len(notes) == 1
    with pytest.raises(UsageError, match=r"night\*\.csv"):
        expand_inputs([f"{tmp_path}/night*.csv"])


REFUSED = {
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as .xlsx"),
    "locked.xlsx": (
        b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "save it without one"
    ),
    "report.pdf": (b"%PDF-1.7\n...", "PDF"),
    "readings.csv": (b'[ {"time": "2024-01-13", "A": 1} ]', "JSON"),
    "page.xls": (b"\xef\xbb\xbf<html><table><tr><td>Time</td></tr></table></html>", "HTML"),
    "calc.ods": (None, "OpenDocument"),
    "locked.zip": (None, "encrypted"),
    "archive.tar.gz": (gzip.compress(bytes(257) + b"ustar" + bytes(250)), "tar -xf"),
    "twice.csv.gz": (gzip.compress(gzip.compress(CSV.encode())), "compressed twice"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(99), "7-Zip"),
    "half.parquet": (b"PAR1" + bytes(99), "cannot be read"),
    "half.arrow": (b"ARROW1" + bytes(99), "cannot be read"),
    "half.zip": (b"PK\x03\x04" + bytes(99), "cannot be read"),
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b"\xef\xbb\xbf \r\n\r\n", "is empty"),
    "nul.csv": (CSV.encode() + b"\0" * 99, "NUL bytes, the first in line 4"),
    "broken.csv": ("Time,°C\n2024-01-01,1\n".encode() + b"2024-01-02,\xb0\n", "the first in line 3"),
    "neither.csv": (b"Time,A\n2024-01-01,\x81\xff\n", "see line 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_other_files_are_refused_with_a_way_out(tmp_path, name):
    content, words = REFUSED[name]
    path = tmp_path / name
    if name == "calc.ods":
        write_zip(path, {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"})
    elif name == "locked.zip":
        content = bytearray(compress("zip"))
        content[6] |= 1
        content[content.index(b"PK\x01\x02") + 8] |= 1
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_single(path)
    assert words in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_to_read_is_wrong_usage(tmp_path):
    for arguments in ([], [tmp_path], [tmp_path / "none.csv"]):
        with pytest.raises(UsageError):
            expand_inputs(arguments)


@pytest.mark.slow
def test_damaged_bytes_are_read_or_refused_and_no_row_is_lost(tmp_path, rng_bytes):
    lines = [f"2024-01-01 {i // 60:02d}:{i % 60:02d},{i},{i / 2}" for i in range(200)]
    seeds = ["Report\n\nTime,A,B\n" + "\n".join(lines) + "\n", '"Time";"A";"B"\n' + "\n".join(lines).replace(",", ";")]
    packed = [compress(kind, text.encode()) for kind in ("gz", "zst", "zip") for text in seeds[:1]]
    workbook = write_workbook(
        tmp_path / "w.xlsx", {"S": [["Time", "A"], *[[datetime(2024, 1, 1), i] for i in range(9)]]}
    )
    pl.DataFrame({"Time": [datetime(2024, 1, 1)] * 9, "A": range(9)}).write_parquet(tmp_path / "p.parquet")
    contents = [text.encode() for text in seeds] * 3
    contents += [*packed, seeds[0].encode("utf-16"), workbook.read_bytes(), (tmp_path / "p.parquet").read_bytes()]
    for number in range(400):
        path = tmp_path / "m.csv"
        path.write_bytes(rng_bytes(contents[number % len(contents)]))
        with contextlib.suppress(AcmError):
            for source in expand_inputs([path]):
                check_rows_are_counted(source)


def check_rows_are_counted(source):
    """Rows of another parser are delivered or counted as ragged, each once."""
    table, ragged = open_table(source), []
    delivered = sum(len(chunk) for chunk in read_chunks(table, table.columns, ragged.append))
    if table.is_text and table.layout.encoding:
        assert len(find_lines(table, range(delivered + 10))) == delivered
        assert len(find_ragged_lines(table, limit=10**6)) <= len(ragged)


@pytest.fixture
def rng_bytes():
    """Return a function that damages bytes at a few places, always in the same way."""
    dice = random.Random(7)

    def damage(data):
        found = bytearray(data)
        for _ in range(dice.choice([1, 1, 2, 5, 20])):
            place = dice.randrange(len(found))
            kind = dice.randrange(4)
            if kind == 0:
                found[place] = dice.randrange(256)
            elif kind == 1:
                del found[place : place + dice.randrange(1, 40)]
            elif kind == 2:
                found[place:place] = dice.choice([b'"', b",", b"\n", b";", b"\r", b"\t", b"#", b"\xc3", b"\0"])
            else:
                found[place:place] = found[: dice.randrange(60)]
            if not found:
                return b""
        return bytes(found)

    return damage
