"""Stamps as historians write them: which spellings a column uses, and in which order day and month stand.

A stamp is cut into its date text and its clock text. A column of millions of stamps has few distinct date texts, so
those alone are looked at to decide the order, for the whole column at once; no row is ever read on its own guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Literal, get_args

import numpy as np
import polars as pl

from acm_etl.errors import InputError

DateOrder = Literal["mdy", "dmy", "ymd"]
DATE_ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)
ORDER_TEXTS = {"mdy": "month first", "dmy": "day first", "ymd": "year first"}
DAY_MS = 86_400_000

_YEAR_RANGE = (1900, 2199)  # beyond them a date is a slip of the pen, not a reading
_CENTURY_PIVOT = (
    70  # two-digit years from 70 on belong to the 20th century, as in POSIX (69 there) and Excel (30 there)
)
_MAX_TRAIL_LENGTH = 1_000_000  # changes of date that are remembered per file; shuffled files have as many as rows
_MIN_ROWS_PER_DATE = 3  # readings per date from which the order of a file is evidence on its own
_MIN_LENGTH_RATIO = 2  # the right order walks through time at least this many times more straightly than the wrong one

_ISO_T_PATTERN = r"^(\d{4}-?\d\d-?\d\d)[Tt]"
_NUMERIC_DATE_PATTERN = r"^(\d{1,4})([/.-])(\d{1,2})([/.-])(\d{1,4})$"
_NAMED_MONTH_PATTERN = r"^(\d{1,2})[-/ ]?([A-Za-z]{3})[A-Za-z]*[-/ ]?(\d{4}|\d{2})$"
_COMPACT_DATE_PATTERN = r"^(\d{4})(\d{2})(\d{2})$"
_CLOCK_PATTERN = (
    r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"\s*([AaPp])?(?:\.?[Mm]\.?)?\s*(Z|z|UTC|GMT|([+-])(\d{2})(?::?(\d{2}))?)?$"
)


def split_timestamps(timestamps: pl.Series) -> pl.DataFrame:
    """Stamps cut into ``date`` and ``clock`` texts; ``clock`` is null where a stamp is a date alone."""
    parts = timestamps.str.strip_chars().str.replace(_ISO_T_PATTERN, "$1 ").str.splitn(" ", 2).struct.unnest()
    return parts.select(pl.first().alias("date"), pl.last().str.strip_chars().alias("clock"))


def parse_dates(texts: pl.Series) -> pl.DataFrame:
    """Every reading of date texts: days since 1970 under each order, null where the order gives no date.

    Returns:
        ``text``, ``spelling`` (separator and digits of the year; empty where every order agrees, as in ISO dates and
        month names; null where the text is no date) and one column per order.
    """
    frame = pl.DataFrame({"text": texts.cast(pl.String)}).with_columns(
        numeric=pl.col("text").str.extract_groups(_NUMERIC_DATE_PATTERN),
        compact=pl.col("text").str.extract_groups(_COMPACT_DATE_PATTERN),
        named=pl.col("text").str.extract_groups(_NAMED_MONTH_PATTERN),
    )
    a, b, c = (pl.col("numeric").struct.field(str(i)) for i in (1, 3, 5))
    mark, mark2 = (pl.col("numeric").struct.field(str(i)) for i in (2, 4))
    first = (mark == mark2) & (a.str.len_chars() == 4) & (c.str.len_chars() <= 2)
    last = (mark == mark2) & (a.str.len_chars() <= 2) & (c.str.len_chars() == 4)
    short = (mark == mark2) & (a.str.len_chars() <= 2) & (c.str.len_chars() <= 2)
    certain = pl.coalesce(pl.when(first).then(_days_since_epoch(a, b, c)), _parse_compact_date(), _parse_named_month())
    spelling = pl.when(last | short).then(mark + c.str.len_chars().cast(pl.String))
    return frame.select(
        "text",
        spelling.when(certain.is_not_null()).then(pl.lit("")).alias("spelling"),
        pl.coalesce(certain, pl.when(last | short).then(_days_since_epoch(_expand_year(c), a, b))).alias("mdy"),
        pl.coalesce(certain, pl.when(last | short).then(_days_since_epoch(_expand_year(c), b, a))).alias("dmy"),
        pl.coalesce(certain, pl.when(short).then(_days_since_epoch(_expand_year(a), b, c))).alias("ymd"),
    )


def _parse_compact_date() -> pl.Expr:
    return _days_since_epoch(*(pl.col("compact").struct.field(part) for part in "123"))


def _parse_named_month() -> pl.Expr:
    day, month, year = (pl.col("named").struct.field(part) for part in "123")
    return _days_since_epoch(_expand_year(year), month.str.to_titlecase(), day, month_format="%b")


def _expand_year(text: pl.Expr) -> pl.Expr:
    century = pl.when(text.cast(pl.Int32, strict=False) >= _CENTURY_PIVOT).then(pl.lit("19")).otherwise(pl.lit("20"))
    return pl.when(text.str.len_chars() == 2).then(century + text).otherwise(text)


def _days_since_epoch(year: pl.Expr, month: pl.Expr, day: pl.Expr, *, month_format: str = "%m") -> pl.Expr:
    plausible = year.cast(pl.Int32, strict=False).is_between(*_YEAR_RANGE)
    text = pl.when(plausible).then(pl.format("{}-{}-{}", year, month, day))
    return text.str.to_date(f"%Y-{month_format}-%d", strict=False).cast(pl.Int32)


def parse_clocks(texts: pl.Series) -> pl.DataFrame:
    """Times of day: ``text``, ``ms`` since midnight (null where it is no time) and ``offset`` from UTC in minutes.

    ``24:00`` is the midnight at the end of the day; fractions are rounded to milliseconds.
    """
    parts = pl.DataFrame({"text": texts.cast(pl.String)}).with_columns(
        pl.col("text").str.extract_groups(_CLOCK_PATTERN).struct.rename_fields(
            ["h", "m", "s", "fraction", "half", "zone", "sign", "zh", "zm"]
        ).struct.unnest()
    )  # fmt: skip
    h, m, s, zh, zm = (pl.col(name).cast(pl.Int64).fill_null(0) for name in ("h", "m", "s", "zh", "zm"))
    noon = pl.when(pl.col("half").str.to_lowercase() == "p").then(12).otherwise(0)
    hour = pl.when(pl.col("half").is_null()).then(h).otherwise(h % 12 + noon)
    nanoseconds = pl.col("fraction").str.pad_end(9, "0").cast(pl.Int64).fill_null(0)
    ms = ((hour * 60 + m) * 60 + s) * 1000 + (nanoseconds + 500_000) // 1_000_000
    legal = (m < 60) & (s < 60) & (ms <= DAY_MS) & (pl.col("half").is_null() | h.is_between(1, 12))
    sign = pl.when(pl.col("sign") == "-").then(-1).otherwise(1)
    return parts.select(
        "text",
        pl.when(legal & pl.col("h").is_not_null()).then(ms).alias("ms"),
        pl.when(pl.col("zone").is_not_null()).then(sign * (zh * 60 + zm)).alias("offset"),
    )


@dataclass(slots=True)
class DateEvidence:
    """What pass 1 remembers of the time column of one file.

    Attributes:
        date_counts: Distinct date texts with the number of rows whose clock is a time of day.
        date_trail: Date texts in file order, each run of equal ones once.
        row_count: Rows seen.
    """

    date_counts: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"text": pl.String, "rows": pl.Int64, "clocked": pl.Int64})
    )
    date_trail: list[pl.Series] = field(default_factory=list)
    row_count: int = 0

    def add_values(self, values: pl.Series) -> None:
        """Take the next batch of stamps in."""
        parts = split_timestamps(values)
        clock = parts["clock"].is_null() | _parse_distinct_clocks(parts["clock"])["ms"].is_not_null()
        new = (
            parts.filter(clock)
            .group_by(pl.col("date").alias("text"), maintain_order=True)
            .agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("clock").count().cast(pl.Int64).alias("clocked"))
        )
        self.date_counts = pl.concat([self.date_counts, new]).group_by("text", maintain_order=True).sum()
        if sum(map(len, self.date_trail)) < _MAX_TRAIL_LENGTH:
            self.date_trail.append(parts["date"].rle().struct.field("value"))
        self.row_count += len(values)


def _parse_distinct_clocks(texts: pl.Series) -> pl.DataFrame:
    """``ms`` and ``offset`` of every clock text; each distinct text is parsed once where that pays."""
    distinct = texts.drop_nulls().unique()
    if 2 * len(distinct) > len(texts):
        return parse_clocks(texts).select("ms", "offset")
    table = parse_clocks(distinct).drop_nulls("ms")
    return pl.DataFrame(
        {
            name: texts.replace_strict(table["text"], table[name], default=None, return_dtype=pl.Int64)
            for name in ("ms", "offset")
        }
    )


@dataclass(frozen=True, slots=True)
class DateOrders:
    """The decision for one machine: the order of each spelling, and the reasons in words."""

    by_spelling: Mapping[str, DateOrder]
    messages: tuple[str, ...] = ()

    def parse_days(self, texts: pl.Series) -> pl.DataFrame:
        """``text`` and ``day`` (days since 1970) of distinct date texts; null where it is no date in this order."""
        table = parse_dates(texts)
        return table.select("text", _select_day(self.by_spelling).alias("day"))

    def parse_local_times(self, timestamps: pl.Series) -> pl.DataFrame:
        """``local`` (milliseconds since 1970 on the writer's clock) and ``offset`` (minutes, null if none written)."""
        parts = split_timestamps(timestamps)
        day = self.parse_days(parts["date"].drop_nulls().unique()).drop_nulls()
        days = parts["date"].replace_strict(day["text"], day["day"], default=None, return_dtype=pl.Int64)
        clock = _parse_distinct_clocks(parts["clock"]).with_columns(days=days, alone=parts["clock"].is_null())
        ms = pl.when("alone").then(0).otherwise(pl.col("ms"))
        return clock.select((pl.col("days") * DAY_MS + ms).alias("local"), "offset")


def _select_day(by_spelling: Mapping[str, DateOrder]) -> pl.Expr:
    """The day under the order of its spelling; orders agree where the spelling is empty."""
    agreed = pl.when(pl.col("spelling") == "").then(pl.col("mdy"))
    return pl.coalesce(agreed, *(pl.when(pl.col("spelling") == s).then(pl.col(o)) for s, o in by_spelling.items()))


def decide_date_orders(evidence: Sequence[DateEvidence], order: DateOrder | None = None) -> DateOrders:
    """The order of day and month in each spelling, from all files of one machine.

    Args:
        evidence: One entry per file.
        order: The order the user states; it settles every spelling, whatever the values say.

    Raises:
        InputError: The values contradict one another, or nothing in them decides.
    """
    table = parse_dates(pl.concat([e.date_counts["text"] for e in evidence]).unique(maintain_order=True).drop_nulls())
    table = table.filter(pl.any_horizontal(pl.col(DATE_ORDERS).is_not_null()))
    spellings = table.filter(pl.col("spelling") != "").partition_by("spelling", as_dict=True, maintain_order=True)
    groups = {str(key[0]): group for key, group in spellings.items()}
    if order is not None:
        told = tuple(f"dates like {g['text'][0]} are read {ORDER_TEXTS[order]}, as told" for g in groups.values())
        return DateOrders(dict.fromkeys(groups, order), told)
    options = {spelling: _possible_orders(group) for spelling, group in groups.items()}
    if all(len(orders) == 1 for orders in options.values()):
        return DateOrders({s: o[0] for s, o in options.items()}, tuple(_proof_messages(groups, options)))
    best = _smoothest_orders(evidence, table, options)
    return DateOrders(best, (*_proof_messages(groups, options), *_inference_messages(groups, options, best)))


def _possible_orders(group: pl.DataFrame) -> list[DateOrder]:
    """Orders under which every text of a spelling is a date; of orders that agree on all of them, the first."""
    possible = [order for order in DATE_ORDERS if group[order].null_count() == 0]
    if not possible:
        raise InputError(_contradiction_message(group))
    return [o for i, o in enumerate(possible) if not any(group[o].equals(group[p]) for p in possible[:i])]


def _contradiction_message(group: pl.DataFrame) -> str:
    examples = [
        f"{only.item(0, 'text')} can only be {ORDER_TEXTS[order]}"
        for order in DATE_ORDERS
        if len(only := _exclusive_dates(group, order))
    ]
    return f"the dates contradict one another: {', '.join(examples)}; state the order with --date-order mdy or dmy"


def _exclusive_dates(group: pl.DataFrame, order: DateOrder) -> pl.DataFrame:
    """Texts that are a date in this order alone."""
    return group.filter(pl.all_horizontal(pl.col(o).is_not_null() == (o == order) for o in DATE_ORDERS))


def _proof_messages(groups: Mapping[str, pl.DataFrame], options: Mapping[str, list[DateOrder]]) -> Iterator[str]:
    for spelling, orders in options.items():
        if len(orders) == 1:
            proof = _exclusive_dates(groups[spelling], orders[0])["text"]
            reason = f"{proof[0]} proves it" if len(proof) else "no other reading differs"
            yield f"dates like {groups[spelling].item(0, 'text')} are {ORDER_TEXTS[orders[0]]}: {reason}"


def _inference_messages(
    groups: Mapping[str, pl.DataFrame], options: Mapping[str, list[DateOrder]], best: Mapping[str, DateOrder]
) -> Iterator[str]:
    for spelling, orders in options.items():
        if len(orders) > 1:
            example, order = groups[spelling]["text"][0], ORDER_TEXTS[best[spelling]]
            yield f"dates like {example} are {order}: only so do the readings follow one another in time"


def _smoothest_orders(
    evidence: Sequence[DateEvidence], table: pl.DataFrame, options: Mapping[str, list[DateOrder]]
) -> dict[str, DateOrder]:
    """The orders under which the files walk through time without jumping about.

    Raises:
        InputError: No choice is clearly straighter than the others.
    """
    choices: list[dict[str, DateOrder]] = [
        dict(zip(options, choice, strict=True)) for choice in product(*options.values())
    ]
    lengths = [_trail_length(evidence, table, choice) for choice in choices]
    ranked = sorted(range(len(choices)), key=lengths.__getitem__)
    rows, steps = sum(e.row_count for e in evidence), sum(len(series) for e in evidence for series in e.date_trail)
    # A lone spelling in daily readings may as well be monthly ones in the other order: straight both ways.
    telling = rows >= _MIN_ROWS_PER_DATE * steps or any(len(orders) == 1 for orders in options.values())
    if telling and lengths[ranked[0]] * _MIN_LENGTH_RATIO <= lengths[ranked[1]] > 0:
        return choices[ranked[0]]
    spelling = next(s for s, orders in options.items() if len(orders) > 1)
    example = table.filter(pl.col("spelling") == spelling).item(0, "text")
    message = f"nothing in the files tells whether {example} is day or month first; state --date-order mdy or dmy"
    raise InputError(message)


def _trail_length(evidence: Sequence[DateEvidence], table: pl.DataFrame, choice: Mapping[str, DateOrder]) -> int:
    """Days walked back and forth over all files, in file order."""
    days = table.select("text", _select_day(choice).cast(pl.Int64).alias("day"))
    walked = 0
    for one in evidence:
        trail = pl.concat(one.date_trail).replace_strict(days["text"], days["day"], default=None, return_dtype=pl.Int64)
        walked += int(np.abs(np.diff(trail.drop_nulls().to_numpy())).sum())
    return walked
