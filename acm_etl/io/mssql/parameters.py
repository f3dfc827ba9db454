"""Bind the parameters of a statement with types that do not depend on their values.

The driver would declare ``varchar(3)`` for one text and ``varchar(5)`` for the next. The server compiles and stores a
plan for each list of declared types, so the plan cache and Query Store would fill with copies of the same statement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

from mssql_python.constants import ConstantsDDBC as Odbc

from acm_etl.schema import Column

# Longest text and binary value that SQL Server declares with a length; a longer one is declared as MAX.
_MAX_TEXT, _MAX_BINARY = 4_000, 8_000
_INT_RANGE = range(-(2**31), 2**31)
# Literals, quoted identifiers, comments and placeholders: a "?" inside the first three is no placeholder.
_SQL_TOKEN_PATTERN = re.compile(
    r"'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\?", re.DOTALL
)


class ParameterType(NamedTuple):
    """Declared type of a parameter, as ``cursor.setinputsizes`` takes it.

    Attributes:
        sql_type: ODBC type code.
        size: Maximum length in characters or bytes, or precision in digits; 0 for MAX.
        digits: Digits after the decimal point of the seconds.
    """

    sql_type: int
    size: int = 0
    digits: int = 0


_BIT = ParameterType(Odbc.SQL_BIT.value, 1)
_INT = ParameterType(Odbc.SQL_INTEGER.value, 10)
_BIGINT = ParameterType(Odbc.SQL_BIGINT.value, 19)
_FLOAT = ParameterType(Odbc.SQL_DOUBLE.value, 15)
_TEXT = ParameterType(Odbc.SQL_WVARCHAR.value, _MAX_TEXT)
_LONG_TEXT = ParameterType(Odbc.SQL_WVARCHAR.value)
_BINARY = ParameterType(Odbc.SQL_VARBINARY.value, _MAX_BINARY)
_LONG_BINARY = ParameterType(Odbc.SQL_VARBINARY.value)
# The driver declares datetime2(7), whatever the digits; with fewer than 6 it rejects times with microseconds.
_TIME = ParameterType(Odbc.SQL_TYPE_TIMESTAMP.value, 26, 6)
_OFFSET_TIME = ParameterType(Odbc.SQL_DATETIMEOFFSET.value, 33, 6)
_COLUMN_TYPES = {
    "i32": _INT,
    "i64": _BIGINT,
    "f64": _FLOAT,
    "bool": _BIT,
    "ts3": _TIME,
    "text": _LONG_TEXT,
    "bytes": _LONG_BINARY,
}


# Types of a batched statement's text and of its machine, start and end.
BATCH_PARAMETER_TYPES = (_LONG_TEXT, _INT, _TIME, _TIME)


def get_column_parameter_type(column: Column) -> ParameterType:
    """Return the parameter type for values of a column, NULL included."""
    # UUIDs are texts in this program; the statement casts them.
    return _COLUMN_TYPES.get(column.base_type, _TEXT)


def bind_parameters(sql: str, params: Sequence[Any]) -> tuple[str, list[Any], list[ParameterType]]:
    """Return a statement in which NULL replaces the placeholder of each None, the other values, and their types.

    Args:
        sql: Statement with ``?`` placeholders.
        params: Value of each placeholder.
    """
    values = list(params)
    if None in values:
        # A bound None has no type: the driver asks the server for the type first, which costs a round trip and fails
        # for statements that the server cannot describe, e.g. on temporary tables.
        remaining = iter(values)

        def replace_token(match: re.Match[str]) -> str:
            return "NULL" if match[0] == "?" and next(remaining) is None else match[0]

        sql = _SQL_TOKEN_PATTERN.sub(replace_token, sql)
    bound = [value for value in values if value is not None]
    return sql, bound, [_get_value_type(value) for value in bound]


def number_placeholders(sql: str) -> str:
    """Return a statement for ``sp_executesql``, with ``@P1``, ``@P2`` ... instead of its placeholders."""
    numbers = count(1)
    return _SQL_TOKEN_PATTERN.sub(lambda match: f"@P{next(numbers)}" if match[0] == "?" else match[0], sql)


def _get_value_type(value: Any) -> ParameterType:  # noqa: ANN401 - any value that a statement may take
    match value:
        # Before int: True is an int in Python.
        case bool():
            return _BIT
        case int():
            # INT, not always BIGINT: most columns are INT, and comparing them with a BIGINT converts every row.
            return _INT if value in _INT_RANGE else _BIGINT
        case float():
            return _FLOAT
        case datetime():
            return _OFFSET_TIME if value.tzinfo else _TIME
        case bytes():
            return _BINARY if len(value) <= _MAX_BINARY else _LONG_BINARY
        case _:
            return _TEXT if len(value) <= _MAX_TEXT else _LONG_TEXT
