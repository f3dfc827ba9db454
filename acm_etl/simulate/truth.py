"""Ground truth of a simulated machine, and its comparison with detected episodes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from acm_etl.windows import EPOCH, HOUR, MILLISECOND

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

TRAINING_DAYS = 90.0  # days kept free of faults and of long stops

# Detectors average over hours: an episode that starts within this time after the end of a fault still counts.
_GRACE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Fault:
    """A known fault.

    Attributes:
        name: Short name.
        kind: ``slow`` grows linearly from start to end, ``sudden`` has its full size from the start.
        start: First affected reading, UTC.
        end: First reading after the repair, UTC.
        effects: Change per tag at full size, in the unit of the tag; the most affected tag comes first.
        note: Description.
    """

    name: str
    kind: Literal["slow", "sudden"]
    start: datetime
    end: datetime
    effects: dict[str, float]
    note: str = ""

    @property
    def tags(self) -> tuple[str, ...]:
        """Affected tags, the most affected one first."""
        return tuple(self.effects)

    def effect_share(self, times: IntArray) -> FloatArray:
        """Return the size of the fault, as a share of its full size, at times in milliseconds since 1970 UTC."""
        start, end = epoch_ms(self.start), epoch_ms(self.end)
        is_present = (times >= start) & (times < end)
        share = (times - start) / (end - start) if self.kind == "slow" else np.ones(len(times))
        return np.where(is_present, share, 0.0)


@dataclass(frozen=True, slots=True)
class Stop:
    """A standstill: [start, end), UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Truth:
    """Ground truth of a simulated machine.

    Attributes:
        faults: Faults.
        stops: Standstills.
        dirt: Number of defects in the historian, by kind.
    """

    faults: tuple[Fault, ...]
    stops: tuple[Stop, ...]
    dirt: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """Serialise as JSON, with times in ISO 8601."""
        return json.dumps(asdict(self), default=datetime.isoformat, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Truth:
        """Return the ground truth that ``to_json`` serialised."""
        content = json.loads(text)
        # JSON has no times: start and end are parsed, the other fields are taken as they are.
        faults = tuple(Fault(**fault | _parse_times(fault)) for fault in content["faults"])
        return cls(faults, tuple(Stop(**_parse_times(stop)) for stop in content["stops"]), content["dirt"])


def _parse_times(entry: dict[str, str]) -> dict[str, datetime]:
    return {key: datetime.fromisoformat(entry[key]) for key in ("start", "end")}


@dataclass(frozen=True, slots=True)
class FaultMatch:
    """Comparison of detected episodes with known faults.

    Attributes:
        faults: One row per fault: ``Name``, ``Kind``, ``Start``, ``End``, ``Found``, ``Episodes`` (number of
            overlapping episodes), ``DelayHours`` (from the start of the fault to the first episode; 0 if an episode was
            already open), ``Primary`` (whether the primary sensor of an episode is an affected tag) and ``Culprit``
            (whether the culprits of an episode include an affected tag).
        unmatched: Episodes that overlap no fault: false alarms.
    """

    faults: pl.DataFrame
    unmatched: pl.DataFrame


def match_episodes(truth: Truth, episodes: pl.DataFrame) -> FaultMatch:
    """Compare detected episodes with known faults.

    Args:
        truth: Ground truth.
        episodes: ``StartTs``, ``EndTs``, ``PrimarySensor`` and ``Culprits``, as in ACM_Episodes.
    """
    # Numbered, so that the episodes without a fault can be selected at the end.
    numbered = episodes.select("StartTs", "EndTs", "PrimarySensor", "Culprits").with_row_index("episode")
    # Few faults and episodes: a cross join is simpler than an interval join.
    pairs = _build_fault_frame(truth).join(numbered, how="cross").filter(
        pl.col("StartTs") < pl.col("End") + _GRACE, pl.col("EndTs") >= pl.col("Start")
    )  # fmt: skip
    matches = pairs.explode("tags").group_by("Name", "episode").agg(
        primary=(pl.col("PrimarySensor") == pl.col("tags")).any(),
        culprit=pl.col("Culprits").str.contains(pl.col("tags"), literal=True).any(),
    )  # fmt: skip
    detected = pairs.join(matches, on=["Name", "episode"]).group_by("Name").agg(
        Episodes=pl.len(),
        DelayHours=((pl.col("StartTs").min() - pl.col("Start").first()) / HOUR).clip(0),
        Primary=pl.col("primary").any(),
        Culprit=pl.col("culprit").any(),
    )  # fmt: skip
    table = _build_fault_frame(truth).drop("tags").join(detected, on="Name", how="left", maintain_order="left")
    faults = table.with_columns(
        pl.col("Episodes").is_not_null().alias("Found"), pl.col("Episodes").fill_null(0),
        pl.col("Primary", "Culprit").fill_null(value=False),
    ).select("Name", "Kind", "Start", "End", "Found", "Episodes", "DelayHours", "Primary", "Culprit")  # fmt: skip
    return FaultMatch(faults, episodes.with_row_index("episode").join(pairs, on="episode", how="anti").drop("episode"))


def _build_fault_frame(truth: Truth) -> pl.DataFrame:
    # Explicit types: without faults, Polars cannot infer them.
    rows = [(f.name, f.kind, f.start, f.end, list(f.tags)) for f in truth.faults]
    time = pl.Datetime("ms")
    schema = {"Name": pl.String(), "Kind": pl.String(), "Start": time, "End": time, "tags": pl.List(pl.String())}
    return pl.DataFrame(rows, schema=schema, orient="row")


def epoch_ms(time: datetime) -> int:
    """Return the milliseconds since 1970 of a naive UTC time."""
    return (time - EPOCH) // MILLISECOND
