"""Rows of the tables per reading, of the event tables and of the model tables."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from acm_etl.score.arrays import Floats
from acm_etl.score.health import sensor_level
from acm_etl.score.model import Model
from acm_etl.score.polars_convert import cast_to_schema
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.result import ScoreResult
from acm_etl.score.summaries.models import omr_rows, pca_tables
from acm_etl.tables import BY_NAME, models, scores, summaries
from acm_etl.tables.common import DETECTOR_NAMES, WARN_Z

TableFrames = dict[str, pl.DataFrame]
"""Rows by table name."""

_MAX_HOTSPOTS = 3
_FOLD_TYPES: dict[str, pl.DataType] = {
    "TailFoldPct": pl.Float64(),
    **dict.fromkeys(("TailFoldStart", "TailFoldEnd", "LeftOutStart", "LeftOutEnd"), pl.Datetime("us")),
}


def timeline_tables(result: ScoreResult, *, model_version: int, train_end: datetime | None = None) -> TableFrames:
    """Return the rows of the tables with one row per reading, or per reading with an elevated score.

    Args:
        result: Result of scoring.
        model_version: Version of the model, for ACM_Scores_Wide.
        train_end: End of the training period: rows before this time are of phase TRAIN.

    Returns:
        Frames by table name, without RunID and EquipID.
    """
    frame = result.frame
    drift = result.tag_drift_z.unpivot(index=TIME, variable_name="SensorName", value_name="DriftValue")
    frames = {
        scores.SCORES_WIDE.name: _scores_wide_rows(frame, model_version, train_end),
        scores.CONTRIBUTION_TIMELINE.name: _contribution_rows(frame),
        scores.SENSOR_HOTSPOT_TIMELINE.name: _hotspot_rows(result),
        scores.SENSOR_DRIFT.name: drift,
    }
    return _cast_frames(frames)


def event_tables(result: ScoreResult) -> TableFrames:
    """Return the rows of the event tables.

    Args:
        result: Result of scoring.

    Returns:
        Frames by table name, without RunID and EquipID, each with ``ChangedAt``: the time of the reading that last
        changed the row. The caller removes ``ChangedAt``.
    """
    return {
        scores.EPISODES.name: result.episodes,
        scores.EPISODE_CULPRITS.name: result.culprits,
        **result.segment_tables,
    }


def model_tables(model: Model, *, model_version: int) -> TableFrames:
    """Return the rows that describe a model version.

    Args:
        model: Model of the machine.
        model_version: Version of the model.

    Returns:
        Frames by table name, without RunID and EquipID.
    """
    # The first rows may have no value in a column of numbers: infer the types from all rows.
    calibration = pl.DataFrame(model.calibration_summary, infer_schema_length=None)
    # A model that an earlier version fitted has no folds; the new columns are NULL.
    calibration = calibration.with_columns(
        (pl.col(name) if name in calibration.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in _FOLD_TYPES.items()
    )
    frames = {
        summaries.CALIBRATION_SUMMARY.name: calibration,
        summaries.MODEL_TAGS.name: _model_tag_rows(model),
        models.OMR_DIAGNOSTICS.name: omr_rows(model),
        **pca_tables(model),
    }
    version = pl.lit(model_version)
    return _cast_frames({name: rows.with_columns(ModelVersion=version) for name, rows in frames.items()})


def _cast_frames(frames: TableFrames) -> TableFrames:
    return {name: cast_to_schema(rows, BY_NAME[name]) for name, rows in frames.items()}


def _model_tag_rows(model: Model) -> pl.DataFrame:
    """Return all columns of the training data: why one is not scored, and below which reading one is idle."""
    idle_levels = dict(zip(model.tags, model.state_classifier.level_.tolist(), strict=True))
    levels = pl.Series([idle_levels.get(tag) for tag in model.columns], dtype=pl.Float64)
    reasons = pl.Series([model.excluded_tags.get(tag) for tag in model.columns], dtype=pl.String)
    ranges = model.context_ranges
    low, high = (
        pl.Series([ends.get(tag) for tag in model.columns], dtype=pl.Float64)
        for values in (ranges.low_, ranges.high_)
        for ends in [dict(zip((model.tags[place] for place in ranges.columns_), values.tolist(), strict=True))]
    )
    rows = pl.DataFrame(
        {
            "TagName": model.columns,
            "Reason": reasons,
            "IdleLevel": levels.fill_nan(None),
            "ContextLow": low,
            "ContextHigh": high,
        }
    )
    return rows.with_columns(Ordinal=pl.int_range(pl.len()), Used=pl.col("Reason").is_null())


def _scores_wide_rows(frame: pl.DataFrame, model_version: int, train_end: datetime | None) -> pl.DataFrame:
    # Scores of the training period are shown, but they are not independent of the model.
    is_training = pl.lit(value=False) if train_end is None else pl.col(TIME) < train_end
    return frame.with_columns(
        Phase=pl.when(is_training).then(pl.lit("TRAIN")).otherwise(pl.lit("SCORE")),
        OperatingState="state",
        regime_label="regime",
        HealthIndex="health_index",
        ModelVersion=pl.lit(model_version),
    )


def _contribution_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Return one row per detector for elevated readings, and hourly for the others."""
    # All detectors score the same readings, so one column tells for all.
    is_scored = pl.col(DETECTOR_NAMES[0]).is_not_null()
    # Quiet readings are thinned out to one an hour: rows per detector for all of them would fill the store.
    selected = frame.filter(is_scored & ((pl.col("fused") >= WARN_Z) | pl.col("hourly"))).select(TIME, *DETECTOR_NAMES)
    total = pl.sum_horizontal(pl.col(detector).abs() for detector in DETECTOR_NAMES)
    share_pct = 100 * pl.col("ZScore").abs() / pl.col("total")
    return (
        selected.with_columns(total=total)
        .unpivot(DETECTOR_NAMES, index=[TIME, "total"], variable_name="DetectorType", value_name="ZScore")
        .with_columns(ContributionPct=pl.when(pl.col("total") > 0).then(share_pct).otherwise(0.0))
        .sort(TIME, maintain_order=True)
    )


