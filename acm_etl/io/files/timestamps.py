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

Order = Literal["mdy", "dmy", "ymd"]
ORDERS: tuple[Order, ...] = get_args(Order)
WORDS = {"mdy": "month first", "dmy": "day first", "ymd": "year first"}
DAY_MS = 86_400_000

_YEARS = (1900, 2199)  # beyond them a date is a slip of the pen, not a reading
_PIVOT = 70  # two-digit years from 70 on belong to the 20th century, as in POSIX (69 there) and Excel (30 there)
_TRAIL = 1_000_000  # changes of date that are remembered per file; shuffled files have as many as rows
_PER_DATE = 3  # readings per date from which the order of a file is evidence on its own
_CLEAR = 2  # the right order walks through time at least this many times more straightly than the wrong one

_ISO_T = r"^(\d{4}-?\d\d-?\d\d)[Tt]"
_NUMERIC = r"^(\d{1,4})([/.-])(\d{1,2})([/.-])(\d{1,4})$"
_NAMED = r"^(\d{1,2})[-/ ]?([A-Za-z]{3})[A-Za-z]*[-/ ]?(\d{4}|\d{2})$"
_COMPACT = r"^(\d{4})(\d{2})(\d{2})$"
_CLOCK = (
    r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"\s*([AaPp])?(?:\.?[Mm]\.?)?\s*(Z|z|UTC|GMT|([+-])(\d{2})(?::?(\d{2}))?)?$"
)


def split(stamps: pl.Series) -> pl.DataFrame:
    """Stamps cut into ``date`` and ``clock`` texts; ``clock`` is null where a stamp is a date alone."""
    parts = stamps.str.strip_chars().str.replace(_ISO_T, "$1 ").str.splitn(" ", 2).struct.unnest()
    return parts.select(pl.first().alias("date"), pl.last().str.strip_chars().alias("clock"))


def dates(texts: pl.Series) -> pl.DataFrame:
    """Every reading of date texts: days since 1970 under each order, null where the order gives no date.

    Returns:
        ``text``, ``spelling`` (separator and digits of the year; empty where every order agrees, as in ISO dates and
        month names; null where the text is no date) and one column per order.
    """
    frame = pl.DataFrame({"text": texts.cast(pl.String)}).with_columns(
        numeric=pl.col("text").str.extract_groups(_NUMERIC),
        compact=pl.col("text").str.extract_groups(_COMPACT),
        named=pl.col("text").str.extract_groups(_NAMED),
    )
    a, b, c = (pl.col("numeric").struct.field(str(i)) for i in (1, 3, 5))
    mark, mark2 = (pl.col("numeric").struct.field(str(i)) for i in (2, 4))
    first = (mark == mark2) & (a.str.len_chars() == 4) & (c.str.len_chars() <= 2)
    last = (mark == mark2) & (a.str.len_chars() <= 2) & (c.str.len_chars() == 4)
    short = (mark == mark2) & (a.str.len_chars() <= 2) & (c.str.len_chars() <= 2)
    certain = pl.coalesce(pl.when(first).then(_day(a, b, c)), _compact(), _named())
    spelling = pl.when(last | short).then(mark + c.str.len_chars().cast(pl.String))
    return frame.select(
        "text",
        spelling.when(certain.is_not_null()).then(pl.lit("")).alias("spelling"),
        pl.coalesce(certain, pl.when(last | short).then(_day(_year(c), a, b))).alias("mdy"),
        pl.coalesce(certain, pl.when(last | short).then(_day(_year(c), b, a))).alias("dmy"),
        pl.coalesce(certain, pl.when(short).then(_day(_year(a), b, c))).alias("ymd"),
    )


def _compact() -> pl.Expr:
    return _day(*(pl.col("compact").struct.field(part) for part in "123"))


def _named() -> pl.Expr:
    day, month, year = (pl.col("named").struct.field(part) for part in "123")
    return _day(_year(year), month.str.to_titlecase(), day, month_format="%b")


def _year(text: pl.Expr) -> pl.Expr:
    century = pl.when(text.cast(pl.Int32, strict=False) >= _PIVOT).then(pl.lit("19")).otherwise(pl.lit("20"))
    return pl.when(text.str.len_chars() == 2).then(century + text).otherwise(text)


