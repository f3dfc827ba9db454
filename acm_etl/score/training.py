"""Fitting the model of one machine: fit on the earlier rows, calibrate on the later ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from acm_etl.config import ScoreParams
from acm_etl.errors import InputError, ModelError
from acm_etl.score import assess
from acm_etl.score.arrays import Bools, Floats, Ints
from acm_etl.score.calibrate import POOLED_BELOW, ByState
from acm_etl.score.clean import TIME, check_times, clean, numeric_tags
from acm_etl.score.head import Head, HeadScore
from acm_etl.score.model import FUSED, Drift, Model, Training, make_heads
from acm_etl.score.regimes import Regimes
from acm_etl.score.scale import Scale, fill
from acm_etl.score.states import NAMES, OFF, ON, TRANSIENT, States
from acm_etl.tables.common import HEADS

_DRIFT_ROWS = (8, 20_000)


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
    params = params or ScoreParams()
    check_times(frame)
    columns = numeric_tags(frame)
    X, left_out = _usable_tags(matrix(clean(frame, columns, params.max_abs)[0], columns), columns)
    states = States.fit(X, params)
    code, _ = states.apply(X, usable(X, params), params.transient_rows, {})
    _check_rows(code, params, len(X))
    running = code > OFF
    return _learn(X[running], code[running], params, _About(columns, left_out, states, _training(frame, code)))


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
    if not X.size:
        return 0
    code, _ = States.fit(X, params).apply(X, usable(X, params), params.transient_rows, {})
    return int((code == ON).sum())


def matrix(frame: pl.DataFrame, tags: list[str] | tuple[str, ...]) -> Floats:
    """Tag columns as a matrix, NaN where null."""
    return frame.select(pl.col(tag).cast(pl.Float64).fill_null(np.nan) for tag in tags).to_numpy(order="c")


def usable(X: Floats, params: ScoreParams) -> Bools:
    """Rows with a reading, and not too many missing."""
    missing = np.isnan(X).mean(axis=1)
    result: Bools = (missing <= params.max_missing) & (missing < 1)
    return result


class _About:
    """What a model says about itself and its machine, gathered before the heads are fitted."""

    def __init__(self, columns: list[str], left_out: dict[str, str], states: States, training: Training) -> None:
        self.columns = tuple(columns)
        self.left_out = left_out
        self.states = states
        self.training = training


def _learn(X: Floats, code: Ints, params: ScoreParams, about: _About) -> Model:
    from acm_etl.score.fitting import covariance  # noqa: PLC0415 - sklearn takes a second to load

    early = _early(code, params.calibration_share)
    fitted = early & (code == ON)
    scale = Scale.fit(X[fitted])
    Z = scale.apply(X, params.clip_z)
    mean, cov = covariance(np.nan_to_num(Z[fitted]))
    precision = np.linalg.inv(cov).astype(np.float64)
    Z = fill(Z, mean, precision)
    rows, _ = assess.observe(Z, params.rolling_rows, {})
    heads = tuple(head.fit(rows.take(fitted)) for head in make_heads(params))
    scores, _ = assess.score_heads(heads, rows, {})
    late = _Late(~early, code, params)
    return Model(
        columns=about.columns,
        left_out=about.left_out,
        params=params,
        scale=scale,
        states=about.states,
        fill_mean=mean,
        fill_precision=precision,
        heads=heads,
        calibrations=late.calibrate(scores),
        regimes=Regimes.fit(assess.smoothed(scores)[code == ON], params),
        drift=late.drift(about.training.seconds),
        training=about.training,
        summary=late.summary(heads, Z),
    )


class _Late:
    """Calibration on rows that were not fitted, in the order head, fused, slow mean.

    Args:
        rows: Rows kept out of fitting.
        code: State codes of all running rows.
        params: Settings.
    """

    def __init__(self, rows: Bools, code: Ints, params: ScoreParams) -> None:
        self.rows = rows
        self.code = code
        self.params = params
        self.z: dict[str, Floats] = {}
        self.calibrations: dict[str, ByState] = {}

    def calibrate(self, scores: dict[str, HeadScore]) -> dict[str, ByState]:
        """One calibration per head, and that of their fusion."""
        for name in HEADS:
            self._calibrate(name, scores[name].raw)
        heads = np.stack([self.z[name] for name in HEADS], axis=1)
        self._calibrate(FUSED, assess.fuse(heads, self.params.weights))
        return self.calibrations

    def _calibrate(self, name: str, raw: Floats) -> None:
        self.calibrations[name] = ByState.fit(raw[self.rows], self.code[self.rows])
        self.z[name] = self.calibrations[name].apply(raw, self.code)

    def drift(self, seconds: float) -> Drift:
        """Mean and spread of the slow mean of the fused z.

        A calibration period holds few independent values of so slow a mean: its spread is not believed below what
        white noise would give, nor below a tenth.
        """
        span = int(np.clip(self.params.drift_hours * 3600 / seconds, *_DRIFT_ROWS))
        slow = assess.slow_mean(self.z[FUSED], span, {})[0][self.rows]
        noise = float(self.z[FUSED][self.rows].std()) / np.sqrt(span)
        return Drift(span, float(slow.mean()), max(float(slow.std()), noise, 0.1))

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


def _early(code: Ints, share: float) -> Bools:
    """Rows up to the one that splits the ``on`` rows into those to fit and those to calibrate on."""
    on = np.flatnonzero(code == ON)
    split = on[int(len(on) * (1 - share))]
    result: Bools = np.arange(len(code)) < split
    return result


def _training(frame: pl.DataFrame, code: Ints) -> Training:
    times = frame[TIME].cast(pl.Datetime("us"))
    steps = times.diff().dt.total_microseconds().drop_nulls().median()
    if not isinstance(steps, float):
        message = "a single training reading has no cadence"
        raise InputError(message)
    return Training(times[0], times[-1], len(times), int((code == ON).sum()), max(steps / 1e6, 1e-3))
