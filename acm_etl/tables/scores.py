"""Results per reading and per event."""

from __future__ import annotations

from typing import get_args

from acm_etl.schema import col
from acm_etl.tables.common import (
    DETECTOR_NAMES,
    EPISODE_CAUSES,
    EPISODE_SEVERITIES,
    OPERATING_STATES,
    TIMESTAMP,
    declare_result_table,
)
from acm_etl.tables.detectors import DETECTORS
from acm_etl.words import EpisodeEnd, EpisodeStatus

# One wide row per reading: a long form would have eight times as many rows; the view ACM_Scores_Long gives it.
SCORES_WIDE = declare_result_table(
    "ACM_Scores_Wide",
    "One row per reading with the normal-equivalent z of every detector",
    ("Timestamp",),
    TIMESTAMP,
    col("Phase", "str(8)", "TRAIN inside the training period, else SCORE", allowed_values=("TRAIN", "SCORE")),
    col(
        "OperatingState",
        "str(16)?",
        "off, transient or on; NULL if the reading is unusable",
        allowed_values=OPERATING_STATES,
    ),
    *(col(name, "f64?", f"z of {texts.method}") for name, texts in DETECTORS.items()),
    col("drift_z", "f64?", "Drift score: z of the largest two-day mean leave-one-out residual of any tag"),
    col("fused", "f64?", "Fused normal-equivalent z; 0.1 % of healthy readings exceed 3.09"),
    col("alarm", "bool", "Whether the reading is in alarm"),
    col("regime_label", "str(50)?", "Operating regime: 'off', 'unknown' or a number that stays the same across runs"),
    col("ModelVersion", "i32", "Models that scored the reading"),
    # Stored, not computed by the views that show it: the formula needs z_scale, a setting that may differ by machine.
    # Last, because a store of an earlier version gets the column by ALTER TABLE.
    col("HealthIndex", "f64?", "Health: 100 / (1 + (max(fused, 0) / z_scale)^2), 0-100; NULL if not assessed"),
    grain="time",
    time_column="Timestamp",
    large=True,
)

# Thinned out: all readings of eight detectors would be the largest table of the store.
CONTRIBUTION_TIMELINE = declare_result_table(
    "ACM_ContributionTimeline",
    "Contribution of each detector, for readings with fused z >= 2 and the first reading of each hour",
    ("Timestamp", "DetectorType"),
    TIMESTAMP,
    col("DetectorType", "str(50)", "Detector", allowed_values=DETECTOR_NAMES),
    col("ContributionPct", "f64", "100 * |z| / sum of |z| over the detectors"),
    col("ZScore", "f64", "z of the detector"),
    grain="time",
    time_column="Timestamp",
    large=True,
)

# Thinned out like the contributions: all tags of all readings would be a copy of the historian.
SENSOR_HOTSPOT_TIMELINE = declare_result_table(
    "ACM_SensorHotspotTimeline",
    "The three largest sensor deviations, for |z| >= 2 and at the first reading of each hour",
    ("Timestamp", "SensorName"),
    TIMESTAMP,
    col("SensorName", "str(255)", "Tag"),
    col("Rank", "i32", "1 = largest deviation at that time"),
    col("AbsZ", "f64", "|SignedZ|"),
    col("SignedZ", "f64", "Deviation from the training median in robust standard deviations"),
    col("Value", "f64", "Reading, in the unit of the tag"),
    col("Level", "str(16)", "ALERT from |z| 3, WARN from 2, else INFO", allowed_values=("INFO", "WARN", "ALERT")),
    grain="time",
    time_column="Timestamp",
    large=True,
)

# Hourly: a mean over two days hardly changes within an hour, and every sensor has a row.
SENSOR_DRIFT = declare_result_table(
    "ACM_SensorDrift",
    "Drift score of every sensor at the first assessed reading of each hour",
    ("Timestamp", "SensorName"),
    TIMESTAMP,
    col("SensorName", "str(255)", "Tag"),
    col(
        "DriftValue",
        "f64",
        "Two-day mean of the leave-one-out residual of the sensor, signed z; the largest |z| is drift_z",
    ),
    grain="time",
    time_column="Timestamp",
    large=True,
)

# The key is the start: it does not change while an episode grows, so that an upsert finds its row.
EPISODES = declare_result_table(
    "ACM_Episodes",
    "One row per alarm episode, updated while the episode is open",
    ("StartTs",),
    col("StartTs", "ts3", "First reading in alarm, UTC"),
    col("EndTs", "ts3", "Last reading in alarm so far, UTC"),
    col(
        "Status", "str(8)", "OPEN while further readings can extend the episode", allowed_values=get_args(EpisodeStatus)
    ),
    col("DurationHours", "f64", "EndTs - StartTs, hours"),
    col("RecordCount", "i64", "Readings in alarm"),
    col("PeakTimestamp", "ts3", "Time of the highest fused z, UTC"),
    col("PeakFusedZ", "f64", "Highest fused z"),
    col("AvgFusedZ", "f64", "Mean fused z of the readings in alarm"),
    col("MinHealthIndex", "f64", "Lowest health, 0-100"),
    col(
        "Severity",
        "str(8)",
        "By PeakFusedZ: LOW below 4, MEDIUM below 6, else HIGH",
        allowed_values=EPISODE_SEVERITIES,
    ),
    col("PrimaryDetector", "str(50)", "Detector with the highest mean z", allowed_values=DETECTOR_NAMES),
    col("PrimarySensor", "str(255)", "Sensor that contributes most"),
    col("Culprits", "str(500)", "Up to three sensors with the largest contributions, and their shares"),
    col("RegimeLabel", "str(50)?", "Regime at the start"),
    # Last, because stores of earlier versions get these columns by ALTER TABLE.
    col("LeadMeanZ", "f64?", "Mean fused z of the ten readings before the episode"),
    col("LagMeanZ", "f64?", "Mean fused z from the last reading in alarm to the close of the episode; NULL while open"),
    col(
        "OpenedBy",
        "str(16)?",
        "drift if the drift score alone raised the first reading in alarm, else detectors; NULL: earlier version",
        allowed_values=EPISODE_CAUSES,
    ),
    col(
        "ClosedBy",
        "str(16)?",
        "cleared by readings without alarm, or closed by a new baseline; NULL while open, or of an earlier version",
        allowed_values=get_args(EpisodeEnd),
    ),
    grain="event",
    time_column="StartTs",
)

# All sensors and not only the first ones: a reader may look for one that is further down.
EPISODE_CULPRITS = declare_result_table(
    "ACM_EpisodeCulprits",
    "Sensors of each episode, ranked by contribution",
    ("StartTs", "SensorName"),
    col("StartTs", "ts3", "Start of the episode, UTC"),
    col("SensorName", "str(255)", "Tag"),
    col("Rank", "i32", "1 = largest contribution; all sensors are ranked"),
    col("ContributionPct", "f64", "Share of the sensor in the deviation of the episode, percent"),
    grain="event",
    time_column="StartTs",
)

TABLES = (
    SCORES_WIDE,
    CONTRIBUTION_TIMELINE,
    SENSOR_HOTSPOT_TIMELINE,
    SENSOR_DRIFT,
    EPISODES,
    EPISODE_CULPRITS,
)
