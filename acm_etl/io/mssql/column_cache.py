"""What the server says about its tables, remembered for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from cachetools import TTLCache

MAX_TABLES, TTL_SECONDS = 100, 300
FetchColumns = Callable[[str], dict[str, str]]


class ColumnCache:
    """Columns by table: at most 100 tables, none older than 300 s. The sessions of a store share it.

    Args:
        timer: The clock.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._types_by_table: TTLCache[str, dict[str, str]] = TTLCache(MAX_TABLES, TTL_SECONDS, timer)
        self._lock = Lock()

    def get_column_types(self, table: str, fetch: FetchColumns) -> dict[str, str]:
        """Columns of a table; a table that is not there is asked for again next time."""
        with self._lock:
            known = self._types_by_table.get(table)
        if known is not None:
            return dict(known)
        found = fetch(table)
        if found:
            with self._lock:
                self._types_by_table[table] = found
        return dict(found)

    def clear(self) -> None:
        """Tables have changed, here or elsewhere."""
        with self._lock:
            self._types_by_table.clear()
