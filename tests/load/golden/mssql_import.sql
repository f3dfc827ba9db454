-- repeated times
SELECT COUNT(*) - COUNT(DISTINCT [EntryDateTime]) AS n FROM [stage_1]
GO

-- last values
INSERT INTO [stage_1_o] ([ACM_Ordinal], [EntryDateTime], [Tag.1 Fan-A], [x]]y])
SELECT COALESCE(MAX(CASE WHEN s.[Tag.1 Fan-A] IS NOT NULL OR s.[x]]y] IS NOT NULL THEN s.[ACM_Ordinal] END), MAX(s.[ACM_Ordinal])), s.[EntryDateTime],
  MAX(CASE WHEN s.[Tag.1 Fan-A] IS NOT NULL THEN s.[ACM_Ordinal] END), MAX(CASE WHEN s.[x]]y] IS NOT NULL THEN s.[ACM_Ordinal] END)
FROM [stage_1] AS s
WHERE s.[EntryDateTime] >= ? AND s.[EntryDateTime] < ? AND s.[EntryDateTime] IN (
  SELECT s.[EntryDateTime] FROM [stage_1] AS s WHERE s.[EntryDateTime] >= ? AND s.[EntryDateTime] < ? GROUP BY s.[EntryDateTime] HAVING COUNT(*) > 1)
GROUP BY s.[EntryDateTime]
GO

-- folded rows
INSERT INTO [stage_1_f] ([EntryDateTime], [Tag.1 Fan-A], [x]]y])
SELECT s.[EntryDateTime],
  MAX(CASE WHEN s.[ACM_Ordinal] = o.[Tag.1 Fan-A] THEN s.[Tag.1 Fan-A] END), MAX(CASE WHEN s.[ACM_Ordinal] = o.[x]]y] THEN s.[x]]y] END)
FROM [stage_1] AS s JOIN [stage_1_o] AS o ON o.[EntryDateTime] = s.[EntryDateTime]
WHERE s.[EntryDateTime] >= ? AND s.[EntryDateTime] < ? AND o.[EntryDateTime] >= ? AND o.[EntryDateTime] < ?
GROUP BY s.[EntryDateTime]
GO

-- duplicates
SELECT COUNT(CASE WHEN s.[Tag.1 Fan-A] <> f.[Tag.1 Fan-A] OR s.[x]]y] <> f.[x]]y] THEN 1 END) AS n0,
  COUNT(CASE WHEN s.[Tag.1 Fan-A] <> f.[Tag.1 Fan-A] OR s.[x]]y] <> f.[x]]y] THEN NULL WHEN s.[ACM_Ordinal] = o.[Tag.1 Fan-A] OR s.[ACM_Ordinal] = o.[x]]y] THEN 1 END) AS n1,
  COUNT(CASE WHEN s.[ACM_Ordinal] <> o.[Tag.1 Fan-A] THEN s.[Tag.1 Fan-A] END) AS n2,
  COUNT(CASE WHEN s.[Tag.1 Fan-A] <> f.[Tag.1 Fan-A] THEN 1 END) AS n3,
  COUNT(CASE WHEN s.[Tag.1 Fan-A] <> f.[Tag.1 Fan-A] AND o.[Tag.1 Fan-A] - s.[ACM_Ordinal] < 549755813888 THEN 1 END) AS n4,
  COUNT(CASE WHEN s.[ACM_Ordinal] <> o.[x]]y] THEN s.[x]]y] END) AS n5,
  COUNT(CASE WHEN s.[x]]y] <> f.[x]]y] THEN 1 END) AS n6,
  COUNT(CASE WHEN s.[x]]y] <> f.[x]]y] AND o.[x]]y] - s.[ACM_Ordinal] < 549755813888 THEN 1 END) AS n7
FROM [stage_1] AS s JOIN [stage_1_o] AS o ON o.[EntryDateTime] = s.[EntryDateTime]
JOIN [stage_1_f] AS f ON f.[EntryDateTime] = s.[EntryDateTime]
WHERE s.[ACM_Ordinal] <> o.[ACM_Ordinal] AND s.[EntryDateTime] >= ? AND s.[EntryDateTime] < ? AND o.[EntryDateTime] >= ? AND o.[EntryDateTime] < ? AND f.[EntryDateTime] >= ? AND f.[EntryDateTime] < ?
GO

-- conflicts within the import
SELECT s.[EntryDateTime] AS at_time, s.[x]]y] AS old_value, f.[x]]y] AS new_value
FROM [stage_1] AS s JOIN [stage_1_o] AS o ON o.[EntryDateTime] = s.[EntryDateTime]
JOIN [stage_1_f] AS f ON f.[EntryDateTime] = s.[EntryDateTime]
WHERE s.[x]]y] <> f.[x]]y]
ORDER BY s.[EntryDateTime] OFFSET 0 ROWS FETCH NEXT 3 ROWS ONLY
GO

-- stored rows
SELECT COUNT(*) AS n FROM [FAN_Data] AS t WITH (HOLDLOCK, UPDLOCK) WHERE t.[EntryDateTime] >= ? AND t.[EntryDateTime] <= ?
GO