def _hotspot_rows(result: ScoreResult) -> pl.DataFrame:
    """Return the tags with the largest deviations of elevated readings, and hourly of the others."""
    tags = result.deviations.columns[1:]
    is_elevated = pl.any_horizontal((pl.col(tag).abs() >= WARN_Z).fill_null(value=False) for tag in tags)
    # Selected before ranking: sorting the tags of every reading would be most of the work of this module.
    selection = result.deviations.select(selected=is_elevated)["selected"] | result.frame["hourly"]
    readings = result.frame.filter(selection).select(TIME, "hourly")
    z = _select_matrix(result.deviations, selection)
    # Missing deviations rank last, and equal ones keep the order of the tags.
    size = np.where(np.isnan(z), -1.0, np.abs(z))
    order = np.argsort(-size, axis=1, kind="stable")[:, :_MAX_HOTSPOTS]
    n, n_ranks = order.shape
    values = _select_matrix(result.readings, selection)
    rows = pl.DataFrame(
        {
            # ``explode`` of no lists loses the type of the column.
            TIME: readings[TIME].repeat_by(n_ranks).explode(empty_as_null=False) if n else readings[TIME],
            "hourly": np.repeat(readings["hourly"].to_numpy(), n_ranks),
            "SensorName": pl.Series(tags, dtype=pl.String).gather(order.ravel()),
            "Rank": np.tile(np.arange(1, n_ranks + 1), n),
            "SignedZ": np.take_along_axis(z, order, axis=1).ravel(),
            "Value": np.take_along_axis(values, order, axis=1).ravel(),
        }
    ).with_columns(AbsZ=pl.col("SignedZ").abs())
    # Below the threshold, the top tags of an hourly reading are shown all the same.
    is_shown = pl.col("SignedZ").is_not_nan() & (pl.col("hourly") | (pl.col("AbsZ") >= WARN_Z))
    return rows.filter(is_shown).with_columns(Level=sensor_level(pl.col("AbsZ")))


def _select_matrix(frame: pl.DataFrame, selection: pl.Series) -> Floats:
    """Return the tags of the selected rows as a matrix, n by d, NaN for null."""
    return frame.filter(selection).drop(TIME).to_numpy()
