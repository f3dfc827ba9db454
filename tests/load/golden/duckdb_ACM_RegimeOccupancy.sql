-- deleted
DELETE FROM "ACM_RegimeOccupancy"
WHERE "ACM_RegimeOccupancy"."EquipID" = ? AND "ACM_RegimeOccupancy"."AsOf" >= ? AND "ACM_RegimeOccupancy"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RegimeOccupancy"."EquipID" = s."EquipID" AND "ACM_RegimeOccupancy"."AsOf" = s."AsOf" AND "ACM_RegimeOccupancy"."RegimeLabel" = s."RegimeLabel")

-- replaced
DELETE FROM "ACM_RegimeOccupancy"
USING "stage_1" AS s
WHERE "ACM_RegimeOccupancy"."EquipID" = s."EquipID" AND "ACM_RegimeOccupancy"."AsOf" = s."AsOf" AND "ACM_RegimeOccupancy"."RegimeLabel" = s."RegimeLabel"
  AND ("ACM_RegimeOccupancy"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_RegimeOccupancy"."RecordCount" IS DISTINCT FROM s."RecordCount" OR "ACM_RegimeOccupancy"."Percentage" IS DISTINCT FROM s."Percentage")

-- inserted
INSERT INTO "ACM_RegimeOccupancy" ("RunID", "EquipID", "AsOf", "RegimeLabel", "RecordCount", "Percentage")
SELECT s."RunID", s."EquipID", s."AsOf", s."RegimeLabel", s."RecordCount", s."Percentage"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_RegimeOccupancy" WHERE "ACM_RegimeOccupancy"."EquipID" = s."EquipID" AND "ACM_RegimeOccupancy"."AsOf" = s."AsOf" AND "ACM_RegimeOccupancy"."RegimeLabel" = s."RegimeLabel")
