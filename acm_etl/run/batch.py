"""One batch of windows: pulled, scored and published in one transaction.

The life of a batch:

1. *Announce*: RunLog rows of its runs as RUNNING, in a transaction of their own, so that a process that dies leaves a
   trace.
2. *Pull*: the readings of all windows, one row per time. Readings that arrive later for windows that are published
   already are not pulled here; ``acm_etl.load.historian.late_data`` counts them at the end of the backfill.
3. *Score*: from the scoring state at the end of the batch before. The result does not depend on the batch size.
4. *Publish*: results, runs, state, fingerprints of the readings and progress (watermark) in one transaction; all of it
   or nothing is stored.
5. *Advance*: the resume point moves to the end of the complete windows of the batch.

The last batch of a backfill also has the *incomplete* windows, whose readings are still to come: their rows are stored,
but progress, scoring state and fingerprints stop before them, and the next backfill replaces them.

Pull and score may be done ahead, see ``acm_etl.run.prefetch``. A transient error repeats the batch from step 1; a lost
connection ends the batch and is handled by ``acm_etl.run.backfill``. Any other error marks the runs FAIL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from acm_etl import log_context, score
from acm_etl.engine import Engine
from acm_etl.io import historian
from acm_etl.load import clock, runs
from acm_etl.load import publish as publishing
from acm_etl.load.historian import quality_events
from acm_etl.load.models import state_store
from acm_etl.load.watermark import Watermark
from acm_etl.load.write_metrics import TableMetric
from acm_etl.run import day_fingerprints, incomplete_windows, lineage, publication, retry, run_rows
from acm_etl.run.day_fingerprints import DayFingerprints
from acm_etl.run.lineage import Run
from acm_etl.run.publication import BatchScope
from acm_etl.tracing import trace_calls
from acm_etl.windows import Window


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """End of the published windows, where the next batch starts.

    Attributes:
        stored_watermark: The progress row in the store; None before the first batch.
        watermark: The stored row, or the row to start with.
        state: Scoring state at this time; None at the start of the history.
    """

    stored_watermark: Watermark | None
    watermark: Watermark
    state: score.ScoringState | None


@dataclass(frozen=True, slots=True)
class PulledBatch:
    """Readings of a batch.

    Attributes:
        window_counts: Number of readings of each window.
        readings: ``Timestamp`` and one column per tag, one row per time.
        duplicates: One row per rejected duplicate, and per raw cell of a declared source that was not taken.
        complete_days: Fingerprints of the readings of the complete windows; None if the batch has none.
        incomplete_days: Fingerprints of the readings of the incomplete windows; None if the batch has none.
    """

    window_counts: list[int]
    readings: pl.DataFrame
    duplicates: pl.DataFrame
    complete_days: DayFingerprints | None
    incomplete_days: DayFingerprints | None


@dataclass(frozen=True, slots=True)
class ScoredBatch:
    """A pulled and scored batch, ready to publish."""

    pulled: PulledBatch
    result: score.ScoreResult


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Result of a published batch.

    Attributes:
        reading_count: Readings pulled.
        episode_count: Episodes that start in the batch.
        rejected_cells: One row per rejected cell or reading.
        metrics: Rows and seconds per table.
        resume_point: Start of the next batch.
        first_run_id: RunID of the first run; log lines name it for the whole batch.
    """

    reading_count: int
    episode_count: int
    rejected_cells: pl.DataFrame
    metrics: Sequence[TableMetric]
    resume_point: ResumePoint
    first_run_id: str


