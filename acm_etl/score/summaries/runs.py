"""Statistics of the readings of each run."""

from __future__ import annotations

import numpy as np
import polars as pl

from acm_etl.score.arrays import Floats
from acm_etl.score.blas_threads import limit_blas_threads
from acm_etl.score.detectors.pca import SpeDetector
from acm_etl.score.model import Model
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.result import ScoreResult

_MAX_CELLS = 1_000_000  # readings times tags of a piece
_GAP_FACTOR = 1.5
"""A step of more than this many cadences is a gap; 1.5 tolerates readings that are late by half a cadence."""


@limit_blas_threads()
def compute_run_stats(result: ScoreResult, model: Model, run_ids: pl.Series) -> pl.DataFrame:
    """Return the columns of ACM_Run_Stats without machine and window, one row per run with readings.

    Args:
        result: Result of scoring.
        model: Model of the machine.
        run_ids: RunID of each reading.
    """
    # The first reading of a run has no step: the gap before a window is not a matter of this run.
    step_us = pl.col(TIME).diff().over("RunID").dt.total_microseconds()
    max_step_us = _GAP_FACTOR * model.training.seconds * 1e6
    # Unusable readings count in SamplesIn only: their state is null.
    readings = result.frame.select(TIME, "state", "drift_z", "alarm").with_columns(
        run_ids.alias("RunID"), mean_square=pl.Series(_mean_reconstruction_error(result, model)).fill_nan(None)
    )
    return (
        readings.with_columns(is_on_time=step_us <= max_step_us)
        .group_by("RunID", maintain_order=True)
        .agg(
            SamplesIn=pl.len().cast(pl.Int64),
            SamplesKept=pl.col("state").count().cast(pl.Int64),
            SensorsKept=pl.lit(len(model.tags), pl.Int32),
            CadenceOKPct=100 * pl.col("is_on_time").mean(),
            DriftP95=pl.col("drift_z").quantile(0.95, "linear"),
            ReconRMSE=pl.col("mean_square").mean().sqrt(),
            AnomalyCount=pl.col("alarm").sum().cast(pl.Int64),
        )
    )


def _mean_reconstruction_error(result: ScoreResult, model: Model) -> Floats:
    """Return the mean squared PCA residual per tag of each complete reading, NaN for others."""
    detector = next(detector for detector in model.detectors if isinstance(detector, SpeDetector))
    # Incomplete rows stay NaN and drop out of the mean: an imputed value has no residual of its own.
    # Piece by piece: a matrix of all readings at once would be in memory twice, while other batches are scored.
    pieces = result.deviations.drop(TIME).iter_slices(max(1, _MAX_CELLS // len(model.tags)))
    errors = [detector.reconstruction_error(piece.to_numpy()) for piece in pieces]
    return np.concatenate([*errors, np.empty(0)]) / len(model.tags)
