"""Compiled kernels and their numpy twins give the same bits."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from numba.core.dispatcher import Dispatcher

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score import ewma, inference, kernels, kernels_numba
from acm_etl.score.calibrate import Calibrator
from acm_etl.score.detectors.base import DetectorInputs, DetectorScore
from acm_etl.score.detectors.isolation_forest import IsolationForestDetector
from acm_etl.score.operating_range import OperatingRange
from acm_etl.score.prepare.features import compute_rolling_features, window_sums
from acm_etl.score.summaries import sensor_daily


@pytest.fixture
def matrix():
    rng = np.random.default_rng(4)
    return rng.normal(size=(3000, 7)) @ rng.normal(size=(7, 7)) * rng.uniform(0.1, 40, 7)


@pytest.fixture
def use_kernels(monkeypatch):
    """Switch the kernels on or off, whatever the size of the input."""

    def switch(*, on):
        monkeypatch.setattr(kernels, "get_kernels", lambda: kernels_numba if on else None)

    return switch


def rows(X):
    return DetectorInputs(
        X, X.astype(np.float32), np.ones(len(X), bool), np.zeros(len(X), bool), np.ones(len(X), np.int64)
    )


@pytest.mark.parametrize("count", [1, 7, 8, 1023, 1024, 3000])
def test_forest(matrix, use_kernels, count):
    grown = IsolationForestDetector(trees=30, samples=256, seed=2).fit(rows(matrix))
    results = []
    for on in (False, True):
        use_kernels(on=on)
        results.append(grown.score(rows(np.round(matrix[:count], 1)), {}).raw)
    np.testing.assert_array_equal(*results)


def test_forest_of_small_integers_and_zeros_of_both_signs(use_kernels):
    X = np.array([[-2.0, -0.0], [-1.0, 0.0], [0.0, -0.0], [1.0, 3.0], [2.0, -3.0]], dtype=np.float32).repeat(9, axis=0)
    grown = IsolationForestDetector(trees=50, samples=45, seed=2).fit(rows(X))
    results = []
    for on in (False, True):
        use_kernels(on=on)
        results.append(grown.score(rows(X), {}).raw)
    np.testing.assert_array_equal(*results)


def test_masked_ewma_and_innovations(matrix, use_kernels):
    steps = np.where(np.arange(3000) % 400 == 0, 7, 1)
    some = DetectorInputs(matrix, matrix, np.arange(3000) % 50 > 4, np.arange(3000) % 700 == 699, steps)
    results = []
    for on in (False, True):
        use_kernels(on=on)
        mean, after = ewma.compute_masked_ewma(matrix, some, 0.2, matrix[0], reset_mean=np.zeros(7), max_abs=9.0)
        rms, carry = ewma.compute_innovation_rms(matrix, some, (np.full(7, 0.9), np.ones(7)), span=20, state={})
        results.append((mean, after, rms, carry["power"]))
    for plain, quick in zip(*results, strict=True):
        np.testing.assert_array_equal(plain, quick)


def test_contributions(matrix, use_kernels):
    parts = matrix[::-1].copy()
    matrix[5], parts[9], parts[10] = 0.0, -1.0, 0.0
    scores = {
        "ar1_z": DetectorScore(matrix[:, 0], {}, matrix),
        "mewma_z": DetectorScore(matrix[:, 0], {}, matrix, parts),
    }
    results = []
    for on in (False, True):
        use_kernels(on=on)
        results.append(inference.compute_contributions(scores))
    np.testing.assert_array_equal(*results)
    np.testing.assert_allclose(results[0].sum(axis=1), 1)


def test_usual_innovations_leave_the_contributions_to_the_distance():
    usual, jump, terms = np.array([1.9, 0.1, 0.1]), np.array([0.1, 0.1, 9.0]), np.array([0.0, 3.0, 1.0])
    scores = {
        "ar1_z": DetectorScore(usual[:2], {}, np.array([usual, jump])),
        "mewma_z": DetectorScore(usual[:2], {}, np.zeros((2, 3)), np.array([terms, terms])),
    }
    slow, sudden = inference.compute_contributions(scores)
    assert slow.argmax() == 1
    assert slow[0] < slow[2]
    assert sudden.argmax() == 2


def test_widening_of_limits(matrix, use_kernels):
    trained = OperatingRange.fit(rows(matrix / 40), rows(matrix / 40), 100, 0.9)
    far = rows(matrix / 40 + np.linspace(0, 3, 3000)[:, None])
    for operating_range in (trained, OperatingRange.from_arrays({}, 7)):  # the second one knows no operating point
        results = []
        for on in (False, True):
            use_kernels(on=on)
            results.append(operating_range.measure_widening(matrix[::-1] / 40, far, 100, {})[0])
        np.testing.assert_array_equal(*results)
        assert results[0].min() == 1
        assert (results[0].max() > 1) == (operating_range is trained)


def test_score_of_a_frame(use_kernels):
    rng = np.random.default_rng(1)
    X = 50 + rng.normal(size=(2500, 3)) @ rng.normal(size=(3, 5)) + rng.normal(size=(2500, 5))
    times = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2025, 1, 1), "10m", time_unit="us", eager=True)
    frame = pl.DataFrame({"Timestamp": times.head(2500), **{f"t{i}": X[:, i] for i in range(5)}})
    model = score.fit(frame.head(1500), ScoreParams(forest_trees=20, folds=2))
    results = []
    for on in (False, True):
        use_kernels(on=on)
        results.append(score.score(frame.tail(1000), model).frame)
    assert results[0].equals(results[1])


@pytest.mark.parametrize("length", [2, 4, 5, 16, 23, 31, 512])
def test_window_sums_equal_sums_of_windows(matrix, length):
    windows = np.lib.stride_tricks.sliding_window_view(matrix, length, axis=0)
    total, lags = window_sums(matrix, length)
    np.testing.assert_allclose(total, windows.sum(axis=-1), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(lags, windows @ np.arange(length)[::-1].astype(float), rtol=1e-9, atol=1e-6)


def test_features_do_not_depend_on_where_a_frame_starts(matrix):
    whole, tail = compute_rolling_features(matrix, np.empty((0, 7)), 16)
    first, between = compute_rolling_features(matrix[:1111], np.empty((0, 7)), 16)
    second, after = compute_rolling_features(matrix[1111:], between, 16)
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)
    np.testing.assert_array_equal(after, tail)


@pytest.mark.parametrize("length", [5, 16, 31])
def test_features(matrix, use_kernels, length):
    results = []
    for on in (False, True):
        use_kernels(on=on)
        results.append(compute_rolling_features(matrix, matrix[: length - 1], length)[0])
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("knots", [1, 2, 3, 63, 64])
def test_interpolation_of_knots(matrix, use_kernels, knots):
    x = np.linspace(-9, 9, knots) if knots > 1 else np.zeros(1)
    scale = Calibrator(x, np.linspace(-2, 2, knots), np.array([-3.0, 1.0, 0.1]), np.array([0.0, 1.0]))
    raw = np.concatenate([matrix[:, 0], x, [-np.inf, np.nextafter(x[-1], 9)]])
    results = []
    for on in (False, True):
        use_kernels(on=on)
        results.append(scale.transform(raw))
    np.testing.assert_array_equal(*results)


def test_days(matrix, use_kernels):
    rng = np.random.default_rng(6)
    X = np.round(matrix, 1).repeat(rng.integers(1, 4, len(matrix)), axis=0)[:3000]
    X[rng.random(X.shape) < 0.02] = np.nan
    X[1200:1900, 2] = np.nan
    Z = np.where(rng.random(X.shape) < 0.1, np.nan, X / 9)
    Z[:, 3] = np.nan
    day = np.repeat(np.arange(20), 150)
    cells = sensor_daily.SensorReadings(np.arange(3000), day, X, Z, rng.random(3000) < 0.7)
    results = []
    for on in (False, True):
        use_kernels(on=on)
        first, carry = sensor_daily.aggregate_sensor_days(part(cells, slice(0, 1000)), {})
        second, after = sensor_daily.aggregate_sensor_days(part(cells, slice(1000, 3000)), carry)
        results.append([*first.values(), *second.values(), *after.values()])
    for plain, quick in zip(*results, strict=True):
        np.testing.assert_array_equal(plain, quick)


def part(cells, rows):
    return sensor_daily.SensorReadings(*(column[rows] for column in vars(cells).values()))


def test_few_readings_load_no_kernels_and_many_small_calls_do(monkeypatch):
    monkeypatch.setattr(kernels, "_loader", kernels._KernelLoader())
    kernels.request_kernels(kernels._MIN_CELLS // 2)
    assert kernels.get_kernels() is None
    kernels.request_kernels(kernels._MIN_CELLS // 2)
    assert kernels.get_kernels() is kernels_numba


def test_warm_up_compiles_all_that_scoring_needs(make_plant, model, history, monkeypatch):
    monkeypatch.setattr(kernels, "_loader", kernels._KernelLoader())
    assert score.warm_up_kernels() is not None
    # A kernel that only others call is part of these, and has no signature if they come from the cache.
    compiled = [
        kernel for name, kernel in vars(kernels_numba).items() if isinstance(kernel, Dispatcher) and name[0] != "_"
    ]
    before = [len(kernel.signatures) for kernel in compiled]
    assert all(before)
    restored = score.Model.from_bytes(model.to_bytes())
    state = score.score(make_plant(700), restored).state
    score.score(history, restored, score.ScoringState.from_bytes(state.to_bytes()))
    assert [len(kernel.signatures) for kernel in compiled] == before


@pytest.mark.slow
def test_a_second_process_compiles_nothing(tmp_path):
    code = (
        "from acm_etl.score import kernels, warm_up_kernels; folder = warm_up_kernels(); "
        "print(folder, sum(kernels.load_kernels().add_path_lengths.stats.cache_misses.values()))"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    found = [
        subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    ]
    assert all(text.startswith(str(tmp_path)) for text in found)
    assert [text.split()[-1] for text in found] == ["1", "0"]


@pytest.mark.slow
def test_kernels_work_where_no_cache_can_be_written():
    code = (
        "from numba.core import caching; caching.CompileResultCacheImpl._locator_classes = []; "
        "from acm_etl.score import warm_up_kernels; print(warm_up_kernels())"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert found.strip() == "None"
