"""Kinds of the columns of a historian, from the names of their types in any database."""

from __future__ import annotations

_NUMERIC_TYPES = {
    "tinyint", "smallint", "integer", "int", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint",
    "uhugeint", "float", "real", "double", "decimal", "numeric", "money", "smallmoney", "boolean", "bit",
}  # fmt: skip
# Read as timestamps without loss, but not offered for new machines: the first has no clock, the second no seconds.
_COARSE_TIME_TYPES = {"date", "smalldatetime"}


def is_numeric_type(sql_type: str) -> bool:
    """Return whether a column of this database type can be a tag."""
    # Without the parameters of the type: DECIMAL(18,3) is as numeric as DECIMAL.
    return sql_type.partition("(")[0].strip().lower() in _NUMERIC_TYPES


def is_naive_timestamp_type(sql_type: str) -> bool:
    """Return whether a column of this database type can hold times of readings: a timestamp without zone, in UTC."""
    name = sql_type.lower()
    return name.startswith(("timestamp", "datetime")) and "zone" not in name and "offset" not in name


def is_readable_time_type(sql_type: str) -> bool:
    """Return whether times of readings can be read from a column of this database type as naive UTC."""
    return is_naive_timestamp_type(sql_type) or sql_type.lower() in _COARSE_TIME_TYPES
