"""Readings at a temperature that training has not seen: wider levels, and a record of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.prepare.context import ContextRanges, compute_widening

AMBIENT = "Ambient Temperature"
START = datetime(2024, 1, 1)


def make_readings(hours, ambient, *, seed=1):
    """A machine whose temperature follows the air, and bends where it is hot."""
    rng = np.random.default_rng(seed)
    load = 50 + 5 * np.sin(np.arange(hours) / 7) + rng.normal(0, 1, hours)
    times = pl.datetime_range(START, START + timedelta(hours=hours - 1), interval="1h", eager=True)
    return pl.DataFrame(
        {
            "Timestamp": times,
            AMBIENT: ambient + rng.normal(0, 0.5, hours),
            "Load": load,
            "Bearing": 30 + 0.4 * load + 0.5 * ambient + 0.02 * np.maximum(ambient - 20, 0) ** 2
            + rng.normal(0, 0.5, hours),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def season():
    """Trained at 2 to 18 degrees, then scored up to 34 degrees."""
    hours = np.arange(1600)
    return make_readings(1600, np.where(hours < 1000, 10 + 8 * np.sin(hours / 30), 18 + (hours - 1000) * 16 / 600))


@pytest.fixture(scope="module")
def model(season):
    return score.fit(season.head(1000), ScoreParams(forest_trees=8))


def test_only_tags_with_such_names_are_context(model):
    (column,) = model.context_ranges.columns_.tolist()
    assert model.tags[column] == AMBIENT
    assert model.context_ranges.low_[0] == pytest.approx(2, abs=2)
    assert model.context_ranges.high_[0] == pytest.approx(18, abs=2)
    rows = score.model_tables(model, model_version=1)["ACM_ModelTags"]
    assert rows.filter(pl.col("ContextLow").is_not_null())["TagName"].to_list() == [AMBIENT]


def test_levels_are_wider_outside_the_trained_range(model, season):
    wider, narrow = (score.Model.from_bytes(model.to_bytes()) for _ in range(2))
    for each in (wider, narrow):  # the season, which widens the levels as well, is not the subject
        object.__setattr__(each.operating_range, "shows_seasons_", np.zeros((), dtype=bool))
    object.__setattr__(narrow, "context_ranges", ContextRanges.from_arrays({}))
    wide, plain = (score.score(season.tail(600), each).frame for each in (wider, narrow))
    hot = season.tail(600)[AMBIENT] > 30
    assert (wide["fused"].filter(hot) < plain["fused"].filter(hot)).mean() > 0.95
    cool = season.tail(600)[AMBIENT] < 17
    assert wide["fused"].filter(cool).equals(plain["fused"].filter(cool))


def test_readings_outside_are_recorded_and_used(model, season):
    result = score.score(season, model)
    assert set(result.outside_training["EventType"]) == {"outside_training"}
    assert set(result.outside_training["ColumnName"]) == {AMBIENT}
    assert result.outside_training["Timestamp"].min() < START + timedelta(hours=1100)
    assert result.outside_training.height > 500
    assert "outside_training" not in set(result.rejected["EventType"])
    assert result.readings[AMBIENT].null_count() == 0


def test_pieces_give_the_rows_of_the_whole(model, season):
    whole, parts, state = score.score(season, model), [], None
    for piece in (season.slice(0, 1111), season.slice(1111)):
        part = score.score(piece, model, state)
        parts.append(part)
        state = part.state
    assert pl.concat([part.frame for part in parts]).equals(whole.frame)
    assert pl.concat([part.outside_training for part in parts]).equals(whole.outside_training)


def test_a_model_keeps_its_ranges(model, season):
    again = score.Model.from_bytes(model.to_bytes())
    assert score.score(season.tail(50), again).frame.equals(score.score(season.tail(50), model).frame)


def test_levels_of_drift_stay_wider_at_night():
    """A summer night is as warm as a winter day, but the drift score is still the mean of hot days."""
    day = np.sin(np.arange(2000) * 2 * np.pi / 24)
    air = np.where(np.arange(2000) < 1000, 0.0, 4.0) + 3 * day
    Z, every = air[:, None], np.ones(2000, bool)
    rows = DetectorInputs(Z, np.empty((2000, 0), np.float32), every, ~every, np.ones(2000, np.int64))
    trained, summer = rows.select_rows(np.arange(2000) < 1000), rows.select_rows(np.arange(2000) >= 1000)
    ranges = ContextRanges.fit(Z[:1000], (AMBIENT,), ("*ambient*",)).with_slow_range(trained, 48)
    is_night = air[1000:] < 1.5
    excess = ranges.measure_excess(summer.Z, np.zeros((1000, 1), bool))
    assert (compute_widening(excess)[is_night] == 1).all()
    widening, state = ranges.measure_slow_widening(trained.Z, trained, 48, {}, widening=None)
    assert (widening == 1).all()
    widening, _ = ranges.measure_slow_widening(summer.Z, summer, 48, state, widening=None)
    assert (widening[200:][is_night[200:]] > 1.5).all()


def test_models_of_earlier_versions_widen_drift_as_single_readings():
    ranges = ContextRanges.from_arrays({"columns_": np.array([0]), "low_": np.zeros(1), "high_": np.ones(1)})
    widening = np.array([1.0, 1.5])
    result = ranges.measure_slow_widening(np.zeros((2, 1)), None, 48, {}, widening=widening)
    assert result == (widening, {})


def test_a_context_tag_that_never_moved_has_no_range():
    ranges = ContextRanges.fit(np.column_stack([np.full(10, 3.0), np.arange(10.0)]), (AMBIENT, "Load"), ("*ambient*",))
    assert ranges.measure_excess(np.ones((2, 2)), np.zeros((2, 2), bool)) is None


def test_the_factor_grows_to_two():
    ranges = ContextRanges.fit(np.linspace(0, 10, 1001)[:, None], (AMBIENT,), ("*ambient*",))
    readings = np.array([[5.0], [15.0], [400.0], [-5.0], [np.nan], [400.0]])
    ignored = np.array([[False]] * 5 + [[True]])
    widening = compute_widening(ranges.measure_excess(readings, ignored))
    assert widening == pytest.approx([1.0, 1.5, 2.0, 1.5, 1.0, 1.0], abs=0.01)
