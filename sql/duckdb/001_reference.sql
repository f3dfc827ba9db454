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

CREATE TABLE IF NOT EXISTS "ACM_ConfigHistory" (
    "EquipID" INTEGER NOT NULL,
    "ParamPath" VARCHAR NOT NULL,
    "Revision" INTEGER NOT NULL,
    "OldValue" VARCHAR NULL,
    "NewValue" VARCHAR NOT NULL,
    "ChangedAt" TIMESTAMP_MS NOT NULL,
    "ChangedBy" VARCHAR NULL,
    "ChangeReason" VARCHAR NULL,
    CONSTRAINT "PK_ACM_ConfigHistory" PRIMARY KEY ("EquipID", "ParamPath", "Revision"),
    CONSTRAINT "CK_ACM_ConfigHistory_ParamPath" CHECK (length("ParamPath") <= 200),
    CONSTRAINT "CK_ACM_ConfigHistory_ChangedBy" CHECK (length("ChangedBy") <= 100),
    CONSTRAINT "CK_ACM_ConfigHistory_ChangeReason" CHECK (length("ChangeReason") <= 400)
);

COMMENT ON TABLE "ACM_ConfigHistory" IS 'One row per change of a setting in ACM_Config';

COMMENT ON COLUMN "ACM_ConfigHistory"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_ConfigHistory"."ParamPath" IS 'Dotted name of the setting';

COMMENT ON COLUMN "ACM_ConfigHistory"."Revision" IS 'Counted from 1 per machine and setting';

COMMENT ON COLUMN "ACM_ConfigHistory"."OldValue" IS 'Value before; NULL where the setting was not stored';

COMMENT ON COLUMN "ACM_ConfigHistory"."NewValue" IS 'Value from here on';

COMMENT ON COLUMN "ACM_ConfigHistory"."ChangedAt" IS 'When it was changed, UTC';

COMMENT ON COLUMN "ACM_ConfigHistory"."ChangedBy" IS 'Who changed it';

COMMENT ON COLUMN "ACM_ConfigHistory"."ChangeReason" IS 'Why';

CREATE TABLE IF NOT EXISTS "ACM_DetectorMetadata" (
    "DetectorType" VARCHAR NOT NULL,
    "DetectorFamily" VARCHAR NOT NULL,
    "ShortName" VARCHAR NOT NULL,
    "Explanation" VARCHAR NOT NULL,
    "OperatorHint" VARCHAR NOT NULL,
    CONSTRAINT "PK_ACM_DetectorMetadata" PRIMARY KEY ("DetectorType"),
    CONSTRAINT "UQ_ACM_DetectorMetadata_DetectorFamily" UNIQUE ("DetectorFamily"),
    CONSTRAINT "CK_ACM_DetectorMetadata_DetectorType" CHECK ("DetectorType" IN ('ar1_z', 'pca_spe_z', 'pca_t2_z', 'mhal_z', 'iforest_z', 'gmm_z', 'omr_z', 'mewma_z')),
    CONSTRAINT "CK_ACM_DetectorMetadata_DetectorFamily" CHECK (length("DetectorFamily") <= 50),
    CONSTRAINT "CK_ACM_DetectorMetadata_ShortName" CHECK (length("ShortName") <= 50),
    CONSTRAINT "CK_ACM_DetectorMetadata_Explanation" CHECK (length("Explanation") <= 400),
    CONSTRAINT "CK_ACM_DetectorMetadata_OperatorHint" CHECK (length("OperatorHint") <= 400)
);

COMMENT ON TABLE "ACM_DetectorMetadata" IS 'What each detector head looks at, and what an operator does about it';

COMMENT ON COLUMN "ACM_DetectorMetadata"."DetectorType" IS 'Detector head, as in every DetectorType';

COMMENT ON COLUMN "ACM_DetectorMetadata"."DetectorFamily" IS 'The same, as ACM_SensorDefects.DetectorFamily has it';

COMMENT ON COLUMN "ACM_DetectorMetadata"."ShortName" IS 'Name for people';

COMMENT ON COLUMN "ACM_DetectorMetadata"."Explanation" IS 'What it looks at';

COMMENT ON COLUMN "ACM_DetectorMetadata"."OperatorHint" IS 'What to do when it speaks';

DELETE FROM "ACM_DetectorMetadata";

INSERT INTO "ACM_DetectorMetadata" ("DetectorType", "DetectorFamily", "ShortName", "Explanation", "OperatorHint") VALUES
    ('ar1_z', 'AR1_Z', 'AR1', 'One-step residuals of every tag against its own past, averaged: a tag that moves as it never did', 'Look at the tag with the largest share; a sensor fault shows here first'),
    ('pca_spe_z', 'PCA_SPE_Z', 'PCA SPE', 'Squared distance to the plane of the principal components: tags no longer move together', 'A relation between tags has changed: look at the contributions'),
    ('pca_t2_z', 'PCA_T2_Z', 'PCA T2', 'Hotelling''s T2 within the principal components: the machine is far from its usual operating points', 'Often an unusual load: compare with the regime'),
    ('mhal_z', 'MHAL_Z', 'Mahalanobis', 'Distance of the reading from the training mean, by the covariance of the tags', 'The reading as a whole is unusual: look at the strongest sensors'),
    ('iforest_z', 'IFOREST_Z', 'Isolation forest', 'How few random splits tell the reading and its recent course from the training readings', 'An unusual combination of level, spread and trend'),
    ('gmm_z', 'GMM_Z', 'Gaussian mixture', 'Negative log-likelihood under the mixture of operating points seen in training', 'No known operating point is near: a new mode, or trouble between modes'),
    ('omr_z', 'OMR_Z', 'OMR', 'What each tag does that the others do not announce, averaged over recent readings', 'Look at the tag with the largest share, and at its sensor'),
    ('mewma_z', 'MEWMA_Z', 'MEWMA', 'Multivariate moving average of the deviations: a lasting offset, however small', 'Something has shifted and stays so: look for the start in the drift of the sensors');

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
