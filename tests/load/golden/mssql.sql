-- Equipment: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [Equipment] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID]
WHEN MATCHED AND EXISTS (SELECT s.[EquipCode], s.[EquipName], s.[Area], s.[Unit], s.[TimeZone], s.[HistorianTable], s.[TimeColumn] EXCEPT SELECT t.[EquipCode], t.[EquipName], t.[Area], t.[Unit], t.[TimeZone], t.[HistorianTable], t.[TimeColumn])
  THEN UPDATE SET [EquipCode] = s.[EquipCode], [EquipName] = s.[EquipName], [Area] = s.[Area], [Unit] = s.[Unit], [TimeZone] = s.[TimeZone], [HistorianTable] = s.[HistorianTable], [TimeColumn] = s.[TimeColumn], [CreatedAtUTC] = s.[CreatedAtUTC]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [EquipCode], [EquipName], [Area], [Unit], [TimeZone], [HistorianTable], [TimeColumn], [CreatedAtUTC])
  VALUES (s.[EquipID], s.[EquipCode], s.[EquipName], s.[Area], s.[Unit], s.[TimeZone], s.[HistorianTable], s.[TimeColumn], s.[CreatedAtUTC])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_TagEquipmentMap: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_TagEquipmentMap] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[TagName] = s.[TagName]
WHEN MATCHED AND EXISTS (SELECT s.[EquipmentName], s.[TagDescription], s.[TagUnit], s.[TagType], s.[IsActive] EXCEPT SELECT t.[EquipmentName], t.[TagDescription], t.[TagUnit], t.[TagType], t.[IsActive])
  THEN UPDATE SET [EquipmentName] = s.[EquipmentName], [TagDescription] = s.[TagDescription], [TagUnit] = s.[TagUnit], [TagType] = s.[TagType], [IsActive] = s.[IsActive], [CreatedAt] = s.[CreatedAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [TagName], [EquipmentName], [TagDescription], [TagUnit], [TagType], [IsActive], [CreatedAt])
  VALUES (s.[EquipID], s.[TagName], s.[EquipmentName], s.[TagDescription], s.[TagUnit], s.[TagType], s.[IsActive], s.[CreatedAt])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Config: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Config] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ParamPath] = s.[ParamPath]
WHEN MATCHED AND EXISTS (SELECT s.[ParamValue] EXCEPT SELECT t.[ParamValue])
  THEN UPDATE SET [ParamValue] = s.[ParamValue], [UpdatedAt] = s.[UpdatedAt], [UpdatedBy] = s.[UpdatedBy]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [ParamPath], [ParamValue], [UpdatedAt], [UpdatedBy])
  VALUES (s.[EquipID], s.[ParamPath], s.[ParamValue], s.[UpdatedAt], s.[UpdatedBy])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_SchemaVersion: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_SchemaVersion] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[Version] = s.[Version] AND t.[Name] = s.[Name]
WHEN MATCHED AND EXISTS (SELECT s.[Hash] EXCEPT SELECT t.[Hash])
  THEN UPDATE SET [Hash] = s.[Hash], [AppliedAt] = s.[AppliedAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([Version], [Name], [Hash], [AppliedAt])
  VALUES (s.[Version], s.[Name], s.[Hash], s.[AppliedAt])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- RunLog: deleted
DELETE FROM [RunLog]
WHERE [RunLog].[EquipID] = ? AND [RunLog].[WindowStart] >= ? AND [RunLog].[WindowStart] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [RunLog].[RunID] = s.[RunID])
GO

-- RunLog: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [RunLog] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[RunID] = s.[RunID]
WHEN MATCHED AND EXISTS (SELECT s.[EquipID], s.[Stage], s.[WindowStart], s.[WindowEnd], s.[Outcome], s.[Provisional], s.[TickMinutes], s.[ModelVersion], s.[ConfigSignature], s.[RowsRead], s.[RowsWritten] EXCEPT SELECT t.[EquipID], t.[Stage], t.[WindowStart], t.[WindowEnd], t.[Outcome], t.[Provisional], t.[TickMinutes], t.[ModelVersion], t.[ConfigSignature], t.[RowsRead], t.[RowsWritten])
  THEN UPDATE SET [EquipID] = s.[EquipID], [Stage] = s.[Stage], [WindowStart] = s.[WindowStart], [WindowEnd] = s.[WindowEnd], [Outcome] = s.[Outcome], [Provisional] = s.[Provisional], [TickMinutes] = s.[TickMinutes], [ModelVersion] = s.[ModelVersion], [ConfigSignature] = s.[ConfigSignature], [RowsRead] = s.[RowsRead], [RowsWritten] = s.[RowsWritten], [Attempt] = s.[Attempt], [AttemptStartedAt] = s.[AttemptStartedAt], [StartedAt] = s.[StartedAt], [CompletedAt] = s.[CompletedAt], [ErrorMessage] = s.[ErrorMessage], [Holder] = s.[Holder], [Version] = s.[Version]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Stage], [WindowStart], [WindowEnd], [Outcome], [Provisional], [TickMinutes], [ModelVersion], [ConfigSignature], [RowsRead], [RowsWritten], [Attempt], [AttemptStartedAt], [StartedAt], [CompletedAt], [ErrorMessage], [Holder], [Version])
  VALUES (s.[RunID], s.[EquipID], s.[Stage], s.[WindowStart], s.[WindowEnd], s.[Outcome], s.[Provisional], s.[TickMinutes], s.[ModelVersion], s.[ConfigSignature], s.[RowsRead], s.[RowsWritten], s.[Attempt], s.[AttemptStartedAt], s.[StartedAt], s.[CompletedAt], s.[ErrorMessage], s.[Holder], s.[Version])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Runs: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Runs] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[RunID] = s.[RunID]