@dataclass(frozen=True, slots=True)
class WindowBatch(BatchScope):
    """Consecutive windows of one machine that share a transaction, at their place in a backfill.

    Attributes:
        resume_point: Start of the first window.
        complete_until: End of the last complete window of the machine, UTC; later windows are incomplete.
    """

    resume_point: ResumePoint
    complete_until: datetime

    def run_with_retries(self, prefetched: ScoredBatch | None = None) -> BatchResult:
        """Pull, score and publish; repeat all of it after a transient error.

        Args:
            prefetched: The batch, pulled and scored ahead; used by the first attempt only.

        Raises:
            AcmError: All attempts failed, or the error is permanent: no result is stored, and the runs are FAIL.
        """
        # Later attempts pull again: readings may have changed during the pauses between the attempts.
        inputs = iter([prefetched])
        policy = retry.retry_transient(self.context.code, self.context.config.backfill)
        return policy(lambda: self._run_once(next(inputs, None)))

    @trace_calls("pull")
    def pull_readings(self, engine: Engine) -> PulledBatch:
        """Pull the readings.

        Args:
            engine: Session of the calling thread.
        """
        # Counts by the database and not of the pulled frame: duplicates of a time count as read, and late data is found
        # by them.
        counts = historian.count_readings(engine, self.source, self.windows)
        # Before the readings: a change between the two reads is then found as a change, and not missed.
        complete_days = self._read_fingerprints(engine, self.complete_windows)
        incomplete_days = self._read_fingerprints(engine, self.incomplete_windows)
        rejected: list[pl.DataFrame] = []
        pulled = historian.pull_readings(
            engine, self.source, self.start, self.end, rejected=rejected, expected_count=sum(counts)
        )
        readings, duplicates = score.dedupe_readings(pulled)
        return PulledBatch(counts, readings, pl.concat([duplicates, *rejected]), complete_days, incomplete_days)

    @trace_calls("score")
    def score_readings(self, readings: pl.DataFrame) -> score.ScoreResult:
        """Score the readings, continuing from the state of the resume point."""
        return score.score(
            readings,
            self.trained.model,
            self.resume_point.state,
            snapshot_times=self._snapshot_times(),
            time_zone=self.context.machine.time_zone,
            train_end=self.trained.train_end,
            # No table has them, and scored batches wait to be published.
            keep_contributions=False,
        )

    def recompute_tables(self) -> tuple[list[Run], dict[str, pl.DataFrame]]:
        """Return the runs and the result rows by table name, built as for publishing; nothing is written."""
        pulled = self.pull_readings(self.context.engine)
        planned_runs = self._plan_runs(pulled.window_counts)
        result = self.score_readings(pulled.readings)
        return planned_runs, publication.build_result_tables(self, result, planned_runs)

    @property
    def complete_windows(self) -> Sequence[Window]:
        """The windows for which no further readings are expected."""
        return [window for window in self.windows if window.end <= self.complete_until]

    @property
    def incomplete_windows(self) -> Sequence[Window]:
        """The windows behind the complete ones."""
        return self.windows[len(self.complete_windows) :]

    def _read_fingerprints(self, engine: Engine, windows: Sequence[Window]) -> DayFingerprints | None:
        if not windows:
            return None
        return day_fingerprints.read_fingerprints(engine, self.source, windows[0].start, windows[-1].end)

    def _snapshot_times(self) -> Sequence[datetime]:
        # A replay must never start from the state of an incomplete window: its last readings were still to come.
        if not self.complete_windows:
            return ()
        complete = BatchScope(self.context, self.trained, self.complete_windows)
        # The state at the end of all windows is part of the result anyway.
        return [*complete.snapshot_times(), *([complete.end] if self.incomplete_windows else [])]

    def _run_once(self, prefetched: ScoredBatch | None) -> BatchResult:
        # Runs are planned from the counts of readings, which are cheap, so that they exist before the work starts.
        counts = (
            prefetched.pulled.window_counts
            if prefetched
            else historian.count_readings(self.context.engine, self.source, self.windows)
        )
        planned_runs = self._plan_runs(counts)
        run_log = self._build_run_log(planned_runs)
        # One id for the lines of a batch: its runs are announced, published and fail together.
        with log_context.bind_run(planned_runs[0].run_id):
            return self._publish_or_fail(planned_runs, run_log, prefetched)

    @trace_calls("batch")
    def _publish_or_fail(
        self, planned_runs: Sequence[Run], run_log: pl.DataFrame, prefetched: ScoredBatch | None
    ) -> BatchResult:
        engine = self.context.engine
        # Committed before the work: if this process dies, the next one finds RUNNING rows and marks them FAIL.
        attempts = runs.start_runs(engine, run_log)["Attempt"]
        try:
            return self._publish_batch(planned_runs, run_log, prefetched or self._pull_and_score())
        except Exception as error:  # any error is recorded, then raised again
            code, attempt = self.context.code, attempts[0]
            runs.fail_runs(engine, run_log, error, attempt=attempt, span=Window(self.start, self.end), equip_code=code)
            raise

    def _pull_and_score(self) -> ScoredBatch:
        context = self.context
        context.progress.set_stage(context.code, "pull")
        pulled = self.pull_readings(context.engine)
        context.progress.set_stage(context.code, "score")
        return ScoredBatch(pulled, self.score_readings(pulled.readings))

    @trace_calls("publish")
    def _publish_batch(
        self, planned_runs: Sequence[Run], run_log: pl.DataFrame, scored_batch: ScoredBatch
    ) -> BatchResult:
        context, result = self.context, scored_batch.result
        rejected = pl.concat([scored_batch.pulled.duplicates, result.rejected])
        # Readings outside of training are used: they are on record, and do not count as rejected.
        self._record_quality_events(pl.concat([rejected, result.outside_training]), planned_runs)
        context.progress.set_stage(context.code, "publish")
        next_point = self._next_resume_point(result)
        state_rows = self._build_state_rows(result, planned_runs, next_point)
        run_log = self._add_input_hash(run_log, scored_batch.pulled, state_rows)
        # Built before the transaction begins: building reads and computes for longer than the rows are locked.
        content = publication.build_publication(self, result, rejected, planned_runs, run_log=run_log)
        if self.complete_windows:
            content = self._add_progress(content, scored_batch.pulled, state_rows, next_point)
        # One transaction; from here on, a reader sees all rows of the batch and the new progress, or none of them.
        metrics = publishing.publish_batch(context.engine, content)
        return BatchResult(
            reading_count=sum(run.reading_count for run in planned_runs),
            episode_count=self.episode_starts(result).len(),
            rejected_cells=rejected,
            metrics=metrics,
            resume_point=next_point,
            first_run_id=planned_runs[0].run_id,
        )

    def _record_quality_events(self, rejected: pl.DataFrame, planned_runs: Sequence[Run]) -> None:
        # In a transaction of its own, before the results: rejected readings stay on record if the batch fails.
        context = self.context
        events = run_rows.build_quality_events(
            rejected,
            planned_runs,
            equip_id=context.equip_id,
            source_table=context.source.table,
            now=clock.utc_now(),
        )
        run_ids = [run.run_id for run in planned_runs]
        quality_events.record_quality_events(context.engine, events, equip_id=context.equip_id, run_ids=run_ids)

    def _plan_runs(self, window_counts: Sequence[int]) -> list[Run]:
        # RunIDs are derived from machine, window, models and settings: a repeated batch has the same runs.
        # The settings are hashed once: for each of 17,500 windows that would take an eighth of a backfill.
        signature = self.context.config.signature
        # Empty windows are merged on either side of the progress, where the next backfill goes on.
        complete = len(self.complete_windows)
        parts = (
            (self.complete_windows, window_counts[:complete], False),
            (self.incomplete_windows, window_counts[complete:], True),
        )
        return [
            Run(self._build_run_id(window, signature), window, count, readings, is_provisional=is_provisional)
            for windows, counts, is_provisional in parts
            for window, count, readings in lineage.merge_empty_windows(windows, counts)
        ]

    def _build_run_id(self, window: Window, signature: str) -> str:
        return runs.build_run_id(
            self.context.code,
            window.start,
            window.end,
            stage="score",
            model_version=self.trained.version,
            signature=signature,
        )

    def _build_run_log(self, planned_runs: Sequence[Run]) -> pl.DataFrame:
        values = {
            "EquipID": self.context.equip_id,
            "TickMinutes": int(self.context.config.backfill.tick.total_seconds() // 60),
            "ModelVersion": self.trained.version,
            "ConfigSignature": self.context.config.signature,
        }
        return run_rows.build_run_log(planned_runs, now=clock.utc_now(), shared_values=values)

    def _add_input_hash(self, run_log: pl.DataFrame, pulled: PulledBatch, state_rows: pl.DataFrame) -> pl.DataFrame:
        """Add the hash of the inputs to the runs of the incomplete windows."""
        if pulled.incomplete_days is None:
            return run_log
        engine, equip_id, as_of = self.context.engine, self.context.equip_id, self.incomplete_windows[0].start
        # The state at their start is stored by this batch, or was stored before if it has no complete windows.
        stored = state_rows.filter(pl.col("AsOf") == as_of)["Hash"]
        state_hash = stored.item() if stored.len() else state_store.read_state_hash(engine, equip_id, as_of)
        if state_hash is None:
            return run_log
        hashed = incomplete_windows.hash_inputs(
            self.context,
            self.incomplete_windows,
            pulled.incomplete_days,
            model_version=self.trained.version,
            state_hash=state_hash,
        )
        return run_log.with_columns(InputHash=pl.when("Provisional").then(pl.lit(hashed)))

    def _next_resume_point(self, result: score.ScoreResult) -> ResumePoint:
        """Return the end of the complete windows of the batch; its start if it has none."""
        if not self.complete_windows:
            return self.resume_point
        # Moved by windows, not by readings: windows without readings are progress, too.
        before, end = self.resume_point.watermark, self.complete_windows[-1].end
        moved = replace(
            before,
            last_window_end=end,
            # A row of an earlier version has none: from here on, a changed zone is noticed.
            time_zone=self.context.machine.time_zone,
            window_count=before.window_count + len(self.complete_windows),
            data_max=self.newest_reading,
        )
        return ResumePoint(moved, moved, result.snapshots.get(end, result.state))

    def _build_state_rows(
        self, result: score.ScoreResult, planned_runs: Sequence[Run], next_point: ResumePoint
    ) -> pl.DataFrame:
        """Return the ACM_State rows of the batch; none without complete windows."""
        end, state = next_point.watermark.last_window_end, next_point.state
        states = {**result.snapshots, end: state} if self.complete_windows and state else {}
        return run_rows.build_state_rows(
            states, planned_runs, equip_id=self.context.equip_id, model_version=self.trained.version
        )

    def _add_progress(
        self,
        content: publishing.Publication,
        pulled: PulledBatch,
        state_rows: pl.DataFrame,
        next_point: ResumePoint,
    ) -> publishing.Publication:
        """Add the watermark, the scoring states and the fingerprints, which only complete windows change."""
        before, after = self.resume_point.watermark, next_point.watermark
        fingerprints = pulled.complete_days
        assert fingerprints is not None  # noqa: S101 - narrowed by the caller, which has complete windows
        return replace(
            content,
            state_rows=state_rows,
            fingerprint_rows=day_fingerprints.build_batch_rows(
                self.context.engine,
                self.source,
                fingerprints,
                equip_id=self.context.equip_id,
                model_version=self.trained.version,
            ),
            drop_state_times=publication.find_expired_states(self, before),
            drop_states_before=min(self.state_retention_start, after.last_window_end),
            watermark_update=publishing.WatermarkUpdate(self.resume_point.stored_watermark, after),
        )
