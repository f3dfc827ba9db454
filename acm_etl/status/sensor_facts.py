"""Facts about the sensors of a machine: contributions to episodes, drifts, faults, and deviations from training."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Contribution:
    """Share of one sensor in an episode or in a degradation trend, percent."""

    sensor: str
    share_percent: float


@dataclass(frozen=True, slots=True)
class Drift:
    """An open drift event: the sensor that drifts most, and its drift score, z."""

    sensor: str | None
    since: datetime
    z: float | None = None


@dataclass(frozen=True, slots=True)
class SensorFault:
    """A faulty sensor: its kind of fault, an event type of ACM_DataQualityEvents, and its faulty readings."""

    sensor: str
    kind: str
    readings: int


@dataclass(frozen=True, slots=True)
class Deviation:
    """Deviation of a sensor from its training data, last 30 days.

    Attributes:
        sensor: Tag name.
        latest_z: Deviation of the latest reading, robust standard deviations, with its sign.
        largest_z: Largest absolute deviation, robust standard deviations.
        largest_at: Time of the largest deviation.
        latest_value: Latest reading, in the unit of the tag.
        baseline_mean: Mean of the training data, in the unit of the tag.
    """

    sensor: str
    latest_z: float
    largest_z: float
    largest_at: datetime
    latest_value: float | None = None
    baseline_mean: float | None = None


@dataclass(frozen=True, slots=True)
class ContextDeviation:
    """A context tag outside its range in training, with the number of such readings in the newest scored window.

    Attributes:
        sensor: Tag name.
        readings: Readings outside of the range.
        low: Lower end of the range, unit of the tag.
        high: Upper end of the range.
    """

    sensor: str
    readings: int
    low: float
    high: float