WHEN MATCHED AND EXISTS (SELECT s.[EquipID], s.[EquipName], s.[ConfigSignature], s.[TrainRowCount], s.[ScoreRowCount], s.[EpisodeCount], s.[HealthStatus], s.[AvgHealthIndex], s.[MinHealthIndex], s.[MaxFusedZ], s.[DataQualityScore], s.[RefitRequested], s.[ErrorMessage] EXCEPT SELECT t.[EquipID], t.[EquipName], t.[ConfigSignature], t.[TrainRowCount], t.[ScoreRowCount], t.[EpisodeCount], t.[HealthStatus], t.[AvgHealthIndex], t.[MinHealthIndex], t.[MaxFusedZ], t.[DataQualityScore], t.[RefitRequested], t.[ErrorMessage])
  THEN UPDATE SET [EquipID] = s.[EquipID], [EquipName] = s.[EquipName], [StartedAt] = s.[StartedAt], [CompletedAt] = s.[CompletedAt], [ConfigSignature] = s.[ConfigSignature], [TrainRowCount] = s.[TrainRowCount], [ScoreRowCount] = s.[ScoreRowCount], [EpisodeCount] = s.[EpisodeCount], [HealthStatus] = s.[HealthStatus], [AvgHealthIndex] = s.[AvgHealthIndex], [MinHealthIndex] = s.[MinHealthIndex], [MaxFusedZ] = s.[MaxFusedZ], [DataQualityScore] = s.[DataQualityScore], [RefitRequested] = s.[RefitRequested], [ErrorMessage] = s.[ErrorMessage], [CreatedAt] = s.[CreatedAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [EquipName], [StartedAt], [CompletedAt], [ConfigSignature], [TrainRowCount], [ScoreRowCount], [EpisodeCount], [HealthStatus], [AvgHealthIndex], [MinHealthIndex], [MaxFusedZ], [DataQualityScore], [RefitRequested], [ErrorMessage], [CreatedAt])
  VALUES (s.[RunID], s.[EquipID], s.[EquipName], s.[StartedAt], s.[CompletedAt], s.[ConfigSignature], s.[TrainRowCount], s.[ScoreRowCount], s.[EpisodeCount], s.[HealthStatus], s.[AvgHealthIndex], s.[MinHealthIndex], s.[MaxFusedZ], s.[DataQualityScore], s.[RefitRequested], s.[ErrorMessage], s.[CreatedAt])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RunErrors: deleted
DELETE FROM [ACM_RunErrors]
WHERE [ACM_RunErrors].[EquipID] = ? AND [ACM_RunErrors].[GroupStart] >= ? AND [ACM_RunErrors].[GroupStart] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RunErrors].[RunID] = s.[RunID] AND [ACM_RunErrors].[Attempt] = s.[Attempt])
GO

-- ACM_RunErrors: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RunErrors] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[RunID] = s.[RunID] AND t.[Attempt] = s.[Attempt]
WHEN MATCHED AND EXISTS (SELECT s.[EquipID], s.[GroupStart], s.[GroupEnd], s.[TableName], s.[ErrorType], s.[ErrorMessage] EXCEPT SELECT t.[EquipID], t.[GroupStart], t.[GroupEnd], t.[TableName], t.[ErrorType], t.[ErrorMessage])
  THEN UPDATE SET [EquipID] = s.[EquipID], [GroupStart] = s.[GroupStart], [GroupEnd] = s.[GroupEnd], [TableName] = s.[TableName], [ErrorType] = s.[ErrorType], [ErrorMessage] = s.[ErrorMessage], [OccurredAt] = s.[OccurredAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Attempt], [GroupStart], [GroupEnd], [TableName], [ErrorType], [ErrorMessage], [OccurredAt])
  VALUES (s.[RunID], s.[EquipID], s.[Attempt], s.[GroupStart], s.[GroupEnd], s.[TableName], s.[ErrorType], s.[ErrorMessage], s.[OccurredAt])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_WriteMetrics: deleted
DELETE FROM [ACM_WriteMetrics]
WHERE [ACM_WriteMetrics].[EquipID] = ? AND [ACM_WriteMetrics].[GroupStart] >= ? AND [ACM_WriteMetrics].[GroupStart] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_WriteMetrics].[EquipID] = s.[EquipID] AND [ACM_WriteMetrics].[RunID] = s.[RunID] AND [ACM_WriteMetrics].[TableName] = s.[TableName])
GO

-- ACM_WriteMetrics: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_WriteMetrics] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[RunID] = s.[RunID] AND t.[TableName] = s.[TableName]
WHEN MATCHED AND EXISTS (SELECT s.[GroupStart], s.[GroupEnd], s.[RowsStaged] EXCEPT SELECT t.[GroupStart], t.[GroupEnd], t.[RowsStaged])
  THEN UPDATE SET [GroupStart] = s.[GroupStart], [GroupEnd] = s.[GroupEnd], [RowsStaged] = s.[RowsStaged], [RowsInserted] = s.[RowsInserted], [RowsUpdated] = s.[RowsUpdated], [RowsDeleted] = s.[RowsDeleted], [Seconds] = s.[Seconds], [RowsPerSecond] = s.[RowsPerSecond]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [TableName], [GroupStart], [GroupEnd], [RowsStaged], [RowsInserted], [RowsUpdated], [RowsDeleted], [Seconds], [RowsPerSecond])
  VALUES (s.[RunID], s.[EquipID], s.[TableName], s.[GroupStart], s.[GroupEnd], s.[RowsStaged], s.[RowsInserted], s.[RowsUpdated], s.[RowsDeleted], s.[Seconds], s.[RowsPerSecond])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_DataQualityEvents: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_DataQualityEvents] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[RunID] = s.[RunID] AND t.[TableName] = s.[TableName] AND t.[ColumnName] = s.[ColumnName] AND t.[EventType] = s.[EventType]
