"""State at a model change: events of the old model, with every tag at its new position, and memory of the new one."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from acm_etl.score.polars_convert import NO_TIME
from acm_etl.score.state import ScoringState
from acm_etl.score.training.migrate_state import migrate_state
from acm_etl.score.training.refit_data import read_open_episode
from acm_etl.tables.common import DETECTOR_NAMES


class StubModel:
    """The two attributes of a model that a migration reads."""

    def __init__(self, *tags: str) -> None:
        self.tags, self.fingerprint = tags, "of " + "".join(tags)


FIRST_TAG = 1 + len(DETECTOR_NAMES)
MICRO = 1_700_000_000_000_000
LAST = datetime(2023, 11, 14, 22, 30)


def state():
    """State of tags a, b and c: an open episode, a drift segment, and a day of ten readings of which b missed four."""
    per_day = {"at": [MICRO, MICRO + 1, MICRO + 2], "z": [1.0, 2.0, 3.0]}
    return ScoringState(
        "of abc",
        LAST,
        {
            "episode/open/start": np.array([MICRO]),
            "episode/open/end": np.array([MICRO + 60_000_000]),
            "episode/open/sums": np.array([[*range(FIRST_TAG), 10.0, 20.0, 30.0]]),
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
def migrated():
    new = ScoringState("of cda", None, {"ar1/last": np.array([1.0, 2.0, 3.0]), "hour/last": np.array([0])})
    return migrate_state(state(), new, (StubModel("a", "b", "c"), StubModel("c", "d", "a")))


def test_detector_memory_is_new_and_events_are_old(migrated):
    assert migrated.model_fingerprint == "of cda"
    assert migrated.last_time == LAST
    assert migrated.arrays["ar1/last"].tolist() == [1.0, 2.0, 3.0]
    assert "hour/last" not in migrated.arrays, "events come from the old state only"


def test_tag_sums_move_with_their_tags(migrated):
    assert migrated.arrays["episode/open/sums"].tolist() == [[*range(FIRST_TAG), 30.0, 0.0, 10.0]]
    assert migrated.arrays["track/drifts/floats"].tolist() == [3.5, 4.5, 3.0, 0.0, 1.0]


def test_a_new_tag_missed_all_readings_of_the_day(migrated):
    day = {name: migrated.arrays[f"day/open/{name}"].tolist() for name in ("readings", "nulls", "gap", "warn")}
    assert day == {"readings": [[10, 10, 10]], "nulls": [[1, 10, 0]], "gap": [[1, 10, 0]], "warn": [[3, 0, 1]]}
    assert migrated.arrays["day/open/day"].tolist() == [MICRO]
    assert migrated.arrays["day/open/max_at"].tolist() == [[MICRO + 2, NO_TIME, MICRO]]
    assert migrated.arrays["day/open/max_at"].dtype == np.int64
    np.testing.assert_equal(migrated.arrays["day/open/max_z"], [[3.0, np.nan, 1.0]])
    np.testing.assert_equal(migrated.arrays["day/run/last"], [7.0, np.nan, 5.0])
    assert migrated.arrays["day/run/gap"].tolist() == [2, 0, 0]


def test_equal_tags_are_not_moved():
    old, new = state(), ScoringState("of abc", None, {})
    same = migrate_state(old, new, (StubModel("a", "b", "c"), StubModel("a", "b", "c")))
    events = {name for name in old.arrays if not name.startswith("ar1/")}
    assert same.arrays.keys() == events
    assert all(same.arrays[name] is old.arrays[name] for name in events)


def test_read_open_episode():
    episode = read_open_episode(state())
    assert episode.rows() == [(datetime(2023, 11, 14, 22, 13, 20), datetime(2023, 11, 14, 22, 14, 20))]
    assert read_open_episode(ScoringState("", None, {})).is_empty()
