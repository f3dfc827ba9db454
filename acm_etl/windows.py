"""Half-open windows [start, end) on an absolute UTC grid, batches of windows that share a transaction, and UTC days.

All times are naive UTC. Windows and batches are aligned to the epoch instead of the first reading, so that a resumed or
replayed backfill cuts the history at the same times as an uninterrupted one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - all times are naive UTC
MILLISECOND = timedelta(milliseconds=1)
"""Resolution of stored times: the smallest step past a half-open end."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open time interval [start, end), UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class WindowGrid:
    """Windows of one length and batches of a fixed number of windows, aligned to the epoch.

    Attributes:
        tick: Window length.
        split_times: Times at which a window is split, so that one model scores each window (changes of models, and the
            next time at which a refit is evaluated).
        windows_per_batch: Windows per batch.
    """

    tick: timedelta
    split_times: tuple[datetime, ...] = ()
    windows_per_batch: int = 1

    @classmethod
    def from_batch_size(
        cls, tick: timedelta, *, batch_readings: int, cadence: timedelta, split_times: tuple[datetime, ...] = ()
    ) -> WindowGrid:
        """Return a grid whose batches have about ``batch_readings`` readings, and at least one window.

        Args:
            tick: Window length.
            batch_readings: Readings per batch.
            cadence: Time between two readings.
            split_times: As the attribute.
        """
        # A cadence far above the tick gives nearly 0 readings per window; avoid the division by zero.
        per_window = max(tick / cadence, 1e-9)
        return cls(tick, split_times, windows_per_batch=max(1, int(batch_readings / per_window)))

    def floor(self, time: datetime) -> datetime:
        """Return the last multiple of the tick at or before ``time``; split times do not count."""
        return EPOCH + (time - EPOCH) // self.tick * self.tick

    def last_boundary(self, time: datetime) -> datetime:
        """Return the last window end at or before ``time``, split times included."""
        return max((self.floor(time), *(split for split in self.split_times if split <= time)))

    def ceil(self, time: datetime) -> datetime:
        """Return the first multiple of the tick at or after ``time``."""
        floor = self.floor(time)
        return floor if floor == time else floor + self.tick

    def is_boundary(self, time: datetime) -> bool:
        """Return whether a window may end at ``time``."""
        return time in (self.floor(time), *self.split_times)

    def windows_between(self, start: datetime, end: datetime) -> list[Window]:
        """Return the windows that cover [start, end), split at the split times.

        The first window begins at ``start``. The last one ends at a multiple of the tick, also beyond ``end``, unless
        ``end`` is a split time.
        """
        edges = [start]
        edge = self.floor(start) + self.tick
        while edge < end:
            edges.append(edge)
            edge += self.tick
        edges.append(end if end in self.split_times else edge)
        inner_splits = {split for split in self.split_times if start < split < edges[-1]}
        return [Window(*pair) for pair in pairwise(sorted({*edges, *inner_splits}))]

    def iter_batches(self, start: datetime, end: datetime) -> Iterator[list[Window]]:
        """Yield the windows of [start, end) batch by batch; batches end at absolute times, whatever ``start`` is."""
        span = self.tick * self.windows_per_batch
        edge = start
        while edge < end:
            # To the end of the batch that an uninterrupted backfill would have here.
            limit = EPOCH + ((edge - EPOCH) // span + 1) * span
            yield self.windows_between(edge, min(limit, end))
            edge = limit


_UTC_DAYS = WindowGrid(DAY)


def count_windows(tick: timedelta, start: datetime, end: datetime) -> int:
    """Return how many windows of length ``tick`` cover [start, end)."""
    # Floor division of the negative length rounds the count up.
    return max(0, -((start - end) // tick))


def floor_to_midnight(time: datetime) -> datetime:
    """Return the last UTC midnight at or before ``time``: the start of the UTC day that contains it."""
    return _UTC_DAYS.floor(time)


def ceil_to_midnight(time: datetime) -> datetime:
    """Return the first UTC midnight at or after ``time``.

    Every tick that divides a day has a window boundary there, so a change of models at midnight splits no window.
    """
    return _UTC_DAYS.ceil(time)


def next_midnight(time: datetime) -> datetime:
    """Return the first UTC midnight after ``time``; one day later if ``time`` is a midnight."""
    return floor_to_midnight(time) + DAY
