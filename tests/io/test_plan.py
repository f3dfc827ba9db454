"""A saved plan reads the files of the next night as those of the first."""

from __future__ import annotations

import tomllib
from pathlib import Path

import polars as pl
import pytest
import tomli_w

from acm_etl.errors import AcmError, InputError, UsageError
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.plan import RowFilter, load_plan, save_plan
from acm_etl.io.files.prepare import prepare_import, repeat_plan
from acm_etl.io.files.reader import stream_readings
from acm_etl.source_spec import SamplingSpec

CASES = Path(__file__).with_name("cases")
OPTIONS = {
    "clock_without_dst/s.csv": {"time_zone": "Etc/GMT-1"},
    "several_machines/fleet.csv": {"where": RowFilter("asset", "p-1")},
    "thousands_lost/t.csv": {"missing": (-999.0,), "sampling": SamplingSpec.parse("10m"), "keep_uncertain": False},
}
LONG = "Tag,Time,Value\nA,2024-01-01 00:00,1\nB,2024-01-01 00:00,7\n"


def options(file=""):
    return ImportOptions(**{"time_zone": "Europe/Berlin", **OPTIONS.get(file, {})})


def readings(prepared):
    return pl.concat([chunk.frame for chunk in stream_readings(prepared)], how="diagonal")


def counts(prepared):
    rejections = pl.concat([chunk.rejections for chunk in stream_readings(prepared)], how="diagonal")
    return {(row["ColumnName"], row["EventType"]): row["AffectedRows"] for row in rejections.iter_rows(named=True)}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("file", sorted(str(p.relative_to(CASES)) for p in CASES.rglob("*.*") if p.is_file()))
def test_a_plan_reads_back_and_repeats_the_import(tmp_path, file):
    first = prepare_import([CASES / file], options(file))
    save_plan(first.plan, tmp_path / "plan.toml")
    plan = load_plan(tmp_path / "plan.toml")
    assert plan == first.plan
    again = repeat_plan([CASES / file], plan)
    assert readings(again).equals(readings(first))
    assert counts(again) == counts(first)
    assert again.tags == first.tags


def test_a_plan_of_an_older_version_has_a_word_for_a_cell_that_is_no_time(tmp_path):
    path = tmp_path / "a.csv"
    word = 'y, utc = "unreadable"'  # in a cell, it is left alone
    quoted = word.replace('"', '""')
    path.write_text(f'Time,A\n2024-01-01 00:00,1\n"{quoted}",2\n2024-01-01 00:01,4\n2024-01-01 00:02,3\n')
    first = prepare_import([path], options())
    assert any(sample.cell == word for sample in first.plan.kinds[0].times[0].samples)
    save_plan(first.plan, tmp_path / "plan.toml")
    fields = tomllib.loads((tmp_path / "plan.toml").read_text())
    for sample in fields["kinds"][0]["times"][0]["samples"]:
        sample.setdefault("utc", "unreadable")
    (tmp_path / "plan.toml").write_text(tomli_w.dumps(fields))
    assert load_plan(tmp_path / "plan.toml") == first.plan


def test_a_file_with_other_columns_is_refused_by_name(tmp_path):
    plan = prepare_import([CASES / "digital_tags" / "d.csv"], options()).plan
    with pytest.raises(InputError, match=r"missing PUMP.*added C"):
        repeat_plan([_write(tmp_path / "n.csv", "Time,A,C\n2024-01-01 00:00,1,2\n")], plan)


def test_a_tag_that_the_plan_does_not_know_is_counted(tmp_path):
    plan = prepare_import([_write(tmp_path / "1.csv", LONG)], options()).plan
    later = _write(tmp_path / "2.csv", LONG + "C,2024-01-01 00:00,5\nC,2024-01-01 01:00,6\n")
    prepared = repeat_plan([later], plan)
    assert counts(prepared)["", "unknown_tag"] == 2
    assert prepared.row_count == 4
    assert set(readings(prepared).columns) >= {"A", "B"}
    assert "C" not in readings(prepared).columns


def test_a_later_file_is_not_read_in_another_way(tmp_path):
    first = _write(tmp_path / "1.csv", 'Time,A\n2024-01-01 00:00,"12,000.5"\n2024-01-01 01:00,999.5\n')
    plan = prepare_import([first], options()).plan
    # Alone, these cells would be decimals.
    later = _write(tmp_path / "2.csv", 'Time,A\n2024-01-02 00:00,"1,234"\n2024-01-02 01:00,"1,235"\n')
    assert readings(repeat_plan([later], plan))["A"].to_list() == [1234, 1235]


def test_the_machine_column_of_each_file_keeps_its_spelling(tmp_path):
    files = [
        _write(tmp_path / f"{column}.csv", f"Time,{column},A\n2024-01-0{day} 00:00,P-1,1\n2024-01-0{day} 00:00,P-2,2\n")
        for day, column in ((1, "Asset"), (2, "ASSET"))
    ]
    prepared = prepare_import(files, ImportOptions(time_zone="UTC", where=RowFilter("asset", "p-2")))
    assert readings(prepared)["A"].to_list() == [2, 2]
    assert readings(repeat_plan(files, prepared.plan))["A"].to_list() == [2, 2]


@pytest.mark.parametrize("text", ["time_zone = 3", "kinds = 1", "x = [", "time_zone = 'UTC'\n[[kinds]]\ncolumns = 5"])
def test_files_that_are_no_plans_are_refused(tmp_path, text):
    with pytest.raises(InputError):
        load_plan(_write(tmp_path / "plan.toml", text))


def test_a_plan_that_is_missing(tmp_path):
    with pytest.raises(UsageError):
        load_plan(tmp_path / "none.toml")
    assert issubclass(UsageError, AcmError)


def test_a_plan_in_a_folder_that_is_missing(tmp_path):
    plan = prepare_import([CASES / "digital_tags" / "d.csv"], options()).plan
    with pytest.raises(UsageError, match="cannot write"):
        save_plan(plan, tmp_path / "none" / "plan.toml")


def _write(path, text):
    path.write_text(text)
    return path
