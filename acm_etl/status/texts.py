"""Sentences about a status and its verdict, for the terminal, the e-mail summary and the HTML pages.

Nothing decides on these texts: programs read levels, codes and facts.
"""

from __future__ import annotations

from datetime import datetime
from functools import singledispatch

from acm_etl.counts import format_count
from acm_etl.formatting import format_command
from acm_etl.load.episodes.episode_notes import Review
from acm_etl.results import MIN_SEASON_DAYS, ChangedReadings, TrainingSummary
from acm_etl.status import model_texts, reasons
from acm_etl.status.formatting import format_date, format_number, format_signed, format_span, format_time
from acm_etl.status.machine_status import FleetStatus, MachineStatus
from acm_etl.status.reasons import Level, Reason, Verdict
from acm_etl.tables.common import CRITICAL_DRIFT_Z

LEVEL_LABELS = {
    Level.ACT_NOW: "Act now",
    Level.INSPECT_SOON: "Inspect soon",
    Level.CHECK_DATA: "Check the data",
    Level.UNKNOWN: "Unknown",
    Level.WAITING: "No result yet",
    Level.HEALTHY: "Healthy",
}
STATE_LABELS = {"GOOD": "Healthy", "WATCH": "Watch", "ALERT": "Alert"}
"""Health zones as people read them."""
_FAULT_TEXTS = {
    "sensor_stuck": ("is stuck", "check or replace it"),
    "sensor_dead": ("is dead", "check or replace it"),
    "sensor_saturated": ("is saturated", "check its range, or replace it"),
    "sensor_unit_changed": ("reads in another unit", "correct its unit"),
    "sensor_swapped": ("is swapped with another one", "correct its connection or name"),
    "sensor_coarse": ("is rounded to too few decimals", "raise its resolution in the historian"),
}
"""Fault of a sensor and the work on it, by kind."""
# The level from which ACM_SensorHotspots counts a sensor as conspicuous.
MIN_NOTABLE_Z = 2.0


def describe_reason(reason: Reason, code: str) -> str:
    """Return the sentence for a reason.

    Args:
        reason: The reason.
        code: Machine code, for commands that can be pasted.
    """
    return _describe_facts(reason.facts, code)


# One function per type of facts: mypy checks the fields of each, and a new reason needs no change here.
@singledispatch
def _describe_facts(facts: reasons.Facts, _code: str) -> str:
    """Return the sentence for the facts of a reason."""
    return facts.code.replace("_", " ")  # facts without a sentence of their own are named by their code


@_describe_facts.register
def _describe_stale_data(facts: reasons.StaleData, _code: str) -> str:
    return f"stale data: newest reading is {format_span(facts.age_hours)} old"


@_describe_facts.register
def _describe_unscored_data(facts: reasons.UnscoredData, _code: str) -> str:
    return f"{format_span(facts.hours)} of data not yet scored"


@_describe_facts.register
def _describe_late_data(facts: reasons.LateData, code: str) -> str:
    # To the minute: windows start at whole minutes, and seconds would only make the command longer.
    replay = format_command("backfill", "--equip", code, "--replay-from", f"{facts.replay_from:%Y-%m-%dT%H:%M}")
    return f"{format_count(facts.readings, 'late reading')}; to score them, run: {replay}"


@_describe_facts.register
def _describe_changed_data(facts: reasons.ChangedData, code: str) -> str:
    days, replay = facts.days, format_command("backfill", "--equip", code, "--replay-changed")
    last = f" to {format_date(days.last_day)}" if days.day_count > 1 else ""
    scored = f"{format_count(days.day_count, 'scored day')} ({format_date(days.first_day)}{last})"
    text = f"readings of {scored} have changed: {describe_changes(days)}"
    if days.training_days:
        reset = format_command("reset", code)
        count = format_count(days.training_days, "day")
        return f"{text}; to score them, run: {replay}; {count} in the training period: to train again, run: {reset}"
    return f"{text}; to score them, run: {replay}"


