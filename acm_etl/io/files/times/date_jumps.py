"""Dates whose day and month change places within the files: read in one order, they jump from month to month."""

from __future__ import annotations

import polars as pl

from acm_etl.io.files.times.date_orders import DateEvidence, DateOrders

_MIN_ROWS_PER_DATE = 3  # readings of a few per month may jump from month to month
_MIN_JUMPS = 3
_JUMP_DAYS = 25
_SMALL_STEP_DAYS = 2
_LAST_MONTH = 12
_ISO_DATE = r"^\d{4}-\d\d-\d\d$"  # as cells with a date format come


def find_order_change(evidence: DateEvidence, orders: DateOrders) -> str | None:
    """Return the first date of a file that seems to have day and month the other way round, or None.

    A file that proves one order may hold rows of the other one: two exports were put together, or a spreadsheet with
    other settings has changed the dates whose day can be a month. Their months then pass as days do.

    Args:
        evidence: Dates of one file.
        orders: Decision for all files.
    """
    if not evidence.date_trail:
        return None
    trail = pl.concat(evidence.date_trail).drop_nulls()
    if evidence.row_count < _MIN_ROWS_PER_DATE * len(trail):
        return None
    steps = _list_steps(trail, orders)
    # Each tag of a long file may go back from June 1 to May 1: such a jump is one, however many tags repeat it.
    jumps = steps.filter("is_jump").unique(["text", "last_day"], maintain_order=True)
    return str(jumps["text"][0]) if len(jumps) >= _MIN_JUMPS and not _are_campaigns(steps) else None


def find_changed_dates(evidence: DateEvidence, orders: DateOrders) -> str | None:
    """Return the first date that a spreadsheet has changed among texts that it could not read, or None.

    A spreadsheet of month first reads 05/03/2024 as a date of May and leaves 13/03/2024 a text. Then all dates have
    days up to 12, all texts have later ones, and the dates fall into the months of the texts if they are swapped.

    Args:
        evidence: Dates of one file.
        orders: Decision for all files.
    """
    day = pl.col("day").cast(pl.Date)
    dates = orders.parse_days(evidence.date_counts["text"].drop_nulls()).drop_nulls().with_columns(day)
    is_iso = pl.col("text").str.contains(_ISO_DATE)
    typed, texts = dates.filter(is_iso), dates.filter(~is_iso)
    if min(len(typed), len(texts)) < _MIN_JUMPS:
        return None
    if typed.select((pl.col("day").dt.day() > _LAST_MONTH).any()).item():
        return None
    if texts.select((pl.col("day").dt.day() <= _LAST_MONTH).any()).item():
        return None
    months = texts["day"].dt.truncate("1mo").implode()
    swapped = pl.date(pl.col("day").dt.year(), pl.col("day").dt.day(), 1)
    as_read, as_swapped = typed.select(
        pl.col("day").dt.truncate("1mo").is_in(months).sum().alias("read"), swapped.is_in(months).sum().alias("swapped")
    ).row(0)
    # Most of them: where ISO dates follow from April 1 on, April 3 alone falls into the March of the texts.
    is_changed = as_swapped > as_read and 2 * as_swapped > len(typed)
    return str(typed["text"][0]) if is_changed else None


def _list_steps(trail: pl.Series, orders: DateOrders) -> pl.DataFrame:
    """Return a row per change of the date: text, the day and the one before, both also swapped, in days since 1970."""
    days = orders.parse_days(trail.unique()).drop_nulls()
    day = pl.col("day").cast(pl.Date)
    swapped = pl.when(day.dt.day() <= _LAST_MONTH).then(pl.date(day.dt.year(), day.dt.day(), day.dt.month()))
    dates = days.select("text", "day", swapped.cast(pl.Int32).alias("swapped"))
    steps = trail.alias("text").to_frame().join(dates, on="text", how="left", maintain_order="left")
    is_jump = (pl.col("day").diff().abs() >= _JUMP_DAYS) & _is_small(pl.col("swapped").diff())
    last = (pl.col("day").shift().alias("last_day"), pl.col("swapped").shift().alias("last_swapped"))
    return steps.with_columns(*last, is_jump.fill_null(value=False).alias("is_jump"))


def _are_campaigns(steps: pl.DataFrame) -> bool:
    """Return True if the same day of each month may have been measured: the dates rise, and no swapped one joins them.

    The file has to prove its order itself. The first of a tag's dates may follow the last ones of another tag.
    """
    proves_order = steps["swapped"].null_count() > steps["day"].null_count()
    is_back = (pl.col("day") < pl.col("last_day")) & (pl.col("day") > pl.col("day").min())
    # Where swapped dates begin or end, they go on from the others: December 12 to 13, and December 31 to January 1.
    joins_after = pl.col("is_jump").shift() & _is_small(pl.col("day") - pl.col("last_swapped"))
    joins_before = pl.col("is_jump").shift(-1) & _is_small(pl.col("swapped") - pl.col("last_day"))
    joins = ~pl.col("is_jump") & (joins_after | joins_before)
    return proves_order and not steps.select((is_back | joins).any()).item()


def _is_small(difference: pl.Expr) -> pl.Expr:
    return difference.abs() <= _SMALL_STEP_DAYS
