"""What a model version knows: principal components, and each tag from the others."""

from __future__ import annotations

from acm_etl.schema import col
from acm_etl.tables.common import declare_result_table

_VERSION_COLUMN = col("ModelVersion", "i32", "Model version")

PCA_MODELS = declare_result_table(
    "ACM_PCA_Models",
    "Principal components of a model version",
    ("ModelVersion",),
    _VERSION_COLUMN,
    col("EntryDateTime", "ts3", "Last reading of the training, UTC"),
    col("NComponents", "i32", "Components kept"),
    col("TargetVar", "str(200)", "JSON: 95th percentiles of SPE and T2 on readings that were not fitted"),
    col("VarExplainedJSON", "text", "JSON list: share of the variance per kept component"),
    col("ScalingSpecJSON", "str(200)", "JSON: how readings are scaled before"),
    col("TrainStartEntryDateTime", "ts3", "First reading of the training, UTC"),
    col("TrainEndEntryDateTime", "ts3", "Last reading of the training, UTC"),
    grain="model",
)

PCA_LOADINGS = declare_result_table(
    "ACM_PCA_Loadings",
    "What each tag adds to each component",
    ("ModelVersion", "ComponentNo", "Sensor"),
    _VERSION_COLUMN,
    col("EntryDateTime", "ts3", "Last reading of the training, UTC"),
    col("ComponentNo", "i32", "Component, 1 = largest variance"),
    col("ComponentID", "str(16)", "PC and ComponentNo"),
    col("Sensor", "str(255)", "Tag"),
    col("FeatureName", "str(255)", "Sensor, under V8's other name"),
    col("Loading", "f64", "Entry of the unit direction, -1 to 1"),
    grain="model",
)

PCA_METRICS = declare_result_table(
    "ACM_PCA_Metrics",
    "How well the components stand for the readings",
    ("ModelVersion",),
    _VERSION_COLUMN,
    col("EntryDateTime", "ts3", "Last reading of the training, UTC"),
    col("Var90_N", "i32", "Components that explain 90 % of the variance"),
    col("ReconRMSE", "f64", "Root mean square of what the kept components leave, robust standard deviations per tag"),
    col("P95_ReconRMSE", "f64", "95th percentile of it over readings that were not fitted"),
    col("Notes", "str(200)?", "JSON: tags, components, share of the variance kept"),
    grain="model",
)

OMR_DIAGNOSTICS = declare_result_table(
    "ACM_OMR_Diagnostics",
    "How well each tag follows from the others in a model version",
    ("ModelVersion", "SensorName"),
    _VERSION_COLUMN,
    col("SensorName", "str(255)", "Tag"),
    col("ResidualStd", "f64", "Standard deviation of the tag given all others, robust standard deviations, floored"),
    col("ExplainedPct", "f64", "Share of the tag's variance that the others explain, percent"),
    col("Persistence", "f64", "Correlation of successive residuals"),
    col("BestPredictor", "str(255)?", "Other tag with the largest weight; NULL where there is none"),
    col("BestWeight", "f64?", "Its weight: change of the tag per change of that one, in robust standard deviations"),
    grain="model",
)

TABLES = (PCA_MODELS, PCA_LOADINGS, PCA_METRICS, OMR_DIAGNOSTICS)
