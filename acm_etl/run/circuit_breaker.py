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
State = Literal["closed", "open", "half-open"]
_LONGEST = 12
"""A pause never gets longer than so many first ones."""


@dataclass
class Breaker:
    """Counts failures in a row and holds everybody back while a store does not work.

    Attributes:
        url: The store, for the log.
        trip: Failures in a row after which it opens.
        pause: Seconds until somebody tries again; doubled by every trial that fails.
    """

    url: str
    trip: int = 5
    pause: float = 5.0
    state: State = "closed"
    failures: int = 0
    error: str | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    _until: float = 0.0
    _trials: int = 0
    _prober: int | None = None
    _changed: threading.Condition = field(default_factory=threading.Condition, repr=False)

    def admit(self, stop: threading.Event) -> float:
        """Wait until work may be tried, or the user wants to stop; seconds waited."""
        begun = time.monotonic()
        with self._changed:
            while not stop.is_set() and not self._may_go():
                self._changed.wait(min(max(self._until - time.monotonic(), 0.01), 0.5))
        return time.monotonic() - begun

    def failed(self, error: BaseException) -> None:
        """A transient failure."""
        with self._changed:
            self.failures, self.error = self.failures + 1, str(error)
            if self.state == "half-open" or (self.state == "closed" and self.failures >= self.trip):
                self._open()

    def succeeded(self) -> None:
        """The store has worked."""
        with self._changed:
            self.failures, self.error, self._trials = 0, None, 0
            if self.state != "closed":
                self._turn("closed")
                log.warning("%s: the breaker is closed, the store works again", self.url)

    def told(self) -> dict[str, Any]:
        """Its state as plain values: ``state``, ``since`` (ISO, UTC), ``failures`` in a row, the last ``error``."""
        with self._changed:
            since = self.since.isoformat(timespec="seconds")
            return {"state": self.state, "since": since, "failures": self.failures, "error": self.error}

    def _may_go(self) -> bool:
        if self.state == "closed" or self._prober == threading.get_ident():
            return True
        if time.monotonic() < self._until:
            return False
        # one that died while it tried is not waited for longer than a pause
        self._turn("half-open")
        self._prober, self._until = threading.get_ident(), time.monotonic() + self._span()
        log.warning("%s: the breaker is half-open, one session tries again", self.url)
        return True

    def _open(self) -> None:
        seconds = self._span()
        self._trials += 1
        self._until = time.monotonic() + seconds
        self._turn("open")
        told = "%s: the breaker is open after %d failures in a row, everybody waits %.3g s: %s"
        log.warning(told, self.url, self.failures, seconds, self.error)

    def _span(self) -> float:
        return float(self.pause * min(2**self._trials, _LONGEST))

    def _turn(self, state: State) -> None:
        self.state, self.since, self._prober = state, datetime.now(UTC), None
        self._changed.notify_all()


_ALL: dict[str, Breaker] = {}
_GUARD = threading.Lock()


def told(url: str) -> dict[str, Any]:
    """The state of a store's breaker; closed where nothing was tried yet."""
    with _GUARD:
        known = _ALL.get(url)
    return (known or Breaker(url)).told()


def of(url: str, *, trip: int = 5, pause: float = 5.0) -> Breaker:
    """The breaker of a store; the first who asks says when it trips."""
    with _GUARD:
        return _ALL.setdefault(url, Breaker(url, trip, pause))
