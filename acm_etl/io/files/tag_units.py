"""Units that a column of a long file states for each value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from acm_etl.errors import InputError
from acm_etl.host import quote_word
from acm_etl.io.files.plan import ImportPlan
from acm_etl.io.files.scan import FileScan
from acm_etl.io.files.values.units import list_distinct_units


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


def _describe_units(scan: FileScan, tag: str, column: str, units: Sequence[str]) -> str:
    return (
        f"{scan.file.table.name}: {tag} has several units in column {column}: {', '.join(units)}. Convert its values "
        f"to one unit, or import the rows of one: --where {quote_word(f'{column}={units[0]}')}; if these are "
        f"spellings of one unit: --exclude {quote_word(column)}"
    )
