"""Damaged files become readings and counts that add up, or an error that was made for people.

``make test-all`` reads 200 files, ``make fuzz`` 10,000. A failure names its seed; see the file
with ``mutations.mutate(seed)``.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from datetime import timedelta

import polars as pl
import pytest
from commands import run
from mutations import mutate
from plants import Plant

from acm_etl.errors import AcmError, InternalError
from acm_etl.io.files.layout.text_layout import TextLayout
from acm_etl.io.files.layout.text_rows import ANY_BLANKS, WIDE_BLANKS
from acm_etl.io.files.losses import EXEMPT_ROW_REASONS, LEFT_OUT_REASON, LOST_ROW_REASONS
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.plan import PlannedFile, PreparedImport
from acm_etl.io.files.prepare import prepare_import
from acm_etl.io.files.reader import stream_readings
from acm_etl.io.files.rejections import sum_rejections
from acm_etl.words import FILE_COLUMN, HISTORIAN_TIME_COLUMN, ROW_COLUMN

IS_NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
COUNT = 10_000 if IS_NIGHTLY else 200
GROUP = 25
"""Files per test: a test per file would cost more than the file."""
COMMAND_SHARE = 25
"""Of so many files one goes through the whole command, which needs a store."""
ACCOUNT_COLUMNS = (HISTORIAN_TIME_COLUMN, FILE_COLUMN, ROW_COLUMN)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, COUNT, GROUP))
def test_damaged_files_are_read_and_counted_or_refused(tmp_path, first):
    for seed in range(first, first + GROUP):
        try:
            read_mutated_file(tmp_path / str(seed), seed)
        except InternalError:
            # Its message says that rows are lost: never a refusal.
            raise
        except AcmError:
            continue
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise


def read_mutated_file(folder, seed):
    folder.mkdir()
    name, content = mutate(seed)
    (folder / name).write_bytes(content)
    prepared = prepare_import([folder / name], ImportOptions(time_zone="Europe/Berlin"))
    chunks = list(stream_readings(prepared))
    readings = pl.concat([chunk.frame for chunk in chunks], how="diagonal")
    rejections = sum_rejections(chunk.rejections for chunk in chunks)
    check_readings(readings)
    check_rows(prepared, readings, rejections)
    check_cells(prepared, readings, rejections)
    check_source_lines(prepared)


def check_readings(readings: pl.DataFrame) -> None:
    assert readings[HISTORIAN_TIME_COLUMN].null_count() == 0
    values = readings.drop(ACCOUNT_COLUMNS)
    assert all(column.dtype == pl.Float64 and column.is_finite().all() for column in values.get_columns())


def count_rows(rejections: pl.DataFrame, reasons: frozenset[str]) -> int:
    rows = rejections.filter(pl.col("ColumnName") == "", pl.col("EventType").is_in(reasons))
    return int(rows["AffectedRows"].sum())


def check_rows(prepared: PreparedImport, readings: pl.DataFrame, rejections: pl.DataFrame) -> None:
    """Rows of the files are readings, merged into the readings of their time, or counted."""
    counted = count_rows(rejections, (LOST_ROW_REASONS | {"complementary_row"}) - {"ragged_row"})
    assert len(readings) + counted == prepared.row_count


def check_cells(prepared: PreparedImport, readings: pl.DataFrame, rejections: pl.DataFrame) -> None:
    """Cells of each tag are stored or counted, but for those of rows that have no time."""
    untimed = count_rows(rejections, EXEMPT_ROW_REASONS | {"unparsed_time", "unset_clock"})
    for tag in prepared.tags:
        stored = readings[tag.name].count() if tag.name in readings.columns else 0
        of_tag = rejections.filter(pl.col("ColumnName") == tag.name, pl.col("EventType") != LEFT_OUT_REASON)
        lost = int(of_tag["AffectedRows"].sum())
        assert 0 <= tag.cells - stored - lost <= untimed, (tag, stored, lost, untimed)


def check_source_lines(prepared: PreparedImport) -> None:
    """Count the rows and cells of simple files once more, with the reader of the standard library."""
    for file in prepared.files:
        kind = prepared.plan.kinds[file.kind_index]
        if kind.layout is None or file.table.source.format != "text":
            continue
        rows = read_rows(file, kind.layout)
        if rows is None:
            continue
        fitting = [
            row for row in rows if len(row) == file.table.width and not any(row[i] for i in file.table.blank_positions)
        ]
        assert file.ragged_count == len(rows) - len(fitting)
        if kind.shape.kind == "wide":
            assert file.row_count == len([row for row in fitting if any(row)])
            check_source_cells(prepared, file, fitting)


def check_source_cells(prepared: PreparedImport, file: PlannedFile, rows: list[list[str]]) -> None:
    """Every column with content is the time, a quality, a tag with all its cells, or left out and named."""
    shape = prepared.plan.kinds[file.kind_index].shape
    positions = dict(zip(file.table.columns, file.table.positions, strict=True))
    filled = Counter({name: sum(bool(row[i].strip()) for row in rows) for name, i in positions.items()})
    roles = {name for time in shape.times for name in time} | {v.quality.column for v in shape.values if v.quality}
    tags = {tag.name: tag.cells for tag in prepared.tags}
    left_out = {column.name for column in file.left_out}
    names = {value.column: value.tag or file.default_tag for value in shape.values}
    for name, count in filled.items():
        if count and name not in roles | left_out:
            assert tags[names[name]] == count, name


def read_rows(file: PlannedFile, layout: TextLayout) -> list[list[str]] | None:
    """Return the rows of a file as anybody reads them; None for files with quotes, NUL or damaged text."""
    if file.table.source.compression or layout.delimiter in {ANY_BLANKS, WIDE_BLANKS}:
        return None
    text = file.table.source.path.read_bytes().decode(layout.encoding, errors="replace").removeprefix("\ufeff")
    if '"' in text or "\0" in text or "\ufffd" in text:
        return None
    lines = re.split(r"\r\n|\r|\n", text)[layout.first_data_line - 1 :]
    return list(csv.reader((line for line in lines if line), delimiter=layout.delimiter, quoting=csv.QUOTE_NONE))


@pytest.mark.sampled
@pytest.mark.parametrize("seed", range(0, COUNT, COMMAND_SHARE))
def test_the_command_stores_what_it_reports(tmp_path, seed):
    name, content = mutate(seed)
    (tmp_path / name).write_bytes(content)
    place = Plant(tmp_path / "acm.duckdb", code="M1")
    result = run(place, "import", str(tmp_path / name), "--equip", "M1", "--timezone", "UTC", "--json")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in {0, 1, 2}, result.output
    if result.exit_code:
        assert "defect" not in result.stderr
        return
    stored = place.query('SELECT * FROM "M1_Data"')
    assert stored["EntryDateTime"].is_unique().all()
    assert stored["EntryDateTime"].max() - stored["EntryDateTime"].min() < timedelta(days=400 * 365)
