"""Machines of a store: list them, and register a machine whose historian table exists."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from acm_etl.dialects.column_types import is_naive_timestamp_type, is_readable_time_type
from acm_etl.engine import Engine
from acm_etl.errors import StoreError, UsageError
from acm_etl.io import historian
from acm_etl.io.historian import HistorianSource
from acm_etl.load.machines import equipment
from acm_etl.load.machines.equipment import NO_DESCRIPTION, Equipment, HistorianColumns, MachineDescription
from acm_etl.load.schema import migrate
from acm_etl.run.machine_source import locate_readings
from acm_etl.words import HISTORIAN_TIME_COLUMN

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RegisteredMachine:
    """A machine and the extent of its readings.

    Attributes:
        code: Machine code.
        equip_id: Number of the machine in all tables.
        time_zone: IANA time zone of the daily aggregates.
        historian_table: Table of its readings, or its declared source.
        source: Shape, clock and grid of the declared source; None without one.
        active_tags: Tags that are scored.
        readings: Rows of the historian table.
        first: Time of the first reading, UTC; None without readings.
        last: Time of the last reading, UTC; None without readings.
    """

    code: str
    equip_id: int
    time_zone: str
    historian_table: str
    source: str | None
    active_tags: int
    readings: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class EquipmentList:
    """Registered machines, and codes of historian tables that no machine uses."""

    machines: list[RegisteredMachine]
    unregistered: list[str]


@dataclass(frozen=True, slots=True)
class AddedMachine:
    """Result of a registration.

    Attributes:
        code: Machine code.
        equip_id: Number of the machine in all tables.
        historian_table: Table of its readings.
        tags: Numeric columns of that table.
        new_tags: Tags that were not registered before.
        retired_tags: Registered tags whose column is missing now.
        ignored_columns: Columns that are not numeric.
    """

    code: str
    equip_id: int
    historian_table: str
    tags: int
    new_tags: list[str]
    retired_tags: list[str]
    ignored_columns: list[str]


def list_equipment(engine: Engine) -> EquipmentList:
    """List the registered machines by code, and the historian tables without a machine."""
    # A list never updates the schema: a login that may only read can run it.
    migrate.require_current_schema(engine)
    machines = [_describe_machine(engine, machine) for machine in equipment.read_machines(engine)]
    return EquipmentList(machines, equipment.find_unregistered_codes(engine))


def _describe_machine(engine: Engine, machine: Equipment) -> RegisteredMachine:
    tags = [tag for tag in equipment.read_tags(engine, machine.equip_id) if tag.is_active]
    # The readings of a declared source are those of its tags in use; a tag that is switched off has no reading that
    # counts.
    source = locate_readings(engine, machine, tags)
    extent = _read_extent(engine, machine, source)
    return RegisteredMachine(
        code=machine.code,
        equip_id=machine.equip_id,
        time_zone=machine.time_zone,
        historian_table=source.table,
        source=source.spec.summary if source.spec else None,
        active_tags=len(tags),
        readings=extent.reading_count if extent else 0,
        first=extent.first if extent else None,
        last=extent.last if extent else None,
    )


def _read_extent(engine: Engine, machine: Equipment, source: HistorianSource) -> historian.ReadingsExtent | None:
    """Return the extent of the readings; None if there are none, or if the source is not there."""
    # The table of a machine may have been dropped or renamed: the list shows the machine without readings.
    if source.spec is None:
        # A missing table has no columns here and raises no error, so that one test covers a missing table, a missing
        # column, and one that does not hold times any more.
        time_type = engine.get_column_types(machine.table).get(machine.time_column, "")
        return historian.read_extent(engine, source) if is_readable_time_type(time_type) else None
    try:
        return historian.read_extent(engine, source) if source.tags else None
    # A declared source may be on another server: one that is down must not hide the other machines of the list.
    except (StoreError, UsageError) as error:
        log.warning("%s: %s cannot be read: %s", machine.code, source.table, error)
        return None


def add_equipment(
    engine: Engine,
    code: str,
    *,
    time_zone: str,
    table: str | None = None,
    time_column: str = HISTORIAN_TIME_COLUMN,
    description: MachineDescription = NO_DESCRIPTION,
) -> AddedMachine:
    """Register a machine whose historian table exists, with each numeric column as a tag.

    Called again, it registers new columns and changes the description.

    Args:
        engine: The store; its schema is updated first.
        code: Machine code.
        time_zone: IANA time zone of the daily aggregates.
        table: Historian table; ``<code>_Data`` if omitted.
        time_column: Column of timestamps, in UTC.
        description: Texts for people; those of a registered machine are changed where one is given.

    Raises:
        UsageError: The code is registered with other properties, the time zone is unknown, or the table is missing or
            has no usable columns. Nothing is registered then.
    """
    # A historian table often exists before the store does: registering it is then the first command.
    migrate.complete_schema(engine)
    historian_table = table or equipment.historian_table_name(code)
    # Checked before the registration, so that a mistyped table or column registers nothing.
    columns = _read_usable_columns(engine, historian_table, time_column)
    registered = equipment.find_registered(engine, code)
    if registered is None:
        machine = equipment.register_machine(
            engine, code, time_zone=time_zone, table=table, time_column=time_column, description=description
        )
    else:
        machine = _check_same_registration(registered, (time_zone, historian_table, time_column))
        machine = equipment.change_description(engine, machine, description)
    # Also for a machine that is registered already: a column that was added to its table becomes a tag in this way.
    with engine.transaction():
        new, retired = equipment.sync_tags(engine, machine)
    return AddedMachine(code, machine.equip_id, machine.table, len(columns.numeric), new, retired, columns.other)


def _read_usable_columns(engine: Engine, table: str, time_column: str) -> HistorianColumns:
    """Return the columns of a table that can be the historian table of a machine.

    Raises:
        UsageError: The table does not exist, or its columns cannot be used.
    """
    columns = equipment.read_historian_columns(engine, table, time_column)
    # DuckDB casts a time with an offset to the time zone of its session: readings would be hours off without an error.
    if not is_naive_timestamp_type(columns.time_type):
        message = (
            f"column {time_column!r} of {table!r} has type {columns.time_type}; "
            "a timestamp in UTC without a time zone is required"
        )
        raise UsageError(message)
    if not columns.numeric:
        message = f"{table!r} has no numeric column besides {time_column!r}: there is nothing to score"
        raise UsageError(message)
    return columns


def _check_same_registration(registered: Equipment, requested: tuple[str, str, str]) -> Equipment:
    """Return the registered machine if zone, table and time column are as requested.

    Raises:
        UsageError: They differ. Scored rows depend on them, so a registration is never changed.
    """
    # Name, area and unit are left out: no stored result depends on them.
    stored = (registered.time_zone, registered.table, registered.time_column)
    if stored != requested:
        message = (
            f"{registered.code!r} is already registered with {', '.join(stored)}; requested: {', '.join(requested)}"
        )
        raise UsageError(message)
    return registered
