"""One group of windows: pulled, scored and published in one transaction.

Its heart is three lines: readings = pull(...); scored = score(readings, model, state); publish(engine, scored, runs).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from acm_etl import log_context, score, tables
from acm_etl.engine import Engine
from acm_etl.io import historian
from acm_etl.load import clock, lookback, quality_events, runs
from acm_etl.load import publish as publishing
from acm_etl.load.watermark import Watermark
from acm_etl.run import lineage, retry, run_rows
from acm_etl.run.context import MachineContext
from acm_etl.run.lineage import Run
from acm_etl.run.training import TrainedModel
from acm_etl.windows import Window

_DAY = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """Where the walk stands.

    Attributes:
        stored_watermark: The progress row in the store; None before the first one.
        watermark: The same, or the one to begin with.
        state: What scoring carries from there; None at the very start.
    """

    stored_watermark: Watermark | None
    watermark: Watermark
    state: score.ScoringState | None


@dataclass(frozen=True, slots=True)
class PulledBatch:
    """Readings of a group.

    Attributes:
        window_counts: Readings of each window.
        readings: One row per time.
        duplicates: One row per reading that was not taken.
    """

    window_counts: list[int]
    readings: pl.DataFrame
    duplicates: pl.DataFrame


@dataclass(frozen=True, slots=True)
class ScoredBatch:
    """A group that waits for nothing but being published."""

    pulled: PulledBatch
    result: score.ScoreResult


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a published group did.

    Attributes:
        reading_count: Readings pulled.
        episode_count: Episodes that start in it.
        rejected_cells: One row per cell or reading not taken.
        metrics: Rows and seconds per table.
        resume_point: Where the walk stands now.
        first_run_id: The first run of the group, which stands for it in logs.
    """

    reading_count: int
    episode_count: int
    rejected_cells: pl.DataFrame
    metrics: Sequence[publishing.TableMetric]
    resume_point: ResumePoint
    first_run_id: str


