"""Machines and their tags, as the store knows them."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.load.clock import utc_now
from acm_etl.load.staging import UpsertCounts, upsert_frame
from acm_etl.tables.reference import EQUIPMENT, TAG_MAP

HISTORIAN_TABLE_SUFFIX = "_Data"
"""Historian tables are called after their machine: ``FD_FAN_Data``."""
TAG_TYPES = ("position", "current", "pressure", "temperature", "flow", "power", "vibration", "displacement")


@dataclass(frozen=True, slots=True)
class Equipment:
    """A machine; the fields are columns of the table Equipment."""

    equip_id: int
    code: str
    name: str | None
    area: str | None
    unit: str | None
    time_zone: str
    table: str
    time_column: str


#: Column types of a historian table that can be tags, in both engines' spelling.
_NUMERIC_TYPES = {
    "tinyint", "smallint", "integer", "int", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint",
    "uhugeint", "float", "real", "double", "decimal", "numeric", "money", "smallmoney", "boolean", "bit",
}  # fmt: skip
_EQUIPMENT_COLUMNS = ("EquipID", "EquipCode", "EquipName", "Area", "Unit", "TimeZone", "HistorianTable", "TimeColumn")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a machine: a column of its historian table."""

    name: str
    description: str | None = None
    unit: str | None = None
    type: str | None = None
    is_active: bool = True


def register_machine(
    engine: Engine,
    code: str,
    *,
    time_zone: str,
    table: str | None = None,
    time_column: str = "EntryDateTime",
    name: str | None = None,
    area: str | None = None,
    unit: str | None = None,
) -> Equipment:
    """Enter a machine under the next free id.

    Args:
        engine: The store.
        code: Any text of 1-100 characters.
        time_zone: IANA name; its days are the machine's days.
        table: Its historian table, ``<code>_Data`` unless given.
        time_column: Time of a reading in that table.
        name: Longer name.
        area: Plant area.
        unit: Plant unit.

    Raises:
        UsageError: The code is taken, empty or too long, or the time zone is unknown.
    """
    _validate_machine(code, time_zone)
    q, target = engine.dialect.quote, engine.dialect.quote(EQUIPMENT.name)
    columns = ", ".join(map(q, (*_EQUIPMENT_COLUMNS, "CreatedAtUTC")))
    values = [code, name, area, unit, time_zone, table or f"{code}{HISTORIAN_TABLE_SUFFIX}", time_column, utc_now()]
    with engine.transaction():
        added = engine.execute(
            f"INSERT INTO {target} ({columns})\n"
            # Ids are small numbers from 1: 0 stands for all machines in ACM_Config.
            f"SELECT COALESCE(MAX({q('EquipID')}), 0) + 1, {', '.join('?' * len(values))} FROM {target}\n"
            f"HAVING NOT EXISTS (SELECT 1 FROM {target} WHERE {q('EquipCode')} = ?)",
            [*values, code],
        )
    if not added:
        message = f"machine {code!r} is registered already; use it, or choose another code"
        raise UsageError(message)
    return find_machine(engine, code)


def find_machine(engine: Engine, code: str) -> Equipment:
    """The machine of this code.

    Raises:
        UsageError: There is none; the text lists those there are.
    """
    machines = read_machines(engine)
    found = next((machine for machine in machines if machine.code == code), None)
    if found is None:
        known = ", ".join(machine.code for machine in machines[:20]) or "none yet: import readings first"
        message = f"there is no machine {code!r}; known machines: {known}{', ...' if len(machines) > 20 else ''}"
        raise UsageError(message)
    return found


def read_machines(engine: Engine) -> list[Equipment]:
    """All registered machines, by code."""
    q = engine.dialect.quote
    columns = ", ".join(map(q, _EQUIPMENT_COLUMNS))
    rows = engine.query(f"SELECT {columns} FROM {q(EQUIPMENT.name)} ORDER BY {q('EquipCode')}")
    return [Equipment(*row) for row in rows.iter_rows()]


