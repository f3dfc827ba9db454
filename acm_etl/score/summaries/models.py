"""Rows that show what the linear heads of a model have learned."""

from __future__ import annotations

import json
from typing import TypeVar

import numpy as np
import polars as pl

from acm_etl.score.arrays import Floats
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.detectors.pca import SpeDetector
from acm_etl.score.model import Model
from acm_etl.tables import models

_P95_Z = 1.6448536269514722  # 95 % of a standard normal lie below
_JSON_DIGITS = 6  # of the numbers inside JSON


def pca_tables(model: Model) -> dict[str, pl.DataFrame]:
    """Rows of the three PCA tables, but for the model version.

    Args:
        model: The machine's model.
    """
    return {
        models.PCA_MODELS.name: _pca_model_rows(model),
        models.PCA_LOADINGS.name: _pca_loading_rows(model),
        models.PCA_METRICS.name: _pca_metric_rows(model),
    }


def omr_rows(model: Model) -> pl.DataFrame:
    """Rows of ACM_OMR_Diagnostics, but for the model version.

    Column i of the head's matrix is ``P[:, i] / P[i, i] / spread``, so that its diagonal gives the spread of the
    residuals, and the other entries the weights by which the others announce tag i (Lauritzen 1996, 5.1.3).

    Args:
        model: The machine's model.
    """
    head = _find_detector(model, OmrDetector)
    spread = 1 / np.diag(head.residual_)
    weights = -head.residual_ * spread
    np.fill_diagonal(weights, 0.0)
    variance = np.diag(np.linalg.inv(model.imputation_precision))
    tags, alone = np.array(model.tags, dtype=object), len(model.tags) == 1
    best = np.abs(weights).argmax(axis=0)
    return pl.DataFrame(
        {
            "SensorName": list(model.tags),
            "ResidualStd": spread,
            "ExplainedPct": 100 * np.clip(1 - spread**2 / variance, 0, 1),
            "Persistence": head.phi_,
            "BestPredictor": pl.Series([None] if alone else tags[best].tolist(), dtype=pl.String),
            "BestWeight": pl.Series([None] if alone else weights[best, range(len(tags))], dtype=pl.Float64),
        }
    )


def _pca_model_rows(model: Model) -> pl.DataFrame:
    kept = _find_detector(model, SpeDetector).directions_.shape[1]
    p95 = {
        f"{name}_P95_train": round(_raw_score_p95(model, head), _JSON_DIGITS) for name, head in _P95_DETECTORS.items()
    }
    scaling = {"scaler": "robust", "centre": "median", "scale": "1.4826 MAD", "clip": model.params.clip_z}
    row = {
        "EntryDateTime": model.training.end,
        "NComponents": kept,
        "TargetVar": json.dumps(p95),
        "VarExplainedJSON": json.dumps(
            [round(share, _JSON_DIGITS) for share in _variance_shares(model)[:kept].tolist()]
        ),
        "ScalingSpecJSON": json.dumps(scaling),
        "TrainStartEntryDateTime": model.training.start,
        "TrainEndEntryDateTime": model.training.end,
    }
    return pl.DataFrame([row])


def _pca_loading_rows(model: Model) -> pl.DataFrame:
    directions = _find_detector(model, SpeDetector).directions_
    d, kept = directions.shape
    number = pl.Series(np.repeat(np.arange(1, kept + 1), d))
    frame = pl.DataFrame({"ComponentNo": number, "Sensor": list(model.tags) * kept, "Loading": directions.T.ravel()})
    return frame.with_columns(
        EntryDateTime=pl.lit(model.training.end),
        ComponentID=pl.format("PC{}", "ComponentNo"),
        FeatureName="Sensor",
    )


def _pca_metric_rows(model: Model) -> pl.DataFrame:
    head, shares = _find_detector(model, SpeDetector), _variance_shares(model)
    d, kept = head.directions_.shape
    left = head.variances_[kept:].sum() if d > kept else 0.0
    notes = {"tags": d, "components": kept, "variance_kept": round(float(shares[:kept].sum()), _JSON_DIGITS)}
    row = {
        "EntryDateTime": model.training.end,
        "Var90_N": min(int(np.searchsorted(np.cumsum(shares), 0.9 - 1e-12)) + 1, d),
        "ReconRMSE": float(np.sqrt(left / d)),
        "P95_ReconRMSE": float(np.sqrt(max(_raw_score_p95(model, "pca_spe_z"), 0.0) / d)),
        "Notes": json.dumps(notes),
    }
    return pl.DataFrame([row])


_P95_DETECTORS = {"SPE": "pca_spe_z", "T2": "pca_t2_z"}


_DetectorT = TypeVar("_DetectorT")


def _find_detector(model: Model, detector_type: type[_DetectorT]) -> _DetectorT:
    return next(head for head in model.detectors if isinstance(head, detector_type))


def _variance_shares(model: Model) -> Floats:
    variances = _find_detector(model, SpeDetector).variances_
    shares: Floats = variances / variances.sum()
    return shares


def _raw_score_p95(model: Model, detector_name: str) -> float:
    """The raw score that z = 1.645 stands for in state on: 5 % of healthy readings that were not fitted pass it."""
    return model.calibrations[detector_name].on.inverse_transform(_P95_Z)
