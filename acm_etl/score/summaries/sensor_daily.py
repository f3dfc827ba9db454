"""What each tag did on each local day, as partial results that can be carried from call to call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.array_ops import run_length
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState, add_scope, get_scope, take_columns
from acm_etl.score.health import ALERT_Z, WARN_Z
from acm_etl.score.polars_convert import NO_TIME

SensorDayColumns = dict[str, Array]
"""``day`` (k, microseconds of its start) and k-by-d arrays: readings, nulls, gap, flat, warn, alert, max_at, max_z,
max_value, latest_at, latest_z, latest_value, base (healthy readings), base_sum; a time is ``NO_TIME`` where there is
none."""

_LATEST_COLUMNS = ("latest_at", "latest_z", "latest_value")
_PEAK_COLUMNS = ("max_at", "max_z", "max_value")
_SUM_COLUMNS = ("readings", "nulls", "warn", "alert", "base", "base_sum")
_MAX_COLUMNS = ("gap", "flat")
_KERNEL_COLUMNS = ("nulls", "gap", "flat", "warn", "alert", "base", "peak_row", "latest_row")


@dataclass(frozen=True)
class SensorReadings:
    """All rows, in sequence.

    Attributes:
        time: Microseconds since 1970 UTC.
        local_day: Start of the local day of each row, likewise.
        X: Readings, n by d, NaN where unusable.
        Z: Deviations, NaN where unusable or where the machine does not run.
        is_healthy: Rows at which nothing was wrong with a machine that runs: what is normal is seen there.
    """

    time: Ints
    local_day: Ints
    X: Floats
    Z: Floats
    is_healthy: Bools


def aggregate_sensor_days(readings: SensorReadings, state: StreamState) -> tuple[SensorDayColumns, StreamState]:
    """Partial results of all days that have rows here; the first continues the carried day where it is the same.

    Args:
        readings: Rows after those of ``state``.
        state: Of the call before, or empty.
    """
    if not len(readings.time):
        return {}, state
    first = np.flatnonzero(np.append(True, np.diff(readings.local_day) != 0))
    found, runs = _aggregate_cells(readings, first, get_scope("run", state))
    days = _assemble_days(readings, first, found)
    before = get_scope("open", state)
    if before and before["day"][0] == days["day"][0]:
        days = _merge_open_day(before, days)
    last = {name: column[-1:] for name, column in days.items()}
    return days, add_scope("run", runs) | add_scope("open", last)


def reindex_tags(state: StreamState, positions: Ints) -> StreamState:
    """Move the tag columns of a state to the positions of other tags.

    Args:
        state: State of ``aggregate_sensor_days``.
        positions: Old position of each new tag, -1 for a tag that was not scored before.
    """
    result = dict(state)
    for name, array in state.items():
        if name != "open/day":  # the only array without tags
            result[name] = take_columns(array, positions, _initial_value(name, state))
    return result


def _initial_value(name: str, state: StreamState) -> float:
    """Return the value of a tag that was not scored before: all its readings of the open day count as missing."""
    scope, _, column = name.rpartition("/")
    if scope == "open" and column in ("readings", "nulls", "gap"):
        return int(state["open/readings"][0, 0])
    if column.endswith("_at"):
        return NO_TIME
    return np.nan if state[name].dtype.kind == "f" else 0


def _aggregate_cells(cells: SensorReadings, first: Ints, state: StreamState) -> tuple[SensorDayColumns, StreamState]:
    """Counts, ``base_sum``, and the rows of the peak and of the last deviation, per day and tag."""
    d = cells.X.shape[1]
    last = state.get("last", np.full(d, np.nan))
    gap, flat = (state.get(name, np.zeros(d, dtype=np.int64)) for name in ("gap", "flat"))
    if (fast := kernels.load_kernels(cells.X.size)) is None:
        return _aggregate_cells_numpy(cells, first, (last, gap, flat))
    runs = (last.copy(), gap.copy(), flat.copy())
    counts, base_sum = np.zeros((len(_KERNEL_COLUMNS), len(first), d), dtype=np.int64), np.zeros((len(first), d))
    rows = (np.ascontiguousarray(cells.X), cells.Z, cells.is_healthy, WARN_Z, ALERT_Z)
    fast.aggregate_cells(rows, first, runs, (counts, base_sum))
    after = dict(zip(("last", "gap", "flat"), runs, strict=True))
    return dict(zip(_KERNEL_COLUMNS, counts, strict=True)) | {"base_sum": base_sum}, after


def _aggregate_cells_numpy(
    cells: SensorReadings, first: Ints, runs: tuple[Floats, Ints, Ints]
) -> tuple[SensorDayColumns, StreamState]:
    """As ``_detect_column``, by array operations."""
    sizes = np.diff(np.append(first, len(cells.local_day)))
    group = np.repeat(np.arange(len(first)), sizes)
    size, missing = np.abs(cells.Z), np.isnan(cells.X)
    gap, flat, after = _run_lengths(cells.X, missing, runs)
    healthy = np.add.reduceat(cells.is_healthy, first, dtype=np.int64)[:, None]
    base = np.where(cells.is_healthy[:, None] & ~missing, cells.X, 0.0)
    found: SensorDayColumns = {
        "nulls": _count_by_group(missing, group),
        "gap": np.maximum.reduceat(gap, first),
        "flat": np.maximum.reduceat(flat, first),
        "warn": _count_by_group(size >= WARN_Z, group),
        "alert": _count_by_group(size >= ALERT_Z, group),
        "base": healthy - _count_by_group(missing & cells.is_healthy[:, None], group),
        "base_sum": _sum_by_group(base, group),
        "peak_row": _first_row_by_group(size == np.fmax.reduceat(size, first)[group], group),
        "latest_row": _last_value_rows(size, first, sizes),
    }
    return found, after


def _run_lengths(X: Floats, missing: Bools, before: tuple[Floats, Ints, Ints]) -> tuple[Ints, Ints, StreamState]:
    """Lengths of the runs of missing and of equal readings that reach each cell."""
    last, gap_before, flat_before = before
    gap = run_length(missing, gap_before)
    same = np.concatenate([last[None], X[:-1]]) == X
    # The first reading of a run differs from the one before it, hence the shift by one.
    flat = np.where(missing, 0, run_length(same, flat_before - 1) + 1)
    return gap, flat, {"last": X[-1], "gap": gap[-1], "flat": flat[-1]}


def _assemble_days(cells: SensorReadings, first: Ints, found: SensorDayColumns) -> SensorDayColumns:
    """What was found, with what stands in the rows found."""
    sizes = np.diff(np.append(first, len(cells.local_day)))
    peak, latest = found.pop("peak_row"), found.pop("latest_row")
    readings = np.repeat(sizes[:, None], cells.X.shape[1], axis=1)
    picked = _pick_values(cells, peak, _PEAK_COLUMNS) | _pick_values(cells, latest, _LATEST_COLUMNS)
    return {"day": cells.local_day[first], "readings": readings} | found | picked


def _sum_by_group(values: Floats, group: Ints) -> Floats:
    """Sums per group and column, one row after the other: in the order in which a loop adds up."""
    shape = (int(group[-1]) + 1, values.shape[1])
    place = group[:, None] * shape[1] + np.arange(shape[1])
    total = np.bincount(place.ravel(), weights=values.ravel(), minlength=shape[0] * shape[1])
    return total.astype(np.float64).reshape(shape)


def _count_by_group(flags: Bools, group: Ints) -> Ints:
    """Flags that are up, per group and column; made for few of them."""
    rows, columns = np.nonzero(flags)
    shape = (int(group[-1]) + 1, flags.shape[1])
    found: Ints = np.bincount(group[rows] * shape[1] + columns, minlength=shape[0] * shape[1]).reshape(shape)
    return found


def _first_row_by_group(flags: Bools, group: Ints) -> Ints:
    """The first row whose flag is up, per group and column; out of range where there is none. Made for few flags."""
    rows, columns = np.nonzero(flags)
    d = flags.shape[1]
    place, first = np.unique(group[rows] * d + columns, return_index=True)
    found = np.full((int(group[-1]) + 1) * d, len(flags))
    found[place] = rows[first]
    return found.reshape(-1, d)


def _last_value_rows(size: Floats, first: Ints, sizes: Ints) -> Ints:
    """The last row with a value, per day and column; -1 where there is none."""
    last = first + sizes - 1
    if not np.isnan(size[last]).any():
        return np.repeat(last[:, None], size.shape[1], axis=1)
    rows = np.where(np.isnan(size), -1, np.arange(len(size))[:, None])
    found: Ints = np.maximum.reduceat(rows, first)
    return found


def _pick_values(cells: SensorReadings, row: Ints, names: tuple[str, str, str]) -> SensorDayColumns:
    """Time, deviation and reading at one row per day and tag; a row out of range stands for none."""
    none = (row < 0) | (row >= len(cells.time))
    row = np.where(none, 0, row)
    column = np.arange(row.shape[1])
    at, z, value = names
    return {
        at: np.where(none, NO_TIME, cells.time[row]),
        z: np.where(none, np.nan, cells.Z[row, column]),
        value: np.where(none, np.nan, cells.X[row, column]),
    }


def _merge_open_day(before: SensorDayColumns, days: SensorDayColumns) -> SensorDayColumns:
    """The carried day put before the first of these days."""
    here = {name: column[:1] for name, column in days.items()}
    joined = {"day": here["day"]} | {name: before[name] + here[name] for name in _SUM_COLUMNS}
    joined |= {name: np.maximum(before[name], here[name]) for name in _MAX_COLUMNS}
    higher = (before["max_at"] == NO_TIME) | (np.abs(here["max_z"]) > np.abs(before["max_z"]))
    later = here["latest_at"] != NO_TIME
    joined |= {name: np.where(higher, here[name], before[name]) for name in _PEAK_COLUMNS}
    joined |= {name: np.where(later, here[name], before[name]) for name in _LATEST_COLUMNS}
    return {name: np.concatenate([joined[name], days[name][1:]]) for name in days}
