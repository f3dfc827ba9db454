-- deleted
DELETE FROM [ACM_RegimeOccupancy]
WHERE [ACM_RegimeOccupancy].[EquipID] = ? AND [ACM_RegimeOccupancy].[AsOf] >= ? AND [ACM_RegimeOccupancy].[AsOf] < ?
  AND NOT EXISTS (SELECT 1 FROM [stage_1] AS s WHERE [ACM_RegimeOccupancy].[EquipID] = s.[EquipID] AND [ACM_RegimeOccupancy].[AsOf] = s.[AsOf] AND [ACM_RegimeOccupancy].[RegimeLabel] = s.[RegimeLabel])

-- merged
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
