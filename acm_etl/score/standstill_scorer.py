"""Scoring of a machine that is off: the protocol of its two scorers, and the rows since each stop."""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Protocol

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import run_length
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState


class StandstillScores(NamedTuple):
    """Scores of the rows of state off, in sequence.

    Attributes:
        z: Normal-equivalent z, n.
        raw: Robust deviations of the score, n.
        contributions: Share (0..1) of each tag, n by d.
    """

    z: Floats
    raw: Floats
    contributions: Floats


class StandstillScorer(Protocol):
    """Scores the rows of state off by what training shows of standstills: ``StandstillModel`` or ``StandstillLimits``.

    Attributes:
        scope: Name of its arrays in a stored model.
    """

    scope: ClassVar[str]

    @property
    def max_supported_z(self) -> float:
        """Highest z that the calibration supports; any z beyond it is extrapolated."""

    def score(
        self, X: Floats, codes: Ints, params: ScoreParams, state: StreamState, *, drift_span: int
    ) -> tuple[StandstillScores, StreamState]:
        """Score the rows of state off.

        Args:
            X: Usable readings, n rows by d tags, NaN where missing.
            codes: State codes of the rows, n.
            params: Settings of the fit.
            state: State of the previous call, or empty.
            drift_span: Span of the drift monitor, rows.

        Returns:
            The scores of the rows of state off, and the state for the next call.
        """

    def to_arrays(self) -> dict[str, Array]:
        """Return all fitted values as arrays."""


def count_rows_since_stop(is_off: Bools, run_down_rows: Array, state: StreamState) -> tuple[Ints, StreamState]:
    """Return the rows since the stop of each row of state off, the row itself included, and the state after.

    Args:
        is_off: True for rows of state off, n.
        run_down_rows: Rows of a run-down, 0-d: longer counts decide nothing.
        state: State of the previous call, or empty.
    """
    after = dict(state)
    # States of earlier versions have a flag. Their models take one row for the run-down, so True is enough.
    before = after.get("rows_since_stop", after.pop("was_off", np.zeros(1, int)))
    rows_since_stop = run_length(is_off, int(before[0]))
    # Bounded numbers keep states of equal situations equal.
    after["rows_since_stop"] = np.minimum(np.append(before, rows_since_stop)[-1:], run_down_rows + 1)
    return rows_since_stop[is_off], after
