"""Validate frames against the declaration of their table, before anything is staged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite

import polars as pl

from acm_etl.counts import format_count
from acm_etl.errors import ContractError
from acm_etl.schema import Column, Table

_UUID_PATTERN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHORT_FRAME = 1_000
"""Rows up to which a set is quicker than an expression, which takes 0.2 ms whatever the rows: a batch of one window has
30 frames of about ten rows."""
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
        columns = format_count(len(surplus), "column")
        yield f"{columns} the table does not have: {', '.join(surplus)}; drop them before publishing"


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
        message = f"{column.name} is too large to be exact as a float in {format_count(large, 'row')}"
        raise TypeError(message)
    return series.cast(pl.Float64)


def _find_illegal_values(frame: pl.DataFrame, table: Table) -> Iterator[str]:
    """Yield one problem per column with values that it does not take."""
    for column in table.insertable_columns:
        series = frame[column.name]
        nulls = series.null_count()
        if nulls and not column.nullable:
            yield f"{column.name} is NULL in {nulls:,} of {format_count(frame.height, 'row')}, but takes no NULL"
        if column.polars_type.is_float():
            yield from _find_infinite_values(series)
        elif column.base_type in ("str", "uuid"):
            yield from _find_illegal_texts(series, column)


def _find_infinite_values(series: pl.Series) -> Iterator[str]:
    # A sum is finite unless a value is not. An overflow is a false alarm: the exact count then finds nothing.
    if not isfinite(series.sum()) and (bad := series.len() - series.null_count() - int(series.is_finite().sum())):
        yield f"{series.name} is NaN or infinite in {bad:,} of {format_count(series.len(), 'row')}"


def _find_illegal_texts(series: pl.Series, column: Column) -> Iterator[str]:
    # Distinct texts are few even in long frames, except for the runs of short windows.
    texts = set(series.to_list() if series.len() <= _SHORT_FRAME else series.unique().to_list())
    # The rule once per column: to read it from the declaration takes longer than to check a text.
    is_legal = _get_text_check(column)
    bad = sorted(text for text in texts if text is not None and not is_legal(text))
    if bad:
        # The samples are cut, because a text may be megabytes long.
        samples = ", ".join(repr(text[:40]) for text in bad[:3])
        count = int(series.cast(pl.String).is_in(bad).sum())
        yield f"{column.name} {_text_rule(column)} in {format_count(count, 'row')}, e.g. {samples}"


def _get_text_check(column: Column) -> Callable[[str], object]:
    """Return the function that is true for the texts that the column takes."""
    if column.allowed_values:
        return column.allowed_values.__contains__
    # Lower case only: SQL Server converts UNIQUEIDENTIFIER to upper case, and texts of both forms would not join.
    if column.base_type == "uuid":
        return _UUID_PATTERN.fullmatch
    limit = column.max_length or 0
    return lambda text: _count_utf16_units(text) <= limit


def _count_utf16_units(text: str) -> int:
    # NVARCHAR(n) counts UTF-16 code units: a character beyond the basic plane, such as an emoji, takes two.
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _text_rule(column: Column) -> str:
    if column.allowed_values:
        return f"is none of {', '.join(column.allowed_values)}"
    return "is no lower-case UUID" if column.base_type == "uuid" else f"is longer than {column.max_length} characters"


def _find_duplicate_keys(frame: pl.DataFrame, table: Table) -> Iterator[str]:
    key = list(table.key)
    if _has_distinct_keys(frame, key):
        return
    # Found here, because DuckDB has no key on large tables, and MERGE does not name the key that its source repeats.
    extra = frame.height - frame.select(key).unique().height
    if extra:
        first = frame.filter(frame.select(key).is_duplicated()).select(key).row(0)
        rows = format_count(extra, "row")
        yield f"{rows} with a repeated key ({', '.join(key)}), e.g. ({', '.join(map(str, first))})"


def _has_distinct_keys(frame: pl.DataFrame, key: Sequence[str]) -> bool:
    """Return whether the keys of a short frame are distinct, or those of a long frame increase: nearly always."""
    if frame.height <= _SHORT_FRAME:
        return len(set(zip(*(frame[name].to_list() for name in key), strict=True))) == frame.height
    is_greater = pl.lit(value=False)
    for name in reversed(key):
        value, previous = pl.col(name), pl.col(name).shift()
        is_greater = (value > previous) | ((value == previous) & is_greater)
    # A NULL in a key proves nothing: then the distinct keys are counted.
    return frame.select(is_greater.slice(1).all(ignore_nulls=False)).item() is True
