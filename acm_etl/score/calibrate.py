"""Calibration of raw detector scores to z: the normal quantile of a score's rarity among healthy rows.

Only rows that a detector was not fitted on are used: scores of training rows are too low.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.array_ops import MAD_TO_STD
from acm_etl.score.arrays import Array, Floats, Ints, add_scope, get_scope
from acm_etl.score.normal import log_upper_probability, normal_cdf, normal_quantile, upper_quantile_of_log
from acm_etl.score.prepare.operating_state import ON, TRANSIENT

MIN_STATE_ROWS = 200
"""Minimum number of transient rows for a calibration of their own; with fewer they share that of state on."""
MAX_UNCALIBRATED_Z = 1.9  # below health.WARN_Z: rows of starts and run-downs without a calibration raise no alarm
POOLED_BELOW_ROWS = 5000
"""Minimum number of rows for an observed tail; with fewer it is extrapolated, and ACM_CalibrationSummary says so."""

_KNOT_COUNT = 64
_TAIL_SHARE_RANGE = (0.02, 0.1)  # of the rows lie beyond the threshold: enough to fit, few enough to be a tail
_MIN_TAIL_ROWS = 30  # two moments of fewer excesses vary too much
_MAX_GPD_SHAPE = 0.5  # beyond, the variance of the excesses is infinite and the estimator unreliable
_MIN_EXCEEDANCES = 4  # a z that fewer calibration rows passed is extrapolated


@dataclass(frozen=True)
class Calibrator:
    """A strictly increasing map from raw score to z.

    Up to a high threshold u the map interpolates empirical quantiles. Beyond u, excesses follow a generalised Pareto
    distribution (GPD, Pickands 1975): the share of healthy rows beyond x is
    ``share (1 + shape (x - u) / scale) ** (-1 / shape)``, so 0.1 % of healthy rows pass z = 3.09. The shape is not
    negative, so no finite score has probability zero. The share is computed as a logarithm, which stays finite where
    the share itself underflows.

    Attributes:
        x_: Raw scores of the knots, strictly increasing; the last is the threshold u.
        z_: z of the knots, increasing.
        tail_: Logarithm of the share of rows beyond u, scale and shape of the tail.
        usual_: Median and robust spread of the square roots of the scores.
    """

    x_: Floats
    z_: Floats
    tail_: Floats
    usual_: Floats

    @classmethod
    def fit(cls, raw: Floats) -> Self:
        """Fit on the raw scores of healthy rows, at least two."""
        n = len(raw)
        share = min(max(_TAIL_SHARE_RANGE[0], _MIN_TAIL_ROWS / n), _TAIL_SHARE_RANGE[1])
        threshold_z = normal_quantile(1 - share)
        # The smallest of n scores has a rarity of about 0.5 / n.
        lowest_z = normal_quantile(0.5 / n)
        z = np.linspace(min(lowest_z, -1.0), threshold_z, _KNOT_COUNT)
        x = np.quantile(raw, normal_cdf(z))
        excess = raw[raw > x[-1]] - x[-1]
        # A scale for tolerances that is positive for constant scores as well.
        unit = max(float(raw.std()), 1e-9 * max(1.0, abs(float(x[-1]))))
        scale, shape = _fit_pareto_tail(excess, unit)
        # Tied scores give equal knots: keep the one with the highest z of each group, so the map stays increasing.
        x = np.maximum.accumulate(x)
        is_distinct = np.append(np.diff(x) > 1e-12 * unit, True)
        return cls(x[is_distinct], z[is_distinct], np.array([np.log(share), scale, shape]), _center_and_spread(raw))

    def transform(self, raw: Floats) -> Floats:
        """Return the z of raw scores, n to n."""
        log_share, scale, shape = self.tail_
        z = self._interpolate_knots(raw)
        # Below the lowest knot there is nothing to extrapolate from: let z fall by at most 1.
        low = raw < self.x_[0]
        z[low] -= np.minimum((self.x_[0] - raw[low]) / scale, 1.0)
        beyond = raw > self.x_[-1]
        excess = (raw[beyond] - self.x_[-1]) / scale
        # Logarithms keep precision where the share is 1e-300 or less.
        log_survival = log_share - (np.log1p(shape * excess) / shape if shape > 0 else excess)
        z[beyond] = upper_quantile_of_log(log_survival)
        return z

    def _interpolate_knots(self, raw: Floats) -> Floats:
        """Interpolate between the knots; scores outside get the z of the nearest knot."""
        if len(self.x_) < 2 or (compiled := kernels.get_kernels()) is None:
            return np.interp(raw, self.x_, self.z_)
        # The kernel's binary search takes a power of two of knots: pad with infinities.
        z, knots = np.empty(len(raw)), np.full(1 << (len(self.x_) - 1).bit_length(), np.inf)
        knots[: len(self.x_)] = self.x_
        compiled.interpolate_knots(raw, knots, (self.z_, np.diff(self.z_) / np.diff(self.x_)), z)
        return z

    def inverse_transform(self, z: float) -> float:
        """Return the raw score of a z not below the lowest knot: the inverse of ``transform``."""
        if z <= self.z_[-1]:
            return float(np.interp(z, self.z_, self.x_))
        log_share, scale, shape = map(float, self.tail_)
        log_ratio = log_share - log_upper_probability(z)
        excess = float(np.expm1(shape * log_ratio)) / shape if shape > 0 else log_ratio
        return float(self.x_[-1]) + scale * excess

    def effect_size(self, raw: Floats) -> Floats:
        """Return the square roots of raw scores as robust deviations from their median, n to n.

        An effect size grows in proportion to the distance, z only with the root of the logarithm of its rarity.
        """
        center, spread = self.usual_
        effect_sizes: Floats = (_sqrt_keep_sign(raw) - center) / spread
        return effect_sizes


def _fit_pareto_tail(excess: Floats, unit: float) -> tuple[float, float]:
    """Fit scale and shape of a generalised Pareto tail by probability-weighted moments (Hosking and Wallis 1987).

    Args:
        excess: Scores minus the threshold, of the scores beyond it.
        unit: Standard deviation of all scores; 5 % of it is the smallest scale.
    """
    n = len(excess)
    if n < 5:  # too few for two moments: an exponential tail
        return max(float(excess.mean()) if n else unit, 0.05 * unit), 0.0
    ordered = np.sort(excess)
    # b0 and b1 estimate E[x] and E[x (1 - F(x))].
    b0 = float(ordered.mean())
    b1 = float((ordered * (n - 1 - np.arange(n))).sum() / (n * (n - 1)))
    shape = min(max(2 - b0 / max(b0 - 2 * b1, 1e-300), 0.0), _MAX_GPD_SHAPE)
    # The shape was clipped, so take the scale from the mean excess, which is scale / (1 - shape).
    return max(b0 * (1 - shape), 0.05 * unit), shape


def _sqrt_keep_sign(raw: Floats) -> Floats:
    """Return square roots with the sign of the value: squared distances become distances."""
    roots: Floats = np.copysign(np.sqrt(np.abs(raw)), raw)
    return roots


def _center_and_spread(raw: Floats) -> Floats:
    """Return median and robust spread of the square roots of healthy scores."""
    roots = _sqrt_keep_sign(raw)
    center = float(np.median(roots))
    spread = MAD_TO_STD * float(np.median(np.abs(roots - center)))
    # effect_size divides by the spread: floors for mostly equal scores (MAD 0) and constant ones (both 0).
    return np.array([center, max(spread, 0.1 * float(roots.std()), 1e-6 * max(1.0, abs(center)))])


def find_supported_z(row_count: int) -> float:
    """Return the z that four of so many calibration rows pass; any z beyond it is extrapolated."""
    # At least 8 rows, or the quantile would be negative.
    return normal_quantile(1 - _MIN_EXCEEDANCES / max(row_count, 2 * _MIN_EXCEEDANCES))


@dataclass(frozen=True)
class StateCalibrator:
    """One calibrator per operating state in which rows are scored.

    Attributes:
        on: Calibrator of rows in state on.
        transient: Calibrator of transient rows; the one of state on if there were too few transient rows.
        rows_per_state: Number of calibration rows by state code.
    """

    on: Calibrator
    transient: Calibrator
    rows_per_state: dict[int, int]

    @classmethod
    def fit(cls, raw: Floats, code: Ints) -> Self:
        """Fit on the raw scores of healthy rows and their state codes, n each."""
        rows = {state: int((code == state).sum()) for state in (TRANSIENT, ON)}
        on = Calibrator.fit(raw[code == ON])
        transient = Calibrator.fit(raw[code == TRANSIENT]) if rows[TRANSIENT] >= MIN_STATE_ROWS else on
        return cls(on, transient, rows)

    def transform(self, raw: Floats, code: Ints) -> Floats:
        """Return the z of raw scores, each by the calibrator of its state."""
        return self._map_states(Calibrator.transform, raw, code)

    def effect_size(self, raw: Floats, code: Ints) -> Floats:
        """Return the effect sizes of raw scores, each by the calibrator of its state."""
        return self._map_states(Calibrator.effect_size, raw, code)

    def _map_states(self, measure: Callable[[Calibrator, Floats], Floats], raw: Floats, code: Ints) -> Floats:
        values = measure(self.on, raw)
        is_transient = code == TRANSIENT
        if is_transient.any():
            values[is_transient] = measure(self.transient, raw[is_transient])
        return values

    @property
    def lacks_transient_rows(self) -> bool:
        """True if training has too few transient rows to tell a normal start-up from an abnormal one."""
        return self.rows_per_state[TRANSIENT] < MIN_STATE_ROWS

    @property
    def max_supported_z(self) -> float:
        """The z that four calibration rows in state on passed; any z beyond it is extrapolated."""
        return find_supported_z(int(self.rows_per_state[ON]))

    def to_arrays(self) -> dict[str, Array]:
        """Return all fitted values as arrays."""
        return {
            **add_scope("on", vars(self.on)),
            **add_scope("transient", vars(self.transient)),
            "rows": np.array([self.rows_per_state[TRANSIENT], self.rows_per_state[ON]]),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        """Restore the calibrator from ``to_arrays``."""
        counts = arrays["rows"].tolist()
        on, transient = (Calibrator(**get_scope(name, arrays)) for name in ("on", "transient"))
        return cls(on, transient, dict(zip((TRANSIENT, ON), counts, strict=True)))