@_describe_facts.register
def _describe_older_data(facts: reasons.OlderData, code: str) -> str:
    replay = format_command("backfill", "--equip", code, "--replay-from", f"{facts.first:%Y-%m-%d}")
    reset = format_command("reset", code)
    return (
        f"{format_count(facts.readings, 'reading')} older than the first window, from {format_time(facts.first)} on; "
        f"to score them with the current models, run: {replay}; to train on them too, run: {reset}"
    )


@_describe_facts.register
def _describe_future_data(facts: reasons.FutureData, _code: str) -> str:
    readings = format_count(facts.readings, "reading")
    return f"{readings} from the future, the first at {format_time(facts.first)} UTC: correct the clock of the source"


@_describe_facts.register
def _describe_motionless_tags(facts: reasons.MotionlessTags, _code: str) -> str:
    return f"all tags unchanged for {format_count(facts.readings, 'reading')}: check data collection"


@_describe_facts.register
def _describe_sensor_faults(facts: reasons.SensorFaults, code: str) -> str:
    others = f", and {format_count(facts.count - 1, 'other sensor')}" if facts.count > 1 else ""
    readings = format_count(facts.readings, "reading")
    tags = format_command("tags", code, "--exclude", facts.sensor)
    fault, work = _FAULT_TEXTS[facts.kind]
    return f"sensor {facts.sensor} {fault}{others} ({readings} left out): {work}; to score without it, run: {tags}"


@_describe_facts.register
def _describe_run_failed(facts: reasons.RunFailed, _code: str) -> str:
    return f"last run failed: {facts.error}" if facts.error else "last run failed"


@_describe_facts.register
def _describe_process_dead(facts: reasons.ProcessDead, code: str) -> str:
    work = "the initial training"
    if facts.windows is not None:
        since = f" begun at {format_time(facts.since)} UTC" if facts.since else ""
        work = format_count(facts.windows, "run") + since
    who = f"process {facts.holder}" if facts.holder else "a process"
    backfill = format_command("backfill", "--equip", code)
    return f"{who} no longer works on {work}, and has not recorded how it ended; to go on, run: {backfill}"


@_describe_facts.register
def _describe_store_in_use(facts: reasons.StoreInUse, _code: str) -> str:
    return f"a backfill has the database open; progress as of {facts.reported_at:%H:%M:%S} UTC"


@_describe_facts.register
def _describe_coldstart_failed(facts: reasons.ColdstartFailed, _code: str) -> str:
    # RetryAfter is absent after a reset.
    retry = f"; next attempt after {format_time(facts.retry_after)} UTC" if facts.retry_after else ""
    return f"coldstart FAILED: {facts.detail}{retry}"


@_describe_facts.register
def _describe_coldstart_waiting(facts: reasons.ColdstartWaiting, _code: str) -> str:
    return f"coldstart {facts.status}" + (f": {facts.detail}" if facts.detail else "")


@_describe_facts.register
def _describe_not_backfilled(_facts: reasons.NotBackfilled, code: str) -> str:
    return f"not backfilled yet; run: {format_command('backfill', '--equip', code)}"


@_describe_facts.register
def _describe_not_assessed(_facts: reasons.NotAssessed, _code: str) -> str:
    return "no reading could be assessed yet"


@_describe_facts.register
def _describe_open_episodes(facts: reasons.OpenEpisodes, _code: str) -> str:
    episodes = format_count(facts.count, "open episode")
    cause = " (opened by drift alone)" if facts.is_drift else ""
    text = f"{episodes} since {format_time(facts.since)}, peak z {format_number(facts.peak_z)}{cause}"
    return text + _describe_acknowledged(facts.count, facts.acknowledged)


@_describe_facts.register
def _describe_recent_episodes(facts: reasons.RecentEpisodes, _code: str) -> str:
    episodes = format_count(facts.count, "episode")
    ended = f"last one ended {format_span(facts.hours_since_end)} before the last reading"
    text = f"{episodes} in the last 30 days, peak z {format_number(facts.peak_z)}; {ended}"
    return text + _describe_acknowledged(facts.count, facts.acknowledged)


def _describe_acknowledged(count: int, acknowledged: int) -> str:
    if acknowledged == 0:
        return ""
    # A single episode needs no number.
    return "; acknowledged" if acknowledged == count == 1 else f"; {acknowledged} of {count} acknowledged"


