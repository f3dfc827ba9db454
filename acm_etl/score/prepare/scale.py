"""Robust scaling: readings as robust standard deviations from the training centre."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Self

import numpy as np

from acm_etl.score.array_ops import MAD_TO_STD
from acm_etl.score.arrays import Floats

_RELATIVE_FLOOR = 1e-3  # of the tag's magnitude: the scale of a tag that is constant in training
_SPREAD_FLOOR = 0.1  # of the standard deviation: a mostly constant tag has a MAD near zero
_ABSOLUTE_FLOOR = 1e-6  # unit of the tag: for a tag that is constant at zero


@dataclass(frozen=True)
class RobustScaler:
    """Centre and scale of each tag.

    Attributes:
        centre_: Median of the training readings, unit of the tag, d.
        scale_: Robust standard deviation with a floor, unit of the tag, d.
    """

    centre_: Floats
    scale_: Floats

    @classmethod
    def fit(cls, X: Floats) -> Self:
        """Fit centre and scale: 1.4826 MAD (Rousseeuw and Croux 1993), with floors.

        A tag without any spread in training gets a scale of 0.1 % of its magnitude: small enough that a real change
        exceeds it, large enough that rounding does not.

        Args:
            X: Readings, n rows by d tags, NaN where missing.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a tag without any reading: centre 0, scale at its floor
            centre = np.nan_to_num(np.nanmedian(X, axis=0))
            spread = np.nan_to_num(np.nanmedian(np.abs(X - centre), axis=0)) * MAD_TO_STD
            std = np.nan_to_num(np.nanstd(X, axis=0))
        floor = np.maximum(np.maximum(std * _SPREAD_FLOOR, np.abs(centre) * _RELATIVE_FLOOR), _ABSOLUTE_FLOOR)
        return cls(centre, np.maximum(np.where(spread > floor, spread, std), floor))

    def transform(self, X: Floats, clip: float) -> Floats:
        """Return clipped deviations; NaN stays NaN.

        Args:
            X: Readings, n rows by d tags.
            clip: Largest magnitude of a deviation, robust standard deviations.
        """
        Z: Floats = X - self.centre_
        Z /= self.scale_  # in place, as the clip below: one copy of the readings instead of three
        return np.clip(Z, -clip, clip, out=Z)