-- comparison
SELECT COUNT(DISTINCT t.[EntryDateTime]) AS n0,
  COUNT(DISTINCT CASE WHEN (s.[Tag.1 Fan-A] IS NOT NULL AND (t.[Tag.1 Fan-A] IS NULL OR t.[Tag.1 Fan-A] <> s.[Tag.1 Fan-A])) OR (s.[x]]y] IS NOT NULL AND (t.[x]]y] IS NULL OR t.[x]]y] <> s.[x]]y])) THEN t.[EntryDateTime] END) AS n1,
  COUNT(DISTINCT CASE WHEN s.[Tag.1 Fan-A] <> t.[Tag.1 Fan-A] OR s.[x]]y] <> t.[x]]y] THEN t.[EntryDateTime] END) AS n2,
  COUNT(CASE WHEN s.[Tag.1 Fan-A] = t.[Tag.1 Fan-A] THEN 1 END) AS n3,
  COUNT(CASE WHEN s.[Tag.1 Fan-A] <> t.[Tag.1 Fan-A] THEN 1 END) AS n4,
  COUNT(CASE WHEN s.[x]]y] = t.[x]]y] THEN 1 END) AS n5,
  COUNT(CASE WHEN s.[x]]y] <> t.[x]]y] THEN 1 END) AS n6
FROM [FAN_Data] AS t WITH (HOLDLOCK, UPDLOCK) JOIN (SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1] AS a WHERE NOT EXISTS (SELECT 1 FROM [stage_1_f] AS f WHERE f.[EntryDateTime] = a.[EntryDateTime])
UNION ALL SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1_f]) AS s ON s.[EntryDateTime] = t.[EntryDateTime]
WHERE s.[EntryDateTime] >= ? AND s.[EntryDateTime] < ? AND t.[EntryDateTime] >= ? AND t.[EntryDateTime] < ?
GO

-- conflicts with the store
SELECT s.[EntryDateTime] AS at_time, t.[x]]y] AS old_value, s.[x]]y] AS new_value
FROM [FAN_Data] AS t WITH (HOLDLOCK, UPDLOCK) JOIN (SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1] AS a WHERE NOT EXISTS (SELECT 1 FROM [stage_1_f] AS f WHERE f.[EntryDateTime] = a.[EntryDateTime])
UNION ALL SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1_f]) AS s ON s.[EntryDateTime] = t.[EntryDateTime]
WHERE s.[x]]y] <> t.[x]]y]
ORDER BY s.[EntryDateTime] OFFSET 0 ROWS FETCH NEXT 3 ROWS ONLY
GO

-- merged
DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);
MERGE INTO [FAN_Data] WITH (HOLDLOCK, UPDLOCK) AS t
USING (SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1] AS a WHERE NOT EXISTS (SELECT 1 FROM [stage_1_f] AS f WHERE f.[EntryDateTime] = a.[EntryDateTime])
UNION ALL SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1_f]) AS s
ON t.[EntryDateTime] = s.[EntryDateTime]
WHEN MATCHED AND ((s.[Tag.1 Fan-A] IS NOT NULL AND (t.[Tag.1 Fan-A] IS NULL OR t.[Tag.1 Fan-A] <> s.[Tag.1 Fan-A])) OR (s.[x]]y] IS NOT NULL AND (t.[x]]y] IS NULL OR t.[x]]y] <> s.[x]]y])))
  THEN UPDATE SET [Tag.1 Fan-A] = COALESCE(s.[Tag.1 Fan-A], t.[Tag.1 Fan-A]), [x]]y] = COALESCE(s.[x]]y], t.[x]]y])
WHEN NOT MATCHED BY TARGET
  THEN INSERT ([EntryDateTime], [Tag.1 Fan-A], [x]]y])
  VALUES (s.[EntryDateTime], s.[Tag.1 Fan-A], s.[x]]y])
OUTPUT $action INTO @changes;
SELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;
GO

-- erasable cells
SELECT COUNT(CASE WHEN s.[Tag.1 Fan-A] IS NULL THEN t.[Tag.1 Fan-A] END) AS n0,
  COUNT(CASE WHEN s.[x]]y] IS NULL THEN t.[x]]y] END) AS n1
FROM [FAN_Data] AS t WITH (HOLDLOCK, UPDLOCK) LEFT JOIN (SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1] AS a WHERE NOT EXISTS (SELECT 1 FROM [stage_1_f] AS f WHERE f.[EntryDateTime] = a.[EntryDateTime])
UNION ALL SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1_f]) AS s ON s.[EntryDateTime] = t.[EntryDateTime]
WHERE t.[EntryDateTime] >= ? AND t.[EntryDateTime] < ?
GO

-- erased cells
UPDATE [FAN_Data] SET [x]]y] = NULL
WHERE [FAN_Data].[EntryDateTime] >= ? AND [FAN_Data].[EntryDateTime] < ?
  AND [x]]y] IS NOT NULL AND NOT EXISTS (SELECT 1 FROM (SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1] AS a WHERE NOT EXISTS (SELECT 1 FROM [stage_1_f] AS f WHERE f.[EntryDateTime] = a.[EntryDateTime])
UNION ALL SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1_f]) AS s WHERE s.[EntryDateTime] = [FAN_Data].[EntryDateTime] AND s.[x]]y] IS NOT NULL)
GO

-- empty rows
DELETE FROM [FAN_Data]
WHERE [FAN_Data].[EntryDateTime] >= ? AND [FAN_Data].[EntryDateTime] < ?
  AND [Tag.1 Fan-A] IS NULL AND [x]]y] IS NULL AND [other] IS NULL
  AND NOT EXISTS (SELECT 1 FROM (SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1] AS a WHERE NOT EXISTS (SELECT 1 FROM [stage_1_f] AS f WHERE f.[EntryDateTime] = a.[EntryDateTime])
UNION ALL SELECT [EntryDateTime], [Tag.1 Fan-A], [x]]y] FROM [stage_1_f]) AS s WHERE s.[EntryDateTime] = [FAN_Data].[EntryDateTime])
GO
