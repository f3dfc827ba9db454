"""Plan of an import: every decision about the files of a machine, as simple fields that TOML can hold.

The plan is what a person checks before the import, and what a nightly job repeats: with a saved plan nothing is
detected again, so that one odd night cannot be read in another way than all the nights before it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import tomli_w
from pydantic import TypeAdapter, ValidationError

from acm_etl.errors import InputError, UsageError
from acm_etl.io.files.layout.raw_table import RawTable
from acm_etl.io.files.layout.text_layout import TextLayout
from acm_etl.io.files.shape import FileShape
from acm_etl.io.files.times.time_decision import DecidedTime
from acm_etl.io.files.times.time_reading import TimeReading
from acm_etl.io.files.values.value_format import LeftOutColumn, ValueFormat
from acm_etl.output_files import write_output_file
from acm_etl.source_spec import SamplingSpec


@dataclass(frozen=True, slots=True)
class TagFormat:
    """Reading of the cells of one tag in the files of one kind.

    Attributes:
        tag: Name of the tag.
        format: Decimal mark, unit, states and missing values.
        unit: Unit that the header or a row under it names; empty if there is none.
    """

    tag: str
    format: ValueFormat
    unit: str = ""


@dataclass(frozen=True, slots=True)
class FileKind:
    """Decisions that hold for all files with the same columns.

    Attributes:
        columns: Names of the columns.
        shape: Roles of the columns.
        times: Reading of each group of time columns, in the order of ``shape.times``.
        formats: Reading of the cells of each tag; tags that are not listed are left out.
        layout: Layout of a text file or a sheet; None for files with typed columns.
        left_out: Columns, or tags of a long file, that are no tags of the machine.
    """

    columns: tuple[str, ...]
    shape: FileShape
    times: tuple[TimeReading, ...]
    # Entries instead of a mapping: the plan stays immutable, and the order of the columns is kept.
    formats: tuple[TagFormat, ...]
    # Part of the kind: with one more line above its header, a file has its names in another line.
    layout: TextLayout | None = None
    left_out: tuple[LeftOutColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Rows of one machine in a file of several.

    Attributes:
        column: Column that names the machine.
        value: Its value, compared as text without regard to case.
    """

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Decisions about all files of one machine.

    Attributes:
        time_zone: IANA zone of times that carry no offset.
        kinds: One entry per set of columns.
        keep_uncertain: Take values whose quality is uncertain.
        where: Rows to take; None for all.
        sampling: Grid on which tags with times of their own become readings of the machine; None for wide readings.
    """

    time_zone: str
    kinds: tuple[FileKind, ...]
    keep_uncertain: bool = True
    where: RowFilter | None = None
    sampling: SamplingSpec | None = None

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags of all files, in order of appearance."""
        # Equal names suffice: all kinds write a tag in the spelling of its first file.
        return tuple(dict.fromkeys(entry.tag for kind in self.kinds for entry in kind.formats))


