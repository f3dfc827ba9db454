"""What is tried again, how often and how long: a step after a transient error, a machine while its server is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_not_exception_type,
    sleep_using_event,
    stop_after_attempt,
    stop_any,
    stop_when_event_set,
    wait_exponential,
    wait_random,
)
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from acm_etl.config import Backfill
from acm_etl.errors import LostError, StoreError, TransientError
from acm_etl.run.context import Job

log = logging.getLogger(__name__)


class Patience(stop_base):
    """Over when nothing has been done for some time since the first failure.

    Args:
        seconds: How long.
        done: How much is done; more of it starts the time anew.
        clock: Seconds now.
    """

    def __init__(self, seconds: float, done: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._done, self._clock = seconds, done, clock
        self._known: int | None = None
        self._since = 0.0

    def __call__(self, retry_state: RetryCallState) -> bool:
        """Whether it is over."""
        del retry_state
        if self._done() != self._known:
            self._known, self._since = self._done(), self._clock()
        return self._clock() - self._since >= self._seconds


def attempts(code: str, wanted: Backfill, *, unless: type[StoreError] | tuple[()] = ()) -> Retrying:
    """Tries a step again after a transient error, ``backfill.attempts`` times in all.

    Args:
        code: Machine code; its step begins anew each time.
        wanted: How often, and how long between.
        unless: Transient errors that are somebody else's to try again.
    """

    def say(call: RetryCallState) -> None:
        log.warning("%s: attempt %d failed, trying again: %s", code, call.attempt_number, _error(call))

    return Retrying(
        retry=retry_if_exception_type(TransientError) & retry_if_not_exception_type(unless),
        stop=stop_after_attempt(wanted.attempts),
        wait=_growing(wanted),
        before_sleep=say,
        reraise=True,
    )


def outage(job: Job, *, done: Callable[[], int]) -> Retrying:
    """Tries again after a lost connection, for ``backfill.outage`` without progress; stops when the user wants to.

    Args:
        job: The machine.
        done: How much of its work is done.
    """
    wanted = job.config.backfill

    def say(call: RetryCallState) -> None:
        log.warning("%s: waiting for the store, up to %s: %s", job.code, wanted.outage, _error(call))
        job.progress.stage(job.code, "waiting", detail="for the store")

    return Retrying(
        retry=retry_if_exception_type(LostError),
        stop=stop_any(stop_when_event_set(job.stop), Patience(wanted.outage.total_seconds(), done)),
        wait=_growing(wanted),
        sleep=sleep_using_event(job.stop),
        before_sleep=say,
        reraise=True,
    )


def _growing(wanted: Backfill) -> wait_base:
    pause = wanted.backoff.total_seconds()
    return wait_exponential(multiplier=pause, max=10 * pause) + wait_random(0, pause)


def _error(call: RetryCallState) -> BaseException | None:
    return call.outcome.exception() if call.outcome else None
