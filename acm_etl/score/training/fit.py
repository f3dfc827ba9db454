"""Fitting the model of one machine: calibrate on blocks held out in turn, then fit on all healthy rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from acm_etl.config import ScoreParams
from acm_etl.errors import InputError, ModelError
from acm_etl.score import inference
from acm_etl.score.array_ops import run_length
from acm_etl.score.arrays import Bools, Floats, Ints
from acm_etl.score.blas_threads import limit_blas_threads
from acm_etl.score.calibrate import POOLED_BELOW_ROWS, StateCalibrator
from acm_etl.score.detectors.base import Detector, DetectorInputs
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.detectors.mahalanobis import MewmaDetector
from acm_etl.score.model import FUSED, DriftScorer, Model, TrainingInfo, make_detectors
from acm_etl.score.prepare.clean import (
    TIME,
    check_times,
    clean_readings,
    require_numeric_tags,
    to_matrix,
    usable_row_mask,
)
from acm_etl.score.prepare.operating_state import OFF, ON, STATE_NAMES, TRANSIENT, StateClassifier
from acm_etl.score.regimes import RegimeClassifier
from acm_etl.score.training import selection
from acm_etl.tables.common import DETECTOR_NAMES

_DRIFT_SPAN_RANGE = (8, 20_000)
_MIN_DRIFT_SPANS = 15.0  # of the slow mean that training must cover, to know which slow changes are normal: a month
_MIN_CONTROL_LIMIT = 0.25  # standard deviations of a residual


def fit(frame: pl.DataFrame, params: ScoreParams | None = None) -> Model:
    """Fits the model of one machine.

    Args:
        frame: ``Timestamp`` (naive UTC, strictly increasing) and one numeric column per tag; nulls, NaN and
            infinities are missing readings.
        params: Settings; the defaults unless given.

    Raises:
        InputError: Times out of order, or a column that is not numeric.
        ModelError: No usable tag, or too few running readings to fit on.
    """
    from acm_etl.score.detectors import sklearn_adapter  # noqa: F401, PLC0415 - loads the libraries that are limited here

    with limit_blas_threads():
        return _fit_model(frame, params or ScoreParams())


@limit_blas_threads()
def count_running_rows(frame: pl.DataFrame, params: ScoreParams | None = None) -> int:
    """How many readings of a training frame are in state on: whether ``fit`` will have enough.

    Args:
        frame: As for ``fit``.
        params: Settings; the defaults unless given.
    """
    params = params or ScoreParams()
    check_times(frame)
    columns = require_numeric_tags(frame)
    X = to_matrix(clean_readings(frame, columns, params.max_abs)[0], columns)
    X = X[:, ~np.isnan(X).all(axis=0)]
    if not X.size or len(X) < 2:
        return 0
    code, _, _ = _fit_state_classifier(X, params, _cadence_seconds(frame)).classify_rows(
        X, usable_row_mask(X, params), {}
    )
    return int((code == ON).sum())


def _fit_model(frame: pl.DataFrame, params: ScoreParams) -> Model:
    check_times(frame)
    columns = require_numeric_tags(frame)
    X, left_out = _drop_empty_tags(to_matrix(clean_readings(frame, columns, params.max_abs)[0], columns), columns)
    seconds = _cadence_seconds(frame)
    states = _fit_state_classifier(X, params, seconds)
    code, anew, _ = states.classify_rows(X, usable_row_mask(X, params), {})
    _require_running_rows(code, params, len(X))
    running = code > OFF
    times = frame[TIME].cast(pl.Datetime("us"))
    training = TrainingInfo(times[0], times[-1], len(X), int((code == ON).sum()), seconds, 0.0)
    return _build_model(
        X[running], (code[running], anew[running]), params, _TrainingContext(columns, left_out, states, training)
    )


class _TrainingContext:
    """What a model says about itself and its machine, gathered before the heads are fitted."""

    def __init__(
        self,
        columns: list[str],
        excluded_tags: dict[str, str],
        state_classifier: StateClassifier,
        training: TrainingInfo,
    ) -> None:
        self.columns = tuple(columns)
        self.excluded_tags = excluded_tags
        self.state_classifier = state_classifier
        self.training = training


def _fit_state_classifier(X: Floats, params: ScoreParams, seconds: float) -> StateClassifier:
    """How a standstill is told, and how long a start lasts."""
    ok = usable_row_mask(X, params)
    states = StateClassifier.fit(X, params)
    running = states.classify_rows(X, ok, {})[0] == ON
    longest = int(np.ceil(params.transient_hours * 3600 / seconds))
    if running.sum() < params.min_train_rows or running[ok].all():
        return states.with_durations(longest, longest)
    every = np.ones(int(running.sum()), dtype=bool)
    Z = selection.fit_deviations(X[running], every, params.clip_z).Z
    _, size = selection.trim_outliers(Z, every, params.trim_share)
    since = run_length(running[ok], longest + 1)[running[ok]]
    return states.with_durations(selection.fit_settling_time(size, since, longest), longest)


def _build_model(X: Floats, row_states: tuple[Ints, Bools], params: ScoreParams, context: _TrainingContext) -> Model:
    """Learns from running readings, their state codes, and which of them begin anew."""
    code = row_states[0]
    scale, mean, precision, Z = selection.fit_deviations(X, code == ON, params.clip_z)
    good, _ = selection.trim_outliers(Z, code == ON, params.trim_share)
    counted = code == ON if selection.is_recurrent((code == ON) & ~good) else good
    rows = replace(inference.build_detector_inputs(Z, row_states, params.rolling_rows, {})[0], settled=counted)
    span = int(np.clip(params.drift_hours * 3600 / context.training.seconds, *_DRIFT_SPAN_RANGE))
    calibration = _CalibrationFitter(counted | (code == TRANSIENT), code, params)
    found, slow = _score_out_of_fold(rows, good, span, params)
    calibrations = calibration.fit_calibrations(found)
    heads = tuple(head.fit(rows.select_rows(good)) for head in make_detectors(params))
    smooth = {head.name: head.score(rows, {}) for head in heads if isinstance(head, MewmaDetector)}
    return Model(
        columns=context.columns,
        excluded_tags=context.excluded_tags,
        params=params,
        scaler=scale,
        state_classifier=context.state_classifier,
        imputation_mean=mean,
        imputation_precision=precision,
        detectors=heads,
        calibrations=calibrations,
        regime_classifier=RegimeClassifier.fit(inference.mewma_deviations(smooth)[good], params),
        drift_scorer=_fit_drift_scorer(slow[good], span, context.training, params),
        training=replace(context.training, trimmed=float(1 - good.sum() / (code == ON).sum())),
        calibration_summary=calibration.build_summary(heads, Z),
    )


def _fit_drift_scorer(residual_means: Floats, span: int, training: TrainingInfo, params: ScoreParams) -> DriftScorer:
    """How far the slow means reach, wider where training covers little; endlessly far where it covers too little."""
    spans = (training.end - training.start).total_seconds() / (params.drift_hours * 3600)
    if spans < _MIN_DRIFT_SPANS:
        return DriftScorer(span, np.full(residual_means.shape[1], np.inf))
    return DriftScorer(
        span, (1 + (_MIN_DRIFT_SPANS / spans) ** 2) * np.maximum(np.abs(residual_means).max(axis=0), _MIN_CONTROL_LIMIT)
    )


def _score_out_of_fold(
    rows: DetectorInputs, good: Bools, span: int, params: ScoreParams
) -> tuple[dict[str, Floats], Floats]:
    """Raw scores and slow residuals of every row by heads that were fitted without the block of rows around it."""
    found = {name: np.empty(len(good)) for name in DETECTOR_NAMES}
    slow = np.empty(rows.Z.shape)
    block = (np.cumsum(good) - 1).clip(0) * params.folds // max(int(good.sum()), 1)
    for number in range(params.folds):
        own = block == number
        fitted, wanted = rows.select_rows(good & ~own), rows.select_rows(own)
        for head in make_detectors(params):  # one at a time: what a head says of every row and tag is large
            if head.fit(fitted).is_stateful:
                score = head.score(rows, {})
                found[head.name][own] = score.raw[own]
                if isinstance(head, OmrDetector):
                    residuals = inference.omr_residuals({head.name: score})
                    slow[own] = inference.smooth_residuals(residuals, rows, span, {})[0][own]
            else:  # a row's score rests on nothing but that row
                found[head.name][own] = head.score(wanted, {}).raw
    return found, slow


class _CalibrationFitter:
    """Calibration on scores by heads that had not seen the row, first each head, then their fusion.

    Args:
        rows: Rows to calibrate on.
        code: State codes of all running rows.
        params: Settings.
    """

    def __init__(self, rows: Bools, code: Ints, params: ScoreParams) -> None:
        self.rows = rows
        self.code = code
        self.params = params
        self.z: dict[str, Floats] = {}
        self.calibrations: dict[str, StateCalibrator] = {}

    def fit_calibrations(self, raw: dict[str, Floats]) -> dict[str, StateCalibrator]:
        """One calibration per head, and that of their fusion."""
        for name in DETECTOR_NAMES:
            self._fit_calibration(name, raw[name])
        sizes = np.stack([self.calibrations[name].effect_size(raw[name], self.code) for name in DETECTOR_NAMES], axis=1)
        self._fit_calibration(FUSED, inference.fuse_effect_sizes(sizes, self.params))
        return self.calibrations

    def _fit_calibration(self, name: str, raw: Floats) -> None:
        self.calibrations[name] = StateCalibrator.fit(raw[self.rows], self.code[self.rows])
        self.z[name] = self.calibrations[name].transform(raw, self.code)

    def build_summary(self, detectors: tuple[Detector, ...], Z: Floats) -> list[dict[str, Any]]:
        """Rows of ACM_CalibrationSummary but for the model version."""
        saturated = {state: self._saturation_pct(Z, state) for state in (TRANSIENT, ON)}
        condition = {head.name: float(vars(head)["condition_"]) for head in detectors if head.name == "mhal_z"}
        return [
            self._summary_row(name, state) | {"SaturationPct": saturated[state], "MahalCondNum": condition.get(name)}
            for name in (*DETECTOR_NAMES, FUSED)
            for state in (TRANSIENT, ON)
        ]

    def _summary_row(self, name: str, state: int) -> dict[str, Any]:
        z = self.z[name][self.rows & (self.code == state)]
        return {
            "DetectorType": name,
            "OperatingState": STATE_NAMES[state],
            "CalibrationRows": len(z),
            "Pooled": len(z) < POOLED_BELOW_ROWS,
            "MeanZ": float(z.mean()) if len(z) else None,
            "StdZ": float(z.std()) if len(z) else None,
            "P95Z": float(np.quantile(z, 0.95)) if len(z) else None,
            "P99Z": float(np.quantile(z, 0.99)) if len(z) else None,
            "ClipZ": self.params.clip_z,
        }

    def _saturation_pct(self, Z: Floats, state: int) -> float | None:
        cells = Z[self.rows & (self.code == state)]
        return float(100 * (np.abs(cells) >= self.params.clip_z).mean()) if len(cells) else None


def _drop_empty_tags(X: Floats, columns: list[str]) -> tuple[Floats, dict[str, str]]:
    empty: Bools = np.asarray(np.isnan(X).all(axis=0))
    if empty.all():
        message = f"none of the {len(columns)} tags has a usable reading in training; check the tags or the period"
        raise ModelError(message)
    reasons = {tag: "no usable reading in training" for tag, none in zip(columns, empty.tolist(), strict=True) if none}
    return X[:, ~empty], reasons


def _require_running_rows(code: Ints, params: ScoreParams, rows: int) -> None:
    running = int((code == ON).sum())
    if running < params.min_train_rows:
        message = (
            f"{running} of {rows} training readings are usable and running, {params.min_train_rows} are needed; "
            "lengthen the training period"
        )
        raise ModelError(message)


def _cadence_seconds(frame: pl.DataFrame) -> float:
    """Median seconds between readings."""
    steps = frame[TIME].cast(pl.Datetime("us")).diff().dt.total_microseconds().drop_nulls().median()
    if not isinstance(steps, float):
        message = "a single training reading has no cadence"
        raise InputError(message)
    return max(steps / 1e6, 1e-3)
