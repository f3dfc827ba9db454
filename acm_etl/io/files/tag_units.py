"""Units that the files of an import state for a tag: all of its values need one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from acm_etl.errors import InputError
from acm_etl.host import quote_word
from acm_etl.io.files.plan import ImportPlan
from acm_etl.io.files.scan import FileScan
from acm_etl.io.files.values.units import list_distinct_units, normalise_unit


def check_units(scans: Iterable[FileScan], plan: ImportPlan) -> None:
    """Check that no tag has values of several units: they would be stored as one series.

    Args:
        scans: Files of the import.
        plan: Decisions about them; of a saved plan, with the units of the first import.

    Raises:
        InputError: A tag has several units.
    """
    # Tags that are left out may have any units.
    known = {entry.tag.casefold(): entry.unit for kind in plan.kinds for entry in kind.formats}
    for scan in scans:
        column = scan.file.shape.unit_column
        if column is None:
            continue
        for tag, texts in scan.units.items():
            key = tag.casefold()
            if key not in known:
                continue
            units = list_distinct_units([known[key], *texts])
            if len(units) > 1:
                raise InputError(_describe_units(scan, tag, column, units))
            known[key] = units[0] if units else ""


def doubt_units(scans: Sequence[FileScan]) -> Iterator[str]:
    """Yield a doubt for each column that has another unit in a later file: one tag would hold both."""
    first: dict[str, tuple[str, str]] = {}
    found: set[str] = set()
    for table in (scan.file.table for scan in scans):
        for column, unit in table.units.items():
            known, file = first.setdefault(column.casefold(), (unit, table.name))
            if normalise_unit(known) != normalise_unit(unit) and column not in found:
                found.add(column)
                both = f"{column} has the unit {known} in {file} and {unit} in {table.name}"
                yield f"{both}; if both are right, convert one"


def _describe_units(scan: FileScan, tag: str, column: str, units: Sequence[str]) -> str:
    return (
        f"{scan.file.table.name}: {tag} has several units in column {column}: {', '.join(units)}. Convert its values "
        f"to one unit, or import the rows of one: --where {quote_word(f'{column}={units[0]}')}; if these are "
        f"spellings of one unit: --exclude {quote_word(column)}"
    )
