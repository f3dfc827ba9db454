"""Operating regimes: clusters of the smoothed leading components, believed after a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import row_squares
from acm_etl.score.arrays import Carry, Floats, Ints
from acm_etl.score.detectors.pca import components, project
from acm_etl.score.prepare.operating_state import carried, run_length

UNKNOWN = -2
OFF = -3
_NAMES = {UNKNOWN: "unknown", OFF: "off"}

_BASIS = 3
_BASIS_VARIANCE = 0.95
_REACH = 1.5  # times the farthest 99.9 % of training rows: beyond it a row belongs to no regime


@dataclass(frozen=True)
class Regimes:
    """Centres in the plane of the leading components of the smoothed deviations.

    Attributes:
        mean_: Mean of the training rows.
        directions_: Leading directions, d by up to 3.
        centres_: Centres, sorted by their coordinates: the row number is the label.
        reach_: Largest distance from the nearest centre at which a row still belongs to it.
    """

    mean_: Floats
    directions_: Floats
    centres_: Floats
    reach_: Floats

    @classmethod
    def fit(cls, smooth: Floats, params: ScoreParams) -> Self:
        """Learns from smoothed deviations of running rows."""
        from acm_etl.score.detectors.sklearn_adapter import clusters  # noqa: PLC0415 - sklearn takes a second to load

        mean, directions, _ = components(smooth, _BASIS_VARIANCE)
        directions = np.ascontiguousarray(directions[:, :_BASIS])
        Y = project(smooth, mean, directions)
        centres = clusters(Y, params.regimes_max, params.silhouette_min, params.seed)
        reach = _REACH * np.quantile(_distances(Y, centres).min(axis=1), 0.999) + 1e-9
        return cls(mean, directions, centres, np.asarray(reach))

    def nearest(self, smooth: Floats) -> Ints:
        """Number of the nearest centre of each row; ``UNKNOWN`` where all are too far."""
        distance = _distances(project(smooth, self.mean_, self.directions_), self.centres_)
        near: Ints = np.where(distance.min(axis=1) <= self.reach_, distance.argmin(axis=1), UNKNOWN)
        return near


def believed(raw: Ints, dwell: int, carry: Carry) -> tuple[Ints, Carry]:
    """The regime that is believed at each row: the last one that held for ``dwell`` successive rows.

    Args:
        raw: Nearest regime of the running rows, in sequence.
        dwell: Rows a new regime must hold.
        carry: Of the call before, or empty; before the first believed regime it is ``UNKNOWN``.
    """
    if not len(raw):
        return raw, carry
    before = carry.get("raw", raw[:1])
    same = np.concatenate([before, raw[:-1]]) == raw
    # The first row of a streak differs from the row before it, hence the shift by one.
    streak = run_length(same, int(carry.get("streak", np.int64(0))) - 1) + 1
    regime = carried(np.where(streak >= dwell, raw, -1), int(carry.get("regime", np.int64(UNKNOWN))))
    return regime, {"raw": raw[-1:], "streak": np.minimum(streak[-1], dwell), "regime": regime[-1]}


def label(code: int) -> str:
    """What is stored for a regime code."""
    return _NAMES.get(code, str(code))


def _distances(Y: Floats, centres: Floats) -> Floats:
    # One centre at a time: a rows x centres x dims block would be the largest array of all.
    return np.stack([np.sqrt(row_squares(Y - centre)) for centre in centres], axis=1)
