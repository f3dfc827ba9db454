"""Clock changes inside a file: its direction, repeated hours, and clocks that never change.

Pass 1 counts the rows on the days of clock changes, by minute of the writer's clock (`ClockEvidence`). Once the order
of day and month is decided, `decide_file_clock` tells from the counts

- whether the file runs forwards or backwards,
- for each hour that autumn repeats, whether the file holds its first pass, its second pass, or both,
- whether the clock never changes, because the hour that spring skips holds as many rows as the hours around it. Such a
  file is refused: its readings of half a year would be off by an hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

import polars as pl

from acm_etl.counts import format_count
from acm_etl.errors import InputError
from acm_etl.io.files.times.clock_texts import DAY_MS
from acm_etl.io.files.times.date_texts import parse_dates
from acm_etl.io.files.times.zone_words import format_offset
from acm_etl.windows import EPOCH, MINUTE

Direction = Literal["ascending", "descending", "mixed"]
Passes = Literal["first", "second", "both"]

_DAY_MINUTES = 1440
_WINDOW = 4  # hours on each side with which the hour of a change is compared; finds cadences of up to two hours
_MAX_CHANGE_MINUTES = 180  # a zone that skips a whole day has changed its calendar, not its clock
_MAX_CONTRARY_SHARE = 0.1  # steps against the direction of a file; each tag of a long file may start over
_FILLED_RATIO = 0.5  # of the rows per hour around; a single stray row is far less at all but the slowest cadences
# Between once (1) and twice (2) the usual number of rows.
_REPEATED_RATIO = 1.5
# Zones that never change their clocks, for offsets that have no Etc name.
_FIXED_ZONES = {330: "Asia/Kolkata", 345: "Asia/Kathmandu", 390: "Asia/Yangon", 525: "Australia/Eucla",
                570: "Australia/Darwin", 270: "Asia/Kabul", -570: "Pacific/Marquesas"}  # fmt: skip


def find_fixed_zone(offset_minutes: int) -> str | None:
    """Return an IANA zone whose clocks have this offset all year; None where there is none."""
    hours, rest = divmod(offset_minutes, 60)
    if rest or not -12 <= hours <= 14:
        return _FIXED_ZONES.get(offset_minutes)
    # The sign of the Etc names is the opposite of everybody else's: Etc/GMT-1 is one hour ahead of UTC.
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


@dataclass(frozen=True, slots=True)
class ClockChange:
    """One change of the clocks of a zone, in local time.

    Attributes:
        start: Begin of the span that is skipped or repeated.
        end: End of the span, not part of it.
        skipped: Whether the span does not exist; otherwise it exists twice.
        offset_before: Minutes east of UTC before the change.
    """

    start: datetime
    end: datetime
    skipped: bool
    offset_before: int

    @property
    def minutes(self) -> int:
        """Length of the span."""
        return (self.end - self.start) // MINUTE


@lru_cache(maxsize=16)
def find_clock_changes(time_zone: str) -> tuple[ClockChange, ...]:
    """Return the clock changes of a zone from 1970 to 2037, in order."""
    # All changes since 1970 happen on a half hour of UTC.
    utc = pl.datetime_range(EPOCH, datetime(2038, 1, 1), "30m", time_unit="ms", eager=True)  # noqa: DTZ001
    local = utc.dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone).dt.replace_time_zone(None)
    frame = pl.DataFrame({"utc": utc, "offset": (local - utc).dt.total_minutes()})
    frame = frame.with_columns(before=pl.col("offset").shift()).filter(pl.col("offset") != pl.col("before"))
    changes = []
    # The offset of standard time is that before a gap, so no calendar of summer times is needed.
    for moment, after, before in frame.iter_rows():
        start, end = (moment + timedelta(minutes=minutes) for minutes in sorted((before, after)))
        change = ClockChange(start, end, after > before, before)
        if change.minutes <= _MAX_CHANGE_MINUTES:
            changes.append(change)
    return tuple(changes)


@lru_cache(maxsize=16)
def _find_change_days(time_zone: str) -> frozenset[date]:
    """Return the local days on which clocks change, with the days that the hours of comparison reach."""
    days: set[date] = set()
    for change in find_clock_changes(time_zone):
        margin = timedelta(minutes=_WINDOW * change.minutes)
        days |= {(change.start - margin).date(), change.start.date(), (change.end + margin).date()}
    return frozenset(days)


@dataclass(slots=True)
class ClockEvidence:
    """Rows of one time column near clock changes, and the steps from row to row.

    Attributes:
        time_zone: IANA zone of the clock.
        near_rows: Rows on days of changes by date ``text`` and ``minute`` of the day, with the number of steps to
            them from an earlier (``ups``), a later (``downs``) or the same time of that day (``equals``).
        ups: Steps forwards within a day, of the whole file.
        downs: Steps backwards.
    """

    time_zone: str
    near_rows: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema={
                "text": pl.String,
                "minute": pl.Int64,
                **dict.fromkeys(("rows", "ups", "downs", "equals"), pl.Int64),
            }
        )
    )
    ups: int = 0
    downs: int = 0
    _last_rows: pl.DataFrame | None = None

    def add_rows(self, dates: pl.Series, clock_ms: pl.Series, keys: pl.Series | None = None) -> None:
        """Add the next rows of the file.

        Args:
            dates: Date texts, or values of type ``Date``.
            clock_ms: Milliseconds since midnight; null where the row has no time, or has an offset of its own.
            keys: The tag of each row in long files, where every tag runs through time on its own.
        """
        key = pl.lit(0) if keys is None else keys
        new = pl.DataFrame({"text": dates, "ms": clock_ms}).with_columns(key.alias("key")).drop_nulls("ms")
        if new.is_empty():
            return
        # The last rows before, so that a step over the edge of two chunks counts too.
        rows = new if self._last_rows is None else pl.concat([self._last_rows, new])
        step = pl.when(pl.col("text") == pl.col("text").shift()).then(pl.col("ms").diff())
        rows = rows.with_columns((step if keys is None else step.over("key")).alias("step"))
        self._last_rows = new.tail(1) if keys is None else rows.group_by("key").last().select("text", "ms", "key")
        rows = rows.tail(len(new))
        self.ups += int((rows["step"] > 0).sum())
        self.downs += int((rows["step"] < 0).sum())
        self._add_near_rows(rows)

    def _add_near_rows(self, rows: pl.DataFrame) -> None:
        # The order of day and month is unknown in pass 1: dates count that are near a change under any order.
        near = self._select_near_dates(rows["text"].unique())
        if near.is_empty():
            return
        step = pl.col("step")
        counts = (
            rows.filter(pl.col("text").is_in(near.implode()))
            .group_by(pl.col("text").cast(pl.String), (pl.col("ms") // 60_000).alias("minute"))
            .agg(
                pl.len().alias("rows"),
                (step > 0).sum().alias("ups"),
                (step < 0).sum().alias("downs"),
                (step == 0).sum().alias("equals"),
            )
            .cast(self.near_rows.schema)
        )
        self.near_rows = pl.concat([self.near_rows, counts]).group_by("text", "minute").sum()

    def _select_near_dates(self, dates: pl.Series) -> pl.Series:
        """Return the dates that are the day of a clock change under any order of day and month."""
        days = pl.Series(sorted(_find_change_days(self.time_zone)), dtype=pl.Date)
        if dates.dtype == pl.Date:
            return dates.filter(dates.is_in(days.implode()))
        numbers = days.cast(pl.Int32).implode()
        return parse_dates(dates).filter(pl.any_horizontal(pl.col("mdy", "dmy", "ymd").is_in(numbers)))["text"]


@dataclass(frozen=True, slots=True)
class FileClock:
    """Sequence of the times of one file.

    Attributes:
        direction: ``mixed`` where neither most steps go forwards nor most go backwards.
        passes: Local day of each repeated hour inside the file, and the passes that the file holds.
        doubts: Sentences for the user.
    """

    direction: Direction = "ascending"
    passes: tuple[tuple[date, Passes], ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _LocalRows:
    """Rows near clock changes by minute since 1970 on the writer's clock, and the span of the file in minutes."""

    near: pl.DataFrame
    first_minute: int
    last_minute: int

    def count(self, start: datetime, end: datetime) -> dict[str, int]:
        """Return rows and steps in a local span."""
        low, high = _to_minutes(start), _to_minutes(end)
        part = self.near.filter(pl.col("local") >= low, pl.col("local") < high)
        return {name: int(part[name].sum()) for name in ("rows", "ups", "downs", "equals")}