WHEN MATCHED AND EXISTS (SELECT s.[EquipID], s.[AffectedRows], s.[SampleValues] EXCEPT SELECT t.[EquipID], t.[AffectedRows], t.[SampleValues])
  THEN UPDATE SET [EquipID] = s.[EquipID], [AffectedRows] = s.[AffectedRows], [SampleValues] = s.[SampleValues], [EventTime] = s.[EventTime]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [TableName], [ColumnName], [EventType], [AffectedRows], [SampleValues], [EventTime])
  VALUES (s.[RunID], s.[EquipID], s.[TableName], s.[ColumnName], s.[EventType], s.[AffectedRows], s.[SampleValues], s.[EventTime])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_ColdstartState: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_ColdstartState] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Stage] = s.[Stage]
WHEN MATCHED AND EXISTS (SELECT s.[Status], s.[AccumulatedRows], s.[RequiredRows], s.[DataStart], s.[DataEnd], s.[TrainEnd], s.[ModelVersion], s.[Reason] EXCEPT SELECT t.[Status], t.[AccumulatedRows], t.[RequiredRows], t.[DataStart], t.[DataEnd], t.[TrainEnd], t.[ModelVersion], t.[Reason])
  THEN UPDATE SET [Status] = s.[Status], [AccumulatedRows] = s.[AccumulatedRows], [RequiredRows] = s.[RequiredRows], [DataStart] = s.[DataStart], [DataEnd] = s.[DataEnd], [TrainEnd] = s.[TrainEnd], [ModelVersion] = s.[ModelVersion], [Reason] = s.[Reason], [RetryAfter] = s.[RetryAfter], [AttemptCount] = s.[AttemptCount], [FirstAttemptAt] = s.[FirstAttemptAt], [LastAttemptAt] = s.[LastAttemptAt], [CompletedAt] = s.[CompletedAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [Stage], [Status], [AccumulatedRows], [RequiredRows], [DataStart], [DataEnd], [TrainEnd], [ModelVersion], [Reason], [RetryAfter], [AttemptCount], [FirstAttemptAt], [LastAttemptAt], [CompletedAt])
  VALUES (s.[EquipID], s.[Stage], s.[Status], s.[AccumulatedRows], s.[RequiredRows], s.[DataStart], s.[DataEnd], s.[TrainEnd], s.[ModelVersion], s.[Reason], s.[RetryAfter], s.[AttemptCount], s.[FirstAttemptAt], s.[LastAttemptAt], s.[CompletedAt])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ModelRegistry: deleted
DELETE FROM [ModelRegistry]
WHERE [ModelRegistry].[EquipID] = ? AND [ModelRegistry].[HoldsFrom] >= ? AND [ModelRegistry].[HoldsFrom] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ModelRegistry].[EquipID] = s.[EquipID] AND [ModelRegistry].[ModelType] = s.[ModelType] AND [ModelRegistry].[Version] = s.[Version])
GO

-- ModelRegistry: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ModelRegistry] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ModelType] = s.[ModelType] AND t.[Version] = s.[Version]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[HoldsFrom], s.[TrainStart], s.[TrainEnd], s.[TrainRows], s.[Tags], s.[ParamsJSON], s.[LibrariesJSON], s.[ConfigSignature], s.[ModelBytes], s.[Hash] EXCEPT SELECT t.[RunID], t.[HoldsFrom], t.[TrainStart], t.[TrainEnd], t.[TrainRows], t.[Tags], t.[ParamsJSON], t.[LibrariesJSON], t.[ConfigSignature], t.[ModelBytes], t.[Hash])
  THEN UPDATE SET [RunID] = s.[RunID], [HoldsFrom] = s.[HoldsFrom], [TrainStart] = s.[TrainStart], [TrainEnd] = s.[TrainEnd], [TrainRows] = s.[TrainRows], [Tags] = s.[Tags], [ParamsJSON] = s.[ParamsJSON], [LibrariesJSON] = s.[LibrariesJSON], [ConfigSignature] = s.[ConfigSignature], [ModelBytes] = s.[ModelBytes], [Hash] = s.[Hash], [CreatedAt] = s.[CreatedAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [ModelType], [Version], [HoldsFrom], [TrainStart], [TrainEnd], [TrainRows], [Tags], [ParamsJSON], [LibrariesJSON], [ConfigSignature], [ModelBytes], [Hash], [CreatedAt])
  VALUES (s.[RunID], s.[EquipID], s.[ModelType], s.[Version], s.[HoldsFrom], s.[TrainStart], s.[TrainEnd], s.[TrainRows], s.[Tags], s.[ParamsJSON], s.[LibrariesJSON], s.[ConfigSignature], s.[ModelBytes], s.[Hash], s.[CreatedAt])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_State: deleted
DELETE FROM [ACM_State]
WHERE [ACM_State].[EquipID] = ? AND [ACM_State].[AsOf] >= ? AND [ACM_State].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_State].[EquipID] = s.[EquipID] AND [ACM_State].[AsOf] = s.[AsOf])
GO

