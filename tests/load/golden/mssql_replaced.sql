SELECT [EquipID], COUNT(*) AS n, MIN([Timestamp]) AS first, MAX([Timestamp]) AS last FROM [ACM_HealthTimeline]
GROUP BY [EquipID] ORDER BY [EquipID]
GO

UPDATE [ACM_Scores_Wide] SET [HealthIndex] = o.[HealthIndex]
FROM [ACM_HealthTimeline] AS o
WHERE [ACM_Scores_Wide].[EquipID] = o.[EquipID] AND [ACM_Scores_Wide].[Timestamp] = o.[Timestamp]
  AND [ACM_Scores_Wide].[EquipID] = @p1 AND [ACM_Scores_Wide].[Timestamp] >= @p2 AND [ACM_Scores_Wide].[Timestamp] < @p3
  AND o.[EquipID] = @p4 AND o.[Timestamp] >= @p5 AND o.[Timestamp] < @p6
  AND (EXISTS (SELECT [ACM_Scores_Wide].[HealthIndex] EXCEPT SELECT o.[HealthIndex]))
GO

ALTER TABLE [dbo].[ACM_HealthTimeline] DROP CONSTRAINT IF EXISTS [FK_ACM_HealthTimeline_RunID]
GO

ALTER TABLE [dbo].[ACM_HealthTimeline] DROP CONSTRAINT IF EXISTS [FK_ACM_HealthTimeline_EquipID]
GO

EXEC sys.sp_rename N'[dbo].[ACM_HealthTimeline]', N'ACM_HealthTimeline_Replaced'
GO

SELECT COUNT(*) AS n FROM [ACM_HealthTimeline_Replaced]
GO

SELECT COUNT(*) AS n FROM [ACM_HealthTimeline]
GO

SELECT [EquipID], COUNT(*) AS n, MIN([Timestamp]) AS first, MAX([Timestamp]) AS last FROM [ACM_HealthTimeline_Replaced]
GROUP BY [EquipID] ORDER BY [EquipID]
GO

SELECT COUNT(*) AS n FROM (
SELECT [RunID], [EquipID], [Timestamp], [HealthIndex], [HealthZone], [FusedZ] FROM [ACM_HealthTimeline_Replaced] WHERE [EquipID] = @p1 AND [Timestamp] >= @p2 AND [Timestamp] < @p3
EXCEPT
SELECT [RunID], [EquipID], [Timestamp], [HealthIndex], [HealthZone], [FusedZ] FROM [ACM_HealthTimeline] WHERE [EquipID] = @p4 AND [Timestamp] >= @p5 AND [Timestamp] < @p6
) AS d
GO

ALTER TABLE [dbo].[ACM_RegimeTimeline] DROP CONSTRAINT IF EXISTS [FK_ACM_RegimeTimeline_RunID]
GO

ALTER TABLE [dbo].[ACM_RegimeTimeline] DROP CONSTRAINT IF EXISTS [FK_ACM_RegimeTimeline_EquipID]
GO

EXEC sys.sp_rename N'[dbo].[ACM_RegimeTimeline]', N'ACM_RegimeTimeline_Replaced'
GO

SELECT COUNT(*) AS n FROM [ACM_RegimeTimeline_Replaced]
GO

SELECT COUNT(*) AS n FROM [ACM_RegimeTimeline]
GO

SELECT [EquipID], COUNT(*) AS n, MIN([Timestamp]) AS first, MAX([Timestamp]) AS last FROM [ACM_RegimeTimeline_Replaced]
GROUP BY [EquipID] ORDER BY [EquipID]
GO

SELECT COUNT(*) AS n FROM (
SELECT [RunID], [EquipID], [Timestamp], [RegimeLabel], [RegimeState], [OperatingState] FROM [ACM_RegimeTimeline_Replaced] WHERE [EquipID] = @p1 AND [Timestamp] >= @p2 AND [Timestamp] < @p3
EXCEPT
SELECT [RunID], [EquipID], [Timestamp], [RegimeLabel], [RegimeState], [OperatingState] FROM [ACM_RegimeTimeline] WHERE [EquipID] = @p4 AND [Timestamp] >= @p5 AND [Timestamp] < @p6
) AS d
GO

SELECT [EquipID], COUNT(*) AS n, MIN([StartTimestamp]) AS first, MAX([StartTimestamp]) AS last FROM [ACM_CulpritHistory]
GROUP BY [EquipID] ORDER BY [EquipID]
GO

