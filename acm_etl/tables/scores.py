"""Results per reading and per event."""

from __future__ import annotations

from acm_etl.schema import col
from acm_etl.tables.common import DETECTOR_NAMES, HEALTH_ZONES, OPERATING_STATES, TIMESTAMP, declare_result_table

_DETECTOR_DOCS = {
    "ar1_z": "one-step (AR1) residuals, smoothed",
    "pca_spe_z": "squared prediction error outside the principal components (Q statistic)",
    "pca_t2_z": "Hotelling's T2 inside the principal components",
    "mhal_z": "Mahalanobis distance",
    "iforest_z": "isolation forest",
    "gmm_z": "Gaussian mixture, negative log-likelihood",
    "omr_z": "each tag from the others (leave-one-out residuals), smoothed",
    "mewma_z": "multivariate EWMA",
}

SCORES_WIDE = declare_result_table(
    "ACM_Scores_Wide",
    "One row per reading with every detector's normal-equivalent z",
    ("Timestamp",),
    TIMESTAMP,
    col("Phase", "str(8)", "TRAIN inside the training period, else SCORE", allowed_values=("TRAIN", "SCORE")),
    col(
        "OperatingState",
        "str(16)?",
        "off, transient or on; NULL where the row is unusable",
        allowed_values=OPERATING_STATES,
    ),
    *(col(head, "f64?", f"z of {_DETECTOR_DOCS[head]}") for head in DETECTOR_NAMES),
    col("drift_z", "f64?", "z of the slow path: the strongest tag's two-day leave-one-out residual"),
    col("fused", "f64?", "Fused normal-equivalent z: 3.09 is passed by 0.1 % of healthy readings"),
    col("alarm", "bool", "The alarm rule holds"),
    col("regime_label", "str(50)?", "Operating regime, stable across runs; 'off', 'unknown' or a number"),
    col("ModelVersion", "i32", "Models that scored the row"),
    grain="time",
    time_column="Timestamp",
    large=True,
)

HEALTH_TIMELINE = declare_result_table(
    "ACM_HealthTimeline",
    "Health per reading (main dashboard table)",
    ("Timestamp",),
    TIMESTAMP,
    col("HealthIndex", "f64?", "100 / (1 + (max(fused, 0) / z_scale)^2), 0-100"),
    col("HealthZone", "str(16)?", "GOOD from 85, WATCH from 70, ALERT below", allowed_values=HEALTH_ZONES),
    col("FusedZ", "f64?", "Fused z"),
    grain="time",
    time_column="Timestamp",
    large=True,
)

REGIME_TIMELINE = declare_result_table(
    "ACM_RegimeTimeline",
    "Operating regime per reading",
    ("Timestamp",),
    TIMESTAMP,
    col("RegimeLabel", "str(50)?", "Operating regime"),
    col("RegimeState", "str(16)?", "State of health by drift_z", allowed_values=("healthy", "suspect", "critical")),
    col("OperatingState", "str(16)?", "off, transient or on", allowed_values=OPERATING_STATES),
    grain="time",
    time_column="Timestamp",
    large=True,
)

CONTRIBUTION_TIMELINE = declare_result_table(
    "ACM_ContributionTimeline",
    "Which detector speaks: readings with fused z >= 2, and the first of each hour",
    ("Timestamp", "DetectorType"),
    TIMESTAMP,
    col("DetectorType", "str(50)", "Detector head", allowed_values=DETECTOR_NAMES),
    col("ContributionPct", "f64", "100 * |z| / sum of |z| over the heads"),
    col("ZScore", "f64", "z of the head"),
    grain="time",
    time_column="Timestamp",
    large=True,
)

SENSOR_HOTSPOT_TIMELINE = declare_result_table(
    "ACM_SensorHotspotTimeline",
    "The three strongest sensor deviations: |z| >= 2, and at the first reading of each hour",
    ("Timestamp", "SensorName"),
    TIMESTAMP,
    col("SensorName", "str(255)", "Tag"),
    col("Rank", "i32", "1 = strongest at that time"),
    col("AbsZ", "f64", "|SignedZ|"),
    col("SignedZ", "f64", "Deviation from the training median in robust standard deviations"),
    col("Value", "f64", "Reading, in the unit of the tag"),
    col("Level", "str(16)", "ALERT from |z| 3, WARN from 2, else INFO", allowed_values=("INFO", "WARN", "ALERT")),
    grain="time",
    time_column="Timestamp",
    large=True,
)

