"""The slow operating point: where training has not been, limits of drift and levels of detectors are wider.

A fault of one tag is no such place: it widens neither its own limit of drift nor the levels of detectors.
"""

from __future__ import annotations

import numpy as np
import pytest

from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.operating_range import OperatingRange

SPAN, ROWS, TAGS = 50, 2000, 4
LOADINGS = np.array([1.0, 0.8, -0.9, 1.1])


def make_rows(load, *, offset=0.0):
    Z = load[:, None] * LOADINGS + 0.1 * np.random.default_rng(2).normal(size=(len(load), TAGS))
    Z[:, 0] += offset
    return DetectorInputs(
        Z, np.empty((len(Z), 0), np.float32), np.ones(len(Z), bool), np.zeros(len(Z), bool), np.ones(len(Z), np.int64)
    )


@pytest.fixture(scope="module")
def load():
    return np.convolve(np.random.default_rng(1).normal(size=ROWS + 19), np.ones(20) / 20, mode="valid") * 4


@pytest.fixture(scope="module")
def trained(load):
    rows = make_rows(load)
    return OperatingRange.fit(rows, rows, SPAN, 0.9)


def measure(operating_range, rows, slow_residuals=None, state=None):
    slow_residuals = np.zeros(rows.Z.shape) if slow_residuals is None else slow_residuals
    return operating_range.measure_widening(slow_residuals, rows, SPAN, state or {})


def test_nothing_is_wider_within_the_range_of_training(trained, load):
    widening, _ = measure(trained, make_rows(load))
    np.testing.assert_allclose(widening, 1.0)


def test_limits_are_wider_in_proportion_to_the_distance(trained, load):
    far, farther = (measure(trained, make_rows(load * 0 + level))[0][-1] for level in (1.8, 3.6))
    assert (far > 1.2).all()
    np.testing.assert_allclose(farther / far, 2, rtol=0.1)


def test_a_drifting_tag_widens_the_limits_of_others_only(trained, load):
    rows = make_rows(load, offset=20.0)
    slow_residuals = np.zeros(rows.Z.shape)
    slow_residuals[:, 0] = 20.0
    widening = measure(trained, rows, slow_residuals)[0][-1]
    assert widening[0] == pytest.approx(1.0)
    assert (widening[1:] > 1.1).all()


def test_pieces_give_the_rows_of_the_whole(trained, load):
    rows = make_rows(load + 5)
    whole, _ = measure(trained, rows)
    first, state = measure(trained, rows.select_rows(slice(0, 700)))
    second, _ = measure(trained, rows.select_rows(slice(700, ROWS)), state=state)
    np.testing.assert_allclose(np.concatenate([first, second]), whole, rtol=1e-12)


def test_models_of_earlier_versions_know_no_range(load):
    widening, _ = measure(OperatingRange.from_arrays({}, TAGS), make_rows(load + 100))
    assert (widening == 1.0).all()


def test_a_machine_that_rested_in_training_has_a_finite_range():
    rows = make_rows(np.zeros(300))
    widening, _ = measure(OperatingRange.fit(rows, rows, SPAN, 0.9), make_rows(np.full(300, 3.0)))
    assert np.isfinite(widening).all()


@pytest.fixture(scope="module")
def seasonal(load):
    rows = make_rows(load)
    return OperatingRange.fit(rows, rows, SPAN, 0.9, shows_seasons=True)


def measure_season(operating_range, rows, *, tag=0, slow_residuals=None, state=None):
    """Measure the season of rows whose scores come from one tag alone."""
    contributions = np.zeros(rows.Z.shape)
    contributions[:, tag] = 1.0
    slow_residuals = np.zeros(rows.Z.shape) if slow_residuals is None else slow_residuals
    return operating_range.measure_season(slow_residuals, rows, SPAN, state or {}, contributions=contributions)


def test_levels_are_wider_by_the_square_of_the_distance_of_a_season(seasonal, load):
    season, _ = measure_season(seasonal, make_rows(load * 0 + 1.6))
    distance, _ = measure(seasonal, make_rows(load * 0 + 1.6))
    assert season[-1] == pytest.approx(distance[-1].min() ** 2, rel=0.1)
    assert measure_season(seasonal, make_rows(load * 0 + 8))[0][-1] == 3.0
    assert measure_season(seasonal, make_rows(load))[0] is None


def test_a_season_takes_longer_than_drift(seasonal, load):
    """A fault that moves all tags at once is seen before it counts as a season."""
    rows = make_rows(np.where(np.arange(ROWS) < ROWS - SPAN, load, 2.0))
    assert measure(seasonal, rows)[0][-1].min() > 1.2
    assert measure_season(seasonal, rows)[0] is None


def test_a_fault_of_one_tag_is_no_season(seasonal, load):
    rows = make_rows(load, offset=20.0)
    slow_residuals = np.zeros(rows.Z.shape)
    slow_residuals[:, 0] = 20.0
    season, _ = measure_season(seasonal, rows, slow_residuals=slow_residuals)
    assert season is None or season.max() == 1.0


def test_a_tag_that_departs_by_more_than_the_season_is_judged_as_always(seasonal, load):
    rows, slow_residuals = make_rows(load * 0 + 3.0), np.zeros((ROWS, TAGS))
    slow_residuals[:, 1] = 4.0
    followers, departing = (measure_season(seasonal, rows, tag=tag, slow_residuals=slow_residuals)[0] for tag in (0, 1))
    assert followers[-1] > 2
    assert departing[-1] == pytest.approx(1.0)


def test_a_season_outlasts_a_long_standstill_and_pieces(seasonal, load):
    rows = make_rows(load + 2)
    rows.after_long_stop[1000] = True
    whole, _ = measure_season(seasonal, rows)
    assert whole[1001] == pytest.approx(whole[999], rel=0.1)
    first, state = measure_season(seasonal, rows.select_rows(slice(0, 700)))
    second, _ = measure_season(seasonal, rows.select_rows(slice(700, ROWS)), state=state)
    np.testing.assert_allclose(np.concatenate([first, second]), whole, rtol=1e-12)


def test_training_that_is_too_short_shows_no_season(trained, load):
    assert measure_season(trained, make_rows(load + 100)) == (None, {})