UPDATE [ACM_Episodes] SET [LeadMeanZ] = o.[LeadMeanZ], [LagMeanZ] = o.[LagMeanZ]
FROM [ACM_CulpritHistory] AS o
WHERE [ACM_Episodes].[EquipID] = o.[EquipID] AND [ACM_Episodes].[StartTs] = o.[StartTimestamp]
  AND [ACM_Episodes].[EquipID] = @p1 AND [ACM_Episodes].[StartTs] >= @p2 AND [ACM_Episodes].[StartTs] < @p3
  AND o.[EquipID] = @p4 AND o.[StartTimestamp] >= @p5 AND o.[StartTimestamp] < @p6
  AND (EXISTS (SELECT [ACM_Episodes].[LeadMeanZ], [ACM_Episodes].[LagMeanZ] EXCEPT SELECT o.[LeadMeanZ], o.[LagMeanZ]))
GO

ALTER TABLE [dbo].[ACM_CulpritHistory] DROP CONSTRAINT IF EXISTS [FK_ACM_CulpritHistory_RunID]
GO

ALTER TABLE [dbo].[ACM_CulpritHistory] DROP CONSTRAINT IF EXISTS [FK_ACM_CulpritHistory_EquipID]
GO

EXEC sys.sp_rename N'[dbo].[ACM_CulpritHistory]', N'ACM_CulpritHistory_Replaced'
GO

SELECT COUNT(*) AS n FROM [ACM_CulpritHistory_Replaced]
GO

SELECT COUNT(*) AS n FROM [ACM_CulpritHistory]
GO

SELECT [EquipID], COUNT(*) AS n, MIN([StartTimestamp]) AS first, MAX([StartTimestamp]) AS last FROM [ACM_CulpritHistory_Replaced]
GROUP BY [EquipID] ORDER BY [EquipID]
GO

SELECT COUNT(*) AS n FROM (
SELECT [RunID], [EquipID], [StartTimestamp], [EndTimestamp], [DurationHours], [PrimaryDetector], [PrimarySensor], [WeightedContribution], [LeadMeanZ], [DuringMeanZ], [LagMeanZ] FROM [ACM_CulpritHistory_Replaced] WHERE [EquipID] = @p1 AND [StartTimestamp] >= @p2 AND [StartTimestamp] < @p3
EXCEPT
SELECT [RunID], [EquipID], [StartTimestamp], [EndTimestamp], [DurationHours], [PrimaryDetector], [PrimarySensor], [WeightedContribution], [LeadMeanZ], [DuringMeanZ], [LagMeanZ] FROM [ACM_CulpritHistory] WHERE [EquipID] = @p4 AND [StartTimestamp] >= @p5 AND [StartTimestamp] < @p6
) AS d
GO

ALTER TABLE [dbo].[ACM_RUL_TS] DROP CONSTRAINT IF EXISTS [FK_ACM_RUL_TS_RunID]
GO

ALTER TABLE [dbo].[ACM_RUL_TS] DROP CONSTRAINT IF EXISTS [FK_ACM_RUL_TS_EquipID]
GO

EXEC sys.sp_rename N'[dbo].[ACM_RUL_TS]', N'ACM_RUL_TS_Replaced'
GO

SELECT COUNT(*) AS n FROM [ACM_RUL_TS_Replaced]
GO

SELECT COUNT(*) AS n FROM [ACM_RUL_TS]
GO

SELECT [EquipID], COUNT(*) AS n, MIN([AsOf]) AS first, MAX([AsOf]) AS last FROM [ACM_RUL_TS_Replaced]
GROUP BY [EquipID] ORDER BY [EquipID]
GO

SELECT COUNT(*) AS n FROM (
SELECT [RunID], [EquipID], [AsOf], [Timestamp], [HorizonHours], [RUL_Hours], [LowerBound], [UpperBound], [Confidence], [Method] FROM [ACM_RUL_TS_Replaced] WHERE [EquipID] = @p1 AND [AsOf] >= @p2 AND [AsOf] < @p3
EXCEPT
SELECT [RunID], [EquipID], [AsOf], [Timestamp], [HorizonHours], [RUL_Hours], [LowerBound], [UpperBound], [Confidence], [Method] FROM [ACM_RUL_TS] WHERE [EquipID] = @p4 AND [AsOf] >= @p5 AND [AsOf] < @p6
) AS d
GO

DROP TABLE [ACM_HealthTimeline_Replaced]
GO

DROP TABLE [ACM_RegimeTimeline_Replaced]
GO

DROP TABLE [ACM_CulpritHistory_Replaced]
GO

DROP TABLE [ACM_RUL_TS_Replaced]
GO

