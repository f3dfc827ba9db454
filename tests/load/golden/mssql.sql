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
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
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
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
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
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_ConfigHistory: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_ConfigHistory] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ParamPath] = s.[ParamPath] AND t.[Revision] = s.[Revision]
WHEN MATCHED AND EXISTS (SELECT s.[OldValue], s.[NewValue] EXCEPT SELECT t.[OldValue], t.[NewValue])
  THEN UPDATE SET [OldValue] = s.[OldValue], [NewValue] = s.[NewValue], [ChangedAt] = s.[ChangedAt], [ChangedBy] = s.[ChangedBy], [ChangeReason] = s.[ChangeReason]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [ParamPath], [Revision], [OldValue], [NewValue], [ChangedAt], [ChangedBy], [ChangeReason])
  VALUES (s.[EquipID], s.[ParamPath], s.[Revision], s.[OldValue], s.[NewValue], s.[ChangedAt], s.[ChangedBy], s.[ChangeReason])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_DetectorMetadata: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_DetectorMetadata] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[DetectorType] = s.[DetectorType]
WHEN MATCHED AND EXISTS (SELECT s.[DetectorFamily], s.[ShortName], s.[Explanation], s.[OperatorHint] EXCEPT SELECT t.[DetectorFamily], t.[ShortName], t.[Explanation], t.[OperatorHint])
  THEN UPDATE SET [DetectorFamily] = s.[DetectorFamily], [ShortName] = s.[ShortName], [Explanation] = s.[Explanation], [OperatorHint] = s.[OperatorHint]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([DetectorType], [DetectorFamily], [ShortName], [Explanation], [OperatorHint])
  VALUES (s.[DetectorType], s.[DetectorFamily], s.[ShortName], s.[Explanation], s.[OperatorHint])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Sources: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Sources] WITH (HOLDLOCK, UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID]
WHEN MATCHED AND EXISTS (SELECT s.[ObjectName], s.[Query], s.[UrlSetting], s.[Shape], s.[TimeColumn], s.[Clock], s.[TagColumn], s.[ValueColumn], s.[QualityColumn], s.[QualityRule], s.[FilterColumn], s.[FilterValue], s.[TagPatterns], s.[ExcludedPatterns], s.[EveryMs], s.[Fill], s.[HoldMaxMs], s.[Aggregate] EXCEPT SELECT t.[ObjectName], t.[Query], t.[UrlSetting], t.[Shape], t.[TimeColumn], t.[Clock], t.[TagColumn], t.[ValueColumn], t.[QualityColumn], t.[QualityRule], t.[FilterColumn], t.[FilterValue], t.[TagPatterns], t.[ExcludedPatterns], t.[EveryMs], t.[Fill], t.[HoldMaxMs], t.[Aggregate])
  THEN UPDATE SET [ObjectName] = s.[ObjectName], [Query] = s.[Query], [UrlSetting] = s.[UrlSetting], [Shape] = s.[Shape], [TimeColumn] = s.[TimeColumn], [Clock] = s.[Clock], [TagColumn] = s.[TagColumn], [ValueColumn] = s.[ValueColumn], [QualityColumn] = s.[QualityColumn], [QualityRule] = s.[QualityRule], [FilterColumn] = s.[FilterColumn], [FilterValue] = s.[FilterValue], [TagPatterns] = s.[TagPatterns], [ExcludedPatterns] = s.[ExcludedPatterns], [EveryMs] = s.[EveryMs], [Fill] = s.[Fill], [HoldMaxMs] = s.[HoldMaxMs], [Aggregate] = s.[Aggregate], [UpdatedAt] = s.[UpdatedAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [ObjectName], [Query], [UrlSetting], [Shape], [TimeColumn], [Clock], [TagColumn], [ValueColumn], [QualityColumn], [QualityRule], [FilterColumn], [FilterValue], [TagPatterns], [ExcludedPatterns], [EveryMs], [Fill], [HoldMaxMs], [Aggregate], [UpdatedAt])
  VALUES (s.[EquipID], s.[ObjectName], s.[Query], s.[UrlSetting], s.[Shape], s.[TimeColumn], s.[Clock], s.[TagColumn], s.[ValueColumn], s.[QualityColumn], s.[QualityRule], s.[FilterColumn], s.[FilterValue], s.[TagPatterns], s.[ExcludedPatterns], s.[EveryMs], s.[Fill], s.[HoldMaxMs], s.[Aggregate], s.[UpdatedAt])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
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
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- RunLog: deleted
DELETE FROM [RunLog]
WHERE [RunLog].[EquipID] = ? AND [RunLog].[WindowStart] >= ? AND [RunLog].[WindowStart] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [RunLog].[RunID] = s.[RunID])
GO

-- RunLog: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [RunLog] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[RunID] = s.[RunID]
WHEN MATCHED AND EXISTS (SELECT s.[EquipID], s.[Stage], s.[WindowStart], s.[WindowEnd], s.[Outcome], s.[Provisional], s.[TickMinutes], s.[ModelVersion], s.[ConfigSignature], s.[RowsRead], s.[RowsWritten], s.[InputHash] EXCEPT SELECT t.[EquipID], t.[Stage], t.[WindowStart], t.[WindowEnd], t.[Outcome], t.[Provisional], t.[TickMinutes], t.[ModelVersion], t.[ConfigSignature], t.[RowsRead], t.[RowsWritten], t.[InputHash])
  THEN UPDATE SET [EquipID] = s.[EquipID], [Stage] = s.[Stage], [WindowStart] = s.[WindowStart], [WindowEnd] = s.[WindowEnd], [Outcome] = s.[Outcome], [Provisional] = s.[Provisional], [TickMinutes] = s.[TickMinutes], [ModelVersion] = s.[ModelVersion], [ConfigSignature] = s.[ConfigSignature], [RowsRead] = s.[RowsRead], [RowsWritten] = s.[RowsWritten], [InputHash] = s.[InputHash], [Attempt] = s.[Attempt], [AttemptStartedAt] = s.[AttemptStartedAt], [StartedAt] = s.[StartedAt], [CompletedAt] = s.[CompletedAt], [ErrorMessage] = s.[ErrorMessage], [Holder] = s.[Holder], [Version] = s.[Version]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Stage], [WindowStart], [WindowEnd], [Outcome], [Provisional], [TickMinutes], [ModelVersion], [ConfigSignature], [RowsRead], [RowsWritten], [InputHash], [Attempt], [AttemptStartedAt], [StartedAt], [CompletedAt], [ErrorMessage], [Holder], [Version])
  VALUES (s.[RunID], s.[EquipID], s.[Stage], s.[WindowStart], s.[WindowEnd], s.[Outcome], s.[Provisional], s.[TickMinutes], s.[ModelVersion], s.[ConfigSignature], s.[RowsRead], s.[RowsWritten], s.[InputHash], s.[Attempt], s.[AttemptStartedAt], s.[StartedAt], s.[CompletedAt], s.[ErrorMessage], s.[Holder], s.[Version])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Runs: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Runs] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[RunID] = s.[RunID]
WHEN MATCHED AND EXISTS (SELECT s.[EquipID], s.[EquipName], s.[ConfigSignature], s.[TrainRowCount], s.[ScoreRowCount], s.[EpisodeCount], s.[HealthStatus], s.[AvgHealthIndex], s.[MinHealthIndex], s.[MaxFusedZ], s.[DataQualityScore], s.[RefitRequested], s.[ErrorMessage] EXCEPT SELECT t.[EquipID], t.[EquipName], t.[ConfigSignature], t.[TrainRowCount], t.[ScoreRowCount], t.[EpisodeCount], t.[HealthStatus], t.[AvgHealthIndex], t.[MinHealthIndex], t.[MaxFusedZ], t.[DataQualityScore], t.[RefitRequested], t.[ErrorMessage])
  THEN UPDATE SET [EquipID] = s.[EquipID], [EquipName] = s.[EquipName], [StartedAt] = s.[StartedAt], [CompletedAt] = s.[CompletedAt], [ConfigSignature] = s.[ConfigSignature], [TrainRowCount] = s.[TrainRowCount], [ScoreRowCount] = s.[ScoreRowCount], [EpisodeCount] = s.[EpisodeCount], [HealthStatus] = s.[HealthStatus], [AvgHealthIndex] = s.[AvgHealthIndex], [MinHealthIndex] = s.[MinHealthIndex], [MaxFusedZ] = s.[MaxFusedZ], [DataQualityScore] = s.[DataQualityScore], [RefitRequested] = s.[RefitRequested], [ErrorMessage] = s.[ErrorMessage], [CreatedAt] = s.[CreatedAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [EquipName], [StartedAt], [CompletedAt], [ConfigSignature], [TrainRowCount], [ScoreRowCount], [EpisodeCount], [HealthStatus], [AvgHealthIndex], [MinHealthIndex], [MaxFusedZ], [DataQualityScore], [RefitRequested], [ErrorMessage], [CreatedAt])
  VALUES (s.[RunID], s.[EquipID], s.[EquipName], s.[StartedAt], s.[CompletedAt], s.[ConfigSignature], s.[TrainRowCount], s.[ScoreRowCount], s.[EpisodeCount], s.[HealthStatus], s.[AvgHealthIndex], s.[MinHealthIndex], s.[MaxFusedZ], s.[DataQualityScore], s.[RefitRequested], s.[ErrorMessage], s.[CreatedAt])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Run_Stats: deleted
DELETE FROM [ACM_Run_Stats]
WHERE [ACM_Run_Stats].[EquipID] = ? AND [ACM_Run_Stats].[WindowStartEntryDateTime] >= ? AND [ACM_Run_Stats].[WindowStartEntryDateTime] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_Run_Stats].[EquipID] = s.[EquipID] AND [ACM_Run_Stats].[RunID] = s.[RunID])
GO

-- ACM_Run_Stats: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Run_Stats] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[RunID] = s.[RunID]
WHEN MATCHED AND EXISTS (SELECT s.[WindowStartEntryDateTime], s.[WindowEndEntryDateTime], s.[SamplesIn], s.[SamplesKept], s.[SensorsKept], s.[CadenceOKPct], s.[DriftP95], s.[ReconRMSE], s.[AnomalyCount] EXCEPT SELECT t.[WindowStartEntryDateTime], t.[WindowEndEntryDateTime], t.[SamplesIn], t.[SamplesKept], t.[SensorsKept], t.[CadenceOKPct], t.[DriftP95], t.[ReconRMSE], t.[AnomalyCount])
  THEN UPDATE SET [WindowStartEntryDateTime] = s.[WindowStartEntryDateTime], [WindowEndEntryDateTime] = s.[WindowEndEntryDateTime], [SamplesIn] = s.[SamplesIn], [SamplesKept] = s.[SamplesKept], [SensorsKept] = s.[SensorsKept], [CadenceOKPct] = s.[CadenceOKPct], [DriftP95] = s.[DriftP95], [ReconRMSE] = s.[ReconRMSE], [AnomalyCount] = s.[AnomalyCount]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [WindowStartEntryDateTime], [WindowEndEntryDateTime], [SamplesIn], [SamplesKept], [SensorsKept], [CadenceOKPct], [DriftP95], [ReconRMSE], [AnomalyCount])
  VALUES (s.[RunID], s.[EquipID], s.[WindowStartEntryDateTime], s.[WindowEndEntryDateTime], s.[SamplesIn], s.[SamplesKept], s.[SensorsKept], s.[CadenceOKPct], s.[DriftP95], s.[ReconRMSE], s.[AnomalyCount])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RunErrors: deleted
