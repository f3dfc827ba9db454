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
from acm_etl.errors import TransientError
from acm_etl.io import historian
from acm_etl.load import clock, lookback, quality_events, runs
from acm_etl.load import publish as publishing
from acm_etl.load.watermark import Progress
from acm_etl.run import lineage, retry, run_rows
from acm_etl.run.context import Job
from acm_etl.run.lineage import Run
from acm_etl.run.training import Trained
from acm_etl.windows import Window

_DAY = timedelta(days=1)
_INSTANT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the walk stands.

    Attributes:
        stored: The progress row in the store; None before the first one.
        progress: The same, or the one to begin with.
        state: What scoring carries from there; None at the very start.
    """

    stored: Progress | None
    progress: Progress
    state: score.State | None


@dataclass(frozen=True, slots=True)
class Pulled:
    """Readings of a group.

    Attributes:
        counts: Readings of each window.
        readings: One row per time.
        doubled: One row per reading that was not taken.
    """

    counts: list[int]
    readings: pl.DataFrame
    doubled: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Ready:
    """A group that waits for nothing but being published."""

    pulled: Pulled
    scored: score.Scored


@dataclass(frozen=True, slots=True)
class Done:
    """What a published group did.

    Attributes:
        readings: Readings pulled.
        episodes: Episodes that start in it.
        rejected: One row per cell or reading not taken.
        metrics: Rows and seconds per table.
        cursor: Where the walk stands now.
        run: The first run of the group, which stands for it in logs.
    """

    readings: int
    episodes: int
    rejected: pl.DataFrame
    metrics: Sequence[publishing.TableMetric]
    cursor: Cursor
    run: str


@dataclass(frozen=True, slots=True)
class Group:
    """Windows of one machine that share a transaction.

    Attributes:
        job: The machine.
        trained: Models in use.
        windows: The windows, one after the other.
        cursor: Where they start.
        provisional: The windows are still open: progress and state stop before them.
    """

    job: Job
    trained: Trained
    windows: Sequence[Window]
    cursor: Cursor
    provisional: bool

    def run(self, ready: Ready | None = None) -> Done:
        """Pull, score and publish; the whole group is tried again on a transient error.

        Args:
            ready: What was pulled and scored ahead; the first attempt goes on from there.

        Raises:
            AcmError: It failed for good: nothing of it is stored, and its runs say FAIL.
        """
        ahead = iter([ready])
        return retry.attempts(self.job.code, self.job.config.backfill)(lambda: self._guarded(next(ahead, None)))

    def read(self, engine: Engine) -> Pulled:
        """The readings, by a session of the caller's thread."""
        counts = historian.counts(engine, self._source, self.windows)
        readings, doubled = score.dedupe(historian.readings(engine, self._source, self.start, self.end))
        return Pulled(counts, readings, doubled)

    def assess(self, readings: pl.DataFrame) -> score.Scored:
        """The readings, scored from the cursor's state on."""
        return score.score(
            readings,
            self.trained.model,
            self.cursor.state,
            snapshots=() if self.provisional else self._snapshots(),
            time_zone=self.job.machine.time_zone,
            train_end=self.trained.train_end,
        )

    def _guarded(self, ready: Ready | None) -> Done:
        """An attempt, as soon as the store's breaker lets it through."""
        breaker = self.job.breaker
        if breaker.state != "closed":
            self.job.progress.stage(self.job.code, "waiting", detail=f"for the store: {breaker.error}")
        breaker.admit(self.job.stop)
        try:
            done = self._attempt(ready)
        except TransientError as error:
            breaker.failed(error)
            raise
        breaker.succeeded()
        return done

    def _attempt(self, ready: Ready | None) -> Done:
        counts = ready.pulled.counts if ready else historian.counts(self.job.engine, self._source, self.windows)
        planned = self._plan(counts)
        announced = self._announcement(planned)
        with log_context.run(planned[0].id):
            return self._carry_out(planned, announced, ready)

    def _carry_out(self, planned: Sequence[Run], announced: pl.DataFrame, ready: Ready | None) -> Done:
        engine = self.job.engine
        attempts = runs.announce(engine, announced)["Attempt"]
        try:
            return self._publish(planned, announced, ready or self._ready())
        except Exception as error:  # whatever it was, the runs say so; it is raised again
            code, attempt = self.job.code, attempts[0]
            runs.fail(engine, announced, error, attempt=attempt, start=self.start, end=self.end, equip_code=code)
            raise

    def _ready(self) -> Ready:
        job = self.job
        job.progress.stage(job.code, "pull")
        pulled = self.read(job.engine)
        job.progress.stage(job.code, "score")
        return Ready(pulled, self.assess(pulled.readings))

    def _publish(self, planned: Sequence[Run], announced: pl.DataFrame, ready: Ready) -> Done:
        job, scored = self.job, ready.scored
        rejected = pl.concat([ready.pulled.doubled, scored.rejected])
        found = self._quality(rejected, planned)
        quality_events.record(job.engine, found, equip_id=job.equip_id, runs=[run.id for run in planned])
        job.progress.stage(job.code, "publish")
        after = self._after(scored)
        publication = self._publication(scored, rejected, planned, announced=announced, after=after)
        metrics = publishing.publish(job.engine, publication)
        cursor = self.cursor if self.provisional else after
        return Done(
            sum(run.readings for run in planned), self._begun(scored).len(), rejected, metrics, cursor, planned[0].id
        )

    def recomputed(self) -> tuple[list[Run], dict[str, pl.DataFrame]]:
        """The group's runs and the rows it has in each table of results, made as for publishing; nothing is written."""
        pulled = self.read(self.job.engine)
        planned = self._plan(pulled.counts)
        return planned, self._frames(self.assess(pulled.readings), planned)

    @property
    def start(self) -> datetime:
        """Start of the first window."""
        return self.windows[0].start

    @property
    def end(self) -> datetime:
        """End of the last window."""
        return self.windows[-1].end

    @property
    def _source(self) -> historian.Source:
        """The tags the models were trained on, whatever the historian table has gained since."""
        return replace(self.job.source, tags=self.trained.model.columns)

    def _plan(self, counts: Sequence[int]) -> list[Run]:
        return [
            Run(self._run_id(window), window, windows, readings)
            for window, windows, readings in lineage.stretches(self.windows, counts)
        ]

    def _run_id(self, window: Window) -> str:
        return runs.run_id(
            self.job.code,
            window.start,
            window.end,
            stage="score",
            model_version=self.trained.version,
            signature=self.job.config.signature,
        )

    def _announcement(self, planned: Sequence[Run]) -> pl.DataFrame:
        facts = {
            "EquipID": self.job.equip_id,
            "TickMinutes": int(self.job.config.backfill.tick.total_seconds() // 60),
            "ModelVersion": self.trained.version,
            "ConfigSignature": self.job.config.signature,
        }
        return run_rows.run_log(planned, now=clock.now(), provisional=self.provisional, facts=facts)

    @property
    def _keep_states_since(self) -> datetime:
        newest = self.job.extent.last if self.job.extent else self.end
        return newest - self.job.config.backfill.state_days * _DAY

    @property
    def _forecast_from(self) -> datetime:
        """First local day with a forecast; by the newest reading, so that any grouping ends in the same rows."""
        newest = self.job.extent.last if self.job.extent else self.end
        zone, days = self.job.machine.time_zone, self.job.config.backfill.forecast_days
        noon = lineage.day_start(newest, zone) + _DAY / 2
        return lineage.day_start(noon - days * _DAY, zone)

    def _first_of_day(self, end: datetime) -> bool:
        """Whether ``end`` is the first window end of its day: the states a replay can start from."""
        tick = self.job.config.backfill.tick
        return (end - tick).date() < end.date() or end == self.trained.train_end

    def _snapshots(self) -> list[datetime]:
        """Ends of windows within the retention whose state is kept, the last one apart (it is kept anyway)."""
        ends = [window.end for window in self.windows[:-1]]
        return [end for end in ends if end >= self._keep_states_since and self._first_of_day(end)]

    def _after(self, scored: score.Scored) -> Cursor:
        before = self.cursor.progress
        newest = self.job.extent.last if self.job.extent else self.end
        moved = replace(before, last_end=self.end, batches=before.batches + len(self.windows), data_max=newest)
        return Cursor(moved, moved, scored.state)

    def _begun(self, scored: score.Scored) -> pl.Series:
        """Starts of the episodes that begin in the group, ascending."""
        starts = scored.episodes["StartTs"]
        return starts.filter(starts >= self.start).sort()

    def _quality(self, rejected: pl.DataFrame, planned: Sequence[Run]) -> pl.DataFrame:
        return run_rows.quality_events(
            rejected, planned, equip_id=self.job.equip_id, table=self.job.source.table, now=clock.now()
        )

    def _publication(
        self,
        scored: score.Scored,
        rejected: pl.DataFrame,
        planned: Sequence[Run],
        *,
        announced: pl.DataFrame,
        after: Cursor,
    ) -> publishing.Publication:
        frames, now = self._frames(scored, planned), clock.now()
        analytics = run_rows.analytics(
            scored.frame,
            planned,
            announced,
            train_end=self.trained.train_end,
            starts=self._begun(scored),
            cells=run_rows.usable_cells(rejected, planned, tags=len(self.trained.model.columns)),
            equip=self.job.code,
            now=now,
        )
        found = score.run_rows(scored, self.trained.model, lineage.run_of(scored.frame["Timestamp"], planned))
        stats = run_rows.stats(found, planned, equip_id=self.job.equip_id)
        base = publishing.Publication(
            equip_id=self.job.equip_id,
            start=self.start,
            end=self.end,
            frames={**frames, tables.runs.RUN_STATS.name: stats},
            runs=run_rows.finished(announced, planned, written=run_rows.rows_written(frames), now=now),
            analytics=analytics,
            drop_forecasts_before=self._forecast_from,
        )
        return base if self.provisional else self._committing(base, scored, planned, after)

    def _committing(
        self, base: publishing.Publication, scored: score.Scored, planned: Sequence[Run], after: Cursor
    ) -> publishing.Publication:
        """The publication of final windows also moves progress and keeps states."""
        kept = {**scored.snapshots, self.end: scored.state}
        head = self.cursor.progress.last_end
        return replace(
            base,
            states=run_rows.states(kept, planned, equip_id=self.job.equip_id, model_version=self.trained.version),
            drop_states=() if self._first_of_day(head) else (head,),
            drop_states_before=min(self._keep_states_since, self.end),
            advance=publishing.Advance(self.cursor.stored, after.progress),
        )

    def _frames(self, scored: score.Scored, planned: Sequence[Run]) -> dict[str, pl.DataFrame]:
        frames = {
            **score.time_tables(scored, model_version=self.trained.version, train_end=self.trained.train_end),
            **score.event_tables(scored),
            **self._day_tables(scored),
        }
        changed = lineage.last_readings(scored.frame["Timestamp"], self.job.machine.time_zone)
        return lineage.stamp(frames, self._owners(frames, planned), equip_id=self.job.equip_id, changed=changed)

    def _day_tables(self, scored: score.Scored) -> score.Frames:
        until = self._unclosed()
        return score.day_tables(
            scored,
            self.trained.model,
            self._trailing() if score.closing(scored, until).height else {},
            summary_days=self.job.config.backfill.summary_days,
            forecast_from=self._forecast_from,
            until=until,
        )

    def _trailing(self) -> Mapping[str, pl.DataFrame]:
        since = lineage.day_start(self.start, self.job.machine.time_zone) - self.job.config.backfill.summary_days * _DAY
        return lookback.trailing(self.job.engine, self.job.equip_id, since=since, until=self.start)

    def _unclosed(self) -> datetime | None:
        """Start of the last local day, where it has further readings: the group that scores those summarises it."""
        zone = self.job.machine.time_zone
        day = lineage.day_start(self.end - _INSTANT, zone)
        more = historian.any_between(self.job.engine, self._source, self.end, max(self.end, lineage.day_end(day, zone)))
        return day if more else None

    def _owners(self, frames: dict[str, pl.DataFrame], planned: Sequence[Run]) -> pl.DataFrame:
        """The group's runs, and the stored runs of events that did not change in it."""
        early = {
            time
            for frame in frames.values()
            if lineage.CHANGED in frame.columns
            for time in frame.filter(pl.col(lineage.CHANGED) < self.start)[lineage.CHANGED]
        }
        return lineage.owners(planned, runs.owner_of(self.job.engine, self.job.equip_id, early))
