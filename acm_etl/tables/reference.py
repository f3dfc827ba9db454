"""What is known before any reading: machines, their tags, their settings."""

from __future__ import annotations

from acm_etl.schema import Table, col
from acm_etl.tables.common import DETECTOR_NAMES, EQUIP_ID

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
    unique_keys=(("EquipCode",),),
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
    foreign_keys={"EquipID": "Equipment"},
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

CONFIG_HISTORY = Table(
    "ACM_ConfigHistory",
    "reference",
    "One row per change of a setting in ACM_Config",
    (
        EQUIP_ID,
        col("ParamPath", "str(200)", "Dotted name of the setting"),
        col("Revision", "i32", "Counted from 1 per machine and setting"),
        col("OldValue", "text?", "Value before; NULL where the setting was not stored"),
        col("NewValue", "text", "Value from here on"),
        col("ChangedAt", "ts3", "When it was changed, UTC", volatile=True),
        col("ChangedBy", "str(100)?", "Who changed it", volatile=True),
        col("ChangeReason", "str(400)?", "Why", volatile=True),
    ),
    key=("EquipID", "ParamPath", "Revision"),
)

_DETECTOR_TEXTS = {
    "ar1_z": (
        "AR1",
        "One-step residuals of every tag against its own past, averaged: a tag that moves as it never did",
        "Look at the tag with the largest share; a sensor fault shows here first",
    ),
    "pca_spe_z": (
        "PCA SPE",
        "Squared distance to the plane of the principal components: tags no longer move together",
        "A relation between tags has changed: look at the contributions",
    ),
    "pca_t2_z": (
        "PCA T2",
        "Hotelling's T2 within the principal components: the machine is far from its usual operating points",
        "Often an unusual load: compare with the regime",
    ),
    "mhal_z": (
        "Mahalanobis",
        "Distance of the reading from the training mean, by the covariance of the tags",
        "The reading as a whole is unusual: look at the strongest sensors",
    ),
    "iforest_z": (
        "Isolation forest",
        "How few random splits tell the reading and its recent course from the training readings",
        "An unusual combination of level, spread and trend",
    ),
    "gmm_z": (
        "Gaussian mixture",
        "Negative log-likelihood under the mixture of operating points seen in training",
        "No known operating point is near: a new mode, or trouble between modes",
    ),
    "omr_z": (
        "OMR",
        "What each tag does that the others do not announce, averaged over recent readings",
        "Look at the tag with the largest share, and at its sensor",
    ),
    "mewma_z": (
        "MEWMA",
        "Multivariate moving average of the deviations: a lasting offset, however small",
        "Something has shifted and stays so: look for the start in the drift of the sensors",
    ),
}

DETECTOR_METADATA = Table(
    "ACM_DetectorMetadata",
    "reference",
    "What each detector head looks at, and what an operator does about it",
    (
        col("DetectorType", "str(50)", "Detector head, as in every DetectorType", allowed_values=DETECTOR_NAMES),
        col("DetectorFamily", "str(50)", "The same, as ACM_SensorDefects.DetectorFamily has it"),
        col("ShortName", "str(50)", "Name for people"),
        col("Explanation", "str(400)", "What it looks at"),
        col("OperatorHint", "str(400)", "What to do when it speaks"),
    ),
    key=("DetectorType",),
    unique_keys=(("DetectorFamily",),),
    seed_rows=tuple((head, head.upper(), *_DETECTOR_TEXTS[head]) for head in DETECTOR_NAMES),
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

TABLES = (EQUIPMENT, TAG_MAP, CONFIG, CONFIG_HISTORY, DETECTOR_METADATA, SCHEMA_VERSION)
