"""How good forecasts and remaining lives are: error and coverage on simulated degradations and on simulated plants.

    python bench/forecast.py [--only series plants] [--seeds 40]

Every forecast is made from the thirty days before it and held against what came later.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.signal import lfilter

from acm_etl import simulate
from acm_etl.score.forecast.health_forecast import HORIZON_HOURS, HealthForecast
from acm_etl.score.health import health_from_z

Z_SCALE = 4.72
LIMIT = Z_SCALE * np.sqrt(100 / 70 - 1)
DAYS, BACK = 140, 30
HORIZONS = (1, 3, 7, 14, 28)


class History(NamedTuple):
    """A daily series of z, the days at whose end a forecast is made, and when its level passes the threshold."""

    z: np.ndarray
    origins: list[int]
    fails: float | None = None


@dataclass
class Tally:
    """What forecasts of one kind did."""

    covered: list[bool] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    still: list[float] = field(default_factory=list)
    given: list[bool] = field(default_factory=list)
    month: list[float] = field(default_factory=list)
    lives: list[tuple[float, float]] = field(default_factory=list)
    bounded: list[bool] = field(default_factory=list)

    def row(self, kind: str) -> str:
        """The numbers as one line of the table."""
        line = (
            f"{kind:<14}{len(self.given):>6}{np.mean(self.covered):>8.0%}{np.mean(self.error):>8.1f}"
            f"{np.mean(self.still):>8.1f}{np.mean(self.month):>9.1%}{np.mean(self.given):>7.0%}"
        )
        if not self.lives:
            return line
        said, true = np.array(self.lives).T
        return f"{line}{np.median(np.abs(said - true)):>9.1f}{true.mean():>8.1f}{np.mean(self.bounded):>8.0%}"


HEAD = (
    f"{'kind':<14}{'asked':>6}{'80 % CI':>8}{'MAE':>8}{'as now':>8}{'fail 30d':>9}{'RUL':>7}"
    f"{'|error|':>9}{'true':>8}{'bounds':>8}"
)


def noise(rng: np.random.Generator, std: float = 0.65, phi: float = 0.3) -> np.ndarray:
    """AR(1) scatter of daily medians; the defaults are those of healthy simulated fans."""
    found: np.ndarray = lfilter([1], [1, -phi], rng.normal(size=DAYS + 50) * std * np.sqrt(1 - phi**2))[50:]
    return found


def none(rng: np.random.Generator) -> History:
    """A healthy machine."""
    return History(rng.normal(0.2, 0.2) + noise(rng), list(range(BACK, DAYS - BACK, 9)))


def restless(rng: np.random.Generator) -> History:
    """Noise only: half as strong again, and with a memory of days."""
    return History(rng.normal(0.5, 0.2) + noise(rng, 1.0, 0.6), list(range(BACK, DAYS - BACK, 9)))


def step(rng: np.random.Generator, low: float = 1.2, high: float = 2.2) -> History:
    """A jump that stays."""
    at = int(rng.integers(35, 60))
    z = rng.normal(0.2, 0.2) + rng.uniform(low, high) * (np.arange(DAYS) >= at) + noise(rng)
    return History(z, list(range(at + 1, at + 41, 5)))


def fall(rng: np.random.Generator) -> History:
    """A jump beyond the threshold that stays."""
    return step(rng, 5, 9)


def linear(rng: np.random.Generator) -> History:
    """A straight way to the threshold in 15 to 60 days."""
    onset, length, base = float(rng.integers(20, 40)), rng.uniform(15, 60), rng.normal(0.2, 0.2)
    rise = np.maximum(np.arange(DAYS) + 0.5 - onset, 0) * (LIMIT - base) / length
    origins = list(range(int(onset + 0.3 * length), int(onset + length), max(1, int(length / 12))))
    return History(base + rise + noise(rng), origins, onset + length)


def exponential(rng: np.random.Generator) -> History:
    """Growth, e-fold in 8 to 20 days."""
    growth, fails, base = rng.uniform(8, 20), rng.uniform(60, 100), rng.normal(0.2, 0.2)
    rise = np.minimum(np.exp((np.arange(DAYS) + 0.5 - fails) / growth) * (LIMIT - base), 25)
    origins = list(range(int(fails - 1.5 * growth), int(fails), max(1, int(growth / 8))))
    return History(base + rise + noise(rng), origins, fails)


def repaired(rng: np.random.Generator) -> History:
    """A straight way up, cut off by a repair; asked afterwards."""
    repair = int(rng.integers(40, 55))
    days = np.arange(DAYS)
    rise = np.where(days < repair, np.maximum(days - 20, 0) * 0.12, 0)
    return History(rng.normal(0.2, 0.2) + rise + noise(rng), list(range(repair + 1, repair + 25, 4)))


KINDS: dict[str, Callable[[np.random.Generator], History]] = {
    part.__name__: part for part in (none, restless, step, fall, linear, exponential, repaired)
}


def measured(histories: Iterator[History], *, seen: bool = False) -> Tally:
    """Forecasts at every origin against what came; if ``seen``, only those that think a rise more likely than not."""
    tally = Tally()
    for history in histories:
        for origin in history.origins:
            _ask(history, origin, tally, seen=seen)
    return tally


def _ask(history: History, origin: int, tally: Tally, *, seen: bool) -> None:
    first = max(0, origin - BACK)
    past = history.z[first:origin]
    there = np.isfinite(past)
    outlook = HealthForecast((np.arange(first, origin) + 0.5 - origin)[there], past[there], Z_SCALE)
    if not outlook.has_enough_data or (seen and outlook.trend.rise_probability < 0.5):
        return
    ahead = [h for h in HORIZONS if origin + h - 1 < len(history.z) and np.isfinite(history.z[origin + h - 1])]
    truth = health_from_z(history.z[[origin + h - 1 for h in ahead]], Z_SCALE)
    # a forecast is for the end of day h, the truth is of its noon: half a day that matters to nobody
    at = [int(np.searchsorted(HORIZON_HOURS, 24 * h)) for h in ahead]
    band = outlook.health_band
    tally.covered += ((truth >= band.lower[at] - 1e-9) & (truth <= band.upper[at] + 1e-9)).tolist()
    tally.error += np.abs(truth - band.median[at]).tolist()
    tally.still += np.abs(truth - health_from_z(np.median(past[there][-7:]), Z_SCALE)).tolist()
    tally.month.append(float(outlook.failure_probability(np.array([720.0]))[0]))
    tally.given.append(outlook.rul_hours is not None)
    if outlook.rul_hours is not None and history.fails is not None:
        low, high = outlook.rul_bounds
        left = 24 * (history.fails - origin)
        tally.lives.append((outlook.rul_hours / 24, left / 24))
        tally.bounded.append((low or 0) <= left <= (high or np.inf))


def series(seeds: int) -> Iterator[tuple[str, Tally]]:
    """Daily series made up with known levels."""
    for number, (kind, make) in enumerate(KINDS.items()):
        yield kind, measured(make(np.random.default_rng([number, seed])) for seed in range(seeds))


def plants(_: int) -> Iterator[tuple[str, Tally]]:
    """Simulated fans, scored by models of their first 90 days: healthy years, and years with slow faults."""
    healthy = (daily(simulate.simulate_history(seed=seed, faults=()).frame) for seed in (21, 22, 23))
    yield "healthy fan", measured(History(z, list(range(95, len(z) - BACK, 7))) for z in healthy)
    faulty = [worn(seed, tag, size) for seed, tag, size in ((31, 4, 1.5), (33, 2, 0.3), (34, 1, 3.0))]
    yield "slow fault", measured(iter(faulty))
    yield "  once seen", measured(iter(faulty), seen=True)


def worn(seed: int, tag: int, size: float) -> History:
    """Three faults of 45 days each, every one cut off by a repair; asked from ten days on, until health is lost."""
    starts = (110, 190, 270)
    faults = tuple(
        simulate.Fault(
            "wear",
            "slow",
            simulate.DEFAULT_START + timedelta(days=day),
            simulate.DEFAULT_START + timedelta(days=day + 45),
            {simulate.FD_FAN_TAGS[tag].name: size},
        )
        for day in starts
    )  # fmt: skip
    z = daily(simulate.simulate_history(seed=seed, faults=faults).frame)
    kept, origins = z.copy(), []
    for day in starts:
        kept[day + 45] = np.nan  # the day of the repair is neither one nor the other
        lost = np.flatnonzero(z[day : day + 45] > LIMIT)
        origins += range(day + 10, day + (int(lost[0]) if len(lost) else 45), 2)
    return History(kept, origins)


def daily(frame: pl.DataFrame) -> np.ndarray:
    """Daily medians of the fused z of a simulated history; NaN where the fan stood still."""
    from quality import DAYS90, TIME, cleaned, trained  # noqa: PLC0415 - fits models: only where plants are asked for

    scored, _ = trained(cleaned(frame), DAYS90)
    running = scored.frame.filter((pl.col("regime") != "off") & pl.col("fused").is_not_null())
    found = running.group_by(day=pl.col(TIME).dt.date()).agg(pl.col("fused").median())
    days = pl.DataFrame({"day": pl.date_range(simulate.DEFAULT_START.date(), found["day"].max(), eager=True)})
    return days.join(found, on="day", how="left").sort("day")["fused"].fill_null(np.nan).to_numpy()


PARTS = {"series": series, "plants": plants}


def main() -> None:
    """Print one table per part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure")
    parser.add_argument("--seeds", type=int, default=40, help="made-up series per kind")
    options = parser.parse_args()
    for name in options.only:
        print(f"\n{name}: {PARTS[name].__doc__}\n{HEAD}")
        for kind, tally in PARTS[name](options.seeds):
            print(tally.row(kind))


if __name__ == "__main__":
    main()
