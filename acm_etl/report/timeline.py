"""History of a machine in time buckets: health, regimes, drift and detector scores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from acm_etl.report.downsample import TimeBuckets, aggregate_batches, choose_buckets
from acm_etl.report.queries import MachineRows
from acm_etl.tables.common import DETECTOR_NAMES


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """Part of the history to show: times in [since, until); None means no limit."""

    since: datetime | None = None
    until: datetime | None = None

    def __str__(self) -> str:
        """Return the limits as words for a message."""
        return " ".join(f"{word} {time}" for word, time in (("from", self.since), ("before", self.until)) if time)

    def build_condition(self, column: str) -> tuple[str, list[datetime]]:
        """Return a SQL condition on a time column and its parameters; empty without limits."""
        bounds = [(f"{{{column}}} >= ?", self.since), (f"{{{column}}} < ?", self.until)]
        limits = [(sql, time) for sql, time in bounds if time is not None]
        return " AND ".join(sql for sql, _ in limits), [time for _, time in limits]


@dataclass(frozen=True, slots=True)
class Timeline:
    """History of a machine in time buckets, as the scripts of the page read it; one entry per bucket with readings.

    Attributes:
        start: Start of bucket 0, milliseconds since 1970, UTC.
        width: Width of a bucket, milliseconds.
        bucket: Number of each bucket, ascending; numbers without readings are missing.
        mean: Mean health index, 0 to 100; None without an assessed reading.
        low: Lowest health index.
        high: Highest health index.
        drift: Highest drift score, z.
        labels: Regimes, in the order in which they are drawn.
        regime: Position of the most frequent regime in ``labels``.
        detector_scores: Highest z of each detector, one list per detector.
    """

    start: int
    width: int
    bucket: list[int]
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]
    drift: list[float | None]
    labels: list[str]
    regime: list[int | None]
    detector_scores: list[list[float | None]]


def to_epoch_ms(time: datetime) -> int:
    """Return a naive UTC time as milliseconds since 1970, the time format of scripts."""
    return round(time.replace(tzinfo=UTC).timestamp() * 1000)


def read_timeline(rows: MachineRows, period: ReportPeriod) -> Timeline | None:
    """Return the history in time buckets; None if nothing was scored."""
    where, params = period.build_condition("Timestamp")
    first, last, readings = read_scored_extent(rows, period)
    if first is None or last is None:
        return None
    buckets = choose_buckets(first, last, readings)
    scores = _read_scores(rows, buckets, where, params)
    return _build_columns(scores.join(_read_regimes(rows, buckets, where, params), on="bucket", how="left"), buckets)


def read_scored_extent(rows: MachineRows, period: ReportPeriod) -> tuple[datetime | None, datetime | None, int]:
    """Return first, last and number of the scored readings of a period."""
    _, params = period.build_condition("Timestamp")
    q = rows.engine.dialect.quote
    time, table = q("Timestamp"), q("ACM_Scores_Wide")
    conditions = f" AND {time} >= ?" * (period.since is not None) + f" AND {time} < ?" * (period.until is not None)
    first, last, readings = rows.engine.query(
        f"SELECT MIN({time}) AS a, MAX({time}) AS b, COUNT(*) AS n FROM {table} WHERE {q('EquipID')} = ?{conditions}",
        [rows.machine.equip_id, *params],
    ).row(0)
    return first, last, readings


def _read_scores(rows: MachineRows, buckets: TimeBuckets, where: str, params: list[datetime]) -> pl.DataFrame:
    """Return the health, the highest z of each detector and the highest drift score of each bucket."""
    names = (*DETECTOR_NAMES, "drift_z")
    frames = rows.stream_rows("ACM_Scores_Wide", ("Timestamp", "HealthIndex", *names), where=where, params=params)
    # The maximum keeps a short peak visible in a wide bucket.
    highest, health = [pl.col(name).max() for name in names], pl.col("HealthIndex")
    # Sum and count, not means: batches split a bucket into parts of different size.
    return aggregate_batches(
        (frame.with_columns(buckets.bucket_index()) for frame in frames),
        ["bucket"],
        [
            health.min().alias("low"),
            health.max().alias("high"),
            health.sum().alias("sum"),
            health.count().alias("n"),
            *highest,
        ],
        [pl.col("low").min(), pl.col("high").max(), (pl.col("sum").sum() / pl.col("n").sum()).alias("mean"), *highest],
    ).with_columns(pl.col("mean").fill_nan(None))


def _read_regimes(rows: MachineRows, buckets: TimeBuckets, where: str, params: list[datetime]) -> pl.DataFrame:
    """Return the most frequent regime of each bucket."""
    frames = rows.stream_rows("ACM_Scores_Wide", ("Timestamp", "regime_label"), where=where, params=params)
    counted = aggregate_batches(
        (frame.with_columns(buckets.bucket_index()) for frame in frames),
        ["bucket", "regime_label"],
        [pl.len().alias("n")],
        [pl.col("n").sum()],
    )
    return counted.group_by("bucket").agg(pl.col("regime_label").sort_by("n").last().alias("regime"))


def _build_columns(frame: pl.DataFrame, buckets: TimeBuckets) -> Timeline:
    frame = frame.sort("bucket")
    # Positions instead of one label per bucket: ten thousand repeated texts would make the page larger.
    labels = sort_regime_labels(frame["regime"].drop_nulls().unique().to_list())
    positions = {label: position for position, label in enumerate(labels)}
    mean, low, high = (frame[name].round(1).to_list() for name in ("mean", "low", "high"))
    return Timeline(
        start=to_epoch_ms(buckets.start),
        width=buckets.width_seconds * 1000,
        bucket=frame["bucket"].to_list(),
        mean=mean,
        low=low,
        high=high,
        drift=frame["drift_z"].round(2).to_list(),
        labels=labels,
        regime=frame["regime"].replace_strict(positions, default=None).to_list(),
        # The colour scale ends at z = 6; clipping above 12 keeps single outliers from making the page larger.
        detector_scores=[frame[name].clip(0, 12).round(1).to_list() for name in DETECTOR_NAMES],
    )


def sort_regime_labels(labels: list[str]) -> list[str]:
    """Sort regime labels for drawing: numbers first, then names such as ``off``."""
    # zfill: regime 10 comes after regime 2.
    return sorted(labels, key=lambda label: (not label.isdigit(), label.zfill(9)))