def decide_file_clock(evidence: ClockEvidence, day_numbers: pl.DataFrame, trail: pl.Series, where: str) -> FileClock:
    """Decide the direction of a file and the passes of repeated hours.

    Args:
        evidence: Of pass 1.
        day_numbers: ``text`` and ``day`` (days since 1970) of the date texts of the file.
        trail: Days since 1970 in file order, each run of equal days once.
        where: File and column, for messages.

    Raises:
        InputError: The clock of the file never changes, but the clock of the zone does.
    """
    near = evidence.near_rows.join(day_numbers, on="text").select(
        (pl.col("day").cast(pl.Int64) * _DAY_MINUTES + pl.col("minute")).alias("local"),
        "rows",
        "ups",
        "downs",
        "equals",
    )
    days = trail.drop_nulls()
    if near.is_empty():
        return FileClock(_decide_direction(evidence, days, near))
    first, last = int(str(days.min())), int(str(days.max()))
    changes = [c for c in find_clock_changes(evidence.time_zone) if _is_inside(c, first, last)]
    rows = _LocalRows(near, _find_limit(near, first, last=False), _find_limit(near, last, last=True))
    repeated = [change for change in changes if not change.skipped]
    inside = pl.any_horizontal(
        pl.lit(value=False),
        *(pl.col("local").is_between(_to_minutes(c.start), _to_minutes(c.end), closed="left") for c in repeated),
    )
    direction = _decide_direction(evidence, days, near.filter(inside))
    passes = {change.start.date(): _decide_passes(rows, change, direction) for change in repeated}
    doubts = _check_clock_changes(rows, changes, passes, where=where, time_zone=evidence.time_zone)
    return FileClock(direction, tuple(passes.items()), doubts)