def find_unregistered_codes(engine: Engine) -> list[str]:
    """Codes of historian tables (``<code>_Data``) that belong to no registered machine."""
    taken = {machine.table for machine in read_machines(engine)}
    return [
        name.removesuffix(HISTORIAN_TABLE_SUFFIX)
        for name in engine.get_table_names()
        if name.endswith(HISTORIAN_TABLE_SUFFIX) and len(name) > len(HISTORIAN_TABLE_SUFFIX) and name not in taken
    ]


def read_tags(engine: Engine, equip_id: int) -> list[Tag]:
    """The tags of a machine, by name."""
    q = engine.dialect.quote
    columns = ", ".join(map(q, ("TagName", "TagDescription", "TagUnit", "TagType", "IsActive")))
    sql = f"SELECT {columns} FROM {q(TAG_MAP.name)} WHERE {q('EquipID')} = ? ORDER BY {q('TagName')}"
    return [Tag(*row) for row in engine.query(sql, [equip_id]).iter_rows()]


def upsert_tags(engine: Engine, machine: Equipment, new_tags: Iterable[Tag]) -> UpsertCounts:
    """Enter or change tags of a machine; others stay as they are."""
    rows = [
        {
            "EquipID": machine.equip_id,
            "TagName": tag.name,
            "EquipmentName": machine.code,
            "TagDescription": tag.description,
            "TagUnit": tag.unit,
            "TagType": tag.type,
            "IsActive": tag.is_active,
            "CreatedAt": utc_now(),
        }
        for tag in new_tags
    ]
    with engine.transaction():
        return upsert_frame(engine, TAG_MAP, pl.DataFrame(rows, schema=TAG_MAP.polars_schema))


def sync_tags(engine: Engine, machine: Equipment) -> tuple[list[str], list[str]]:
    """Enter the columns of numbers of the historian table as tags, and retire tags whose column is gone.

    Returns:
        Names of new tags and of retired ones.

    Raises:
        UsageError: The historian table does not exist or lacks its time column.
    """
    columns = engine.get_column_types(machine.table)
    if machine.time_column not in columns:
        message = f"historian table {machine.table!r} of {machine.code!r} has no column {machine.time_column!r}"
        raise UsageError(message if columns else f"historian table {machine.table!r} of {machine.code!r} is missing")
    present = [name for name, kind in columns.items() if name != machine.time_column and is_numeric_type(kind)]
    known = read_tags(engine, machine.equip_id)
    new = [name for name in present if name not in {tag.name for tag in known}]
    gone = [tag for tag in known if tag.is_active and tag.name not in present]
    retired = [Tag(tag.name, tag.description, tag.unit, tag.type, is_active=False) for tag in gone]
    if new or retired:
        upsert_tags(engine, machine, [*map(Tag, new), *retired])
    return new, [tag.name for tag in retired]


def is_numeric_type(sql_type: str) -> bool:
    """Whether a column of this database type can be a tag."""
    return sql_type.partition("(")[0].strip().lower() in _NUMERIC_TYPES


def is_naive_timestamp_type(sql_type: str) -> bool:
    """Whether a column of this database type can hold the times of readings: no zone, so that it is UTC."""
    name = sql_type.lower()
    return name.startswith(("timestamp", "datetime")) and "zone" not in name and "offset" not in name


def _validate_machine(code: str, time_zone: str) -> None:
    longest = EQUIPMENT.columns_by_name["EquipCode"].max_length or 0
    if not code.strip() or len(code) > longest:
        message = f"a machine's code has 1 to {longest} characters, not {len(code)}: {code[:40]!r}"
        raise UsageError(message)
    if time_zone not in zoneinfo.available_timezones():
        message = f"{time_zone!r} is no time zone; write an IANA name such as Europe/Berlin or UTC"
        raise UsageError(message)
