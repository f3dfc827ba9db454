"""What new models take over from those before: the books, with every tag in its new place."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from acm_etl.score.state import ScoringState
from acm_etl.score.polars_convert import NO_TIME
from acm_etl.score.training.migrate_state import migrate_state
from acm_etl.score.training.refit_data import read_open_episode
from acm_etl.tables.common import DETECTOR_NAMES


class Models:
    """All that a hand-over asks of two models."""

    def __init__(self, *tags: str) -> None:
        self.tags, self.fingerprint = tags, "of " + "".join(tags)


AHEAD = 1 + len(DETECTOR_NAMES)
MICRO = 1_700_000_000_000_000
LAST = datetime(2023, 11, 14, 22, 30)


def state():
    """Tags a, b and c; an episode is open, a drift lasts, the day has ten readings of which b missed four."""
    per_day = {"at": [MICRO, MICRO + 1, MICRO + 2], "z": [1.0, 2.0, 3.0]}
    return ScoringState(
        "of abc",
        LAST,
        {
            "episode/open/start": np.array([MICRO]),
            "episode/open/end": np.array([MICRO + 60_000_000]),
            "episode/open/sums": np.array([[*range(AHEAD), 10.0, 20.0, 30.0]]),
            "track/drifts/floats": np.array([3.5, 4.5, 1.0, 2.0, 3.0]),
            "day/open/day": np.array([MICRO]),
            "day/open/readings": np.array([[10, 10, 10]]),
            "day/open/nulls": np.array([[0, 4, 1]]),
            "day/open/gap": np.array([[0, 2, 1]]),
            "day/open/max_at": np.array([per_day["at"]]),
            "day/open/max_z": np.array([per_day["z"]]),
            "day/open/warn": np.array([[1, 2, 3]]),
            "day/run/last": np.array([5.0, 6.0, 7.0]),
            "day/run/gap": np.array([0, 1, 2]),
            "ar1/last": np.array([9.0, 9.0, 9.0]),
        },
    )


@pytest.fixture
def handed():
    fresh = ScoringState("of cda", None, {"ar1/last": np.array([1.0, 2.0, 3.0]), "hour/last": np.array([0])})
    return migrate_state(state(), fresh, (Models("a", "b", "c"), Models("c", "d", "a")))


def test_the_new_models_see_for_themselves_and_keep_the_books(handed):
    assert handed.model_fingerprint == "of cda"
    assert handed.last_time == LAST
    assert handed.arrays["ar1/last"].tolist() == [1.0, 2.0, 3.0]
    assert "hour/last" not in handed.arrays, "what has happened is told by the old state alone"


def test_sums_of_tags_follow_their_tags_and_a_new_one_has_done_nothing(handed):
    assert handed.arrays["episode/open/sums"].tolist() == [[*range(AHEAD), 30.0, 0.0, 10.0]]
    assert handed.arrays["track/drifts/floats"].tolist() == [3.5, 4.5, 3.0, 0.0, 1.0]


def test_a_new_tag_has_missed_all_readings_of_the_day(handed):
    day = {name: handed.arrays[f"day/open/{name}"].tolist() for name in ("readings", "nulls", "gap", "warn")}
    assert day == {"readings": [[10, 10, 10]], "nulls": [[1, 10, 0]], "gap": [[1, 10, 0]], "warn": [[3, 0, 1]]}
    assert handed.arrays["day/open/day"].tolist() == [MICRO]
    assert handed.arrays["day/open/max_at"].tolist() == [[MICRO + 2, NO_TIME, MICRO]]
    assert handed.arrays["day/open/max_at"].dtype == np.int64
    np.testing.assert_equal(handed.arrays["day/open/max_z"], [[3.0, np.nan, 1.0]])
    np.testing.assert_equal(handed.arrays["day/run/last"], [7.0, np.nan, 5.0])
    assert handed.arrays["day/run/gap"].tolist() == [2, 0, 0]


def test_the_same_tags_stay_where_they_are():
    old, fresh = state(), ScoringState("of abc", None, {})
    same = migrate_state(old, fresh, (Models("a", "b", "c"), Models("a", "b", "c")))
    books = {name for name in old.arrays if not name.startswith("ar1/")}
    assert same.arrays.keys() == books
    assert all(same.arrays[name] is old.arrays[name] for name in books)


def test_the_open_episode_of_a_state_is_known_by_its_start_and_last_alarm():
    found = read_open_episode(state())
    assert found.rows() == [(datetime(2023, 11, 14, 22, 13, 20), datetime(2023, 11, 14, 22, 14, 20))]
    assert read_open_episode(ScoringState("", None, {})).is_empty()
