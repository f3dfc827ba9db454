"""Views with the names and columns of V8 tables, for V8 dashboards."""

from __future__ import annotations

from acm_etl.schema import View
from acm_etl.tables.common import DETECTOR_NAMES, HEALTH_ZONES, select_newest

LOCAL_TIME_MARKER = "LOCAL_TIME"
"""Marks a local time in a view: ``LOCAL_TIME(h.{Timestamp}|e.{TimeZone})``; DDL renders the conversion per engine."""

# ar1_z stands for all detectors: an assessed reading has all scores, a reading while the machine is off has none.
_LATEST_ASSESSED = (
    f"{select_newest('{ACM_Scores_Wide}', '{Timestamp}', condition='m.{ar1_z} IS NOT NULL')} AS n\n"
    "  JOIN {ACM_Scores_Wide} AS t ON t.{EquipID} = n.{EquipID} AND t.{Timestamp} = n.newest"
)


# Every view keeps RunID and EquipID, so that a dashboard can filter it like a table.
_ROW_COLUMNS = "t.{RunID}, t.{EquipID}, t.{Timestamp}"


def _union_all(selects: list[str]) -> str:
    return "\nUNION ALL\n".join(selects)


SCORES_LONG = View(
    "ACM_Scores_Long",
    "ACM_Scores_Wide in long form: one row per assessed reading and detector",
    _union_all(
        [
            f"SELECT {_ROW_COLUMNS}, '{name}' AS {{DetectorType}}, t.{{{name}}} AS {{ZScore}}\n"
            f"FROM {{ACM_Scores_Wide}} AS t WHERE t.{{{name}}} IS NOT NULL"
            for name in DETECTOR_NAMES
        ]
    ),
)

# V8 wrote the same series under two names, and its dashboards read both.
DRIFT_TS = View(
    "ACM_Drift_TS",
    "ACM_DriftSeries, under another V8 name",
    "SELECT t.{RunID}, t.{EquipID}, t.{Timestamp}, t.{drift_z} AS {DriftValue}, t.{drift_z} AS {DriftZ}\n"
    "FROM {ACM_Scores_Wide} AS t\nWHERE t.{drift_z} IS NOT NULL",
)

ANOMALY_EVENTS = View(
    "ACM_Anomaly_Events",
    "ACM_Episodes, under another V8 name",
    "SELECT t.{RunID}, t.{EquipID}, t.{StartTs}, t.{EndTs}, t.{PeakFusedZ} AS {PeakScore}, t.{Severity}, t.{Status},\n"
    "  t.{PrimaryDetector}, t.{PrimarySensor}, t.{Culprits}\n"
    "FROM {ACM_Episodes} AS t",
)

EPISODE_DIAGNOSTICS = View(
    "ACM_EpisodeDiagnostics",
    "ACM_Episodes, numbered per machine, with the reason of the severity",
    "SELECT t.{RunID}, t.{EquipID},\n"
    # V8 numbers episodes; here the start identifies an episode, and a replay may add earlier ones.
    "  ROW_NUMBER() OVER (PARTITION BY t.{EquipID} ORDER BY t.{StartTs}) AS {episode_id},\n"
    "  t.{StartTs}, t.{EndTs}, t.{PeakFusedZ} AS {peak_z}, t.{PeakTimestamp} AS {peak_timestamp},\n"
    "  t.{DurationHours} AS {duration_h}, t.{PrimarySensor} AS {dominant_sensor},\n"
    "  t.{PrimaryDetector} AS {dominant_detector}, t.{Severity} AS {severity},\n"
    # Texts of the view must match the limits of Severity in the table.
    "  CASE t.{Severity} WHEN 'HIGH' THEN 'peak z of 6 or more' WHEN 'MEDIUM' THEN 'peak z of 4 or more'\n"
    "    ELSE 'peak z below 4' END AS {severity_reason},\n"
    "  t.{AvgFusedZ} AS {avg_z}, t.{MinHealthIndex} AS {min_health_index}\n"
    "FROM {ACM_Episodes} AS t",
)

