"""Section of the page about runs and models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from acm_etl.report.queries import MachineRows
from acm_etl.report.timeline import ReportPeriod

MAX_RUNS = 25
# In the order of the fields of ``RunRow``.
_RUN_COLUMNS = (
    *("WindowStart", "Stage", "Outcome", "Provisional", "RowsRead", "AvgHealthIndex", "DataQualityScore"),
    *("ModelVersion", "ErrorMessage"),
)
_MINUTES_PER_DAY = 1440


@dataclass(frozen=True, slots=True)
class RunCount:
    """Number of runs of a stage with one outcome."""

    stage: str
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, as one row of a table.

    Attributes:
        window_start: Start of its window; None for work without a window.
        stage: Kind of work.
        outcome: Outcome of the run.
        is_provisional: Whether the window was incomplete.
        readings: Readings pulled.
        mean_health: Mean health index, 0 to 100.
        completeness_percent: Share of cells that were usable without correction, percent.
        model_version: Models that scored the window.
        error: Why the run failed.
    """

    window_start: datetime | None
    stage: str
    outcome: str
    is_provisional: bool
    readings: int | None
    mean_health: float | None
    completeness_percent: float | None
    model_version: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version of the models."""

    version: int
    valid_from: datetime
    train_start: datetime
    train_end: datetime
    train_rows: int


@dataclass(frozen=True, slots=True)
class ExcludedTag:
    """A tag that the newest models do not use, and the reason."""

    name: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class RunsSection:
    """Runs and models of a machine.

    Attributes:
        counts: Number of runs by stage and outcome.
        newest: Newest runs, newest first.
        failed: Failed runs, latest attempt first.
        models: Model versions, newest first.
        excluded_tags: Tags that the newest models do not use.
    """

    counts: tuple[RunCount, ...]
    newest: tuple[RunRow, ...]
    failed: tuple[RunRow, ...]
    models: tuple[ModelVersion, ...]
    excluded_tags: tuple[ExcludedTag, ...]


def read_runs(rows: MachineRows, period: ReportPeriod) -> RunsSection:
    """Return counts of runs by outcome, the newest and the failed runs, and the model versions."""
    where, params = period.build_condition("WindowStart")
    counts = rows.aggregate_rows("RunLog", ("Stage", "Outcome"), "COUNT(*) AS {n}", where=where, params=params)
    versions = rows.read_rows("ModelRegistry", ("Version", "HoldsFrom", "TrainStart", "TrainEnd", "TrainRows"))
    return RunsSection(
        counts=tuple(RunCount(*row) for row in counts.sort("Stage", "Outcome").iter_rows()),
        newest=_build_run_rows(_read_newest_runs(rows, where, params)),
        failed=_build_run_rows(_read_failed_runs(rows, where, params)),
        models=tuple(ModelVersion(*row) for row in versions.sort("Version", descending=True).iter_rows()),
        excluded_tags=_read_excluded_tags(rows),
    )


def _build_run_rows(frame: pl.DataFrame) -> tuple[RunRow, ...]:
    return tuple(RunRow(*row) for row in frame.head(MAX_RUNS).iter_rows())


def _read_failed_runs(rows: MachineRows, where: str, params: Sequence[object]) -> pl.DataFrame:
    """Return the failed runs, the latest attempt first."""
    # By attempt, not by window: the newest failure is what a person looks for, whatever window it concerns.
    return rows.read_rows(
        "ACM_RunHistory",
        _RUN_COLUMNS,
        where=" AND ".join(filter(None, (where, "{Outcome} = 'FAIL'"))),
        params=params,
        order="{AttemptStartedAt} DESC",
    )


def _read_newest_runs(rows: MachineRows, where: str, params: Sequence[object]) -> pl.DataFrame:
    """Return the newest runs, at least ``MAX_RUNS`` if there are as many."""
    latest = "MAX({WindowStart}) AS {last}, MAX({TickMinutes}) AS {tick}"
    extent = rows.aggregate_rows("RunLog", ("EquipID",), latest, where=where, params=params)
    if not extent.height or extent["last"][0] is None:
        return pl.DataFrame()
    last, tick = extent["last"][0], int(extent["tick"][0] or _MINUTES_PER_DAY)
    # A range of window starts lets the database skip older runs; every window has one run per stage.
    return rows.read_rows(
        "ACM_RunHistory",
        _RUN_COLUMNS,
        where="{WindowStart} >= ? AND {WindowStart} <= ?",
        params=[last - MAX_RUNS * timedelta(minutes=tick), last],
        order="{WindowStart} DESC",
    )


def _read_excluded_tags(rows: MachineRows) -> tuple[ExcludedTag, ...]:
    tags = rows.read_rows("ACM_ModelTags", ("ModelVersion", "TagName", "Reason"), where="{Used} = ?", params=[False])
    # Only of the newest version that excludes tags: older exclusions explain nothing on the page.
    newest = tags.filter(pl.col("ModelVersion") == pl.col("ModelVersion").max())
    return tuple(ExcludedTag(name, reason) for _, name, reason in newest.iter_rows())
