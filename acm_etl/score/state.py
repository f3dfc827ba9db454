"""Scoring state: everything that one call of ``score`` passes to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from acm_etl.score.arrays import FORMAT_VERSION, StreamState, datetime_to_us, pack_arrays, unpack_arrays, us_to_datetime


@dataclass(frozen=True)
class ScoringState:
    """State after a row; the next call of ``score`` continues from it.

    Attributes:
        model_fingerprint: Fingerprint of the model that the state belongs to.
        last_time: Time of the last row, UTC; None before the first.
        arrays: Arrays of all stages, by ``stage/name``.
    """

    model_fingerprint: str
    last_time: datetime | None = None
    arrays: StreamState = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Serialise the state; equal states give equal bytes."""
        last = None if self.last_time is None else datetime_to_us(self.last_time)
        header = {"kind": "state", "format": FORMAT_VERSION, "fingerprint": self.model_fingerprint, "last": last}
        return pack_arrays(header, self.arrays)

    @classmethod
    def from_bytes(cls, blob: bytes) -> Self:
        """Restore the state from ``to_bytes``.

        Raises:
            ModelError: The bytes are damaged, of a foreign format or of another version.
        """
        # The model is not known here: score compares the fingerprint.
        header, arrays = unpack_arrays(blob, "state")
        last = header.get("last")
        return cls(str(header.get("fingerprint")), None if last is None else us_to_datetime(last), arrays)
