"""Faults of sensors are named by the sensor that has them, and leave the score of the machine alone."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.prepare import resolution, sensor_faults

PARAMS = ScoreParams(forest_trees=12, forest_samples=64, merge_rows=6, dwell_rows=2)
ROWS, BEGIN, KNOWN = 300, 100, 12
"""Rows after training, the first faulty one, and the rows after which a fault is known."""


@pytest.fixture(scope="module")
def readings(make_plant):
    return make_plant(1800, d=6, seed=3)


@pytest.fixture(scope="module")
def model(readings):
    return score.fit(readings[: len(readings) - ROWS], PARAMS)


@pytest.fixture(scope="module")
def healthy(readings, model):
    return score.score(readings[-ROWS:], model)


def break_sensor(readings, change):
    X = readings[-ROWS:].drop("Timestamp").to_numpy().copy()
    X[BEGIN:] = change(X[BEGIN:].copy(), X[BEGIN].copy())
    return pl.DataFrame([readings["Timestamp"][-ROWS:], *(pl.Series(f"tag {i}", X[:, i]) for i in range(X.shape[1]))])


def hold(value):
    def change(X, first):
        X[:, 2] = first[2] if value is None else value
        return X

    return change


def convert(factor, offset):
    def change(X, _first):
        X[:, 2] = factor * X[:, 2] + offset
        return X

    return change


def swap(X, _first):
    return X[:, [0, 1, 5, 3, 4, 2]]


FAULTS = {
    "sensor_stuck": (hold(None), {"tag 2"}),
    "sensor_dead": (hold(0.0), {"tag 2"}),
    "sensor_saturated": (hold(400.0), {"tag 2"}),
    "sensor_unit_changed": (convert(1.8, 32.0), {"tag 2"}),
    "sensor_swapped": (swap, {"tag 2", "tag 5"}),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_the_sensor_with_the_fault_is_named(readings, model, kind):
    change, tags = FAULTS[kind]
    found = score.score(break_sensor(readings, change), model).rejected
    assert set(found["ColumnName"]) == tags
    main = found.filter(EventType=kind)
    since = readings["Timestamp"][-ROWS + BEGIN]
    assert len(main) >= 0.9 * len(tags) * (ROWS - BEGIN - KNOWN)
    assert main["Timestamp"].min() - since <= timedelta(minutes=30) * (KNOWN + 3)


def test_zero_is_no_reading_in_another_unit(readings):
    """0 degrees Celsius are 32 degrees Fahrenheit, which this tag reads."""
    around_32 = readings.with_columns(pl.col("tag 2") - pl.col("tag 2").median() + 32)
    model = score.fit(around_32[: len(readings) - ROWS], PARAMS)
    found = score.score(break_sensor(around_32, hold(0.0)), model).rejected
    assert found["EventType"].unique().to_list() == ["sensor_dead"]


def test_a_start_has_no_readings_in_another_unit(readings, model):
    """A bearing that is still cold may read what a warm one would read in another unit."""
    X = break_sensor(readings, convert(1.8, 32.0)).drop("Timestamp").to_numpy()
    Z = model.scaler.transform(X, PARAMS.clip_z)
    deviations = sensor_faults.Deviations(Z, model.scaler, model.imputation_mean, model.imputation_precision)
    for is_settled in (True, False):
        codes, _ = model.fault_classifier.classify_cells(X, deviations, np.full(len(X), is_settled), {})
        assert (codes == sensor_faults.UNIT_CHANGED).any() == is_settled


@pytest.mark.parametrize("kind", ["sensor_unit_changed", "sensor_swapped"])
def test_a_known_fault_stays_known_in_a_start(readings, model, kind):
    """Rows of a start neither count nor forget; one that shows no fault ends the run, in a start too."""
    X = break_sensor(readings, FAULTS[kind][0]).drop("Timestamp").to_numpy()[BEGIN:].copy()
    Z = model.scaler.transform(X, PARAMS.clip_z)
    deviations = sensor_faults.Deviations(Z, model.scaler, model.imputation_mean, model.imputation_precision)
    is_settled = np.ones(len(X), bool)
    is_settled[[*range(4, 10), *range(60, 90)]] = False
    settled, _ = model.fault_classifier.classify_cells(X, deviations, np.ones(len(X), bool), {})
    codes, _ = model.fault_classifier.classify_cells(X, deviations, is_settled, {})
    assert (settled[KNOWN - 1 : KNOWN + 5, 2] != 0).all()
    assert not codes[: KNOWN + 5].any(), "six of the first eighteen rows do not count"
    assert (codes[KNOWN + 6 :] == settled[KNOWN + 6 :]).all()


@pytest.mark.parametrize("kind", ["sensor_unit_changed", "sensor_swapped"])
def test_a_load_with_a_known_fault_is_not_lost_at_the_next_start(readings, kind):
    """A pressure in bar instead of psi is far below its idle level, as is one that reads what a small pump delivers."""
    X = readings.drop("Timestamp").to_numpy() / [1, 1, 1, 1, 1, 20]
    X[np.arange(len(X)) % 150 >= 130] = 0
    times, tags = readings["Timestamp"], readings.columns[1:]
    model = score.fit(pl.DataFrame(X[:1500], tags).insert_column(0, times[:1500]), PARAMS)
    X[1550:, [2, 5]] = X[1550:, [5, 2]] if kind == "sensor_swapped" else X[1550:, [2, 5]] / [14.503774, 1]
    scored = score.score(pl.DataFrame(X[1500:], tags).insert_column(0, times[1500:]), model)
    assert X[1700, 2] < model.state_classifier.level_[2]
    named = scored.rejected.filter(EventType=kind)["Timestamp"].unique()
    running = scored.frame.filter(pl.col("state") != "off")["Timestamp"]
    assert (running[50 + KNOWN - 1 :].is_in(named.implode())).all()
    assert not scored.frame["alarm"][120:].any()


def test_a_faulty_sensor_does_not_hide_a_fault_of_the_machine(readings, model):
    def change(X, first):
        X = hold(None)(X, first)
        X[100:, 4] += 15
        return X

    scored = score.score(break_sensor(readings, change), model)
    assert scored.frame["alarm"][BEGIN + 104 : BEGIN + 130].all()
    shares = scored.contributions[BEGIN + 104 : BEGIN + 130].drop("Timestamp").mean().row(0, named=True)
    assert max(shares, key=shares.get) == "tag 4"


@pytest.mark.parametrize("kind", FAULTS)
def test_a_faulty_sensor_leaves_the_score_of_the_machine_alone(readings, model, healthy, kind):
    change, _ = FAULTS[kind]
    scored = score.score(break_sensor(readings, change), model)
    # Alarms need a few rows to clear: before the fault was known, its rows were scored.
    later = slice(BEGIN + 100, ROWS)
    assert not scored.frame["alarm"][later].any()
    # A filled value deviates less than a reading does.
    assert scored.frame["fused"][later].mean() < healthy.frame["fused"][later].mean()
    assert scored.deviations["tag 2"][later].null_count() >= 90


@pytest.mark.sampled
@pytest.mark.parametrize("kind", FAULTS)
def test_sensor_faults_do_not_depend_on_the_pieces(readings, model, kind):
    frame = break_sensor(readings, FAULTS[kind][0])
    whole, state, found = score.score(frame, model), None, []
    for start, end in pairwise([0, 1, BEGIN + 5, BEGIN + 6, 150, 151, ROWS]):
        part = score.score(frame[start:end], model, state)
        state = score.ScoringState.from_bytes(part.state.to_bytes())
        found.append(part)
    assert_frame_equal(
        pl.concat([part.rejected for part in found]), whole.rejected, check_row_order=False, abs_tol=1e-9
    )
    assert_frame_equal(pl.concat([part.frame for part in found]), whole.frame, abs_tol=1e-9)


def test_a_healthy_machine_has_no_sensor_fault(healthy):
    assert healthy.rejected.is_empty()


def test_a_frozen_data_collection_is_no_fault_of_its_sensors(readings, model):
    frozen = score.score(break_sensor(readings, lambda X, first: np.broadcast_to(first, X.shape)), model)
    assert frozen.rejected.is_empty()


def test_rounded_readings_are_not_stuck(readings, model):
    rounded = break_sensor(readings, lambda X, _first: np.round(X / 10) * 10)
    assert "sensor_stuck" not in set(score.score(rounded, model).rejected["EventType"])


def test_a_short_dropout_is_a_matter_of_the_machine(readings, model):
    def drop(X, _first):
        X[: KNOWN - 2, 2] = 0.0
        return X

    scored = score.score(break_sensor(readings, drop), model)
    assert scored.rejected.is_empty()
    assert scored.frame["alarm"][BEGIN : BEGIN + KNOWN].any()


def test_a_model_that_was_stored_without_fault_limits_finds_none(readings, model):
    restored = sensor_faults.SensorFaultClassifier.from_arrays({}, 6)
    X = break_sensor(readings, FAULTS["sensor_dead"][0]).drop("Timestamp").to_numpy()
    deviations = sensor_faults.Deviations(
        model.scaler.transform(X, 30.0), model.scaler, model.imputation_mean, model.imputation_precision
    )
    assert not restored.classify_cells(X, deviations, np.ones(len(X), bool), {})[0].any()


def test_a_sensor_that_dies_during_a_start_is_named(readings, model):
    X = readings[-ROWS:].drop("Timestamp").to_numpy().copy()
    X[BEGIN - 20 : BEGIN] = 0.0
    X[BEGIN:, 2] = 0.0
    frame = pl.DataFrame([readings["Timestamp"][-ROWS:], *(pl.Series(f"tag {i}", X[:, i]) for i in range(6))])
    scored = score.score(frame, model)
    is_transient = scored.frame["state"] == "transient"
    named = scored.rejected.filter(EventType="sensor_dead")
    assert set(named["ColumnName"]) == {"tag 2"}
    assert named["Timestamp"].is_in(scored.frame["Timestamp"].filter(is_transient).implode()).any()


def round_sharp_tag(readings, decimals):
    """Tag 1 follows tag 0 to a hundredth; round it after some rows, as a historian with another setting does."""

    def change(X, _first):
        X[:, 1] = np.round(X[:, 1], decimals)
        return X

    return break_sensor(readings, change)


@pytest.fixture(scope="module")
def sharp_readings(readings):
    noise = np.random.default_rng(5).normal(size=len(readings))
    return readings.with_columns(pl.Series("tag 1", 50 + 0.1 * readings["tag 0"].to_numpy() + 0.002 * noise))


@pytest.fixture(scope="module")
def sharp_model(sharp_readings):
    return score.fit(sharp_readings[: len(sharp_readings) - ROWS], PARAMS)


def test_a_tag_that_is_rounded_beyond_its_spread_is_named_and_raises_no_alarm(sharp_readings, sharp_model):
    scored = score.score(round_sharp_tag(sharp_readings, 0), sharp_model)
    named = scored.rejected.filter(EventType="sensor_coarse")
    assert set(scored.rejected["ColumnName"]) == {"tag 1"}
    assert len(named) >= 0.85 * (ROWS - BEGIN)
    assert not scored.frame["alarm"][BEGIN + 60 :].any()
    assert scored.deviations["tag 1"][BEGIN + 60 :].null_count() == ROWS - BEGIN - 60


def test_rounding_within_the_spread_of_a_tag_is_no_event(sharp_readings, sharp_model):
    assert score.score(round_sharp_tag(sharp_readings, 4), sharp_model).rejected.is_empty()


def test_coarse_readings_do_not_depend_on_the_pieces(sharp_readings, sharp_model):
    frame = round_sharp_tag(sharp_readings, 0)
    whole, state, found = score.score(frame, sharp_model), None, []
    for start, end in pairwise([0, 1, BEGIN + 1, BEGIN + 2, BEGIN + 3, 150, 151, ROWS]):
        part = score.score(frame[start:end], sharp_model, state)
        state = score.ScoringState.from_bytes(part.state.to_bytes())
        found.append(part.rejected)
    assert_frame_equal(pl.concat(found), whole.rejected, check_row_order=False)


def test_gaps_and_repeats_neither_count_as_steps_nor_end_a_coarse_run():
    decimals, none = np.array([0]), np.zeros(1, np.int64)
    X = np.array([1.0, 1.0, 2.0, np.nan, 3.0, 2.0, 2.0, 3.0, 4.0, np.nan, 4.0, 4.5, 5.0])[:, None]
    is_coarse, steps = resolution.find_coarse_cells(X, decimals, np.array([np.nan]), none)
    assert np.flatnonzero(is_coarse[:, 0]).tolist() == [8, 10]
    assert steps.tolist() == [1]


def test_a_missing_reading_at_standstill_is_no_faulty_one():
    X, is_running = np.array([[1.0, 5.0], [np.nan, 5.0], [np.nan, np.nan]]), np.array([True, False, False])
    changed = sensor_faults.UNIT_CHANGED
    codes = sensor_faults.carry_faults(X, is_running, np.full((1, 2), changed, np.int8), {})
    assert codes.tolist() == [[changed, changed], [0, changed], [0, 0]]
