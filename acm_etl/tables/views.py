"""Views, in the SQL that both engines share; ``{name}`` marks an identifier to quote."""

from __future__ import annotations

from collections.abc import Iterable

from acm_etl.schema import Table, View
from acm_etl.tables import aliases, daily, forecast, reading_views, scores, star_views, summaries
from acm_etl.tables.aliases import LOCAL_TIME_MARKER
from acm_etl.tables.common import select_newest


def _build_latest_view(source: Table | View, columns: Iterable[str]) -> View:
    """Build the view with the rows of the last day that each machine has."""
    # Columns by name: a view with SELECT * would not show a column that is added to the table later.
    selected = ", ".join(f"t.{{{column}}}" for column in columns)
    return View(
        f"{source.name}_Latest",
        f"{source.doc}; latest day of each machine only",
        # Per machine: a machine that stopped last year keeps its last day.
        f"SELECT {selected}\nFROM {select_newest(f'{{{source.name}}}', '{AsOf}')} AS n\n"
        f"JOIN {{{source.name}}} AS t ON t.{{EquipID}} = n.{{EquipID}} AND t.{{AsOf}} = n.newest",
    )


# A reading while the machine is off has no drift score, and so no row.
DRIFT_SERIES = View(
    "ACM_DriftSeries",
    "Drift score per reading, as z",
    "SELECT t.{RunID}, t.{EquipID}, t.{Timestamp}, t.{drift_z} AS {DriftValue}\n"
    "FROM {ACM_Scores_Wide} AS t\nWHERE t.{drift_z} IS NOT NULL",
)

RUN_HISTORY = View(
    "ACM_RunHistory",
    "Every run with its machine, outcome and results",
    "SELECT r.{RunID}, r.{EquipID}, e.{EquipCode}, r.{Stage}, r.{WindowStart}, r.{WindowEnd}, r.{Outcome},\n"
    "  r.{Provisional}, r.{Attempt}, r.{StartedAt}, r.{AttemptStartedAt}, r.{CompletedAt}, a.{DurationSeconds},\n"
    "  r.{TickMinutes}, r.{ModelVersion}, r.{ConfigSignature}, r.{RowsRead}, r.{RowsWritten},\n"
    "  a.{TrainRowCount}, a.{ScoreRowCount}, a.{EpisodeCount}, a.{HealthStatus}, a.{AvgHealthIndex},\n"
    "  a.{MinHealthIndex}, a.{MaxFusedZ}, a.{DataQualityScore}, a.{RefitRequested},\n"
    # ACM_Runs names the table at which a run failed; RunLog has the text alone.
    "  COALESCE(a.{ErrorMessage}, r.{ErrorMessage}) AS {ErrorMessage}, r.{Holder}, r.{Version}\n"
    "FROM {RunLog} AS r\n"
    # LEFT JOIN: a NOOP run has no summary, and a run in progress has none yet.
    "LEFT JOIN {ACM_Runs} AS a ON a.{RunID} = r.{RunID}\n"
    "LEFT JOIN {Equipment} AS e ON e.{EquipID} = r.{EquipID}",
)

RUN_COLUMNS = View(
    "ACM_RunColumns",
    "Tags that each run scored, one row per tag",
    "SELECT r.{RunID}, r.{EquipID}, m.{Ordinal}, m.{TagName} AS {ColumnName}\n"
    "FROM {RunLog} AS r\n"
    "JOIN {ACM_ModelTags} AS m ON m.{EquipID} = r.{EquipID} AND m.{ModelVersion} = r.{ModelVersion}\n"
    # T-SQL has no literal TRUE; a cast works on both engines.
    "WHERE m.{Used} = CAST(1 AS {:bool})",
)

# Conversion in the database: charts of a plant show local days, and the stored times are UTC.
LOCAL_TIME = View(
    "ACM_LocalTime",
    "Health per reading with the local time of the machine",
    "SELECT h.{EquipID}, e.{EquipCode}, e.{TimeZone}, h.{Timestamp},\n"
    f"  {LOCAL_TIME_MARKER}(h.{{Timestamp}}|e.{{TimeZone}}) AS {{LocalTimestamp}},\n"
    "  h.{HealthIndex}, h.{HealthZone}, h.{FusedZ}\n"
    "FROM {ACM_HealthTimeline} AS h\nJOIN {Equipment} AS e ON e.{EquipID} = h.{EquipID}",
)

_IS_SCORING = "m.{Stage} = 'score'"

LATEST_RUN = View(
    "ACM_LatestRun",
    "Latest scoring attempt of each machine: window, outcome and results",
    "SELECT h.{EquipID}, h.{EquipCode}, h.{RunID}, h.{WindowStart}, h.{WindowEnd}, h.{Outcome}, h.{Provisional},\n"
    "  h.{AttemptStartedAt}, h.{CompletedAt}, h.{HealthStatus}, h.{AvgHealthIndex}, h.{MinHealthIndex},\n"
    "  h.{MaxFusedZ}, h.{ModelVersion}, h.{ErrorMessage}\n"
    "FROM (\n"
    # All runs of a batch start at the same time: the window decides, and RunID makes the order complete.
    "  SELECT r.*, ROW_NUMBER() OVER (PARTITION BY r.{EquipID} ORDER BY r.{WindowStart} DESC, r.{RunID}) AS ranked\n"
    f"  FROM {select_newest('{RunLog}', '{AttemptStartedAt}', condition=_IS_SCORING)} AS n\n"
    "  JOIN {ACM_RunHistory} AS r ON r.{EquipID} = n.{EquipID} AND r.{AttemptStartedAt} = n.newest\n"
    "    AND r.{Stage} = 'score'\n"
    ") AS h\n"
    "WHERE h.ranked = 1",
)

LATEST_HEALTH = View(
    "ACM_HealthTimeline_Latest",
    "Last assessed reading of each machine",
    "SELECT h.{RunID}, h.{EquipID}, h.{Timestamp}, h.{HealthIndex}, h.{HealthZone}, h.{FusedZ}\n"
    # Readings while the machine is off have no health: without the condition a standstill would hide the last one.
    f"FROM {select_newest('{ACM_HealthTimeline}', '{Timestamp}', condition='m.{HealthIndex} IS NOT NULL')} AS n\n"
    "JOIN {ACM_HealthTimeline} AS h ON h.{EquipID} = n.{EquipID} AND h.{Timestamp} = n.newest",
)

BATCH_STATUS = View(
    "ACM_BatchStatus",
    "Coldstart, progress and latest run of each machine, one row per machine",
    # A machine without a row has never been trained: it waits, as PENDING says.
    "SELECT e.{EquipID}, e.{EquipCode}, COALESCE(c.{Status}, 'PENDING') AS {ColdstartStatus}, c.{AccumulatedRows},\n"
    "  c.{RequiredRows}, c.{Reason} AS {ColdstartReason}, p.{LastBatchEndTime}, p.{BatchesCompleted},\n"
    "  p.{TickMinutes}, p.{DataMin}, p.{DataMax}, p.{UpdatedAt}, l.{RunID} AS {LastRunID},\n"
    "  l.{Outcome} AS {LastOutcome}, l.{AttemptStartedAt} AS {LastAttemptStartedAt}, l.{ErrorMessage} AS {LastError}\n"
    "FROM {Equipment} AS e\n"
    "LEFT JOIN {ACM_ColdstartState} AS c ON c.{EquipID} = e.{EquipID} AND c.{Stage} = 'score'\n"
    # Outer joins: a machine that was never scored has a row, or nobody would notice it.
    "LEFT JOIN {ACM_BatchProgress} AS p ON p.{EquipID} = e.{EquipID}\n"
    "LEFT JOIN {ACM_LatestRun} AS l ON l.{EquipID} = e.{EquipID}",
)

EPISODES_LOCAL = View(
    "ACM_EpisodesLocal",
    "Episodes with the local times of the machine",
    "SELECT t.{EquipID}, e.{EquipCode}, e.{TimeZone}, t.{StartTs}, t.{EndTs},\n"
    f"  {LOCAL_TIME_MARKER}(t.{{StartTs}}|e.{{TimeZone}}) AS {{LocalStartTs}},\n"
    f"  {LOCAL_TIME_MARKER}(t.{{EndTs}}|e.{{TimeZone}}) AS {{LocalEndTs}},\n"
    "  t.{Status}, t.{DurationHours}, t.{PeakFusedZ}, t.{MinHealthIndex}, t.{Severity},\n"
    "  t.{PrimarySensor}, t.{Culprits}\n"
    "FROM {ACM_Episodes} AS t\nJOIN {Equipment} AS e ON e.{EquipID} = t.{EquipID}",
)

_RUL_TS_COLUMNS = (
    "RunID",
    "EquipID",
    "AsOf",
    "Timestamp",
    "HorizonHours",
    "RUL_Hours",
    "LowerBound",
    "UpperBound",
    "Confidence",
    "Method",
)
# For every day table, because most dashboards show the latest day only.
LATEST_VIEWS = (
    *(
        _build_latest_view(table, table.columns_by_name)
        for table in (*scores.TABLES, *summaries.TABLES, *daily.TABLES, *forecast.TABLES)
        if table.grain == "day"
    ),
    _build_latest_view(forecast.RUL_TS, _RUL_TS_COLUMNS),
)

ALL: tuple[View, ...] = (
    # Scripts create the views in this order: each before the views that select from it.
    *reading_views.ALL,
    DRIFT_SERIES,
    RUN_HISTORY,
    RUN_COLUMNS,
    LOCAL_TIME,
    EPISODES_LOCAL,
    LATEST_RUN,
    LATEST_HEALTH,
    BATCH_STATUS,
    *forecast.VIEWS,
    *aliases.ALL,
    *LATEST_VIEWS,
    *star_views.ALL,
)
BY_NAME: dict[str, View] = {view.name: view for view in ALL}
