"""Validate frames against the declaration of their table, before anything is staged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from acm_etl.errors import ContractError
from acm_etl.schema import Column, Table

_UUID_PATTERN = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_NON_BMP_PATTERN = r"[\x{10000}-\x{10FFFF}]"
_MAX_EXACT_INTEGER = 2**53
"""Largest integer up to which every integer has an exact float64."""
_INTEGER_TYPES = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
# Casts that keep every value or raise. Floats to integers are not among them: Polars would truncate 1.5 to 1.
_LOSSLESS_CASTS: tuple[tuple[tuple[type[pl.DataType], ...], tuple[type[pl.DataType], ...]], ...] = (
    ((pl.Categorical, pl.Enum), (pl.String,)),
    (_INTEGER_TYPES, (pl.Int32, pl.Int64)),
    ((pl.Float32,), (pl.Float64,)),
)


def validate_frame(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return the frame with the columns, order and types of the table, after checking every value and the key.

    Casts are lossless, except that times are rounded to milliseconds. An Enum of UUIDs stays an Enum.

    Raises:
        ContractError: Columns, types, values or keys do not fit; the text gives counts and samples.
    """
    _raise_problems(table, _find_column_problems(frame, table))
    # All columns are tried before an error is raised, so that one message names everything that is wrong with a frame.
    columns, problems = [], []
    for column in table.insertable_columns:
        try:
            columns.append(_cast_series(frame[column.name], column))
        except pl.exceptions.PolarsError as error:
            problems.append(f"{column.name} does not fit {column.type}: {str(error).partition(chr(10))[0]}")
        except TypeError as error:
            problems.append(str(error))
    # In stages: values can be checked only once all types fit, keys only once no value is NULL.
    _raise_problems(table, problems)
    validated = pl.DataFrame(columns)
    if validated.is_empty():
        return validated
    _raise_problems(table, _find_illegal_values(validated, table))
    _raise_problems(table, _find_duplicate_keys(validated, table))
    return validated


def _raise_problems(table: Table, problems: Iterable[str]) -> None:
    texts = list(problems)
    if texts:
        prefix = f"{len(texts)} problems: " if len(texts) > 1 else ""
        message = f"{table.name}: {prefix}{'; '.join(texts)}"
        raise ContractError(message)


def _find_column_problems(frame: pl.DataFrame, table: Table) -> Iterator[str]:
    """Yield the problem of surplus columns; raise at once if columns are missing."""
    # Missing columns are an error even if nullable: a misspelled name would otherwise be stored as NULL without a word.
    missing = [name for name in table.polars_schema if name not in frame.columns]
    if missing:
        present = ", ".join(frame.columns)
        count = f"{len(missing)} of {len(table.polars_schema)} columns missing"
        message = f"{count} for {table.name}: {', '.join(missing)}. The frame has: {present}"
        raise ContractError(message)
    surplus = [name for name in frame.columns if name not in table.polars_schema]
    if surplus:
        yield f"{len(surplus)} column(s) the table does not have: {', '.join(surplus)}; drop them before publishing"


def _cast_series(series: pl.Series, column: Column) -> pl.Series:
    """Return the series in the declared type.

    Raises:
        TypeError: The cast would lose information.
        PolarsError: A value is out of range of the declared type.
    """
    have, want = series.dtype, column.polars_type
    # A dictionary of run ids saves 36 characters per row up to the insert.
    if have == want or (column.base_type == "uuid" and have == pl.Enum):
        return series
    if isinstance(have, pl.Datetime) and isinstance(want, pl.Datetime):
        return _round_to_milliseconds(series, have)
    if have.is_integer() and want.is_float():
        return _cast_exact_floats(series, column)
    if have == pl.Null or any(have in few and want in many for few, many in _LOSSLESS_CASTS):
        return series.cast(want)  # strict: a value out of range raises
    message = f"{column.name} is {have}, not {want}"
    raise TypeError(message)


