"""Troubled training and troubled history: defined results or one clear error, never one from inside a library."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from acm_etl import score
from acm_etl.errors import ModelError
from acm_etl.tables.common import DETECTOR_NAMES


def within(start, end):
    return pl.int_range(pl.len()).is_between(start, end - 1)


def finite(frame):
    return all(frame[name].drop_nulls().is_finite().all() for name in frame.columns if frame[name].dtype.is_float())


def test_five_rows_are_refused_with_the_number_that_is_needed(make_plant, fast):
    with pytest.raises(ModelError, match=r"5 of 5 training readings .* 50 are needed; lengthen"):
        score.fit(make_plant(5), fast)


def test_a_hundred_thousand_rows_are_taken_whole(make_plant, fast):
    frame = make_plant(100_000, 3, minutes=1)
    model = score.fit(frame, fast)
    assert model.training.running_rows == 100_000
    assert finite(score.score(frame[:500], model).frame)


def test_constant_sensors_are_healthy_until_they_move(make_plant, fast):
    tags = [f"tag {i}" for i in range(4)]
    still = make_plant(400).with_columns(pl.lit(5.0).alias(tag) for tag in tags)
    model = score.fit(still, fast)
    later = still.with_columns(pl.when(within(200, 400)).then(5.4).otherwise(pl.col("tag 1")).alias("tag 1"))
    found = score.score(later, model)
    assert finite(found.frame)
    assert not found.frame["alarm"][:200].any()
    assert found.frame["alarm"][230:].all()
    assert found.episodes["PrimarySensor"].to_list() == ["tag 1"]


def test_a_sensor_that_dies_in_training_is_filled_from_the_others(make_plant, fast):
    frame = make_plant(1500, seed=2)
    dying = frame.with_columns(tag=pl.when(within(700, 1500)).then(None).otherwise("tag 0")).drop("tag 0")
    model = score.fit(dying, fast)
    later = make_plant(600, seed=3, start=frame["Timestamp"][-1] + timedelta(days=1)).rename({"tag 0": "tag"})
    dead = later.with_columns(pl.lit(None, pl.Float64).alias("tag"))
    for history in (later, dead):
        found = score.score(history, model).frame
        assert finite(found)
        assert found["fused"].null_count() == 0
    assert score.score(dead, model).frame["alarm"].mean() < 0.05


def test_days_without_values_are_not_assessed_and_leave_no_trace(model, make_plant):
    tags = [f"tag {i}" for i in range(4)]
    frame = make_plant(1000, seed=11)
    holes = frame.with_columns(pl.when(within(300, 600)).then(float("nan")).otherwise(pl.col(t)).alias(t) for t in tags)
    found = score.score(holes, model)
    gap = found.frame[300:600]
    assert gap.select(*DETECTOR_NAMES, "fused", "state", "health_index").null_count().row(0) == (300,) * (
        len(DETECTOR_NAMES) + 3
    )
    assert not gap["alarm"].any()
    assert len(found.rejected) == 300 * 4
    assert found.frame["fused"].drop_nulls().len() == 700
    assert found.frame["alarm"].mean() < 0.02


@pytest.mark.parametrize("minutes", [5, 120])
def test_another_cadence_than_in_training_is_scored_by_rows(model, make_plant, minutes):
    """Memories are counted in rows, so hours of memory scale with the cadence; nothing else changes."""
    frame = make_plant(500, seed=12)
    other = make_plant(500, seed=12, minutes=minutes)
    same = score.score(frame, model).frame.drop("Timestamp", "hourly")
    assert score.score(other, model).frame.drop("Timestamp", "hourly").equals(same)
