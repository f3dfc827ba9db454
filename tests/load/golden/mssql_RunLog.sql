-- deleted
DELETE FROM [RunLog]
WHERE [RunLog].[EquipID] = ? AND [RunLog].[WindowStart] >= ? AND [RunLog].[WindowStart] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [RunLog].[RunID] = s.[RunID])

-- merged
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
