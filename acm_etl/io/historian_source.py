"""Location of the readings of one machine, and the session that reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from acm_etl.config import StoreSettings
from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.io.connect import open_store
from acm_etl.source_spec import PIVOT, SamplingSpec, SourceSpec, ceil_to_grid, floor_to_grid
from acm_etl.windows import EPOCH, MILLISECOND


@dataclass(frozen=True, slots=True)
class HistorianSource:
    """Location of the readings of one machine.

    Attributes:
        table: Name of the historian table; of a declared source, its name for messages.
        time_column: Name of the time column (UTC unless declared otherwise).
        tags: Names of the tags, in the order of the model: columns of a wide source, values of a long one.
        since: Ignore readings before this time; None for no limit.
        until: Ignore readings at or after this time; None for no limit.
        spec: Declaration of the source; None for the wide table of the machine.
        held_tags: Tags that keep their last value whatever the aggregate of the sampling.
    """

    table: str
    time_column: str
    tags: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None
    spec: SourceSpec | None = None
    held_tags: frozenset[str] = frozenset()

    @property
    def sampling(self) -> SamplingSpec | None:
        """Grid of the readings; None to take them as they stand."""
        return self.spec.sampling if self.spec else None

    @property
    def declaration(self) -> SourceSpec:
        """Declaration of a source that has one."""
        assert self.spec is not None  # noqa: S101 - the callers have decided by ``spec``
        return self.spec

    def limit_period(self, start: datetime | None, end: datetime | None) -> tuple[datetime | None, datetime | None]:
        """Return a period within the limits of the source: start, and end exclusive; None for no limit."""
        lower = max((limit for limit in (self.since, start) if limit is not None), default=None)
        upper = min((limit for limit in (self.until, end) if limit is not None), default=None)
        return lower, upper


@dataclass(frozen=True, slots=True)
class RawPeriod:
    """Times of the raw readings that the machine's readings of a period depend on, in milliseconds since the epoch.

    Attributes:
        first_grid: First grid time of the period.
        first_raw: First raw reading that counts for the first grid time.
        lookback: First raw reading to read: earlier values may be held.
        end: End of the raw readings, exclusive.
    """

    first_grid: int
    first_raw: int
    lookback: int
    end: int

    @property
    def is_empty(self) -> bool:
        """Whether no raw reading can lie in the period."""
        return self.end <= self.lookback


def plan_raw_period(source: HistorianSource, start: datetime, end: datetime) -> RawPeriod:
    """Return the raw readings that the readings with ``start <= Timestamp < end`` depend on.

    Args:
        source: Location of the readings; its limits apply to raw readings.
        start: Start of the period, UTC.
        end: End of the period, UTC, exclusive.
    """
    spec = source.sampling or PIVOT
    # Grid times are counted from the epoch, never from the window: every division has the same ones.
    first = ceil_to_grid(to_milliseconds(start), spec.every_ms)
    # The end is exclusive: a grid time at the end belongs to the next period.
    last = floor_to_grid(to_milliseconds(end) - 1, spec.every_ms)
    # 2 ** 62 ms lie beyond every datetime, and sums of two such limits still fit into 64 bits.
    since = to_milliseconds(source.since) if source.since else -(2**62)
    until = to_milliseconds(source.until) if source.until else 2**62
    # A grid time T stands for (T - every, T]: the raw reading at T - every belongs to the grid time before.
    first_raw = max(since, first - spec.every_ms + 1)
    # A value that is exactly hold_max old is still held.
    lookback = max(since, min(first - spec.lookback_ms, first_raw), _FIRST_MS)
    return RawPeriod(first, first_raw, lookback, min(until, last + 1))


def to_milliseconds(utc: datetime) -> int:
    """Return naive UTC as milliseconds since the epoch."""
    # Exact: datetime.timestamp() would go through a float, and would take naive times as those of the host's zone.
    return (utc - EPOCH) // MILLISECOND


# The first time that Python and SQL Server know.
_FIRST_MS = to_milliseconds(datetime(1, 1, 1))  # noqa: DTZ001 - naive UTC


def from_milliseconds(milliseconds: int) -> datetime:
    """Return milliseconds since the epoch as naive UTC."""
    return EPOCH + milliseconds * MILLISECOND


@contextmanager
def open_reader(engine: Engine, spec: SourceSpec | None) -> Iterator[Engine]:
    """Yield the session that reads a source: the one of the store, or one with another server.

    Args:
        engine: Session with the store.
        spec: Declaration of the source; None for the wide table of the machine.

    Raises:
        UsageError: The environment variable with the URL of the other server is missing.
    """
    if spec is None or spec.url_setting is None:
        yield engine
        return
    url = os.environ.get(spec.url_setting)
    if not url:
        message = (
            f"the source is on the server that {spec.url_setting} names, but this environment variable is not set: "
            f"export {spec.url_setting}=mssql://user@host:1433/DATABASE"
        )
        raise UsageError(message)
    # The secret stays in the environment; a session per call, because sessions belong to one thread.
    reader = open_store(StoreSettings(url=url), create=False, read_only=True)
    try:
        yield reader
    finally:
        reader.close()
