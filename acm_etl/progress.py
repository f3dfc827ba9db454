"""How long work tells of itself: a protocol of four methods, and silence."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives what a runner does; implementations draw, log or record it."""

    def begin(self, machine: str, *, windows: int) -> None:
        """Work on a machine begins; ``windows`` windows lie ahead."""

    def stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """A stage of work begins: ``coldstart``, ``pull``, ``score``, ``publish``."""

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """``windows`` windows with ``rows`` readings are committed."""

    def end(self, machine: str, *, outcome: str) -> None:
        """Work on a machine is over."""


class Silent:
    """A Progress that says nothing."""

    def begin(self, machine: str, *, windows: int) -> None:
        """Say nothing."""

    def stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Say nothing."""

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Say nothing."""

    def end(self, machine: str, *, outcome: str) -> None:
        """Say nothing."""
