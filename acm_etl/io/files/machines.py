"""Machines of files that hold several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from acm_etl.errors import InputError
from acm_etl.io.files.layout.inputs import expand_inputs
from acm_etl.io.files.layout.raw_table import open_table
from acm_etl.io.files.layout.table_rows import read_chunks
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.shape import match_column

_MAX_MACHINES = 1_000  # more distinct values are readings, not machines


def list_machines(arguments: Sequence[str | Path], column: str, options: ImportOptions) -> list[str]:
    """Return the distinct values of the machine column of all files, in order of appearance.

    Raises:
        InputError: A file lacks the column, or the column has too many values to be one of machines.
    """
    machines: dict[str, None] = {}
    for source in expand_inputs(arguments):
        table = open_table(source, options.layout)
        name = match_column(column, table.columns, file=table.name)
        for chunk in read_chunks(table, [name]):
            # Distinct values of each chunk first: putting every row into a dictionary would cost more than reading it.
            texts = chunk[name].drop_nulls().cast(pl.String).str.strip_chars().unique(maintain_order=True)
            machines |= dict.fromkeys(texts.to_list())
            if len(machines) > _MAX_MACHINES:
                message = f"{table.name}: column {name} has more than {_MAX_MACHINES:,} values: it is not of machines"
                raise InputError(message)
    return list(machines)