-- ACM_State: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_State] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[ModelVersion], s.[Blob], s.[Hash] EXCEPT SELECT t.[RunID], t.[ModelVersion], t.[Blob], t.[Hash])
  THEN UPDATE SET [RunID] = s.[RunID], [ModelVersion] = s.[ModelVersion], [Blob] = s.[Blob], [Hash] = s.[Hash]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [ModelVersion], [Blob], [Hash])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[ModelVersion], s.[Blob], s.[Hash])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_BatchProgress: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_BatchProgress] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID]
WHEN MATCHED AND EXISTS (SELECT s.[LastBatchEndTime], s.[BatchesCompleted], s.[TickMinutes], s.[ConfigSignature], s.[ModelVersion], s.[ColdstartComplete], s.[DataMin], s.[DataMax] EXCEPT SELECT t.[LastBatchEndTime], t.[BatchesCompleted], t.[TickMinutes], t.[ConfigSignature], t.[ModelVersion], t.[ColdstartComplete], t.[DataMin], t.[DataMax])
  THEN UPDATE SET [LastBatchEndTime] = s.[LastBatchEndTime], [BatchesCompleted] = s.[BatchesCompleted], [TickMinutes] = s.[TickMinutes], [ConfigSignature] = s.[ConfigSignature], [ModelVersion] = s.[ModelVersion], [ColdstartComplete] = s.[ColdstartComplete], [DataMin] = s.[DataMin], [DataMax] = s.[DataMax], [UpdatedAt] = s.[UpdatedAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [LastBatchEndTime], [BatchesCompleted], [TickMinutes], [ConfigSignature], [ModelVersion], [ColdstartComplete], [DataMin], [DataMax], [UpdatedAt])
  VALUES (s.[EquipID], s.[LastBatchEndTime], s.[BatchesCompleted], s.[TickMinutes], s.[ConfigSignature], s.[ModelVersion], s.[ColdstartComplete], s.[DataMin], s.[DataMax], s.[UpdatedAt])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Scores_Wide: deleted
DELETE FROM [ACM_Scores_Wide]
WHERE [ACM_Scores_Wide].[EquipID] = ? AND [ACM_Scores_Wide].[Timestamp] >= ? AND [ACM_Scores_Wide].[Timestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_Scores_Wide].[EquipID] = s.[EquipID] AND [ACM_Scores_Wide].[Timestamp] = s.[Timestamp])
GO

-- ACM_Scores_Wide: merged
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
GO

-- ACM_HealthTimeline: deleted
DELETE FROM [ACM_HealthTimeline]
WHERE [ACM_HealthTimeline].[EquipID] = ? AND [ACM_HealthTimeline].[Timestamp] >= ? AND [ACM_HealthTimeline].[Timestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_HealthTimeline].[EquipID] = s.[EquipID] AND [ACM_HealthTimeline].[Timestamp] = s.[Timestamp])
GO

-- ACM_HealthTimeline: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_HealthTimeline] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Timestamp] = s.[Timestamp]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[HealthIndex], s.[HealthZone], s.[FusedZ] EXCEPT SELECT t.[RunID], t.[HealthIndex], t.[HealthZone], t.[FusedZ])
  THEN UPDATE SET [RunID] = s.[RunID], [HealthIndex] = s.[HealthIndex], [HealthZone] = s.[HealthZone], [FusedZ] = s.[FusedZ]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Timestamp], [HealthIndex], [HealthZone], [FusedZ])
  VALUES (s.[RunID], s.[EquipID], s.[Timestamp], s.[HealthIndex], s.[HealthZone], s.[FusedZ])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RegimeTimeline: deleted
DELETE FROM [ACM_RegimeTimeline]
WHERE [ACM_RegimeTimeline].[EquipID] = ? AND [ACM_RegimeTimeline].[Timestamp] >= ? AND [ACM_RegimeTimeline].[Timestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RegimeTimeline].[EquipID] = s.[EquipID] AND [ACM_RegimeTimeline].[Timestamp] = s.[Timestamp])
GO

-- ACM_RegimeTimeline: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RegimeTimeline] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Timestamp] = s.[Timestamp]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[RegimeLabel], s.[RegimeState], s.[OperatingState] EXCEPT SELECT t.[RunID], t.[RegimeLabel], t.[RegimeState], t.[OperatingState])
  THEN UPDATE SET [RunID] = s.[RunID], [RegimeLabel] = s.[RegimeLabel], [RegimeState] = s.[RegimeState], [OperatingState] = s.[OperatingState]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Timestamp], [RegimeLabel], [RegimeState], [OperatingState])
  VALUES (s.[RunID], s.[EquipID], s.[Timestamp], s.[RegimeLabel], s.[RegimeState], s.[OperatingState])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_ContributionTimeline: deleted
DELETE FROM [ACM_ContributionTimeline]
WHERE [ACM_ContributionTimeline].[EquipID] = ? AND [ACM_ContributionTimeline].[Timestamp] >= ? AND [ACM_ContributionTimeline].[Timestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_ContributionTimeline].[EquipID] = s.[EquipID] AND [ACM_ContributionTimeline].[Timestamp] = s.[Timestamp] AND [ACM_ContributionTimeline].[DetectorType] = s.[DetectorType])
GO

-- ACM_ContributionTimeline: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_ContributionTimeline] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Timestamp] = s.[Timestamp] AND t.[DetectorType] = s.[DetectorType]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[ContributionPct], s.[ZScore] EXCEPT SELECT t.[RunID], t.[ContributionPct], t.[ZScore])
  THEN UPDATE SET [RunID] = s.[RunID], [ContributionPct] = s.[ContributionPct], [ZScore] = s.[ZScore]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Timestamp], [DetectorType], [ContributionPct], [ZScore])
  VALUES (s.[RunID], s.[EquipID], s.[Timestamp], s.[DetectorType], s.[ContributionPct], s.[ZScore])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_SensorHotspotTimeline: deleted
