"""Typed result of an import, read by the closing output, by ``--json`` and by the Python API."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class RejectedCount:
    """Rows or cells of an import that one rule rejected or changed.

    Attributes:
        column: Column of the cells; empty if the rule rejects whole rows.
        rule: Name of the rule.
        count: Rows or cells.
        samples: Some of the rejected values.
    """

    column: str
    rule: str
    count: int
    samples: str | None


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """Readings of one imported file.

    Attributes:
        name: Name of the file.
        rows: Rows with a readable time.
        first: Time of its first reading, UTC; None if it has none.
        last: Time of its last reading, UTC.
    """

    name: str
    rows: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class ImportedCells:
    """Values of an import by what became of the cells of the store.

    Attributes:
        inserted: Cells that had no value before.
        updated: Cells that had another value.
        unchanged: Cells that had the same value.
        erased: Stored values that --replace erased.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    erased: int = 0


@dataclass(frozen=True, slots=True)
class ImportedTag:
    """Values of one tag of an import.

    Attributes:
        tag: Name of the tag.
        cells_in: Values in the files.
        cells_stored: Values that are stored, were stored already, or are corrected by a later file.
        lost: The others, by reason.
    """

    tag: str
    cells_in: int
    cells_stored: int
    lost: dict[str, int]


@dataclass(frozen=True, slots=True)
class ConflictSample:
    """Two different values of one cell: the old one was replaced by the new one."""

    time: datetime
    tag: str
    old_value: float
    new_value: float


@dataclass(frozen=True, slots=True)
class ImportConflicts:
    """Cells with two different values, of which the later one counts.

    Attributes:
        scope: ``files``: both values are in the imported files; ``store``: the old value was stored.
        rows: Rows with such a cell.
        cells: Cells.
        samples: A few of them.
    """

    scope: Literal["files", "store"]
    rows: int
    cells: int
    samples: tuple[ConflictSample, ...]


@dataclass(slots=True)
class ImportReport:
    """Result of an import.

    Attributes:
        equip: Machine code.
        table: Historian table.
        files: Files read; where they have different values for a cell, the last file counts.
        statements: Decisions of the plan, one sentence each.
        warnings: Sentences about the stored readings that a person should know.
        rows: Rows read.
        inserted: New readings.
        updated: Stored readings with a value that is new or changed.
        unchanged: Readings that were stored already with the same values.
        replaced_from: Start of the period of --replace, UTC; None without it.
        replaced_to: End of the period, exclusive, UTC.
        deleted: Stored readings that --replace left without any value.
        lost_rows: Rows that were not stored; ``rejected`` has the reasons.
        merged_rows: Rows that were merged with another row of the same time.
        cells: New, changed, unchanged and erased values.
        file_counts: Readings by file.
        tags: Values by tag.
        conflicts: Cells with two different values.
        rejected: Rejected and changed rows and cells, by column and rule.
        first: Time of the first reading in the files, UTC.
        last: Time of the last reading in the files, UTC.
        seconds: Wall time.
    """

    equip: str
    table: str
    files: list[str]
    statements: list[str]
    warnings: list[str] = field(default_factory=list)
    rows: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    replaced_from: datetime | None = None
    replaced_to: datetime | None = None
    deleted: int = 0
    lost_rows: int = 0
    merged_rows: int = 0
    cells: ImportedCells = ImportedCells()
    file_counts: list[ImportedFile] = field(default_factory=list)
    tags: list[ImportedTag] = field(default_factory=list)
    conflicts: list[ImportConflicts] = field(default_factory=list)
    rejected: list[RejectedCount] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return asdict(self)
