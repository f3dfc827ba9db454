"""Compiled loops give the bits of the plain ones: how many rows a call has decides nothing but the time."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.score import ar1, forest, head
from acm_etl.score.features import features, window_sums
from acm_etl.score.head import Rows


@pytest.fixture
def matrix():
    rng = np.random.default_rng(4)
    return rng.normal(size=(3000, 7)) @ rng.normal(size=(7, 7)) * rng.uniform(0.1, 40, 7)


@pytest.fixture
def always(monkeypatch):
    """Any number of rows is worth it."""

    def switch(*, on):
        for module in (head, ar1, forest):
            monkeypatch.setattr(module, "compiles", lambda _rows: on)

    return switch


def rows(X):
    return Rows(X, X, np.ones(len(X), bool), np.zeros(len(X), bool))


@pytest.mark.parametrize("count", [1, 7, 8, 1023, 1024, 3000])
def test_forest(matrix, always, count):
    grown = forest.Forest(trees=30, samples=256, seed=2).fit(rows(matrix))
    found = []
    for on in (False, True):
        always(on=on)
        found.append(grown.score(rows(np.round(matrix[:count], 1)), {}).raw)
    np.testing.assert_array_equal(*found)


def test_exponential_means_and_steps(matrix, always):
    some = Rows(matrix, matrix, np.arange(3000) % 50 > 4, np.arange(3000) % 700 == 699)
    found = []
    for on in (False, True):
        always(on=on)
        mean, after = head.held_ewma(matrix, some, 0.2, matrix[0], start=np.zeros(7))
        steps, carry = ar1.smoothed_steps(matrix, some, (np.full(7, 0.9), np.ones(7)), span=20, carry={})
        found.append((mean, after, steps, carry["power"]))
    for plain, quick in zip(*found, strict=True):
        np.testing.assert_array_equal(plain, quick)


def test_whole_scores(always):
    rng = np.random.default_rng(1)
    X = 50 + rng.normal(size=(2500, 3)) @ rng.normal(size=(3, 5)) + rng.normal(size=(2500, 5))
    times = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2025, 1, 1), "10m", time_unit="us", eager=True)
    frame = pl.DataFrame({"Timestamp": times.head(2500), **{f"t{i}": X[:, i] for i in range(5)}})
    model = score.fit(frame.head(1500))
    found = []
    for on in (False, True):
        always(on=on)
        found.append(score.score(frame.tail(1000), model).frame)
    assert found[0].equals(found[1])


@pytest.mark.parametrize("length", [2, 4, 5, 16, 23, 31, 512])
def test_window_sums_are_those_of_windows(matrix, length):
    windows = np.lib.stride_tricks.sliding_window_view(matrix, length, axis=0)
    total, lags = window_sums(matrix, length)
    np.testing.assert_allclose(total, windows.sum(axis=-1), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(lags, windows @ np.arange(length)[::-1].astype(float), rtol=1e-9, atol=1e-6)


def test_features_do_not_depend_on_where_a_frame_starts(matrix):
    whole, tail = features(matrix, np.empty((0, 7)), 16)
    first, between = features(matrix[:1111], np.empty((0, 7)), 16)
    second, after = features(matrix[1111:], between, 16)
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)
    np.testing.assert_array_equal(after, tail)