DELETE FROM [ACM_SensorHotspotTimeline]
WHERE [ACM_SensorHotspotTimeline].[EquipID] = ? AND [ACM_SensorHotspotTimeline].[Timestamp] >= ? AND [ACM_SensorHotspotTimeline].[Timestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_SensorHotspotTimeline].[EquipID] = s.[EquipID] AND [ACM_SensorHotspotTimeline].[Timestamp] = s.[Timestamp] AND [ACM_SensorHotspotTimeline].[SensorName] = s.[SensorName])
GO

-- ACM_SensorHotspotTimeline: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_SensorHotspotTimeline] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Timestamp] = s.[Timestamp] AND t.[SensorName] = s.[SensorName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Rank], s.[AbsZ], s.[SignedZ], s.[Value], s.[Level] EXCEPT SELECT t.[RunID], t.[Rank], t.[AbsZ], t.[SignedZ], t.[Value], t.[Level])
  THEN UPDATE SET [RunID] = s.[RunID], [Rank] = s.[Rank], [AbsZ] = s.[AbsZ], [SignedZ] = s.[SignedZ], [Value] = s.[Value], [Level] = s.[Level]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Timestamp], [SensorName], [Rank], [AbsZ], [SignedZ], [Value], [Level])
  VALUES (s.[RunID], s.[EquipID], s.[Timestamp], s.[SensorName], s.[Rank], s.[AbsZ], s.[SignedZ], s.[Value], s.[Level])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Episodes: deleted
DELETE FROM [ACM_Episodes]
WHERE [ACM_Episodes].[EquipID] = ? AND [ACM_Episodes].[StartTs] >= ? AND [ACM_Episodes].[StartTs] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_Episodes].[EquipID] = s.[EquipID] AND [ACM_Episodes].[StartTs] = s.[StartTs])
GO

-- ACM_Episodes: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Episodes] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[StartTs] = s.[StartTs]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[EndTs], s.[Status], s.[DurationHours], s.[RecordCount], s.[PeakTimestamp], s.[PeakFusedZ], s.[AvgFusedZ], s.[MinHealthIndex], s.[Severity], s.[PrimaryDetector], s.[PrimarySensor], s.[Culprits], s.[RegimeLabel] EXCEPT SELECT t.[RunID], t.[EndTs], t.[Status], t.[DurationHours], t.[RecordCount], t.[PeakTimestamp], t.[PeakFusedZ], t.[AvgFusedZ], t.[MinHealthIndex], t.[Severity], t.[PrimaryDetector], t.[PrimarySensor], t.[Culprits], t.[RegimeLabel])
  THEN UPDATE SET [RunID] = s.[RunID], [EndTs] = s.[EndTs], [Status] = s.[Status], [DurationHours] = s.[DurationHours], [RecordCount] = s.[RecordCount], [PeakTimestamp] = s.[PeakTimestamp], [PeakFusedZ] = s.[PeakFusedZ], [AvgFusedZ] = s.[AvgFusedZ], [MinHealthIndex] = s.[MinHealthIndex], [Severity] = s.[Severity], [PrimaryDetector] = s.[PrimaryDetector], [PrimarySensor] = s.[PrimarySensor], [Culprits] = s.[Culprits], [RegimeLabel] = s.[RegimeLabel]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [StartTs], [EndTs], [Status], [DurationHours], [RecordCount], [PeakTimestamp], [PeakFusedZ], [AvgFusedZ], [MinHealthIndex], [Severity], [PrimaryDetector], [PrimarySensor], [Culprits], [RegimeLabel])
  VALUES (s.[RunID], s.[EquipID], s.[StartTs], s.[EndTs], s.[Status], s.[DurationHours], s.[RecordCount], s.[PeakTimestamp], s.[PeakFusedZ], s.[AvgFusedZ], s.[MinHealthIndex], s.[Severity], s.[PrimaryDetector], s.[PrimarySensor], s.[Culprits], s.[RegimeLabel])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_CulpritHistory: deleted
DELETE FROM [ACM_CulpritHistory]
WHERE [ACM_CulpritHistory].[EquipID] = ? AND [ACM_CulpritHistory].[StartTimestamp] >= ? AND [ACM_CulpritHistory].[StartTimestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_CulpritHistory].[EquipID] = s.[EquipID] AND [ACM_CulpritHistory].[StartTimestamp] = s.[StartTimestamp])
GO

-- ACM_CulpritHistory: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_CulpritHistory] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[StartTimestamp] = s.[StartTimestamp]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[EndTimestamp], s.[DurationHours], s.[PrimaryDetector], s.[PrimarySensor], s.[WeightedContribution], s.[LeadMeanZ], s.[DuringMeanZ], s.[LagMeanZ] EXCEPT SELECT t.[RunID], t.[EndTimestamp], t.[DurationHours], t.[PrimaryDetector], t.[PrimarySensor], t.[WeightedContribution], t.[LeadMeanZ], t.[DuringMeanZ], t.[LagMeanZ])
  THEN UPDATE SET [RunID] = s.[RunID], [EndTimestamp] = s.[EndTimestamp], [DurationHours] = s.[DurationHours], [PrimaryDetector] = s.[PrimaryDetector], [PrimarySensor] = s.[PrimarySensor], [WeightedContribution] = s.[WeightedContribution], [LeadMeanZ] = s.[LeadMeanZ], [DuringMeanZ] = s.[DuringMeanZ], [LagMeanZ] = s.[LagMeanZ]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [StartTimestamp], [EndTimestamp], [DurationHours], [PrimaryDetector], [PrimarySensor], [WeightedContribution], [LeadMeanZ], [DuringMeanZ], [LagMeanZ])
  VALUES (s.[RunID], s.[EquipID], s.[StartTimestamp], s.[EndTimestamp], s.[DurationHours], s.[PrimaryDetector], s.[PrimarySensor], s.[WeightedContribution], s.[LeadMeanZ], s.[DuringMeanZ], s.[LagMeanZ])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_EpisodeCulprits: deleted