@dataclass(frozen=True, slots=True)
class PlannedTag:
    """Facts about one tag, for a person to check.

    Attributes:
        name: Name of the tag.
        unit: Unit, from the header, a row of units, or the cells; empty if the files name none.
        kind: Analog, digital or counter.
        cells: Cells that are not empty.
        numbers: Cells that hold a number or a state.
        first: First number, as the file writes it.
        last: Last number, as the file writes it.
        first_number: Number that is stored for ``first``; None if the value is lost.
        last_number: Number that is stored for ``last``; None if the value is lost.
        states: Text and number of each state of a digital tag.
    """

    name: str
    unit: str
    kind: str
    cells: int
    numbers: int
    first: str | None
    last: str | None
    first_number: float | None = None
    last_number: float | None = None
    states: tuple[tuple[str, float], ...] = ()

    @property
    def kept_share(self) -> float:
        """Share of the cells that hold a number."""
        # A tag without cells has lost none of them.
        return self.numbers / self.cells if self.cells else 1.0


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file and what pass 1 counted in it.

    Attributes:
        table: The file, opened.
        kind_index: Position of its kind in the plan.
        times: Reading and clock of each group of time columns.
        row_count: Readings of the tags that are taken: rows of a wide file, rows of these tags of a long one, and the
            rows of each pair. Rows without a tag, or with one that the plan does not know, count too.
        ragged_count: Rows that do not fit the header.
        ragged_samples: Text of the first of them.
        untagged_count: Rows of a long file that name no tag.
        unknown_count: Rows of a long file with a tag that a saved plan does not know.
        unknown_tags: A few of these tags.
        other_machine_count: Rows of other machines.
        default_tag: Tag of a file that names none: the name of the file.
        left_out: Columns that are no tags, with their cells in this file.
    """

    table: RawTable
    kind_index: int
    # Not a part of the plan: where the clock changes, and in which direction a file runs, is found in each file.
    times: tuple[DecidedTime, ...]
    row_count: int
    ragged_count: int = 0
    ragged_samples: tuple[str, ...] = ()
    untagged_count: int = 0
    unknown_count: int = 0
    unknown_tags: tuple[str, ...] = ()
    other_machine_count: int = 0
    default_tag: str | None = None
    left_out: tuple[LeftOutColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedImport:
    """Plan, files and facts: the result of pass 1.

    Attributes:
        plan: The decisions.
        files: Files in order of precedence: of readings of one time, the last file's last row counts.
        tags: Facts about the tags.
        notes: Sentences about what was skipped, renamed or chosen.
        doubts: Sentences about choices that a person should check.
    """

    plan: ImportPlan
    files: tuple[PlannedFile, ...]
    tags: tuple[PlannedTag, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def undivided_tags(self) -> frozenset[str]:
        """Tags of which no two files should have other values at one time.

        Those that are names of files or sheets, and all tags of the sheets of a single workbook: sheets that contradict
        one another are machines, and no corrections.
        """
        sources = [file.table.source for file in self.files]
        if len(sources) > 1 and all(source.sheet for source in sources) and len({s.path for s in sources}) == 1:
            return frozenset(self.plan.tags)
        return frozenset(file.default_tag for file in self.files if file.default_tag)

    @property
    def row_count(self) -> int:
        """Rows of all files that fit their header and the row filter."""
        # Pass 2 is checked against this number, see check_losses.
        return sum(file.row_count for file in self.files)


# Built once at import: the adapter compiles the schema of all nested dataclasses.
_PLANS = TypeAdapter(ImportPlan)


def save_plan(plan: ImportPlan, path: Path) -> None:
    """Write a plan as TOML.

    Raises:
        UsageError: The file cannot be written.
        UnavailableError: The disk is full.
    """
    # TOML has no null, and a plan without defaults is one that a person can read: what is left out has its default.
    fields = _PLANS.dump_python(plan, mode="json", exclude_none=True, exclude_defaults=True)
    heading = "# Plan of an import. Repeat it with: acm-etl import FILES --equip CODE --plan THIS_FILE\n"
    # A nightly job that reads the plan meanwhile gets the old one or the new one, never half of one.
    with write_output_file(path) as draft:
        draft.write_text(heading + tomli_w.dumps(fields), encoding="utf-8")


def _drop_unreadable_times(value: object) -> object:
    """Return a part of a plan without the word that older versions have for the time of a cell that is none."""
    if isinstance(value, dict):
        kept = ((key, part) for key, part in value.items() if (key, part) != ("utc", "unreadable"))
        return {key: _drop_unreadable_times(part) for key, part in kept}
    return [_drop_unreadable_times(part) for part in value] if isinstance(value, list) else value


def load_plan(path: Path) -> ImportPlan:
    """Read a plan that ``save_plan`` wrote.

    Raises:
        UsageError: There is no such file.
        InputError: The file is not TOML or not a plan.
    """
    try:
        return _PLANS.validate_python(_drop_unreadable_times(tomllib.loads(path.read_text(encoding="utf-8"))))
    except FileNotFoundError as error:
        message = f"{path} does not exist; write a plan with: acm-etl import FILES ... --dry-run --save {path}"
        raise UsageError(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path} is not TOML: {error}"
        raise InputError(message) from error
    except ValidationError as error:
        # The first error only: one wrong field brings an error for each member of a union of types.
        first = error.errors(include_url=False)[0]
        # The path of keys finds the field in the file; pydantic knows no line numbers of TOML.
        place = ".".join(str(part) for part in first["loc"])
        message = f"{path} is not a plan of an import: {place or 'top level'}: {first['msg']}"
        raise InputError(message) from error
