"""Pass 2 over one tag column: cells to finite numbers with the format that was decided, and a reason for each loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from acm_etl.io.files.values.number_text import POINT_GROUP_PATTERN, Notation
from acm_etl.io.files.values.states import INFINITE_TEXTS, NAN_TEXTS, means_no_value, normalise_text
from acm_etl.io.files.values.units import normalise_unit
from acm_etl.io.files.values.value_format import ValueFormat
from acm_etl.io.files.values.value_profile import cast_decimal_commas, read_distinct_cells


class LossReason(StrEnum):
    """Why the value of a cell that is not empty is NULL."""

    TEXT_STATE = "text_state"
    NOT_A_NUMBER = "not_a_number"
    NAN = "nan"
    INFINITE = "infinite"
    MISSING_VALUE = "missing_value"
    BAD_QUALITY = "bad_quality"


@dataclass(frozen=True, slots=True)
class ParsedValues:
    """Numbers of one column.

    Attributes:
        values: Float64, finite or null, one per cell.
        losses: Reason to Boolean mask of the cells that it made null. A lost cell has one reason; an empty cell none.
    """

    values: pl.Series
    losses: Mapping[LossReason, pl.Series]


def parse_values(series: pl.Series, fmt: ValueFormat, *, bad_quality: pl.Series | None = None) -> ParsedValues:
    """Convert the cells of one column.

    Args:
        series: String cells as the file has them, or a typed column.
        fmt: Reading of the column.
        bad_quality: Boolean mask of rows whose quality is bad, see ``flag_bad_quality``.

    Returns:
        The numbers and the losses. Every cell that is not empty is a number or has one reason.
    """
    losses: dict[LossReason, pl.Series] = {}
    # pandas writes repeated states as categories, which cannot be searched as texts.
    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    numbers = _parse_texts(series, fmt, losses) if series.dtype == pl.String else _cast_typed(series, losses)
    # A store refuses NaN and infinities.
    if not numbers.is_finite().all():
        numbers = _drop_cells(numbers, LossReason.NAN, numbers.is_nan(), losses)
        numbers = _drop_cells(numbers, LossReason.INFINITE, numbers.is_infinite(), losses)
    if fmt.missing:
        # Exact comparison: a measured value near -999 is a value.
        is_missing = numbers.is_in(_round_like(series.dtype, fmt.missing))
        numbers = _drop_cells(numbers, LossReason.MISSING_VALUE, is_missing, losses)
    # Last, so that a bad quality counts only where it takes away a number: most historians mark "Bad" cells bad, too.
    if bad_quality is not None:
        numbers = _drop_cells(numbers, LossReason.BAD_QUALITY, bad_quality, losses)
    return ParsedValues(numbers.alias(series.name), losses)


def _drop_cells(
    numbers: pl.Series, reason: LossReason, mask: pl.Series, losses: dict[LossReason, pl.Series]
) -> pl.Series:
    """Return the numbers with null for the cells of the mask, which are added to the losses of the reason."""
    lost = (mask & numbers.is_not_null()).fill_null(value=False)
    # An empty mask would be stored and counted for every clean chunk.
    if not lost.any():
        return numbers
    _add_loss(losses, reason, lost)
    return pl.select(pl.when(~lost).then(numbers)).to_series()


def _add_loss(losses: dict[LossReason, pl.Series], reason: LossReason, mask: pl.Series) -> None:
    losses[reason] = losses[reason] | mask if reason in losses else mask


def _cast_typed(series: pl.Series, losses: dict[LossReason, pl.Series]) -> pl.Series:
    if series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null):
        return series.cast(pl.Float64)
    if series.null_count() < len(series):
        # Dates, lists and structs: a later file of this kind may have another type than the one that was planned.
        _add_loss(losses, LossReason.NOT_A_NUMBER, series.is_not_null())
    return pl.repeat(None, len(series), dtype=pl.Float64, eager=True)


def _round_like(dtype: pl.DataType, missing: tuple[float, ...]) -> list[float]:
    """Return the missing values as a column of this type holds them: -999.9 has another value in 32 bits."""
    values = pl.Series(missing, dtype=pl.Float64)
    return (values.cast(pl.Float32).cast(pl.Float64) if dtype == pl.Float32 else values).to_list()


def _parse_texts(series: pl.Series, fmt: ValueFormat, losses: dict[LossReason, pl.Series]) -> pl.Series:
    numbers = _cast_settled(series, fmt)
    # Clean text costs one cast, about 15 ns per cell.
    if numbers.null_count() == series.null_count():
        return numbers
    is_residual = numbers.is_null() & series.is_not_null()
    rows = is_residual.arg_true()
    cells = read_distinct_cells(series.filter(is_residual))
    values = _apply_format(cells, fmt)
    for reason, mask in _explain_losses(cells["text"], values).items():
        _add_loss(losses, reason, pl.zeros(len(series), dtype=pl.Boolean, eager=True).scatter(rows, mask))
    return numbers.scatter(rows, values)


def _cast_settled(series: pl.Series, fmt: ValueFormat) -> pl.Series:
    """Return the cells that have one reading under the format as floats, null for all others."""
    if fmt.decimal_mark == "," and "," not in fmt.thousands_mark:
        return cast_decimal_commas(series)
    numbers = series.cast(pl.Float64, strict=False)
    # The cast reads a point as the decimal mark, which is right unless single groups may be thousands.
    if "." in fmt.decimal_mark and "." not in fmt.thousands_mark:
        return numbers
    return pl.select(pl.when(~series.str.contains(POINT_GROUP_PATTERN)).then(numbers)).to_series()


def _apply_format(cells: pl.DataFrame, fmt: ValueFormat) -> pl.Series:
    """Return the numbers of cells that were read one by one, null where the format does not cover the cell."""
    spellings = [unit for unit in cells["unit"].drop_nulls().unique() if normalise_unit(unit) == fmt.unit]
    # A cell with another unit is another quantity, so its number is not taken.
    value = pl.when(pl.col("unit").is_null() | pl.col("unit").is_in(spellings)).then(_scale_groups(fmt))
    values = cells.select(value.alias("value")).to_series()
    if not fmt.states:
        return values
    states = dict(fmt.states)
    distinct = cells["text"].unique().to_list()
    numbers = {text: states[normalise_text(text)] for text in distinct if normalise_text(text) in states}
    mapped = cells["text"].replace_strict(numbers, default=None, return_dtype=pl.Float64)
    return values.fill_null(mapped)


def _scale_groups(fmt: ValueFormat) -> pl.Expr:
    value, notation = pl.col("value"), pl.col("notation")
    for mark, group in ((",", Notation.COMMA_GROUP), (".", Notation.POINT_GROUP)):
        is_group = notation == group.value
        if mark in fmt.thousands_mark:
            # In floats 1.001 * 1000 is 1000.9999999999999: rounded to the whole number that the text means.
            value = pl.when(is_group).then((value * 1000.0).round()).otherwise(value)
        elif mark not in fmt.decimal_mark:
            # The column had no such cell when the format was decided, so 1,234 has no reading here.
            value = pl.when(~is_group).then(value)
    return value


def _explain_losses(texts: pl.Series, values: pl.Series) -> dict[LossReason, pl.Series]:
    """Return the masks of the cells without a number by the meaning of their text; blank cells have no reason."""
    lost = values.is_null() & (texts != "")
    reasons = {text: _explain_text(text) for text in texts.filter(lost).unique().to_list()}
    named = texts.replace_strict(reasons, default=None, return_dtype=pl.String)
    # Sorted, so that counts and samples come in the same order in every run.
    return {reason: lost & (named == reason.value).fill_null(value=False) for reason in sorted(set(reasons.values()))}


def _explain_text(text: str) -> LossReason:
    normal = normalise_text(text)
    if normal in NAN_TEXTS:
        return LossReason.NAN
    if normal in INFINITE_TEXTS:
        return LossReason.INFINITE
    return LossReason.TEXT_STATE if means_no_value(text) else LossReason.NOT_A_NUMBER
