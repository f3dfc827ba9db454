"""A backfill that finds nothing new publishes nothing, and anything that changes an incomplete window is published."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from plants import START, assert_same, history

from acm_etl.io.duckdb.engine import DuckDB

DAYS = 16
METRICS = ("ACM_WriteMetrics",)  # one row per table and transaction, not per result
RUNS = "SELECT RunID, AttemptStartedAt, CompletedAt, InputHash FROM RunLog ORDER BY RunID"


@pytest.fixture
def readings():
    return history(days=DAYS)


@pytest.fixture
def statements(monkeypatch):
    """Statements of the engine, in order."""
    sent = []
    for name in ("query", "_change_rows", "_run_statement"):
        method = getattr(DuckDB, name)

        def record(self, sql, *args, _method=method):
            sent.append(sql)
            return _method(self, sql, *args)

        monkeypatch.setattr(DuckDB, name, record)
    return sent


def change_newest(place, sql, params=()):
    """Change the row of the newest reading."""
    engine = place.connect()
    try:
        newest = engine.query("SELECT MAX(EntryDateTime) AS t FROM FAN_1_Data").item()
        assert engine.execute(f"{sql} WHERE EntryDateTime = ?", [*params, newest]) >= 1
    finally:
        engine.close()


def test_a_second_backfill_publishes_nothing_with_few_statements(plant, readings, statements):
    place = plant.scored(readings=readings)
    runs, results = place.query(RUNS), place.dump()
    statements.clear()
    report = place.backfill().machines[0]
    assert (report.outcome, report.readings, report.provisional) == ("up to date", 0, 0)
    assert not [sql for sql in statements if "INSERT" in sql]
    assert len(statements) <= 40
    assert place.query(RUNS).equals(runs)
    assert_same(place.dump(), results)


def test_one_window_takes_few_statements(plant, readings, statements):
    # The last day is complete: nothing is published provisionally, and what was gives way.
    place = plant.scored(readings=readings)
    statements.clear()
    report = place.backfill(until=START + timedelta(days=DAYS), close_last_window=True).machines[0]
    assert (report.windows, report.provisional) == (1, 0)
    assert len(statements) <= 145


@pytest.mark.slow
def test_one_further_day_with_an_incomplete_window_takes_few_statements(plant, readings, statements):
    place = plant.scored(readings=readings, until=START + timedelta(days=DAYS - 1.5))
    statements.clear()
    report = place.backfill(until=START + timedelta(days=DAYS - 0.5)).machines[0]
    assert (report.windows, report.provisional) == (1, 1)
    assert len(statements) <= 150


@pytest.mark.slow
def test_a_changed_reading_of_an_incomplete_window_is_scored_again(plant, readings):
    place = plant.scored(readings=readings)
    tag = next(name for name in readings.columns if name != "EntryDateTime")
    stored = place.query(f'SELECT "{tag}" AS v FROM FAN_1_Data ORDER BY EntryDateTime')["v"][-1]
    before = place.dump(without=METRICS)
    change_newest(place, f'UPDATE FAN_1_Data SET "{tag}" = ?', [stored + 1.0])
    assert place.backfill().machines[0].provisional > 0
    changed = place.dump(without=METRICS)
    newest = pl.col("EntryDateTime") == readings["EntryDateTime"].max()
    fresh = plant("fresh", readings=readings.with_columns(pl.when(newest).then(stored + 1.0).otherwise(tag).alias(tag)))
    fresh.backfill()
    assert_same(changed, fresh.dump(without=METRICS))
    # Back to the first value: the hash of the second results must not match.
    change_newest(place, f'UPDATE FAN_1_Data SET "{tag}" = ?', [stored])
    assert place.backfill().machines[0].provisional > 0
    assert_same(place.dump(without=METRICS), before)


@pytest.mark.slow
def test_a_removed_reading_is_taken_out_of_an_incomplete_window(plant, readings):
    place = plant.scored(readings=readings)
    change_newest(place, "DELETE FROM FAN_1_Data")
    assert place.backfill().machines[0].provisional > 0
    newest = readings["EntryDateTime"].max()
    fresh = plant("fresh", readings=readings.filter(pl.col("EntryDateTime") < newest))
    fresh.backfill()
    # The progress keeps the newest reading that there was when its last complete window was published.
    progress = ("ACM_BatchProgress", *METRICS)
    assert_same(place.dump(without=progress), fresh.dump(without=progress))


@pytest.mark.slow
def test_incomplete_windows_of_an_earlier_version_are_published_again(plant, readings):
    place = plant.scored(readings=readings)
    engine = place.connect()
    engine.execute("UPDATE RunLog SET InputHash = NULL")
    engine.close()
    assert place.backfill().machines[0].provisional > 0
    assert place.backfill().machines[0].outcome == "up to date"
