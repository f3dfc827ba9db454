"""Rows of the episode tables: duration, severity, detectors and contributing sensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from acm_etl.score import polars_convert
from acm_etl.score.arrays import Floats, Ints
from acm_etl.score.events.episodes import UNKNOWN_CAUSE, EpisodeColumns
from acm_etl.score.events.spans import is_closed, last_change_times
from acm_etl.score.health import episode_severity, health_index
from acm_etl.score.regimes import regime_label
from acm_etl.tables.common import DETECTOR_NAMES, EPISODE_CAUSES
from acm_etl.tables.scores import EPISODE_CULPRITS, EPISODES

_MAX_CULPRITS = 3
_MAX_NAME_CHARS = 150  # three names and their shares fit the 500 characters of the column

# Columns of the sums of an episode (see EpisodeInputs.sum_columns).
_FUSED_COLUMN = 0
_DETECTOR_COLUMNS = slice(1, 1 + len(DETECTOR_NAMES))
_TAG_COLUMNS = slice(1 + len(DETECTOR_NAMES), None)


def episode_rows(episodes: EpisodeColumns, tags: Sequence[str], z_scale: float) -> pl.DataFrame:
    """Return the rows of ACM_Episodes.

    Args:
        episodes: Episodes as columns.
        tags: Scored tags, in the order of their columns.
        z_scale: z at which health is 50.

    Returns:
        Columns of the table, and ``ChangedAt``.
    """
    schema = polars_convert.row_schema(EPISODES)
    if not episodes:
        return pl.DataFrame(schema=schema | {"ChangedAt": pl.Datetime("ms")})
    # Counts are of alarm rows, at least one per episode: no division by zero.
    count = episodes["count"]
    means = episodes["sums"] / count[:, None]
    shares, order = _rank_culprits(means)
    closed = is_closed(episodes)
    # The lag of an open episode still grows: its mean is stored once the episode is closed.
    lag_rows = np.where(closed, episodes["lag_rows"], 0)
    lag_mean = np.divide(episodes["lag_sum"], lag_rows, out=np.full(len(count), np.nan), where=lag_rows > 0)
    frame = pl.DataFrame(
        {
            "StartTs": polars_convert.us_to_datetime(episodes["start"]),
            "EndTs": polars_convert.us_to_datetime(episodes["end"]),
            "Status": np.where(closed, "CLOSED", "OPEN"),
            "RecordCount": count,
            "PeakTimestamp": polars_convert.us_to_datetime(episodes["peak_at"]),
            "PeakFusedZ": episodes["peak"],
            "AvgFusedZ": means[:, _FUSED_COLUMN],
            "PrimaryDetector": np.array(DETECTOR_NAMES)[means[:, _DETECTOR_COLUMNS].argmax(axis=1)],
            "PrimarySensor": [tags[i] for i in order[:, 0]],
            "Culprits": [_format_culprits(tags, *row) for row in zip(shares, order, strict=True)],
            "RegimeLabel": [regime_label(code) for code in episodes["regime"].tolist()],
            "LeadMeanZ": episodes["lead"],
            "LagMeanZ": lag_mean,
            "OpenedBy": pl.Series(EPISODE_CAUSES).gather(pl.Series(episodes["opened_by"]).replace(UNKNOWN_CAUSE, None)),
            # A baseline closes its episode outside of scoring.
            "ClosedBy": pl.Series(["cleared" if is_over else None for is_over in closed.tolist()], dtype=pl.String),
            "ChangedAt": polars_convert.us_to_datetime(last_change_times(episodes)),
        }
    )
    columns = [pl.col(name).cast(dtype) for name, dtype in schema.items()]
    return _add_derived_columns(frame, z_scale).select(*columns, "ChangedAt").fill_nan(None)


def culprit_rows(episodes: EpisodeColumns, tags: Sequence[str]) -> pl.DataFrame:
    """Return the rows of ACM_EpisodeCulprits: every tag of every episode, ranked by contribution.

    Args:
        episodes: Episodes as columns.
        tags: Scored tags, in the order of their columns.

    Returns:
        Columns of the table, and ``ChangedAt``.
    """
    schema = polars_convert.row_schema(EPISODE_CULPRITS)
    if not episodes:
        return pl.DataFrame(schema=schema | {"ChangedAt": pl.Datetime("ms")})
    shares, order = _rank_culprits(episodes["sums"] / episodes["count"][:, None])
    n_episodes, n_tags = shares.shape
    frame = pl.DataFrame(
        {
            "StartTs": polars_convert.us_to_datetime(np.repeat(episodes["start"], n_tags)),
            # An object array gathers names without padding all of them to the longest.
            "SensorName": np.array(tags, dtype=object)[order.ravel()].tolist(),
            "Rank": np.tile(np.arange(1, n_tags + 1), n_episodes),
            "ContributionPct": 100 * np.take_along_axis(shares, order, axis=1).ravel(),
            "ChangedAt": polars_convert.us_to_datetime(np.repeat(last_change_times(episodes), n_tags)),
        }
    )
    return frame.with_columns(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _add_derived_columns(frame: pl.DataFrame, z_scale: float) -> pl.DataFrame:
    peak = pl.col("PeakFusedZ")
    return frame.with_columns(
        DurationHours=polars_convert.duration_hours(pl.col("EndTs") - pl.col("StartTs")),
        MinHealthIndex=health_index(peak, z_scale),
        Severity=episode_severity(peak),
    )


def _rank_culprits(means: Floats) -> tuple[Floats, Ints]:
    """Return the contributions of the tags per episode, and the tags in descending order of them."""
    shares = means[:, _TAG_COLUMNS]
    # A stable sort keeps the order of the tags for equal contributions: reruns store the same ranks.
    return shares, np.argsort(-shares, axis=1, kind="stable")


def _format_culprits(tags: Sequence[str], shares: Floats, order: Ints) -> str:
    return ", ".join(f"{tags[i][:_MAX_NAME_CHARS]} ({100 * shares[i]:.0f} %)" for i in order[:_MAX_CULPRITS].tolist())
