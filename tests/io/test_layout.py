"""Layout of text tables: encoding, delimiter, header, units, comments, ragged rows."""

import pytest

from acm_etl.errors import InputError, UsageError
from acm_etl.io.files.layout import csv_batches
from acm_etl.io.files.layout.containers import InputFile
from acm_etl.io.files.layout.raw_table import open_table, rebuild_table
from acm_etl.io.files.layout.table_rows import find_lines, find_ragged_lines, read_chunks
from acm_etl.io.files.layout.text_layout import LayoutOptions

DATA = "2024-01-01 00:00,1,2.5\n2024-01-01 01:00,2,3.5\n"
ROWS = [("2024-01-01 00:00", "1", "2.5"), ("2024-01-01 01:00", "2", "3.5")]


@pytest.fixture
def load(tmp_path):
    """Write one file and open it: ``(table, rows, ragged texts)``; the rebuilt table gives the same rows."""

    def run(content, **options):
        path = tmp_path / "data.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        table, ragged = open_table(InputFile("data.csv", path), LayoutOptions(**options)), []
        rows = [row for chunk in read_chunks(table, table.columns, ragged.append) for row in chunk.iter_rows()]
        again = rebuild_table(table.source, table.layout)
        assert (again.columns, again.positions, again.width) == (table.columns, table.positions, table.width)
        return table, rows, ragged

    return run


HEADERS = {
    "plain": ("Time,A,B\n", 1),
    "title": ("Export of unit 5\nTime,A,B\n", 2),
    "key: value": ("Report: pump\nServer: S1, S2\nFrom: 2024-01-01\n\nTime,A,B\n", 5),
    "title row of Excel": ("PI DataLink,,\n,,\nTime,A,B\n", 3),
    "as wide as the data": ("Report,pump,5\nServer,S1,x\nTime,A,B\n", 3),
    "line drawn by psql": ("Time,A,B\n-----+---+---\n", 1),
    "comments": ("# exported\n// by hand\nTime,A,B\n", 3),
    "comment is the header": ("# exported\n# Time zone: UTC\n#Time,A,B\n", 3),
    "sep line": ("sep=,\nTime,A,B\n", 2),
    "open quote in a title": ('"Pump 5, unit 3\nTime,A,B\n', 2),
    "blank lines": ("\n\nTime,A,B\n\n", 3),
    "trailing delimiter": ("Time,A,B,\n", 1),
    "group row above": ("Unit 1,,\nTime,A,B\n", 2),
    "titles that name times": ("Time zone,UTC,\nStart time,2024-01-01,\nTime,A,B\n", 3),
    "blank line and units": ("Time,A,B\n\n,bar,m3/h\n\n", 1),
}


@pytest.mark.parametrize("name", HEADERS)
def test_header_is_found_by_content(load, name):
    head, line = HEADERS[name]
    table, rows, ragged = load(head + DATA)
    assert table.columns == ("Time", "A", "B")
    assert table.layout.header_line == line
    assert rows == ROWS
    assert ragged == []


def test_one_text_for_all_columns_names_none_of_them(load):
    table, rows, _ = load("Site,Plant,Plant\nTag,A,B\nUnit,bar,bar\n" + DATA)
    assert (table.columns, rows) == (("Tag", "A", "B"), ROWS)


def test_two_columns_with_settings_right_above(load):
    table, rows, _ = load("Report,pump\nInterval,60\nTime,A\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n")
    assert table.columns == ("Time", "A")
    assert len(rows) == 2


def test_rows_of_units_and_descriptions_are_kept_as_units(load):
    table, rows, _ = load("Time,FI-101,TI-102\nflow,pump flow,bearing temperature\n,m3/h,°C\n" + DATA)
    assert table.units == {"FI-101": "m3/h", "TI-102": "°C"}
    assert table.layout.first_data_line == 4
    assert rows == ROWS


def test_logger_files_with_four_header_lines(load):
    table, rows, _ = load(
        '"TOA5","S","CR1000"\n"TIMESTAMP","RECORD","T_Avg"\n"TS","RN","Deg C"\n"","","Avg"\n'
        '"2024-01-01 00:00:00",0,"NAN"\n"2024-01-01 00:10:00",1,2.5\n'
    )
    assert table.columns == ("TIMESTAMP", "RECORD", "T_Avg")
    assert table.units == {"T_Avg": "Deg C"}
    assert rows == [("2024-01-01 00:00:00", "0", "NAN"), ("2024-01-01 00:10:00", "1", "2.5")]


