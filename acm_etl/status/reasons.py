"""Reasons of a verdict: one type per code, with the facts as typed fields. ``texts`` turns them into sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from acm_etl.results import ChangedReadings
from acm_etl.words import ColdstartStatus, HealthZone


class Level(IntEnum):
    """Urgency of a machine. Lower is more urgent: fleets are sorted by it."""

    # Numbers, because levels are compared and sorted; JSON has the names.
    ACT_NOW = 0
    INSPECT_SOON = 1
    CHECK_DATA = 2
    UNKNOWN = 3
    WAITING = 4
    HEALTHY = 5

    @property
    def needs_attention(self) -> bool:
        """Whether a person has to do something."""
        # UNKNOWN asks for nothing: nobody can act on a result that is not known.
        return self <= Level.CHECK_DATA


class ReasonCode(StrEnum):
    """Stable identifier of a reason, for programs."""

    # Part of the JSON interface: scripts match these texts, so they never change.
    OPEN_EPISODES = "open_episodes"
    RECENT_EPISODES = "recent_episodes"
    HEALTH_ZONE = "health_zone"
    OPEN_DRIFTS = "open_drifts"
    BELOW_THRESHOLD = "below_threshold"
    DEGRADING = "degrading"
    STALE_DATA = "stale_data"
    RUN_FAILED = "run_failed"
    PROCESS_DEAD = "process_dead"
    COLDSTART_FAILED = "coldstart_failed"
    MOTIONLESS_TAGS = "motionless_tags"
    SENSOR_FAULTS = "sensor_faults"
    UNSCORED_DATA = "unscored_data"
    LATE_DATA = "late_data"
    CHANGED_DATA = "changed_data"
    OLDER_DATA = "older_data"
    FUTURE_DATA = "future_data"
    STORE_IN_USE = "store_in_use"
    NOT_ASSESSED = "not_assessed"
    NO_READINGS = "no_readings"
    COLDSTART_WAITING = "coldstart_waiting"
    NOT_BACKFILLED = "not_backfilled"


@dataclass(frozen=True, slots=True)
class OpenEpisodes:
    """Episodes that have not ended.

    Attributes:
        count: Number of episodes.
        since: Earliest start.
        peak_z: Highest fused z.
        is_drift: Whether the drift score alone opened all of them.
        acknowledged: Number of episodes that somebody knows of.
    """

    count: int
    since: datetime
    peak_z: float
    is_drift: bool
    acknowledged: int = 0
    # A class attribute without annotation: the same for all instances, and no field of the JSON facts.
    code = ReasonCode.OPEN_EPISODES


@dataclass(frozen=True, slots=True)
class RecentEpisodes:
    """Episodes of the last 30 days; ``hours_since_end`` counts back from the last assessed reading."""

    count: int
    hours_since_end: float
    peak_z: float
    acknowledged: int = 0
    code = ReasonCode.RECENT_EPISODES


@dataclass(frozen=True, slots=True)
class LowHealth:
    """Health is in WATCH or ALERT without an open episode."""

    zone: HealthZone
    index: float
    code = ReasonCode.HEALTH_ZONE


@dataclass(frozen=True, slots=True)
class OpenDrifts:
    """Open drift events; sensor, start and highest drift score are those of the newest."""

    count: int
    sensor: str | None
    since: datetime
    z: float | None
    code = ReasonCode.OPEN_DRIFTS


@dataclass(frozen=True, slots=True)
class BelowThreshold:
    """The daily median of health remains below the threshold of the forecast."""

    threshold: float
    code = ReasonCode.BELOW_THRESHOLD


@dataclass(frozen=True, slots=True)
class Degrading:
    """Health is forecast to fall below the threshold in ``hours``."""

    threshold: float
    hours: float
    code = ReasonCode.DEGRADING


@dataclass(frozen=True, slots=True)
class StaleData:
    """The newest reading is older than ``status.stale_after`` of the machine."""

    newest: datetime
    age_hours: float
    code = ReasonCode.STALE_DATA


@dataclass(frozen=True, slots=True)
class RunFailed:
    """The newest run failed."""

    error: str | None
    code = ReasonCode.RUN_FAILED


@dataclass(frozen=True, slots=True)
class ProcessDead:
    """A process ended and left runs in the outcome RUNNING, or the initial training (``windows`` is None)."""

    windows: int | None
    holder: str | None
    since: datetime | None
    code = ReasonCode.PROCESS_DEAD


@dataclass(frozen=True, slots=True)
class ColdstartFailed:
    """Initial training failed."""

    detail: str | None
    retry_after: datetime | None
    code = ReasonCode.COLDSTART_FAILED


@dataclass(frozen=True, slots=True)
class MotionlessTags:
    """No tag changed in this many readings."""

    readings: int
    code = ReasonCode.MOTIONLESS_TAGS


@dataclass(frozen=True, slots=True)
class SensorFaults:
    """Sensors whose readings in the newest window are left out; sensor and kind are those with the most readings."""

    count: int
    sensor: str
    kind: str
    readings: int
    code = ReasonCode.SENSOR_FAULTS


@dataclass(frozen=True, slots=True)
class UnscoredData:
    """The newest readings, this many hours of them, are not scored."""

    hours: float
    code = ReasonCode.UNSCORED_DATA


@dataclass(frozen=True, slots=True)
class LateData:
    """Readings arrived in windows that were already scored."""

    readings: int
    replay_from: datetime
    code = ReasonCode.LATE_DATA


@dataclass(frozen=True, slots=True)
class ChangedData:
    """Readings of scored days have changed in the historian; a replay scores them."""

    days: ChangedReadings
    code = ReasonCode.CHANGED_DATA


@dataclass(frozen=True, slots=True)
class OlderData:
    """Readings older than the first window arrived; ``first`` is the earliest of them."""

    readings: int
    first: datetime
    code = ReasonCode.OLDER_DATA


@dataclass(frozen=True, slots=True)
class FutureData:
    """Readings have times later than the clock; ``first`` is the earliest of them."""

    readings: int
    first: datetime
    code = ReasonCode.FUTURE_DATA


@dataclass(frozen=True, slots=True)
class StoreInUse:
    """A backfill has the embedded store open: nothing but its progress is known."""

    reported_at: datetime
    code = ReasonCode.STORE_IN_USE


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """Windows were scored, but no reading could be assessed."""

    code = ReasonCode.NOT_ASSESSED


@dataclass(frozen=True, slots=True)
class NoReadings:
    """The historian has no reading of the machine."""

    code = ReasonCode.NO_READINGS


@dataclass(frozen=True, slots=True)
class ColdstartWaiting:
    """Initial training waits for readings, or is in progress."""

    status: ColdstartStatus
    detail: str | None
    code = ReasonCode.COLDSTART_WAITING


@dataclass(frozen=True, slots=True)
class NotBackfilled:
    """There are readings, but no backfill has run."""

    code = ReasonCode.NOT_BACKFILLED


# All types of facts; a test checks that ``texts`` has a sentence for each.
Facts = (
    OpenEpisodes
    | RecentEpisodes
    | LowHealth
    | OpenDrifts
    | BelowThreshold
    | Degrading
    | StaleData
    | RunFailed
    | ProcessDead
    | ColdstartFailed
    | MotionlessTags
    | SensorFaults
    | UnscoredData
    | LateData
    | ChangedData
    | OlderData
    | FutureData
    | StoreInUse
    | NotAssessed
    | NoReadings
    | ColdstartWaiting
    | NotBackfilled
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: how urgent, and the facts."""

    level: Level
    facts: Facts

    @property
    def code(self) -> ReasonCode:
        """Code of the facts."""
        return self.facts.code


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a machine: the level of its most urgent reason, and all reasons, most urgent first."""

    level: Level
    reasons: tuple[Reason, ...] = ()

    @property
    def is_acknowledged(self) -> bool:
        """Whether the most urgent reason is episodes that people know of."""
        facts = self.reasons[0].facts if self.reasons else None
        return isinstance(facts, OpenEpisodes | RecentEpisodes) and facts.acknowledged == facts.count
