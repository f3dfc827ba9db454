"""Watermark of a machine: one row, moved by a guarded update in the transaction that publishes the data."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from acm_etl.engine import Engine
from acm_etl.errors import ConflictError
from acm_etl.load.clock import utc_now
from acm_etl.tables.runs import BATCH_PROGRESS
from acm_etl.windows import MINUTE

_WATERMARK_COLUMNS = (
    "EquipID",
    "LastBatchEndTime",
    "BatchesCompleted",
    "TickMinutes",
    "ConfigSignature",
    "ModelVersion",
    "ColdstartComplete",
    "DataMin",
    "DataMax",
    "TimeZone",
)
_GUARDED_COLUMN_COUNT = 6
"""Number of leading columns that must have the expected values before an update; the others are informative."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """The progress row of a machine.

    Attributes:
        equip_id: Machine.
        last_window_end: End of the last final window: the next run starts here.
        window_count: Final windows published so far.
        tick_minutes: Length of a window, minutes.
        signature: Settings the rows were made with.
        model_version: Models in use.
        coldstart_complete: Whether models exist.
        data_min: Start of the history that is backfilled.
        data_max: Newest reading known.
        time_zone: Zone of the local days of the rows; None if an earlier version wrote the row, which did not store it.
    """

    equip_id: int
    last_window_end: datetime
    window_count: int
    tick_minutes: int
    signature: str
    model_version: int
    coldstart_complete: bool
    data_min: datetime
    data_max: datetime | None = None
    time_zone: str | None = None

    @property
    def tick(self) -> timedelta:
        """Length of a window."""
        return self.tick_minutes * MINUTE


def read_watermark(engine: Engine, equip_id: int) -> Watermark | None:
    """Return the watermark of a machine; None before its first published window."""
    q = engine.dialect.quote
    columns = ", ".join(map(q, _WATERMARK_COLUMNS))
    # At most one row: EquipID is the key.
    rows = engine.query(f"SELECT {columns} FROM {q(BATCH_PROGRESS.name)} WHERE {q('EquipID')} = ?", [equip_id])
    return Watermark(*rows.row(0)) if rows.height else None


def move_watermark(engine: Engine, expected: Watermark | None, new: Watermark) -> int:
    """Move the progress from ``expected`` (None: there is none yet) to ``new``, inside the caller's transaction.

    Returns:
        Rows changed: 1, or 0 if the row has the values of ``new`` already (the batch was published before).

    Raises:
        ConflictError: The row has neither the expected values nor those of ``new``.
    """
    changed = _insert_watermark(engine, new) if expected is None else _update_watermark(engine, expected, new)
    if changed:
        return changed
    # Nothing changed: either this batch was committed before and its confirmation was lost, or another run was here.
    stored = read_watermark(engine, new.equip_id)
    if stored == new:
        return 0
    message = (
        f"the progress of machine {new.equip_id} is at {_describe_position(stored)}, "
        f"not at {_describe_position(expected)} as this run expected:"
        " another run moved it; start again to resume from there"
    )
    raise ConflictError(message)


def delete_watermark(engine: Engine, equip_id: int) -> int:
    """Delete the watermark of a machine, inside the caller's transaction; return the number of rows."""
    q = engine.dialect.quote
    return engine.execute(f"DELETE FROM {q(BATCH_PROGRESS.name)} WHERE {q('EquipID')} = ?", [equip_id])


def _insert_watermark(engine: Engine, new: Watermark) -> int:
    q, table = engine.dialect.quote, engine.dialect.quote(BATCH_PROGRESS.name)
    columns = ", ".join(map(q, (*_WATERMARK_COLUMNS, "UpdatedAt")))
    sql = (
        f"INSERT INTO {table} ({columns})\nSELECT {', '.join('?' * (len(_WATERMARK_COLUMNS) + 1))}\n"
        # In one statement: of two first runs of a machine, one inserts and the other one sees 0 rows.
        f"WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {q('EquipID')} = ?)"
    )
    return engine.execute(sql, [*astuple(new), utc_now(), new.equip_id])


def _update_watermark(engine: Engine, expected: Watermark, new: Watermark) -> int:
    q = engine.dialect.quote
    changes = ", ".join(f"{q(name)} = ?" for name in (*_WATERMARK_COLUMNS[1:], "UpdatedAt"))
    # Compare and swap: a run that lost its lease cannot move the progress of the run that took over.
    guards = " AND ".join(f"{q(name)} = ?" for name in _WATERMARK_COLUMNS[:_GUARDED_COLUMN_COUNT])
    sql = f"UPDATE {q(BATCH_PROGRESS.name)} SET {changes}\nWHERE {guards}"
    return engine.execute(sql, [*astuple(new)[1:], utc_now(), *astuple(expected)[:_GUARDED_COLUMN_COUNT]])


def _describe_position(progress: Watermark | None) -> str:
    return f"{progress.last_window_end} ({progress.window_count} windows)" if progress else "its beginning"
