"""What a machine's standing asks of people: how urgent, why, and what to look at first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from acm_etl.report.formatting import format_count, format_date, format_number, format_span, format_time
from acm_etl.report.machine_status import MachineStatus

STALE_AFTER = timedelta(days=3)
SOON_HOURS = 14 * 24.0
RECENT_HOURS = 7 * 24.0
_MIN_HOTSPOT_Z = 2.0


class UrgencyLevel(IntEnum):
    """How urgent; pages are sorted by it, the most urgent first."""

    ACT_NOW = 0
    INSPECT_SOON = 1
    CHECK_DATA = 2
    WAIT = 3
    FINE = 4

    @property
    def label(self) -> str:
        """As people read it."""
        return _LEVEL_LABELS[self]


_LEVEL_LABELS = {
    UrgencyLevel.ACT_NOW: "Act now",
    UrgencyLevel.INSPECT_SOON: "Look soon",
    UrgencyLevel.CHECK_DATA: "Check the data",
    UrgencyLevel.WAIT: "No result yet",
    UrgencyLevel.FINE: "All well",
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """What to do about a machine.

    Attributes:
        level: How urgent.
        headline: The state in one sentence.
        inspect_first: What to look at first, in one sentence.
        reasons: Why it is as urgent as it is, the strongest first.
    """

    level: UrgencyLevel
    headline: str
    inspect_first: str
    reasons: tuple[str, ...]


def assess_machine(status: MachineStatus) -> Assessment:
    """The verdict on a machine, from what the store says of it."""
    found = sorted(
        [*_find_current_problems(status), *_find_forecast_problems(status), *_find_data_problems(status)],
        key=lambda reason: reason[0],
    )
    reasons = tuple(text for _, text in found)
    level = found[0][0] if found else UrgencyLevel.FINE
    return Assessment(level, _build_headline(status), _suggest_first_check(status), reasons)


def sort_key(status: MachineStatus, assessment: Assessment) -> tuple[int, float, str]:
    """Sorts machines by what needs attention."""
    health = status.health["HealthIndex"] if status.health else 101.0
    return (assessment.level, health, status.machine.code)


def _find_current_problems(status: MachineStatus) -> list[tuple[UrgencyLevel, str]]:
    """What is wrong with the machine now."""
    found = []
    zone = status.health["HealthZone"] if status.health else "GOOD"
    if status.open_episodes:
        worst = max(episode["PeakFusedZ"] for episode in status.open_episodes)
        since = min(episode["StartTs"] for episode in status.open_episodes)
        level = UrgencyLevel.ACT_NOW if zone == "ALERT" or worst >= 6 else UrgencyLevel.INSPECT_SOON
        found.append((level, f"an episode is open since {format_time(since)}, peak z {format_number(worst)}"))
    found.extend(_find_recent_problems(status))
    if zone in ("ALERT", "WATCH") and not status.open_episodes:
        found.append((UrgencyLevel.INSPECT_SOON, f"health is in zone {zone}"))
    found.extend(
        (UrgencyLevel.INSPECT_SOON, f"{drift['SensorName']} drifts since {format_date(drift['SegmentStart'])}")
        for drift in status.open_drifts[:1]
    )
    return found


def _find_recent_problems(status: MachineStatus) -> list[tuple[UrgencyLevel, str]]:
    """Trouble that has just passed may come back."""
    if status.open_episodes or not status.recent_episodes or status.health is None:
        return []
    newest = status.recent_episodes[0]
    ago = (status.health["Timestamp"] - newest["EndTs"]) / timedelta(hours=1)
    if ago > RECENT_HOURS:
        return []
    number_of = format_count(len(status.recent_episodes), "episode")
    return [
        (
            UrgencyLevel.INSPECT_SOON,
            f"an episode ended {format_span(ago)} ago, peak z {format_number(newest['PeakFusedZ'])}; {number_of} in 30 days",
        )
    ]


def _find_forecast_problems(status: MachineStatus) -> list[tuple[UrgencyLevel, str]]:
    """What is foreseen."""
    rul = status.rul
    if rul is None or rul["Status"] in ("STABLE", "UNKNOWN"):
        return []
    if rul["Status"] == "BELOW":
        return [(UrgencyLevel.ACT_NOW, f"health has settled below {format_number(rul['ThresholdUsed'])}")]
    hours = rul["RUL_Hours"]
    level = UrgencyLevel.ACT_NOW if hours < SOON_HOURS else UrgencyLevel.INSPECT_SOON
    return [(level, f"health falls; it passes {format_number(rul['ThresholdUsed'])} in about {format_span(hours)}")]


def _find_data_problems(status: MachineStatus) -> list[tuple[UrgencyLevel, str]]:
    """What keeps results from being there, or from being of today."""
    found = []
    cold = status.coldstart
    if status.extent is None:
        found.append((UrgencyLevel.WAIT, "there are no readings yet"))
    elif status.final_until is None:
        why = cold.reason if cold and cold.reason else "it was never backfilled"
        level = UrgencyLevel.CHECK_DATA if cold and cold.status == "FAILED" else UrgencyLevel.WAIT
        found.append((level, why))
    if status.last_run and status.last_run["Outcome"] == "FAIL":
        found.append((UrgencyLevel.CHECK_DATA, f"the last run failed: {status.last_run['ErrorMessage']}"))
    if status.motionless_readings and not _is_off(status):
        told = f"no tag has changed in {format_count(status.motionless_readings, 'reading')}: is its data collection alive?"
        found.append((UrgencyLevel.CHECK_DATA, told))
    if status.lag and status.lag > STALE_AFTER:
        hours = status.lag / timedelta(hours=1)
        found.append(
            (UrgencyLevel.CHECK_DATA, f"the newest readings, {format_span(hours)} of them, are not scored yet")
        )
    return found


def _is_off(status: MachineStatus) -> bool:
    return status.regime is not None and status.regime["RegimeLabel"] == "off"


def _build_headline(status: MachineStatus) -> str:
    health = status.health
    if health is None:
        return "Nothing is scored yet" if status.final_until is None else "No reading could be assessed yet"
    since = f" since {format_time(status.zone['StartTimestamp'])}" if status.zone else ""
    said = {"GOOD": "Healthy", "WATCH": "To be watched", "ALERT": "In trouble"}[health["HealthZone"]]
    still = "; the machine stands still now" if _is_off(status) else ""
    episodes = f"; {format_count(len(status.open_episodes), 'open episode')}" if status.open_episodes else ""
    return f"{said}{since}{episodes}{still}"


def _suggest_first_check(status: MachineStatus) -> str:
    """The strongest lead there is: an episode's culprit, else what carries the trend, a drift, a deviation."""
    if status.culprits and (status.open_episodes or _find_recent_problems(status)):
        first, *others = status.culprits
        also = f", then {' and '.join(other['SensorName'] for other in others)}" if others else ""
        which = "open" if status.open_episodes else "last"
        return f"{first['SensorName']} ({format_number(first['ContributionPct'], 0)} % of the {which} episode){also}"
    if status.attribution:
        first = status.attribution[0]
        return f"{first['SensorName']} ({format_number(100 * first['FailureContribution'], 0)} % of what carries the trend)"
    if status.open_drifts:
        return f"{status.open_drifts[0]['SensorName']}, which drifts"
    hot = [sensor for sensor in status.hotspots if abs(sensor["LatestSignedZ"]) >= _MIN_HOTSPOT_Z]
    if hot:
        side = "above" if hot[0]["LatestSignedZ"] > 0 else "below"
        return f"Nothing is wrong; farthest from usual is {hot[0]['SensorName']}, {side} its normal range"
    return "Nothing stands out" if status.health else ""
