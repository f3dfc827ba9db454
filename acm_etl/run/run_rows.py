"""Build rows about runs: RunLog before and after the work, run statistics, states and quality events.

RunLog rows are written twice: as RUNNING before a batch starts, so that a process that dies leaves a trace, and with
their outcome in the transaction of the results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib.metadata import version

import polars as pl

from acm_etl import score, tables
from acm_etl.load import runs
from acm_etl.load.models import state_store
from acm_etl.run.lineage import Run, lookup_run_ids
from acm_etl.source_spec import MISSING_TAG

PACKAGE_VERSION = version("acm_etl")
_SAMPLES_PER_RULE = 3  # sample values stored per rule, column and run


def build_run_log(
    planned_runs: Sequence[Run],
    *,
    now: datetime,
    shared_values: Mapping[str, object],
    stage: str = "score",
) -> pl.DataFrame:
    """Build the RUNNING rows of RunLog for planned runs.

    Args:
        planned_runs: The runs.
        now: Start of the attempt, UTC.
        shared_values: Values common to all rows: EquipID, TickMinutes, ModelVersion, ConfigSignature.
        stage: ``score``, ``coldstart`` or ``refit``.
    """
    windows = {
        "RunID": [run.run_id for run in planned_runs],
        "WindowStart": [run.window.start for run in planned_runs],
        "WindowEnd": [run.window.end for run in planned_runs],
        "RowsRead": [run.reading_count for run in planned_runs],
        "Provisional": [run.is_provisional for run in planned_runs],
    }
    return build_running_rows(pl.DataFrame(windows), now=now, shared_values={**shared_values, "Stage": stage})


def build_running_rows(run_rows: pl.DataFrame, *, now: datetime, shared_values: Mapping[str, object]) -> pl.DataFrame:
    """Build RUNNING rows of RunLog.

    Args:
        run_rows: ``RunID`` and the columns that differ between runs.
        now: Start of the attempt, UTC.
        shared_values: Values common to all rows; at least Stage, EquipID and ConfigSignature.
    """
    values = {
        "Outcome": "RUNNING",
        "Provisional": False,
        # Of a new run; ``runs.start_runs`` counts up the attempts of a stored one.
        "Attempt": 1,
        "AttemptStartedAt": now,
        "StartedAt": now,
        # Host and process: ``status`` checks whether the process still lives.
        "Holder": runs.holder_name(),
        "Version": PACKAGE_VERSION,
        **shared_values,
    }
    shared = {name: pl.lit(value) for name, value in values.items() if name not in run_rows.columns}
    return tables.runs.RUN_LOG.cast_frame(run_rows.with_columns(**shared))


def finish_run_log(
    run_log: pl.DataFrame, planned_runs: Sequence[Run], *, written_rows: pl.DataFrame, now: datetime
) -> pl.DataFrame:
    """Set outcome (OK or NOOP), rows written and end time of RunLog rows.

    Args:
        run_log: The RUNNING rows.
        planned_runs: The same runs.
        written_rows: ``RunID`` and ``RowsWritten``.
        now: End of the attempt, UTC.
    """
    outcomes = pl.DataFrame({"RunID": [r.run_id for r in planned_runs], "Outcome": [r.outcome for r in planned_runs]})
    # The columns that the attempt has settled; identity, window and settings stay as they were announced.
    frame = run_log.drop("Outcome", "RowsWritten", "CompletedAt", "ErrorMessage")
    frame = frame.join(outcomes, on="RunID", how="left", maintain_order="left").join(
        written_rows, on="RunID", how="left", maintain_order="left"
    )
    completed = frame.with_columns(
        pl.col("RowsWritten").fill_null(0),
        # The clock may have been set back during the attempt; a run must not end before it starts.
        CompletedAt=pl.max_horizontal("AttemptStartedAt", pl.lit(now)),
        ErrorMessage=pl.lit(None, pl.String),
    )
    return tables.runs.RUN_LOG.cast_frame(completed)


def build_run_stats(run_stats: pl.DataFrame, planned_runs: Sequence[Run], *, equip_id: int) -> pl.DataFrame:
    """Build the rows of ACM_Run_Stats.

    Args:
        run_stats: Result of ``score.compute_run_stats``.
        planned_runs: The runs of the batch.
        equip_id: Machine id.
    """
    windows = {
        "RunID": [run.run_id for run in planned_runs],
        "WindowStartEntryDateTime": [run.window.start for run in planned_runs],
        "WindowEndEntryDateTime": [run.window.end for run in planned_runs],
    }
    stats = run_stats.join(pl.DataFrame(windows), on="RunID", maintain_order="left")
    return tables.runs.RUN_STATS.cast_frame(stats.with_columns(EquipID=pl.lit(equip_id)))


def count_written_rows(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Count the rows per run: ``RunID`` and ``RowsWritten``, over all tables with one row per reading."""
    # Event and day rows may belong to earlier runs, whose RunLog rows this batch does not write.
    run_ids = [frame["RunID"] for name, frame in frames.items() if tables.BY_NAME[name].grain == "time"]
    counted = pl.concat(run_ids).value_counts(name="RowsWritten")
    return counted.cast({"RunID": pl.String, "RowsWritten": pl.Int64})


