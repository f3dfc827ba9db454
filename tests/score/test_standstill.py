"""A machine that is off is scored against its standstills in training."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.calibrate import Calibrator
from acm_etl.score.standstill import StandstillModel, fit_widening

PARAMS = ScoreParams(forest_trees=12, forest_samples=64, merge_rows=6, dwell_rows=2, transient_hours=4)
RUN, STOP = 150, 60


@pytest.fixture(scope="module")
def readings(make_plant):
    """A machine that stops every few days: its load falls to zero, and it keeps some vibration and its temperature."""
    frame = make_plant(12 * (RUN + STOP), d=5, seed=4)
    X = frame.drop("Timestamp").to_numpy().copy()
    rng = np.random.default_rng(8)
    is_off = np.arange(len(X)) % (RUN + STOP) >= RUN
    X[is_off, :3] = rng.normal(0, 0.05, (is_off.sum(), 3))
    X[is_off, 3] = 2 + rng.normal(0, 0.1, is_off.sum())
    return pl.DataFrame([frame["Timestamp"], *(pl.Series(f"tag {i}", X[:, i]) for i in range(5))])


@pytest.fixture(scope="module")
def history(readings):
    """Two cycles: in the second standstill, tag 3 vibrates."""
    later = readings[-2 * (RUN + STOP) :]
    row = pl.int_range(pl.len())
    moves = row.is_between(len(later) - STOP + 20, len(later) - 1)
    return later.with_columns(pl.when(moves).then(pl.col("tag 3") + 3).otherwise(pl.col("tag 3")))


@pytest.fixture(scope="module")
def model(readings):
    return score.fit(readings[: -2 * (RUN + STOP)], PARAMS)


@pytest.fixture(scope="module")
def scored(history, model):
    return score.score(history, model)


def test_a_vibration_at_standstill_is_an_alarm_of_its_sensor(scored):
    moves = scored.frame[-STOP + 20 :]
    assert moves["state"].unique().to_list() == ["off"]
    assert moves["alarm"][3:].all()
    assert scored.episodes["PrimarySensor"].to_list() == ["tag 3"]
    assert scored.episodes["PrimaryDetector"].to_list() == ["mewma_z"]
    assert scored.since_when["AlertZone"][-1] == "ALERT"


def test_a_quiet_standstill_is_none(scored):
    quiet = scored.frame[: -STOP + 20].filter(state="off")
    assert len(quiet) == STOP + 20
    assert not quiet["alarm"].any()
    assert (quiet["fused"] < 3.5).all()


def test_health_is_that_of_operation(scored):
    assert scored.frame.filter(state="off")["health_index"].null_count() == 2 * STOP
    assert scored.frame.filter(state="off")["mewma_z"].null_count() == 2 * STOP


def test_standstill_scores_do_not_depend_on_the_pieces(history, model, scored):
    state, found = None, []
    for start, end in pairwise(
        [0, 1, RUN, RUN + 1, RUN + STOP - 1, len(history) - 30, len(history) - 29, len(history)]
    ):
        found.append(score.score(history[start:end], model, state))
        state = score.ScoringState.from_bytes(found[-1].state.to_bytes())
    for name in ("frame", "contributions"):
        joined = pl.concat([getattr(part, name) for part in found])
        assert_frame_equal(joined, getattr(scored, name), rel_tol=0, abs_tol=1e-9)


def test_a_stored_model_scores_alike(history, model, scored):
    restored = score.Model.from_bytes(model.to_bytes())
    assert restored.fingerprint == model.fingerprint
    assert_frame_equal(score.score(history, restored).frame, scored.frame)


def test_a_burst_in_training_hides_no_vibration(readings, history):
    row, training = pl.int_range(pl.len()), readings[: -2 * (RUN + STOP)]
    is_burst = row.is_between(RUN + 30, RUN + 31)
    with_burst = training.with_columns(pl.when(is_burst).then(60.0).otherwise(pl.col("tag 3")).alias("tag 3"))
    model = score.fit(with_burst, PARAMS)
    assert score.score(history, model).frame["alarm"][-STOP + 23 :].all()


def test_a_mean_over_the_run_down_is_not_remembered(history, model, scored):
    """The first reading of a standstill may be a mean that began in operation."""
    is_first = pl.int_range(pl.len()) == RUN
    run_down = history.with_columns(pl.when(is_first).then(pl.col("tag 3") + 30).otherwise(pl.col("tag 3")))
    frame = score.score(run_down, model).frame
    assert frame["fused"][RUN] == pytest.approx(1.9)
    assert_frame_equal(frame[RUN + 1 :].select("fused", "alarm"), scored.frame[RUN + 1 :].select("fused", "alarm"))


@pytest.fixture(scope="module")
def running_down(readings):
    """The vibration of tag 3 takes four rows to fall after each stop."""
    position = pl.int_range(pl.len()) % (RUN + STOP) - RUN
    extra = pl.when(position.is_between(0, 3)).then(4 - 0.75 * position).otherwise(0)
    return readings.with_columns(pl.col("tag 3") + extra)


def test_a_run_down_of_many_rows_is_no_alarm(running_down):
    training, later = running_down[: -2 * (RUN + STOP)], running_down[-2 * (RUN + STOP) :]
    model = score.fit(training, PARAMS)
    assert model.standstill is not None
    run_down = int(model.standstill.run_down_rows)
    assert run_down == 6  # with a margin
    whole = score.score(later, model).frame
    assert not whole["alarm"].any()
    assert (whole["fused"][RUN : RUN + run_down] <= 1.9).all()
    vibrates = pl.int_range(pl.len()).is_between(RUN + run_down, RUN + run_down + 9)
    faulty = later.with_columns(pl.when(vibrates).then(pl.col("tag 3") + 3).otherwise(pl.col("tag 3")))
    assert score.score(faulty, model).frame["alarm"][RUN + run_down + 2 : RUN + run_down + 9].all()
    state, parts = None, []
    for start, end in pairwise([0, RUN, RUN + 1, RUN + 4, RUN + run_down, RUN + run_down + 1, len(later)]):
        parts.append(score.score(later[start:end], model, state))
        state = score.ScoringState.from_bytes(parts[-1].state.to_bytes())
    assert_frame_equal(pl.concat([part.frame for part in parts]), whole, rel_tol=0, abs_tol=1e-9)


def test_scores_that_last_widen_the_level():
    """z counts single readings: where those of a standstill are alike, z = 3.5 is reached several times in a row."""
    independent = np.random.default_rng(3).exponential(1, 6000)
    alike = np.repeat(independent[:600], 10)
    widening = [fit_widening(raw, Calibrator.fit(raw), PARAMS) for raw in (independent, alike)]
    assert widening[0] == 1
    highest_z = Calibrator.fit(alike).transform(alike).max()
    assert highest_z > PARAMS.sustained_z
    assert highest_z / widening[1] < PARAMS.sustained_z
    assert widening[1] < 1.5


def test_a_sensor_that_was_stuck_is_so_at_standstill(readings, model):
    """It repeats a reading of operation, which would be a vibration at standstill; from a new reading on it works."""
    later = readings[-2 * (RUN + STOP) :]
    row, new = pl.int_range(pl.len()), RUN + 40
    is_stuck = row.is_between(RUN - 30, new - 1)
    stuck = later.with_columns(pl.when(is_stuck).then(pl.col("tag 3").get(RUN - 30)).otherwise(pl.col("tag 3")))
    state, found = None, []
    for start, end in pairwise([0, RUN - 20, RUN, RUN + 10, len(stuck)]):
        found.append(score.score(stuck[start:end], model, state))
        state = found[-1].state
    rejected = pl.concat([part.rejected for part in found])
    assert rejected["EventType"].unique().to_list() == ["sensor_stuck"]
    assert rejected["Timestamp"].to_list() == stuck["Timestamp"][RUN - 18 : new].to_list()
    assert not pl.concat([part.frame for part in found])["alarm"].any()


def test_few_standstills_show_nothing(readings, model):
    codes = np.where(np.arange(3 * (RUN + STOP)) % (RUN + STOP) >= RUN, 0, 2)
    X = readings[: len(codes)].drop("Timestamp").to_numpy()
    assert StandstillModel.fit(X, codes, PARAMS, drift_span=8, shows_seasons=False) is None
    assert model.standstill is not None
