"""What the runner remembers: runs, failures, progress, models, states."""

from __future__ import annotations

from acm_etl.schema import Table, col
from acm_etl.tables.common import COLDSTART, EQUIP_ID, HEALTH_STATUS, OUTCOMES, RUN_ID, scored

RUN_LOG = Table(
    "RunLog",
    "run",
    "Life cycle of every run: one window of one machine, one import, or one coldstart",
    (
        RUN_ID,
        EQUIP_ID,
        col("Stage", "str(32)", "What was run", check=("score", "coldstart", "import")),
        col("WindowStart", "ts3?", "Start of the window, UTC, included"),
        col("WindowEnd", "ts3?", "End of the window, UTC, excluded"),
        col("Outcome", "str(16)", "RUNNING until the data transaction says otherwise", check=OUTCOMES),
        col("Provisional", "bool", "The window was still open: the next run replaces its rows"),
        col("TickMinutes", "i32?", "Length of the window grid, minutes"),
        col("ModelVersion", "i32?", "Version of the models that scored the window"),
        col("ConfigSignature", "str(64)", "SHA-256 over the settings that change stored values"),
        col("RowsRead", "i64?", "Readings pulled for the window"),
        col("RowsWritten", "i64?", "Rows staged for the window over all time-grained tables"),
        col("Attempt", "i32", "How often the run was tried", volatile=True),
        col("AttemptStartedAt", "ts3", "Start of the last attempt, UTC", volatile=True),
        col("StartedAt", "ts3", "Start of the first attempt, UTC", volatile=True),
        col("CompletedAt", "ts3?", "End of the last attempt, UTC", volatile=True),
        col("ErrorMessage", "str(1000)?", "Why the last attempt failed or was swept", volatile=True),
        col("Holder", "str(200)?", "Host and process of the last attempt", volatile=True),
        col("Version", "str(32)", "Version of acm_etl", volatile=True),
    ),
    key=("RunID",),
    time="WindowStart",
    foreign={"EquipID": "Equipment"},
)

RUNS = Table(
    "ACM_Runs",
    "run",
    "What a run found: one row per scored window",
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
        col("HealthStatus", "str(16)", "Zone of AvgHealthIndex", check=HEALTH_STATUS),
        col("AvgHealthIndex", "f64?", "Mean health, 0-100"),
        col("MinHealthIndex", "f64?", "Lowest health, 0-100"),
        col("MaxFusedZ", "f64?", "Highest fused z"),
        col("DataQualityScore", "f64?", "Share of cells that were usable as they came, percent"),
        col("RefitRequested", "bool", "The run asks for new models"),
        col("ErrorMessage", "str(1000)?", "Why the run failed, and at which table"),
        col("CreatedAt", "ts3", "When the row was written, UTC", volatile=True),
    ),
    key=("RunID",),
    foreign={"RunID": "RunLog", "EquipID": "Equipment"},
)

RUN_STATS = scored(
    "ACM_Run_Stats",
    "What the readings of a run were like: one row per scored window",
    ("RunID",),
    col("WindowStartEntryDateTime", "ts3", "Start of the window, UTC, included"),
    col("WindowEndEntryDateTime", "ts3", "End of the window, UTC, excluded"),
    col("SamplesIn", "i64", "Readings pulled"),
    col("SamplesKept", "i64", "Readings that were usable"),
    col("SensorsKept", "i32", "Tags that are scored"),
    col("CadenceOKPct", "f64?", "Share of the steps between readings of at most 1.5 times the usual one, percent"),
    col("DriftP95", "f64?", "95th percentile of drift_z"),
    col("ReconRMSE", "f64?", "Root mean square of what the principal components leave, robust standard deviations"),
    col("AnomalyCount", "i64", "Readings at which the alarm rule holds"),
    grain="run",
    time="WindowStartEntryDateTime",
)

RUN_ERRORS = Table(
    "ACM_RunErrors",
    "run",
    "One row per failed attempt at a group of windows",
    (
        RUN_ID,
        EQUIP_ID,
        col("Attempt", "i32", "Attempt that failed, counted from 1"),
        col("GroupStart", "ts3", "Start of the group of windows, UTC"),
        col("GroupEnd", "ts3", "End of the group of windows, UTC"),
        col("TableName", "str(128)?", "Table at which it failed, where known"),
        col("ErrorType", "str(100)", "Class of the error"),
        col("ErrorMessage", "str(1000)", "Text of the error"),
        col("OccurredAt", "ts3", "When it failed, UTC", volatile=True),
    ),
    key=("RunID", "Attempt"),
    time="GroupStart",
    foreign={"RunID": "RunLog"},
)

WRITE_METRICS = scored(
    "ACM_WriteMetrics",
    "Rows and speed per table and published group; RunID is the first run of the group",
    ("RunID", "TableName"),
    col("TableName", "str(128)", "Table written"),
    col("GroupStart", "ts3", "Start of the group of windows, UTC"),
    col("GroupEnd", "ts3", "End of the group of windows, UTC"),
    col("RowsStaged", "i64", "Rows handed over"),
    col("RowsInserted", "i64", "New rows", volatile=True),
    col("RowsUpdated", "i64", "Changed rows", volatile=True),
    col("RowsDeleted", "i64", "Rows the window no longer has", volatile=True),
    col("Seconds", "f64", "Staging and publishing, seconds", volatile=True),
    col("RowsPerSecond", "f64?", "RowsStaged / Seconds", volatile=True),
    grain="run",
    time="GroupStart",
)

