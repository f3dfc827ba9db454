"""The runner's status feed: a small file beside an embedded store, for readers while the store itself is held."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Self

from acm_etl.progress import Progress

_PREFIX = "duckdb:///"


def path_for(url: str) -> Path | None:
    """Where the feed of a store is; None for a server or an in-memory store, which need none."""
    if not url.startswith(_PREFIX) or ":memory:" in url:
        return None
    return Path(f"{url.removeprefix(_PREFIX)}.status.json")


def read(url: str) -> dict[str, Any] | None:
    """The last state the runner wrote; None where there is no feed."""
    path = path_for(url)
    if path is None or not path.exists():
        return None
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


class Feed:
    """A Progress that passes everything on and keeps the feed file current while the store is held."""

    def __init__(self, inner: Progress, url: str) -> None:
        self._inner = inner
        self._path = path_for(url)
        self._machines: dict[str, dict[str, Any]] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def expect(self, machines: int) -> None:
        """So many machines lie ahead."""
        self._inner.expect(machines)

    def begin(self, machine: str, *, windows: int) -> None:
        """Work on a machine begins."""
        self._note(machine, windows=windows, windows_done=0, rows=0, stage="begin", outcome=None)
        self._inner.begin(machine, windows=windows)

    def stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """A stage of work begins."""
        self._note(machine, stage=stage, detail=detail)
        self._inner.stage(machine, stage, detail=detail)

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Windows are committed."""
        known = self._machines.get(machine, {})
        done = known.get("windows_done", 0) + windows
        self._note(machine, windows_done=done, rows=known.get("rows", 0) + rows, detail=detail)
        self._inner.advance(machine, windows=windows, rows=rows, detail=detail)

    def end(self, machine: str, *, outcome: str) -> None:
        """Work on a machine is over."""
        self._note(machine, outcome=outcome)
        self._inner.end(machine, outcome=outcome)

    def _note(self, machine: str, **facts: object) -> None:
        if self._path is None:
            return
        with self._lock:
            self._machines.setdefault(machine, {}).update(facts)
            content = {"pid": os.getpid(), "at": datetime.now(UTC).isoformat(), "machines": self._machines}
            # written aside and renamed: a reader never sees half a file
            draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            draft.write_text(json.dumps(content), encoding="utf-8")
            draft.replace(self._path)
