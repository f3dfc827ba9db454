"""T-SQL of this product as DuckDB takes it."""

from __future__ import annotations

import re

_TYPES = {
    "UNIQUEIDENTIFIER": "UUID",
    "FLOAT(53)": "DOUBLE",
    "BIT": "BOOLEAN",
    "DATETIME2(3)": "TIMESTAMP_MS",
    "NVARCHAR(MAX)": "VARCHAR",
    "VARBINARY(MAX)": "BLOB",
}
_PIECE = re.compile(r"N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|[^'\[N]+|.", re.DOTALL)


def translate(sql: str) -> str:
    """T-SQL of this product as DuckDB takes it."""
    text = "".join(map(_piece, _PIECE.findall(re.sub(r"\[(stage|dbo)\]\.", "", sql))))
    for ours, theirs in _TYPES.items():
        text = re.sub(rf"\b{re.escape(ours)}(?!\w)", theirs, text)
    rules = (
        (r"NVARCHAR\(\d+\)", "VARCHAR"),
        (r" COLLATE (Latin1_General_100_BIN2|DATABASE_DEFAULT)", ""),
        (r"IF OBJECT_ID\([^)]*\) IS NULL\s+CREATE TABLE", "CREATE TABLE IF NOT EXISTS"),
        (r'CONSTRAINT "(?:[^"]|"")*" PRIMARY KEY (?:NON)?CLUSTERED', "PRIMARY KEY"),
        (r"\s+OPTION \(LOOP JOIN\)", ""),
        (r"\s+WITH \((?:(?:HOLDLOCK, )?UPDLOCK|UPDLOCK, HOLDLOCK|PAGLOCK)\)", ""),
        (r"EXISTS \(SELECT ([^()]*?) EXCEPT SELECT ([^()]*?)\)", r"(ROW(\1) IS DISTINCT FROM ROW(\2))"),
        (r"COUNT_BIG\(\*\)", "COUNT(*)"),
        (
            r"SUM\(CAST\(CAST\(HASHBYTES\('MD5', (.*?)\) AS BINARY\(4\)\) AS BIGINT\)\)",
            r"CAST(SUM(hash(\1) >> 32) AS BIGINT)",
        ),
        (r"CAST\(CAST\(([^()]+) AS TIMESTAMP_MS\) AS BINARY\(8\)\)", r"CAST(\1 AS VARCHAR)"),
        (r"CAST\(CAST\(([^()]+) AS VARCHAR\) AS VARBINARY\(800\)\)", r"CAST(\1 AS VARCHAR)"),
        (r"COALESCE\(CAST\(([^()]+) AS VARCHAR\), 0x\w+\)", r"COALESCE(CAST(\1 AS VARCHAR), '')"),
        (r"COALESCE\(CAST\(CAST\(([^()]+) AS DOUBLE\) AS BINARY\(8\)\), 0x\w+\)", r"COALESCE(CAST(\1 AS VARCHAR), '')"),
        (
            r"DATEADD\(minute, DATEDIFF\(minute, CAST\((.+?) AS DATE\), \1\), CAST\(CAST\(\1 AS DATE\) AS \w+\)\)",
            r"date_trunc('minute', \1)",
        ),
        (r" AS BLOB\) \+ ", " AS BLOB) || "),
        (r"(VARCHAR\)|, ''\)) \+ ", r"\1 || ',' || "),
        (r"@P(\d+)", r"$\1"),
    )
    for pattern, replacement in rules:
        text = re.sub(pattern, replacement, text)
    return text


def _piece(piece: str) -> str:
    if piece.startswith("N'"):
        return piece[1:]
    if piece.startswith("[") and piece.endswith("]"):
        inside = piece[1:-1].replace("]]", "]").replace('"', '""')
        return f'"{inside}"'
    return piece
