"""Rolling features of ten tags: acm_etl's kernel against Polars' and pandas' rolling functions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
from measure import Candidate, Measurement, interleave

from acm_etl.score.prepare.features import compute_rolling_features

ROWS, TAGS, WINDOW = 500_000, 10, 16
OURS, POLARS, PANDAS = "acm_etl", "Polars, rolling", "pandas, rolling"
_STEPS = np.arange(WINDOW) - (WINDOW - 1) / 2
# Weights whose sum over a window is the slope of its regression line.
_SLOPE = _STEPS / (_STEPS**2).sum()


def measure_features(rounds: int) -> list[Measurement]:
    """Measure mean, standard deviation and slope over 16 readings, on one thread."""
    X = np.random.default_rng(3).normal(size=(ROWS, TAGS))
    frame = pl.DataFrame(X, schema=[f"t{i}" for i in range(TAGS)])
    data = pd.DataFrame(X)
    _check_equal(X, frame, data)
    candidates = [
        Candidate.from_call(OURS, ROWS, lambda: compute_rolling_features(X, X[: WINDOW - 1], WINDOW)),
        Candidate.from_call(POLARS, ROWS, lambda: _compute_by_polars(frame)),
        Candidate.from_call(PANDAS, ROWS, lambda: _compute_by_pandas(data)),
    ]
    return interleave(candidates, rounds, warm_up=True)


def _compute_by_polars(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        pl.all().rolling_mean(WINDOW).name.suffix("_mean"),
        pl.all().rolling_std(WINDOW, ddof=0).name.suffix("_std"),
        pl.all().rolling_sum(WINDOW, weights=_SLOPE.tolist()).name.suffix("_slope"),
    )


def _compute_by_pandas(data: pd.DataFrame) -> pd.DataFrame:
    # rolling.apply would call Python once per window, so the slope is a convolution
    rolling = data.rolling(WINDOW)
    return pd.concat([rolling.mean(), rolling.std(ddof=0), data.apply(_convolve)], axis=1)


def _convolve(column: pd.Series) -> pd.Series:
    found = np.convolve(column.to_numpy(), _SLOPE[::-1], mode="valid")
    return pd.Series(np.concatenate([np.full(WINDOW - 1, np.nan), found]), index=column.index)


def _check_equal(X: np.ndarray, frame: pl.DataFrame, data: pd.DataFrame) -> None:
    """Candidates that compute different things cannot be compared."""
    few = 10 * WINDOW
    ours, _ = compute_rolling_features(X[:few], X[: WINDOW - 1], WINDOW)
    for other in (_compute_by_polars(frame.head(few)), _compute_by_pandas(data.head(few))):
        np.testing.assert_allclose(ours[WINDOW:], other.to_numpy()[WINDOW:], atol=1e-4)
