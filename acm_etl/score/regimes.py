"""Operating regimes: clusters of the smoothed leading components, debounced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import forward_fill, row_squared_norms, run_length
from acm_etl.score.arrays import Floats, Ints, StreamState
from acm_etl.score.clusters import fit_clusters
from acm_etl.score.detectors.covariance import compute_moments
from acm_etl.score.detectors.principal_components import fit_principal_components, project_rows

REGIME_UNKNOWN = -2
REGIME_OFF = -3
_SPECIAL_LABELS = {REGIME_UNKNOWN: "unknown", REGIME_OFF: "off"}

_MAX_DIRECTIONS = 3  # distances lose contrast in many dimensions, and silhouettes with them
_BASIS_VARIANCE = 0.95
_MAX_DISTANCE_FACTOR = 1.5  # times the 99.9 % quantile of training distances: beyond it the regime is unknown


@dataclass(frozen=True)
class RegimeClassifier:
    """Cluster centres in the leading components of the smoothed deviations.

    Attributes:
        mean_: Mean of the training rows, d.
        directions_: Leading directions, d by up to 3.
        centres_: Centres, sorted by their coordinates; the row number is the label.
        reach_: Largest distance from the nearest centre at which a row belongs to its regime.
    """

    mean_: Floats
    directions_: Floats
    centres_: Floats
    reach_: Floats

    @classmethod
    def fit(cls, smooth: Floats, params: ScoreParams) -> Self:
        """Fit on smoothed deviations of running rows, n by d."""
        mean, directions, _ = fit_principal_components(compute_moments(smooth), _BASIS_VARIANCE)
        # Contiguous: a product with a slice would copy it at every call.
        directions = np.ascontiguousarray(directions[:, :_MAX_DIRECTIONS])
        Y = project_rows(smooth, mean, directions)
        centres = fit_clusters(Y, params.regimes_max, params.silhouette_min, params.seed)
        # The tiny summand keeps rows at the centre within reach if all training rows are equal.
        reach = _MAX_DISTANCE_FACTOR * np.quantile(_center_distances(Y, centres).min(axis=1), 0.999) + 1e-9
        return cls(mean, directions, centres, np.asarray(reach))

    def nearest_regime(self, smooth: Floats) -> Ints:
        """Return the number of the nearest centre of each row; ``REGIME_UNKNOWN`` if all centres are too far."""
        distance = _center_distances(project_rows(smooth, self.mean_, self.directions_), self.centres_)
        regimes: Ints = np.where(distance.min(axis=1) <= self.reach_, distance.argmin(axis=1), REGIME_UNKNOWN)
        return regimes


def debounce_regimes(regime_codes: Ints, dwell_rows: int, state: StreamState) -> tuple[Ints, StreamState]:
    """Return the debounced regime of each row: the last one that held for ``dwell_rows`` consecutive rows.

    Args:
        regime_codes: Nearest regimes of the running rows, in sequence.
        dwell_rows: Number of consecutive rows before a change of regime is accepted.
        state: State of the previous call, or empty: the regime is ``REGIME_UNKNOWN`` until one has held.

    Returns:
        Debounced regime codes, and the state for the next call.
    """
    if not len(regime_codes):
        return regime_codes, state
    code_before = state.get("raw", regime_codes[:1])
    is_same = np.concatenate([code_before, regime_codes[:-1]]) == regime_codes
    # The first row of a streak differs from the row before it, hence the shift by one.
    streak = run_length(is_same, int(state.get("streak", np.int64(0))) - 1) + 1
    # -1 means "no change" for forward_fill; no regime code has that value.
    accepted = np.where(streak >= dwell_rows, regime_codes, -1)
    regime = forward_fill(accepted, int(state.get("regime", np.int64(REGIME_UNKNOWN))))
    return regime, {"raw": regime_codes[-1:], "streak": np.minimum(streak[-1], dwell_rows), "regime": regime[-1]}


def regime_label(code: int) -> str:
    """Return the label that is stored for a regime code."""
    return _SPECIAL_LABELS.get(code, str(code))


def _center_distances(Y: Floats, centres: Floats) -> Floats:
    # One centre at a time: a block of rows by centres by dimensions would be the largest array of scoring.
    return np.stack([np.sqrt(row_squared_norms(Y - centre)) for centre in centres], axis=1)
