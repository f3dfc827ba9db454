"""Fitting the model of one machine: calibrate on blocks held out in turn, then fit on all healthy rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from acm_etl.config import ScoreParams
from acm_etl.errors import InputError, ModelError
from acm_etl.score import inference
from acm_etl.score.array_ops import missing_tags
from acm_etl.score.arrays import Bools, Floats, Ints
from acm_etl.score.blas_threads import single_threaded
from acm_etl.score.calibrate import POOLED_BELOW, ByState
from acm_etl.score.detectors.base import Head, Rows
from acm_etl.score.detectors.leave_one_out import Omr
from acm_etl.score.detectors.mahalanobis import Mewma
from acm_etl.score.model import FUSED, Drift, Model, Training, make_heads
from acm_etl.score.prepare.clean import TIME, check_times, clean, numeric_tags
from acm_etl.score.prepare.operating_state import NAMES, OFF, ON, TRANSIENT, States, run_length
from acm_etl.score.regimes import Regimes
from acm_etl.score.training import selection
from acm_etl.tables.common import HEADS

_DRIFT_ROWS = (8, 20_000)
_SPANS = 15.0  # of the slow mean that training must cover, to know which slow changes are normal: a month
_MIN_REACH = 0.25  # standard deviations of a residual


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

    with single_threaded():
        return _fitted(frame, params or ScoreParams())


@single_threaded()
def running_rows(frame: pl.DataFrame, params: ScoreParams | None = None) -> int:
    """How many readings of a training frame are in state on: whether ``fit`` will have enough.

    Args:
        frame: As for ``fit``.
        params: Settings; the defaults unless given.
    """
    params = params or ScoreParams()
    check_times(frame)
    columns = numeric_tags(frame)
    X = matrix(clean(frame, columns, params.max_abs)[0], columns)
    X = X[:, ~np.isnan(X).all(axis=0)]
    if not X.size or len(X) < 2:
        return 0
    code, _, _ = _states(X, params, _cadence(frame)).apply(X, usable(X, params), {})
    return int((code == ON).sum())


def _fitted(frame: pl.DataFrame, params: ScoreParams) -> Model:
    check_times(frame)
    columns = numeric_tags(frame)
    X, left_out = _usable_tags(matrix(clean(frame, columns, params.max_abs)[0], columns), columns)
    seconds = _cadence(frame)
    states = _states(X, params, seconds)
    code, anew, _ = states.apply(X, usable(X, params), {})
    _check_rows(code, params, len(X))
    running = code > OFF
    times = frame[TIME].cast(pl.Datetime("us"))
    training = Training(times[0], times[-1], len(X), int((code == ON).sum()), seconds, 0.0)
    return _learn(X[running], (code[running], anew[running]), params, _About(columns, left_out, states, training))


def matrix(frame: pl.DataFrame, tags: list[str] | tuple[str, ...]) -> Floats:
    """Tag columns as a matrix, NaN where null."""
    return frame.select(pl.col(tag).cast(pl.Float64).fill_null(np.nan) for tag in tags).to_numpy(order="c")


def usable(X: Floats, params: ScoreParams) -> Bools:
    """Rows with a reading, and not too many missing."""
    missing = missing_tags(X) / X.shape[1]
    result: Bools = (missing <= params.max_missing) & (missing < 1)
    return result


class _About:
    """What a model says about itself and its machine, gathered before the heads are fitted."""

    def __init__(self, columns: list[str], left_out: dict[str, str], states: States, training: Training) -> None:
        self.columns = tuple(columns)
        self.left_out = left_out
        self.states = states
        self.training = training


def _states(X: Floats, params: ScoreParams, seconds: float) -> States:
    """How a standstill is told, and how long a start lasts."""
    ok = usable(X, params)
    states = States.fit(X, params)
    running = states.apply(X, ok, {})[0] == ON
    longest = int(np.ceil(params.transient_hours * 3600 / seconds))
    if running.sum() < params.min_train_rows or running[ok].all():
        return states.lasting(longest, longest)
    every = np.ones(int(running.sum()), dtype=bool)
    Z = selection.deviations(X[running], every, params.clip_z)[3]
    _, size = selection.admitted(Z, every, params.trim_share)
    since = run_length(running[ok], longest + 1)[running[ok]]
    return states.lasting(selection.settling(size, since, longest), longest)


def _learn(X: Floats, when: tuple[Ints, Bools], params: ScoreParams, about: _About) -> Model:
    """Learns from running readings, their state codes, and which of them begin anew."""
    code = when[0]
    scale, mean, precision, Z = selection.deviations(X, code == ON, params.clip_z)
    good, _ = selection.admitted(Z, code == ON, params.trim_share)
    counted = code == ON if selection.recurs((code == ON) & ~good) else good
    rows = replace(inference.observe(Z, when, params.rolling_rows, {})[0], settled=counted)
    span = int(np.clip(params.drift_hours * 3600 / about.training.seconds, *_DRIFT_ROWS))
    calibration = _Calibration(counted | (code == TRANSIENT), code, params)
    found, slow = _held_out(rows, good, span, params)
    calibrations = calibration.calibrate(found)
    heads = tuple(head.fit(rows.take(good)) for head in make_heads(params))
    smooth = {head.name: head.score(rows, {}) for head in heads if isinstance(head, Mewma)}
    return Model(
        columns=about.columns,
        left_out=about.left_out,
        params=params,
        scale=scale,
        states=about.states,
        fill_mean=mean,
        fill_precision=precision,
        heads=heads,
        calibrations=calibrations,
        regimes=Regimes.fit(inference.smoothed(smooth)[good], params),
        drift=_drift(slow[good], span, about.training, params),
        training=replace(about.training, trimmed=float(1 - good.sum() / (code == ON).sum())),
        summary=calibration.summary(heads, Z),
    )


def _drift(slow: Floats, span: int, training: Training, params: ScoreParams) -> Drift:
    """How far the slow means reach, wider where training covers little; endlessly far where it covers too little."""
    spans = (training.end - training.start).total_seconds() / (params.drift_hours * 3600)
    if spans < _SPANS:
        return Drift(span, np.full(slow.shape[1], np.inf))
    return Drift(span, (1 + (_SPANS / spans) ** 2) * np.maximum(np.abs(slow).max(axis=0), _MIN_REACH))


def _held_out(rows: Rows, good: Bools, span: int, params: ScoreParams) -> tuple[dict[str, Floats], Floats]:
    """Raw scores and slow residuals of every row by heads that were fitted without the block of rows around it."""
    found = {name: np.empty(len(good)) for name in HEADS}
    slow = np.empty(rows.Z.shape)
    block = (np.cumsum(good) - 1).clip(0) * params.folds // max(int(good.sum()), 1)
    for number in range(params.folds):
        own = block == number
        fitted, wanted = rows.take(good & ~own), rows.take(own)
        for head in make_heads(params):  # one at a time: what a head says of every row and tag is large
            if head.fit(fitted).remembers:
                score = head.score(rows, {})
                found[head.name][own] = score.raw[own]
                if isinstance(head, Omr):
                    residuals = inference.plain_residuals({head.name: score})
                    slow[own] = inference.slow_residuals(residuals, rows, span, {})[0][own]
            else:  # a row's score rests on nothing but that row
                found[head.name][own] = head.score(wanted, {}).raw
    return found, slow


class _Calibration:
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
        self.calibrations: dict[str, ByState] = {}

    def calibrate(self, raw: dict[str, Floats]) -> dict[str, ByState]:
        """One calibration per head, and that of their fusion."""
        for name in HEADS:
            self._calibrate(name, raw[name])
        sizes = np.stack([self.calibrations[name].size(raw[name], self.code) for name in HEADS], axis=1)
        self._calibrate(FUSED, inference.fuse(sizes, self.params))
        return self.calibrations

    def _calibrate(self, name: str, raw: Floats) -> None:
        self.calibrations[name] = ByState.fit(raw[self.rows], self.code[self.rows])
        self.z[name] = self.calibrations[name].apply(raw, self.code)

    def summary(self, heads: tuple[Head, ...], Z: Floats) -> list[dict[str, Any]]:
        """Rows of ACM_CalibrationSummary but for the model version."""
        saturated = {state: self._saturation(Z, state) for state in (TRANSIENT, ON)}
        condition = {head.name: float(vars(head)["condition_"]) for head in heads if head.name == "mhal_z"}
        return [
            self._row(name, state) | {"SaturationPct": saturated[state], "MahalCondNum": condition.get(name)}
            for name in (*HEADS, FUSED)
            for state in (TRANSIENT, ON)
        ]

    def _row(self, name: str, state: int) -> dict[str, Any]:
        z = self.z[name][self.rows & (self.code == state)]
        return {
            "DetectorType": name,
            "OperatingState": NAMES[state],
            "CalibrationRows": len(z),
            "Pooled": len(z) < POOLED_BELOW,
            "MeanZ": float(z.mean()) if len(z) else None,
            "StdZ": float(z.std()) if len(z) else None,
            "P95Z": float(np.quantile(z, 0.95)) if len(z) else None,
            "P99Z": float(np.quantile(z, 0.99)) if len(z) else None,
            "ClipZ": self.params.clip_z,
        }

    def _saturation(self, Z: Floats, state: int) -> float | None:
        cells = Z[self.rows & (self.code == state)]
        return float(100 * (np.abs(cells) >= self.params.clip_z).mean()) if len(cells) else None


def _usable_tags(X: Floats, columns: list[str]) -> tuple[Floats, dict[str, str]]:
    empty: Bools = np.asarray(np.isnan(X).all(axis=0))
    if empty.all():
        message = f"none of the {len(columns)} tags has a usable reading in training; check the tags or the period"
        raise ModelError(message)
    reasons = {tag: "no usable reading in training" for tag, none in zip(columns, empty.tolist(), strict=True) if none}
    return X[:, ~empty], reasons


def _check_rows(code: Ints, params: ScoreParams, rows: int) -> None:
    running = int((code == ON).sum())
    if running < params.min_train_rows:
        message = (
            f"{running} of {rows} training readings are usable and running, {params.min_train_rows} are needed; "
            "lengthen the training period"
        )
        raise ModelError(message)


def _cadence(frame: pl.DataFrame) -> float:
    """Median seconds between readings."""
    steps = frame[TIME].cast(pl.Datetime("us")).diff().dt.total_microseconds().drop_nulls().median()
    if not isinstance(steps, float):
        message = "a single training reading has no cadence"
        raise InputError(message)
    return max(steps / 1e6, 1e-3)
