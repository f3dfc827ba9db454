-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version 1: do not edit.

CREATE OR ALTER VIEW [ACM_DriftSeries] AS
SELECT t.[RunID], t.[EquipID], t.[Timestamp], t.[drift_z] AS [DriftValue]
FROM [ACM_Scores_Wide] AS t
WHERE t.[drift_z] IS NOT NULL
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DriftSeries]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Slow mean of the fused score per reading, as z', N'SCHEMA', N'dbo', N'VIEW', N'ACM_DriftSeries'
GO

CREATE OR ALTER VIEW [ACM_RunHistory] AS
SELECT r.[RunID], r.[EquipID], e.[EquipCode], r.[Stage], r.[WindowStart], r.[WindowEnd], r.[Outcome],
  r.[Provisional], r.[Attempt], r.[StartedAt], r.[AttemptStartedAt], r.[CompletedAt], a.[DurationSeconds],
  r.[TickMinutes], r.[ModelVersion], r.[ConfigSignature], r.[RowsRead], r.[RowsWritten],
  a.[TrainRowCount], a.[ScoreRowCount], a.[EpisodeCount], a.[HealthStatus], a.[AvgHealthIndex],
  a.[MinHealthIndex], a.[MaxFusedZ], a.[DataQualityScore], a.[RefitRequested],
  COALESCE(a.[ErrorMessage], r.[ErrorMessage]) AS [ErrorMessage], r.[Holder], r.[Version]
FROM [RunLog] AS r
LEFT JOIN [ACM_Runs] AS a ON a.[RunID] = r.[RunID]
LEFT JOIN [Equipment] AS e ON e.[EquipID] = r.[EquipID]
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunHistory]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Every run with its machine, its outcome and what it found', N'SCHEMA', N'dbo', N'VIEW', N'ACM_RunHistory'
GO

CREATE OR ALTER VIEW [ACM_RunColumns] AS
SELECT r.[RunID], r.[EquipID], m.[Ordinal], m.[TagName] AS [ColumnName]
FROM [RunLog] AS r
JOIN [ACM_ModelTags] AS m ON m.[EquipID] = r.[EquipID] AND m.[ModelVersion] = r.[ModelVersion]
WHERE m.[Used] = CAST(1 AS BIT)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunColumns]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Tags each run scored, one row per tag', N'SCHEMA', N'dbo', N'VIEW', N'ACM_RunColumns'
GO

CREATE OR ALTER VIEW [ACM_SensorDaily_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[SensorName], t.[Readings], t.[Nulls], t.[LongestGap], t.[LongestFlat], t.[AboveWarnCount], t.[AboveAlertCount], t.[MaxTimestamp], t.[MaxSignedZ], t.[ValueAtPeak], t.[LatestTimestamp], t.[LatestSignedZ], t.[LatestValue]
FROM [ACM_SensorDaily] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_SensorDaily] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily_Latest]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'What each sensor did on one local day: the base of the sensor summaries: the last day of each machine only', N'SCHEMA', N'dbo', N'VIEW', N'ACM_SensorDaily_Latest'
GO

CREATE OR ALTER VIEW [ACM_SensorHotspots_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[SensorName], t.[MaxTimestamp], t.[LatestTimestamp], t.[MaxAbsZ], t.[MaxSignedZ], t.[LatestAbsZ], t.[LatestSignedZ], t.[ValueAtPeak], t.[LatestValue], t.[TrainMean], t.[TrainStd], t.[AboveWarnCount], t.[AboveAlertCount]
FROM [ACM_SensorHotspots] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_SensorHotspots] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots_Latest]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Sensors that stood out (largest |z| >= 2) in the trailing days: the last day of each machine only', N'SCHEMA', N'dbo', N'VIEW', N'ACM_SensorHotspots_Latest'
GO

CREATE OR ALTER VIEW [ACM_DataQuality_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[SensorName], t.[CheckName], t.[CheckResult], t.[Readings], t.[Nulls], t.[NullPct], t.[LongestGap], t.[LongestFlat], t.[Notes]
FROM [ACM_DataQuality] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_DataQuality] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality_Latest]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Usability of each sensor in the trailing days: the last day of each machine only', N'SCHEMA', N'dbo', N'VIEW', N'ACM_DataQuality_Latest'
GO

CREATE OR ALTER VIEW [ACM_DefectSummary_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[Status], t.[Severity], t.[CurrentHealth], t.[AvgHealth], t.[MinHealth], t.[EpisodeCount], t.[WorstSensor], t.[GoodCount], t.[WatchCount], t.[AlertCount]
FROM [ACM_DefectSummary] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_DefectSummary] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary_Latest]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Where the machine stands at the end of the day: the last day of each machine only', N'SCHEMA', N'dbo', N'VIEW', N'ACM_DefectSummary_Latest'
GO

CREATE OR ALTER VIEW [ACM_EpisodeMetrics_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[TotalEpisodes], t.[TotalDurationHours], t.[AvgDurationHours], t.[MedianDurationHours], t.[MaxDurationHours], t.[MinDurationHours], t.[RatePerDay], t.[MeanInterarrivalHours]
FROM [ACM_EpisodeMetrics] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_EpisodeMetrics] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics_Latest]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Episodes that started in the trailing days: the last day of each machine only', N'SCHEMA', N'dbo', N'VIEW', N'ACM_EpisodeMetrics_Latest'
GO

CREATE OR ALTER VIEW [ACM_RegimeOccupancy_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[RegimeLabel], t.[RecordCount], t.[Percentage]
FROM [ACM_RegimeOccupancy] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_RegimeOccupancy] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeOccupancy_Latest]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Time spent in each regime in the trailing days: the last day of each machine only', N'SCHEMA', N'dbo', N'VIEW', N'ACM_RegimeOccupancy_Latest'
GO

CREATE OR ALTER VIEW [ACM_RegimeTransitions_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[FromLabel], t.[ToLabel], t.[Count], t.[Prob]
FROM [ACM_RegimeTransitions] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_RegimeTransitions] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTransitions_Latest]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Changes of regime in the trailing days: the last day of each machine only', N'SCHEMA', N'dbo', N'VIEW', N'ACM_RegimeTransitions_Latest'
GO
