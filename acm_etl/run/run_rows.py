"""Rows about runs: what is announced before the work, and what is known of each window after it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib.metadata import version

import polars as pl

from acm_etl import tables
from acm_etl.load import runs
from acm_etl.run.lineage import Run, run_of
from acm_etl.schema import Table
from acm_etl.score import State, health

VERSION = version("acm_etl")
_LIBRARIES = ("polars", "numpy", "scipy", "scikit-learn")
_PIECE = 3  # sample values that are kept per rule


def libraries() -> dict[str, str]:
    """Versions of the libraries that shape a model."""
    return {name: version(name) for name in _LIBRARIES}


def run_log(
    planned: Sequence[Run], *, now: datetime, provisional: bool, facts: Mapping[str, object], stage: str = "score"
) -> pl.DataFrame:
    """RUNNING rows of RunLog for some runs.

    Args:
        planned: The runs.
        now: Start of the attempt, UTC.
        provisional: Whether their windows are still open.
        facts: Values all rows share: EquipID, TickMinutes, ModelVersion, ConfigSignature.
        stage: What is run.
    """
    windows = {
        "RunID": [run.id for run in planned],
        "WindowStart": [run.window.start for run in planned],
        "WindowEnd": [run.window.end for run in planned],
        "RowsRead": [run.readings for run in planned],
    }
    return announced(pl.DataFrame(windows), now=now, facts={**facts, "Stage": stage, "Provisional": provisional})


def announced(runs_: pl.DataFrame, *, now: datetime, facts: Mapping[str, object]) -> pl.DataFrame:
    """RUNNING rows of RunLog.

    Args:
        runs_: ``RunID`` and whatever differs from run to run.
        now: Start of the attempt, UTC.
        facts: Values all rows share: Stage, EquipID, ConfigSignature at least.
    """
    shared = {
        "Outcome": "RUNNING",
        "Provisional": False,
        "Attempt": 1,
        "AttemptStartedAt": now,
        "StartedAt": now,
        "Holder": runs.holder(),
        "Version": VERSION,
        **facts,
    }
    return complete(runs_.with_columns(**{k: pl.lit(v) for k, v in shared.items()}), tables.runs.RUN_LOG)


def finished(announced: pl.DataFrame, planned: Sequence[Run], *, written: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The RunLog rows as the data transaction writes them: OK or NOOP, with the rows each window wrote.

    Args:
        announced: The rows as they were announced.
        planned: The same runs.
        written: ``RunID`` and ``RowsWritten``.
        now: End of the attempt, UTC.
    """
    outcomes = pl.DataFrame({"RunID": [r.id for r in planned], "Outcome": [r.outcome for r in planned]})
    frame = announced.drop("Outcome", "RowsWritten", "CompletedAt", "ErrorMessage")
    frame = frame.join(outcomes, on="RunID", how="left", maintain_order="left").join(
        written, on="RunID", how="left", maintain_order="left"
    )
    done = frame.with_columns(
        pl.col("RowsWritten").fill_null(0),
        CompletedAt=pl.max_horizontal("AttemptStartedAt", pl.lit(now)),
        ErrorMessage=pl.lit(None, pl.String),
    )
    return complete(done, tables.runs.RUN_LOG)


def analytics(
    scored: pl.DataFrame,
    planned: Sequence[Run],
    announced: pl.DataFrame,
    *,
    train_end: datetime,
    starts: pl.Series,
    cells: pl.DataFrame,
    equip: str,
    now: datetime,
) -> pl.DataFrame:
    """Rows of ACM_Runs: what each window with readings found.

    Args:
        scored: ``Timestamp``, ``fused`` and ``health_index`` of every reading of the group.
        planned: The runs of the group.
        announced: Their RunLog rows.
        train_end: End of the training period, UTC.
        starts: Starts of the episodes that begin in the group.
        cells: ``RunID`` and ``Cells``, usable share of the cells in percent.
        equip: Machine code.
        now: End of the attempt, UTC.
    """
    kept = [run for run in planned if run.readings]
    found = (
        scored.with_columns(run_of(scored["Timestamp"], planned))
        .group_by("RunID")
        .agg(
            TrainRowCount=(pl.col("Timestamp") < train_end).sum(),
            ScoreRowCount=(pl.col("Timestamp") >= train_end).sum(),
            AvgHealthIndex=pl.col("health_index").mean(),
            MinHealthIndex=pl.col("health_index").min(),
            MaxFusedZ=pl.col("fused").max(),
        )
    )
    episodes = run_of(starts, planned).value_counts(name="EpisodeCount")
    frame = (
        announced.filter(pl.col("RunID").is_in([run.id for run in kept]))
        .select("RunID", "EquipID", "ConfigSignature", StartedAt="AttemptStartedAt")
        .join(found, on="RunID", how="left", maintain_order="left")
        .join(episodes, on="RunID", how="left", maintain_order="left")
        .join(cells, on="RunID", how="left", maintain_order="left")
    )
    known = frame.with_columns(
        pl.col("EpisodeCount").fill_null(0),
        EquipName=pl.lit(equip),
        CompletedAt=pl.max_horizontal("StartedAt", pl.lit(now)),
        HealthStatus=health.status(pl.col("AvgHealthIndex")),
        RefitRequested=pl.lit(value=False),
        CreatedAt=pl.lit(now),
    )
    return complete(known, tables.runs.RUNS)


