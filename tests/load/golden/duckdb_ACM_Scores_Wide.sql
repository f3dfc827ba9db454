-- deleted
DELETE FROM "ACM_Scores_Wide"
WHERE "ACM_Scores_Wide"."EquipID" = ? AND "ACM_Scores_Wide"."Timestamp" >= ? AND "ACM_Scores_Wide"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_Scores_Wide"."EquipID" = s."EquipID" AND "ACM_Scores_Wide"."Timestamp" = s."Timestamp")

-- replaced
DELETE FROM "ACM_Scores_Wide"
USING "stage_1" AS s
WHERE "ACM_Scores_Wide"."EquipID" = s."EquipID" AND "ACM_Scores_Wide"."Timestamp" = s."Timestamp" AND "ACM_Scores_Wide"."EquipID" = ? AND "ACM_Scores_Wide"."Timestamp" >= ? AND "ACM_Scores_Wide"."Timestamp" < ?
  AND ("ACM_Scores_Wide"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_Scores_Wide"."Phase" IS DISTINCT FROM s."Phase" OR "ACM_Scores_Wide"."OperatingState" IS DISTINCT FROM s."OperatingState" OR "ACM_Scores_Wide"."ar1_z" IS DISTINCT FROM s."ar1_z" OR "ACM_Scores_Wide"."pca_spe_z" IS DISTINCT FROM s."pca_spe_z" OR "ACM_Scores_Wide"."pca_t2_z" IS DISTINCT FROM s."pca_t2_z" OR "ACM_Scores_Wide"."mhal_z" IS DISTINCT FROM s."mhal_z" OR "ACM_Scores_Wide"."iforest_z" IS DISTINCT FROM s."iforest_z" OR "ACM_Scores_Wide"."gmm_z" IS DISTINCT FROM s."gmm_z" OR "ACM_Scores_Wide"."omr_z" IS DISTINCT FROM s."omr_z" OR "ACM_Scores_Wide"."mewma_z" IS DISTINCT FROM s."mewma_z" OR "ACM_Scores_Wide"."drift_z" IS DISTINCT FROM s."drift_z" OR "ACM_Scores_Wide"."fused" IS DISTINCT FROM s."fused" OR "ACM_Scores_Wide"."alarm" IS DISTINCT FROM s."alarm" OR "ACM_Scores_Wide"."regime_label" IS DISTINCT FROM s."regime_label" OR "ACM_Scores_Wide"."ModelVersion" IS DISTINCT FROM s."ModelVersion")

-- inserted
INSERT INTO "ACM_Scores_Wide" ("RunID", "EquipID", "Timestamp", "Phase", "OperatingState", "ar1_z", "pca_spe_z", "pca_t2_z", "mhal_z", "iforest_z", "gmm_z", "omr_z", "mewma_z", "drift_z", "fused", "alarm", "regime_label", "ModelVersion")
SELECT s."RunID", s."EquipID", s."Timestamp", s."Phase", s."OperatingState", s."ar1_z", s."pca_spe_z", s."pca_t2_z", s."mhal_z", s."iforest_z", s."gmm_z", s."omr_z", s."mewma_z", s."drift_z", s."fused", s."alarm", s."regime_label", s."ModelVersion"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_Scores_Wide" WHERE "ACM_Scores_Wide"."EquipID" = s."EquipID" AND "ACM_Scores_Wide"."Timestamp" = s."Timestamp" AND "ACM_Scores_Wide"."EquipID" = ? AND "ACM_Scores_Wide"."Timestamp" >= ? AND "ACM_Scores_Wide"."Timestamp" < ?)
