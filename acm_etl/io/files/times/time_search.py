"""Search for the time columns of a file, by names and by the first rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import polars as pl

from acm_etl.errors import InputError
from acm_etl.io.files.rejections import format_samples
from acm_etl.io.files.times.clock_columns import (
    find_clock_columns,
    find_time_parts,
    has_dates_alone,
    holds_any_clocks,
    is_clock,
    is_day_zero,
)
from acm_etl.io.files.times.date_parts import MIN_PARTS, find_date_parts
from acm_etl.io.files.times.date_texts import parse_dates, split_timestamps
from acm_etl.io.files.times.epochs import (
    NumberUnit,
    detect_named_unit,
    detect_number_unit,
    is_running,
    is_scientific,
    to_numbers,
)
from acm_etl.io.files.times.foreign_times import describe_foreign_times
from acm_etl.io.files.times.label_like_times import describe_counted_days, find_counted_format, is_label_like
from acm_etl.io.files.times.millisecond_column import is_millisecond_column
from acm_etl.io.files.times.sample_cells import SAMPLE_ROWS, is_majority
from acm_etl.io.files.times.time_column import TimeColumn, TimeOptions
from acm_etl.io.files.times.time_format import check_time_format, parse_with_format
from acm_etl.io.files.times.time_names import find_zone_in_name, is_time_name, order_candidates
from acm_etl.io.files.times.time_reading import TimeColumnKind, to_texts
from acm_etl.io.files.times.zone_column import is_zone_column, is_zone_name
from acm_etl.io.files.times.zone_words import get_fixed_offset, resolve_zone_words

_SHOWN_CELLS = 3
# Texts that are no date: numbers, as one without separators has eight digits, and one with separators has two of them;
# and words without a digit.
_DATELESS_TEXT = r"^\s*[+-]?\d{1,7}(?:[.,]\d*)?\s*$|^\D*$"


class NoTimesError(InputError):
    """A table in which no column reads as times, such as a list of tags."""


@dataclass(frozen=True)
class TimeSearch:
    """Search for the time columns of a file in its first rows.

    Attributes:
        file_name: For messages.
        sample: The first rows of the file, all columns; text cells as String, empty cells null.
        options: Of the user.
    """

    file_name: str
    sample: pl.DataFrame
    options: TimeOptions
    # Looking at a column takes milliseconds, and both searches look at all of them.
    _tried: dict[str, TimeColumn | None] = field(default_factory=dict)

    def find_best(self) -> TimeColumn:
        """Return the time column: the one that is named, else one with a usual name, else the first that holds times.

        Raises:
            InputError: There is none, or it has no date.
        """
        if self.options.time_format is not None:
            check_time_format(self.options.time_format)
        column = self._match_columns() or self._detect_column()
        self._refuse_merged_dates(column.columns[0])
        # A name that reads as a time is the first row of a file without a header.
        if is_timestamp(pl.Series([column.columns[0]])):
            shown = ", ".join(column.columns)
            message = f"{self.file_name} has no header: its first line holds readings ({shown}); put the names there"
            raise InputError(message)
        return column

    def find_all(self) -> tuple[TimeColumn, ...]:
        """Return all columns that hold times, the best candidate first, for files with a time column per value column.

        Serial days of Excel come last: they look like many a sensor. Beside others, times written like labels are none.
        """
        found = [self._try_column(name) for name in order_candidates(self.sample.columns)]
        times = [column for column in found if column is not None]
        columns = [time for time in times if not is_label_like(self.sample.select(time.columns))] or times
        if (parts := find_date_parts(self.sample)) and len(parts) >= MIN_PARTS:
            columns.append(self._make_column(parts, "text"))
        # The sort is stable: within each half the order of the candidates stays.
        return tuple(sorted(columns, key=lambda column: column.unit == "excel"))

    def _refuse_merged_dates(self, name: str) -> None:
        """Check that dates beside a column of clocks stand in each row; a merged cell is filled in its first only."""
        dates = self.sample[name].drop_nulls()
        # Dates in most rows, or times of their own, need no clock.
        if 2 * len(dates) >= len(self.sample) or not has_dates_alone(dates.head(SAMPLE_ROWS)):
            return
        others = (other for other in self.sample.columns if other != name and not self.sample[other].null_count())
        if clock := next((other for other in others if holds_any_clocks(self.sample[other])), None):
            message = (
                f"{self.file_name}: column {name} has a date in {len(dates):,} of {len(self.sample):,} rows, and "
                f"{clock} a time of day in each, as merged cells of a spreadsheet have; write the date into every row"
            )
            raise InputError(message)

    def _make_column(
        self,
        columns: tuple[str, ...],
        kind: TimeColumnKind,
        *,
        unit: NumberUnit | None = None,
        time_format: str | None = None,
    ) -> TimeColumn:
        """Return the column with the offset or zone that its name states."""
        # The name of a column of zones, such as "UTC Offset", says what its cells hold, and not where the clock stands.
        names = (name for name in columns if not is_zone_name(name))
        stated = next((zone for zone in map(find_zone_in_name, names) if zone is not None), None)
        zone, offset = self.options.time_zone, stated if isinstance(stated, int) else None
        if isinstance(stated, str) and "/" in stated:
            zone = stated
        elif isinstance(stated, str):
            # A word in a name holds for the whole year: writers who change their clocks have no single word for both.
            offset = get_fixed_offset(stated)
            if offset is None:
                offset = resolve_zone_words([stated], zone, f"{self.file_name}: column {columns[0]!r}")[stated]
        column = TimeColumn(self.file_name, columns, kind, zone, offset, unit, time_format)
        if unit == "excel":
            column.doubts.append(
                f"{column.label} holds numbers that are read as serial days of Excel; if they are not times, name the "
                "time column with --time-column"
            )
        return column

    def _match_columns(self) -> TimeColumn | None:
        """Return the column that the user names, None where the user names none."""
        if self.options.time_column is None:
            return None
        # A name may contain a plus sign itself, so the whole text is looked up first.
        exact = _find_name(self.sample.columns, self.options.time_column)
        if exact:
            return self._read_named(exact)
        parts = [_find_name(self.sample.columns, part) for part in self.options.time_column.split("+")]
        if all(parts):
            return self._make_column(tuple(name for name in parts if name), "text")
        close = get_close_matches(self.options.time_column, self.sample.columns, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        listed = _format_columns(self.sample.columns)
        message = f"{self.file_name} has no column {self.options.time_column!r}.{hint} It has {listed}"
        raise NoTimesError(message)

    def _read_named(self, name: str) -> TimeColumn:
        """Return a column that the user names: its values decide less than those of other columns."""
        values = self.sample[name]
        found = self._try_column(name)
        if found is not None:
            return found
        # Who names a column knows that it holds times, so any year from 1973 on will do, in any order.
        unit = detect_named_unit(values) if self.options.time_format is None else None
        if unit is not None:
            return self._make_column((name,), "number", unit=unit)
        if self.options.time_format is not None:
            return self._make_column((name,), "format", time_format=self.options.time_format)
        if holds_any_clocks(values):
            raise InputError(_clock_alone_message(self.file_name, name))
        if values.dtype == pl.String:
            # Pass 1 sees all rows: the readable ones may begin behind the sample.
            return self._make_column((name,), "text")
        message = f"{self.file_name}: column {name!r} holds {values.dtype}, not times"
        raise InputError(message)

    def _try_column(self, name: str) -> TimeColumn | None:
        """Return the column if its cells are times; the same object whenever it is asked for."""
        if name not in self._tried:
            self._tried[name] = self._examine_column(name)
        return self._tried[name]

    def _examine_column(self, name: str) -> TimeColumn | None:
        """Return the column if its cells are times: alone, or as the dates of a pair."""
        values, pattern = self.sample[name], self.options.time_format
        if pattern is not None:
            fits = _fits_format(values, pattern)
            return self._make_column((name,), "format", time_format=pattern) if fits else None
        # Numbers are looked at only under a name of times: a record number can pass for a compact date.
        named = is_time_name(name)
        if is_timestamp(values) or (named and values.dtype.is_numeric() and is_timestamp(to_texts(values))):
            columns = (name, *find_clock_columns(self.file_name, self.sample, name))
            has_zone = isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is not None
            if (values.dtype in (pl.String, pl.Datetime) and not has_zone) or len(columns) > 1:
                columns = _add_suffix_columns(self.sample, columns)
            if len(columns) > 1 or values.dtype == pl.String:
                return self._make_column(columns, "text")
            # Typed times need no parsing; a date column of type Date with a clock beside it has taken the way of texts
            # above.
            kind: TimeColumnKind = "typed" if values.dtype in (pl.Date, pl.Datetime) else "text"
            return self._make_column((name,), kind)
        unit = detect_number_unit(values.head(SAMPLE_ROWS)) if named else None
        return None if unit is None else self._make_column((name,), "number", unit=unit)

    def _detect_column(self) -> TimeColumn:
        doubtful: TimeColumn | None = None
        label: TimeColumn | None = None
        for name in order_candidates(self.sample.columns):
            column = self._try_column(name)
            # Serial days, and spellings that labels have too, are taken only where nothing else is a time.
            if column is None or column.unit == "excel":
                doubtful = doubtful or column
            elif is_label_like(self.sample.select(column.columns)):
                label = label or column
            else:
                return column
        if self.options.time_format is None and (parts := find_time_parts(self.file_name, self.sample)):
            return self._make_column(parts, "text")
        found = doubtful or self._find_lone_epoch() or label
        found = found or self._find_counted_days()
        if found is not None:
            return found
        raise NoTimesError(self._not_found_message())

    def _find_lone_epoch(self) -> TimeColumn | None:
        """Return the first column if its numbers alone can be times since 1970 and run on with every row."""
        if self.options.time_format is not None or not self.sample.columns:
            return None
        # A counter of energy can lie in the range of seconds: one candidate, in the place of a time column, or none.
        # Laboratories write resistances in scientific notation: without a name of times, these are no epochs.
        columns = (self.sample[name].head(SAMPLE_ROWS) for name in self.sample.columns)
        units = {cells.name: None if is_scientific(cells) else detect_number_unit(cells) for cells in columns}
        epochs = [name for name, unit in units.items() if unit not in (None, "excel")]
        if epochs != [self.sample.columns[0]]:
            return None
        numbers = to_numbers(self.sample[epochs[0]].drop_nulls().head(SAMPLE_ROWS)).drop_nulls()
        if not is_running(numbers, distinct_share=0.5):
            return None
        column = self._make_column((epochs[0],), "number", unit=units[epochs[0]])
        column.doubts.append(f"{column.label} has no usual name of a time column; its numbers are read as times")
        return column

    def _find_counted_days(self) -> TimeColumn | None:
        """Return a column of days of weeks or of years under a name of times, with the column of clocks beside it."""
        if self.options.time_format is not None:
            return None
        for name in filter(is_time_name, order_candidates(self.sample.columns)):
            pattern = find_counted_format(self.sample[name].head(SAMPLE_ROWS))
            if pattern is None:
                continue
            if clocks := find_clock_columns(self.file_name, self.sample, name):
                return self._make_column((name, *clocks), "text")
            column = self._make_column((name,), "format", time_format=pattern)
            column.doubts.append(describe_counted_days(column.label, self.sample[name]))
            return column
        return None

    def _not_found_message(self) -> str:
        names = list(order_candidates(self.sample.columns))
        # The most likely column first: its cells tell the user what the import could not read.
        usual = next((name for name in names if is_time_name(name)), None)
        if self.options.time_format is not None:
            cells = format_samples(self.sample[usual or names[0]].drop_nulls().head(_SHOWN_CELLS))
            return (
                f"{self.file_name}: --time-format {self.options.time_format!r} fits no column; "
                f"{usual or names[0]} begins {cells}; correct the pattern, or omit --time-format"
            )
        # Elsewhere such cells are hardly times: addresses of computers look like dates of Taiwan.
        likely = (name for name in names if name == self.sample.columns[0] or is_time_name(name))
        foreign = next(filter(None, (describe_foreign_times(name, self.sample[name]) for name in likely)), None)
        if foreign is not None:
            return f"{self.file_name}: {foreign}"
        clock = next((name for name in names if holds_any_clocks(self.sample[name])), None)
        if clock is not None:
            return _clock_alone_message(self.file_name, clock)
        hint = ""
        if usual:
            hint = f"; most of {usual} is not readable, it begins {format_samples(self.sample[usual])}"
        # Serial days are not offered here: their range is that of many a sensor.
        candidates = [
            name for name in self.sample.columns if detect_named_unit(self.sample[name]) not in (None, "excel")
        ]
        if candidates:
            hint = f"; if the numbers of {candidates[0]} are times since 1970, add --time-column {candidates[0]!r}"
        listed = _format_columns(self.sample.columns)
        return (
            f"{self.file_name}: no column reads as times{hint}; the columns are {listed}; name one with --time-column, "
            "and give its pattern with --time-format '%d.%m.%Y %H:%M:%S'; if these are no names: --header-line N"
        )


def _find_name(columns: Sequence[str], wanted: str) -> str | None:
    # Exact case first: a file may have both "Time" and "TIME".
    exact = [c for c in columns if c.strip() == wanted.strip()]
    folded = exact or [c for c in columns if c.strip().casefold() == wanted.strip().casefold()]
    return folded[0] if folded else None


def _add_suffix_columns(sample: pl.DataFrame, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of a time with those of its milliseconds and its zone, if they follow."""
    # Both stand right behind the columns so far, the zone behind the milliseconds if there are both.
    behind = sample.columns[max(map(sample.columns.index, columns)) + 1 :][:2]
    # Typed times have their milliseconds already.
    is_typed = sample.schema[columns[-1]] == pl.Datetime
    if behind and not is_typed and is_millisecond_column(sample, columns, behind[0]):
        columns = (*columns, behind.pop(0))
    if behind and is_zone_column(sample[behind[0]]):
        columns = (*columns, behind[0])
    return columns


