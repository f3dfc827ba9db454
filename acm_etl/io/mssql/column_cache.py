"""Cache of the columns of the server's tables."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from cachetools import TTLCache

MAX_TABLES, TTL_SECONDS = 100, 300
FetchColumns = Callable[[str], dict[str, str]]


class ColumnCache:
    """Column types by table, for at most 100 tables and 300 s; shared by all sessions of a store.

    Args:
        timer: Clock in seconds.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        # A time limit, because another process may alter a table without an error in this one.
        self._types_by_table: TTLCache[str, dict[str, str]] = TTLCache(MAX_TABLES, TTL_SECONDS, timer)
        # TTLCache is not thread-safe. https://cachetools.readthedocs.io/
        self._lock = Lock()

    def get_column_types(self, table: str, fetch: FetchColumns) -> dict[str, str]:
        """Return a copy of the columns of a table, name to type.

        Args:
            table: Name of the table.
            fetch: Queries the server; an empty result (no such table) is not cached.
        """
        with self._lock:
            cached = self._types_by_table.get(table)
        if cached is not None:
            return dict(cached)
        # Outside the lock: a slow query must not block the other sessions. Two sessions may both query; no harm.
        types = fetch(table)
        if types:
            with self._lock:
                self._types_by_table[table] = types
        return dict(types)

    def clear(self) -> None:
        """Forget all tables, after a change of a table by this or another process."""
        with self._lock:
            self._types_by_table.clear()
