"""The verdict rule: which facts make a machine how urgent, and what each reason says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from acm_etl.cli.render import email_summary
from acm_etl.load.episodes.episode_notes import Review
from acm_etl.results import ChangedReadings, FutureReadings, OlderReadings
from acm_etl.status import texts
from acm_etl.status.machine_status import (
    Activity,
    Coldstart,
    Episode,
    FleetStatus,
    Forecast,
    Health,
    LateReadings,
    MachineStatus,
    Readings,
    RegimePeriod,
    RunAttempt,
)
from acm_etl.status.reasons import Level, ReasonCode
from acm_etl.status.sensor_facts import Contribution, Deviation, Drift, SensorFault
from acm_etl.status.verdict import judge_fleet, judge_machine

NOW = datetime(2024, 5, 1)
COMPLETE = Coldstart("COMPLETE")


def make_status(code="FAN_1", **facts):
    """A healthy machine, but for the given facts."""
    healthy = {
        "source": "store",
        "observed_at": NOW,
        "stale_after_hours": 72.0,
        "activity": Activity("idle"),
        "coldstart": COMPLETE,
        "readings": Readings(1000, NOW - timedelta(days=100), NOW),
        "scored_until": NOW,
        "lag_hours": 0.0,
        "last_run": RunAttempt("OK"),
        "health": make_health("GOOD", 95.0),
    }
    return MachineStatus(code=code, **{**healthy, **facts})


def make_health(zone, index):
    return Health(NOW, index, zone, 1.0, "1")


def make_episode(*, ended_days=0.0, peak_z=5.0, status="CLOSED"):
    end = NOW - timedelta(days=ended_days)
    return Episode(end - timedelta(days=1), end, status, 24.0, peak_z, "MEDIUM", "a (60 %)")


def make_forecast(status, hours=None):
    return Forecast(status, NOW, 70.0, hours, 1.0, None)


def make_changes(**facts):
    first = NOW - timedelta(days=30)
    counts = {"added_readings": 0, "removed_readings": 0, "corrected_days": 0, "training_days": 0, **facts}
    return ChangedReadings(day_count=2, first_day=first, last_day=NOW, sample_days=(first, NOW), **counts)


OPEN = make_episode(status="OPEN")
DRIFT = replace(OPEN, peak_z=4.5, opened_by="drift")
CHANGED, GAINED = make_changes(removed_readings=3, corrected_days=1), make_changes(added_readings=48)
STALE = Readings(1000, NOW - timedelta(days=100), NOW - timedelta(days=4))


def acknowledge(episode, **review):
    return replace(episode, review=Review(acknowledged=True, acknowledged_by="ann", notes=1, **review))


def test_an_alarm_that_somebody_knows_of_ranks_behind_the_others():
    urgent = replace(OPEN, peak_z=7.0)
    fleet = [
        make_status("A", open_episodes=(acknowledge(urgent),), health=make_health("ALERT", 30.0)),
        make_status("B", open_episodes=(OPEN,), health=make_health("WATCH", 80.0)),
        make_status("C", open_episodes=(acknowledge(urgent), urgent)),
    ]
    judged = judge_fleet(FleetStatus(store="x", observed_at=NOW, source="store", machines=tuple(fleet)))
    assert [(machine.code, verdict.level) for machine, verdict in judged] == [
        ("C", Level.ACT_NOW),
        ("B", Level.INSPECT_SOON),
        ("A", Level.INSPECT_SOON),
    ]
    assert [verdict.reasons[0].facts.acknowledged for _, verdict in judged] == [1, 0, 1]
    assert [verdict.is_acknowledged for _, verdict in judged] == [False, False, True]


@pytest.mark.parametrize(
    ("level", "codes", "facts"),
    [
        (Level.HEALTHY, [], {}),
        (Level.HEALTHY, [], {"recent_episodes": (make_episode(ended_days=12),), "forecast": make_forecast("STABLE")}),
        (Level.INSPECT_SOON, ["recent_episodes"], {"recent_episodes": (make_episode(ended_days=2),)}),
        (Level.INSPECT_SOON, ["health_zone"], {"health": make_health("WATCH", 80.0)}),
        (Level.INSPECT_SOON, ["open_episodes"], {"open_episodes": (OPEN,), "health": make_health("WATCH", 80.0)}),
        (Level.ACT_NOW, ["open_episodes"], {"open_episodes": (replace(OPEN, peak_z=7.0),)}),
        (Level.ACT_NOW, ["open_episodes"], {"open_episodes": (OPEN,), "health": make_health("ALERT", 30.0)}),
        (Level.INSPECT_SOON, ["open_episodes", "open_drifts"],
         {"open_episodes": (DRIFT,), "health": make_health("ALERT", 50.0), "open_drifts": (Drift("a", NOW, 4.0),)}),
        (Level.ACT_NOW, ["open_episodes"], {"open_episodes": (DRIFT, OPEN), "health": make_health("ALERT", 30.0)}),
        (Level.ACT_NOW, ["open_episodes"], {"open_episodes": (replace(DRIFT, peak_z=7.0),)}),
        (Level.CHECK_DATA, ["sensor_faults", "open_episodes"],
         {"open_episodes": (replace(OPEN, peak_z=7.0),), "culprits": (Contribution("a", 80.0),),
          "sensor_faults": (SensorFault("a", "sensor_stuck", 24),)}),
        (Level.ACT_NOW, ["open_episodes", "sensor_faults"],
         {"open_episodes": (replace(OPEN, peak_z=7.0),), "culprits": (Contribution("b", 80.0),),
          "sensor_faults": (SensorFault("a", "sensor_stuck", 24),)}),
        (Level.ACT_NOW, ["below_threshold"], {"forecast": make_forecast("BELOW", 0.0)}),
        (Level.ACT_NOW, ["degrading"], {"forecast": make_forecast("DEGRADING", 100.0)}),
        (Level.INSPECT_SOON, ["degrading"], {"forecast": make_forecast("DEGRADING", 2000.0)}),
        (Level.INSPECT_SOON, ["open_drifts"], {"open_drifts": (Drift("a", NOW, 4.0),)}),
        (Level.CHECK_DATA, ["run_failed"], {"last_run": RunAttempt("FAIL", error="disk full")}),
        (Level.CHECK_DATA, ["process_dead"], {"activity": Activity("dead", "", 3, NOW, "host:1")}),
        (Level.CHECK_DATA, ["unscored_data"], {"lag_hours": 72.0}),
        (Level.HEALTHY, [], {"lag_hours": 71.0}),
        (Level.CHECK_DATA, ["late_data"], {"late_readings": LateReadings(1200, NOW)}),
        (Level.CHECK_DATA, ["changed_data"], {"changed_readings": CHANGED}),
        (Level.CHECK_DATA, ["late_data", "changed_data"],
         {"late_readings": LateReadings(1200, NOW), "changed_readings": CHANGED}),
        (Level.CHECK_DATA, ["late_data"],
         {"late_readings": LateReadings(48, NOW), "changed_readings": GAINED}),
        (Level.CHECK_DATA, ["changed_data"], {"changed_readings": GAINED}),
        (Level.CHECK_DATA, ["older_data"], {"older_readings": OlderReadings(100, NOW - timedelta(days=200))}),
        (Level.CHECK_DATA, ["future_data"], {"future_readings": FutureReadings(1, NOW + timedelta(days=200))}),
        (Level.CHECK_DATA, ["motionless_tags"], {"motionless_readings": 1440}),
        (Level.HEALTHY, [], {"motionless_readings": 1440, "regime": RegimePeriod("off", NOW)}),
        (Level.CHECK_DATA, ["sensor_faults"], {"sensor_faults": (SensorFault("a", "sensor_stuck", 24),)}),
        (Level.CHECK_DATA, ["stale_data"], {"readings": STALE}),
        (Level.HEALTHY, [], {"readings": STALE, "stale_after_hours": 0.0}),
        (Level.HEALTHY, [], {"readings": STALE, "stale_after_hours": 100.0}),
        (Level.UNKNOWN, ["not_assessed"], {"health": None}),
        (Level.WAITING, ["no_readings"], {"readings": None, "scored_until": None, "health": None, "coldstart": None}),
        (Level.WAITING, ["not_backfilled"], {"scored_until": None, "health": None, "coldstart": None}),
        (Level.WAITING, ["not_backfilled"],
         {"scored_until": None, "health": None, "coldstart": None, "readings": STALE}),
        (Level.WAITING, ["coldstart_waiting"],
         {"scored_until": None, "health": None, "coldstart": Coldstart("PENDING", "too few readings")}),
        (Level.CHECK_DATA, ["coldstart_failed"],
         {"scored_until": None, "health": None, "coldstart": Coldstart("FAILED", "singular matrix")}),
        (Level.CHECK_DATA, ["stale_data", "coldstart_waiting"],
         {"scored_until": None, "health": None, "coldstart": Coldstart("PENDING"), "readings": STALE}),
        (Level.UNKNOWN, ["store_in_use"], {"source": "status_file", "activity": Activity("running")}),
        (Level.CHECK_DATA, ["run_failed", "store_in_use"], {"source": "status_file", "activity": Activity("failed")}),
    ],
)  # fmt: skip
def test_the_most_urgent_reason_decides(level, codes, facts):
    verdict = judge_machine(make_status(**facts), NOW)
    assert (verdict.level, [reason.code for reason in verdict.reasons]) == (level, codes)


def test_an_alarm_at_the_end_of_a_feed_that_ended_years_ago_is_not_urgent():
    status = make_status(open_episodes=(OPEN,), health=make_health("ALERT", 20.0))
    assert judge_machine(status, NOW + timedelta(days=4)).level == Level.ACT_NOW
    verdict = judge_machine(status, datetime(2037, 5, 1))
    assert verdict.level == Level.CHECK_DATA
    assert [reason.code for reason in verdict.reasons] == ["stale_data", "open_episodes"]
    assert texts.describe_reason(verdict.reasons[0], "FAN_1") == "stale data: newest reading is 13 years old"


def test_machines_are_sorted_by_level_then_by_health():
    machines = (
        make_status("GOOD"),
        make_status("BAD", health=make_health("ALERT", 20.0)),
        make_status("WORSE", health=make_health("ALERT", 10.0)),
        make_status("FAILED", last_run=RunAttempt("FAIL")),
    )
    fleet = FleetStatus(store="x", observed_at=NOW, source="store", machines=machines)
    assert [machine.code for machine, _ in judge_fleet(fleet)] == ["WORSE", "BAD", "FAILED", "GOOD"]


def test_every_reason_has_a_sentence_of_its_own():
    described = {
        reason.code
        for _, _, facts in test_the_most_urgent_reason_decides.pytestmark[0].args[1]
        for reason in judge_machine(make_status(**facts), NOW).reasons
        if texts.describe_reason(reason, "FAN_1") != reason.code.replace("_", " ")
    }
    assert described == set(ReasonCode) - {ReasonCode.NO_READINGS}


@pytest.mark.parametrize(
    ("sensor", "facts"),
    [
        (
            "bearing",
            {"culprits": (Contribution("bearing", 61.4), Contribution("motor", 20.0)), "open_episodes": (OPEN,)},
        ),
        ("oil", {"degradation_drivers": (Contribution("oil", 80.0),)}),
        ("flow", {"open_drifts": (Drift("flow", NOW),)}),
        ("speed", {"deviations": (Deviation("speed", -2.9, 3.0, NOW),)}),
        ("", {"deviations": (Deviation("speed", -1.9, 3.0, NOW),)}),
    ],
)
def test_the_sensor_to_look_at_first(sensor, facts):
    text = texts.describe_contributor(make_status(**facts))
    assert sensor in text
    assert bool(text) == bool(sensor)


def make_fleet(*machines):
    return FleetStatus(store="mssql://plant/ACM", observed_at=NOW, source="store", machines=machines)


def test_a_summary_fits_an_e_mail_however_many_machines_fail():
    failed = [make_status(f"M_{n}", last_run=RunAttempt("FAIL", error="x" * 500)) for n in range(80)]
    lines = email_summary.format_summary(make_fleet(*failed, make_status("GOOD_1"))).splitlines()
    assert lines[0] == "acm_etl: 80 of 81 machines need attention"
    assert len(lines) < 30
    assert max(map(len, lines)) <= 160
    assert "... and 60 more" in lines
    assert "healthy: 1 (GOOD_1)" in lines


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "healthy: 1 (FAN_1)"),
        ({"scored_until": None, "health": None, "coldstart": Coldstart("PENDING")}, "waiting: 1 (FAN_1)"),
        ({"source": "status_file"}, "status unknown: 1 (FAN_1)"),
        ({"late_readings": LateReadings(1200, NOW)}, "FAN_1: Check the data: 1,200 late readings"),
    ],
)
def test_a_summary_lists_machines_by_group(facts, text):
    assert text in email_summary.format_summary(make_fleet(make_status(**facts)))


def test_a_summary_never_reports_all_well_if_nothing_is_known():
    running = make_status(source="status_file", activity=Activity("running"))
    subject = email_summary.format_summary(make_fleet(running)).splitlines()[0]
    assert subject == "acm_etl: status unknown for 1 of 1 machine"
    mixed = email_summary.format_summary(make_fleet(running, make_status("GOOD_1"))).splitlines()[0]
    assert mixed == "acm_etl: 0 of 2 machines need attention, status unknown for 1"
