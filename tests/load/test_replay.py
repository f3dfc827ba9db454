from __future__ import annotations

import polars as pl
import pytest

from acm_etl.load import lookback, publish, runs, watermark
from acm_etl.load.historian import historian_table, late_data
from acm_etl.load.machines import equipment
from acm_etl.load.maintenance import replay
from acm_etl.load.models import coldstart, registry, state_store
from load.made import DAY, HOUR, START, at, contents, culprits, day, health, log, occupancy, publication, run_of, same
from load.test_coldstart import record


def _frames(*days):
    return {
        "ACM_Scores_Wide": health(*days),
        "ACM_EpisodeCulprits": pl.concat(culprits(number, "a") for number in days),
        "ACM_RegimeOccupancy": pl.concat(occupancy(number, on=100) for number in days),
    }


def _state(number):
    return state_store.build_state_frame(1, [state_store.StoredState(day(number), 1, b"s", run_of(number - 1))])


def _publish(engine, number):
    expected = at(number) if number else None
    batch = publication(number, frames=_frames(number), expected=expected, state_rows=_state(number + 1))
    publish.publish_batch(engine, batch)


@pytest.mark.sampled
def test_going_back_and_forth_gives_the_same_store(engine):
    for number in range(4):
        _publish(engine, number)
    whole = contents(engine)
    gone = replay.rewind_machine(engine, 1, to=day(2), base_watermark=at(4))
    assert gone.superseded_runs == 2
    assert {name: rows for name, rows in gone.deleted_rows.items() if rows} == {
        "ACM_Scores_Wide": 48,
        "ACM_EpisodeCulprits": 2,
        "ACM_RegimeOccupancy": 2,
        "ACM_State": 2,
    }
    assert watermark.read_watermark(engine, 1) == gone.new_watermark == at(2)
    for number in (2, 3):
        _publish(engine, number)
    for kept in (whole, again := contents(engine)):
        for name, clock in (("ACM_BatchProgress", "UpdatedAt"), ("ACM_WriteMetrics", "Seconds")):
            kept[name] = kept[name].drop(clock, "RowsPerSecond", strict=False)
    assert same(whole, again)


@pytest.mark.sampled
def test_rows_of_a_run_that_is_taken_back_go_wherever_they_lie(engine):
    _publish(engine, 0)
    early = {"ACM_RegimeOccupancy": occupancy(0, on=50).with_columns(RunID=pl.lit(run_of(1)))}
    publish.publish_batch(engine, publication(1, frames=early, expected=at(1)))
    gone = replay.rewind_machine(engine, 1, to=day(1), base_watermark=at(2))
    assert gone.deleted_rows["ACM_RegimeOccupancy"] == 1


@pytest.mark.sampled
def test_a_noop_run_counts_for_all_its_windows(engine):
    stretch = log(0, outcome="NOOP", WindowEnd=day(5))
    batch = publication(0, 1, 2, 3, 4, run_log=stretch, run_summaries=publication(0).run_summaries.clear(), frames={})
    publish.publish_batch(engine, batch)
    publish.publish_batch(engine, publication(5, expected=at(5)))
    assert replay.rewind_machine(engine, 1, to=day(5), base_watermark=at(6)).new_watermark.window_count == 5


@pytest.mark.sampled
def test_going_back_into_a_stretch_without_readings_leaves_no_window_without_a_run(engine):
    stretch = log(0, outcome="NOOP", WindowEnd=day(5), RowsRead=0)
    publish.publish_batch(
        engine,
        publication(0, 1, 2, 3, 4, run_log=stretch, run_summaries=publication(0).run_summaries.clear(), frames={}),
    )
    assert replay.rewind_machine(engine, 1, to=day(3), base_watermark=at(5)).new_watermark.window_count == 3
    kept = engine.query('SELECT WindowStart, WindowEnd, Outcome FROM "RunLog"')
    assert kept.rows() == [(day(0), day(3), "NOOP")]


@pytest.mark.sampled
def test_refits_of_later_times_go_with_their_rows(engine):
    _publish(engine, 0)
    for version in (1, 2):
        made = {"valid_from": START} if version == 1 else {"valid_from": day(6), "train_end": day(5)}
        model = record(version, **made)
        registry.publish_model(engine, record=model, frames={}, run_log=log(9, outcome="OK", Stage="coldstart"))
    replay.rewind_machine(engine, 1, to=day(1), base_watermark=at(1))
    assert registry.read_latest_model(engine, 1).version == 1


@pytest.mark.sampled
def test_a_reset_takes_everything_but_readings_and_the_history_of_runs(engine):
    coldstart.begin_attempt(engine, 1, required_rows=10)
    _publish(engine, 0)
    gone = replay.reset_machine_data(engine, 1, reason="new bearings")
    assert (gone.superseded_runs, watermark.read_watermark(engine, 1), registry.read_latest_model(engine, 1)) == (
        1,
        None,
        None,
    )
    assert engine.query('SELECT COUNT(*) FROM "ACM_Scores_Wide"').item() == 0
    assert coldstart.read_coldstart(engine, 1).reason == "new bearings"
    assert engine.query('SELECT Outcome FROM "RunLog"')["Outcome"].to_list() == ["SUPERSEDED"]
    _publish(engine, 0)
    assert engine.query('SELECT Outcome FROM "RunLog"')["Outcome"].to_list() == ["OK"]


@pytest.mark.sampled
def test_readings_behind_progress_are_counted(engine):
    machine = equipment.find_machine(engine, "FAN")
    table = historian_table.declare_historian_table("FAN", ["a"])
    historian_table.create_or_extend_table(engine, table)

    def readings(*hours):
        times = pl.Series([day(0) + hour * HOUR for hour in hours], dtype=pl.Datetime("ms"))
        return pl.DataFrame({"EntryDateTime": times, "a": [1.0] * len(hours)})

    historian_table.load_readings(engine, table, [readings(*range(48))])
    publish.publish_batch(engine, publication(0, 1))
    assert late_data.count_late_readings(engine, machine) == 0
    historian_table.load_readings(engine, table, [readings(24.5, 25.5, 70)])
    assert late_data.count_late_readings(engine, machine) == 2
    assert engine.query(late_data.build_late_query(engine, machine)).row(0) == (1, 2, day(1))


@pytest.mark.sampled
def test_trailing_rows_are_those_before_the_group(engine):
    _publish(engine, 0)
    stored = lookback.read_trailing_rows(engine, 1, since=day(0), until=day(0) + DAY)
    assert {name: frame.height for name, frame in stored.items()} == {
        "ACM_Scores_Wide": 24,
        "ACM_SensorDaily": 0,
        "ACM_Episodes": 0,
    }
    assert runs.find_run_ids_at(engine, 1, [day(0)]) == {day(0): run_of(0)}


@pytest.mark.sampled
def test_a_run_that_is_cut_loses_its_rows_before_the_cut_too(engine):
    for number in range(4):
        _publish(engine, number)
    gone = replay.rewind_machine(engine, 1, to=day(2) + 12 * HOUR, base_watermark=at(4))
    assert gone.deleted_rows["ACM_Scores_Wide"] == 48
    assert gone.superseded_runs == 2
    left = contents(engine)["ACM_Scores_Wide"]
    assert left["Timestamp"].max() < day(2)
    assert left.height == 48