DELETE FROM [ACM_EpisodeCulprits]
WHERE [ACM_EpisodeCulprits].[EquipID] = ? AND [ACM_EpisodeCulprits].[StartTs] >= ? AND [ACM_EpisodeCulprits].[StartTs] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_EpisodeCulprits].[EquipID] = s.[EquipID] AND [ACM_EpisodeCulprits].[StartTs] = s.[StartTs] AND [ACM_EpisodeCulprits].[SensorName] = s.[SensorName])
GO

-- ACM_EpisodeCulprits: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_EpisodeCulprits] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[StartTs] = s.[StartTs] AND t.[SensorName] = s.[SensorName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Rank], s.[ContributionPct] EXCEPT SELECT t.[RunID], t.[Rank], t.[ContributionPct])
  THEN UPDATE SET [RunID] = s.[RunID], [Rank] = s.[Rank], [ContributionPct] = s.[ContributionPct]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [StartTs], [SensorName], [Rank], [ContributionPct])
  VALUES (s.[RunID], s.[EquipID], s.[StartTs], s.[SensorName], s.[Rank], s.[ContributionPct])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_SensorDaily: deleted
DELETE FROM [ACM_SensorDaily]
WHERE [ACM_SensorDaily].[EquipID] = ? AND [ACM_SensorDaily].[AsOf] >= ? AND [ACM_SensorDaily].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_SensorDaily].[EquipID] = s.[EquipID] AND [ACM_SensorDaily].[AsOf] = s.[AsOf] AND [ACM_SensorDaily].[SensorName] = s.[SensorName])
GO

-- ACM_SensorDaily: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_SensorDaily] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[SensorName] = s.[SensorName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Readings], s.[Nulls], s.[LongestGap], s.[LongestFlat], s.[AboveWarnCount], s.[AboveAlertCount], s.[MaxTimestamp], s.[MaxSignedZ], s.[ValueAtPeak], s.[LatestTimestamp], s.[LatestSignedZ], s.[LatestValue] EXCEPT SELECT t.[RunID], t.[Readings], t.[Nulls], t.[LongestGap], t.[LongestFlat], t.[AboveWarnCount], t.[AboveAlertCount], t.[MaxTimestamp], t.[MaxSignedZ], t.[ValueAtPeak], t.[LatestTimestamp], t.[LatestSignedZ], t.[LatestValue])
  THEN UPDATE SET [RunID] = s.[RunID], [Readings] = s.[Readings], [Nulls] = s.[Nulls], [LongestGap] = s.[LongestGap], [LongestFlat] = s.[LongestFlat], [AboveWarnCount] = s.[AboveWarnCount], [AboveAlertCount] = s.[AboveAlertCount], [MaxTimestamp] = s.[MaxTimestamp], [MaxSignedZ] = s.[MaxSignedZ], [ValueAtPeak] = s.[ValueAtPeak], [LatestTimestamp] = s.[LatestTimestamp], [LatestSignedZ] = s.[LatestSignedZ], [LatestValue] = s.[LatestValue]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [SensorName], [Readings], [Nulls], [LongestGap], [LongestFlat], [AboveWarnCount], [AboveAlertCount], [MaxTimestamp], [MaxSignedZ], [ValueAtPeak], [LatestTimestamp], [LatestSignedZ], [LatestValue])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[SensorName], s.[Readings], s.[Nulls], s.[LongestGap], s.[LongestFlat], s.[AboveWarnCount], s.[AboveAlertCount], s.[MaxTimestamp], s.[MaxSignedZ], s.[ValueAtPeak], s.[LatestTimestamp], s.[LatestSignedZ], s.[LatestValue])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_SensorHotspots: deleted
DELETE FROM [ACM_SensorHotspots]
WHERE [ACM_SensorHotspots].[EquipID] = ? AND [ACM_SensorHotspots].[AsOf] >= ? AND [ACM_SensorHotspots].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_SensorHotspots].[EquipID] = s.[EquipID] AND [ACM_SensorHotspots].[AsOf] = s.[AsOf] AND [ACM_SensorHotspots].[SensorName] = s.[SensorName])
GO

