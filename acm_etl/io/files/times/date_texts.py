"""Texts of time stamps cut into a date and a time of day, and texts of dates to days since 1970.

A column of millions of time stamps has few distinct date texts. Only these are parsed, each under every order of day
and month; `date_orders` decides which order holds for the column.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from acm_etl.io.files.digits import to_plain_digits
from acm_etl.io.files.times.month_names import WEEKDAY_PATTERN, find_month_numbers
from acm_etl.io.files.times.text_rewriting import BEFORE_CLOCK, rewrite_texts

_YEAR_RANGE = (1900, 2199)  # a year outside is a typing error
# Two-digit years from 70 on belong to the 20th century. POSIX draws the line at 69, Excel at 30.
_CENTURY_PIVOT = 70

# Days of a week or of a year. Without a time of day they look like numbers of batches and loops, 2024-061: only those
# that are cut from a time of day have the T.
_WEEK_DATE = r"\d{4}-W\d\d-[1-7]T"
_ORDINAL_DATE = r"\d{4}-\d{3}T"
# [0-9] rather than \d: digits of other scripts are rewritten first, and Polars compiles \d three times as long.
_ISO_T_PATTERN = r"^([0-9]{4}-?[0-9]{2}-?[0-9]{2})[Tt]"
_NUMERIC_DATE_PATTERN = r"^([0-9]{1,4})([/.:-])([0-9]{1,2})([/.:-])([0-9]{1,4})$"
_NAMED_MONTH_PATTERN = r"^([0-9]{1,2})[-/ ]?([^\W\d_]{3,})\.?[-/ ]?([0-9]{4}|[0-9]{2})$"
_COMPACT_DATE_PATTERN = r"^([0-9]{4})([0-9]{2})([0-9]{2})$"
# Dates that need no rewriting, and that a blank separates from the time of day.
_PLAIN_DATE_PATTERN = (
    r"^(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|\d{4}:\d{1,2}:\d{1,2}|\d{8}|\d{1,2}[-/]?[^\W\d_]{3,}[-/]?(?:\d{4}|\d{2})"
    rf"|{_WEEK_DATE}|{_ORDINAL_DATE})$"
).replace(r"\d", "[0-9]")

_NAME = r"([^\W\d_]{3,})\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er|\.|º|ª)?"
_JOINT = rf"(?:[\s,;:T_-]+(?:{BEFORE_CLOCK} )?|$)"
# Rewriting of other layouts to a plain date, a blank and a time of day. Each rule leaves other texts alone.
_REWRITES = (
    (r"^(\d{8})(\d{6})(\d{3})$", "$1 $2.$3"),  # 20240131235900123
    (r"^(\d{4})-?W(\d\d)-?([1-7])[T ](\d.*)$", "$1-W$2-${3}T $4"),  # 2024W051T1200
    (r"^(\d{4})[:/.-](\d{3})[:/ T-](\d\d:.*)$", "$1-${2}T $3"),  # 2024:074:12:00:00, the day of the year
    (r"^(\d{8})[T_:-]?(\d{6}|\d{4})([.,]\d+)?( ?[Zz]| ?[+-]\d.*| [A-Za-z].*)?$", "$1 $2$3$4"),  # 202401312359
    (r"^(\d{4}-\d\d-\d\d)-(\d\d)\.(\d\d)\.(\d\d)", "$1 $2:$3:$4"),  # DB2
    (r"^(\S+)[T_ ](\d\d)-(\d\d)-(\d\d)$", "$1 $2:$3:$4"),  # in names of files
    (r"^(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]", "$1-$2-$3 "),
    (r"^(\d{4})\. ?(\d{1,2})\. ?(\d{1,2})\.(?: |$)", "$1-$2-$3 "),  # 2024. 1. 13., as Korea and Hungary write it
    (r"^(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})\.?(?: |$)", "$1.$2.$3 "),  # 13. 1. 2024
    (r"^(\d{1,2}) (\d{1,2}) (\d{4})(?: |$)", "$1.$2.$3 "),  # 13 01 2024
    (r"^(\d{4}) (\d{1,2}) (\d{1,2})(?: |$)", "$1-$2-$3 "),  # 2024 01 13
    (r"^(\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?),? (\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4})$", "$2 $1"),  # time first
    (r"^(\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|\d{4}:\d\d:\d\d)(?:\s*[,_;Tt:]\s*|-)(\d{1,2}(?:\D.*)?)$", "$1 $2"),
    # Sat Jan 13 00:00:00 CET 2024, as C's ctime and Java's Date write it
    (rf"^{_NAME} {_DAY} (\d{{1,2}}:\S+(?: ?[AaPp][Mm])?)( [A-Z]{{2,5}})? (\d{{4}})$", "$2-$1-$5 $3$4"),
    (rf"^{_DAY} {_NAME} (\d{{1,2}}:\S+(?: ?[AaPp][Mm])?)( [A-Z]{{2,5}})? (\d{{4}})$", "$1-$2-$5 $3$4"),
    (rf"^(\d{{4}})[\s/.-]+{_NAME}[\s/.-]+{_DAY}{_JOINT}", "$3-$2-$1 "),
    (rf"^{_NAME}[\s/-]*{_DAY}[\s,/-]+(\d{{4}}){_JOINT}", "$2-$1-$3 "),
    (rf"^{_DAY}[\s/.-]*(?:de |of |d')?{_NAME}[\s.,/-]*(?:de |del )?(\d{{4}}){_JOINT}", "$1-$2-$3 "),
    # No colon may follow a short year: "13 Jan 00:00" has no year at all.
    (rf"^{_DAY}[\s/.-]*{_NAME}[\s.,/-]*(\d{{2}})(?:[\s,;T_]+|$)", "$1-$2-$3 "),
)


def split_timestamps(timestamps: pl.Series) -> pl.DataFrame:
    """Cut time stamps into ``date`` and ``clock`` texts; ``clock`` is null where a time stamp is a date alone.

    A text of no known layout is a ``date`` as a whole, so that messages can show it.
    """
    plain = timestamps.str.strip_chars().str.replace(_ISO_T_PATTERN, "$1 ")
    parts = _split_at_blank(plain)
    distinct = parts["date"].drop_nulls().unique()
    foreign = distinct.filter(~distinct.str.contains(_PLAIN_DATE_PATTERN))
    if foreign.is_empty():
        return parts
    rare = parts["date"].is_in(foreign.implode()).fill_null(value=False)
    rewritten = _split_foreign(timestamps.filter(rare))
    rows = pl.int_range(len(parts), eager=True, dtype=pl.UInt32).alias("row")
    joined = parts.with_columns(rows, rare.alias("rare")).join(
        rewritten.with_columns(rows.filter(rare)), on="row", how="left", maintain_order="left", suffix=":rewritten"
    )
    return joined.select(
        pl.when("rare").then(f"{name}:rewritten").otherwise(name).alias(name) for name in ("date", "clock")
    )


def _split_at_blank(texts: pl.Series) -> pl.DataFrame:
    parts = texts.str.splitn(" ", 2).struct.unnest()
    clock = pl.last().str.strip_chars()
    return parts.select(pl.first().alias("date"), pl.when(clock != "").then(clock).alias("clock"))


def _split_foreign(texts: pl.Series) -> pl.DataFrame:
    """Rewrite time stamps to the plain layout and cut them; texts that stay foreign are a date as a whole."""
    # A file that was appended to another one brings its byte order mark along.
    clean = to_plain_digits(texts).str.replace_all(r"[\s\ufeff]+", " ").str.strip_chars()
    rewritten = rewrite_texts(clean, _REWRITES, _has_plain_date)
    foreign = ~_has_plain_date(rewritten)
    if foreign.any():
        # "Mar" is March in English and Tuesday in French: weekdays are removed only from texts that give no date.
        bare = clean.filter(foreign).str.replace(rf"(?i)^{WEEKDAY_PATTERN}", "")
        rewritten = rewritten.clone().scatter(foreign.arg_true(), rewrite_texts(bare, _REWRITES, _has_plain_date))
        foreign = ~_has_plain_date(rewritten)
    parts = _split_at_blank(rewritten).with_columns(foreign=foreign, whole=clean)
    return parts.select(
        pl.when("foreign").then("whole").otherwise("date").alias("date"), pl.when(~pl.col("foreign")).then("clock")
    )


def _has_plain_date(texts: pl.Series) -> pl.Series:
    return texts.str.contains(_PLAIN_DATE_PATTERN.replace("$", "(?: |$)"))


def to_date(day: int) -> date:
    """Return the date that is a number of days after 1970-01-01, or before."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + day)


