"""Draw docs/bench.png: readings per second against the length of the history and against tags, ours and a script's.

    python bench/chart.py [RESULT.json]

The result needs the benchmarks ``lengths`` and ``tags`` of ``make bench-full``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import altair as alt
from measure import Measurement
from results import Comparison, read_results

_HERE = Path(__file__).parent
_TARGET = _HERE.parent / "docs" / "bench.png"
_LENGTHS, _TAGS = ("growth", "lengths"), ("tags",)
_SERIES = {"acm_etl": "acm_etl, all tables", "script": "script of DuckDB and scikit-learn, raw scores only"}
Point = dict[str, Any]


def main() -> None:
    """Draw both charts beside one another."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else _HERE / "results" / "latest.json"
    provenance, comparisons = read_results(path)
    lengths, tags = (list_points(comparisons, names) for names in (_LENGTHS, _TAGS))
    if not lengths or not tags:
        message = f"{path} lacks the benchmarks lengths and tags; run: python bench/run.py --only growth lengths tags"
        raise SystemExit(message)
    title = alt.TitleParams(
        "Backfill of one machine at one-minute cadence",
        subtitle=f"{provenance['at'][:10]}, {provenance['commit']}, {provenance['machine']}; labels: peak MiB",
    )
    chart = alt.hconcat(
        _draw(lengths, "readings", "readings in the history (10 tags)"),
        _draw(tags, "tags", "tags (200,000 readings)"),
        title=title,
    )
    chart.save(_TARGET, scale_factor=1.5)


def list_points(comparisons: list[Comparison], benchmarks: tuple[str, ...]) -> list[Point]:
    """Return one point for each measurement of some benchmarks.

    Names of candidates are ``series, readings x tags``, for example ``acm_etl, 1,000,000 x 10``.
    """
    return [
        _make_point(one)
        for comparison in comparisons
        if comparison.benchmark in benchmarks
        for one in comparison.measurements
    ]


def _make_point(one: Measurement) -> Point:
    series, size = one.name.split(", ", 1)
    readings, tags = (int(number.replace(",", "")) for number in size.split(" x "))
    best = min(one.usages, key=lambda usage: usage.wall_seconds)
    return {
        "series": _SERIES.get(series, series),
        "readings": readings,
        "tags": tags,
        "readings/s": readings / best.wall_seconds,
        "peak MiB": best.peak_mib,
    }


def _draw(points: list[Point], field: str, title: str) -> alt.LayerChart:
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X(f"{field}:Q", title=title).scale(type="log"),
        y=alt.Y("readings/s:Q", title="readings per second").scale(zero=True),
        color=alt.Color("series:N", title="").legend(orient="bottom", labelLimit=400),
    )
    labels = base.mark_text(dy=-12).encode(text=alt.Text("peak MiB:Q", format=",.0f"))
    return (base.mark_line(point=True) + labels).properties(width=380, height=260)


if __name__ == "__main__":
    main()
