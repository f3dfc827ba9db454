from __future__ import annotations

import polars as pl
import pytest
import stores

from acm_etl.errors import ContractError, StoreError
from acm_etl.load import clock, publish, runs
from acm_etl.load.historian import quality_events
from acm_etl.load.machines import equipment, machine_settings
from acm_etl.load.maintenance import abandoned_runs, replay
from acm_etl.load.maintenance.abandoned_runs import AbandonedRuns
from acm_etl.load.staging import UpsertCounts, upsert_frame
from acm_etl.status.progress_queries import ProgressQueries
from acm_etl.windows import Window
from load.made import SIGNATURE, T, at, day, log, publication, run_of


def _outcomes(engine):
    return dict(engine.query('SELECT RunID, Outcome FROM "RunLog"').iter_rows())


def test_ids_depend_on_what_the_run_is_about_and_on_nothing_else():
    base = {"model_version": 1, "signature": SIGNATURE}
    first = runs.build_run_id("FAN", day(0), day(1), **base)
    assert first == runs.build_run_id("FAN", day(0), day(1), **base) == run_of(0)
    others = [
        runs.build_run_id("FAN2", day(0), day(1), **base),
        runs.build_run_id("FAN", day(0), day(2), **base),
        runs.build_run_id("FAN", None, day(1), **base),
        runs.build_run_id("FAN", day(0), day(1), stage="import", **base),
        runs.build_run_id("FAN", day(0), day(1), model_version=2, signature=SIGNATURE),
        runs.build_run_id("FAN", day(0), day(1), model_version=1, signature="x"),
    ]
    assert len({first, *others}) == 7


def test_announcing_leaves_finished_runs_alone(engine):
    publish.publish_batch(engine, publication(0))
    stored = runs.start_runs(engine, log(0, 1))
    assert stored.select("RunID", "Outcome", "Attempt").rows() == [(run_of(0), "OK", 1), (run_of(1), "RUNNING", 1)]
    assert runs.start_runs(engine, log(0, 1))["Attempt"].to_list() == [1, 2]


def test_a_replay_that_fails_is_reported(engine):
    publish.publish_batch(engine, publication(0))
    replay.rewind_machine(engine, 1, to=day(0), base_watermark=at(0))
    assert runs.start_runs(engine, log(0)).select("Outcome", "Attempt").row(0) == ("RUNNING", 2)
    runs.fail_runs(engine, log(0), StoreError("full"), attempt=2, span=Window(day(0), day(1)))
    assert _outcomes(engine) == {run_of(0): "FAIL"}
    publish.publish_batch(engine, publication(0, expected=at(0)))
    assert _outcomes(engine) == {run_of(0): "OK"}


@stores.WIRE_TOO
def test_a_failed_batch_is_recorded_in_every_table(engine):
    run_log = log(0, 1)
    runs.start_runs(engine, run_log)
    error = StoreError("deadlock\nvictim", table="ACM_Episodes")
    runs.fail_runs(engine, run_log, error, attempt=3, span=Window(day(0), day(2)), equip_code="FAN")
    assert set(_outcomes(engine).values()) == {"FAIL"}
    history = engine.query('SELECT DISTINCT HealthStatus, ErrorMessage FROM "ACM_RunHistory"').rows()
    assert history == [("UNKNOWN", "at ACM_Episodes: deadlock victim")]
    errors = engine.query('SELECT RunID, Attempt, TableName, ErrorType, GroupStart, GroupEnd FROM "ACM_RunErrors"')
    assert errors.rows() == [(run_of(0), 3, "ACM_Episodes", "StoreError", day(0), day(2))]


def test_a_long_message_is_cut_to_its_column(engine):
    runs.fail_runs(engine, log(0), ValueError("x" * 5000), attempt=1, span=Window(day(0), day(1)))
    for table in ("RunLog", "ACM_Runs", "ACM_RunErrors"):
        assert len(engine.query(f'SELECT ErrorMessage FROM "{table}"').item()) == 1000


def test_a_failing_repetition_does_not_undo_what_is_published(engine):
    publish.publish_batch(engine, publication(0))
    runs.start_runs(engine, log(0))
    runs.fail_runs(engine, log(0), ValueError("x"), attempt=1, span=Window(day(0), day(1)))
    assert _outcomes(engine) == {run_of(0): "OK"}
    assert engine.query('SELECT HealthStatus FROM "ACM_Runs"').item() == "HEALTHY"


@stores.WIRE_TOO
def test_runs_of_dead_processes_fail_with_a_reason(engine):
    publish.publish_batch(engine, publication(0))
    runs.start_runs(engine, log(1, 2))
    fan = equipment.find_machine(engine, "FAN")
    assert [abandoned_runs.fail_abandoned_runs(engine, fan) for _ in range(2)] == [2, 0]
    row = engine.query("SELECT DISTINCT Outcome, ErrorMessage FROM \"RunLog\" WHERE Outcome <> 'OK'").row(0)
    assert row[0] == "FAIL"
    assert row[1].startswith("left RUNNING by here:1, which ended unexpectedly")
    assert engine.query('SELECT COUNT(*) FROM "ACM_RunErrors"').item() == 0
    summaries = engine.query("SELECT EquipName, ErrorMessage FROM \"ACM_Runs\" WHERE HealthStatus = 'UNKNOWN'")
    assert summaries.rows() == [("FAN", row[1])] * 2
    assert runs.start_runs(engine, log(1))["Outcome"].item() == "RUNNING"


