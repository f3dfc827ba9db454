"""Operating regimes: clusters of the smoothed leading components, believed after a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import row_squared_norms
from acm_etl.score.arrays import Floats, Ints, StreamState
from acm_etl.score.detectors.pca import fit_principal_components, project_rows
from acm_etl.score.prepare.operating_state import forward_fill, run_length

REGIME_UNKNOWN = -2
REGIME_OFF = -3
_SPECIAL_LABELS = {REGIME_UNKNOWN: "unknown", REGIME_OFF: "off"}

_MAX_DIRECTIONS = 3
_BASIS_VARIANCE = 0.95
_MAX_DISTANCE_FACTOR = 1.5  # times the farthest 99.9 % of training rows: beyond it a row belongs to no regime


@dataclass(frozen=True)
class RegimeClassifier:
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
        from acm_etl.score.detectors.sklearn_adapter import fit_clusters  # noqa: PLC0415 - sklearn takes a second to load

        mean, directions, _ = fit_principal_components(smooth, _BASIS_VARIANCE)
        directions = np.ascontiguousarray(directions[:, :_MAX_DIRECTIONS])
        Y = project_rows(smooth, mean, directions)
        centres = fit_clusters(Y, params.regimes_max, params.silhouette_min, params.seed)
        reach = _MAX_DISTANCE_FACTOR * np.quantile(_center_distances(Y, centres).min(axis=1), 0.999) + 1e-9
        return cls(mean, directions, centres, np.asarray(reach))

    def nearest_regime(self, smooth: Floats) -> Ints:
        """Number of the nearest centre of each row; ``REGIME_UNKNOWN`` where all are too far."""
        distance = _center_distances(project_rows(smooth, self.mean_, self.directions_), self.centres_)
        near: Ints = np.where(distance.min(axis=1) <= self.reach_, distance.argmin(axis=1), REGIME_UNKNOWN)
        return near


def debounce_regimes(regime_codes: Ints, dwell_rows: int, state: StreamState) -> tuple[Ints, StreamState]:
    """The regime that is believed at each row: the last one that held for ``dwell_rows`` successive rows.

    Args:
        regime_codes: Nearest regime of the running rows, in sequence.
        dwell_rows: Rows a new regime must hold.
        state: Of the call before, or empty; before the first believed regime it is ``REGIME_UNKNOWN``.
    """
    if not len(regime_codes):
        return regime_codes, state
    before = state.get("raw", regime_codes[:1])
    same = np.concatenate([before, regime_codes[:-1]]) == regime_codes
    # The first row of a streak differs from the row before it, hence the shift by one.
    streak = run_length(same, int(state.get("streak", np.int64(0))) - 1) + 1
    regime = forward_fill(
        np.where(streak >= dwell_rows, regime_codes, -1), int(state.get("regime", np.int64(REGIME_UNKNOWN)))
    )
    return regime, {"raw": regime_codes[-1:], "streak": np.minimum(streak[-1], dwell_rows), "regime": regime[-1]}


def regime_label(code: int) -> str:
    """What is stored for a regime code."""
    return _SPECIAL_LABELS.get(code, str(code))


def _center_distances(Y: Floats, centres: Floats) -> Floats:
    # One centre at a time: a rows x centres x dims block would be the largest array of all.
    return np.stack([np.sqrt(row_squared_norms(Y - centre)) for centre in centres], axis=1)
