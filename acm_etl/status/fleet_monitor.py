"""Read the status of a fleet again and again, without getting in the way of a running backfill."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from acm_etl.engine import Engine
from acm_etl.errors import StoreError, TransientError, UnavailableError
from acm_etl.host import is_process_alive
from acm_etl.io.connect import engine_url, find_store_file, is_server_url, open_store
from acm_etl.load.clock import utc_now
from acm_etl.load.episodes import outbox
from acm_etl.load.machines import equipment
from acm_etl.load.schema import migrate
from acm_etl.redaction import redact_url
from acm_etl.run.context import SettingsSources
from acm_etl.status import status_file, store_reader
from acm_etl.status.machine_status import (
    Activity,
    ActivityState,
    BackfillProcess,
    FleetStatus,
    MachineStatus,
    Throughput,
)
from acm_etl.status.status_file import MachineProgress, StatusFileContent
from acm_etl.status.store_reader import StatusInputs


@dataclass(frozen=True, slots=True)
class _StoreFacts:
    """Status of the machines, and the number of events whose messages a target did not accept."""

    machines: tuple[MachineStatus, ...]
    unsent_events: int


@dataclass(frozen=True, slots=True)
class _CachedStatus:
    """Facts as of a modification time of the database file."""

    modified_at: float
    facts: _StoreFacts


class FleetMonitor:
    """Reader of the status of a fleet, for one look or for many.

    An embedded store is closed between two reads, and not opened again until its file has changed. The session with a
    server is kept, and replaced after a failure.

    Args:
        settings: Sources of the settings; they name the store.
        codes: Machines to read; all machines if empty.
        prefers_status_file: Do not try to open an embedded store while a backfill process is alive.
        clock: Returns the current time, naive UTC.
    """

    def __init__(
        self,
        settings: SettingsSources,
        codes: Sequence[str] = (),
        *,
        prefers_status_file: bool = False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings, self._store = settings, settings.load_config().store
        self._codes, self._clock, self._prefers_status_file = tuple(codes), clock, prefers_status_file
        # By the URL: the monitor must know the kind of store before it may open it.
        self._database_path = find_store_file(self._store.url)
        self._keeps_session = is_server_url(self._store.url)
        self._cache: _CachedStatus | None = None
        self._engine: Engine | None = None

    def close(self) -> None:
        """Close the session with the store, if one is open."""
        # The reference goes first: after a failed close the next read opens a new session.
        engine, self._engine = self._engine, None
        if engine is not None:
            with suppress(StoreError):  # the connection may be lost already
                engine.close()

    def read_status(self) -> FleetStatus:
        """Read the status from the store; from the status file if a backfill has the embedded store open.

        Raises:
            UsageError: There is no store, or a machine does not exist.
            UnavailableError: The store cannot be opened, and there is no status file.
            TransientError: The store did not answer, and there is no status file.
        """
        # Before the store: it tells whether a backfill holds the store, without touching the lock of the database.
        content, problem = status_file.inspect_status_file(engine_url(self._store.url))
        is_embedded = self._database_path is not None
        if content and is_embedded and self._prefers_status_file and is_process_alive(content.pid):
            # A monitor that opens the database every few seconds could take its lock from a backfill that starts.
            return self._build_from_file(content, note="")
        try:
            facts = self._read_store()
        except (UnavailableError, TransientError) as error:
            if content is None:
                # The type of the error is kept, because the exit code of the command depends on it.
                raise _add_problem(error, problem) from error
            return self._build_from_file(content, note=str(error))
        now = self._clock()
        return FleetStatus(
            store=redact_url(self._store.url),
            observed_at=now,
            source="store",
            # Cached facts are still true now, because the file has not changed: only their time moves on.
            machines=tuple(replace(machine, observed_at=now) for machine in facts.machines),
            process=_describe_process(content),
            note=problem,
            unsent_events=facts.unsent_events,
        )

    def _read_store(self) -> _StoreFacts:
        # Opening an embedded store takes its lock: an idle machine is watched for days without one.
        if self._cache and self._cache.modified_at == self._read_modified_at():
            return self._cache.facts
        # A server session costs a login of about a second; a monitor that reads every 2 s must keep it.
        engine = self._engine = self._engine or open_store(self._store, create=False, allow_replica=True)
        succeeded = False
        try:
            migrate.require_current_schema(engine)
            selected = equipment.find_machines(engine, self._codes)
            inputs = StatusInputs(self._settings, self._clock())
            machines = tuple(store_reader.read_statuses(engine, selected, inputs))
            facts = _StoreFacts(machines, outbox.count_failed(engine))
            succeeded = True
        finally:
            # A failed session may be in a state that fails for ever: the next read starts with a new one.
            if not (succeeded and self._keeps_session):
                self.close()
        # Read after the query: a write in between makes the cache look old, never new.
        modified_at = self._read_modified_at()
        self._cache = _CachedStatus(modified_at, facts) if modified_at is not None else None
        return facts

    def _read_modified_at(self) -> float | None:
        """Return the modification time of the file of an embedded store."""
        # DuckDB writes the file at a checkpoint, so that an unchanged file means unchanged results.
        path = self._database_path
        return path.stat().st_mtime if path and path.exists() else None

    def _build_from_file(self, content: StatusFileContent, *, note: str) -> FleetStatus:
        # A requested machine that is missing in the file may exist in the store: its status is unknown.
        progress: Mapping[str, MachineProgress | None] = (
            {code: content.machines.get(code) for code in self._codes} if self._codes else content.machines
        )
        return FleetStatus(
            store=redact_url(self._store.url),
            observed_at=self._clock(),
            source="status_file",
            machines=tuple(_build_machine_status(code, progress[code], content) for code in progress),
            process=_describe_process(content),
            note=note,
        )


def _add_problem(error: UnavailableError | TransientError, problem: str) -> UnavailableError | TransientError:
    """Return the error with the problem of the status file that could have replaced the store."""
    return type(error)(f"{error}; {problem}") if problem else error


def _describe_process(content: StatusFileContent | None) -> BackfillProcess | None:
    if content is None:
        return None
    return BackfillProcess(content.pid, content.updated_at, is_process_alive(content.pid))


def _build_machine_status(code: str, progress: MachineProgress | None, content: StatusFileContent) -> MachineStatus:
    if progress is None:
        return MachineStatus(code=code, source="status_file", observed_at=content.updated_at)
    # The last update, not now: a dead process must not look slower and slower.
    until = progress.ended_at or content.updated_at
    # A machine that waits for a worker has no start, and no speed.
    seconds = (until - progress.started_at).total_seconds() if progress.started_at else 0.0
    speed = progress.readings / seconds if seconds > 0 else None
    return MachineStatus(
        code=code,
        source="status_file",
        observed_at=content.updated_at,
        activity=_describe_activity(progress, content),
        throughput=Throughput(progress.readings, speed),
        windows_done=progress.windows_done,
        windows_total=progress.windows,
        failed_runs=int(progress.outcome == "failed"),
    )


def _describe_activity(progress: MachineProgress, content: StatusFileContent) -> Activity:
    if progress.outcome:
        return Activity(cast("ActivityState", progress.outcome.replace(" ", "_")), since=progress.started_at)
    # A process that was killed leaves its last stage in the file.
    state: ActivityState = "running" if is_process_alive(content.pid) else "dead"
    stage = " ".join(filter(None, (progress.stage, progress.detail)))
    return Activity(state, stage, since=progress.started_at)