QUALITY_EVENTS = Table(
    "ACM_DataQualityEvents",
    "run",
    "Every reading that was dropped, replaced or refused: how many, where, why",
    (
        RUN_ID,
        EQUIP_ID,
        col("TableName", "str(128)", "Table the reading came from"),
        col("ColumnName", "str(255)", "Tag or column; empty where the whole row is meant"),
        col("EventType", "str(50)", "Rule that was broken, e.g. nan, infinite, out_of_range, duplicate, unparsed_time"),
        col("AffectedRows", "i64", "Readings concerned"),
        col("SampleValues", "str(500)?", "A few of the values, as they came"),
        col("EventTime", "ts3", "When it was recorded, UTC", volatile=True),
    ),
    key=("RunID", "TableName", "ColumnName", "EventType"),
)

COLDSTART_STATE = Table(
    "ACM_ColdstartState",
    "state",
    "State machine of the first training of a machine",
    (
        EQUIP_ID,
        col("Stage", "str(20)", "What is started", check=("score",)),
        col("Status", "str(20)", "PENDING, IN_PROGRESS, COMPLETE or FAILED", check=COLDSTART),
        col("AccumulatedRows", "i64", "Distinct running readings of the training period seen so far"),
        col("RequiredRows", "i64", "Running readings the training needs"),
        col("DataStart", "ts3?", "First reading of the training period, UTC"),
        col("DataEnd", "ts3?", "Last reading seen by the last attempt, UTC"),
        col("TrainEnd", "ts3?", "End of the training period, UTC, excluded"),
        col("ModelVersion", "i32?", "Models that were committed together with COMPLETE"),
        col("Reason", "str(1000)?", "Why the machine is in this state"),
        col("RetryAfter", "ts3?", "A FAILED coldstart is not tried again before this time, UTC", volatile=True),
        col("AttemptCount", "i32", "Attempts so far", volatile=True),
        col("FirstAttemptAt", "ts3?", "First attempt, UTC", volatile=True),
        col("LastAttemptAt", "ts3?", "Last attempt, UTC", volatile=True),
        col("CompletedAt", "ts3?", "When COMPLETE was reached, UTC", volatile=True),
    ),
    key=("EquipID", "Stage"),
    foreign={"EquipID": "Equipment"},
)

PROGRESS = Table(
    "ACM_BatchProgress",
    "state",
    "How far each machine is: moves in the transaction that publishes the data",
    (
        EQUIP_ID,
        col("LastBatchEndTime", "ts3", "End of the last final window, UTC: the next run starts here"),
        col("BatchesCompleted", "i64", "Final windows published (NOOP windows included)"),
        col("TickMinutes", "i32", "Length of a window, minutes"),
        col("ConfigSignature", "str(64)", "Settings the rows were made with"),
        col("ModelVersion", "i32", "Models in use"),
        col("ColdstartComplete", "bool", "Whether models exist"),
        col("DataMin", "ts3", "Start of the history that is backfilled, UTC"),
        col("DataMax", "ts3?", "Newest reading known, UTC"),
        col("UpdatedAt", "ts3", "When the row was written, UTC", volatile=True),
    ),
    key=("EquipID",),
    foreign={"EquipID": "Equipment"},
)

STATE = scored(
    "ACM_State",
    "What scoring carries across windows, as of the end of a window",
    ("AsOf",),
    col("AsOf", "ts3", "End of the window after which the state holds, UTC"),
    col("ModelVersion", "i32", "Models the state belongs to"),
    col("Blob", "bytes", "The state, as score.State.to_bytes writes it"),
    col("Hash", "str(64)", "SHA-256 of Blob"),
    grain="state",
    time="AsOf",
)

MODEL_REGISTRY = scored(
    "ModelRegistry",
    "Versioned models in a safe format",
    ("ModelType", "Version"),
    col("ModelType", "str(16)", "What the bytes are", check=("pipeline",)),
    col("Version", "i32", "Counted from 1 per machine"),
    col("HoldsFrom", "ts3", "Data time from which the version scores, UTC"),
    col("TrainStart", "ts3", "Start of the training period, UTC, included"),
    col("TrainEnd", "ts3", "End of the training period, UTC, excluded"),
    col("TrainRows", "i64", "Running readings fitted or calibrated on"),
    col("Tags", "text", "Tags in model order, JSON list"),
    col("ParamsJSON", "text", "Settings the models were fitted with"),
    col("LibrariesJSON", "text", "Library versions at fit time"),
    col("ConfigSignature", "str(64)", "Settings the models were fitted under"),
    col("ModelBytes", "bytes", "The models, as score.Model.to_bytes writes them"),
    col("Hash", "str(64)", "SHA-256 of ModelBytes"),
    col("CreatedAt", "ts3", "When the version was written, UTC", volatile=True),
    grain="model",
    time="HoldsFrom",
)

TABLES = (
    RUN_LOG,
    RUNS,
    RUN_STATS,
    RUN_ERRORS,
    WRITE_METRICS,
    QUALITY_EVENTS,
    COLDSTART_STATE,
    MODEL_REGISTRY,
    STATE,
    PROGRESS,
)