-- ACM_SensorHotspots: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_SensorHotspots] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[SensorName] = s.[SensorName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[MaxTimestamp], s.[LatestTimestamp], s.[MaxAbsZ], s.[MaxSignedZ], s.[LatestAbsZ], s.[LatestSignedZ], s.[ValueAtPeak], s.[LatestValue], s.[TrainMean], s.[TrainStd], s.[AboveWarnCount], s.[AboveAlertCount] EXCEPT SELECT t.[RunID], t.[MaxTimestamp], t.[LatestTimestamp], t.[MaxAbsZ], t.[MaxSignedZ], t.[LatestAbsZ], t.[LatestSignedZ], t.[ValueAtPeak], t.[LatestValue], t.[TrainMean], t.[TrainStd], t.[AboveWarnCount], t.[AboveAlertCount])
  THEN UPDATE SET [RunID] = s.[RunID], [MaxTimestamp] = s.[MaxTimestamp], [LatestTimestamp] = s.[LatestTimestamp], [MaxAbsZ] = s.[MaxAbsZ], [MaxSignedZ] = s.[MaxSignedZ], [LatestAbsZ] = s.[LatestAbsZ], [LatestSignedZ] = s.[LatestSignedZ], [ValueAtPeak] = s.[ValueAtPeak], [LatestValue] = s.[LatestValue], [TrainMean] = s.[TrainMean], [TrainStd] = s.[TrainStd], [AboveWarnCount] = s.[AboveWarnCount], [AboveAlertCount] = s.[AboveAlertCount]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [SensorName], [MaxTimestamp], [LatestTimestamp], [MaxAbsZ], [MaxSignedZ], [LatestAbsZ], [LatestSignedZ], [ValueAtPeak], [LatestValue], [TrainMean], [TrainStd], [AboveWarnCount], [AboveAlertCount])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[SensorName], s.[MaxTimestamp], s.[LatestTimestamp], s.[MaxAbsZ], s.[MaxSignedZ], s.[LatestAbsZ], s.[LatestSignedZ], s.[ValueAtPeak], s.[LatestValue], s.[TrainMean], s.[TrainStd], s.[AboveWarnCount], s.[AboveAlertCount])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_DataQuality: deleted
DELETE FROM [ACM_DataQuality]
WHERE [ACM_DataQuality].[EquipID] = ? AND [ACM_DataQuality].[AsOf] >= ? AND [ACM_DataQuality].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_DataQuality].[EquipID] = s.[EquipID] AND [ACM_DataQuality].[AsOf] = s.[AsOf] AND [ACM_DataQuality].[SensorName] = s.[SensorName] AND [ACM_DataQuality].[CheckName] = s.[CheckName])
GO

-- ACM_DataQuality: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_DataQuality] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[SensorName] = s.[SensorName] AND t.[CheckName] = s.[CheckName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[CheckResult], s.[Readings], s.[Nulls], s.[NullPct], s.[LongestGap], s.[LongestFlat], s.[Notes] EXCEPT SELECT t.[RunID], t.[CheckResult], t.[Readings], t.[Nulls], t.[NullPct], t.[LongestGap], t.[LongestFlat], t.[Notes])
  THEN UPDATE SET [RunID] = s.[RunID], [CheckResult] = s.[CheckResult], [Readings] = s.[Readings], [Nulls] = s.[Nulls], [NullPct] = s.[NullPct], [LongestGap] = s.[LongestGap], [LongestFlat] = s.[LongestFlat], [Notes] = s.[Notes]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [SensorName], [CheckName], [CheckResult], [Readings], [Nulls], [NullPct], [LongestGap], [LongestFlat], [Notes])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[SensorName], s.[CheckName], s.[CheckResult], s.[Readings], s.[Nulls], s.[NullPct], s.[LongestGap], s.[LongestFlat], s.[Notes])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_DefectSummary: deleted
DELETE FROM [ACM_DefectSummary]
WHERE [ACM_DefectSummary].[EquipID] = ? AND [ACM_DefectSummary].[AsOf] >= ? AND [ACM_DefectSummary].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_DefectSummary].[EquipID] = s.[EquipID] AND [ACM_DefectSummary].[AsOf] = s.[AsOf])
GO

-- ACM_DefectSummary: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_DefectSummary] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Status], s.[Severity], s.[CurrentHealth], s.[AvgHealth], s.[MinHealth], s.[EpisodeCount], s.[WorstSensor], s.[GoodCount], s.[WatchCount], s.[AlertCount] EXCEPT SELECT t.[RunID], t.[Status], t.[Severity], t.[CurrentHealth], t.[AvgHealth], t.[MinHealth], t.[EpisodeCount], t.[WorstSensor], t.[GoodCount], t.[WatchCount], t.[AlertCount])
  THEN UPDATE SET [RunID] = s.[RunID], [Status] = s.[Status], [Severity] = s.[Severity], [CurrentHealth] = s.[CurrentHealth], [AvgHealth] = s.[AvgHealth], [MinHealth] = s.[MinHealth], [EpisodeCount] = s.[EpisodeCount], [WorstSensor] = s.[WorstSensor], [GoodCount] = s.[GoodCount], [WatchCount] = s.[WatchCount], [AlertCount] = s.[AlertCount]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [Status], [Severity], [CurrentHealth], [AvgHealth], [MinHealth], [EpisodeCount], [WorstSensor], [GoodCount], [WatchCount], [AlertCount])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[Status], s.[Severity], s.[CurrentHealth], s.[AvgHealth], s.[MinHealth], s.[EpisodeCount], s.[WorstSensor], s.[GoodCount], s.[WatchCount], s.[AlertCount])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_EpisodeMetrics: deleted
DELETE FROM [ACM_EpisodeMetrics]
WHERE [ACM_EpisodeMetrics].[EquipID] = ? AND [ACM_EpisodeMetrics].[AsOf] >= ? AND [ACM_EpisodeMetrics].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_EpisodeMetrics].[EquipID] = s.[EquipID] AND [ACM_EpisodeMetrics].[AsOf] = s.[AsOf])
GO

