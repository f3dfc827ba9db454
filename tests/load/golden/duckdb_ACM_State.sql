-- deleted
DELETE FROM "ACM_State"
WHERE "ACM_State"."EquipID" = ? AND "ACM_State"."AsOf" >= ? AND "ACM_State"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_State"."EquipID" = s."EquipID" AND "ACM_State"."AsOf" = s."AsOf")

-- replaced
DELETE FROM "ACM_State"
USING "stage_1" AS s
WHERE "ACM_State"."EquipID" = s."EquipID" AND "ACM_State"."AsOf" = s."AsOf"
  AND ("ACM_State"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_State"."ModelVersion" IS DISTINCT FROM s."ModelVersion" OR "ACM_State"."Blob" IS DISTINCT FROM s."Blob" OR "ACM_State"."Hash" IS DISTINCT FROM s."Hash")

-- inserted
INSERT INTO "ACM_State" ("RunID", "EquipID", "AsOf", "ModelVersion", "Blob", "Hash")
SELECT s."RunID", s."EquipID", s."AsOf", s."ModelVersion", s."Blob", s."Hash"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_State" WHERE "ACM_State"."EquipID" = s."EquipID" AND "ACM_State"."AsOf" = s."AsOf")
