"""Typed results of commands, read by the tables on the terminal, by ``--json`` and by the Python API."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

NoticeEvent = Literal[
    "episode_opened", "episode_worsened", "episode_closed", "feed_silent", "machine_failing", "run_failed"
]
"""Events that messages are sent about."""
NOTICE_EVENTS: tuple[NoticeEvent, ...] = get_args(NoticeEvent)
MachineOutcome = Literal["done", "up to date", "waiting", "stopped", "planned", "failed"]


@dataclass(slots=True)
class TableTotal:
    """Rows and seconds of one table, summed over all published batches."""

    staged: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    seconds: float = 0.0

    def add_total(self, other: TableTotal) -> None:
        """Add the rows and seconds of another total of the table."""
        self.staged += other.staged
        self.inserted += other.inserted
        self.updated += other.updated
        self.deleted += other.deleted
        self.seconds += other.seconds

    @property
    def rows_per_second(self) -> float:
        """Rows staged and published per second."""
        return self.staged / self.seconds if self.seconds else 0.0

    @property
    def rows_written(self) -> int:
        """Rows that are new or changed; the remaining staged rows were stored already with the same values."""
        return self.inserted + self.updated


@dataclass(frozen=True, slots=True)
class FaultDetection:
    """One simulated fault, compared with the stored episodes.

    Attributes:
        name: Name of the fault.
        kind: ``slow`` or ``sudden``.
        start: Start of the fault, UTC.
        end: End of the fault, UTC.
        found: Whether an episode overlaps the fault.
        episodes: Episodes that overlap the fault.
        delay_hours: Hours from the start of the fault to the first of them, 0 if it began earlier; None if not found.
        ranked_first: Whether the primary sensor of one of them shows the fault.
        in_top_sensors: Whether the culprits of one of them show the fault.
        in_training: Whether the fault ended within the training period, where no alarm is expected.
        in_scored_period: Whether the fault began before the last scored reading; a later one cannot be found yet.
    """

    name: str
    kind: str
    start: datetime
    end: datetime
    found: bool
    episodes: int
    delay_hours: float | None
    ranked_first: bool
    in_top_sensors: bool
    in_training: bool
    in_scored_period: bool


@dataclass(frozen=True, slots=True)
class TruthComparison:
    """Simulated faults compared with all episodes of a machine.

    Attributes:
        faults: One entry per fault.
        false_episodes: Episodes that overlap no fault.
    """

    faults: list[FaultDetection]
    false_episodes: int


@dataclass(frozen=True, slots=True)
class ChangedReadings:
    """Scored days whose readings in the historian have changed since.

    Attributes:
        day_count: Number of these days.
        first_day: First of them, as the UTC time at which it starts.
        last_day: Last of them, likewise.
        added_readings: Readings that these days have more than were scored.
        removed_readings: Readings that these days have fewer than were scored.
        corrected_days: Days with as many readings as were scored, but with other times or values.
        training_days: Days within the training period of the models: a replay scores them, but trains no models.
        sample_days: The first of these days, at most 10.
    """

    day_count: int
    first_day: datetime
    last_day: datetime
    added_readings: int
    removed_readings: int
    corrected_days: int
    training_days: int
    sample_days: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class FutureReadings:
    """Readings later than the clock plus ``backfill.allowed_lateness``; ``first`` is the earliest of them, UTC."""

    count: int
    first: datetime


@dataclass(frozen=True, slots=True)
class OlderReadings:
    """Readings older than the first window that arrived since; ``first`` is the earliest of them, UTC."""

    count: int
    first: datetime


TrainingDoubt = Literal["extended", "short", "near_newest"]
"""``extended``: longer than planned; ``short``: less than a season; ``near_newest``: next to nothing left to judge."""

MIN_SEASON_DAYS = 80
"""A meteorological season has 90 to 92 days; a few days less still show its weather and its loads."""
MIN_JUDGED_DAYS = 7
"""Readings after the training that a person can judge the models by: a week has each shift and the weekend."""


@dataclass(frozen=True, slots=True)
class TrainingSummary:
    """Period of an initial training.

    Attributes:
        start: Time of its first reading, UTC.
        end: End of the period, UTC, exclusive.
        planned_end: End by ``training.days`` alone; None if not known, or if ``training.until`` gave the end.
        planned_running: Readings in operation before ``planned_end``.
        running_readings: Readings in operation in the period.
        required_readings: Readings in operation that the training needs.
        newest_reading: Newest reading when the models were trained, UTC.
        sampled_readings: Readings of the sample that the models were fitted on; None if not known, or if they were
            fitted on all readings of the period.
    """

    start: datetime
    end: datetime
    planned_end: datetime | None
    planned_running: int | None
    running_readings: int
    required_readings: int
    newest_reading: datetime | None
    sampled_readings: int | None = None

    @property
    def days(self) -> float:
        """Length of the period, days."""
        return (self.end - self.start) / timedelta(days=1)

    @property
    def doubts(self) -> tuple[TrainingDoubt, ...]:
        """Reasons to look at the period before the results are trusted."""
        is_extended = self.planned_end is not None and self.end > self.planned_end
        is_short = self.days < MIN_SEASON_DAYS
        left = None if self.newest_reading is None else self.newest_reading - self.end
        is_near = left is not None and left < timedelta(days=MIN_JUDGED_DAYS)
        found: dict[TrainingDoubt, bool] = {"extended": is_extended, "short": is_short, "near_newest": is_near}
        return tuple(doubt for doubt, holds in found.items() if holds)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain values for JSON, with its length and its doubts."""
        return {**asdict(self), "days": self.days, "doubts": self.doubts}


