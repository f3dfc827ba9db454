"""Status file: the progress of a running backfill, for readers while the store itself is in use or unreachable.

For an embedded store the file lies beside the database. For a server it lies in ``host.state_folder()``
of the account that runs the backfill, so only readers on the same host see it. If several
processes work on one store, the last one to write wins.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Self

from acm_etl import host
from acm_etl.io.connect import find_store_file, is_server_url
from acm_etl.output_files import write_atomically
from acm_etl.progress import Progress

log = logging.getLogger(__name__)
# A backfill updates its file at every stage of work, so an older file belongs to a process that is gone.
_MAX_AGE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class MachineProgress:
    """Progress of one machine in a running backfill.

    Attributes:
        windows: Windows that the backfill will score; None until they are counted.
        windows_done: Windows scored so far.
        readings: Readings scored so far.
        stage: Stage of work.
        detail: Detail of the stage.
        outcome: Outcome of the machine; None while it is being worked on.
        started_at: Start of the work, naive UTC.
        ended_at: End of the work, naive UTC.
    """

    windows: int | None = None
    windows_done: int = 0
    readings: int = 0
    stage: str = ""
    detail: str = ""
    outcome: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusFileContent:
    """Content of a status file.

    Attributes:
        pid: Process that wrote the file.
        updated_at: Time of the last update, naive UTC.
        machines: Progress by machine code.
    """

    pid: int
    updated_at: datetime
    machines: Mapping[str, MachineProgress]


def status_file_path(url: str) -> Path | None:
    """Return the path of the status file of a store; None for an in-memory store, which no other process can open."""
    if file := find_store_file(url):
        return Path(f"{file}.status.json")
    if not is_server_url(url):
        return None
    # A hash of the URL is a valid file name on every system, and does not disclose the server.
    return host.state_folder() / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.status.json"


def inspect_status_file(url: str) -> tuple[StatusFileContent | None, str]:
    """Return the content of the status file of a store, and the problem that prevents reading it ("" if none).

    Args:
        url: The store, without secrets.
    """
    path = status_file_path(url)
    if path is None:
        return None, ""
    try:
        # The file is replaced as a whole by its writer, so that a reader never sees half of it.
        content = _parse_content(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:  # no backfill is running, or it has just ended
        return None, ""
    except OSError as error:
        return None, f"the status file {path} cannot be read: {error.strerror or error}"
    except (ValueError, RecursionError) as error:
        return None, f"the status file {path} is damaged ({error}); delete it, the next backfill writes a new one"
    # A killed process leaves its file behind. An embedded store can be opened then and the file is not needed; a server
    # cannot tell, so its file expires.
    age = _utc_now() - content.updated_at
    expired = age > _MAX_AGE and is_server_url(url)
    return (None if expired else content), ""


def _parse_content(content: object) -> StatusFileContent:
    """Parse the JSON of a status file. Unknown keys are ignored: other versions wrote further ones.

    Raises:
        ValueError: Required fields are missing or have a wrong type.
    """
    # JSON may hold a list or a number: both lack every field, and the message names those.
    fields: dict[str, Any] = content if isinstance(content, dict) else {}
    pid, updated_at, machines = fields.get("pid"), fields.get("at"), fields.get("machines")
    invalid = {
        "pid": not (isinstance(pid, int) and 0 < pid < host.PID_LIMIT),
        # Local times would be wrong by hours on a host in another time zone.
        "at": not isinstance(updated_at, str) or datetime.fromisoformat(updated_at).tzinfo is None,
        "machines": not isinstance(machines, dict) or not all(isinstance(one, dict) for one in machines.values()),
    }
    if names := [name for name, is_invalid in invalid.items() if is_invalid]:
        message = f"invalid or missing: {', '.join(names)}"
        raise ValueError(message)
    parsed = {code: _parse_machine(machine) for code, machine in fields["machines"].items()}
    return StatusFileContent(fields["pid"], _parse_time(fields["at"]), parsed)


def _format_machine(progress: MachineProgress) -> dict[str, object]:
    """Return the JSON object of a machine, which ``_parse_machine`` reads."""
    # The keys are those of the first version, so that every version reads every file.
    return {
        "windows": progress.windows,
        "windows_done": progress.windows_done,
        "rows": progress.readings,
        "stage": progress.stage,
        "detail": progress.detail,
        "outcome": progress.outcome,
        "begun": _format_time(progress.started_at),
        "ended": _format_time(progress.ended_at),
    }


def _parse_machine(fields: Mapping[str, Any]) -> MachineProgress:
    started_at, ended_at = fields.get("begun"), fields.get("ended")
    return MachineProgress(
        windows=fields.get("windows"),
        windows_done=fields.get("windows_done", 0),
        readings=fields.get("rows", 0),
        stage=fields.get("stage", ""),
        detail=fields.get("detail", ""),
        outcome=fields.get("outcome"),
        started_at=_parse_time(started_at) if started_at else None,
        ended_at=_parse_time(ended_at) if ended_at else None,
    )


def _parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def _format_time(time: datetime | None) -> str | None:
    # With the offset: a file on a shared disk may be read in another time zone.
    return time.replace(tzinfo=UTC).isoformat() if time else None


def _prepare_folder(path: Path | None) -> Path | None:
    """Create the folder of the status file and return its path; None if the account may not create the folder."""
    if path is None:
        return None
    try:
        # An account of a service may have no home directory; the backfill works without the file.
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        log.warning("status file not written: %s", error)
        return None
    return path


class StatusFile:
    """Progress display that forwards every call to another one and keeps the status file of a store up to date.

    Args:
        inner: Progress display that receives every call.
        url: The store, without secrets.
    """

    def __init__(self, inner: Progress, url: str) -> None:
        self._inner = inner
        self._path = _prepare_folder(status_file_path(url))
        self._machines: dict[str, MachineProgress] = {}
        # One warning per backfill: a full disk would otherwise repeat it at every stage of every machine.
        self._lock, self._has_warned = Lock(), False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._path is not None:
            # A file that stays means that its process was killed: readers rely on this.
            try:
                host.remove_file(self._path)
            except OSError as error:  # the backfill has done its work all the same
                log.warning("the status file cannot be deleted: %s", error)

    def set_machine_count(self, machines: int) -> None:
        """Forward the number of machines."""
        self._inner.set_machine_count(machines)

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Record the start of work on a machine."""
        started = MachineProgress(windows, stage="begin", started_at=_utc_now())
        self._update_machine(machine, lambda _: started)
        self._inner.start_machine(machine, windows=windows)

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Record the start of a stage of work."""
        self._update_machine(machine, lambda progress: replace(progress, stage=stage, detail=detail))
        self._inner.set_stage(machine, stage, detail=detail)

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Record published windows."""
        self._update_machine(
            machine,
            lambda progress: replace(
                progress,
                windows_done=progress.windows_done + windows,
                readings=progress.readings + rows,
                detail=detail,
            ),
        )
        self._inner.advance(machine, windows=windows, rows=rows, detail=detail)

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Record the end of work on a machine."""
        self._update_machine(machine, lambda progress: replace(progress, outcome=outcome, ended_at=_utc_now()))
        self._inner.finish_machine(machine, outcome=outcome)

    def _update_machine(self, machine: str, change: Callable[[MachineProgress], MachineProgress]) -> None:
        if self._path is None:
            return
        # Threads of a fleet report at the same time, and the file holds all machines.
        with self._lock:
            self._machines[machine] = change(self._machines.get(machine, MachineProgress()))
            self._write_file(self._path)

    def _write_file(self, path: Path) -> None:
        machines = {code: _format_machine(progress) for code, progress in self._machines.items()}
        # All machines each time: a reader needs no history of the file.
        content = {"pid": os.getpid(), "at": _format_time(_utc_now()), "machines": machines}
        try:
            # Not flushed to disk: a flush takes longer than a batch. After a power failure the file may be empty;
            # ``inspect_status_file`` reports an empty file as damaged.
            with write_atomically(path) as draft:
                draft.write_text(json.dumps(content), encoding="utf-8")
        except OSError as error:  # the file only informs people: a full disk must not stop the backfill here
            if not self._has_warned:
                log.warning("the status file cannot be written: %s", error)
            self._has_warned = True


def _utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
