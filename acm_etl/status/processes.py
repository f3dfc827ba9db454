"""Whether the processes that work on machines are still alive."""

from __future__ import annotations

import os
import socket
import sys


def is_process_alive(pid: int) -> bool:
    """Return whether a process of this host is running; on Windows always True."""
    if sys.platform == "win32":
        # os.kill would terminate the process there, and signal 0 does not exist.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # the process belongs to another user
    return True


def is_holder_alive(holder: str | None) -> bool:
    """Return whether ``host:pid`` is running; processes of other hosts cannot be checked and count as running."""
    host, _, pid = (holder or "").rpartition(":")
    # A process id can have been reused by another program: a dead backfill then looks alive until that program ends.
    return host != socket.gethostname() or not pid.isdigit() or is_process_alive(int(pid))
