"""Stores of schema version 1, in which four views of today were tables."""

from __future__ import annotations

import re

# As version 1 declared them, without the CHECK constraints, which no statement of the migration meets.
OLD_TABLES = {
    "ACM_HealthTimeline": """CREATE TABLE "ACM_HealthTimeline" (
        "RunID" UUID NOT NULL, "EquipID" INTEGER NOT NULL, "Timestamp" TIMESTAMP_MS NOT NULL,
        "HealthIndex" DOUBLE NULL, "HealthZone" VARCHAR NULL, "FusedZ" DOUBLE NULL)""",
    "ACM_RegimeTimeline": """CREATE TABLE "ACM_RegimeTimeline" (
        "RunID" UUID NOT NULL, "EquipID" INTEGER NOT NULL, "Timestamp" TIMESTAMP_MS NOT NULL,
        "RegimeLabel" VARCHAR NULL, "RegimeState" VARCHAR NULL, "OperatingState" VARCHAR NULL)""",
    "ACM_CulpritHistory": """CREATE TABLE "ACM_CulpritHistory" (
        "RunID" UUID NOT NULL, "EquipID" INTEGER NOT NULL, "StartTimestamp" TIMESTAMP_MS NOT NULL,
        "EndTimestamp" TIMESTAMP_MS NOT NULL, "DurationHours" DOUBLE NOT NULL, "PrimaryDetector" VARCHAR NOT NULL,
        "PrimarySensor" VARCHAR NOT NULL, "WeightedContribution" DOUBLE NOT NULL, "LeadMeanZ" DOUBLE NULL,
        "DuringMeanZ" DOUBLE NOT NULL, "LagMeanZ" DOUBLE NULL,
        CONSTRAINT "PK_ACM_CulpritHistory" PRIMARY KEY ("EquipID", "StartTimestamp"))""",
    "ACM_RUL_TS": """CREATE TABLE "ACM_RUL_TS" (
        "RunID" UUID NOT NULL, "EquipID" INTEGER NOT NULL, "AsOf" TIMESTAMP_MS NOT NULL,
        "Timestamp" TIMESTAMP_MS NOT NULL, "HorizonHours" DOUBLE NOT NULL, "RUL_Hours" DOUBLE NOT NULL,
        "LowerBound" DOUBLE NULL, "UpperBound" DOUBLE NULL, "Confidence" DOUBLE NULL, "Method" VARCHAR NOT NULL,
        CONSTRAINT "PK_ACM_RUL_TS" PRIMARY KEY ("EquipID", "AsOf", "Timestamp"))""",
}
NEW_COLUMNS = {"ACM_Scores_Wide": ("HealthIndex",), "ACM_Episodes": ("LeadMeanZ", "LagMeanZ")}


OLD_COLUMNS = {name: re.findall(r'(?<!CONSTRAINT )"(\w+)" [A-Z]', sql) for name, sql in OLD_TABLES.items()}


def read_rows(engine, name):
    return engine.query(f'SELECT * FROM "{name}" ORDER BY 2, 3, 4')


def downgrade(engine):
    """Give a store the form of version 1; return the rows of the tables that version 2 replaces."""
    rows = {}
    for name, create in OLD_TABLES.items():
        rows[name] = read_rows(engine, name)
        engine.execute(f'CREATE TEMP TABLE "saved" AS SELECT * FROM "{name}"')
        engine.execute(f'DROP VIEW "{name}"')
        engine.execute(create)
        engine.execute(f'INSERT INTO "{name}" SELECT * FROM "saved"')
        engine.execute('DROP TABLE "saved"')
    for name, columns in NEW_COLUMNS.items():
        for column in columns:
            engine.execute(f'ALTER TABLE "{name}" DROP COLUMN "{column}"')
    engine.execute('UPDATE "ACM_SchemaVersion" SET "Version" = 1, "Hash" = \'old\'')
    engine.checkpoint_wal()
    return rows
