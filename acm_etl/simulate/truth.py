"""What is known about a simulated machine, and how the episodes that were found compare with it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

HISTORIAN_TIME_COLUMN = "EntryDateTime"
TRAINING_DAYS = 90.0  # days kept free of faults and of long stops


@dataclass(frozen=True, slots=True)
class Fault:
    """One known fault.

    Attributes:
        name: Short name.
        kind: ``slow`` grows linearly from start to end, ``sudden`` is there at once.
        start: First reading concerned, UTC.
        end: First reading after the repair, UTC.
        effects: Change per tag at full size, in its unit; the tag named first shows it most.
        note: What happened.
    """

    name: str
    kind: Literal["slow", "sudden"]
    start: datetime
    end: datetime
    effects: dict[str, float]
    note: str = ""

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags that show the fault, the strongest first."""
        return tuple(self.effects)

    def effect_share(self, times: IntArray) -> FloatArray:
        """Share of full size, 0 to 1, at milliseconds since 1970."""
        start, end = epoch_ms(self.start), epoch_ms(self.end)
        inside = (times >= start) & (times < end)
        grown = (times - start) / (end - start) if self.kind == "slow" else np.ones(len(times))
        return np.where(inside, grown, 0.0)


@dataclass(frozen=True, slots=True)
class Stop:
    """A standstill: [start, end), UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known about a simulated machine: its faults, its stops, and the dirt in its historian, counted."""

    faults: tuple[Fault, ...]
    stops: tuple[Stop, ...]
    dirt: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """The truth as JSON, times in ISO 8601."""
        return json.dumps(asdict(self), default=datetime.isoformat, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Truth:
        """What ``to_json`` wrote."""
        content = json.loads(text)
        faults = tuple(Fault(**fault | _parse_times(fault)) for fault in content["faults"])
        return cls(faults, tuple(Stop(**_parse_times(stop)) for stop in content["stops"]), content["dirt"])


def _parse_times(entry: dict[str, str]) -> dict[str, datetime]:
    return {key: datetime.fromisoformat(entry[key]) for key in ("start", "end")}


@dataclass(frozen=True, slots=True)
class FaultMatch:
    """Found episodes against known faults.

    Attributes:
        faults: One row per fault: ``Name, Kind, Start, End, Found, Episodes`` (that overlap it), ``DelayHours`` (from
            the start of the fault to the first of them; 0 where it was open already), ``Primary`` (whether the primary
            sensor of one of them shows the fault) and ``Culprit`` (whether it is among the culprits of one).
        unmatched: Episodes that overlap no fault.
    """

    faults: pl.DataFrame
    unmatched: pl.DataFrame


def match_episodes(truth: Truth, episodes: pl.DataFrame, *, grace: timedelta = timedelta(hours=12)) -> FaultMatch:
    """Compare episodes (``StartTs, EndTs, PrimarySensor, Culprits`` as in ACM_Episodes) with the known faults.

    Args:
        truth: What is known.
        episodes: What was found.
        grace: An episode that starts this long after the end of a fault still counts as finding it.
    """
    numbered = episodes.select("StartTs", "EndTs", "PrimarySensor", "Culprits").with_row_index("episode")
    pairs = _build_fault_frame(truth).join(numbered, how="cross").filter(
        pl.col("StartTs") < pl.col("End") + grace, pl.col("EndTs") >= pl.col("Start")
    )  # fmt: skip
    shown = pairs.explode("tags").group_by("Name", "episode").agg(
        primary=(pl.col("PrimarySensor") == pl.col("tags")).any(),
        culprit=pl.col("Culprits").str.contains(pl.col("tags"), literal=True).any(),
    )  # fmt: skip
    found = pairs.join(shown, on=["Name", "episode"]).group_by("Name").agg(
        Episodes=pl.len(),
        DelayHours=((pl.col("StartTs").min() - pl.col("Start").first()) / timedelta(hours=1)).clip(0),
        Primary=pl.col("primary").any(),
        Culprit=pl.col("culprit").any(),
    )  # fmt: skip
    table = _build_fault_frame(truth).drop("tags").join(found, on="Name", how="left", maintain_order="left")
    faults = table.with_columns(
        pl.col("Episodes").is_not_null().alias("Found"), pl.col("Episodes").fill_null(0),
        pl.col("Primary", "Culprit").fill_null(value=False),
    ).select("Name", "Kind", "Start", "End", "Found", "Episodes", "DelayHours", "Primary", "Culprit")  # fmt: skip
    return FaultMatch(faults, episodes.with_row_index("episode").join(pairs, on="episode", how="anti").drop("episode"))


def _build_fault_frame(truth: Truth) -> pl.DataFrame:
    rows = [(f.name, f.kind, f.start, f.end, list(f.tags)) for f in truth.faults]
    time = pl.Datetime("ms")
    schema = {"Name": pl.String(), "Kind": pl.String(), "Start": time, "End": time, "tags": pl.List(pl.String())}
    return pl.DataFrame(rows, schema=schema, orient="row")


def epoch_ms(time: datetime) -> int:
    """Milliseconds since 1970 of a naive UTC time."""
    return (time - datetime(1970, 1, 1)) // timedelta(milliseconds=1)  # noqa: DTZ001
