"""Master data, independent of readings: machines, tags, settings, detectors and the schema version."""

from __future__ import annotations

from typing import get_args

from acm_etl.schema import Table, col
from acm_etl.tables.common import DETECTOR_NAMES, EQUIP_ID
from acm_etl.tables.detectors import DETECTORS
from acm_etl.words import Aggregate, Fill, QualityRule, SourceShape

# The time zone is a property of the machine: a store may hold plants on several continents.
EQUIPMENT = Table(
    "Equipment",
    "reference",
    "One row per machine",
    (
        EQUIP_ID,
        col("EquipCode", "str(100)", "Code of the machine in commands"),
        col("EquipName", "str(200)?", "Longer name"),
        col("Area", "str(100)?", "Plant area"),
        col("Unit", "str(100)?", "Plant unit"),
        col("TimeZone", "str(64)", "IANA time zone of the machine; local days are days of this zone"),
        col("HistorianTable", "str(128)", "Wide table with the readings of the machine"),
        col("TimeColumn", "str(128)", "Column of the historian table that holds the time of a reading, UTC"),
        col("CreatedAtUTC", "ts3", "When the machine was registered, UTC", volatile=True),
    ),
    key=("EquipID",),
    unique_keys=(("EquipCode",),),
)

# Tags are switched off and never deleted: results and models refer to them by name.
TAG_MAP = Table(
    "ACM_TagEquipmentMap",
    "reference",
    "One row per tag of a machine; a tag is a column of its historian table",
    (
        EQUIP_ID,
        col("TagName", "str(255)", "Column of the historian table"),
        col("EquipmentName", "str(100)", "EquipCode, repeated for V8 dashboards"),
        col("TagDescription", "str(500)?", "What the tag measures"),
        col("TagUnit", "str(50)?", "Unit of measurement"),
        col(
            "TagType",
            "str(50)?",
            "position, current, pressure, temperature, flow, power, vibration, displacement, digital, counter",
        ),
        col("IsActive", "bool", "Whether the tag is pulled and scored"),
        col("CreatedAt", "ts3", "When the tag was first seen, UTC", volatile=True),
    ),
    key=("EquipID", "TagName"),
    foreign_keys={"EquipID": "Equipment"},
)

# No reference to Equipment: EquipID 0 stands for all machines.
CONFIG = Table(
    "ACM_Config",
    "reference",
    "Settings of a machine that override the defaults (EquipID 0: settings of all machines)",
    (
        EQUIP_ID,
        col("ParamPath", "str(200)", "Dotted name of the setting, as in the TOML file"),
        col("ParamValue", "text", "Value as TOML text"),
        col("UpdatedAt", "ts3", "When the row was written, UTC", volatile=True),
        col("UpdatedBy", "str(100)?", "User who wrote the row", volatile=True),
    ),
    key=("EquipID", "ParamPath"),
)

# Numbered, because two changes may fall into one millisecond.
CONFIG_HISTORY = Table(
    "ACM_ConfigHistory",
    "reference",
    "One row per change of a setting in ACM_Config",
    (
        EQUIP_ID,
        col("ParamPath", "str(200)", "Dotted name of the setting"),
        col("Revision", "i32", "Number of the change, counted from 1 per machine and setting"),
        col("OldValue", "text?", "Value before the change; NULL if none was stored"),
        col("NewValue", "text", "Value after the change"),
        col("ChangedAt", "ts3", "Time of the change, UTC", volatile=True),
        col("ChangedBy", "str(100)?", "User who made the change", volatile=True),
        col("ChangeReason", "str(400)?", "Reason of the change", volatile=True),
    ),
    key=("EquipID", "ParamPath", "Revision"),
)

DETECTOR_METADATA = Table(
    "ACM_DetectorMetadata",
    "reference",
    "Purpose of each detector, and what an operator does when its score is high",
    (
        col("DetectorType", "str(50)", "Detector, as in every DetectorType", allowed_values=DETECTOR_NAMES),
        col("DetectorFamily", "str(50)", "The detector in capitals, as in ACM_SensorDefects.DetectorFamily"),
        col("ShortName", "str(50)", "Display name"),
        col("Explanation", "str(400)", "What the detector measures"),
        col("OperatorHint", "str(400)", "What to do when its score is high"),
    ),
    key=("DetectorType",),
    unique_keys=(("DetectorFamily",),),
    # Rows of a table, so that dashboards can join them; seed rows are written again whenever a text changes.
    seed_rows=tuple(
        (name, name.upper(), texts.short_name, texts.explanation, texts.operator_hint)
        for name, texts in DETECTORS.items()
    ),
)

# The URL of another server is not stored, only the variable that has it: URLs contain secrets.
SOURCES = Table(
    "ACM_Sources",
    "reference",
    "Declared sources: where the readings of a machine are; without a row, its wide table named in Equipment",
    (
        EQUIP_ID,
        col("ObjectName", "str(400)?", "Table or view of one to three parts; NULL with a query"),
        col("Query", "text?", "A single SELECT that returns the readings; NULL with a table or view"),
        col("UrlSetting", "str(128)?", "Environment variable with the URL of another server; NULL for this one"),
        col("Shape", "str(8)", "One column per tag, or one row per tag and time", allowed_values=get_args(SourceShape)),
        col("TimeColumn", "str(128)", "Column with the time of a reading"),
        col("Clock", "str(64)", "IANA zone of the times, UTC, offset (part of the type), epoch_s or epoch_ms"),
        col("TagColumn", "str(128)?", "Column with the name of the tag, of a long source"),
        col("ValueColumn", "str(128)?", "Column with the value, of a long source"),
        col("QualityColumn", "str(128)?", "Column with the quality of the value; NULL if there is none"),
        col(
            "QualityRule",
            "str(16)?",
            "How the quality is read",
            allowed_values=get_args(QualityRule),
        ),
        col("FilterColumn", "str(128)?", "Column that tells the machines of the source apart; NULL to take all rows"),
        col("FilterValue", "str(400)?", "Value of the filter column for this machine"),
        col("TagPatterns", "text?", "Tags to use, as a JSON list of patterns; NULL for all"),
        col("ExcludedPatterns", "text?", "Tags to leave out, as a JSON list of patterns; NULL for none"),
        col("EveryMs", "i64?", "Distance of the sampled readings, milliseconds; NULL to take raw readings"),
        col("Fill", "str(8)?", "Values between raw readings", allowed_values=get_args(Fill)),
        col("HoldMaxMs", "i64?", "Oldest value that is held, milliseconds"),
        col(
            "Aggregate",
            "str(8)?",
            "Value of several raw readings in one interval",
            allowed_values=get_args(Aggregate),
        ),
        col("UpdatedAt", "ts3", "Time of the declaration, UTC", volatile=True),
    ),
    key=("EquipID",),
    foreign_keys={"EquipID": "Equipment"},
)

# By script and hash: a changed text is applied again without a new version number.
SCHEMA_VERSION = Table(
    "ACM_SchemaVersion",
    "reference",
    "One row per schema script that was applied to this store",
    (
        col("Version", "i32", "Version of the schema; a program refuses a store with a newer version than its own"),
        col("Name", "str(100)", "Script name, as in the folder sql/"),
        col("Hash", "str(64)", "SHA-256 of the script; init applies a changed script again"),
        col("AppliedAt", "ts3", "When the script was last applied, UTC", volatile=True),
    ),
    key=("Version", "Name"),
)

TABLES = (EQUIPMENT, TAG_MAP, CONFIG, CONFIG_HISTORY, DETECTOR_METADATA, SOURCES, SCHEMA_VERSION)
