"""Status of a fleet as metrics in the text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from acm_etl.status.machine_status import FleetStatus, MachineStatus
from acm_etl.status.reasons import Verdict
from acm_etl.status.verdict import JudgedMachine, judge_fleet

_Reader = Callable[[MachineStatus, Verdict], float | None]


@dataclass(frozen=True, slots=True)
class Metric:
    """A gauge with one value for each machine.

    Attributes:
        name: Name, with its unit at the end.
        meaning: One line.
        read: Returns the value of a machine; None if it is not known, and the machine has no sample then.
    """

    name: str
    meaning: str
    read: _Reader


def _seconds_since(earlier: datetime | None, later: datetime) -> float | None:
    return (later - earlier).total_seconds() if earlier else None


METRICS = (
    Metric(
        "acm_verdict_level",
        "Urgency: 0 act now, 1 inspect soon, 2 check data, 3 unknown, 4 waiting, 5 healthy",
        lambda _, verdict: int(verdict.level),
    ),
    Metric(
        "acm_health_index",
        "Health index of the last assessed reading, 0 to 100",
        lambda machine, _: machine.health.index if machine.health else None,
    ),
    Metric(
        "acm_fused_z",
        "Anomaly score of the last assessed reading, z",
        lambda machine, _: machine.health.fused_z if machine.health else None,
    ),
    Metric("acm_open_episodes", "Open alarm episodes", lambda machine, _: len(machine.open_episodes)),
    Metric(
        "acm_unacknowledged_episodes",
        "Open alarm episodes that nobody has acknowledged",
        lambda machine, _: sum(not episode.review.acknowledged for episode in machine.open_episodes),
    ),
    Metric("acm_open_drifts", "Open drift events", lambda machine, _: len(machine.open_drifts)),
    Metric("acm_faulty_sensors", "Sensors with a fault", lambda machine, _: len(machine.sensor_faults)),
    Metric(
        "acm_newest_reading_age_seconds",
        "Time since the newest reading in the historian",
        lambda machine, _: _seconds_since(machine.readings.last if machine.readings else None, machine.observed_at),
    ),
    Metric(
        "acm_lag_seconds",
        "Time by which the newest reading is ahead of the scored windows",
        lambda machine, _: machine.lag_hours * 3600 if machine.lag_hours is not None else None,
    ),
    Metric("acm_windows_scored", "Complete windows scored", lambda machine, _: machine.windows_done),
    Metric("acm_windows_available", "Windows that the readings allow", lambda machine, _: machine.windows_total),
    Metric("acm_failed_runs", "Runs whose last attempt failed", lambda machine, _: machine.failed_runs),
    Metric(
        "acm_late_readings", "Readings that arrived in scored windows", lambda machine, _: machine.late_readings.count
    ),
    Metric(
        "acm_last_run_age_seconds",
        "Time since the newest run ended",
        lambda machine, _: _seconds_since(
            machine.last_run.completed_at if machine.last_run else None, machine.observed_at
        ),
    ),
    Metric(
        "acm_readings_per_second",
        "Readings scored per second of the newest backfill",
        lambda machine, _: machine.throughput.readings_per_second,
    ),
)
"""Gauges of each machine, in the order of the text."""


def format_metrics(fleet: FleetStatus) -> str:
    """Return the metrics of all machines, and the time at which they were read."""
    judged = sorted(judge_fleet(fleet), key=lambda machine: machine.status.code)
    # A collector keeps the last file for ever: an alert on this time notices that nobody writes it any more.
    observed = fleet.observed_at.replace(tzinfo=UTC).timestamp()
    lines = [
        *_format_head("acm_observed_timestamp_seconds", "Time of these metrics, seconds since 1970 UTC"),
        f"acm_observed_timestamp_seconds {observed:.3f}",
    ]
    for metric in METRICS:
        samples = list(_format_samples(metric, judged))
        lines += [*_format_head(metric.name, metric.meaning), *samples] if samples else []
    return "\n".join(lines) + "\n"


def _format_head(name: str, meaning: str) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]


def _format_samples(metric: Metric, judged: Sequence[JudgedMachine]) -> Iterator[str]:
    for machine, verdict in judged:
        value = metric.read(machine, verdict)
        if value is not None:
            yield f'{metric.name}{{machine="{_escape_label(machine.code)}"}} {value:.12g}'


def _escape_label(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
