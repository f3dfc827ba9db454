"""Facts about the models of a machine: what persons asked of them, and what they have seen in training."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ONE_FOLD_PERCENT = 80.0
"""Share of the highest scores from which on one fold of four sets a level; each has 25 % if none is peculiar."""


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


@dataclass(frozen=True, slots=True)
class CalibrationFold:
    """Blocks of time (folds) of the training on which the level of the fused z rests.

    Attributes:
        tail_percent: Largest share of a fold in the highest 1 % of the scores, percent.
        tail_start: First reading of this fold.
        tail_end: Last reading of this fold.
        left_out_start: First reading of the fold that is unlike all others, which sets no level; None if there is none.
        left_out_end: Last reading of that fold.
    """

    tail_percent: float
    tail_start: datetime
    tail_end: datetime
    left_out_start: datetime | None = None
    left_out_end: datetime | None = None

    @property
    def is_one_sided(self) -> bool:
        """Whether one fold alone sets the level."""
        return self.tail_percent >= ONE_FOLD_PERCENT
