-- Rendered from acm_etl/tables, schema version 2: do not edit.

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

COMMENT ON COLUMN "Equipment"."EquipCode" IS 'Code of the machine in commands';

COMMENT ON COLUMN "Equipment"."EquipName" IS 'Longer name';

COMMENT ON COLUMN "Equipment"."Area" IS 'Plant area';

COMMENT ON COLUMN "Equipment"."Unit" IS 'Plant unit';

COMMENT ON COLUMN "Equipment"."TimeZone" IS 'IANA time zone of the machine; local days are days of this zone';

COMMENT ON COLUMN "Equipment"."HistorianTable" IS 'Wide table with the readings of the machine';

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

COMMENT ON TABLE "ACM_TagEquipmentMap" IS 'One row per tag of a machine; a tag is a column of its historian table';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."TagName" IS 'Column of the historian table';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."EquipmentName" IS 'EquipCode, repeated for V8 dashboards';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."TagDescription" IS 'What the tag measures';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."TagUnit" IS 'Unit of measurement';

COMMENT ON COLUMN "ACM_TagEquipmentMap"."TagType" IS 'position, current, pressure, temperature, flow, power, vibration, displacement, digital, counter';

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

COMMENT ON TABLE "ACM_Config" IS 'Settings of a machine that override the defaults (EquipID 0: settings of all machines)';

COMMENT ON COLUMN "ACM_Config"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_Config"."ParamPath" IS 'Dotted name of the setting, as in the TOML file';

COMMENT ON COLUMN "ACM_Config"."ParamValue" IS 'Value as TOML text';

COMMENT ON COLUMN "ACM_Config"."UpdatedAt" IS 'When the row was written, UTC';

COMMENT ON COLUMN "ACM_Config"."UpdatedBy" IS 'User who wrote the row';

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

COMMENT ON COLUMN "ACM_ConfigHistory"."Revision" IS 'Number of the change, counted from 1 per machine and setting';

COMMENT ON COLUMN "ACM_ConfigHistory"."OldValue" IS 'Value before the change; NULL if none was stored';

COMMENT ON COLUMN "ACM_ConfigHistory"."NewValue" IS 'Value after the change';

COMMENT ON COLUMN "ACM_ConfigHistory"."ChangedAt" IS 'Time of the change, UTC';

COMMENT ON COLUMN "ACM_ConfigHistory"."ChangedBy" IS 'User who made the change';

COMMENT ON COLUMN "ACM_ConfigHistory"."ChangeReason" IS 'Reason of the change';

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

COMMENT ON TABLE "ACM_DetectorMetadata" IS 'Purpose of each detector, and what an operator does when its score is high';

COMMENT ON COLUMN "ACM_DetectorMetadata"."DetectorType" IS 'Detector, as in every DetectorType';

COMMENT ON COLUMN "ACM_DetectorMetadata"."DetectorFamily" IS 'The detector in capitals, as in ACM_SensorDefects.DetectorFamily';

COMMENT ON COLUMN "ACM_DetectorMetadata"."ShortName" IS 'Display name';

COMMENT ON COLUMN "ACM_DetectorMetadata"."Explanation" IS 'What the detector measures';

COMMENT ON COLUMN "ACM_DetectorMetadata"."OperatorHint" IS 'What to do when its score is high';

DELETE FROM "ACM_DetectorMetadata";

