"""Retry policies: of one step after a transient error, and of a machine whose connection was lost.

Two loops, one inside the other:

- ``retry_transient`` repeats one step, at most ``backfill.attempts`` times: a deadlock or a lock timeout passes within
  seconds, and the session is still usable.
- ``retry_lost_connection`` encloses the whole machine. A lost connection may last for minutes and ends the session with
  its machine lock and staging tables, so the machine starts again from its stored progress.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from acm_etl.config import BackfillSettings
from acm_etl.errors import AcmError, ConnectionLostError, MachineLockedError, StoreError, TransientError
from acm_etl.run.context import MachineContext

log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_ResultT = TypeVar("_ResultT")
_MAX_PAUSE_FACTOR = 10  # of the first pause: an outage of an hour is noticed within seconds of its end


def _ignore_attempt(attempt: int, error: AcmError) -> None:
    """Do nothing between two attempts."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Repeats a call after errors that may pass; the error of the last attempt is raised.

    A class of its own, and not one of a library: ``tenacity`` imports tornado and asyncio where they are installed,
    which took 20 ms of processor time of each command.

    Attributes:
        errors: Errors after which the call is repeated.
        is_last: Returns whether the attempt of this number (from 1) is the last one.
        pause_seconds: Returns the seconds to wait after the attempt of this number.
        excluded: Errors among ``errors`` that are raised at once.
        before_pause: Called with the number of a failed attempt and its error.
        sleep: Waits for some seconds.
    """

    errors: type[AcmError]
    is_last: Callable[[int], bool]
    pause_seconds: Callable[[int], float]
    excluded: type[AcmError] | tuple[()] = ()
    before_pause: Callable[[int, AcmError], None] = _ignore_attempt
    sleep: Callable[[float], object] = time.sleep

    def __call__(self, function: Callable[_P, _ResultT], *args: _P.args, **keywords: _P.kwargs) -> _ResultT:
        """Call a function until it returns, and return its result."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return function(*args, **keywords)
            except self.errors as error:
                if isinstance(error, self.excluded) or self.is_last(attempt):
                    raise
                self.before_pause(attempt, error)
            # Outside of the handler, so that an error of the next attempt does not carry this one as its context.
            self.sleep(self.pause_seconds(attempt))


class ProgressTimeout:
    """Time limit for work without progress, from the first failure on.

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

    def is_over(self) -> bool:
        """Return whether the time is over; called after each failure."""
        if self._count_done() != self._last_count:
            self._last_count, self._last_change = self._count_done(), self._clock()
        return self._clock() - self._last_change >= self._seconds


def retry_transient(
    code: str, settings: BackfillSettings, *, exclude: type[StoreError] | tuple[()] = ()
) -> RetryPolicy:
    """Return the policy that repeats a step after a transient error, ``backfill.attempts`` times in total.

    Args:
        code: Machine code, for the log.
        settings: Number of attempts and pauses.
        exclude: Transient errors that an outer policy handles.
    """

    def log_attempt(attempt: int, error: AcmError) -> None:
        log.warning("%s: attempt %d failed, retrying: %s", code, attempt, error)

    return RetryPolicy(
        errors=TransientError,
        excluded=exclude,
        is_last=lambda attempt: attempt >= settings.attempts,
        pause_seconds=_grow_pauses(settings),
        before_pause=log_attempt,
    )


def retry_lost_connection(context: MachineContext, *, count_done: Callable[[], int]) -> RetryPolicy:
    """Return the policy that repeats a machine after a lost connection.

    The policy gives up after ``backfill.reconnect_timeout`` without a published window, or when the user stops the
    backfill. An outage of a minute every hour therefore never ends a run of a day.

    Args:
        context: The machine.
        count_done: Returns the number of published windows.
    """
    settings = context.config.backfill
    timeout = ProgressTimeout(settings.reconnect_timeout.total_seconds(), count_done)

    def report_wait(attempt: int, error: AcmError) -> None:
        del attempt
        limit = settings.reconnect_timeout
        log.warning("%s: waiting for the store, up to %s: %s", context.code, limit, error)
        context.progress.set_stage(context.code, "waiting", detail="for the store")

    return RetryPolicy(
        errors=ConnectionLostError,
        # The user ends a wait of hours with Ctrl-C, and gets the error that caused it.
        is_last=lambda _: context.stop.is_set() or timeout.is_over(),
        pause_seconds=_grow_pauses(settings),
        before_pause=report_wait,
        sleep=context.stop.wait,  # Ctrl-C ends a pause at once
    )


def retry_locked(seconds: float) -> RetryPolicy:
    """Return the policy that waits for a machine that another process has locked, once per second.

    Args:
        seconds: Maximum time; 0 raises the first error.
    """
    deadline = time.monotonic() + seconds
    return RetryPolicy(
        errors=MachineLockedError, is_last=lambda _: time.monotonic() >= deadline, pause_seconds=lambda _: 1.0
    )


def _grow_pauses(settings: BackfillSettings) -> Callable[[int], float]:
    """Return the function that gives the seconds to wait after each attempt."""
    pause = settings.backoff.total_seconds()
    # The random part keeps the workers of a fleet from asking a restarted server at the same moment.
    return lambda attempt: (
        pause * min(2 ** (attempt - 1), _MAX_PAUSE_FACTOR) + random.uniform(0, pause)  # noqa: S311 - no secret
    )