@dataclass(slots=True)
class MachineReport:
    """Result of a backfill for one machine.

    Attributes:
        equip: Machine code.
        outcome: ``done``, ``up to date`` (nothing to do), ``waiting`` (the coldstart needs more readings), ``stopped``
            (interrupted, or --max-windows reached), ``planned`` (dry run) or ``failed``.
        message: Reason of the outcome, one line.
        windows: Complete windows published, NOOP windows included.
        provisional: Incomplete windows published provisionally; the next run replaces them.
        readings: Readings pulled from the historian.
        rejected: Number of rejected cells and readings by rule.
        tables: Totals by table name.
        episodes: Episodes that start in the published windows.
        model_version: Version of the models of the last published window.
        resume_at: Start of the first window of the next run, UTC.
        late: Readings older than the progress that were not scored.
        changed: Scored days whose readings have changed since and were not replayed; None if there are none.
        replayed: Changed days that this backfill scores again, by --replay-changed; those from ``resume_at`` on are
            left to the next run.
        older: Readings older than the first window that arrived since; None if there are none.
        future: Readings from the future, which wait for their time; None if there are none.
        fingerprinted_days: Days scored by an earlier version that got their fingerprints now.
        expired_days: Scored days whose readings the historian has no longer; their results stay.
        training: Period of the initial training, if models were trained in this backfill.
        exit_code: Exit code of the error, if the outcome is ``failed``.
        truth: Comparison with the simulated faults; None unless the machine is simulated.
        seconds: Wall time.
        is_store_unreachable: The store could not be opened: no other machine can be processed either.
    """

    equip: str
    outcome: MachineOutcome = "done"
    message: str = ""
    windows: int = 0
    provisional: int = 0
    readings: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    tables: dict[str, TableTotal] = field(default_factory=dict)
    episodes: int = 0
    model_version: int | None = None
    resume_at: datetime | None = None
    late: int = 0
    changed: ChangedReadings | None = None
    replayed: ChangedReadings | None = None
    older: OlderReadings | None = None
    future: FutureReadings | None = None
    fingerprinted_days: int = 0
    expired_days: int = 0
    training: TrainingSummary | None = None
    exit_code: int = 1
    truth: TruthComparison | None = None
    seconds: float = 0.0
    is_store_unreachable: bool = False

    @property
    def rows_written(self) -> int:
        """Rows inserted and updated in all tables."""
        return sum(table.rows_written for table in self.tables.values())


@dataclass(slots=True)
class BackfillReport:
    """Result of a backfill for all machines.

    Attributes:
        store: URL of the store, without secrets.
        machines: One report per machine, in the order of the request.
        seconds: Wall time.
        interrupted: Whether the user stopped the backfill.
    """

    store: str
    machines: list[MachineReport]
    seconds: float
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """Return 0 if no machine failed, 130 if interrupted, else the lowest exit code of the failed machines."""
        if self.interrupted:
            return 130
        # The lowest code: 2 (wrong request) and 3 (store unreachable) only if they apply to every failed machine.
        return min((machine.exit_code for machine in self.machines if machine.outcome == "failed"), default=0)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        # asdict() calls type(value)(items) on mappings; a Counter would then count the (key, value) pairs.
        machines = [
            {
                **asdict(machine),
                "rejected": dict(machine.rejected),
                "training": machine.training.to_dict() if machine.training else None,
            }
            for machine in self.machines
        ]
        for machine in machines:
            # Always False here: an unreachable store raises UnavailableError before there is a report.
            del machine["is_store_unreachable"]
        return {**asdict(self), "machines": machines, "exit_code": self.exit_code}


@dataclass(slots=True)
class SimulationReport:
    """Result of a simulation.

    Attributes:
        equip: Machine code.
        readings: Simulated readings written.
        truth: Path of the file with the simulated faults; None if nothing was simulated.
        message: Summary, one line.
    """

    equip: str
    readings: int
    truth: str | None
    message: str

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return asdict(self)