INSERT INTO "ACM_DetectorMetadata" ("DetectorType", "DetectorFamily", "ShortName", "Explanation", "OperatorHint") VALUES
    ('ar1_z', 'AR1_Z', 'AR1', 'Mean one-step residual of every tag against its own past: a tag moves in a way not seen in training', 'Check the tag with the largest share; sensor faults appear here first'),
    ('pca_spe_z', 'PCA_SPE_Z', 'PCA SPE', 'Squared distance to the plane of the principal components: tags no longer move together as in training', 'A relation between tags has changed: check the tags with the largest contributions'),
    ('pca_t2_z', 'PCA_T2_Z', 'PCA T2', 'Hotelling''s T2 within the principal components: the machine is far from its usual operating points', 'Often an unusual load: compare with the operating regime'),
    ('mhal_z', 'MHAL_Z', 'Mahalanobis', 'Distance of the reading from the training mean, scaled by the covariance of the tags', 'The reading as a whole is unusual: check the sensors with the largest deviation'),
    ('iforest_z', 'IFOREST_Z', 'Isolation forest', 'How easily random splits isolate the reading and its recent course from the training data', 'An unusual combination of level, spread and trend'),
    ('gmm_z', 'GMM_Z', 'Gaussian mixture', 'Negative log-likelihood under the mixture of operating points seen in training', 'No known operating point is near: a new operating mode, or a fault during a change of mode'),
    ('omr_z', 'OMR_Z', 'OMR', 'Part of each tag that the other tags do not predict, averaged over recent readings', 'Check the tag with the largest share, and its sensor'),
    ('mewma_z', 'MEWMA_Z', 'MEWMA', 'Multivariate moving average of the deviations: a sustained offset, however small', 'A sustained shift: find its start in the drift of the sensors');

CREATE TABLE IF NOT EXISTS "ACM_Sources" (
    "EquipID" INTEGER NOT NULL,
    "ObjectName" VARCHAR NULL,
    "Query" VARCHAR NULL,
    "UrlSetting" VARCHAR NULL,
    "Shape" VARCHAR NOT NULL,
    "TimeColumn" VARCHAR NOT NULL,
    "Clock" VARCHAR NOT NULL,
    "TagColumn" VARCHAR NULL,
    "ValueColumn" VARCHAR NULL,
    "QualityColumn" VARCHAR NULL,
    "QualityRule" VARCHAR NULL,
    "FilterColumn" VARCHAR NULL,
    "FilterValue" VARCHAR NULL,
    "TagPatterns" VARCHAR NULL,
    "ExcludedPatterns" VARCHAR NULL,
    "EveryMs" BIGINT NULL,
    "Fill" VARCHAR NULL,
    "HoldMaxMs" BIGINT NULL,
    "Aggregate" VARCHAR NULL,
    "UpdatedAt" TIMESTAMP_MS NOT NULL,
    CONSTRAINT "PK_ACM_Sources" PRIMARY KEY ("EquipID"),
    CONSTRAINT "CK_ACM_Sources_ObjectName" CHECK (length("ObjectName") <= 400),
    CONSTRAINT "CK_ACM_Sources_UrlSetting" CHECK (length("UrlSetting") <= 128),
    CONSTRAINT "CK_ACM_Sources_Shape" CHECK ("Shape" IN ('wide', 'long')),
    CONSTRAINT "CK_ACM_Sources_TimeColumn" CHECK (length("TimeColumn") <= 128),
    CONSTRAINT "CK_ACM_Sources_Clock" CHECK (length("Clock") <= 64),
    CONSTRAINT "CK_ACM_Sources_TagColumn" CHECK (length("TagColumn") <= 128),
    CONSTRAINT "CK_ACM_Sources_ValueColumn" CHECK (length("ValueColumn") <= 128),
    CONSTRAINT "CK_ACM_Sources_QualityColumn" CHECK (length("QualityColumn") <= 128),
    CONSTRAINT "CK_ACM_Sources_QualityRule" CHECK ("QualityRule" IN ('opc', 'zero_good', 'one_good', 'percent', 'words')),
    CONSTRAINT "CK_ACM_Sources_FilterColumn" CHECK (length("FilterColumn") <= 128),
    CONSTRAINT "CK_ACM_Sources_FilterValue" CHECK (length("FilterValue") <= 400),
    CONSTRAINT "CK_ACM_Sources_Fill" CHECK ("Fill" IN ('hold', 'none')),
    CONSTRAINT "CK_ACM_Sources_Aggregate" CHECK ("Aggregate" IN ('last', 'mean', 'min', 'max'))
);