@pytest.mark.parametrize(
    ("header", "names", "units"),
    [
        ("Tag,T-1,P-2\nText,supply,press\nUnit,°C,bar\nTime,,\n", ("Tag", "T-1", "P-2"), {"T-1": "°C", "P-2": "bar"}),
        ("Unit,°C,bar\nName,hot,cold\nTime,,\n", ("Name", "hot", "cold"), {}),
        ("Tag,T-1,P-2\nTime,°C,bar\n", ("Time", "T-1 [°C]", "P-2 [bar]"), {"T-1 [°C]": "°C", "P-2 [bar]": "bar"}),
        (",T-1,P-2\nTime,°C,bar\n", ("Time", "T-1 [°C]", "P-2 [bar]"), {"T-1 [°C]": "°C", "P-2 [bar]": "bar"}),
        ("tag,T1,P1\n,°C,bar\nTime,,\n", ("tag", "T1", "P1"), {"T1": "°C", "P1": "bar"}),
        ("Name,T1,P1\nUnit,°C,-\nTime,,\n", ("Name", "T1", "P1"), {"T1": "°C"}),
    ],
)
def test_rows_of_units_are_no_names_below_names(load, header, names, units):
    table, rows, _ = load(header + DATA)
    assert (table.columns, table.units, rows) == (names, units, ROWS)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("Report,x,y\nTime,A,V\n", ("Time", "A", "V")),
        ("Export,2024,7\nTime,°C,bar\n", ("Time", "°C", "bar")),
        ("Station,Berlin,Nord\nTime,kW,kvar\n", ("Time", "kW", "kvar")),
        ("Text,hot,cold\nTime,fan/TI101,fan/TI102\n", ("Time", "fan/TI101", "fan/TI102")),
        ("Tag,Inlet,Outlet\nTime,fan/TI101,A/F\n", ("Time", "fan/TI101", "A/F")),
        ("Signal,hot,cold\nTime,T1°C,G_W/m²\n", ("Time", "T1°C", "G_W/m²")),
        ("tag,T1,P1\n,mean,mean\nTime,,\n", ("tag", "T1 mean", "P1 mean")),
        ("Channel,1,2\nStat,avg,min\nTime,,\n", ("Stat", "avg", "min")),
        ("Tag,T-1,P-2\nText,supply,press\nTime,,\n", ("Text", "supply", "press")),
        ("Name,T-1,T-2\nUnit,°C,°C\nTime,,\n", ("Name Unit", "T-1 °C", "T-2 °C")),
        ("Sensor,S1,S2\nTime,pH,rpm\n", ("Time", "pH", "rpm")),
        ("Sensor,S1,S2\nKind,min,pH\nTime,,\n", ("Kind", "min", "pH")),
        ("Type,int,float\nUnit,°C,bar\nTime,,\n", ("Unit", "°C", "bar")),
        ("Tag,power,heat\nUnit,Boiler/1,Boiler/2\nTime,,\n", ("Unit", "Boiler/1", "Boiler/2")),
    ],
)
def test_names_with_marks_of_units_and_below_titles_stay(load, header, names):
    table, rows, _ = load(header + DATA)
    assert (table.columns, rows) == (names, ROWS)


def test_annotated_csv_of_influx(load):
    table, rows, _ = load(
        "#group,false,false,true,false\n#datatype,string,long,dateTime:RFC3339,double\n#default,_result,,,\n"
        ",result,table,_time,_value\n,,0,2024-01-01T00:00:00Z,1.5\n,,0,2024-01-01T01:00:00Z,2.5\n"
    )
    assert table.columns == ("result", "table", "_time", "_value")
    assert rows[0] == (None, "0", "2024-01-01T00:00:00Z", "1.5")


def test_names_and_types_between_quoted_marks(load):
    table, rows, _ = load(
        '"#NAMES"\n"t_stamp","A"\n"#TYPES"\n"date","F"\n"#ROWS","2"\n'
        '"2024-01-01 00:00:00","1.5"\n"2024-01-01 01:00:00","2.5"\n'
    )
    assert (table.columns, table.units) == (("t_stamp", "A"), {})
    assert rows == [("2024-01-01 00:00:00", "1.5"), ("2024-01-01 01:00:00", "2.5")]


def test_tag_names_above_a_repeated_header(load):
    table, rows, _ = load("T1,,T2,\nTime,Value,Time,Value\n2024-01-01 00:00,1,2024-01-01 00:01,2\n")
    assert table.columns == ("T1 Time", "T1 Value", "T2 Time", "T2 Value")
    assert rows == [("2024-01-01 00:00", "1", "2024-01-01 00:01", "2")]


def test_tables_without_times_or_header_need_both_options(load):
    content = "1 1 -0.0007 100.0\n1 2 0.0019 100.0\n"
    with pytest.raises(InputError):
        load(content)
    table, rows, _ = load(content, header_line=0)
    assert table.columns == ("column 1", "column 2", "column 3", "column 4")
    assert len(rows) == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "  ", "    "])
def test_delimiter_is_found(load, delimiter):
    table, rows, _ = load(("Time,A,B\n" + DATA).replace(",", delimiter))
    assert table.columns == ("Time", "A", "B")
    assert rows == ROWS


def test_columns_with_single_blanks(load):
    table, rows, _ = load("Date       Time     A\n2024-01-01 00:00:00 1,5\n2024-01-01 00:10:00 2,5\n")
    assert table.columns == ("Date", "Time", "A")
    assert rows[1] == ("2024-01-01", "00:10:00", "2,5")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_encoding_is_found(load, encoding):
    table, rows, _ = load(("Prüfung\nTime,°C,B\n" + DATA).encode(encoding))
    assert table.columns == ("Time", "°C", "B")
    assert rows == ROWS
    assert find_lines(table, [1]) == [4]


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("Дата;Температура", "cp1251"),
        ("Ώρα;Θερμοκρασία", "cp1253"),
        ("日時;温度;圧力", "shift_jis"),
        ("일시;온도", "euc_kr"),
        ("時間;溫度", "big5"),
        ("Zeit;Dämpfer", "cp850"),
    ],
)
def test_text_of_other_encodings_is_refused_and_gives_no_garbled_names(load, header, encoding):
    with pytest.raises(InputError, match=r"neither UTF-8 nor Windows-1252 text, see line 2.*iconv"):
        load(("# x\n" + header + "\n" + DATA.replace(",", ";")).encode(encoding))


def test_western_text_is_not_taken_for_another_encoding(load):
    header = "Größe «été» 20 °C \u2013 5 µm/m², ÄÜ\u2019s"
    table, rows, _ = load(f"————————\nTime;{header};B\n{DATA.replace(',', ';')}".encode("cp1252"))
    assert (table.columns, rows) == (("Time", header, "B"), ROWS)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(load, end):
    _, rows, _ = load(("Report\n\nTime,A,B\n" + DATA).replace("\n", end))
    assert rows == ROWS


def test_quoted_cells(load):
    table, rows, _ = load('"Time","A ""x""","B\nC"\n"2024-01-01 00:00","1,000.5","a\nb"\n\n"2024-01-01 01:00","2",""\n')
    assert table.columns == ("Time", 'A "x"', "B\nC")
    assert rows == [("2024-01-01 00:00", "1,000.5", "a\nb"), ("2024-01-01 01:00", "2", None)]
    assert find_lines(table, [0, 1]) == [3, 6]


