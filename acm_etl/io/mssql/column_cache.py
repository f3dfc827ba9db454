"""What the server says about its tables, remembered for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from cachetools import TTLCache

MOST, SECONDS = 100, 300
Ask = Callable[[str], dict[str, str]]


class Catalogue:
    """Columns by table: at most 100 tables, none older than 300 s. The sessions of a store share it.

    Args:
        timer: The clock.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._known: TTLCache[str, dict[str, str]] = TTLCache(MOST, SECONDS, timer)
        self._guard = Lock()

    def columns(self, table: str, ask: Ask) -> dict[str, str]:
        """Columns of a table; a table that is not there is asked for again next time."""
        with self._guard:
            known = self._known.get(table)
        if known is not None:
            return dict(known)
        found = ask(table)
        if found:
            with self._guard:
                self._known[table] = found
        return dict(found)

    def forget(self) -> None:
        """Tables have changed, here or elsewhere."""
        with self._guard:
            self._known.clear()
