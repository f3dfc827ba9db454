"""Machines of files that hold several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acm_etl.counts import format_count
from acm_etl.errors import InputError
from acm_etl.host import quote_word
from acm_etl.io.files.column_names import MACHINE_NAMES, simplify_name
from acm_etl.io.files.inspection import InspectedFile
from acm_etl.io.files.layout.inputs import expand_inputs
from acm_etl.io.files.layout.raw_table import open_table
from acm_etl.io.files.layout.streams import CopiedStream
from acm_etl.io.files.layout.table_rows import read_chunks
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.plan import RowFilter
from acm_etl.io.files.row_keys import read_machine_names
from acm_etl.io.files.shape import match_column

_MAX_MACHINES = 1_000  # more distinct values are readings, not machines
_SHOWN_MACHINES = 5
# Digits of any script with signs, or with the exponent of Fortran: 6.1D+01, ="61.2", 2 1/2.
_ODD_NUMBER = re.compile(r"(?=.*\d)(?:[\W\d_]*[dD])?[\W\d_]*")


@dataclass(frozen=True, slots=True)
class MachineColumn:
    """Column of machines in all files of an import.

    Attributes:
        name: As the user writes it.
        machines: Its distinct values without regard to case, as rows are compared; in order of appearance.
        nameless_count: Rows that name no machine.
    """

    name: str
    machines: tuple[str, ...]
    nameless_count: int

    def list_doubts(self) -> tuple[str, ...]:
        """Return a doubt about rows that no machine takes."""
        if not self.nameless_count:
            return ()
        return (f"{format_count(self.nameless_count, 'row')} without a machine in column {self.name}: left out",)


def read_machine_column(
    arguments: Sequence[str | Path | CopiedStream], column: str, options: ImportOptions
) -> MachineColumn:
    """Return the machines that a column names in all files.

    Raises:
        InputError: A file lacks the column, or the column has too many values to be one of machines, or none.
    """
    machines: dict[str, str] = {}
    nameless = 0
    for source in expand_inputs(arguments, skip=options.skip):
        table = open_table(source, options.layout)
        name = match_column(column, table.columns, file=table.name)
        for chunk in read_chunks(table, [name]):
            # Distinct values of each chunk first: putting every row into a dictionary would cost more than reading it.
            counts = chunk.group_by(name, maintain_order=True).len("rows")
            names = read_machine_names(counts[name])
            nameless += int(counts["rows"].filter(names.is_null()).sum())
            for machine in names.drop_nulls():
                machines.setdefault(machine.lower(), machine)
            if len(machines) > _MAX_MACHINES:
                message = f"{table.name}: column {name} has more than {_MAX_MACHINES:,} values: it is not of machines"
                raise InputError(message)
    if not machines:
        message = f"column {column} names no machine in any row; import with --equip CODE"
        raise InputError(message)
    return MachineColumn(column, tuple(machines.values()), nameless)


def choose_machine(file: InspectedFile, options: ImportOptions) -> RowFilter | None:
    """Return the rows of the machine that the user chose.

    Raises:
        InputError: The file holds several machines, and none is chosen.
    """
    if options.where is not None:
        return RowFilter(
            match_column(options.where.column, file.table.columns, file=file.table.name), options.where.value
        )
    name, machines = file.shape.machine_column, file.shape.machines
    # A column with one machine in it is a constant, which leaves nothing to choose.
    if name is None or len(machines) < 2:
        return None
    more = len(machines) - _SHOWN_MACHINES
    # Enough names to recognise the column; a wind farm would fill the screen.
    shown = ", ".join(machines[:_SHOWN_MACHINES]) + (f" and {more} more" if more > 0 else "")
    message = (
        f"{file.table.name} holds several machines: column {name!r} names {shown}. "
        f"Import one with --where {quote_word(f'{name}={machines[0]}')}, or each as a machine of its own with "
        f"--equip-from {quote_word(name)}. If the column holds tags: --tag-column {quote_word(name)}; "
        f"if neither: --exclude {quote_word(name)}"
    )
    # Machines that have digits only are numbers, or have a name that says what they are.
    if simplify_name(name) not in MACHINE_NAMES and all(map(_ODD_NUMBER.fullmatch, machines)):
        message = f"{message}. If its cells are numbers, write them with the digits 0 to 9 and a decimal point"
    raise InputError(message)
