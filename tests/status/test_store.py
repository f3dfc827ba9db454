"""Status from a store: the same facts as the tables, in a constant number of statements, in one JSON shape."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import datetime, timedelta

import polars as pl
import pytest
from commands import run
from json_shapes import check_shape
from plants import CODE, START, history, tidy
from stores import EVERYWHERE

from acm_etl import simulate
from acm_etl.load.machines import equipment, machine_settings
from acm_etl.progress import NullProgress
from acm_etl.run.context import SettingsSources
from acm_etl.status.fleet_monitor import FleetMonitor
from acm_etl.status.reasons import Level
from acm_etl.status.status_file import StatusFile
from acm_etl.status.store_reader import StatusInputs, read_details, read_statuses
from acm_etl.status.verdict import judge_machine

NOW = START + timedelta(days=20)


def validate(entity, value):
    check_shape(value, entity, "status")


@contextmanager
def opened(place):
    engine = place.connect()
    try:
        yield engine
    finally:
        engine.close()


def read(engine, *codes, now=NOW, **options):
    machines = equipment.find_machines(engine, codes)
    return read_statuses(engine, machines, StatusInputs(SettingsSources(options=options), now))


class CountingEngine:
    """An engine that counts the statements sent through it."""

    def __init__(self, engine):
        self._engine, self.statements = engine, []

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def query(self, sql, params=()):
        self.statements.append(sql)
        return self._engine.query(sql, params)


def add_machines(engine, number):
    """Register machines that share the historian table of the first one."""
    for index in range(number):
        equipment.register_machine(engine, f"COPY_{index}", time_zone="UTC", table=f"{CODE}_Data")


@pytest.mark.sampled
@EVERYWHERE
def test_the_number_of_statements_does_not_depend_on_the_number_of_machines(plant):
    place = plant.scored(readings=history(days=16))
    with opened(place) as engine:
        one = CountingEngine(engine)
        (status,) = read(one)
        add_machines(engine, 29)
        thirty = CountingEngine(engine)
        statuses = read(thirty)
    assert len(statuses) == 30
    assert len(thirty.statements) == len(one.statements) <= 25
    assert statuses[[status.code for status in statuses].index(CODE)] == status
    assert {status.readings.count for status in statuses} == {status.readings.count}


@pytest.mark.slow
def test_the_statements_do_not_depend_on_the_number_of_rows(plant):
    readings = tidy(history(days=16))
    sent = []
    for windows in (3, None):
        place = plant.scored(readings=readings, max_windows=windows)
        with opened(place) as engine:
            counting = CountingEngine(engine)
            read(counting)
            sent.append(counting.statements)
    assert sent[0] == sent[1]


def test_a_hidden_historian_table_is_reported(plant, caplog):
    place = plant.scored(readings=history(days=16))
    with opened(place) as engine:
        read(engine)
        assert caplog.messages == []
        engine.execute(f'DROP TABLE "{CODE}_Data"')
        read(engine)
    assert [f"{CODE}_Data" in message for message in caplog.messages] == [True]


@pytest.mark.slow
@EVERYWHERE
def test_readings_are_divided_by_the_limits_of_each_machine(plant):
    readings = tidy(history(days=16))
    place = plant.scored(readings=readings)
    now = START + timedelta(days=10)
    with opened(place) as engine:
        equipment.register_machine(engine, "OTHER", time_zone="UTC", table=f"{CODE}_Data")
        options = {"backfill.allowed_lateness": "1h"}
        statuses = {status.code: status for status in read(engine, now=now, **options)}
    # The scored machine has accepted its newest reading; for the other one half of the readings are from the future.
    scored, other = statuses[CODE], statuses["OTHER"]
    assert (scored.readings.count, scored.future_readings) == (readings.height, None)
    times = readings["EntryDateTime"]
    future = times.filter(times >= now + timedelta(hours=1))
    assert (other.future_readings.count, other.future_readings.first) == (len(future), future.min())
    assert other.readings.count == readings.height - len(future)
    assert other.readings.last == times.filter(times < now + timedelta(hours=1)).max()


@pytest.mark.sampled
@EVERYWHERE
def test_the_status_is_what_the_tables_say(plant):
    place = plant.scored()
    with opened(place) as engine:
        counted = CountingEngine(engine)
        details = read_details(counted, equipment.find_machine(engine, CODE), StatusInputs(SettingsSources(), NOW))
    assert len({*counted.statements}) == len(counted.statements), "no rows are read twice"
    status = details.status
    health = place.query("SELECT * FROM ACM_HealthTimeline_Latest").row(0, named=True)
    assert (status.health.time, status.health.zone) == (health["Timestamp"], health["HealthZone"])
    assert status.health.index == pytest.approx(health["HealthIndex"])
    episodes = place.query("SELECT * FROM ACM_Episodes ORDER BY StartTs DESC")
    assert [episode.start for episode in details.episodes] == episodes["StartTs"].to_list()[:10]
    assert len(status.open_episodes) == episodes.filter(pl.col("Status") == "OPEN").height
    culprits = place.query("SELECT * FROM ACM_EpisodeCulprits ORDER BY StartTs DESC, Rank")
    assert status.culprits[0].sensor == culprits["SensorName"][0]
    worst = place.query("SELECT MAX(MaxAbsZ) AS z FROM ACM_SensorHotspots_Latest").item()
    assert status.deviations[0].largest_z == pytest.approx(worst)
    forecast = place.query("SELECT * FROM ACM_RUL_Summary_Latest").row(0, named=True)
    assert (status.forecast.status, status.forecast.issued_at) == (forecast["Status"], forecast["IssuedAt"])
    assert (status.windows_done, status.failed_runs, status.late_readings.count) == (29, 0, 0)
    assert status.coldstart.status == "COMPLETE"


@pytest.mark.slow
@EVERYWHERE
def test_a_faulty_sensor_is_named_until_it_works_again(plant):
    readings, tag = tidy(history(days=20)), simulate.FD_FAN_TAGS[2].name
    stuck = pl.col("EntryDateTime") >= START + timedelta(days=17)
    held = readings.filter(stuck)[tag].drop_nulls()[0]
    place = plant(readings=readings.with_columns(pl.when(stuck).then(held).otherwise(pl.col(tag)).alias(tag)))
    place.backfill_or_fail()
    with opened(place) as engine:
        status = read(engine)[0]
    assert [(fault.sensor, fault.kind) for fault in status.sensor_faults] == [(tag, "sensor_stuck")]
    assert "sensor_faults" in [reason.code for reason in judge_machine(status, NOW).reasons]
    place.load(readings.filter(stuck))
    place.backfill_or_fail(replay_changed=True)
    with opened(place) as engine:
        assert read(engine)[0].sensor_faults == ()


@pytest.mark.slow
@EVERYWHERE
def test_late_readings_are_counted_per_machine(plant):
    readings = tidy(history(days=16))
    late = pl.col("EntryDateTime").dt.date() == START.date() + timedelta(days=13)
    place = plant.scored(readings=readings.filter(~late))
    place.load(readings.filter(late))
    with opened(place) as engine:
        equipment.register_machine(engine, "OTHER", time_zone="UTC", table=f"{CODE}_Data")
        statuses = {status.code: status for status in read(engine)}
    assert statuses[CODE].late_readings.count == readings.filter(late).height
    assert statuses[CODE].late_readings.replay_from == START + timedelta(days=13)
    assert statuses["OTHER"].late_readings.count == 0


@pytest.mark.sampled
@EVERYWHERE
def test_stale_data_depend_on_the_clock_and_on_settings_of_the_machine(plant):
    place = plant.scored(readings=history(days=16))
    later = START + timedelta(days=21)
    with opened(place) as engine:
        (fresh,) = read(engine, now=START + timedelta(days=17))
        assert judge_machine(fresh, START + timedelta(days=17)).level != Level.CHECK_DATA
        (stale,) = read(engine, now=later)
        assert "stale_data" in {reason.code for reason in judge_machine(stale, later).reasons}
        machine_settings.save_settings(engine, machine_settings.ALL_MACHINES_ID, {"status.stale_after": '"1d"'})
        assert read(engine)[0].stale_after_hours == 24
        machine_settings.save_settings(engine, 1, {"status.stale_after": '"30d"'})
        (slow,) = read(engine, now=later)
        assert slow.stale_after_hours == 720
        assert "stale_data" not in {reason.code for reason in judge_machine(slow, later).reasons}
        (overridden,) = read(engine, **{"status.stale_after": "2h"})
        assert overridden.stale_after_hours == 2


def test_a_machine_whose_historian_table_is_gone_has_no_readings(plant):
    place = plant(readings=history(days=3))
    with opened(place) as engine:
        equipment.register_machine(engine, "GONE {x}", time_zone="UTC")
        (status,) = read(engine, "GONE {x}")
    assert status.readings is None
    assert judge_machine(status, NOW).level == Level.WAITING


def test_every_command_has_the_same_json_for_a_machine(plant, tmp_path):
    place = plant.scored()
    results = {
        words[0]: json.loads(run(place, "--json", *words).stdout)
        for words in (["status"], ["show", CODE], ["monitor"], ["report", CODE, "--output", str(tmp_path / "x.html")])
    }
    validate("fleet", results["status"])
    validate("fleet", results["monitor"])
    validate("details", results["show"])
    validate("report", results["report"])
    machines = [
        results["status"]["machines"][0],
        results["monitor"]["machines"][0],
        results["show"]["machine"],
        results["report"]["pages"][0]["machine"],
    ]
    for machine in machines:
        # Everything that moves with the clock differs between two commands.
        machine.pop("observed_at")
        for reason in machine["verdict"]["reasons"]:
            reason["facts"].pop("age_hours", None)
        assert machine == machines[0]


def test_the_json_of_a_status_file_has_the_same_shape(plant):
    place = plant(readings=history(days=2))
    with StatusFile(NullProgress(), place.url) as progress:
        progress.start_machine("A", windows=10)
        progress.finish_machine("A", outcome="up to date")
        fleet = json.loads(run(place, "--json", "monitor").stdout)
    validate("fleet", fleet)
    (machine,) = fleet["machines"]
    assert (machine["activity"]["state"], machine["verdict"]["level"]) == ("up_to_date", "unknown")


def test_a_store_in_use_is_unknown_and_a_free_one_is_read_in_spite_of_a_file_that_was_left(plant):
    place = plant(readings=history(days=2))
    with StatusFile(NullProgress(), place.url) as progress:
        progress.start_machine("A", windows=10)
        sources = SettingsSources(options={"store.url": place.url})
        assert FleetMonitor(sources, prefers_status_file=True).read_status().source == "status_file"
        assert FleetMonitor(sources, clock=lambda: datetime(2024, 1, 3)).read_status().source == "store"