DELETE FROM [ACM_RunErrors]
WHERE [ACM_RunErrors].[EquipID] = ? AND [ACM_RunErrors].[GroupStart] >= ? AND [ACM_RunErrors].[GroupStart] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RunErrors].[RunID] = s.[RunID] AND [ACM_RunErrors].[Attempt] = s.[Attempt])
GO

-- ACM_RunErrors: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RunErrors] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[RunID] = s.[RunID] AND t.[Attempt] = s.[Attempt]
WHEN MATCHED AND EXISTS (SELECT s.[EquipID], s.[GroupStart], s.[GroupEnd], s.[TableName], s.[ErrorType], s.[ErrorMessage] EXCEPT SELECT t.[EquipID], t.[GroupStart], t.[GroupEnd], t.[TableName], t.[ErrorType], t.[ErrorMessage])
  THEN UPDATE SET [EquipID] = s.[EquipID], [GroupStart] = s.[GroupStart], [GroupEnd] = s.[GroupEnd], [TableName] = s.[TableName], [ErrorType] = s.[ErrorType], [ErrorMessage] = s.[ErrorMessage], [OccurredAt] = s.[OccurredAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Attempt], [GroupStart], [GroupEnd], [TableName], [ErrorType], [ErrorMessage], [OccurredAt])
  VALUES (s.[RunID], s.[EquipID], s.[Attempt], s.[GroupStart], s.[GroupEnd], s.[TableName], s.[ErrorType], s.[ErrorMessage], s.[OccurredAt])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_WriteMetrics: deleted
DELETE FROM [ACM_WriteMetrics]
WHERE [ACM_WriteMetrics].[EquipID] = ? AND [ACM_WriteMetrics].[GroupStart] >= ? AND [ACM_WriteMetrics].[GroupStart] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_WriteMetrics].[EquipID] = s.[EquipID] AND [ACM_WriteMetrics].[RunID] = s.[RunID] AND [ACM_WriteMetrics].[TableName] = s.[TableName])
GO

-- ACM_WriteMetrics: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_WriteMetrics] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[RunID] = s.[RunID] AND t.[TableName] = s.[TableName]
WHEN MATCHED AND EXISTS (SELECT s.[GroupStart], s.[GroupEnd], s.[RowsStaged] EXCEPT SELECT t.[GroupStart], t.[GroupEnd], t.[RowsStaged])
  THEN UPDATE SET [GroupStart] = s.[GroupStart], [GroupEnd] = s.[GroupEnd], [RowsStaged] = s.[RowsStaged], [RowsInserted] = s.[RowsInserted], [RowsUpdated] = s.[RowsUpdated], [RowsDeleted] = s.[RowsDeleted], [Seconds] = s.[Seconds], [RowsPerSecond] = s.[RowsPerSecond]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [TableName], [GroupStart], [GroupEnd], [RowsStaged], [RowsInserted], [RowsUpdated], [RowsDeleted], [Seconds], [RowsPerSecond])
  VALUES (s.[RunID], s.[EquipID], s.[TableName], s.[GroupStart], s.[GroupEnd], s.[RowsStaged], s.[RowsInserted], s.[RowsUpdated], s.[RowsDeleted], s.[Seconds], s.[RowsPerSecond])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_DataQualityEvents: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_DataQualityEvents] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[RunID] = s.[RunID] AND t.[TableName] = s.[TableName] AND t.[ColumnName] = s.[ColumnName] AND t.[EventType] = s.[EventType]
WHEN MATCHED AND EXISTS (SELECT s.[EquipID], s.[AffectedRows], s.[SampleValues] EXCEPT SELECT t.[EquipID], t.[AffectedRows], t.[SampleValues])
  THEN UPDATE SET [EquipID] = s.[EquipID], [AffectedRows] = s.[AffectedRows], [SampleValues] = s.[SampleValues], [EventTime] = s.[EventTime]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [TableName], [ColumnName], [EventType], [AffectedRows], [SampleValues], [EventTime])
  VALUES (s.[RunID], s.[EquipID], s.[TableName], s.[ColumnName], s.[EventType], s.[AffectedRows], s.[SampleValues], s.[EventTime])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_ColdstartState: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_ColdstartState] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Stage] = s.[Stage]
WHEN MATCHED AND EXISTS (SELECT s.[Status], s.[AccumulatedRows], s.[RequiredRows], s.[DataStart], s.[DataEnd], s.[TrainEnd], s.[ModelVersion], s.[Reason], s.[PlannedEnd], s.[PlannedRows] EXCEPT SELECT t.[Status], t.[AccumulatedRows], t.[RequiredRows], t.[DataStart], t.[DataEnd], t.[TrainEnd], t.[ModelVersion], t.[Reason], t.[PlannedEnd], t.[PlannedRows])
  THEN UPDATE SET [Status] = s.[Status], [AccumulatedRows] = s.[AccumulatedRows], [RequiredRows] = s.[RequiredRows], [DataStart] = s.[DataStart], [DataEnd] = s.[DataEnd], [TrainEnd] = s.[TrainEnd], [ModelVersion] = s.[ModelVersion], [Reason] = s.[Reason], [RetryAfter] = s.[RetryAfter], [AttemptCount] = s.[AttemptCount], [FirstAttemptAt] = s.[FirstAttemptAt], [LastAttemptAt] = s.[LastAttemptAt], [CompletedAt] = s.[CompletedAt], [PlannedEnd] = s.[PlannedEnd], [PlannedRows] = s.[PlannedRows]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [Stage], [Status], [AccumulatedRows], [RequiredRows], [DataStart], [DataEnd], [TrainEnd], [ModelVersion], [Reason], [RetryAfter], [AttemptCount], [FirstAttemptAt], [LastAttemptAt], [CompletedAt], [PlannedEnd], [PlannedRows])
  VALUES (s.[EquipID], s.[Stage], s.[Status], s.[AccumulatedRows], s.[RequiredRows], s.[DataStart], s.[DataEnd], s.[TrainEnd], s.[ModelVersion], s.[Reason], s.[RetryAfter], s.[AttemptCount], s.[FirstAttemptAt], s.[LastAttemptAt], s.[CompletedAt], s.[PlannedEnd], s.[PlannedRows])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ModelRegistry: deleted
DELETE FROM [ModelRegistry]
WHERE [ModelRegistry].[EquipID] = ? AND [ModelRegistry].[HoldsFrom] >= ? AND [ModelRegistry].[HoldsFrom] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ModelRegistry].[EquipID] = s.[EquipID] AND [ModelRegistry].[ModelType] = s.[ModelType] AND [ModelRegistry].[Version] = s.[Version])
GO

-- ModelRegistry: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ModelRegistry] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ModelType] = s.[ModelType] AND t.[Version] = s.[Version]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[HoldsFrom], s.[TrainStart], s.[TrainEnd], s.[TrainRows], s.[Tags], s.[ParamsJSON], s.[LibrariesJSON], s.[ConfigSignature], s.[ModelBytes], s.[Hash], s.[Origin] EXCEPT SELECT t.[RunID], t.[HoldsFrom], t.[TrainStart], t.[TrainEnd], t.[TrainRows], t.[Tags], t.[ParamsJSON], t.[LibrariesJSON], t.[ConfigSignature], t.[ModelBytes], t.[Hash], t.[Origin])
  THEN UPDATE SET [RunID] = s.[RunID], [HoldsFrom] = s.[HoldsFrom], [TrainStart] = s.[TrainStart], [TrainEnd] = s.[TrainEnd], [TrainRows] = s.[TrainRows], [Tags] = s.[Tags], [ParamsJSON] = s.[ParamsJSON], [LibrariesJSON] = s.[LibrariesJSON], [ConfigSignature] = s.[ConfigSignature], [ModelBytes] = s.[ModelBytes], [Hash] = s.[Hash], [CreatedAt] = s.[CreatedAt], [Origin] = s.[Origin]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [ModelType], [Version], [HoldsFrom], [TrainStart], [TrainEnd], [TrainRows], [Tags], [ParamsJSON], [LibrariesJSON], [ConfigSignature], [ModelBytes], [Hash], [CreatedAt], [Origin])
  VALUES (s.[RunID], s.[EquipID], s.[ModelType], s.[Version], s.[HoldsFrom], s.[TrainStart], s.[TrainEnd], s.[TrainRows], s.[Tags], s.[ParamsJSON], s.[LibrariesJSON], s.[ConfigSignature], s.[ModelBytes], s.[Hash], s.[CreatedAt], s.[Origin])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_State: deleted
DELETE FROM [ACM_State]
WHERE [ACM_State].[EquipID] = ? AND [ACM_State].[AsOf] >= ? AND [ACM_State].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_State].[EquipID] = s.[EquipID] AND [ACM_State].[AsOf] = s.[AsOf])
GO

-- ACM_State: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_State] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[ModelVersion], s.[Blob], s.[Hash] EXCEPT SELECT t.[RunID], t.[ModelVersion], t.[Blob], t.[Hash])
  THEN UPDATE SET [RunID] = s.[RunID], [ModelVersion] = s.[ModelVersion], [Blob] = s.[Blob], [Hash] = s.[Hash]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [ModelVersion], [Blob], [Hash])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[ModelVersion], s.[Blob], s.[Hash])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RefitRequests: deleted
DELETE FROM [ACM_RefitRequests]
WHERE [ACM_RefitRequests].[EquipID] = ? AND [ACM_RefitRequests].[EffectiveFrom] >= ? AND [ACM_RefitRequests].[EffectiveFrom] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RefitRequests].[EquipID] = s.[EquipID] AND [ACM_RefitRequests].[RequestedAt] = s.[RequestedAt] AND [ACM_RefitRequests].[RequestedBy] = s.[RequestedBy])
GO

-- ACM_RefitRequests: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RefitRequests] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[RequestedAt] = s.[RequestedAt] AND t.[RequestedBy] = s.[RequestedBy]
WHEN MATCHED AND EXISTS (SELECT s.[Reason], s.[Status], s.[EffectiveFrom], s.[ModelVersion], s.[CheckedRows], s.[OldAlarmShare], s.[NewAlarmShare], s.[Message] EXCEPT SELECT t.[Reason], t.[Status], t.[EffectiveFrom], t.[ModelVersion], t.[CheckedRows], t.[OldAlarmShare], t.[NewAlarmShare], t.[Message])
  THEN UPDATE SET [Requester] = s.[Requester], [Reason] = s.[Reason], [Status] = s.[Status], [EffectiveFrom] = s.[EffectiveFrom], [AcknowledgedAt] = s.[AcknowledgedAt], [ModelVersion] = s.[ModelVersion], [CheckedRows] = s.[CheckedRows], [OldAlarmShare] = s.[OldAlarmShare], [NewAlarmShare] = s.[NewAlarmShare], [Message] = s.[Message]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [RequestedAt], [RequestedBy], [Requester], [Reason], [Status], [EffectiveFrom], [AcknowledgedAt], [ModelVersion], [CheckedRows], [OldAlarmShare], [NewAlarmShare], [Message])
  VALUES (s.[EquipID], s.[RequestedAt], s.[RequestedBy], s.[Requester], s.[Reason], s.[Status], s.[EffectiveFrom], s.[AcknowledgedAt], s.[ModelVersion], s.[CheckedRows], s.[OldAlarmShare], s.[NewAlarmShare], s.[Message])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Baselines: deleted
