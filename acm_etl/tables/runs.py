"""Records of the backfill: runs, failures, progress, models and scoring states."""

from __future__ import annotations

from typing import get_args

from acm_etl.schema import Table, col
from acm_etl.tables.common import EQUIP_ID, RUN_ID, declare_result_table
from acm_etl.words import (
    BaselineStatus,
    ColdstartStatus,
    HealthStatus,
    ModelOrigin,
    RefitStatus,
    RefitTrigger,
    RunOutcome,
)

# The first table of a batch: all results refer to their run.
RUN_LOG = Table(
    "RunLog",
    "run",
    "Life cycle of every run; a run is one window of one machine, one import, one coldstart or one refit",
    (
        RUN_ID,
        EQUIP_ID,
        col("Stage", "str(32)", "Kind of run", allowed_values=("score", "coldstart", "refit", "import")),
        col("WindowStart", "ts3?", "Start of the window, UTC, included"),
        col("WindowEnd", "ts3?", "End of the window, UTC, excluded"),
        col(
            "Outcome",
            "str(16)",
            "RUNNING until the transaction that publishes the data sets the result",
            allowed_values=get_args(RunOutcome),
        ),
        col("Provisional", "bool", "The window was incomplete: the next run replaces its rows"),
        col("TickMinutes", "i32?", "Length of the window grid, minutes"),
        col("ModelVersion", "i32?", "Version of the models that scored the window"),
        col("ConfigSignature", "str(64)", "SHA-256 of the settings that change stored values"),
        col("RowsRead", "i64?", "Readings pulled for the window"),
        col("RowsWritten", "i64?", "Rows staged for the window in all time-grained tables"),
        # Not volatile: a row whose other columns stay must still get the hash of its new results.
        col("InputHash", "str(64)?", "SHA-256 of the inputs of an incomplete window; NULL: complete, or not known"),
        col("Attempt", "i32", "Number of attempts at the run", volatile=True),
        col("AttemptStartedAt", "ts3", "Start of the last attempt, UTC", volatile=True),
        col("StartedAt", "ts3", "Start of the first attempt, UTC", volatile=True),
        col("CompletedAt", "ts3?", "End of the last attempt, UTC", volatile=True),
        col(
            "ErrorMessage",
            "str(1000)?",
            "Why the last attempt failed, or why a cleanup marked it as failed",
            volatile=True,
        ),
        col("Holder", "str(200)?", "Host and process of the last attempt", volatile=True),
        col("Version", "str(32)", "Version of acm_etl", volatile=True),
    ),
    key=("RunID",),
    time_column="WindowStart",
    foreign_keys={"EquipID": "Equipment"},
    cluster_columns=("EquipID", "WindowStart", "RunID"),
)

# RunLog has what was done, ACM_Runs what was found: a run without readings has no row here.
ACM_RUNS = Table(
    "ACM_Runs",
    "run",
    "Results of a run: one row per scored window",
    (
        RUN_ID,
        EQUIP_ID,
        col("EquipName", "str(200)?", "EquipCode of the machine"),
        col("StartedAt", "ts3", "Start of the attempt, UTC", volatile=True),
        col("CompletedAt", "ts3?", "End of the attempt, UTC; never before StartedAt", volatile=True),
        col(
            "DurationSeconds",
            "i64?",
            "CompletedAt - StartedAt, computed by the database",
            volatile=True,
            computed=("StartedAt", "CompletedAt"),
        ),
        col("ConfigSignature", "str(64)", "Settings the run was made with"),
        col("TrainRowCount", "i64?", "Readings of the training phase in the window"),
        col("ScoreRowCount", "i64?", "Readings scored in the window"),
        col("EpisodeCount", "i32?", "Episodes that start in the window"),
        col("HealthStatus", "str(16)", "Zone of AvgHealthIndex", allowed_values=get_args(HealthStatus)),
        col("AvgHealthIndex", "f64?", "Mean health, 0-100"),
        col("MinHealthIndex", "f64?", "Lowest health, 0-100"),
        col("MaxFusedZ", "f64?", "Highest fused z"),
        col("DataQualityScore", "f64?", "Share of cells that were usable without correction, percent"),
        col("RefitRequested", "bool", "The run requests new models"),
        col("ErrorMessage", "str(1000)?", "Why the run failed, and the table at which it failed"),
        col("CreatedAt", "ts3", "When the row was written, UTC", volatile=True),
    ),
    key=("RunID",),
    foreign_keys={"RunID": "RunLog", "EquipID": "Equipment"},
    cluster_columns=("EquipID", "StartedAt", "RunID"),
)

