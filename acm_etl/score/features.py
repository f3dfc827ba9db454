"""Rolling features as named Polars expressions over complete columns of deviations."""

from __future__ import annotations

import numpy as np
import polars as pl

from acm_etl.score.arrays import Floats


def rolling_mean(tag: str, rows: int) -> pl.Expr:
    """Mean of the last ``rows`` deviations.

    ``rolling_sum`` with weights sums every window anew: its results do not depend on where a frame starts, while
    the plain rolling functions of Polars update a sum and drift.
    """
    return _weighted(pl.col(tag), np.full(rows, 1 / rows)).alias(f"{tag}_mean")


def rolling_std(tag: str, rows: int) -> pl.Expr:
    """Standard deviation (population) of the last ``rows`` deviations."""
    weights = np.full(rows, 1 / rows)
    mean = _weighted(pl.col(tag), weights)
    square = _weighted(pl.col(tag) ** 2, weights)
    return (square - mean**2).clip(lower_bound=0).sqrt().alias(f"{tag}_std")


def rolling_slope(tag: str, rows: int) -> pl.Expr:
    """Least-squares slope over the last ``rows`` deviations, per row."""
    centred = np.arange(rows) - (rows - 1) / 2
    return _weighted(pl.col(tag), centred / (centred**2).sum()).alias(f"{tag}_slope")


def features(Z: Floats, tail: Floats, rows: int) -> tuple[Floats, Floats]:
    """Rolling mean, standard deviation and slope of every tag.

    Before ``rows`` rows of history exist, the first row stands for what was before it.

    Args:
        Z: Complete deviations, n rows by d tags.
        tail: The last ``rows - 1`` rows before them; no row at the very start.
        rows: Length of the window.

    Returns:
        Features, n by 3 d, and the tail for the next call.
    """
    if not len(Z):
        return np.empty((0, 3 * Z.shape[1])), tail
    past = tail if len(tail) else np.repeat(Z[:1], rows - 1, axis=0)
    series = np.concatenate([past, Z])
    tags = [str(i) for i in range(Z.shape[1])]
    frame = pl.DataFrame(dict(zip(tags, np.asfortranarray(series).T, strict=True)))
    kinds = (rolling_mean, rolling_std, rolling_slope)
    wide = frame.select(kind(tag, rows) for kind in kinds for tag in tags)
    return wide.slice(rows - 1).to_numpy(order="fortran"), series[len(series) - (rows - 1) :]


def _weighted(values: pl.Expr, weights: Floats) -> pl.Expr:
    return values.rolling_sum(len(weights), weights=weights.tolist(), min_samples=len(weights))
