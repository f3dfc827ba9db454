"""What is known before any reading: machines, their tags, their settings."""

from __future__ import annotations

from acm_etl.schema import Table, col
from acm_etl.tables.common import EQUIP_ID

EQUIPMENT = Table(
    "Equipment",
    "reference",
    "One row per machine",
    (
        EQUIP_ID,
        col("EquipCode", "str(100)", "Code by which people and commands name the machine"),
        col("EquipName", "str(200)?", "Longer name"),
        col("Area", "str(100)?", "Plant area"),
        col("Unit", "str(100)?", "Plant unit"),
        col("TimeZone", "str(64)", "IANA time zone of the machine: its days are local days of this zone"),
        col("HistorianTable", "str(128)", "Wide table that holds its readings"),
        col("TimeColumn", "str(128)", "Column of the historian table that holds the time of a reading, UTC"),
        col("CreatedAtUTC", "ts3", "When the machine was registered, UTC", volatile=True),
    ),
    key=("EquipID",),
    unique=(("EquipCode",),),
)

TAG_MAP = Table(
    "ACM_TagEquipmentMap",
    "reference",
    "One row per tag of a machine: a column of its historian table",
    (
        EQUIP_ID,
        col("TagName", "str(255)", "Column of the historian table"),
        col("EquipmentName", "str(100)", "EquipCode, repeated for readers of V8's table"),
        col("TagDescription", "str(500)?", "What the tag measures"),
        col("TagUnit", "str(50)?", "Unit of measurement"),
        col("TagType", "str(50)?", "position, current, pressure, temperature, flow, power, vibration, displacement"),
        col("IsActive", "bool", "Whether the tag is pulled and scored"),
        col("CreatedAt", "ts3", "When the tag was first seen, UTC", volatile=True),
    ),
    key=("EquipID", "TagName"),
    foreign={"EquipID": "Equipment"},
)

CONFIG = Table(
    "ACM_Config",
    "reference",
    "Settings of one machine that override the defaults (EquipID 0: of all machines)",
    (
        EQUIP_ID,
        col("ParamPath", "str(200)", "Dotted name of the setting, as in the TOML file"),
        col("ParamValue", "text", "Value, as TOML writes it"),
        col("UpdatedAt", "ts3", "When the row was written, UTC", volatile=True),
        col("UpdatedBy", "str(100)?", "Who wrote it", volatile=True),
    ),
    key=("EquipID", "ParamPath"),
)

SCHEMA_VERSION = Table(
    "ACM_SchemaVersion",
    "reference",
    "One row per script of the schema that was applied to this store",
    (
        col("Version", "i32", "Version of the schema: a store of a newer one is refused"),
        col("Name", "str(100)", "Script, as in the folder sql/"),
        col("Hash", "str(64)", "SHA-256 of the script: a changed one is applied again"),
        col("AppliedAt", "ts3", "When it was applied last, UTC", volatile=True),
    ),
    key=("Version", "Name"),
)

TABLES = (EQUIPMENT, TAG_MAP, CONFIG, SCHEMA_VERSION)
