"""Machines and their tags: the tables Equipment and ACM_TagEquipmentMap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass, replace

import polars as pl

from acm_etl.dialects.column_types import is_numeric_type
from acm_etl.dialects.parameters import join_placeholders
from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.load.clock import utc_now
from acm_etl.load.single_rows import join_equalities
from acm_etl.load.staging import UpsertCounts, upsert_frame
from acm_etl.local_time import list_time_zones
from acm_etl.tables.reference import EQUIPMENT, TAG_MAP
from acm_etl.words import HISTORIAN_TIME_COLUMN

HISTORIAN_TABLE_SUFFIX = "_Data"
"""Suffix of the default name of a historian table."""


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


# In the order of the fields of ``Equipment``.
_EQUIPMENT_COLUMNS = ("EquipID", "EquipCode", "EquipName", "Area", "Unit", "TimeZone", "HistorianTable", "TimeColumn")


_DESCRIPTION_COLUMNS = {"name": "EquipName", "area": "Area", "unit": "Unit"}


@dataclass(frozen=True, slots=True)
class MachineDescription:
    """Texts about a machine for people; None where one is not given.

    Attributes:
        name: Display name.
        area: Plant area, by which the fleet page filters.
        unit: Plant unit.
    """

    name: str | None = None
    area: str | None = None
    unit: str | None = None


NO_DESCRIPTION = MachineDescription()


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a machine: one numeric column of its historian table."""

    name: str
    description: str | None = None
    unit: str | None = None
    type: str | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class HistorianColumns:
    """Columns of a historian table.

    Attributes:
        time_type: Database type of the time column.
        numeric: Columns that can be tags.
        other: Columns that are neither the time nor numeric.
    """

    time_type: str
    numeric: list[str]
    other: list[str]


def register_machine(
    engine: Engine,
    code: str,
    *,
    time_zone: str,
    table: str | None = None,
    time_column: str = HISTORIAN_TIME_COLUMN,
    description: MachineDescription = NO_DESCRIPTION,
) -> Equipment:
    """Register a machine under the next free id.

    Args:
        engine: The store.
        code: Any text of 1-100 characters.
        time_zone: IANA name; daily summaries use the days of this zone.
        table: Historian table; ``<code>_Data`` by default.
        time_column: Column of that table with the time of a reading.
        description: Texts for people.

    Raises:
        UsageError: The code is taken, empty or too long, or the time zone is unknown.
    """
    table = table or historian_table_name(code)
    machine = Equipment(0, code, **asdict(description), time_zone=time_zone, table=table, time_column=time_column)
    # Nested transactions are refused, so callers register a machine before they open one.
    with engine.transaction():
        return insert_machine(engine, machine)


def insert_machine(engine: Engine, machine: Equipment) -> Equipment:
    """Register a machine inside the transaction of the caller; return the machine with the next free id.

    Raises:
        UsageError: The code is taken, empty or too long, or the time zone is unknown.
    """
    validate_machine(machine.code, machine.time_zone)
    values = [*astuple(machine)[1:], utc_now()]
    # One statement checks the code and takes the next id. Its locks make a second session wait, on servers where both
    # could read before either writes. Ids start at 1: in ACM_Config, 0 stands for all machines.
    sql = engine.dialect.sql(
        "INSERT INTO {Equipment} ({columns})\n"
        "SELECT COALESCE(MAX({EquipID}), 0) + 1, {values} FROM {Equipment}{locked}\n"
        "HAVING NOT EXISTS (SELECT 1 FROM {Equipment}{locked} WHERE {EquipCode} = ?)",
        columns=(*_EQUIPMENT_COLUMNS, "CreatedAtUTC"),
        values=join_placeholders(values),
        locked=engine.dialect.read_lock_hint,
    )
    if not engine.execute(sql, [*values, machine.code]):
        message = f"machine {machine.code!r} is registered already; use it, or choose another code"
        raise UsageError(message)
    return find_machine(engine, machine.code)


def change_description(engine: Engine, machine: Equipment, description: MachineDescription) -> Equipment:
    """Change the description of a machine, which no stored result depends on; return the machine as it is now.

    Texts that are None in the new description stay as they are stored.
    """
    changes = {_DESCRIPTION_COLUMNS[field]: text for field, text in asdict(description).items() if text is not None}
    if not changes:
        return machine
    sql = engine.dialect.sql(
        "UPDATE {Equipment} SET {changes} WHERE {EquipID} = ?", changes=join_equalities(engine, list(changes), ", ")
    )
    engine.execute(sql, [*changes.values(), machine.equip_id])
    return find_machine(engine, machine.code)


def historian_table_name(code: str) -> str:
    """Return the default name of the historian table of a machine: ``FD_FAN_Data`` for FD_FAN."""
    return f"{code}{HISTORIAN_TABLE_SUFFIX}"


def find_registered(engine: Engine, code: str) -> Equipment | None:
    """Return the machine with this code; None if it is not registered and can be.

    Raises:
        UsageError: The code differs from that of a machine in upper and lower case only.
    """
    # Compared here, not in SQL: SQL Server ignores trailing spaces when it compares texts.
    machines = {machine.code: machine for machine in read_machines(engine)}
    if code in machines:
        return machines[code]
    # Most databases and the file systems of Windows and macOS do not tell such names apart: the two machines would
    # share a table and a page of the report.
    if twin := next((name for name in machines if name.casefold() == code.casefold()), None):
        message = f"there is no machine {code!r}, but {twin!r}: codes must differ in more than upper and lower case"
        raise UsageError(message)
    return None


def find_machine(engine: Engine, code: str) -> Equipment:
    """Return the machine with this code.

    Raises:
        UsageError: No machine has this code; the text lists the registered codes.
    """
    return find_machines(engine, [code])[0]


