"""Weights of the detectors in the fused score: those of the settings, less what training cannot support."""

from __future__ import annotations

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Floats, Ints
from acm_etl.score.detectors.ar1 import Ar1Detector
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.detectors.mahalanobis import MewmaDetector
from acm_etl.score.model import read_weights
from acm_etl.tables.common import DETECTOR_NAMES

_MIN_ROWS_PER_TAG = 5.0  # independent rows: with fewer, a covariance shows more chance than relations
_MIN_VARIANCE = 1e-4  # robust standard deviations squared; below, a tag rested and has no memory to measure
_MAX_PHI = 0.9999  # a random walk has no independent rows, but a weight of 0 would leave nothing of some settings


def select_weights(params: ScoreParams, tag_count: int, independent_rows: float) -> Floats:
    """Return the weights of the detectors in stored order.

    All detectors but AR1 learn how the tags move together. Where training has fewer than five independent rows per tag,
    their weights are reduced in proportion: servers with daily patterns show few days, and relations that held on
    these days by chance. With one tag there is no other tag to predict it from: OMR is then a second AR1. AR1 keeps one
    half of its weight, for jumps and new noise; the rest goes to MEWMA, which alone sees the level.

    Args:
        params: ``weights`` is read.
        tag_count: Number of scored tags.
        independent_rows: Result of ``count_independent_rows``.
    """
    weights = read_weights(params)
    ar1, omr, mewma = (DETECTOR_NAMES.index(detector.name) for detector in (Ar1Detector, OmrDetector, MewmaDetector))
    if tag_count == 1:
        weights[mewma] += weights[omr] + weights[ar1] / 2
        weights[[ar1, omr]] = weights[ar1] / 2, 0.0
        return weights
    support = min(independent_rows / (_MIN_ROWS_PER_TAG * tag_count), 1.0)
    return np.where(np.arange(len(weights)) == ar1, weights, support * weights)


def count_independent_rows(Z: Floats, fold_of_row: Ints) -> float:
    """Return the number of independent rows that say as much about the mean of a tag as these do; median of the tags.

    It is ``n (1 - phi) / (1 + phi)`` with the lag-one autocorrelation phi (Bayley and Hammersley 1946). phi is measured
    within folds, so that a shift between two folds does not count as memory.

    Args:
        Z: Deviations, n rows by d tags, in sequence.
        fold_of_row: Number of the fold of each row, n, not decreasing.

    Returns:
        Number of rows; infinity if no tag varied.
    """
    covariance, variance = np.zeros(Z.shape[1]), np.zeros(Z.shape[1])
    for fold in np.unique(fold_of_row):
        x = Z[fold_of_row == fold]
        x = x - x.mean(axis=0)
        covariance += (x[1:] * x[:-1]).sum(axis=0)
        variance += (x**2).sum(axis=0)
    varies = variance > _MIN_VARIANCE * len(Z)
    if not varies.any():
        return float("inf")
    # Negative autocorrelation would count more rows than there are.
    phi = np.clip(covariance[varies] / variance[varies], 0.0, _MAX_PHI)
    return float(np.median(len(Z) * (1 - phi) / (1 + phi)))
