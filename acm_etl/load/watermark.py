"""Watermark of a machine: one row, moved by a guarded update in the transaction that publishes the data."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from acm_etl.engine import Engine
from acm_etl.errors import ConflictError
from acm_etl.load.clock import utc_now
from acm_etl.load.single_rows import delete_rows, insert_row_unless, join_equalities
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
    sql = engine.dialect.sql(
        "SELECT {columns} FROM {table} WHERE {EquipID} = ?", columns=_WATERMARK_COLUMNS, table=BATCH_PROGRESS
    )
    # At most one row: EquipID is the key.
    rows = engine.query(sql, [equip_id])
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
        return 1
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
    return delete_rows(engine, BATCH_PROGRESS, {"EquipID": equip_id})


def _insert_watermark(engine: Engine, new: Watermark) -> bool:
    values = dict(zip((*_WATERMARK_COLUMNS, "UpdatedAt"), (*astuple(new), utc_now()), strict=True))
    # Of two first runs of a machine, one inserts its row and the other one finds it.
    is_stored = engine.dialect.sql("{EquipID} = ?")
    return insert_row_unless(engine, BATCH_PROGRESS, values, condition=is_stored, params=[new.equip_id])


def _update_watermark(engine: Engine, expected: Watermark, new: Watermark) -> bool:
    # Compare and swap: a run that lost its lock cannot move the progress of the run that took over.
    sql = engine.dialect.sql(
        "UPDATE {table} SET {changes}\nWHERE {guards}",
        table=BATCH_PROGRESS,
        changes=join_equalities(engine, (*_WATERMARK_COLUMNS[1:], "UpdatedAt"), ", "),
        guards=join_equalities(engine, _WATERMARK_COLUMNS[:_GUARDED_COLUMN_COUNT], " AND "),
    )
    guards = astuple(expected)[:_GUARDED_COLUMN_COUNT]
    return engine.execute(sql, [*astuple(new)[1:], utc_now(), *guards]) == 1


def _describe_position(progress: Watermark | None) -> str:
    return f"{progress.last_window_end} ({progress.window_count} windows)" if progress else "its beginning"
