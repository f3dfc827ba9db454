"""What the readings of each run were like."""

from __future__ import annotations

import numpy as np
import polars as pl

from acm_etl.score.arrays import Floats
from acm_etl.score.blas_threads import single_threaded
from acm_etl.score.detectors.pca import Spe
from acm_etl.score.model import Model
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.result import Scored

_LATE = 1.5
"""A step of more than so many usual ones is a gap."""


@single_threaded()
def run_rows(scored: Scored, model: Model, runs: pl.Series) -> pl.DataFrame:
    """Columns of ACM_Run_Stats but for the machine and the window, one row per run with readings.

    Args:
        scored: What scoring found.
        model: The machine's model.
        runs: RunID of each reading.
    """
    step = pl.col(TIME).diff().over("RunID").dt.total_microseconds()
    known = scored.frame.select(TIME, "state", "drift_z", "alarm").with_columns(
        runs.alias("RunID"), spe=pl.Series(_left(scored, model)).fill_nan(None)
    )
    kept = known.with_columns(step=step)
    in_time = kept["step"] <= _LATE * model.training.seconds * 1e6
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


def _left(scored: Scored, model: Model) -> Floats:
    """Mean square per tag of what the components leave of each complete row; NaN for others."""
    head = next(head for head in model.heads if isinstance(head, Spe))
    Z = scored.deviations.drop(TIME).fill_null(np.nan).to_numpy()
    left: Floats = head.left(Z) / Z.shape[1]
    return left
