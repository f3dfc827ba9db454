"""The model of a machine: everything fitted on its training period, as plain arrays and one JSON header."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Self, TypedDict

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.errors import ModelError
from acm_etl.score.arrays import (
    FORMAT_VERSION,
    Array,
    Floats,
    add_scope,
    datetime_to_us,
    get_scope,
    pack_arrays,
    unpack_arrays,
    us_to_datetime,
)
from acm_etl.score.calibrate import StateCalibrator
from acm_etl.score.detectors import DETECTOR_TYPES
from acm_etl.score.detectors.base import Detector
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.drift import DriftScorer
from acm_etl.score.events.alarm import LONG_RUN, RunLevel
from acm_etl.score.level import LevelTracker
from acm_etl.score.operating_range import OperatingRange
from acm_etl.score.prepare.context import ContextRanges
from acm_etl.score.prepare.operating_state import StateClassifier
from acm_etl.score.prepare.scale import RobustScaler
from acm_etl.score.prepare.sensor_faults import SensorFaultClassifier
from acm_etl.score.regimes import RegimeClassifier
from acm_etl.score.standstill import StandstillModel
from acm_etl.score.standstill_limits import StandstillLimits
from acm_etl.score.standstill_scorer import StandstillScorer
from acm_etl.tables.common import DETECTOR_NAMES

FUSED = "fused"


class CalibrationSummaryRow(TypedDict):
    """A row of ACM_CalibrationSummary without the model version; a dictionary, as the model stores it as JSON."""

    DetectorType: str
    OperatingState: str
    CalibrationRows: int
    Pooled: bool
    MeanZ: float | None
    StdZ: float | None
    P95Z: float | None
    P99Z: float | None
    ClipZ: float
    SaturationPct: float | None
    MahalCondNum: float | None
    TailFoldPct: float | None
    TailFoldStart: int | None  # times in microseconds since 1970: JSON has no times
    TailFoldEnd: int | None
    LeftOutStart: int | None
    LeftOutEnd: int | None


def read_weights(params: ScoreParams) -> Floats:
    """Return the weights of the settings in stored order, 8."""
    # A missing name means weight 0, so old settings stay valid if a detector is added.
    return np.array([params.weights.get(name, 0.0) for name in DETECTOR_NAMES])


@dataclass(frozen=True)
class TrainingInfo:
    """Facts about the training period.

    Attributes:
        start: First reading, UTC.
        end: Last reading, UTC.
        rows: Number of readings.
        running_rows: Number of readings in state on.
        seconds: Median time between readings, seconds.
        trimmed: Share (0..1) of the readings in state on that were dropped as gross outliers.
    """

    start: datetime
    end: datetime
    rows: int
    running_rows: int
    seconds: float
    trimmed: float


@dataclass(frozen=True)
class Model:
    """Everything fitted for one machine.

    Attributes:
        columns: Tags of the training frame, in its order.
        excluded_tags: Reason by tag, for tags that are not scored.
        params: Settings of the fit.
        scaler: Centre and scale of the scored tags.
        state_classifier: Voting tags and idle levels.
        fault_classifier: What each sensor reads while it works.
        imputation_mean: Mean deviation per scored tag.
        imputation_precision: Inverse covariance of the deviations.
        detectors: Fitted detectors, in stored order.
        fusion_weights: Weight of each detector in the fused score, in stored order, 8.
        calibrations: Calibrators by detector name, and that of ``fused``.
        regime_classifier: Centres of the operating regimes.
        drift_scorer: Control limits of the drift monitor.
        operating_range: Slow operating points of training, outside of which these limits are wider.
        level_tracker: Level of the fused score that training explains.
        run_level: Fused z and length of the runs of readings that start an alarm; none for models of earlier versions.
        excursion_limit: Highest run of Mahalanobis distances in training, robust deviations; infinite for models of
            earlier versions.
        standstill: Level and spread of the tags while the machine is off, or only limits where training has few
            standstills; None without any.
        training: Facts about the training period.
        calibration_summary: Rows of ACM_CalibrationSummary without the model version.
        stored_digest: Fingerprint of the bytes that the model was restored from; None if it was fitted.
    """

    columns: tuple[str, ...]
    excluded_tags: dict[str, str]
    params: ScoreParams
    scaler: RobustScaler
    state_classifier: StateClassifier
    fault_classifier: SensorFaultClassifier
    context_ranges: ContextRanges
    imputation_mean: Floats
    imputation_precision: Floats
    detectors: tuple[Detector, ...]
    fusion_weights: Floats
    calibrations: dict[str, StateCalibrator]
    regime_classifier: RegimeClassifier
    drift_scorer: DriftScorer
    operating_range: OperatingRange
    level_tracker: LevelTracker
    run_level: RunLevel
    excursion_limit: float
    standstill: StandstillScorer | None
    training: TrainingInfo
    calibration_summary: list[CalibrationSummaryRow] = field(default_factory=list)
    stored_digest: str | None = field(default=None, compare=False)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Scored tags, in order."""
        return tuple(tag for tag in self.columns if tag not in self.excluded_tags)

    @cached_property
    def sustained_z(self) -> float:
        """Sustained-alarm threshold: the setting, or the largest z that the calibration supports if that is lower."""
        # A threshold beyond what calibration rows reached rests on extrapolation alone and could not be relied on.
        return min(self.params.sustained_z, self.calibrations[FUSED].max_supported_z)

    @cached_property
    def residual_spread(self) -> Floats:
        """Spread of the leave-one-out residual of each tag in training, robust standard deviations, d."""
        return next(detector.residual_spread for detector in self.detectors if isinstance(detector, OmrDetector))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes of the model, 64 hex digits."""
        # Cached: every call of score compares it with that of the state, and serialising takes milliseconds. A stored
        # model keeps the name that its states know it by, although this version may serialise it with more parts.
        return self.stored_digest or _hash_bytes(self.to_bytes())

    def to_bytes(self) -> bytes:
        """Serialise the model; equal models give equal bytes."""
        # Stored names are older than those of the attributes and stay, so that stored models remain readable.
        header = {
            "kind": "model",
            "format": FORMAT_VERSION,
            "columns": self.columns,
            "left_out": self.excluded_tags,
            "params": self.params.to_stored(),
            "heads": {detector.name: detector.get_params() for detector in self.detectors},
            "drift": {"span": self.drift_scorer.span},
            "training": vars(self.training)
            | {name: datetime_to_us(vars(self.training)[name]) for name in ("start", "end")},
            "summary": self.calibration_summary,
        }
        return pack_arrays(header, self._to_arrays())

    def _to_arrays(self) -> dict[str, Array]:
        arrays: dict[str, Array] = {"fill/mean": self.imputation_mean, "fill/precision": self.imputation_precision}
        # Parts without settings are stored attribute by attribute; detectors and calibrators choose their arrays.
        arrays["fusion/weights"] = self.fusion_weights
        arrays["drift/reach"] = self.drift_scorer.control_limit
        arrays["alarm/run_z"], arrays["alarm/run_rows"] = map(np.array, self.run_level)
        arrays["alarm/excursion_limit"] = np.array(self.excursion_limit)
        for scope, part in (
            ("level", self.level_tracker),
            ("operating", self.operating_range),
            ("scale", self.scaler),
            ("states", self.state_classifier),
            ("faults", self.fault_classifier),
            ("context", self.context_ranges),
            ("regimes", self.regime_classifier),
        ):
            arrays |= add_scope(scope, vars(part))
        if self.standstill:
            arrays |= add_scope(self.standstill.scope, self.standstill.to_arrays())
        for detector in self.detectors:
            arrays |= add_scope(f"head/{detector.name}", detector.to_arrays())
        for name, calibration in self.calibrations.items():
            arrays |= add_scope(f"calibration/{name}", calibration.to_arrays())
        return arrays

    @classmethod
    def from_bytes(cls, blob: bytes) -> Self:
        """Restore the model from ``to_bytes``; its scores are bit-identical.

        Raises:
            ModelError: The bytes are damaged, incomplete, of a foreign format or of another version.
        """
        header, arrays = unpack_arrays(blob, "model")
        try:
            return replace(cls._from_arrays(header, arrays), stored_digest=_hash_bytes(blob))
        except (KeyError, TypeError, ValueError) as error:
            # The digest matched, so another version of acm_etl wrote these bytes under the same format number.
            message = f"the stored model is incomplete: {error!r}; fit a new model"
            raise ModelError(message) from error

    @classmethod
    def _from_arrays(cls, header: dict[str, Any], arrays: dict[str, Array]) -> Self:
        training = header["training"]
        detectors = tuple(
            detector_type.from_arrays(header["heads"][name], get_scope(f"head/{name}", arrays))
            for name, detector_type in DETECTOR_TYPES.items()
        )
        scaler = RobustScaler(**get_scope("scale", arrays))
        # ScoreParams accepts the names that settings had when the model was stored.
        params = ScoreParams.model_validate(header["params"])
        return cls(
            columns=tuple(header["columns"]),
            excluded_tags=header["left_out"],
            params=params,
            scaler=scaler,
            state_classifier=StateClassifier(**get_scope("states", arrays)),
            fault_classifier=SensorFaultClassifier.from_arrays(get_scope("faults", arrays), len(scaler.scale_)),
            context_ranges=ContextRanges.from_arrays(get_scope("context", arrays)),
            imputation_mean=arrays["fill/mean"],
            imputation_precision=arrays["fill/precision"],
            detectors=detectors,
            # Earlier models were calibrated with the weights of the settings, whatever the number of tags.
            fusion_weights=arrays.get("fusion/weights", read_weights(params)),
            calibrations={
                name: StateCalibrator.from_arrays(get_scope(f"calibration/{name}", arrays))
                for name in (*DETECTOR_NAMES, FUSED)
            },
            regime_classifier=RegimeClassifier(**get_scope("regimes", arrays)),
            drift_scorer=DriftScorer(header["drift"]["span"], arrays["drift/reach"]),
            operating_range=OperatingRange.from_arrays(get_scope("operating", arrays), len(scaler.scale_)),
            level_tracker=LevelTracker.from_arrays(get_scope("level", arrays), header["drift"]["span"]),
            run_level=RunLevel(
                float(arrays.get("alarm/run_z", np.inf)),
                # Earlier models have long runs only.
                int(arrays.get("alarm/run_rows", LONG_RUN * params.sustained_rows)),
            ),
            excursion_limit=float(arrays.get("alarm/excursion_limit", np.inf)),
            standstill=StandstillModel.from_arrays(get_scope(StandstillModel.scope, arrays), params)
            or StandstillLimits.from_arrays(get_scope(StandstillLimits.scope, arrays)),
            training=TrainingInfo(**training | {name: us_to_datetime(training[name]) for name in ("start", "end")}),
            calibration_summary=header["summary"],
        )


def _hash_bytes(blob: bytes) -> str:
    return hashlib.sha256(blob).hexdigest()
