"""Episodes as rows: what happened, how bad it was, and which tags are to blame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from acm_etl.score import polars_convert
from acm_etl.score.arrays import Floats, Ints
from acm_etl.score.events.episodes import EpisodeColumns
from acm_etl.score.events.spans import is_closed, last_change_times
from acm_etl.score.health import episode_severity, health_index
from acm_etl.score.regimes import regime_label
from acm_etl.tables.common import DETECTOR_NAMES
from acm_etl.tables.scores import CULPRIT_HISTORY, EPISODE_CULPRITS, EPISODES

_MAX_CULPRITS = 3
_MAX_NAME_CHARS = 150  # three names and their shares fit the 500 characters of the column


def episode_rows(episodes: EpisodeColumns, tags: Sequence[str], z_scale: float) -> pl.DataFrame:
    """Columns of ACM_Episodes and ACM_CulpritHistory, and ``ChangedAt``; one row per episode.

    Args:
        episodes: Episodes as columns.
        tags: Scored tags, in order.
        z_scale: z at which health is 50.
    """
    wanted = polars_convert.row_schema(EPISODES) | polars_convert.row_schema(CULPRIT_HISTORY)
    if not episodes:
        return pl.DataFrame(schema=wanted | {"ChangedAt": pl.Datetime("ms")})
    count = episodes["count"]
    means = episodes["sums"] / count[:, None]
    share, order = _rank_culprits(means)
    over = is_closed(episodes)
    lag_rows = np.where(over, episodes["lag_rows"], 0)
    lag = np.divide(episodes["lag_sum"], lag_rows, out=np.full(len(count), np.nan), where=lag_rows > 0)
    frame = pl.DataFrame(
        {
            "StartTs": polars_convert.us_to_datetime(episodes["start"]),
            "EndTs": polars_convert.us_to_datetime(episodes["end"]),
            "Status": np.where(over, "CLOSED", "OPEN"),
            "RecordCount": count,
            "PeakTimestamp": polars_convert.us_to_datetime(episodes["peak_at"]),
            "PeakFusedZ": episodes["peak"],
            "AvgFusedZ": means[:, 0],
            "PrimaryDetector": np.array(DETECTOR_NAMES)[means[:, 1 : 1 + len(DETECTOR_NAMES)].argmax(axis=1)],
            "PrimarySensor": [tags[i] for i in order[:, 0]],
            "WeightedContribution": 100 * np.take_along_axis(share, order[:, :1], axis=1)[:, 0],
            "Culprits": [_format_culprits(tags, row, best) for row, best in zip(share, order, strict=True)],
            "RegimeLabel": [regime_label(code) for code in episodes["regime"].tolist()],
            "LeadMeanZ": episodes["lead"],
            "LagMeanZ": lag,
            "ChangedAt": polars_convert.us_to_datetime(last_change_times(episodes)),
        }
    )
    return _add_derived_columns(frame, z_scale).select(*wanted, "ChangedAt").cast(wanted).fill_nan(None)  # type: ignore[arg-type]


def culprit_rows(episodes: EpisodeColumns, tags: Sequence[str]) -> pl.DataFrame:
    """Columns of ACM_EpisodeCulprits, and ``ChangedAt``: every tag of every episode, ranked."""
    wanted = polars_convert.row_schema(EPISODE_CULPRITS)
    if not episodes:
        return pl.DataFrame(schema=wanted | {"ChangedAt": pl.Datetime("ms")})
    share, order = _rank_culprits(episodes["sums"] / episodes["count"][:, None])
    k, d = share.shape
    return pl.DataFrame(
        {
            "StartTs": polars_convert.us_to_datetime(np.repeat(episodes["start"], d)),
            "SensorName": np.array(tags, dtype=object)[order.ravel()].tolist(),
            "Rank": np.tile(np.arange(1, d + 1), k),
            "ContributionPct": 100 * np.take_along_axis(share, order, axis=1).ravel(),
            "ChangedAt": polars_convert.us_to_datetime(np.repeat(last_change_times(episodes), d)),
        }
    ).cast(wanted)  # type: ignore[arg-type]


def _add_derived_columns(frame: pl.DataFrame, z_scale: float) -> pl.DataFrame:
    peak = pl.col("PeakFusedZ")
    return frame.with_columns(
        DurationHours=polars_convert.duration_hours(pl.col("EndTs") - pl.col("StartTs")),
        MinHealthIndex=health_index(peak, z_scale),
        Severity=episode_severity(peak),
        StartTimestamp="StartTs",
        EndTimestamp="EndTs",
        DuringMeanZ="AvgFusedZ",
    )


def _rank_culprits(means: Floats) -> tuple[Floats, Ints]:
    """Shares of the tags per episode, and the tags from the strongest; ties in the order of the tags."""
    share = means[:, 1 + len(DETECTOR_NAMES) :]
    return share, np.argsort(-share, axis=1, kind="stable")


def _format_culprits(tags: Sequence[str], share: Floats, order: Ints) -> str:
    return ", ".join(f"{tags[i][:_MAX_NAME_CHARS]} ({100 * share[i]:.0f} %)" for i in order[:_MAX_CULPRITS].tolist())
