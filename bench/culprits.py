"""Culprits of labelled faults: is the tag with the largest contribution one of those that the label names?

    python bench/culprits.py FOLDER

FOLDER has a file per machine, as the folders ``interpretation_label`` of the public data sets SMD
(NetManAIOps/OmniAnomaly) and ASD (zhhlee/InterFusion), with lines such as ``246-252:1,2,9``: rows of the test part, and
the faulty tags from 1 on. Machines without a file are left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import labelled
import numpy as np
import polars as pl


class Fault(NamedTuple):
    """A labelled fault.

    Attributes:
        rows: Rows of the test part.
        tags: Names of the faulty tags.
    """

    rows: slice
    tags: frozenset[str]


class LabelSource(NamedTuple):
    """How the machines of a family are labelled.

    Attributes:
        prefix: Beginning of the names of its machines, in the series and in the files.
        extra_rows: 1 if the last row of a label belongs to the fault, 0 if not.
    """

    prefix: str
    extra_rows: int


SOURCES = {"smd": LabelSource("machine-", 0), "asd": LabelSource("omi-", 1)}


def main() -> None:
    """Print how often the first tag is right, per family and machine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the label files")
    folder = parser.parse_args().folder
    for name, source in SOURCES.items():
        found = dict(measure_family(labelled.FAMILIES[name], source, folder))
        hits = [hit for hits in found.values() for hit in hits]
        print(f"{name}: right first tag in {sum(hits)} of {len(hits)} faults, {np.mean(hits):.3f}")
        for series, each in found.items():
            print(f"  {series:<14}{sum(each):>4} of {len(each)}")


def measure_family(family: labelled.Family, source: LabelSource, folder: Path) -> Iterator[tuple[str, list[bool]]]:
    """Yield each machine that has labels, and whether the first tag of each of its faults is right."""
    for name in family.files:
        frame = pl.read_parquet(labelled.require_path(labelled.LABELLED / f"{name}.parquet"))
        for (series,), part in frame.group_by("series", maintain_order=True):
            # The series omi-01 is omi-1 in the data set.
            number = str(series).removeprefix(source.prefix).lstrip("0")
            path = folder / f"{source.prefix}{number}.txt"
            if path.exists():
                yield str(series), judge_faults(part, family.step_seconds, read_faults(path, source.extra_rows))


def read_faults(path: Path, extra_rows: int) -> list[Fault]:
    """Return the labelled faults of a file."""
    faults = []
    for line in path.read_text(encoding="utf-8").split():
        span, _, numbers = line.partition(":")
        first, last = map(int, span.split("-"))
        faults.append(Fault(slice(first, last + extra_rows), frozenset(f"s{int(n):02}" for n in numbers.split(","))))
    return faults


def judge_faults(frame: pl.DataFrame, step_seconds: int, faults: list[Fault]) -> list[bool]:
    """Return whether the tag with the largest mean contribution is faulty, per fault that was scored."""
    result = labelled.score_test_part(*labelled.split_roles(frame, step_seconds))
    if result is None:
        return []
    tags = result.contributions.drop(labelled.TIME).columns
    shares = result.contributions.select(tags).to_numpy()
    # Rows that are not assessed have no contributions; a fault of such rows alone cannot be judged.
    judged = [fault for fault in faults if np.isfinite(shares[fault.rows]).any()]
    return [tags[int(np.nanmean(shares[fault.rows], axis=0).argmax())] in fault.tags for fault in judged]


if __name__ == "__main__":
    main()
