"""Readings as robust standard deviations from the training centre, and what stands in for a missing one."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Self

import numpy as np

from acm_etl.score.arrays import Bools, Floats

_MAD_TO_STD = 1.4826
_RELATIVE_FLOOR = 1e-3  # of the tag's magnitude: a tag constant in training needs a scale that a real change exceeds
_SPREAD_FLOOR = 0.1  # of the standard deviation: a mostly constant tag has a MAD near zero
_ABSOLUTE_FLOOR = 1e-6
_MAX_CELLS = 4_000_000


@dataclass(frozen=True)
class RobustScaler:
    """Centre and scale of each tag.

    Attributes:
        centre_: Median of the fitted readings, unit of the tag.
        scale_: Robust standard deviation with a floor, unit of the tag.
    """

    centre_: Floats
    scale_: Floats

    @classmethod
    def fit(cls, X: Floats) -> Self:
        """Learns centre and scale: 1.4826 MAD (Rousseeuw and Croux 1993), floored.

        A tag without any spread in training keeps a floor of 0.1 % of its magnitude, so that it can still speak.

        Args:
            X: Readings, rows by tags, NaN where missing.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # all-NaN tags: centre 0
            centre = np.nan_to_num(np.nanmedian(X, axis=0))
            spread = np.nan_to_num(np.nanmedian(np.abs(X - centre), axis=0)) * _MAD_TO_STD
            std = np.nan_to_num(np.nanstd(X, axis=0))
        floor = np.maximum(np.maximum(std * _SPREAD_FLOOR, np.abs(centre) * _RELATIVE_FLOOR), _ABSOLUTE_FLOOR)
        return cls(centre, np.maximum(np.where(spread > floor, spread, std), floor))

    def transform(self, X: Floats, clip: float) -> Floats:
        """Deviations, clipped; NaN stays NaN.

        Args:
            X: Readings, rows by tags.
            clip: Largest magnitude, standard deviations.
        """
        Z: Floats = X - self.centre_
        Z /= self.scale_
        return np.clip(Z, -clip, clip, out=Z)


def impute_missing(Z: Floats, mean: Floats, precision: Floats) -> Floats:
    """Missing deviations by their Gaussian expectation given the present ones, so that they add no distance.

    The expectation of the missing part m is ``mean - P_mm^-1 P_mo (x_o - mean)`` with the precision matrix P
    (Bishop 2006, eq. 2.75). Rows with equally many missing tags are solved together.

    Args:
        Z: Deviations, rows by tags, NaN where missing.
        mean: Mean deviation of each tag.
        precision: Inverse covariance of the deviations.
    """
    missing = np.isnan(Z)
    if not missing.any():
        return Z
    counts = missing.sum(axis=1)
    filled = Z.copy()
    for k in np.unique(counts[counts > 0]):
        rows = np.flatnonzero(counts == k)
        step = max(1, _MAX_CELLS // int(k) ** 2)
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            filled[part] = _conditional_mean(Z[part], missing[part], mean, precision)
    return filled


def _conditional_mean(Z: Floats, missing: Bools, mean: Floats, precision: Floats) -> Floats:
    where = np.nonzero(missing)[1].reshape(len(Z), -1)
    known = np.where(missing, 0.0, Z - mean)
    pull = np.take_along_axis(known @ precision, where, axis=1)
    block = precision[where[:, :, None], where[:, None, :]]
    guess = -np.linalg.solve(block, pull[..., None])[..., 0]
    np.put_along_axis(known, where, guess, axis=1)
    return np.where(missing, known + mean, Z)
