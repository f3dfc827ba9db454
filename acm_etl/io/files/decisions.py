"""Decisions of an import about the cells: which columns are tags, and how their cells become numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from acm_etl.errors import InputError
from acm_etl.host import quote_word
from acm_etl.io.files.layout.raw_table import RawTable
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.plan import FileKind, TagFormat
from acm_etl.io.files.scan import FileScan
from acm_etl.io.files.shape import FileShape
from acm_etl.io.files.times.time_decision import DecidedTime
from acm_etl.io.files.values.decimal_marks import find_decimal_mark
from acm_etl.io.files.values.units import list_distinct_units
from acm_etl.io.files.values.value_doubts import list_doubts
from acm_etl.io.files.values.value_format import FormatContext, LeftOutColumn, ValueFormat, decide_format
from acm_etl.io.files.values.value_profile import ValueProfile

_MAX_NAME_LENGTH = 128  # of an identifier in SQL Server
_RESERVED_NAMES = frozenset({"entrydatetime", "fileordinal", "rowordinal", "timestamp"})
"""Names that no tag may have: a scored frame has its own ``Timestamp``."""
_SHOWN_TAGS = 10
_MIN_NUMBER_SHARE = 0.2
"""Share of numbers from which a column of mixed cells is no label but a tag that the import cannot read."""


@dataclass(slots=True)
class KindScans:
    """Files with the same columns, shape and time: their cells are decided together.

    Attributes:
        table: The first of the files.
        shape: Roles of the columns.
        times: Times of the first file.
        profiles: Profile of the cells of all files by tag.
        units: First unit of each tag that a column of a long file states.
    """

    table: RawTable
    shape: FileShape
    times: tuple[DecidedTime, ...]
    profiles: dict[str, ValueProfile] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def add_scan(self, scan: FileScan) -> None:
        """Add the profiles and units of another file."""
        for tag, texts in scan.units.items():
            self.units.setdefault(tag, next(iter(list_distinct_units(texts)), ""))
        for tag, profile in scan.profiles.items():
            known = self.profiles.get(tag)
            self.profiles[tag] = known.merge(profile) if known else profile


def group_by_kind(scans: Sequence[FileScan], times: Sequence[tuple[DecidedTime, ...]]) -> list[KindScans]:
    """Return the kinds of files in order of appearance, and set ``kind_index`` of each scan."""
    kinds: dict[object, KindScans] = {}
    for scan, decided in zip(scans, times, strict=True):
        # Machines and doubts come from the sample of one file; files that are read alike may differ in them.
        table, shape = scan.file.table, replace(scan.file.shape, machines=(), doubts=())
        readings = tuple((t.reading.kind, t.reading.zone, t.reading.offset, t.reading.unit) for t in decided)
        kind = kinds.setdefault((table.columns, table.layout, shape, readings), KindScans(table, shape, decided))
        kind.add_scan(scan)
        scan.kind_index = list(kinds.values()).index(kind)
    return list(kinds.values())


def decide_kinds(groups: Sequence[KindScans], options: ImportOptions) -> tuple[tuple[FileKind, ...], tuple[str, ...]]:
    """Decide how the cells of all files are read.

    Args:
        groups: Kinds of files with the profiles of their cells.
        options: Statements of the user.

    Returns:
        The decisions by kind, and sentences about those that a person should check.

    Raises:
        InputError: A tag has a name that cannot be stored.
    """
    return _CellDecisions(groups, options).run()


@dataclass(slots=True)
class _CellDecisions:
    """Decisions about all kinds of files of one machine.

    Attributes:
        groups: Kinds of files.
        options: Statements of the user.
        spellings: First spelling of each tag; databases ignore case.
        doubts: Sentences for the user.
    """

    groups: Sequence[KindScans]
    options: ImportOptions
    spellings: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def run(self) -> tuple[tuple[FileKind, ...], tuple[str, ...]]:
        numeric = self._list_numeric_tags()
        self._check_patterns()
        kinds = tuple(self._decide_kind(group, numeric) for group in self.groups)
        return kinds, tuple(dict.fromkeys(self.doubts))

    def _check_patterns(self) -> None:
        """Refuse a pattern that matches no tag: what it should leave out would be stored."""
        tags = dict.fromkeys(tag for group in self.groups for tag in group.profiles)
        # A column that is no tag may be excluded, too: that says it names neither tags nor machines.
        columns = dict.fromkeys(name for group in self.groups for name in group.table.columns)
        if unused := self.options.find_unused_patterns({**tags, **columns}):
            shown = ", ".join(list(tags)[:_SHOWN_TAGS])
            message = f"{', '.join(map(repr, unused))} of --tags or --exclude matches no tag; the tags are {shown}"
            raise InputError(message)

    def _list_numeric_tags(self) -> set[str]:
        """Return the tags, without regard to case, that hold values in the files of some kind."""
        context = FormatContext(missing=self.options.missing)
        return {
            tag.casefold()
            for group in self.groups
            for tag, profile in group.profiles.items()
            if isinstance(decide_format(profile, context=context), ValueFormat)
        }

    def _decide_kind(self, group: KindScans, numeric: set[str]) -> FileKind:
        table, options = group.table, self.options
        delimiter = table.layout.delimiter if table.layout else ""
        # The columns of a file share their decimal mark: one that proves it decides for those that can be read both
        # ways.
        context = FormatContext(find_decimal_mark(group.profiles.values(), delimiter), delimiter, options.missing)
        formats: list[TagFormat] = []
        left_out = [LeftOutColumn(name, "label", 0, (reason,)) for name, reason in group.shape.ignored]
        for tag, profile in group.profiles.items():
            # Before the cells are looked at: an excluded column must bring neither doubts nor losses.
            if not options.selects_tag(tag):
                left_out.append(LeftOutColumn(tag, "excluded", profile.cell_count, ()))
                continue
            decided = decide_format(profile, context=context)
            if isinstance(decided, LeftOutColumn) and _is_unreadable_tag(decided, profile, tag.casefold() in numeric):
                # Its cells are counted one by one as lost, so that the limits of loss decide about the import.
                decided = ValueFormat(missing=options.missing)
            if isinstance(decided, LeftOutColumn):
                left_out.append(decided)
                self._doubt_left_out(decided, profile, group.shape)
                continue
            _check_tag_name(table.name, tag)
            spelling = self.spellings.setdefault(tag.casefold(), tag)
            formats.append(TagFormat(spelling, decided, table.units.get(tag) or group.units.get(tag, "")))
            self.doubts += [doubt.text for doubt in list_doubts(profile, decided, context=context)]
        readings = tuple(time.reading for time in group.times)
        return FileKind(table.columns, group.shape, readings, tuple(formats), table.layout, tuple(left_out))

    def _doubt_left_out(self, column: LeftOutColumn, profile: ValueProfile, shape: FileShape) -> None:
        name = quote_word(column.name)
        if column.reason == "label" and shape.kind == "long":
            self.doubts.append(f"{column.name} is left out: most of its cells are {', '.join(column.samples)}")
        elif column.reason == "label" and profile.number_count:
            texts, numbers = ", ".join(column.samples), profile.number_count
            self.doubts.append(f"{column.name} is left out with {numbers:,} numbers: most cells are {texts}")
        elif column.reason == "label" and len(column.samples) > 1:
            # Signals or machines whose times never coincide look like one signal with a label.
            example = quote_word(f"{column.name}={column.samples[0]}")
            self.doubts.append(
                f"{column.name} is left out; if it names signals: --tag-column {name}, if machines: --where {example}"
            )


def _is_unreadable_tag(column: LeftOutColumn, profile: ValueProfile, has_values_elsewhere: bool) -> bool:  # noqa: FBT001
    """Return True for a column that is a tag, although its cells cannot be taken."""
    # A record number is numeric everywhere, and is left out on purpose.
    if column.reason == "record_number":
        return False
    is_numeric = profile.number_count >= _MIN_NUMBER_SHARE * profile.cell_count > 0
    return has_values_elsewhere or (is_numeric and column.reason in {"mixed_units", "label"})


def _check_tag_name(file: str, tag: str) -> None:
    # Only tags that are taken reach this check: --exclude is a way out for a name that cannot be stored.
    if tag.casefold() in _RESERVED_NAMES:
        exclude = f"--exclude {quote_word(tag)}"
        message = f"{file} has a tag with a reserved name: {tag}; rename the column, or leave it out: {exclude}"
        raise InputError(message)
    if len(tag) > _MAX_NAME_LENGTH:
        message = f"{file} has a tag of more than {_MAX_NAME_LENGTH} characters: {tag[:60]}...; rename the column"
        raise InputError(message)