@_describe_facts.register
def _describe_low_health(facts: reasons.LowHealth, _code: str) -> str:
    return f"health {format_number(facts.index, 0)} ({STATE_LABELS.get(facts.zone, facts.zone)})"


@_describe_facts.register
def _describe_open_drifts(facts: reasons.OpenDrifts, code: str) -> str:
    # One sensor by name: drifts of the others mostly have the same cause.
    more = f", and {facts.count - 1} more" if facts.count > 1 else ""
    size = "" if facts.z is None else f", drift z up to {format_number(facts.z)} (critical from {CRITICAL_DRIFT_Z:g})"
    # The command that people look for after an overhaul: nothing else ends a standing drift.
    baseline = format_command("baseline", code, "--from", f"{facts.since:%Y-%m-%d}")
    text = f"drift since {format_date(facts.since)}: {facts.sensor}{size}{more}"
    return f"{text}; if the machine was changed then, run: {baseline}"


@_describe_facts.register
def _describe_below_threshold(facts: reasons.BelowThreshold, _code: str) -> str:
    # The last reading may be healthy: the forecast is about the level of the days.
    return f"daily median health remains below {format_number(facts.threshold)}"


@_describe_facts.register
def _describe_degrading(facts: reasons.Degrading, _code: str) -> str:
    return f"health is falling: below {format_number(facts.threshold)} in about {format_span(facts.hours)}"


def describe_review(review: Review) -> str:
    """Return the notes about an episode and the failure that followed, in a few words; empty without any."""
    return "; ".join(filter(None, (_describe_notes(review), _describe_failure(review))))


def _describe_failure(review: Review) -> str:
    if review.failed_at is None:
        return ""
    cause = f": {review.failure_cause}" if review.failure_cause else ""
    return f"failure {format_date(review.failed_at)}{cause}"


def _describe_notes(review: Review) -> str:
    if review.cause is not None:
        return f"{(review.label or 'cause').replace('_', ' ')}: {review.cause}"
    if review.acknowledged:
        return f"acknowledged by {review.acknowledged_by}"
    # The severity has risen since.
    if review.acknowledged_by:
        return f"acknowledged by {review.acknowledged_by}, worse since"
    return format_count(review.notes, "note") if review.notes else ""


def describe_changes(days: ChangedReadings) -> str:
    """Return what has changed in scored days, as counts."""
    corrected = format_count(days.corrected_days, "day") + " corrected" if days.corrected_days else ""
    added = f"{days.added_readings:,} added" if days.added_readings else ""
    removed = f"{days.removed_readings:,} removed" if days.removed_readings else ""
    return ", ".join(filter(None, (corrected, added, removed)))


def describe_training(training: TrainingSummary, code: str) -> str:
    """Return the training period, why it was extended, and what speaks against trusting it.

    Args:
        training: The training period.
        code: Machine code, for commands that can be pasted.
    """
    text = f"trained on {format_date(training.start)} to {format_date(training.end)} ({training.days:.0f} days)"
    if training.sampled_readings is not None:
        text += f", on a sample of {training.sampled_readings:,} readings (training.sample_cells)"
    doubts = []
    if "extended" in training.doubts and training.planned_end is not None:
        running = f"{training.planned_running or 0:,} of {training.required_readings:,} readings in operation"
        doubts.append(f"extended, as there were only {running} until {format_date(training.planned_end)}")
    if "short" in training.doubts:
        doubts.append(f"less than a season ({MIN_SEASON_DAYS} days): other weather and loads may look abnormal")
    if "near_newest" in training.doubts:
        doubts.append("it ends near the newest reading: little is left to judge")
    if "extended" in training.doubts and training.planned_end is not None:
        until = f"{training.planned_end:%Y-%m-%d}"
        commands = format_command("reset", code), format_command("backfill", "--equip", code, "--train-until", until)
        doubts.append(f"to train on the planned period, run: {commands[0]}; {commands[1]}")
    return "; ".join([text, *doubts])


