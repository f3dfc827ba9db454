"""Results of benchmarks: measurements, ratios with their spread, and the JSON file that keeps them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from measure import Measurement, Usage

Quantity = Callable[[Measurement, int], float]


@dataclass(frozen=True)
class Ratio:
    """Ratio of a candidate to its reference, over the rounds.

    Attributes:
        median: Median of the ratios of the rounds.
        low: Smallest ratio of a round.
        high: Largest ratio of a round.
        rounds: Number of rounds.
    """

    median: float
    low: float
    high: float
    rounds: int


@dataclass(frozen=True)
class Comparison:
    """Result of one benchmark.

    Attributes:
        benchmark: Name of the benchmark.
        title: One line about the work.
        unit: Plural noun for the units of the measurements.
        measurements: The first one is the reference of those that name no other.
        skipped: Reason for each candidate that could not be measured, by its name.
        load: Load average of the machine before the benchmark.
        threads: Threads of Polars.
    """

    benchmark: str
    title: str
    unit: str
    measurements: list[Measurement]
    skipped: dict[str, str] = field(default_factory=dict)
    load: float = 0.0
    threads: int = 0

    def find(self, name: str) -> Measurement | None:
        """Return the measurement of a candidate, or None if it was not measured."""
        return next((one for one in self.measurements if one.name == name), None)

    def compute_ratio(self, name: str, quantity: Quantity) -> Ratio | None:
        """Return the ratio of a candidate to its reference, round by round; None if either was not measured."""
        found = self.find(name)
        reference = self.find((found and found.reference) or self.measurements[0].name)
        if found is None or reference is None:
            return None
        ratios = [
            quantity(found, number) / quantity(reference, number)
            for number in range(min(len(found.usages), len(reference.usages)))
        ]
        return Ratio(statistics.median(ratios), min(ratios), max(ratios), len(ratios))


def cpu_per_unit(measurement: Measurement, number: int) -> float:
    """Return CPU seconds per unit in a round."""
    return measurement.usages[number].cpu_seconds / measurement.units


def wall_per_unit(measurement: Measurement, number: int) -> float:
    """Return elapsed seconds per unit in a round."""
    return measurement.usages[number].wall_seconds / measurement.units


def peak_memory(measurement: Measurement, number: int) -> float:
    """Return peak memory in a round, at least 1 MiB."""
    return max(1.0, measurement.usages[number].peak_mib)


def compute_median(measurement: Measurement, read: Callable[[Usage], float]) -> float:
    """Return the median of a number over the rounds of a measurement."""
    return statistics.median(map(read, measurement.usages))


def write_results(path: Path, provenance: dict[str, Any], comparisons: list[Comparison]) -> None:
    """Write results as JSON."""
    path.parent.mkdir(exist_ok=True)
    text = json.dumps({"provenance": provenance, "comparisons": [asdict(one) for one in comparisons]}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def read_results(path: Path) -> tuple[dict[str, Any], list[Comparison]]:
    """Return provenance and comparisons of a file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return content["provenance"], [parse_comparison(one) for one in content["comparisons"]]


def parse_comparison(content: dict[str, Any]) -> Comparison:
    """Return a comparison from the mapping that ``dataclasses.asdict`` made of it."""
    measurements = [
        Measurement(**{**one, "usages": [Usage(**usage) for usage in one["usages"]]}) for one in content["measurements"]
    ]
    return Comparison(**{**content, "measurements": measurements})