def find_machines(engine: Engine, codes: Sequence[str]) -> list[Equipment]:
    """Return the machines of these codes, or all machines if there are no codes; each once, ordered by code.

    Raises:
        UsageError: No machine has one of the codes; the text lists the registered codes.
    """
    # The order of the store: output stays the same in whatever order codes are given.
    machines = read_machines(engine)
    registered = [machine.code for machine in machines]
    if unknown := [code for code in codes if code not in registered]:
        # Twenty codes fit a terminal; a plant may have thousands.
        known = ", ".join(registered[:20]) or "none yet: import readings first"
        more = ", ..." if len(registered) > 20 else ""
        message = f"there is no machine {', '.join(map(repr, unknown))}; known machines: {known}{more}"
        raise UsageError(message)
    return [machine for machine in machines if not codes or machine.code in codes]


def read_machines(engine: Engine) -> list[Equipment]:
    """Return all registered machines, ordered by code."""
    sql = engine.dialect.sql("SELECT {columns} FROM {Equipment} ORDER BY {EquipCode}", columns=_EQUIPMENT_COLUMNS)
    return [Equipment(*row) for row in engine.query(sql).iter_rows()]


def find_unregistered_codes(engine: Engine) -> list[str]:
    """Return the codes of the tables ``<code>_Data`` that belong to no registered machine."""
    # By table and not by code: a machine may have a table of another name.
    registered = {machine.table for machine in read_machines(engine)}
    return [
        name.removesuffix(HISTORIAN_TABLE_SUFFIX)
        for name in engine.get_table_names()
        if name.endswith(HISTORIAN_TABLE_SUFFIX) and len(name) > len(HISTORIAN_TABLE_SUFFIX) and name not in registered
    ]


def read_tags(engine: Engine, equip_id: int) -> list[Tag]:
    """Return the tags of a machine, ordered by name."""
    sql = engine.dialect.sql(
        # In the order of the fields of ``Tag``.
        "SELECT {TagName}, {TagDescription}, {TagUnit}, {TagType}, {IsActive}"
        " FROM {ACM_TagEquipmentMap} WHERE {EquipID} = ? ORDER BY {TagName}"
    )
    return [Tag(*row) for row in engine.query(sql, [equip_id]).iter_rows()]


def upsert_tags(engine: Engine, machine: Equipment, new_tags: Iterable[Tag]) -> UpsertCounts:
    """Insert or update tags of a machine inside the transaction of the caller; its other tags stay unchanged."""
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
    return upsert_frame(engine, TAG_MAP, pl.DataFrame(rows, schema=TAG_MAP.polars_schema))


def sync_tags(engine: Engine, machine: Equipment) -> tuple[list[str], list[str]]:
    """Add the numeric columns of the historian table as tags; deactivate the tags whose column is missing.

    It runs inside the transaction of the caller. Tags are never deleted: stored results and models refer to them by
    name.

    Returns:
        Names of the new tags, and names of the deactivated tags.

    Raises:
        UsageError: The historian table does not exist or lacks its time column.
    """
    present = read_historian_columns(engine, machine.table, machine.time_column).numeric
    stored = read_tags(engine, machine.equip_id)
    stored_names = {tag.name for tag in stored}
    new = [name for name in present if name not in stored_names]
    # A tag that a person switched off stays off when its column is there: only missing columns change anything.
    inactive = [replace(tag, is_active=False) for tag in stored if tag.is_active and tag.name not in present]
    # Called at every import and registration; usually nothing has changed.
    if new or inactive:
        upsert_tags(engine, machine, [*map(Tag, new), *inactive])
    return new, [tag.name for tag in inactive]


def read_historian_columns(engine: Engine, table: str, time_column: str) -> HistorianColumns:
    """Read the columns of a historian table.

    Raises:
        UsageError: The table does not exist or lacks the time column.
    """
    types = engine.get_column_types(table)
    if not types:
        tables = ", ".join(map(historian_table_name, find_unregistered_codes(engine))) or "none"
        message = (
            f"there is no table {table!r}; historian tables without a machine: {tables};"
            " register one with: acm-etl equipment add CODE --table NAME --timezone ZONE"
        )
        raise UsageError(message)
    if time_column not in types:
        message = f"{table!r} has no column {time_column!r}; use --time-column with one of: {', '.join(types)}"
        raise UsageError(message)
    # A numeric time column must not become a tag.
    time_type = types.pop(time_column)
    numeric = [name for name, sql_type in types.items() if is_numeric_type(sql_type)]
    return HistorianColumns(time_type, numeric, [name for name in types if name not in numeric])


def validate_machine(code: str, time_zone: str) -> None:
    """Check the code and the time zone of a machine.

    Raises:
        UsageError: The code is empty, too long or ends with a blank, or the time zone is unknown.
    """
    # From the declaration: SQL Server would refuse a longer code with an error that does not name the column.
    longest = EQUIPMENT.columns_by_name["EquipCode"].max_length or 0
    if not code.strip() or len(code) > longest:
        message = f"the code of a machine must have 1 to {longest} characters, not {len(code)}: {code[:40]!r}"
        raise UsageError(message)
    # SQL Server takes "FAN" and "FAN " for one machine, DuckDB for two.
    if code != code.rstrip():
        message = f"the code of a machine must not end with a blank: {code!r}"
        raise UsageError(message)
    # An exact name: on a file system that ignores case, ZoneInfo also takes names that fail on another computer.
    if time_zone not in list_time_zones():
        message = f"{time_zone!r} is not a time zone; use an IANA name such as Europe/Berlin or UTC"
        raise UsageError(message)
