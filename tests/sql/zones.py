"""Render acm_etl/load/schema/mssql/005_time_zones.sql from tzlocal's table of Windows zones (CLDR's windowsZones.xml).

Run it if the test of this script fails after an update of tzlocal: ``python tests/sql/zones.py``.
"""

from __future__ import annotations

from pathlib import Path

from tzlocal.windows_tz import tz_win

SCRIPT = Path(__file__).parents[2] / "acm_etl" / "load" / "schema" / "mssql" / "005_time_zones.sql"

# Names Python's zoneinfo knows and tzlocal leaves out.
EXTRA = {
    "CST6CDT": "Central Standard Time",
    "EST5EDT": "Eastern Standard Time",
    "MST7MDT": "Mountain Standard Time",
    "PST8PDT": "Pacific Standard Time",
    "Europe/Uzhgorod": "FLE Standard Time",
    "Europe/Zaporozhye": "FLE Standard Time",
    "GMT": "UTC",
    "US/East-Indiana": "US Eastern Standard Time",
}

HEAD = """\
-- AT TIME ZONE needs Windows names of time zones; machines have IANA names. Rendered by tests/sql/zones.py from the
-- table of tzlocal, which follows Unicode CLDR (windowsZones.xml). Local times are NULL for a zone that is not listed.
IF OBJECT_ID(N'[dbo].[ACM_TimeZones]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_TimeZones] (
    [IanaName] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [WindowsName] NVARCHAR(64) NOT NULL,
    CONSTRAINT [PK_ACM_TimeZones] PRIMARY KEY CLUSTERED ([IanaName])
);
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.extended_properties
    WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_TimeZones]') AND minor_id = 0 AND name = N'MS_Description'
)
EXEC sys.sp_addextendedproperty N'MS_Description', N'Windows'' name of each IANA time zone, for AT TIME ZONE',
    'SCHEMA', N'dbo', 'TABLE', N'ACM_TimeZones';
GO

DELETE FROM [dbo].[ACM_TimeZones];
INSERT INTO [dbo].[ACM_TimeZones] ([IanaName], [WindowsName]) VALUES
"""

TAIL = """
GO

-- One zone that is unknown to the operating system of the server would make a whole view fail, so remove such zones.
IF OBJECT_ID(N'sys.time_zone_info') IS NOT NULL
EXEC (N'DELETE FROM [dbo].[ACM_TimeZones]
WHERE [WindowsName] COLLATE DATABASE_DEFAULT NOT IN (SELECT name COLLATE DATABASE_DEFAULT FROM sys.time_zone_info)');
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_TimeZones] TO [acm_reader];
"""


def script() -> str:
    """Return the script for the zones of tzlocal and ``EXTRA``."""
    rows = sorted((iana, windows) for iana, windows in (EXTRA | tz_win).items() if iana)
    assert len(rows) <= 1000, "a VALUES list takes 1,000 rows"
    return HEAD + ",\n".join(f"    (N'{iana}', N'{windows}')" for iana, windows in rows) + ";" + TAIL


if __name__ == "__main__":
    SCRIPT.write_text(script(), encoding="utf-8")
