"""Rows that describe a fitted model: its calibration, its principal components and its leave-one-out regressions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl

from acm_etl.score.arrays import Bools, Floats
from acm_etl.score.calibrate import POOLED_BELOW_ROWS
from acm_etl.score.detectors.base import Detector
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.detectors.mahalanobis import MahalanobisDetector
from acm_etl.score.detectors.pca import SpeDetector
from acm_etl.score.model import FUSED, CalibrationSummaryRow, Model
from acm_etl.score.prepare.operating_state import STATE_NAMES
from acm_etl.score.training.fold_report import CalibrationFolds
from acm_etl.tables import models
from acm_etl.tables.common import DETECTOR_NAMES

_P95_Z = 1.6448536269514722  # 95 % quantile of the standard normal distribution
_P95_DETECTORS = {"SPE": "pca_spe_z", "T2": "pca_t2_z"}
_JSON_DIGITS = 6  # digits of the numbers inside JSON

_DetectorT = TypeVar("_DetectorT")


def calibration_summary_rows(
    z: Mapping[str, Floats],
    Z: Floats,
    state_rows: Mapping[int, Bools],
    detectors: Sequence[Detector],
    *,
    folds: CalibrationFolds,
    clip_z: float,
) -> list[CalibrationSummaryRow]:
    """Return the rows of ACM_CalibrationSummary without the model version, one per detector and operating state.

    Args:
        z: Calibrated scores of the running rows by detector name, and ``fused``, n each.
        Z: Deviations of the same rows, n by d.
        state_rows: Mask of the calibration rows by state code, n each.
        detectors: Fitted detectors.
        folds: Folds of the running rows.
        clip_z: Largest magnitude of a deviation.
    """
    states = [
        _StateRows(STATE_NAMES[state], rows, _saturation_pct(Z[rows], clip_z)) for state, rows in state_rows.items()
    ]
    # MewmaDetector is a subclass, and its matrix is another one.
    condition = {
        detector.name: float(detector.condition_) for detector in detectors if type(detector) is MahalanobisDetector
    }
    return [
        _calibration_summary_row(name, z[name], state, folds=folds, clip_z=clip_z, condition_number=condition.get(name))
        for name in (*DETECTOR_NAMES, FUSED)
        for state in states
    ]


@dataclass(frozen=True, slots=True)
class _StateRows:
    """The calibration rows of one operating state.

    Attributes:
        name: Name of the state.
        mask: Which of the running rows they are, n.
        saturation_pct: Percentage of their deviations at the clip limit; None without rows.
    """

    name: str
    mask: Bools
    saturation_pct: float | None


def _calibration_summary_row(
    name: str,
    z: Floats,
    state: _StateRows,
    *,
    folds: CalibrationFolds,
    clip_z: float,
    condition_number: float | None,
) -> CalibrationSummaryRow:
    tail_fold, left_out = folds.find_tail_fold(z, state.mask), folds.find_left_out_fold()
    z = z[state.mask]
    has_rows = len(z) > 0
    return {
        "DetectorType": name,
        "OperatingState": state.name,
        "CalibrationRows": len(z),
        "Pooled": len(z) < POOLED_BELOW_ROWS,
        "MeanZ": float(z.mean()) if has_rows else None,
        "StdZ": float(z.std()) if has_rows else None,
        "P95Z": float(np.quantile(z, 0.95)) if has_rows else None,
        "P99Z": float(np.quantile(z, 0.99)) if has_rows else None,
        "ClipZ": clip_z,
        "SaturationPct": state.saturation_pct,
        "MahalCondNum": condition_number,
        "TailFoldPct": tail_fold.percent if tail_fold else None,
        "TailFoldStart": tail_fold.span.start if tail_fold else None,
        "TailFoldEnd": tail_fold.span.end if tail_fold else None,
        "LeftOutStart": left_out.start if left_out else None,
        "LeftOutEnd": left_out.end if left_out else None,
    }


def _saturation_pct(Z: Floats, clip_z: float) -> float | None:
    """Return the percentage of the deviations at the clip limit; None without rows."""
    return float(100 * (np.abs(Z) >= clip_z).mean()) if len(Z) else None


def pca_tables(model: Model) -> dict[str, pl.DataFrame]:
    """Return the rows of the three PCA tables by table name, without the model version.

    Args:
        model: Model of the machine.
    """
    return {
        models.PCA_MODELS.name: _pca_model_rows(model),
        models.PCA_LOADINGS.name: _pca_loading_rows(model),
        models.PCA_METRICS.name: _pca_metric_rows(model),
    }


def omr_rows(model: Model) -> pl.DataFrame:
    """Return the rows of ACM_OMR_Diagnostics, without the model version.

    Column i of the detector's matrix is ``P[:, i] / P[i, i] / spread`` with the precision matrix P. So its diagonal
    gives the spread of the residuals, and its other entries the regression weights of tag i on the other tags
    (Lauritzen 1996, 5.1.3).

    Args:
        model: Model of the machine.
    """
    detector = _find_detector(model, OmrDetector)
    spread = 1 / np.diag(detector.residual_)
    weights = -detector.residual_ * spread
    # A tag does not predict itself.
    np.fill_diagonal(weights, 0.0)
    # The precision's inverse is the covariance that was fitted in training: no rows are needed here.
    variance = np.diag(np.linalg.inv(model.imputation_precision))
    tags, is_single = np.array(model.tags, dtype=object), len(model.tags) == 1
    best = np.abs(weights).argmax(axis=0)
    return pl.DataFrame(
        {
            "SensorName": list(model.tags),
            "ResidualStd": spread,
            "ExplainedPct": 100 * np.clip(1 - spread**2 / variance, 0, 1),
            "Persistence": detector.phi_,
            "BestPredictor": pl.Series([None] if is_single else tags[best].tolist(), dtype=pl.String),
            "BestWeight": pl.Series([None] if is_single else weights[best, range(len(tags))], dtype=pl.Float64),
        }
    )


def _pca_model_rows(model: Model) -> pl.DataFrame:
    component_count = _find_detector(model, SpeDetector).directions_.shape[1]
    p95 = {
        f"{label}_P95_train": round(_raw_score_p95(model, name), _JSON_DIGITS) for label, name in _P95_DETECTORS.items()
    }
    explained = [round(share, _JSON_DIGITS) for share in _variance_shares(model)[:component_count].tolist()]
    scaling = {"scaler": "robust", "centre": "median", "scale": "1.4826 MAD", "clip": model.params.clip_z}
    row = {
        "EntryDateTime": model.training.end,
        "NComponents": component_count,
        "TargetVar": json.dumps(p95),
        "VarExplainedJSON": json.dumps(explained),
        "ScalingSpecJSON": json.dumps(scaling),
        "TrainStartEntryDateTime": model.training.start,
        "TrainEndEntryDateTime": model.training.end,
    }
    return pl.DataFrame([row])


def _pca_loading_rows(model: Model) -> pl.DataFrame:
    directions = _find_detector(model, SpeDetector).directions_
    tag_count, component_count = directions.shape
    frame = pl.DataFrame(
        {
            "ComponentNo": pl.Series(np.repeat(np.arange(1, component_count + 1), tag_count)),
            "Sensor": list(model.tags) * component_count,
            "Loading": directions.T.ravel(),
        }
    )
    return frame.with_columns(
        EntryDateTime=pl.lit(model.training.end),
        ComponentID=pl.format("PC{}", "ComponentNo"),
        FeatureName="Sensor",
    )


def _pca_metric_rows(model: Model) -> pl.DataFrame:
    detector, shares = _find_detector(model, SpeDetector), _variance_shares(model)
    d, k = detector.directions_.shape
    residual_variance = detector.variances_[k:].sum() if d > k else 0.0
    notes = {"tags": d, "components": k, "variance_kept": round(float(shares[:k].sum()), _JSON_DIGITS)}
    row = {
        "EntryDateTime": model.training.end,
        # The margin keeps a cumulative share of exactly 90 % from falling to the next component by rounding.
        "Var90_N": min(int(np.searchsorted(np.cumsum(shares), 0.9 - 1e-12)) + 1, d),
        "ReconRMSE": float(np.sqrt(residual_variance / d)),
        "P95_ReconRMSE": float(np.sqrt(max(_raw_score_p95(model, "pca_spe_z"), 0.0) / d)),
        "Notes": json.dumps(notes),
    }
    return pl.DataFrame([row])


def _find_detector(model: Model, detector_type: type[_DetectorT]) -> _DetectorT:
    return next(detector for detector in model.detectors if isinstance(detector, detector_type))


def _variance_shares(model: Model) -> Floats:
    variances = _find_detector(model, SpeDetector).variances_
    shares: Floats = variances / variances.sum()
    return shares


def _raw_score_p95(model: Model, detector_name: str) -> float:
    """Return the 95 % quantile of a raw score in state on, among healthy readings that were not fitted."""
    return model.calibrations[detector_name].on.inverse_transform(_P95_Z)
