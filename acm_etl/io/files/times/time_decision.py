"""Decision how the time columns of all files of a machine are read, from what pass 1 saw of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import cast

import polars as pl

from acm_etl.errors import InputError
from acm_etl.io.files.times.clock_changes import FileClock, decide_file_clock
from acm_etl.io.files.times.date_jumps import find_changed_dates, find_order_change
from acm_etl.io.files.times.date_orders import DateOrders, decide_date_orders
from acm_etl.io.files.times.date_texts import to_date
from acm_etl.io.files.times.epochs import EPOCH_UNITS, UNIT_TEXTS, NumberUnit
from acm_etl.io.files.times.foreign_times import describe_foreign_times
from acm_etl.io.files.times.time_column import HALF_DAY_HOURS, TimeColumn
from acm_etl.io.files.times.time_format import refuse_format
from acm_etl.io.files.times.time_reading import TimeReading, TimeSample, describe_spelling
from acm_etl.io.files.times.unset_clocks import describe_stray_days, find_stray_days
from acm_etl.io.files.times.zone_words import format_offset, resolve_zone_words
from acm_etl.io.files.times.zones import LocalTimeConverter
from acm_etl.words import DateOrder

_MAX_WESTERN_OFFSETS = 12
_MIN_INTERVALS = 5
_MIN_DAY_ENDS = 3  # midnights at the end of their day
_MAX_OTHER_MIDNIGHTS = 0.1  # share of them; one is the first or the last row of a file
_MAX_ODD_OFFSETS = 1  # a clock may be set to any, but not to several
_PART_HOUR_OFFSETS = (-570, -210, -150)  # minutes east of UTC: Marquesas and Newfoundland
_MIN_OLD_YEARS = 15
_SHORT_YEAR = r"^\d\d?[/.-]\d\d?[/.-]\d\d?$"
_DAYS_FROM_1904 = 24_107  # to 1970
_MIN_FUTURE_DAYS = 20 * 365  # no clock that is wrong by hours, days or a rollover
_ENDS_IN_MINUTES = re.compile(r"(?<![:\d])\d\d:\d\d$")


@dataclass(frozen=True, slots=True)
class DecidedTime:
    """Decision for one time column of one file.

    Attributes:
        reading: How its cells are read; a plan can repeat it.
        clock: How the times of this file run; true for this file only.
        first_day: Day before which a clock that was not set wrote the rows of this file; None if all count.
    """

    reading: TimeReading
    clock: FileClock
    first_day: date | None = None

    def make_converter(self) -> LocalTimeConverter:
        """Return a converter for one pass over the file."""
        return LocalTimeConverter(self.reading.zone, self.clock.direction, dict(self.clock.passes))

    def flag_unset_clock(self, local_times: pl.Series) -> pl.Series:
        """Return which local times a clock wrote that was not set."""
        if self.first_day is None:
            return pl.repeat(value=False, n=len(local_times), eager=True)
        return (local_times.dt.date() < self.first_day).fill_null(value=False)


@dataclass(frozen=True, slots=True)
class TimeDecision:
    """Decision for all time columns of a machine.

    Attributes:
        times: One per column, in the order given.
        messages: What was decided, one sentence each.
    """

    times: tuple[DecidedTime, ...]
    messages: tuple[str, ...]


def decide_times(columns: Sequence[TimeColumn], date_order: DateOrder | None = None) -> TimeDecision:
    """Decide how the time columns of all files of a machine are read.

    Args:
        columns: Time columns after pass 1.
        date_order: Order of day and month that the user gives.

    Raises:
        InputError: Dates contradict one another, day and month change places within a file, or nothing decides their
            order; most rows of a file have no readable time, AM and PM are missing, a zone word has several meanings,
            or the clock of a file never changes although its zone's does.
    """
    # Readings of a plan bring their orders along; they must not take part in a new decision.
    detected = [column for column in columns if column.given is None]
    orders = DateOrders({})
    if detected:
        orders = decide_date_orders([column.date_evidence for column in detected], date_order)
    for column in detected if date_order is None else ():
        _refuse_order_change(column, orders)
    times = tuple(_decide_time(column, orders) for column in columns)
    stated = (_describe_offset(column) for column in columns if column.offset is not None)
    return TimeDecision(times, (*orders.messages, *dict.fromkeys(stated)))


def _refuse_order_change(column: TimeColumn, orders: DateOrders) -> None:
    if example := find_order_change(column.date_evidence, orders):
        found = (
            f"the dates jump from month to month, and those like {example} go on day by day if day and month change "
            "places: the order changes within the files, or a spreadsheet has changed it"
        )
    elif example := find_changed_dates(column.date_evidence, orders):
        found = (
            f"dates like {example} have no day after the 12th, all others have no other day, and if day and month "
            "change places, they are of the same months: a spreadsheet has changed those that it could read"
        )
    else:
        return
    message = (
        f"{column.label}: {found}. Export the times again in one order, or import files of different orders apart; if "
        "the dates are right, state --date-order"
    )
    raise InputError(message)


def _describe_offset(column: TimeColumn) -> str:
    return f"times of column {column.name!r} are {format_offset(column.offset or 0)}, as its name says"


def _decide_time(column: TimeColumn, orders: DateOrders) -> DecidedTime:
    if column.given is not None:
        orders = DateOrders(dict(column.given.date_orders))
    days = orders.parse_days(column.date_evidence.date_counts["text"].drop_nulls()).drop_nulls()
    # A plan decides how cells are read; how many of them can be read is counted in tonight's file.
    reading = column.given or _build_reading(column, orders)
    reading = _add_counts(column, reading, days)
    # Before the clock: the direction of a column that holds no times means nothing.
    _check_readable(column, reading)
    _check_epoch(column, reading, days)
    _check_hours(column, len(days))
    _check_offsets(column)
    clock = _decide_clock(column, days)
    strays = find_stray_days(column.date_evidence.date_counts.join(days, on="text"))
    doubts = (
        *reading.doubts,
        *_doubt_offsets(column, reading.row_count - reading.unreadable_count),
        *_doubt_old_years(column, days),
        *clock.doubts,
        *(describe_stray_days(stray, column.label) for stray in strays),
    )
    reading = replace(reading, doubts=tuple(dict.fromkeys(doubts)))
    first_day = next((stray.next for stray in strays if stray.is_unset), None)
    # Last, because the samples show the complete decision: order, zone, and pass of a repeated hour.
    return _add_samples(column, DecidedTime(reading, clock, first_day))


def _build_reading(column: TimeColumn, orders: DateOrders) -> TimeReading:
    # Serial days have no other unit of the same range, so there is nothing left to decide.
    unit = column.unit if column.unit in (None, "excel") else _decide_epoch_unit(column)
    words = resolve_zone_words(column.zone_words, column.zone, column.label)
    return TimeReading(
        columns=column.columns,
        kind=column.kind,
        zone=column.zone,
        offset=column.offset,
        date_orders=_select_orders(column, orders) if column.kind == "text" else (),
        zone_words=tuple(words.items()),
        unit=unit,
        resolution_ms=column.number_evidence.get_resolution_ms(unit) if unit else 1,
        time_format=column.time_format,
        doubts=(*column.doubts, *_doubt_intervals(column), *_doubt_midnights(column)),
    )


def _doubt_midnights(column: TimeColumn) -> tuple[str, ...]:
    """Return the doubts about midnights: they may be totals of days, or the ends of the days that they are dated.

    Some writers leave out 00:00 (Excel), but then no other row has it.
    """
    doubts = []
    if column.bare_count and column.midnight_count:
        counts = f"{column.bare_count:,} dates without a time of day are read as midnight, which other rows write as"
        doubts.append(f"{column.label}: {counts} 00:00; if these rows are totals of days, remove them")
    others = column.midnight_count - column.day_end_count
    is_rising = column.clock_evidence.ups > column.clock_evidence.downs
    is_usual = others <= max(1, _MAX_OTHER_MIDNIGHTS * column.midnight_count)
    if is_rising and is_usual and column.day_end_count >= _MIN_DAY_ENDS:
        mend = "24:00 or the next date" if column.kind == "text" else "the next date"
        found = f"{column.day_end_count:,} rows of 00:00 stand at the end of their day, but are read as its beginning"
        doubts.append(f"{column.label}: {found}; if they are the end, write {mend}")
    return tuple(doubts)


def _doubt_offsets(column: TimeColumn, readable: int) -> tuple[str, ...]:
    """Return a doubt about a column in which some of the readable times have an offset and others do not."""
    if not 0 < column.offset_count < readable or column.offset is not None:
        return ()
    counts = f"{column.offset_count:,} of {readable:,} times have an offset"
    return (f"{column.label}: {counts}, the others are read as local times of {column.zone}",)


def _doubt_old_years(column: TimeColumn, days: pl.DataFrame) -> tuple[str, ...]:
    """Return a doubt about years of two digits that are all long ago: the year of 02/12/11 may be 1402, or 2011."""
    if days.is_empty() or not column.date_evidence.date_counts["text"].str.contains(_SHORT_YEAR).any():
        return ()
    newest = to_date(int(str(days["day"].max())))
    if datetime.now(UTC).year - newest.year < _MIN_OLD_YEARS:
        return ()
    found = f"years of two digits, of which {newest.year} is the last one"
    return (f"{column.label}: {found}; if that is wrong, state --date-order, or export Gregorian years of four digits",)


def _doubt_intervals(column: TimeColumn) -> tuple[str, ...]:
    """Return a doubt about a column of one western offset and one time of day: 06:00-07:00 may be a part of each day.

    Days with an offset have midnight, 00:00-07:00.
    """
    is_one = len(column.offsets) == len(column.interval_lengths) == 1
    if not is_one or column.hours == {0} or column.first_cells is None:
        return ()
    end = format_offset(min(column.offsets)).removeprefix("UTC")
    # A zone word or -0700 is no time of day, and the start of an interval has no seconds where its end has none.
    start = str(column.first_cells.to_series(-1)[0]).strip().removesuffix(end)
    if not end.startswith("-") or not _ENDS_IN_MINUTES.search(start):
        return ()
    found = f"all times have one time of day, and {end} behind it is read as an offset from UTC"
    return (f"{column.label}: {found}; if the cells are intervals, write blanks around the dash: 00:00 - 00:15",)


def _select_orders(column: TimeColumn, orders: DateOrders) -> tuple[tuple[str, DateOrder], ...]:
    """Return all orders of the machine: a later file of the same plan may use a spelling of another file."""
    return tuple(orders.by_spelling.items()) if column.date_evidence.row_count else ()


def _decide_epoch_unit(column: TimeColumn) -> NumberUnit:
    counts = column.number_evidence.unit_counts
    # The sample decided that the column holds numbers; all rows decide their unit.
    units = [unit for unit in EPOCH_UNITS if counts.get(unit)]
    if len(units) > 1:
        found = " and ".join(f"{counts[unit]:,} rows of {UNIT_TEXTS[unit]}" for unit in units)
        message = f"{column.label} mixes {found}; write all of them in one unit"
        raise InputError(message)
    return units[0] if units else cast("NumberUnit", column.unit)


def _add_counts(column: TimeColumn, reading: TimeReading, days: pl.DataFrame) -> TimeReading:
    """Return the reading with its counts of rows, readable or not."""
    unreadable = column.row_count - _count_readable(column, reading, days)
    return replace(reading, row_count=column.row_count, unreadable_count=unreadable)


def _count_readable(column: TimeColumn, reading: TimeReading, days: pl.DataFrame) -> int:
    # Each kind counts on its own: only texts depend on the order of day and month that was decided.
    if column.kind == "number":
        return column.number_evidence.count_readable(reading.unit) if reading.unit else 0
    if column.kind != "text":
        return column.readable_count
    return int(column.date_evidence.date_counts.join(days, on="text", how="semi")["rows"].sum())


def _check_readable(column: TimeColumn, reading: TimeReading) -> None:
    # Fewer are counted as losses, and limited where all losses of the import are.
    if 2 * reading.unreadable_count <= reading.row_count:
        return
    cells = [] if column.first_cells is None else [str(cell) for cell in reading.get_cells(column.first_cells)]
    foreign = describe_foreign_times(column.name, pl.Series(cells, dtype=pl.String))
    if foreign is not None:
        message = f"{column.file_name}: {foreign}"
        raise InputError(message)
    if reading.time_format is not None:
        raise refuse_format(column.label, reading.time_format, cells, reading.row_count)
    message = (
        f"{column.file_name}: {reading.unreadable_count:,} of {reading.row_count:,} rows have no readable time in "
        f"column {column.name!r}, which begins {', '.join(cells) or '(empty)'}; name another one with --time-column, "
        "or give the pattern with --time-format, e.g. --time-format '%d.%m.%Y %H:%M:%S'"
    )
    raise InputError(message)


def _check_epoch(column: TimeColumn, reading: TimeReading, days: pl.DataFrame) -> None:
    """Refuse seconds that would be decades ahead since 1970, and are plausible since 1904, as LabVIEW counts them."""
    if reading.unit != "s" or days.is_empty():
        return
    first, last = (int(str(day)) for day in (days["day"].min(), days["day"].max()))
    today = (datetime.now(UTC).date() - to_date(0)).days
    # One day, because a clock may run ahead.
    if first < today + _MIN_FUTURE_DAYS or last - _DAYS_FROM_1904 > today + 1:
        return
    found, meant = to_date(first), to_date(first - _DAYS_FROM_1904)
    message = (
        f"{column.label}: seconds since 1970 would begin on {found}, in the future; if they count from 1904, as those "
        f"of LabVIEW do, they begin on {meant}: subtract {_DAYS_FROM_1904 * 86_400} from each, or export dates"
    )
    raise InputError(message)


def _check_hours(column: TimeColumn, day_count: int) -> None:
    # On one day, all hours may be those of one half of it.
    if column.given is not None or column.has_half_days or column.hours != HALF_DAY_HOURS or day_count < 2:
        return
    message = (
        f"{column.label}: on {day_count:,} days all times lie between 1:00 and 12:59: the clock has 12 hours, and "
        "AM or PM is missing; export the times with 24 hours or with AM and PM. If they are right, state their "
        "pattern, e.g. --time-format '%m/%d/%Y %H:%M'"
    )
    raise InputError(message)


def _check_offsets(column: TimeColumn) -> None:
    """Refuse intervals such as 00:15-00:30, whose end would pass for an offset from UTC."""
    western = {offset for offset in column.offsets if offset < 0}
    odd = {offset for offset in western if offset % 60 and offset not in _PART_HOUR_OFFSETS}
    has_many = len(western) > _MAX_WESTERN_OFFSETS or len(odd) > _MAX_ODD_OFFSETS
    # An offset does not move with the time of day: only the end of an interval is always as far behind its start.
    ends = {offset for offset in column.offsets if offset <= 0}
    has_one_length = len(ends) > 1 and len(column.interval_lengths) == 1 and column.offset_count >= _MIN_INTERVALS
    if not has_many and not has_one_length:
        return
    cells = [] if column.first_cells is None else [str(cell) for cell in column.first_cells.to_series(-1)]
    message = (
        f"{column.label} has offsets from UTC that no clock has, {len(column.offsets)} different ones: cells such as "
        f"{', '.join(cells)} are intervals; write blanks around the dash, 00:00 - 00:15, or the start only"
    )
    raise InputError(message)


def _decide_clock(column: TimeColumn, days: pl.DataFrame) -> FileClock:
    trail = column.date_evidence.date_trail
    # Empty for epochs: they have offsets, and no clock that changes.
    texts = pl.concat(trail) if trail else pl.Series([], dtype=pl.String)
    numbers = texts.replace_strict(days["text"], days["day"], default=None, return_dtype=pl.Int32)
    return decide_file_clock(column.clock_evidence, days, numbers, column.label)


def _add_samples(column: TimeColumn, decided: DecidedTime) -> DecidedTime:
    """Return the decision with the spelling in words and the first cells in UTC."""
    if column.first_cells is None:
        return decided
    reading = decided.reading
    cells = [str(cell) for cell in reading.get_cells(column.first_cells)]
    times = reading.parse_local_times(column.first_cells)
    # A converter of its own: the one of pass 2 remembers the rows that it has seen.
    utc = decided.make_converter().convert_to_utc(times["local"], times["offset"])["utc"]
    samples = tuple(TimeSample(cell, time) for cell, time in zip(cells, utc, strict=True))
    readable = next((cell for cell, time in zip(cells, utc, strict=True) if time is not None), None)
    spelling = reading.spelling or describe_spelling(reading, readable)
    return replace(decided, reading=replace(reading, samples=samples, spelling=spelling))
