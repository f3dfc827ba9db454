"""Duplicate rows in the tables of ACM V8: rules that find them, and SQL that moves them to quarantine tables.

Most V8 tables have no unique key, and V8 inserts a window again under a new RunID whenever it runs again. One reading
is then stored several times. The rules are plain SQL conditions, so that a test can run them on any engine.
"""

from __future__ import annotations

from collections.abc import Iterable

from acm_etl import tables
from acm_etl.dialects import Dialect

# V8 replaces a missing time by this one: such a row does not say when it holds.
V8_PLACEHOLDER_TIME = "1900-01-01"
"""Time that V8 writes for a missing time ("repair")."""
RUN_RANKS_TABLE = "#acm_runs"
"""Temporary table of runs with their rank: failed runs first, then by start. The copy of the highest rank is kept."""

_READING_KEY, _EVENT_KEY = ("EquipID", "Timestamp"), ("EquipID", "StartTimestamp")
# V8 writes these tables once per run: a second row of a run is a repeated insert.
_RUN_KEY = ("RunID", "EquipID")
_DETECTOR_KEY = (*_RUN_KEY, "DetectorType")

V8_KEYS: dict[str, tuple[str, ...]] = {
    "ACM_Scores_Wide": _READING_KEY,
    "ACM_HealthTimeline": _READING_KEY,
    "ACM_RegimeTimeline": _READING_KEY,
    "ACM_DriftSeries": _READING_KEY,
    "ACM_DefectTimeline": _READING_KEY,
    "ACM_ContributionTimeline": (*_READING_KEY, "DetectorType"),
    "ACM_ThresholdCrossings": (*_READING_KEY, "DetectorType"),
    "ACM_SensorHotspotTimeline": (*_READING_KEY, "SensorName"),
    "ACM_CulpritHistory": _EVENT_KEY,
    "ACM_DriftEvents": _RUN_KEY,
    "ACM_Episodes": _RUN_KEY,
    "ACM_EpisodeMetrics": _RUN_KEY,
    "ACM_DefectSummary": _RUN_KEY,
    "ACM_SinceWhen": _RUN_KEY,
    "ACM_AlertAge": (*_RUN_KEY, "AlertZone"),
    "ACM_ContributionCurrent": _DETECTOR_KEY,
    "ACM_SensorRanking": _DETECTOR_KEY,
    "ACM_SensorDefects": _DETECTOR_KEY,
    "ACM_CalibrationSummary": _DETECTOR_KEY,
    "ACM_SensorHotspots": (*_RUN_KEY, "SensorName"),
    "ACM_DetectorCorrelation": (*_RUN_KEY, "DetectorA", "DetectorB"),
    "ACM_HealthHistogram": (*_RUN_KEY, "HealthBin"),
    "ACM_RegimeOccupancy": (*_RUN_KEY, "RegimeLabel"),
    "ACM_RegimeDwellStats": (*_RUN_KEY, "RegimeLabel"),
    "ACM_RegimeTransitions": (*_RUN_KEY, "FromLabel", "ToLabel"),
    "ACM_RegimeStability": (*_RUN_KEY, "MetricName"),
    "ACM_HealthZoneByPeriod": (*_RUN_KEY, "PeriodType", "PeriodStart", "HealthZone"),
    "ACM_SensorAnomalyByPeriod": (*_RUN_KEY, "PeriodType", "PeriodStart", "DetectorType"),
}
"""Columns that should identify a row, by V8 table without a key: per machine for readings, per run for summaries."""

_OTHER_V8_TABLES = (
    "ACM_Runs",
    "Runs",
    "RunLog",
    "ACM_ColdstartState",
    "ModelRegistry",
    "Equipment",
    "ACM_Config",
    "ACM_ConfigHistory",
    "ACM_TagEquipmentMap",
    "ACM_DetectorMetadata",
    "ACM_BaselineBuffer",
    "ACM_DataQuality",
    *(f"ACM_{name}" for name in ("Scores_Long", "Drift_TS", "Anomaly_Events", "Regime_Episodes", "Run_Stats")),
    *(f"ACM_PCA_{name}" for name in ("Models", "Loadings", "Metrics")),
    "ACM_EpisodeCulprits",
    "ACM_EpisodeDiagnostics",
    "ACM_HealthForecast_TS",
    "ACM_FailureForecast_TS",
    "ACM_RUL_TS",
    "ACM_RUL_Summary",
    "ACM_RUL_Attribution",
    "ACM_SensorForecast_TS",
    "ACM_MaintenanceRecommendation",
    "ACM_EnhancedFailureProbability_TS",
    "ACM_FailureCausation",
    "ACM_EnhancedMaintenanceRecommendation",
    "ACM_RecommendedActions",
)
_V8_PROCEDURES = (
    "usp_ACM_StartRun",
    "usp_ACM_FinalizeRun",
    "usp_ACM_RegisterEquipment",
    "usp_ACM_GetHistorianData_TEMP",
    "usp_ACM_CheckColdstartStatus",
    "usp_ACM_UpdateColdstartProgress",
    "usp_CleanupBaselineBuffer",
)


