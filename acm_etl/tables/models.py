"""Parameters of a model version: principal components, and the fit of each tag from the others."""

from __future__ import annotations

from acm_etl.schema import col
from acm_etl.tables.common import declare_result_table

# Written once per version, together with the models in ModelRegistry.
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
    col("ScalingSpecJSON", "str(200)", "JSON: scaling of the readings before the decomposition"),
    col("TrainStartEntryDateTime", "ts3", "First reading of the training, UTC"),
    col("TrainEndEntryDateTime", "ts3", "Last reading of the training, UTC"),
    grain="model",
)

# The sign of a component is arbitrary: the fit makes its largest weight positive, so that equal data give equal rows.
PCA_LOADINGS = declare_result_table(
    "ACM_PCA_Loadings",
    "PCA loadings: weight of each tag in each component",
    ("ModelVersion", "ComponentNo", "Sensor"),
    _VERSION_COLUMN,
    col("EntryDateTime", "ts3", "Last reading of the training, UTC"),
    col("ComponentNo", "i32", "Component, 1 = largest variance"),
    col("ComponentID", "str(16)", "Text PC followed by ComponentNo"),
    col("Sensor", "str(255)", "Tag"),
    col("FeatureName", "str(255)", "Sensor, under V8's other name"),
    col("Loading", "f64", "Entry of the unit vector of the component, -1 to 1"),
    grain="model",
)

# The percentile is of readings that were not fitted: on fitted ones the error looks too small.
PCA_METRICS = declare_result_table(
    "ACM_PCA_Metrics",
    "Explained variance and reconstruction error of the PCA model",
    ("ModelVersion",),
    _VERSION_COLUMN,
    col("EntryDateTime", "ts3", "Last reading of the training, UTC"),
    col("Var90_N", "i32", "Components that explain 90 % of the variance"),
    col(
        "ReconRMSE",
        "f64",
        "Root mean square of the residual outside the kept components, robust standard deviations per tag",
    ),
    col("P95_ReconRMSE", "f64", "95th percentile of that residual per reading, over readings that were not fitted"),
    col("Notes", "str(200)?", "JSON: tags, components, share of the variance kept"),
    grain="model",
)

# Says before any alarm which tags the model can check by the others: for a tag with a low R2 it cannot.
OMR_DIAGNOSTICS = declare_result_table(
    "ACM_OMR_Diagnostics",
    "Fit of each tag from the others in a model version (leave-one-out regression)",
    ("ModelVersion", "SensorName"),
    _VERSION_COLUMN,
    col("SensorName", "str(255)", "Tag"),
    col("ResidualStd", "f64", "Standard deviation of the tag given all others, robust standard deviations, floored"),
    col("ExplainedPct", "f64", "Share of the variance of the tag that the other tags explain, percent (R2)"),
    col("Persistence", "f64", "Correlation of successive residuals"),
    col("BestPredictor", "str(255)?", "Other tag with the largest weight; NULL if no tag has a weight"),
    col(
        "BestWeight",
        "f64?",
        "Weight of BestPredictor: change of the tag per change of BestPredictor, both in robust standard deviations",
    ),
    grain="model",
)

TABLES = (PCA_MODELS, PCA_LOADINGS, PCA_METRICS, OMR_DIAGNOSTICS)
