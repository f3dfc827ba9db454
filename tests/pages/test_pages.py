"""Pages say what is known, and say so where nothing is: text, sizes, names, verdicts."""

from __future__ import annotations

import base64
import errno
import gzip
import json
import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import polars as pl
import pytest
from commands import assert_refused, damage, run
from plants import history
from stores import EVERYWHERE

from acm_etl.errors import UsageError
from acm_etl.load.machines.equipment import Equipment
from acm_etl.report import downsample, pages, sparkline
from acm_etl.report import timeline as histories
from acm_etl.status.reasons import Level
from pages.conftest import HOSTILE

NOW = datetime(2024, 5, 1)


def written(place, code="FAN_1", **options):
    engine = place.connect()
    try:
        (page,) = pages.write_machine_page(engine, code, place.path.with_suffix(f".{code}.html"), **options).pages
    finally:
        engine.close()
    return page, place.path.with_suffix(f".{code}.html").read_text(encoding="utf-8")


def charts(text):
    packed = re.search(r'id="charts">([^<]*)<', text)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def prose(text):
    return " ".join(re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL).split())


@pytest.mark.sampled
@EVERYWHERE
def test_a_page_holds_what_the_store_holds(plant):
    place = plant.scored(readings=history(days=20), options={"backfill.batch_rows": 2000})
    page, text = written(place)
    drawn = charts(text)
    stored = place.query("SELECT COUNT(*) AS n FROM ACM_Scores_Wide").item()
    assert sum(bucket is not None for bucket in drawn["timeline"]["bucket"]) > stored / 3
    health = place.query("SELECT MIN(HealthIndex) AS a, MAX(HealthIndex) AS b FROM ACM_HealthTimeline").row(0)
    low = [value for value in drawn["timeline"]["low"] if value is not None]
    high = [value for value in drawn["timeline"]["high"] if value is not None]
    assert (min(low), max(high)) == pytest.approx(health, abs=0.06)
    assert len(drawn["episodes"]) == place.query("SELECT COUNT(*) AS n FROM ACM_Episodes").item()
    assert page.size == len(text.encode()) < 3_000_000


def list_sensors(text):
    return [sensor for episode in charts(text)["episodes"] for sensor in episode["sensors"]]


@pytest.mark.slow
def test_sensors_come_with_what_the_models_expect_unless_these_are_damaged(plant):
    place = plant.scored()
    sensors = list_sensors(written(place)[1])
    assert all(len(sensor["expected"]) == len(sensor["time"]) for sensor in sensors)
    assert any(value is not None for value in sensors[0]["expected"])
    damage(place, "ModelRegistry", "ModelBytes")
    sensors = list_sensors(written(place)[1])
    assert any(sensor["value"] for sensor in sensors)
    assert not any(sensor["expected"] for sensor in sensors)


def test_a_machine_without_results_says_so_in_words(plant):
    place = plant(readings=history(days=2))
    page, text = written(place)
    assert page.verdict.level == Level.WAITING
    assert "<script" not in text
    assert len(text) < 40_000
    for words in ("Nothing is scored yet", "No episodes: nothing is scored", "No forecast yet", "No runs yet"):
        assert words in prose(text)


@pytest.mark.slow
def test_a_page_is_replaced_whole_or_not_at_all(tmp_path, fleet, monkeypatch):
    page = tmp_path / "x.html"
    page.write_text("yesterday")

    def fill_disk(path, text, encoding):
        path.write_bytes(text[:100].encode(encoding))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fill_disk)
    assert_refused(run(fleet["place"], "report", "FAN_1", "--output", str(page)), 3, "No space left on device")
    assert page.read_text() == "yesterday"
    assert list(tmp_path.iterdir()) == [page]


@pytest.mark.slow
@pytest.mark.parametrize("tags", [1, 300])
def test_few_and_many_tags(plant, tags):
    days = history(days=16)
    wide = [(pl.nth(1 + i % 9) * (1 + i / 50)).alias(f"tag {i}") for i in range(tags)]
    place = plant(readings=days.select("EntryDateTime", *wide))
    report = place.backfill(options={"training.days": 10})
    assert report.exit_code == 0, report.machines
    page, text = written(place)
    assert page.size < 4_000_000
    assert charts(text)["timeline"] is not None


@pytest.mark.slow
def test_a_period_is_all_that_is_shown(fleet):
    period = histories.ReportPeriod(datetime(2024, 1, 20), datetime(2024, 1, 25))
    drawn = charts(written(fleet["place"], period=period)[1])
    start, width = drawn["timeline"]["start"], drawn["timeline"]["width"]
    first, last = (start + drawn["timeline"]["bucket"][i] * width for i in (0, -1))
    assert datetime.utcfromtimestamp(first / 1000) >= datetime(2024, 1, 20)  # noqa: DTZ004 - UTC is meant
    assert datetime.utcfromtimestamp(last / 1000) < datetime(2024, 1, 25)  # noqa: DTZ004 - UTC is meant
    whole = charts(written(fleet["place"])[1])
    assert 1 <= len(drawn["episodes"]) < len(whole["episodes"])


