"""Numbers, times and spans as people read them; the same on every page."""

from __future__ import annotations

from datetime import datetime

NO_VALUE = "\N{EN DASH}"
"""Stands where there is no value."""


def format_number(value: float | None, digits: int = 1) -> str:
    """A number with few digits; a dash where there is none."""
    if value is None:
        return NO_VALUE
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_reading(value: float | None) -> str:
    """A reading with four significant digits, in the unit of its tag."""
    if value is None:
        return NO_VALUE
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def format_count(value: int, noun: str) -> str:
    """``1 window``, ``2 windows``."""
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


def format_span(hours: float | None) -> str:
    """A length of time in the unit that suits it."""
    if hours is None:
        return NO_VALUE
    if hours < 1:
        return f"{hours * 60:.0f} min"
    if hours < 48:
        return f"{format_number(hours)} h"
    if hours < 24 * 365:
        return f"{format_number(hours / 24)} days"
    return f"{format_number(hours / 24 / 365.25)} years"


def format_time(time: datetime | None) -> str:
    """A time to the minute."""
    return NO_VALUE if time is None else f"{time.day} {time:%b %Y %H:%M}"


def format_date(time: datetime | None) -> str:
    """A date."""
    return NO_VALUE if time is None else f"{time.day} {time:%b %Y}"