DELETE FROM [ACM_Baselines]
WHERE [ACM_Baselines].[EquipID] = ? AND [ACM_Baselines].[EffectiveFrom] >= ? AND [ACM_Baselines].[EffectiveFrom] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_Baselines].[EquipID] = s.[EquipID] AND [ACM_Baselines].[RequestedAt] = s.[RequestedAt])
GO

-- ACM_Baselines: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Baselines] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[RequestedAt] = s.[RequestedAt]
WHEN MATCHED AND EXISTS (SELECT s.[Requester], s.[Reason], s.[EffectiveFrom], s.[RequestedEnd], s.[Status], s.[TrainEnd], s.[TrainRows], s.[ModelVersion], s.[Message] EXCEPT SELECT t.[Requester], t.[Reason], t.[EffectiveFrom], t.[RequestedEnd], t.[Status], t.[TrainEnd], t.[TrainRows], t.[ModelVersion], t.[Message])
  THEN UPDATE SET [Requester] = s.[Requester], [Reason] = s.[Reason], [EffectiveFrom] = s.[EffectiveFrom], [RequestedEnd] = s.[RequestedEnd], [Status] = s.[Status], [TrainEnd] = s.[TrainEnd], [TrainRows] = s.[TrainRows], [ModelVersion] = s.[ModelVersion], [DecidedAt] = s.[DecidedAt], [Message] = s.[Message]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [RequestedAt], [Requester], [Reason], [EffectiveFrom], [RequestedEnd], [Status], [TrainEnd], [TrainRows], [ModelVersion], [DecidedAt], [Message])
  VALUES (s.[EquipID], s.[RequestedAt], s.[Requester], s.[Reason], s.[EffectiveFrom], s.[RequestedEnd], s.[Status], s.[TrainEnd], s.[TrainRows], s.[ModelVersion], s.[DecidedAt], s.[Message])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_BatchProgress: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_BatchProgress] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID]
WHEN MATCHED AND EXISTS (SELECT s.[LastBatchEndTime], s.[BatchesCompleted], s.[TickMinutes], s.[ConfigSignature], s.[ModelVersion], s.[ColdstartComplete], s.[DataMin], s.[DataMax], s.[TimeZone] EXCEPT SELECT t.[LastBatchEndTime], t.[BatchesCompleted], t.[TickMinutes], t.[ConfigSignature], t.[ModelVersion], t.[ColdstartComplete], t.[DataMin], t.[DataMax], t.[TimeZone])
  THEN UPDATE SET [LastBatchEndTime] = s.[LastBatchEndTime], [BatchesCompleted] = s.[BatchesCompleted], [TickMinutes] = s.[TickMinutes], [ConfigSignature] = s.[ConfigSignature], [ModelVersion] = s.[ModelVersion], [ColdstartComplete] = s.[ColdstartComplete], [DataMin] = s.[DataMin], [DataMax] = s.[DataMax], [TimeZone] = s.[TimeZone], [UpdatedAt] = s.[UpdatedAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [LastBatchEndTime], [BatchesCompleted], [TickMinutes], [ConfigSignature], [ModelVersion], [ColdstartComplete], [DataMin], [DataMax], [TimeZone], [UpdatedAt])
  VALUES (s.[EquipID], s.[LastBatchEndTime], s.[BatchesCompleted], s.[TickMinutes], s.[ConfigSignature], s.[ModelVersion], s.[ColdstartComplete], s.[DataMin], s.[DataMax], s.[TimeZone], s.[UpdatedAt])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_ReadingFingerprints: deleted
DELETE FROM [ACM_ReadingFingerprints]
WHERE [ACM_ReadingFingerprints].[EquipID] = ? AND [ACM_ReadingFingerprints].[Day] >= ? AND [ACM_ReadingFingerprints].[Day] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_ReadingFingerprints].[EquipID] = s.[EquipID] AND [ACM_ReadingFingerprints].[Day] = s.[Day])
GO

-- ACM_ReadingFingerprints: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_ReadingFingerprints] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Day] = s.[Day]
WHEN MATCHED AND EXISTS (SELECT s.[ReadingCount], s.[RowsHash], s.[HashProbe], s.[ModelVersion], s.[PresentCount] EXCEPT SELECT t.[ReadingCount], t.[RowsHash], t.[HashProbe], t.[ModelVersion], t.[PresentCount])
  THEN UPDATE SET [ReadingCount] = s.[ReadingCount], [RowsHash] = s.[RowsHash], [HashProbe] = s.[HashProbe], [ModelVersion] = s.[ModelVersion], [ScoredUntil] = s.[ScoredUntil], [PresentCount] = s.[PresentCount], [FoundAt] = s.[FoundAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [Day], [ReadingCount], [RowsHash], [HashProbe], [ModelVersion], [ScoredUntil], [PresentCount], [FoundAt])
  VALUES (s.[EquipID], s.[Day], s.[ReadingCount], s.[RowsHash], s.[HashProbe], s.[ModelVersion], s.[ScoredUntil], s.[PresentCount], s.[FoundAt])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_HistorianChecks: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_HistorianChecks] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID]
WHEN MATCHED AND EXISTS (SELECT s.[HistoryStart], s.[SkippedReadings] EXCEPT SELECT t.[HistoryStart], t.[SkippedReadings])
  THEN UPDATE SET [HistoryStart] = s.[HistoryStart], [SkippedReadings] = s.[SkippedReadings], [ComparedAt] = s.[ComparedAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [HistoryStart], [SkippedReadings], [ComparedAt])
  VALUES (s.[EquipID], s.[HistoryStart], s.[SkippedReadings], s.[ComparedAt])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_EpisodeNotes: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_EpisodeNotes] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[StartTs] = s.[StartTs] AND t.[NoteID] = s.[NoteID]
WHEN MATCHED AND EXISTS (SELECT s.[EndTs], s.[Action], s.[NoteText], s.[Label], s.[Severity], s.[CreatedAt], s.[CreatedBy] EXCEPT SELECT t.[EndTs], t.[Action], t.[NoteText], t.[Label], t.[Severity], t.[CreatedAt], t.[CreatedBy])
  THEN UPDATE SET [EndTs] = s.[EndTs], [Action] = s.[Action], [NoteText] = s.[NoteText], [Label] = s.[Label], [Severity] = s.[Severity], [CreatedAt] = s.[CreatedAt], [CreatedBy] = s.[CreatedBy]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [StartTs], [NoteID], [EndTs], [Action], [NoteText], [Label], [Severity], [CreatedAt], [CreatedBy])
  VALUES (s.[EquipID], s.[StartTs], s.[NoteID], s.[EndTs], s.[Action], s.[NoteText], s.[Label], s.[Severity], s.[CreatedAt], s.[CreatedBy])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Failures: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Failures] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[FailedAt] = s.[FailedAt]
WHEN MATCHED AND EXISTS (SELECT s.[Cause], s.[ImportedAt], s.[ImportedBy] EXCEPT SELECT t.[Cause], t.[ImportedAt], t.[ImportedBy])
  THEN UPDATE SET [Cause] = s.[Cause], [ImportedAt] = s.[ImportedAt], [ImportedBy] = s.[ImportedBy]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [FailedAt], [Cause], [ImportedAt], [ImportedBy])
  VALUES (s.[EquipID], s.[FailedAt], s.[Cause], s.[ImportedAt], s.[ImportedBy])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Notifications: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Notifications] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Event] = s.[Event] AND t.[EventKey] = s.[EventKey]
WHEN MATCHED AND EXISTS (SELECT s.[StartTs] EXCEPT SELECT t.[StartTs])
  THEN UPDATE SET [StartTs] = s.[StartTs], [EndTs] = s.[EndTs], [Severity] = s.[Severity], [PeakFusedZ] = s.[PeakFusedZ], [Detail] = s.[Detail], [RecordedAt] = s.[RecordedAt], [Attempts] = s.[Attempts], [LastAttemptAt] = s.[LastAttemptAt], [LastError] = s.[LastError], [SentTo] = s.[SentTo], [SentAt] = s.[SentAt]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EquipID], [Event], [EventKey], [StartTs], [EndTs], [Severity], [PeakFusedZ], [Detail], [RecordedAt], [Attempts], [LastAttemptAt], [LastError], [SentTo], [SentAt])
  VALUES (s.[EquipID], s.[Event], s.[EventKey], s.[StartTs], s.[EndTs], s.[Severity], s.[PeakFusedZ], s.[Detail], s.[RecordedAt], s.[Attempts], s.[LastAttemptAt], s.[LastError], s.[SentTo], s.[SentAt])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Scores_Wide: deleted
DELETE FROM [ACM_Scores_Wide]
WHERE [ACM_Scores_Wide].[EquipID] = ? AND [ACM_Scores_Wide].[Timestamp] >= ? AND [ACM_Scores_Wide].[Timestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_Scores_Wide].[EquipID] = s.[EquipID] AND [ACM_Scores_Wide].[Timestamp] = s.[Timestamp])
GO

-- ACM_Scores_Wide: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Scores_Wide] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Timestamp] = s.[Timestamp] AND t.[EquipID] = ? AND t.[Timestamp] >= ? AND t.[Timestamp] < ?
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Phase], s.[OperatingState], s.[ar1_z], s.[pca_spe_z], s.[pca_t2_z], s.[mhal_z], s.[iforest_z], s.[gmm_z], s.[omr_z], s.[mewma_z], s.[drift_z], s.[fused], s.[alarm], s.[regime_label], s.[ModelVersion], s.[HealthIndex] EXCEPT SELECT t.[RunID], t.[Phase], t.[OperatingState], t.[ar1_z], t.[pca_spe_z], t.[pca_t2_z], t.[mhal_z], t.[iforest_z], t.[gmm_z], t.[omr_z], t.[mewma_z], t.[drift_z], t.[fused], t.[alarm], t.[regime_label], t.[ModelVersion], t.[HealthIndex])
  THEN UPDATE SET [RunID] = s.[RunID], [Phase] = s.[Phase], [OperatingState] = s.[OperatingState], [ar1_z] = s.[ar1_z], [pca_spe_z] = s.[pca_spe_z], [pca_t2_z] = s.[pca_t2_z], [mhal_z] = s.[mhal_z], [iforest_z] = s.[iforest_z], [gmm_z] = s.[gmm_z], [omr_z] = s.[omr_z], [mewma_z] = s.[mewma_z], [drift_z] = s.[drift_z], [fused] = s.[fused], [alarm] = s.[alarm], [regime_label] = s.[regime_label], [ModelVersion] = s.[ModelVersion], [HealthIndex] = s.[HealthIndex]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Timestamp], [Phase], [OperatingState], [ar1_z], [pca_spe_z], [pca_t2_z], [mhal_z], [iforest_z], [gmm_z], [omr_z], [mewma_z], [drift_z], [fused], [alarm], [regime_label], [ModelVersion], [HealthIndex])
  VALUES (s.[RunID], s.[EquipID], s.[Timestamp], s.[Phase], s.[OperatingState], s.[ar1_z], s.[pca_spe_z], s.[pca_t2_z], s.[mhal_z], s.[iforest_z], s.[gmm_z], s.[omr_z], s.[mewma_z], s.[drift_z], s.[fused], s.[alarm], s.[regime_label], s.[ModelVersion], s.[HealthIndex])
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
MERGE INTO [ACM_ContributionTimeline] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Timestamp] = s.[Timestamp] AND t.[DetectorType] = s.[DetectorType] AND t.[EquipID] = ? AND t.[Timestamp] >= ? AND t.[Timestamp] < ?
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
MERGE INTO [ACM_SensorHotspotTimeline] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Timestamp] = s.[Timestamp] AND t.[SensorName] = s.[SensorName] AND t.[EquipID] = ? AND t.[Timestamp] >= ? AND t.[Timestamp] < ?
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Rank], s.[AbsZ], s.[SignedZ], s.[Value], s.[Level] EXCEPT SELECT t.[RunID], t.[Rank], t.[AbsZ], t.[SignedZ], t.[Value], t.[Level])
  THEN UPDATE SET [RunID] = s.[RunID], [Rank] = s.[Rank], [AbsZ] = s.[AbsZ], [SignedZ] = s.[SignedZ], [Value] = s.[Value], [Level] = s.[Level]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Timestamp], [SensorName], [Rank], [AbsZ], [SignedZ], [Value], [Level])
  VALUES (s.[RunID], s.[EquipID], s.[Timestamp], s.[SensorName], s.[Rank], s.[AbsZ], s.[SignedZ], s.[Value], s.[Level])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_SensorDrift: deleted
