"""The predecessor's tables (ACM V8): which rows are doubled, and how they are set aside.

V8 has no unique key on most tables and inserts a window again under a new RunID whenever it runs again, so one reading
is stored several times. The rules are ordinary predicates, so that a test can run them on any engine.
"""

from __future__ import annotations

from collections.abc import Iterable

from acm_etl import tables
from acm_etl.dialects import Dialect

V8_PLACEHOLDER_TIME = "1900-01-01"
"""The time V8 writes where it has none ("repair")."""
RUN_RANKS_TABLE = "#acm_runs"
"""Runs with their rank: failed ones first, then by start; of two copies the one of the higher rank is kept."""

_READING_KEY, _EVENT_KEY = ("EquipID", "Timestamp"), ("EquipID", "StartTimestamp")
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
"""What should identify a row, by V8 table without a key: readings and events once per machine, summaries per run."""

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
    """Condition under which row ``t`` is about no machine or no time, or about a time V8 made up."""
    q = dialect.quote
    lacking = [f"t.{q(name)} IS NULL" for name in key]
    made_up = [f"t.{q(name)} = '{V8_PLACEHOLDER_TIME}'" for name in key if name in ("Timestamp", "StartTimestamp")]
    return " OR ".join([*lacking, *made_up])


def later_run_condition(
    table: str, key: tuple[str, ...], dialect: Dialect, *, ranks_table: str = RUN_RANKS_TABLE
) -> str:
    """Condition under which a run of higher rank than that of row ``t`` has a row of the same key."""
    q = dialect.quote
    same = " AND ".join(f"n.{q(name)} = t.{q(name)}" for name in key)

    def rank(side: str) -> str:
        return f"COALESCE((SELECT MAX(o.ranked) FROM {ranks_table} AS o WHERE o.{q('RunID')} = {side}.{q('RunID')}), 0)"

    return f"EXISTS (SELECT 1 FROM {dialect.schema_prefix}{q(table)} AS n WHERE {same} AND {rank('n')} > {rank('t')})"


def build_copies_query(table: str, key: tuple[str, ...], dialect: Dialect) -> str:
    """SELECT of all rows with ``acm_copy``, which counts those of one key from 1; all but the first are in excess."""
    listed = ", ".join(map(dialect.quote, key))
    number = f"ROW_NUMBER() OVER (PARTITION BY {listed} ORDER BY {dialect.quote('RunID')})"
    return f"SELECT *, {number} AS acm_copy FROM {dialect.schema_prefix}{dialect.quote(table)}"


def build_run_ranks_query(dialect: Dialect) -> str:
    """SELECT of V8's runs with their rank."""
    q = dialect.quote
    failed = f"CASE WHEN {q('HealthStatus')} = 'ERROR' THEN 0 ELSE 1 END"
    order = f"{failed}, {q('StartedAt')}, {q('RunID')}"
    runs = f"{dialect.schema_prefix}{q('ACM_Runs')}"
    return f"SELECT {q('RunID')}, ROW_NUMBER() OVER (ORDER BY {order}) AS ranked FROM {runs}"


def build_quarantine_lines(dialect: Dialect) -> list[str]:
    """Lines of the script that moves doubled rows out of every V8 table and puts a unique key on it."""
    return [line for name, key in V8_KEYS.items() for line in _build_table_quarantine(name, key, dialect).splitlines()]


def build_transfer_rows(dialect: Dialect) -> list[str]:
    """Rows of the list of objects that make way for this schema."""
    ours = [table.name for table in tables.ALL]
    names = dict.fromkeys(
        [*V8_KEYS, *_OTHER_V8_TABLES, *(name for name in ours if name != "ACM_SchemaVersion"), *_V8_PROCEDURES]
    )
    rows = [f"({dialect.quote_literal(name)})" for name in names]
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
