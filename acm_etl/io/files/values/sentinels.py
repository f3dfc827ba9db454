"""Numbers that stand for a missing value, such as -999: found among the far-off values of a column."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

TYPICAL_SENTINELS = frozenset({
    -99.0, -99.9, -999.0, -999.9, -999.25, -9999.0, -9999.9, -9999.99, -99999.0, -999999.0, -200.0, -888.0, -8888.0,
    999.0, 999.9, 9999.0, 9999.9, 99999.0, 999999.0, 9999999.0,
    -6999.0, 7999.0, -7999.0,  # a data logger of Campbell Scientific that could not measure
    -32768.0, 32767.0, 65535.0, -2147483648.0, 2147483647.0, 4294967295.0,  # ends of integer types
})  # fmt: skip
HUGE_NUMBER = 1e29
"""Numbers from here on (1e30, 1.7e308, the fill value 9.96921e36 of netCDF) are not readings of a plant."""

# In a small file three equal readings of a noisy tag are not a coincidence, in any file ten are not.
_MIN_COUNT = 3
_MIN_SHARE = 0.001
_ENOUGH_COUNT = 10


@dataclass(frozen=True, slots=True)
class Sentinel:
    """A far-off number that repeats exactly.

    Attributes:
        value: The number.
        count: Cells that hold the number.
        is_below: True when all other values are greater.
    """

    value: float
    count: int
    is_below: bool


def is_typical_sentinel(value: float) -> bool:
    """Tell a number that programs commonly write for a missing value."""
    return value in TYPICAL_SENTINELS or abs(value) >= HUGE_NUMBER


def find_sentinels(
    far_counts: Mapping[float, int],
    core: tuple[float, float] | None,
    *,
    total: int,
    known: Collection[float] = (),
) -> tuple[Sentinel, ...]:
    """Return the far-off values that repeat exactly and stand apart from all other values.

    Args:
        far_counts: Far-off value to the number of its cells.
        core: Least and greatest of the other values; None when the column has no others.
        total: Cells with a number.
        known: Values that the user has already named as missing.

    Returns:
        The most frequent one first.
    """
    candidates = {value: count for value, count in far_counts.items() if _repeats(count, total) and value not in known}
    found = []
    for value, count in candidates.items():
        bounds = _bound_others(value, far_counts, core)
        if bounds and _stands_apart(value, *bounds):
            found.append(Sentinel(value, count, value < bounds[0]))
    return tuple(sorted(found, key=lambda sentinel: -sentinel.count))


def _repeats(count: int, total: int) -> bool:
    return count >= _ENOUGH_COUNT or (count >= _MIN_COUNT and count >= _MIN_SHARE * total)


def _bound_others(
    value: float, far_counts: Mapping[float, int], core: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Return least and greatest of the other values; a second typical sentinel says nothing about the range."""
    others = [other for other in far_counts if other != value and not is_typical_sentinel(other)]
    others += core or ()
    return (min(others), max(others)) if others else None


def _stands_apart(value: float, low: float, high: float) -> bool:
    if low <= value <= high:
        return False
    # Saturated sensors read the end of their range again and again, close to their other values.
    gap = low - value if value < low else value - high
    if is_typical_sentinel(value):
        # A quantity that is never negative otherwise does not hit -200 again and again, however wide its range is.
        return gap > high - low or (value < 0 <= low)
    # 0 is the reading of a stopped machine, not a sign of a missing value.
    return value != 0 and high > low and gap > high - low
