"""The runner's status feed: a small file for readers while the store itself is held, or does not answer.

It is beside an embedded store. For a server it is in the runner's ``$XDG_STATE_HOME/acm_etl`` (``~/.local/state``), for
readers on the same host; of several runners the last one to write is told.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Self

from acm_etl.progress import Progress

log = logging.getLogger(__name__)
_EMBEDDED_URL_PREFIX = "duckdb:///"
_MAX_AGE = timedelta(minutes=30)
_PID_LIMIT = 2**31


def status_file_path(url: str) -> Path | None:
    """Where the feed of a store is; None for an in-memory store, which needs none."""
    if ":memory:" in url:
        return None
    if url.startswith(_EMBEDDED_URL_PREFIX):
        return Path(f"{url.removeprefix(_EMBEDDED_URL_PREFIX)}.status.json")
    home = os.environ.get("XDG_STATE_HOME")
    place = Path(home) if home else Path.home() / ".local" / "state"
    return place / "acm_etl" / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.status.json"


def read_status_file(url: str) -> dict[str, Any] | None:
    """The last state the runner wrote; None where there is no feed, a damaged one, or only an old one of a server.

    Args:
        url: The store, without secrets (``io.open.plain``).
    """
    return inspect_status_file(url)[0]


def inspect_status_file(url: str) -> tuple[dict[str, Any] | None, str]:
    """The last state the runner wrote, as ``read`` gives it, and what is wrong with its feed; "" where nothing is."""
    path = status_file_path(url)
    if path is None:
        return None, ""
    try:
        told = _validate_status(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:  # there is no runner, or it has just ended
        return None, ""
    except OSError as error:
        return None, f"the status feed {path} cannot be read: {error.strerror or error}"
    except (ValueError, RecursionError) as error:
        return None, f"the status feed {path} is damaged ({error}); delete it: the next runner writes it anew"
    # who is killed leaves its feed behind; an embedded store is not held any more then, a server does not tell
    old = datetime.now(UTC) - datetime.fromisoformat(told["at"]) > _MAX_AGE
    return (None if old and not url.startswith(_EMBEDDED_URL_PREFIX) else told), ""


def _validate_status(content: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON the file holds
    """What a file says, if it is a feed.

    Raises:
        ValueError: It is none.
    """
    facts: dict[str, Any] = content if isinstance(content, dict) else {}
    at, machines = facts.get("at"), facts.get("machines")
    wrong = {
        "pid": not (isinstance(pid := facts.get("pid"), int) and 0 < pid < _PID_LIMIT),
        "at": not isinstance(at, str) or datetime.fromisoformat(at).tzinfo is None,
        "machines": not isinstance(machines, dict) or not all(isinstance(one, dict) for one in machines.values()),
    }
    if named := [name for name, bad in wrong.items() if bad]:
        message = f"no runner wrote {', '.join(named)}"
        raise ValueError(message)
    return facts


def _prepare_folder(path: Path | None) -> Path | None:
    """The path, its folder made; None where a service's account has no home to make it in."""
    if path is None:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        log.warning("no status feed: %s", error)
        return None
    return path


class StatusFile:
    """A Progress that passes everything on and keeps the feed file current while the store is held."""

    def __init__(self, inner: Progress, url: str) -> None:
        self._inner = inner
        self._path = _prepare_folder(status_file_path(url))
        self._machines: dict[str, dict[str, Any]] = {}
        self._lock, self._has_warned = Lock(), False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def set_machine_count(self, machines: int) -> None:
        """So many machines lie ahead."""
        self._inner.set_machine_count(machines)

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Work on a machine begins."""
        self._update_machine(
            machine,
            windows=windows,
            windows_done=0,
            rows=0,
            stage="begin",
            detail="",
            outcome=None,
            begun=_utc_now_text(),
        )
        self._inner.start_machine(machine, windows=windows)

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """A stage of work begins."""
        self._update_machine(machine, stage=stage, detail=detail)
        self._inner.set_stage(machine, stage, detail=detail)

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Windows are committed."""
        known = self._machines.get(machine, {})
        done = known.get("windows_done", 0) + windows
        self._update_machine(machine, windows_done=done, rows=known.get("rows", 0) + rows, detail=detail)
        self._inner.advance(machine, windows=windows, rows=rows, detail=detail)

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Work on a machine is over."""
        self._update_machine(machine, outcome=outcome, ended=_utc_now_text())
        self._inner.finish_machine(machine, outcome=outcome)

    def _update_machine(self, machine: str, **facts: object) -> None:
        if self._path is None:
            return
        with self._lock:
            self._machines.setdefault(machine, {}).update(facts)
            content = {
                "pid": os.getpid(),
                "at": datetime.now(UTC).isoformat(),
                "machines": self._machines,
            }
            try:
                _write_atomically(self._path, json.dumps(content))
            except OSError as error:  # it is for people who watch: no reason to end the work
                if not self._has_warned:
                    log.warning("the status feed cannot be written: %s", error)
                self._has_warned = True


def _write_atomically(path: Path, text: str) -> None:
    """Write aside and rename: a reader never sees half a file.

    It is not forced to the disk, which would cost more than a group: after a power cut it may be empty, and ``look``
    takes that for no feed.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def _utc_now_text() -> str:
    return datetime.now(UTC).isoformat()
