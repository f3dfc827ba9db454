"""Events that messages are sent about: recorded together with their cause, sent after the commit.

The key of a row is the event, and what it happened to. A batch that is repeated, a provisional window that is published
again and a replay find their rows and add nothing, so that nobody gets the same message twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from acm_etl.engine import Engine
from acm_etl.load.clock import utc_now
from acm_etl.load.episodes.episode_notes import EpisodeSpan
from acm_etl.load.single_rows import insert_row_unless, join_equalities
from acm_etl.redaction import truncate_text
from acm_etl.results import NoticeEvent
from acm_etl.tables.notices import NOTIFICATIONS
from acm_etl.words import EpisodeSeverity

_MAX_TEXT_CHARS = NOTIFICATIONS.columns_by_name["Detail"].max_length or 0
_TARGET_SEPARATOR = " "
_CAUSE_PREFIX = "cause:"


@dataclass(frozen=True, slots=True)
class Notice:
    """An event to send a message about.

    Attributes:
        event: Kind of event.
        key: What it happened to; for an episode its start, then its severity if that has risen; for a failure before a
            window its cause.
        start: Start of the episode, trend or window; newest reading of a silent feed; UTC.
        end: Time up to which the event is known, UTC.
        severity: Severity of the episode.
        peak_z: Highest fused z of the episode.
        detail: Top sensors of the episode, or the error of the run.
    """

    event: NoticeEvent
    key: str
    start: datetime
    end: datetime
    severity: EpisodeSeverity | None = None
    peak_z: float | None = None
    detail: str | None = None

    @property
    def subject(self) -> str:
        """Subject of the event: equal for all events of one episode."""
        return self.key.partition(" ")[0]

    @property
    def has_window(self) -> bool:
        """Whether a failed run had begun a window."""
        return not self.key.startswith(_CAUSE_PREFIX)

    @property
    def risen_to(self) -> str:
        """Severity that the episode has risen to; empty for other events."""
        # Not ``severity``, which is that of the whole episode: one batch may record that it rose to MEDIUM and to HIGH.
        return self.key.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class UnsentNotice:
    """A recorded event that not all targets have accepted yet.

    Attributes:
        equip_id: Machine.
        notice: The event.
        recorded_at: When it was recorded, UTC.
        attempts: Attempts to send it so far.
        last_error: Why the last attempt failed.
        sent_to: Names of the targets that have accepted it.
    """

    equip_id: int
    notice: Notice
    recorded_at: datetime
    attempts: int = 0
    last_error: str | None = None
    sent_to: frozenset[str] = frozenset()


def format_key(time: datetime) -> str:
    """Return the key of an event at a time, naive UTC."""
    return time.isoformat(timespec="milliseconds")


def format_cause_key(cause: str) -> str:
    """Return the key of a failure before a window: equal for errors that differ in numbers only."""
    # Counts, times and ports change from night to night, and the cause is the same.
    digest = hashlib.sha256(re.sub(r"\d+", "#", cause).encode()).hexdigest()
    return _CAUSE_PREFIX + digest[:16]


def rearm_failures(engine: Engine, equip_id: int) -> None:
    """Forget the failures of a machine before a window, inside the transaction of the caller: it has succeeded.

    The same failure is then a new event. An event whose message is still to be sent stays.
    """
    sql = engine.dialect.sql(
        "DELETE FROM {ACM_Notifications} WHERE {EquipID} = ? AND {Event} = 'run_failed' AND {SentAt} IS NOT NULL\n"
        "  AND {EventKey} LIKE '{prefix}%'",
        prefix=_CAUSE_PREFIX,
    )
    engine.execute(sql, [equip_id])


def record_notices(engine: Engine, equip_id: int, notices: Iterable[Notice]) -> int:
    """Record the events that are not recorded yet, inside the transaction of the caller; return their number."""
    # The first record stays, whatever a later batch knows: what was sent must remain readable.
    return sum(_record_notice(engine, equip_id, notice) for notice in notices)


def _record_notice(engine: Engine, equip_id: int, notice: Notice) -> bool:
    values: dict[str, Any] = {
        "EquipID": equip_id,
        "Event": notice.event,
        "EventKey": notice.key,
        "StartTs": notice.start,
        "EndTs": notice.end,
        "Severity": notice.severity,
        "PeakFusedZ": notice.peak_z,
        "Detail": truncate_text(notice.detail, _MAX_TEXT_CHARS) if notice.detail else None,
        "RecordedAt": utc_now(),
        "Attempts": 0,
    }
    # One row at a time and without staging: a batch has a few events at most, and most have none.
    is_recorded = join_equalities(engine, NOTIFICATIONS.key, " AND ")
    key = [equip_id, notice.event, notice.key]
    return insert_row_unless(engine, NOTIFICATIONS, values, condition=is_recorded, params=key)


def read_episode_keys(engine: Engine, equip_id: int) -> dict[EpisodeSpan, str]:
    """Return the subjects of the recorded episodes of a machine, by the span that was known then."""
    sql = engine.dialect.sql(
        "SELECT {StartTs}, {EndTs}, {EventKey} FROM {ACM_Notifications}\n"
        "WHERE {EquipID} = ? AND {Event} IN ('episode_opened', 'episode_worsened', 'episode_closed')"
    )
    # By the span and not by the key: a replay looks for the episode that overlaps its own.
    return {(start, end): key.partition(" ")[0] for start, end, key in engine.query(sql, [equip_id]).iter_rows()}


def read_unsent(engine: Engine) -> list[UnsentNotice]:
    """Return the events of all machines that are still to be sent, by machine and time."""
    sql = engine.dialect.sql(
        "SELECT {EquipID}, {RecordedAt}, {Attempts}, {LastError}, {SentTo},\n"
        "  {Event}, {EventKey}, {StartTs}, {EndTs}, {Severity}, {PeakFusedZ}, {Detail}\n"
        "FROM {ACM_Notifications} WHERE {SentAt} IS NULL ORDER BY {EquipID}, {StartTs}, {Event}, {EventKey}"
    )
    return [
        UnsentNotice(
            equip_id, Notice(*fields), recorded_at, attempts, error, frozenset((sent_to or "").split(_TARGET_SEPARATOR))
        )
        for equip_id, recorded_at, attempts, error, sent_to, *fields in engine.query(sql).iter_rows()
    ]


def count_failed(engine: Engine) -> int:
    """Return the number of events whose messages were tried, and not accepted by all targets."""
    sql = "SELECT COUNT(*) AS n FROM {ACM_Notifications} WHERE {SentAt} IS NULL AND {Attempts} > 0"
    return int(engine.query(engine.dialect.sql(sql)).item())


def record_attempt(
    engine: Engine, notices: Sequence[UnsentNotice], *, sent_to: Iterable[str], error: str | None
) -> None:
    """Record an attempt to send a message about events, in one transaction.

    Args:
        engine: The store.
        notices: Events of the message.
        sent_to: Names of all targets that have accepted it, in this attempt or an earlier one.
        error: Why other targets have not; None if all have.
    """
    now = utc_now()
    changes: dict[str, Any] = {
        "LastAttemptAt": now,
        "SentTo": _TARGET_SEPARATOR.join(sorted(filter(None, sent_to)))[:_MAX_TEXT_CHARS] or None,
        "LastError": truncate_text(error, _MAX_TEXT_CHARS) if error else None,
        "SentAt": None if error else now,
    }
    # A literal NULL, whose type every server knows.
    assignments = ", ".join(
        f"{engine.dialect.quote(name)} = {'NULL' if value is None else '?'}" for name, value in changes.items()
    )
    sql = engine.dialect.sql(
        "UPDATE {ACM_Notifications} SET {Attempts} = {Attempts} + 1, {changes}\nWHERE {key}",
        changes=assignments,
        key=join_equalities(engine, NOTIFICATIONS.key, " AND "),
    )
    given = [value for value in changes.values() if value is not None]
    # All or none: half of a digest that is recorded as sent would hide that the other half is sent again.
    with engine.transaction():
        for each in notices:
            engine.execute(sql, [*given, each.equip_id, each.notice.event, each.notice.key])
