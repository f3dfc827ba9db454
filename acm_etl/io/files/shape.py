"""Shape of a file of readings: wide, long, or pairs of time and value columns; found from names and a sample.

- ``wide``: one time column, one column per tag.
- ``long``: one row per reading, with the tag in a column: ``TagName, DateTime, Value, OPCQuality``.
- ``pairs``: every tag brings a time column of its own: ``Time, FI-101, Time, PI-102``.

A long file that is read as wide loses all tags but the last of each time, so a column that tells rows of one time
apart is never ignored: the column is the tag, or the machine, or the file is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from acm_etl.errors import InputError
from acm_etl.io.files.column_names import (
    AVEVA_BOOKKEEPING,
    INFLUX_BOOKKEEPING,
    MACHINE_NAMES,
    UNIT_NAMES,
    name_pair,
    simplify_name,
)
from acm_etl.io.files.long_columns import find_named_tags, find_named_values
from acm_etl.io.files.row_keys import ColumnFacts, can_be_key, find_key_column, list_distinct, read_machine_names
from acm_etl.io.files.times.millisecond_column import holds_milliseconds, is_millisecond_name
from acm_etl.io.files.values.quality_columns import QualityUse

FILE_NAME_TAG = ""
"""Tag of a value column that has no name of its own: the file is called by the tag."""

ShapeKind = Literal["wide", "long", "pairs"]

# (50.1), ="50.1" and '50.1
_MARKED_NUMBER = re.compile(r"""[=('"\[<]+[+-]?\d+(?:[.,]\d+)?[)'"\]]*""")
_MAX_ALTERNATING = 1_000  # distinct labels; comments have more
_MIN_ALTERNATING_ROWS = 6
_MIN_ALTERNATION = 0.3  # changes per row; labels in blocks, as of modes and shifts, change far less often
_MIN_PERSISTENCE_ROWS = 200  # with fewer, chance alone gives fewer changes than a random order has on average
_MAX_PERSISTENT_CHANGES = 0.9  # of the changes of a random order; independent machines have all of them


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column of values in a wide file or a file of pairs.

    Attributes:
        column: Name in the file.
        tag: Name of the tag.
        time_index: Position of its time column in ``FileShape.times``.
        quality: Its quality column; None without one.
    """

    column: str
    tag: str
    time_index: int = 0
    quality: QualityUse | None = None


@dataclass(frozen=True, slots=True)
class FileShape:
    """Shape of a file and roles of its columns.

    Attributes:
        kind: Wide, long or pairs.
        times: Time columns of each group of values; one group except in files of pairs.
        values: Value columns of wide files and files of pairs.
        tag_columns: Columns that hold the tag of a long file; several are joined by a dot.
        value_columns: Columns that hold the value of a long file; the first that is not empty counts.
        quality: Quality column of a long file.
        unit_column: Column with the unit of each value of a long file; None without one.
        machine_column: Column that holds the machine; None if the file has one machine.
        machines: Values of the machine column in the sample.
        ignored: Columns that are neither time nor value, with the reason.
        doubts: Sentences about choices that a person should check.
    """

    kind: ShapeKind
    times: tuple[tuple[str, ...], ...]
    values: tuple[ValueColumn, ...] = ()
    tag_columns: tuple[str, ...] = ()
    value_columns: tuple[str, ...] = ()
    quality: QualityUse | None = None
    unit_column: str | None = None
    machine_column: str | None = None
    machines: tuple[str, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapeOptions:
    """Roles of columns that the user states.

    Attributes:
        tag_columns: Columns with the tag of each row.
        value_columns: Columns with the value of each row.
        machine_column: Column with the machine of each row.
    """

    tag_columns: tuple[str, ...] = ()
    value_columns: tuple[str, ...] = ()
    machine_column: str | None = None


def match_column(name: str, columns: Sequence[str], *, file: str) -> str:
    """Return the column that the user means, whatever its case.

    Raises:
        InputError: There is no such column.
    """
    # The most exact match first: columns may differ in nothing but case or marks.
    for normalise in (str.strip, lambda text: text.strip().casefold(), simplify_name):
        for column in columns:
            if normalise(column) == normalise(name):
                return column
    message = f"{file} has no column {name!r}; its columns are {', '.join(columns[:30])}"
    raise InputError(message)


def detect_shape(
    facts: Sequence[ColumnFacts],
    sample: pl.DataFrame,
    times: Sequence[tuple[str, ...]],
    *,
    qualities: Mapping[str, QualityUse],
    options: ShapeOptions | None = None,
) -> FileShape:
    """Return the shape of a file.

    Args:
        facts: Facts of each column, in file order.
        sample: Rows from several places of the file; cells as text or typed.
        times: Time columns, the best candidate first; each is one column, or a date and a clock column.
        qualities: Quality column of each value column, found by name and content.
        options: Roles that the user states.

    Raises:
        InputError: The user states one role of a long file, and the other one is not found.
    """
    return _ShapeSearch(facts, sample, times, qualities, options or ShapeOptions()).run()


@dataclass(frozen=True, slots=True)
class _ShapeSearch:
    """Search for the shape of one file; the attributes are the arguments of ``detect_shape``."""

    facts: Sequence[ColumnFacts]
    sample: pl.DataFrame
    times: Sequence[tuple[str, ...]]
    qualities: Mapping[str, QualityUse]
    options: ShapeOptions

    @property
    def time(self) -> tuple[str, ...]:
        """The best time column."""
        return self.times[0]

    @property
    def rest(self) -> list[ColumnFacts]:
        """Columns besides the best time column."""
        return [fact for fact in self.facts if fact.name not in self.time]

    def run(self) -> FileShape:
        options = self.options
        if options.tag_columns or options.value_columns:
            return self._build_long(options.tag_columns, options.value_columns)
        # A stated machine column belongs to whole rows, and the pairs of a row have nothing in common.
        if not options.machine_column and (pairs := self._detect_pairs()):
            return pairs
        tags = find_named_tags(self.rest)
        if tags and find_named_values(self.rest, exclude=tags):
            return self._build_long(tags)
        return self._detect_by_repeated_times()

    def _build_long(self, tags: tuple[str, ...] = (), values: tuple[str, ...] = ()) -> FileShape:
        tags = tags or find_named_tags(self.rest)
        values = values or find_named_values(self.rest, exclude=tags)
        if not tags or not values:
            missing = "--tag-column" if not tags else "--value-column"
            names = ", ".join(fact.name for fact in self.facts)
            message = f"the file is read as long, and {missing} is not known; state it. Columns: {names}"
            raise InputError(message)
        quality = next((self.qualities[name] for name in values if name in self.qualities), None)
        taken = {*tags, *values, quality.column if quality else None}
        others = [fact for fact in self.rest if fact.name not in taken]
        machine, machines = self._find_machines(others, (*self.time, *tags))
        # An excluded column says nothing: who knows that its units are spellings of one unit leaves it out.
        units = (fact.name for fact in others if fact.plain_name in UNIT_NAMES and not fact.is_excluded)
        unit = next((name for name in units if name != machine), None)
        ignored = tuple((fact.name, _explain_ignored(fact)) for fact in others if fact.name not in {machine, unit})
        return FileShape("long", (self.time,), (), tags, values, quality, unit, machine, machines, ignored)

    def _find_machines(
        self, candidates: Sequence[ColumnFacts], row_key: tuple[str, ...]
    ) -> tuple[str | None, tuple[str, ...]]:
        """Return the machine column and its values, if a column tells rows with the same key apart."""
        if self.options.machine_column:
            return self.options.machine_column, self._list_machines(self.options.machine_column)
        key = find_key_column(candidates, self.sample, row_key)
        return (key, self._list_machines(key)) if key else (None, ())

    def _list_machines(self, column: str) -> tuple[str, ...]:
        names = list_distinct(read_machine_names(self.sample[column]))
        # Nobody knows whose the rows without a machine are if there is but one: they count as another one.
        words = list_distinct(self.sample[column].cast(pl.String).str.strip_chars()) if len(names) == 1 else ()
        return tuple(dict.fromkeys((*names, *words)))

    def _detect_pairs(self) -> FileShape | None:
        """Return the shape of a file in which every time column is followed by one value column, or None."""
        # Pairs begin with a time: a leading index or tag means rows.
        starts = {time[0]: time for time in self.times}
        if len(starts) < 2 or self.facts[0].name not in starts:
            return None
        groups: list[tuple[tuple[str, ...], list[ColumnFacts]]] = []
        fractions = self._list_fractions()
        for fact in self.facts:
            if fact.name in starts:
                groups.append((starts[fact.name], []))
            elif not fact.is_time and fact.name not in fractions:
                groups[-1][1].append(fact)
        values = [[fact for fact in group if not fact.is_quality] for _, group in groups]
        # A second time column anywhere else is a time of storage, or the same time in UTC.
        if any(len(found) != 1 for found in values):
            return None
        columns = tuple(
            ValueColumn(value.name, name_pair(time[0], value.name), index, self.qualities.get(value.name))
            for index, ((time, _), (value,)) in enumerate(zip(groups, values, strict=True))
        )
        used = {quality.column for quality in self.qualities.values()}
        unused = [fact for _, group in groups for fact in group if fact.is_quality and fact.name not in used]
        ignored = tuple((fact.name, _explain_ignored(fact)) for fact in unused)
        return FileShape("pairs", tuple(time for time, _ in groups), columns, ignored=ignored)

    def _list_fractions(self) -> list[str]:
        """Return the columns of milliseconds behind a time whose seconds alone tell all rows apart."""
        pairs = [(time, fact) for time, fact in zip(self.facts, self.facts[1:], strict=False) if time.is_time]
        return [
            fact.name
            for time, fact in pairs
            if not fact.is_time
            and is_millisecond_name(fact.name, time.name)
            and holds_milliseconds(self.sample[fact.name].drop_nulls())
        ]

    def _list_bookkeeping(self) -> list[str]:
        """Return the columns of numbers in which a historian repeats the query: in wide rows they would be tags."""
        names = {fact.plain_name for fact in self.rest}
        # "table" alone may be a sensor; Influx writes it behind "result".
        known = AVEVA_BOOKKEEPING | (INFLUX_BOOKKEEPING if {"result", "table"} <= names else set())
        return [fact.name for fact in self.rest if fact.plain_name in known and not fact.is_time]

    def _detect_by_repeated_times(self) -> FileShape:
        """Return a wide shape, or a long one if a column tells rows of one time apart and one value column is left."""
        machine, machines = self._find_machines(self.rest, self.time)
        if machine is None and (label := self._find_alternating_label()):
            machine, machines = label, self._list_machines(label)
        if machine and not self.options.machine_column and simplify_name(machine) not in MACHINE_NAMES:
            numbers = [f.name for f in self.rest if f.is_number and not f.is_quality and f.name != machine]
            # With several value columns the key is as likely a machine, which only the user can tell. So it is with
            # numbers in brackets or quotes, which may be values of a sensor that come again.
            if len(numbers) == 1 and not all(map(_MARKED_NUMBER.fullmatch, machines)):
                doubt = f"{machine} is taken for the tag of each row, because it tells rows of one time or series apart"
                return replace(self._build_long((machine,), (numbers[0],)), doubts=(doubt,))
        if machine is None:
            machine, machines = self._find_named_machines()
        values, ignored = self._assign_wide_columns(machine)
        return FileShape("wide", (self.time,), values, machine_column=machine, machines=machines, ignored=ignored)

    def _find_named_machines(self) -> tuple[str | None, tuple[str, ...]]:
        """Return a column of machines by its name: machines may be read at different times, so that none repeats."""
        for fact in self.rest:
            # A pump that runs and stops is a tag, also if it changes often.
            is_state = fact.is_number and not self.sample[fact.name].cast(pl.Float64, strict=False).count()
            is_named = fact.plain_name in MACHINE_NAMES and can_be_key(fact) and not is_state
            # Numbers count only where they change from row to row: "Unit" may also be a sensor.
            is_column = is_named and (not fact.is_number or self._alternates(fact))
            if is_column and (machines := self._list_machines(fact.name)):
                return fact.name, machines
        return None, ()

    def _find_alternating_label(self) -> str | None:
        """Return a text column that changes from row to row, as tags and machines of one stream of readings do.

        A mode or a shift stays for many rows.
        """
        texts = [fact for fact in self.rest if self._is_label(fact) and can_be_key(fact) and self._alternates(fact)]
        return texts[0].name if len(texts) == 1 else None

    def _is_label(self, fact: ColumnFacts) -> bool:
        """Return True for a column of texts that all come again; a sensor with texts among its numbers is none."""
        cells = self.sample[fact.name].drop_nulls()
        if fact.is_number or cells.dtype != pl.String or cells.cast(pl.Float64, strict=False).count():
            return False
        return bool((cells.value_counts()["count"] > 1).all())

    def _alternates(self, fact: ColumnFacts) -> bool:
        cells = self.sample[fact.name].cast(pl.String)
        if fact.distinct > _MAX_ALTERNATING or len(cells) < _MIN_ALTERNATING_ROWS:
            return False
        changes = int((cells != cells.shift()).fill_null(value=False).sum())
        return changes >= _MIN_ALTERNATION * len(cells) and not _is_persistent(cells, changes)

    def _assign_wide_columns(self, machine: str | None) -> tuple[tuple[ValueColumn, ...], tuple[tuple[str, str], ...]]:
        used = {quality.column for quality in self.qualities.values()}
        candidates = [fact for fact in self.rest if fact.name != machine and fact.name not in used]
        ignored = [(fact.name, _explain_ignored(fact)) for fact in candidates if fact.is_time or fact.is_quality]
        ignored += [(name, "milliseconds of the times") for name in self._list_fractions()]
        ignored += [(name, "an option of the query") for name in self._list_bookkeeping()]
        left = {name for name, _ in ignored}
        values = (
            ValueColumn(fact.name, fact.name, 0, self.qualities.get(fact.name))
            for fact in candidates
            if fact.name not in left
        )
        return tuple(values), tuple(ignored)


def _is_persistent(cells: pl.Series, changes: int) -> bool:
    """Return True if labels change less often than in random order, as wind directions do.

    Machines of one stream report in turn or independently of each other.
    """
    if len(cells) < _MIN_PERSISTENCE_ROWS:
        return False
    shares = cells.value_counts()["count"] / len(cells)
    random_changes = (1 - float((shares**2).sum())) * len(cells)
    return changes < _MAX_PERSISTENT_CHANGES * random_changes


def _explain_ignored(fact: ColumnFacts) -> str:
    if fact.is_time:
        return "a second time column"
    return "quality of no value column" if fact.is_quality else "neither tag, time, value nor quality"
