"""Tables of an import that hold no readings: left out by name, or skipped."""

from dataclasses import replace
from datetime import datetime
from pathlib import PureWindowsPath

import pytest
import xlsxwriter
from test_containers import CSV, write_workbook, write_zip

from acm_etl.errors import InputError, UsageError
from acm_etl.io.files.layout import inputs
from acm_etl.io.files.layout.inputs import expand_inputs
from acm_etl.io.files.layout.text_layout import LayoutOptions
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.prepare import prepare_import, repeat_plan

DATA = [["Time", "A"], [datetime(2024, 1, 1), 1.5], [datetime(2024, 1, 1, 1), 2.5]]
TAG_LIST = [["Tag", "Low", "High"], ["A", 0, 100], ["B", 0, 10]]


@pytest.mark.parametrize(("kind", "pattern"), [("folder", "tags.*"), ("zip", "TAGS.csv"), ("workbook", "Tag list (?)")])
def test_tables_without_times_refuse_the_others_until_they_are_left_out(tmp_path, kind, pattern):
    options, path = ImportOptions(time_zone="UTC"), tmp_path / kind
    tags = "\n".join(",".join(map(str, row)) for row in TAG_LIST)
    if kind == "folder":
        path.mkdir()
        for name, text in {"tags.csv": tags, "d1.csv": CSV, "idle.csv": "Time,A\n"}.items():
            (path / name).write_text(text)
    elif kind == "zip":
        write_zip(path, {"x/tags.csv": tags, "x/d1.csv": CSV, "x/idle.csv": "Time,A\n"})
    else:
        write_workbook(path, {"Tag list (1)": TAG_LIST, "Data": DATA, "idle": DATA[:1]})
    with pytest.raises(InputError, match=r"no column reads as times.*--skip"):
        prepare_import([path], options)
    prepared = prepare_import([path], replace(options, skip=(pattern,)))
    assert [file.row_count for file in prepared.files] == [2]
    assert any("idle" in note for note in prepared.notes)
    with pytest.raises(UsageError, match="--skip nothing"):
        prepare_import([path], replace(options, skip=(pattern, "nothing")))
    repeated = repeat_plan([path], prepared.plan, (pattern,))
    assert [file.row_count for file in repeated.files] == [2]
    assert any("idle" in note for note in repeated.notes)


@pytest.mark.parametrize(
    ("text", "header_line"),
    [
        ("Time,A\n1,2,3\n", None),
        ("2024-01-01 10:00,1.5\n", None),
        ("ts,A\n1709596920,3.5\n", 2),  # a reading in the line that is the header of the other file
        ("ts,A\n45352.5,on\n", 2),
        ("ts,A\nat ten,on\n", 2),
    ],
)
def test_a_file_with_rows_that_fit_no_header_is_not_skipped(tmp_path, text, header_line):
    options = ImportOptions(time_zone="UTC", layout=LayoutOptions(header_line=header_line))
    (tmp_path / "d1.csv").write_text("x\n" * (header_line is not None) + CSV)
    (tmp_path / "d2.csv").write_text(text)
    with pytest.raises(InputError, match=r"d2\.csv"):
        prepare_import([tmp_path], options)


def test_the_advice_leaves_out_no_file_with_times(tmp_path):
    tags = "Tag,Low\nA,0\nB,0\n"
    for name, text in {"a/values.csv": CSV, "b/values.csv": tags, "b/tags.csv": tags, "c/tags.csv": tags}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as refused:
        prepare_import([tmp_path], ImportOptions(time_zone="UTC"))
    assert str(refused.value).endswith(f"--skip tags.csv --skip {tmp_path / 'b/values.csv'}")
    skip = ("tags.csv", str(tmp_path / "b/values.csv"))
    assert prepare_import([tmp_path], ImportOptions(time_zone="UTC", skip=skip)).row_count == 2


def test_the_advice_tells_a_file_of_the_folder_from_those_below(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/values.csv").write_text(CSV)
    (tmp_path / "values.csv").write_text("Tag,Low\nA,0\nB,0\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"--skip \./values\.csv$"):
        prepare_import(["."], ImportOptions(time_zone="UTC"))
    assert [source.name for source in expand_inputs(["."], skip=("./values.csv",))] == ["sub/values.csv"]


def test_the_advice_tells_a_folder_from_one_of_its_name_below_another(tmp_path, monkeypatch):
    for name, text in {"sub": "Tag,Low\nA,0\nB,0\n", "other/sub": CSV}.items():
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "values.csv").write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"--skip \./sub/values\.csv$"):
        prepare_import(["."], ImportOptions(time_zone="UTC"))
    assert [source.name for source in expand_inputs(["."], skip=("./sub/values.csv",))] == ["other/sub/values.csv"]


@pytest.mark.parametrize(
    ("pattern", "left_out"),
    [
        ("ex*", ["data/export.csv"]),
        ("export/*", ["export/old.csv"]),
        ("old*", ["export/old.csv", "export/older/old.csv"]),
        ("older/*", ["export/older/old.csv", "export/older/pump.csv"]),
    ],
)
def test_a_pattern_fits_as_many_last_parts_of_a_name_as_it_has(tmp_path, pattern, left_out):
    names = ["data/export.csv", "data/pump.csv", "export/old.csv", "export/older/old.csv", "export/older/pump.csv"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(CSV)
    found = [str(source.path.relative_to(tmp_path)) for source in expand_inputs([tmp_path], skip=(pattern,))]
    assert found == [name for name in names if name not in left_out]


@pytest.mark.parametrize("pattern", ["values.csv", r"C:\data\values.csv", "val*"])
def test_a_file_is_left_out_by_its_name_on_windows_too(tmp_path, monkeypatch, pattern):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(inputs, "PurePath", PureWindowsPath)
    names = [r"C:\data\pump.csv", r"C:\data\values.csv"]
    for name in names:
        (tmp_path / name).write_text(CSV)
    assert [source.name for source in expand_inputs(names, skip=(pattern,))] == names[:1]


def test_a_sheet_is_left_out_by_the_name_of_its_workbook_without_its_folder(tmp_path):
    write_workbook(tmp_path / "a.xlsx", {"Data": DATA, "Tags": DATA})
    write_workbook(tmp_path / "b.xlsx", {"Data": DATA, "Tags": DATA})
    found = expand_inputs([tmp_path], skip=("a.xlsx/Tags",))
    assert [(source.path.name, source.sheet) for source in found] == [
        ("a.xlsx", "Data"), ("b.xlsx", "Data"), ("b.xlsx", "Tags"),
    ]  # fmt: skip


def test_the_advice_leaves_out_no_workbook_by_the_name_of_its_only_sheet(tmp_path):
    write_workbook(tmp_path / "a.xlsx", {"Data": DATA})
    write_workbook(tmp_path / "b.xlsx", {"Data": TAG_LIST, "More": DATA})
    with pytest.raises(InputError, match=r"--skip \S+b\.xlsx/Data$"):
        prepare_import([tmp_path], ImportOptions(time_zone="UTC"))


def test_a_workbook_is_left_out_by_the_name_of_its_only_sheet(tmp_path):
    write_workbook(tmp_path / "a.xlsx", {"Data": DATA})
    write_workbook(tmp_path / "b.xlsx", {"Tag list": TAG_LIST})
    assert [source.path.name for source in expand_inputs([tmp_path], skip=("Tag list",))] == ["a.xlsx"]


def test_a_hidden_sheet_beside_one_that_is_left_out_does_not_count(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("Data", "Calc"):
            sheet = book.add_worksheet(name)
            for i, row in enumerate([["Time", "A"], ["2024-01-01 00:00", 1], ["2024-01-01 01:00", 2]]):
                sheet.write_row(i, 0, row)
        book.get_worksheet_by_name("Calc").hide()
    (tmp_path / "d.csv").write_text(CSV)
    assert [source.path.name for source in expand_inputs([tmp_path], skip=("Data",))] == ["d.csv"]
