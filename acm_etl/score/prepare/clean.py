"""Cleaning of readings: implausible cells become null and are reported, times are checked or made unique."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from acm_etl.config import ScoreParams
from acm_etl.errors import InputError
from acm_etl.score.array_ops import row_missing_counts
from acm_etl.score.arrays import Bools, Floats, Ints

TIME = "Timestamp"
_TIME_TYPE = pl.Datetime("us")
_CONFLICT_EVENT = "conflicting_duplicate"
REJECTED_SCHEMA: dict[str, pl.DataType] = {
    TIME: _TIME_TYPE,
    "ColumnName": pl.String(),
    "EventType": pl.String(),
    "Value": pl.String(),
}
"""One row per rejected cell or row; ``ColumnName`` is empty if the whole row was rejected."""


class CleanReadings(NamedTuple):
    """Readings without what cannot be used.

    Attributes:
        readings: ``Timestamp`` and the tags.
        rejected: What was left out, as ``REJECTED_SCHEMA``.
    """

    readings: pl.DataFrame
    rejected: pl.DataFrame


def list_cells(
    times: pl.Series, X: Floats, tags: Sequence[str], *, cells: tuple[Ints, Ints], kinds: pl.Series
) -> pl.DataFrame:
    """Return one row per cell of a matrix of readings, as ``REJECTED_SCHEMA``.

    Args:
        times: Times of the rows.
        X: Readings, n rows by d tags.
        tags: Names of the tags, d.
        cells: Rows and columns of the cells, k each.
        kinds: Event type of each cell, k.
    """
    rows, columns = cells
    # The usual case, and a frame of empty columns takes as long to make as one with rows.
    if not len(rows):
        return pl.DataFrame(schema=REJECTED_SCHEMA)
    frame = {
        TIME: times.gather(rows),
        "ColumnName": pl.Series(tags, dtype=pl.String).gather(columns),
        "EventType": kinds,
        "Value": pl.Series(X[rows, columns]).cast(pl.String),
    }
    return pl.DataFrame(frame, schema=REJECTED_SCHEMA)


def clean_readings(frame: pl.DataFrame, tags: Sequence[str], max_abs: float) -> CleanReadings:
    """Replace implausible values (NaN, infinite or out of range) by null.

    Args:
        frame: ``Timestamp`` and one numeric column per tag.
        tags: Tag columns to clean, in the order of the result.
        max_abs: Largest plausible magnitude, unit of the tag.

    Returns:
        ``Timestamp`` and the tags as Float64, and one row per rejected cell with the ``EventType`` ``nan``,
        ``infinite`` or ``out_of_range``.
    """
    floats = frame.select(pl.col(TIME).cast(_TIME_TYPE), *(pl.col(tag).cast(pl.Float64) for tag in tags))
    # Count first: most frames have no bad cell, and counting is cheaper than rewriting every column.
    bad_counts = floats.select((~_is_plausible(tag, max_abs)).sum() for tag in tags).row(0) if tags else ()
    bad_tags = [tag for tag, count in zip(tags, bad_counts, strict=True) if count]
    cleaned = floats.with_columns(pl.when(_is_plausible(tag, max_abs)).then(pl.col(tag)).alias(tag) for tag in bad_tags)
    rejections = [_build_cell_rejections(floats, tag, max_abs) for tag in bad_tags]
    return CleanReadings(cleaned, pl.concat([_empty_rejections(), *rejections]))


def dedupe_readings(frame: pl.DataFrame) -> CleanReadings:
    """Sort by time and keep one row per timestamp.

    Args:
        frame: ``Timestamp`` and any other columns.

    Returns:
        The frame, strictly increasing in time, and one row per rejected row. Its ``EventType`` is ``null_time`` (no
        time), ``duplicate`` (equal to another row) or ``conflicting_duplicate`` (another row of that time has fewer
        nulls, or as many and values that sort first).
    """
    timed = frame.filter(pl.col(TIME).is_not_null())
    untimed = _build_row_rejections(frame.filter(pl.col(TIME).is_null()), "null_time")
    if timed[TIME].is_sorted() and not timed[TIME].is_duplicated().any():
        return CleanReadings(timed, untimed)
    # Only frames with repeated or unsorted times get here: the sort below is by all columns.
    values = [name for name in frame.columns if name != TIME]
    distinct = timed.unique(maintain_order=True)
    null_count = pl.sum_horizontal(pl.lit(0), *(_null_flag(frame, name) for name in values))
    # Sorting by the values as well makes the choice independent of the order of arrival.
    ordered = distinct.sort([TIME, null_count, *(pl.col(name) for name in values)], nulls_last=True)
    unique = ordered.unique(TIME, keep="first", maintain_order=True)
    duplicates = _list_dropped_rows(timed, distinct, "duplicate")
    conflicts = _list_dropped_rows(distinct, unique, _CONFLICT_EVENT)
    return CleanReadings(unique, pl.concat([untimed, duplicates, conflicts]))


def check_times(frame: pl.DataFrame) -> None:
    """Check that times are naive UTC, present and strictly increasing.

    Raises:
        InputError: They are not; the message has the number of wrong times and the first of them.
    """
    if TIME not in frame.columns:
        message = f"column {TIME} is missing; the frame has: {', '.join(frame.columns) or 'no columns'}"
        raise InputError(message)
    # A zone is rejected rather than converted: it may show that naive times were meant to be local.
    kind = frame.schema[TIME]
    if not isinstance(kind, pl.Datetime) or kind.time_zone is not None:
        message = f"{TIME} must be naive UTC times (Datetime without a zone), not {kind}"
        raise InputError(message)
    times = frame[TIME]
    is_wrong = times.is_null() | (times.diff().dt.total_microseconds() <= 0).fill_null(value=False)
    if is_wrong.any():
        first = times.filter(is_wrong)[0]
        message = (
            f"{is_wrong.sum()} of {len(times)} times are missing, repeated or not increasing, the first: {first}; "
            "call acm_etl.score.dedupe_readings(frame) first"
        )
        raise InputError(message)


def require_numeric_tags(frame: pl.DataFrame) -> list[str]:
    """Return the names of the tag columns, in order.

    Raises:
        InputError: There is no tag column, or one is not numeric.
    """
    tags = [name for name in frame.columns if name != TIME]
    if not tags:
        message = f"the frame has no column besides {TIME}; add one numeric column per tag"
        raise InputError(message)
    not_numeric = [f"{tag!r} ({frame.schema[tag]})" for tag in tags if not _is_numeric(frame.schema[tag])]
    if not_numeric:
        message = f"{len(not_numeric)} of {len(tags)} tag columns are not numeric: {', '.join(not_numeric[:5])}"
        raise InputError(message)
    return tags


def to_matrix(frame: pl.DataFrame, tags: Sequence[str]) -> Floats:
    """Return the tag columns as a matrix, n rows by d tags, NaN where null."""
    columns = frame[list(tags)]
    # Nearly always Float64 already; an expression per tag takes as long as the detectors do for a day of readings.
    floats = columns if set(columns.dtypes) == {pl.Float64()} else columns.cast(pl.Float64)
    return floats.to_numpy(order="c")


def usable_row_mask(X: Floats, params: ScoreParams) -> Bools:
    """Return which rows have a reading and not more missing tags than ``max_missing`` allows."""
    # With max_missing near 1 a row without any reading would pass the first test alone.
    missing_share = row_missing_counts(X) / X.shape[1]
    usable: Bools = (missing_share <= params.max_missing) & (missing_share < 1)
    return usable


def _is_numeric(kind: pl.DataType) -> bool:
    # A column without any value has the type Null: a tag without readings, not a mistake.
    return kind.is_numeric() or kind in (pl.Boolean(), pl.Null())


def _is_plausible(tag: str, max_abs: float) -> pl.Expr:
    # Polars orders NaN above every number, so the comparison is false for NaN as for infinities.
    return pl.col(tag).is_null() | (pl.col(tag).abs() <= max_abs)


def _build_cell_rejections(floats: pl.DataFrame, tag: str, max_abs: float) -> pl.DataFrame:
    value = pl.col(tag)
    event_type = pl.when(value.is_nan()).then(pl.lit("nan")).when(value.is_infinite()).then(pl.lit("infinite"))
    return floats.filter(~_is_plausible(tag, max_abs)).select(
        TIME,
        ColumnName=pl.lit(tag),
        EventType=event_type.otherwise(pl.lit("out_of_range")),
        Value=value.cast(pl.String),
    )


def _null_flag(frame: pl.DataFrame, name: str) -> pl.Expr:
    missing = pl.col(name).is_null()
    return (missing | pl.col(name).is_nan() if frame.schema[name].is_float() else missing).cast(pl.Int64)


def _list_dropped_rows(before: pl.DataFrame, after: pl.DataFrame, event_type: str) -> pl.DataFrame:
    """Return one rejection per row that ``before`` has more than ``after``, time by time."""
    counts = before.group_by(TIME).len("before").join(after.group_by(TIME).len("after"), on=TIME)
    dropped = counts.select(TIME, count=pl.col("before") - pl.col("after")).filter(pl.col("count") > 0).sort(TIME)
    times = dropped.select(pl.col(TIME).repeat_by("count").list.explode(keep_nulls=False, empty_as_null=False))
    return _build_row_rejections(times, event_type)


def _build_row_rejections(frame: pl.DataFrame, event_type: str) -> pl.DataFrame:
    columns = {"ColumnName": pl.lit(""), "EventType": pl.lit(event_type), "Value": pl.lit(None, pl.String)}
    return frame.select(pl.col(TIME).cast(_TIME_TYPE), **columns)


def _empty_rejections() -> pl.DataFrame:
    return pl.DataFrame(schema=REJECTED_SCHEMA)
