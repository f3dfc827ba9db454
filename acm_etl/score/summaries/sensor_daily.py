"""What each tag did on each local day, as partial results that can be carried from call to call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from acm_etl.score import kernels
from acm_etl.score.arrays import Array, Bools, Carry, Floats, Ints, prefixed, under
from acm_etl.score.polars_convert import NEVER
from acm_etl.score.prepare.operating_state import run_length

WARN_Z = 2.0
ALERT_Z = 3.0
Days = dict[str, Array]
"""``day`` (k, microseconds of its start) and k-by-d arrays: readings, nulls, gap, flat, warn, alert, max_at, max_z,
max_value, latest_at, latest_z, latest_value, base (healthy readings), base_sum; a time is ``NEVER`` where there is
none."""

_LATEST = ("latest_at", "latest_z", "latest_value")
_MAX = ("max_at", "max_z", "max_value")
_ADDED = ("readings", "nulls", "warn", "alert", "base", "base_sum")
_LONGEST = ("gap", "flat")
_COUNTED = ("nulls", "gap", "flat", "warn", "alert", "base", "peak_row", "latest_row")


@dataclass(frozen=True)
class Cells:
    """All rows, in sequence.

    Attributes:
        time: Microseconds since 1970 UTC.
        day: Start of the local day of each row, likewise.
        X: Readings, n by d, NaN where unusable.
        Z: Deviations, NaN where unusable or where the machine does not run.
        healthy: Rows at which nothing was wrong with a machine that runs: what is normal is seen there.
    """

    time: Ints
    day: Ints
    X: Floats
    Z: Floats
    healthy: Bools


def local_days(times: pl.Series, time_zone: str) -> pl.Series:
    """The UTC time at which the local day of each time starts.

    Where midnight does not exist (some zones change clocks then), the day starts at the first full hour that does.

    Args:
        times: Naive UTC.
        time_zone: IANA name.
    """
    local = times.dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone).dt.date()
    dates = local.unique().sort()
    starts = pl.select(pl.coalesce(_utc(dates, time_zone, hour) for hour in range(3))).to_series()
    return starts.gather(np.searchsorted(dates.to_physical(), local.to_physical()))


def by_day(cells: Cells, carry: Carry) -> tuple[Days, Carry]:
    """Partial results of all days that have rows here; the first continues the carried day where it is the same.

    Args:
        cells: Rows after those of ``carry``.
        carry: Of the call before, or empty.
    """
    if not len(cells.time):
        return {}, carry
    first = np.flatnonzero(np.append(True, np.diff(cells.day) != 0))
    found, runs = _found(cells, first, under("run", carry))
    days = _days(cells, first, found)
    before = under("open", carry)
    if before and before["day"][0] == days["day"][0]:
        days = _merged(before, days)
    last = {name: column[-1:] for name, column in days.items()}
    return days, prefixed("run", runs) | prefixed("open", last)


def _utc(dates: pl.Series, time_zone: str, hour: int) -> pl.Series:
    local = dates.cast(pl.Datetime("us")) + timedelta(hours=hour)
    zoned = local.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    return zoned.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def _found(cells: Cells, first: Ints, carry: Carry) -> tuple[Days, Carry]:
    """Counts, ``base_sum``, and the rows of the peak and of the last deviation, per day and tag."""
    d = cells.X.shape[1]
    last = carry.get("last", np.full(d, np.nan))
    gap, flat = (carry.get(name, np.zeros(d, dtype=np.int64)) for name in ("gap", "flat"))
    if (fast := kernels.compiled(cells.X.size)) is None:
        return _summed(cells, first, (last, gap, flat))
    runs = (last.copy(), gap.copy(), flat.copy())
    counts, base_sum = np.zeros((len(_COUNTED), len(first), d), dtype=np.int64), np.zeros((len(first), d))
    rows = (np.ascontiguousarray(cells.X), cells.Z, cells.healthy, WARN_Z, ALERT_Z)
    fast.day_cells(rows, first, runs, (counts, base_sum))
    after = dict(zip(("last", "gap", "flat"), runs, strict=True))
    return dict(zip(_COUNTED, counts, strict=True)) | {"base_sum": base_sum}, after


def _summed(cells: Cells, first: Ints, runs: tuple[Floats, Ints, Ints]) -> tuple[Days, Carry]:
    """As ``_found``, by array operations."""
    sizes = np.diff(np.append(first, len(cells.day)))
    group = np.repeat(np.arange(len(first)), sizes)
    size, missing = np.abs(cells.Z), np.isnan(cells.X)
    gap, flat, after = _runs(cells.X, missing, runs)
    healthy = np.add.reduceat(cells.healthy, first, dtype=np.int64)[:, None]
    base = np.where(cells.healthy[:, None] & ~missing, cells.X, 0.0)
    found: Days = {
        "nulls": _count(missing, group),
        "gap": np.maximum.reduceat(gap, first),
        "flat": np.maximum.reduceat(flat, first),
        "warn": _count(size >= WARN_Z, group),
        "alert": _count(size >= ALERT_Z, group),
        "base": healthy - _count(missing & cells.healthy[:, None], group),
        "base_sum": _added(base, group),
        "peak_row": _first(size == np.fmax.reduceat(size, first)[group], group),
        "latest_row": _last_known(size, first, sizes),
    }
    return found, after


def _runs(X: Floats, missing: Bools, before: tuple[Floats, Ints, Ints]) -> tuple[Ints, Ints, Carry]:
    """Lengths of the runs of missing and of equal readings that reach each cell."""
    last, gap_before, flat_before = before
    gap = run_length(missing, gap_before)
    same = np.concatenate([last[None], X[:-1]]) == X
    # The first reading of a run differs from the one before it, hence the shift by one.
    flat = np.where(missing, 0, run_length(same, flat_before - 1) + 1)
    return gap, flat, {"last": X[-1], "gap": gap[-1], "flat": flat[-1]}


def _days(cells: Cells, first: Ints, found: Days) -> Days:
    """What was found, with what stands in the rows found."""
    sizes = np.diff(np.append(first, len(cells.day)))
    peak, latest = found.pop("peak_row"), found.pop("latest_row")
    readings = np.repeat(sizes[:, None], cells.X.shape[1], axis=1)
    picked = _picked(cells, peak, _MAX) | _picked(cells, latest, _LATEST)
    return {"day": cells.day[first], "readings": readings} | found | picked


def _added(values: Floats, group: Ints) -> Floats:
    """Sums per group and column, one row after the other: in the order in which a loop adds up."""
    shape = (int(group[-1]) + 1, values.shape[1])
    place = group[:, None] * shape[1] + np.arange(shape[1])
    total = np.bincount(place.ravel(), weights=values.ravel(), minlength=shape[0] * shape[1])
    return total.astype(np.float64).reshape(shape)


def _count(flags: Bools, group: Ints) -> Ints:
    """Flags that are up, per group and column; made for few of them."""
    rows, columns = np.nonzero(flags)
    shape = (int(group[-1]) + 1, flags.shape[1])
    found: Ints = np.bincount(group[rows] * shape[1] + columns, minlength=shape[0] * shape[1]).reshape(shape)
    return found


def _first(flags: Bools, group: Ints) -> Ints:
    """The first row whose flag is up, per group and column; out of range where there is none. Made for few flags."""
    rows, columns = np.nonzero(flags)
    d = flags.shape[1]
    place, first = np.unique(group[rows] * d + columns, return_index=True)
    found = np.full((int(group[-1]) + 1) * d, len(flags))
    found[place] = rows[first]
    return found.reshape(-1, d)


def _last_known(size: Floats, first: Ints, sizes: Ints) -> Ints:
    """The last row with a value, per day and column; -1 where there is none."""
    last = first + sizes - 1
    if not np.isnan(size[last]).any():
        return np.repeat(last[:, None], size.shape[1], axis=1)
    rows = np.where(np.isnan(size), -1, np.arange(len(size))[:, None])
    found: Ints = np.maximum.reduceat(rows, first)
    return found


def _picked(cells: Cells, row: Ints, names: tuple[str, str, str]) -> Days:
    """Time, deviation and reading at one row per day and tag; a row out of range stands for none."""
    none = (row < 0) | (row >= len(cells.time))
    row = np.where(none, 0, row)
    column = np.arange(row.shape[1])
    at, z, value = names
    return {
        at: np.where(none, NEVER, cells.time[row]),
        z: np.where(none, np.nan, cells.Z[row, column]),
        value: np.where(none, np.nan, cells.X[row, column]),
    }


def _merged(before: Days, days: Days) -> Days:
    """The carried day put before the first of these days."""
    here = {name: column[:1] for name, column in days.items()}
    joined = {"day": here["day"]} | {name: before[name] + here[name] for name in _ADDED}
    joined |= {name: np.maximum(before[name], here[name]) for name in _LONGEST}
    higher = (before["max_at"] == NEVER) | (np.abs(here["max_z"]) > np.abs(before["max_z"]))
    later = here["latest_at"] != NEVER
    joined |= {name: np.where(higher, here[name], before[name]) for name in _MAX}
    joined |= {name: np.where(later, here[name], before[name]) for name in _LATEST}
    return {name: np.concatenate([joined[name], days[name][1:]]) for name in days}
