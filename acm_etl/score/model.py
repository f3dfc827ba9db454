"""The model of a machine and the state that scoring carries: plain arrays and one JSON header each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self

from acm_etl.config import ScoreParams
from acm_etl.errors import ModelError
from acm_etl.score.arrays import Array, Floats, StreamState, add_scope, get_scope, pack_arrays, unpack_arrays
from acm_etl.score.calibrate import StateCalibrator
from acm_etl.score.detectors.ar1 import Ar1Detector
from acm_etl.score.detectors.base import Detector
from acm_etl.score.detectors.gmm import GmmDetector
from acm_etl.score.detectors.isolation_forest import IsolationForestDetector
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.detectors.mahalanobis import MahalanobisDetector, MewmaDetector
from acm_etl.score.detectors.pca import SpeDetector, T2Detector
from acm_etl.score.prepare.operating_state import StateClassifier
from acm_etl.score.prepare.scale import RobustScaler
from acm_etl.score.regimes import RegimeClassifier
from acm_etl.tables.common import DETECTOR_NAMES

FORMAT_VERSION = 3
FUSED = "fused"
DETECTOR_TYPES: dict[str, type[Detector]] = {
    head.name: head
    for head in (
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
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - all times here are naive UTC


def make_detectors(params: ScoreParams) -> tuple[Detector, ...]:
    """The heads, not yet fitted, in the order in which they are stored."""
    made: tuple[Detector, ...] = (
        Ar1Detector(rows=params.ar1_rows),
        SpeDetector(variance=params.pca_variance),
        T2Detector(variance=params.pca_variance),
        MahalanobisDetector(),
        IsolationForestDetector(trees=params.forest_trees, samples=params.forest_samples, seed=params.seed),
        GmmDetector(parts=params.mixture_components, dims=params.mixture_dims, seed=params.seed),
        OmrDetector(rows=params.ar1_rows),
        MewmaDetector(weight=params.ewma),
    )
    by_name = {head.name: head for head in made}
    return tuple(by_name[name] for name in DETECTOR_NAMES)


CONTROL_LIMIT_Z = 1.75
"""z of the slow path where it is as far from zero as it ever was on healthy rows."""
_FUSED_PER_DRIFT_Z = 3.0 / (
    3.09 - CONTROL_LIMIT_Z
)  # a drift that is called critical has the fused z that alarms by lasting


@dataclass(frozen=True)
class DriftScorer:
    """How far the slow means of the leave-one-out residuals go on healthy rows.

    Attributes:
        span: Rows of the exponential mean.
        control_limit: Largest magnitude per tag on healthy rows that were not fitted, floored.
    """

    span: int
    control_limit: Floats

    def transform(self, smooth_residuals: Floats) -> Floats:
        """How far each tag goes against its own reach, as signed z."""
        result: Floats = smooth_residuals * (CONTROL_LIMIT_Z / self.control_limit)
        return result

    @staticmethod
    def drift_floor(drift_z: Floats) -> Floats:
        """What the slow path asks of the fused z: nothing within its reach, 3.0 at 1.8 times its reach."""
        result: Floats = _FUSED_PER_DRIFT_Z * (drift_z - CONTROL_LIMIT_Z)
        return result


@dataclass(frozen=True)
class TrainingInfo:
    """What the model was made from.

    Attributes:
        start: First reading, UTC.
        end: Last reading, UTC.
        rows: Readings.
        running_rows: Readings in state on, fitted or calibrated on.
        seconds: Median time between readings.
        trimmed: Share of the running readings that was left out as grossly abnormal.
    """

    start: datetime
    end: datetime
    rows: int
    running_rows: int
    seconds: float
    trimmed: float


@dataclass(frozen=True)
class Model:
    """Everything learned about one machine.

    Attributes:
        columns: Tags of the training frame, in its order.
        excluded_tags: Why a tag is not scored, by tag.
        params: Settings it was fitted with.
        scaler: Centre and scale of the scored tags.
        state_classifier: How a standstill is told.
        imputation_mean: Mean deviation per scored tag.
        imputation_precision: Inverse covariance of the deviations.
        detectors: Detector heads, in stored order.
        calibrations: By head name, and ``fused``.
        regime_classifier: Operating regimes.
        drift_scorer: Slow mean.
        training: What it was made from.
        calibration_summary: How each calibrated score behaves, rows of ACM_CalibrationSummary but for the model version.
    """

    columns: tuple[str, ...]
    excluded_tags: dict[str, str]
    params: ScoreParams
    scaler: RobustScaler
    state_classifier: StateClassifier
    imputation_mean: Floats
    imputation_precision: Floats
    detectors: tuple[Detector, ...]
    calibrations: dict[str, StateCalibrator]
    regime_classifier: RegimeClassifier
    drift_scorer: DriftScorer
    training: TrainingInfo
    calibration_summary: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Tags that are scored, in order."""
        return tuple(tag for tag in self.columns if tag not in self.excluded_tags)

    @property
    def sustained_z(self) -> float:
        """Fused z that alarms by lasting: what training can vouch for, where that is less than the setting."""
        return min(self.params.sustained_z, self.calibrations[FUSED].max_supported_z)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes, 64 hex digits."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """The model as arrays without pickle; equal models give equal bytes."""
        header = {
            "kind": "model",
            "format": FORMAT_VERSION,
            "columns": self.columns,
            "left_out": self.excluded_tags,
            "params": self.params.to_stored(),
            "heads": {head.name: head.get_params() for head in self.detectors},
            "drift": {"span": self.drift_scorer.span},
            "training": vars(self.training) | {name: _to_us(vars(self.training)[name]) for name in ("start", "end")},
            "summary": self.calibration_summary,
        }
        return pack_arrays(header, self._to_arrays())

    def _to_arrays(self) -> dict[str, Array]:
        arrays: dict[str, Array] = {"fill/mean": self.imputation_mean, "fill/precision": self.imputation_precision}
        arrays["drift/reach"] = self.drift_scorer.control_limit
        for name, part in (
            ("scale", self.scaler),
            ("states", self.state_classifier),
            ("regimes", self.regime_classifier),
        ):
            arrays |= add_scope(name, vars(part))
        for head in self.detectors:
            arrays |= add_scope(f"head/{head.name}", head.to_arrays())
        for name, calibration in self.calibrations.items():
            arrays |= add_scope(f"calibration/{name}", calibration.to_arrays())
        return arrays

    @classmethod
    def from_bytes(cls, blob: bytes) -> Self:
        """The model that ``to_bytes`` wrote; it scores bit-identically.

        Raises:
            ModelError: The bytes are damaged, foreign, or of another format.
        """
        header, arrays = unpack_arrays(blob, "model")
        _check_format(header)
        try:
            return cls._from_arrays(header, arrays)
        except (KeyError, TypeError, ValueError) as error:
            message = f"the stored model is incomplete: {error!r}; fit it anew"
            raise ModelError(message) from error

    @classmethod
    def _from_arrays(cls, header: dict[str, Any], arrays: dict[str, Array]) -> Self:
        training = header["training"]
        heads = tuple(
            DETECTOR_TYPES[name].from_arrays(header["heads"][name], get_scope(f"head/{name}", arrays))
            for name in DETECTOR_NAMES
        )
        return cls(
            columns=tuple(header["columns"]),
            excluded_tags=header["left_out"],
            params=ScoreParams.model_validate(header["params"]),
            scaler=RobustScaler(**get_scope("scale", arrays)),
            state_classifier=StateClassifier(**get_scope("states", arrays)),
            imputation_mean=arrays["fill/mean"],
            imputation_precision=arrays["fill/precision"],
            detectors=heads,
            calibrations={
                name: StateCalibrator.from_arrays(get_scope(f"calibration/{name}", arrays))
                for name in (*DETECTOR_NAMES, FUSED)
            },
            regime_classifier=RegimeClassifier(**get_scope("regimes", arrays)),
            drift_scorer=DriftScorer(header["drift"]["span"], arrays["drift/reach"]),
            training=TrainingInfo(**training | {name: _from_us(training[name]) for name in ("start", "end")}),
            calibration_summary=header["summary"],
        )


@dataclass(frozen=True)
class ScoringState:
    """What the next call of ``score`` continues from.

    Attributes:
        model_fingerprint: Of the model it belongs to.
        last_time: Time of the last row, UTC; None before the first.
        arrays: Arrays of all stages, by ``stage/name``.
    """

    model_fingerprint: str
    last_time: datetime | None = None
    arrays: StreamState = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The state as arrays without pickle; equal states give equal bytes."""
        last = None if self.last_time is None else _to_us(self.last_time)
        header = {"kind": "state", "format": FORMAT_VERSION, "fingerprint": self.model_fingerprint, "last": last}
        return pack_arrays(header, self.arrays)

    @classmethod
    def from_bytes(cls, blob: bytes) -> Self:
        """The state that ``to_bytes`` wrote.

        Raises:
            ModelError: The bytes are damaged, foreign, or of another format.
        """
        header, arrays = unpack_arrays(blob, "state")
        _check_format(header)
        last = header.get("last")
        return cls(str(header.get("fingerprint")), None if last is None else _from_us(last), arrays)


def _check_format(header: dict[str, Any]) -> None:
    if header.get("format") != FORMAT_VERSION:
        message = f"the stored {header['kind']} has format {header.get('format')}, this version reads {FORMAT_VERSION}"
        raise ModelError(message)


def _to_us(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)


def _from_us(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