DELETE FROM [ACM_SensorDrift]
WHERE [ACM_SensorDrift].[EquipID] = ? AND [ACM_SensorDrift].[Timestamp] >= ? AND [ACM_SensorDrift].[Timestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_SensorDrift].[EquipID] = s.[EquipID] AND [ACM_SensorDrift].[Timestamp] = s.[Timestamp] AND [ACM_SensorDrift].[SensorName] = s.[SensorName])
GO

-- ACM_SensorDrift: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_SensorDrift] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Timestamp] = s.[Timestamp] AND t.[SensorName] = s.[SensorName] AND t.[EquipID] = ? AND t.[Timestamp] >= ? AND t.[Timestamp] < ?
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[DriftValue] EXCEPT SELECT t.[RunID], t.[DriftValue])
  THEN UPDATE SET [RunID] = s.[RunID], [DriftValue] = s.[DriftValue]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Timestamp], [SensorName], [DriftValue])
  VALUES (s.[RunID], s.[EquipID], s.[Timestamp], s.[SensorName], s.[DriftValue])
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
MERGE INTO [ACM_Episodes] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[StartTs] = s.[StartTs]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[EndTs], s.[Status], s.[DurationHours], s.[RecordCount], s.[PeakTimestamp], s.[PeakFusedZ], s.[AvgFusedZ], s.[MinHealthIndex], s.[Severity], s.[PrimaryDetector], s.[PrimarySensor], s.[Culprits], s.[RegimeLabel], s.[LeadMeanZ], s.[LagMeanZ], s.[OpenedBy], s.[ClosedBy] EXCEPT SELECT t.[RunID], t.[EndTs], t.[Status], t.[DurationHours], t.[RecordCount], t.[PeakTimestamp], t.[PeakFusedZ], t.[AvgFusedZ], t.[MinHealthIndex], t.[Severity], t.[PrimaryDetector], t.[PrimarySensor], t.[Culprits], t.[RegimeLabel], t.[LeadMeanZ], t.[LagMeanZ], t.[OpenedBy], t.[ClosedBy])
  THEN UPDATE SET [RunID] = s.[RunID], [EndTs] = s.[EndTs], [Status] = s.[Status], [DurationHours] = s.[DurationHours], [RecordCount] = s.[RecordCount], [PeakTimestamp] = s.[PeakTimestamp], [PeakFusedZ] = s.[PeakFusedZ], [AvgFusedZ] = s.[AvgFusedZ], [MinHealthIndex] = s.[MinHealthIndex], [Severity] = s.[Severity], [PrimaryDetector] = s.[PrimaryDetector], [PrimarySensor] = s.[PrimarySensor], [Culprits] = s.[Culprits], [RegimeLabel] = s.[RegimeLabel], [LeadMeanZ] = s.[LeadMeanZ], [LagMeanZ] = s.[LagMeanZ], [OpenedBy] = s.[OpenedBy], [ClosedBy] = s.[ClosedBy]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [StartTs], [EndTs], [Status], [DurationHours], [RecordCount], [PeakTimestamp], [PeakFusedZ], [AvgFusedZ], [MinHealthIndex], [Severity], [PrimaryDetector], [PrimarySensor], [Culprits], [RegimeLabel], [LeadMeanZ], [LagMeanZ], [OpenedBy], [ClosedBy])
  VALUES (s.[RunID], s.[EquipID], s.[StartTs], s.[EndTs], s.[Status], s.[DurationHours], s.[RecordCount], s.[PeakTimestamp], s.[PeakFusedZ], s.[AvgFusedZ], s.[MinHealthIndex], s.[Severity], s.[PrimaryDetector], s.[PrimarySensor], s.[Culprits], s.[RegimeLabel], s.[LeadMeanZ], s.[LagMeanZ], s.[OpenedBy], s.[ClosedBy])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_EpisodeCulprits: deleted
DELETE FROM [ACM_EpisodeCulprits]
WHERE [ACM_EpisodeCulprits].[EquipID] = ? AND [ACM_EpisodeCulprits].[StartTs] >= ? AND [ACM_EpisodeCulprits].[StartTs] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_EpisodeCulprits].[EquipID] = s.[EquipID] AND [ACM_EpisodeCulprits].[StartTs] = s.[StartTs] AND [ACM_EpisodeCulprits].[SensorName] = s.[SensorName])
GO

-- ACM_EpisodeCulprits: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_EpisodeCulprits] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[StartTs] = s.[StartTs] AND t.[SensorName] = s.[SensorName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Rank], s.[ContributionPct] EXCEPT SELECT t.[RunID], t.[Rank], t.[ContributionPct])
  THEN UPDATE SET [RunID] = s.[RunID], [Rank] = s.[Rank], [ContributionPct] = s.[ContributionPct]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [StartTs], [SensorName], [Rank], [ContributionPct])
  VALUES (s.[RunID], s.[EquipID], s.[StartTs], s.[SensorName], s.[Rank], s.[ContributionPct])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_ThresholdCrossings: deleted
DELETE FROM [ACM_ThresholdCrossings]
WHERE [ACM_ThresholdCrossings].[EquipID] = ? AND [ACM_ThresholdCrossings].[Timestamp] >= ? AND [ACM_ThresholdCrossings].[Timestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_ThresholdCrossings].[EquipID] = s.[EquipID] AND [ACM_ThresholdCrossings].[Timestamp] = s.[Timestamp] AND [ACM_ThresholdCrossings].[DetectorType] = s.[DetectorType])
GO

-- ACM_ThresholdCrossings: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_ThresholdCrossings] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Timestamp] = s.[Timestamp] AND t.[DetectorType] = s.[DetectorType]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Threshold], s.[ZScore], s.[Direction] EXCEPT SELECT t.[RunID], t.[Threshold], t.[ZScore], t.[Direction])
  THEN UPDATE SET [RunID] = s.[RunID], [Threshold] = s.[Threshold], [ZScore] = s.[ZScore], [Direction] = s.[Direction]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Timestamp], [DetectorType], [Threshold], [ZScore], [Direction])
  VALUES (s.[RunID], s.[EquipID], s.[Timestamp], s.[DetectorType], s.[Threshold], s.[ZScore], s.[Direction])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_DefectTimeline: deleted
DELETE FROM [ACM_DefectTimeline]
WHERE [ACM_DefectTimeline].[EquipID] = ? AND [ACM_DefectTimeline].[Timestamp] >= ? AND [ACM_DefectTimeline].[Timestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_DefectTimeline].[EquipID] = s.[EquipID] AND [ACM_DefectTimeline].[Timestamp] = s.[Timestamp])
GO

-- ACM_DefectTimeline: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_DefectTimeline] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[Timestamp] = s.[Timestamp]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[EventType], s.[FromZone], s.[ToZone], s.[HealthZone], s.[HealthAtEvent], s.[HealthIndex], s.[DefectScore], s.[FusedZ] EXCEPT SELECT t.[RunID], t.[EventType], t.[FromZone], t.[ToZone], t.[HealthZone], t.[HealthAtEvent], t.[HealthIndex], t.[DefectScore], t.[FusedZ])
  THEN UPDATE SET [RunID] = s.[RunID], [EventType] = s.[EventType], [FromZone] = s.[FromZone], [ToZone] = s.[ToZone], [HealthZone] = s.[HealthZone], [HealthAtEvent] = s.[HealthAtEvent], [HealthIndex] = s.[HealthIndex], [DefectScore] = s.[DefectScore], [FusedZ] = s.[FusedZ]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [Timestamp], [EventType], [FromZone], [ToZone], [HealthZone], [HealthAtEvent], [HealthIndex], [DefectScore], [FusedZ])
  VALUES (s.[RunID], s.[EquipID], s.[Timestamp], s.[EventType], s.[FromZone], s.[ToZone], s.[HealthZone], s.[HealthAtEvent], s.[HealthIndex], s.[DefectScore], s.[FusedZ])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_DriftEvents: deleted
DELETE FROM [ACM_DriftEvents]
WHERE [ACM_DriftEvents].[EquipID] = ? AND [ACM_DriftEvents].[SegmentStart] >= ? AND [ACM_DriftEvents].[SegmentStart] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_DriftEvents].[EquipID] = s.[EquipID] AND [ACM_DriftEvents].[SegmentStart] = s.[SegmentStart])
GO

-- ACM_DriftEvents: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_DriftEvents] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[SegmentStart] = s.[SegmentStart]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[SegmentEnd], s.[Timestamp], s.[Value], s.[Status], s.[DurationHours], s.[RecordCount], s.[SensorName] EXCEPT SELECT t.[RunID], t.[SegmentEnd], t.[Timestamp], t.[Value], t.[Status], t.[DurationHours], t.[RecordCount], t.[SensorName])
  THEN UPDATE SET [RunID] = s.[RunID], [SegmentEnd] = s.[SegmentEnd], [Timestamp] = s.[Timestamp], [Value] = s.[Value], [Status] = s.[Status], [DurationHours] = s.[DurationHours], [RecordCount] = s.[RecordCount], [SensorName] = s.[SensorName]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [SegmentStart], [SegmentEnd], [Timestamp], [Value], [Status], [DurationHours], [RecordCount], [SensorName])
  VALUES (s.[RunID], s.[EquipID], s.[SegmentStart], s.[SegmentEnd], s.[Timestamp], s.[Value], s.[Status], s.[DurationHours], s.[RecordCount], s.[SensorName])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_Regime_Episodes: deleted
DELETE FROM [ACM_Regime_Episodes]
WHERE [ACM_Regime_Episodes].[EquipID] = ? AND [ACM_Regime_Episodes].[StartTs] >= ? AND [ACM_Regime_Episodes].[StartTs] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_Regime_Episodes].[EquipID] = s.[EquipID] AND [ACM_Regime_Episodes].[StartTs] = s.[StartTs])
GO

-- ACM_Regime_Episodes: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_Regime_Episodes] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[StartTs] = s.[StartTs]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[EndTs], s.[Status], s.[RegimeLabel], s.[DurationSeconds], s.[DurationHours], s.[RecordCount], s.[AvgFusedZ], s.[MaxFusedZ], s.[StabilityScore] EXCEPT SELECT t.[RunID], t.[EndTs], t.[Status], t.[RegimeLabel], t.[DurationSeconds], t.[DurationHours], t.[RecordCount], t.[AvgFusedZ], t.[MaxFusedZ], t.[StabilityScore])
  THEN UPDATE SET [RunID] = s.[RunID], [EndTs] = s.[EndTs], [Status] = s.[Status], [RegimeLabel] = s.[RegimeLabel], [DurationSeconds] = s.[DurationSeconds], [DurationHours] = s.[DurationHours], [RecordCount] = s.[RecordCount], [AvgFusedZ] = s.[AvgFusedZ], [MaxFusedZ] = s.[MaxFusedZ], [StabilityScore] = s.[StabilityScore]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [StartTs], [EndTs], [Status], [RegimeLabel], [DurationSeconds], [DurationHours], [RecordCount], [AvgFusedZ], [MaxFusedZ], [StabilityScore])
  VALUES (s.[RunID], s.[EquipID], s.[StartTs], s.[EndTs], s.[Status], s.[RegimeLabel], s.[DurationSeconds], s.[DurationHours], s.[RecordCount], s.[AvgFusedZ], s.[MaxFusedZ], s.[StabilityScore])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_AlertAge: deleted
