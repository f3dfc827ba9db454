"""The time column of a file: which column it is, and what pass 1 sees of it.

The flow, for each file and each of its time columns:

1. `time_search.TimeSearch` looks at the first rows.
2. Pass 1 gives every chunk to `TimeColumn.add_values`, with the tags of the rows in long files.
3. `time_decision.decide_times` decides from the columns of all files of a machine: a `TimeReading` and a `FileClock`
   for each column.
4. Pass 2 calls `TimeReading.parse_local_times` for every chunk, then `zones.LocalTimeConverter.convert_to_utc`.

A plan that repeats a `TimeReading` begins with `open_time_column` instead of step 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from acm_etl.io.files.times.clock_changes import ClockEvidence, split_local_times
from acm_etl.io.files.times.clock_texts import DAY_MS
from acm_etl.io.files.times.date_orders import DateEvidence, parse_distinct_clocks
from acm_etl.io.files.times.date_texts import split_timestamps
from acm_etl.io.files.times.epochs import NumberEvidence, NumberUnit
from acm_etl.io.files.times.time_format import parse_with_format
from acm_etl.io.files.times.time_reading import (
    TimeColumnKind,
    TimeReading,
    join_time_cells,
    parse_typed_times,
    to_texts,
)

_CELL_COUNT = 3
HALF_DAY_HOURS = frozenset(range(1, 13))
"""Hours of a clock that shows AM and PM."""
_HOUR_MS = 3_600_000
# A number alone, such as a count of rows below the table, is no date.
_DATE_PATTERN = r"^(?:\d+\D+\d|\d{6,})"
_MINUTE_MS = 60_000
_HALF_DAY_PATTERN = r"[\d\s][AaPp]\.?\s?[Mm]"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOptions:
    """Options of the user about times.

    Attributes:
        time_zone: IANA zone of time stamps without an offset.
        time_column: Name of the time column; two names joined by ``+`` are a date and a time of day, three or more the
            parts of a date, year first.
        time_format: Pattern of all time stamps.
    """

    time_zone: str
    time_column: str | None = None
    time_format: str | None = None


@dataclass(slots=True)
class TimeColumn:
    """A time column of one file, and what pass 1 saw of it.

    Attributes:
        file_name: Name of the file, for messages.
        columns: Its column; or columns of dates and of times of day; or the parts of a date, see ``date_parts``.
        kind: How its cells are read.
        zone: IANA zone of values without an offset.
        offset: Minutes east of UTC that the name of the column states.
        unit: Unit of a ``number`` column.
        time_format: Pattern of a ``format`` column.
        given: Reading of a plan, which decides everything.
        doubts: Sentences for the user.
        date_evidence: Dates, to decide the order of day and month.
        number_evidence: Numbers of a ``number`` column.
        clock_evidence: Rows near clock changes.
        zone_words: Zone words with several meanings.
        hours: Hours of the times of day in a ``text`` column.
        has_half_days: Some of these are written with AM or PM.
        bare_count: Dates without a time of day.
        midnight_count: Times that are written as midnight.
        day_end_count: Midnights of one tag between the evening of the same date and the morning of the next one.
        row_count: Rows seen.
        offset_count: Rows with an offset or a zone word of their own.
        offsets: The different offsets of these, in minutes east of UTC.
        interval_lengths: Up to two different milliseconds from the time of day to a western offset, read as another
            time of day: 06:00-14:00 may be an interval.
        readable_count: Rows of ``typed`` and ``format`` columns that have a time.
        first_cells: First rows with different times, the time columns only.
    """

    file_name: str
    columns: tuple[str, ...]
    kind: TimeColumnKind
    zone: str
    offset: int | None = None
    unit: NumberUnit | None = None
    time_format: str | None = None
    given: TimeReading | None = None
    doubts: list[str] = field(default_factory=list)
    date_evidence: DateEvidence = field(default_factory=DateEvidence)
    number_evidence: NumberEvidence = field(default_factory=NumberEvidence)
    clock_evidence: ClockEvidence = field(init=False)
    zone_words: set[str] = field(default_factory=set)
    hours: set[int] = field(default_factory=set)
    has_half_days: bool = False
    bare_count: int = 0
    midnight_count: int = 0
    day_end_count: int = 0
    row_count: int = 0
    offset_count: int = 0
    offsets: set[int] = field(default_factory=set)
    interval_lengths: set[int] = field(default_factory=set)
    readable_count: int = 0
    first_cells: pl.DataFrame | None = None

    def __post_init__(self) -> None:
        self.clock_evidence = ClockEvidence(self.zone)

    @property
    def name(self) -> str:
        """Name for messages; a date and a time of day are joined by ``+``."""
        return " + ".join(column.strip() for column in self.columns)

    @property
    def label(self) -> str:
        """File and column, for messages."""
        return f"{self.file_name}: column {self.name!r}"

    def add_values(self, chunk: pl.DataFrame, keys: pl.Series | None = None) -> None:
        """Add the next chunk of pass 1.

        Args:
            chunk: Rows with the columns of this time column.
            keys: The tag of each row in long files.
        """
        cells = join_time_cells(chunk, self.columns)
        # Empty cells count: a row without a time is lost like one with an unreadable time.
        self.row_count += len(cells)
        # The columns as they are, so that a reading can be shown on them before pass 2.
        if self.first_cells is None and cells.count():
            # Different times: a long file has several rows of one time.
            shown = cells.is_not_null() & cells.is_first_distinct()
            self.first_cells = chunk.select(self.columns).filter(shown).head(_CELL_COUNT)
        if self.kind == "text":
            self._add_texts(to_texts(cells), keys)
        elif self.kind == "number":
            self._add_numbers(cells, keys)
        else:
            times = parse_typed_times(cells) if self.kind == "typed" else self._parse_format(cells)
            self.readable_count += times["local"].count()
            self._add_local_times(times, keys)

    def _parse_format(self, cells: pl.Series) -> pl.DataFrame:
        return parse_with_format(cells, self.time_format or "")

    def _add_texts(self, texts: pl.Series, keys: pl.Series | None) -> None:
        parts = split_timestamps(texts)
        clocks = parse_distinct_clocks(parts["clock"])
        has_clock = parts["clock"].is_not_null()
        self.offset_count += clocks["offset"].count() + clocks["word"].count()
        self._add_offsets(clocks)
        self.bare_count += int((parts["date"].str.contains(_DATE_PATTERN) & ~has_clock).sum())
        self._add_dates(parts["date"], has_clock, clocks["ms"], keys)
        self._add_hours(parts["clock"], clocks["ms"])
        if clocks["word"].count():
            # The set of words only: their meaning depends on the zone and is decided over the whole file (IST, CST).
            self.zone_words.update(clocks["word"].drop_nulls().unique())
        # Clock changes concern times without an offset. Dates alone are midnights, which say nothing about hours.
        if self.offset is None:
            known = has_clock & clocks["offset"].is_null() & clocks["word"].is_null()
            self.clock_evidence.add_rows(parts["date"], _keep(clocks["ms"], known), keys)

    def _add_dates(self, dates: pl.Series, has_clock: pl.Series, clock_ms: pl.Series, keys: pl.Series | None) -> None:
        is_midnight = clock_ms == 0
        self.midnight_count += int(is_midnight.sum())
        # Both neighbours of a row: its place in the chunk, so the first and the last row are left out.
        rows = is_midnight.arg_true()
        rows = rows.filter((rows > 0) & (rows + 1 < len(dates)))
        date, last, following = dates.gather(rows), dates.gather(rows - 1), dates.gather(rows + 1)
        is_evening, is_morning = clock_ms.gather(rows - 1) > DAY_MS // 2, clock_ms.gather(rows + 1) < DAY_MS // 2
        is_last = is_evening & is_morning & (date == last) & (date != following)
        # Totals of the day may stand behind the readings of another tag.
        if keys is not None:
            is_last &= keys.gather(rows) == keys.gather(rows - 1)
        self.day_end_count += int(is_last.sum())
        self.date_evidence.add_dates(dates, has_clock, clock_ms)

    def _add_offsets(self, clocks: pl.DataFrame) -> None:
        self.offsets.update(clocks["offset"].drop_nulls().unique())
        if self.offsets and len(self.interval_lengths) < 2:
            ends = clocks.filter(pl.col("offset") <= 0)
            lengths = ends.select((-pl.col("offset") * _MINUTE_MS - pl.col("ms")) % DAY_MS).to_series().drop_nulls()
            self.interval_lengths.update(lengths.unique().head(2))

    def _add_hours(self, texts: pl.Series, clock_ms: pl.Series) -> None:
        """Note the hours of a chunk, and whether they may be those of a clock with AM and PM."""
        hours = (clock_ms.drop_nulls() // _HOUR_MS).unique().to_list()
        # One hour outside of 1 to 12 proves a clock of 24 hours; only without one the texts are searched.
        if not self.has_half_days and HALF_DAY_HOURS.issuperset(hours):
            self.has_half_days = bool(texts.str.contains(_HALF_DAY_PATTERN).any())
        self.hours.update(hours)

    def _add_numbers(self, cells: pl.Series, keys: pl.Series | None) -> None:
        self.number_evidence.add_values(cells)
        if self.unit is None:
            return
        # To the second is enough for evidence; the decimals that decide are known after the last chunk.
        reading = TimeReading(columns=self.columns, kind="number", zone=self.zone, unit=self.unit, resolution_ms=1000)
        times = reading.parse_local_times(cells.to_frame(self.columns[0]))
        # Numbers since 1970 are UTC, whose clock never changes; serial days are local times.
        if self.unit == "excel":
            self._add_local_times(times, keys)
        else:
            dates, clock_ms = split_local_times(times["local"])
            self.date_evidence.add_dates(dates, clock_ms.is_not_null(), clock_ms)

    def _add_local_times(self, times: pl.DataFrame, keys: pl.Series | None) -> None:
        # Typed times take the way of ISO texts from here on, so that one decision serves all kinds of columns.
        dates, clock_ms = split_local_times(times["local"])
        self._add_dates(dates, clock_ms.is_not_null(), clock_ms, keys)
        if self.offset is None:
            self.clock_evidence.add_rows(dates, _keep(clock_ms, times["offset"].is_null()), keys)


def _keep(values: pl.Series, kept: pl.Series) -> pl.Series:
    # Null instead of filtered, so that clocks, dates and keys stay rows of one length.
    return pl.select(pl.when(kept).then(values)).to_series()


def open_time_column(file_name: str, reading: TimeReading) -> TimeColumn:
    """Return the time column of a plan, which repeats a reading without looking at the cells."""
    return TimeColumn(
        file_name,
        reading.columns,
        reading.kind,
        reading.zone,
        reading.offset,
        reading.unit,
        reading.time_format,
        reading,
    )
