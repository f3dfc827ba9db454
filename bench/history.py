"""End to end: whole backfills as commands in processes of their own, from readings in a store to all tables."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from measure import Ran, Row, acm

from acm_etl import config, simulate
from acm_etl.admin import ingest

DATA = Path(__file__).parents[2] / "shared" / "data" / "historian"
V8_SECONDS_PER_WINDOW = 8.7
"""Measured on V8: one process per window, whatever its length."""
#: The shortest is half as long again as the training of 90 days, before which nothing is scored.
MINUTES = (200_000, 400_000, 1_000_000)
DECADES = (1_000_000, 10_000_000)
WIDTHS = (10, 30, 100)
MACHINES, EACH = 50, 4_000


def year(folder: Path, repeats: int) -> list[Row]:
    """A year of a fan from an empty store, coldstart and all tables included, at two ticks."""
    files = sorted(map(str, DATA.glob("FD_FAN_*.csv")))
    fill = ("import", *files, "--timezone", "America/New_York") if files else ("simulate",)
    kind = "real" if files else "simulated"
    found: dict[str, list[Ran]] = {"1d": [], "30m": []}
    for number in range(repeats):
        for tick, ran in found.items():
            store = folder / f"{tick}{number}.duckdb"
            acm(store, *fill, "--equip", "FD_FAN")
            ran.append(acm(store, "backfill", "--equip", "FD_FAN", "--tick", tick))
    days = [ran.seconds for ran in found["1d"]]
    rows = [
        _row(f"year, tick {tick} ({kind})", runs, [a.seconds / b for a, b in zip(runs, days, strict=True)])
        for tick, runs in found.items()
    ]
    windows = found["30m"][0].report["machines"][0]["windows"]
    v8 = windows * V8_SECONDS_PER_WINDOW
    rows[1]["V8 s"], rows[0]["V8 s"] = v8, found["1d"][0].report["machines"][0]["windows"] * V8_SECONDS_PER_WINDOW
    return [{**row, "is": "times the seconds of a tick of a day"} for row in rows]


def growth(folder: Path, _repeats: int) -> list[Row]:
    """One machine at one-minute cadence, ten tags, as its history grows: cost per reading and peak memory."""
    return _growing(folder, MINUTES)


def decade(folder: Path, _repeats: int) -> list[Row]:
    """The same from a million readings to ten million."""
    return _growing(folder, DECADES)


def widths(folder: Path, _repeats: int) -> list[Row]:
    """200,000 readings as tags grow: cost per cell, against ten tags."""
    found = [(f"{tags} tags", _history(folder, MINUTES[0], tags), tags) for tags in WIDTHS]
    base = found[0][1].seconds / WIDTHS[0]
    return [
        {**_row(name, [ran], [ran.seconds / tags / base]), "is": "times the cost per cell of ten tags"}
        for name, ran, tags in found
    ]


def fleet(folder: Path, _repeats: int) -> list[Row]:
    """Fifty machines by one worker and by two."""
    ran = {}
    for workers in (1, 2):
        store = folder / f"fleet{workers}.duckdb"
        settings = config.load_config({"store.url": f"duckdb:///{store}"})
        for machine in range(MACHINES):
            frame = next(simulate.simulate_chunks(EACH, seed=machine, cadence=timedelta(hours=1)))
            ingest.load_frame(frame, equip=f"FAN_{machine:02}", time_zone="UTC", config=settings)
        ran[workers] = acm(store, "backfill", "--all", "--workers", str(workers))
    one = ran[1].seconds
    return [
        {**_row(f"{workers} worker(s)", [took], [one / took.seconds]), "is": "times as fast as one worker"}
        for workers, took in ran.items()
    ]


def _growing(folder: Path, lengths: Sequence[int]) -> list[Row]:
    found = [(length, _history(folder, length, 10)) for length in lengths]
    first, base = found[0]
    return [
        {
            **_row(f"{length:,} readings", [ran], [(ran.seconds / length) / (base.seconds / first)]),
            "is": f"times the cost per reading of {first:,}",
            "memory": ran.mib / base.mib,
        }
        for length, ran in found
    ]


def _history(folder: Path, length: int, tags: int) -> Ran:
    store = folder / f"h{length}x{tags}.duckdb"
    settings = config.load_config({"store.url": f"duckdb:///{store}"})
    size = max(20_000, 5_000_000 // tags)
    for frame in simulate.simulate_chunks(length, chunk_rows=size, tags=simulate.make_random_tags(tags)):
        ingest.load_frame(frame, equip="BENCH", time_zone="UTC", config=settings)
    ran = acm(store, "backfill", "--equip", "BENCH", "--close-last-window")
    store.unlink()
    return ran


def _row(way: str, ran: Sequence[Ran], ratios: Sequence[float]) -> Row:
    """Medians; the counts are the same in every run."""
    machines = ran[0].report["machines"]
    readings = sum(machine["readings"] for machine in machines)
    seconds = statistics.median(one.seconds for one in ran)
    return {
        "way": way,
        "rows": readings,
        "windows": sum(machine["windows"] for machine in machines),
        "table rows": sum(t["staged"] for machine in machines for t in machine["tables"].values()),
        "s": seconds,
        "rows/s": readings / seconds,
        "peak MiB": statistics.median(one.mib for one in ran),
        "ratio": statistics.median(ratios),
    }
