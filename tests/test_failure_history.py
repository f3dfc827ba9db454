"""Past failures: importing them from files, listing them, and the labels that they give to episodes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import polars as pl
import pytest
from commands import assert_refused, run
from plants import CODE
from test_json import parse

from acm_etl.io.files.failure_log import FailureLogOptions, LoggedFailure, read_failure_log
from acm_etl.io.files.times.time_column import TimeOptions
from acm_etl.load.episodes.failures import MAX_LEAD, Failure, find_next_failure

NOON = datetime(2024, 2, 1, 12)
BERLIN = FailureLogOptions(times=TimeOptions(time_zone="Europe/Berlin"))


def failure(at, cause=None):
    return Failure(at, cause, NOON, "ann")


def write(folder, *rows, header="machine,time,cause"):
    path = folder / "failures.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def load(place, path, *words, exit_code=0):
    result = run(place, "failures", "import", str(path), "--timezone", "UTC", "--json", *words)
    assert result.exit_code == exit_code, result.output
    return parse("failures_import", result.stdout)


def counts(report):
    return tuple(report[name] for name in ("rows", "duplicates", "added", "changed", "unchanged"))


@pytest.fixture
def place(plant):
    """A store with one machine and nothing scored."""
    return plant()


def test_columns_and_times_are_found_in_exports(tmp_path):
    rows = ["P-1;13.01.2024 06:30;seal, outer", "P-2;14.07.2024 06:30; "]
    path = write(tmp_path, *rows, header="Asset;Failure time;Failure mode")
    assert read_failure_log(path, BERLIN) == [
        LoggedFailure("P-1", datetime(2024, 1, 13, 5, 30), "seal, outer"),
        LoggedFailure("P-2", datetime(2024, 7, 14, 4, 30), None),
    ]
    frame = pl.DataFrame({"equip": ["A"], "when": [NOON]})
    frame.write_parquet(tmp_path / "failures.parquet")
    options = FailureLogOptions(times=TimeOptions(time_zone="UTC", time_column="when"))
    assert read_failure_log(tmp_path / "failures.parquet", options) == [LoggedFailure("A", NOON, None)]


@pytest.mark.slow
def test_importing_again_changes_nothing_and_a_new_cause_replaces_the_stored_one(place, tmp_path):
    path = write(
        tmp_path, f"{CODE},2024-01-05 10:00,seal", f"{CODE},2024-01-05 10:00,seal", f"{CODE},2024-03-05 10:00,"
    )
    assert counts(load(place, path, "--dry-run")) == (3, 1, 2, 0, 0)
    assert place.query('SELECT COUNT(*) AS n FROM "ACM_Failures"').item() == 0
    assert counts(load(place, path)) == (3, 1, 2, 0, 0)
    assert counts(load(place, path)) == (3, 1, 0, 0, 2)
    path = write(tmp_path, f"{CODE},2024-01-05 10:00,bearing")
    assert counts(load(place, path)) == (1, 0, 0, 1, 0)
    listing = parse("failures_list", run(place, "failures", "list", "--json").stdout)["failures"]
    assert [(row["failed_at"], row["cause"]) for row in listing] == [
        ("2024-03-05T10:00:00Z", None),
        ("2024-01-05T10:00:00Z", "bearing"),
    ]
    assert len(run(place, "failures", "list", "--format", "csv").stdout.splitlines()) == 3


def test_unknown_machines_are_named_and_counted(place, tmp_path):
    path = write(tmp_path, f"{CODE},2024-01-05 10:00,seal", "B,2024-01-06 10:00,", "B,2024-01-07 10:00,")
    report = load(place, path, exit_code=1)
    assert (report["added"], report["unknown_machines"]) == (1, [{"machine": "B", "failures": 2}])


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([f"{CODE},2024-01-05 10:00,seal", f"{CODE},2024-01-05 10:00,bearing"], ["seal", "bearing"]),
        ([f"{CODE},2024-01-05 10:00,", ",2024-01-06 10:00,seal"], ["3"]),
        ([f"{CODE},2024-01-05 10:00,", f"{CODE},2024-01-06 10:00,", f"{CODE},soon,seal"], ["4"]),
        ([f"{CODE},2024-01-05 10:00," + 1001 * "x"], ["1001"]),
    ],
    ids=["two causes", "no machine", "no time", "long cause"],
)
def test_a_file_with_a_wrong_row_is_refused_as_a_whole(place, tmp_path, rows, words):
    result = run(place, "failures", "import", str(write(tmp_path, *rows)), "--timezone", "UTC")
    assert_refused(result, 1, *words)
    assert place.query('SELECT COUNT(*) AS n FROM "ACM_Failures"').item() == 0


def test_wrong_use_is_refused(place, tmp_path):
    path = write(tmp_path, "2024-01-05 10:00,seal", header="time,cause")
    assert_refused(run(place, "failures", "import", str(path), "--timezone", "UTC"), 1, "--machine-column")
    assert_refused(run(place, "failures", "import", "absent.csv", "--timezone", "UTC"), 2, "absent.csv")
    assert_refused(run(place, "failures", "list", "--equip", "NOBODY"), 2, "NOBODY")
    assert_refused(run(place, "failures", "import", str(path), "--timezone", "Europe/Berln"), 2, "Europe/Berlin")


def test_the_first_failure_within_a_month_follows_an_episode():
    failures = [failure(NOON - timedelta(hours=1)), failure(NOON + MAX_LEAD), failure(NOON + 2 * MAX_LEAD)]
    assert find_next_failure(failures, NOON - timedelta(hours=2), NOON) == failures[0]
    assert find_next_failure(failures, NOON, NOON) == failures[1]
    assert find_next_failure(failures, NOON, NOON - timedelta(seconds=1)) is None


def test_an_episode_is_labelled_with_the_failure_that_followed(plant, tmp_path):
    place = plant.scored()
    start, end = place.query("SELECT MIN(StartTs) AS a, MIN(EndTs) AS b FROM ACM_Episodes").row(0)
    failed = end + timedelta(days=1)
    load(place, write(tmp_path, f"{CODE},{failed:%Y-%m-%d %H:%M:%S},seal"))
    record = json.loads(run(place, "episode", "show", CODE, "--at", start.isoformat(), "--json").stdout)
    review = record["episode"]["review"]
    assert (review["failed_at"], review["failure_cause"]) == (f"{failed.replace(microsecond=0).isoformat()}Z", "seal")
    assert (review["cause"], review["acknowledged"], review["notes"]) == (None, False, 0)
    (listed,) = json.loads(run(place, "failures", "--json").stdout)["failures"]
    assert listed["warning_hours"] > 0
    assert "seal" in run(place, "episode", "list").stdout
    assert "seal" in run(place, "show", CODE, "--episodes", "50").stdout
    page = tmp_path / "page.html"
    assert run(place, "report", CODE, "--output", str(page)).exit_code == 0
    assert "seal" in page.read_text(encoding="utf-8")
    run(place, "episode", "export", "--output", str(tmp_path / "labels.parquet"))
    labels = pl.read_parquet(tmp_path / "labels.parquet")
    assert ("fault", "seal") in labels.select("label", "cause").rows()
    assert run(place, "reset", CODE, "--yes").exit_code == 0
    assert len(json.loads(run(place, "failures", "--json").stdout)["failures"]) == 1
