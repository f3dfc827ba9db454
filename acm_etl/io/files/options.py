"""Options of an import: what the user states about the files of one machine; the rest is detected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from acm_etl.io.files.layout.text_layout import LayoutOptions
from acm_etl.io.files.plan import RowFilter
from acm_etl.io.files.shape import ShapeOptions
from acm_etl.source_spec import SamplingSpec, is_selected, matches_pattern
from acm_etl.words import DateOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """Statements of the user about the files of one machine.

    Attributes:
        time_zone: IANA zone of times that carry no offset of their own.
        time_column: Name of the time column; found by name and content if None.
        date_order: Order of day and month; proved from the whole column if None.
        time_format: ``strptime`` pattern of all times; detected if None.
        layout: Line of the header.
        shape: Roles of columns.
        quality_column: Column with the quality of each row; found by name and content if None.
        where: Rows to take from files of several machines.
        missing: Numbers that mean a missing value.
        keep_uncertain: Take values whose quality is uncertain.
        tags: Patterns of tags to take; all if empty.
        exclude: Patterns of tags to leave out.
        sampling: Grid for tags with times of their own; inferred if None.
        skip: Patterns of names of files, members of archives and sheets to leave out.
    """

    time_zone: str
    time_column: str | None = None
    date_order: DateOrder | None = None
    time_format: str | None = None
    layout: LayoutOptions = field(default_factory=LayoutOptions)
    shape: ShapeOptions = field(default_factory=ShapeOptions)
    quality_column: str | None = None
    where: RowFilter | None = None
    # Stated only: a far-off value that repeats is proposed as one (sentinels), but never dropped unasked.
    missing: tuple[float, ...] = ()
    keep_uncertain: bool = True
    tags: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    sampling: SamplingSpec | None = None
    skip: tuple[str, ...] = ()

    def selects_tag(self, tag: str) -> bool:
        """Return True if the patterns select a tag; patterns ignore case, as databases do."""
        # fnmatchcase on folded names: fnmatch follows the host's file system and ignores case on Windows only.
        return is_selected(tag, self.tags, self.exclude)

    def find_unused_patterns(self, tags: Iterable[str]) -> list[str]:
        """Return the patterns that match none of the tags: most are misspelt."""
        names = list(tags)
        return [p for p in (*self.tags, *self.exclude) if not any(matches_pattern(name, p) for name in names)]
