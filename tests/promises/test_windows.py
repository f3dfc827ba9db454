"""Open windows, late rows, changed ticks and settings, and two runners on one store."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta

import polars as pl
import pytest
import stores
from commands import run
from plants import CODE, FAST, START, assert_same, history, tidy

import acm_etl
from acm_etl import config
from acm_etl.run.context import SettingsSources
from acm_etl.status.fleet_monitor import FleetMonitor

READINGS = history(days=20)  # the fault is from day 12 to day 15


@stores.REAL
def test_the_open_window_is_provisional_and_replaced_next_time(plant):
    day = START + timedelta(days=14)
    noon = day + timedelta(hours=12)
    place, whole = (
        plant(readings=READINGS.filter(pl.col("EntryDateTime") < noon)),
        plant.scored("whole", readings=READINGS),
    )
    report = place.backfill().machines[0]
    assert report.provisional == 1
    assert report.resume_at == day
    provisional = place.table("RunLog").filter("Provisional")
    assert provisional.select("WindowStart", "Outcome").rows() == [(day, "OK")]
    newest = place.query("SELECT max(Timestamp) AS t FROM ACM_Scores_Wide").item()
    assert newest >= noon - timedelta(hours=1)
    place.load(READINGS.filter(pl.col("EntryDateTime") >= noon))
    place.backfill()
    without = ("ACM_WriteMetrics", "ACM_State", "ACM_TagEquipmentMap")
    assert_same(place.dump(without=without), whole.dump(without=without), tolerance=1e-9)


@stores.REAL
def test_a_final_backfill_takes_the_last_window(plant):
    place = plant.scored(readings=READINGS)
    assert place.table("RunLog")["Provisional"].any()
    report = place.backfill(close_last_window=True).machines[0]
    assert (report.windows, report.provisional) == (1, 0)
    assert place.backfill(close_last_window=True).machines[0].outcome == "up to date"


@pytest.mark.slow
def test_states_of_two_weeks_are_a_day_apart_and_earlier_ones_a_week(plant):
    whole, place = plant.scored("whole"), plant.scored(until=START + timedelta(days=20))
    assert place.backfill().exit_code == 0
    times = whole.table("ACM_State")["AsOf"].sort().to_list()
    # The same as in one go: the daily states of the first backfill gave way when they were two weeks old.
    assert place.table("ACM_State")["AsOf"].sort().to_list() == times
    week = timedelta(days=7)
    trained = place.query("SELECT max(TrainEnd) AS t FROM ACM_ColdstartState").item()
    newest = place.query("SELECT max(EntryDateTime) AS t FROM FAN_1_Data").item()
    recent = [time for time in times if time >= newest - 2 * week]
    assert len(recent) == 14
    earlier = set(times) - set(recent) - {trained}
    assert earlier == {time for time in earlier if (time - datetime(1970, 1, 1)) % week == timedelta(0)} != set()
    # Days without a state are reached from the one before them; only the days before the first one are not.
    assert "3 of 27 days recomputed" in run(place, "verify", CODE, "--sample", "3").output


@stores.REAL
def test_late_rows_are_counted_and_replayed(plant):
    day = START + timedelta(days=13)
    gap = (day, day + timedelta(hours=3))
    late = pl.col("EntryDateTime").is_between(*gap, closed="left")
    place, whole = plant.scored(readings=READINGS.filter(~late)), plant.scored("whole", readings=READINGS)
    place.load(READINGS.filter(late))
    count = READINGS.filter(late).height
    found = acm_etl_status(place)
    assert found.late_readings.count == count
    assert found.late_readings.replay_from == day
    report = place.backfill(replay_from=day)
    assert report.machines[0].late == 0
    without = ("ACM_WriteMetrics", "RunLog", "ACM_TagEquipmentMap", "ACM_State")
    assert_same(place.dump(without=without), whole.dump(without=without), tolerance=1e-9)


def acm_etl_status(place):
    sources = SettingsSources(options={"store.url": place.url, **place.server})
    return FleetMonitor(sources).read_status().machines[0]


@stores.REAL
def test_another_tick_or_setting_is_refused_naming_both(plant):
    place = plant.scored(max_windows=5)
    before = place.dump()
    tick = place.backfill(tick="7d")
    assert tick.exit_code == 2
    assert "tick 1d, requested 7d" in tick.machines[0].message
    changed = place.backfill(options={"score.alarm_z": 4.0})
    assert changed.exit_code == 2
    default = config.ScoreParams().alarm_z
    assert f"score.alarm_z {default}, requested 4;" in changed.machines[0].message
    assert_same(place.dump(), before)


@stores.REAL
def test_a_start_behind_the_progress_is_refused(plant):
    place = plant.scored(max_windows=5)
    later = place.backfill(since=START + timedelta(days=20))
    assert later.exit_code == 2
    assert "--from 2024-01-21" in later.machines[0].message
    assert place.backfill(since=START, max_windows=1).exit_code == 0


@pytest.mark.slow
@stores.REAL
def test_another_tick_from_a_common_boundary_supersedes(plant):
    place, weekly = plant.scored(), plant.scored("weekly", tick="7d")
    boundary = START + timedelta(days=3 + 14)  # a Thursday, as the epoch was: windows of seven days begin there
    report = place.backfill(tick="7d", replay_from=boundary)
    assert report.exit_code == 0, report.machines[0].message
    outcomes = place.query("SELECT Outcome, count(*) AS n FROM RunLog WHERE Stage = 'score' GROUP BY 1 ORDER BY 1")
    assert dict(outcomes.iter_rows())["SUPERSEDED"] >= 10
    names = ("ACM_Scores_Wide", "ACM_Episodes", "ACM_DefectSummary")
    found, wanted = place.dump(), weekly.dump()
    assert_same(
        {name: found[name].drop("RunID") for name in names}, {name: wanted[name].drop("RunID") for name in names},
        tolerance=1e-9,
    )  # fmt: skip
    refused = place.backfill(tick="1d", replay_from=boundary + timedelta(hours=7))
    assert refused.exit_code == 2
    assert "not a boundary of both" in refused.machines[0].message


def test_the_second_backfill_learns_who_holds_the_store(plant):
    place = plant()
    engine = place.connect()
    try:
        other = subprocess.run(
            [sys.executable, "-m", "acm_etl", "--store", place.url, "backfill", "--equip", CODE],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        engine.close()
    assert other.returncode == 3
    assert str(os.getpid()) in other.stderr
    assert other.stderr.count("\n") == 1


@pytest.mark.slow
@stores.REAL
def test_several_machines_side_by_side_stay_apart(plant):
    place = plant()
    for code, seed in (("FAN_2", 4), ("FAN_3", 5)):
        place.load(tidy(history(seed=seed)), code=code, zone="UTC")
    report = acm_etl.backfill(store=place.url, settings={**FAST, **place.server}, workers=3)
    assert [(m.equip, m.outcome) for m in report.machines] == [("FAN_1", "done"), ("FAN_2", "done"), ("FAN_3", "done")]
    alone = plant.scored("alone")
    mine = place.table("ACM_Scores_Wide").filter(pl.col("EquipID") == 1)
    assert_same({"FAN_1": mine}, {"FAN_1": alone.table("ACM_Scores_Wide")}, tolerance=place.tolerance)