def parse_dates(texts: pl.Series) -> pl.DataFrame:
    """Parse distinct date texts under each order of day and month.

    Returns:
        ``text``, ``spelling`` (separator and digits of the year; empty where every order agrees, as in ISO dates and
        month names; null where the text is not a date) and one column of days since 1970 per order, null where the
        order gives no date.
    """
    frame = pl.DataFrame({"text": texts.cast(pl.String)}).with_columns(
        numeric=pl.col("text").str.extract_groups(_NUMERIC_DATE_PATTERN),
        compact=pl.col("text").str.extract_groups(_COMPACT_DATE_PATTERN),
        named=pl.col("text").str.extract_groups(_NAMED_MONTH_PATTERN),
    )
    layouts = _find_layouts(frame)
    if "named" in layouts:
        names = frame["named"].struct.field("2").drop_nulls().unique()
        months = (
            pl.col("named")
            .struct.field("2")
            .replace_strict(names, find_month_numbers(names), default=None, return_dtype=pl.Int32)
        )
        frame = frame.with_columns(months.alias("month"))
    # A column of its own: Polars would compute an expression anew in each of those that contain it.
    dated = frame.with_columns(_build_certain_day(layouts).alias("certain"))
    has_orders = (dated["certain"].is_null() & dated["numeric"].struct.field("1").is_not_null()).any()
    return dated.select("text", *_build_days_by_order(has_orders=has_orders))


