"""The plant's own files, where they are at hand."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from whole_files import read_whole_files

from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.prepare import prepare_import
from acm_etl.words import HISTORIAN_TIME_COLUMN

HISTORIAN = Path(__file__).parents[2] / "../shared/data/historian"
NEW_YORK = ImportOptions(time_zone="America/New_York")

pytestmark = pytest.mark.skipif(not HISTORIAN.is_dir(), reason=f"the plant's files are not in {HISTORIAN}")


def files(machine):
    return [HISTORIAN / f"{machine}_{part}_DATA.csv" for part in ("BASELINE", "BATCH")]


def test_fan_has_every_reading_at_its_time():
    frame, report = read_whole_files(files("FD_FAN"), NEW_YORK)
    local = (
        frame[HISTORIAN_TIME_COLUMN]
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone("America/New_York")
        .dt.replace_time_zone(None)
    )
    assert frame.shape == (17_499, 10)
    assert (local[0], local[-1]) == (datetime(2012, 5, 21, 14), datetime(2013, 5, 21, 9))
    steps = [b - a for a, b in pairwise(frame[HISTORIAN_TIME_COLUMN].to_list())]
    half = timedelta(minutes=30)
    gaps = {str(local[i]): step for i, step in enumerate(steps) if step != half}
    assert gaps == {
        "2012-11-03 19:30:00": 3 * half,
        "2012-11-04 01:30:00": 3 * half,  # the hour that autumn repeats stands there only once
        "2013-02-06 21:30:00": 3 * half,
        "2013-02-24 04:00:00": 2 * half,
        "2013-02-24 05:00:00": 2 * half,
        "2013-03-09 13:30:00": 3 * half,
        "2013-03-09 19:30:00": 3 * half,
    }
    counts = {row[1]: row[2] for row in report.rows()}
    assert counts == {"ambiguous_local_time": 2, "conflicting_duplicate": 12}


def test_fan_takes_the_batch_file_where_both_have_a_reading():
    frame, _ = read_whole_files(files("FD_FAN"), NEW_YORK)
    row = frame.filter(pl.col(HISTORIAN_TIME_COLUMN) == datetime(2012, 12, 31, 23))
    assert row["DEMO.SIM.06G31_1FD Fan Damper Position"].to_list() == [0.64]


def test_fan_says_how_it_read_the_dates():
    words = "\n".join(prepare_import(files("FD_FAN"), NEW_YORK).notes)
    assert "5/21/2012 are month first: 5/21/2012 proves it" in words
    assert "06-01-2012 are month first: read the other way, the times would jump" in words


@pytest.mark.parametrize("part", [0, 1])
def test_fan_files_are_read_alike_alone(part):
    alone, _ = read_whole_files(files("FD_FAN")[part : part + 1], NEW_YORK)
    both, _ = read_whole_files(files("FD_FAN"), NEW_YORK)
    assert alone[HISTORIAN_TIME_COLUMN].is_in(both[HISTORIAN_TIME_COLUMN].implode()).all()


def test_turbine_has_every_reading():
    frame, report = read_whole_files(files("GAS_TURBINE"), ImportOptions(time_zone="UTC"))
    assert frame.shape == (2_911, 17)
    assert frame.null_count().sum_horizontal()[0] == 0
    assert report.is_empty()
