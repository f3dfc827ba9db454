"""The commands that bring machines and their readings in: import, equipment add and simulate."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from commands import alter, csv, run
from plants import CODE, START, Plant, assert_same, history, make_empty_plant

from acm_etl.admin import ingest


def events(place):
    sql = "SELECT ColumnName, EventType, AffectedRows FROM ACM_DataQualityEvents ORDER BY ALL"
    return place.query(sql).rows()


def test_an_import_is_a_run_and_doing_it_again_counts_nothing_twice(tmp_path):
    place, readings = Plant(tmp_path / "acm.duckdb"), history(days=16)
    first, second = csv(tmp_path / "a.csv", readings.head(400)), csv(tmp_path / "b.csv", readings.tail(-400))
    words = ["import", first, second, "--equip", CODE, "--timezone", "UTC"]
    found = run(place, *words)
    assert found.exit_code == 0, found.stderr
    times = readings["EntryDateTime"].n_unique()
    assert f"{times:,} new" in found.stdout
    assert f"Next: acm-etl backfill --equip {CODE}" in found.stdout
    assert f"{readings.height:,} rows to do" in found.stderr
    logged = place.query("SELECT Stage, Outcome, RowsRead, RowsWritten, WindowStart FROM RunLog").rows()
    assert logged == [("import", "OK", readings.height, times, readings["EntryDateTime"].min())]
    counted = events(place)
    assert ("", "duplicate") in [event[:2] for event in counted]
    before = place.dump(without=("RunLog",))
    again = run(place, *words)
    assert f"0 new, 0 updated, {times:,} unchanged" in again.stdout
    assert_same(place.dump(without=("RunLog",)), before)
    assert events(place) == counted
    assert place.query("SELECT count(*) AS n, min(Outcome) AS o FROM RunLog").rows() == [(1, "OK")]
    stored = place.query(f'SELECT count(*) AS n FROM "{CODE}_Data"').item()
    assert stored == times


def test_an_import_in_local_time_is_stored_in_utc(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb")
    path = tmp_path / "fan.csv"
    path.write_text("when,a\n15.01.2024 12:00,1\n16.01.2024 12:00,2\n")
    report = json.loads(run(place, "--json", "import", str(path), "--equip", "F", "--timezone", "Asia/Kolkata").stdout)
    assert (report["first"], report["last"], report["inserted"]) == ("2024-01-15T06:30:00Z", "2024-01-16T06:30:00Z", 2)
    assert any("day first" in words for words in report["statements"])


@pytest.mark.slow
def test_the_same_file_in_another_time_zone_is_another_run(tmp_path):
    place, path = make_empty_plant(tmp_path / "acm.duckdb"), tmp_path / "fan.csv"
    path.write_text("when,a\n2024-01-15 12:00,1\n2024-01-16 12:00,2\n")
    for zone in ("UTC", "Asia/Kolkata"):
        assert run(place, "import", str(path), "--equip", "F", "--timezone", zone).exit_code == 0
    logged = place.query("SELECT Outcome, RowsWritten FROM RunLog").rows()
    assert logged == [("OK", 2), ("OK", 2)]


@pytest.mark.slow
def test_the_command_of_a_replay_can_be_pasted_whatever_the_machine_is_called(plant):
    readings, name = history(days=16), "Größe 5"
    late = pl.col("EntryDateTime").dt.date() == START.date() + timedelta(days=13)
    place = plant.scored(readings=readings.filter(~late), code=name)
    again = csv(Path(place.path).with_name("all.csv"), readings)
    assert run(place, "import", again, "--equip", name, "--timezone", "UTC").exit_code == 0
    assert f"--equip '{name}' --replay-from" in run(place, "status").stdout


@pytest.mark.slow
def test_a_historian_of_somebody_else_is_found_added_and_scored(plant):
    place = plant(readings=history(days=16))
    alter(place, f'CREATE TABLE "MILL_Data" AS SELECT * FROM "{CODE}_Data"')
    listed = json.loads(run(place, "--json", "equipment").stdout)
    assert listed["unregistered"] == ["MILL"]
    assert [machine["code"] for machine in listed["machines"]] == [CODE]
    words = ("equipment", "add", "MILL", "--timezone", "UTC", "--area", "Grinding")
    assert json.loads(run(place, "--json", *words).stdout)["tags"] == 9
    assert json.loads(run(place, "--json", "equipment", "list").stdout)["unregistered"] == []
    assert run(place, "backfill", "--equip", "MILL").exit_code == 0
    assert json.loads(run(place, "--json", "show", "MILL").stdout)["machine"]["scored_until"]


@pytest.mark.slow
def test_simulate_makes_a_machine_once(tmp_path):
    place = Plant(tmp_path / "acm.duckdb", "DEMO")
    made = run(place, "simulate", "--equip", "DEMO", "--days", "40")
    assert made.exit_code == 0
    assert "3 known faults" in made.stdout
    assert Path(f"{place.path}.DEMO.truth.json").exists()
    assert "already has" in run(place, "simulate", "--equip", "DEMO", "--if-missing").stdout
    found = run(place, "backfill", "--equip", "DEMO")
    assert "Simulated faults:" in found.stdout


def test_known_faults_are_compared_before_the_first_training(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb", "DEMO")
    assert run(place, "simulate", "--equip", "DEMO", "--days", "10").exit_code == 0
    found = run(place, "--json", "backfill", "--equip", "DEMO", "--train-until", "2099-01-01")
    assert found.exit_code == 0, found.output
    (machine,) = json.loads(found.stdout)["machines"]
    assert {fault["in_training"] for fault in machine["truth"]["faults"]} == {False}
    # Nothing is scored yet, so nothing is missed.
    assert {fault["in_scored_period"] for fault in machine["truth"]["faults"]} == {False}


@pytest.mark.slow
def test_a_planted_fault_within_the_training_is_not_called_missed(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb", "DEMO")
    assert run(place, "simulate", "--equip", "DEMO", "--days", "40").exit_code == 0
    truth = json.loads(Path(f"{place.path}.DEMO.truth.json").read_text(encoding="utf-8"))
    first, *others = sorted(truth["faults"], key=lambda fault: fault["end"])
    words = ["backfill", "--equip", "DEMO", "--train-until", first["end"][:10] + "T23:59"]
    found = run(place, *words)
    assert found.exit_code == 0, found.output
    (line,) = [line for line in found.stdout.splitlines() if f" {first['name']} " in line]
    assert " in training " in line
    machine = json.loads(run(place, "--json", *words).stdout)["machines"][0]
    assert {fault["name"]: fault["in_training"] for fault in machine["truth"]["faults"]} == {
        first["name"]: True, **{fault["name"]: False for fault in others},
    }  # fmt: skip


@pytest.mark.slow
def test_a_simulation_that_was_killed_before_its_readings_is_made_again(tmp_path, monkeypatch):
    place = make_empty_plant(tmp_path / "acm.duckdb", "DEMO")
    words = ("simulate", "--equip", "DEMO", "--days", "5", "--if-missing")
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "_append_readings", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert run(place, *words).exit_code != 0
    assert run(place, *words).exit_code == 0
    assert json.loads(run(place, "--json", "tags", "DEMO").stdout)
    assert "already has" in run(place, *words).stdout