# A column has one layout as a rule, and a column of values none: expressions of the others would take most of the time.
def _find_layouts(frame: pl.DataFrame) -> frozenset[str]:
    """Return which layouts any text has: those of the groups, and ``counted`` days of a week or of a year."""
    found = {name for name in ("numeric", "compact", "named") if frame[name].struct.field("1").is_not_null().any()}
    return frozenset(found | {"counted"} if frame["text"].str.ends_with("T").any() else found)


# Built once: for the few dates of a sample, building expressions took longer than computing them.
@cache
def _build_certain_day(layouts: frozenset[str]) -> pl.Expr:
    """Build the day of a date that every order reads alike, null for other texts and layouts."""
    days = [pl.lit(None, pl.Int32)]
    if "numeric" in layouts:
        a, mark, b, mark2, c = _list_numeric_parts()
        year_first = (mark == mark2) & (a.str.len_chars() == 4) & (c.str.len_chars() <= 2)
        days.append(pl.when(year_first).then(_days_since_epoch(a, b, c)))
    if "counted" in layouts:
        days += [_parse_counted_day(_WEEK_DATE, "%G-W%V-%uT"), _parse_counted_day(_ORDINAL_DATE, "%Y-%jT")]
    if "compact" in layouts:
        year, month, day = (pl.col("compact").struct.field(part) for part in "123")
        days.append(_days_since_epoch(year, month, day))
    if "named" in layouts:
        day, year = (pl.col("named").struct.field(part) for part in "13")
        days.append(_days_since_epoch(_expand_year(year), pl.col("month"), day))
    return pl.coalesce(days)


def _parse_counted_day(pattern: str, date_format: str) -> pl.Expr:
    """Build the day of a date of weeks or of days of the year, null for other texts."""
    text = pl.col("text")
    plausible = text.str.head(4).cast(pl.Int32, strict=False).is_between(*_YEAR_RANGE)
    is_counted = text.str.contains(f"^{pattern}$") & plausible
    return pl.when(is_counted).then(text.str.to_date(date_format, strict=False)).cast(pl.Int32)


@cache
def _build_days_by_order(*, has_orders: bool) -> tuple[pl.Expr, ...]:
    """Build the spelling, and the day under each order; all orders agree unless ``has_orders``."""
    certain = pl.col("certain")
    spelling = pl.when(certain.is_not_null()).then(pl.lit(""))
    if not has_orders:
        return (spelling.alias("spelling"), *(certain.alias(order) for order in ("mdy", "dmy", "ymd")))
    a, mark, b, mark2, c = _list_numeric_parts()
    # Colons without a year of four digits are a time of day.
    is_open = (mark == mark2) & (a.str.len_chars() <= 2) & (mark != ":")
    short = is_open & (c.str.len_chars() <= 2)
    last_or_short = short | (is_open & (c.str.len_chars() == 4))
    return (
        spelling.when(last_or_short).then(mark + c.str.len_chars().cast(pl.String)).alias("spelling"),
        pl.coalesce(certain, pl.when(last_or_short).then(_days_since_epoch(_expand_year(c), a, b))).alias("mdy"),
        pl.coalesce(certain, pl.when(last_or_short).then(_days_since_epoch(_expand_year(c), b, a))).alias("dmy"),
        pl.coalesce(certain, pl.when(short).then(_days_since_epoch(_expand_year(a), b, c))).alias("ymd"),
    )


def _list_numeric_parts() -> list[pl.Expr]:
    """List the parts of a date of numbers: a number, a separator, a number, a separator, a number."""
    return [pl.col("numeric").struct.field(str(index)) for index in range(1, 6)]


def _expand_year(text: pl.Expr) -> pl.Expr:
    century = pl.when(text.cast(pl.Int32, strict=False) >= _CENTURY_PIVOT).then(pl.lit("19")).otherwise(pl.lit("20"))
    return pl.when(text.str.len_chars() == 2).then(century + text).otherwise(text)


def _days_since_epoch(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    plausible = year.cast(pl.Int32, strict=False).is_between(*_YEAR_RANGE)
    text = pl.when(plausible).then(pl.format("{}-{}-{}", year, month, day))
    return text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32)
