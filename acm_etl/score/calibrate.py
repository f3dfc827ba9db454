"""From a head's own unit to a normal-equivalent z, by how rare a score is among healthy rows that were not fitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri, ndtri_exp

from acm_etl.score import kernels
from acm_etl.score.arrays import Array, Floats, Ints, add_scope, get_scope
from acm_etl.score.prepare.operating_state import ON, TRANSIENT

MIN_STATE_ROWS = 200
"""Fewest rows on which a state other than ``on`` has its own calibration."""
POOLED_BELOW_ROWS = 5000
"""Below this many rows a tail is extrapolated, and the summary says so."""

_KNOT_COUNT = 64
_TAIL_SHARE_RANGE = (0.02, 0.1)
_MIN_TAIL_ROWS = 30
_MAX_GPD_SHAPE = 0.5
_MAD_TO_STD = 1.4826
_MIN_EXCEEDANCES = 4  # rows: what fewer passed is extrapolated


@dataclass(frozen=True)
class Calibrator:
    """A strictly increasing map from raw score to z.

    Below a high threshold u it interpolates empirical quantiles. Beyond, excesses follow a generalised Pareto
    distribution (Pickands 1975) whose shape is not negative, so that no score is ever impossible: survival is
    ``share (1 + shape (x - u) / scale) ** (-1 / shape)``, and z = 3.09 is passed by 0.1 % of healthy rows. It is
    computed as a log-survival, which stays finite where the survival itself is zero.

    Attributes:
        x_: Raw scores of the knots, strictly increasing; the last is the threshold u.
        z_: z of the knots, increasing.
        tail_: Log of the share beyond u, scale and shape of the tail.
        usual_: Median and robust spread of the roots of the scores.
    """

    x_: Floats
    z_: Floats
    tail_: Floats
    usual_: Floats

    @classmethod
    def fit(cls, raw: Floats) -> Self:
        """Learns from the scores of healthy rows, at least two."""
        n = len(raw)
        share = min(max(_TAIL_SHARE_RANGE[0], _MIN_TAIL_ROWS / n), _TAIL_SHARE_RANGE[1])
        top = float(ndtri(1 - share))
        lowest = float(ndtri(0.5 / n))
        z = np.linspace(min(lowest, -1.0), top, _KNOT_COUNT)
        x = np.quantile(raw, ndtr(z))
        excess = raw[raw > x[-1]] - x[-1]
        unit = max(float(raw.std()), 1e-9 * max(1.0, abs(float(x[-1]))))
        scale, shape = _fit_pareto_tail(excess, unit)
        # Ties in the scores: of equal knots the highest z holds, and a tiny tilt keeps the map increasing.
        x = np.maximum.accumulate(x)
        keep = np.append(np.diff(x) > 1e-12 * unit, True)
        return cls(x[keep], z[keep], np.array([np.log(share), scale, shape]), _center_and_spread(raw))

    def transform(self, raw: Floats) -> Floats:
        """Raw scores as z."""
        log_share, scale, shape = self.tail_
        z = self._interpolate_knots(raw)
        low = raw < self.x_[0]
        z[low] -= np.minimum((self.x_[0] - raw[low]) / scale, 1.0)
        beyond = raw > self.x_[-1]
        excess = (raw[beyond] - self.x_[-1]) / scale
        log_survival = log_share - (np.log1p(shape * excess) / shape if shape > 0 else excess)
        z[beyond] = -ndtri_exp(log_survival)
        return z

    def _interpolate_knots(self, raw: Floats) -> Floats:
        """Interpolated between the knots; beyond them as at the nearest one."""
        if len(self.x_) < 2 or (fast := kernels.load_kernels(raw.size)) is None:
            return np.interp(raw, self.x_, self.z_)
        z, knots = np.empty(len(raw)), np.full(1 << (len(self.x_) - 1).bit_length(), np.inf)
        knots[: len(self.x_)] = self.x_
        fast.interpolate_knots(raw, knots, (self.z_, np.diff(self.z_) / np.diff(self.x_)), z)
        return z

    def inverse_transform(self, z: float) -> float:
        """The raw score of a z that is not below the lowest knot: the inverse of ``apply``."""
        if z <= self.z_[-1]:
            return float(np.interp(z, self.z_, self.x_))
        log_share, scale, shape = map(float, self.tail_)
        rarer = log_share - float(log_ndtr(-z))
        excess = float(np.expm1(shape * rarer)) / shape if shape > 0 else rarer
        return float(self.x_[-1]) + scale * excess

    def effect_size(self, raw: Floats) -> Floats:
        """Roots of raw scores in robust spreads from their median: not bent by how rare they are, unlike z."""
        result: Floats = (_sqrt_keep_sign(raw) - self.usual_[0]) / self.usual_[1]
        return result


def _fit_pareto_tail(excess: Floats, unit: float) -> tuple[float, float]:
    """Scale and shape of a generalised Pareto tail by probability-weighted moments (Hosking and Wallis 1987)."""
    n = len(excess)
    if n < 5:
        return max(float(excess.mean()) if n else unit, 0.05 * unit), 0.0
    ordered = np.sort(excess)
    b0 = float(ordered.mean())
    b1 = float((ordered * (n - 1 - np.arange(n))).sum() / (n * (n - 1)))
    shape = min(max(2 - b0 / max(b0 - 2 * b1, 1e-300), 0.0), _MAX_GPD_SHAPE)
    # With the shape held, the mean excess scale / (1 - shape) gives the scale.
    return max(b0 * (1 - shape), 0.05 * unit), shape


def _sqrt_keep_sign(raw: Floats) -> Floats:
    """Square root that keeps the sign: of squared distances it makes distances."""
    result: Floats = np.copysign(np.sqrt(np.abs(raw)), raw)
    return result


def _center_and_spread(raw: Floats) -> Floats:
    """Median and robust spread of the roots of healthy scores; the floor is for scores that never vary."""
    root = _sqrt_keep_sign(raw)
    centre = float(np.median(root))
    spread = _MAD_TO_STD * float(np.median(np.abs(root - centre)))
    return np.array([centre, max(spread, 0.1 * float(root.std()), 1e-6 * max(1.0, abs(centre)))])


@dataclass(frozen=True)
class StateCalibrator:
    """One calibrator per operating state in which rows are assessed.

    Attributes:
        on: For rows that run.
        transient: For rows after a start; the same where there were too few to learn from.
        rows_per_state: Rows calibrated on, by state code.
    """

    on: Calibrator
    transient: Calibrator
    rows_per_state: dict[int, int]

    @classmethod
    def fit(cls, raw: Floats, code: Ints) -> Self:
        """Learns from the scores of healthy rows and their state codes."""
        rows = {state: int((code == state).sum()) for state in (TRANSIENT, ON)}
        on = Calibrator.fit(raw[code == ON])
        own = rows[TRANSIENT] >= MIN_STATE_ROWS
        return cls(on, Calibrator.fit(raw[code == TRANSIENT]) if own else on, rows)

    def transform(self, raw: Floats, code: Ints) -> Floats:
        """Raw scores as z, each in its state."""
        return self._map_states(Calibrator.transform, raw, code)

    def effect_size(self, raw: Floats, code: Ints) -> Floats:
        """Raw scores as robust sizes, each in its state."""
        return self._map_states(Calibrator.effect_size, raw, code)

    def _map_states(self, measure: Callable[[Calibrator, Floats], Floats], raw: Floats, code: Ints) -> Floats:
        values = measure(self.on, raw)
        starting = code == TRANSIENT
        if starting.any():
            values[starting] = measure(self.transient, raw[starting])
        return values

    @property
    def lacks_transient_rows(self) -> bool:
        """Whether too few transient rows were seen to say what is normal after a start."""
        return self.rows_per_state[TRANSIENT] < MIN_STATE_ROWS

    @property
    def max_supported_z(self) -> float:
        """The z that four of the rows in state on passed: what lies beyond is extrapolated."""
        return float(ndtri(1 - _MIN_EXCEEDANCES / max(self.rows_per_state[ON], 2 * _MIN_EXCEEDANCES)))

    def to_arrays(self) -> dict[str, Array]:
        """All numbers, as arrays."""
        return {
            **add_scope("on", vars(self.on)),
            **add_scope("transient", vars(self.transient)),
            "rows": np.array([self.rows_per_state[TRANSIENT], self.rows_per_state[ON]]),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        """The calibration that ``learned`` gave away."""
        counts = arrays["rows"].tolist()
        states = (Calibrator(**get_scope("on", arrays)), Calibrator(**get_scope("transient", arrays)))
        return cls(*states, dict(zip((TRANSIENT, ON), counts, strict=True)))
