"""What is followed row by row beside episodes: zones, crossings, drifts, regimes and the alarm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from acm_etl.score.arrays import Bools, Carry, Floats, Ints, prefixed, under
from acm_etl.score.events.segments import Labelled, Ledger, follow, reached, still_open
from acm_etl.score.health import CRITICAL_Z, health_index, zone_place
from acm_etl.score.polars_convert import NEVER

SPEAKING_Z = 2.0
"""z from which a detector is shown as speaking, and which crossings are of."""


@dataclass(frozen=True)
class Watched:
    """What there is to follow.

    Attributes:
        time: All rows, microseconds since 1970 UTC.
        day: Start of the local day of each, likewise.
        usable: Which of them are usable.
        running: Which of them run.
        fused: Fused z of all rows (0 while off).
        regime: Regime codes of all rows.
        drift: Signed z of the slow path of the running rows, one column per tag.
        strongest: Largest magnitude among them.
        alarm: Whether the alarm rule holds, all rows.
        trained: Which rows lie after the training period.
        z_scale: z at which health is 50.
    """

    time: Ints
    day: Ints
    usable: Bools
    running: Bools
    fused: Floats
    regime: Ints
    drift: Floats
    strongest: Floats
    alarm: Bools
    trained: Bools
    z_scale: float


@dataclass(frozen=True)
class Tracks:
    """Stretches by what they are of.

    Attributes:
        zones: By place in ``ZONES``; the value is the fused z.
        crossings: 1 above ``SPEAKING_Z``, else 0.
        drifts: 1 where the slow path is critical, else 0; the value is its z, the sums are the tags'.
        regimes: By regime code; the sums are fused z and rows below ``SPEAKING_Z``.
        since: Per local day (``day``), the stretch of the alarm at its end: label, start, at (last running row), count.
    """

    zones: Ledger
    crossings: Ledger
    drifts: Ledger
    regimes: Ledger
    since: Ledger


def track(rows: Watched, carry: Carry) -> tuple[Tracks, Carry]:
    """Follows everything.

    Args:
        rows: Rows after those of ``carry``.
        carry: Of the call before, or empty.
    """
    running = rows.running
    time, fused = rows.time[running], rows.fused[running]
    critical = (rows.strongest >= CRITICAL_Z) & rows.trained[running]
    usable = rows.fused[rows.usable]
    quiet = np.column_stack([usable, usable < SPEAKING_Z])
    none = np.empty((len(time), 0))
    alarm = Labelled(time, rows.alarm[running].astype(np.int64), fused, none)
    followed = {
        "zones": Labelled(time, _zones(fused, rows.z_scale), fused, none),
        "crossings": Labelled(time, (fused > SPEAKING_Z).astype(np.int64), fused, none),
        "drifts": Labelled(time, critical.astype(np.int64), rows.strongest, np.abs(rows.drift)),
        "regimes": Labelled(rows.time[rows.usable], rows.regime[rows.usable], usable, quiet),
        "alarm": alarm,
    }
    found: dict[str, Ledger] = {}
    after: Carry = {}
    for name, labelled in followed.items():
        found[name], memory = follow(labelled, under(name, carry))
        after |= prefixed(name, memory)
    since = _since(rows, alarm, found.pop("alarm"), still_open(under("alarm", carry)))
    return Tracks(**found, since=since), after


def _zones(fused: Floats, z_scale: float) -> Ints:
    health = health_index(pl.col("fused"), z_scale)
    graded = pl.Series("fused", fused).to_frame().select(zone_place(health).cast(pl.Int64))
    return graded.to_series().to_numpy()


def _since(rows: Watched, alarm: Labelled, ledger: Ledger, before: Ledger) -> Ledger:
    """How the alarm stands at the last row of each day, by the last running row up to there."""
    if not len(rows.time):
        return {}
    start, count = reached(alarm, ledger) if len(alarm.time) else (alarm.time, alarm.time)
    nobody = {"label": np.zeros(1, np.int64), **dict.fromkeys(("start", "end", "count"), np.array([NEVER]))}
    front = before or nobody
    last = np.flatnonzero(np.append(np.diff(rows.day) != 0, True))
    at = np.cumsum(rows.running)[last]  # 0 stands for what was before
    found = {
        "label": np.append(front["label"], alarm.label)[at],
        "start": np.append(front["start"], start)[at],
        "at": np.append(front["end"], alarm.time)[at],
        "count": np.append(front["count"], count)[at],
    }
    known = found["at"] != NEVER
    return {"day": rows.day[last][known], **{name: column[known] for name, column in found.items()}}
