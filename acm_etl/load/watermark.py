"""How far a machine is: one row, moved by a guarded update inside the transaction that publishes the data."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime

from acm_etl.engine import Engine
from acm_etl.errors import ConflictError
from acm_etl.load.clock import utc_now
from acm_etl.tables.runs import PROGRESS

_FIELDS = (
    "EquipID",
    "LastBatchEndTime",
    "BatchesCompleted",
    "TickMinutes",
    "ConfigSignature",
    "ModelVersion",
    "ColdstartComplete",
    "DataMin",
    "DataMax",
)
_GUARDED = 6
"""The first so many fields have to be as expected; the others describe."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress row of a machine.

    Attributes:
        equip_id: Machine.
        last_end: End of the last final window: the next run starts here.
        batches: Final windows published so far.
        tick_minutes: Length of a window.
        signature: Settings the rows were made with.
        model_version: Models in use.
        coldstart_complete: Whether models exist.
        data_min: Start of the history that is backfilled.
        data_max: Newest reading known.
    """

    equip_id: int
    last_end: datetime
    batches: int
    tick_minutes: int
    signature: str
    model_version: int
    coldstart_complete: bool
    data_min: datetime
    data_max: datetime | None = None


def read(engine: Engine, equip_id: int) -> Progress | None:
    """The progress of a machine; None before its first published window."""
    q = engine.dialect.quote
    columns = ", ".join(map(q, _FIELDS))
    rows = engine.query(f"SELECT {columns} FROM {q(PROGRESS.name)} WHERE {q('EquipID')} = ?", [equip_id])
    return Progress(*rows.row(0)) if rows.height else None


def move(engine: Engine, expected: Progress | None, new: Progress) -> int:
    """Move the progress from ``expected`` (None: there is none yet) to ``new``, inside the caller's transaction.

    Returns:
        Rows changed: 1, or 0 where the row already says ``new`` (the same group was published before).

    Raises:
        ConflictError: The row is neither as expected nor already there.
    """
    changed = _insert(engine, new) if expected is None else _update(engine, expected, new)
    if changed:
        return changed
    stored = read(engine, new.equip_id)
    if stored == new:
        return 0
    message = (
        f"the progress of machine {new.equip_id} is at {_at(stored)}, not at {_at(expected)} as this run expected:"
        " another run moved it; start again to resume from there"
    )
    raise ConflictError(message)


def remove(engine: Engine, equip_id: int) -> int:
    """Forget the progress of a machine, inside the caller's transaction."""
    q = engine.dialect.quote
    return engine.execute(f"DELETE FROM {q(PROGRESS.name)} WHERE {q('EquipID')} = ?", [equip_id])


def _insert(engine: Engine, new: Progress) -> int:
    q, table = engine.dialect.quote, engine.dialect.quote(PROGRESS.name)
    columns = ", ".join(map(q, (*_FIELDS, "UpdatedAt")))
    sql = (
        f"INSERT INTO {table} ({columns})\nSELECT {', '.join('?' * (len(_FIELDS) + 1))}\n"
        f"WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {q('EquipID')} = ?)"
    )
    return engine.execute(sql, [*astuple(new), utc_now(), new.equip_id])


def _update(engine: Engine, expected: Progress, new: Progress) -> int:
    q = engine.dialect.quote
    changes = ", ".join(f"{q(name)} = ?" for name in (*_FIELDS[1:], "UpdatedAt"))
    guards = " AND ".join(f"{q(name)} = ?" for name in _FIELDS[:_GUARDED])
    sql = f"UPDATE {q(PROGRESS.name)} SET {changes}\nWHERE {guards}"
    return engine.execute(sql, [*astuple(new)[1:], utc_now(), *astuple(expected)[:_GUARDED]])


def _at(progress: Progress | None) -> str:
    return f"{progress.last_end} ({progress.batches} windows)" if progress else "its beginning"
