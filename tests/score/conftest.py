"""A small plant: correlated, autocorrelated tags with stops, gaps and a fault, all seeded."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.config import ScoreParams

START = datetime(2024, 1, 1)
FAST = ScoreParams(forest_trees=12, forest_samples=64, merge_rows=6, dwell_rows=2, drift_hours=12)


def autoregress(noise, phi):
    """Rows that remember the one before them: each is ``phi`` times that one plus its noise."""
    X = noise.copy()
    for row in range(1, len(X)):
        X[row] += phi * X[row - 1]
    return X


def plant(n, d=4, *, seed=0, phi=0.6, start=START, minutes=30):
    """Healthy readings: a slow common load plus own noise, on levels far from zero."""
    rng = np.random.default_rng(seed)
    load = autoregress(rng.normal(size=(n, 1)), phi)
    own = autoregress(rng.normal(size=(n, d)), phi)
    X = 50 + 10 * np.arange(d) + 2 * load + own
    times = pl.select(pl.lit(start) + pl.duration(minutes=minutes) * pl.int_range(n)).to_series()
    return pl.DataFrame([times.alias("Timestamp"), *(pl.Series(f"tag {i}", X[:, i]) for i in range(d))])


def troubled(n=900, d=4, *, seed=1, start=START + timedelta(days=60)):
    """Readings with a stop, missing cells, an unusable stretch and a fault on the first tag."""
    frame = plant(n, d, seed=seed, start=start)
    X = frame.drop("Timestamp").to_numpy().copy()
    rng = np.random.default_rng(seed)
    X[rng.random(X.shape) < 0.02] = np.nan
    X[n // 5 : n // 5 + 40] = 0.1
    X[n // 3 : n // 3 + 7] = np.nan
    X[n // 2 : n // 2 + 60, 0] += 15
    X[3 * n // 4 : 3 * n // 4 + 4, 1] = np.inf
    return pl.DataFrame([frame["Timestamp"], *(pl.Series(f"tag {i}", X[:, i]) for i in range(d))])


@pytest.fixture(scope="session")
def model():
    return score.fit(plant(1500), FAST)


@pytest.fixture(scope="session")
def history():
    return troubled()


@pytest.fixture(scope="session")
def whole(model, history):
    return score.score(history, model, time_zone="America/New_York")


@pytest.fixture(scope="session")
def make_plant():
    return plant


@pytest.fixture(scope="session", name="autoregress")
def give_autoregress():
    return autoregress


@pytest.fixture(scope="session")
def fast():
    return FAST