# The names with EntryDateTime are those of V8, whose dashboards read them.
RUN_STATS = declare_result_table(
    "ACM_Run_Stats",
    "Statistics of the readings of a run: one row per scored window",
    ("RunID",),
    col("WindowStartEntryDateTime", "ts3", "Start of the window, UTC, included"),
    col("WindowEndEntryDateTime", "ts3", "End of the window, UTC, excluded"),
    col("SamplesIn", "i64", "Readings pulled"),
    col("SamplesKept", "i64", "Readings that were usable"),
    col("SensorsKept", "i32", "Tags that are scored"),
    col("CadenceOKPct", "f64?", "Share of intervals between readings of at most 1.5 times the usual interval, percent"),
    col("DriftP95", "f64?", "95th percentile of drift_z"),
    col(
        "ReconRMSE",
        "f64?",
        "Root mean square of the residual outside the principal components, robust standard deviations",
    ),
    col("AnomalyCount", "i64", "Readings at which the alarm rule holds"),
    grain="run",
    time_column="WindowStartEntryDateTime",
    cluster_columns=("EquipID", "WindowStartEntryDateTime", "RunID"),
)

# Kept beside RunLog, whose ErrorMessage is cleared by the next attempt.
RUN_ERRORS = Table(
    "ACM_RunErrors",
    "run",
    "One row per failed attempt at a batch of windows",
    (
        RUN_ID,
        EQUIP_ID,
        col("Attempt", "i32", "Number of the attempt, counted from 1"),
        col("GroupStart", "ts3", "Start of the batch, UTC"),
        col("GroupEnd", "ts3", "End of the batch, UTC"),
        col("TableName", "str(128)?", "Table at which the attempt failed, if known"),
        col("ErrorType", "str(100)", "Class of the error"),
        col("ErrorMessage", "str(1000)", "Text of the error"),
        col("OccurredAt", "ts3", "Time of the failure, UTC", volatile=True),
    ),
    key=("RunID", "Attempt"),
    time_column="GroupStart",
    foreign_keys={"RunID": "RunLog"},
    cluster_columns=("EquipID", "OccurredAt", "RunID"),
)

# Counts are volatile: a batch that is published twice changes no rows, and its first counts stay.
WRITE_METRICS = declare_result_table(
    "ACM_WriteMetrics",
    "Rows and speed per table and published batch; RunID is the first run of the batch",
    ("RunID", "TableName"),
    col("TableName", "str(128)", "Table written"),
    col("GroupStart", "ts3", "Start of the batch, UTC"),
    col("GroupEnd", "ts3", "End of the batch, UTC"),
    col("RowsStaged", "i64", "Rows staged"),
    col("RowsInserted", "i64", "New rows", volatile=True),
    col("RowsUpdated", "i64", "Changed rows", volatile=True),
    col("RowsDeleted", "i64", "Rows deleted because the recomputed window no longer has them", volatile=True),
    col("Seconds", "f64", "Time for staging and publishing, seconds", volatile=True),
    col("RowsPerSecond", "f64?", "RowsStaged / Seconds", volatile=True),
    grain="run",
    time_column="GroupStart",
    cluster_columns=("EquipID", "GroupStart", "RunID"),
)

QUALITY_EVENTS = Table(
    "ACM_DataQualityEvents",
    "run",
    "Readings that were dropped, replaced, rejected or outside of training: count, place and reason",
    (
        RUN_ID,
        EQUIP_ID,
        col("TableName", "str(128)", "Table that the reading came from"),
        col("ColumnName", "str(255)", "Tag or column; empty if the whole row is affected"),
        col(
            "EventType",
            "str(50)",
            "Rule that the reading breaks, e.g. nan, out_of_range, duplicate, sensor_stuck, outside_training",
        ),
        col("AffectedRows", "i64", "Number of readings affected"),
        col("SampleValues", "str(500)?", "Some of the original values"),
        col("EventTime", "ts3", "When the row was recorded, UTC", volatile=True),
    ),
    key=("RunID", "TableName", "ColumnName", "EventType"),
    cluster_columns=("EquipID", "EventTime", "RunID"),
)