def keyless_row_condition(key: Iterable[str], dialect: Dialect) -> str:
    """Return the condition under which row ``t`` has no machine or no time, or the placeholder time of V8."""
    q = dialect.quote
    # A unique index of SQL Server takes NULL as a value: two such rows would stop its creation.
    missing = [f"t.{q(name)} IS NULL" for name in key]
    times = [name for name in key if name in ("Timestamp", "StartTimestamp")]
    return " OR ".join([*missing, *(f"t.{q(name)} = '{V8_PLACEHOLDER_TIME}'" for name in times)])


def later_run_condition(
    table: str, key: tuple[str, ...], dialect: Dialect, *, ranks_table: str = RUN_RANKS_TABLE
) -> str:
    """Return the condition under which a run of a higher rank than that of row ``t`` has a row with the same key."""
    q = dialect.quote
    same = " AND ".join(f"n.{q(name)} = t.{q(name)}" for name in key)

    def rank(side: str) -> str:
        # Rows of runs that ACM_Runs does not have rank lowest: nothing is known about how these runs ended.
        return f"COALESCE((SELECT MAX(o.ranked) FROM {ranks_table} AS o WHERE o.{q('RunID')} = {side}.{q('RunID')}), 0)"

    return f"EXISTS (SELECT 1 FROM {dialect.schema_prefix}{q(table)} AS n WHERE {same} AND {rank('n')} > {rank('t')})"


def build_copies_query(table: str, key: tuple[str, ...], dialect: Dialect) -> str:
    """Return the SELECT of all rows with ``acm_copy``: 1 for the row of a key to keep, 2 and more for duplicates."""
    listed = ", ".join(map(dialect.quote, key))
    # Ordered by RunID, so that a repeated run of the script keeps the same copy.
    number = f"ROW_NUMBER() OVER (PARTITION BY {listed} ORDER BY {dialect.quote('RunID')})"
    return f"SELECT *, {number} AS acm_copy FROM {dialect.schema_prefix}{dialect.quote(table)}"


def build_run_ranks_query(dialect: Dialect) -> str:
    """Return the SELECT of the runs of V8 with their rank."""
    q = dialect.quote
    # A failed run may have written a part of its rows: a complete run replaces them, even an older one.
    failed = f"CASE WHEN {q('HealthStatus')} = 'ERROR' THEN 0 ELSE 1 END"
    order = f"{failed}, {q('StartedAt')}, {q('RunID')}"
    runs = f"{dialect.schema_prefix}{q('ACM_Runs')}"
    return f"SELECT {q('RunID')}, ROW_NUMBER() OVER (ORDER BY {order}) AS ranked FROM {runs}"


def build_quarantine_lines(dialect: Dialect) -> list[str]:
    """Return the lines of the script that moves duplicates out of every V8 table and adds a unique index."""
    return [line for name, key in V8_KEYS.items() for line in _build_table_quarantine(name, key, dialect).splitlines()]


def build_transfer_rows(dialect: Dialect) -> list[str]:
    """Return the objects of V8 that are moved out of the way of this schema, as rows of a VALUES list."""
    # All names of this schema, because V8 may have a table of the same name. A database with ACM_SchemaVersion is not
    # one of V8, and the script stops there.
    ours = [table.name for table in tables.ALL]
    names = dict.fromkeys(
        [*V8_KEYS, *_OTHER_V8_TABLES, *(name for name in ours if name != "ACM_SchemaVersion"), *_V8_PROCEDURES]
    )
    # Names are literals of this program: no text of a user reaches the script.
    rows = [f"({dialect.quote_literal(name)})" for name in names]
    # T-SQL allows no comma after the last row.
    return [f"{row}," for row in rows[:-1]] + rows[-1:]


def _build_table_quarantine(name: str, key: tuple[str, ...], dialect: Dialect) -> str:
    q = dialect.quote
    return _QUARANTINE_TEMPLATE.format(
        name=name,
        keys=", ".join(key),
        table=f"{dialect.schema_prefix}{q(name)}",
        aside=f"[quarantine].{q(name)}",
        index=q(f"UQ_{name}_V8"),
        listed=", ".join(map(q, key)),
        unkeyed=keyless_row_condition(key, dialect),
        replaced=later_run_condition(name, key, dialect),
        copies=build_copies_query(name, key, dialect),
    )


_QUARANTINE_TEMPLATE = """GO
-- {name}: one row per {keys}
IF OBJECT_ID(N'{table}', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        {copies}
    )
    SELECT N'{name}' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN {unkeyed} THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'{table}', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'{aside}', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO {aside}
        FROM (SELECT * FROM {table} UNION ALL SELECT * FROM {table}) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO {aside}
    FROM {table} AS t
    WHERE {unkeyed};
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO {aside}
    FROM {table} AS t
    WHERE {replaced};
    WITH copied AS (
        {copies}
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO {aside}
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'{table}') AND name = N'UQ_{name}_V8')
        CREATE UNIQUE INDEX {index} ON {table} ({listed});
    COMMIT TRANSACTION;
    SELECT N'{name}' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM {aside}
    GROUP BY acm_reason;
END;
"""