def _round_to_milliseconds(series: pl.Series, dtype: pl.Datetime) -> pl.Series:
    # Stored times are naive UTC; converting another zone here would hide an error of the caller by several hours.
    if dtype.time_zone not in (None, "UTC"):
        message = f"{series.name} is in time zone {dtype.time_zone}; convert it to UTC first"
        raise TypeError(message)
    naive = series.dt.replace_time_zone(None)
    # Half up, like SQL Server's own conversion to DATETIME2(3); Polars' cast would truncate.
    step = {"ms": 1, "us": 1_000, "ns": 1_000_000}[dtype.time_unit]
    return ((naive.to_physical() + step // 2) // step).cast(pl.Datetime("ms")).alias(series.name)


def _cast_exact_floats(series: pl.Series, column: Column) -> pl.Series:
    # Int128, because the magnitude of the smallest Int64 does not fit into Int64.
    large = int((series.cast(pl.Int128).abs() > _MAX_EXACT_INTEGER).sum())
    if large:
        message = f"{large} value(s) of {column.name} are too large to be exact as floats"
        raise TypeError(message)
    return series.cast(pl.Float64)


_NULLS = "NULLs of "
"""Prefix of the columns with the number of NULLs; no column of a table begins with it."""


def _find_illegal_values(frame: pl.DataFrame, table: Table) -> Iterator[str]:
    """Yield one problem per column with values that it does not take."""
    columns = table.insertable_columns
    # One pass over the frame for all columns; values are counted and sampled only in a column that has bad ones.
    suspects = [test for column in columns if (test := _suspect_column(column)) is not None]
    found = frame.select(pl.all().null_count().name.prefix(_NULLS), *suspects).row(0, named=True)
    for column in columns:
        nulls = found[_NULLS + column.name]
        if nulls and not column.nullable:
            yield f"{nulls} of {frame.height} value(s) of {column.name} are NULL, which it does not take"
        # Missing: a column of a type that cannot hold an illegal value.
        if found.get(column.name):
            yield from _describe_illegal_values(frame[column.name], column)


def _suspect_column(column: Column) -> pl.Expr | None:
    """Return the test whether a column may have an illegal value; None for types that cannot hold one."""
    values = pl.col(column.name)
    if column.polars_type.is_float():
        # A sum is finite unless a value is not. An overflow is a false alarm: the exact count then finds nothing.
        return ~values.sum().is_finite()
    if column.base_type in ("str", "uuid"):
        # Distinct texts are few even in long frames.
        return _is_illegal_text(values.unique().drop_nulls().cast(pl.String), column).any().alias(column.name)
    return None


def _is_illegal_text(text: pl.Expr, column: Column) -> pl.Expr:
    if column.allowed_values:
        return ~text.is_in(list(column.allowed_values))
    # Lower case only: SQL Server converts UNIQUEIDENTIFIER to upper case, and texts of both forms would not join.
    if column.base_type == "uuid":
        return ~text.str.contains(_UUID_PATTERN)
    # NVARCHAR(n) counts UTF-16 code units: a character beyond the basic plane, such as an emoji, takes two.
    return text.str.len_chars() + text.str.count_matches(_NON_BMP_PATTERN) > (column.max_length or 0)


def _describe_illegal_values(series: pl.Series, column: Column) -> Iterator[str]:
    if column.polars_type.is_float():
        if bad_count := series.len() - series.null_count() - int(series.is_finite().sum()):
            yield f"{bad_count} of {series.len()} value(s) of {column.name} are NaN or infinite"
        return
    texts = series.cast(pl.String).to_frame()
    bad = texts.filter(_is_illegal_text(pl.col(column.name), column)).to_series()
    # The samples are cut, because a text may be megabytes long.
    samples = ", ".join(repr(text[:40]) for text in bad.unique().sort().head(3))
    yield f"{bad.len()} value(s) of {column.name} {_text_rule(column)}, e.g. {samples}"


def _text_rule(column: Column) -> str:
    if column.allowed_values:
        return f"are none of {', '.join(column.allowed_values)}"
    return (
        "are no lower-case UUIDs" if column.base_type == "uuid" else f"are longer than {column.max_length} characters"
    )


def _find_duplicate_keys(frame: pl.DataFrame, table: Table) -> Iterator[str]:
    key = list(table.key)
    if _is_key_sorted(frame, table):
        return
    # Found here, because DuckDB has no key on large tables, and MERGE does not name the key that its source repeats.
    extra = frame.height - frame.select(key).unique().height
    if extra:
        first = frame.filter(frame.select(key).is_duplicated()).select(key).row(0)
        yield f"{extra} row(s) repeat a key ({', '.join(key)}), e.g. ({', '.join(map(str, first))})"


def _is_key_sorted(frame: pl.DataFrame, table: Table) -> bool:
    """Return whether the keys strictly increase, so that all of them differ: true for nearly all frames."""
    is_greater = pl.lit(value=False)
    for name in reversed(table.key):
        value, previous = pl.col(name), pl.col(name).shift()
        is_greater = (value > previous) | ((value == previous) & is_greater)
    # A NULL in a key proves nothing: then the distinct keys are counted.
    return frame.select(is_greater.slice(1).all(ignore_nulls=False)).item() is True
