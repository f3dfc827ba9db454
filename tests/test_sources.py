"""Commands about sources and tags: what a person declares is what is scored."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import polars as pl
import pytest
from commands import assert_refused, run
from plants import CODE, START, assert_same, history, make_plant

from acm_etl.io import historian
from acm_etl.io.historian import pull_readings
from acm_etl.load.machines import equipment
from acm_etl.report.queries import MachineRows
from acm_etl.report.readings import MachineReadings
from acm_etl.run.machine_source import locate_readings


@pytest.fixture
def staggered(tmp_path):
    """A machine whose tags have times of their own, seconds apart, as imports of one file per tag leave them."""
    readings = history(days=20)
    rows = [
        readings.select(pl.col("EntryDateTime") + timedelta(seconds=7 * number), pl.col(tag).fill_nan(None))
        for number, tag in enumerate(readings.columns[1:7])
    ]
    sparse = pl.concat(rows, how="diagonal").sort("EntryDateTime")
    return make_plant(tmp_path / "acm.duckdb", readings=sparse)


def show(place, *words):
    return json.loads(run(place, *words, "--json").stdout)


@pytest.mark.slow
def test_tags_with_times_of_their_own_train_and_score_on_a_grid(staggered):
    raw = staggered.backfill()
    assert raw.machines[0].outcome != "done" or raw.exit_code != 0
    run(staggered, "reset", CODE, "--yes")
    planned = show(staggered, "source", CODE, "--every", "none", "--dry-run")
    assert any("--every 30m" in doubt for doubt in planned["doubts"])
    declared = show(staggered, "source", CODE, "--every", "30m", "--fill", "hold", "--hold-max", "2h")
    assert declared["spec"]["sampling"] == {"every_ms": 1_800_000, "fill": "hold", "hold_max_ms": 7_200_000,
                                            "aggregate": "last"}  # fmt: skip
    report = staggered.backfill()
    assert (report.machines[0].outcome, report.machines[0].late) == ("done", 0)
    times = staggered.table("ACM_Scores_Wide")["Timestamp"]
    assert times.len() > 200
    assert set(times.dt.minute()) == {0, 30}
    again = staggered.backfill()
    assert again.machines[0].windows == 0
    assert show(staggered, "source", CODE)["spec"] == declared["spec"]
    assert run(staggered, "verify", CODE, "--sample", "2").exit_code == 0
    machine = show(staggered, "status")["machines"][0]
    assert machine["late_readings"]["count"] == 0


def test_readings_that_arrive_are_scored_from_the_progress_on(staggered):
    run(staggered, "source", CODE, "--every", "30m")
    whole = staggered.backfill()
    assert whole.exit_code == 0
    before = staggered.table("ACM_Scores_Wide")
    engine = staggered.connect()
    last = engine.query(f'SELECT MAX("EntryDateTime") AS t FROM "{CODE}_Data"').item()
    tag = engine.get_column_types(f"{CODE}_Data")
    name = list(tag)[1]
    for hour in range(1, 60):
        engine.execute(
            f'INSERT INTO "{CODE}_Data" ("EntryDateTime", "{name}") VALUES (?, 1.0)', [last + timedelta(hours=hour)]
        )
    engine.close()
    assert staggered.backfill().machines[0].windows == 3
    after = staggered.table("ACM_Scores_Wide")
    shared = before.filter(pl.col("Timestamp") < datetime(2024, 1, 20))
    assert after.filter(pl.col("Timestamp") < datetime(2024, 1, 20)).equals(shared)


@pytest.mark.slow
def test_tags_are_left_out_and_used_again(tmp_path):
    place = make_plant(tmp_path / "acm.duckdb", readings=history(days=20))
    assert place.backfill().exit_code == 0
    names = [tag["name"] for tag in show(place, "tags", CODE)["tags"]]
    assert len(names) == 9
    changed = show(place, "tags", CODE, "--exclude", names[0], names[1])
    assert changed["excluded"] == sorted(names[:2])
    assert changed["scored_since"] is not None
    assert show(place, "tags", CODE, "--exclude", names[0])["excluded"] == []
    run(place, "reset", CODE, "--yes")
    assert place.backfill().exit_code == 0
    sensors = place.query('SELECT DISTINCT "SensorName" FROM "ACM_SensorDaily"')["SensorName"].to_list()
    assert sorted(sensors) == sorted(names[2:])
    assert show(place, "tags", CODE, "--include", "*")["included"] == sorted(names[:2])


def test_units_are_set_for_patterns_and_ask_for_no_new_models(plant):
    place = plant(readings=history(days=2))
    names = [tag["name"] for tag in show(place, "tags", CODE)["tags"]]
    changed = show(place, "tags", CODE, "--unit", "*=°C", "--unit", f"{names[0]}=bar")
    assert [tag["unit"] for tag in changed["tags"]] == ["bar", *["°C"] * (len(names) - 1)]
    assert changed["with_new_unit"] == names
    assert (changed["excluded"], changed["included"], changed["scored_since"]) == ([], [], None)
    assert show(place, "tags", CODE, "--unit", "*=°C")["with_new_unit"] == names[:1]
    assert show(place, "tags", CODE, "--unit", f"{names[0]}=")["tags"][0]["unit"] is None
    assert_refused(run(place, "tags", CODE, "--unit", "bar"), 2, "PATTERN=UNIT")
    assert_refused(run(place, "tags", CODE, "--unit", "NOPE*=bar"), 2, "NOPE*")
    assert_refused(run(place, "tags", CODE, "--unit", f"*={'x' * 51}"), 2, "50 characters")


@pytest.mark.slow
def test_a_refit_after_a_tag_was_left_out_goes_on(tmp_path):
    place = make_plant(tmp_path / "acm.duckdb", readings=history(days=30))
    options = {"refit.age_days": 10}
    assert place.backfill(max_windows=20, options=options).exit_code == 0
    name = show(place, "tags", CODE)["tags"][0]["name"]
    run(place, "tags", CODE, "--exclude", name)
    report = place.backfill(options=options)
    assert report.exit_code == 0, report.machines[0].message
    stored = place.query('SELECT "ModelVersion", "TagName" FROM "ACM_ModelTags"').rows()
    assert (1, name) in stored
    assert 2 in {version for version, _ in stored}
    assert (2, name) not in stored


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["source", "NOBODY"], "no machine"),
        (["source", "NOBODY", "--every", "1h"], "--from"),
        (["source", CODE, "--fill", "hold"], "--every"),
        (["source", CODE, "--every", "soon"], "duration"),
        (["source", CODE, "--where", "Machine"], "COLUMN=VALUE"),
        (["source", CODE, "--reset", "--every", "1h"], "--reset"),
        (["source", CODE, "--from", "a.b.c.d"], "SCHEMA.TABLE"),
        (["source", CODE, "--from", "NOWHERE"], "NOWHERE cannot be read"),
        (["source", CODE, "--from", f"{CODE}_Data", "--query", "SELECT 1"], "--query"),
        (["source", CODE, "--from", f"{CODE}_Data", "--time-column", "When"], "EntryDateTime"),
        (["source", CODE, "--from", f"{CODE}_Data", "--tag-column", "Tag"], "--value-column"),
        (["source", CODE, "--shape", "wide", "--tag-column", "Tag"], "--shape long"),
        (["tags", CODE, "--exclude", "nothing"], "nothing"),
        (["tags", CODE, "--exclude", "*"], "--include"),
    ],
)
def test_wrong_requests_are_refused(tmp_path, words, text):
    place = make_plant(tmp_path / "acm.duckdb", readings=history(days=2))
    assert_refused(run(place, *words), 2, text)


def test_a_source_that_is_gone_fails_its_machine_only(tmp_path):
    place = make_plant(tmp_path / "acm.duckdb", readings=history(days=2))
    engine = place.connect()
    engine.execute(f'CREATE VIEW "Gone" AS SELECT * FROM "{CODE}_Data"')
    assert run(place, "source", CODE, "--from", "Gone").exit_code == 0
    engine.execute('DROP VIEW "Gone"')
    engine.close()
    assert show(place, "equipment")["machines"][0]["first"] is None
    assert run(place, "status").exit_code == 0
    assert run(place, "tags", CODE).exit_code == 0
    assert run(place, "backfill", "--all").exit_code == 1
    assert run(place, "source", CODE, "--reset").exit_code == 0


def test_readings_of_a_source_are_those_of_its_tags(tmp_path):
    place = make_plant(tmp_path / "acm.duckdb", readings=history(days=2))
    run(place, "source", CODE, "--every", "1h", "--aggregate", "mean")
    engine = place.connect()
    machine = equipment.find_machine(engine, CODE)
    source = locate_readings(engine, machine, equipment.read_tags(engine, machine.equip_id))
    frame = pull_readings(engine, source, datetime(2024, 1, 1), datetime(2024, 1, 2))
    # The simulated fan has gaps of hours.
    assert 12 < frame.height <= 24
    assert set(frame["Timestamp"].dt.minute()) == {0}
    engine.close()


@pytest.mark.slow
@pytest.mark.parametrize("plant", ["sampled"], indirect=True)
def test_a_late_reading_of_a_sampled_source_is_found_and_scored(plant):
    readings = history(days=20)
    place, whole = plant(readings=readings), plant("whole", readings=readings)
    late = 'INSERT INTO "History" SELECT "TagName", "DateTime" + INTERVAL 61 SECOND, "Value" + 1, 192 FROM "History"'
    late += " WHERE \"DateTime\" BETWEEN TIMESTAMP '2024-01-17 10:00' AND TIMESTAMP '2024-01-17 14:00'"
    assert place.backfill().machines[0].changed is None
    for store in (place, whole):
        engine = store.connect()
        assert engine.execute(late) > 0
        engine.close()
    changed = place.backfill().machines[0].changed
    assert (changed.day_count, changed.first_day) == (1, datetime(2024, 1, 17))
    assert changed.added_readings > 0
    assert place.backfill(replay_changed=True).exit_code == 0
    whole.backfill()
    for name in ("ACM_Scores_Wide", "ACM_ContributionTimeline"):
        assert_same({name: place.table(name).drop("RunID")}, {name: whole.table(name).drop("RunID")}, tolerance=1e-9)


def test_a_report_asks_a_source_that_is_gone_once(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(historian, "pull_readings", lambda *args: asked.append(args) or pull_readings(*args))
    place = make_plant(tmp_path / "acm.duckdb", readings=history(days=2))
    engine = place.connect()
    try:
        engine.execute(f'CREATE VIEW "Gone" AS SELECT * FROM "{CODE}_Data"')
        assert run(place, "source", CODE, "--from", "Gone").exit_code == 0
        engine.execute('DROP VIEW "Gone"')
        readings = MachineReadings(MachineRows(engine, equipment.find_machine(engine, CODE)))
        day = (START, START + timedelta(days=1))
        assert [readings.pull_readings(readings.tags, *day) for _ in range(2)] == [None, None]
    finally:
        engine.close()
    assert len(asked) == 1
