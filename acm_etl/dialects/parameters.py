"""Placeholders of bound parameters, one ``?`` per value on every engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import TypeVar

MAX_IN_VALUES = 500
"""Values in one IN list. SQL Server allows 2,100 parameters per statement, including those outside the list."""
# Few sizes: a server compiles and keeps a plan for each number of placeholders.
_LIST_SIZES = (1, 4, 16, 64, 256, MAX_IN_VALUES)

_Value = TypeVar("_Value")


def join_placeholders(values: Sized) -> str:
    """Return one ``?`` per value, for an IN list, a VALUES clause or the items of a SELECT."""
    return ", ".join("?" * len(values))


def iter_in_lists(values: Iterable[_Value]) -> Iterator[tuple[list[_Value], str]]:
    """Split values into IN lists of at most ``MAX_IN_VALUES``; yield each as its values and its placeholders.

    The last value is repeated until the list has one of a few lengths.
    """
    ordered = list(values)
    for first in range(0, len(ordered), MAX_IN_VALUES):
        chunk = ordered[first : first + MAX_IN_VALUES]
        size = next(size for size in _LIST_SIZES if size >= len(chunk))
        chunk += chunk[-1:] * (size - len(chunk))
        yield chunk, join_placeholders(chunk)


def build_in_condition(column: str, values: Sequence[_Value]) -> tuple[str, list[_Value]]:
    """Return a condition that narrows a query to rows with some values of a column, and its parameters.

    Args:
        column: The column, as SQL.
        values: Values to read. The condition of none, and of more than ``MAX_IN_VALUES``, holds for all rows: callers
            select theirs from the result.
    """
    if not 0 < len(values) <= MAX_IN_VALUES:
        return "1 = 1", []
    padded, placeholders = next(iter_in_lists(values))
    return f"{column} IN ({placeholders})", padded