COLDSTART_STATE = Table(
    "ACM_ColdstartState",
    "state",
    "State of the initial training (coldstart) of a machine",
    (
        EQUIP_ID,
        col("Stage", "str(20)", "What is trained", allowed_values=("score",)),
        col("Status", "str(20)", "PENDING, IN_PROGRESS, COMPLETE or FAILED", allowed_values=get_args(ColdstartStatus)),
        col("AccumulatedRows", "i64", "Distinct readings in operation in the training period so far"),
        col("RequiredRows", "i64", "Readings in operation that the training needs"),
        col("DataStart", "ts3?", "First reading of the training period, UTC"),
        col("DataEnd", "ts3?", "Last reading seen by the last attempt, UTC"),
        col("TrainEnd", "ts3?", "End of the training period, UTC, excluded"),
        col("ModelVersion", "i32?", "Models that were committed in the same transaction as COMPLETE"),
        col("Reason", "str(1000)?", "Reason of the status"),
        col("RetryAfter", "ts3?", "Time before which a FAILED coldstart is not repeated, UTC", volatile=True),
        col("AttemptCount", "i32", "Number of attempts so far", volatile=True),
        col("FirstAttemptAt", "ts3?", "Time of the first attempt, UTC", volatile=True),
        col("LastAttemptAt", "ts3?", "Time of the last attempt, UTC", volatile=True),
        col("CompletedAt", "ts3?", "When the status became COMPLETE, UTC", volatile=True),
        col(
            "PlannedEnd", "ts3?", "End of the training period by training.days alone, UTC; NULL: training.until gave it"
        ),
        col(
            "PlannedRows", "i64?", "Distinct readings in operation before PlannedEnd; too few of them extend the period"
        ),
    ),
    key=("EquipID", "Stage"),
    foreign_keys={"EquipID": "Equipment"},
)

# Last in the order of publishing, so that its row stays locked for as short a time as possible.
BATCH_PROGRESS = Table(
    "ACM_BatchProgress",
    "state",
    "Watermark of each machine; it moves in the transaction that publishes the data",
    (
        EQUIP_ID,
        col("LastBatchEndTime", "ts3", "End of the last complete window, UTC; the next run starts here"),
        col("BatchesCompleted", "i64", "Complete windows published, NOOP windows included"),
        col("TickMinutes", "i32", "Length of a window, minutes"),
        col("ConfigSignature", "str(64)", "Settings the rows were made with"),
        col("ModelVersion", "i32", "Models in use"),
        col("ColdstartComplete", "bool", "Whether models exist"),
        col("DataMin", "ts3", "Start of the history to backfill, UTC"),
        col("DataMax", "ts3?", "Newest reading known, UTC"),
        col("TimeZone", "str(64)?", "Time zone of the local days of the rows; NULL: an earlier version wrote them"),
        col("UpdatedAt", "ts3", "When the row was written, UTC", volatile=True),
    ),
    key=("EquipID",),
    foreign_keys={"EquipID": "Equipment"},
)

# Bytes and not columns: the state is read as a whole or not at all, and its layout belongs to the models.
STATE = declare_result_table(
    "ACM_State",
    "Scoring state that is carried from window to window, as of the end of a window",
    ("AsOf",),
    col("AsOf", "ts3", "End of the window that the state follows, UTC"),
    col("ModelVersion", "i32", "Models that the state belongs to"),
    col("Blob", "bytes", "Serialised state (score.State.to_bytes)"),
    col("Hash", "str(64)", "SHA-256 of machine, AsOf, ModelVersion and Blob; of Blob alone in older rows"),
    grain="state",
    time_column="AsOf",
)

# Settings and library versions are kept with the bytes: they explain why two trainings differ.
MODEL_REGISTRY = declare_result_table(
    "ModelRegistry",
    "Versioned models in a safe format",
    ("ModelType", "Version"),
    col("ModelType", "str(16)", "Kind of model", allowed_values=("pipeline",)),
    col("Version", "i32", "Counted from 1 per machine"),
    col("HoldsFrom", "ts3", "Time of the data from which the version scores, UTC"),
    col("TrainStart", "ts3", "Start of the training period, UTC, included"),
    col("TrainEnd", "ts3", "End of the training period, UTC, excluded"),
    col("TrainRows", "i64", "Readings in operation used for fitting or calibration"),
    col("Tags", "text", "Tags in the order of the model, JSON list"),
    col("ParamsJSON", "text", "Scoring settings of the fit, JSON"),
    col("LibrariesJSON", "text", "Versions of the libraries that fitted the models"),
    col("ConfigSignature", "str(64)", "Settings signature of the fit"),
    col("ModelBytes", "bytes", "Serialised models (score.Model.to_bytes)"),
    col("Hash", "str(64)", "SHA-256 of ModelBytes"),
    col("CreatedAt", "ts3", "When the version was written, UTC", volatile=True),
    # Last, because a store of an earlier version gets the column by ALTER TABLE.
    col(
        "Origin",
        "str(16)?",
        "Why the version was trained; NULL: by an earlier version, which trained no baselines",
        allowed_values=get_args(ModelOrigin),
    ),
    grain="model",
    time_column="HoldsFrom",
)