def test_a_period_without_a_reading_is_refused(fleet):
    with pytest.raises(UsageError, match="no scored reading from 2031-01-01 00:00:00; it has some from 2024-"):
        written(fleet["place"], period=histories.ReportPeriod(since=datetime(2031, 1, 1)))


def test_names_end_no_element(fleet):
    text = (fleet["folder"] / "FAN_1.html").read_text(encoding="utf-8")
    assert HOSTILE not in text
    assert "&lt;/script&gt;&lt;img src=x" in text
    # the library, the data, and what runs
    assert text.count("<script") == text.count("</script") == 2 + len(pages.MACHINE_SCRIPTS)


def test_only_the_scripts_of_the_page_may_run_and_nothing_is_sent(fleet):
    text = (fleet["folder"] / "FAN_1.html").read_text(encoding="utf-8")
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
    assert "default-src 'none'" in policy
    scripts = next(part for part in policy.split(";") if "script-src" in part)
    assert scripts.count("sha256-") == 1 + len(pages.MACHINE_SCRIPTS)
    assert "unsafe" not in scripts
    assert not re.search(r'(src|href)="(https?:)?//', text)


def test_the_machine_that_needs_attention_comes_first(fleet):
    levels = [page.verdict.level for page in fleet["result"].pages]
    assert levels == sorted(levels)


@pytest.mark.parametrize(
    ("days", "readings", "seconds"), [(365, 17_520, 3600), (3650, 5_256_000, 12 * 3600), (1, 1440, 60), (0, 1, 1)]
)
def test_histories_of_any_length_have_few_buckets_and_no_holes(days, readings, seconds):
    made = downsample.choose_buckets(NOW, NOW + timedelta(days=days), readings)
    assert made.width_seconds == seconds
    assert days * 86400 / made.width_seconds <= downsample.MAX_BUCKETS


def test_batches_change_nothing():
    frame = pl.DataFrame({"k": [1, 1, 2, 2, 2], "v": [5.0, None, 1.0, 9.0, 4.0]})
    low = [pl.col("v").min()]
    whole = downsample.aggregate_batches([frame], ["k"], low, low)
    assert whole.rows() == [(1, 5.0), (2, 1.0)]
    assert downsample.aggregate_batches([frame[:3], frame[3:]], ["k"], low, low).equals(whole)


def test_thinned_readings_keep_their_extremes_in_order():
    values = [float(i % 17) for i in range(5000)]
    values[1234], values[4000] = 900.0, -900.0
    kept = downsample.select_extremes(pl.DataFrame({"i": range(5000), "value": values}), max_rows=200)
    assert kept.height <= 200
    assert (kept["value"].max(), kept["value"].min()) == (900.0, -900.0)
    assert kept["i"].is_sorted()


def test_a_line_breaks_where_days_are_missing():
    days = [NOW + timedelta(days=d) for d in (0, 1, 2, 30, 31)]
    frame = pl.DataFrame({"AsOf": days, "AvgHealth": [100.0, 90.0, 80.0, 70.0, 60.0]})
    assert [len(piece.split()) for piece in sparkline.build_polylines(frame)] == [3, 2]
    assert sparkline.build_polylines(frame.head(1)) == []


@pytest.mark.parametrize(
    ("code", "name"),
    [("FD_FAN", "FD_FAN.html"), ("../x", "~2e.~2fx.html"), ("index", "index~.html"), ("Ä/1", "~c3~84~2f1.html")],
)
def test_a_machine_of_any_name_has_a_file_inside_the_folder(code, name):
    assert pages.page_file_name(Equipment(1, code, *MACHINE_REST)) == name


MACHINE_REST = (None, None, None, "UTC", "T", "t")


def test_the_command_writes_a_page_or_a_fleet(fleet, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = run(fleet["place"], "report", "FAN_1")
    assert one.exit_code == 0, one.output
    assert "Written: FAN_1.html" in one.output
    several = run(fleet["place"], "--json", "report")
    assert several.exit_code == 0, several.output
    assert json.loads(several.output)["file"] == "acm-report/index.html"
    assert {path.name for path in (tmp_path / "acm-report").iterdir()} == {"index.html", "FAN_1.html", "NEW_1.html"}
    assert_refused(run(fleet["place"], "report", "FAN_9"), 2, "FAN_1")
    assert_refused(run(fleet["place"], "report", ""), 2, "FAN_1")
    assert_refused(run(fleet["place"], "report", "FAN_1", "--all"), 2, "not both")
    assert_refused(run(fleet["place"], "report", "FAN_1", "--output", "/proc/none/x.html"), 2, "cannot write")
