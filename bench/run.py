"""``make bench``: the numbers the README quotes, each a median of several runs, with memory and quality beside speed.

    python bench/run.py [--repeats 3] [--only year publish memory loaders]

Prints one table per question and writes bench/results/latest.json with provenance.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cases
import loaders
from provenance import provenance

HERE = Path(__file__).parent
CASES: dict[str, Callable[[Path, int], list[dict[str, Any]]]] = {
    "year": cases.year,
    "publish": cases.publishing,
    "memory": cases.memory,
    "loaders": loaders.loaders,
}


def main() -> None:
    """Run the cases, print and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3, help="runs per measurement; the median counts")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), help="cases to run")
    options = parser.parse_args()
    found = {"provenance": provenance(), "cases": {}}
    for name in options.only:
        with tempfile.TemporaryDirectory() as folder:
            rows = CASES[name](Path(folder), options.repeats)
        found["cases"][name] = rows
        show(name, rows)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "latest.json").write_text(json.dumps(found, indent=2), encoding="utf-8")


def show(name: str, rows: list[dict[str, Any]]) -> None:
    """One case as a plain table."""
    print(f"\n{name}: {CASES[name].__doc__.splitlines()[0]}")
    widths = {key: max(len(key), *(len(text(row[key])) for row in rows)) for key in rows[0]}
    print("  " + "  ".join(key.ljust(widths[key]) for key in widths))
    for row in rows:
        print("  " + "  ".join(text(row[key]).rjust(widths[key]) for key in widths))


def text(value: object) -> str:
    """A number for reading."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main()
