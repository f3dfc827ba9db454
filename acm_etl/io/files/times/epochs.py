"""Numbers that are times: seconds, milliseconds, microseconds or nanoseconds since 1970, and serial days of Excel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import polars as pl

from acm_etl.io.files.times.clock_texts import DAY_MS

NumberUnit = Literal["s", "ms", "us", "ns", "excel"]
EpochUnit = Literal["s", "ms", "us", "ns"]
EPOCH_UNITS: tuple[EpochUnit, ...] = get_args(EpochUnit)
UNIT_TEXTS: dict[NumberUnit, str] = {
    "s": "seconds since 1970",
    "ms": "milliseconds since 1970",
    "us": "microseconds since 1970",
    "ns": "nanoseconds since 1970",
    "excel": "days since 1899-12-30 (Excel serial numbers)",
}
# From 1973 to 5138. The ranges do not overlap, so that a number has one unit at most. Nanoseconds begin in 1991: below
# are the steps of 100 ns of Windows, which would be read as times of 1974 (FILETIME) or 1990 (ticks of .NET).
EPOCH_RANGES: dict[EpochUnit, tuple[float, float]] = {
    "s": (1e8, 1e11), "ms": (1e11, 1e14), "us": (1e14, 1e17), "ns": (6.65e17, 1e20),
}  # fmt: skip
# Steps of 100 ns: since 1601 for times of 1990 to 2100, and since the year 1 for times of 2000 to 2100.
_WINDOWS_RANGES = ((1.22e17, 1.58e17), (6.3e17, 6.63e17))
_MS_PER_UNIT: dict[EpochUnit, float] = {"s": 1e3, "ms": 1.0, "us": 1e-3, "ns": 1e-6}
# Without being told, only times from 1990 to 2100 are taken for times.
_PLAUSIBLE_SECONDS = (631_152_000.0, 4_102_444_800.0)
_EXCEL_RANGE = (20_000.0, 80_000.0)  # 1954 to 2119
_EXCEL_ZERO_MS = -25_569 * DAY_MS  # 1899-12-30
_ONE_WAY_SHARE = 0.9
_NUMBER_PATTERN = r"^\s*\d{1,19}(?:[.,]\d+)?\s*$"
# From the seconds of 1973 on, so that no serial day is meant.
_SCIENTIFIC_PATTERN = r"^\s*\d(?:[.,](?<decimals>\d+))?[eE]\+?(?<exponent>0?[89]|1\d)\s*$"
_FRACTION_PATTERN = r"[.,](\d+)\s*$"


def to_numbers(values: pl.Series) -> pl.Series:
    """Return the values as Float64; what is not a number is null. A comma counts as the decimal mark.

    Of numbers in scientific notation only those with all digits count: spreadsheets cut 1710374437 to 1.71037E+09.
    """
    if values.dtype.is_numeric():
        return values.cast(pl.Float64, strict=False)
    if values.dtype != pl.String:
        return pl.Series(values.name, [None], dtype=pl.Float64).new_from_index(0, len(values))
    plain = values.str.contains(_NUMBER_PATTERN).fill_null(value=False)
    if not plain.all():
        plain |= _flag_scientific(values, has_all_digits=True)
    numbers = values.str.strip_chars().str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return pl.select(pl.when(plain).then(numbers)).to_series()


def _flag_scientific(values: pl.Series, *, has_all_digits: bool) -> pl.Series:
    """Return which texts are large numbers in scientific notation with, or without, a digit for each unit."""
    parts = values.str.extract_groups(_SCIENTIFIC_PATTERN).struct.unnest()
    missing = parts["exponent"].cast(pl.Int32) - parts["decimals"].str.len_chars().fill_null(0).cast(pl.Int32)
    return ((missing <= 0) == has_all_digits).fill_null(value=False)


def holds_cut_numbers(values: pl.Series) -> bool:
    """Return whether the values are texts of large numbers in scientific notation of which most lack digits."""
    return values.dtype == pl.String and 2 * int(_flag_scientific(values, has_all_digits=False).sum()) > len(values)


def is_scientific(values: pl.Series) -> bool:
    """Return whether any value is a text of a large number in scientific notation."""
    return values.dtype == pl.String and bool(values.str.contains(_SCIENTIFIC_PATTERN).any())


def _read_majority_numbers(values: pl.Series) -> pl.Series | None:
    """Return the numbers of a sample; None if at most half of its cells are numbers."""
    cells = values.drop_nulls()
    numbers = to_numbers(cells).drop_nulls()
    return numbers if 2 * len(numbers) > len(cells) else None


def detect_number_unit(values: pl.Series) -> NumberUnit | None:
    """Return the unit in which most of the values are plausible times that run in one direction; None without one.

    Args:
        values: Cells of the sample; empty cells are null.
    """
    numbers = _read_majority_numbers(values)
    if numbers is None:
        return None
    low, high = _PLAUSIBLE_SECONDS
    ranges: dict[NumberUnit, tuple[float, float]] = {
        unit: (max(low * 1e3 / _MS_PER_UNIT[unit], EPOCH_RANGES[unit][0]), high * 1e3 / _MS_PER_UNIT[unit])
        for unit in EPOCH_UNITS
    }
    ranges["excel"] = _EXCEL_RANGE
    # All of them, not most: a single number far off shows a sensor, for which times are too easily taken.
    fitting = (unit for unit, limits in ranges.items() if numbers.is_between(*limits).all())
    unit = next(fitting, None)
    # Serial days look like many a sensor: they must run on.
    return unit if unit != "excel" or is_running(numbers) else None


def detect_named_unit(values: pl.Series) -> NumberUnit | None:
    """Return the unit of a column that the user names as the time column, from the ranges alone."""
    numbers = _read_majority_numbers(values)
    if numbers is None:
        return None
    limits: dict[NumberUnit, tuple[float, float]] = {unit: EPOCH_RANGES[unit] for unit in EPOCH_UNITS}
    limits["excel"] = _EXCEL_RANGE
    counts = {unit: int(numbers.is_between(*limits[unit], closed="left").sum()) for unit in limits}
    unit = max(counts, key=counts.__getitem__)
    return unit if counts[unit] else None


def holds_windows_times(values: pl.Series) -> bool:
    """Return whether all values are times of Windows or .NET in steps of 100 ns, which do not say their zone."""
    numbers = to_numbers(values.drop_nulls()).drop_nulls()
    return len(numbers) > 0 and any(bool(numbers.is_between(*limits).all()) for limits in _WINDOWS_RANGES)


def is_running(numbers: pl.Series, *, distinct_share: float = 0.0) -> bool:
    """Return whether nearly all numbers rise or nearly all fall: a sensor rarely does this.

    Args:
        numbers: Values without nulls.
        distinct_share: Least share of distinct values; each time comes once per tag in long files.
    """
    steps = numbers.diff().drop_nulls()
    if steps.is_empty():
        return True
    # The times of a long file begin again with each of its tags.
    one_way = max(int((steps >= 0).sum()), int((steps <= 0).sum())) >= _ONE_WAY_SHARE * len(steps)
    return one_way and bool((steps != 0).any()) and numbers.n_unique() >= distinct_share * len(numbers)


@dataclass(slots=True)
class NumberEvidence:
    """Numbers that pass 1 saw in the time column of one file.

    Attributes:
        unit_counts: Rows per unit that their numbers can have.
        decimals: Most digits behind the decimal mark; None where the cells are binary numbers.
    """

    unit_counts: dict[EpochUnit, int] = field(default_factory=dict)
    excel_count: int = 0
    decimals: int | None = None

    def add_values(self, values: pl.Series) -> None:
        """Add the next chunk."""
        numbers = to_numbers(values)
        for unit, limits in EPOCH_RANGES.items():
            count = int(numbers.is_between(*limits, closed="left").sum())
            self.unit_counts[unit] = self.unit_counts.get(unit, 0) + count
        self.excel_count += int(numbers.is_between(*_EXCEL_RANGE).sum())
        if values.dtype == pl.String:
            longest = values.str.extract(_FRACTION_PATTERN).str.len_chars().max()
            self.decimals = max(self.decimals or 0, int(str(longest or 0)))

    def count_readable(self, unit: NumberUnit) -> int:
        """Return the rows that are times in the unit."""
        return self.excel_count if unit == "excel" else self.unit_counts.get(unit, 0)

    def get_resolution_ms(self, unit: NumberUnit) -> int:
        """Return the milliseconds to which times are rounded.

        Serial days with few decimals fall beside the second that the writer meant: 45170.041667 is 01:00:00.029.
        """
        if unit != "excel" or self.decimals is None or self.decimals > 8:
            return 1
        return 1000 if self.decimals >= 5 else 60_000


def parse_number_times(values: pl.Series, unit: NumberUnit, resolution_ms: int = 1) -> pl.Series:
    """Return the times of numbers as ``Datetime('ms')``; null where a number is not a time in this unit.

    Args:
        values: Numbers, or texts of numbers.
        unit: Unit of all values.
        resolution_ms: Milliseconds to which the times are rounded.
    """
    numbers = to_numbers(values)
    if unit == "excel":
        legal = numbers.is_between(*_EXCEL_RANGE)
        ms = (numbers * DAY_MS / resolution_ms).round() * resolution_ms + _EXCEL_ZERO_MS
    else:
        legal = numbers.is_between(*EPOCH_RANGES[unit], closed="left")
        # Rounded: 1700000000001000000 ns are 1700000000000.9998 ms in floats.
        ms = (numbers * _MS_PER_UNIT[unit]).round()
    whole = ms.cast(pl.Int64, strict=False)
    return pl.select(pl.when(legal).then(whole)).to_series().cast(pl.Datetime("ms"))
