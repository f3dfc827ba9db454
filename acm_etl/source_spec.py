"""Declaration of a source: where the readings of a machine are, their shape, their clock and their sampling.

The store keeps one declaration per machine in ACM_Sources. A machine without one has the wide table ``<CODE>_Data``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import cast, get_args

from acm_etl.errors import UsageError
from acm_etl.local_time import list_time_zones
from acm_etl.setting_sources import parse_duration
from acm_etl.windows import MILLISECOND
from acm_etl.words import HISTORIAN_TIME_COLUMN, Aggregate, Fill, QualityRule, SourceShape

UTC_CLOCK = "UTC"
OFFSET_CLOCK = "offset"
"""Clock of a column whose type carries the offset (DATETIMEOFFSET, TIMESTAMPTZ)."""
EPOCH_CLOCKS = {"epoch_s": 1000, "epoch_ms": 1}
"""Clocks of numeric columns: milliseconds per unit."""
MISSING_TAG = "missing_tag"
"""Event of rows of a long source that name no tag."""
MISSING_TIME = "missing_time"
"""Event of rows without a time, which belong to no period."""
DEFAULT_HOLD_MAX_MS = 8 * 3_600_000
"""One shift: a tag that reports by exception and has not changed for a shift may as well be dead."""
HELD_TAG_TYPES = frozenset({"digital", "counter"})
"""Types of tags whose last value is held in every aggregate: the mean of a state or of a counter is no value of it."""

# Quotes of both dialects, so that a name can be pasted from either tool.
_NAME_PART = re.compile(r'\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^."\[\]]+)')
_PLAIN_NAME = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class SamplingSpec:
    """Grid of the readings of a machine, for tags that have times of their own.

    The reading at a grid time T (a multiple of ``every_ms`` from the Unix epoch) depends on raw readings up to T only.

    Attributes:
        every_ms: Distance of the grid times, milliseconds.
        fill: ``hold`` keeps the last value of a tag; ``none`` takes values of (T - every, T] only.
        hold_max_ms: Oldest value that is held, milliseconds; at least ``every_ms``.
        aggregate: Value of a tag with several raw readings in (T - every, T].
    """

    every_ms: int
    fill: Fill = "hold"
    hold_max_ms: int = DEFAULT_HOLD_MAX_MS
    aggregate: Aggregate = "last"

    def __post_init__(self) -> None:
        if self.every_ms < 1:
            message = f"--every must be at least 1 ms, not {self.every_ms} ms"
            raise UsageError(message)
        # A shorter hold would drop readings of the interval itself.
        if self.fill == "hold" and self.hold_max_ms < self.every_ms:
            message = (
                f"--hold-max ({format_duration(self.hold_max_ms)}) is shorter than "
                f"--every ({format_duration(self.every_ms)}): use --fill none, or a longer --hold-max"
            )
            raise UsageError(message)
        _check_choice("--fill", self.fill, get_args(Fill))
        _check_choice("--aggregate", self.aggregate, get_args(Aggregate))

    @property
    def lookback_ms(self) -> int:
        """Longest time from a raw reading to a grid time that it can matter for, milliseconds."""
        return max(self.every_ms, self.hold_max_ms) if self.fill == "hold" else self.every_ms

    @classmethod
    def parse(
        cls, every: str, fill: str = "hold", hold_max: str | None = None, aggregate: str = "last"
    ) -> SamplingSpec:
        """Build a specification from texts such as ``10m`` and ``8h``.

        Raises:
            UsageError: A text is not a duration or not a choice.
        """
        every_ms = parse_duration_ms(every)
        # A grid coarser than the default hold must not refuse itself.
        hold_max_ms = parse_duration_ms(hold_max) if hold_max else max(DEFAULT_HOLD_MAX_MS, every_ms)
        return cls(every_ms, cast("Fill", fill), hold_max_ms, cast("Aggregate", aggregate))

    def describe(self) -> str:
        """Return the options that declare this grid."""
        held = f" --hold-max {format_duration(self.hold_max_ms)}" if self.fill == "hold" else ""
        return f"--every {format_duration(self.every_ms)} --fill {self.fill}{held} --aggregate {self.aggregate}"


def floor_to_grid(milliseconds: int, every_ms: int) -> int:
    """Return the last grid time at or before a time."""
    return milliseconds // every_ms * every_ms


def ceil_to_grid(milliseconds: int, every_ms: int) -> int:
    """Return the first grid time at or after a time."""
    return -(-milliseconds // every_ms) * every_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """Declared location and form of the readings of a machine.

    Attributes:
        object_name: Table or view of one to three parts; None for a query.
        query: A single SELECT, used as a derived table; None for an object.
        url_setting: Environment variable with the URL of another server; None for the server of the store.
        shape: ``wide`` (one column per tag) or ``long`` (one row per tag and time).
        time_column: Time of a reading.
        clock: IANA zone of the times, ``UTC``, ``offset`` (the type carries the offset), ``epoch_s`` or ``epoch_ms``.
        tag_column: Name of the tag (long).
        value_column: Value of the tag (long).
        quality_column: Quality of the value (long); None if there is none.
        quality_rule: How to read the quality; None without a quality column.
        filter_column: Rows of other machines differ in this column; None to take all rows.
        filter_value: Value of the filter column for this machine.
        tag_patterns: Tags to use, as patterns with ``*`` and ``?``; empty for all.
        excluded_patterns: Tags to leave out of them.
        sampling: Grid of the readings; None to take the readings as they stand.
    """

    object_name: str | None = None
    query: str | None = None
    url_setting: str | None = None
    shape: SourceShape = "wide"
    time_column: str = HISTORIAN_TIME_COLUMN
    clock: str = UTC_CLOCK
    tag_column: str | None = None
    value_column: str | None = None
    quality_column: str | None = None
    quality_rule: QualityRule | None = None
    filter_column: str | None = None
    filter_value: str | None = None
    tag_patterns: tuple[str, ...] = ()
    excluded_patterns: tuple[str, ...] = ()
    sampling: SamplingSpec | None = None

    def __post_init__(self) -> None:
        if (self.object_name is None) == (self.query is None):
            message = "a source is either a table or view (--from NAME) or a query (--query SELECT)"
            raise UsageError(message)
        # Checked here, so that a row of ACM_Sources that a person has edited is checked as well.
        if self.object_name is not None:
            parse_object_name(self.object_name)
        _check_choice("--shape", self.shape, get_args(SourceShape))
        check_clock(self.clock)
        if self.shape == "long" and not (self.tag_column and self.value_column):
            message = "a long source needs --tag-column and --value-column"
            raise UsageError(message)
        if (self.filter_column is None) != (self.filter_value is None):
            message = "a filter is a column and a value: --where COLUMN=VALUE"
            raise UsageError(message)

    @property
    def label(self) -> str:
        """Name of the source for messages."""
        return self.object_name or "the query of the source"

    @property
    def summary(self) -> str:
        """Shape, clock and grid in a few words."""
        # UTC is the usual clock; only others are worth the room.
        clock = [] if self.clock == UTC_CLOCK else [self.clock]
        grid = [f"every {format_duration(self.sampling.every_ms)}"] if self.sampling else []
        return ", ".join([self.shape, *clock, *grid])

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the source must have, besides the tags of a wide one."""
        long_columns = (self.tag_column, self.value_column, self.quality_column) if self.shape == "long" else ()
        return tuple(name for name in (self.time_column, *long_columns, self.filter_column) if name)

    def matches(self, tag: str) -> bool:
        """Return whether the patterns select a tag."""
        return is_selected(tag, self.tag_patterns, self.excluded_patterns)

    def with_sampling(self, sampling: SamplingSpec | None) -> SourceSpec:
        """Return the declaration with another grid."""
        return replace(self, sampling=sampling)


