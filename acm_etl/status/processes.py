"""Whether the processes that work on machines are still alive."""

from __future__ import annotations

import socket

from acm_etl.host import is_process_alive


def is_holder_alive(holder: str | None) -> bool:
    """Return whether ``host:pid`` is running; processes of other hosts cannot be checked and count as running."""
    host, _, pid = (holder or "").rpartition(":")
    # A process id can have been reused by another program: a dead backfill then looks alive until that program ends.
    return host != socket.gethostname() or not pid.isdigit() or is_process_alive(int(pid))
