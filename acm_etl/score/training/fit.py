"""Fit of the model of one machine: calibrate by cross-validation, then fit the detectors on all healthy rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from acm_etl.config import ScoreParams
from acm_etl.errors import InputError, ModelError
from acm_etl.score import inference, kernels
from acm_etl.score.array_ops import run_length
from acm_etl.score.arrays import Bools, Floats, Ints
from acm_etl.score.blas_threads import limit_blas_threads
from acm_etl.score.detectors import make_detectors
from acm_etl.score.detectors.base import Detector, DetectorInputs
from acm_etl.score.detectors.mahalanobis import MewmaDetector
from acm_etl.score.drift import DriftScorer, drift_span_rows, shows_slow_changes
from acm_etl.score.level import LevelTracker
from acm_etl.score.model import CalibrationSummaryRow, Model, TrainingInfo
from acm_etl.score.operating_range import OperatingRange
from acm_etl.score.prepare.clean import (
    TIME,
    check_times,
    clean_readings,
    require_numeric_tags,
    to_matrix,
    usable_row_mask,
)
from acm_etl.score.prepare.context import ContextRanges
from acm_etl.score.prepare.operating_state import OFF, ON, TRANSIENT, RowStates, StateClassifier
from acm_etl.score.prepare.sensor_faults import SensorFaultClassifier
from acm_etl.score.regimes import RegimeClassifier
from acm_etl.score.standstill import StandstillModel
from acm_etl.score.standstill_limits import StandstillLimits
from acm_etl.score.standstill_scorer import StandstillScorer
from acm_etl.score.summaries.models import calibration_summary_rows
from acm_etl.score.training import selection
from acm_etl.score.training.block_sample import BlockSample
from acm_etl.score.training.cross_validation import Calibration, OutOfFoldScores, fit_calibration, score_out_of_fold
from acm_etl.score.training.fold_report import CalibrationFolds
from acm_etl.score.training.run_level import fit_excursion_limit, fit_run_level
from acm_etl.score.training.weights import count_independent_rows, select_weights


@dataclass(frozen=True)
class OperatingStates:
    """Operating states of training readings, found before the readings are known to be enough.

    Attributes:
        running_rows: Number of readings in state on, to compare with the minimum that ``fit`` needs.
        classifier: The classifier that was fitted on the readings; None if there are too few for one.
    """

    running_rows: int
    classifier: StateClassifier | None


@limit_blas_threads()
def fit(
    frame: pl.DataFrame,
    params: ScoreParams | None = None,
    *,
    sample: BlockSample | None = None,
    states: OperatingStates | None = None,
) -> Model:
    """Fit the model of one machine.

    Args:
        frame: ``Timestamp`` (naive UTC, strictly increasing) and one numeric column per tag; nulls, NaN and
            infinities are missing readings.
        params: Settings; the defaults if None.
        sample: Blocks of the frame, if it is a sample of a longer period.
        states: Result of ``find_operating_states`` for the same frame and settings, if the caller has it.

    Raises:
        InputError: Times are out of order, or a column is not numeric.
        ModelError: No tag has a usable reading, or there are too few running readings.
    """
    params = params or ScoreParams()
    return _build_model(_prepare_training(frame, params, sample, states), params)


@limit_blas_threads()
def find_operating_states(frame: pl.DataFrame, params: ScoreParams | None = None) -> OperatingStates:
    """Fit the classifier of operating states, and count the readings in state on.

    Args:
        frame: As for ``fit``.
        params: Settings; the defaults if None.
    """
    params = params or ScoreParams()
    check_times(frame)
    columns = require_numeric_tags(frame)
    X = to_matrix(clean_readings(frame, columns, params.max_abs)[0], columns)
    # fit raises for empty periods; here they are a normal answer while a coldstart waits for data.
    X = X[:, ~np.isnan(X).all(axis=0)]
    if not X.size or len(X) < 2:
        return OperatingStates(0, None)
    classifier = _fit_state_classifier(X, params, _cadence_seconds(frame))
    codes, _, _ = classifier.classify_rows(X, usable_row_mask(X, params), {})
    return OperatingStates(int((codes == ON).sum()), classifier)


@dataclass(frozen=True)
class _TrainingData:
    """Running readings and the facts that are known before the detectors are fitted.

    Attributes:
        columns: Tags of the training frame.
        excluded_tags: Reason by tag, for tags that are not scored.
        state_classifier: Fitted classifier of operating states.
        info: Facts about the training period.
        X: Running readings, n rows by d tags, NaN where missing.
        row_states: Their operating states and times.
        standstill: What the tags read while the machine is off, as far as training shows it.
        joint_rows: Rows just after a joint of two blocks of a sample, which are neither fitted nor calibrated on.
        drift_span: Span of the drift monitor in rows of ``X``.
    """

    columns: tuple[str, ...]
    excluded_tags: dict[str, str]
    state_classifier: StateClassifier
    info: TrainingInfo
    X: Floats
    row_states: RowStates
    standstill: StandstillScorer | None
    joint_rows: Bools
    drift_span: int


def _prepare_training(
    frame: pl.DataFrame, params: ScoreParams, sample: BlockSample | None, states: OperatingStates | None
) -> _TrainingData:
    """Select the running readings; the cleaned copies of the frame are released before the detectors are fitted."""
    check_times(frame)
    columns = require_numeric_tags(frame)
    cleaned, _ = clean_readings(frame, columns, params.max_abs)
    X, excluded_tags = _drop_empty_tags(to_matrix(cleaned, columns), columns)
    kernels.request_kernels(X.size)
    cadence_seconds = _cadence_seconds(frame)
    classifier = (states and states.classifier) or _fit_state_classifier(X, params, cadence_seconds)
    usable = usable_row_mask(X, params)
    codes, after_long_stop, _ = classifier.classify_rows(X, usable, {})
    classifier = classifier.with_lost_rows(X[usable], codes[usable])
    _require_running_rows(codes, params, len(X))
    running = codes > OFF
    times = frame[TIME].cast(pl.Datetime("us"))
    span = drift_span_rows(params, cadence_seconds)
    # The memory of a row of a new block is that of the block before, and its rolling windows hold rows of both: such
    # rows would look abnormal, and widen every calibrated tail.
    time_us = times.to_physical().to_numpy()[running]
    joints = sample.find_joint_rows(time_us, params.rolling_rows) if sample else None
    info = TrainingInfo(times[0], times[-1], len(X), int((codes == ON).sum()), cadence_seconds, trimmed=0.0)
    # The monitor averages over hours: a sample has fewer rows in them. With the span of the period it would average
    # over days, and its control limit would be too low.
    span = sample.shorten_span(span) if sample else span
    return _TrainingData(
        columns=tuple(columns),
        excluded_tags=excluded_tags,
        state_classifier=classifier,
        info=info,
        X=X[running],
        row_states=RowStates(codes[running], after_long_stop[running], time_us, np.zeros(X[running].shape, dtype=bool)),
        standstill=StandstillModel.fit(
            X[usable],
            codes[usable],
            params,
            drift_span=span,
            shows_seasons=shows_slow_changes(_covered_spans(info, params)),
        )
        or StandstillLimits.fit(
            X[usable],
            codes[usable],
            classifier.level_,
            [tag for tag in columns if tag not in excluded_tags],
            params=params,
            cadence_seconds=cadence_seconds,
        ),
        joint_rows=np.zeros(int(running.sum()), dtype=bool) if joints is None else joints,
        drift_span=span,
    )


def _fit_state_classifier(X: Floats, params: ScoreParams, cadence_seconds: float) -> StateClassifier:
    """Fit the voting tags, then the settling time after a start."""
    usable = usable_row_mask(X, params)
    classifier = StateClassifier.fit(X, params, cadence_seconds=cadence_seconds)
    running = classifier.classify_rows(X, usable, {})[0] == ON
    max_settle_rows = int(np.ceil(params.transient_hours * 3600 / cadence_seconds))
    # Without a standstill, or with few rows, there is no start to learn a settling time from.
    if running.sum() < params.min_train_rows or running[usable].all():
        return classifier.with_durations(max_settle_rows, max_settle_rows)
    all_rows = np.ones(int(running.sum()), dtype=bool)
    Z = selection.fit_deviations(X[running], all_rows, params.clip_z).Z
    _, log_distance = selection.trim_outliers(Z, all_rows, params.trim_share)
    rows_since_start = run_length(running[usable], max_settle_rows + 1)[running[usable]]
    settle_rows = selection.fit_settling_time(log_distance, rows_since_start, max_settle_rows)
    return classifier.with_durations(settle_rows, max_settle_rows)


@dataclass(frozen=True)
class _SelectedRows:
    """Running readings by the part that they take in the fit.

    Attributes:
        deviations: Deviations of all running readings from the training centre.
        inputs: The same as input of the detectors.
        train_rows: Rows that the detectors are fitted on.
        settled_rows: Rows in state on that scores are calibrated on: with outliers, if these recur.
        recurs: Whether outliers recur often enough to be normal operation.
        trimmed: Share (0..1) of the rows in state on that the detectors are not fitted on.
    """

    deviations: selection.FittedDeviations
    inputs: DetectorInputs
    train_rows: Bools
    settled_rows: Bools
    recurs: bool
    trimmed: float

    @cached_property
    def train_inputs(self) -> DetectorInputs:
        """Input of the detectors that they are fitted on: one copy for all of them, which share its moments."""
        return self.inputs.select_rows(self.train_rows)


def _select_rows(data: _TrainingData, params: ScoreParams) -> _SelectedRows:
    is_on = (data.row_states.codes == ON) & ~data.joint_rows
    # Centre and scale come from state on only: transient rows would shift the medians of machines that often start.
    deviations = selection.fit_deviations(data.X, is_on, params.clip_z)
    train_rows, _ = selection.trim_outliers(deviations.Z, is_on, params.trim_share)
    # Recurring outliers are normal operation: they are not fitted, but they count in how rare a score is.
    recurs = selection.is_recurrent(is_on & ~train_rows)
    settled = is_on if recurs else train_rows
    inputs, _ = inference.build_detector_inputs(
        deviations.Z, data.row_states, params.rolling_rows, {}, cadence_seconds=data.info.seconds
    )
    trimmed = float(1 - train_rows.sum() / is_on.sum())
    return _SelectedRows(deviations, replace(inputs, settled=settled), train_rows, settled, recurs, trimmed)


@dataclass(frozen=True)
class _CalibratedScores:
    """Out-of-fold scores of the running readings, and what is calibrated on them.

    Attributes:
        out_of_fold: The scores, each by detectors that were not fitted on the row.
        fusion_weights: Weight of each detector in the fused score, in stored order.
        calibration: Calibrators, and the scores as z.
        rows: Rows that were calibrated on.
        known_rows: Those of them that the final detectors are fitted on.
        fold_of_row: Fold of each row, from 0.
    """

    out_of_fold: OutOfFoldScores
    fusion_weights: Floats
    calibration: Calibration
    rows: Bools
    known_rows: Bools
    fold_of_row: Ints


def _calibrate_scores(data: _TrainingData, selected: _SelectedRows, params: ScoreParams) -> _CalibratedScores:
    # The final detectors have seen all rows and score them too low: calibrate on out-of-fold scores.
    out_of_fold = score_out_of_fold(selected.inputs, selected.train_rows, data.drift_span, params)
    is_comparable = ~out_of_fold.is_extrapolated
    codes = data.row_states.codes
    rows = (selected.settled_rows | ((codes == TRANSIENT) & ~data.joint_rows)) & is_comparable
    known_rows = selected.train_rows & is_comparable
    fold_of_row = selection.assign_folds(selected.train_rows, params.folds)
    Z = selected.inputs.Z
    weights = select_weights(params, Z.shape[1], count_independent_rows(Z[known_rows], fold_of_row[known_rows]))
    calibration = fit_calibration(out_of_fold.raw, codes, rows, weights)
    return _CalibratedScores(out_of_fold, weights, calibration, rows, known_rows, fold_of_row)


def _build_model(data: _TrainingData, params: ScoreParams) -> Model:
    """Fit all parts of the model on the running readings."""
    selected = _select_rows(data, params)
    scores = _calibrate_scores(data, selected, params)
    detectors = _fit_detectors(selected, params)
    drift_scorer = _fit_drift_scorer(data.info, scores, params)
    tags = [tag for tag in data.columns if tag not in data.excluded_tags]
    return Model(
        columns=data.columns,
        excluded_tags=data.excluded_tags,
        params=params,
        scaler=selected.deviations.scaler,
        state_classifier=data.state_classifier,
        context_ranges=ContextRanges.fit(data.X, tags, params.context_tags).with_slow_range(
            selected.inputs, data.drift_span
        ),
        fault_classifier=SensorFaultClassifier.fit(data.X, selected.deviations.precision),
        imputation_mean=selected.deviations.mean,
        imputation_precision=selected.deviations.precision,
        detectors=detectors,
        fusion_weights=scores.fusion_weights,
        calibrations=scores.calibration.calibrators,
        regime_classifier=RegimeClassifier.fit(
            _smooth_deviations(detectors, selected.inputs)[selected.train_rows], params
        ),
        drift_scorer=drift_scorer,
        operating_range=OperatingRange.fit(
            selected.inputs,
            selected.train_inputs,
            data.drift_span,
            params.pca_variance,
            shows_seasons=shows_slow_changes(_covered_spans(data.info, params)),
        ),
        level_tracker=LevelTracker.fit(
            scores.calibration.raw_fused[scores.known_rows],
            scores.fold_of_row[scores.known_rows],
            drift_scorer.span,
            recurs=selected.recurs,
        ),
        run_level=fit_run_level(scores.calibration, scores.known_rows, params, recurs=selected.recurs),
        excursion_limit=fit_excursion_limit(scores.calibration, scores.out_of_fold, selected.settled_rows, params),
        standstill=data.standstill,
        training=replace(data.info, trimmed=selected.trimmed),
        calibration_summary=_summarize_calibration(data, selected, scores, detectors, clip_z=params.clip_z),
    )


def _fit_detectors(selected: _SelectedRows, params: ScoreParams) -> tuple[Detector, ...]:
    return tuple(detector.fit(selected.train_inputs) for detector in make_detectors(params))


def _fit_drift_scorer(info: TrainingInfo, scores: _CalibratedScores, params: ScoreParams) -> DriftScorer:
    return DriftScorer.fit(
        scores.out_of_fold.residual_means[scores.known_rows],
        scores.fold_of_row[scores.known_rows],
        drift_span_rows(params, info.seconds),
        covered_spans=_covered_spans(info, params),
    )


def _summarize_calibration(
    data: _TrainingData,
    selected: _SelectedRows,
    scores: _CalibratedScores,
    detectors: Sequence[Detector],
    *,
    clip_z: float,
) -> list[CalibrationSummaryRow]:
    codes = data.row_states.codes
    return calibration_summary_rows(
        scores.calibration.z,
        selected.deviations.Z,
        {state: scores.rows & (codes == state) for state in (TRANSIENT, ON)},
        detectors,
        folds=CalibrationFolds(scores.fold_of_row, data.row_states.time_us, scores.out_of_fold.is_extrapolated),
        clip_z=clip_z,
    )


def _smooth_deviations(detectors: Sequence[Detector], rows: DetectorInputs) -> Floats:
    """Return the deviations that MEWMA keeps, n by d: the regimes are fitted on what it will return when scoring."""
    return inference.mewma_deviations(
        {detector.name: detector.score(rows, {}) for detector in detectors if isinstance(detector, MewmaDetector)}
    )


def _covered_spans(info: TrainingInfo, params: ScoreParams) -> float:
    """Return the length of the training period in spans of the drift monitor."""
    return (info.end - info.start).total_seconds() / (params.drift_hours * 3600)


def _drop_empty_tags(X: Floats, columns: list[str]) -> tuple[Floats, dict[str, str]]:
    """Return the tags that have a reading, and the reason by tag for the others."""
    # A tag without readings has no centre; the reason is stored with the model and shown to the user.
    is_empty: Bools = np.asarray(np.isnan(X).all(axis=0))
    if is_empty.all():
        message = f"none of the {len(columns)} tags has a usable reading in training; check the tags or the period"
        raise ModelError(message)
    empty_tags = [tag for tag, empty in zip(columns, is_empty.tolist(), strict=True) if empty]
    return X[:, ~is_empty], dict.fromkeys(empty_tags, "no usable reading in training")


def _require_running_rows(codes: Ints, params: ScoreParams, rows: int) -> None:
    running = int((codes == ON).sum())
    if running < params.min_train_rows:
        message = (
            f"{running} of {rows} training readings are usable and running, {params.min_train_rows} are needed; "
            "lengthen the training period"
        )
        raise ModelError(message)


def _cadence_seconds(frame: pl.DataFrame) -> float:
    """Return the median time between readings, seconds."""
    median_us = frame[TIME].cast(pl.Datetime("us")).diff().dt.total_microseconds().drop_nulls().median()
    if not isinstance(median_us, float):
        message = "a single training reading has no cadence; lengthen the training period"
        raise InputError(message)
    # Spans divide by the cadence, so it must not be zero.
    return max(median_us / 1e6, 1e-3)