def stats(found: pl.DataFrame, planned: Sequence[Run], *, equip_id: int) -> pl.DataFrame:
    """Rows of ACM_Run_Stats.

    Args:
        found: As ``score.run_rows`` gives it.
        planned: The runs of the group.
        equip_id: Machine.
    """
    windows = {
        "RunID": [run.id for run in planned],
        "WindowStartEntryDateTime": [run.window.start for run in planned],
        "WindowEndEntryDateTime": [run.window.end for run in planned],
    }
    known = found.join(pl.DataFrame(windows), on="RunID", maintain_order="left")
    return complete(known.with_columns(EquipID=pl.lit(equip_id)), tables.runs.RUN_STATS)


def rows_written(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """``RunID`` and ``RowsWritten``: rows of all time-grained tables per run."""
    ids = [frame["RunID"] for name, frame in frames.items() if tables.BY_NAME[name].grain == "time"]
    counted = pl.concat(ids).value_counts(name="RowsWritten")
    return counted.with_columns(pl.col("RowsWritten").cast(pl.Int64))


def states(
    kept: Mapping[datetime, State], planned: Sequence[Run], *, equip_id: int, model_version: int
) -> pl.DataFrame:
    """Rows of ACM_State: states by the end of the window after which they hold."""
    blobs = [state.to_bytes() for state in kept.values()]
    ends = pl.Series(kept.keys(), dtype=pl.Datetime("ms"))
    rows = {
        "RunID": run_of(ends - timedelta(milliseconds=1), planned),
        "AsOf": ends,
        "Blob": blobs,
        "Hash": [hashlib.sha256(blob).hexdigest() for blob in blobs],
    }
    shared = {"EquipID": pl.lit(equip_id), "ModelVersion": pl.lit(model_version)}
    return complete(pl.DataFrame(rows).with_columns(**shared), tables.runs.STATE)


def quality_events(
    rejected: pl.DataFrame, planned: Sequence[Run], *, equip_id: int, table: str, now: datetime
) -> pl.DataFrame:
    """Rows of ACM_DataQualityEvents from refused cells and rows.

    Args:
        rejected: ``Timestamp``, ``ColumnName``, ``EventType``, ``Value``, one row per refused cell or row.
        planned: Runs whose windows contain the times.
        equip_id: Machine.
        table: Table the readings came from.
        now: Clock, UTC.
    """
    ordered = rejected.sort("Timestamp")
    counted = (
        ordered.with_columns(run_of(ordered["Timestamp"], planned))
        .group_by("RunID", "ColumnName", "EventType", maintain_order=True)
        .agg(AffectedRows=pl.len(), SampleValues=pl.col("Value").drop_nulls().head(_PIECE).str.join(", "))
    )
    shared = {"EquipID": equip_id, "TableName": table, "EventTime": now}
    return complete(counted.with_columns(**{k: pl.lit(v) for k, v in shared.items()}), tables.runs.QUALITY_EVENTS)


def usable_cells(rejected: pl.DataFrame, planned: Sequence[Run], *, tags: int) -> pl.DataFrame:
    """``RunID`` and ``DataQualityScore``: share of the cells of a window that were taken as they came, percent."""
    ordered = rejected.select("Timestamp", "ColumnName").sort("Timestamp")
    weight = pl.when(pl.col("ColumnName") == "").then(tags).otherwise(1)
    lost = ordered.with_columns(run_of(ordered["Timestamp"], planned)).group_by("RunID").agg(Lost=weight.sum())
    cells = pl.DataFrame({"RunID": [r.id for r in planned], "All": [max(r.readings * tags, 1) for r in planned]})
    share = 100 * (1 - pl.col("Lost").fill_null(0) / pl.col("All"))
    return cells.join(lost, on="RunID", how="left").select("RunID", DataQualityScore=share.clip(0, 100))


def complete(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The frame with every stored column of the table, in its order and types; what is not given is NULL."""
    missing = [pl.lit(None, kind).alias(name) for name, kind in table.polars.items() if name not in frame.columns]
    return frame.with_columns(missing).select(*table.polars).cast(pl.Schema(table.polars))
