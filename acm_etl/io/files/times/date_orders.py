"""The order of day and month in a column of time stamps, decided from all files of a machine.

Pass 1 collects the distinct date texts of each file in `DateEvidence`. `decide_date_orders` proves the order of each
spelling from all of them, and pass 2 reads every time stamp with this decision. No row is read on its own guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import get_args

import numpy as np
import polars as pl

from acm_etl.errors import InputError
from acm_etl.io.files.times.clock_texts import DAY_MS, parse_clocks
from acm_etl.io.files.times.date_texts import parse_dates, split_timestamps
from acm_etl.words import DateOrder

DATE_ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)
ORDER_TEXTS = {"mdy": "month first", "dmy": "day first", "ymd": "year first"}

_MAX_TRAIL_LENGTH = 1_000_000  # changes of date that are remembered per file; shuffled files have as many as rows
_MIN_ROWS_PER_DATE = 3  # readings per date from which the order of a file is evidence on its own
_MIN_LENGTH_RATIO = 2  # the right order walks through time at least this many times more straightly than the wrong one


@dataclass(slots=True)
class DateEvidence:
    """Dates that pass 1 saw in the time column of one file.

    Attributes:
        date_counts: Distinct date texts with the number of rows whose time of day is readable.
        date_trail: Date texts in file order, each run of equal ones once.
        row_count: Rows seen.
    """

    date_counts: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"text": pl.String, "rows": pl.Int64, "clocked": pl.Int64})
    )
    date_trail: list[pl.Series] = field(default_factory=list)
    row_count: int = 0

    def add_dates(self, dates: pl.Series, has_clock: pl.Series, clock_ms: pl.Series) -> None:
        """Add the next chunk, cut into dates and times of day.

        Args:
            dates: Texts, or values of type ``Date``.
            has_clock: Whether a time of day is written.
            clock_ms: Milliseconds since midnight; null where none is written or it is unreadable.
        """
        frame = pl.DataFrame({"text": dates, "clocked": has_clock, "readable": ~has_clock | clock_ms.is_not_null()})
        new = (
            # Rows with an unreadable time of day are lost whatever the date is; their dates must not prove an order.
            frame.filter("readable")
            .group_by("text", maintain_order=True)
            .agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("clocked").sum().cast(pl.Int64))
            .with_columns(pl.col("text").cast(pl.String))
        )
        self.date_counts = pl.concat([self.date_counts, new]).group_by("text", maintain_order=True).sum()
        # Runs, not rows: a file in order has one run per day, however many rows.
        if sum(map(len, self.date_trail)) < _MAX_TRAIL_LENGTH:
            self.date_trail.append(dates.rle().struct.field("value").cast(pl.String))
        self.row_count += len(dates)


def parse_distinct_clocks(texts: pl.Series, zone_words: Mapping[str, int] | None = None) -> pl.DataFrame:
    """Parse every time of day: ``ms``, ``offset`` and ``word`` as `parse_clocks` returns them.

    Each distinct text is parsed once where that pays.
    """
    # Chunks of one day at a cadence of seconds have no text twice; a table would cost more than it saves.
    distinct = texts.drop_nulls().unique()
    if 2 * len(distinct) > len(texts):
        return parse_clocks(texts, zone_words).select("ms", "offset", "word")
    table = parse_clocks(distinct, zone_words).drop_nulls("ms")
    return pl.DataFrame([_look_up(texts, table, name) for name in ("ms", "offset", "word")])


def _look_up(texts: pl.Series, table: pl.DataFrame, name: str) -> pl.Series:
    """Return the values of a column of the table for each text."""
    kind = table.schema[name]
    if table[name].null_count() == len(table):  # most files write no offsets: saves a third of the time
        return pl.Series(name, [None], dtype=kind).new_from_index(0, len(texts))
    return texts.replace_strict(table["text"], table[name], default=None, return_dtype=kind).alias(name)


@dataclass(frozen=True, slots=True)
class DateOrders:
    """The decision for one machine: the order of each spelling, and the reasons in words."""

    by_spelling: Mapping[str, DateOrder]
    messages: tuple[str, ...] = ()

    def parse_days(self, texts: pl.Series) -> pl.DataFrame:
        """Return ``text`` and ``day`` (days since 1970) of distinct date texts; null for texts that are not dates."""
        table = parse_dates(texts)
        return table.select("text", _select_day(self.by_spelling).alias("day"))

    def parse_local_times(self, timestamps: pl.Series, zone_words: Mapping[str, int] | None = None) -> pl.DataFrame:
        """Return ``local`` (milliseconds since 1970 on the writer's clock) and ``offset`` (minutes, null if none).

        Args:
            timestamps: Texts.
            zone_words: Minutes east of UTC of zone words with several meanings; a row with another such word is null.
        """
        parts = split_timestamps(timestamps)
        day = self.parse_days(parts["date"].drop_nulls().unique()).drop_nulls()
        days = parts["date"].replace_strict(day["text"], day["day"], default=None, return_dtype=pl.Int64)
        clock = parse_distinct_clocks(parts["clock"], zone_words)
        clock = clock.with_columns(days=days, alone=parts["clock"].is_null())
        ms = pl.when("alone").then(0).when(pl.col("word").is_null()).then(pl.col("ms"))
        return clock.select((pl.col("days") * DAY_MS + ms).alias("local"), "offset")


def _select_day(by_spelling: Mapping[str, DateOrder]) -> pl.Expr:
    """Return the day under the order of its spelling; dates without a spelling have the same day in every order."""
    # Spellings with a month name or the year first have one order, so no decision is needed for them.
    agreed = pl.when(pl.col("spelling") == "").then(pl.col("mdy"))
    return pl.coalesce(agreed, *(pl.when(pl.col("spelling") == s).then(pl.col(o)) for s, o in by_spelling.items()))


def decide_date_orders(evidence: Sequence[DateEvidence], order: DateOrder | None = None) -> DateOrders:
    """Decide the order of day and month of each spelling, from all files of one machine.

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
    # The user's word settles it; dates that are none in this order are lost and counted as such.
    if order is not None:
        messages = tuple(
            f"dates like {g['text'][0]} are read {ORDER_TEXTS[order]}, as --date-order states" for g in groups.values()
        )
        return DateOrders(dict.fromkeys(groups, order), messages)
    options = {spelling: _possible_orders(group) for spelling, group in groups.items()}
    if all(len(orders) == 1 for orders in options.values()):
        return DateOrders({s: o[0] for s, o in options.items()}, tuple(_proof_messages(groups, options)))
    best = _smoothest_orders(evidence, table, options)
    return DateOrders(best, (*_proof_messages(groups, options), *_inference_messages(groups, options, best)))


def _possible_orders(group: pl.DataFrame) -> list[DateOrder]:
    """Return the orders under which every text of a spelling is a date; of orders with the same days, the first."""
    # One impossible date is a proof: a writer does not change the order in the middle of a column.
    possible = [order for order in DATE_ORDERS if group[order].null_count() == 0]
    if not possible:
        raise InputError(_contradiction_message(group))
    # Orders that read every date alike make no difference, so only one of them remains as a choice.
    return [o for i, o in enumerate(possible) if not any(group[o].equals(group[p]) for p in possible[:i])]


def _contradiction_message(group: pl.DataFrame) -> str:
    examples = [
        f"{only.item(0, 'text')} can only be {ORDER_TEXTS[order]}"
        for order in DATE_ORDERS
        if len(only := _exclusive_dates(group, order))
    ]
    return f"the dates contradict one another: {', '.join(examples)}; state the order with --date-order mdy or dmy"


def _exclusive_dates(group: pl.DataFrame, order: DateOrder) -> pl.DataFrame:
    """Return the texts that are dates in this order and in no other one."""
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
            yield f"dates like {example} are {order}: read the other way, the times would jump back and forth"


def _smoothest_orders(
    evidence: Sequence[DateEvidence], table: pl.DataFrame, options: Mapping[str, list[DateOrder]]
) -> dict[str, DateOrder]:
    """Return the order of each spelling under which the dates of the files take the shortest way through time.

    Raises:
        InputError: No choice is clearly straighter than the others.
    """
    # All combinations: a plant has at most two or three spellings, of which few have more than one order left.
    choices: list[dict[str, DateOrder]] = [
        dict(zip(options, choice, strict=True)) for choice in product(*options.values())
    ]
    # The wrong order jumps between months at every change of day, the right one goes on by a day.
    lengths = [_trail_length(evidence, table, choice) for choice in choices]
    ranked = sorted(range(len(choices)), key=lengths.__getitem__)
    rows, steps = sum(e.row_count for e in evidence), sum(len(series) for e in evidence for series in e.date_trail)
    # A lone spelling in daily readings may as well be monthly ones in the other order: straight both ways.
    telling = rows >= _MIN_ROWS_PER_DATE * steps or any(len(orders) == 1 for orders in options.values())
    if telling and lengths[ranked[0]] * _MIN_LENGTH_RATIO <= lengths[ranked[1]] > 0:
        return choices[ranked[0]]
    spelling = next(s for s, orders in options.items() if len(orders) > 1)
    example = table.filter(pl.col("spelling") == spelling).item(0, "text")
    names = [ORDER_TEXTS[order] for order in options[spelling]]
    message = (
        f"nothing in the files tells whether {example} is read {' or '.join(names)}; "
        f"state --date-order {' or '.join(options[spelling])}"
    )
    raise InputError(message)


def _trail_length(evidence: Sequence[DateEvidence], table: pl.DataFrame, choice: Mapping[str, DateOrder]) -> int:
    """Return the sum of the steps from date to date, in days, forwards or backwards, over all files."""
    days = table.select("text", _select_day(choice).cast(pl.Int64).alias("day"))
    walked = 0
    for one in evidence:
        # Per file: the step from the end of one file to the beginning of the next says nothing.
        trail = pl.concat(one.date_trail).replace_strict(days["text"], days["day"], default=None, return_dtype=pl.Int64)
        walked += int(np.abs(np.diff(trail.drop_nulls().to_numpy())).sum())
    return walked