DELETE FROM [ACM_AlertAge]
WHERE [ACM_AlertAge].[EquipID] = ? AND [ACM_AlertAge].[StartTimestamp] >= ? AND [ACM_AlertAge].[StartTimestamp] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_AlertAge].[EquipID] = s.[EquipID] AND [ACM_AlertAge].[StartTimestamp] = s.[StartTimestamp])
GO

-- ACM_AlertAge: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_AlertAge] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[StartTimestamp] = s.[StartTimestamp]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[EndTimestamp], s.[AlertZone], s.[Status], s.[DurationHours], s.[RecordCount], s.[MinHealthIndex] EXCEPT SELECT t.[RunID], t.[EndTimestamp], t.[AlertZone], t.[Status], t.[DurationHours], t.[RecordCount], t.[MinHealthIndex])
  THEN UPDATE SET [RunID] = s.[RunID], [EndTimestamp] = s.[EndTimestamp], [AlertZone] = s.[AlertZone], [Status] = s.[Status], [DurationHours] = s.[DurationHours], [RecordCount] = s.[RecordCount], [MinHealthIndex] = s.[MinHealthIndex]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [StartTimestamp], [EndTimestamp], [AlertZone], [Status], [DurationHours], [RecordCount], [MinHealthIndex])
  VALUES (s.[RunID], s.[EquipID], s.[StartTimestamp], s.[EndTimestamp], s.[AlertZone], s.[Status], s.[DurationHours], s.[RecordCount], s.[MinHealthIndex])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_SensorDaily: deleted
DELETE FROM [ACM_SensorDaily]
WHERE [ACM_SensorDaily].[EquipID] = ? AND [ACM_SensorDaily].[AsOf] >= ? AND [ACM_SensorDaily].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_SensorDaily].[EquipID] = s.[EquipID] AND [ACM_SensorDaily].[AsOf] = s.[AsOf] AND [ACM_SensorDaily].[SensorName] = s.[SensorName])
GO

-- ACM_SensorDaily: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_SensorDaily] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[SensorName] = s.[SensorName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Readings], s.[Nulls], s.[LongestGap], s.[LongestFlat], s.[AboveWarnCount], s.[AboveAlertCount], s.[MaxTimestamp], s.[MaxSignedZ], s.[ValueAtPeak], s.[LatestTimestamp], s.[LatestSignedZ], s.[LatestValue], s.[BaselineCount], s.[BaselineMean] EXCEPT SELECT t.[RunID], t.[Readings], t.[Nulls], t.[LongestGap], t.[LongestFlat], t.[AboveWarnCount], t.[AboveAlertCount], t.[MaxTimestamp], t.[MaxSignedZ], t.[ValueAtPeak], t.[LatestTimestamp], t.[LatestSignedZ], t.[LatestValue], t.[BaselineCount], t.[BaselineMean])
  THEN UPDATE SET [RunID] = s.[RunID], [Readings] = s.[Readings], [Nulls] = s.[Nulls], [LongestGap] = s.[LongestGap], [LongestFlat] = s.[LongestFlat], [AboveWarnCount] = s.[AboveWarnCount], [AboveAlertCount] = s.[AboveAlertCount], [MaxTimestamp] = s.[MaxTimestamp], [MaxSignedZ] = s.[MaxSignedZ], [ValueAtPeak] = s.[ValueAtPeak], [LatestTimestamp] = s.[LatestTimestamp], [LatestSignedZ] = s.[LatestSignedZ], [LatestValue] = s.[LatestValue], [BaselineCount] = s.[BaselineCount], [BaselineMean] = s.[BaselineMean]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [SensorName], [Readings], [Nulls], [LongestGap], [LongestFlat], [AboveWarnCount], [AboveAlertCount], [MaxTimestamp], [MaxSignedZ], [ValueAtPeak], [LatestTimestamp], [LatestSignedZ], [LatestValue], [BaselineCount], [BaselineMean])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[SensorName], s.[Readings], s.[Nulls], s.[LongestGap], s.[LongestFlat], s.[AboveWarnCount], s.[AboveAlertCount], s.[MaxTimestamp], s.[MaxSignedZ], s.[ValueAtPeak], s.[LatestTimestamp], s.[LatestSignedZ], s.[LatestValue], s.[BaselineCount], s.[BaselineMean])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_SensorHotspots: deleted
DELETE FROM [ACM_SensorHotspots]
WHERE [ACM_SensorHotspots].[EquipID] = ? AND [ACM_SensorHotspots].[AsOf] >= ? AND [ACM_SensorHotspots].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_SensorHotspots].[EquipID] = s.[EquipID] AND [ACM_SensorHotspots].[AsOf] = s.[AsOf] AND [ACM_SensorHotspots].[SensorName] = s.[SensorName])
GO

-- ACM_SensorHotspots: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_SensorHotspots] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[SensorName] = s.[SensorName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[MaxTimestamp], s.[LatestTimestamp], s.[MaxAbsZ], s.[MaxSignedZ], s.[LatestAbsZ], s.[LatestSignedZ], s.[ValueAtPeak], s.[LatestValue], s.[TrainMean], s.[TrainStd], s.[AboveWarnCount], s.[AboveAlertCount] EXCEPT SELECT t.[RunID], t.[MaxTimestamp], t.[LatestTimestamp], t.[MaxAbsZ], t.[MaxSignedZ], t.[LatestAbsZ], t.[LatestSignedZ], t.[ValueAtPeak], t.[LatestValue], t.[TrainMean], t.[TrainStd], t.[AboveWarnCount], t.[AboveAlertCount])
  THEN UPDATE SET [RunID] = s.[RunID], [MaxTimestamp] = s.[MaxTimestamp], [LatestTimestamp] = s.[LatestTimestamp], [MaxAbsZ] = s.[MaxAbsZ], [MaxSignedZ] = s.[MaxSignedZ], [LatestAbsZ] = s.[LatestAbsZ], [LatestSignedZ] = s.[LatestSignedZ], [ValueAtPeak] = s.[ValueAtPeak], [LatestValue] = s.[LatestValue], [TrainMean] = s.[TrainMean], [TrainStd] = s.[TrainStd], [AboveWarnCount] = s.[AboveWarnCount], [AboveAlertCount] = s.[AboveAlertCount]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [SensorName], [MaxTimestamp], [LatestTimestamp], [MaxAbsZ], [MaxSignedZ], [LatestAbsZ], [LatestSignedZ], [ValueAtPeak], [LatestValue], [TrainMean], [TrainStd], [AboveWarnCount], [AboveAlertCount])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[SensorName], s.[MaxTimestamp], s.[LatestTimestamp], s.[MaxAbsZ], s.[MaxSignedZ], s.[LatestAbsZ], s.[LatestSignedZ], s.[ValueAtPeak], s.[LatestValue], s.[TrainMean], s.[TrainStd], s.[AboveWarnCount], s.[AboveAlertCount])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_DataQuality: deleted
DELETE FROM [ACM_DataQuality]
WHERE [ACM_DataQuality].[EquipID] = ? AND [ACM_DataQuality].[AsOf] >= ? AND [ACM_DataQuality].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_DataQuality].[EquipID] = s.[EquipID] AND [ACM_DataQuality].[AsOf] = s.[AsOf] AND [ACM_DataQuality].[SensorName] = s.[SensorName] AND [ACM_DataQuality].[CheckName] = s.[CheckName])
GO

-- ACM_DataQuality: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_DataQuality] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[SensorName] = s.[SensorName] AND t.[CheckName] = s.[CheckName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[CheckResult], s.[Readings], s.[Nulls], s.[NullPct], s.[LongestGap], s.[LongestFlat], s.[Notes] EXCEPT SELECT t.[RunID], t.[CheckResult], t.[Readings], t.[Nulls], t.[NullPct], t.[LongestGap], t.[LongestFlat], t.[Notes])
  THEN UPDATE SET [RunID] = s.[RunID], [CheckResult] = s.[CheckResult], [Readings] = s.[Readings], [Nulls] = s.[Nulls], [NullPct] = s.[NullPct], [LongestGap] = s.[LongestGap], [LongestFlat] = s.[LongestFlat], [Notes] = s.[Notes]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [SensorName], [CheckName], [CheckResult], [Readings], [Nulls], [NullPct], [LongestGap], [LongestFlat], [Notes])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[SensorName], s.[CheckName], s.[CheckResult], s.[Readings], s.[Nulls], s.[NullPct], s.[LongestGap], s.[LongestFlat], s.[Notes])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_DefectSummary: deleted
DELETE FROM [ACM_DefectSummary]
WHERE [ACM_DefectSummary].[EquipID] = ? AND [ACM_DefectSummary].[AsOf] >= ? AND [ACM_DefectSummary].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_DefectSummary].[EquipID] = s.[EquipID] AND [ACM_DefectSummary].[AsOf] = s.[AsOf])
GO

-- ACM_DefectSummary: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_DefectSummary] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Status], s.[Severity], s.[CurrentHealth], s.[AvgHealth], s.[MinHealth], s.[EpisodeCount], s.[WorstSensor], s.[GoodCount], s.[WatchCount], s.[AlertCount] EXCEPT SELECT t.[RunID], t.[Status], t.[Severity], t.[CurrentHealth], t.[AvgHealth], t.[MinHealth], t.[EpisodeCount], t.[WorstSensor], t.[GoodCount], t.[WatchCount], t.[AlertCount])
  THEN UPDATE SET [RunID] = s.[RunID], [Status] = s.[Status], [Severity] = s.[Severity], [CurrentHealth] = s.[CurrentHealth], [AvgHealth] = s.[AvgHealth], [MinHealth] = s.[MinHealth], [EpisodeCount] = s.[EpisodeCount], [WorstSensor] = s.[WorstSensor], [GoodCount] = s.[GoodCount], [WatchCount] = s.[WatchCount], [AlertCount] = s.[AlertCount]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [Status], [Severity], [CurrentHealth], [AvgHealth], [MinHealth], [EpisodeCount], [WorstSensor], [GoodCount], [WatchCount], [AlertCount])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[Status], s.[Severity], s.[CurrentHealth], s.[AvgHealth], s.[MinHealth], s.[EpisodeCount], s.[WorstSensor], s.[GoodCount], s.[WatchCount], s.[AlertCount])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_EpisodeMetrics: deleted
DELETE FROM [ACM_EpisodeMetrics]
WHERE [ACM_EpisodeMetrics].[EquipID] = ? AND [ACM_EpisodeMetrics].[AsOf] >= ? AND [ACM_EpisodeMetrics].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_EpisodeMetrics].[EquipID] = s.[EquipID] AND [ACM_EpisodeMetrics].[AsOf] = s.[AsOf])
GO

