"""Steps between successive numbers of a column: record numbers and counters only ever increase."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

_MIN_STEPS = 50
_MIN_MOVES = 20
_MAX_NOISE_SHARE = 0.01
_MAX_RESET_SHARE = 0.05  # of the steps up
_RESET_SHARE = 0.1  # a counter that starts again falls below this share of its last value


@dataclass(slots=True)
class RowTrend:
    """Counts of steps, in the order of the rows.

    Attributes:
        up: Steps to a greater number.
        down: Steps to a smaller number.
        resets: Steps down to less than a tenth of the number before.
        by_one: Steps of exactly 1, or of exactly -1 in a file that runs backwards.
        flat: Steps to an equal number.
        first: First number; None before the first one.
        is_tracked: False once the column has gone up and down like a measured value; then nothing more is counted.
    """

    up: int = 0
    down: int = 0
    resets: int = 0
    by_one: int = 0
    flat: int = 0
    first: float | None = None
    is_tracked: bool = True
    _last: float | None = None

    @property
    def steps(self) -> int:
        """Steps counted."""
        return self.up + self.down + self.flat

    def add(self, numbers: pl.Series) -> None:
        """Take in the next finite numbers, without nulls, in row order."""
        if not self.is_tracked or numbers.is_empty():
            return
        # The step from the last number of the chunk before belongs to the column too.
        if self._last is not None:
            numbers = pl.concat([pl.Series(numbers.name, [self._last], pl.Float64), numbers])
        self.first = float(numbers[0]) if self.first is None else self.first
        self._last = float(numbers[-1])
        self._count_steps(numbers)
        # Noise shows within a few rows, so a measured tag pays for one chunk only.
        noise = min(self.up, self.down - self.resets)
        self.is_tracked = noise <= max(_MAX_NOISE_SHARE * self.steps, 1)

    def merge(self, other: RowTrend) -> RowTrend:
        """Return the steps of both files; the step from one file to the next is not counted."""
        return replace(
            other,
            up=self.up + other.up,
            down=self.down + other.down,
            resets=self.resets + other.resets,
            by_one=self.by_one + other.by_one,
            flat=self.flat + other.flat,
            first=other.first if self.first is None else self.first,
            is_tracked=self.is_tracked and other.is_tracked,
        )

    def steps_by_one(self) -> bool:
        """Tell whether every step is exactly one, always in the same direction."""
        return self.is_tracked and self.steps > 0 and self.by_one == self.steps and 0 in (self.up, self.down)

    def is_strictly_monotone(self) -> bool:
        """Tell whether the numbers increase in every row, or decrease in every row."""
        # Rows that a database deleted leave gaps in its record numbers.
        return self.is_tracked and self.steps > 0 and self.steps in (self.up, self.down)

    def counts_up(self) -> bool:
        """Tell whether the numbers only increase, but for resets, and often enough to be no chance."""
        # A few rows of a machine that warms up increase as well.
        is_long = self.steps >= _MIN_STEPS and max(self.up, self.down) >= _MIN_MOVES
        # A switch also falls to 0 again and again, a counter starts anew once a month or once a year.
        has_rare_resets = self.down == self.resets and self.resets <= _MAX_RESET_SHARE * self.up
        return self.is_tracked and is_long and (self.up == 0 or has_rare_resets)

    def _count_steps(self, numbers: pl.Series) -> None:
        steps = numbers.diff().slice(1)
        is_down = steps < 0
        is_reset = is_down & (numbers.slice(1) <= _RESET_SHARE * numbers.slice(0, len(steps)))
        self.up += int((steps > 0).sum())
        self.down += int(is_down.sum())
        self.resets += int(is_reset.sum())
        self.by_one += int((steps.abs() == 1).sum())
        self.flat += int((steps == 0).sum())
