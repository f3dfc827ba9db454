"""Detectors under one contract: a higher score is more abnormal."""

from __future__ import annotations

from acm_etl.config import ScoreParams
from acm_etl.score.detectors.ar1 import Ar1Detector
from acm_etl.score.detectors.base import Detector
from acm_etl.score.detectors.gmm import GmmDetector
from acm_etl.score.detectors.isolation_forest import IsolationForestDetector
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.detectors.mahalanobis import MahalanobisDetector, MewmaDetector
from acm_etl.score.detectors.pca import SpeDetector, T2Detector
from acm_etl.tables.common import DETECTOR_NAMES

_TYPES_BY_NAME: dict[str, type[Detector]] = {
    detector_type.name: detector_type
    for detector_type in (
        Ar1Detector,
        SpeDetector,
        T2Detector,
        MahalanobisDetector,
        IsolationForestDetector,
        GmmDetector,
        OmrDetector,
        MewmaDetector,
    )
}
# DETECTOR_NAMES is the order of the stored columns, whatever the order above.
DETECTOR_TYPES = {name: _TYPES_BY_NAME[name] for name in DETECTOR_NAMES}
"""Classes of the detectors by name, in the order in which they are stored."""


def make_detectors(params: ScoreParams) -> tuple[Detector, ...]:
    """Return the detectors, not yet fitted, in the order in which they are stored."""
    return tuple(detector_type.from_settings(params) for detector_type in DETECTOR_TYPES.values())
