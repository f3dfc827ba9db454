"""Events that the status of a machine shows: a silent feed, a machine that is about to fail, a failed run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from acm_etl.load.episodes.outbox import Notice, format_cause_key, format_key
from acm_etl.status.machine_status import MachineStatus
from acm_etl.status.reasons import BelowThreshold, Degrading, Level, RunFailed, StaleData
from acm_etl.status.verdict import judge_machine


def find_status_notices(status: MachineStatus, now: datetime) -> Iterator[Notice]:
    """Yield the events of a status; the same cause has the same key, however often the status is read.

    Args:
        status: Status of the machine, read from the store.
        now: Current time, naive UTC.
    """
    # By the rule of the verdict, so that a message never says what the status does not.
    for reason in judge_machine(status, now).reasons:
        facts = reason.facts
        if isinstance(facts, StaleData):
            yield Notice("feed_silent", format_key(facts.newest), facts.newest, now)
        elif isinstance(facts, RunFailed):
            yield _describe_failed_run(status, facts, now)
        elif isinstance(facts, BelowThreshold | Degrading) and reason.level == Level.ACT_NOW:
            yield from _describe_failing(status)


def _describe_failed_run(status: MachineStatus, facts: RunFailed, now: datetime) -> Notice:
    run = status.last_run
    # By the window and not by the attempt: a window that fails every night is one event.
    if run and run.window_start:
        return Notice("run_failed", format_key(run.window_start), run.window_start, now, detail=facts.error)
    # No window was begun: the cause is the event, until a backfill succeeds.
    start = run.started_at if run and run.started_at else now
    return Notice("run_failed", format_cause_key(facts.error or ""), start, now, detail=facts.error)


def _describe_failing(status: MachineStatus) -> Iterator[Notice]:
    forecast = status.forecast
    if forecast is not None:
        # A trend is forecast anew every day; its start stays.
        start = forecast.trend_start or (status.zone.since if status.zone else forecast.issued_at)
        yield Notice("machine_failing", format_key(start), start, forecast.issued_at)
