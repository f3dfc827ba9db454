"""Content of a publication: the rows that a scored batch writes, by table.

The functions here read from the store (look-back rows, runs of earlier events) but write nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from acm_etl import local_time, score, tables
from acm_etl.io import historian
from acm_etl.load import clock, lookback, runs
from acm_etl.load import publish as publishing
from acm_etl.load.models import registry, state_store
from acm_etl.load.watermark import Watermark
from acm_etl.run import lineage, notices, run_rows
from acm_etl.run.context import MachineContext
from acm_etl.run.lineage import Run
from acm_etl.run.trained_model import TrainedModel
from acm_etl.score import health
from acm_etl.windows import DAY, MILLISECOND, Window, WindowGrid

STATE_INTERVAL = timedelta(days=7)
"""Longest time between two stored scoring states."""

_DAILY_STATE_SPAN = timedelta(days=14)  # before the newest reading: most corrections and late readings are newer

# Days and weeks of the epoch, so that any batch of any run keeps the same states.
_STATE_DAYS, _STATE_WEEKS = WindowGrid(DAY), WindowGrid(STATE_INTERVAL)


@dataclass(frozen=True, slots=True)
class BatchScope:
    """Machine, models and windows of a batch, and the times that follow from them.

    Attributes:
        context: The machine.
        trained: Models that score the windows.
        windows: The windows, ascending and without gaps.
    """

    context: MachineContext
    trained: TrainedModel
    windows: Sequence[Window]

    @property
    def start(self) -> datetime:
        """Start of the first window, UTC."""
        return self.windows[0].start

    @property
    def end(self) -> datetime:
        """End of the last window, UTC."""
        return self.windows[-1].end

    @property
    def source(self) -> historian.HistorianSource:
        """The historian table with the tags of the models, not with tags that were added since."""
        return replace(self.context.source, tags=self.trained.model.columns)

    @property
    def newest_reading(self) -> datetime:
        """Time of the newest reading of the machine, UTC."""
        return self.context.extent.last if self.context.extent else self.end

    @property
    def state_retention_start(self) -> datetime:
        """Start of the time from which on scoring states are kept."""
        start = self.newest_reading - self.context.config.backfill.replay_days * DAY
        # A replay of a day of the first week starts from the state of that week.
        return start if self._has_daily_states(start) else _STATE_WEEKS.floor(start)

    @property
    def forecast_start(self) -> datetime:
        """Start of the first local day with a stored forecast.

        Counted back from the newest reading, not from the batch, so that every batch size stores the same rows.
        """
        zone, days = self.context.machine.time_zone, self.context.config.backfill.forecast_days
        # Subtract from noon: a local day has 23 to 25 hours, so from midnight the result may be a day off.
        noon = local_time.local_day_start(self.newest_reading, zone) + DAY / 2
        return local_time.local_day_start(noon - days * DAY, zone)

    def is_replay_start(self, end: datetime) -> bool:
        """Return whether the scoring state at a window end is kept, so that a replay can start from it.

        These are the first window end of each UTC day of the newest two weeks, that of each week before them, and the
        end of the training. With a state for each of 60 days, scoring a year of readings half an hour apart takes twice
        as long, while a replay scores a week in a moment.
        """
        if end < self.state_retention_start:
            return False
        grid = _STATE_DAYS if self._has_daily_states(end) else _STATE_WEEKS
        return grid.floor(end - self.context.config.backfill.tick) < grid.floor(end) or end == self.trained.train_end

    def _has_daily_states(self, time: datetime) -> bool:
        return time >= self.newest_reading - _DAILY_STATE_SPAN

    def snapshot_times(self) -> list[datetime]:
        """Return the window ends within the batch whose scoring state is stored.

        The end of the batch is not among them: its state is always stored, as the start of the next batch.
        """
        return [window.end for window in self.windows[:-1] if self.is_replay_start(window.end)]

    def episode_starts(self, result: score.ScoreResult) -> pl.Series:
        """Return the starts of the episodes that begin in the batch, ascending."""
        starts = result.episodes["StartTs"]
        # The result also has the episode that was open at the start of the batch.
        return starts.filter(starts >= self.start).sort()


def find_expired_states(scope: BatchScope, before: Watermark) -> tuple[datetime, ...]:
    """Return the times of the stored scoring states from which no replay has to start any more.

    Args:
        scope: The batch.
        before: The progress at its start.
    """
    # The state at the progress is stored for the next run; it stays only if a replay may start there.
    times, engine, equip_id = {before.last_window_end}, scope.context.engine, scope.context.equip_id
    day, newest = _STATE_DAYS.floor(scope.newest_reading), before.data_max
    if newest is not None and _STATE_DAYS.floor(newest) < day:
        # Another day than that of the last batch: the oldest daily states give way to one of their week.
        times.update(state_store.read_state_times(engine, equip_id, at_or_before=before.last_window_end))
    expired = {time for time in times if not scope.is_replay_start(time)}
    # A replay of later readings needs a state of the same models, so the first one of each models stays. Models change
    # at midnights: most batches need no query.
    if any(_STATE_DAYS.is_boundary(time) for time in expired):
        expired -= set(registry.model_change_times(engine, equip_id))
    return tuple(sorted(expired))


def build_publication(
    scope: BatchScope,
    result: score.ScoreResult,
    rejected: pl.DataFrame,
    planned_runs: Sequence[Run],
    *,
    run_log: pl.DataFrame,
) -> publishing.Publication:
    """Build the rows of all tables, without the progress and the scoring states.

    Args:
        scope: The batch.
        result: Its scored readings.
        rejected: One row per rejected cell or reading.
        planned_runs: Its runs.
        run_log: Their RunLog rows, RUNNING.
    """
    # One clock for all rows of the batch.
    frames, now = build_result_tables(scope, result, planned_runs), clock.utc_now()
    run_stats = score.compute_run_stats(
        result, scope.trained.model, lineage.lookup_run_ids(result.frame["Timestamp"], planned_runs)
    )
    # By run and not by batch: a batch of another size must store the same rows.
    stats_rows = run_rows.build_run_stats(run_stats, planned_runs, equip_id=scope.context.equip_id)
    return publishing.Publication(
        equip_id=scope.context.equip_id,
        start=scope.start,
        end=scope.end,
        frames={**frames, tables.runs.RUN_STATS.name: stats_rows},
        run_log=run_rows.finish_run_log(
            run_log, planned_runs, written_rows=run_rows.count_written_rows(frames), now=now
        ),
        run_summaries=_build_run_summaries(scope, result, rejected, planned_runs, run_log=run_log, now=now),
        drop_forecasts_before=scope.forecast_start,
        notices=notices.build_notices(scope.context, frames[tables.scores.EPISODES.name]),
    )


def build_result_tables(
    scope: BatchScope, result: score.ScoreResult, planned_runs: Sequence[Run]
) -> dict[str, pl.DataFrame]:
    """Build the rows of all result tables, with RunID and EquipID, by table name."""
    frames = {
        **score.timeline_tables(result, model_version=scope.trained.version, train_end=scope.trained.train_end),
        **score.event_tables(result),
        **_build_day_tables(scope, result),
    }
    last_by_day = lineage.last_reading_by_day(result.frame["Timestamp"], scope.context.machine.time_zone)
    return lineage.assign_run_ids(
        frames,
        _build_run_index(scope, frames, planned_runs),
        equip_id=scope.context.equip_id,
        last_by_day=last_by_day,
    )


def _build_run_summaries(
    scope: BatchScope,
    result: score.ScoreResult,
    rejected: pl.DataFrame,
    planned_runs: Sequence[Run],
    *,
    run_log: pl.DataFrame,
    now: datetime,
) -> pl.DataFrame:
    """Build the rows of ACM_Runs: health, alarms and data completeness of each run with readings."""
    # A NOOP run has no score: it stays in RunLog only.
    run_ids = [run.run_id for run in planned_runs if run.reading_count]
    tag_count = len(scope.trained.model.columns)
    # An episode counts in the run in which it starts, so that the sum over runs is the number of episodes.
    episodes = lineage.lookup_run_ids(scope.episode_starts(result), planned_runs).value_counts(name="EpisodeCount")
    facts = (
        _score_runs(scope, result.frame, planned_runs),
        episodes,
        run_rows.compute_usable_shares(rejected, planned_runs, tag_count=tag_count),
    )
    frame = run_log.filter(pl.col("RunID").is_in(run_ids)).select(
        "RunID", "EquipID", "ConfigSignature", StartedAt="AttemptStartedAt"
    )
    for each in facts:
        frame = frame.join(each, on="RunID", how="left", maintain_order="left")
    summaries = frame.with_columns(
        pl.col("EpisodeCount").fill_null(0),
        EquipName=pl.lit(scope.context.code),
        CompletedAt=pl.max_horizontal("StartedAt", pl.lit(now)),
        # Of the mean, not of the minimum: one reading in alarm does not make a window of a day an alert.
        HealthStatus=health.health_status(pl.col("AvgHealthIndex")),
        # A column of V8; refits are requested in ACM_RefitRequests.
        RefitRequested=pl.lit(value=False),
        CreatedAt=pl.lit(now),
    )
    return tables.runs.ACM_RUNS.cast_frame(summaries)


def _score_runs(scope: BatchScope, reading_scores: pl.DataFrame, planned_runs: Sequence[Run]) -> pl.DataFrame:
    """Return readings before and after the training, health and largest fused z by ``RunID``."""
    train_end = scope.trained.train_end
    return (
        reading_scores.with_columns(lineage.lookup_run_ids(reading_scores["Timestamp"], planned_runs))
        .group_by("RunID")
        .agg(
            TrainRowCount=(pl.col("Timestamp") < train_end).sum(),
            ScoreRowCount=(pl.col("Timestamp") >= train_end).sum(),
            AvgHealthIndex=pl.col("health_index").mean(),
            MinHealthIndex=pl.col("health_index").min(),
            MaxFusedZ=pl.col("fused").max(),
        )
    )


def _build_day_tables(scope: BatchScope, result: score.ScoreResult) -> score.TableFrames:
    open_day = _open_day_start(scope)
    # Most batches of short windows close no day: skip the query for the look-back rows.
    lookback_rows = _read_lookback_tables(scope) if score.days_to_close(result, open_day).height else {}
    return score.day_tables(
        result,
        scope.trained.model,
        lookback_rows,
        summary_days=scope.context.config.backfill.summary_days,
        forecast_from=scope.forecast_start,
        until=open_day,
    )


def _read_lookback_tables(scope: BatchScope) -> Mapping[str, pl.DataFrame]:
    summary_days = scope.context.config.backfill.summary_days
    # From the start of a local day: a summary covers whole days.
    since = local_time.local_day_start(scope.start, scope.context.machine.time_zone) - summary_days * DAY
    return lookback.read_trailing_rows(scope.context.engine, scope.context.equip_id, since=since, until=scope.start)


def _open_day_start(scope: BatchScope) -> datetime | None:
    """Return the start of the last local day if it has readings after the batch; a later batch summarises that day."""
    zone = scope.context.machine.time_zone
    day = local_time.local_day_start(scope.end - MILLISECOND, zone)
    # A batch may end beyond the day: then no reading can follow in it.
    day_end = max(scope.end, local_time.local_day_end(day, zone))
    return day if historian.has_readings(scope.context.engine, scope.source, scope.end, day_end) else None


def _build_run_index(
    scope: BatchScope, frames: Mapping[str, pl.DataFrame], planned_runs: Sequence[Run]
) -> pl.DataFrame:
    # An event that did not change in this batch keeps the run that last changed it: look those runs up in RunLog.
    earlier_changes = {
        time
        for frame in frames.values()
        if lineage.CHANGED_AT in frame.columns
        for time in frame.filter(pl.col(lineage.CHANGED_AT) < scope.start)[lineage.CHANGED_AT]
    }
    # One query for all events, although most batches have none: it returns at once without times.
    stored_runs = runs.find_run_ids_at(scope.context.engine, scope.context.equip_id, earlier_changes)
    return lineage.build_run_index(planned_runs, stored_runs)