def _fits_format(values: pl.Series, pattern: str) -> bool:
    cells = values.drop_nulls().head(SAMPLE_ROWS)
    return not cells.is_empty() and is_majority(parse_with_format(cells, pattern)["local"].is_not_null())


def is_timestamp(values: pl.Series) -> bool:
    """Return whether most values are a date, or a date and a time of day."""
    if values.dtype in (pl.Date, pl.Datetime):
        return values.count() > 0 and not is_day_zero(values)
    if values.dtype != pl.String:
        return False
    texts = values.drop_nulls().head(SAMPLE_ROWS)
    # Nearly every column of a file holds numbers, and the search for a date in each took a third of a small import. The
    # name of the time column is looked at, too, and is hardly ever a date.
    if _is_half_or_more(texts.str.contains(_DATELESS_TEXT)):
        return False
    parts = split_timestamps(texts)
    # Distinct texts only: parsing costs the same for one date as for a thousand rows of it.
    date = parts["date"].is_in(parse_dates(parts["date"].unique()).drop_nulls("spelling")["text"].implode())
    return is_majority(date & (parts["clock"].is_null() | is_clock(parts["clock"])))


def _is_half_or_more(flags: pl.Series) -> bool:
    return 2 * int(flags.sum()) >= len(flags)


def _clock_alone_message(file_name: str, name: str) -> str:
    return (
        f"{file_name}: column {name} holds times of day without a date, and no column holds the dates; "
        "add a column with the date to the file, e.g. Date"
    )


def _format_columns(columns: Sequence[str]) -> str:
    return ", ".join(columns[:30]) + (f" and {len(columns) - 30} more" if len(columns) > 30 else "")
