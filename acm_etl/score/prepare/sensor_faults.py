"""Sensor faults: readings that tell about the sensor and nothing about the machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from acm_etl.score.array_ops import find_cells, hold_selected, row_true_counts, run_length
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState
from acm_etl.score.prepare.clean import list_cells
from acm_etl.score.prepare.fill import impute_missing
from acm_etl.score.prepare.resolution import find_coarse_cells, find_useless_decimals, fit_rare_decimals, has_decimals
from acm_etl.score.prepare.scale import RobustScaler
from acm_etl.tables.common import SENSOR_FAULTS

Int8s = npt.NDArray[np.int8]

NO_FAULT = 0
STUCK, DEAD, SATURATED, UNIT_CHANGED, SWAPPED, COARSE = range(1, 1 + len(SENSOR_FAULTS))
"""Codes of sensor faults: positions in ``SENSOR_FAULTS``, from 1."""

_MIN_ROWS = 12  # the rows of a sustained alarm: fewer equal readings are chance, or a short dropout of the machine
_FLAT_RATIO = 4  # of the longest run of equal readings in training: slow tags repeat their readings
_MAX_FLAT_SHARE = 0.01  # of the training rows: tags that rest for longer show no difference between rest and a fault
_NEVER = np.iinfo(np.int64).max
_FAR_SPREADS = 6.0  # from the training centre: hardly a reading of the tag in its own unit
_NEAR_SPREADS = 4.0  # standard deviations given the other tags: a reading that was expected
_MAX_WINDOW = 0.1  # of the level: a wider window of expected readings contains converted ones by chance
_DEAD_SHARE = 0.01  # of the level: as good as zero
# Factor and offset of units that systems are switched between, and of a lost decimal point.
_CONVERSIONS = ((1.8, 32.0), (1.0, 273.15), (10.0, 0.0), (100.0, 0.0), (1000.0, 0.0), (6.894757, 0.0), (14.503774, 0.0),
                (25.4, 0.0))  # fmt: skip


@dataclass(frozen=True)
class SensorFaultClassifier:
    """Limits of the readings of each sensor while it works, beyond which it is faulty.

    Attributes:
        flat_limit_: Number of repeated readings from which on a tag is stuck, d.
        decimals_: Number of decimals that are fewer than those of nearly all training readings, d.
        low_: Smallest reading in training, unit of the tag, d.
        high_: Largest reading in training, d.
        spread_: Standard deviation of a deviation given the other tags, robust standard deviations, d.
    """

    flat_limit_: Ints
    decimals_: Ints
    low_: Floats
    high_: Floats
    spread_: Floats

    @classmethod
    def fit(cls, X: Floats, precision: Floats) -> Self:
        """Fit on the running training readings.

        Args:
            X: Readings, n rows by d tags, NaN where missing; every tag has one.
            precision: Inverse covariance of the deviations, d by d.
        """
        longest = run_length(_equals_previous(X, np.full(X.shape[1], np.nan)), 0).max(axis=0, initial=0)
        limit = np.maximum(_MIN_ROWS, _FLAT_RATIO * longest)
        return cls(
            np.where(longest <= _MAX_FLAT_SHARE * len(X), limit, _NEVER),
            fit_rare_decimals(X),
            np.nanmin(X, axis=0, initial=np.inf),
            np.nanmax(X, axis=0, initial=-np.inf),
            1 / np.sqrt(np.diag(precision)),
        )

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array], tag_count: int) -> Self:
        """Restore the classifier of a stored model; models that were stored without one find no fault."""
        if arrays:
            return cls(**arrays)
        unknown, never = np.full(tag_count, np.nan), np.full(tag_count, _NEVER)
        return cls(never, np.zeros(tag_count, np.int64), unknown, unknown, unknown)

    def classify_cells(
        self, X: Floats, deviations: Deviations, is_settled: Bools, state: StreamState
    ) -> tuple[Int8s, StreamState]:
        """Return the code of each cell (n by d), and the state for the next call.

        A fault is known from its twelfth row on, a coarse tag from its fourth step: earlier rows are scored as they
        are. A fault that is known stays known in starts, but rows of starts make none known. Where more than half of
        the tags have a fault, it is the machine or the data collection: no cell is one.

        Args:
            X: Running readings, n rows by d tags, NaN where missing.
            deviations: Their deviations.
            is_settled: True for rows outside of starts, n: a cold bearing of 7 degrees, where the others expect 45, is
                no reading in another unit.
            state: State of the previous call, or empty.
        """
        codes = np.zeros(X.shape, dtype=np.int8)
        if not len(X) or np.isnan(self.spread_).all():
            return codes, state
        none = np.zeros(X.shape[1], np.int64)
        last = state.get("last", np.full(X.shape[1], np.nan))
        is_flat, repeats = self._find_flat_cells(X, last, state.get("repeats", none))
        useless_decimals = find_useless_decimals(self.decimals_, self.spread_ * deviations.scaler.scale_)
        is_coarse, coarse_steps = find_coarse_cells(X, useless_decimals, last, state.get("coarse", none))
        codes[is_coarse] = COARSE
        if is_flat.any():  # rare: the names of all cells cost more than their repeats
            names = np.where(is_flat, self._name_flat_cells(X, deviations.scaler), NO_FAULT)
            codes = np.where(names != NO_FAULT, names, codes).astype(np.int8)
        is_converted, is_swapped = self._find_moved_readings(X, deviations)
        converted = _count_settled_rows(is_converted, is_settled, state.get("converted", none))
        swapped = _count_settled_rows(is_swapped, is_settled, state.get("swapped", none))
        if is_converted.any() or is_swapped.any():
            codes[converted >= _MIN_ROWS] = UNIT_CHANGED
            codes[swapped >= _MIN_ROWS] = SWAPPED
        if codes.any():
            codes[(codes != NO_FAULT).sum(axis=1) > X.shape[1] // 2] = NO_FAULT
        # Runs beyond the limit decide nothing more, and bounded numbers keep states of equal situations equal.
        after = {
            "last": X[-1],
            "repeats": np.minimum(repeats, self.flat_limit_),
            "converted": np.minimum(converted[-1], _MIN_ROWS),
            "swapped": np.minimum(swapped[-1], _MIN_ROWS),
            "coarse": coarse_steps,
            "named": codes[-1],
        }
        return codes, after

    def _find_flat_cells(self, X: Floats, last: Floats, repeats_before: Array) -> tuple[Bools, Ints]:
        """Return which cells have repeated for too long (n by d), and the repeats up to the last row (d)."""
        is_equal = _equals_previous(X, last)
        is_flat = np.zeros(X.shape, bool)
        # Few tags repeat so often: the runs of the others are counted at their end only.
        may_be_flat = is_equal.sum(axis=0) + repeats_before >= self.flat_limit_
        is_flat[:, may_be_flat] = (
            run_length(is_equal[:, may_be_flat], repeats_before[may_be_flat]) >= self.flat_limit_[may_be_flat]
        )
        trailing = np.where(is_equal.all(axis=0), len(X) + repeats_before, np.argmin(is_equal[::-1], axis=0))
        return is_flat, trailing

    def _name_flat_cells(self, X: Floats, scaler: RobustScaler) -> Ints:
        """Return the code of each cell if its tag is flat: by the level at which it rests."""
        is_outside = (self.low_ - scaler.scale_ > X) | (self.high_ + scaler.scale_ < X)
        is_zero = is_outside & (np.abs(X) <= _DEAD_SHARE * np.abs(scaler.centre_))
        # A tag at an end of its range rests: a closed valve, an idle pump. And a value with fewer decimals than the tag
        # used to have is repeated because the historian rounds it.
        is_inside = (self.low_ < X) & (self.high_ > X)
        is_stuck = is_inside & ~has_decimals(X, self.decimals_)
        codes: Ints = np.where(is_zero, DEAD, np.where(is_outside, SATURATED, np.where(is_stuck, STUCK, NO_FAULT)))
        return codes

    def _find_moved_readings(self, X: Floats, deviations: Deviations) -> tuple[Bools, Bools]:
        """Return which cells are expected in another unit, and which are expected of another tag (n by d each)."""
        is_converted, is_swapped = np.zeros(X.shape, bool), np.zeros(X.shape, bool)
        is_far = np.abs(deviations.Z) >= _FAR_SPREADS  # false where missing
        far_count = row_true_counts(is_far)
        # With more than half of the tags far off, too little is left to expect a reading from.
        rows = np.flatnonzero((far_count > 0) & (far_count <= X.shape[1] // 2))
        if not len(rows):
            return is_converted, is_swapped
        x, far, expected = X[rows], is_far[rows], deviations.expect_readings(rows, is_far)
        window = _NEAR_SPREADS * self.spread_ * deviations.scaler.scale_
        level = np.abs(deviations.scaler.centre_)
        # Zero has no unit: 0 A would be the 32 of a tag that reads degrees.
        is_precise = far & (window <= _MAX_WINDOW * level) & (np.abs(x) > _DEAD_SHARE * level)
        for factor, offset in _CONVERSIONS:
            for original in ((x - offset) / factor, x * factor + offset):
                is_converted[rows] |= is_precise & (np.abs(original - expected) <= window)
        for i, j in combinations(np.flatnonzero(is_precise.sum(axis=0)).tolist(), 2):
            # Tags at the same level move together; they are not swapped.
            is_pair = np.abs(expected[:, i] - expected[:, j]) > window[i] + window[j]
            is_pair &= is_precise[:, i] & (np.abs(x[:, j] - expected[:, i]) <= window[i])
            is_pair &= is_precise[:, j] & (np.abs(x[:, i] - expected[:, j]) <= window[j])
            is_swapped[rows[is_pair][:, None], [i, j]] = True
        return is_converted, is_swapped


@dataclass(frozen=True)
class Deviations:
    """Deviations of rows, and what they are expected to be.

    Attributes:
        Z: Deviations, n rows by d tags, NaN where missing.
        scaler: Centre and scale of each tag.
        mean: Mean deviation per tag, d.
        precision: Inverse covariance of the deviations, d by d.
    """

    Z: Floats
    scaler: RobustScaler
    mean: Floats
    precision: Floats

    def expect_readings(self, rows: Ints, ignored: Bools) -> Floats:
        """Return the readings of some rows; ignored cells as expected given the others, unit of the tag."""
        known = np.where(ignored[rows], np.nan, self.Z[rows])
        readings: Floats = impute_missing(known, self.mean, self.precision) * self.scaler.scale_ + self.scaler.centre_
        return readings


def carry_faults(X: Floats, running: Bools, codes: Int8s, state: StreamState) -> Int8s:
    """Return the code of each cell, between running rows that of the last one: a sensor stays faulty then, n by d.

    A sensor that was flat is faulty for as long as it repeats its reading. A missing reading is no faulty one.

    Args:
        X: Readings, n rows by d tags, NaN where missing.
        running: True for running rows, n.
        codes: Codes of the cells of the running rows.
        state: State of ``classify_cells`` before the first row.
    """
    all_codes = np.zeros(X.shape, dtype=np.int8)
    all_codes[running] = codes
    before = state.get("named", np.zeros(X.shape[1], np.int8))
    if not (before.any() or codes.any()):
        return all_codes
    last_codes = hold_selected(codes, running, before)
    last_readings = hold_selected(X[running], running, state.get("last", np.full(X.shape[1], np.nan)))
    is_flat = np.isin(last_codes, (STUCK, DEAD, SATURATED))
    is_over = np.isnan(X) | (is_flat & (last_readings != X))
    carried = np.where(is_over, NO_FAULT, last_codes)
    return np.where(running[:, None], all_codes, carried).astype(np.int8)


def list_fault_cells(times: pl.Series, codes: Int8s, X: Floats, tags: Sequence[str]) -> pl.DataFrame:
    """Return one row per faulty cell, as ``REJECTED_SCHEMA``.

    Args:
        times: Times of the rows.
        codes: Codes of the cells, n rows by d tags.
        X: Readings, n by d.
        tags: Names of the tags, d.
    """
    rows, columns = find_cells(codes)
    kinds = pl.Series(SENSOR_FAULTS).gather(codes[rows, columns] - 1)
    return list_cells(times, X, tags, cells=(rows, columns), kinds=kinds)


def _equals_previous(X: Floats, last: Floats) -> Bools:
    """Return which readings equal the one before them, n by d; ``last`` is the row before the first."""
    # A comparison with NaN is false: a gap ends a run.
    is_equal = np.empty(X.shape, dtype=bool)
    is_equal[:1] = X[:1] == last
    np.equal(X[1:], X[:-1], out=is_equal[1:])
    return is_equal


def _count_settled_rows(flags: Bools, is_settled: Bools, count_before: Array) -> Ints:
    """Return the number of settled rows in each run of true flags up to each row, n by d.

    Args:
        flags: One flag per row and column, n by d.
        is_settled: True for rows that count, n; the others continue a run only.
        count_before: Count of the run that ends just before the first row, d.
    """
    counts_in_run = np.zeros(flags.shape, dtype=np.int64)
    # Few tags have a flag, mostly none; all others have no run.
    columns = np.unique(find_cells(flags)[1])
    runs = flags[:, columns]
    counts = count_before[columns] + np.cumsum(runs & is_settled[:, None], axis=0)
    # Counts never fall, so their maximum over the rows without a flag is that at the last one.
    counts_in_run[:, columns] = counts - np.maximum.accumulate(np.where(runs, 0, counts), axis=0)
    return counts_in_run
