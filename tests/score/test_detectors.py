"""The contract of every detector."""

from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pytest

from acm_etl.config import ScoreParams
from acm_etl.score.detectors import DETECTOR_TYPES, make_detectors
from acm_etl.score.detectors.ar1 import Ar1Detector, fit_ar1
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.inference import build_detector_inputs
from acm_etl.score.prepare.operating_state import ON, RowStates
from acm_etl.tables.common import DETECTOR_NAMES

PARAMS = ScoreParams(forest_trees=12, forest_samples=64)


def build_inputs(Z, time_us=None):
    times = np.arange(len(Z)) * 60_000_000 if time_us is None else time_us
    states = RowStates(np.full(len(Z), ON), np.zeros(len(Z), bool), times, np.zeros(Z.shape, bool))
    return build_detector_inputs(Z, states, 16, {}, cadence_seconds=60.0)[0]


def rows(n, *, seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(n, 5)) @ np.triu(np.ones((5, 5))) / 2
    return build_inputs(Z + shift * np.array([1, -1, 1, -1, 1]))


@pytest.fixture(scope="module", params=range(len(DETECTOR_NAMES)), ids=DETECTOR_NAMES)
def detector(request):
    return make_detectors(PARAMS)[request.param].fit(rows(800))


def test_detectors_are_the_stored_columns():
    assert tuple(detector.name for detector in make_detectors(PARAMS)) == DETECTOR_NAMES
    # A detector without a default weight would count nowhere, and no user could give it one.
    assert set(ScoreParams().weights) == set(DETECTOR_NAMES)


@pytest.mark.parametrize("kind", DETECTOR_TYPES.values())
def test_init_is_keyword_only_and_only_stores(kind):
    arguments = list(inspect.signature(kind).parameters.values())
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in arguments)
    assert vars(kind()) == {p.name: p.default for p in arguments}


def test_fit_returns_self_and_fitted_values_end_with_an_underscore():
    for detector in make_detectors(PARAMS):
        before = set(vars(detector))
        assert detector.fit(rows(300)) is detector
        fitted = set(vars(detector)) - before
        assert fitted
        assert all(name.endswith("_") for name in fitted)


def test_one_score_per_row_and_none_for_none(detector):
    assert detector.score(rows(7), {}).raw.shape == (7,)
    assert detector.score(rows(7).select_rows(slice(0, 0)), {}).raw.shape == (0,)


def test_pieces_give_the_scores_of_the_whole(detector):
    everything = rows(500, seed=3)
    whole = detector.score(everything, {})
    state, pieces = {}, []
    for part in (slice(0, 1), slice(1, 1), slice(1, 130), slice(130, 500)):
        result = detector.score(everything.select_rows(part), state)
        pieces.append(result.raw)
        state = result.state
    np.testing.assert_allclose(np.concatenate(pieces), whole.raw, rtol=0, atol=1e-9 * np.abs(whole.raw).max())
    for name, value in whole.state.items():
        np.testing.assert_allclose(state[name], value, atol=1e-12)


def test_later_rows_change_nothing(detector):
    everything = rows(300, seed=4)
    changed = replace(everything, Z=everything.Z.copy(), F=everything.F.copy())
    changed.Z[200:] += 9
    changed.F[200:] += 9
    before, after = (detector.score(r, {}).raw[:200] for r in (everything, changed))
    np.testing.assert_array_equal(before, after)


def test_higher_is_more_abnormal(detector):
    healthy = detector.score(rows(400, seed=5), {}).raw[16:]  # before that the rolling window is not full
    # Alternating signs break the correlation; the jumps in sequence reach AR(1) too.
    rng = np.random.default_rng(6)
    Z = rows(400, seed=5).Z + 8 * rng.choice([-1.0, 1.0], size=(400, 5))
    faulty = detector.score(build_inputs(Z), {}).raw
    assert np.median(faulty) > np.quantile(healthy, 0.97)


def test_fitted_arrays_have_the_order_of_restored_ones(detector):
    # Products with arrays of another order round differently, so a restored model would not give the same bits.
    assert all(array.flags.c_contiguous for array in detector.to_arrays().values())


def test_a_restored_detector_gives_the_same_bits(detector):
    twin = type(detector).from_arrays(detector.get_params(), {k: v.copy() for k, v in detector.to_arrays().items()})
    np.testing.assert_array_equal(twin.score(rows(100, seed=8), {}).raw, detector.score(rows(100, seed=8), {}).raw)


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9, 0.97])
def test_ar1_estimate_is_unbiased(phi):
    steps = np.random.default_rng(5).normal(size=(2000 + 400, 500))
    x = np.zeros_like(steps)
    for row in range(1, len(x)):
        x[row] = phi * x[row - 1] + steps[row]
    estimates = np.array([fit_ar1(part - part.mean(axis=0))[0].mean() for part in (x[2000:], x)])
    np.testing.assert_allclose(estimates, phi, atol=0.003)


def test_residuals_point_at_the_tag(detector):
    Z = rows(60, seed=9).Z
    Z[:, 2] += np.where(np.arange(60) % 2, 10, -10)
    result = detector.score(build_inputs(Z), {})
    if detector.name in {"ar1_z", "mewma_z"}:
        assert result.residuals.shape == Z.shape
    if detector.name == "ar1_z":
        assert np.abs(result.residuals[-1]).argmax() == 2


@pytest.mark.parametrize("kind", [Ar1Detector, OmrDetector])
def test_a_gap_is_no_jump(kind):
    Z = np.cumsum(np.random.default_rng(10).normal(size=(2000, 3)), axis=0) / 8  # readings that wander
    times = np.arange(2000) * 60_000_000
    is_stored = (times < times[1500]) | (times >= times[1560])
    fitted = kind(rows=20).fit(build_inputs(Z[:1000]))
    ignored, known = (fitted.score(build_inputs(Z[is_stored], time_us), {}).raw for time_us in (None, times[is_stored]))
    np.testing.assert_array_equal(ignored[:1500], known[:1500])
    assert known[1500] < min(ignored[1500], np.quantile(known[:1500], 0.99))
