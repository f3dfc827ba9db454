"""Readings that can be scored: bad cells become null and are counted, times are made unique for the caller."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from acm_etl.errors import InputError

TIME = "Timestamp"
_TIME_TYPE = pl.Datetime("us")
REJECTED_SCHEMA: dict[str, pl.DataType] = {
    TIME: _TIME_TYPE,
    "ColumnName": pl.String(),
    "EventType": pl.String(),
    "Value": pl.String(),
}
"""One row per refused cell or row; ``ColumnName`` is empty where the whole row is meant."""


def clean_readings(frame: pl.DataFrame, tags: Sequence[str], max_abs: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Replaces values no sensor can have by null; nothing is invented.

    Args:
        frame: ``Timestamp`` and one numeric column per tag.
        tags: Columns to look at, in the order of the result.
        max_abs: Largest believable magnitude, in the unit of the tag.

    Returns:
        ``Timestamp`` and the tags as Float64, and one row per refused cell (see ``REJECTED_SCHEMA``), whose ``EventType``
        is ``nan``, ``infinite`` or ``out_of_range``.
    """
    floats = frame.select(pl.col(TIME).cast(_TIME_TYPE), *(pl.col(tag).cast(pl.Float64) for tag in tags))
    bad = floats.select((~_is_plausible(tag, max_abs)).sum() for tag in tags).row(0) if tags else ()
    dirty = [tag for tag, count in zip(tags, bad, strict=True) if count]
    kept = floats.with_columns(pl.when(_is_plausible(tag, max_abs)).then(pl.col(tag)).alias(tag) for tag in dirty)
    return kept, pl.concat([_empty_rejections(), *(_build_cell_rejections(floats, tag, max_abs) for tag in dirty)])


def dedupe_readings(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sorts by time and keeps one row per time stamp.

    Equal rows collapse (``duplicate``); of rows that contradict one another the one with the fewest nulls stays,
    then the one whose values sort first, so that the order of arrival decides nothing (``conflicting_duplicate``);
    rows without a time go (``null_time``).

    Args:
        frame: ``Timestamp`` and any other columns.

    Returns:
        The frame, strictly increasing in time, and one row per refused row.
    """
    timed = frame.filter(pl.col(TIME).is_not_null())
    untimed = _build_row_rejections(frame.filter(pl.col(TIME).is_null()), "null_time")
    if timed[TIME].is_sorted() and not timed[TIME].is_duplicated().any():
        return timed, untimed
    values = [name for name in frame.columns if name != TIME]
    distinct = timed.unique(maintain_order=True)
    nulls = pl.sum_horizontal(pl.lit(0), *(_null_flag(frame, name) for name in values))
    order = [TIME, nulls, *(pl.col(name) for name in values)]
    ordered = distinct.sort(order, nulls_last=True)
    kept = ordered.unique(TIME, keep="first", maintain_order=True)
    rejected = pl.concat(
        [untimed, _list_dropped_rows(timed, distinct, "duplicate"), _list_dropped_rows(distinct, kept, _CONFLICT_EVENT)]
    )
    return kept, rejected


_CONFLICT_EVENT = "conflicting_duplicate"


def check_times(frame: pl.DataFrame) -> None:
    """Refuses times that are missing, repeated or out of order.

    Raises:
        InputError: Says how many, and the first of them.
    """
    if TIME not in frame.columns:
        message = f"no column {TIME}; the frame has: {', '.join(frame.columns) or 'no columns'}"
        raise InputError(message)
    kind = frame.schema[TIME]
    if not isinstance(kind, pl.Datetime) or kind.time_zone is not None:
        message = f"{TIME} must be naive UTC times (Datetime without a zone), not {kind}"
        raise InputError(message)
    times = frame[TIME]
    wrong = times.is_null() | (times.diff().dt.total_microseconds() <= 0).fill_null(value=False)
    if wrong.any():
        first = times.filter(wrong)[0]
        message = (
            f"{wrong.sum()} of {len(times)} times are missing, repeated or not increasing, the first: {first}; "
            "pass the frame through dedupe first"
        )
        raise InputError(message)


def require_numeric_tags(frame: pl.DataFrame) -> list[str]:
    """Names of the tag columns, in order.

    Raises:
        InputError: There is none, or one is not numeric.
    """
    tags = [name for name in frame.columns if name != TIME]
    if not tags:
        message = f"the frame has no tag column beside {TIME}"
        raise InputError(message)
    odd = [f"{tag!r} ({frame.schema[tag]})" for tag in tags if not _is_numeric(frame.schema[tag])]
    if odd:
        message = f"{len(odd)} of {len(tags)} tag columns are not numeric: {', '.join(odd[:5])}"
        raise InputError(message)
    return tags


def _is_numeric(kind: pl.DataType) -> bool:
    # An all-null column arrives as Null; it is a tag that never spoke, not a mistake.
    return kind.is_numeric() or kind in (pl.Boolean(), pl.Null())


def _is_plausible(tag: str, max_abs: float) -> pl.Expr:
    # NaN compares greater than everything in Polars, so this is False for NaN, infinities and absurd values.
    return pl.col(tag).is_null() | (pl.col(tag).abs() <= max_abs)


def _build_cell_rejections(floats: pl.DataFrame, tag: str, max_abs: float) -> pl.DataFrame:
    value = pl.col(tag)
    rule = pl.when(value.is_nan()).then(pl.lit("nan")).when(value.is_infinite()).then(pl.lit("infinite"))
    return floats.filter(~_is_plausible(tag, max_abs)).select(
        TIME,
        ColumnName=pl.lit(tag),
        EventType=rule.otherwise(pl.lit("out_of_range")),
        Value=value.cast(pl.String),
    )


def _null_flag(frame: pl.DataFrame, name: str) -> pl.Expr:
    missing = pl.col(name).is_null()
    return (missing | pl.col(name).is_nan() if frame.schema[name].is_float() else missing).cast(pl.Int64)


def _list_dropped_rows(before: pl.DataFrame, after: pl.DataFrame, rule: str) -> pl.DataFrame:
    """One row per row that ``after`` has fewer of than ``before``, time by time."""
    counts = before.group_by(TIME).len("had").join(after.group_by(TIME).len("has"), on=TIME)
    lost = counts.select(TIME, lost=pl.col("had") - pl.col("has")).filter(pl.col("lost") > 0).sort(TIME)
    return _build_row_rejections(
        lost.select(pl.col(TIME).repeat_by("lost").list.explode(keep_nulls=False, empty_as_null=False)), rule
    )


def _build_row_rejections(frame: pl.DataFrame, rule: str) -> pl.DataFrame:
    text = {"ColumnName": pl.lit(""), "EventType": pl.lit(rule), "Value": pl.lit(None, pl.String)}
    return frame.select(pl.col(TIME).cast(_TIME_TYPE), **text)


def _empty_rejections() -> pl.DataFrame:
    return pl.DataFrame(schema=REJECTED_SCHEMA)
