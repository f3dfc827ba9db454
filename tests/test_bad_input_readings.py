"""Readings, names and zones that are odd but can be worked with: they are, and what is lost is counted."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from commands import alter, assert_refused, csv, run, short
from plants import CODE, START, assert_same, history, make_empty_plant

from acm_etl import config
from acm_etl.admin import ingest


@pytest.mark.slow
def test_tags_without_information_are_left_out_with_a_reason(plant):
    readings = history().with_columns(
        dead=pl.lit(float("nan")), empty=pl.lit(None, pl.Float64), constant=pl.lit(7.25), zero=pl.lit(0.0)
    )
    place = plant(readings=readings)
    report = place.backfill()
    assert report.exit_code == 0, report.machines[0].message
    sql = 'SELECT "TagName", "Used", "Reason" FROM "ACM_ModelTags" WHERE NOT "Used" ORDER BY 1'
    left_out = {tag: reason for tag, _, reason in place.query(sql).iter_rows()}
    assert {"dead", "empty"} <= left_out.keys()
    assert all(left_out.values())
    assert_finite(place)


def assert_finite(place):
    """No stored number is NaN or infinite."""
    for name, frame in place.dump().items():
        floats = frame.select(pl.selectors.float())
        bad = [c for c in floats.columns if not floats[c].drop_nulls().is_finite().all()]
        assert not bad, f"{name}: {bad}"


def test_impossible_values_are_counted_and_never_stored(plant):
    readings = history()
    tag = readings.columns[2]
    values = readings[tag].to_numpy().copy()
    hit = [100, 700, 900, 1000]
    values[hit] = [np.inf, -np.inf, 1e308, -1e308]
    place = plant.scored(readings=readings.with_columns(pl.Series(tag, values)))
    sql = "SELECT EventType, sum(AffectedRows)::INT AS n FROM ACM_DataQualityEvents WHERE ColumnName = ? GROUP BY 1"
    counted = dict(place.query(sql, [tag]).iter_rows())
    assert counted["out_of_range"] == 2
    assert counted["infinite"] >= 2
    assert_finite(place)


def test_text_among_numbers_is_counted_by_the_import(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb")
    path = tmp_path / "fan.csv"
    rows = [f"{START + timedelta(minutes=30 * i):%Y-%m-%d %H:%M},{i},{i / 2}" for i in range(100)]
    rows[7], rows[8], rows[9] = rows[7][:-3] + "Bad", rows[8] + "e999", rows[9].rsplit(",", 1)[0] + ",1e308"
    path.write_text("EntryDateTime,a,b\n" + "\n".join(rows) + "\n")
    found = run(place, "import", str(path), "--equip", "F", "--timezone", "UTC")
    assert found.exit_code == 0, found.stderr
    sql = 'SELECT "ColumnName", "EventType", "AffectedRows", "SampleValues" FROM "ACM_DataQualityEvents" ORDER BY ALL'
    events = place.query(sql).rows()
    assert ("b", "text_state", 1, "Bad") in events
    assert ("b", "infinite") in [event[:2] for event in events]
    assert place.query('SELECT max(b) AS m FROM "F_Data"').item() == 1e308


@pytest.mark.slow
def test_unsorted_and_repeated_times_give_the_same_store(tmp_path):
    frame = history(days=16).unique("EntryDateTime", keep="last").sort("EntryDateTime")
    straight, crooked = make_empty_plant(tmp_path / "a.duckdb"), make_empty_plant(tmp_path / "b.duckdb")
    shuffled = pl.concat([frame.sample(fraction=1.0, shuffle=True, seed=5), frame.head(40)])
    for place, readings in ((straight, frame), (crooked, shuffled)):
        path = csv(tmp_path / f"{place.path.stem}.csv", readings)
        assert run(place, "import", path, "--equip", CODE, "--timezone", "UTC").exit_code == 0
        assert run(place, "backfill", "--all").exit_code == 0
    sql = "SELECT EventType, AffectedRows FROM ACM_DataQualityEvents WHERE EventType LIKE '%duplicate%'"
    counted = crooked.query(sql)
    assert counted.rows() == [("duplicate", 40)]
    without = ("RunLog", "ACM_DataQualityEvents")
    assert_same(crooked.dump(without=without), straight.dump(without=without))


ODD_NAMES = ['Robert\'); DROP TABLE "Equipment";--', "風機/1 100%_[x]", '[bold]Größe 5 "A"[/] :on:']


@pytest.mark.slow
def test_machines_may_be_called_anything(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb")
    path = csv(tmp_path / "fan.csv", history(days=14))
    for code in ODD_NAMES:
        found = run(place, "import", path, "--equip", code, "--timezone", "UTC")
        assert found.exit_code == 0, found.output
    found = run(place, "backfill", "--all")
    assert found.exit_code == 0, found.stderr
    listed = place.query('SELECT "EquipCode" FROM "Equipment"')["EquipCode"].to_list()
    assert sorted(listed) == sorted(ODD_NAMES)
    rows = place.query('SELECT count(DISTINCT "EquipID") AS n FROM "ACM_Scores_Wide"').item()
    assert rows == len(ODD_NAMES)
    status = run(place, "status").stdout
    for code in ODD_NAMES:
        assert run(place, "show", code).exit_code == 0
        assert run(place, "status", code).exit_code == 0
    assert ODD_NAMES[2] in status
    assert run(place, "reset", ODD_NAMES[0], "--yes").exit_code == 0


def test_a_code_that_is_too_long_or_empty_is_refused(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb")
    path = csv(tmp_path / "fan.csv", short())
    for code in ("", " ", "x" * 101):
        assert_refused(run(place, "import", path, "--equip", code, "--timezone", "UTC"), 2, "1 to 100 characters")


@pytest.mark.slow
@pytest.mark.parametrize(("zone", "around"), [
    ("America/Sao_Paulo", datetime(2017, 10, 15)),  # midnight does not exist
    ("Asia/Beirut", datetime(2024, 3, 31)),  # likewise
    ("America/Havana", datetime(2024, 11, 3)),  # midnight happens twice
])  # fmt: skip
def test_days_whose_midnight_is_missing_or_doubled(tmp_path, zone, around):
    place = make_empty_plant(tmp_path / "acm.duckdb")
    readings = history(days=18).with_columns(pl.col("EntryDateTime") + (around - timedelta(days=15) - START))
    ingest.load_frame(readings, equip=CODE, time_zone=zone, config=config.load_config({"store.url": place.url}))
    report = place.backfill()
    assert report.exit_code == 0, report.machines[0].message
    local = 'SELECT ("AsOf" AT TIME ZONE \'UTC\') AT TIME ZONE ? AS day FROM "ACM_DefectSummary" ORDER BY 1'
    days = place.query(local, [zone])["day"].dt.date().to_list()
    assert len(days) == len(set(days)), "one row per local day"
    assert around.date() in days


ODD_TAGS = ["state", "fused", 'a"b', "x'); DROP TABLE y;--", "RunID", "%s {x}", "Größe", "EquipID", " "]


@pytest.mark.slow
def test_tags_may_be_called_anything_but_timestamp(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb")
    readings = history(days=14)
    readings = readings.rename(dict(zip(readings.columns[1:], ODD_TAGS[:-1], strict=False)))
    path = csv(tmp_path / "odd.csv", readings)
    assert run(place, "import", path, "--equip", CODE, "--timezone", "UTC").exit_code == 0
    found = run(place, "backfill", "--all")
    assert found.exit_code == 0, found.stderr
    assert run(place, "show", CODE).exit_code == 0
    clash = csv(tmp_path / "clash.csv", readings.rename({"fused": "Timestamp"}))
    words = ["import", clash, "--equip", "B", "--timezone", "UTC", "--time-column", "EntryDateTime"]
    assert_refused(run(place, *words), 1, "reserved name: Timestamp; rename the column")
    blank = csv(tmp_path / "blank.csv", readings.rename({"fused": ODD_TAGS[-1]}))
    named = run(place, "import", blank, "--equip", "B", "--timezone", "UTC", "--json")
    assert "column" in json.loads(named.stdout)["tags"][1]["tag"]  # a name of its own, which the plan tells
    alter(place, 'CREATE TABLE "C_Data" ("EntryDateTime" TIMESTAMP, "Timestamp" DOUBLE)')
    assert run(place, "equipment", "add", "C", "--timezone", "UTC").exit_code == 0
    assert_refused(run(place, "backfill", "--equip", "C"), 1, "tag named Timestamp", "rename the column")
