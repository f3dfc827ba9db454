"""Twelve rolling features over 16 readings: V8's eleven and the range, as expressions, by pandas, by numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from measure import Row, Way, contest
from numpy.lib.stride_tricks import sliding_window_view

from acm_etl.score.prepare import features as ours

ROWS, TAGS, WINDOW = 200_000, 10, 16
_BINS = (0, 1, 2)  # of V8's bands: below 0.1 of Nyquist, up to 0.3, and, by Parseval, all the rest
_TURN = 2 * np.pi * np.arange(WINDOW) / WINDOW
WAVES = {f"{f.__name__}{k}": f(k * _TURN) for k in _BINS[1:] for f in (np.cos, np.sin)}
EVEN = np.full(WINDOW, 1 / WINDOW)
SLOPE = (np.arange(WINDOW) - (WINDOW - 1) / 2) / ((np.arange(WINDOW) - (WINDOW - 1) / 2) ** 2).sum()
_MAD = 1.4826


def features(_folder: Path, repeats: int) -> list[Row]:
    """Twelve rolling features of each of ten tags: Polars expressions against pandas' rolling and numpy's windows."""
    X = np.random.default_rng(3).normal(size=(ROWS, TAGS))
    frame = pl.DataFrame(X, schema=[f"t{i}" for i in range(TAGS)])
    data, few = frame.to_pandas(), X[: ROWS // 10]
    _check(frame, data, few)
    ways = [
        Way("expressions", lambda: _done(expressions(frame)), ROWS),
        Way("pandas rolling", lambda: _done(by_pandas(data)), ROWS),
        Way("numpy windows", lambda: _done(by_numpy(few)), len(few)),
    ]
    found = contest(ways, repeats, against="pandas rolling")
    three = [
        Way("the product's three", lambda: _done(ours.compute_rolling_features(X, X[: WINDOW - 1], WINDOW)), ROWS),
        Way("the same by pandas", lambda: _done(_three(data)), ROWS),
    ]
    return found + contest(three, repeats, against="the same by pandas")


def expressions(frame: pl.DataFrame) -> pl.DataFrame:
    """As named expressions in steps; moments, spectrum and slope are weighted sums.

    Polars would compute an expression that is used twice twice, so what several features share is a step of its own.
    """
    steps = frame
    for step in (_sums, _shared):
        steps = steps.with_columns(_named(frame.columns, step))
    return steps.select(_named(frame.columns, _of))


def _named(tags: list[str], step: Callable[[str], dict[str, pl.Expr]]) -> Iterator[pl.Expr]:
    return (one.alias(f"{tag}_{name}") for tag in tags for name, one in step(tag).items())


def _sums(tag: str) -> dict[str, pl.Expr]:
    """What looks at a window."""
    x = pl.col(tag)
    made = {f"moment{power}": _weighted(x**power, EVEN) for power in (1, 2, 3, 4)}
    made |= {name: _weighted(x, wave) for name, wave in WAVES.items()}
    # min_samples: a null at the start would send every later median down a slow path
    made["med"] = x.rolling_median(WINDOW, min_samples=1)
    made["slope"] = _weighted(x, SLOPE)
    made["range"] = x.rolling_max(WINDOW) - x.rolling_min(WINDOW)
    return made


def _shared(tag: str) -> dict[str, pl.Expr]:
    mean, middle = pl.col(f"{tag}_moment1"), pl.col(f"{tag}_med")
    return {
        "mad": (pl.col(tag) - middle).abs().rolling_median(WINDOW, min_samples=1),
        "variance": pl.col(f"{tag}_moment2") - mean * mean,
        "band": sum((pl.col(f"{tag}_{name}") * pl.col(f"{tag}_{name}") for name in WAVES), start=pl.lit(0.0)),
    }


def _of(tag: str) -> dict[str, pl.Expr]:
    n = WINDOW
    mean, square, cube, fourth = (pl.col(f"{tag}_moment{power}") for power in (1, 2, 3, 4))
    variance, band = pl.col(f"{tag}_variance"), pl.col(f"{tag}_band")
    third = cube - mean * (square + 2 * variance)
    kurtosis = (fourth - mean * (4 * cube - 3 * mean * (square + variance))) / (variance * variance)
    kept = {name: pl.col(f"{tag}_{name}") for name in ("med", "mad", "slope", "range")}
    return kept | {
        "mean": mean,
        "std": (variance * (n / (n - 1))).sqrt(),
        "skew": third / (variance * variance.sqrt()) * ((n * (n - 1)) ** 0.5 / (n - 2)),
        "kurt": (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * kurtosis - 3 * (n - 1)),
        "energy_0": n**2 * (mean * mean),
        "energy_1": band,
        "energy_2": n**2 / 2 * (square - mean * mean) - band,
        "rz": (pl.col(tag) - kept["med"]) / (_MAD * kept["mad"]),
    }


def _weighted(x: pl.Expr, weights: np.ndarray) -> pl.Expr:
    return x.rolling_sum(WINDOW, weights=weights.tolist())


def by_pandas(data: pd.DataFrame) -> pd.DataFrame:
    """By ``rolling``; slope and spectrum by ``numpy.convolve``, as ``rolling.apply`` would call Python per window."""
    n = WINDOW
    rolling = data.rolling(n)
    middle, mean = rolling.median(), rolling.mean()
    mad = (data - middle).abs().rolling(n).median()
    total = (data**2).rolling(n).sum()
    waves = {name: data.apply(_convolved, weights=weights) for name, weights in WAVES.items()}
    lowest, band = (n * mean) ** 2, sum(wave**2 for wave in waves.values())
    made = {
        "med": middle,
        "mad": mad,
        "mean": mean,
        "std": rolling.std(),
        "slope": data.apply(_convolved, weights=SLOPE),
        "skew": rolling.skew(),
        "kurt": rolling.kurt(),
        "energy_0": lowest,
        "energy_1": band,
        "energy_2": (n * total - lowest) / 2 - band,
        "rz": (data - middle) / (_MAD * mad),
        "range": rolling.max() - rolling.min(),
    }
    return pd.concat(made, axis=1)


def _convolved(x: pd.Series, weights: np.ndarray) -> pd.Series:
    found = np.convolve(x.to_numpy(), weights[::-1], mode="valid")
    return pd.Series(np.concatenate([np.full(WINDOW - 1, np.nan), found]), index=x.index)


def by_numpy(X: np.ndarray) -> np.ndarray:
    """By reductions over windows, the textbook way."""
    W = sliding_window_view(X, WINDOW, axis=0)
    mean, std = W.mean(axis=-1), W.std(axis=-1, ddof=1)
    middle = np.median(W, axis=-1)
    away = np.abs(X[WINDOW - 1 :] - middle)
    mad = np.median(sliding_window_view(away, WINDOW, axis=0), axis=-1)
    mad = np.concatenate([np.full((WINDOW - 1, X.shape[1]), np.nan), mad])
    centred = (W - mean[..., None]) / W.std(axis=-1)[..., None]
    lowest = W.sum(axis=-1) ** 2
    band = sum((W @ wave) ** 2 for wave in WAVES.values())
    rest = (WINDOW * (W**2).sum(axis=-1) - lowest) / 2 - band
    made = [middle, mad, mean, std, W @ SLOPE, (centred**3).mean(axis=-1), (centred**4).mean(axis=-1) - 3]
    made += [lowest, band, rest, (X[WINDOW - 1 :] - middle) / (_MAD * mad), W.max(axis=-1) - W.min(axis=-1)]
    return np.stack(made)


def _three(data: pd.DataFrame) -> pd.DataFrame:
    rolling = data.rolling(WINDOW)
    slope = data.apply(_convolved, weights=SLOPE)
    return pd.concat({"mean": rolling.mean(), "std": rolling.std(ddof=0), "slope": slope}, axis=1)


def _done(_: object) -> None:
    """Results are not kept."""


def _check(frame: pl.DataFrame, data: pd.DataFrame, few: np.ndarray) -> None:
    """A race between different things would prove nothing."""
    late = slice(4 * WINDOW, len(few))
    found = expressions(frame.head(len(few)))
    theirs, textbook = by_pandas(data.head(len(few))), by_numpy(few)[:, 3 * WINDOW + 1 :]
    for row, name in enumerate(theirs.columns.get_level_values(0).unique()):
        mine = found[f"t0_{name}"].to_numpy()[late]
        np.testing.assert_allclose(mine, theirs[name]["t0"].to_numpy()[late], atol=1e-6, err_msg=name)
        if name not in ("skew", "kurt"):  # numpy's are the population's
            np.testing.assert_allclose(mine, textbook[row, :, 0], atol=1e-6, err_msg=name)
