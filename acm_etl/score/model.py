"""The model of a machine and the state that scoring carries: plain arrays and one JSON header each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self

from acm_etl.config import ScoreParams
from acm_etl.errors import ModelError
from acm_etl.score.arrays import Array, Carry, Floats, pack, prefixed, under, unpack
from acm_etl.score.calibrate import ByState
from acm_etl.score.detectors.ar1 import Ar1
from acm_etl.score.detectors.base import Head
from acm_etl.score.detectors.gmm import Mixture
from acm_etl.score.detectors.isolation_forest import Forest
from acm_etl.score.detectors.leave_one_out import Omr
from acm_etl.score.detectors.mahalanobis import Mahalanobis, Mewma
from acm_etl.score.detectors.pca import T2, Spe
from acm_etl.score.prepare.operating_state import States
from acm_etl.score.prepare.scale import Scale
from acm_etl.score.regimes import Regimes
from acm_etl.tables.common import HEADS

FORMAT = 3
FUSED = "fused"
HEAD_TYPES: dict[str, type[Head]] = {
    head.name: head for head in (Ar1, Spe, T2, Mahalanobis, Forest, Mixture, Omr, Mewma)
}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - all times here are naive UTC


def make_heads(params: ScoreParams) -> tuple[Head, ...]:
    """The heads, not yet fitted, in the order in which they are stored."""
    made: tuple[Head, ...] = (
        Ar1(rows=params.ar1_rows),
        Spe(variance=params.pca_variance),
        T2(variance=params.pca_variance),
        Mahalanobis(),
        Forest(trees=params.forest_trees, samples=params.forest_samples, seed=params.seed),
        Mixture(parts=params.mixture_components, dims=params.mixture_dims, seed=params.seed),
        Omr(rows=params.ar1_rows),
        Mewma(weight=params.ewma),
    )
    by_name = {head.name: head for head in made}
    return tuple(by_name[name] for name in HEADS)


DRIFT_Z = 1.75
"""z of the slow path where it is as far from zero as it ever was on healthy rows."""
_LIFT = 3.0 / (3.09 - DRIFT_Z)  # a drift that is called critical has the fused z that alarms by lasting


@dataclass(frozen=True)
class Drift:
    """How far the slow means of the leave-one-out residuals go on healthy rows.

    Attributes:
        span: Rows of the exponential mean.
        reach: Largest magnitude per tag on healthy rows that were not fitted, floored.
    """

    span: int
    reach: Floats

    def apply(self, slow: Floats) -> Floats:
        """How far each tag goes against its own reach, as signed z."""
        result: Floats = slow * (DRIFT_Z / self.reach)
        return result

    @staticmethod
    def lift(z: Floats) -> Floats:
        """What the slow path asks of the fused z: nothing within its reach, 3.0 at 1.8 times its reach."""
        result: Floats = _LIFT * (z - DRIFT_Z)
        return result


@dataclass(frozen=True)
class Training:
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
        left_out: Why a tag is not scored, by tag.
        params: Settings it was fitted with.
        scale: Centre and scale of the scored tags.
        states: How a standstill is told.
        fill_mean: Mean deviation per scored tag.
        fill_precision: Inverse covariance of the deviations.
        heads: Detector heads, in stored order.
        calibrations: By head name, and ``fused``.
        regimes: Operating regimes.
        drift: Slow mean.
        training: What it was made from.
        summary: How each calibrated score behaves, rows of ACM_CalibrationSummary but for the model version.
    """

    columns: tuple[str, ...]
    left_out: dict[str, str]
    params: ScoreParams
    scale: Scale
    states: States
    fill_mean: Floats
    fill_precision: Floats
    heads: tuple[Head, ...]
    calibrations: dict[str, ByState]
    regimes: Regimes
    drift: Drift
    training: Training
    summary: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Tags that are scored, in order."""
        return tuple(tag for tag in self.columns if tag not in self.left_out)

    @property
    def lasting_z(self) -> float:
        """Fused z that alarms by lasting: what training can vouch for, where that is less than the setting."""
        return min(self.params.lasting_z, self.calibrations[FUSED].seen_z)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes, 64 hex digits."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """The model as arrays without pickle; equal models give equal bytes."""
        header = {
            "kind": "model",
            "format": FORMAT,
            "columns": self.columns,
            "left_out": self.left_out,
            "params": self.params.model_dump(mode="json"),
            "heads": {head.name: head.settings() for head in self.heads},
            "drift": {"span": self.drift.span},
            "training": vars(self.training) | {name: _to_us(vars(self.training)[name]) for name in ("start", "end")},
            "summary": self.summary,
        }
        return pack(header, self._arrays())

    def _arrays(self) -> dict[str, Array]:
        arrays: dict[str, Array] = {"fill/mean": self.fill_mean, "fill/precision": self.fill_precision}
        arrays["drift/reach"] = self.drift.reach
        for name, part in (("scale", self.scale), ("states", self.states), ("regimes", self.regimes)):
            arrays |= prefixed(name, vars(part))
        for head in self.heads:
            arrays |= prefixed(f"head/{head.name}", head.learned())
        for name, calibration in self.calibrations.items():
            arrays |= prefixed(f"calibration/{name}", calibration.learned())
        return arrays

    @classmethod
    def from_bytes(cls, blob: bytes) -> Self:
        """The model that ``to_bytes`` wrote; it scores bit-identically.

        Raises:
            ModelError: The bytes are damaged, foreign, or of another format.
        """
        header, arrays = unpack(blob, "model")
        _check_format(header)
        try:
            return cls._restored(header, arrays)
        except (KeyError, TypeError, ValueError) as error:
            message = f"the stored model is incomplete: {error!r}; fit it anew"
            raise ModelError(message) from error

    @classmethod
    def _restored(cls, header: dict[str, Any], arrays: dict[str, Array]) -> Self:
        training = header["training"]
        heads = tuple(HEAD_TYPES[name].restored(header["heads"][name], under(f"head/{name}", arrays)) for name in HEADS)
        return cls(
            columns=tuple(header["columns"]),
            left_out=header["left_out"],
            params=ScoreParams.model_validate(header["params"]),
            scale=Scale(**under("scale", arrays)),
            states=States(**under("states", arrays)),
            fill_mean=arrays["fill/mean"],
            fill_precision=arrays["fill/precision"],
            heads=heads,
            calibrations={name: ByState.restored(under(f"calibration/{name}", arrays)) for name in (*HEADS, FUSED)},
            regimes=Regimes(**under("regimes", arrays)),
            drift=Drift(header["drift"]["span"], arrays["drift/reach"]),
            training=Training(**training | {name: _from_us(training[name]) for name in ("start", "end")}),
            summary=header["summary"],
        )


@dataclass(frozen=True)
class State:
    """What the next call of ``score`` continues from.

    Attributes:
        fingerprint: Of the model it belongs to.
        last: Time of the last row, UTC; None before the first.
        carry: Arrays of all stages, by ``stage/name``.
    """

    fingerprint: str
    last: datetime | None = None
    carry: Carry = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The state as arrays without pickle; equal states give equal bytes."""
        last = None if self.last is None else _to_us(self.last)
        header = {"kind": "state", "format": FORMAT, "fingerprint": self.fingerprint, "last": last}
        return pack(header, self.carry)

    @classmethod
    def from_bytes(cls, blob: bytes) -> Self:
        """The state that ``to_bytes`` wrote.

        Raises:
            ModelError: The bytes are damaged, foreign, or of another format.
        """
        header, arrays = unpack(blob, "state")
        _check_format(header)
        last = header.get("last")
        return cls(str(header.get("fingerprint")), None if last is None else _from_us(last), arrays)


def _check_format(header: dict[str, Any]) -> None:
    if header.get("format") != FORMAT:
        message = f"the stored {header['kind']} has format {header.get('format')}, this version reads {FORMAT}"
        raise ModelError(message)


def _to_us(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)


def _from_us(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
