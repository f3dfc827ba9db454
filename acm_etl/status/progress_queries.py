"""Status rows of many machines from the store: progress, runs, initial training and changed readings.

One SQL statement per kind of fact: the number of statements does not depend on the number of machines. Every method
returns a mapping by EquipID; machines without rows are missing from it. The SQL is common to both engines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from acm_etl.load.historian import fingerprints
from acm_etl.load.machines.machine_settings import ALL_MACHINES_ID
from acm_etl.load.models.model_tags import select_newest_models
from acm_etl.load.runs import final_runs_condition
from acm_etl.results import ChangedReadings, TrainingSummary
from acm_etl.status.machine_queries import MachineQueries
from acm_etl.status.machine_status import Coldstart, RunAttempt
from acm_etl.status.model_facts import BaselineNote, CalibrationFold, RefitRequest
from acm_etl.tables.common import select_newest
from acm_etl.tables.historian_checks import READING_FINGERPRINTS
from acm_etl.windows import MINUTE

_DAY_COLUMNS = ("Day", "ReadingCount", "PresentCount")


@dataclass(frozen=True, slots=True)
class ScoringProgress:
    """Progress of a machine: its last complete window and the windows scored so far."""

    scored_until: datetime
    windows_done: int
    tick: timedelta
    newest_reading: datetime | None


@dataclass(frozen=True, slots=True)
class RunTotals:
    """Totals over the runs of a machine.

    Attributes:
        failed: Runs whose last attempt failed.
        running: Windows that a process has announced and not finished.
        running_since: Start of the first of them.
        holder: Process that announced them, ``host:pid``.
        read: Readings of all complete windows, as counted when they were scored.
        first: Start of the first complete window.
        past: End of the last complete window.
        lately_read: Readings of the windows finished since a given time.
        lately_from: Start of the first of these windows' attempts.
        lately_to: End of the last of these attempts.
    """

    failed: int
    running: int
    running_since: datetime | None
    holder: str | None
    read: int
    first: datetime | None
    past: datetime | None
    lately_read: int
    lately_from: datetime | None
    lately_to: datetime | None


@dataclass(frozen=True, slots=True)
class HistoryStart:
    """Start of the first window, UTC, and the readings before it that --from left out."""

    time: datetime
    skipped_readings: int


class ProgressQueries(MachineQueries):
    """Set-based queries for progress, runs, initial training, and readings that have changed since they were scored."""

    def read_settings(self, paths: Sequence[str]) -> dict[int, dict[str, str]]:
        """Return, for each machine, the settings of these paths that ACM_Config has, as TOML text by path."""
        # Few paths, chosen by the program: no list of parameters can grow too long.
        marks = ", ".join("?" * len(paths))
        sql = "SELECT {EquipID}, {ParamPath}, {ParamValue} FROM {ACM_Config} WHERE {ParamPath} IN " + f"({marks})"
        stored: defaultdict[int, dict[str, str]] = defaultdict(dict)
        # ACM_Config is small and has one row per machine and setting at most, so no filter is needed.
        for equip_id, path, value in self._engine.query(self._engine.dialect.sql(sql), list(paths)).iter_rows():
            stored[equip_id][path] = value
        # A setting of the machine outranks the one of all machines, as in ``Config``.
        return {equip_id: {**stored[ALL_MACHINES_ID], **stored[equip_id]} for equip_id in self._wanted}

    def read_progress(self) -> dict[int, ScoringProgress]:
        """Return the progress of each machine that has published a window."""
        sql = (
            "SELECT {EquipID}, {LastBatchEndTime}, {BatchesCompleted}, {TickMinutes}, {DataMax}\n"
            "FROM {ACM_BatchProgress} WHERE {machines}"
        )
        return {
            row["EquipID"]: ScoringProgress(
                row["LastBatchEndTime"], int(row["BatchesCompleted"] or 0), row["TickMinutes"] * MINUTE, row["DataMax"]
            )
            for row in self._read_rows(sql)
        }

    def read_coldstarts(self) -> dict[int, Coldstart]:
        """Return the initial training of each machine for which one was begun or announced."""
        sql = (
            "SELECT {EquipID}, {Status}, {Reason}, {AccumulatedRows}, {RequiredRows}, {RetryAfter}, {DataStart},\n"
            "  {TrainEnd}, {PlannedEnd}, {PlannedRows}\n"
            "FROM {ACM_ColdstartState} WHERE {machines} AND {Stage} = 'score'"
        )
        return {
            row["EquipID"]: Coldstart(
                row["Status"],
                row["Reason"],
                int(row["AccumulatedRows"] or 0),
                int(row["RequiredRows"] or 0),
                row["RetryAfter"],
                _build_training(row),
            )
            for row in self._read_rows(sql)
        }

    def read_last_runs(self) -> dict[int, RunAttempt]:
        """Return the newest attempt to score a window."""
        attempts = select_newest(
            "{RunLog}", "{AttemptStartedAt}", condition="m.{Stage} = 'score'", machines="{machines}"
        )
        # All runs of a batch start at the same time: the last window decides. Not ROW_NUMBER over these runs, which
        # would read all their columns.
        sql = (
            "SELECT r.{EquipID}, r.{Outcome}, r.{WindowStart}, r.{WindowEnd}, r.{Provisional}, r.{AttemptStartedAt},\n"
            "  r.{CompletedAt}, r.{ErrorMessage}, r.{Holder}\n"
            f"FROM {attempts} AS n JOIN {{RunLog}} AS r\n"
            "  ON r.{EquipID} = n.{EquipID} AND r.{AttemptStartedAt} = n.newest AND r.{Stage} = 'score'\n"
            "WHERE r.{WindowStart} = (\n"
            "  SELECT MAX(w.{WindowStart}) FROM {RunLog} AS w\n"
            "  WHERE w.{EquipID} = n.{EquipID} AND w.{AttemptStartedAt} = n.newest AND w.{Stage} = 'score'\n"
            # A failure before the first window has no window.
            ") OR r.{WindowStart} IS NULL\n"
            # The last row of a machine overwrites the others: one with a window, and of these the smallest id.
            "ORDER BY CASE WHEN r.{WindowStart} IS NULL THEN 0 ELSE 1 END, r.{RunID} DESC"
        )
        return {
            row["EquipID"]: RunAttempt(
                row["Outcome"],
                row["WindowStart"],
                row["WindowEnd"],
                bool(row["Provisional"]),
                row["AttemptStartedAt"],
                row["CompletedAt"],
                row["ErrorMessage"],
                row["Holder"],
            )
            for row in self._read_rows(sql)
        }

    def read_run_totals(self, *, lately: datetime) -> dict[int, RunTotals]:
        """Return totals over all runs, in one pass over RunLog.

        Args:
            lately: Windows finished since this time count for the throughput.
        """
        # COUNT and SUM over CASE read RunLog once; one statement per count would scan it five times.
        final = final_runs_condition(self._engine)
        recent = "{CompletedAt} >= ? AND {Outcome} = 'OK' AND {Stage} = 'score'"
        running = "{Outcome} = 'RUNNING'"
        sql = (
            "SELECT {EquipID},\n"
            "  COUNT(CASE WHEN {Outcome} = 'FAIL' THEN 1 END) AS failed,\n"
            f"  COUNT(CASE WHEN {running} THEN 1 END) AS running,\n"
            f"  MIN(CASE WHEN {running} THEN {{AttemptStartedAt}} END) AS running_since,\n"
            f"  MAX(CASE WHEN {running} THEN {{Holder}} END) AS holder,\n"
            f"  SUM(CASE WHEN {final} THEN {{RowsRead}} END) AS read_rows,\n"
            f"  MIN(CASE WHEN {final} THEN {{WindowStart}} END) AS first_start,\n"
            f"  MAX(CASE WHEN {final} THEN {{WindowEnd}} END) AS past_end,\n"
            f"  SUM(CASE WHEN {recent} THEN {{RowsRead}} END) AS lately_read,\n"
            f"  MIN(CASE WHEN {recent} THEN {{AttemptStartedAt}} END) AS lately_from,\n"
            f"  MAX(CASE WHEN {recent} THEN {{CompletedAt}} END) AS lately_to\n"
            "FROM {RunLog} WHERE {machines} GROUP BY {EquipID}"
        )
        return {
            row["EquipID"]: RunTotals(
                failed=int(row["failed"]),
                running=int(row["running"]),
                running_since=row["running_since"],
                holder=row["holder"],
                read=int(row["read_rows"] or 0),
                first=row["first_start"],
                past=row["past_end"],
                lately_read=int(row["lately_read"] or 0),
                lately_from=row["lately_from"],
                lately_to=row["lately_to"],
            )
            # Parameters bind by position: ``recent`` occurs three times in front of the condition on machines.
            for row in self._read_rows(sql, before=[lately] * 3)
        }

    def read_refit_requests(self) -> dict[int, RefitRequest]:
        """Return the newest retraining request of each machine, unless it led to a new model."""
        sql = (
            "SELECT {EquipID}, {Status}, {RequestedAt}, {Reason}, {Message} FROM {ACM_RefitRequests}\n"
            "WHERE {machines} ORDER BY {RequestedAt}"
        )
        # Ascending order: the newest request of a machine overwrites its older ones.
        newest = {
            row["EquipID"]: RefitRequest(row["Status"], row["RequestedAt"], row["Reason"], row["Message"])
            for row in self._read_rows(sql)
        }
        # A request that led to new models needs no attention; a rejected one explains why the models are old.
        return {equip_id: request for equip_id, request in newest.items() if request.status != "DONE"}

    def read_baselines(self) -> dict[int, BaselineNote]:
        """Return the newest baseline of each machine, by its time in the data."""
        sql = (
            "SELECT {EquipID}, {EffectiveFrom}, {Status}, {RequestedAt}, {Requester}, {Reason},\n"
            "  COALESCE({TrainEnd}, {RequestedEnd}) AS train_end, {Message} FROM {ACM_Baselines}\n"
            "WHERE {machines} AND {Status} NOT IN ('REPLACED', 'WITHDRAWN') ORDER BY {EffectiveFrom}, {RequestedAt}"
        )
        # Ascending order, as for requests of a refit.
        return {
            row["EquipID"]: BaselineNote(
                row["EffectiveFrom"],
                row["Status"],
                row["RequestedAt"],
                row["Requester"],
                row["Reason"],
                row["train_end"],
                row["Message"],
            )
            for row in self._read_rows(sql)
        }

    def read_calibration_folds(self) -> dict[int, CalibrationFold]:
        """Return the folds on which the fused z of the newest models of each machine rests, in operation."""
        sql = (
            "SELECT c.{EquipID}, c.{TailFoldPct}, c.{TailFoldStart}, c.{TailFoldEnd},\n"
            "  c.{LeftOutStart}, c.{LeftOutEnd}\n"
            f"{select_newest_models('ACM_CalibrationSummary', 'c', '{machines}')}"
            # Models of earlier versions have no folds.
            "WHERE c.{DetectorType} = 'fused' AND c.{OperatingState} = 'on' AND c.{TailFoldPct} IS NOT NULL"
        )
        return {
            row["EquipID"]: CalibrationFold(
                row["TailFoldPct"], row["TailFoldStart"], row["TailFoldEnd"], row["LeftOutStart"], row["LeftOutEnd"]
            )
            for row in self._read_rows(sql)
        }

    def read_history_starts(self) -> dict[int, HistoryStart]:
        """Return the start of the scored history of each machine."""
        # A machine that was scored before there were fingerprints has no row, and then no older readings are reported.
        sql = "SELECT {EquipID}, {HistoryStart}, {SkippedReadings} FROM {ACM_HistorianChecks} WHERE {machines}"
        return {
            row["EquipID"]: HistoryStart(row["HistoryStart"], int(row["SkippedReadings"]))
            for row in self._read_rows(sql)
        }

    def read_changed_readings(self, train_ends: Mapping[int, datetime]) -> dict[int, ChangedReadings]:
        """Return the scored days that have changed; machines without changes are missing.

        Args:
            train_ends: End of the training period by EquipID.
        """
        # Changed days are few, and a day is marked in its row: no reading is looked at here.
        sql = (
            "SELECT {EquipID}, {Day}, {ReadingCount}, {PresentCount} FROM {ACM_ReadingFingerprints}\n"
            "WHERE {machines} AND {PresentCount} IS NOT NULL"
        )
        rows: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self._read_rows(sql):
            rows[row["EquipID"]].append({name: row[name] for name in _DAY_COLUMNS})
        # Given, because the rows of one machine may hold only NULLs in a column, whose type Polars cannot infer.
        schema = {name: READING_FINGERPRINTS.polars_schema[name] for name in _DAY_COLUMNS}
        found = {
            equip_id: fingerprints.summarize_changes(
                pl.DataFrame(days, schema=schema), train_end=train_ends.get(equip_id)
            )
            for equip_id, days in rows.items()
        }
        return {equip_id: changed for equip_id, changed in found.items() if changed is not None}


def _build_training(row: Mapping[str, Any]) -> TrainingSummary | None:
    """Return the training period of a row of ACM_ColdstartState; None before it is complete."""
    if row["DataStart"] is None or row["TrainEnd"] is None:
        return None
    return TrainingSummary(
        start=row["DataStart"],
        end=row["TrainEnd"],
        planned_end=row["PlannedEnd"],
        planned_running=row["PlannedRows"],
        running_readings=int(row["AccumulatedRows"] or 0),
        required_readings=int(row["RequiredRows"] or 0),
        newest_reading=None,
    )