-- ACM_EpisodeMetrics: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_EpisodeMetrics] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[TotalEpisodes], s.[TotalDurationHours], s.[AvgDurationHours], s.[MedianDurationHours], s.[MaxDurationHours], s.[MinDurationHours], s.[RatePerDay], s.[MeanInterarrivalHours] EXCEPT SELECT t.[RunID], t.[TotalEpisodes], t.[TotalDurationHours], t.[AvgDurationHours], t.[MedianDurationHours], t.[MaxDurationHours], t.[MinDurationHours], t.[RatePerDay], t.[MeanInterarrivalHours])
  THEN UPDATE SET [RunID] = s.[RunID], [TotalEpisodes] = s.[TotalEpisodes], [TotalDurationHours] = s.[TotalDurationHours], [AvgDurationHours] = s.[AvgDurationHours], [MedianDurationHours] = s.[MedianDurationHours], [MaxDurationHours] = s.[MaxDurationHours], [MinDurationHours] = s.[MinDurationHours], [RatePerDay] = s.[RatePerDay], [MeanInterarrivalHours] = s.[MeanInterarrivalHours]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [TotalEpisodes], [TotalDurationHours], [AvgDurationHours], [MedianDurationHours], [MaxDurationHours], [MinDurationHours], [RatePerDay], [MeanInterarrivalHours])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[TotalEpisodes], s.[TotalDurationHours], s.[AvgDurationHours], s.[MedianDurationHours], s.[MaxDurationHours], s.[MinDurationHours], s.[RatePerDay], s.[MeanInterarrivalHours])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RegimeOccupancy: deleted
DELETE FROM [ACM_RegimeOccupancy]
WHERE [ACM_RegimeOccupancy].[EquipID] = ? AND [ACM_RegimeOccupancy].[AsOf] >= ? AND [ACM_RegimeOccupancy].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RegimeOccupancy].[EquipID] = s.[EquipID] AND [ACM_RegimeOccupancy].[AsOf] = s.[AsOf] AND [ACM_RegimeOccupancy].[RegimeLabel] = s.[RegimeLabel])
GO

-- ACM_RegimeOccupancy: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RegimeOccupancy] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[RegimeLabel] = s.[RegimeLabel]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[RecordCount], s.[Percentage] EXCEPT SELECT t.[RunID], t.[RecordCount], t.[Percentage])
  THEN UPDATE SET [RunID] = s.[RunID], [RecordCount] = s.[RecordCount], [Percentage] = s.[Percentage]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [RegimeLabel], [RecordCount], [Percentage])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[RegimeLabel], s.[RecordCount], s.[Percentage])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RegimeTransitions: deleted
DELETE FROM [ACM_RegimeTransitions]
WHERE [ACM_RegimeTransitions].[EquipID] = ? AND [ACM_RegimeTransitions].[AsOf] >= ? AND [ACM_RegimeTransitions].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RegimeTransitions].[EquipID] = s.[EquipID] AND [ACM_RegimeTransitions].[AsOf] = s.[AsOf] AND [ACM_RegimeTransitions].[FromLabel] = s.[FromLabel] AND [ACM_RegimeTransitions].[ToLabel] = s.[ToLabel])
GO

-- ACM_RegimeTransitions: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RegimeTransitions] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[FromLabel] = s.[FromLabel] AND t.[ToLabel] = s.[ToLabel]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Count], s.[Prob] EXCEPT SELECT t.[RunID], t.[Count], t.[Prob])
  THEN UPDATE SET [RunID] = s.[RunID], [Count] = s.[Count], [Prob] = s.[Prob]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [FromLabel], [ToLabel], [Count], [Prob])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[FromLabel], s.[ToLabel], s.[Count], s.[Prob])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_CalibrationSummary: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_CalibrationSummary] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ModelVersion] = s.[ModelVersion] AND t.[DetectorType] = s.[DetectorType] AND t.[OperatingState] = s.[OperatingState]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[CalibrationRows], s.[Pooled], s.[MeanZ], s.[StdZ], s.[P95Z], s.[P99Z], s.[ClipZ], s.[SaturationPct], s.[MahalCondNum], s.[TailFoldPct], s.[TailFoldStart], s.[TailFoldEnd], s.[LeftOutStart], s.[LeftOutEnd] EXCEPT SELECT t.[RunID], t.[CalibrationRows], t.[Pooled], t.[MeanZ], t.[StdZ], t.[P95Z], t.[P99Z], t.[ClipZ], t.[SaturationPct], t.[MahalCondNum], t.[TailFoldPct], t.[TailFoldStart], t.[TailFoldEnd], t.[LeftOutStart], t.[LeftOutEnd])
  THEN UPDATE SET [RunID] = s.[RunID], [CalibrationRows] = s.[CalibrationRows], [Pooled] = s.[Pooled], [MeanZ] = s.[MeanZ], [StdZ] = s.[StdZ], [P95Z] = s.[P95Z], [P99Z] = s.[P99Z], [ClipZ] = s.[ClipZ], [SaturationPct] = s.[SaturationPct], [MahalCondNum] = s.[MahalCondNum], [TailFoldPct] = s.[TailFoldPct], [TailFoldStart] = s.[TailFoldStart], [TailFoldEnd] = s.[TailFoldEnd], [LeftOutStart] = s.[LeftOutStart], [LeftOutEnd] = s.[LeftOutEnd]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [ModelVersion], [DetectorType], [OperatingState], [CalibrationRows], [Pooled], [MeanZ], [StdZ], [P95Z], [P99Z], [ClipZ], [SaturationPct], [MahalCondNum], [TailFoldPct], [TailFoldStart], [TailFoldEnd], [LeftOutStart], [LeftOutEnd])
  VALUES (s.[RunID], s.[EquipID], s.[ModelVersion], s.[DetectorType], s.[OperatingState], s.[CalibrationRows], s.[Pooled], s.[MeanZ], s.[StdZ], s.[P95Z], s.[P99Z], s.[ClipZ], s.[SaturationPct], s.[MahalCondNum], s.[TailFoldPct], s.[TailFoldStart], s.[TailFoldEnd], s.[LeftOutStart], s.[LeftOutEnd])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_ModelTags: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_ModelTags] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ModelVersion] = s.[ModelVersion] AND t.[TagName] = s.[TagName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Ordinal], s.[Used], s.[Reason], s.[IdleLevel], s.[ContextLow], s.[ContextHigh] EXCEPT SELECT t.[RunID], t.[Ordinal], t.[Used], t.[Reason], t.[IdleLevel], t.[ContextLow], t.[ContextHigh])
  THEN UPDATE SET [RunID] = s.[RunID], [Ordinal] = s.[Ordinal], [Used] = s.[Used], [Reason] = s.[Reason], [IdleLevel] = s.[IdleLevel], [ContextLow] = s.[ContextLow], [ContextHigh] = s.[ContextHigh]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [ModelVersion], [TagName], [Ordinal], [Used], [Reason], [IdleLevel], [ContextLow], [ContextHigh])
  VALUES (s.[RunID], s.[EquipID], s.[ModelVersion], s.[TagName], s.[Ordinal], s.[Used], s.[Reason], s.[IdleLevel], s.[ContextLow], s.[ContextHigh])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_HealthDaily: deleted
DELETE FROM [ACM_HealthDaily]
WHERE [ACM_HealthDaily].[EquipID] = ? AND [ACM_HealthDaily].[AsOf] >= ? AND [ACM_HealthDaily].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_HealthDaily].[EquipID] = s.[EquipID] AND [ACM_HealthDaily].[AsOf] = s.[AsOf])
GO

-- ACM_HealthDaily: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_HealthDaily] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[DaySeconds], s.[Readings], s.[AssessedCount], s.[GoodCount], s.[WatchCount], s.[AlertCount], s.[AlarmCount], s.[AvgHealth], s.[MinHealth], s.[LastHealth], s.[MaxFusedZ] EXCEPT SELECT t.[RunID], t.[DaySeconds], t.[Readings], t.[AssessedCount], t.[GoodCount], t.[WatchCount], t.[AlertCount], t.[AlarmCount], t.[AvgHealth], t.[MinHealth], t.[LastHealth], t.[MaxFusedZ])
  THEN UPDATE SET [RunID] = s.[RunID], [DaySeconds] = s.[DaySeconds], [Readings] = s.[Readings], [AssessedCount] = s.[AssessedCount], [GoodCount] = s.[GoodCount], [WatchCount] = s.[WatchCount], [AlertCount] = s.[AlertCount], [AlarmCount] = s.[AlarmCount], [AvgHealth] = s.[AvgHealth], [MinHealth] = s.[MinHealth], [LastHealth] = s.[LastHealth], [MaxFusedZ] = s.[MaxFusedZ]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [DaySeconds], [Readings], [AssessedCount], [GoodCount], [WatchCount], [AlertCount], [AlarmCount], [AvgHealth], [MinHealth], [LastHealth], [MaxFusedZ])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[DaySeconds], s.[Readings], s.[AssessedCount], s.[GoodCount], s.[WatchCount], s.[AlertCount], s.[AlarmCount], s.[AvgHealth], s.[MinHealth], s.[LastHealth], s.[MaxFusedZ])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_DetectorDaily: deleted
DELETE FROM [ACM_DetectorDaily]
WHERE [ACM_DetectorDaily].[EquipID] = ? AND [ACM_DetectorDaily].[AsOf] >= ? AND [ACM_DetectorDaily].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_DetectorDaily].[EquipID] = s.[EquipID] AND [ACM_DetectorDaily].[AsOf] = s.[AsOf] AND [ACM_DetectorDaily].[DetectorType] = s.[DetectorType])
GO

-- ACM_DetectorDaily: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_DetectorDaily] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[DetectorType] = s.[DetectorType]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[DaySeconds], s.[Points], s.[AboveCount], s.[MaxZ], s.[AvgZ], s.[LatestZ] EXCEPT SELECT t.[RunID], t.[DaySeconds], t.[Points], t.[AboveCount], t.[MaxZ], t.[AvgZ], t.[LatestZ])
  THEN UPDATE SET [RunID] = s.[RunID], [DaySeconds] = s.[DaySeconds], [Points] = s.[Points], [AboveCount] = s.[AboveCount], [MaxZ] = s.[MaxZ], [AvgZ] = s.[AvgZ], [LatestZ] = s.[LatestZ]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [DetectorType], [DaySeconds], [Points], [AboveCount], [MaxZ], [AvgZ], [LatestZ])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[DetectorType], s.[DaySeconds], s.[Points], s.[AboveCount], s.[MaxZ], s.[AvgZ], s.[LatestZ])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_SinceWhen: deleted
DELETE FROM [ACM_SinceWhen]
WHERE [ACM_SinceWhen].[EquipID] = ? AND [ACM_SinceWhen].[AsOf] >= ? AND [ACM_SinceWhen].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_SinceWhen].[EquipID] = s.[EquipID] AND [ACM_SinceWhen].[AsOf] = s.[AsOf])
GO

-- ACM_SinceWhen: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_SinceWhen] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[AlertZone], s.[StartTimestamp], s.[LastTimestamp], s.[DurationHours], s.[RecordCount] EXCEPT SELECT t.[RunID], t.[AlertZone], t.[StartTimestamp], t.[LastTimestamp], t.[DurationHours], t.[RecordCount])
  THEN UPDATE SET [RunID] = s.[RunID], [AlertZone] = s.[AlertZone], [StartTimestamp] = s.[StartTimestamp], [LastTimestamp] = s.[LastTimestamp], [DurationHours] = s.[DurationHours], [RecordCount] = s.[RecordCount]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [AlertZone], [StartTimestamp], [LastTimestamp], [DurationHours], [RecordCount])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[AlertZone], s.[StartTimestamp], s.[LastTimestamp], s.[DurationHours], s.[RecordCount])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_SensorDefects: deleted
