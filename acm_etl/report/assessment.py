"""What a machine's standing asks of people: how urgent, why, and what to look at first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from acm_etl.report.formatting import count, day, moment, number, span
from acm_etl.report.machine_status import Standing

STALE = timedelta(days=3)
SOON = 14 * 24.0
LATELY = 7 * 24.0
_SMALL_Z = 2.0


class Level(IntEnum):
    """How urgent; pages are sorted by it, the most urgent first."""

    ACT = 0
    LOOK = 1
    CHECK = 2
    WAIT = 3
    FINE = 4

    @property
    def label(self) -> str:
        """As people read it."""
        return _LABELS[self]


_LABELS = {
    Level.ACT: "Act now",
    Level.LOOK: "Look soon",
    Level.CHECK: "Check the data",
    Level.WAIT: "No result yet",
    Level.FINE: "All well",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about a machine.

    Attributes:
        level: How urgent.
        headline: The state in one sentence.
        look: What to look at first, in one sentence.
        reasons: Why it is as urgent as it is, the strongest first.
    """

    level: Level
    headline: str
    look: str
    reasons: tuple[str, ...]


def judge(standing: Standing) -> Verdict:
    """The verdict on a machine, from what the store says of it."""
    found = sorted([*_trouble(standing), *_ahead(standing), *_upkeep(standing)], key=lambda reason: reason[0])
    reasons = tuple(text for _, text in found)
    level = found[0][0] if found else Level.FINE
    return Verdict(level, _headline(standing), _look(standing), reasons)


def order(standing: Standing, verdict: Verdict) -> tuple[int, float, str]:
    """Sorts machines by what needs attention."""
    health = standing.health["HealthIndex"] if standing.health else 101.0
    return (verdict.level, health, standing.machine.code)


def _trouble(standing: Standing) -> list[tuple[Level, str]]:
    """What is wrong with the machine now."""
    found = []
    zone = standing.health["HealthZone"] if standing.health else "GOOD"
    if standing.episodes:
        worst = max(episode["PeakFusedZ"] for episode in standing.episodes)
        since = min(episode["StartTs"] for episode in standing.episodes)
        level = Level.ACT if zone == "ALERT" or worst >= 6 else Level.LOOK
        found.append((level, f"an episode is open since {moment(since)}, peak z {number(worst)}"))
    found.extend(_lately(standing))
    if zone in ("ALERT", "WATCH") and not standing.episodes:
        found.append((Level.LOOK, f"health is in zone {zone}"))
    found.extend(
        (Level.LOOK, f"{drift['SensorName']} drifts since {day(drift['SegmentStart'])}")
        for drift in standing.drifts[:1]
    )
    return found


def _lately(standing: Standing) -> list[tuple[Level, str]]:
    """Trouble that has just passed may come back."""
    if standing.episodes or not standing.recent or standing.health is None:
        return []
    newest = standing.recent[0]
    ago = (standing.health["Timestamp"] - newest["EndTs"]) / timedelta(hours=1)
    if ago > LATELY:
        return []
    number_of = count(len(standing.recent), "episode")
    return [
        (Level.LOOK, f"an episode ended {span(ago)} ago, peak z {number(newest['PeakFusedZ'])}; {number_of} in 30 days")
    ]


def _ahead(standing: Standing) -> list[tuple[Level, str]]:
    """What is foreseen."""
    rul = standing.rul
    if rul is None or rul["Status"] in ("STABLE", "UNKNOWN"):
        return []
    if rul["Status"] == "BELOW":
        return [(Level.ACT, f"health has settled below {number(rul['ThresholdUsed'])}")]
    hours = rul["RUL_Hours"]
    level = Level.ACT if hours < SOON else Level.LOOK
    return [(level, f"health falls; it passes {number(rul['ThresholdUsed'])} in about {span(hours)}")]


def _upkeep(standing: Standing) -> list[tuple[Level, str]]:
    """What keeps results from being there, or from being of today."""
    found = []
    cold = standing.coldstart
    if standing.extent is None:
        found.append((Level.WAIT, "there are no readings yet"))
    elif standing.until is None:
        why = cold.reason if cold and cold.reason else "it was never backfilled"
        level = Level.CHECK if cold and cold.status == "FAILED" else Level.WAIT
        found.append((level, why))
    if standing.run and standing.run["Outcome"] == "FAIL":
        found.append((Level.CHECK, f"the last run failed: {standing.run['ErrorMessage']}"))
    if standing.motionless and not _off(standing):
        told = f"no tag has changed in {count(standing.motionless, 'reading')}: is its data collection alive?"
        found.append((Level.CHECK, told))
    if standing.lag and standing.lag > STALE:
        hours = standing.lag / timedelta(hours=1)
        found.append((Level.CHECK, f"the newest readings, {span(hours)} of them, are not scored yet"))
    return found


def _off(standing: Standing) -> bool:
    return standing.regime is not None and standing.regime["RegimeLabel"] == "off"


def _headline(standing: Standing) -> str:
    health = standing.health
    if health is None:
        return "Nothing is scored yet" if standing.until is None else "No reading could be assessed yet"
    since = f" since {moment(standing.zone['StartTimestamp'])}" if standing.zone else ""
    said = {"GOOD": "Healthy", "WATCH": "To be watched", "ALERT": "In trouble"}[health["HealthZone"]]
    still = "; the machine stands still now" if _off(standing) else ""
    episodes = f"; {count(len(standing.episodes), 'open episode')}" if standing.episodes else ""
    return f"{said}{since}{episodes}{still}"


def _look(standing: Standing) -> str:
    """The strongest lead there is: an episode's culprit, else what carries the trend, a drift, a deviation."""
    if standing.culprits and (standing.episodes or _lately(standing)):
        first, *others = standing.culprits
        also = f", then {' and '.join(other['SensorName'] for other in others)}" if others else ""
        which = "open" if standing.episodes else "last"
        return f"{first['SensorName']} ({number(first['ContributionPct'], 0)} % of the {which} episode){also}"
    if standing.attribution:
        first = standing.attribution[0]
        return f"{first['SensorName']} ({number(100 * first['FailureContribution'], 0)} % of what carries the trend)"
    if standing.drifts:
        return f"{standing.drifts[0]['SensorName']}, which drifts"
    hot = [sensor for sensor in standing.hot if abs(sensor["LatestSignedZ"]) >= _SMALL_Z]
    if hot:
        side = "above" if hot[0]["LatestSignedZ"] > 0 else "below"
        return f"Nothing is wrong; farthest from usual is {hot[0]['SensorName']}, {side} its normal range"
    return "Nothing stands out" if standing.health else ""
