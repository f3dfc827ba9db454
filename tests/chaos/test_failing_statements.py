"""Every statement of a run fails in turn: a batch is stored whole or not at all, and the next run completes it.

An evenly spaced sample in the ordinary run; ``make chaos`` takes every statement (``CHAOS_STATEMENTS=all``).
"""

from __future__ import annotations

import os
import shutil

import pytest
from plants import Plant, assert_same, history, leave_out_preparation, make_plant
from statements import call_before_statements

from acm_etl.errors import StoreError

SAMPLE = 6
# Tables that record a failure.
LOGS = ("RunLog", "ACM_Runs", "ACM_RunErrors", "ACM_DataQualityEvents")
ERRORS = ("ACM_RunErrors",)


def fail_at(chosen):
    """Return a function that raises an error for one statement."""

    def fail(number):
        if number == chosen:
            message = f"injected at {number}"
            raise StoreError(message)

    return fail


@pytest.fixture(scope="module")
def half_published(tmp_path_factory):
    """A store with one batch left to publish, the same store after it, and the number of statements in between."""
    place = make_plant(tmp_path_factory.mktemp("half") / "half.duckdb", readings=history(days=16))
    assert place.backfill(max_windows=11).exit_code == 0
    whole = Plant(place.path.with_name("whole.duckdb"))
    shutil.copy(place.path, whole.path)
    numbers = []
    with call_before_statements(numbers.append):
        assert whole.backfill(close_last_window=True).exit_code == 0
    return place, whole, len(numbers)


def backfill_fails(place):
    """Return whether a backfill reports a failure; before there is a machine to report on, it raises."""
    try:
        return place.backfill(close_last_window=True).exit_code != 0
    except StoreError:
        return True


def choose_statements(count):
    """Return the numbers of the statements that fail, counted from one."""
    step = 1 if os.environ.get("CHAOS_STATEMENTS") == "all" else count / SAMPLE
    return sorted({int(1 + number * step) for number in range(int(count / step))})


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_statement_may_fail(half_published, tmp_path):
    published, undisturbed, count = half_published
    before, after = (place.dump(without=LOGS) for place in (published, undisturbed))
    expected = undisturbed.dump(without=ERRORS)
    assert count > 100
    for at in choose_statements(count):
        place = Plant(tmp_path / f"{at}.duckdb")
        shutil.copy(published.path, place.path)
        with call_before_statements(fail_at(at)):
            failed = backfill_fails(place)
        found = place.dump(without=LOGS)
        stored = found["ACM_Scores_Wide"].height > before["ACM_Scores_Wide"].height
        assert_same(found, after if stored else before)
        assert stored or failed, f"statement {at}: nothing was stored, and no failure was reported"
        assert place.backfill(close_last_window=True).exit_code == 0, f"statement {at}"
        # Runs that were started before the session failed are marked as failed by the next backfill.
        assert place.query("SELECT count(*) AS n FROM RunLog WHERE Outcome = 'RUNNING'").item() == 0, f"statement {at}"
        resumed = leave_out_preparation(place.dump())
        assert_same({name: frame for name, frame in resumed.items() if name not in ERRORS}, expected)
        place.path.unlink()
