-- deleted
DELETE FROM "ACM_EpisodeCulprits"
WHERE "ACM_EpisodeCulprits"."EquipID" = ? AND "ACM_EpisodeCulprits"."StartTs" >= ? AND "ACM_EpisodeCulprits"."StartTs" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_EpisodeCulprits"."EquipID" = s."EquipID" AND "ACM_EpisodeCulprits"."StartTs" = s."StartTs" AND "ACM_EpisodeCulprits"."SensorName" = s."SensorName")

-- replaced
DELETE FROM "ACM_EpisodeCulprits"
USING "stage_1" AS s
WHERE "ACM_EpisodeCulprits"."EquipID" = s."EquipID" AND "ACM_EpisodeCulprits"."StartTs" = s."StartTs" AND "ACM_EpisodeCulprits"."SensorName" = s."SensorName"
  AND ("ACM_EpisodeCulprits"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_EpisodeCulprits"."Rank" IS DISTINCT FROM s."Rank" OR "ACM_EpisodeCulprits"."ContributionPct" IS DISTINCT FROM s."ContributionPct")

-- inserted
INSERT INTO "ACM_EpisodeCulprits" ("RunID", "EquipID", "StartTs", "SensorName", "Rank", "ContributionPct")
SELECT s."RunID", s."EquipID", s."StartTs", s."SensorName", s."Rank", s."ContributionPct"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_EpisodeCulprits" WHERE "ACM_EpisodeCulprits"."EquipID" = s."EquipID" AND "ACM_EpisodeCulprits"."StartTs" = s."StartTs" AND "ACM_EpisodeCulprits"."SensorName" = s."SensorName")
