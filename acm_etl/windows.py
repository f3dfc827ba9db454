"""Half-open windows [start, end) on an absolute UTC grid, and the groups that share a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - every time in the product is naive UTC


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open stretch of time, UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class WindowGrid:
    """Windows of one length, and groups of a fixed number of them, aligned to the epoch.

    Both grids are absolute, so a resumed backfill cuts the history exactly as an uninterrupted one does.

    Attributes:
        tick: Length of a window.
        windows_per_batch: Windows per group.
        split_times: Times at which the window that contains one is split (the end of training, switches of models).
    """

    tick: timedelta
    windows_per_batch: int
    split_times: tuple[datetime, ...] = ()

    @classmethod
    def from_batch_size(
        cls, tick: timedelta, *, batch_readings: int, cadence: timedelta, split_times: tuple[datetime, ...] = ()
    ) -> WindowGrid:
        """A grid whose groups hold about ``batch_readings`` readings that are ``cadence`` apart (at least one window)."""
        per_window = max(tick / cadence, 1e-9)
        return cls(tick, max(1, int(batch_readings / per_window)), split_times)

    def floor(self, time: datetime) -> datetime:
        """The boundary of the tick at or before ``time``."""
        return EPOCH + (time - EPOCH) // self.tick * self.tick

    def last_boundary(self, time: datetime) -> datetime:
        """The last time at or before ``time`` at which a window ends, cuts included."""
        return max(self.floor(time), *(cut for cut in self.split_times if cut <= time), EPOCH)

    def ceil(self, time: datetime) -> datetime:
        """The window boundary at or after ``time``."""
        floor = self.floor(time)
        return floor if floor == time else floor + self.tick

    def is_boundary(self, time: datetime) -> bool:
        """Whether a window may end at ``time``."""
        return time in (self.floor(time), *self.split_times)

    def windows_between(self, start: datetime, end: datetime) -> list[Window]:
        """The windows that cover [start, end), split at the cuts: all but the first, which begins at ``start``, whole.

        Where ``end`` is a cut itself, nothing beyond it is covered.
        """
        edges = [start]
        edge = self.floor(start) + self.tick
        while edge < end:
            edges.append(edge)
            edge += self.tick
        edges.append(end if end in self.split_times else edge)
        split = {cut for cut in self.split_times if start < cut < edges[-1]}
        return [Window(*pair) for pair in pairwise(sorted({*edges, *split}))]

    def iter_batches(self, start: datetime, end: datetime) -> Iterator[list[Window]]:
        """The windows of [start, end), in runs that lie between two boundaries of the group grid."""
        span = self.tick * self.windows_per_batch
        edge = start
        while edge < end:
            limit = EPOCH + ((edge - EPOCH) // span + 1) * span
            yield self.windows_between(edge, min(limit, end))
            edge = limit


def count_windows(tick: timedelta, start: datetime, end: datetime) -> int:
    """How many windows of ``tick`` cover [start, end)."""
    return max(0, -((start - end) // tick))
