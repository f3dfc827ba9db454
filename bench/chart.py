"""The chart of a result: how many readings a second as the history grows, and each question's ratios.

python bench/chart.py [RESULT.json]      writes bench/report.html (self-contained) and docs/bench.png
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import altair as alt

HERE = Path(__file__).parent
_LENGTHS = ("growth", "decade")


def lengths(result: dict[str, Any]) -> alt.LayerChart:
    """Readings a second against the length of the history."""
    by_length = {row["rows"]: row for name in _LENGTHS for row in result["questions"].get(name, [])}
    rows = [
        {"readings": length, "readings/s": row["rows/s"], "peak MiB": row["peak MiB"]}
        for length, row in by_length.items()
    ]
    if not rows:
        message = "the result has no growing history: python bench/run.py --only growth"
        raise SystemExit(message)
    about = result["provenance"]
    title = alt.TitleParams(
        "Backfill of one machine, ten tags, all tables (labels: peak MiB)",
        subtitle=f"{about['commit']}, {about['machine']}, Python {about['python']}, polars {about['polars']}",
    )
    base = alt.Chart(alt.Data(values=rows), title=title).encode(
        x=alt.X("readings:Q", title="readings in the history").scale(type="log"),
        y=alt.Y("readings/s:Q", title="readings per second").scale(zero=True),
        tooltip=[alt.Tooltip(f"{name}:Q", format=",.0f") for name in rows[0]],
    )
    labels = base.mark_text(dy=-14).encode(text=alt.Text("peak MiB:Q", format=",.0f"))
    return (base.mark_line(point=True) + labels).properties(width=640, height=280)


def ratios(result: dict[str, Any]) -> alt.Chart:
    """How many times as fast as the alternative, question by question."""
    rows = [
        {"question": name, "way": f"{row['way']} ({row.get('threads', 0)})", "ratio": row["ratio"], "is": row["is"]}
        for name, found in result["questions"].items()
        for row in found
        if "times as fast" in str(row.get("is")) and row["ratio"] != 1
    ]
    return (
        alt.Chart(alt.Data(values=rows), title="Times as fast as the alternative (threads)")
        .mark_bar()
        .encode(
            x=alt.X("ratio:Q", title="").scale(type="log"),
            y=alt.Y("way:N", title="").sort("-x"),
            color=alt.Color("question:N"),
            tooltip=["question:N", "way:N", alt.Tooltip("ratio:Q", format=",.2f"), "is:N"],
        )
        .properties(width=640)
    )


def main() -> None:
    """Write the page and the picture."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "results" / "latest.json"
    result = json.loads(path.read_text(encoding="utf-8"))
    growing = lengths(result)
    page = alt.vconcat(growing, ratios(result)).resolve_scale(color="independent")
    page.save(HERE / "report.html", inline=True)
    growing.save(HERE.parent / "docs" / "bench.png", scale_factor=1.5)


if __name__ == "__main__":
    main()