def _day(year: pl.Expr, month: pl.Expr, day: pl.Expr, *, month_format: str = "%m") -> pl.Expr:
    plausible = year.cast(pl.Int32, strict=False).is_between(*_YEARS)
    text = pl.when(plausible).then(pl.format("{}-{}-{}", year, month, day))
    return text.str.to_date(f"%Y-{month_format}-%d", strict=False).cast(pl.Int32)


def clocks(texts: pl.Series) -> pl.DataFrame:
    """Times of day: ``text``, ``ms`` since midnight (null where it is no time) and ``offset`` from UTC in minutes.

    ``24:00`` is the midnight at the end of the day; fractions are rounded to milliseconds.
    """
    parts = pl.DataFrame({"text": texts.cast(pl.String)}).with_columns(
        pl.col("text").str.extract_groups(_CLOCK).struct.rename_fields(
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
class Evidence:
    """What pass 1 remembers of the time column of one file.

    Attributes:
        counts: Distinct date texts with the number of rows whose clock is a time of day.
        trail: Date texts in file order, each run of equal ones once.
        rows: Rows seen.
    """

    counts: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"text": pl.String, "rows": pl.Int64, "clocked": pl.Int64})
    )
    trail: list[pl.Series] = field(default_factory=list)
    rows: int = 0

    def see(self, stamps: pl.Series) -> None:
        """Take the next batch of stamps in."""
        parts = split(stamps)
        clock = parts["clock"].is_null() | _clocked(parts["clock"])["ms"].is_not_null()
        new = (
            parts.filter(clock)
            .group_by(pl.col("date").alias("text"), maintain_order=True)
            .agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("clock").count().cast(pl.Int64).alias("clocked"))
        )
        self.counts = pl.concat([self.counts, new]).group_by("text", maintain_order=True).sum()
        if sum(map(len, self.trail)) < _TRAIL:
            self.trail.append(parts["date"].rle().struct.field("value"))
        self.rows += len(stamps)


def _clocked(texts: pl.Series) -> pl.DataFrame:
    """``ms`` and ``offset`` of every clock text; each distinct text is parsed once where that pays."""
    distinct = texts.drop_nulls().unique()
    if 2 * len(distinct) > len(texts):
        return clocks(texts).select("ms", "offset")
    table = clocks(distinct).drop_nulls("ms")
    return pl.DataFrame(
        {
            name: texts.replace_strict(table["text"], table[name], default=None, return_dtype=pl.Int64)
            for name in ("ms", "offset")
        }
    )


@dataclass(frozen=True, slots=True)
class Orders:
    """The decision for one machine: the order of each spelling, and the reasons in words."""

    by_spelling: Mapping[str, Order]
    words: tuple[str, ...] = ()

    def read(self, texts: pl.Series) -> pl.DataFrame:
        """``text`` and ``day`` (days since 1970) of distinct date texts; null where it is no date in this order."""
        table = dates(texts)
        return table.select("text", _chosen(self.by_spelling).alias("day"))

    def local(self, stamps: pl.Series) -> pl.DataFrame:
        """``local`` (milliseconds since 1970 on the writer's clock) and ``offset`` (minutes, null if none written)."""
        parts = split(stamps)
        day = self.read(parts["date"].drop_nulls().unique()).drop_nulls()
        days = parts["date"].replace_strict(day["text"], day["day"], default=None, return_dtype=pl.Int64)
        clock = _clocked(parts["clock"]).with_columns(days=days, alone=parts["clock"].is_null())
        ms = pl.when("alone").then(0).otherwise(pl.col("ms"))
        return clock.select((pl.col("days") * DAY_MS + ms).alias("local"), "offset")


def _chosen(by_spelling: Mapping[str, Order]) -> pl.Expr:
    """The day under the order of its spelling; orders agree where the spelling is empty."""
    agreed = pl.when(pl.col("spelling") == "").then(pl.col("mdy"))
    return pl.coalesce(agreed, *(pl.when(pl.col("spelling") == s).then(pl.col(o)) for s, o in by_spelling.items()))