def test_sweeping_leaves_other_machines_alone(engine):
    equipment.register_machine(engine, "OTHER", time_zone="UTC")
    runs.start_runs(engine, log(1, EquipID=2))
    assert abandoned_runs.fail_abandoned_runs(engine, equipment.find_machine(engine, "FAN")) == 0


def test_a_run_is_abandoned_once_nobody_holds_its_lock(engine):
    fan, importing = equipment.find_machine(engine, "FAN"), run_of(2)
    runs.start_runs(engine, log(1))
    runs.start_runs(engine, log(2, Stage="import"))
    other = engine.open_session()
    with other.acquire_lock("FAN"):
        assert abandoned_runs.find_abandoned_runs(engine, fan) == [importing]
        assert abandoned_runs.close_abandoned_runs(engine) == []
    with other.acquire_lock(importing):
        assert abandoned_runs.find_abandoned_runs(engine, fan) == [run_of(1)]
        assert abandoned_runs.close_abandoned_runs(engine) == [AbandonedRuns("FAN", 1)]
        assert _outcomes(engine) == {run_of(1): "FAIL", importing: "RUNNING"}
    assert abandoned_runs.close_abandoned_runs(engine) == [AbandonedRuns("FAN", 1)]
    assert abandoned_runs.close_abandoned_runs(engine) == []
    other.close()


def test_the_owner_of_a_time_is_the_run_whose_window_has_it(engine):
    publish.publish_batch(engine, publication(0, 1))
    runs.start_runs(engine, log(2))
    owners = runs.find_run_ids_at(engine, 1, [day(0), day(1), day(2), day(0).replace(hour=23)])
    assert owners == {day(0): run_of(0), day(0).replace(hour=23): run_of(0), day(1): run_of(1)}
    assert runs.find_run_ids_at(engine, 1, []) == {}


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Outcome", "'BOGUS'"),
        ("Stage", "'x'"),
        ("CompletedAt", "'1999-01-01'"),
        ("Version", f"'{'x' * 33}'"),
    ],
)
def test_the_database_checks_too(engine, column, value):
    runs.start_runs(engine, log(0))
    with pytest.raises(StoreError, match=r"(?i)check constraint|longer than its column"):
        engine.execute(f'UPDATE "RunLog" SET "{column}" = {value}')


def _events(**changes):
    row = {
        "RunID": run_of(0),
        "EquipID": 1,
        "TableName": "FAN_Data",
        "ColumnName": "a",
        "EventType": "nan",
        "AffectedRows": 3,
        "EventTime": clock.utc_now(),
        **changes,
    }
    return pl.DataFrame([row], schema=T["ACM_DataQualityEvents"].polars_schema)


def test_quality_events_survive_and_do_not_double(engine):
    assert quality_events.record_quality_events(engine, _events()) == UpsertCounts(inserted=1)
    assert quality_events.record_quality_events(engine, _events()) == UpsertCounts()
    assert quality_events.record_quality_events(engine, _events(AffectedRows=4)) == UpsertCounts(updated=1)
    assert quality_events.record_quality_events(engine, _events()[:0]) == UpsertCounts()
    with pytest.raises(ContractError):
        quality_events.record_quality_events(engine, _events(EventType=None))
    assert engine.query('SELECT AffectedRows FROM "ACM_DataQualityEvents"').item() == 4


def test_quality_events_of_readings_that_were_mended_go(engine):
    found = pl.concat([_events(), _events(ColumnName="b")])
    quality_events.record_quality_events(engine, pl.concat([found, _events(RunID=run_of(1))]))
    assert quality_events.record_quality_events(engine, found[:1], equip_id=1, run_ids=[run_of(0)]) == UpsertCounts(
        deleted=1
    )
    assert quality_events.record_quality_events(engine, found[:0], equip_id=1, run_ids=[run_of(0)]) == UpsertCounts(
        deleted=1
    )
    assert engine.query('SELECT RunID FROM "ACM_DataQualityEvents"').item() == run_of(1)


def test_settings_of_a_machine_win_over_those_of_all(engine):
    machine_settings.save_settings(
        engine, machine_settings.ALL_MACHINES_ID, {"score.alarm_z": "3.5", "backfill.tick": "12h"}
    )
    machine_settings.save_settings(engine, 1, {"score.alarm_z": "4.0"}, changed_by="me")
    assert machine_settings.read_settings(engine, 1) == {"score.alarm_z": "4.0", "backfill.tick": "12h"}
    assert machine_settings.read_settings(engine, 2)["score.alarm_z"] == "3.5"


def test_the_last_run_has_the_last_window_of_the_newest_attempt(engine):
    batch = log(0, 1, 2, AttemptStartedAt=day(9), ErrorMessage="newest")
    later_window = log(5, AttemptStartedAt=day(8))
    upsert_frame(engine, T["RunLog"], pl.concat([batch, later_window]))
    (last_run,) = ProgressQueries(engine, [1]).read_last_runs().values()
    assert (last_run.window_start, last_run.error) == (day(2), "newest")
