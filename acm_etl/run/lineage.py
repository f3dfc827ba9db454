"""Which run a row belongs to: the run whose window contains the reading that last changed the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import polars as pl

from acm_etl import tables
from acm_etl.windows import Window

CHANGED_AT = "ChangedAt"
_MS = pl.Datetime("ms")


@dataclass(frozen=True, slots=True)
class Run:
    """One window, or one stretch of windows without readings.

    Attributes:
        run_id: RunID.
        window: The stretch of time.
        window_count: Windows of the grid it covers (more than one only where there are no readings).
        reading_count: Readings in it.
    """

    run_id: str
    window: Window
    window_count: int
    reading_count: int

    @property
    def outcome(self) -> Literal["OK", "NOOP"]:
        """What the run ends as when it is published."""
        return "OK" if self.reading_count else "NOOP"


def merge_empty_windows(windows: Sequence[Window], reading_counts: Sequence[int]) -> list[tuple[Window, int, int]]:
    """Windows with readings one by one, and each stretch of windows without any as one: (window, windows, readings)."""
    found: list[tuple[Window, int, int]] = []
    for window, count in zip(windows, reading_counts, strict=True):
        last = found[-1] if found else None
        if count == 0 and last is not None and last[2] == 0:
            found[-1] = (Window(last[0].start, window.end), last[1] + 1, 0)
        else:
            found.append((window, 1, count))
    return found


def build_run_index(runs: Sequence[Run], stored_runs: Mapping[datetime, str]) -> pl.DataFrame:
    """Runs by the time from which they own rows: ``Start``, ``RunID``; ``stored_runs`` are stored runs by such a time."""
    starts = {**stored_runs, **{run.window.start: run.run_id for run in runs}}
    frame = pl.DataFrame({"Start": starts.keys(), "RunID": starts.values()}, schema={"Start": _MS, "RunID": pl.String})
    return frame.sort("Start")


def assign_run_ids(
    frames: Mapping[str, pl.DataFrame], run_index: pl.DataFrame, *, equip_id: int, last_by_day: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Frames complete with RunID and EquipID, in the column order of their tables.

    Args:
        frames: Result rows by table name; event rows carry ``ChangedAt``, the time of their last change.
        run_index: Runs by window start, as ``owners`` gives them.
        equip_id: Machine.
        last_by_day: Last reading of each local day: ``AsOf``, ``ChangedAt``; places the day rows.

    Returns:
        The frames, conforming but for the checks of the contract.
    """
    return {
        name: _assign_table_run_ids(name, frame, run_index, equip_id=equip_id, last_by_day=last_by_day)
        for name, frame in frames.items()
    }


def _assign_table_run_ids(
    name: str, frame: pl.DataFrame, run_index: pl.DataFrame, *, equip_id: int, last_by_day: pl.DataFrame
) -> pl.DataFrame:
    table = tables.BY_NAME[name]
    if CHANGED_AT not in frame.columns:
        frame = _add_changed_at(frame, table.time_column or "Timestamp", table.grain, last_by_day)
    # runs are looked up on the few distinct times, not on every row
    times = frame.select(pl.col(CHANGED_AT).cast(_MS)).unique().sort(CHANGED_AT)
    found = times.join_asof(run_index, left_on=CHANGED_AT, right_on="Start", strategy="backward").select(
        CHANGED_AT, "RunID"
    )
    joined = frame.with_columns(pl.col(CHANGED_AT).cast(_MS)).join(
        found, on=CHANGED_AT, how="left", maintain_order="left"
    )
    return (
        joined.with_columns(EquipID=pl.lit(equip_id, pl.Int32))
        .select(*table.polars_schema)
        .cast(pl.Schema(table.polars_schema))
    )


def _add_changed_at(frame: pl.DataFrame, time_column: str, grain: str, last_by_day: pl.DataFrame) -> pl.DataFrame:
    if grain == "day":
        return frame.join(last_by_day, on=time_column, how="left", maintain_order="left")
    return frame.with_columns(pl.col(time_column).alias(CHANGED_AT))


def lookup_run_ids(times: pl.Series, runs: Sequence[Run]) -> pl.Series:
    """RunID for each of some ascending times within the runs' windows."""
    starts = pl.Series([run.window.start for run in runs], dtype=_MS)
    index = starts.search_sorted(times.cast(_MS), side="right") - 1
    return pl.Series("RunID", [run.run_id for run in runs], dtype=pl.String).gather(index.cast(pl.UInt32))


def last_reading_by_day(times: pl.Series, time_zone: str) -> pl.DataFrame:
    """The last reading of each local day: ``AsOf`` (start of the day, UTC) and ``ChangedAt``."""
    frame = times.cast(_MS).rename(CHANGED_AT).to_frame()
    return frame.group_by(local_day_start_expr(pl.col(CHANGED_AT), time_zone).alias("AsOf")).agg(
        pl.col(CHANGED_AT).max()
    )


def local_day_start_expr(time: pl.Expr, time_zone: str) -> pl.Expr:
    """Start, in UTC, of the local day that contains a UTC time.

    Some zones change clocks at midnight: one that happens twice is its first occurrence, and a day whose midnight does
    not exist starts at the first full hour that does.
    """
    day = time.dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone).dt.date().cast(_MS)
    hours = (day + timedelta(hours=hour) for hour in range(3))
    starts = (hour.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null") for hour in hours)
    return pl.coalesce(starts).dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(_MS)


def local_day_start(time: datetime, time_zone: str) -> datetime:
    """Start, in UTC, of the local day that contains a UTC time."""
    day: datetime = pl.select(local_day_start_expr(pl.lit(time, _MS), time_zone)).item()
    return day


def local_day_end(day: datetime, time_zone: str) -> datetime:
    """End, in UTC, of the local day that starts at a UTC time: 36 hours after its start it is the next day anywhere."""
    return local_day_start(day + timedelta(hours=36), time_zone)
