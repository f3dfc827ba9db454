"""What outlives a restart of the server: a machine that has lost its connection is resumed until it is back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_any,
    stop_when_event_set,
    wait_exponential,
    wait_random,
)
from tenacity.stop import stop_base

from acm_etl.errors import LostError
from acm_etl.job import Job

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


def retrying(job: Job, *, done: Callable[[], int]) -> Retrying:
    """Tries again after a lost connection, for ``backfill.outage`` without progress; stops when the user wants to.

    Args:
        job: The machine.
        done: How much of its work is done.
    """
    wanted = job.config.backfill
    pause = wanted.backoff.total_seconds()

    def say(call: RetryCallState) -> None:
        error = call.outcome.exception() if call.outcome else None
        log.warning("%s: waiting for the store, up to %s: %s", job.code, wanted.outage, error)
        job.progress.stage(job.code, "waiting", detail="for the store")

    return Retrying(
        retry=retry_if_exception_type(LostError),
        stop=stop_any(stop_when_event_set(job.stop), Patience(wanted.outage.total_seconds(), done)),
        wait=wait_exponential(multiplier=pause, max=10 * pause) + wait_random(0, pause),
        sleep=sleep_using_event(job.stop),
        before_sleep=say,
        reraise=True,
    )