NAMES = {
    "repeated": ("Time,A,Time,a\nx,1,x,2\n", ("Time", "A", "Time (2)", "a (2)")),
    "taken": ("Time,Time,Time (2)\nx,1,2\n", ("Time", "Time (3)", "Time (2)")),
    "index": (",Time,A\n0,x,1\n", ("column 1", "Time", "A")),
    "index without delimiter": ("Time,A\n7,x,1\n8,x,2\n", ("column 1", "Time", "A")),
    "blanks": (" Time , A \nx,1\n", ("Time", "A")),
    "trailing in both": ("Time,A,\nx,1,\n", ("Time", "A")),
    "trailing in rows": ("Time,A\nx,1,\n", ("Time", "A")),
    "trailing in header": ("Time,A,,\nx,1\n", ("Time", "A")),
    "empty in between": ("Time,,A\nx,,1\n", ("Time", "A")),
    "unnamed last": ("Time,A,\nx,1,7\n", ("Time", "A", "column 3")),
    "numbers": ("Time,101,102\nx,1,2\n", ("Time", "101", "102")),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_unique_and_never_empty(load, name):
    content, columns = NAMES[name]
    table, rows, ragged = load(content.replace("x", "2024-01-01 00:00"))
    assert table.columns == columns
    assert len(rows) == content.count("\n") - 1
    assert ragged == []
    assert all(None not in row for row in rows)


def test_ragged_rows_are_counted_with_their_lines(load):
    table, rows, ragged = load(
        "Report\nTime,A,B\n" + DATA + "2024-01-01 02:00,5\n\n2024-01-01 03:00,5,6,7\nEnd of file\n" + DATA
    )
    assert rows == ROWS * 2
    assert ragged == ["2024-01-01 02:00,5", "2024-01-01 03:00,5,6,7", "End of file"]
    assert find_ragged_lines(table) == [5, 7, 8]
    assert find_ragged_lines(table, limit=1) == [5]
    assert find_lines(table, [3, 0, 99]) == [3, 10]


def test_lines_behind_an_open_quote_are_counted_one_by_one(load):
    lines = [f"2024-01-01 00:{i:02d},{i},x" for i in range(10)]
    lines[3], lines[7] = '2024-01-01 00:03,"3,x', '2024-01-01 00:07,7",x'
    table, rows, ragged = load("Time,A,B\n" + "\n".join(lines) + "\n")
    assert [row[1] for row in rows] == ["0", "1", "2", "8", "9"]
    assert len(ragged) == 5
    assert find_ragged_lines(table) == [5]
    assert find_lines(table, [3]) == [10]


def test_rows_of_delimiters_are_no_rows(load):
    table, rows, ragged = load("Time,A,B,\n,,,\n2024-01-01 00:00,1,,\n,,,\n,2,,\n,,,\n")
    assert rows == [("2024-01-01 00:00", "1", None), (None, "2", None)]
    assert ragged == []
    assert find_lines(table, [0, 1]) == [3, 5]


def test_content_in_a_column_without_a_name_makes_a_row_ragged(load):
    body = "".join(f"2024-01-01 00:{i // 60:02d}:{i % 60:02d},{i},\n" for i in range(600))
    table, rows, ragged = load("Time,A\n" + body + "2024-01-01 02:00,5,7\n")
    assert table.columns == ("Time", "A")
    assert len(rows) == 600
    assert ragged == ["2024-01-01 02:00,5,7"]
    assert find_ragged_lines(table) == [602]


def test_first_reading_may_be_damaged(load):
    table, rows, ragged = load("Time,A,B\n2024-01-01 00:00,1\n" + DATA)
    assert table.columns == ("Time", "A", "B")
    assert (rows, ragged) == (ROWS, ["2024-01-01 00:00,1"])
    _, rows, _ = load("Time,A,B\n???,1,2\n" + DATA)
    assert rows == [("???", "1", "2"), *ROWS]


def test_file_without_header_needs_an_option(load):
    with pytest.raises(InputError, match="--header-line 0"):
        load(DATA)
    table, rows, _ = load("Report\n" + DATA, header_line=0)
    assert table.columns == ("column 1", "column 2", "column 3")
    assert rows == ROWS


def test_given_header_line_wins(load):
    table, rows, _ = load("x,y,z\nTime,A,B\n" + DATA, header_line=1)
    assert table.columns == ("x", "y", "z")
    assert rows == ROWS
    with pytest.raises(UsageError):
        load("Time,A,B\n" + DATA, header_line=900)


def test_header_only_has_no_rows(load):
    table, rows, _ = load("Time,A,B\n")
    assert (table.columns, rows) == (("Time", "A", "B"), [])


@pytest.mark.parametrize("content", ["Time\n2024-01-01\n", "hello\nworld\n", '{"a": 1}\n'])
def test_texts_without_columns_are_refused(load, content):
    with pytest.raises(InputError, match="is no table"):
        load(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_quoted_line_ends_across_blocks(load, monkeypatch, encoding):
    monkeypatch.setattr(csv_batches, "_BLOCK_BYTES", 2000)
    body = "".join(f'2024-01-01 00:{i // 60:02d}:{i % 60:02d},{i},"ü\nb"\n' for i in range(900))
    table, rows, ragged = load(("Time,A,Note\n" + body + "2024-01-01,1\n").encode(encoding))
    assert [row[1:] for row in rows] == [(str(i), "ü\nb") for i in range(900)]
    assert ragged == ["2024-01-01,1"]
    assert find_lines(table, [899]) == [1800]


def test_long_files_keep_order_over_chunks(load, monkeypatch):
    monkeypatch.setattr(csv_batches, "_BLOCK_BYTES", 2000)
    body = "".join(f"2024-01-01 00:{i // 60:02d}:{i % 60:02d}  {i}\n" for i in range(900))
    _, rows, ragged = load("Time  A\n" + body)
    assert [row[1] for row in rows] == [str(i) for i in range(900)]
    assert ragged == []
