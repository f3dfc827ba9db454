"""Results as JSON and CSV: numbers stay numbers, times are ISO 8601 in UTC with a ``Z``."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any


def format_json(result: object) -> str:
    """Format a result as JSON.

    Args:
        result: Dataclasses, mappings, sequences and plain values, nested to any depth.
    """
    # NaN and infinity are no JSON: to_plain() makes them null, and allow_nan=False proves that it did.
    # ensure_ascii=False: names of tags and units stay readable, in the encoding of the terminal or pipe.
    return json.dumps(to_plain(result), indent=2, ensure_ascii=False, allow_nan=False)


def format_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Format rows as CSV with a header line; a missing value is an empty cell, a nested one is JSON.

    Args:
        rows: One mapping per line.
        columns: Columns in their order; other keys of the rows are left out.
    """
    text = io.StringIO()
    # Unix line ends, as other tools write them; the default of csv is CRLF.
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_format_csv_cell(to_plain(row.get(column))) for column in columns] for row in rows)
    return text.getvalue()


def _format_csv_cell(value: object) -> object:
    # bool is written as in JSON, so that both formats have one spelling.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, list, dict)) else value


def to_plain(value: object) -> Any:  # noqa: ANN401 - a JSON value
    """Convert a result to values that JSON has.

    Args:
        value: Dataclass, mapping, sequence, set or scalar. Naive times are UTC.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): to_plain(item) for name, item in value.items()}
    # JSON has one kind of sequence.
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    # After the containers and floats: what is left is a plain value, a time, or something with a text of its own.
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else str(value)
