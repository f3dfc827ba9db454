"""Results as JSON and CSV: numbers stay numbers, times are ISO 8601 in UTC with a ``Z``."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from acm_etl.plain_values import to_plain


def format_json(result: object, encoding: str) -> str:
    """Format a result as JSON.

    Args:
        result: Dataclasses, mappings, sequences and plain values, nested to any depth.
        encoding: Encoding of the terminal or pipe. Names of tags and units stay readable, unless it lacks a character.
    """
    # NaN and infinity are no JSON: to_plain() makes them null, and allow_nan=False proves that it did.
    plain = to_plain(result)
    text = json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(plain, indent=2)
    return text


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
