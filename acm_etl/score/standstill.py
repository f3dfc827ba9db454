"""Scores of a machine that is off, against its standstills in training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import row_shares
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState, add_scope, get_scope
from acm_etl.score.calibrate import MIN_STATE_ROWS, Calibrator, find_supported_z
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.detectors.mahalanobis import MewmaDetector
from acm_etl.score.prepare.fill import impute_missing
from acm_etl.score.prepare.operating_state import OFF
from acm_etl.score.prepare.scale import RobustScaler
from acm_etl.score.training.selection import assign_folds, fit_deviations, trim_outliers

_MIN_STOPS = 5  # one standstill shows one weather: the next one would be abnormal


class StandstillScores(NamedTuple):
    """Scores of the rows of state off, in sequence.

    Attributes:
        z: Normal-equivalent z, n.
        raw: Robust deviations of the score, n.
        contributions: Share (0..1) of each tag, n by d.
    """

    z: Floats
    raw: Floats
    contributions: Floats


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
    """

    scaler: RobustScaler
    mean: Floats
    precision: Floats
    detector: MewmaDetector
    calibrator: Calibrator
    rows: int

    @classmethod
    def fit(cls, X: Floats, codes: Ints, params: ScoreParams) -> Self | None:
        """Fit on the usable training readings; None with too few rows or stops to know what is normal.

        Args:
            X: Usable readings, n rows by d tags, NaN where missing.
            codes: State codes of the rows, n.
            params: ``clip_z``, ``trim_share``, ``ewma`` and ``folds`` are read.
        """
        is_off = codes == OFF
        starts = _flag_first_rows(is_off, was_off=False)[is_off]
        if len(starts) < MIN_STATE_ROWS or starts.sum() < _MIN_STOPS:
            return None
        all_rows = np.ones(len(starts), dtype=bool)
        deviations = fit_deviations(X[is_off], all_rows, params.clip_z)
        kept, _ = trim_outliers(deviations.Z, all_rows, params.trim_share)
        # An outlier stays in the memory for a dozen rows: those of the few of training would be its whole tail.
        rows = _build_inputs(deviations.Z, starts, kept)
        # As for the detectors of operation: rows that a detector was fitted on would have too low scores.
        raw, fold_of_row = np.empty(len(starts)), assign_folds(kept, params.folds)
        for fold in range(params.folds):
            in_fold = fold_of_row == fold
            detector = MewmaDetector(weight=params.ewma).fit(rows.select_rows(kept & ~in_fold))
            raw[in_fold] = detector.score(rows, {}).raw[in_fold]
        detector = MewmaDetector(weight=params.ewma).fit(rows.select_rows(kept))
        calibrator = Calibrator.fit(raw[kept])
        return cls(deviations.scaler, deviations.mean, deviations.precision, detector, calibrator, int(kept.sum()))

    @property
    def max_supported_z(self) -> float:
        """The z that four calibration rows passed; any z beyond it is extrapolated."""
        return find_supported_z(self.rows)

    def score(self, X: Floats, codes: Ints, clip: float, state: StreamState) -> tuple[StandstillScores, StreamState]:
        """Score the rows of state off.

        Args:
            X: Usable readings, n rows by d tags, NaN where missing.
            codes: State codes of the rows, n.
            clip: Largest magnitude of a deviation.
            state: State of the previous call, or empty.

        Returns:
            The scores of the rows of state off, and the state for the next call.
        """
        is_off = codes == OFF
        starts = _flag_first_rows(is_off, was_off=bool(state.get("was_off", np.zeros(1, bool))[0]))[is_off]
        Z = impute_missing(self.scaler.transform(X[is_off], clip), self.mean, self.precision)
        score = self.detector.score(_build_inputs(Z, starts, np.ones(len(Z), bool)), get_scope("mewma", state))
        assert score.tag_terms is not None  # noqa: S101 - for the type checker: MEWMA always returns them
        raw, z = self.calibrator.effect_size(score.raw), self.calibrator.transform(score.raw)
        after = {"was_off": is_off[-1:]} if len(is_off) else {}
        shares = row_shares(np.maximum(score.tag_terms, 0.0))
        return StandstillScores(z, raw, shares), state | after | add_scope("mewma", score.state)

    def to_arrays(self) -> dict[str, Array]:
        """Return all fitted values as arrays."""
        return {
            "mean": self.mean,
            "precision": self.precision,
            "rows": np.asarray(self.rows),
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
        )


def _flag_first_rows(is_off: Bools, *, was_off: bool) -> Bools:
    """Return the first row of each standstill."""
    first_rows: Bools = is_off & ~np.concatenate([[was_off], is_off[:-1]])[: len(is_off)]
    return first_rows


def _build_inputs(Z: Floats, starts: Bools, remembered: Bools) -> DetectorInputs:
    # MEWMA reads neither rolling features nor steps. Each standstill begins with an empty memory, and its first reading
    # may be a mean over the run-down.
    return DetectorInputs(
        Z, np.empty((len(Z), 0), np.float32), remembered & ~starts, starts, steps=np.ones(len(Z), np.int64)
    )
