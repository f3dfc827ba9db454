-- deleted
DELETE FROM [ACM_Scores_Wide]
WHERE [ACM_Scores_Wide].[EquipID] = ? AND [ACM_Scores_Wide].[Timestamp] >= ? AND [ACM_Scores_Wide].[Timestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_Scores_Wide].[EquipID] = s.[EquipID] AND [ACM_Scores_Wide].[Timestamp] = s.[Timestamp])

-- merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Scores_Wide] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Timestamp] = s.[Timestamp]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Phase], s.[OperatingState], s.[ar1_z], s.[pca_spe_z], s.[pca_t2_z], s.[mhal_z], s.[iforest_z], s.[gmm_z], s.[omr_z], s.[mewma_z], s.[drift_z], s.[fused], s.[alarm], s.[regime_label], s.[ModelVersion] EXCEPT SELECT t.[RunID], t.[Phase], t.[OperatingState], t.[ar1_z], t.[pca_spe_z], t.[pca_t2_z], t.[mhal_z], t.[iforest_z], t.[gmm_z], t.[omr_z], t.[mewma_z], t.[drift_z], t.[fused], t.[alarm], t.[regime_label], t.[ModelVersion])
  THEN UPDATE SET [RunID] = s.[RunID], [Phase] = s.[Phase], [OperatingState] = s.[OperatingState], [ar1_z] = s.[ar1_z], [pca_spe_z] = s.[pca_spe_z], [pca_t2_z] = s.[pca_t2_z], [mhal_z] = s.[mhal_z], [iforest_z] = s.[iforest_z], [gmm_z] = s.[gmm_z], [omr_z] = s.[omr_z], [mewma_z] = s.[mewma_z], [drift_z] = s.[drift_z], [fused] = s.[fused], [alarm] = s.[alarm], [regime_label] = s.[regime_label], [ModelVersion] = s.[ModelVersion]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Timestamp], [Phase], [OperatingState], [ar1_z], [pca_spe_z], [pca_t2_z], [mhal_z], [iforest_z], [gmm_z], [omr_z], [mewma_z], [drift_z], [fused], [alarm], [regime_label], [ModelVersion])
  VALUES (s.[RunID], s.[EquipID], s.[Timestamp], s.[Phase], s.[OperatingState], s.[ar1_z], s.[pca_spe_z], s.[pca_t2_z], s.[mhal_z], s.[iforest_z], s.[gmm_z], s.[omr_z], s.[mewma_z], s.[drift_z], s.[fused], s.[alarm], s.[regime_label], s.[ModelVersion])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
