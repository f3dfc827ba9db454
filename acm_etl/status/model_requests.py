"""What persons asked of the models of a machine, as facts of its status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RefitRequest:
    """The newest request for retraining that has not led to a new model."""

    status: str
    requested_at: datetime
    reason: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class BaselineNote:
    """The newest time from which a person declared the machine normal.

    Attributes:
        effective_from: First normal reading.
        status: ``PENDING``, ``DONE`` or ``REJECTED``.
        requested_at: Time of the request.
        requester: User who made it.
        reason: Reason of the request.
        train_end: End of the training period; None while it is not known.
        message: The decision in words.
    """

    effective_from: datetime
    status: str
    requested_at: datetime
    requester: str | None = None
    reason: str | None = None
    train_end: datetime | None = None
    message: str | None = None
