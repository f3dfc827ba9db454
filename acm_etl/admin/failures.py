"""Past failures of machines: import them from a file, and list them with the episode that came before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from acm_etl.engine import Engine
from acm_etl.errors import InputError
from acm_etl.io.files.failure_log import FailureLogOptions, LoggedFailure, read_failure_log
from acm_etl.load.clock import utc_now
from acm_etl.load.episodes import failures
from acm_etl.load.episodes.failures import Failure, find_next_failure
from acm_etl.load.machines import equipment
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.schema import migrate
from acm_etl.redaction import truncate_text
from acm_etl.tables.notices import FAILURES
from acm_etl.windows import HOUR

_MAX_CAUSE_CHARS = FAILURES.columns_by_name["Cause"].max_length or 0
_MAX_AUTHOR_CHARS = FAILURES.columns_by_name["ImportedBy"].max_length or 0


@dataclass(frozen=True, slots=True)
class UnknownMachine:
    """A machine of the file that is not registered, and the number of its failures."""

    machine: str
    failures: int


@dataclass(frozen=True, slots=True)
class FailureImport:
    """Result of an import of failures.

    Attributes:
        file: The file.
        rows: Its rows.
        duplicates: Rows that repeat an earlier row.
        added: Failures that were not stored before.
        changed: Stored failures that have another cause now.
        unchanged: Failures that were stored with the same cause.
        unknown_machines: Machines that are not registered; their failures are not stored.
        is_dry_run: True if nothing was stored.
    """

    file: Path
    rows: int
    duplicates: int
    added: int
    changed: int
    unchanged: int
    unknown_machines: tuple[UnknownMachine, ...]
    is_dry_run: bool


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A stored failure.

    Attributes:
        machine: Machine code.
        failed_at: Time of the failure, UTC.
        cause: Cause; None if it is not known.
        episode_start: Start of the last episode that this failure followed, UTC; None without one.
        warning_hours: Hours from that start to the failure.
        imported_at: When it was imported, UTC.
        imported_by: Who imported it.
    """

    machine: str
    failed_at: datetime
    cause: str | None
    episode_start: datetime | None
    warning_hours: float | None
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True, slots=True)
class FailureList:
    """Failures of some machines, newest first."""

    failures: tuple[FailureRow, ...]


def import_failures(
    engine: Engine, path: Path, options: FailureLogOptions, *, author: str, dry_run: bool = False
) -> FailureImport:
    """Store the failures of a file; importing it again changes nothing.

    Failures of machines that are not registered are counted and left out.

    Args:
        engine: The store.
        path: CSV, Parquet or Excel file.
        options: How the file is read.
        author: Who imports it.
        dry_run: Count only.

    Raises:
        UsageError: The file does not exist.
        InputError: A row cannot be read, a cause is too long, or one failure has two causes.
    """
    migrate.require_current_schema(engine)
    logged = read_failure_log(path, options)
    causes = _merge_rows(path, logged)
    machines = {machine.code: machine for machine in equipment.read_machines(engine)}
    known = {key: cause for key, cause in causes.items() if key[0] in machines}
    stored = _read_stored_causes(engine, machines)
    changes = {key: cause for key, cause in known.items() if key not in stored or stored[key] != cause}
    if not dry_run:
        _store_failures(engine, machines, changes, truncate_text(author, _MAX_AUTHOR_CHARS))
    unknown = Counter(code for code, _ in causes if code not in machines)
    added = sum(key not in stored for key in changes)
    return FailureImport(
        file=path,
        rows=len(logged),
        duplicates=len(logged) - len(causes),
        added=added,
        changed=len(changes) - added,
        unchanged=len(known) - len(changes),
        unknown_machines=tuple(UnknownMachine(code, count) for code, count in sorted(unknown.items())),
        is_dry_run=dry_run,
    )


def list_failures(engine: Engine, codes: Sequence[str] = ()) -> FailureList:
    """List failures, newest first.

    Args:
        engine: The store.
        codes: Machines; all machines if empty.

    Raises:
        UsageError: A machine is unknown.
    """
    migrate.require_current_schema(engine)
    machines = equipment.find_machines(engine, codes)
    stored = failures.read_failures(engine, [machine.equip_id for machine in machines])
    rows = [
        row
        for machine in machines
        if (history := stored.get(machine.equip_id))
        for row in _describe_failures(engine, machine, history)
    ]
    return FailureList(tuple(sorted(rows, key=lambda row: (row.failed_at, row.machine), reverse=True)))


def _merge_rows(path: Path, logged: Sequence[LoggedFailure]) -> dict[tuple[str, datetime], str | None]:
    """Return the cause of each failure by machine and time; rows that repeat one another count once."""
    causes: dict[tuple[str, datetime], str | None] = {}
    for row in logged:
        if len(row.cause or "") > _MAX_CAUSE_CHARS:
            message = (
                f"{path}: the cause of the failure of {row.machine} at {row.failed_at:%Y-%m-%dT%H:%M} UTC has "
                f"{len(row.cause or '')} characters, the limit is {_MAX_CAUSE_CHARS}: shorten it"
            )
            raise InputError(message)
        # None of two causes is chosen: the file does not tell which one is right.
        if causes.setdefault((row.machine, row.failed_at), row.cause) != row.cause:
            first = causes[row.machine, row.failed_at]
            message = (
                f"{path}: the failure of {row.machine} at {row.failed_at:%Y-%m-%dT%H:%M} UTC has two causes, "
                f"{first!r} and {row.cause!r}: keep one of them"
            )
            raise InputError(message)
    return causes


def _read_stored_causes(engine: Engine, machines: Mapping[str, Equipment]) -> dict[tuple[str, datetime], str | None]:
    stored = failures.read_failures(engine, [machine.equip_id for machine in machines.values()])
    return {
        (code, failure.failed_at): failure.cause
        for code, machine in machines.items()
        for failure in stored.get(machine.equip_id, ())
    }


def _store_failures(
    engine: Engine,
    machines: Mapping[str, Equipment],
    causes: Mapping[tuple[str, datetime], str | None],
    author: str,
) -> None:
    now = utc_now()
    # One transaction: a file is imported as a whole or not at all.
    with engine.transaction():
        for (code, failed_at), cause in causes.items():
            failures.replace_failure(engine, machines[code].equip_id, Failure(failed_at, cause, now, author))


def _describe_failures(engine: Engine, machine: Equipment, history: Sequence[Failure]) -> Iterator[FailureRow]:
    """Yield the failures of a machine with the last episode that each of them followed."""
    sql = engine.dialect.sql("SELECT {StartTs}, {EndTs} FROM {ACM_Episodes} WHERE {EquipID} = ? ORDER BY {StartTs}")
    starts: dict[datetime, datetime] = {}
    for start, end in engine.query(sql, [machine.equip_id]).iter_rows():
        if failure := find_next_failure(history, start, end):
            starts[failure.failed_at] = start
    for failure in history:
        start = starts.get(failure.failed_at)
        hours = None if start is None else (failure.failed_at - start) / HOUR
        yield FailureRow(
            machine.code, failure.failed_at, failure.cause, start, hours, failure.imported_at, failure.imported_by
        )