COMMENT ON TABLE "ACM_Sources" IS 'Declared sources: where the readings of a machine are; without a row, its wide table named in Equipment';

COMMENT ON COLUMN "ACM_Sources"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_Sources"."ObjectName" IS 'Table or view of one to three parts; NULL with a query';

COMMENT ON COLUMN "ACM_Sources"."Query" IS 'A single SELECT that returns the readings; NULL with a table or view';

COMMENT ON COLUMN "ACM_Sources"."UrlSetting" IS 'Environment variable with the URL of another server; NULL for this one';

COMMENT ON COLUMN "ACM_Sources"."Shape" IS 'One column per tag, or one row per tag and time';

COMMENT ON COLUMN "ACM_Sources"."TimeColumn" IS 'Column with the time of a reading';

COMMENT ON COLUMN "ACM_Sources"."Clock" IS 'IANA zone of the times, UTC, offset (part of the type), epoch_s or epoch_ms';

COMMENT ON COLUMN "ACM_Sources"."TagColumn" IS 'Column with the name of the tag, of a long source';

COMMENT ON COLUMN "ACM_Sources"."ValueColumn" IS 'Column with the value, of a long source';

COMMENT ON COLUMN "ACM_Sources"."QualityColumn" IS 'Column with the quality of the value; NULL if there is none';

COMMENT ON COLUMN "ACM_Sources"."QualityRule" IS 'How the quality is read';

COMMENT ON COLUMN "ACM_Sources"."FilterColumn" IS 'Column that tells the machines of the source apart; NULL to take all rows';

COMMENT ON COLUMN "ACM_Sources"."FilterValue" IS 'Value of the filter column for this machine';

COMMENT ON COLUMN "ACM_Sources"."TagPatterns" IS 'Tags to use, as a JSON list of patterns; NULL for all';

COMMENT ON COLUMN "ACM_Sources"."ExcludedPatterns" IS 'Tags to leave out, as a JSON list of patterns; NULL for none';

COMMENT ON COLUMN "ACM_Sources"."EveryMs" IS 'Distance of the sampled readings, milliseconds; NULL to take raw readings';

COMMENT ON COLUMN "ACM_Sources"."Fill" IS 'Values between raw readings';

COMMENT ON COLUMN "ACM_Sources"."HoldMaxMs" IS 'Oldest value that is held, milliseconds';

COMMENT ON COLUMN "ACM_Sources"."Aggregate" IS 'Value of several raw readings in one interval';

COMMENT ON COLUMN "ACM_Sources"."UpdatedAt" IS 'Time of the declaration, UTC';

CREATE TABLE IF NOT EXISTS "ACM_SchemaVersion" (
    "Version" INTEGER NOT NULL,
    "Name" VARCHAR NOT NULL,
    "Hash" VARCHAR NOT NULL,
    "AppliedAt" TIMESTAMP_MS NOT NULL,
    CONSTRAINT "PK_ACM_SchemaVersion" PRIMARY KEY ("Version", "Name"),
    CONSTRAINT "CK_ACM_SchemaVersion_Name" CHECK (length("Name") <= 100),
    CONSTRAINT "CK_ACM_SchemaVersion_Hash" CHECK (length("Hash") <= 64)
);

COMMENT ON TABLE "ACM_SchemaVersion" IS 'One row per schema script that was applied to this store';

COMMENT ON COLUMN "ACM_SchemaVersion"."Version" IS 'Version of the schema; a program refuses a store with a newer version than its own';

COMMENT ON COLUMN "ACM_SchemaVersion"."Name" IS 'Script name, as in the folder sql/';

COMMENT ON COLUMN "ACM_SchemaVersion"."Hash" IS 'SHA-256 of the script; init applies a changed script again';

COMMENT ON COLUMN "ACM_SchemaVersion"."AppliedAt" IS 'When the script was last applied, UTC';
