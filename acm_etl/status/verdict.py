"""The one rule that judges a machine, for the terminal, the HTML pages, the e-mail summary and JSON.

The rule reads typed facts and a clock, never text. Data are judged against the clock; episodes are judged against the
last assessed reading, because a machine can only be inspected for what its readings show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from acm_etl.status.machine_status import Episode, FleetStatus, MachineStatus
from acm_etl.status.reasons import (
    BelowThreshold,
    ChangedData,
    ColdstartFailed,
    ColdstartWaiting,
    Degrading,
    FutureData,
    LateData,
    Level,
    LowHealth,
    MotionlessTags,
    NoReadings,
    NotAssessed,
    NotBackfilled,
    OlderData,
    OpenDrifts,
    OpenEpisodes,
    ProcessDead,
    Reason,
    RecentEpisodes,
    RunFailed,
    SensorFaults,
    StaleData,
    StoreInUse,
    UnscoredData,
    Verdict,
)
from acm_etl.windows import HOUR

RECENT_SPAN = timedelta(days=30)
"""Episodes that ended within this span before the last assessed reading are recent."""
# Maintenance is planned in weeks: less than two of them leave no time to order parts.
URGENT_RUL_HOURS = 14 * 24.0
URGENT_PEAK_Z = 6.0
RELAPSE_HOURS = 7 * 24.0
"""A fault that caused an episode within this span before the last reading may return."""
# More than a weekend without a nightly run.
MAX_LAG_HOURS = 72.0
_MAIN_SHARE = 50.0  # percent of the deviation of an episode

Urgency = tuple[int, bool, float, str]
"""Key by which machines are sorted: level, alarms that nobody knows of first, then health, then code."""


class JudgedMachine(NamedTuple):
    """A machine and its verdict."""

    status: MachineStatus
    verdict: Verdict

    @property
    def urgency(self) -> Urgency:
        """Sort key; the most urgent machine comes first."""
        # Machines without health come last within their level.
        health = self.status.health.index if self.status.health else 101.0
        return (self.verdict.level, self.verdict.is_acknowledged, health, self.status.code)


def judge_machine(status: MachineStatus, now: datetime) -> Verdict:
    """Judge a machine.

    Args:
        status: Facts about the machine.
        now: Current time, naive UTC.

    Returns:
        The level of the most urgent reason, and all reasons, most urgent first.
    """
    # The status file has no health: every rule below would take its absence for a healthy machine.
    if status.source == "status_file":
        return _build_verdict(list(_judge_progress(status)))
    data, condition = list(_judge_data(status, now)), list(_judge_condition(status))
    # "Act now" must not stand for years on a machine whose feed was shut down during an alarm. And an episode that a
    # faulty sensor has caused asks for work on the sensor, which the data say first.
    if _is_historic(data) or _blames_faulty_sensor(status):
        condition = [replace(reason, level=max(reason.level, Level.CHECK_DATA)) for reason in condition]
    return _build_verdict([*data, *condition])


def judge_fleet(fleet: FleetStatus) -> list[JudgedMachine]:
    """Judge all machines of a fleet; return them with their verdicts, most urgent first."""
    judged = [JudgedMachine(machine, judge_machine(machine, fleet.observed_at)) for machine in fleet.machines]
    return sorted(judged, key=lambda machine: machine.urgency)


def _build_verdict(reasons: list[Reason]) -> Verdict:
    # The sort is stable: within a level the order of the rules below holds.
    ordered = tuple(sorted(reasons, key=lambda reason: reason.level))
    return Verdict(ordered[0].level if ordered else Level.HEALTHY, ordered)


def _is_historic(data_reasons: list[Reason]) -> bool:
    """Return whether the data are stale by more than the span in which episodes count as recent."""
    # Stale data have one reason at most: the first age is the only one.
    ages = [reason.facts.age_hours for reason in data_reasons if isinstance(reason.facts, StaleData)]
    return bool(ages) and ages[0] > RECENT_SPAN / HOUR


def _blames_faulty_sensor(status: MachineStatus) -> bool:
    """Return whether a sensor that is faulty now has most of the deviation of the newest episode."""
    # The first readings of a fault are scored as they are, before it is known that the sensor is faulty.
    faulty = {fault.sensor for fault in status.sensor_faults}
    return any(part.sensor in faulty and part.share_percent >= _MAIN_SHARE for part in status.culprits[:1])


def _judge_progress(status: MachineStatus) -> Iterator[Reason]:
    """Judge a machine whose store is in use: a failure is known, its health is not."""
    # The process reports its failed machines itself: this much is known without the store.
    if status.activity.state == "failed":
        yield Reason(Level.CHECK_DATA, RunFailed(None))
    yield Reason(Level.UNKNOWN, StoreInUse(status.observed_at))


def _judge_data(status: MachineStatus, now: datetime) -> Iterator[Reason]:
    """Find reasons why results are missing, incomplete or out of date."""
    # Before the age of the data: of an old export, too, people ask first what it shows.
    if status.sensor_faults:
        first = status.sensor_faults[0]
        facts = SensorFaults(len(status.sensor_faults), first.sensor, first.kind, first.readings)
        yield Reason(Level.CHECK_DATA, facts)
    yield from _judge_freshness(status, now)
    # Only the last run: failed runs that a later one repeated are history.
    if status.last_run and status.last_run.outcome == "FAIL":
        yield Reason(Level.CHECK_DATA, RunFailed(status.last_run.error))
    activity = status.activity
    if activity.state == "dead":
        yield Reason(Level.CHECK_DATA, ProcessDead(activity.windows, activity.holder, activity.since))
    if status.motionless_readings and status.off_since is None:
        # Constant readings score as perfectly healthy, so no detector can report a dead data collection.
        yield Reason(Level.CHECK_DATA, MotionlessTags(status.motionless_readings))
    if status.lag_hours is not None and status.lag_hours >= MAX_LAG_HOURS:
        yield Reason(Level.CHECK_DATA, UnscoredData(status.lag_hours))
    late = status.late_readings
    if late.replay_from is not None:
        yield Reason(Level.CHECK_DATA, LateData(late.count, late.replay_from))
    yield from _judge_changes(status)
    yield from _judge_missing_results(status)


def _judge_changes(status: MachineStatus) -> Iterator[Reason]:
    """Find readings that the historian has, and that were not scored."""
    changed, older, future = status.changed_readings, status.older_readings, status.future_readings
    # Days that only gained readings are late data, and counted as such where readings are counted window by window.
    is_counted_late = status.late_readings.replay_from is not None
    if changed and not (is_counted_late and not changed.removed_readings and not changed.corrected_days):
        yield Reason(Level.CHECK_DATA, ChangedData(changed))
    if older:
        yield Reason(Level.CHECK_DATA, OlderData(older.count, older.first))
    if future:
        yield Reason(Level.CHECK_DATA, FutureData(future.count, future.first))


def _judge_freshness(status: MachineStatus, now: datetime) -> Iterator[Reason]:
    if status.readings is None or status.stale_after_hours <= 0:
        return
    if status.coldstart is None and status.scored_until is None:
        return  # an imported archive is old by nature; its next step is the first backfill
    # A clock that is behind the historian gives a negative age, which is never stale.
    age_hours = (now - status.readings.last) / HOUR
    if age_hours > status.stale_after_hours:
        yield Reason(Level.CHECK_DATA, StaleData(status.readings.last, age_hours))


def _judge_missing_results(status: MachineStatus) -> Iterator[Reason]:
    """Find the one reason why a machine has no health."""
    coldstart = status.coldstart
    if status.readings is None:
        yield Reason(Level.WAITING, NoReadings())
    # A failed training needs a person, a waiting one only needs time.
    elif coldstart and coldstart.status == "FAILED":
        yield Reason(Level.CHECK_DATA, ColdstartFailed(coldstart.reason, coldstart.retry_after))
    elif coldstart and coldstart.status != "COMPLETE":
        yield Reason(Level.WAITING, ColdstartWaiting(coldstart.status, coldstart.reason))
    elif status.scored_until is None:
        yield Reason(Level.WAITING, NotBackfilled())
    elif status.health is None:
        yield Reason(Level.UNKNOWN, NotAssessed())


def _judge_condition(status: MachineStatus) -> Iterator[Reason]:
    """Find reasons in the condition of the machine, as of its last assessed reading."""
    zone = status.health.zone if status.health else "GOOD"
    if status.open_episodes:
        peak_z = max(episode.peak_z for episode in status.open_episodes)
        since = min(episode.start for episode in status.open_episodes)
        is_drift = all(episode.opened_by == "drift" for episode in status.open_episodes)
        acknowledged = _count_acknowledged(status.open_episodes)
        # Either sign suffices: a short episode may peak before the health index has fallen. Drift takes weeks to reach
        # ALERT, and a standing offset stays there: it is urgent only with a peak that drift alone cannot give.
        is_urgent = peak_z >= URGENT_PEAK_Z or (zone == "ALERT" and not is_drift)
        # "Act now" calls somebody: once every open episode is known, the alarms that nobody knows of come first.
        level = Level.ACT_NOW if is_urgent and acknowledged < len(status.open_episodes) else Level.INSPECT_SOON
        yield Reason(level, OpenEpisodes(len(status.open_episodes), since, peak_z, is_drift, acknowledged))
    else:
        yield from _judge_past_episodes(status)
    if status.open_drifts:
        # Drift of one cause shows in several sensors: one reason stands for all of them.
        newest = status.open_drifts[0]
        yield Reason(Level.INSPECT_SOON, OpenDrifts(len(status.open_drifts), newest.sensor, newest.since, newest.z))
    yield from _judge_forecast(status)


def _count_acknowledged(episodes: Iterable[Episode]) -> int:
    return sum(episode.review.acknowledged for episode in episodes)


def _judge_past_episodes(status: MachineStatus) -> Iterator[Reason]:
    if status.health is None:
        return
    if status.recent_episodes:
        newest = status.recent_episodes[0]
        hours = (status.health.time - newest.end) / HOUR
        # Older episodes are shown and judge nothing: the machine has run well since.
        if hours <= RELAPSE_HOURS:
            peak_z = max(episode.peak_z for episode in status.recent_episodes)
            acknowledged = _count_acknowledged(status.recent_episodes)
            yield Reason(Level.INSPECT_SOON, RecentEpisodes(len(status.recent_episodes), hours, peak_z, acknowledged))
    if status.health.zone in ("WATCH", "ALERT"):
        yield Reason(Level.INSPECT_SOON, LowHealth(status.health.zone, status.health.index))


def _judge_forecast(status: MachineStatus) -> Iterator[Reason]:
    forecast = status.forecast
    if forecast is None:
        return
    # Reported even without an open episode: a slow decline may never have raised an alarm.
    if forecast.status == "BELOW":
        yield Reason(Level.ACT_NOW, BelowThreshold(forecast.threshold))
    elif forecast.status == "DEGRADING" and forecast.rul_hours is not None:
        # Two weeks is what planned maintenance usually needs to be arranged.
        level = Level.ACT_NOW if forecast.rul_hours < URGENT_RUL_HOURS else Level.INSPECT_SOON
        yield Reason(level, Degrading(forecast.threshold, forecast.rul_hours))