def describe_headline(status: MachineStatus, verdict: Verdict) -> str:
    """Return the most important fact about a machine, with a capital letter and without a full stop."""
    # Only the first letter: the text may start with a tag name.
    if verdict.reasons:
        text = describe_reason(verdict.reasons[0], status.code)
        return text[:1].upper() + text[1:]
    return describe_state(status)


def describe_state(status: MachineStatus) -> str:
    """Return health and operation at the last assessed reading."""
    health = status.health
    if health is None:
        return "Off" if status.off_since else "Health unknown"
    # A health zone since an hour ago says less than its time: both are given where the zone has lasted.
    state = "good" if health.zone == "GOOD" else STATE_LABELS.get(health.zone, health.zone)
    off = "; machine is off" if status.off_since else ""
    return f"Health {state} at last reading ({format_time(health.time)}){off}"


def describe_contributor(status: MachineStatus) -> str:
    """Return the sensor to look at first and why; empty if no sensor stands out."""
    # In the order of urgency: an episode explains more than a trend, a trend more than a single deviation.
    if status.culprits:
        first, *others = status.culprits
        # An open episode is still developing, so that its shares are not final.
        which = "open" if status.open_episodes else "last"
        then = f", then {' and '.join(other.sensor for other in others)}" if others else ""
        share = format_number(first.share_percent, 0)
        faulty = {fault.sensor for fault in status.sensor_faults}
        who = f"faulty sensor {first.sensor}" if first.sensor in faulty else first.sensor
        return f"Main contributor: {who} ({share} % of the {which} episode's deviation){then}"
    if status.degradation_drivers:
        first = status.degradation_drivers[0]
        return f"Degradation driver: {first.sensor} ({format_number(first.share_percent, 0)} % of the trend)"
    if status.open_drifts:
        return f"Drifting sensor: {status.open_drifts[0].sensor}"
    deviation = status.largest_deviation
    if deviation and abs(deviation.latest_z) >= MIN_NOTABLE_Z:
        return f"No alarms. Largest deviation: {deviation.sensor} ({format_signed(deviation.latest_z)} SD)"
    return ""


def describe_notes(status: MachineStatus) -> list[str]:
    """Return facts that are no reason of the verdict but explain the status."""
    notes = []
    activity, off_since, request = status.activity, status.off_since, status.refit_request
    if activity.state == "running" and activity.holder:
        notes.append(f"RUNNING since {_format_utc(activity.since)}, by {activity.holder}")
    if off_since:
        shown = "; health shown is from the last assessed reading" if status.health else ""
        notes.append(f"off since {_format_utc(off_since)}{shown}")
    training = status.coldstart.training if status.coldstart else None
    if training and training.doubts:
        notes.append(describe_training(training, status.code))
    if request:
        notes.append(f"refit {request.status}: {request.message or request.reason}")
    notes += [model_texts.describe_context(each, status.code) for each in status.outside_training]
    if status.baseline:
        notes.append(model_texts.describe_baseline(status.baseline))
    if status.calibration:
        notes += model_texts.describe_calibration(status.calibration)
    return notes


def describe_unsent_events(fleet: FleetStatus) -> str:
    """Return a sentence about messages that were not accepted; empty if there are none."""
    if not fleet.unsent_events:
        return ""
    unsent = format_count(fleet.unsent_events, "event")
    return f"Messages about {unsent} were not accepted; to see why, run: acm-etl notify --pending"


def describe_process(fleet: FleetStatus) -> str:
    """Return a sentence about the backfill process that writes the status file; empty if there is none."""
    process = fleet.process
    if process is None:
        return ""
    # A process can be alive and stuck: the age of the last update shows that.
    if process.is_alive:
        # Clocks of two hosts may differ: never show a negative age.
        seconds = max((fleet.observed_at - process.updated_at).total_seconds(), 0)
        age = f"{seconds:.0f} s ago" if seconds < 120 else f"{format_span(seconds / 3600)} ago"
        return f"Backfill process {process.pid} is running; last update {process.updated_at:%H:%M:%S} UTC ({age})"
    updated = f"last update {process.updated_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"Process {process.pid} ended unexpectedly ({updated}). Run the backfill again; it will resume."


def _format_utc(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else "an unknown time"
