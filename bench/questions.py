"""The questions, how each is asked, and which of its ratios must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import features
import history
import loaders
import long_source
import publishing
import pulling
import scoring
from measure import Row


@dataclass(frozen=True)
class Question:
    """One table of the benchmark.

    Attributes:
        ask: Measures it, in a folder, so many times.
        threads: Threads of Polars (BLAS has one); each number is asked in a process of its own.
        gates: Ratios of which ways must hold, by the start of their names: at least the number, or at most where it
            is negative. Those of other ways are for information.
        full: Asked by ``make bench-full`` only.
    """

    ask: Callable[[Path, int], list[Row]]
    threads: tuple[int, ...] = (2,)
    gates: dict[str, float] = field(default_factory=dict)
    full: bool = False

    @property
    def title(self) -> str:
        """First line of what it does."""
        return (self.ask.__doc__ or "").splitlines()[0]


QUESTIONS = {
    "pull": Question(pulling.pulling, gates={"Arrow": 5.0}),
    "long": Question(long_source.long_source, gates={"pivot": 0.8}),
    "features": Question(features.features, threads=(1, 2), gates={"expressions": 1.5, "the product's three": 1.2}),
    "heads": Question(scoring.heads, threads=(1,), gates={"iforest_z": 0.7}),
    "score": Question(scoring.whole, threads=(1,), gates={"score, 33 tags": 1.0}),
    "publish": Question(publishing.publishing, gates={"all six together": 20.0}),
    "loaders": Question(loaders.loaders),
    "year": Question(history.year, gates={"year, tick 30m": -5.0}),
    "growth": Question(history.growth, gates={"1,000,000": -1.4}),
    "tags": Question(history.widths, gates={"100 tags": -1.4}),
    "fleet": Question(history.fleet),
    "decade": Question(history.decade, gates={"10,000,000": -1.4}, full=True),
    "long_decade": Question(long_source.long_decade, gates={"pivot": 0.8}, full=True),
}
