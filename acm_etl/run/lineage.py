"""Lineage: assign each result row to a run.

A row belongs to the run whose window contains the reading that last changed the row. This does not depend on how
windows are grouped into batches, so any batch size stores the same RunIDs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

from acm_etl import tables
from acm_etl.local_time import local_day_starts
from acm_etl.schema import Table
from acm_etl.windows import Window

CHANGED_AT = "ChangedAt"  # column of event rows: time of the reading that last changed the row
_MS = pl.Datetime("ms")


@dataclass(frozen=True, slots=True)
class Run:
    """One window with readings, or consecutive windows without readings.

    Attributes:
        run_id: RunID.
        window: Time interval of the run.
        window_count: Windows of the grid in the interval; more than one only without readings.
        reading_count: Readings in the interval.
        is_provisional: Whether the window is incomplete, so that the next backfill replaces its rows.
    """

    run_id: str
    window: Window
    window_count: int
    reading_count: int
    is_provisional: bool = False

    @property
    def outcome(self) -> Literal["OK", "NOOP"]:
        """Outcome of the run once it is published."""
        return "OK" if self.reading_count else "NOOP"


def merge_empty_windows(windows: Sequence[Window], reading_counts: Sequence[int]) -> list[tuple[Window, int, int]]:
    """Merge consecutive windows without readings, so that a long standstill needs one run instead of hundreds.

    Args:
        windows: Consecutive windows.
        reading_counts: Readings of each window.

    Returns:
        Tuples of window, number of windows of the grid, and number of readings.
    """
    # Within a batch only: a run must not grow after it was published.
    merged: list[tuple[Window, int, int]] = []
    for window, count in zip(windows, reading_counts, strict=True):
        last = merged[-1] if merged else None
        if count == 0 and last is not None and last[2] == 0:
            merged[-1] = (Window(last[0].start, window.end), last[1] + 1, 0)
        else:
            merged.append((window, 1, count))
    return merged


def build_run_index(runs: Sequence[Run], stored_runs: Mapping[datetime, str]) -> pl.DataFrame:
    """Build the table that maps times to runs: a run owns the rows from its ``Start`` to the next ``Start``.

    Args:
        runs: Runs of the batch.
        stored_runs: RunIDs of earlier batches by a time within their window, for events that began there.

    Returns:
        ``Start`` and ``RunID`` (an Enum of the runs), ascending.
    """
    # The runs of this batch come last, so that they replace a stored run of the same start.
    starts = {**stored_runs, **{run.window.start: run.run_id for run in runs}}
    # A dictionary: a RunID of 36 characters is repeated in every row of every table.
    run_ids = pl.Enum(pl.Series(starts.values(), dtype=pl.String).unique(maintain_order=True))
    frame = pl.DataFrame({"Start": starts.keys(), "RunID": starts.values()}, schema={"Start": _MS, "RunID": run_ids})
    return frame.sort("Start")


def assign_run_ids(
    frames: Mapping[str, pl.DataFrame], run_index: pl.DataFrame, *, equip_id: int, last_by_day: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Add RunID and EquipID to result rows.

    Args:
        frames: Result rows by table name; event rows have ``ChangedAt``, the time of their last change.
        run_index: Runs by start time, from ``build_run_index``.
        equip_id: Machine id.
        last_by_day: Last reading of each local day, ``AsOf`` and ``ChangedAt``; it last changed the row of the day.

    Returns:
        The frames with the columns and types of their tables, except that RunID is an Enum; values are not validated.
    """
    changed_at = {name: _find_change_times(frame, tables.BY_NAME[name], last_by_day) for name, frame in frames.items()}
    # All rows in one search: most tables have a few rows, for which a search takes longer than everything else here.
    run_ids = _find_run_ids(pl.concat([times.cast(_MS).alias(CHANGED_AT) for times in changed_at.values()]), run_index)
    assigned, row = {}, 0
    for name, frame in frames.items():
        assigned[name] = _add_run_ids(tables.BY_NAME[name], frame, run_ids.slice(row, frame.height), equip_id=equip_id)
        row += frame.height
    return assigned


def _add_run_ids(table: Table, frame: pl.DataFrame, run_ids: pl.Series, *, equip_id: int) -> pl.DataFrame:
    # The order of the rows is kept: frames are in key order, which makes inserts into a clustered index cheap.
    machine = pl.Series([equip_id], dtype=pl.Int32).new_from_index(0, frame.height)
    columns = {**frame.to_dict(), "RunID": run_ids, "EquipID": machine}
    schema = {**table.polars_schema, "RunID": run_ids.dtype}
    # Column by column: most frames have a few rows, for which three expressions take longer than all casts.
    return pl.DataFrame({column: columns[column].cast(dtype) for column, dtype in schema.items()})


def _find_change_times(frame: pl.DataFrame, table: Table, last_by_day: pl.DataFrame) -> pl.Series:
    """Return the time of the reading that last changed each row."""
    if CHANGED_AT in frame.columns:
        return frame[CHANGED_AT]
    # A day row belongs to the run of the last reading of the day: earlier runs do not know the whole day.
    if table.grain == "day":
        days = frame.select(AsOf=table.row_time)
        return days.join(last_by_day, on="AsOf", how="left", maintain_order="left")[CHANGED_AT]
    # Rows per reading: the reading that they describe is the only one that changes them.
    return frame[table.row_time]


def _find_run_ids(times: pl.Series, run_index: pl.DataFrame) -> pl.Series:
    """Return the RunID of each time; null for a time before the first run."""
    # Binary search: times may repeat and need not be sorted, and runs have no gaps.
    index = run_index["Start"].search_sorted(times.cast(_MS), side="right").cast(pl.Int64) - 1
    return run_index["RunID"].gather(index.set(index < 0, None))


def lookup_run_ids(times: pl.Series, runs: Sequence[Run]) -> pl.Series:
    """Return the RunID of each time.

    Args:
        times: Times within the windows of the runs.
        runs: Runs, ascending and without gaps.
    """
    return _find_run_ids(times, build_run_index(runs, {})).cast(pl.String)


def last_reading_by_day(times: pl.Series, time_zone: str) -> pl.DataFrame:
    """Return the last reading of each local day: ``AsOf`` (start of the day, UTC) and ``ChangedAt``."""
    readings = times.cast(_MS).rename(CHANGED_AT)
    # Local days, as in the summaries: a day row is keyed by the UTC time at which its local day starts.
    days = local_day_starts(readings, time_zone).cast(_MS).alias("AsOf")
    return pl.DataFrame([days, readings]).group_by("AsOf").agg(pl.col(CHANGED_AT).max())
