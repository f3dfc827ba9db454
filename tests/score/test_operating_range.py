"""The slow operating point: limits of drift are wider where training has not been, but not for the drifting tag."""

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