# Rules and persons in one table: both are decided at the same boundaries, by the same comparison.
REFIT_REQUESTS = Table(
    "ACM_RefitRequests",
    "state",
    "Refits that a person or a rule requested, with their outcome",
    (
        EQUIP_ID,
        col(
            "RequestedAt",
            "ts3",
            "Time of the request, UTC; for a rule, the day boundary at which the rule triggered, UTC",
        ),
        col(
            "RequestedBy",
            "str(16)",
            "A person (REQUEST), or the rule that triggered",
            allowed_values=get_args(RefitTrigger),
        ),
        col("Requester", "str(100)?", "User who made the request", volatile=True),
        col("Reason", "str(1000)", "Reason of the request"),
        col(
            "Status",
            "str(16)",
            "PENDING until decided; REJECTED if the old models stay in use",
            allowed_values=get_args(RefitStatus),
        ),
        col(
            "EffectiveFrom",
            "ts3?",
            "Day boundary of the data at which the request is decided, UTC; NULL until a backfill picks it up",
        ),
        col("AcknowledgedAt", "ts3?", "Time of the decision, UTC", volatile=True),
        col("ModelVersion", "i32?", "Version of the new models, which score from EffectiveFrom on"),
        col(
            "CheckedRows", "i64?", "Healthy readings outside the fit on which the old and the new models were compared"
        ),
        col("OldAlarmShare", "f64?", "Share of CheckedRows above alarm_z with the old models, 0-1"),
        col("NewAlarmShare", "f64?", "Share of CheckedRows above alarm_z with the new models, 0-1"),
        col("Message", "str(1000)?", "Text of the decision"),
    ),
    key=("EquipID", "RequestedAt", "RequestedBy"),
    time_column="EffectiveFrom",
    foreign_keys={"EquipID": "Equipment"},
)

# A person's statement about the machine, not a result: a replay trains the same models again from it.
BASELINES = Table(
    "ACM_Baselines",
    "state",
    "Times from which a person declared the machine normal, and the models that were trained from there on",
    (
        EQUIP_ID,
        col("RequestedAt", "ts3", "Time of the request, UTC"),
        col("Requester", "str(100)?", "User who made the request"),
        col("Reason", "str(1000)", "Reason of the request"),
        col("EffectiveFrom", "ts3", "Midnight of the data from which the machine is normal, UTC"),
        col("RequestedEnd", "ts3?", "End of the training period, UTC, excluded; NULL: as soon as it is long enough"),
        col(
            "Status",
            "str(16)",
            "PENDING until trained; REJECTED: the old models stay; REPLACED by a newer request; WITHDRAWN by a person",
            allowed_values=get_args(BaselineStatus),
        ),
        col("TrainEnd", "ts3?", "End of the training period that was used, UTC, excluded"),
        col("TrainRows", "i64?", "Readings in operation in the training period"),
        col("ModelVersion", "i32?", "Version of the new models, which score from EffectiveFrom on"),
        col("DecidedAt", "ts3?", "Time of the training, UTC", volatile=True),
        col("Message", "str(1000)?", "Text of the decision"),
    ),
    key=("EquipID", "RequestedAt"),
    time_column="EffectiveFrom",
    foreign_keys={"EquipID": "Equipment"},
)

TABLES = (
    RUN_LOG,
    ACM_RUNS,
    RUN_STATS,
    RUN_ERRORS,
    WRITE_METRICS,
    QUALITY_EVENTS,
    COLDSTART_STATE,
    MODEL_REGISTRY,
    STATE,
    REFIT_REQUESTS,
    BASELINES,
    BATCH_PROGRESS,
)
