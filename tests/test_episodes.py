"""The commands about episodes: list, show, acknowledge, annotate, give a cause, export labels."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import polars as pl
import pytest
from commands import assert_refused, run
from plants import CODE
from test_json import parse

from acm_etl.admin.similar_episodes import rank_similar

START = datetime(2024, 1, 1)


@pytest.fixture
def place(plant):
    """A store whose machine has episodes."""
    return plant.scored()


def read(place, *words, entity="episode_record"):
    return parse(entity, run(place, "episode", *words, "--json").stdout)


def list_all(place, *words):
    return read(place, "list", *words, entity="episode_list")["episodes"]


def test_an_acknowledged_episode_is_known_everywhere(place):
    newest = list_all(place)[0]
    record = read(place, "ack", CODE, "--by", "Anna Berg", "--text", "order 4711")
    assert record["episode"]["start"] == newest["start"]
    review = record["episode"]["review"]
    assert (review["acknowledged"], review["acknowledged_by"], review["notes"]) == (True, "Anna Berg", 1)
    assert [episode["start"] for episode in list_all(place, "--unacknowledged")] == [
        episode["start"] for episode in list_all(place)[1:]
    ]
    shown = json.loads(run(place, "show", CODE, "--json").stdout)
    assert shown["episodes"][0]["review"] == review
    assert run(place, "show", CODE).exit_code == run(place, "status").exit_code == 0
    page = place.path.parent / "page.html"
    assert run(place, "report", CODE, "--output", str(page)).exit_code == 0
    assert "Anna Berg" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_last_cause_is_a_label(place, tmp_path):
    oldest = list_all(place)[-1]
    at = ("--at", oldest["start"])
    read(place, "note", CODE, "loud", *at)
    read(place, "cause", CODE, "seal", *at)
    record = read(place, "cause", CODE, "loose probe", *at, "--label", "sensor", "--by", "bob")
    assert [note["action"] for note in record["notes"]] == ["note", "cause", "cause"]
    assert record["episode"]["review"]["cause"] == "loose probe"
    for name in ("labels.csv", "labels.parquet"):
        assert read(place, "export", "--output", str(tmp_path / name), entity="episode_export")["rows"] == 1
    (row,) = pl.read_parquet(tmp_path / "labels.parquet").iter_rows(named=True)
    assert (row["machine"], row["label"], row["cause"], row["labelled_by"]) == (CODE, "sensor", "loose probe", "bob")
    header, line = (tmp_path / "labels.csv").read_text(encoding="utf-8").splitlines()
    assert header == "machine,start,end,label,cause,severity,labelled_by,failed_at"
    assert line.startswith(f"{CODE},{row['start'].isoformat(timespec='milliseconds')}Z,")
    assert_refused(run(place, "episode", "export", "--output", str(tmp_path / "labels.txt")), 2, "labels.txt")


@pytest.mark.slow
def test_notes_outlive_a_replay(place):
    oldest = list_all(place)[-1]
    read(place, "cause", CODE, "seal", "--at", oldest["start"])
    place.backfill_or_fail(replay_from=datetime.fromisoformat(oldest["start"][:10]))
    listing = read(place, "list", entity="episode_list")
    assert listing["unassigned_notes"] == 0
    assert [episode["review"]["cause"] for episode in listing["episodes"] if episode["review"]["notes"]] == ["seal"]


def test_wrong_use_is_refused_and_stores_nothing(place):
    assert_refused(run(place, "episode", "ack", "NOBODY"), 2, "NOBODY")
    assert_refused(run(place, "episode", "ack", CODE, "--at", "2001-01-01"), 2, "2001-01-01")
    assert_refused(run(place, "episode", "note", CODE, "x" * 1001), 2, "1001")
    assert_refused(run(place, "episode", "cause", CODE, "x", "--label", "magic"), 2, "magic")
    assert_refused(run(place, "episode", "cause", CODE, " "), 2, "no text")
    assert_refused(run(place, "episode", "note", CODE, ""), 2, "no text")
    assert place.query('SELECT COUNT(*) AS n FROM "ACM_EpisodeNotes"').item() == 0


def test_a_minute_of_the_episode_finds_it(place):
    newest = list_all(place)[0]
    minute = newest["start"][:16]
    assert read(place, "show", CODE, "--at", minute)["episode"]["start"] == newest["start"]


def test_terminal_and_csv_list_the_same_episodes(place):
    read(place, "cause", CODE, "seal [A]")
    text = run(place, "episode", "list").stdout
    assert "seal [A]" in text
    lines = run(place, "episode", "list", "--format", "csv").stdout.splitlines()
    assert len(lines) == 1 + len(list_all(place))
    assert lines[0].split(",")[-3:] == ["label", "cause_by", "notes"]
    assert "seal [A]" in run(place, "episode", "show", CODE).stdout


def test_similar_episodes_are_earlier_ones_with_the_same_sensors():
    days = [START + timedelta(days=day) for day in range(4)]
    shares = {
        days[0]: {"a": 80, "b": 20},
        days[1]: {"b": 100},
        days[2]: {"a": 70, "c": 30},
        days[3]: {"a": 90, "b": 10},
    }
    rows = [(day, sensor, float(share)) for day, each in shares.items() for sensor, share in each.items()]
    frame = pl.DataFrame(rows, schema=["StartTs", "SensorName", "ContributionPct"], orient="row")
    ranked = rank_similar(frame, days[3])
    assert [start for start, _ in ranked] == [days[0], days[2]]
    assert ranked[0][1] == pytest.approx((80 * 90 + 20 * 10) / (6800**0.5 * 8200**0.5))
