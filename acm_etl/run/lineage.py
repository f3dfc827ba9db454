"""Which run a row belongs to: the run whose window contains the reading that last changed the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import polars as pl

from acm_etl import tables
from acm_etl.windows import Window

CHANGED = "ChangedAt"
_MS = pl.Datetime("ms")


@dataclass(frozen=True, slots=True)
class Run:
    """One window, or one stretch of windows without readings.

    Attributes:
        id: RunID.
        window: The stretch of time.
        windows: Windows of the grid it covers (more than one only where there are no readings).
        readings: Readings in it.
    """

    id: str
    window: Window
    windows: int
    readings: int

    @property
    def outcome(self) -> Literal["OK", "NOOP"]:
        """What the run ends as when it is published."""
        return "OK" if self.readings else "NOOP"


def stretches(windows: Sequence[Window], readings: Sequence[int]) -> list[tuple[Window, int, int]]:
    """Windows with readings one by one, and each stretch of windows without any as one: (window, windows, readings)."""
    found: list[tuple[Window, int, int]] = []
    for window, count in zip(windows, readings, strict=True):
        last = found[-1] if found else None
        if count == 0 and last is not None and last[2] == 0:
            found[-1] = (Window(last[0].start, window.end), last[1] + 1, 0)
        else:
            found.append((window, 1, count))
    return found


def owners(runs: Sequence[Run], earlier: Mapping[datetime, str]) -> pl.DataFrame:
    """Runs by the time from which they own rows: ``Start``, ``RunID``; ``earlier`` are stored runs by such a time."""
    starts = {**earlier, **{run.window.start: run.id for run in runs}}
    frame = pl.DataFrame({"Start": starts.keys(), "RunID": starts.values()}, schema={"Start": _MS, "RunID": pl.String})
    return frame.sort("Start")


def stamp(
    frames: Mapping[str, pl.DataFrame], owned: pl.DataFrame, *, equip_id: int, changed: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Frames complete with RunID and EquipID, in the column order of their tables.

    Args:
        frames: Result rows by table name; event rows carry ``ChangedAt``, the time of their last change.
        owned: Runs by window start, as ``owners`` gives them.
        equip_id: Machine.
        changed: Last reading of each local day: ``AsOf``, ``ChangedAt``; places the day rows.

    Returns:
        The frames, conforming but for the checks of the contract.
    """
    return {name: _stamp(name, frame, owned, equip_id=equip_id, changed=changed) for name, frame in frames.items()}


def _stamp(
    name: str, frame: pl.DataFrame, owned: pl.DataFrame, *, equip_id: int, changed: pl.DataFrame
) -> pl.DataFrame:
    table = tables.BY_NAME[name]
    if CHANGED not in frame.columns:
        frame = _with_change(frame, table.time or "Timestamp", table.grain, changed)
    # runs are looked up on the few distinct times, not on every row
    times = frame.select(pl.col(CHANGED).cast(_MS)).unique().sort(CHANGED)
    found = times.join_asof(owned, left_on=CHANGED, right_on="Start", strategy="backward").select(CHANGED, "RunID")
    joined = frame.with_columns(pl.col(CHANGED).cast(_MS)).join(found, on=CHANGED, how="left", maintain_order="left")
    return joined.with_columns(EquipID=pl.lit(equip_id, pl.Int32)).select(*table.polars).cast(pl.Schema(table.polars))


def _with_change(frame: pl.DataFrame, time: str, grain: str, changed: pl.DataFrame) -> pl.DataFrame:
    if grain == "day":
        return frame.join(changed, on=time, how="left", maintain_order="left")
    return frame.with_columns(pl.col(time).alias(CHANGED))


def run_of(times: pl.Series, runs: Sequence[Run]) -> pl.Series:
    """RunID for each of some ascending times within the runs' windows."""
    starts = pl.Series([run.window.start for run in runs], dtype=_MS)
    index = starts.search_sorted(times.cast(_MS), side="right") - 1
    return pl.Series("RunID", [run.id for run in runs], dtype=pl.String).gather(index.cast(pl.UInt32))


def last_readings(times: pl.Series, time_zone: str) -> pl.DataFrame:
    """The last reading of each local day: ``AsOf`` (start of the day, UTC) and ``ChangedAt``."""
    frame = times.cast(_MS).rename(CHANGED).to_frame()
    return frame.group_by(local_day(pl.col(CHANGED), time_zone).alias("AsOf")).agg(pl.col(CHANGED).max())


def local_day(time: pl.Expr, time_zone: str) -> pl.Expr:
    """Start, in UTC, of the local day that contains a UTC time.

    Some zones change clocks at midnight: one that happens twice is its first occurrence, and a day whose midnight does
    not exist starts at the first full hour that does.
    """
    day = time.dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone).dt.date().cast(_MS)
    hours = (day + timedelta(hours=hour) for hour in range(3))
    starts = (hour.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null") for hour in hours)
    return pl.coalesce(starts).dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(_MS)


def day_start(time: datetime, time_zone: str) -> datetime:
    """Start, in UTC, of the local day that contains a UTC time."""
    day: datetime = pl.select(local_day(pl.lit(time, _MS), time_zone)).item()
    return day


def day_end(day: datetime, time_zone: str) -> datetime:
    """End, in UTC, of the local day that starts at a UTC time: 36 hours after its start it is the next day anywhere."""
    return day_start(day + timedelta(hours=36), time_zone)