def is_selected(tag: str, patterns: tuple[str, ...], excluded_patterns: tuple[str, ...] = ()) -> bool:
    """Return whether a tag matches one of the patterns (all tags if there are none) and no excluded one.

    Upper and lower case are the same: databases compare the names in that way.
    """
    selected = not patterns or matches_any_pattern(tag, patterns)
    return selected and not matches_any_pattern(tag, excluded_patterns)


def matches_any_pattern(tag: str, patterns: Iterable[str]) -> bool:
    """Return whether a tag matches one of several patterns; False without any."""
    return any(matches_pattern(tag, pattern) for pattern in patterns)


def matches_pattern(tag: str, pattern: str) -> bool:
    """Return whether a tag matches a pattern with ``*`` and ``?``, without regard to case."""
    # A bracket is a character as any other: names carry units, as in "Speed [1/min]".
    # fnmatchcase: fnmatch would follow the case rules of the operating system.
    return fnmatchcase(tag.casefold(), pattern.casefold().replace("[", "[[]"))


def parse_object_name(text: str) -> tuple[str, ...]:
    """Return the parts of a name such as ``Runtime.dbo.History`` or ``[My DB].dbo.[Long History]``.

    Raises:
        UsageError: The text is not a name of one to three parts.
    """
    parts, position, separator = [], 0, "."
    while separator == "." and (match := _NAME_PART.match(text, position)):
        bracketed, quoted, plain = match.groups()
        parts.append(
            next(
                part
                for part in (_undouble_quotes(bracketed, "]"), _undouble_quotes(quoted, '"'), plain, "")
                if part is not None
            )
        )
        position, separator = match.end() + 1, text[match.end() : match.end() + 1]
    if separator or not 1 <= len(parts) <= 3 or not all(parts):
        message = f"{text!r} is not a table or view; write TABLE, SCHEMA.TABLE or DATABASE.SCHEMA.TABLE"
        raise UsageError(message)
    return tuple(parts)


