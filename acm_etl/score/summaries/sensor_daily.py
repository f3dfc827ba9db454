"""Aggregates of each tag on each local day, continued from call to call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.array_ops import find_cells, run_length
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState, add_scope, get_scope, take_columns
from acm_etl.score.health import ALERT_Z
from acm_etl.score.polars_convert import NO_TIME
from acm_etl.tables.common import WARN_Z

SensorDayColumns = dict[str, Array]
"""Aggregates of k days and d tags.

``day`` (k): start of the day, microseconds since 1970 UTC. All others are k by d: readings, nulls, gap and flat
(longest run of missing and of equal readings), warn and alert (readings at or above ``WARN_Z`` and ``ALERT_Z``),
max_at, max_z and max_value (largest deviation), latest_at, latest_z and latest_value (last deviation), base and
base_sum (number and sum of healthy readings). A time without a value is ``NO_TIME``.
"""

_LATEST_COLUMNS = ("latest_at", "latest_z", "latest_value")
_PEAK_COLUMNS = ("max_at", "max_z", "max_value")
_SUM_COLUMNS = ("readings", "nulls", "warn", "alert", "base", "base_sum")
_MAX_COLUMNS = ("gap", "flat")
_KERNEL_COLUMNS = ("nulls", "gap", "flat", "warn", "alert", "base", "peak_row", "latest_row")


@dataclass(frozen=True)
class SensorReadings:
    """All rows, in time order.

    Attributes:
        time: Microseconds since 1970 UTC.
        local_day: UTC start of the local day of each row, microseconds since 1970.
        X: Readings, n rows by d tags, NaN where missing.
        Z: Deviations, n by d, NaN where missing or not running.
        is_healthy: True for rows in state on, without an elevated score; they define the normal level of a day.
    """

    time: Ints
    local_day: Ints
    X: Floats
    Z: Floats
    is_healthy: Bools


def aggregate_sensor_days(readings: SensorReadings, state: StreamState) -> tuple[SensorDayColumns, StreamState]:
    """Return the aggregates of all days with a row here, the open day of the previous call continued.

    Args:
        readings: Rows after those of ``state``.
        state: State of the previous call, or empty.

    Returns:
        Aggregates by day, and the state for the next call.
    """
    if not len(readings.time):
        return {}, state
    # Times ascend, so each local day is one block of rows.
    first_rows = np.flatnonzero(np.append(True, np.diff(readings.local_day) != 0))
    aggregates, runs = _aggregate_cells(readings, first_rows, get_scope("run", state))
    days = _assemble_days(readings, first_rows, aggregates)
    open_day = get_scope("open", state)
    if open_day and open_day["day"][0] == days["day"][0]:
        days = _merge_open_day(open_day, days)
    last_day = {name: column[-1:] for name, column in days.items()}
    return days, add_scope("run", runs) | add_scope("open", last_day)


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


def _aggregate_cells(
    readings: SensorReadings, first_rows: Ints, state: StreamState
) -> tuple[SensorDayColumns, StreamState]:
    """Return ``_KERNEL_COLUMNS`` and base_sum per day and tag, and the runs that reach the last row."""
    n_tags = readings.X.shape[1]
    last = state.get("last", np.full(n_tags, np.nan))
    gap, flat = (state.get(name, np.zeros(n_tags, dtype=np.int64)) for name in ("gap", "flat"))
    # Small calls use numpy: loading the compiled kernels takes longer than their work.
    compiled = kernels.get_kernels()
    if compiled is None:
        return _aggregate_cells_numpy(readings, first_rows, (last, gap, flat))
    # The kernel changes the runs in place; the arrays of the state must stay as they are.
    runs = (last.copy(), gap.copy(), flat.copy())
    counts = np.zeros((len(_KERNEL_COLUMNS), len(first_rows), n_tags), dtype=np.int64)
    base_sum = np.zeros((len(first_rows), n_tags))
    # The matrix of readings may be column-major; the kernel reads it row by row.
    rows = (np.ascontiguousarray(readings.X), readings.Z, readings.is_healthy, WARN_Z, ALERT_Z)
    compiled.aggregate_cells(rows, first_rows, runs, (counts, base_sum))
    aggregates = dict(zip(_KERNEL_COLUMNS, counts, strict=True)) | {"base_sum": base_sum}
    return aggregates, dict(zip(("last", "gap", "flat"), runs, strict=True))


def _aggregate_cells_numpy(
    readings: SensorReadings, first_rows: Ints, runs: tuple[Floats, Ints, Ints]
) -> tuple[SensorDayColumns, StreamState]:
    """Return the results of the kernel ``aggregate_cells``, computed with array operations."""
    X, Z, healthy = readings.X, readings.Z, readings.is_healthy
    sizes = np.diff(np.append(first_rows, len(X)))
    day_of_row = np.repeat(np.arange(len(first_rows)), sizes)
    abs_z, missing = np.abs(Z), np.isnan(X)
    gap, flat, runs_after = _run_lengths(X, missing, runs)
    healthy_rows = np.add.reduceat(healthy, first_rows, dtype=np.int64)[:, None]
    healthy_readings = np.where(healthy[:, None] & ~missing, X, 0.0)
    # ``fmax`` ignores NaN; a comparison with NaN is false, so a tag without a value has no peak row.
    is_peak = abs_z == np.fmax.reduceat(abs_z, first_rows)[day_of_row]
    aggregates: SensorDayColumns = {
        "nulls": _count_by_group(missing, day_of_row),
        "gap": np.maximum.reduceat(gap, first_rows),
        "flat": np.maximum.reduceat(flat, first_rows),
        "warn": _count_by_group(abs_z >= WARN_Z, day_of_row),
        "alert": _count_by_group(abs_z >= ALERT_Z, day_of_row),
        "base": healthy_rows - _count_by_group(missing & healthy[:, None], day_of_row),
        "base_sum": _sum_by_group(healthy_readings, day_of_row),
        "peak_row": _first_row_by_group(is_peak, day_of_row),
        "latest_row": _last_value_rows(abs_z, first_rows, sizes),
    }
    return aggregates, runs_after


def _run_lengths(X: Floats, missing: Bools, before: tuple[Floats, Ints, Ints]) -> tuple[Ints, Ints, StreamState]:
    """Return the lengths of the runs of missing and of equal readings up to each cell, and the state after them.

    Args:
        X: Readings, n rows by d tags.
        missing: NaN of ``X``.
        before: Per tag, up to the row before the first: last reading and lengths of both runs.
    """
    last, gap_before, flat_before = before
    gap = run_length(missing, gap_before)
    is_equal = np.concatenate([last[None], X[:-1]]) == X
    # The first reading of a run differs from the one before it, hence the shift by one.
    flat = np.where(missing, 0, run_length(is_equal, flat_before - 1) + 1)
    return gap, flat, {"last": X[-1], "gap": gap[-1], "flat": flat[-1]}


def _assemble_days(readings: SensorReadings, first_rows: Ints, aggregates: SensorDayColumns) -> SensorDayColumns:
    """Return complete columns: the aggregates, and the values at the rows of the peak and of the last deviation."""
    sizes = np.diff(np.append(first_rows, len(readings.time)))
    counts = {name: column for name, column in aggregates.items() if not name.endswith("_row")}
    return {
        "day": readings.local_day[first_rows],
        "readings": np.repeat(sizes[:, None], readings.X.shape[1], axis=1),
        **counts,
        **_pick_values(readings, aggregates["peak_row"], _PEAK_COLUMNS),
        **_pick_values(readings, aggregates["latest_row"], _LATEST_COLUMNS),
    }


def _sum_by_group(values: Floats, group: Ints) -> Floats:
    """Return the sums per group and column."""
    # ``bincount`` adds row after row, as the kernel does; ``add.reduceat`` adds in pairs and rounds differently.
    shape = (int(group[-1]) + 1, values.shape[1])
    bins = group[:, None] * shape[1] + np.arange(shape[1])
    sums = np.bincount(bins.ravel(), weights=values.ravel(), minlength=shape[0] * shape[1])
    return sums.astype(np.float64).reshape(shape)


def _count_by_group(flags: Bools, group: Ints) -> Ints:
    """Return the number of true flags per group and column."""
    # Works on the positions of true flags only, which are few.
    rows, columns = find_cells(flags)
    shape = (int(group[-1]) + 1, flags.shape[1])
    counts: Ints = np.bincount(group[rows] * shape[1] + columns, minlength=shape[0] * shape[1]).reshape(shape)
    return counts


def _first_row_by_group(flags: Bools, group: Ints) -> Ints:
    """Return the first row with a true flag per group and column; the number of rows if there is none."""
    rows, columns = find_cells(flags)
    n_columns = flags.shape[1]
    # The cells are ordered by row, and ``unique`` gives the first occurrence.
    bins, first = np.unique(group[rows] * n_columns + columns, return_index=True)
    first_rows = np.full((int(group[-1]) + 1) * n_columns, len(flags))
    first_rows[bins] = rows[first]
    return first_rows.reshape(-1, n_columns)


def _last_value_rows(values: Floats, first_rows: Ints, sizes: Ints) -> Ints:
    """Return the last row with a value per day and column; -1 if there is none."""
    last_rows = first_rows + sizes - 1
    if not np.isnan(values[last_rows]).any():  # the common case of a machine in operation: no search is needed
        return np.repeat(last_rows[:, None], values.shape[1], axis=1)
    rows = np.where(np.isnan(values), -1, np.arange(len(values))[:, None])
    latest: Ints = np.maximum.reduceat(rows, first_rows)
    return latest


def _pick_values(readings: SensorReadings, row: Ints, names: tuple[str, str, str]) -> SensorDayColumns:
    """Return time, deviation and reading at one row per day and tag.

    Args:
        readings: All rows.
        row: Row per day and tag; a row out of range means that there is no value.
        names: Names of the three columns.
    """
    is_absent = (row < 0) | (row >= len(readings.time))
    row = np.where(is_absent, 0, row)
    column = np.arange(row.shape[1])
    time_name, z_name, value_name = names
    return {
        time_name: np.where(is_absent, NO_TIME, readings.time[row]),
        z_name: np.where(is_absent, np.nan, readings.Z[row, column]),
        value_name: np.where(is_absent, np.nan, readings.X[row, column]),
    }


def _merge_open_day(open_day: SensorDayColumns, days: SensorDayColumns) -> SensorDayColumns:
    """Return ``days``, their first day merged with the rows of the same day from earlier calls."""
    first_day = {name: column[:1] for name, column in days.items()}
    merged = {"day": first_day["day"]} | {name: open_day[name] + first_day[name] for name in _SUM_COLUMNS}
    # Runs continue across calls, so the longest of a day is the larger of both parts.
    merged |= {name: np.maximum(open_day[name], first_day[name]) for name in _MAX_COLUMNS}
    is_higher = (open_day["max_at"] == NO_TIME) | (np.abs(first_day["max_z"]) > np.abs(open_day["max_z"]))
    # Rows of this call are later than those of earlier calls, if there are any with a value.
    is_later = first_day["latest_at"] != NO_TIME
    merged |= {name: np.where(is_higher, first_day[name], open_day[name]) for name in _PEAK_COLUMNS}
    merged |= {name: np.where(is_later, first_day[name], open_day[name]) for name in _LATEST_COLUMNS}
    return {name: np.concatenate([merged[name], column[1:]]) for name, column in days.items()}
