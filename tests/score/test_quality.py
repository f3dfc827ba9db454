"""Seeded simulations: few false alarms on healthy machines, and every known fault found. Tolerances are wide."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from acm_etl import score, simulate

DAYS = 90


def scored(made):
    frame, _ = score.dedupe_readings(made.frame.rename({simulate.HISTORIAN_TIME_COLUMN: "Timestamp"}))
    end = simulate.DEFAULT_START + timedelta(days=DAYS)
    model = score.fit(frame.filter(pl.col("Timestamp") < end))
    return score.score(frame, model, train_end=end)


@pytest.mark.sampled
@pytest.mark.parametrize("seed", [1, 7])
def test_the_faults_of_a_year_are_found_and_little_else(seed):
    made = simulate.simulate_history(seed=seed)
    found = simulate.match_episodes(made.truth, scored(made).episodes)
    assert found.faults["Found"].all()
    assert found.faults["Primary"].all()
    delay = dict(found.faults.select("Name", "DelayHours").rows())
    assert delay["bearing"] < 240  # of 858 hours, at full size 27 standard deviations of its noise
    assert delay["leak"] <= 12
    assert delay["surge"] <= 4
    assert len(found.unmatched) <= 4  # measured: 1 and 2


def test_a_healthy_year_is_quiet():
    made = simulate.simulate_history(seed=13, faults=(), days=500)
    later = scored(made).frame.filter(pl.col("Timestamp") >= simulate.DEFAULT_START + timedelta(days=DAYS))
    assert (later["fused"] >= 3.09).mean() < 0.004
    assert later["alarm"].mean() < 0.004
    assert (later["drift_z"] >= 3.09).mean() < 0.02
