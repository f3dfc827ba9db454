"""Scores of a machine that is off, against its standstills in training."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import row_shares, run_length
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState, add_scope, get_scope
from acm_etl.score.calibrate import MAX_UNCALIBRATED_Z, MIN_STATE_ROWS, Calibrator, find_supported_z
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.detectors.mahalanobis import MewmaDetector
from acm_etl.score.drift import MAX_FUSED_FLOOR_Z, smooth_residuals
from acm_etl.score.operating_range import OperatingRange
from acm_etl.score.prepare.fill import impute_missing
from acm_etl.score.prepare.operating_state import OFF
from acm_etl.score.prepare.scale import RobustScaler
from acm_etl.score.standstill_scorer import StandstillScores, count_rows_since_stop
from acm_etl.score.training.selection import assign_folds, fit_deviations, fit_run_down, trim_outliers

_MIN_STOPS = 5  # one standstill shows one weather: the next one would be abnormal
# With 1.05, healthy standstills alarm; with 1.3, a temperature that creeps up at standstill is missed.
_PER_HIGHEST_RUN = 1.2


@dataclass(frozen=True)
class StandstillModel:
    """Level and spread of all tags while the machine is off.

    One detector is enough: at standstill there is no load to follow, so a fault is an offset, which MEWMA finds.

    Attributes:
        scaler: Centre and scale of each tag at standstill.
        mean: Mean deviation per tag, d.
        precision: Inverse covariance of the deviations, d by d.
        detector: MEWMA of the deviations; its memory restarts with each standstill.
        calibrator: Map from its score to z.
        rows: Number of calibration rows.
        widening: Divisor of z, at least 1, 0-d: no run of training readings is an alarm.
        run_down_rows: Rows after a stop in which the machine runs down, 0-d: not remembered, and no start of an alarm.
        season_range: Slow points of training, outside of which the levels are wider; None if training does not show
            them, and in models of earlier versions.
    """

    scope: ClassVar[str] = "standstill"

    scaler: RobustScaler
    mean: Floats
    precision: Floats
    detector: MewmaDetector
    calibrator: Calibrator
    rows: int
    widening: Floats = field(default_factory=lambda: np.ones(()))
    run_down_rows: Array = field(default_factory=lambda: np.array(1))
    season_range: OperatingRange | None = None

    @classmethod
    def fit(cls, X: Floats, codes: Ints, params: ScoreParams, *, drift_span: int, shows_seasons: bool) -> Self | None:
        """Fit on the usable training readings; None with too few rows or stops to know what is normal.

        Args:
            X: Usable readings, n rows by d tags, NaN where missing.
            codes: State codes of the rows, n.
            params: ``clip_z``, ``trim_share``, ``ewma``, ``folds`` and the conditions of alarms are read.
            drift_span: Span of the drift monitor in these rows.
            shows_seasons: Whether training is long enough to tell a season from other slow changes.
        """
        is_off = codes == OFF
        rows_since_stop = run_length(is_off, 0)[is_off]
        if len(rows_since_stop) < MIN_STATE_ROWS or (rows_since_stop == 1).sum() < _MIN_STOPS:
            return None
        all_rows = np.ones(len(rows_since_stop), dtype=bool)
        deviations = fit_deviations(X[is_off], all_rows, params.clip_z)
        _, log_distance = trim_outliers(deviations.Z, all_rows, params.trim_share)
        run_down_rows = np.array(fit_run_down(log_distance, rows_since_stop))
        has_run_down = rows_since_stop > run_down_rows
        if has_run_down.sum() < MIN_STATE_ROWS:
            return None
        kept, _ = trim_outliers(deviations.Z, has_run_down, params.trim_share)
        # An outlier stays in the memory for a dozen rows: those of the few of training would be its whole tail.
        rows = _build_inputs(deviations.Z, rows_since_stop, run_down_rows, kept)
        # As for the detectors of operation: rows that a detector was fitted on would have too low scores.
        raw, fold_of_row = np.empty(len(kept)), assign_folds(kept, params.folds)
        for fold in range(params.folds):
            in_fold = fold_of_row == fold
            detector = MewmaDetector(weight=params.ewma).fit(rows.select_rows(kept & ~in_fold))
            raw[in_fold] = detector.score(rows, {}).raw[in_fold]
        calibrator = Calibrator.fit(raw[kept])
        slow_rows = _without_restarts(rows, kept)
        return cls(
            scaler=deviations.scaler,
            mean=deviations.mean,
            precision=deviations.precision,
            detector=MewmaDetector(weight=params.ewma).fit(rows.select_rows(kept)),
            calibrator=calibrator,
            rows=int(kept.sum()),
            widening=fit_widening(np.where(kept, raw, 0.0), calibrator, params),
            run_down_rows=run_down_rows,
            season_range=OperatingRange.fit(
                slow_rows, rows.select_rows(kept), drift_span, params.pca_variance, shows_seasons=True
            )
            if shows_seasons
            else None,
        )

    @property
    def max_supported_z(self) -> float:
        """The z that four calibration rows passed; any z beyond it is extrapolated."""
        return find_supported_z(self.rows)

    def score(
        self, X: Floats, codes: Ints, params: ScoreParams, state: StreamState, *, drift_span: int
    ) -> tuple[StandstillScores, StreamState]:
        """Score the rows of state off by their deviations; of the settings, ``clip_z`` is read."""
        is_off = codes == OFF
        rows_since_stop, after = count_rows_since_stop(is_off, self.run_down_rows, state)
        has_run_down = rows_since_stop > self.run_down_rows
        Z = impute_missing(self.scaler.transform(X[is_off], params.clip_z), self.mean, self.precision)
        rows = _build_inputs(Z, rows_since_stop, self.run_down_rows, has_run_down)
        score = self.detector.score(rows, get_scope("mewma", state))
        assert score.tag_terms is not None  # noqa: S101 - for the type checker: MEWMA always returns them
        z = self.calibrator.transform(score.raw) / self.widening
        shares, squares = row_shares(np.maximum(score.tag_terms, 0.0)), score.raw
        if self.season_range:
            # A season is one of many standstills: its mean goes on from one to the next. A clear fault does not enter.
            slow_rows = _without_restarts(rows, has_run_down & (z <= MAX_FUSED_FLOOR_Z))
            means, means_state = smooth_residuals(self._predict_residuals(Z), slow_rows, drift_span, state)
            season, season_state = self.season_range.measure_season(
                means, slow_rows, drift_span, state, contributions=shares
            )
            after |= means_state | season_state
            if season is not None:
                squares = squares / season**2  # raw scores are squared distances
                z = self.calibrator.transform(squares) / self.widening
        z = np.where(has_run_down, z, np.minimum(z, MAX_UNCALIBRATED_Z))
        raw = self.calibrator.effect_size(squares)
        return StandstillScores(z, raw, shares), after | add_scope("mewma", score.state)

    def _predict_residuals(self, Z: Floats) -> Floats:
        """Return what the other tags do not explain of each deviation, n by d."""
        residuals: Floats = (Z - self.mean) @ (self.precision / np.diag(self.precision))
        return residuals

    def to_arrays(self) -> dict[str, Array]:
        """Return all fitted values as arrays."""
        return {
            "mean": self.mean,
            "precision": self.precision,
            "rows": np.asarray(self.rows),
            "widening": self.widening,
            "run_down_rows": self.run_down_rows,
            **(add_scope("season", vars(self.season_range)) if self.season_range else {}),
            **add_scope("scale", vars(self.scaler)),
            **add_scope("mewma", self.detector.to_arrays()),
            **add_scope("calibration", vars(self.calibrator)),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array], params: ScoreParams) -> Self | None:
        """Restore the model from ``to_arrays``; None if there was none."""
        if not arrays:
            return None
        return cls(
            RobustScaler(**get_scope("scale", arrays)),
            arrays["mean"],
            arrays["precision"],
            MewmaDetector.from_arrays({"weight": params.ewma}, get_scope("mewma", arrays)),
            Calibrator(**get_scope("calibration", arrays)),
            int(arrays["rows"]),
            arrays.get("widening", np.ones(())),
            arrays.get("run_down_rows", np.array(1)),
            OperatingRange(**season) if (season := get_scope("season", arrays)) else None,
        )


def fit_widening(raw: Floats, calibrator: Calibrator, params: ScoreParams) -> Floats:
    """Return the factor by which z has to be divided so that runs just above those of training are no alarm, 0-d.

    The readings of a standstill are alike, as the weather lasts and the machine cools slowly: where z = 3.5 is reached
    at all, it is reached several times in a row.

    Args:
        raw: Scores in sequence by detectors that were not fitted on them, n; 0 where a run breaks.
        calibrator: Map from scores to z.
        params: ``alarm_z``, ``alarm_rows``, ``sustained_z`` and ``sustained_rows`` are read.
    """
    factors = [1.0]
    for level, rows in ((params.alarm_z, params.alarm_rows), (params.sustained_z, params.sustained_rows)):
        highest = sliding_window_view(raw, min(rows, len(raw))).min(axis=1).max()
        # Raw scores are squared distances.
        factors.append(float(calibrator.transform(np.array([_PER_HIGHEST_RUN**2 * highest]))[0]) / level)
    return np.array(max(factors))


def _build_inputs(Z: Floats, rows_since_stop: Ints, run_down_rows: Array, remembered: Bools) -> DetectorInputs:
    # The memory is empty when a standstill begins, and again after the run-down, which is no part of the rows of a fit.
    restarts = (rows_since_stop == 1) | (rows_since_stop == run_down_rows + 1)
    # MEWMA reads neither rolling features nor steps.
    return DetectorInputs(Z, np.empty((len(Z), 0), np.float32), remembered, restarts, np.ones(len(Z), np.int64))


def _without_restarts(rows: DetectorInputs, settled: Bools) -> DetectorInputs:
    """Return the rows with another memory: of the settled rows, through all standstills."""
    return replace(rows, settled=settled, after_long_stop=np.zeros(len(settled), dtype=bool))