SENSOR_DRIFT = declare_result_table(
    "ACM_SensorDrift",
    "Slow path of every sensor at the first assessed reading of each hour",
    ("Timestamp", "SensorName"),
    TIMESTAMP,
    col("SensorName", "str(255)", "Tag"),
    col("DriftValue", "f64", "Two-day mean of its leave-one-out residual as z, signed; the largest |z| is drift_z"),
    grain="time",
    time_column="Timestamp",
    large=True,
)

EPISODES = declare_result_table(
    "ACM_Episodes",
    "One row per episode of trouble, updated while it lasts",
    ("StartTs",),
    col("StartTs", "ts3", "First reading in alarm, UTC"),
    col("EndTs", "ts3", "Last reading in alarm so far, UTC"),
    col("Status", "str(8)", "OPEN while it may go on", allowed_values=("OPEN", "CLOSED")),
    col("DurationHours", "f64", "EndTs - StartTs, hours"),
    col("RecordCount", "i64", "Readings in alarm"),
    col("PeakTimestamp", "ts3", "Time of the highest fused z, UTC"),
    col("PeakFusedZ", "f64", "Highest fused z"),
    col("AvgFusedZ", "f64", "Mean fused z of the readings in alarm"),
    col("MinHealthIndex", "f64", "Lowest health, 0-100"),
    col(
        "Severity",
        "str(8)",
        "By peak z: LOW below 4, MEDIUM below 6, else HIGH",
        allowed_values=("LOW", "MEDIUM", "HIGH"),
    ),
    col("PrimaryDetector", "str(50)", "Head with the highest mean z", allowed_values=DETECTOR_NAMES),
    col("PrimarySensor", "str(255)", "Sensor that contributes most"),
    col("Culprits", "str(500)", "Up to three sensors, strongest first, with their share"),
    col("RegimeLabel", "str(50)?", "Regime at the start"),
    grain="event",
    time_column="StartTs",
)

CULPRIT_HISTORY = declare_result_table(
    "ACM_CulpritHistory",
    "Who caused each episode (dashboard annotations)",
    ("StartTimestamp",),
    col("StartTimestamp", "ts3", "Start of the episode, UTC"),
    col("EndTimestamp", "ts3", "End of the episode so far, UTC"),
    col("DurationHours", "f64", "EndTimestamp - StartTimestamp, hours"),
    col("PrimaryDetector", "str(50)", "Head with the highest mean z", allowed_values=DETECTOR_NAMES),
    col("PrimarySensor", "str(255)", "Sensor that contributes most"),
    col("WeightedContribution", "f64", "Share of that sensor in the episode, percent"),
    col("LeadMeanZ", "f64?", "Mean fused z of the ten readings before"),
    col("DuringMeanZ", "f64", "Mean fused z of the readings in alarm"),
    col("LagMeanZ", "f64?", "Mean fused z between the last alarm and the close; NULL while open"),
    grain="event",
    time_column="StartTimestamp",
)

EPISODE_CULPRITS = declare_result_table(
    "ACM_EpisodeCulprits",
    "The sensors of each episode, ranked",
    ("StartTs", "SensorName"),
    col("StartTs", "ts3", "Start of the episode, UTC"),
    col("SensorName", "str(255)", "Tag"),
    col("Rank", "i32", "1 = contributes most; all sensors are ranked"),
    col("ContributionPct", "f64", "Share of the sensor in the episode, percent"),
    grain="event",
    time_column="StartTs",
)

TABLES = (
    SCORES_WIDE,
    HEALTH_TIMELINE,
    REGIME_TIMELINE,
    CONTRIBUTION_TIMELINE,
    SENSOR_HOTSPOT_TIMELINE,
    SENSOR_DRIFT,
    EPISODES,
    CULPRIT_HISTORY,
    EPISODE_CULPRITS,
)
