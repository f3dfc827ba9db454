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

from acm_etl.config import BackfillSettings
from acm_etl.errors import ConnectionLostError, StoreError, TransientError
from acm_etl.run.context import MachineContext

log = logging.getLogger(__name__)


class stop_after_no_progress(stop_base):  # noqa: N801 - named like the stop conditions of tenacity
    """Over when nothing has been done for some time since the first failure.

    Args:
        seconds: How long.
        count_done: How much is done; more of it starts the time anew.
        clock: Seconds now.
    """

    def __init__(
        self, seconds: float, count_done: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._count_done, self._clock = seconds, count_done, clock
        self._last_count: int | None = None
        self._last_change = 0.0

    def __call__(self, retry_state: RetryCallState) -> bool:
        """Whether it is over."""
        del retry_state
        if self._count_done() != self._last_count:
            self._last_count, self._last_change = self._count_done(), self._clock()
        return self._clock() - self._last_change >= self._seconds


def retry_transient(code: str, settings: BackfillSettings, *, exclude: type[StoreError] | tuple[()] = ()) -> Retrying:
    """Tries a step again after a transient error, ``backfill.attempts`` times in all.

    Args:
        code: Machine code; its step begins anew each time.
        settings: How often, and how long between.
        exclude: Transient errors that are somebody else's to try again.
    """

    def say(call: RetryCallState) -> None:
        log.warning("%s: attempt %d failed, trying again: %s", code, call.attempt_number, _last_error(call))

    return Retrying(
        retry=retry_if_exception_type(TransientError) & retry_if_not_exception_type(exclude),
        stop=stop_after_attempt(settings.attempts),
        wait=_backoff_wait(settings),
        before_sleep=say,
        reraise=True,
    )


def retry_lost_connection(context: MachineContext, *, count_done: Callable[[], int]) -> Retrying:
    """Tries again after a lost connection, for ``backfill.reconnect_timeout`` without progress; stops when the user wants to.

    Args:
        context: The machine.
        count_done: How much of its work is done.
    """
    wanted = context.config.backfill

    def say(call: RetryCallState) -> None:
        log.warning("%s: waiting for the store, up to %s: %s", context.code, wanted.reconnect_timeout, _last_error(call))
        context.progress.set_stage(context.code, "waiting", detail="for the store")

    return Retrying(
        retry=retry_if_exception_type(ConnectionLostError),
        stop=stop_any(
            stop_when_event_set(context.stop), stop_after_no_progress(wanted.reconnect_timeout.total_seconds(), count_done)
        ),
        wait=_backoff_wait(wanted),
        sleep=sleep_using_event(context.stop),
        before_sleep=say,
        reraise=True,
    )


def _backoff_wait(settings: BackfillSettings) -> wait_base:
    pause = settings.backoff.total_seconds()
    return wait_exponential(multiplier=pause, max=10 * pause) + wait_random(0, pause)


def _last_error(call: RetryCallState) -> BaseException | None:
    return call.outcome.exception() if call.outcome else None
