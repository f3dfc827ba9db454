"""A machine without an air temperature that was trained in winter and stands each night: summer is no fault."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.config import ScoreParams

START, TRAINING = datetime(2024, 1, 1), timedelta(days=45)
DAYS = 150
DAY, HOUR = np.divmod(np.arange(DAYS * 24), 24)
IS_ON = (HOUR >= 6) & (HOUR < 22)
HOT = DAY >= DAYS - 20


@pytest.fixture(scope="module")
def healthy():
    """Two temperatures and an oil temperature follow the air, which rises by 30 K after the training."""
    rng = np.random.default_rng(3)
    weather = np.convolve(rng.normal(0, 1, len(DAY) + 71), np.ones(72) / 72, mode="valid") * 20
    air = 2 + 30 * np.clip((DAY - 45) / 85, 0, 1) + 4 * np.sin(2 * np.pi * (HOUR - 9) / 24) + weather
    load = np.where(IS_ON, 1 + 0.1 * rng.normal(size=len(DAY)), 0)
    heat = pl.Series(load).ewm_mean(alpha=0.5, adjust=False).to_numpy()
    columns = {
        "Current": 200 * load + rng.normal(0, 0.5, len(DAY)),
        "Power": 300 * load + rng.normal(0, 1, len(DAY)),
        "Feed": 400 * load + rng.normal(0, 4, len(DAY)),
        "Vibration": np.where(IS_ON, 3 + 0.5 * load + 0.2 * rng.normal(size=len(DAY)), 0.1),
        "Bearing": air + 40 * heat + rng.normal(0, 0.5, len(DAY)),
        "Second Bearing": air + 36 * heat + rng.normal(0, 0.5, len(DAY)),
        "Oil": 10 + 0.8 * air + 30 * heat + rng.normal(0, 0.4, len(DAY)),
    }
    columns["Vibration"] += rng.normal(0, 0.02, len(DAY))
    times = pl.datetime_range(START, START + timedelta(hours=len(DAY) - 1), interval="1h", eager=True)
    return pl.DataFrame({"Timestamp": times, **columns})


@pytest.fixture(scope="module")
def model(healthy):
    return score.fit(healthy.filter(pl.col("Timestamp") < START + TRAINING), ScoreParams(forest_trees=8))


@pytest.fixture(scope="module")
def scored(healthy, model):
    return score.score(healthy, model, train_end=START + TRAINING)


def test_summer_is_no_alarm(healthy, model, scored):
    assert not scored.frame["alarm"].any()
    # The same readings alarm in operation and at standstill if nothing is known of seasons.
    unaware = score.Model.from_bytes(model.to_bytes())
    for known in (unaware.operating_range, unaware.standstill.season_range):
        object.__setattr__(known, "shows_seasons_", np.zeros((), dtype=bool))
    alarms = score.score(healthy, unaware, train_end=START + TRAINING).frame.filter("alarm")
    assert set(alarms["state"]) >= {"off", "on"}


@pytest.mark.parametrize(
    ("tag", "change", "rows"),
    [("Bearing", 15.0, IS_ON & HOT), ("Vibration", 1.5, IS_ON & HOT), ("Vibration", 0.5, ~IS_ON & HOT)],
)
def test_a_fault_in_summer_is_found(healthy, model, tag, change, rows):
    faulty = healthy.with_columns(pl.col(tag) + pl.Series(change * rows))
    found = score.score(faulty, model, train_end=START + TRAINING)
    assert found.frame["alarm"].filter(pl.Series(rows)).mean() > 0.5
    assert set(found.episodes["PrimarySensor"]) == {tag}


def test_a_stored_model_and_pieces_score_alike(healthy, model, scored):
    restored = score.Model.from_bytes(model.to_bytes())
    cut = 100 * 24 + 3  # at standstill, in the season
    first = score.score(healthy[:cut], restored, train_end=START + TRAINING)
    second = score.score(healthy[cut:], restored, first.state, train_end=START + TRAINING)
    assert pl.concat([first.frame, second.frame]).equals(scored.frame)
