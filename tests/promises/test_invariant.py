"""Promises 3, 4 and 5: idempotent, batch invariant, no leakage; and replays that end in the same tables."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
import stores
from plants import DAYS, START, assert_same, history

from acm_etl import tables
from acm_etl.load import publish as publishing

# Runs differ with the tick by nature; time, event, day and model rows do not.
GRAINS = {"time", "event", "day", "model"}
RESULTS = [t.name for t in tables.ALL if t.grain in GRAINS]


def results(place):
    """The rows that must not depend on how the history was cut; which run wrote them does."""
    dump = place.dump()
    runs = {"RunID", "ModelBytes", "Hash"}
    return {name: dump[name].drop(runs & set(dump[name].columns)) for name in RESULTS}


READINGS = history(days=20)
CUTS = [("11h", 300), ("30m", 50_000), ("1d", 1), ("7d", 1), ("7d", 50_000)]
# Windows one by one are a transaction each: a short history of hours does.
SHORT = {"training.days": 1, "training.running_rows": 24, "score.min_train_rows": 24}


# Readings are read alike from a declared source and from a table of the store, in small batches, too.
CASES = [
    *(("duckdb", *cut) for cut in CUTS),
    *((source, *CUTS[0]) for source in ("long", "sampled")),
    *(pytest.param(*stores.SERVER.values, *cut, marks=stores.SERVER.marks) for cut in CUTS),
]


@pytest.mark.sampled
@pytest.mark.parametrize(("plant", "tick", "batch_rows"), CASES, indirect=["plant"])
def test_any_tick_and_any_grouping_give_the_same_rows(plant, tick, batch_rows):
    wanted = plant.scored("wanted", readings=READINGS)
    place = plant.scored(readings=READINGS, tick=tick, options={"backfill.batch_rows": batch_rows})
    assert_same(results(place), results(wanted), tolerance=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("plant", ["averaged"], indirect=True)
def test_means_do_not_depend_on_the_windows(plant):
    wanted = plant.scored("wanted", readings=READINGS)
    place = plant.scored(readings=READINGS, tick="11h", options={"backfill.batch_rows": 300})
    assert_same(results(place), results(wanted), tolerance=1e-9)


@pytest.mark.slow
@stores.REAL
def test_windows_of_one_reading_give_the_same_rows(plant):
    readings = history(days=3, cadence=timedelta(hours=1))
    wanted = plant.scored("wanted", readings=readings, tick="1d", options=SHORT)
    place = plant.scored(readings=readings, tick="1h", options={**SHORT, "backfill.batch_rows": 1})
    assert place.query("SELECT max(RowsRead) AS n FROM RunLog WHERE Stage = 'score'").item() <= 3
    assert_same(results(place), results(wanted), tolerance=1e-9)


@pytest.mark.slow
@stores.REAL
def test_publishing_a_group_again_changes_nothing(plant, monkeypatch):
    once = plant.scored("once", readings=READINGS, options={"backfill.batch_rows": 240})
    seen = []
    original = publishing.publish_batch

    def twice(engine, publication):
        first = original(engine, publication)
        seen.append(original(engine, publication))
        return first

    monkeypatch.setattr(publishing, "publish_batch", twice)
    place = plant(readings=READINGS)
    assert place.backfill(options={"backfill.batch_rows": 240}).exit_code == 0
    assert seen
    assert {(m.rows_inserted, m.rows_updated, m.rows_deleted) for metrics in seen for m in metrics} == {(0, 0, 0)}
    monkeypatch.undo()
    assert_same(place.dump(), once.dump(), tolerance=place.tolerance)


@pytest.mark.sampled
@stores.SOURCES
def test_a_replay_from_the_middle_ends_in_the_same_tables(plant):
    place = plant.scored()
    before = place.dump()
    middle = START + timedelta(days=DAYS - 8)
    report = place.backfill(replay_from=middle)
    assert report.machines[0].windows == 7
    assert_same(results(place), {name: results_of(before, name) for name in RESULTS}, tolerance=1e-9)
    superseded = place.query("SELECT count(*) AS n FROM RunLog WHERE Outcome = 'SUPERSEDED'").item()
    assert superseded == 0, "the replay scores the same windows with the same settings: they are the same runs"


def results_of(dump, name):
    return dump[name].drop({"RunID", "ModelBytes", "Hash"} & set(dump[name].columns))


@pytest.mark.sampled
@stores.SOURCES
def test_readings_after_a_time_change_nothing_stored_before_it(plant):
    readings = history()
    cut = START + timedelta(days=DAYS * 0.7)
    later = readings["EntryDateTime"] >= cut
    changed = readings.with_columns(
        pl.when(later).then(pl.col(tag) * 3 + 7).otherwise(pl.col(tag)) for tag in readings.columns[1:]
    )
    one, other = plant.scored("one", readings=readings), plant.scored(readings=changed)
    for name in ("ACM_Scores_Wide", "ACM_ContributionTimeline", "ACM_SensorHotspotTimeline"):
        before = [place.table(name).filter(pl.col("Timestamp") < cut) for place in (one, other)]
        assert before[0].height > 0
        assert before[0].equals(before[1]), name
    day_before = cut - timedelta(days=1)
    closed = (pl.col("EndTs") < day_before) & (pl.col("Status") == "CLOSED")
    for name, settled in (("ACM_Episodes", closed), ("ACM_DefectSummary", pl.col("AsOf") < day_before)):
        kept = [place.table(name).drop("RunID").filter(settled) for place in (one, other)]
        assert_same({name: kept[1]}, {name: kept[0]}, tolerance=other.tolerance)