def _is_inside(change: ClockChange, first_day: int, last_day: int) -> bool:
    return (
        first_day * _DAY_MINUTES <= _to_minutes(change.end)
        and _to_minutes(change.start) <= (last_day + 1) * _DAY_MINUTES
    )


def _find_limit(near: pl.DataFrame, day: int, *, last: bool) -> int:
    """Return the first or last minute of the file, exact on the days of clock changes."""
    rows = near["local"].filter(near["local"] // _DAY_MINUTES == day)
    if rows.is_empty():
        return (day + 1) * _DAY_MINUTES - 1 if last else day * _DAY_MINUTES
    return int(str(rows.max() if last else rows.min()))


def _decide_direction(evidence: ClockEvidence, days: pl.Series, repeated: pl.DataFrame) -> Direction:
    """Return the direction of most steps; steps inside repeated hours count only where there are no others."""
    # Steps within days decide files of one day, turns of days decide files of daily readings.
    turns = days.cast(pl.Int64).diff()
    ups, downs = evidence.ups + int((turns > 0).sum()), evidence.downs + int((turns < 0).sum())
    outside_ups, outside_downs = ups - int(repeated["ups"].sum()), downs - int(repeated["downs"].sum())
    if outside_ups + outside_downs:
        ups, downs = outside_ups, outside_downs
    # A file that lies within a repeated hour may step back once, at the change itself.
    contrary = max(1 if not outside_ups + outside_downs else 0, _MAX_CONTRARY_SHARE * (ups + downs))
    if downs <= contrary and downs <= ups:
        return "ascending"
    return "descending" if ups <= contrary else "mixed"


def _decide_passes(rows: _LocalRows, change: ClockChange, direction: Direction) -> Passes:
    inside = rows.count(change.start, change.end)
    usual = _count_usual(rows, change)
    # A clock that repeats an hour steps back once, or stands still where readings are hourly.
    contrary = inside["downs" if direction == "ascending" else "ups"] if direction != "mixed" else 0
    crowded = inside["rows"] >= _REPEATED_RATIO * usual > 0
    if contrary or (crowded and (inside["equals"] or direction == "mixed")):
        return "both"
    begins_inside = rows.first_minute >= _to_minutes(change.start)
    # A clock that goes on from the repeated hour to the next one without stepping back is in its second pass.
    return "second" if begins_inside and rows.last_minute >= _to_minutes(change.end) else "first"


def _count_usual(rows: _LocalRows, change: ClockChange) -> float:
    """Return the usual number of rows in a span of this length, from the hours around; 0 without rows there."""
    before, after = _count_around(rows, change)
    sides = [count for count in (before, after) if count]
    return sum(sides) / len(sides) / _WINDOW if sides else 0.0


def _count_around(rows: _LocalRows, change: ClockChange) -> tuple[int, int]:
    margin = timedelta(minutes=_WINDOW * change.minutes)
    before = rows.count(change.start - margin, change.start)["rows"]
    return before, rows.count(change.end, change.end + margin)["rows"]


def _check_clock_changes(
    rows: _LocalRows, changes: list[ClockChange], passes: Mapping[date, Passes], *, where: str, time_zone: str
) -> tuple[str, ...]:
    """Return doubts about the zone of the clock.

    Raises:
        InputError: Every skipped hour holds rows as usual, and no repeated hour is there twice.
    """
    # A change counts only where the file has rows on both sides of it.
    covered = [change for change in changes if all(_count_around(rows, change))]
    springs = [change for change in covered if change.skipped]
    autumns = [c for c in covered if not c.skipped and rows.count(c.start, c.end)["rows"]]
    # One hour that is there twice proves a clock that changes; rows in the gap are strays then.
    if any(passes[change.start.date()] == "both" for change in autumns):
        return ()
    filled = [c for c in springs if rows.count(c.start, c.end)["rows"] >= _FILLED_RATIO * _count_usual(rows, c)]
    if springs and len(filled) == len(springs):
        raise InputError(_fixed_clock_message(rows, filled, where, time_zone))
    if autumns and not springs:
        return (_once_only_message(autumns[0], time_zone),)
    return ()


def _fixed_clock_message(rows: _LocalRows, filled: list[ClockChange], where: str, time_zone: str) -> str:
    first = filled[0]
    count = sum(rows.count(change.start, change.end)["rows"] for change in filled)
    span = f"{first.start:%Y-%m-%d %H:%M} to {first.end:%H:%M}"
    hours = format_count(len(filled), "hour")
    return (
        f"{where}: {format_count(count, 'row')} in {hours} that clocks of {time_zone} skip, e.g. {span}: "
        f"the clock of this file has no summer time; {advise_fixed_zone(first.offset_before)}"
    )


def _once_only_message(change: ClockChange, time_zone: str) -> str:
    # Without the file: a folder with a file per tag would say the same a hundred times.
    standard = change.offset_before - change.minutes
    span = f"{change.start:%Y-%m-%d %H:%M} to {change.end:%H:%M}"
    return (
        f"the time from {span} is there once, but clocks of {time_zone} repeat it; if the clock of the files has no "
        f"summer time, {advise_fixed_zone(standard)}"
    )


def advise_fixed_zone(offset_minutes: int) -> str:
    """Return the advice how to import times of a clock with this offset all year."""
    zone = find_fixed_zone(offset_minutes)
    if zone is not None:
        return f"use --timezone {zone} ({format_offset(offset_minutes)} all year)"
    offset = format_offset(offset_minutes)
    return (
        f"no time zone has {offset} all year: rename the time column to 'Time ({offset})', the offset of all its times"
    )


def _to_minutes(local: datetime) -> int:
    return (local - EPOCH) // MINUTE


def split_local_times(local_times: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the ``Date`` and the milliseconds since midnight of naive local times."""
    dates = local_times.dt.date()
    return dates, local_times.dt.epoch("ms") - dates.cast(pl.Int64) * DAY_MS