def _undouble_quotes(quoted: str | None, quote: str) -> str | None:
    return quoted.replace(quote * 2, quote) if quoted is not None else None


def format_object_name(*parts: str) -> str:
    """Return parts as one name that ``parse_object_name`` reads; parts with special characters in brackets."""
    return ".".join(part if _PLAIN_NAME.fullmatch(part) else f"[{part.replace(']', ']]')}]" for part in parts)


def check_clock(clock: str) -> None:
    """Check the clock of a time column.

    Raises:
        UsageError: It is neither ``UTC``, ``offset``, an epoch clock nor an IANA zone.
    """
    # "UTC" is an IANA name, too; it is a clock of its own because it needs no conversion.
    if clock not in {UTC_CLOCK, OFFSET_CLOCK, *EPOCH_CLOCKS} and clock not in list_time_zones():
        choices = ", ".join((UTC_CLOCK, OFFSET_CLOCK, *EPOCH_CLOCKS))
        message = f"{clock!r} is not a time zone; write an IANA name such as Europe/Berlin, or one of: {choices}"
        raise UsageError(message)


def parse_duration_ms(text: str) -> int:
    """Return a duration such as ``30s``, ``10m`` or ``8h`` in milliseconds.

    Raises:
        UsageError: The text is not a positive duration.
    """
    try:
        duration = parse_duration(text)
    except ValueError:
        # Its message does not repeat the text, which may be a secret in a setting; that of an option is not.
        duration = None
    # parse_duration() leaves ISO 8601 durations to pydantic, which is not asked here.
    if not isinstance(duration, timedelta) or duration < MILLISECOND:
        message = f"{text!r} is not a positive duration; write a number and a unit, e.g. 30s, 10m, 8h"
        raise UsageError(message)
    return duration // MILLISECOND


def format_duration(milliseconds: int) -> str:
    """Return a duration as ``parse_duration_ms`` reads it, in the largest unit that divides it."""
    # Not in weeks: people say 14d, and every unit that is written here is also read.
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds / 1000:g}s"


def _check_choice(option: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        message = f"{option} must be one of {', '.join(choices)}, not {value!r}"
        raise UsageError(message)


PIVOT = SamplingSpec(every_ms=1, fill="none", hold_max_ms=1)
"""Grid that gives each distinct time a row of its own."""
