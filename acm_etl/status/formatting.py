"""Numbers, times and durations as text: the same on the terminal, in e-mails and on HTML pages."""

from __future__ import annotations

from datetime import datetime

NO_VALUE = "\N{EN DASH}"
"""Text for a missing value."""
# With leap years: a forecast over ten years is otherwise off by three days.
_DAYS_PER_YEAR = 365.25


def format_number(value: float | None, digits: int = 1) -> str:
    """Return a number with few digits; a dash if there is none."""
    if value is None:
        return NO_VALUE
    # Decimals of large numbers are noise.
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    # 3.0 reads as an exact measurement, 3 as a rounded one.
    text = f"{value:z.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_signed(value: float, digits: int = 1) -> str:
    """Return a deviation with its sign; what rounds to zero is positive."""
    return f"{value:+z.{digits}f}"


def format_reading(value: float | None) -> str:
    """Return a reading with four significant digits, in the unit of its tag."""
    if value is None:
        return NO_VALUE
    # "g" would write 12345 as 1.234e+04, which nobody reads on a gauge.
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:z.4g}"


def format_span(hours: float | None) -> str:
    """Return a duration in the unit that suits it."""
    if hours is None:
        return NO_VALUE
    # Minutes below an hour: 0.3 h has to be converted in the head.
    if hours < 1:
        return f"{hours * 60:.0f} min"
    # Up to two days hours are easier to relate to a shift than fractions of a day.
    if hours < 48:
        return f"{format_number(hours)} h"
    if hours < 24 * 365:
        return f"{format_number(hours / 24)} days"
    # With a decimal: "4 years" for 3.6 years would contradict the times beside it.
    return f"{format_number(hours / 24 / _DAYS_PER_YEAR)} years"


def format_time(time: datetime | None) -> str:
    """Return a time to the minute."""
    # Month by name: 5/6/2024 is read differently in Europe and America.
    return NO_VALUE if time is None else f"{time.day} {time:%b %Y %H:%M}"


def format_date(time: datetime | None) -> str:
    """Return a date."""
    return NO_VALUE if time is None else f"{time.day} {time:%b %Y}"


def truncate_line(text: str, width: int) -> str:
    """Return text on one line, shortened to ``width`` characters at the end."""
    # Messages of drivers contain line breaks, which would break a table.
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: max(width - 3, 0)].rstrip()}..."
