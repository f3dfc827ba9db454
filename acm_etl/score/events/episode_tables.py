"""Episodes as rows: what happened, how bad it was, and which tags are to blame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from acm_etl.score import polars_convert
from acm_etl.score.arrays import Floats, Ints
from acm_etl.score.events.episodes import Ledger, changed_at, closed
from acm_etl.score.health import health_index
from acm_etl.score.regimes import label
from acm_etl.tables.common import HEADS
from acm_etl.tables.scores import CULPRIT_HISTORY, EPISODE_CULPRITS, EPISODES

MEDIUM_Z = 4.0
HIGH_Z = 6.0

_NAMED = 3
_NAME_CHARS = 150  # three names and their shares fit the 500 characters of the column


def episode_rows(ledger: Ledger, tags: Sequence[str], z_scale: float) -> pl.DataFrame:
    """Columns of ACM_Episodes and ACM_CulpritHistory, and ``ChangedAt``; one row per episode.

    Args:
        ledger: Episodes as columns.
        tags: Scored tags, in order.
        z_scale: z at which health is 50.
    """
    wanted = polars_convert.schema(EPISODES) | polars_convert.schema(CULPRIT_HISTORY)
    if not ledger:
        return pl.DataFrame(schema=wanted | {"ChangedAt": pl.Datetime("ms")})
    count = ledger["count"]
    means = ledger["sums"] / count[:, None]
    share, order = _ranked(means)
    over = closed(ledger)
    lag_rows = np.where(over, ledger["lag_rows"], 0)
    lag = np.divide(ledger["lag_sum"], lag_rows, out=np.full(len(count), np.nan), where=lag_rows > 0)
    frame = pl.DataFrame(
        {
            "StartTs": polars_convert.stamps(ledger["start"]),
            "EndTs": polars_convert.stamps(ledger["end"]),
            "Status": np.where(over, "CLOSED", "OPEN"),
            "RecordCount": count,
            "PeakTimestamp": polars_convert.stamps(ledger["peak_at"]),
            "PeakFusedZ": ledger["peak"],
            "AvgFusedZ": means[:, 0],
            "PrimaryDetector": np.array(HEADS)[means[:, 1 : 1 + len(HEADS)].argmax(axis=1)],
            "PrimarySensor": [tags[i] for i in order[:, 0]],
            "WeightedContribution": 100 * np.take_along_axis(share, order[:, :1], axis=1)[:, 0],
            "Culprits": [_text(tags, row, best) for row, best in zip(share, order, strict=True)],
            "RegimeLabel": [label(code) for code in ledger["regime"].tolist()],
            "LeadMeanZ": ledger["lead"],
            "LagMeanZ": lag,
            "ChangedAt": polars_convert.stamps(changed_at(ledger)),
        }
    )
    return _completed(frame, z_scale).select(*wanted, "ChangedAt").cast(wanted).fill_nan(None)  # type: ignore[arg-type]


def culprit_rows(ledger: Ledger, tags: Sequence[str]) -> pl.DataFrame:
    """Columns of ACM_EpisodeCulprits, and ``ChangedAt``: every tag of every episode, ranked."""
    wanted = polars_convert.schema(EPISODE_CULPRITS)
    if not ledger:
        return pl.DataFrame(schema=wanted | {"ChangedAt": pl.Datetime("ms")})
    share, order = _ranked(ledger["sums"] / ledger["count"][:, None])
    k, d = share.shape
    return pl.DataFrame(
        {
            "StartTs": polars_convert.stamps(np.repeat(ledger["start"], d)),
            "SensorName": np.array(tags, dtype=object)[order.ravel()].tolist(),
            "Rank": np.tile(np.arange(1, d + 1), k),
            "ContributionPct": 100 * np.take_along_axis(share, order, axis=1).ravel(),
            "ChangedAt": polars_convert.stamps(np.repeat(changed_at(ledger), d)),
        }
    ).cast(wanted)  # type: ignore[arg-type]


def _completed(frame: pl.DataFrame, z_scale: float) -> pl.DataFrame:
    peak = pl.col("PeakFusedZ")
    severity = pl.when(peak < MEDIUM_Z).then(pl.lit("LOW")).when(peak < HIGH_Z).then(pl.lit("MEDIUM"))
    return frame.with_columns(
        DurationHours=polars_convert.hours(pl.col("EndTs") - pl.col("StartTs")),
        MinHealthIndex=health_index(peak, z_scale),
        Severity=severity.otherwise(pl.lit("HIGH")),
        StartTimestamp="StartTs",
        EndTimestamp="EndTs",
        DuringMeanZ="AvgFusedZ",
    )


def _ranked(means: Floats) -> tuple[Floats, Ints]:
    """Shares of the tags per episode, and the tags from the strongest; ties in the order of the tags."""
    share = means[:, 1 + len(HEADS) :]
    return share, np.argsort(-share, axis=1, kind="stable")


def _text(tags: Sequence[str], share: Floats, order: Ints) -> str:
    return ", ".join(f"{tags[i][:_NAME_CHARS]} ({100 * share[i]:.0f} %)" for i in order[:_NAMED].tolist())
