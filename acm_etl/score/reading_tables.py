"""Rows of the time, event and model tables, from what scoring found."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from acm_etl.score.health import WARN_Z, health_zone, regime_state, sensor_level
from acm_etl.score.model import Model
from acm_etl.score.polars_convert import cast_to_schema, row_schema
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.result import ScoreResult
from acm_etl.score.summaries import models as components
from acm_etl.score.summaries.models import omr_rows
from acm_etl.tables import BY_NAME, models, scores, summaries
from acm_etl.tables.common import DETECTOR_NAMES

TableFrames = dict[str, pl.DataFrame]

_MAX_HOTSPOTS = 3


def timeline_tables(result: ScoreResult, *, model_version: int, train_end: datetime | None = None) -> TableFrames:
    """Rows of the tables with one row per reading, or per reading that stands out.

    Args:
        result: What scoring found.
        model_version: Version of the model, for ACM_Scores_Wide.
        train_end: End of the training period: rows before it are of phase TRAIN.

    Returns:
        Frames by table name, without RunID and EquipID.
    """
    frame = result.frame
    made = {
        scores.SCORES_WIDE.name: _scores_wide_rows(frame, model_version, train_end),
        scores.HEALTH_TIMELINE.name: frame.with_columns(
            HealthIndex="health_index", HealthZone=health_zone(pl.col("health_index")), FusedZ="fused"
        ),
        scores.REGIME_TIMELINE.name: frame.with_columns(
            RegimeLabel="regime", RegimeState=regime_state(pl.col("drift_z")), OperatingState="state"
        ),
        scores.CONTRIBUTION_TIMELINE.name: _contribution_rows(frame),
        scores.SENSOR_HOTSPOT_TIMELINE.name: _hotspot_rows(result),
        scores.SENSOR_DRIFT.name: result.tag_drift_z.unpivot(
            index=TIME, variable_name="SensorName", value_name="DriftValue"
        ),
    }
    return {name: cast_to_schema(rows, BY_NAME[name]) for name, rows in made.items()}


def event_tables(result: ScoreResult) -> TableFrames:
    """Rows of the event tables, each with ``ChangedAt``: the data time of its last change.

    Args:
        result: What scoring found.

    Returns:
        Frames by table name, without RunID and EquipID; the caller takes ``ChangedAt`` off.
    """
    return {
        scores.EPISODES.name: result.episodes.select(*row_schema(scores.EPISODES), "ChangedAt"),
        scores.CULPRIT_HISTORY.name: result.episodes.select(*row_schema(scores.CULPRIT_HISTORY), "ChangedAt"),
        scores.EPISODE_CULPRITS.name: result.culprits,
        **result.segment_tables,
    }


def model_tables(model: Model, *, model_version: int) -> TableFrames:
    """Rows that describe a model version.

    Args:
        model: The model.
        model_version: Its version.

    Returns:
        Frames by table name, without RunID and EquipID.
    """
    version = pl.lit(model_version)
    summary = pl.DataFrame(model.calibration_summary, infer_schema_length=None).with_columns(ModelVersion=version)
    reasons = [model.excluded_tags.get(tag) for tag in model.columns]
    tags = pl.DataFrame({"TagName": model.columns, "Reason": pl.Series(reasons, dtype=pl.String)})
    tags = tags.with_columns(Ordinal=pl.int_range(pl.len()), Used=pl.col("Reason").is_null(), ModelVersion=version)
    made = {summaries.CALIBRATION_SUMMARY.name: summary, summaries.MODEL_TAGS.name: tags}
    described = components.pca_tables(model) | {models.OMR_DIAGNOSTICS.name: omr_rows(model)}
    made |= {name: rows.with_columns(ModelVersion=version) for name, rows in described.items()}
    return {name: cast_to_schema(rows, BY_NAME[name]) for name, rows in made.items()}


def _scores_wide_rows(frame: pl.DataFrame, model_version: int, train_end: datetime | None) -> pl.DataFrame:
    trained = pl.lit(value=False) if train_end is None else pl.col(TIME) < train_end
    return frame.with_columns(
        Phase=pl.when(trained).then(pl.lit("TRAIN")).otherwise(pl.lit("SCORE")),
        OperatingState="state",
        regime_label="regime",
        ModelVersion=pl.lit(model_version),
    )


def _contribution_rows(frame: pl.DataFrame) -> pl.DataFrame:
    assessed = pl.col("ar1_z").is_not_null()
    chosen = frame.filter(assessed & ((pl.col("fused") >= WARN_Z) | pl.col("hourly"))).select(TIME, *DETECTOR_NAMES)
    total = pl.sum_horizontal(pl.col(head).abs() for head in DETECTOR_NAMES)
    share = 100 * pl.col("ZScore").abs() / pl.col("total")
    return (
        chosen.with_columns(total=total)
        .unpivot(DETECTOR_NAMES, index=[TIME, "total"], variable_name="DetectorType", value_name="ZScore")
        .with_columns(ContributionPct=pl.when(pl.col("total") > 0).then(share).otherwise(0.0))
        .sort(TIME, maintain_order=True)
    )


def _hotspot_rows(result: ScoreResult) -> pl.DataFrame:
    """The strongest tags of the rows that have any to show, found for those rows only."""
    tags = result.deviations.columns[1:]
    hourly = pl.col("hourly")
    loud = result.deviations.select(
        pl.any_horizontal((pl.col(tag).abs() >= WARN_Z).fill_null(value=False) for tag in tags).alias("loud")
    )["loud"]
    chosen = loud | result.frame["hourly"]
    at = result.frame.filter(chosen).select(TIME, hourly)
    z = _select_values(result.deviations, chosen)
    size = np.where(np.isnan(z), -1.0, np.abs(z))
    order = np.argsort(-size, axis=1, kind="stable")[:, :_MAX_HOTSPOTS]
    picked = {
        "SignedZ": np.take_along_axis(z, order, axis=1),
        "Value": np.take_along_axis(_select_values(result.readings, chosen), order, axis=1),
    }
    n, k = order.shape
    rows = pl.DataFrame(
        {
            TIME: at[TIME].repeat_by(k).explode(empty_as_null=False) if n else at[TIME],
            "hourly": np.repeat(at["hourly"].to_numpy(), k),
            "SensorName": pl.Series(tags, dtype=pl.String).gather(order.ravel()),
            "Rank": np.tile(np.arange(1, k + 1), n),
            **{name: values.ravel() for name, values in picked.items()},
        }
    ).with_columns(AbsZ=pl.col("SignedZ").abs())
    shown = pl.col("SignedZ").is_not_nan() & (hourly | (pl.col("AbsZ") >= WARN_Z))
    return rows.filter(shown).with_columns(Level=sensor_level(pl.col("AbsZ")))


def _select_values(frame: pl.DataFrame, chosen: pl.Series) -> np.ndarray:
    return frame.filter(chosen).drop(TIME).fill_null(np.nan).to_numpy()