@dataclass(frozen=True, slots=True)
class WindowBatch:
    """Windows of one machine that share a transaction.

    Attributes:
        context: The machine.
        trained: Models in use.
        windows: The windows, one after the other.
        resume_point: Where they start.
        provisional: The windows are still open: progress and state stop before them.
    """

    context: MachineContext
    trained: TrainedModel
    windows: Sequence[Window]
    resume_point: ResumePoint
    provisional: bool

    def run_with_retries(self, prefetched: ScoredBatch | None = None) -> BatchResult:
        """Pull, score and publish; the whole group is tried again on a transient error.

        Args:
            prefetched: What was pulled and scored ahead; the first attempt goes on from there.

        Raises:
            AcmError: It failed for good: nothing of it is stored, and its runs say FAIL.
        """
        ahead = iter([prefetched])
        return retry.retry_transient(self.context.code, self.context.config.backfill)(
            lambda: self._run_once(next(ahead, None))
        )

    def pull_readings(self, engine: Engine) -> PulledBatch:
        """The readings, by a session of the caller's thread."""
        counts = historian.count_readings(engine, self._model_source, self.windows)
        readings, doubled = score.dedupe_readings(
            historian.pull_readings(engine, self._model_source, self.start, self.end)
        )
        return PulledBatch(counts, readings, doubled)

    def score_readings(self, readings: pl.DataFrame) -> score.ScoreResult:
        """The readings, scored from the cursor's state on."""
        return score.score(
            readings,
            self.trained.model,
            self.resume_point.state,
            snapshot_times=() if self.provisional else self._snapshot_times(),
            time_zone=self.context.machine.time_zone,
            train_end=self.trained.train_end,
        )

    def _run_once(self, prefetched: ScoredBatch | None) -> BatchResult:
        counts = (
            prefetched.pulled.window_counts
            if prefetched
            else historian.count_readings(self.context.engine, self._model_source, self.windows)
        )
        planned = self._plan_runs(counts)
        announced = self._build_run_log(planned)
        with log_context.bind_run(planned[0].run_id):
            return self._publish_or_fail(planned, announced, prefetched)

    def _publish_or_fail(
        self, planned_runs: Sequence[Run], run_log: pl.DataFrame, prefetched: ScoredBatch | None
    ) -> BatchResult:
        engine = self.context.engine
        attempts = runs.start_runs(engine, run_log)["Attempt"]
        try:
            return self._publish_batch(planned_runs, run_log, prefetched or self._pull_and_score())
        except Exception as error:  # whatever it was, the runs say so; it is raised again
            code, attempt = self.context.code, attempts[0]
            runs.fail_runs(engine, run_log, error, attempt=attempt, start=self.start, end=self.end, equip_code=code)
            raise

    def _pull_and_score(self) -> ScoredBatch:
        job = self.context
        job.progress.set_stage(job.code, "pull")
        pulled = self.pull_readings(job.engine)
        job.progress.set_stage(job.code, "score")
        return ScoredBatch(pulled, self.score_readings(pulled.readings))

    def _publish_batch(
        self, planned_runs: Sequence[Run], run_log: pl.DataFrame, scored_batch: ScoredBatch
    ) -> BatchResult:
        job, scored = self.context, scored_batch.result
        rejected = pl.concat([scored_batch.pulled.duplicates, scored.rejected])
        found = self._build_quality_events(rejected, planned_runs)
        quality_events.record_quality_events(
            job.engine, found, equip_id=job.equip_id, run_ids=[run.run_id for run in planned_runs]
        )
        job.progress.set_stage(job.code, "publish")
        after = self._next_resume_point(scored)
        publication = self._build_publication(scored, rejected, planned_runs, run_log=run_log, next_point=after)
        metrics = publishing.publish_batch(job.engine, publication)
        cursor = self.resume_point if self.provisional else after
        return BatchResult(
            sum(run.reading_count for run in planned_runs),
            self._episode_starts(scored).len(),
            rejected,
            metrics,
            cursor,
            planned_runs[0].run_id,
        )

    def recompute_tables(self) -> tuple[list[Run], dict[str, pl.DataFrame]]:
        """The group's runs and the rows it has in each table of results, made as for publishing; nothing is written."""
        pulled = self.pull_readings(self.context.engine)
        planned = self._plan_runs(pulled.window_counts)
        return planned, self._build_result_tables(self.score_readings(pulled.readings), planned)

    @property
    def start(self) -> datetime:
        """Start of the first window."""
        return self.windows[0].start

    @property
    def end(self) -> datetime:
        """End of the last window."""
        return self.windows[-1].end

    @property
    def _model_source(self) -> historian.HistorianSource:
        """The tags the models were trained on, whatever the historian table has gained since."""
        return replace(self.context.source, tags=self.trained.model.columns)

    def _plan_runs(self, window_counts: Sequence[int]) -> list[Run]:
        return [
            Run(self._build_run_id(window), window, windows, readings)
            for window, windows, readings in lineage.merge_empty_windows(self.windows, window_counts)
        ]

    def _build_run_id(self, window: Window) -> str:
        return runs.build_run_id(
            self.context.code,
            window.start,
            window.end,
            stage="score",
            model_version=self.trained.version,
            signature=self.context.config.signature,
        )

    def _build_run_log(self, planned_runs: Sequence[Run]) -> pl.DataFrame:
        facts = {
            "EquipID": self.context.equip_id,
            "TickMinutes": int(self.context.config.backfill.tick.total_seconds() // 60),
            "ModelVersion": self.trained.version,
            "ConfigSignature": self.context.config.signature,
        }
        return run_rows.build_run_log(
            planned_runs, now=clock.utc_now(), provisional=self.provisional, shared_values=facts
        )

    @property
    def _state_retention_start(self) -> datetime:
        newest = self.context.extent.last if self.context.extent else self.end
        return newest - self.context.config.backfill.replay_days * _DAY

    @property
    def _forecast_start(self) -> datetime:
        """First local day with a forecast; by the newest reading, so that any grouping ends in the same rows."""
        newest = self.context.extent.last if self.context.extent else self.end
        zone, days = self.context.machine.time_zone, self.context.config.backfill.forecast_days
        noon = lineage.local_day_start(newest, zone) + _DAY / 2
        return lineage.local_day_start(noon - days * _DAY, zone)

    def _is_first_of_day(self, end: datetime) -> bool:
        """Whether ``end`` is the first window end of its day: the states a replay can start from."""
        tick = self.context.config.backfill.tick
        return (end - tick).date() < end.date() or end == self.trained.train_end

    def _snapshot_times(self) -> list[datetime]:
        """Ends of windows within the retention whose state is kept, the last one apart (it is kept anyway)."""
        ends = [window.end for window in self.windows[:-1]]
        return [end for end in ends if end >= self._state_retention_start and self._is_first_of_day(end)]

    def _next_resume_point(self, result: score.ScoreResult) -> ResumePoint:
        before = self.resume_point.watermark
        newest = self.context.extent.last if self.context.extent else self.end
        moved = replace(
            before, last_window_end=self.end, window_count=before.window_count + len(self.windows), data_max=newest
        )
        return ResumePoint(moved, moved, result.state)

    def _episode_starts(self, result: score.ScoreResult) -> pl.Series:
        """Starts of the episodes that begin in the group, ascending."""
        starts = result.episodes["StartTs"]
        return starts.filter(starts >= self.start).sort()

    def _build_quality_events(self, rejected: pl.DataFrame, planned_runs: Sequence[Run]) -> pl.DataFrame:
        return run_rows.build_quality_events(
            rejected,
            planned_runs,
            equip_id=self.context.equip_id,
            source_table=self.context.source.table,
            now=clock.utc_now(),
        )

    def _build_publication(
        self,
        result: score.ScoreResult,
        rejected: pl.DataFrame,
        planned_runs: Sequence[Run],
        *,
        run_log: pl.DataFrame,
        next_point: ResumePoint,
    ) -> publishing.Publication:
        frames, now = self._build_result_tables(result, planned_runs), clock.utc_now()
        analytics = run_rows.build_run_summaries(
            result.frame,
            planned_runs,
            run_log,
            train_end=self.trained.train_end,
            episode_starts=self._episode_starts(result),
            usable_shares=run_rows.compute_usable_shares(
                rejected, planned_runs, tag_count=len(self.trained.model.columns)
            ),
            equip_code=self.context.code,
            now=now,
        )
        found = score.compute_run_stats(
            result, self.trained.model, lineage.lookup_run_ids(result.frame["Timestamp"], planned_runs)
        )
        stats = run_rows.build_run_stats(found, planned_runs, equip_id=self.context.equip_id)
        base = publishing.Publication(
            equip_id=self.context.equip_id,
            start=self.start,
            end=self.end,
            frames={**frames, tables.runs.RUN_STATS.name: stats},
            run_log=run_rows.finish_run_log(
                run_log, planned_runs, written_rows=run_rows.count_written_rows(frames), now=now
            ),
            run_summaries=analytics,
            drop_forecasts_before=self._forecast_start,
        )
        return base if self.provisional else self._add_watermark_and_states(base, result, planned_runs, next_point)

    def _add_watermark_and_states(
        self,
        publication: publishing.Publication,
        result: score.ScoreResult,
        planned_runs: Sequence[Run],
        next_point: ResumePoint,
    ) -> publishing.Publication:
        """The publication of final windows also moves progress and keeps states."""
        kept = {**result.snapshots, self.end: result.state}
        head = self.resume_point.watermark.last_window_end
        return replace(
            publication,
            state_rows=run_rows.build_state_rows(
                kept, planned_runs, equip_id=self.context.equip_id, model_version=self.trained.version
            ),
            drop_state_times=() if self._is_first_of_day(head) else (head,),
            drop_states_before=min(self._state_retention_start, self.end),
            watermark_update=publishing.WatermarkUpdate(self.resume_point.stored_watermark, next_point.watermark),
        )

    def _build_result_tables(self, result: score.ScoreResult, planned_runs: Sequence[Run]) -> dict[str, pl.DataFrame]:
        frames = {
            **score.timeline_tables(result, model_version=self.trained.version, train_end=self.trained.train_end),
            **score.event_tables(result),
            **self._build_day_tables(result),
        }
        changed = lineage.last_reading_by_day(result.frame["Timestamp"], self.context.machine.time_zone)
        return lineage.assign_run_ids(
            frames, self._build_run_index(frames, planned_runs), equip_id=self.context.equip_id, last_by_day=changed
        )

    def _build_day_tables(self, result: score.ScoreResult) -> score.TableFrames:
        until = self._open_day_start()
        return score.day_tables(
            result,
            self.trained.model,
            self._read_lookback_tables() if score.days_to_close(result, until).height else {},
            summary_days=self.context.config.backfill.summary_days,
            forecast_from=self._forecast_start,
            until=until,
        )

    def _read_lookback_tables(self) -> Mapping[str, pl.DataFrame]:
        since = (
            lineage.local_day_start(self.start, self.context.machine.time_zone)
            - self.context.config.backfill.summary_days * _DAY
        )
        return lookback.read_trailing_rows(self.context.engine, self.context.equip_id, since=since, until=self.start)

    def _open_day_start(self) -> datetime | None:
        """Start of the last local day, where it has further readings: the group that scores those summarises it."""
        zone = self.context.machine.time_zone
        day = lineage.local_day_start(self.end - _MILLISECOND, zone)
        more = historian.has_readings(
            self.context.engine, self._model_source, self.end, max(self.end, lineage.local_day_end(day, zone))
        )
        return day if more else None

    def _build_run_index(self, frames: dict[str, pl.DataFrame], planned_runs: Sequence[Run]) -> pl.DataFrame:
        """The group's runs, and the stored runs of events that did not change in it."""
        early = {
            time
            for frame in frames.values()
            if lineage.CHANGED_AT in frame.columns
            for time in frame.filter(pl.col(lineage.CHANGED_AT) < self.start)[lineage.CHANGED_AT]
        }
        return lineage.build_run_index(
            planned_runs, runs.find_run_ids_at(self.context.engine, self.context.equip_id, early)
        )
