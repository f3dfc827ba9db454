-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version 1: do not edit.

CREATE TABLE IF NOT EXISTS "Equipment" (
    "EquipID" INTEGER NOT NULL,
    "EquipCode" VARCHAR NOT NULL,
    "EquipName" VARCHAR NULL,
    "Area" VARCHAR NULL,
    "Unit" VARCHAR NULL,
    "TimeZone" VARCHAR NOT NULL,
    "HistorianTable" VARCHAR NOT NULL,
    "TimeColumn" VARCHAR NOT NULL,
    "CreatedAtUTC" TIMESTAMP_MS NOT NULL,
    CONSTRAINT "PK_Equipment" PRIMARY KEY ("EquipID"),
    CONSTRAINT "UQ_Equipment_EquipCode" UNIQUE ("EquipCode"),
    CONSTRAINT "CK_Equipment_EquipCode" CHECK (length("EquipCode") <= 100),
    CONSTRAINT "CK_Equipment_EquipName" CHECK (length("EquipName") <= 200),
    CONSTRAINT "CK_Equipment_Area" CHECK (length("Area") <= 100),
    CONSTRAINT "CK_Equipment_Unit" CHECK (length("Unit") <= 100),
    CONSTRAINT "CK_Equipment_TimeZone" CHECK (length("TimeZone") <= 64),
    CONSTRAINT "CK_Equipment_HistorianTable" CHECK (length("HistorianTable") <= 128),
    CONSTRAINT "CK_Equipment_TimeColumn" CHECK (length("TimeColumn") <= 128)
);

COMMENT ON TABLE "Equipment" IS 'One row per machine';

COMMENT ON COLUMN "Equipment"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "Equipment"."EquipCode" IS 'Code by which people and commands name the machine';

COMMENT ON COLUMN "Equipment"."EquipName" IS 'Longer name';

COMMENT ON COLUMN "Equipment"."Area" IS 'Plant area';

COMMENT ON COLUMN "Equipment"."Unit" IS 'Plant unit';

COMMENT ON COLUMN "Equipment"."TimeZone" IS 'IANA time zone of the machine: its days are local days of this zone';

COMMENT ON COLUMN "Equipment"."HistorianTable" IS 'Wide table that holds its readings';

COMMENT ON COLUMN "Equipment"."TimeColumn" IS 'Column of the historian table that holds the time of a reading, UTC';

COMMENT ON COLUMN "Equipment"."CreatedAtUTC" IS 'When the machine was registered, UTC';

CREATE TABLE IF NOT EXISTS "ACM_TagEquipmentMap" (
    "EquipID" INTEGER NOT NULL,
    "TagName" VARCHAR NOT NULL,
    "EquipmentName" VARCHAR NOT NULL,
    "TagDescription" VARCHAR NULL,
    "TagUnit" VARCHAR NULL,
    "TagType" VARCHAR NULL,
    "IsActive" BOOLEAN NOT NULL,
    "CreatedAt" TIMESTAMP_MS NOT NULL,
    CONSTRAINT "PK_ACM_TagEquipmentMap" PRIMARY KEY ("EquipID", "TagName"),
    CONSTRAINT "CK_ACM_TagEquipmentMap_TagName" CHECK (length("TagName") <= 255),
    CONSTRAINT "CK_ACM_TagEquipmentMap_EquipmentName" CHECK (length("EquipmentName") <= 100),
    CONSTRAINT "CK_ACM_TagEquipmentMap_TagDescription" CHECK (length("TagDescription") <= 500),
    CONSTRAINT "CK_ACM_TagEquipmentMap_TagUnit" CHECK (length("TagUnit") <= 50),
    CONSTRAINT "CK_ACM_TagEquipmentMap_TagType" CHECK (length("TagType") <= 50)
);

COMMENT ON TABLE "ACM_TagEquipmentMap" IS 'One row per tag of a machine: a column of its historian table';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."TagName" IS 'Column of the historian table';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."EquipmentName" IS 'EquipCode, repeated for readers of V8''s table';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."TagDescription" IS 'What the tag measures';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."TagUnit" IS 'Unit of measurement';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."TagType" IS 'position, current, pressure, temperature, flow, power, vibration, displacement';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."IsActive" IS 'Whether the tag is pulled and scored';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."CreatedAt" IS 'When the tag was first seen, UTC';

CREATE TABLE IF NOT EXISTS "ACM_Config" (
    "EquipID" INTEGER NOT NULL,
    "ParamPath" VARCHAR NOT NULL,
    "ParamValue" VARCHAR NOT NULL,
    "UpdatedAt" TIMESTAMP_MS NOT NULL,
    "UpdatedBy" VARCHAR NULL,
    CONSTRAINT "PK_ACM_Config" PRIMARY KEY ("EquipID", "ParamPath"),
    CONSTRAINT "CK_ACM_Config_ParamPath" CHECK (length("ParamPath") <= 200),
    CONSTRAINT "CK_ACM_Config_UpdatedBy" CHECK (length("UpdatedBy") <= 100)
);

COMMENT ON TABLE "ACM_Config" IS 'Settings of one machine that override the defaults (EquipID 0: of all machines)';

COMMENT ON COLUMN "ACM_Config"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_Config"."ParamPath" IS 'Dotted name of the setting, as in the TOML file';

COMMENT ON COLUMN "ACM_Config"."ParamValue" IS 'Value, as TOML writes it';

COMMENT ON COLUMN "ACM_Config"."UpdatedAt" IS 'When the row was written, UTC';

COMMENT ON COLUMN "ACM_Config"."UpdatedBy" IS 'Who wrote it';

CREATE TABLE IF NOT EXISTS "ACM_SchemaVersion" (
    "Version" INTEGER NOT NULL,
    "Name" VARCHAR NOT NULL,
    "Hash" VARCHAR NOT NULL,
    "AppliedAt" TIMESTAMP_MS NOT NULL,
    CONSTRAINT "PK_ACM_SchemaVersion" PRIMARY KEY ("Version", "Name"),
    CONSTRAINT "CK_ACM_SchemaVersion_Name" CHECK (length("Name") <= 100),
    CONSTRAINT "CK_ACM_SchemaVersion_Hash" CHECK (length("Hash") <= 64)
);

COMMENT ON TABLE "ACM_SchemaVersion" IS 'One row per script of the schema that was applied to this store';

COMMENT ON COLUMN "ACM_SchemaVersion"."Version" IS 'Version of the schema: a store of a newer one is refused';

COMMENT ON COLUMN "ACM_SchemaVersion"."Name" IS 'Script, as in the folder sql/';

COMMENT ON COLUMN "ACM_SchemaVersion"."Hash" IS 'SHA-256 of the script: a changed one is applied again';

COMMENT ON COLUMN "ACM_SchemaVersion"."AppliedAt" IS 'When it was applied last, UTC';
