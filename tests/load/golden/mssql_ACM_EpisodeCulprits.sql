-- deleted
DELETE FROM [ACM_EpisodeCulprits]
WHERE [ACM_EpisodeCulprits].[EquipID] = ? AND [ACM_EpisodeCulprits].[StartTs] >= ? AND [ACM_EpisodeCulprits].[StartTs] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_EpisodeCulprits].[EquipID] = s.[EquipID] AND [ACM_EpisodeCulprits].[StartTs] = s.[StartTs] AND [ACM_EpisodeCulprits].[SensorName] = s.[SensorName])

-- merged
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