_SUM_OF_ABS_Z = " + ".join(f"ABS(t.{{{name}}})" for name in DETECTOR_NAMES)
CONTRIBUTION_CURRENT = View(
    "ACM_ContributionCurrent",
    "Contribution of each detector at the last assessed reading of each machine",
    "SELECT c.{RunID}, c.{EquipID}, c.{Timestamp}, c.{DetectorType}, c.{ZScore},\n"
    # 1e2: a float literal on both engines; 100.0 is a DECIMAL, whose division rounds.
    "  CASE WHEN c.{Total} > 0 THEN 1e2 * ABS(c.{ZScore}) / c.{Total} ELSE 0.0 END AS {ContributionPct}\n"
    "FROM (\n"
    + _union_all(
        [
            f"  SELECT {_ROW_COLUMNS}, '{name}' AS {{DetectorType}}, t.{{{name}}} AS {{ZScore}},\n"
            # Computed once per reading in the inner query: the outer one divides by it.
            f"    {_SUM_OF_ABS_Z} AS {{Total}}\n"
            f"  FROM {_LATEST_ASSESSED}"
            for name in DETECTOR_NAMES
        ]
    )
    + "\n) AS c",
)

# UNION ALL instead of UNPIVOT, which only one of the engines has with this syntax.
_ZONE_COUNT_COLUMNS = dict(zip(HEALTH_ZONES, ("GoodCount", "WatchCount", "AlertCount"), strict=True))
HEALTH_ZONE_BY_PERIOD = View(
    "ACM_HealthZoneByPeriod",
    "Share of each health zone per local day: three rows per day with assessed readings",
    "SELECT z.{RunID}, z.{EquipID}, z.{PeriodStart}, 'DAY' AS {PeriodType}, z.{HealthZone}, z.{ZoneCount},\n"
    "  z.{TotalPoints}, 1e2 * z.{ZoneCount} / z.{TotalPoints} AS {ZonePct},\n"
    f"  CAST({LOCAL_TIME_MARKER}(z.{{PeriodStart}}|e.{{TimeZone}}) AS DATE) AS {{Date}}\n"
    "FROM (\n"
    + _union_all(
        [
            f"  SELECT t.{{RunID}}, t.{{EquipID}}, t.{{AsOf}} AS {{PeriodStart}}, '{word}' AS {{HealthZone}},\n"
            f"    t.{{{count}}} AS {{ZoneCount}}, t.{{AssessedCount}} AS {{TotalPoints}}\n"
            # A day without an assessed reading has no shares: the division would be by zero.
            "  FROM {ACM_HealthDaily} AS t WHERE t.{AssessedCount} > 0"
            for word, count in _ZONE_COUNT_COLUMNS.items()
        ]
    )
    + "\n) AS z\nJOIN {Equipment} AS e ON e.{EquipID} = z.{EquipID}",
)

SENSOR_ANOMALY_BY_PERIOD = View(
    "ACM_SensorAnomalyByPeriod",
    "How often the score of each detector reached z = 2, per local day",
    "SELECT t.{RunID}, t.{EquipID}, t.{AsOf} AS {PeriodStart}, 'DAY' AS {PeriodType},\n"
    "  t.{DaySeconds} AS {PeriodSeconds}, t.{DetectorType}, t.{Points}, t.{MaxZ}, t.{AvgZ},\n"
    "  1e2 * t.{AboveCount} / t.{Points} AS {AnomalyRatePct},\n"
    # The local date: in UTC the day of a machine east of Greenwich starts on the date before.
    f"  CAST({LOCAL_TIME_MARKER}(t.{{AsOf}}|e.{{TimeZone}}) AS DATE) AS {{Date}}\n"
    "FROM {ACM_DetectorDaily} AS t\nJOIN {Equipment} AS e ON e.{EquipID} = t.{EquipID}",
)