def decide(evidence: Sequence[Evidence], order: Order | None = None) -> Orders:
    """The order of day and month in each spelling, from all files of one machine.

    Args:
        evidence: One entry per file.
        order: The order the user states; it settles every spelling, whatever the values say.

    Raises:
        InputError: The values contradict one another, or nothing in them decides.
    """
    table = dates(pl.concat([e.counts["text"] for e in evidence]).unique(maintain_order=True).drop_nulls())
    table = table.filter(pl.any_horizontal(pl.col(ORDERS).is_not_null()))
    spellings = table.filter(pl.col("spelling") != "").partition_by("spelling", as_dict=True, maintain_order=True)
    groups = {str(key[0]): group for key, group in spellings.items()}
    if order is not None:
        told = tuple(f"dates like {g['text'][0]} are read {WORDS[order]}, as told" for g in groups.values())
        return Orders(dict.fromkeys(groups, order), told)
    options = {spelling: _possible(group) for spelling, group in groups.items()}
    if all(len(orders) == 1 for orders in options.values()):
        return Orders({s: o[0] for s, o in options.items()}, tuple(_proofs(groups, options)))
    best = _straightest(evidence, table, options)
    return Orders(best, (*_proofs(groups, options), *_inferred(groups, options, best)))


def _possible(group: pl.DataFrame) -> list[Order]:
    """Orders under which every text of a spelling is a date; of orders that agree on all of them, the first."""
    possible = [order for order in ORDERS if group[order].null_count() == 0]
    if not possible:
        raise InputError(_contradiction(group))
    return [o for i, o in enumerate(possible) if not any(group[o].equals(group[p]) for p in possible[:i])]


def _contradiction(group: pl.DataFrame) -> str:
    examples = [
        f"{only.item(0, 'text')} can only be {WORDS[order]}" for order in ORDERS if len(only := _only(group, order))
    ]
    return f"the dates contradict one another: {', '.join(examples)}; state the order with --date-order mdy or dmy"


def _only(group: pl.DataFrame, order: Order) -> pl.DataFrame:
    """Texts that are a date in this order alone."""
    return group.filter(pl.all_horizontal(pl.col(o).is_not_null() == (o == order) for o in ORDERS))


def _proofs(groups: Mapping[str, pl.DataFrame], options: Mapping[str, list[Order]]) -> Iterator[str]:
    for spelling, orders in options.items():
        if len(orders) == 1:
            proof = _only(groups[spelling], orders[0])["text"]
            reason = f"{proof[0]} proves it" if len(proof) else "no other reading differs"
            yield f"dates like {groups[spelling].item(0, 'text')} are {WORDS[orders[0]]}: {reason}"


def _inferred(
    groups: Mapping[str, pl.DataFrame], options: Mapping[str, list[Order]], best: Mapping[str, Order]
) -> Iterator[str]:
    for spelling, orders in options.items():
        if len(orders) > 1:
            example, order = groups[spelling]["text"][0], WORDS[best[spelling]]
            yield f"dates like {example} are {order}: only so do the readings follow one another in time"


def _straightest(
    evidence: Sequence[Evidence], table: pl.DataFrame, options: Mapping[str, list[Order]]
) -> dict[str, Order]:
    """The orders under which the files walk through time without jumping about.

    Raises:
        InputError: No choice is clearly straighter than the others.
    """
    choices: list[dict[str, Order]] = [dict(zip(options, choice, strict=True)) for choice in product(*options.values())]
    lengths = [_length(evidence, table, choice) for choice in choices]
    ranked = sorted(range(len(choices)), key=lengths.__getitem__)
    rows, steps = sum(e.rows for e in evidence), sum(len(series) for e in evidence for series in e.trail)
    # A lone spelling in daily readings may as well be monthly ones in the other order: straight both ways.
    telling = rows >= _PER_DATE * steps or any(len(orders) == 1 for orders in options.values())
    if telling and lengths[ranked[0]] * _CLEAR <= lengths[ranked[1]] > 0:
        return choices[ranked[0]]
    spelling = next(s for s, orders in options.items() if len(orders) > 1)
    example = table.filter(pl.col("spelling") == spelling).item(0, "text")
    message = f"nothing in the files tells whether {example} is day or month first; state --date-order mdy or dmy"
    raise InputError(message)


def _length(evidence: Sequence[Evidence], table: pl.DataFrame, choice: Mapping[str, Order]) -> int:
    """Days walked back and forth over all files, in file order."""
    days = table.select("text", _chosen(choice).cast(pl.Int64).alias("day"))
    walked = 0
    for one in evidence:
        trail = pl.concat(one.trail).replace_strict(days["text"], days["day"], default=None, return_dtype=pl.Int64)
        walked += int(np.abs(np.diff(trail.drop_nulls().to_numpy())).sum())
    return walked
