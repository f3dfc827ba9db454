"""Results per event: one row per crossing, change or period. An open row is updated by every window it spans."""

from __future__ import annotations

from typing import get_args

from acm_etl.schema import col
from acm_etl.tables.common import HEALTH_ZONES, declare_result_table
from acm_etl.words import EpisodeStatus

# An open row is written again by every batch it spans; a closed one never changes.
_STATUS_COLUMN = col(
    "Status", "str(8)", "OPEN while further readings can extend the period", allowed_values=get_args(EpisodeStatus)
)

# Crossings and not all readings beyond the threshold: an alarm of a week is two rows.
THRESHOLD_CROSSINGS = declare_result_table(
    "ACM_ThresholdCrossings",
    "Readings at which the fused z crosses 2, the level from which contributions are stored for every reading",
    ("Timestamp", "DetectorType"),
    col("Timestamp", "ts3", "First assessed reading on the other side of the threshold, UTC"),
    col("DetectorType", "str(50)", "Score that crosses the threshold", allowed_values=("fused",)),
    col("Threshold", "f64", "Threshold, as z"),
    col("ZScore", "f64", "Fused z of the reading"),
    col(
        "Direction",
        "str(10)",
        "up: above the threshold from this reading on; down: no longer above the threshold",
        allowed_values=("up", "down"),
    ),
    grain="event",
    time_column="Timestamp",
)

# Two columns appear under two names: V8 dashboards read either of them.
DEFECT_TIMELINE = declare_result_table(
    "ACM_DefectTimeline",
    "Changes of the health zone from one assessed reading to the next",
    ("Timestamp",),
    col("Timestamp", "ts3", "First assessed reading in the new zone, UTC"),
    col("EventType", "str(16)", "Kind of event", allowed_values=("ZONE_CHANGE",)),
    col(
        "FromZone",
        "str(16)",
        "Zone before the change; START at the first reading of the machine",
        allowed_values=("START", *HEALTH_ZONES),
    ),
    col("ToZone", "str(16)", "Zone after the change", allowed_values=HEALTH_ZONES),
    col("HealthZone", "str(16)", "ToZone, under the name that V8 dashboards read", allowed_values=HEALTH_ZONES),
    col("HealthAtEvent", "f64", "Health of the reading, 0-100"),
    col("HealthIndex", "f64", "HealthAtEvent, under the name that V8 dashboards read"),
    col("DefectScore", "f64", "100 - HealthIndex"),
    col("FusedZ", "f64", "Fused z of the reading"),
    grain="event",
    time_column="Timestamp",
)

# 3.09 is the z that 0.1 % of healthy readings exceed.
DRIFT_EVENTS = declare_result_table(
    "ACM_DriftEvents",
    "Periods with critical drift (drift_z >= 3.09) after the training period",
    ("SegmentStart",),
    col("SegmentStart", "ts3", "First reading of the period, UTC"),
    col("SegmentEnd", "ts3", "Last reading of the period so far, UTC"),
    col("Timestamp", "ts3", "Time of the highest drift_z, UTC"),
    col("Value", "f64", "Highest drift_z"),
    _STATUS_COLUMN,
    col("DurationHours", "f64", "SegmentEnd - SegmentStart, hours"),
    col("RecordCount", "i64", "Readings in the period"),
    col("SensorName", "str(255)", "Tag with the largest mean drift"),
    grain="event",
    time_column="SegmentStart",
)

# One row per period: a regime that lasts for months needs no row per reading to answer "since when".
REGIME_EPISODES = declare_result_table(
    "ACM_Regime_Episodes",
    "Periods in one operating regime",
    ("StartTs",),
    col("StartTs", "ts3", "First reading in the regime, UTC"),
    col("EndTs", "ts3", "Last reading in the regime so far, UTC"),
    _STATUS_COLUMN,
    col("RegimeLabel", "str(50)", "Operating regime"),
    col("DurationSeconds", "f64", "EndTs - StartTs, seconds"),
    col("DurationHours", "f64", "EndTs - StartTs, hours"),
    col("RecordCount", "i64", "Usable readings in the period"),
    col("AvgFusedZ", "f64", "Mean fused z"),
    col("MaxFusedZ", "f64", "Highest fused z"),
    col("StabilityScore", "f64", "Share of readings with fused z below 2, percent"),
    grain="event",
    time_column="StartTs",
)

# The duration is stored and not computed by a view: an open period ends at its last reading, not now.
ALERT_AGE = declare_result_table(
    "ACM_AlertAge",
    "Periods in one health zone; the open row gives the time in the current zone",
    ("StartTimestamp",),
    col("StartTimestamp", "ts3", "First assessed reading in the zone, UTC"),
    col("EndTimestamp", "ts3", "Last assessed reading in the zone so far, UTC"),
    col("AlertZone", "str(16)", "Health zone", allowed_values=HEALTH_ZONES),
    _STATUS_COLUMN,
    col("DurationHours", "f64", "EndTimestamp - StartTimestamp, hours"),
    col("RecordCount", "i64", "Assessed readings in the period"),
    col("MinHealthIndex", "f64", "Lowest health, 0-100"),
    grain="event",
    time_column="StartTimestamp",
)

TABLES = (THRESHOLD_CROSSINGS, DEFECT_TIMELINE, DRIFT_EVENTS, REGIME_EPISODES, ALERT_AGE)
