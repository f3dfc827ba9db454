"""The circuit breaker of a store: after failures in a row, whoever they happened to, nobody asks until one has tried.

    CLOSED     everybody works; a success sets the count of failures back
    OPEN       ``trip`` transient failures in a row, whatever the machine: all wait
    HALF-OPEN  the pause is over and one of them tries: CLOSED if that goes well, else OPEN for twice as long

A server that restarts is thus asked by one session every few seconds, not by every machine of a fleet. One breaker per
store and process; its state is in the runner's status feed (``acm-etl status``, ``acm-etl doctor``).
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

log = logging.getLogger(__name__)
BreakerState = Literal["closed", "open", "half-open"]
_MAX_BACKOFF_FACTOR = 12
"""A pause never gets longer than so many first ones."""


@dataclass
class CircuitBreaker:
    """Counts failures in a row and holds everybody back while a store does not work.

    Attributes:
        url: The store, for the log.
        failure_threshold: Failures in a row after which it opens.
        reset_timeout: Seconds until somebody tries again; doubled by every trial that fails.
    """

    url: str
    failure_threshold: int = 5
    reset_timeout: float = 5.0
    state: BreakerState = "closed"
    failure_count: int = 0
    last_error: str | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    _retry_at: float = 0.0
    _failed_probes: int = 0
    _probing_thread: int | None = None
    _condition: threading.Condition = field(default_factory=threading.Condition, repr=False)

    def acquire_permission(self, stop: threading.Event) -> float:
        """Wait until work may be tried, or the user wants to stop; seconds waited."""
        begun = time.monotonic()
        with self._condition:
            while not stop.is_set() and not self._try_acquire():
                self._condition.wait(min(max(self._retry_at - time.monotonic(), 0.01), 0.5))
        return time.monotonic() - begun

    def record_failure(self, error: BaseException) -> None:
        """A transient failure."""
        with self._condition:
            self.failure_count, self.last_error = self.failure_count + 1, str(error)
            if self.state == "half-open" or (self.state == "closed" and self.failure_count >= self.failure_threshold):
                self._open_circuit()

    def record_success(self) -> None:
        """The store has worked."""
        with self._condition:
            self.failure_count, self.last_error, self._failed_probes = 0, None, 0
            if self.state != "closed":
                self._set_state("closed")
                log.warning("%s: the breaker is closed, the store works again", self.url)

    def to_dict(self) -> dict[str, Any]:
        """Its state as plain values: ``state``, ``since`` (ISO, UTC), ``failures`` in a row, the last ``error``."""
        with self._condition:
            since = self.since.isoformat(timespec="seconds")
            return {"state": self.state, "since": since, "failures": self.failure_count, "error": self.last_error}

    def _try_acquire(self) -> bool:
        if self.state == "closed" or self._probing_thread == threading.get_ident():
            return True
        if time.monotonic() < self._retry_at:
            return False
        # one that died while it tried is not waited for longer than a pause
        self._set_state("half-open")
        self._probing_thread, self._retry_at = threading.get_ident(), time.monotonic() + self._current_timeout()
        log.warning("%s: the breaker is half-open, one session tries again", self.url)
        return True

    def _open_circuit(self) -> None:
        seconds = self._current_timeout()
        self._failed_probes += 1
        self._retry_at = time.monotonic() + seconds
        self._set_state("open")
        told = "%s: the breaker is open after %d failures in a row, everybody waits %.3g s: %s"
        log.warning(told, self.url, self.failure_count, seconds, self.last_error)

    def _current_timeout(self) -> float:
        return float(self.reset_timeout * min(2**self._failed_probes, _MAX_BACKOFF_FACTOR))

    def _set_state(self, state: BreakerState) -> None:
        self.state, self.since, self._probing_thread = state, datetime.now(UTC), None
        self._condition.notify_all()


_BREAKERS: dict[str, CircuitBreaker] = {}
_BREAKERS_LOCK = threading.Lock()


def breaker_status(url: str) -> dict[str, Any]:
    """The state of a store's breaker; closed where nothing was tried yet."""
    with _BREAKERS_LOCK:
        known = _BREAKERS.get(url)
    return (known or CircuitBreaker(url)).to_dict()


def get_breaker(url: str, *, failure_threshold: int = 5, reset_timeout: float = 5.0) -> CircuitBreaker:
    """The breaker of a store; the first who asks says when it trips."""
    with _BREAKERS_LOCK:
        return _BREAKERS.setdefault(url, CircuitBreaker(url, failure_threshold, reset_timeout))
