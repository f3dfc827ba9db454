"""The clock of the load layer, in one place so that tests can replace it."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the current time as naive UTC, truncated to milliseconds."""
    time = datetime.now(UTC).replace(tzinfo=None)
    # DATETIME2(3) rounds: a time with microseconds would come back different from the one that was written.
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
