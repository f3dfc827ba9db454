"""Calibration by cross-validation: scores of detectors that were fitted without the rows that they score."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score import inference
from acm_etl.score.arrays import Bools, Floats, Ints
from acm_etl.score.calibrate import StateCalibrator
from acm_etl.score.detectors import make_detectors
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.detectors.mahalanobis import MahalanobisDetector
from acm_etl.score.drift import smooth_residuals
from acm_etl.score.model import FUSED
from acm_etl.score.training.selection import assign_folds
from acm_etl.tables.common import DETECTOR_NAMES

_FOLD_QUANTILE = 0.99  # half of the rows of an extrapolated fold lie beyond this quantile of any other fold


class OutOfFoldScores(NamedTuple):
    """Scores of every training row by detectors that were not fitted on its fold.

    Attributes:
        raw: Raw scores by detector name, n each.
        residual_means: Smoothed leave-one-out residuals, n by d.
        is_extrapolated: True for rows of a fold that is unlike all others, n.
    """

    raw: dict[str, Floats]
    residual_means: Floats
    is_extrapolated: Bools


class Calibration(NamedTuple):
    """Fitted calibrators and the z of the rows that they were fitted on.

    Attributes:
        calibrators: Calibrators by detector name, and that of ``fused``.
        z: z of all rows by the same names, n each.
        raw_fused: Fused effect sizes of all rows, n.
    """

    calibrators: dict[str, StateCalibrator]
    z: dict[str, Floats]
    raw_fused: Floats


def score_out_of_fold(rows: DetectorInputs, train_rows: Bools, span: int, params: ScoreParams) -> OutOfFoldScores:
    """Score every row by detectors that were fitted on the other folds.

    Args:
        rows: Running rows, in sequence.
        train_rows: Rows to fit on, n.
        span: Span of the drift monitor, rows.
        params: Settings; ``folds`` is the number of blocks.
    """
    raw = {name: np.empty(len(train_rows)) for name in DETECTOR_NAMES}
    residual_means = np.empty(rows.Z.shape)
    fold_of_row = assign_folds(train_rows, params.folds)
    for fold in range(params.folds):
        in_fold = fold_of_row == fold
        fit_rows, fold_rows = rows.select_rows(train_rows & ~in_fold), rows.select_rows(in_fold)
        # One detector at a time: the residuals per row and tag are large.
        for detector in make_detectors(params):
            if not detector.fit(fit_rows).is_stateful:
                raw[detector.name][in_fold] = detector.score(fold_rows, {}).raw
                continue
            # Detectors with memory score all rows, so that the memory at the start of the fold is that of operation.
            score = detector.score(rows, {})
            raw[detector.name][in_fold] = score.raw[in_fold]
            if isinstance(detector, OmrDetector):
                residuals = inference.omr_residuals({detector.name: score})
                residual_means[in_fold] = smooth_residuals(residuals, rows, span, {})[0][in_fold]
    is_extrapolated = fold_of_row == find_extrapolated_fold(
        raw[MahalanobisDetector.name][train_rows], fold_of_row[train_rows]
    )
    return OutOfFoldScores(raw, residual_means, is_extrapolated)


def find_extrapolated_fold(squared_distance: Floats, fold_of_row: Ints) -> int:
    """Return the fold that is outside the range of all other folds; -1 if there is none.

    The detectors that score such a fold extrapolate, so its scores tell nothing about the final detectors, which are
    fitted on it too. They would set the level of every tail: a quarter of the rows lies in the fold.

    Args:
        squared_distance: Out-of-fold squared Mahalanobis distance of the training rows, n.
        fold_of_row: Number of the fold of each row, n.
    """
    folds = np.unique(fold_of_row)
    medians, high = (
        np.array([np.quantile(squared_distance[fold_of_row == fold], share) for fold in folds])
        for share in (0.5, _FOLD_QUANTILE)
    )
    # Two folds cannot both lie beyond each other, so at most one is left out.
    for fold, median, others in zip(
        folds.tolist(), medians, (np.delete(high, i) for i in range(len(folds))), strict=True
    ):
        if len(others) and median > others.max():
            return int(fold)
    return -1


def fit_calibration(raw: dict[str, Floats], codes: Ints, rows: Bools, weights: Floats) -> Calibration:
    """Fit the calibrators of the detectors, then that of their fusion.

    Args:
        raw: Out-of-fold scores by detector name, n each.
        codes: State codes of the rows, n.
        rows: Rows to calibrate on, n.
        weights: Weights of the detectors in the fusion, 8.
    """
    # Transient rows are scored by detectors of settled rows, hence a calibrator per state.
    calibrators = {name: StateCalibrator.fit(raw[name][rows], codes[rows]) for name in DETECTOR_NAMES}
    effect_sizes = (calibrators[name].effect_size(raw[name], codes) for name in DETECTOR_NAMES)
    # The fused score gets a calibration of its own: a weighted mean of correlated effect sizes is not a z.
    all_raw = raw | {FUSED: inference.fuse_effect_sizes(effect_sizes, weights)}
    calibrators[FUSED] = StateCalibrator.fit(all_raw[FUSED][rows], codes[rows])
    z = {name: calibrators[name].transform(all_raw[name], codes) for name in calibrators}
    return Calibration(calibrators, z, all_raw[FUSED])
