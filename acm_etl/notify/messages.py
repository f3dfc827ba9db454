"""Messages about recorded events: one per episode or other cause, and one that sums up the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby

from acm_etl import local_time
from acm_etl.counts import format_count
from acm_etl.formatting import format_command
from acm_etl.load.episodes.outbox import UnsentNotice
from acm_etl.load.machines.equipment import Equipment
from acm_etl.results import NOTICE_EVENTS
from acm_etl.setting_models import NotifySettings
from acm_etl.status.formatting import format_number, format_time
from acm_etl.tables.common import EPISODE_SEVERITIES

_MAX_DIGEST_LINES = 50  # a chat cuts long messages; the tables have the rest


@dataclass(frozen=True, slots=True)
class Message:
    """A message, and the events that it tells of."""

    title: str
    body: str
    notices: tuple[UnsentNotice, ...]


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """Messages to send now, and the events that wait for the end of the quiet hours."""

    messages: tuple[Message, ...]
    held: tuple[UnsentNotice, ...]


def plan_messages(
    unsent: Sequence[UnsentNotice], machines: Mapping[int, Equipment], settings: NotifySettings, now: datetime
) -> MessagePlan:
    """Decide what is sent now: single messages, and one digest of what is old, was held or is too much.

    Args:
        unsent: Events to send.
        machines: Machines by EquipID.
        settings: Section ``[notify]``.
        now: Current time, naive UTC.
    """
    quiet = {equip_id for equip_id, machine in machines.items() if _is_quiet(now, machine, settings)}
    held = tuple(each for each in unsent if each.equip_id in quiet)
    groups = _group_notices(each for each in unsent if each.equip_id not in quiet)
    single = [
        group
        for group in groups
        # By the newest event: an episode that opened a week ago and closed today is news.
        if max(each.notice.end for each in group) >= now - settings.max_age
        and not all(_is_quiet(each.recorded_at, machines[each.equip_id], settings) for each in group)
    ]
    # The most severe ones first: the digest takes what is beyond the limit.
    single = sorted(single, key=_rank_group)[: settings.max_messages]
    rest = [each for group in groups if group not in single for each in group]
    messages = [_build_message(group, machines[group[0].equip_id]) for group in single]
    return MessagePlan((*messages, *([_build_digest(rest, machines)] if rest else [])), held)


def _group_notices(notices: Iterable[UnsentNotice]) -> list[tuple[UnsentNotice, ...]]:
    """Group the events of one episode: it opened, rose and closed since the last message, and one message says so."""

    def find_subject(each: UnsentNotice) -> tuple[int, str, str]:
        # Other kinds of events may have the same time and still need a message each.
        kind = "episode" if each.notice.severity else each.notice.event
        return each.equip_id, kind, each.notice.subject

    ordered = sorted(notices, key=find_subject)
    return [tuple(sorted(group, key=_rank_notice)) for _, group in groupby(ordered, key=find_subject)]


def _rank_notice(each: UnsentNotice) -> tuple[int, int]:
    """Return the position of an event in the course of an episode."""
    level = each.notice.risen_to
    return NOTICE_EVENTS.index(each.notice.event), EPISODE_SEVERITIES.index(level) if level else 0


def _rank_severity(each: UnsentNotice) -> int:
    severity = each.notice.severity
    # Other events than episodes have no severity and are all urgent.
    return EPISODE_SEVERITIES.index(severity) if severity else len(EPISODE_SEVERITIES)


def _rank_group(group: Sequence[UnsentNotice]) -> tuple[int, datetime]:
    return -max(map(_rank_severity, group)), group[0].notice.start


def _is_quiet(moment: datetime, machine: Equipment, settings: NotifySettings) -> bool:
    """Return whether a time lies in the quiet hours of a machine, by its local clock."""
    if not settings.quiet_hours:
        return False
    first, last = (time.fromisoformat(text) for text in settings.quiet_hours.split("-"))
    # The clock of the machine and not of this host: a store may hold plants on several continents.
    clock = local_time.local_clock(moment, machine.time_zone)
    # Quiet hours may pass midnight.
    return first <= clock < last if first <= last else clock >= first or clock < last


def _build_message(group: tuple[UnsentNotice, ...], machine: Equipment) -> Message:
    """Return the message about one episode or cause; its last event has the newest facts."""
    notice = group[-1].notice
    severity, since = notice.severity, f"{format_time(notice.start)} UTC"
    peak = "" if notice.peak_z is None else f", peak z {format_number(notice.peak_z)}"
    # A command that can be pasted: the reader of a mail is mostly not at the terminal of the store.
    show = (
        format_command("episode", "show", machine.code, "--at", f"{notice.start:%Y-%m-%dT%H:%M}")
        if severity
        else format_command("show", machine.code)
    )
    span = f"From {since} to {format_time(notice.end)} UTC{peak}"
    failure = f"The window from {since} on was not scored" if notice.has_window else f"It failed at {since}"
    title, fact = {
        "episode_opened": (f"alarm opened, {severity}", span),
        "episode_worsened": (f"alarm has risen to {notice.risen_to}", span),
        "episode_closed": (f"alarm closed, {severity}", span),
        "feed_silent": ("no new readings", f"The newest reading is of {since}"),
        "machine_failing": (
            "about to fail",
            f"Health falls since {since}: below the threshold now, or within two weeks",
        ),
        "run_failed": ("run failed", failure),
    }[notice.event]
    lines = [fact, *([notice.detail] if notice.detail else []), show]
    # One line: a mail server refuses a subject with a line break, which a machine code may contain.
    return Message(" ".join(f"{machine.code}: {title}".split()), "\n".join(lines), group)


def _build_digest(notices: Sequence[UnsentNotice], machines: Mapping[int, Equipment]) -> Message:
    """Return one message about many events: one line per machine."""
    lines = [
        _describe_machine(machines[equip_id].code, list(group))
        for equip_id, group in groupby(notices, key=lambda each: each.equip_id)
    ]
    hidden = len(lines) - _MAX_DIGEST_LINES
    more = [f"and {format_count(hidden, 'other machine')}"] if hidden > 0 else []
    title = f"acm-etl: {format_count(len(_group_notices(notices)), 'event')} of {format_count(len(lines), 'machine')}"
    body = [*lines[:_MAX_DIGEST_LINES], *more, "acm-etl episode list --unacknowledged"]
    return Message(title, "\n".join(body), tuple(notices))


def _describe_machine(code: str, notices: Sequence[UnsentNotice]) -> str:
    groups = _group_notices(notices)
    episodes = [group[-1].notice for group in groups if group[-1].notice.severity]
    parts = []
    if episodes:
        high = sum(notice.severity == EPISODE_SEVERITIES[-1] for notice in episodes)
        first, last = min(notice.start for notice in episodes), max(notice.end for notice in episodes)
        count = format_count(len(episodes), "alarm")
        parts.append(f"{count} from {format_time(first)} to {format_time(last)} UTC, {high} of them HIGH")
    others = [group[-1].notice.event.replace("_", " ") for group in groups if not group[-1].notice.severity]
    return f"{code}: {'; '.join([*parts, *others])}"
