"""The status of a machine and of a fleet: one typed shape for every command, page and message.

``status``, ``show``, ``monitor``, ``report`` and the e-mail summary all read these values. They hold facts only: the
judgement is in ``verdict``, the wording in ``texts``. All times are naive UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from acm_etl.load.episodes.episode_notes import NO_REVIEW, Review
from acm_etl.load.models.model_tags import LoadIndicator
from acm_etl.results import ChangedReadings, FutureReadings, OlderReadings, TrainingSummary
from acm_etl.status.model_facts import BaselineNote, CalibrationFold, RefitRequest
from acm_etl.status.sensor_facts import ContextDeviation, Contribution, Deviation, Drift, SensorFault
from acm_etl.words import (
    ColdstartStatus,
    EpisodeCause,
    EpisodeEnd,
    EpisodeSeverity,
    EpisodeStatus,
    ForecastStatus,
    HealthZone,
    RunOutcome,
)

StatusSource = Literal["store", "status_file"]
"""``status_file``: a backfill has the embedded store open, so only its progress is known."""

ActivityState = Literal[
    "running", "dead", "failed", "waiting", "idle", "done", "up_to_date", "stopped", "planned", "unknown"
]
"""Current activity of a machine; ``done`` to ``planned`` are outcomes in the status file of a running backfill."""

# Label that scoring gives to readings while the machine is off.
OFF_REGIME = "off"


@dataclass(frozen=True, slots=True)
class Coldstart:
    """Initial training of a machine.

    Attributes:
        status: ``PENDING``, ``IN_PROGRESS``, ``COMPLETE`` or ``FAILED``.
        reason: Why the training waits or failed.
        running_readings: Readings in operation found so far.
        required_readings: Readings in operation that the training needs.
        retry_after: Earliest time of the next attempt after a failure.
        training: Training period, once it is complete.
    """

    status: ColdstartStatus
    reason: str | None = None
    running_readings: int = 0
    required_readings: int = 0
    retry_after: datetime | None = None
    training: TrainingSummary | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """Extent of the readings of a machine in its historian table, without those from the future."""

    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class LateReadings:
    """Readings that arrived in windows that were already scored.

    Attributes:
        count: Number of late readings.
        replay_from: Start of the earliest affected window: a replay from here scores them.
    """

    count: int = 0
    replay_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """The last assessed reading.

    Attributes:
        time: Time of the reading.
        index: Health index, 0 to 100.
        zone: ``GOOD``, ``WATCH`` or ``ALERT``.
        fused_z: Anomaly score, z.
        regime: Operating regime of the reading.
    """

    time: datetime
    index: float
    zone: HealthZone
    fused_z: float | None = None
    regime: str | None = None


@dataclass(frozen=True, slots=True)
class ZonePeriod:
    """The open period in the current health zone."""

    zone: HealthZone
    since: datetime


@dataclass(frozen=True, slots=True)
class RegimePeriod:
    """The open period in the current operating regime; the label ``off`` means that the machine is off."""

    label: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Episode:
    """An alarm episode.

    Attributes:
        start: Start of the episode.
        end: Last reading of the episode so far.
        status: ``OPEN`` or ``CLOSED``.
        duration_hours: Duration, hours.
        peak_z: Highest anomaly score, z.
        severity: ``LOW``, ``MEDIUM`` or ``HIGH``.
        culprits: Top contributing sensors with their shares, as text.
        opened_by: ``drift`` if the drift score alone opened it, else ``detectors``; None if it is not known.
        closed_by: ``cleared`` or ``baseline``; None while open, or if it is not known.
        review: Notes about the episode and the failure that followed.
    """

    start: datetime
    end: datetime
    status: EpisodeStatus
    duration_hours: float
    peak_z: float
    severity: EpisodeSeverity | None = None
    culprits: str | None = None
    opened_by: EpisodeCause | None = None
    closed_by: EpisodeEnd | None = None
    review: Review = NO_REVIEW


@dataclass(frozen=True, slots=True)
class Forecast:
    """Newest health forecast.

    Attributes:
        status: ``STABLE``, ``DEGRADING``, ``BELOW`` (health is below the threshold) or ``UNKNOWN``.
        issued_at: Time of the forecast.
        threshold: Health index below which the machine counts as failed.
        rul_hours: Time until health falls below the threshold, hours, median.
        lower_hours: Lower bound of its 80 % interval.
        upper_hours: Upper bound of its 80 % interval; None beyond the horizon.
        failure_time: Expected time at which health falls below the threshold.
        trend_start: Start of the degradation trend.
    """

    status: ForecastStatus
    issued_at: datetime
    threshold: float
    rul_hours: float | None = None
    lower_hours: float | None = None
    upper_hours: float | None = None
    failure_time: datetime | None = None
    trend_start: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunAttempt:
    """The newest attempt to score a window.

    Attributes:
        outcome: Outcome so far.
        window_start: Start of the window.
        window_end: End of the window.
        provisional: Whether the window is incomplete and will be scored again.
        started_at: Start of the attempt.
        completed_at: End of the attempt.
        error: Error message of a failed attempt.
        holder: Process of the attempt, ``host:pid``.
    """

    outcome: RunOutcome
    window_start: datetime | None = None
    window_end: datetime | None = None
    provisional: bool = False
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error: str | None = None
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """Current work of a backfill on a machine, or the end of its last work.

    Attributes:
        state: State of the machine.
        stage: Stage of work, from the status file.
        windows: Windows in progress, from the store.
        since: Start of the work in progress.
        holder: Process that works on the machine, ``host:pid``.
    """

    state: ActivityState
    stage: str = ""
    windows: int | None = None
    since: datetime | None = None
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Throughput:
    """Readings scored lately, and the speed of the scoring."""

    readings: int = 0
    readings_per_second: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineStatus:
    """All facts about a machine. A field is None or empty if the fact is not known.

    Attributes:
        code: Machine code.
        source: Where the facts come from.
        observed_at: Time at which the facts were read, or written into the status file.
        stale_after_hours: Setting ``status.stale_after`` of the machine, hours; 0: data are never stale.
        activity: What happens with the machine now.
        throughput: Readings scored lately.
        coldstart: Initial training; None before the first backfill.
        readings: Extent of the readings in the historian.
        scored_until: End of the last complete window.
        lag_hours: Hours by which the newest reading is ahead of ``scored_until``.
        windows_done: Complete windows scored.
        windows_total: Windows that the readings allow, as far as known.
        last_run: Newest attempt to score a window.
        failed_runs: Runs whose last attempt failed.
        late_readings: Readings that arrived in scored windows.
        changed_readings: Scored days whose readings have changed since, as the last backfill found.
        older_readings: Readings older than the first window that arrived since.
        future_readings: Readings later than the clock plus ``backfill.allowed_lateness``.
        health: Last assessed reading.
        zone: Open period in the health zone.
        regime: Open period in the operating regime.
        open_episodes: Open episodes, newest first.
        recent_episodes: Episodes that ended in the 30 days before the last assessed reading, newest first.
        culprits: Top contributing sensors of the newest of these episodes.
        open_drifts: Open drift events, newest first.
        forecast: Newest health forecast.
        degradation_drivers: Contributions of the sensors to a degradation trend, largest first.
        deviations: Deviations of the sensors in the last 30 days, largest first.
        motionless_readings: Readings of the last 30 days, if no tag changed in them; else 0.
        sensor_faults: Faulty sensors in the newest scored window, those with most readings first.
        outside_training: Context tags outside their range in training in that window, those with most readings first.
        refit_request: Newest retraining request without a new model.
        baseline: Newest time from which a person declared the machine normal.
        calibration: Blocks of the training on which the levels of the newest models rest.
    """

    code: str
    source: StatusSource
    observed_at: datetime
    # 0 judges nothing: in the status file the setting of the machine is not known.
    stale_after_hours: float = 0.0
    activity: Activity = Activity("unknown")
    throughput: Throughput = Throughput()
    coldstart: Coldstart | None = None
    readings: Readings | None = None
    scored_until: datetime | None = None
    lag_hours: float | None = None
    windows_done: int | None = None
    # Unknown until the first window is published, because the window length is that of the stored rows.
    windows_total: int | None = None
    last_run: RunAttempt | None = None
    failed_runs: int | None = None
    late_readings: LateReadings = LateReadings()
    changed_readings: ChangedReadings | None = None
    older_readings: OlderReadings | None = None
    future_readings: FutureReadings | None = None
    health: Health | None = None
    zone: ZonePeriod | None = None
    regime: RegimePeriod | None = None
    open_episodes: tuple[Episode, ...] = ()
    recent_episodes: tuple[Episode, ...] = ()
    culprits: tuple[Contribution, ...] = ()
    open_drifts: tuple[Drift, ...] = ()
    forecast: Forecast | None = None
    degradation_drivers: tuple[Contribution, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    motionless_readings: int = 0
    sensor_faults: tuple[SensorFault, ...] = ()
    outside_training: tuple[ContextDeviation, ...] = ()
    refit_request: RefitRequest | None = None
    baseline: BaselineNote | None = None
    calibration: CalibrationFold | None = None

    @property
    def off_since(self) -> datetime | None:
        """Start of the current standstill; None while the machine is in operation."""
        return self.regime.since if self.regime and self.regime.label == OFF_REGIME else None

    @property
    def largest_deviation(self) -> Deviation | None:
        """Sensor whose latest reading deviates most, in either direction."""
        return max(self.deviations, key=lambda deviation: abs(deviation.latest_z), default=None)


@dataclass(frozen=True, slots=True)
class BackfillProcess:
    """The process that writes the status file of a store."""

    pid: int
    updated_at: datetime
    is_alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetStatus:
    """The status of several machines at one time.

    Attributes:
        store: URL of the store, without secrets.
        observed_at: Time of the observation.
        source: Where the facts of the machines come from.
        machines: Machines, by code.
        process: Process that writes the status file, if there is one.
        note: Why the source is not the store, or what is wrong with the status file.
        unsent_events: Events of all machines whose messages a target did not accept.
    """

    store: str
    observed_at: datetime
    source: StatusSource
    machines: tuple[MachineStatus, ...] = ()
    process: BackfillProcess | None = None
    note: str = ""
    unsent_events: int = 0


@dataclass(frozen=True, slots=True)
class MachineDetails:
    """The status of one machine with its newest episodes and its load indicators.

    Attributes:
        status: Status of the machine.
        episodes: Newest episodes, newest first.
        load_indicators: Tags by which its models tell whether it is in operation; None without models.
    """

    status: MachineStatus
    episodes: tuple[Episode, ...] = ()
    load_indicators: tuple[LoadIndicator, ...] | None = None
