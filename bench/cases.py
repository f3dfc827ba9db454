"""What is measured. Each case returns one row per measurement; every ratio comes from one run of this program."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import v8

from acm_etl import config, ingest, simulate, tables
from acm_etl.io.open import connect
from acm_etl.load import clock, equipment, migrate, publish
from acm_etl.tables.common import HEADS

DATA = Path(__file__).parents[2] / "shared" / "data" / "historian"
START = datetime(2020, 1, 1)  # noqa: DTZ001 - all times are naive UTC
V8_SECONDS_PER_WINDOW = 8.7
"""Measured on V8: one process per window, whatever its length."""


def median(repeats: int, work: Callable[[int], float]) -> float:
    """Median seconds of ``repeats`` runs; each gets its number, to work in a fresh place."""
    return statistics.median(work(number) for number in range(repeats))


def acm(store: Path, *words: str) -> tuple[float, dict[str, Any]]:
    """Seconds and JSON report of one command in a process of its own."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "acm_etl", "--store", f"duckdb:///{store}", "--json", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        raise SystemExit(done.stderr)
    return time.perf_counter() - begun, json.loads(done.stdout)


def year(folder: Path, repeats: int) -> list[dict[str, Any]]:
    """A year of a fan from an empty store, all tables, coldstart included, against V8's process per window."""
    files = sorted(map(str, DATA.glob("FD_FAN_*.csv")))
    kind = "real" if files else "simulated"
    rows = []
    for tick in ("1d", "30m"):
        seconds, reports = [], []
        for number in range(repeats):
            store = folder / f"{tick}{number}.duckdb"
            if files:
                filled, _ = acm(store, "import", *files, "--equip", "FD_FAN", "--timezone", "America/New_York")
            else:
                filled, _ = acm(store, "simulate", "--equip", "FD_FAN")
            took, report = acm(store, "backfill", "--equip", "FD_FAN", "--tick", tick)
            seconds.append(filled + took)
            reports.append(report["machines"][0])
        total, machine = statistics.median(seconds), reports[0]
        rows.append(
            {
                "history": kind,
                "tick": tick,
                "windows": machine["windows"],
                "readings": machine["readings"],
                "rows written": sum(t["staged"] for t in machine["tables"].values()),
                "s (import + backfill)": total,
                "readings/s": machine["readings"] / total,
                "V8 s": machine["windows"] * V8_SECONDS_PER_WINDOW,
                "times faster": machine["windows"] * V8_SECONDS_PER_WINDOW / total,
                "episodes": machine["episodes"],
            }
        )
    return rows


def publishing(folder: Path, repeats: int) -> list[dict[str, Any]]:
    """Staging and publishing ACM_Scores_Wide, against executemany in chunks of 5,000 as V8 writes."""
    rows = []
    for count in (100_000, 1_000_000):
        seconds = median(repeats, lambda number, count=count: _publish(folder / f"p{count}_{number}.duckdb", count))
        rows.append({"way": "stage + publish", "rows": count, "s": seconds, "rows/s": count / seconds})
    count = 20_000
    slow = median(repeats, lambda number: v8.executemany(folder / f"v8_{number}.duckdb", _scores(count, "0" * 32)))
    rows.append({"way": "executemany (V8)", "rows": count, "s": slow, "rows/s": count / slow})
    return [{**row, "times V8's": row["rows/s"] / rows[-1]["rows/s"]} for row in rows]


def _publish(path: Path, count: int) -> float:
    engine = connect(config.Store(url=f"duckdb:///{path}"))
    try:
        migrate.init(engine)
        machine = equipment.register(engine, "BENCH", time_zone="UTC")
        run = "11111111-1111-5111-8111-111111111111"
        frame = _scores(count, run)
        end = START + timedelta(minutes=count)
        now = clock.now()
        log = pl.DataFrame(
            [
                {
                    "RunID": run, "EquipID": machine.equip_id, "Stage": "score", "WindowStart": START, "WindowEnd": end,
                    "Outcome": "OK", "Provisional": False, "ConfigSignature": "bench", "Attempt": 1,
                    "AttemptStartedAt": now, "StartedAt": now, "Version": "bench",
                }
            ],
            schema=tables.BY_NAME["RunLog"].polars,
        )  # fmt: skip
        publication = publish.Publication(
            equip_id=machine.equip_id, start=START, end=end, runs=log,
            analytics=tables.BY_NAME["ACM_Runs"].empty(), frames={"ACM_Scores_Wide": frame},
        )  # fmt: skip
        begun = time.perf_counter()
        publish.publish(engine, publication)
        return time.perf_counter() - begun
    finally:
        engine.close()


def _scores(count: int, run: str) -> pl.DataFrame:
    rng = np.random.default_rng(1)
    minutes = pl.int_range(count, eager=True) * 60_000
    frame = pl.DataFrame({name: rng.normal(size=count) for name in (*HEADS, "drift_z", "fused")}).with_columns(
        RunID=pl.lit(run), EquipID=pl.lit(1, pl.Int32),
        Timestamp=pl.lit(START).dt.cast_time_unit("ms") + minutes.cast(pl.Duration("ms")),
        Phase=pl.lit("SCORE"), OperatingState=pl.lit("on"), alarm=pl.lit(value=False), regime_label=pl.lit("0"),
        ModelVersion=pl.lit(1, pl.Int32),
    )  # fmt: skip
    return frame.select(*tables.BY_NAME["ACM_Scores_Wide"].polars)


def memory(folder: Path, _repeats: int) -> list[dict[str, Any]]:
    """Peak memory of a backfill as the history grows ten times, groups of 50,000 readings."""
    rows = []
    for count in (200_000, 2_000_000):  # four groups, and forty
        store = folder / f"m{count}.duckdb"
        settings = config.load({"store.url": f"duckdb:///{store}"})
        for frame in simulate.chunks(count, cadence=timedelta(minutes=10)):
            ingest.load_frame(frame, equip="BENCH", time_zone="UTC", config=settings)
        begun = time.perf_counter()
        peak = _peak(store)  # once: a second run would find nothing left to do
        rows.append({"readings": count, "peak MiB": peak, "s": time.perf_counter() - begun})
    return [{**row, "times the smaller": row["peak MiB"] / rows[0]["peak MiB"]} for row in rows]


def _peak(store: Path) -> float:
    """MiB at the peak of a backfill in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "acm_etl",
        "--store",
        f"duckdb:///{store}",
        "--json",
        "backfill",
        "--equip",
        "BENCH",
    ]
    code = (
        "import resource, subprocess, sys;"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(done.returncode)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)  # noqa: S603
    return int(done.stdout) / 1024
