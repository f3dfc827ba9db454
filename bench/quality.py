"""Detection quality with the default configuration: each target beside the measured value.

    python bench/quality.py [--only skab batadal quiet fan ...] [--write]

``--write`` stores the measured values of each part, with their provenance, in bench/quality.json. Labels are used for
measuring only. Parts whose data is not on this machine are skipped, with a notice.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

import labelled
import polars as pl
from provenance import provenance

from acm_etl import simulate
from acm_etl.config import ScoreParams
from acm_etl.io.files.options import ImportOptions
from acm_etl.score import ScoreResult, dedupe_readings, fit, score
from acm_etl.words import FILE_COLUMN, ROW_COLUMN

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from whole_files import read_whole_files

BASELINE = Path(__file__).with_name("quality.json")
HISTORIAN = labelled.SHARED / "data" / "historian"
YEARS = (7, 1, 2, 3, 4, 5)
QUIET_SEEDS = tuple(range(101, 121))
ZONE = "America/New_York"
TIME = "Timestamp"
DAYS90 = timedelta(days=90)


class Row(NamedTuple):
    """One measured value beside its target; ``met`` is None if there is no target."""

    what: str
    target: str
    reached: str
    met: bool | None


def main() -> None:
    """Measure the chosen parts and print their rows."""
    choices = [*labelled.FAMILIES, *PARTS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=choices, default=choices, help="parts to measure")
    parser.add_argument("--write", action="store_true", help=f"store the values in bench/{BASELINE.name}")
    options = parser.parse_args()
    if set(options.only) & set(labelled.FAMILIES):
        print(f"labelled series, seed {ScoreParams().seed}\n{labelled.HEADER}")
    for name in options.only:
        started = time.perf_counter()
        try:
            rows = measure_family(name) if name in labelled.FAMILIES else list(PARTS[name]())
        except labelled.Missing as reason:
            print(f"\n{name}: skipped, {reason}")
            continue
        if name in PARTS:
            print(f"\n{name} ({time.perf_counter() - started:.0f} s)")
            print_rows(rows)
        if options.write:
            store_rows(name, rows)


def measure_family(name: str) -> list[Row]:
    """Measure a family of labelled series and print its line; the values are returned for ``--write``."""
    quality = labelled.measure_family(labelled.FAMILIES[name])
    print(labelled.format_quality(name, quality), flush=True)
    return [Row(what, "", str(value), None) for what, value in quality._asdict().items()]


def print_rows(rows: list[Row]) -> None:
    """Print measured values beside their targets."""
    for row in rows:
        mark = {True: "met", False: "MISSED", None: ""}[row.met]
        print(f"  {row.what:<72}{row.target:>14}{row.reached:>22}  {mark}")


def store_rows(name: str, rows: list[Row]) -> None:
    """Write the rows of one part into the baseline; the other parts stay as they are."""
    known = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {}
    known[name] = {"provenance": provenance(), "rows": [row._asdict() for row in rows]}
    BASELINE.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def measure_healthy() -> Iterator[Row]:
    """Measure the share of healthy simulated readings above z = 3.09, trained on the first 90 or 300 days."""
    for seed, minutes, days in ((11, 10, 90), (12, 10, 90), (13, 30, 300)):
        span = 200_000 * minutes / 1440 + days
        made = simulate.simulate_history(seed=seed, faults=(), days=span, cadence=timedelta(minutes=minutes))
        scored = score_after_training(prepare_readings(made.frame), timedelta(days=days))[0]
        later = scored.frame.filter(pl.col(TIME) >= simulate.DEFAULT_START + timedelta(days=days))
        share = float((later["fused"] >= 3.09).mean())
        what = f"seed {seed}, {minutes} min, {days} d training, {len(later):,} rows: z >= 3.09"
        yield Row(what, "0.05-0.2 %", f"{share:.3%}", bool(0.0005 <= share <= 0.002))
        yield Row("  episodes", "", str(len(scored.episodes)), None)


def measure_faulty_years() -> Iterator[Row]:
    """Measure the simulated default year: faults found, delays, and episodes without a fault."""
    right = total = 0
    for seed in YEARS:
        made = simulate.simulate_history(seed=seed)
        matched = simulate.match_episodes(
            made.truth, score_after_training(prepare_readings(made.frame), DAYS90)[0].episodes
        )
        for fault in matched.faults.iter_rows(named=True):
            limit = 24.0 if fault["Kind"] == "sudden" else (fault["End"] - fault["Start"]) / timedelta(hours=2)
            delay = fault["DelayHours"]
            soon = delay is not None and delay <= limit
            yield Row(
                f"seed {seed}: {fault['Name']} found after",
                f"<= {limit:.0f} h",
                "never" if delay is None else f"{delay:.1f} h",
                soon,
            )
            right, total = right + fault["Primary"], total + fault["Found"]
        yield Row(f"seed {seed}: episodes without a fault", "few", str(len(matched.unmatched)), None)
    yield Row("culprit right at the first place", ">= 85 %", f"{right} of {total}", right >= 0.85 * total)


def count_alarms() -> Iterator[Row]:
    """Count the alarms of healthy simulated years."""
    counts = {}
    for seed in QUIET_SEEDS:
        made = simulate.simulate_history(seed=seed, faults=(), days=365 + 90, cadence=timedelta(minutes=30))
        counts[seed] = len(score_after_training(prepare_readings(made.frame), DAYS90)[0].episodes)
    seeds = f"{len(counts)} healthy years, seeds {min(counts)} to {max(counts)}, 30 min, 90 d training"
    yield Row(f"{seeds}: median alarms", "0", f"{median(counts.values()):g}", median(counts.values()) == 0)
    yield Row("  most alarms of a year", "<= 1", str(max(counts.values())), max(counts.values()) <= 1)
    yield Row("  alarms of all years", "", str(sum(counts.values())), None)


def check_fan() -> Iterator[Row]:
    """Check the real fan, trained on its whole baseline and on the first 90 days; times of the checks are EST."""
    baseline, everything = read_plant("FD_FAN")
    for name, days in (("baseline", baseline), ("90 d", DAYS90)):
        scored, _ = score_after_training(everything, days)
        frame = scored.frame.with_columns(local=pl.col(TIME) - timedelta(hours=5))
        quiet = select_period(frame, "2013-01-03 04:30", "2013-01-22 06:00")
        shifted = select_period(frame, "2013-02-27", "2013-03-27")
        peak = select_period(frame, "2013-05-16 18:00", "2013-05-17 02:00")
        stood = pl.concat([select_period(frame, "2012-12-31 22:30", "2013-01-03 04:00"),
                           select_period(frame, "2013-01-22 07:00", "2013-02-24 05:00")])  # fmt: skip
        yield require_at_most(f"{name}: alarms in quiet January", quiet["alarm"].mean(), 0.03)
        yield require_at_least(f"{name}: alarms 27 Feb - 27 Mar", shifted["alarm"].mean(), 0.5)
        yield require_at_least(f"{name}: drift flagged then", (shifted["drift_z"] >= 3.09).mean(), 0.8)
        first = name_culprits(scored, shifted, 3)
        yield Row(
            f"{name}: culprits {first}", "pressure, bearing", "", "Outlet Pressure" in first and "Bearing" in first
        )
        yield Row(f"{name}: 16 May peak", "alarm", f"{peak['alarm'].sum()} rows", bool(peak["alarm"].any()))
        first = name_culprits(scored, peak.filter("alarm"), 2)
        yield Row(f"{name}: culprits {first}", "motor current", "", "Motor Current" in first)
        yield require_at_least(f"{name}: standstill detected", (stood["state"] == "off").mean(), 0.95)


def check_turbine() -> Iterator[Row]:
    """Check the real turbine, trained on its whole baseline and on the first 90 days."""
    baseline, everything = read_plant("GAS_TURBINE")
    for name, days in (("baseline", baseline), ("90 d", DAYS90)):
        scored, _ = score_after_training(everything, days)
        frame = scored.frame.with_columns(local=pl.col(TIME) - timedelta(hours=5))
        after = select_period(frame, "2020-01-07", "2020-01-31")
        since = select_period(frame, "2020-01-05", "2020-01-31").filter("alarm")["local"]
        started = since[0] if len(since) else None
        loaded = after.filter(pl.col("state") != "off")
        yield Row(f"{name}: alarm since", "2020-01-07", f"{started:%m-%d %H:%M}" if started else "never",
                  started is not None and started <= datetime(2020, 1, 7))  # noqa: DTZ001  # fmt: skip
        yield require_at_least(f"{name}: loaded hours in alarm afterwards", loaded["alarm"].mean(), 0.8)
        first = name_culprits(scored, after.filter("alarm"), 3)
        yield Row(f"{name}: culprits {first}", "two of B1", "", first.count("B1") >= 2)
        yield require_at_most(
            f"{name}: alarms while offline", after.filter(pl.col("state") == "off")["alarm"].mean(), 0.05
        )


def measure_speed() -> Iterator[Row]:
    """Measure CPU seconds to fit, and readings scored per CPU second, all detectors."""
    frame = prepare_readings(
        simulate.simulate_history(seed=11, faults=(), days=1040, cadence=timedelta(minutes=10)).frame
    )
    fit(frame[:4300])  # the first call loads libraries
    started = time.process_time()
    model = fit(frame[:4300])
    fitted = time.process_time()
    score(frame, model)
    done = time.process_time()
    yield Row("fit 4,300 rows x 9 tags", "<= 2 s", f"{fitted - started:.2f} s", fitted - started <= 2)
    yield Row("score, all detectors", "", f"{len(frame) / (done - fitted):,.0f} rows/s", None)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Row("peak memory of this process", "", f"{peak:,.0f} MiB", None)


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "quiet": count_alarms,
    "healthy": measure_healthy,
    "years": measure_faulty_years,
    "fan": check_fan,
    "turbine": check_turbine,
    "speed": measure_speed,
}


def prepare_readings(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a simulated history in the form that the scorer reads."""
    return dedupe_readings(frame.rename({simulate.HISTORIAN_TIME_COLUMN: TIME}))[0]


def score_after_training(frame: pl.DataFrame, days: timedelta) -> tuple[ScoreResult, datetime]:
    """Return the frame scored by a model of its first days, and the end of training."""
    end = frame[TIME][0] + days
    return score(frame, fit(frame.filter(pl.col(TIME) < end)), train_end=end), end


def read_plant(name: str) -> tuple[timedelta, pl.DataFrame]:
    """Return length of the baseline and all readings of a plant; where files overlap, the baseline counts."""
    options = ImportOptions(time_zone=ZONE)
    parts = [
        read_whole_files([labelled.require_path(HISTORIAN / f"{name}_{part}_DATA.csv")], options)[0]
        for part in ("BASELINE", "BATCH")
    ]
    first, later = (prepare_readings(part.drop(FILE_COLUMN, ROW_COLUMN, strict=False)) for part in parts)
    length = first[TIME][-1] - first[TIME][0] + timedelta(seconds=1)
    return length, pl.concat([first, later.filter(pl.col(TIME) > first[TIME][-1])])


def select_period(frame: pl.DataFrame, start: str, end: str) -> pl.DataFrame:
    """Return the rows whose local time lies between two times."""
    return frame.filter(pl.col("local").is_between(*(pl.lit(text).str.to_datetime(strict=True) if " " in text
                        else pl.lit(f"{text} 00:00").str.to_datetime() for text in (start, end))))  # fmt: skip


def name_culprits(scored: ScoreResult, rows: pl.DataFrame, count: int) -> str:
    """Return the tags that contribute most to some rows."""
    shares = scored.contributions.join(rows.select(TIME), on=TIME, how="semi").drop(TIME).mean().row(0, named=True)
    ranked = sorted(shares, key=lambda tag: -(shares[tag] or 0))
    return ", ".join(tag.split("Fan ")[-1] for tag in ranked[:count])


def require_at_least(what: str, share: float, least: float) -> Row:
    """Compare a share with its lower limit."""
    return Row(what, f">= {least:.0%}", f"{share:.1%}", bool(share >= least))


def require_at_most(what: str, share: float, most: float) -> Row:
    """Compare a share with its upper limit."""
    return Row(what, f"<= {most:.0%}", f"{share:.1%}", bool(share <= most))


if __name__ == "__main__":
    main()