-- ACM_EpisodeMetrics: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_EpisodeMetrics] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[TotalEpisodes], s.[TotalDurationHours], s.[AvgDurationHours], s.[MedianDurationHours], s.[MaxDurationHours], s.[MinDurationHours], s.[RatePerDay], s.[MeanInterarrivalHours] EXCEPT SELECT t.[RunID], t.[TotalEpisodes], t.[TotalDurationHours], t.[AvgDurationHours], t.[MedianDurationHours], t.[MaxDurationHours], t.[MinDurationHours], t.[RatePerDay], t.[MeanInterarrivalHours])
  THEN UPDATE SET [RunID] = s.[RunID], [TotalEpisodes] = s.[TotalEpisodes], [TotalDurationHours] = s.[TotalDurationHours], [AvgDurationHours] = s.[AvgDurationHours], [MedianDurationHours] = s.[MedianDurationHours], [MaxDurationHours] = s.[MaxDurationHours], [MinDurationHours] = s.[MinDurationHours], [RatePerDay] = s.[RatePerDay], [MeanInterarrivalHours] = s.[MeanInterarrivalHours]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [TotalEpisodes], [TotalDurationHours], [AvgDurationHours], [MedianDurationHours], [MaxDurationHours], [MinDurationHours], [RatePerDay], [MeanInterarrivalHours])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[TotalEpisodes], s.[TotalDurationHours], s.[AvgDurationHours], s.[MedianDurationHours], s.[MaxDurationHours], s.[MinDurationHours], s.[RatePerDay], s.[MeanInterarrivalHours])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RegimeOccupancy: deleted
DELETE FROM [ACM_RegimeOccupancy]
WHERE [ACM_RegimeOccupancy].[EquipID] = ? AND [ACM_RegimeOccupancy].[AsOf] >= ? AND [ACM_RegimeOccupancy].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RegimeOccupancy].[EquipID] = s.[EquipID] AND [ACM_RegimeOccupancy].[AsOf] = s.[AsOf] AND [ACM_RegimeOccupancy].[RegimeLabel] = s.[RegimeLabel])
GO

-- ACM_RegimeOccupancy: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RegimeOccupancy] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[RegimeLabel] = s.[RegimeLabel]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[RecordCount], s.[Percentage] EXCEPT SELECT t.[RunID], t.[RecordCount], t.[Percentage])
  THEN UPDATE SET [RunID] = s.[RunID], [RecordCount] = s.[RecordCount], [Percentage] = s.[Percentage]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [RegimeLabel], [RecordCount], [Percentage])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[RegimeLabel], s.[RecordCount], s.[Percentage])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RegimeTransitions: deleted
DELETE FROM [ACM_RegimeTransitions]
WHERE [ACM_RegimeTransitions].[EquipID] = ? AND [ACM_RegimeTransitions].[AsOf] >= ? AND [ACM_RegimeTransitions].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RegimeTransitions].[EquipID] = s.[EquipID] AND [ACM_RegimeTransitions].[AsOf] = s.[AsOf] AND [ACM_RegimeTransitions].[FromLabel] = s.[FromLabel] AND [ACM_RegimeTransitions].[ToLabel] = s.[ToLabel])
GO

-- ACM_RegimeTransitions: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RegimeTransitions] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[FromLabel] = s.[FromLabel] AND t.[ToLabel] = s.[ToLabel]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Count], s.[Prob] EXCEPT SELECT t.[RunID], t.[Count], t.[Prob])
  THEN UPDATE SET [RunID] = s.[RunID], [Count] = s.[Count], [Prob] = s.[Prob]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [FromLabel], [ToLabel], [Count], [Prob])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[FromLabel], s.[ToLabel], s.[Count], s.[Prob])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_CalibrationSummary: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_CalibrationSummary] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ModelVersion] = s.[ModelVersion] AND t.[DetectorType] = s.[DetectorType] AND t.[OperatingState] = s.[OperatingState]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[CalibrationRows], s.[Pooled], s.[MeanZ], s.[StdZ], s.[P95Z], s.[P99Z], s.[ClipZ], s.[SaturationPct], s.[MahalCondNum] EXCEPT SELECT t.[RunID], t.[CalibrationRows], t.[Pooled], t.[MeanZ], t.[StdZ], t.[P95Z], t.[P99Z], t.[ClipZ], t.[SaturationPct], t.[MahalCondNum])
  THEN UPDATE SET [RunID] = s.[RunID], [CalibrationRows] = s.[CalibrationRows], [Pooled] = s.[Pooled], [MeanZ] = s.[MeanZ], [StdZ] = s.[StdZ], [P95Z] = s.[P95Z], [P99Z] = s.[P99Z], [ClipZ] = s.[ClipZ], [SaturationPct] = s.[SaturationPct], [MahalCondNum] = s.[MahalCondNum]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [ModelVersion], [DetectorType], [OperatingState], [CalibrationRows], [Pooled], [MeanZ], [StdZ], [P95Z], [P99Z], [ClipZ], [SaturationPct], [MahalCondNum])
  VALUES (s.[RunID], s.[EquipID], s.[ModelVersion], s.[DetectorType], s.[OperatingState], s.[CalibrationRows], s.[Pooled], s.[MeanZ], s.[StdZ], s.[P95Z], s.[P99Z], s.[ClipZ], s.[SaturationPct], s.[MahalCondNum])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_ModelTags: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_ModelTags] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ModelVersion] = s.[ModelVersion] AND t.[TagName] = s.[TagName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Ordinal], s.[Used], s.[Reason] EXCEPT SELECT t.[RunID], t.[Ordinal], t.[Used], t.[Reason])
  THEN UPDATE SET [RunID] = s.[RunID], [Ordinal] = s.[Ordinal], [Used] = s.[Used], [Reason] = s.[Reason]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [ModelVersion], [TagName], [Ordinal], [Used], [Reason])
  VALUES (s.[RunID], s.[EquipID], s.[ModelVersion], s.[TagName], s.[Ordinal], s.[Used], s.[Reason])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO
