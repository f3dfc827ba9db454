-- deleted
DELETE FROM [ACM_State]
WHERE [ACM_State].[EquipID] = ? AND [ACM_State].[AsOf] >= ? AND [ACM_State].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_State].[EquipID] = s.[EquipID] AND [ACM_State].[AsOf] = s.[AsOf])

-- merged
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