DELETE FROM [ACM_SensorDefects]
WHERE [ACM_SensorDefects].[EquipID] = ? AND [ACM_SensorDefects].[AsOf] >= ? AND [ACM_SensorDefects].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_SensorDefects].[EquipID] = s.[EquipID] AND [ACM_SensorDefects].[AsOf] = s.[AsOf] AND [ACM_SensorDefects].[DetectorType] = s.[DetectorType])
GO

-- ACM_SensorDefects: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_SensorDefects] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[DetectorType] = s.[DetectorType]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[DetectorFamily], s.[Severity], s.[ViolationCount], s.[ViolationPct], s.[MaxZ], s.[AvgZ], s.[CurrentZ], s.[ActiveDefect] EXCEPT SELECT t.[RunID], t.[DetectorFamily], t.[Severity], t.[ViolationCount], t.[ViolationPct], t.[MaxZ], t.[AvgZ], t.[CurrentZ], t.[ActiveDefect])
  THEN UPDATE SET [RunID] = s.[RunID], [DetectorFamily] = s.[DetectorFamily], [Severity] = s.[Severity], [ViolationCount] = s.[ViolationCount], [ViolationPct] = s.[ViolationPct], [MaxZ] = s.[MaxZ], [AvgZ] = s.[AvgZ], [CurrentZ] = s.[CurrentZ], [ActiveDefect] = s.[ActiveDefect]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [DetectorType], [DetectorFamily], [Severity], [ViolationCount], [ViolationPct], [MaxZ], [AvgZ], [CurrentZ], [ActiveDefect])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[DetectorType], s.[DetectorFamily], s.[Severity], s.[ViolationCount], s.[ViolationPct], s.[MaxZ], s.[AvgZ], s.[CurrentZ], s.[ActiveDefect])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_SensorRanking: deleted
DELETE FROM [ACM_SensorRanking]
WHERE [ACM_SensorRanking].[EquipID] = ? AND [ACM_SensorRanking].[AsOf] >= ? AND [ACM_SensorRanking].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_SensorRanking].[EquipID] = s.[EquipID] AND [ACM_SensorRanking].[AsOf] = s.[AsOf] AND [ACM_SensorRanking].[SensorName] = s.[SensorName])
GO

-- ACM_SensorRanking: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_SensorRanking] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[SensorName] = s.[SensorName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[RankPosition], s.[ContributionPct], s.[ZScore], s.[DetectorType] EXCEPT SELECT t.[RunID], t.[RankPosition], t.[ContributionPct], t.[ZScore], t.[DetectorType])
  THEN UPDATE SET [RunID] = s.[RunID], [RankPosition] = s.[RankPosition], [ContributionPct] = s.[ContributionPct], [ZScore] = s.[ZScore], [DetectorType] = s.[DetectorType]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [SensorName], [RankPosition], [ContributionPct], [ZScore], [DetectorType])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[SensorName], s.[RankPosition], s.[ContributionPct], s.[ZScore], s.[DetectorType])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_DetectorCorrelation: deleted
DELETE FROM [ACM_DetectorCorrelation]
WHERE [ACM_DetectorCorrelation].[EquipID] = ? AND [ACM_DetectorCorrelation].[AsOf] >= ? AND [ACM_DetectorCorrelation].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_DetectorCorrelation].[EquipID] = s.[EquipID] AND [ACM_DetectorCorrelation].[AsOf] = s.[AsOf] AND [ACM_DetectorCorrelation].[DetectorA] = s.[DetectorA] AND [ACM_DetectorCorrelation].[DetectorB] = s.[DetectorB])
GO

-- ACM_DetectorCorrelation: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_DetectorCorrelation] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[DetectorA] = s.[DetectorA] AND t.[DetectorB] = s.[DetectorB]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[PearsonR], s.[Points] EXCEPT SELECT t.[RunID], t.[PearsonR], t.[Points])
  THEN UPDATE SET [RunID] = s.[RunID], [PearsonR] = s.[PearsonR], [Points] = s.[Points]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [DetectorA], [DetectorB], [PearsonR], [Points])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[DetectorA], s.[DetectorB], s.[PearsonR], s.[Points])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_HealthHistogram: deleted
DELETE FROM [ACM_HealthHistogram]
WHERE [ACM_HealthHistogram].[EquipID] = ? AND [ACM_HealthHistogram].[AsOf] >= ? AND [ACM_HealthHistogram].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_HealthHistogram].[EquipID] = s.[EquipID] AND [ACM_HealthHistogram].[AsOf] = s.[AsOf] AND [ACM_HealthHistogram].[HealthBin] = s.[HealthBin])
GO

-- ACM_HealthHistogram: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_HealthHistogram] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[HealthBin] = s.[HealthBin]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[RecordCount], s.[Percentage] EXCEPT SELECT t.[RunID], t.[RecordCount], t.[Percentage])
  THEN UPDATE SET [RunID] = s.[RunID], [RecordCount] = s.[RecordCount], [Percentage] = s.[Percentage]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [HealthBin], [RecordCount], [Percentage])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[HealthBin], s.[RecordCount], s.[Percentage])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RegimeDwellStats: deleted
DELETE FROM [ACM_RegimeDwellStats]
WHERE [ACM_RegimeDwellStats].[EquipID] = ? AND [ACM_RegimeDwellStats].[AsOf] >= ? AND [ACM_RegimeDwellStats].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RegimeDwellStats].[EquipID] = s.[EquipID] AND [ACM_RegimeDwellStats].[AsOf] = s.[AsOf] AND [ACM_RegimeDwellStats].[RegimeLabel] = s.[RegimeLabel])
GO

-- ACM_RegimeDwellStats: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RegimeDwellStats] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[RegimeLabel] = s.[RegimeLabel]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[Runs], s.[MeanSeconds], s.[MedianSeconds], s.[MinSeconds], s.[MaxSeconds] EXCEPT SELECT t.[RunID], t.[Runs], t.[MeanSeconds], t.[MedianSeconds], t.[MinSeconds], t.[MaxSeconds])
  THEN UPDATE SET [RunID] = s.[RunID], [Runs] = s.[Runs], [MeanSeconds] = s.[MeanSeconds], [MedianSeconds] = s.[MedianSeconds], [MinSeconds] = s.[MinSeconds], [MaxSeconds] = s.[MaxSeconds]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [RegimeLabel], [Runs], [MeanSeconds], [MedianSeconds], [MinSeconds], [MaxSeconds])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[RegimeLabel], s.[Runs], s.[MeanSeconds], s.[MedianSeconds], s.[MinSeconds], s.[MaxSeconds])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RegimeStability: deleted
DELETE FROM [ACM_RegimeStability]
WHERE [ACM_RegimeStability].[EquipID] = ? AND [ACM_RegimeStability].[AsOf] >= ? AND [ACM_RegimeStability].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RegimeStability].[EquipID] = s.[EquipID] AND [ACM_RegimeStability].[AsOf] = s.[AsOf] AND [ACM_RegimeStability].[MetricName] = s.[MetricName])
GO

-- ACM_RegimeStability: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RegimeStability] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[MetricName] = s.[MetricName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[MetricValue] EXCEPT SELECT t.[RunID], t.[MetricValue])
  THEN UPDATE SET [RunID] = s.[RunID], [MetricValue] = s.[MetricValue]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [MetricName], [MetricValue])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[MetricName], s.[MetricValue])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_PCA_Models: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_PCA_Models] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ModelVersion] = s.[ModelVersion]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[EntryDateTime], s.[NComponents], s.[TargetVar], s.[VarExplainedJSON], s.[ScalingSpecJSON], s.[TrainStartEntryDateTime], s.[TrainEndEntryDateTime] EXCEPT SELECT t.[RunID], t.[EntryDateTime], t.[NComponents], t.[TargetVar], t.[VarExplainedJSON], t.[ScalingSpecJSON], t.[TrainStartEntryDateTime], t.[TrainEndEntryDateTime])
  THEN UPDATE SET [RunID] = s.[RunID], [EntryDateTime] = s.[EntryDateTime], [NComponents] = s.[NComponents], [TargetVar] = s.[TargetVar], [VarExplainedJSON] = s.[VarExplainedJSON], [ScalingSpecJSON] = s.[ScalingSpecJSON], [TrainStartEntryDateTime] = s.[TrainStartEntryDateTime], [TrainEndEntryDateTime] = s.[TrainEndEntryDateTime]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [ModelVersion], [EntryDateTime], [NComponents], [TargetVar], [VarExplainedJSON], [ScalingSpecJSON], [TrainStartEntryDateTime], [TrainEndEntryDateTime])
  VALUES (s.[RunID], s.[EquipID], s.[ModelVersion], s.[EntryDateTime], s.[NComponents], s.[TargetVar], s.[VarExplainedJSON], s.[ScalingSpecJSON], s.[TrainStartEntryDateTime], s.[TrainEndEntryDateTime])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_PCA_Loadings: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_PCA_Loadings] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ModelVersion] = s.[ModelVersion] AND t.[ComponentNo] = s.[ComponentNo] AND t.[Sensor] = s.[Sensor]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[EntryDateTime], s.[ComponentID], s.[FeatureName], s.[Loading] EXCEPT SELECT t.[RunID], t.[EntryDateTime], t.[ComponentID], t.[FeatureName], t.[Loading])
  THEN UPDATE SET [RunID] = s.[RunID], [EntryDateTime] = s.[EntryDateTime], [ComponentID] = s.[ComponentID], [FeatureName] = s.[FeatureName], [Loading] = s.[Loading]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [ModelVersion], [EntryDateTime], [ComponentNo], [ComponentID], [Sensor], [FeatureName], [Loading])
  VALUES (s.[RunID], s.[EquipID], s.[ModelVersion], s.[EntryDateTime], s.[ComponentNo], s.[ComponentID], s.[Sensor], s.[FeatureName], s.[Loading])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_PCA_Metrics: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_PCA_Metrics] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ModelVersion] = s.[ModelVersion]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[EntryDateTime], s.[Var90_N], s.[ReconRMSE], s.[P95_ReconRMSE], s.[Notes] EXCEPT SELECT t.[RunID], t.[EntryDateTime], t.[Var90_N], t.[ReconRMSE], t.[P95_ReconRMSE], t.[Notes])
  THEN UPDATE SET [RunID] = s.[RunID], [EntryDateTime] = s.[EntryDateTime], [Var90_N] = s.[Var90_N], [ReconRMSE] = s.[ReconRMSE], [P95_ReconRMSE] = s.[P95_ReconRMSE], [Notes] = s.[Notes]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [ModelVersion], [EntryDateTime], [Var90_N], [ReconRMSE], [P95_ReconRMSE], [Notes])
  VALUES (s.[RunID], s.[EquipID], s.[ModelVersion], s.[EntryDateTime], s.[Var90_N], s.[ReconRMSE], s.[P95_ReconRMSE], s.[Notes])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_OMR_Diagnostics: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_OMR_Diagnostics] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[ModelVersion] = s.[ModelVersion] AND t.[SensorName] = s.[SensorName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[ResidualStd], s.[ExplainedPct], s.[Persistence], s.[BestPredictor], s.[BestWeight] EXCEPT SELECT t.[RunID], t.[ResidualStd], t.[ExplainedPct], t.[Persistence], t.[BestPredictor], t.[BestWeight])
  THEN UPDATE SET [RunID] = s.[RunID], [ResidualStd] = s.[ResidualStd], [ExplainedPct] = s.[ExplainedPct], [Persistence] = s.[Persistence], [BestPredictor] = s.[BestPredictor], [BestWeight] = s.[BestWeight]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [ModelVersion], [SensorName], [ResidualStd], [ExplainedPct], [Persistence], [BestPredictor], [BestWeight])
  VALUES (s.[RunID], s.[EquipID], s.[ModelVersion], s.[SensorName], s.[ResidualStd], s.[ExplainedPct], s.[Persistence], s.[BestPredictor], s.[BestWeight])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_HealthForecast_TS: deleted
