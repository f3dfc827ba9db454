"""Quality of health forecasts and times to the threshold: errors and coverage on simulated series and plants.

    python bench/forecast.py [--only series plants] [--seeds 40]

Every forecast is made from the thirty days before it and compared with the days after it.
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
    """One simulated machine.

    Attributes:
        z: Fused z per day; NaN where it is unknown.
        origins: Days at whose start a forecast is made.
        fails: Day on which the level passes the threshold; None if it never does.
    """

    z: np.ndarray
    origins: list[int]
    fails: float | None = None


@dataclass
class Tally:
    """Errors and coverage of the forecasts of one kind of machine.

    Attributes:
        covered: Whether the 80 % interval contains the health, per forecast and horizon.
        horizons: The horizon of each entry of ``covered``, days.
        errors: Absolute error of the median forecast, per horizon, points of health.
        persistence_errors: The same of a forecast that health stays at the median of the last seven days.
        has_rul: Whether a time to the threshold was given, per forecast.
        failure_30d: Probability of a failure within 30 days, per forecast.
        rul_days: Predicted and true time to the threshold, days, per forecast that has both.
        rul_covered: Whether the bounds contain the true time to the threshold.
    """

    covered: list[bool] = field(default_factory=list)
    horizons: list[int] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    persistence_errors: list[float] = field(default_factory=list)
    has_rul: list[bool] = field(default_factory=list)
    failure_30d: list[float] = field(default_factory=list)
    rul_days: list[tuple[float, float]] = field(default_factory=list)
    rul_covered: list[bool] = field(default_factory=list)

    def format_row(self, kind: str) -> str:
        """Return one line of the table."""
        coverage = "".join(f"{np.mean(np.array(self.covered)[np.array(self.horizons) == h]):>6.0%}" for h in HORIZONS)
        line = (
            f"{kind:<14}{len(self.has_rul):>6}{coverage}{np.mean(self.errors):>8.1f}"
            f"{np.mean(self.persistence_errors):>8.1f}{np.mean(self.failure_30d):>9.1%}{np.mean(self.has_rul):>7.0%}"
        )
        if not self.rul_days:
            return line
        predicted, actual = np.array(self.rul_days).T
        return (
            f"{line}{np.median(np.abs(predicted - actual)):>9.1f}{actual.mean():>8.1f}{np.mean(self.rul_covered):>8.0%}"
        )


HEAD = (
    f"{'kind':<14}{'count':>6}"
    + "".join(f"{f'{h} d':>6}" for h in HORIZONS)
    + f"{'MAE':>8}{'persist':>8}{'fail 30d':>9}{'time':>7}"
    f"{'|error|':>9}{'true':>8}{'bounds':>8}"
)


def draw_noise(rng: np.random.Generator, std: float = 0.65, phi: float = 0.3) -> np.ndarray:
    """Return AR(1) noise of daily medians; the defaults are those of healthy simulated fans."""
    found: np.ndarray = lfilter([1], [1, -phi], rng.normal(size=DAYS + 50) * std * np.sqrt(1 - phi**2))[50:]
    return found


def simulate_healthy(rng: np.random.Generator) -> History:
    """Return a healthy machine."""
    return History(rng.normal(0.2, 0.2) + draw_noise(rng), list(range(BACK, DAYS - BACK, 9)))


def simulate_restless(rng: np.random.Generator) -> History:
    """Return noise that is half as strong again and correlated over days."""
    return History(rng.normal(0.5, 0.2) + draw_noise(rng, 1.0, 0.6), list(range(BACK, DAYS - BACK, 9)))


def simulate_step(rng: np.random.Generator, low: float = 1.2, high: float = 2.2) -> History:
    """Return a permanent step of the level."""
    at = int(rng.integers(35, 60))
    z = rng.normal(0.2, 0.2) + rng.uniform(low, high) * (np.arange(DAYS) >= at) + draw_noise(rng)
    return History(z, list(range(at + 1, at + 41, 5)))


def simulate_fall(rng: np.random.Generator) -> History:
    """Return a permanent step beyond the threshold."""
    return simulate_step(rng, 5, 9)


def simulate_linear_rise(rng: np.random.Generator) -> History:
    """Return a linear rise to the threshold in 15 to 60 days."""
    onset, length, base = float(rng.integers(20, 40)), rng.uniform(15, 60), rng.normal(0.2, 0.2)
    rise = np.maximum(np.arange(DAYS) + 0.5 - onset, 0) * (LIMIT - base) / length
    origins = list(range(int(onset + 0.3 * length), int(onset + length), max(1, int(length / 12))))
    return History(base + rise + draw_noise(rng), origins, onset + length)


def simulate_growth(rng: np.random.Generator) -> History:
    """Return exponential growth, e-fold in 8 to 20 days."""
    growth, fails, base = rng.uniform(8, 20), rng.uniform(60, 100), rng.normal(0.2, 0.2)
    rise = np.minimum(np.exp((np.arange(DAYS) + 0.5 - fails) / growth) * (LIMIT - base), 25)
    origins = list(range(int(fails - 1.5 * growth), int(fails), max(1, int(growth / 8))))
    return History(base + rise + draw_noise(rng), origins, fails)


def simulate_repair(rng: np.random.Generator) -> History:
    """Return a linear rise that a repair ends, with forecasts after the repair."""
    repair = int(rng.integers(40, 55))
    days = np.arange(DAYS)
    rise = np.where(days < repair, np.maximum(days - 20, 0) * 0.12, 0)
    return History(rng.normal(0.2, 0.2) + rise + draw_noise(rng), list(range(repair + 1, repair + 25, 4)))


KINDS: dict[str, Callable[[np.random.Generator], History]] = {
    "none": simulate_healthy,
    "restless": simulate_restless,
    "step": simulate_step,
    "fall": simulate_fall,
    "linear": simulate_linear_rise,
    "exponential": simulate_growth,
    "repaired": simulate_repair,
}


def evaluate_forecasts(histories: Iterator[History], *, rising_only: bool = False) -> Tally:
    """Compare forecasts at every origin with the days after it.

    Args:
        histories: Machines.
        rising_only: Take only forecasts whose trend rises with a probability of at least one half.
    """
    tally = Tally()
    for history in histories:
        for origin in history.origins:
            _add_forecast(history, origin, tally, rising_only=rising_only)
    return tally


def _add_forecast(history: History, origin: int, tally: Tally, *, rising_only: bool) -> None:
    first = max(0, origin - BACK)
    past = history.z[first:origin]
    known = np.isfinite(past)
    forecast = HealthForecast((np.arange(first, origin) + 0.5 - origin)[known], past[known], Z_SCALE)
    if not forecast.has_enough_data or (rising_only and forecast.trend.rise_probability < 0.5):
        return
    ahead = [h for h in HORIZONS if origin + h - 1 < len(history.z) and np.isfinite(history.z[origin + h - 1])]
    truth = health_from_z(history.z[[origin + h - 1 for h in ahead]], Z_SCALE)
    # A forecast is for the end of day h, the truth is the median of that day: half a day is below the resolution.
    at = [int(np.searchsorted(HORIZON_HOURS, 24 * h)) for h in ahead]
    band = forecast.health_band
    tally.covered += ((truth >= band.lower[at] - 1e-9) & (truth <= band.upper[at] + 1e-9)).tolist()
    tally.horizons += ahead
    tally.errors += np.abs(truth - band.median[at]).tolist()
    tally.persistence_errors += np.abs(truth - health_from_z(np.median(past[known][-7:]), Z_SCALE)).tolist()
    tally.failure_30d.append(float(forecast.failure_probability(np.array([720.0]))[0]))
    tally.has_rul.append(forecast.rul_hours is not None)
    if forecast.rul_hours is not None and history.fails is not None:
        low, high = forecast.rul_bounds
        left = 24 * (history.fails - origin)
        tally.rul_days.append((forecast.rul_hours / 24, left / 24))
        tally.rul_covered.append((low or 0) <= left <= (high or np.inf))


def evaluate_series(seeds: int) -> Iterator[tuple[str, Tally]]:
    """Simulated daily series with known levels."""
    for number, (kind, make) in enumerate(KINDS.items()):
        yield kind, evaluate_forecasts(make(np.random.default_rng([number, seed])) for seed in range(seeds))


def evaluate_plants(_: int) -> Iterator[tuple[str, Tally]]:
    """Simulated fans, scored by models of their first 90 days: healthy years, and years with slow faults."""
    healthy = (compute_daily_medians(simulate.simulate_history(seed=seed, faults=()).frame) for seed in (21, 22, 23))
    yield "healthy fan", evaluate_forecasts(History(z, list(range(95, len(z) - BACK, 7))) for z in healthy)
    faulty = [simulate_wear(seed, tag, size) for seed, tag, size in ((31, 4, 1.5), (33, 2, 0.3), (34, 1, 3.0))]
    yield "slow fault", evaluate_forecasts(iter(faulty))
    yield "  rising", evaluate_forecasts(iter(faulty), rising_only=True)
    yield "fan life", evaluate_forecasts(life for history in faulty for life in list_lives(history))


FAULT_DAYS = (110, 190, 270)


def list_lives(history: History) -> Iterator[History]:
    """Yield the run to failure of each fault: from before it is visible to its end, with forecasts every two days."""
    for day in FAULT_DAYS:
        yield History(history.z[: day + 45], list(range(max(day - 25, 95), day + 44, 2)))


def simulate_wear(seed: int, tag: int, size: float) -> History:
    """Return three faults of 45 days, each ended by a repair.

    Forecasts are made from ten days after the start of a fault until health is lost.
    """
    faults = tuple(
        simulate.Fault(
            "wear",
            "slow",
            simulate.DEFAULT_START + timedelta(days=day),
            simulate.DEFAULT_START + timedelta(days=day + 45),
            {simulate.FD_FAN_TAGS[tag].name: size},
        )
        for day in FAULT_DAYS
    )  # fmt: skip
    z = compute_daily_medians(simulate.simulate_history(seed=seed, faults=faults).frame)
    kept = z.copy()
    origins: list[int] = []
    for day in FAULT_DAYS:
        kept[day + 45] = np.nan  # the day of the repair belongs to neither state
        lost = np.flatnonzero(z[day : day + 45] > LIMIT)
        origins += range(day + 10, day + (int(lost[0]) if len(lost) else 45), 2)
    return History(kept, origins)


def compute_daily_medians(frame: pl.DataFrame) -> np.ndarray:
    """Return daily medians of the fused z of a simulated history; NaN where the fan stood still."""
    from quality import DAYS90, TIME, prepare_readings, score_after_training  # noqa: PLC0415 - fits models; only the part plants needs it

    scored, _ = score_after_training(prepare_readings(frame), DAYS90)
    running = scored.frame.filter((pl.col("regime") != "off") & pl.col("fused").is_not_null())
    found = running.group_by(day=pl.col(TIME).dt.date()).agg(pl.col("fused").median())
    days = pl.DataFrame({"day": pl.date_range(simulate.DEFAULT_START.date(), found["day"].max(), eager=True)})
    return days.join(found, on="day", how="left").sort("day")["fused"].fill_null(np.nan).to_numpy()


PARTS = {"series": evaluate_series, "plants": evaluate_plants}


def main() -> None:
    """Print one table per part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure")
    parser.add_argument("--seeds", type=int, default=40, help="simulated series per kind")
    options = parser.parse_args()
    for name in options.only:
        print(f"\n{name}: {PARTS[name].__doc__}\n{HEAD}")
        for kind, tally in PARTS[name](options.seeds):
            print(tally.format_row(kind))


if __name__ == "__main__":
    main()
