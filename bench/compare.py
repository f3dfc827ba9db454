"""Hold a result against a baseline: exit code 1 where a gate does not hold.

    python bench/compare.py [bench/results/latest.json] [bench/baseline.json] [--slack 0.4]

Only ratios are compared, never times: two machines differ, and one machine differs from itself an hour later. A gate
fails where its ratio is worse than its limit (see ``questions.py``), or worse than the baseline's by more than the
slack.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Result = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """One ratio, then and now.

    Attributes:
        name: Question, threads and way.
        is_gate: Whether it must hold.
        before: Of the baseline; None where it does not have it.
        now: Of the result.
        limit: Of the gate: at least so much, or at most where it is negative.
        problem: Why it does not hold; empty where it does.
    """

    name: str
    is_gate: bool
    before: float | None
    now: float
    limit: float | None
    problem: str


def verdicts(result: Result, baseline: Result, gates: dict[str, dict[str, float]], slack: float) -> Iterator[Verdict]:
    """Every ratio of a result against the baseline's.

    Args:
        result: What ``run.py`` wrote.
        baseline: The same, of before.
        gates: Limits by question and start of a way's name.
        slack: Share by which a gate may be worse than the baseline.
    """
    known = dict(_ratios(baseline))
    for key, now in _ratios(result):
        question, _, way = key
        limit = next((at for start, at in gates.get(question, {}).items() if way.startswith(start)), None)
        before = known.get(key)
        problem = "" if limit is None else _problem(now, before, limit, slack)
        yield Verdict(f"{question} ({key[1]}): {way}", limit is not None, before, now, limit, problem)


def missing(result: Result, gates: dict[str, dict[str, float]]) -> list[str]:
    """Gates of the questions that were asked which nothing in the result answers."""
    found = [key for key, _ in _ratios(result)]
    return [
        f"{question}: {start}"
        for question, limits in gates.items()
        if question in result["questions"]
        for start in limits
        if not any(q == question and way.startswith(start) for q, _, way in found)
    ]


def _ratios(result: Result) -> Iterator[tuple[tuple[str, int, str], float]]:
    for question, rows in result["questions"].items():
        for row in rows:
            if isinstance(row.get("ratio"), int | float):
                yield (question, row.get("threads", 0), row["way"]), float(row["ratio"])


def _problem(now: float, before: float | None, limit: float, slack: float) -> str:
    smaller = limit < 0
    if now > -limit if smaller else now < limit:
        return f"limit {abs(limit):g}"
    if before is not None and (now > before * (1 + slack) if smaller else now < before * (1 - slack)):
        return f"baseline {before:.3g}"
    return ""


def main() -> int:
    """Print the comparison; 1 where a gate does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", nargs="?", type=Path, default=HERE / "results" / "latest.json")
    parser.add_argument("baseline", nargs="?", type=Path, default=HERE / "baseline.json")
    parser.add_argument("--slack", type=float, default=0.4, help="share by which a gate may be worse (default 0.4)")
    options = parser.parse_args()
    from questions import QUESTIONS  # noqa: PLC0415 - --help needs no Polars

    gates = {name: question.gates for name, question in QUESTIONS.items()}
    result, baseline = (json.loads(path.read_text(encoding="utf-8")) for path in (options.result, options.baseline))
    print(f"now    {result['provenance']['commit']} on {result['provenance']['machine']}")
    print(f"before {baseline['provenance']['commit']} on {baseline['provenance']['machine']}")
    found = list(verdicts(result, baseline, gates, options.slack))
    for one in found:
        mark = "FAIL" if one.problem else "gate" if one.is_gate else "info"
        before = "-" if one.before is None else f"{one.before:.2f}"
        print(f"{mark}  {one.name:60} {before:>9} -> {one.now:9.2f}  {one.problem}")
    absent = missing(result, gates)
    for name in absent:
        print(f"FAIL  {name}: not in the result")
    return int(bool(absent) or any(one.problem for one in found))


if __name__ == "__main__":
    sys.exit(main())
