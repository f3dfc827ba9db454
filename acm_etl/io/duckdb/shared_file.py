"""State of a DuckDB file that all sessions of this process share: the writer lock, named locks, memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from weakref import WeakValueDictionary

from acm_etl.errors import UnavailableError
from acm_etl.io.duckdb.url import IN_MEMORY_PATH
from acm_etl.io.errors import lock_held_error


class NamedLocks:
    """Locks by name among the sessions of one file.

    A set in memory is enough: DuckDB does not let a second process open the file.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: set[str] = set()

    @contextmanager
    def acquire_lock(self, name: str) -> Iterator[None]:
        """Hold a lock for the duration of a block.

        Raises:
            MachineLockedError: Another session holds the lock.
        """
        with self._guard:
            if name in self._held:
                raise lock_held_error(name)
            self._held.add(name)
        try:
            yield
        finally:
            with self._guard:
                self._held.discard(name)

    def is_held(self, name: str) -> bool:
        """Return whether a session holds the lock."""
        with self._guard:
            return name in self._held


class SharedFile:
    """State shared by all sessions of one file in this process: its locks and its memory limit.

    Args:
        path: The file; None for a store in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._inode = path.stat().st_ino if path else 0
        # Re-entrant: statements inside a transaction take the lock that the transaction holds already.
        self.writer_lock = threading.RLock()
        self.locks = NamedLocks()
        self.memory_lock = threading.Lock()
        # Since the last checkpoint, by all sessions; changed under the writer lock.
        self.commits = 0
        # Memory that DuckDB would take without a limit, bytes; None while the settings name the limit.
        self.available_memory: int | None = None

    def check_presence(self) -> None:
        """Check that the path still names the file that was opened.

        Raises:
            UnavailableError: The file was deleted, moved or replaced: what is written would be lost at the end.
        """
        if self._path is None:
            return
        # An open file can be deleted: all statements go on without an error, and nothing is left at the end.
        with suppress(FileNotFoundError):
            if self._path.stat().st_ino == self._inode:
                return
        message = (
            f"{self._path} was deleted, moved or replaced while it was open; what this run wrote since then is lost. "
            "Restore the file, or run acm-etl init for a new store"
        )
        raise UnavailableError(message)


# Weak values: the state of a file goes away with the last session, and a temporary directory's path may be reused.
_SHARED_FILES: WeakValueDictionary[str, SharedFile] = WeakValueDictionary()
_SHARED_FILES_LOCK = threading.Lock()


def get_shared_file(path: str) -> SharedFile:
    """Return the state of a file, which all sessions of this process share."""
    # Every in-memory store is a database of its own, although all have the same path.
    if path == IN_MEMORY_PATH:
        return SharedFile(None)
    resolved = Path(path).resolve()
    with _SHARED_FILES_LOCK:
        return _SHARED_FILES.setdefault(str(resolved), SharedFile(resolved))
