"""Send the recorded events, after the commit of the transactions that recorded them.

Delivery is at least once: a process that is killed between the acceptance of a message and its record sends the message
again with the next run. Events themselves are recorded exactly once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from acm_etl.engine import Engine
from acm_etl.load.episodes import outbox
from acm_etl.load.machines import equipment
from acm_etl.notify.messages import Message, plan_messages
from acm_etl.notify.status_events import find_status_notices
from acm_etl.notify.targets import Target
from acm_etl.setting_models import NotifySettings
from acm_etl.status.machine_status import MachineStatus
from acm_etl.words import EpisodeSeverity

log = logging.getLogger(__name__)
_LOCK_NAME = "ACM_Notifications"


@dataclass(frozen=True, slots=True)
class SendReport:
    """Result of sending.

    Attributes:
        sent: Messages that all targets have accepted.
        failed: Messages that a target has not accepted; the next run sends them again, to that target only.
        held: Events that wait for the end of the quiet hours.
        errors: Why messages failed, each reason once.
    """

    sent: int = 0
    failed: int = 0
    held: int = 0
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event that is still to be sent: machine, kind, times, severity, and how often it was tried."""

    machine: str
    event: str
    start: datetime
    end: datetime
    severity: EpisodeSeverity | None
    recorded_at: datetime
    attempts: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class TargetCheck:
    """Result of a test message: name of the target, and why it did not accept the message."""

    target: str
    error: str | None


def record_status_events(
    engine: Engine, statuses: Iterable[MachineStatus], settings: NotifySettings, now: datetime
) -> int:
    """Record the events that the status of machines shows; return the number of new ones."""
    found = [(status.code, list(find_status_notices(status, now))) for status in statuses]
    recorded = 0
    for code, notices in found:
        # Left out before they are recorded: else they would all be sent once the setting changes.
        wanted = [notice for notice in notices if notice.event in settings.events]
        # Most machines have none: no transaction is opened for them.
        if wanted:
            with engine.transaction():
                recorded += outbox.record_notices(engine, equipment.find_machine(engine, code).equip_id, wanted)
    return recorded


def send_pending(engine: Engine, settings: NotifySettings, targets: Sequence[Target], now: datetime) -> SendReport:
    """Send all recorded events that are not sent yet.

    Args:
        engine: The store.
        settings: Section ``[notify]``.
        targets: At least one target.
        now: Current time, naive UTC.

    Raises:
        MachineLockedError: Another process is sending.
    """
    # Two processes that read the same rows would both send them.
    with engine.acquire_lock(_LOCK_NAME):
        machines = {machine.equip_id: machine for machine in equipment.read_machines(engine)}
        # All machines and not those of this run: messages that failed earlier are due, too.
        plan = plan_messages(outbox.read_unsent(engine), machines, settings, now)
        errors = [_send_message(engine, message, targets) for message in plan.messages]
    failures = [error for error in errors if error]
    return SendReport(len(errors) - len(failures), len(failures), len(plan.held), tuple(dict.fromkeys(failures)))


def _send_message(engine: Engine, message: Message, targets: Sequence[Target]) -> str | None:
    """Send a message to the targets that have not accepted it yet, and record the result; return the error."""
    # Every event of the message must have reached a target; a group may have grown since the last attempt.
    accepted = frozenset.intersection(*(each.sent_to for each in message.notices))
    errors = []
    for target in targets:
        if target.name in accepted:
            continue
        error = target.send(message.title, message.body)
        if error is None:
            accepted |= {target.name}
        else:
            errors.append(error)
    text = "; ".join(errors) or None
    # After each message and not at the end: a kill in between repeats one message at most.
    outbox.record_attempt(engine, message.notices, sent_to=accepted, error=text)
    return text


def list_pending(engine: Engine) -> list[PendingEvent]:
    """List the events that are still to be sent, by machine and time."""
    codes = {machine.equip_id: machine.code for machine in equipment.read_machines(engine)}
    return [
        PendingEvent(
            codes[each.equip_id],
            each.notice.event,
            each.notice.start,
            each.notice.end,
            each.notice.severity,
            each.recorded_at,
            each.attempts,
            each.last_error,
        )
        for each in outbox.read_unsent(engine)
    ]


def send_test_message(targets: Iterable[Target]) -> list[TargetCheck]:
    """Send a test message to each target."""
    body = "This message tests the targets of acm-etl. No machine is concerned."
    return [TargetCheck(target.name, target.send("acm-etl: test message", body)) for target in targets]