DELETE FROM [ACM_HealthForecast_TS]
WHERE [ACM_HealthForecast_TS].[EquipID] = ? AND [ACM_HealthForecast_TS].[AsOf] >= ? AND [ACM_HealthForecast_TS].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_HealthForecast_TS].[EquipID] = s.[EquipID] AND [ACM_HealthForecast_TS].[AsOf] = s.[AsOf] AND [ACM_HealthForecast_TS].[Timestamp] = s.[Timestamp])
GO

-- ACM_HealthForecast_TS: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_HealthForecast_TS] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[Timestamp] = s.[Timestamp]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[HorizonHours], s.[ForecastHealth], s.[CiLower], s.[CiUpper], s.[ForecastStd], s.[Method] EXCEPT SELECT t.[RunID], t.[HorizonHours], t.[ForecastHealth], t.[CiLower], t.[CiUpper], t.[ForecastStd], t.[Method])
  THEN UPDATE SET [RunID] = s.[RunID], [HorizonHours] = s.[HorizonHours], [ForecastHealth] = s.[ForecastHealth], [CiLower] = s.[CiLower], [CiUpper] = s.[CiUpper], [ForecastStd] = s.[ForecastStd], [Method] = s.[Method]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [Timestamp], [HorizonHours], [ForecastHealth], [CiLower], [CiUpper], [ForecastStd], [Method])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[Timestamp], s.[HorizonHours], s.[ForecastHealth], s.[CiLower], s.[CiUpper], s.[ForecastStd], s.[Method])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_FailureForecast_TS: deleted
DELETE FROM [ACM_FailureForecast_TS]
WHERE [ACM_FailureForecast_TS].[EquipID] = ? AND [ACM_FailureForecast_TS].[AsOf] >= ? AND [ACM_FailureForecast_TS].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_FailureForecast_TS].[EquipID] = s.[EquipID] AND [ACM_FailureForecast_TS].[AsOf] = s.[AsOf] AND [ACM_FailureForecast_TS].[Timestamp] = s.[Timestamp])
GO

-- ACM_FailureForecast_TS: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_FailureForecast_TS] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[Timestamp] = s.[Timestamp]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[HorizonHours], s.[FailureProb], s.[ThresholdUsed], s.[Method] EXCEPT SELECT t.[RunID], t.[HorizonHours], t.[FailureProb], t.[ThresholdUsed], t.[Method])
  THEN UPDATE SET [RunID] = s.[RunID], [HorizonHours] = s.[HorizonHours], [FailureProb] = s.[FailureProb], [ThresholdUsed] = s.[ThresholdUsed], [Method] = s.[Method]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [Timestamp], [HorizonHours], [FailureProb], [ThresholdUsed], [Method])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[Timestamp], s.[HorizonHours], s.[FailureProb], s.[ThresholdUsed], s.[Method])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RUL_Summary: deleted
DELETE FROM [ACM_RUL_Summary]
WHERE [ACM_RUL_Summary].[EquipID] = ? AND [ACM_RUL_Summary].[AsOf] >= ? AND [ACM_RUL_Summary].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RUL_Summary].[EquipID] = s.[EquipID] AND [ACM_RUL_Summary].[AsOf] = s.[AsOf])
GO

-- ACM_RUL_Summary: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RUL_Summary] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[IssuedAt], s.[Status], s.[RUL_Hours], s.[LowerBound], s.[UpperBound], s.[Confidence], s.[FailureTime], s.[TrendStart], s.[TrendDays], s.[HealthNow], s.[ZPerDay], s.[RisingProb], s.[FailureProb24h], s.[FailureProb7d], s.[FailureProb30d], s.[ThresholdUsed], s.[Method], s.[LastUpdate] EXCEPT SELECT t.[RunID], t.[IssuedAt], t.[Status], t.[RUL_Hours], t.[LowerBound], t.[UpperBound], t.[Confidence], t.[FailureTime], t.[TrendStart], t.[TrendDays], t.[HealthNow], t.[ZPerDay], t.[RisingProb], t.[FailureProb24h], t.[FailureProb7d], t.[FailureProb30d], t.[ThresholdUsed], t.[Method], t.[LastUpdate])
  THEN UPDATE SET [RunID] = s.[RunID], [IssuedAt] = s.[IssuedAt], [Status] = s.[Status], [RUL_Hours] = s.[RUL_Hours], [LowerBound] = s.[LowerBound], [UpperBound] = s.[UpperBound], [Confidence] = s.[Confidence], [FailureTime] = s.[FailureTime], [TrendStart] = s.[TrendStart], [TrendDays] = s.[TrendDays], [HealthNow] = s.[HealthNow], [ZPerDay] = s.[ZPerDay], [RisingProb] = s.[RisingProb], [FailureProb24h] = s.[FailureProb24h], [FailureProb7d] = s.[FailureProb7d], [FailureProb30d] = s.[FailureProb30d], [ThresholdUsed] = s.[ThresholdUsed], [Method] = s.[Method], [LastUpdate] = s.[LastUpdate]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [IssuedAt], [Status], [RUL_Hours], [LowerBound], [UpperBound], [Confidence], [FailureTime], [TrendStart], [TrendDays], [HealthNow], [ZPerDay], [RisingProb], [FailureProb24h], [FailureProb7d], [FailureProb30d], [ThresholdUsed], [Method], [LastUpdate])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[IssuedAt], s.[Status], s.[RUL_Hours], s.[LowerBound], s.[UpperBound], s.[Confidence], s.[FailureTime], s.[TrendStart], s.[TrendDays], s.[HealthNow], s.[ZPerDay], s.[RisingProb], s.[FailureProb24h], s.[FailureProb7d], s.[FailureProb30d], s.[ThresholdUsed], s.[Method], s.[LastUpdate])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_RUL_Attribution: deleted
DELETE FROM [ACM_RUL_Attribution]
WHERE [ACM_RUL_Attribution].[EquipID] = ? AND [ACM_RUL_Attribution].[AsOf] >= ? AND [ACM_RUL_Attribution].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RUL_Attribution].[EquipID] = s.[EquipID] AND [ACM_RUL_Attribution].[AsOf] = s.[AsOf] AND [ACM_RUL_Attribution].[SensorName] = s.[SensorName])
GO

-- ACM_RUL_Attribution: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_RUL_Attribution] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[SensorName] = s.[SensorName]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[FailureTime], s.[FailureContribution], s.[ZScoreAtFailure], s.[AlertCount], s.[Comment] EXCEPT SELECT t.[RunID], t.[FailureTime], t.[FailureContribution], t.[ZScoreAtFailure], t.[AlertCount], t.[Comment])
  THEN UPDATE SET [RunID] = s.[RunID], [FailureTime] = s.[FailureTime], [FailureContribution] = s.[FailureContribution], [ZScoreAtFailure] = s.[ZScoreAtFailure], [AlertCount] = s.[AlertCount], [Comment] = s.[Comment]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [FailureTime], [SensorName], [FailureContribution], [ZScoreAtFailure], [AlertCount], [Comment])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[FailureTime], s.[SensorName], s.[FailureContribution], s.[ZScoreAtFailure], s.[AlertCount], s.[Comment])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_SensorForecast_TS: deleted
DELETE FROM [ACM_SensorForecast_TS]
WHERE [ACM_SensorForecast_TS].[EquipID] = ? AND [ACM_SensorForecast_TS].[AsOf] >= ? AND [ACM_SensorForecast_TS].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_SensorForecast_TS].[EquipID] = s.[EquipID] AND [ACM_SensorForecast_TS].[AsOf] = s.[AsOf] AND [ACM_SensorForecast_TS].[SensorName] = s.[SensorName] AND [ACM_SensorForecast_TS].[Timestamp] = s.[Timestamp])
GO

-- ACM_SensorForecast_TS: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_SensorForecast_TS] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf] AND t.[SensorName] = s.[SensorName] AND t.[Timestamp] = s.[Timestamp]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[HorizonHours], s.[ForecastValue], s.[CiLower], s.[CiUpper], s.[ForecastStd], s.[Method] EXCEPT SELECT t.[RunID], t.[HorizonHours], t.[ForecastValue], t.[CiLower], t.[CiUpper], t.[ForecastStd], t.[Method])
  THEN UPDATE SET [RunID] = s.[RunID], [HorizonHours] = s.[HorizonHours], [ForecastValue] = s.[ForecastValue], [CiLower] = s.[CiLower], [CiUpper] = s.[CiUpper], [ForecastStd] = s.[ForecastStd], [Method] = s.[Method]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [Timestamp], [HorizonHours], [SensorName], [ForecastValue], [CiLower], [CiUpper], [ForecastStd], [Method])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[Timestamp], s.[HorizonHours], s.[SensorName], s.[ForecastValue], s.[CiLower], s.[CiUpper], s.[ForecastStd], s.[Method])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- ACM_MaintenanceRecommendation: deleted
DELETE FROM [ACM_MaintenanceRecommendation]
WHERE [ACM_MaintenanceRecommendation].[EquipID] = ? AND [ACM_MaintenanceRecommendation].[AsOf] >= ? AND [ACM_MaintenanceRecommendation].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_MaintenanceRecommendation].[EquipID] = s.[EquipID] AND [ACM_MaintenanceRecommendation].[AsOf] = s.[AsOf])
GO

-- ACM_MaintenanceRecommendation: merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [ACM_MaintenanceRecommendation] WITH (UPDLOCK) AS t
USING [stage_1] AS s
ON t.[EquipID] = s.[EquipID] AND t.[AsOf] = s.[AsOf]
WHEN MATCHED AND EXISTS (SELECT s.[RunID], s.[EarliestMaintenance], s.[PreferredWindowStart], s.[PreferredWindowEnd], s.[FailureProbAtWindowEnd], s.[Comment] EXCEPT SELECT t.[RunID], t.[EarliestMaintenance], t.[PreferredWindowStart], t.[PreferredWindowEnd], t.[FailureProbAtWindowEnd], t.[Comment])
  THEN UPDATE SET [RunID] = s.[RunID], [EarliestMaintenance] = s.[EarliestMaintenance], [PreferredWindowStart] = s.[PreferredWindowStart], [PreferredWindowEnd] = s.[PreferredWindowEnd], [FailureProbAtWindowEnd] = s.[FailureProbAtWindowEnd], [Comment] = s.[Comment]
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([RunID], [EquipID], [AsOf], [EarliestMaintenance], [PreferredWindowStart], [PreferredWindowEnd], [FailureProbAtWindowEnd], [Comment])
  VALUES (s.[RunID], s.[EquipID], s.[AsOf], s.[EarliestMaintenance], s.[PreferredWindowStart], s.[PreferredWindowEnd], s.[FailureProbAtWindowEnd], s.[Comment])
OUTPUT $action INTO @changes
OPTION (LOOP JOIN);
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO
