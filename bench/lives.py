"""Time to failure from past lives of the same machine, against mean life minus age, on simulated lives.

    python bench/lives.py [--machines 150]

A machine fails again and again; its lives are Weibull distributed, and its daily fused z rises from a random time on.
Three estimates are compared at eight ages of the next life. None of them is part of acm_etl.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np
from forecast import draw_noise

from acm_etl.score.arrays import Floats

MEAN_DAYS, MIN_DAYS = 62.0, 8.0
AGES = np.linspace(0.2, 0.95, 8)
Z_WIDTH, AGE_WIDTH = 1.0, 0.35  # of the neighbours: fused z, and share of the mean life


class Life(NamedTuple):
    """One life of a machine.

    Attributes:
        days: Length until the failure, days.
        z: Fused z per day, median of the last five days.
    """

    days: float
    z: Floats


class Case(NamedTuple):
    """One row of the table.

    Attributes:
        past: Number of known lives.
        shape: Weibull shape of their lengths.
        hidden: True if the fused z never rises.
    """

    past: int
    shape: float
    hidden: bool = False


CASES = [Case(past, shape) for past in (2, 3, 5, 10) for shape in (1.5, 3.0)] + [
    Case(3, 1.5, hidden=True),
    Case(5, 3.0, hidden=True),
]


def main() -> None:
    """Print the mean absolute errors, days."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machines", type=int, default=150, help="simulated machines per row")
    machines = parser.parse_args().machines
    print(f"{'past lives':>10}{'shape':>7}{'visible':>9}{'mean - age':>12}{'longer lives':>14}{'neighbours':>12}")
    for case in CASES:
        errors = np.mean([measure_errors(case, seed) for seed in range(machines)], axis=0)
        visible = "no" if case.hidden else "yes"
        print(
            f"{case.past:>10}{case.shape:>7}{visible:>9}{errors[0]:>12.1f}{errors[1]:>14.1f}{errors[2]:>12.1f}",
            flush=True,
        )


def measure_errors(case: Case, seed: int) -> Floats:
    """Return the mean absolute error of the three estimates over the ages of one life, days."""
    rng = np.random.default_rng([case.past, int(10 * case.shape), seed])
    *past, life = (make_life(rng, case) for _ in range(case.past + 1))
    ages = [int(share * life.days) for share in AGES]
    return np.mean(
        [np.abs(np.array(estimate_days_left(past, life.z[age], age)) - (life.days - age)) for age in ages], axis=0
    )


def make_life(rng: np.random.Generator, case: Case) -> Life:
    """Return a life whose z rises from half to nine tenths of it on, linearly or exponentially."""
    scale = MEAN_DAYS / 0.9  # the mean of a Weibull distribution of these shapes is 0.9 of its scale
    days = max(MIN_DAYS, scale * rng.weibull(case.shape))
    onset = days * rng.uniform(0.5, 0.9)
    share = np.clip((np.arange(int(days) + 1) - onset) / (days - onset), 0, None)
    shape = share if rng.integers(2) else np.expm1(3 * share) / np.expm1(3)
    z = rng.uniform(5, 10) * shape * (not case.hidden) + np.resize(draw_noise(rng), len(share))
    return Life(days, np.array([np.median(z[max(0, day - 4) : day + 1]) for day in range(len(z))]))


def estimate_days_left(past: list[Life], z: float, age: int) -> tuple[float, float, float]:
    """Return the days left by the mean life, by the lives that were longer, and by similar days of past lives."""
    mean = float(np.mean([life.days for life in past]))
    by_mean = max(mean - age, 0.0)
    longer = [life.days - age for life in past if life.days > age]
    ages = np.concatenate([np.arange(len(life.z)) for life in past])
    left = np.concatenate([life.days - np.arange(len(life.z)) for life in past])
    distance = (np.concatenate([life.z for life in past]) - z) / Z_WIDTH
    weights = np.exp(-(distance**2 + ((ages - age) / (AGE_WIDTH * mean)) ** 2) / 2) + 1e-12
    return by_mean, float(np.mean(longer)) if longer else 0.1 * mean, float(weights @ left / weights.sum())


if __name__ == "__main__":
    main()
