"""Readings that changed after they were scored, arrived before the history, or come from the future."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from commands import run
from plants import CODE, START, assert_same, history, make_plant, tidy
from progress_receivers import RecordingProgress
from stores import EVERYWHERE

from acm_etl import tables
from acm_etl.errors import UsageError
from acm_etl.load import clock
from acm_etl.load.machines import equipment
from acm_etl.run.context import BackfillRequest, SettingsSources
from acm_etl.status.reasons import ReasonCode
from acm_etl.status.store_reader import StatusInputs, read_statuses
from acm_etl.status.verdict import judge_machine

DAY = timedelta(days=1)
READINGS = tidy(history(days=20))
TAG = READINGS.columns[1]
BIG = {"backfill.batch_rows": 2000}
# Rows that do not depend on how often a window was scored.
COMPARED = [*(table.name for table in tables.RESULTS), "ACM_ReadingFingerprints", "ACM_HistorianChecks"]


def day(number: int) -> datetime:
    return START + number * DAY


def change(place, sql: str, *params) -> None:
    """Change the historian past the product."""
    engine = place.connect()
    try:
        quote = engine.dialect.quote
        engine.execute(sql.format(table=quote(f"{CODE}_Data"), tag=quote(TAG), time=quote("EntryDateTime")), params)
    finally:
        engine.close()


def insert(place, *times) -> None:
    for time in times:
        change(place, "INSERT INTO {table} ({time}, {tag}) VALUES (?, ?)", time, 50.0)


def read_status(place, now=None):
    """The status of the machine, and the facts of its reasons by code."""
    now, engine = now or day(20), place.connect()
    try:
        (status,) = read_statuses(engine, equipment.read_machines(engine), StatusInputs(SettingsSources(), now))
    finally:
        engine.close()
    return status, {reason.code: reason.facts for reason in judge_machine(status, now).reasons}


def backfill(place, **request):
    (machine,) = place.backfill(options=BIG | request.pop("options", {}), **request).machines
    assert machine.outcome != "failed", machine.message
    return machine


CHANGES = {
    "corrected": "UPDATE {table} SET {tag} = {tag} + 5 WHERE {time} = ?",
    "deleted": "DELETE FROM {table} WHERE {time} = ?",
    "erased": "UPDATE {table} SET {tag} = NULL WHERE {time} = ?",
}


@pytest.mark.sampled
@EVERYWHERE
@pytest.mark.parametrize("kind", CHANGES)
def test_a_changed_day_is_reported_until_it_is_replayed(plant, kind):
    place = plant.scored(readings=READINGS, options=BIG)
    change(place, CHANGES[kind], day(14) + DAY / 2)
    found = backfill(place).changed
    assert (found.day_count, found.first_day, found.sample_days) == (1, day(14), (day(14),))
    assert (found.removed_readings, found.corrected_days) == ((1, 0) if kind == "deleted" else (0, 1))
    assert (found.added_readings, found.training_days) == (0, 0)
    status, reasons = read_status(place)
    assert status.changed_readings == reasons[ReasonCode.CHANGED_DATA].days == found

    replay = backfill(place, replay_changed=True)
    assert (replay.replayed, replay.changed, replay.windows) == (found, None, 5)
    assert read_status(place)[0].changed_readings is None
    assert backfill(place).windows == 0


@pytest.mark.slow
def test_a_replay_of_changed_days_ends_in_the_tables_of_a_fresh_backfill(plant):
    place, fresh = plant.scored(readings=READINGS, options=BIG), plant("fresh", readings=READINGS)
    for store in (place, fresh):
        change(store, CHANGES["corrected"], day(15) + DAY / 2)
        change(store, CHANGES["deleted"], day(17))
    backfill(place, replay_changed=True)
    backfill(fresh)
    assert_same(
        {name: frame for name, frame in place.dump().items() if name in COMPARED},
        {name: frame for name, frame in fresh.dump().items() if name in COMPARED},
    )


def test_rows_that_swap_their_values_are_a_change(plant):
    place = plant.scored(readings=READINGS, options=BIG)
    times = [day(14) + hours * timedelta(hours=1) for hours in (10, 11)]
    engine = place.connect()
    first, second = engine.query(
        f'SELECT "{TAG}" FROM {CODE}_Data WHERE EntryDateTime IN (?, ?) ORDER BY EntryDateTime', times
    )[TAG]
    engine.close()
    change(place, "UPDATE {table} SET {tag} = CASE {time} WHEN ? THEN ? ELSE ? END WHERE {time} IN (?, ?)",
           times[0], second, first, *times)  # fmt: skip
    assert backfill(place).changed.corrected_days == 1
    change(place, "UPDATE {table} SET {tag} = CASE {time} WHEN ? THEN ? ELSE ? END WHERE {time} IN (?, ?)",
           times[0], first, second, *times)  # fmt: skip
    assert backfill(place).changed is None  # as it was: nothing to replay


@pytest.mark.slow
def test_all_days_are_compared_once_a_day_and_on_request(plant, monkeypatch):
    place = plant.scored(readings=READINGS, options=BIG)
    change(place, CHANGES["corrected"], day(2) + DAY / 2)  # too old for the comparison of every backfill
    assert backfill(place).changed is None
    preview = backfill(place, replay_changed=True, dry_run=True)
    assert (preview.outcome, preview.replayed.first_day) == ("planned", day(2))
    assert preview.replayed.training_days == 1
    assert read_status(place)[0].changed_readings is None  # a preview changes nothing
    now = clock.utc_now()
    monkeypatch.setattr(clock, "utc_now", lambda: now + DAY)
    assert backfill(place).changed.first_day == day(2)
    assert read_status(place)[0].changed_readings.training_days == 1


def test_a_deleted_reading_of_any_age_is_found_at_once(plant):
    place = plant.scored(readings=READINGS, options=BIG)
    change(place, CHANGES["deleted"], day(2) + DAY / 2)
    assert (found := backfill(place).changed).removed_readings == 1
    assert found.first_day == day(2)


@pytest.mark.slow
@pytest.mark.parametrize("tick", ["5h", "12h", "7d"])
def test_fingerprints_do_not_depend_on_windows_and_batches(plant, tick):
    options = {"backfill.batch_rows": 150}
    wanted = plant.scored("wanted", readings=READINGS, options=BIG, close_last_window=True)
    place = plant.scored(readings=READINGS, tick=tick, options=options, close_last_window=True)
    for number in (13, 15):
        found, expected = (store.table("ACM_ReadingFingerprints").filter(Day=day(number)) for store in (place, wanted))
        assert found.equals(expected)
    # A day in two parts is compared as a whole.
    assert backfill(place, tick=tick, options=options, replay_changed=True).replayed is None


def test_days_that_the_historian_has_dropped_keep_their_results(plant):
    place = plant.scored(readings=READINGS, options=BIG)
    rows = place.table("ACM_Scores_Wide").height
    change(place, "DELETE FROM {table} WHERE {time} < ?", day(3) + DAY / 2)
    machine = backfill(place)
    assert (machine.expired_days, machine.changed) == (3, None)
    again = backfill(place, replay_changed=True)
    assert (again.expired_days, again.changed, again.replayed) == (0, None, None)
    assert place.table("ACM_Scores_Wide").height == rows


def test_a_store_of_an_earlier_version_gets_its_fingerprints_once(plant):
    place = plant.scored(readings=READINGS, options=BIG)
    wanted = place.table("ACM_ReadingFingerprints")
    for table in ("ACM_ReadingFingerprints", "ACM_HistorianChecks"):
        change(place, f"DROP TABLE {table}")
    change(place, "DELETE FROM ACM_SchemaVersion WHERE Name = '002_runs.sql'")
    assert run(place, "init").exit_code == 0
    machine = backfill(place)
    assert (machine.windows, machine.fingerprinted_days) == (0, wanted.height)
    assert place.table("ACM_ReadingFingerprints").equals(wanted)
    assert backfill(place).fingerprinted_days == 0


@pytest.mark.slow
def test_readings_older_than_the_first_window_are_reported(plant):
    place = plant.scored(readings=READINGS, options=BIG)
    older = [START - hours * timedelta(hours=1) for hours in (30, 2)]
    insert(place, *older)
    machine = backfill(place)
    assert (machine.older.count, machine.older.first) == (2, older[0])
    status, reasons = read_status(place)
    assert status.older_readings == machine.older
    assert reasons[ReasonCode.OLDER_DATA].first == older[0]
    backfill(place, replay_from=older[0].replace(hour=0))
    assert backfill(place).older is None
    assert read_status(place)[0].older_readings is None


@pytest.mark.slow
def test_readings_that_from_left_out_are_not_older_readings(plant):
    place = plant(readings=READINGS)
    assert backfill(place, since=day(2)).older is None
    assert (backfill(place).older, read_status(place)[0].older_readings) == (None, None)
    change(place, CHANGES["corrected"], day(2) + DAY / 2)
    replay = backfill(place, replay_changed=True)
    assert replay.replayed.first_day == day(2)
    assert place.query("SELECT MIN(Timestamp) AS t FROM ACM_Scores_Wide").item() >= day(2)
    insert(place, day(1) + timedelta(minutes=7))
    assert backfill(place).older.count == 1


@pytest.mark.slow
@EVERYWHERE
def test_a_reading_from_the_future_waits_for_its_time(plant, monkeypatch):
    place = plant(readings=READINGS)
    future = day(30)
    insert(place, future)
    monkeypatch.setattr(clock, "utc_now", lambda: day(21))
    machine = backfill(place)
    assert (machine.future.count, machine.future.first) == (1, future)
    assert machine.resume_at == day(19)  # the last day is provisional
    progress = place.table("ACM_BatchProgress").row(0, named=True)
    assert progress["DataMax"] < day(20)
    assert backfill(place).future.count == 1
    events = place.query("SELECT * FROM ACM_DataQualityEvents").filter(EventType="future_reading")
    assert events["AffectedRows"].to_list() == [1]  # once
    status, reasons = read_status(place, day(21))
    assert (status.future_readings.first, status.readings.last < day(20)) == (future, True)
    assert ReasonCode.FUTURE_DATA in reasons
    _, reasons = read_status(place, day(28))
    assert ReasonCode.STALE_DATA in reasons  # the machine is not silenced

    later = future + 2 * DAY
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    machine = backfill(place)
    assert (machine.future, machine.resume_at) == (None, day(29))
    status, reasons = read_status(place, later)
    assert (status.readings.last, status.future_readings, ReasonCode.FUTURE_DATA in reasons) == (future, None, False)


def test_a_reading_beyond_the_calendar_is_one_from_the_future(plant):
    place = plant(readings=READINGS)
    change(place, "UPDATE {table} SET {time} = 'infinity' WHERE {time} = ?", day(3))
    assert backfill(place).future.count == 1
    status, reasons = read_status(place)
    assert (status.future_readings.first.year, ReasonCode.FUTURE_DATA in reasons) == (9999, True)


def test_a_historian_with_nothing_but_the_future_has_no_readings_yet(plant):
    place = plant(readings=READINGS)
    change(place, "DELETE FROM {table} WHERE {time} > ?", START - DAY)
    insert(place, clock.utc_now() + 100 * DAY)
    machine = backfill(place)
    assert (machine.outcome, machine.windows, machine.future.count) == ("up to date", 0, 1)


@pytest.mark.parametrize("plant", ["long"], indirect=True)
def test_rows_of_a_source_without_a_time_are_reported_once(plant):
    def events():
        stored = place.query("SELECT * FROM ACM_DataQualityEvents").filter(EventType="missing_time")
        return stored.select("TableName", "ColumnName", "AffectedRows").rows()

    place = plant(readings=READINGS)
    assert "missing_time" not in backfill(place).rejected
    rows = f"('{TAG}', NULL, 1.0, 192), ('unknown', NULL, 1.0, 192), (NULL, NULL, 1.0, 192)"
    change(place, f'INSERT INTO "History" VALUES {rows}')
    assert [backfill(place).rejected["missing_time"] for _ in range(2)] == [2, 0]
    assert events() == [("main.History", "DateTime", 2)]
    change(place, f"INSERT INTO \"History\" SELECT '{TAG}', NULL, 2.0, 192 FROM range(3)")
    assert [backfill(place).rejected["missing_time"] for _ in range(2)] == [3, 0]
    assert events() == [("main.History", "DateTime", 5)]
    change(place, 'DELETE FROM "History" WHERE "DateTime" IS NULL')
    assert backfill(place).rejected["missing_time"] == 0
    assert events() == []


@pytest.mark.slow
def test_the_option_to_replaces_the_clock(plant):
    future = clock.utc_now().replace(hour=0, minute=0, second=0, microsecond=0) + 30 * DAY
    place = plant(readings=READINGS.with_columns(EntryDateTime=READINGS["EntryDateTime"] + (future - START)))
    assert backfill(place).windows == 0
    assert backfill(place, until=future + 20 * DAY).windows == 19
    status, _ = read_status(place, clock.utc_now())
    assert status.future_readings is None  # they were accepted


def test_replays_exclude_each_other():
    with pytest.raises(UsageError):
        BackfillRequest(replay_changed=True, replay_from=START)


@pytest.mark.slow
def test_an_extended_training_period_is_explained(plant):
    place = plant(readings=READINGS)
    machine = backfill(place, options={"training.days": 3, "training.running_rows": 500})
    training = machine.training
    assert machine.changed is None
    assert (training.planned_end, training.end) == (day(4), day(14))
    assert training.planned_running < training.required_readings == 500 <= training.running_readings
    assert training.doubts == ("extended", "short", "near_newest")
    assert backfill(place, options={"training.days": 3, "training.running_rows": 500}).training is None
    status, _ = read_status(place)
    assert status.coldstart.training == training


@pytest.mark.slow
def test_a_planned_training_of_a_season_raises_no_doubt(tmp_path):
    readings = tidy(history(days=100, cadence=timedelta(hours=2)))
    place = make_plant(tmp_path / "season.duckdb", readings=readings)
    training = backfill(place, options={"training.days": 85}).training
    assert (training.days, training.doubts) == (86, ())


def test_a_replay_is_announced_before_it_begins_with_the_start_that_a_dry_run_shows(plant):
    place = plant.scored(readings=READINGS, options=BIG)
    # The state at the requested time is missing: the replay has to start from an earlier one.
    change(place, 'DELETE FROM "ACM_State" WHERE "AsOf" >= ? AND "AsOf" <= ?', day(13), day(14))
    start = place.query('SELECT max("AsOf") AS t FROM "ACM_State" WHERE "AsOf" < ?', [day(14)]).item()
    planned = backfill(place, replay_from=day(14), dry_run=True)
    assert planned.resume_at == (start or START)
    progress = RecordingProgress()
    replayed = backfill(place, replay_from=day(14), progress=progress)
    assert replayed.windows >= planned.windows - 1 > 5
    events = progress.list_events(CODE)
    assert events.index("replay") < events.index("start")
    (detail,) = [value for event, _, value in progress.events if event == "replay"]
    assert f"{planned.resume_at:%Y-%m-%d %H:%M}" in detail
    assert "2024-01-15" in detail, "the requested time"
    assert "replay" not in progress_of_next_run(place)


def progress_of_next_run(place):
    progress = RecordingProgress()
    backfill(place, progress=progress)
    return progress.list_events(CODE)