BASELINE_BUFFER = View(
    "ACM_BaselineBuffer",
    "Baseline: mean of the healthy readings of each sensor per local day",
    "SELECT t.{RunID}, t.{EquipID}, t.{AsOf} AS {Timestamp}, t.{SensorName}, t.{BaselineMean} AS {SensorValue},\n"
    "  t.{BaselineCount} AS {Readings}, 1e2 * t.{BaselineCount} / t.{Readings} AS {DataQuality}\n"
    "FROM {ACM_SensorDaily} AS t\nWHERE t.{BaselineCount} > 0",
)

FEATURE_DROP_LOG = View(
    "ACM_FeatureDropLog",
    "Tags that a model version excludes, with the reason",
    "SELECT t.{RunID}, t.{EquipID}, t.{ModelVersion}, t.{TagName} AS {FeatureName}, t.{Reason}\n"
    # T-SQL has no literal FALSE; a cast works on both engines.
    "FROM {ACM_ModelTags} AS t\nWHERE t.{Used} = CAST(0 AS {:bool})",
)

V8_RUNS = View(
    "Runs",
    "RunLog, with the columns of the V8 table Runs",
    "SELECT r.{RunID}, r.{EquipID}, r.{Stage}, r.{StartedAt} AS {EntryDateTime},\n"
    "  r.{CompletedAt} AS {EndEntryDateTime}, r.{WindowStart} AS {WindowStartEntryDateTime},\n"
    "  r.{WindowEnd} AS {WindowEndEntryDateTime}, r.{Outcome}, r.{Version}, r.{ConfigSignature} AS {ConfigHash},\n"
    "  r.{RowsRead}, r.{RowsWritten}, r.{ErrorMessage}\n"
    "FROM {RunLog} AS r",
)

ALERT_AGE_LATEST = View(
    "ACM_AlertAge_Latest",
    "Time in the current health zone of each machine",
    "SELECT t.{RunID}, t.{EquipID}, t.{StartTimestamp}, t.{EndTimestamp}, t.{AlertZone}, t.{DurationHours},\n"
    "  t.{RecordCount}, t.{MinHealthIndex}\n"
    # At most one open period per machine: zones follow one another.
    "FROM {ACM_AlertAge} AS t\nWHERE t.{Status} = 'OPEN'",
)

SENSOR_DRIFT_LATEST = View(
    "ACM_SensorDrift_Latest",
    "Drift score of every sensor in the last assessed hour",
    "SELECT t.{RunID}, t.{EquipID}, t.{Timestamp}, t.{SensorName}, t.{DriftValue}\n"
    f"FROM {select_newest('{ACM_SensorDrift}', '{Timestamp}')} AS n\n"
    "JOIN {ACM_SensorDrift} AS t ON t.{EquipID} = n.{EquipID} AND t.{Timestamp} = n.newest",
)

DRIFT_EVENTS_LOCAL = View(
    "ACM_DriftEventsLocal",
    "Drift events with the local times of the machine",
    "SELECT t.{EquipID}, e.{EquipCode}, e.{TimeZone}, t.{SegmentStart}, t.{SegmentEnd},\n"
    f"  {LOCAL_TIME_MARKER}(t.{{SegmentStart}}|e.{{TimeZone}}) AS {{LocalSegmentStart}},\n"
    f"  {LOCAL_TIME_MARKER}(t.{{SegmentEnd}}|e.{{TimeZone}}) AS {{LocalSegmentEnd}},\n"
    "  t.{Status}, t.{DurationHours}, t.{Value}, t.{SensorName}\n"
    "FROM {ACM_DriftEvents} AS t\nJOIN {Equipment} AS e ON e.{EquipID} = t.{EquipID}",
)

ALL = (
    SCORES_LONG,
    DRIFT_TS,
    ANOMALY_EVENTS,
    EPISODE_DIAGNOSTICS,
    CONTRIBUTION_CURRENT,
    HEALTH_ZONE_BY_PERIOD,
    SENSOR_ANOMALY_BY_PERIOD,
    BASELINE_BUFFER,
    FEATURE_DROP_LOG,
    V8_RUNS,
    ALERT_AGE_LATEST,
    SENSOR_DRIFT_LATEST,
    DRIFT_EVENTS_LOCAL,
)
