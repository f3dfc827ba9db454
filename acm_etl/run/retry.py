"""Retry policies: of one step after a transient error, and of a machine whose connection was lost.

Two loops, one inside the other:

- ``retry_transient`` repeats one step, at most ``backfill.attempts`` times: a deadlock or a lock timeout passes within
  seconds, and the session is still usable.
- ``retry_lost_connection`` encloses the whole machine. A lost connection may last for minutes and ends the session with
  its machine lock and staging tables, so the machine starts again from its stored progress.
"""

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
    """Stop when no work was completed for some time since the first failure.

    Args:
        seconds: Maximum time without progress.
        count_done: Returns the completed work, in any unit; a change restarts the time.
        clock: Returns the current time in seconds; monotonic, so that a clock change ends no wait.
    """

    def __init__(
        self, seconds: float, count_done: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._count_done, self._clock = seconds, count_done, clock
        self._last_count: int | None = None
        self._last_change = 0.0

    def __call__(self, retry_state: RetryCallState) -> bool:
        """Return whether to stop."""
        # The number of attempts does not matter, only the time without progress.
        del retry_state
        if self._count_done() != self._last_count:
            self._last_count, self._last_change = self._count_done(), self._clock()
        return self._clock() - self._last_change >= self._seconds


def retry_transient(code: str, settings: BackfillSettings, *, exclude: type[StoreError] | tuple[()] = ()) -> Retrying:
    """Return the policy that repeats a step after a transient error, ``backfill.attempts`` times in total.

    Args:
        code: Machine code, for the log.
        settings: Number of attempts and pauses.
        exclude: Transient errors that an outer policy handles.
    """

    def log_attempt(call: RetryCallState) -> None:
        log.warning("%s: attempt %d failed, retrying: %s", code, call.attempt_number, _last_error(call))

    return Retrying(
        retry=retry_if_exception_type(TransientError) & retry_if_not_exception_type(exclude),
        stop=stop_after_attempt(settings.attempts),
        wait=_backoff_wait(settings),
        before_sleep=log_attempt,
        reraise=True,
    )


def retry_lost_connection(context: MachineContext, *, count_done: Callable[[], int]) -> Retrying:
    """Return the policy that repeats a machine after a lost connection.

    The policy gives up after ``backfill.reconnect_timeout`` without a published window, or when the user stops the
    backfill. An outage of a minute every hour therefore never ends a run of a day.

    Args:
        context: The machine.
        count_done: Returns the number of published windows.
    """
    settings = context.config.backfill

    def report_wait(call: RetryCallState) -> None:
        timeout = settings.reconnect_timeout
        log.warning("%s: waiting for the store, up to %s: %s", context.code, timeout, _last_error(call))
        context.progress.set_stage(context.code, "waiting", detail="for the store")

    return Retrying(
        retry=retry_if_exception_type(ConnectionLostError),
        stop=stop_any(
            # The user ends a wait of hours with Ctrl-C, and gets the error that caused it.
            stop_when_event_set(context.stop),
            stop_after_no_progress(settings.reconnect_timeout.total_seconds(), count_done),
        ),
        wait=_backoff_wait(settings),
        sleep=sleep_using_event(context.stop),  # Ctrl-C ends a pause at once
        before_sleep=report_wait,
        reraise=True,
    )


def _backoff_wait(settings: BackfillSettings) -> wait_base:
    # The random part keeps the workers of a fleet from asking a restarted server at the same moment.
    pause = settings.backoff.total_seconds()
    return wait_exponential(multiplier=pause, max=10 * pause) + wait_random(0, pause)


def _last_error(call: RetryCallState) -> BaseException | None:
    return call.outcome.exception() if call.outcome else None
