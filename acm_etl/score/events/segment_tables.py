"""Crossings, zone changes, drifts, regimes and the age of alerts as rows of their tables, each with ``ChangedAt``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from acm_etl.schema import Table
from acm_etl.score import polars_convert
from acm_etl.score.arrays import Array, Bools
from acm_etl.score.events.segments import NOTHING, Ledger, changed_at
from acm_etl.score.events.streams import SPEAKING_Z
from acm_etl.score.health import health_index
from acm_etl.score.polars_convert import NEVER, shaped
from acm_etl.score.regimes import label
from acm_etl.tables import daily, events
from acm_etl.tables.common import ZONES

_CHANGED = "ChangedAt"


def rows(
    found: Mapping[str, Ledger], tags: Sequence[str], *, z_scale: float, first: pl.Series
) -> dict[str, pl.DataFrame]:
    """Rows by table name.

    Args:
        found: Ledgers of ``tracks.Tracks``: zones, crossings, drifts, regimes.
        tags: Scored tags, in order.
        z_scale: z at which health is 50.
        first: Times of the call: what happened at one reading is a row of the call that saw it.
    """
    seen = int(first.cast(pl.Datetime("us")).to_physical()[0]) if len(first) else None
    ages = _zone_ages(found["zones"], z_scale)
    zones, crossings = (_begun(found[name], seen) for name in ("zones", "crossings"))
    return {
        events.THRESHOLD_CROSSINGS.name: _crossings(crossings),
        events.DEFECT_TIMELINE.name: _zone_changes(zones, z_scale),
        events.DRIFT_EVENTS.name: _drifts(found["drifts"], tags),
        events.REGIME_EPISODES.name: _regimes(found["regimes"]),
        events.ALERT_AGE.name: ages,
    }


def since_rows(since: Mapping[str, Array]) -> pl.DataFrame:
    """Columns of ACM_SinceWhen, one row per local day.

    Args:
        since: As ``tracks.Tracks`` has it.
    """
    if not since:
        return pl.DataFrame(schema=polars_convert.schema(daily.SINCE_WHEN))
    frame = pl.DataFrame(
        {
            "AsOf": polars_convert.stamps(since["day"]),
            "AlertZone": np.where(since["label"] == 1, "ALERT", "GOOD").tolist(),
            "StartTimestamp": polars_convert.stamps(since["start"]),
            "LastTimestamp": polars_convert.stamps(since["at"]),
            "RecordCount": since["count"],
        }
    )
    lasted = polars_convert.hours(pl.col("LastTimestamp") - pl.col("StartTimestamp"))
    return shaped(frame.with_columns(DurationHours=lasted), daily.SINCE_WHEN)


def _begun(ledger: Ledger, seen: int | None) -> Ledger:
    """Stretches that begin in this call."""
    return _taken(ledger, ledger["start"] >= seen) if ledger and seen is not None else {}


def _taken(ledger: Ledger, chosen: Bools) -> Ledger:
    return {name: column[chosen] for name, column in ledger.items()} if chosen.any() else {}


def _crossings(ledger: Ledger) -> pl.DataFrame:
    table = events.THRESHOLD_CROSSINGS
    crossed = _taken(ledger, ledger["before"] != NOTHING) if ledger else {}
    if not crossed:
        return _nothing(table)
    frame = pl.DataFrame(
        {
            "Timestamp": polars_convert.stamps(crossed["start"]),
            "ZScore": crossed["first"],
            "Direction": np.where(crossed["label"] == 1, "up", "down").tolist(),
        }
    )
    words = {"DetectorType": pl.lit("fused"), "Threshold": pl.lit(SPEAKING_Z), _CHANGED: pl.col("Timestamp")}
    return shaped(frame.with_columns(**words), table, _CHANGED)


def _zone_changes(ledger: Ledger, z_scale: float) -> pl.DataFrame:
    table = events.DEFECT_TIMELINE
    if not ledger:
        return _nothing(table)
    known = np.maximum(ledger["before"], 0)
    before = np.where(ledger["before"] == NOTHING, "START", np.array(ZONES)[known])
    frame = pl.DataFrame(
        {
            "Timestamp": polars_convert.stamps(ledger["start"]),
            "FromZone": before.tolist(),
            "ToZone": np.array(ZONES)[ledger["label"]].tolist(),
            "FusedZ": ledger["first"],
        }
    ).with_columns(HealthIndex=health_index(pl.col("FusedZ"), z_scale))
    more = {"HealthZone": "ToZone", "HealthAtEvent": "HealthIndex", _CHANGED: "Timestamp"}
    defect = 100 - pl.col("HealthIndex")
    return shaped(frame.with_columns(EventType=pl.lit("ZONE_CHANGE"), DefectScore=defect, **more), table, _CHANGED)


def _drifts(ledger: Ledger, tags: Sequence[str]) -> pl.DataFrame:
    table = events.DRIFT_EVENTS
    critical = _taken(ledger, ledger["label"] == 1) if ledger else {}
    if not critical:
        return _nothing(table)
    frame = _stretches(critical, "SegmentStart", "SegmentEnd").with_columns(
        Timestamp=polars_convert.stamps(critical["peak_at"]),
        Value=pl.Series(critical["peak"]),
        SensorName=pl.Series([tags[i] for i in critical["sums"].argmax(axis=1).tolist()]),
    )
    return shaped(frame, table, _CHANGED)


def _regimes(ledger: Ledger) -> pl.DataFrame:
    table = events.REGIME_EPISODES
    if not ledger:
        return _nothing(table)
    means = ledger["sums"] / ledger["count"][:, None]
    frame = _stretches(ledger, "StartTs", "EndTs").with_columns(
        RegimeLabel=pl.Series([label(code) for code in ledger["label"].tolist()]),
        AvgFusedZ=pl.Series(means[:, 0]),
        MaxFusedZ=pl.Series(ledger["peak"]),
        StabilityScore=pl.Series(100 * means[:, 1]),
        DurationSeconds=polars_convert.seconds(pl.col("EndTs") - pl.col("StartTs")),
    )
    return shaped(frame, table, _CHANGED)


def _zone_ages(ledger: Ledger, z_scale: float) -> pl.DataFrame:
    table = events.ALERT_AGE
    if not ledger:
        return _nothing(table)
    frame = _stretches(ledger, "StartTimestamp", "EndTimestamp").with_columns(
        AlertZone=pl.Series(np.array(ZONES)[ledger["label"]].tolist()),
        MinHealthIndex=health_index(pl.lit(pl.Series(ledger["peak"])), z_scale),
    )
    return shaped(frame, table, _CHANGED)


def _stretches(ledger: Ledger, start: str, end: str) -> pl.DataFrame:
    """What all stretches say of themselves, under the names their tables have for it."""
    frame = pl.DataFrame(
        {
            start: polars_convert.stamps(ledger["start"]),
            end: polars_convert.stamps(ledger["end"]),
            "Status": np.where(ledger["closed"] == NEVER, "OPEN", "CLOSED").tolist(),
            "RecordCount": ledger["count"],
            _CHANGED: polars_convert.stamps(changed_at(ledger)),
        }
    )
    return frame.with_columns(DurationHours=polars_convert.hours(pl.col(end) - pl.col(start)))


def _nothing(table: Table) -> pl.DataFrame:
    return pl.DataFrame(schema=polars_convert.schema(table) | {_CHANGED: pl.Datetime("ms")})
