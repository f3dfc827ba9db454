"""What the readings of each run were like."""

from __future__ import annotations

import numpy as np
import polars as pl

from acm_etl.score.arrays import Floats
from acm_etl.score.blas_threads import limit_blas_threads
from acm_etl.score.detectors.pca import SpeDetector
from acm_etl.score.model import Model
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.result import ScoreResult

_GAP_FACTOR = 1.5
"""A step of more than so many usual ones is a gap."""


@limit_blas_threads()
def compute_run_stats(result: ScoreResult, model: Model, run_ids: pl.Series) -> pl.DataFrame:
    """Columns of ACM_Run_Stats but for the machine and the window, one row per run with readings.

    Args:
        result: What scoring found.
        model: The machine's model.
        run_ids: RunID of each reading.
    """
    step = pl.col(TIME).diff().over("RunID").dt.total_microseconds()
    known = result.frame.select(TIME, "state", "drift_z", "alarm").with_columns(
        run_ids.alias("RunID"), spe=pl.Series(_mean_reconstruction_error(result, model)).fill_nan(None)
    )
    kept = known.with_columns(step=step)
    in_time = kept["step"] <= _GAP_FACTOR * model.training.seconds * 1e6
    return (
        kept.with_columns(in_time=in_time)
        .group_by("RunID", maintain_order=True)
        .agg(
            SamplesIn=pl.len().cast(pl.Int64),
            SamplesKept=pl.col("state").count().cast(pl.Int64),
            SensorsKept=pl.lit(len(model.tags), pl.Int32),
            CadenceOKPct=100 * pl.col("in_time").mean(),
            DriftP95=pl.col("drift_z").quantile(0.95, "linear"),
            ReconRMSE=pl.col("spe").mean().sqrt(),
            AnomalyCount=pl.col("alarm").sum().cast(pl.Int64),
        )
    )


def _mean_reconstruction_error(result: ScoreResult, model: Model) -> Floats:
    """Mean square per tag of what the components leave of each complete row; NaN for others."""
    head = next(head for head in model.detectors if isinstance(head, SpeDetector))
    Z = result.deviations.drop(TIME).fill_null(np.nan).to_numpy()
    left: Floats = head.reconstruction_error(Z) / Z.shape[1]
    return left
