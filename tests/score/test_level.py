"""The slow level of the fused score: learned from normal rows, bounded, and independent of the pieces."""

from __future__ import annotations

import numpy as np
import pytest

from acm_etl import score
from acm_etl.score.arrays import pack_arrays, unpack_arrays
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.level import LevelTracker
from acm_etl.score.model import Model

DRIFT_SPAN = 10
ROWS = 300


def make_tracker(allowance=0.5):
    return LevelTracker.from_arrays({"allowance": np.array(allowance)}, DRIFT_SPAN)


def make_rows(count, *, restart=None):
    after_long_stop = np.arange(count) == (-1 if restart is None else restart)
    Z, F, steps = np.zeros((count, 2)), np.zeros((count, 6), np.float32), np.ones(count, np.int64)
    return DetectorInputs(Z, F, np.ones(count, bool), after_long_stop, steps)


def find_excess(sizes, *, is_normal=None, tracker=None, restart=None):
    is_normal = np.ones(len(sizes), bool) if is_normal is None else is_normal
    return (tracker or make_tracker()).measure_excess(sizes, is_normal, make_rows(len(sizes), restart=restart), {})[0]


def test_scores_that_stay_higher_raise_the_level_beyond_the_allowance():
    excess = find_excess(np.full(ROWS, 2.0))
    assert excess[0] == 0
    assert (np.diff(excess) >= 0).all()
    assert excess[-1] == pytest.approx(1.5, abs=0.01)


def test_a_lasting_large_deviation_stays_visible():
    assert find_excess(np.full(ROWS, 20.0)).max() <= 2.5


def test_quiet_scores_have_no_excess():
    assert (find_excess(np.random.default_rng(1).normal(-1, 1, ROWS)) == 0).all()


def test_rows_in_a_fault_do_not_count():
    is_fault = np.arange(ROWS) >= 100
    excess = find_excess(np.where(is_fault, 3.0, 0.0), is_normal=~is_fault)
    assert (excess == 0).all()


def test_a_long_standstill_forgets_the_level():
    excess = find_excess(np.full(ROWS, 2.0), restart=200)
    assert excess[199] > 1
    assert excess[200] == 0


@pytest.mark.parametrize("cut", [0, 1, 150, 299, 300])
def test_the_level_does_not_depend_on_the_pieces(cut):
    sizes, rows = np.random.default_rng(2).normal(2, 1, ROWS), make_rows(ROWS)
    is_normal = sizes < 3
    whole, after = make_tracker().measure_excess(sizes, is_normal, rows, {})
    first, state = make_tracker().measure_excess(sizes[:cut], is_normal[:cut], rows.select_rows(slice(cut)), {})
    second, state = make_tracker().measure_excess(
        sizes[cut:], is_normal[cut:], rows.select_rows(slice(cut, None)), state
    )
    assert np.array_equal(np.concatenate([first, second]), whole)
    assert np.array_equal(state["level"], after["level"])


def test_the_allowance_is_twice_the_highest_mean_of_a_fold():
    fold = np.repeat(np.arange(4), 100)
    sizes = np.where(fold == 2, 0.7, -0.2)
    assert LevelTracker.fit(sizes, fold, DRIFT_SPAN, recurs=False).allowance == pytest.approx(1.4)
    assert LevelTracker.fit(sizes - 2, fold, DRIFT_SPAN, recurs=False).allowance == 0


def test_with_recurring_outliers_the_level_follows_as_far_as_training_reached_and_sooner():
    fold = np.repeat(np.arange(4), 100)
    sizes = np.where(np.arange(400) % 20 == 0, 12.0, 0.0)
    usual, recurrent = (LevelTracker.fit(sizes, fold, DRIFT_SPAN, recurs=recurs) for recurs in (False, True))
    assert (usual.span, recurrent.span) == (30, 10)
    assert (usual.max_size, recurrent.max_size) == (3, 12)
    assert recurrent.allowance == usual.allowance
    excess = find_excess(np.full(ROWS, 20.0), tracker=recurrent)
    assert excess[-1] == pytest.approx(12 - recurrent.allowance, abs=0.01)
    calm = LevelTracker.fit(np.zeros(400), fold, DRIFT_SPAN, recurs=True)
    assert calm.max_size == usual.max_size


def test_models_of_earlier_versions_follow_no_level(make_plant, fast):
    frame = make_plant(600, seed=3)
    model = score.fit(frame, fast)
    header, arrays = unpack_arrays(model.to_bytes(), "model")
    for name in ("level/allowance", "level/span", "level/max_size"):
        del arrays[name]
    earlier = Model.from_bytes(pack_arrays(header, arrays))
    assert np.isinf(earlier.level_tracker.allowance)
    assert (find_excess(np.full(ROWS, 3.0), tracker=earlier.level_tracker) == 0).all()
    restored = Model.from_bytes(model.to_bytes())
    assert vars(restored.level_tracker) == vars(model.level_tracker)
