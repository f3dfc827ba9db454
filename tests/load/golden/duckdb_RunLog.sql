-- deleted
DELETE FROM "RunLog"
WHERE "RunLog"."EquipID" = ? AND "RunLog"."WindowStart" >= ? AND "RunLog"."WindowStart" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "RunLog"."RunID" = s."RunID")

-- replaced
DELETE FROM "RunLog"
USING "stage_1" AS s
WHERE "RunLog"."RunID" = s."RunID"
  AND ("RunLog"."EquipID" IS DISTINCT FROM s."EquipID" OR "RunLog"."Stage" IS DISTINCT FROM s."Stage" OR "RunLog"."WindowStart" IS DISTINCT FROM s."WindowStart" OR "RunLog"."WindowEnd" IS DISTINCT FROM s."WindowEnd" OR "RunLog"."Outcome" IS DISTINCT FROM s."Outcome" OR "RunLog"."Provisional" IS DISTINCT FROM s."Provisional" OR "RunLog"."TickMinutes" IS DISTINCT FROM s."TickMinutes" OR "RunLog"."ModelVersion" IS DISTINCT FROM s."ModelVersion" OR "RunLog"."ConfigSignature" IS DISTINCT FROM s."ConfigSignature" OR "RunLog"."RowsRead" IS DISTINCT FROM s."RowsRead" OR "RunLog"."RowsWritten" IS DISTINCT FROM s."RowsWritten")

-- inserted
INSERT INTO "RunLog" ("RunID", "EquipID", "Stage", "WindowStart", "WindowEnd", "Outcome", "Provisional", "TickMinutes", "ModelVersion", "ConfigSignature", "RowsRead", "RowsWritten", "Attempt", "AttemptStartedAt", "StartedAt", "CompletedAt", "ErrorMessage", "Holder", "Version")
SELECT s."RunID", s."EquipID", s."Stage", s."WindowStart", s."WindowEnd", s."Outcome", s."Provisional", s."TickMinutes", s."ModelVersion", s."ConfigSignature", s."RowsRead", s."RowsWritten", s."Attempt", s."AttemptStartedAt", s."StartedAt", s."CompletedAt", s."ErrorMessage", s."Holder", s."Version"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "RunLog" WHERE "RunLog"."RunID" = s."RunID")
