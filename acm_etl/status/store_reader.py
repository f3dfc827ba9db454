"""Read the status of machines from the store, with a constant number of SQL statements."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from acm_etl.engine import Engine
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.models.model_tags import read_load_indicators
from acm_etl.results import OlderReadings
from acm_etl.run.context import SettingsSources
from acm_etl.status.activity import WorkRecords, read_activities
from acm_etl.status.condition_queries import ConditionQueries
from acm_etl.status.historian_queries import (
    HistorianTotals,
    ReadingLimits,
    read_historian_totals,
    read_late_readings,
)
from acm_etl.status.machine_status import (
    Activity,
    Coldstart,
    Episode,
    Health,
    LateReadings,
    MachineDetails,
    MachineStatus,
    Readings,
    RunAttempt,
    Throughput,
)
from acm_etl.status.progress_queries import HistoryStart, ProgressQueries, RunTotals, ScoringProgress
from acm_etl.status.sensor_facts import Contribution
from acm_etl.status.verdict import RECENT_SPAN
from acm_etl.windows import HOUR, MILLISECOND

# Long enough for several batches of a slow server, short enough to show a slow-down of the current hour.
THROUGHPUT_SPAN = timedelta(minutes=10)
"""Windows finished within this span count for the throughput."""


@dataclass(frozen=True, slots=True)
class StatusInputs:
    """Inputs of a status besides the store.

    Attributes:
        settings: Sources of the settings; ACM_Config rows of the machines are added.
        now: Current time, naive UTC.
    """

    settings: SettingsSources
    # The clock is an input, so that one look at a fleet judges all machines at the same time.
    now: datetime


@dataclass(frozen=True, slots=True)
class _WorkFacts:
    """Progress and runs of the machines, by EquipID."""

    progress: Mapping[int, ScoringProgress]
    totals: Mapping[int, RunTotals]
    last_runs: Mapping[int, RunAttempt]
    historian: Mapping[int, HistorianTotals]
    late: Mapping[int, LateReadings]
    starts: Mapping[int, HistoryStart]
    activities: Mapping[int, Activity]


@dataclass(frozen=True, slots=True)
class _MachineSettings:
    """Settings of a machine that its status depends on."""

    stale_after: timedelta
    lateness: timedelta


@dataclass(frozen=True, slots=True)
class _WorkInputs:
    """Current time, naive UTC; settings and initial training of the machines, by EquipID."""

    now: datetime
    settings: Mapping[int, _MachineSettings]
    coldstarts: Mapping[int, Coldstart]


@dataclass(frozen=True, slots=True)
class _EpisodeFacts:
    """Episodes that are open or may be recent, and the sensors of the newest one, by EquipID."""

    health: Mapping[int, Health]
    episodes: Mapping[int, Sequence[Episode]]
    culprits: Mapping[int, tuple[datetime, Sequence[Contribution]]]


def read_statuses(engine: Engine, machines: Sequence[Equipment], inputs: StatusInputs) -> list[MachineStatus]:
    """Read the status of machines.

    Args:
        engine: The store.
        machines: Machines to read.
        inputs: Settings and clock.

    Returns:
        One status per machine, in the order of ``machines``.

    Raises:
        ConfigError: ``status.stale_after`` or ``backfill.allowed_lateness`` of a machine in ACM_Config is not valid.
    """
    if not machines:
        return []
    # Progress first: condition rows may be missing, but every machine has a status.
    statuses = _read_progress(engine, machines, inputs)
    return _add_condition(ConditionQueries(engine, list(statuses)), statuses)


def read_details(engine: Engine, machine: Equipment, inputs: StatusInputs, *, episodes: int = 10) -> MachineDetails:
    """Read the status of one machine, its newest episodes and its load indicators.

    Args:
        engine: The store.
        machine: Machine to read.
        inputs: Settings and clock.
        episodes: Maximum number of episodes.
    """
    # One object for both: it reads the notes about episodes once.
    queries = ConditionQueries(engine, [machine.equip_id])
    (status,) = _add_condition(queries, _read_progress(engine, [machine], inputs))
    return MachineDetails(
        status,
        tuple(queries.read_newest_episodes(episodes).get(machine.equip_id, ())),
        read_load_indicators(engine, machine.equip_id) if status.scored_until else None,
    )


def _read_progress(engine: Engine, machines: Sequence[Equipment], inputs: StatusInputs) -> dict[int, MachineStatus]:
    """Return, by EquipID, statuses with all facts about progress, runs, training and readings."""
    # Every query takes all machines at once: a fleet of hundreds costs as many statements as one machine.
    equip_ids = [machine.equip_id for machine in machines]
    queries = ProgressQueries(engine, equip_ids)
    settings = _read_settings(queries, machines, inputs.settings)
    coldstarts, refit_requests = queries.read_coldstarts(), queries.read_refit_requests()
    work = _read_work(engine, machines, queries, _WorkInputs(inputs.now, settings, coldstarts))
    baselines, folds = queries.read_baselines(), queries.read_calibration_folds()
    train_ends = {equip_id: state.training.end for equip_id, state in coldstarts.items() if state.training}
    changed = queries.read_changed_readings(train_ends)
    return {
        equip_id: replace(
            status,
            coldstart=_add_newest_reading(coldstarts.get(equip_id), status.readings),
            refit_request=refit_requests.get(equip_id),
            baseline=baselines.get(equip_id),
            calibration=folds.get(equip_id),
            changed_readings=changed.get(equip_id),
            stale_after_hours=settings[equip_id].stale_after / HOUR,
        )
        for machine in machines
        for equip_id, status in [(machine.equip_id, _build_work_status(machine, work, inputs.now))]
    }


def _add_newest_reading(coldstart: Coldstart | None, readings: Readings | None) -> Coldstart | None:
    """Return the initial training with the newest reading, by which its period is judged."""
    if coldstart is None or coldstart.training is None or readings is None:
        return coldstart
    return replace(coldstart, training=replace(coldstart.training, newest_reading=readings.last))


def _read_work(
    engine: Engine, machines: Sequence[Equipment], queries: ProgressQueries, inputs: _WorkInputs
) -> _WorkFacts:
    # The historian is read with the windows of these totals, so that late readings can be counted.
    totals = queries.read_run_totals(lately=inputs.now - THROUGHPUT_SPAN)
    progress, starts = queries.read_progress(), queries.read_history_starts()
    limits = {
        equip_id: _limit_readings(progress.get(equip_id), starts.get(equip_id), inputs.now + settings.lateness)
        for equip_id, settings in inputs.settings.items()
    }
    historian = read_historian_totals(engine, machines, totals, limits)
    last_runs = queries.read_last_runs()
    return _WorkFacts(
        progress,
        totals,
        last_runs,
        historian,
        read_late_readings(engine, machines, totals, historian),
        starts,
        read_activities(engine, machines, WorkRecords(progress.keys(), totals, last_runs, inputs.coldstarts)),
    )


def _limit_readings(progress: ScoringProgress | None, start: HistoryStart | None, latest: datetime) -> ReadingLimits:
    """Return the times that divide the readings of a machine; ``latest`` is the latest time that is no future."""
    # A backfill with --to may be ahead of this clock: readings that it has accepted are not from the future.
    newest = progress.newest_reading if progress else None
    return ReadingLimits(latest if newest is None else max(latest, newest + MILLISECOND), start.time if start else None)


def _read_settings(
    queries: ProgressQueries, machines: Sequence[Equipment], settings: SettingsSources
) -> dict[int, _MachineSettings]:
    """Return the settings of each machine that its status depends on, by EquipID."""
    stored = queries.read_settings(("status.stale_after", "backfill.allowed_lateness"))
    # Loading validates all settings: once per distinct set of values, not once per machine.
    by_rows: dict[frozenset[tuple[str, str]], _MachineSettings] = {}
    for rows in {frozenset(stored[machine.equip_id].items()) for machine in machines}:
        config = settings.load_config(dict(rows))
        by_rows[rows] = _MachineSettings(config.status.stale_after, config.backfill.allowed_lateness)
    return {machine.equip_id: by_rows[frozenset(stored[machine.equip_id].items())] for machine in machines}


def _build_work_status(machine: Equipment, work: _WorkFacts, now: datetime) -> MachineStatus:
    equip_id = machine.equip_id
    progress, totals = work.progress.get(equip_id), work.totals.get(equip_id)
    historian, last_run = work.historian.get(equip_id), work.last_runs.get(equip_id)
    readings = historian.readings if historian else None
    # Never negative: readings may have been deleted from the historian after they were scored.
    lag = max(readings.last - progress.scored_until, timedelta()) if readings and progress else None
    done = progress.windows_done if progress else 0
    # A window is due once the readings cover it completely, so the incomplete one at the end does not count.
    left = math.floor(lag / progress.tick) if progress and lag is not None else None
    return MachineStatus(
        code=machine.code,
        source="store",
        observed_at=now,
        activity=work.activities[equip_id],
        throughput=_compute_throughput(totals),
        readings=readings,
        scored_until=progress.scored_until if progress else None,
        lag_hours=None if lag is None else lag / HOUR,
        windows_done=done,
        windows_total=None if left is None else done + left,
        last_run=last_run,
        failed_runs=totals.failed if totals else 0,
        late_readings=work.late.get(equip_id, LateReadings()),
        older_readings=_count_older(historian, work.starts.get(equip_id)),
        future_readings=historian.future if historian else None,
    )


def _count_older(historian: HistorianTotals | None, start: HistoryStart | None) -> OlderReadings | None:
    """Return the readings before the first window, without those that --from left out."""
    if historian is None or historian.readings is None or start is None:
        return None
    # A user who began with --from knows of the readings before it: only those that came later are news.
    count = historian.before_history - start.skipped_readings
    return OlderReadings(count, historian.readings.first) if count > 0 else None


# Speed over the last minutes, not over the whole backfill: training and waiting times would dilute it.
def _compute_throughput(totals: RunTotals | None) -> Throughput:
    if totals is None or totals.lately_from is None or totals.lately_to is None:
        return Throughput()
    # Windows run in parallel, so the span from first start to last end counts, not the sum of durations.
    seconds = (totals.lately_to - totals.lately_from).total_seconds()
    return Throughput(totals.lately_read, totals.lately_read / seconds if seconds > 0 else None)


def _add_condition(queries: ConditionQueries, statuses: Mapping[int, MachineStatus]) -> list[MachineStatus]:
    """Add health, episodes, drift, forecast and sensors to statuses."""
    episodes = _read_episodes(queries)
    zones, regimes, drifts = queries.read_zones(), queries.read_regimes(), queries.read_open_drifts()
    forecasts, drivers = queries.read_forecasts(), queries.read_degradation_drivers()
    deviations, motionless = queries.read_deviations(), queries.read_motionless_readings()
    sensor_faults, outside_training = queries.read_sensor_faults(), queries.read_context_deviations()
    return [
        replace(
            _add_episodes(status, equip_id, episodes),
            zone=zones.get(equip_id),
            regime=regimes.get(equip_id),
            open_drifts=tuple(drifts.get(equip_id, ())),
            forecast=forecasts.get(equip_id),
            degradation_drivers=tuple(drivers.get(equip_id, ())),
            deviations=tuple(deviations.get(equip_id, ())),
            motionless_readings=motionless.get(equip_id, 0),
            sensor_faults=tuple(sensor_faults.get(equip_id, ())),
            outside_training=tuple(outside_training.get(equip_id, ())),
        )
        for equip_id, status in statuses.items()
    ]


def _read_episodes(queries: ConditionQueries) -> _EpisodeFacts:
    health = queries.read_health()
    # One time limit for all machines keeps this one statement; _add_episodes applies the limit of each machine.
    earliest = min((reading.time for reading in health.values()), default=None)
    episodes = queries.read_episodes(earliest - RECENT_SPAN) if earliest else {}
    return _EpisodeFacts(health, episodes, queries.read_culprits())


def _add_episodes(status: MachineStatus, equip_id: int, facts: _EpisodeFacts) -> MachineStatus:
    health = facts.health.get(equip_id)
    episodes = facts.episodes.get(equip_id, ())
    open_episodes = tuple(episode for episode in episodes if episode.status == "OPEN")
    recent = tuple(
        episode
        for episode in episodes
        if episode.status != "OPEN" and health is not None and episode.end >= health.time - RECENT_SPAN
    )
    # The culprits are those of the newest episode of all; they explain the status only if it is open or recent.
    start, culprits = facts.culprits.get(equip_id, (None, ()))
    explains = any(episode.start == start for episode in (*open_episodes, *recent))
    return replace(
        status,
        health=health,
        open_episodes=open_episodes,
        recent_episodes=recent,
        culprits=tuple(culprits) if explains else (),
    )
