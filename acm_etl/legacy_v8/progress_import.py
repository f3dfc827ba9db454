"""Import of the progress file of ACM V8, for information only.

The progress of V8 is not imported as progress. Its windows are not those that its pipeline scored, its "done" includes
runs without data, and a run of acm_etl needs models, states and rows that V8 does not have. A watermark from V8 would
make the next backfill skip a history that was never scored. Instead, the position of V8 is stored in ACM_ColdstartState
as the reason why the machine waits, and ``acm-etl status`` shows it until the first backfill has scored the history.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from acm_etl.counts import format_count
from acm_etl.engine import Engine
from acm_etl.errors import InputError, UsageError
from acm_etl.formatting import format_command
from acm_etl.io import historian
from acm_etl.io.files.times.zones import LocalTimeConverter, check_time_zone
from acm_etl.load import watermark
from acm_etl.load.machines import equipment
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.models import coldstart
from acm_etl.load.schema import migrate

# Keys of a machine in the file, and the types that V8 writes.
_KEY_TYPES = {"coldstart_complete": bool, "last_batch_end": str, "batches_completed": int}
_TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class V8Progress:
    """Progress of one machine in V8.

    Attributes:
        code: Machine code.
        coldstart_complete: Whether V8 had models of the machine.
        last_end: End of the last batch, local time; None if there was no batch.
        batches: Batches done, including those without data.
    """

    code: str
    coldstart_complete: bool
    last_end: datetime | None
    batches: int


ImportState = Literal["noted", "training_started", "scored", "not_registered"]
"""``noted``: the progress of V8 is shown by ``status``; otherwise nothing was stored, and the state says why."""


@dataclass(frozen=True, slots=True)
class ImportedProgress:
    """The progress of V8 for one machine, and the state of the machine in this store.

    Attributes:
        machine: Machine code.
        v8_until: End of its last batch in V8, UTC; None if V8 had not scored it, or without a time zone.
        v8_batches: Batches that V8 had done.
        state: State of the machine in this store.
        newer_readings: Readings after ``v8_until``; None without a historian table.
        scored_until: End of the last complete window in this store, UTC.
        next_command: Command to run next; None if there is nothing to do.
    """

    machine: str
    v8_until: datetime | None
    v8_batches: int
    state: ImportState
    newer_readings: int | None = None
    scored_until: datetime | None = None
    next_command: str | None = None


@dataclass(frozen=True, slots=True)
class ProgressImport:
    """An imported progress file."""

    file: Path
    machines: list[ImportedProgress]


def read_v8_progress(path: Path) -> list[V8Progress]:
    """Read the machines of a progress file.

    Raises:
        InputError: The file is not a progress file of V8.
        UsageError: The file cannot be read.
    """
    try:
        # utf-8-sig: editors on Windows add a byte order mark, which json rejects.
        content = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_reject_duplicate_keys)
    except OSError as error:
        message = f"cannot read {path}: {error.strerror or error}"
        raise UsageError(message) from error
    # Before ValueError, of which it is a subclass: the user has picked a wrong file, not a damaged one.
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text (byte {error.start}); the progress file of V8 is JSON"
        raise InputError(message) from error
    # json raises it for a file of thousands of opening brackets.
    except RecursionError as error:
        message = f"{path} is nested too deeply for a progress file of V8"
        raise InputError(message) from error
    except ValueError as error:
        message = f"{path} is not valid JSON: {error}"
        raise InputError(message) from error
    # An empty object is refused, too: an import of nothing would look like a success.
    if not isinstance(content, dict) or not content:
        message = f"{path} names no machine; a progress file of V8 is {{machine: {{{', '.join(_KEY_TYPES)}}}}}"
        raise InputError(message)
    return [_parse_machine(path, code, facts) for code, facts in sorted(content.items())]


def import_progress(engine: Engine, path: Path, *, time_zone: str | None, required_rows: int) -> ProgressImport:
    """Store the position of V8 for every machine whose initial training has not started in this store.

    Args:
        engine: The store.
        path: ``.sql_batch_progress.json``.
        time_zone: IANA time zone of the times in the file; by default the zone of each machine.
        required_rows: Readings in operation that an initial training needs.

    Raises:
        InputError: The file cannot be imported; nothing is stored.
        UsageError: The file cannot be read, the time zone is unknown, or the store has no tables.
    """
    migrate.require_current_schema(engine)
    # The whole file is read before anything is stored: an error at its end must not leave the first machines changed.
    v8_parts = read_v8_progress(path)
    if time_zone is not None:
        check_time_zone(time_zone)
    registered = {machine.code: machine for machine in equipment.read_machines(engine)}
    # One transaction: the file is noted for all of its machines or for none.
    with engine.transaction():
        imported = [
            _import_machine(engine, part, registered.get(part.code), time_zone=time_zone, required_rows=required_rows)
            for part in v8_parts
        ]
    return ProgressImport(path, imported)


def _import_machine(
    engine: Engine, v8_progress: V8Progress, machine: Equipment | None, *, time_zone: str | None, required_rows: int
) -> ImportedProgress:
    # V8 wrote local times of the plant; the zone of the machine is the best statement about them that there is.
    zone = time_zone or (machine.time_zone if machine else None)
    until = _local_to_utc(v8_progress.last_end, zone)
    if machine is None:
        command = _suggest_registration(engine, v8_progress.code, zone)
        return ImportedProgress(v8_progress.code, until, v8_progress.batches, "not_registered", next_command=command)
    progress = watermark.read_watermark(engine, machine.equip_id)
    # Counted for information: the user sees how much V8 had not scored.
    newer = _count_readings_since(engine, machine, until)
    # Results of this store are never overwritten by a note about V8.
    if progress is not None:
        return ImportedProgress(
            v8_progress.code, until, v8_progress.batches, "scored", newer, scored_until=progress.last_window_end
        )
    # Only inserts: the row of a training that has begun here tells more than V8.
    noted = coldstart.create_pending(
        engine, machine.equip_id, required_rows=required_rows, reason=_format_reason(v8_progress, until)
    )
    return ImportedProgress(
        v8_progress.code,
        until,
        v8_progress.batches,
        "noted" if noted else "training_started",
        newer,
        next_command=format_command("backfill", "--equip", v8_progress.code),
    )


def _format_reason(v8_progress: V8Progress, until: datetime | None) -> str:
    done = f"had done {v8_progress.batches} batches, until {until} UTC" if until else "had not scored it"
    return f"ACM V8 {done}; its results are not imported: the first backfill scores the whole history"


def _suggest_registration(engine: Engine, code: str, zone: str | None) -> str:
    options = ("--timezone", zone or "ZONE")
    # An existing historian table can be registered without an import, if its times are UTC.
    if engine.get_column_types(equipment.historian_table_name(code)):
        return format_command("equipment", "add", code, *options)
    return format_command("import", "FILE", "--equip", code, *options)


def _count_readings_since(engine: Engine, machine: Equipment, since: datetime | None) -> int | None:
    """Return the number of readings after the position of V8; None without a historian table."""
    # A machine may be registered before its table is there.
    if machine.time_column not in engine.get_column_types(machine.table):
        return None
    extent = historian.read_extent(
        engine, historian.HistorianSource(machine.table, machine.time_column, (), since=since)
    )
    return extent.reading_count if extent else 0


def _local_to_utc(local: datetime | None, zone: str | None) -> datetime | None:
    """Convert a local time of V8 to UTC: the first of two equal times; a time that a clock change skips is shifted."""
    # Without a zone a local time has no place in UTC, and a guess would be shown as a fact.
    if local is None or zone is None:
        return None
    # The converter of the import: clock changes are treated as they are for readings.
    times = pl.Series([local], dtype=pl.Datetime("ms"))
    found: datetime = LocalTimeConverter(zone).convert_to_utc(times)["utc"][0]
    return found


def _reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    # json keeps the last of two equal keys without a word: the progress of one of the two would be lost.
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        message = f"{', '.join(repeated)} appears more than once"
        raise ValueError(message)
    return dict(pairs)


def _parse_machine(path: Path, code: str, facts: object) -> V8Progress:
    if not isinstance(facts, dict) or not code.strip():
        message = f"{path}: {code!r} is not a machine with {', '.join(_KEY_TYPES)}"
        raise InputError(message)
    # Unknown keys are refused and not ignored: the file may be of another program, or of another version of V8.
    unknown = sorted(set(facts) - set(_KEY_TYPES))
    if unknown:
        keys = f"{format_count(len(unknown), 'unknown key')}: {', '.join(unknown)}"
        message = f"{path}: {code} has {keys}; V8 writes {', '.join(_KEY_TYPES)}"
        raise InputError(message)
    wrong = [
        name
        for name, kind in _KEY_TYPES.items()
        # The exact type: True is an int in Python, and would be read as one batch.
        if type(facts.get(name, kind())) is not kind and facts[name] is not None
    ]
    if wrong:
        listed = ", ".join(f"{name} is {facts[name]!r}" for name in wrong)
        message = f"{path}: {code}: {listed}; expected true or false, 'YYYY-MM-DD HH:MM:SS' and a number"
        raise InputError(message)
    batches = facts.get("batches_completed") or 0
    if batches < 0:
        message = f"{path}: {code}: batches_completed is {batches}, below 0"
        raise InputError(message)
    return V8Progress(
        code, bool(facts.get("coldstart_complete")), _parse_time(path, code, facts.get("last_batch_end")), batches
    )


def _parse_time(path: Path, code: str, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, _TIME_FORMAT)  # noqa: DTZ007 - V8 writes local times without a zone
    except ValueError as error:
        message = f"{path}: {code}: last_batch_end is {text!r}, not YYYY-MM-DD HH:MM:SS"
        raise InputError(message) from error
