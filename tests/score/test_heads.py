"""The contract every head keeps."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from acm_etl.config import ScoreParams
from acm_etl.score.detectors.ar1 import fit_ar1
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.inference import build_detector_inputs
from acm_etl.score.model import DETECTOR_TYPES, make_detectors
from acm_etl.score.prepare.operating_state import ON
from acm_etl.tables.common import DETECTOR_NAMES

PARAMS = ScoreParams(forest_trees=12, forest_samples=64)


def observed(Z):
    return build_detector_inputs(Z, (np.full(len(Z), ON), np.zeros(len(Z), bool)), 16, {})[0]


def rows(n, *, seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(n, 5)) @ np.triu(np.ones((5, 5))) / 2
    return observed(Z + shift * np.array([1, -1, 1, -1, 1]))


@pytest.fixture(scope="module", params=range(len(DETECTOR_NAMES)), ids=DETECTOR_NAMES)
def head(request):
    return make_detectors(PARAMS)[request.param].fit(rows(800))


def test_heads_are_the_stored_columns():
    assert tuple(head.name for head in make_detectors(PARAMS)) == DETECTOR_NAMES


@pytest.mark.parametrize("kind", DETECTOR_TYPES.values())
def test_init_is_keyword_only_and_only_stores(kind):
    arguments = list(inspect.signature(kind).parameters.values())
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in arguments)
    assert vars(kind()) == {p.name: p.default for p in arguments}


def test_fit_returns_self_and_learned_values_end_with_an_underscore():
    for head in make_detectors(PARAMS):
        before = set(vars(head))
        assert head.fit(rows(300)) is head
        learned = set(vars(head)) - before
        assert learned
        assert all(name.endswith("_") for name in learned)


def test_one_score_per_row_and_none_for_none(head):
    assert head.score(rows(7), {}).raw.shape == (7,)
    assert head.score(rows(7).select_rows(slice(0, 0)), {}).raw.shape == (0,)


def test_pieces_give_the_scores_of_the_whole(head):
    everything = rows(500, seed=3)
    whole = head.score(everything, {})
    carry, pieces = {}, []
    for part in (slice(0, 1), slice(1, 1), slice(1, 130), slice(130, 500)):
        found = head.score(everything.select_rows(part), carry)
        pieces.append(found.raw)
        carry = found.state
    np.testing.assert_allclose(np.concatenate(pieces), whole.raw, rtol=0, atol=1e-9 * np.abs(whole.raw).max())
    for name, value in whole.state.items():
        np.testing.assert_allclose(carry[name], value, atol=1e-12)


def test_later_rows_change_nothing(head):
    everything = rows(300, seed=4)
    changed = DetectorInputs(everything.Z.copy(), everything.F.copy(), everything.settled, everything.after_long_stop)
    changed.Z[200:] += 9
    changed.F[200:] += 9
    before, after = (head.score(r, {}).raw[:200] for r in (everything, changed))
    np.testing.assert_array_equal(before, after)


def test_higher_is_more_abnormal(head):
    healthy = head.score(rows(400, seed=5), {}).raw[16:]  # before that the rolling window is not full
    # Alternating signs break the correlation; the jumps in sequence reach the one-step head too.
    rng = np.random.default_rng(6)
    Z = rows(400, seed=5).Z + 8 * rng.choice([-1.0, 1.0], size=(400, 5))
    faulty = head.score(observed(Z), {}).raw
    assert np.median(faulty) > np.quantile(healthy, 0.97)


def test_a_restored_head_gives_the_same_bits(head):
    twin = type(head).from_arrays(head.get_params(), {k: v.copy() for k, v in head.to_arrays().items()})
    np.testing.assert_array_equal(twin.score(rows(100, seed=8), {}).raw, head.score(rows(100, seed=8), {}).raw)


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9, 0.97])
def test_few_rows_do_not_make_a_slow_tag_look_quick(phi):
    steps = np.random.default_rng(5).normal(size=(2000 + 400, 500))
    x = np.zeros_like(steps)
    for row in range(1, len(x)):
        x[row] = phi * x[row - 1] + steps[row]
    found = np.array([fit_ar1(part - part.mean(axis=0))[0].mean() for part in (x[2000:], x)])
    np.testing.assert_allclose(found, phi, atol=0.003)


def test_residuals_name_the_tag(head):
    Z = rows(60, seed=9).Z
    Z[:, 2] += np.where(np.arange(60) % 2, 10, -10)
    found = head.score(observed(Z), {})
    if head.name in {"ar1_z", "mewma_z"}:
        assert found.residuals.shape == Z.shape
    if head.name == "ar1_z":
        assert np.abs(found.residuals[-1]).argmax() == 2