def build_state_rows(
    states_by_end: Mapping[datetime, score.ScoringState],
    planned_runs: Sequence[Run],
    *,
    equip_id: int,
    model_version: int,
) -> pl.DataFrame:
    """Build the rows of ACM_State.

    Args:
        states_by_end: Scoring states by the end of the window after which they are valid.
        planned_runs: Runs whose windows contain the times before these ends.
        equip_id: Machine id.
        model_version: Version of the models of the states.
    """
    ends = pl.Series(states_by_end.keys(), dtype=pl.Datetime("ms"))
    # Windows are half-open: the end of a window belongs to the next run.
    run_ids = lookup_run_ids(ends - timedelta(milliseconds=1), planned_runs)
    states = [
        state_store.StoredState(end, model_version, state.to_bytes(), run_id)
        for (end, state), run_id in zip(states_by_end.items(), run_ids, strict=True)
    ]
    return state_store.build_state_frame(equip_id, states)


def build_quality_events(
    rejected: pl.DataFrame, planned_runs: Sequence[Run], *, equip_id: int, source_table: str, now: datetime
) -> pl.DataFrame:
    """Build the rows of ACM_DataQualityEvents from rejected cells and readings.

    Args:
        rejected: ``Timestamp``, ``ColumnName``, ``EventType``, ``Value``; one row per rejected cell or reading.
        planned_runs: Runs whose windows contain the times.
        equip_id: Machine id.
        source_table: Historian table of the readings.
        now: Current time, UTC.
    """
    # Samples are the first values in time, so that a repeated batch stores the same ones.
    ordered = rejected.sort("Timestamp")
    counted = (
        ordered.with_columns(lookup_run_ids(ordered["Timestamp"], planned_runs))
        .group_by("RunID", "ColumnName", "EventType", maintain_order=True)
        .agg(AffectedRows=pl.len(), SampleValues=pl.col("Value").drop_nulls().head(_SAMPLES_PER_RULE).str.join(", "))
    )
    shared = {"EquipID": equip_id, "TableName": source_table, "EventTime": now}
    return tables.runs.QUALITY_EVENTS.cast_frame(counted.with_columns(**{k: pl.lit(v) for k, v in shared.items()}))


def compute_usable_shares(rejected: pl.DataFrame, planned_runs: Sequence[Run], *, tag_count: int) -> pl.DataFrame:
    """Compute ``RunID`` and ``DataQualityScore``: the share of cells that were not rejected, percent.

    Args:
        rejected: ``Timestamp``, ``ColumnName`` and ``EventType`` of rejected cells; an empty name is a whole reading.
        planned_runs: The runs of the batch.
        tag_count: Cells per reading.
    """
    # A row that names no tag is no cell of the machine.
    cells_lost = rejected.filter(pl.col("EventType") != MISSING_TAG)
    ordered = cells_lost.select("Timestamp", "ColumnName").sort("Timestamp")
    # A rejected reading loses all of its cells.
    weight = pl.when(pl.col("ColumnName") == "").then(tag_count).otherwise(1)
    lost = (
        ordered.with_columns(lookup_run_ids(ordered["Timestamp"], planned_runs))
        .group_by("RunID")
        .agg(Lost=weight.sum())
    )
    cells = pl.DataFrame(
        {"RunID": [r.run_id for r in planned_runs], "All": [max(r.reading_count * tag_count, 1) for r in planned_runs]}
    )
    # A duplicate reading counts as lost cells, but not as a reading: the share may fall below 0, hence the clip.
    share = 100 * (1 - pl.col("Lost").fill_null(0) / pl.col("All"))
    return cells.join(lost, on="RunID", how="left").select("RunID", DataQualityScore=share.clip(0, 100))
