"""Base class of all detectors, and the rows that they are fitted on and score."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Array, Bools, Float32s, Floats, Ints, StreamState
from acm_etl.score.detectors.covariance import Moments, compute_moments


@dataclass(frozen=True)
class DetectorInputs:
    """Running rows, in sequence, as input of the detectors.

    Attributes:
        Z: Complete deviations from the training centre, n rows by d tags, robust standard deviations.
        F: Rolling features, n rows by 3 d, single precision.
        settled: True for rows that are not transient.
        after_long_stop: True for the first row after a long standstill: detector memory restarts there.
        steps: Time since the row before in steps of the training cadence, or of the step before if that is longer; at
            least 1, and more after a gap.
    """

    Z: Floats
    F: Float32s
    settled: Bools
    after_long_stop: Bools
    steps: Ints

    @cached_property
    def moments(self) -> Moments:
        """Moments of Z. Five detectors learn from them: the product of all rows is computed once."""
        return compute_moments(self.Z)

    def select_rows(self, selection: Bools | slice) -> DetectorInputs:
        """Return the selected rows."""
        return DetectorInputs(
            self.Z[selection],
            self.F[selection],
            self.settled[selection],
            self.after_long_stop[selection],
            self.steps[selection],
        )


class DetectorScore(NamedTuple):
    """Result of a detector.

    Attributes:
        raw: One score per row, higher = more abnormal, in the detector's own unit.
        state: State for the next call; empty for detectors without memory.
        residuals: Residual per row and tag, for detectors that can attribute a score to tags.
        tag_terms: Contribution of each tag to the score, for detectors whose score is a sum over tags.
    """

    raw: Floats
    state: StreamState
    residuals: Floats | None = None
    tag_terms: Floats | None = None


class Detector(ABC):
    """A detector under the scikit-learn contract.

    ``__init__`` only stores settings, ``fit`` returns self, fitted attributes end with ``_``. ``score`` does not change
    the detector: its memory is passed in and returned as a state, so rows scored in pieces get the scores of the whole.
    """

    name: ClassVar[str]
    is_stateful: ClassVar[bool] = False
    """True if the score of a row depends on earlier rows."""

    @classmethod
    def from_settings(cls, params: ScoreParams) -> Self:
        """Return the detector, not yet fitted, with the settings that concern it."""
        del params  # a detector with settings overrides this
        return cls()

    @abstractmethod
    def fit(self, rows: DetectorInputs) -> Self:
        """Fit on healthy rows, in sequence."""

    @abstractmethod
    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Score the rows that follow those of ``state`` (empty at the start)."""

    def get_params(self) -> dict[str, Any]:
        """Return the arguments of ``__init__``."""
        # The trailing underscore separates fitted attributes from settings, so no list has to be kept.
        return {name: value for name, value in vars(self).items() if not name.endswith("_")}

    def to_arrays(self) -> dict[str, Array]:
        """Return the fitted attributes as arrays."""
        return {name: np.asarray(value) for name, value in vars(self).items() if name.endswith("_")}

    @classmethod
    def from_arrays(cls, params: dict[str, Any], arrays: dict[str, Array]) -> Self:
        """Restore a fitted detector from ``get_params`` and ``to_arrays``; its scores are bit-identical."""
        # Not fit: fitted values are restored as they are, bit by bit.
        detector = cls(**params)
        vars(detector).update(arrays)
        return detector
