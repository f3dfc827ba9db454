"""Every statement of a run fails in turn: a group is stored whole or not at all, and the next run makes it good.

An evenly spaced sample in the ordinary run; ``make chaos`` takes every statement (``CHAOS_TURNS=all``).
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager

import pytest
from plants import Plant, assert_same, history, leave_out_preparation, make_plant

from acm_etl.errors import StoreError
from acm_etl.io.duckdb.engine import DuckDB

SAMPLE = 6
# What may say that a run failed.
LOGS = ("RunLog", "ACM_Runs", "ACM_RunErrors", "ACM_DataQualityEvents")
ERRORS = ("ACM_RunErrors",)


class Turn:
    """Counts what is asked of DuckDB, and lets one of it fail."""

    def __init__(self, monkeypatch, at=None):
        self.count = 0
        original = DuckDB._translate_errors

        @contextmanager
        def translated(engine):
            self.count += 1
            if self.count == at:
                message = f"injected at {at}"
                raise StoreError(message)
            with original(engine):
                yield

        monkeypatch.setattr(DuckDB, "_translate_errors", translated)


@pytest.fixture(scope="module")
def half(tmp_path_factory):
    """A store with one group left to publish, and the tables of one that is published whole."""
    place = make_plant(tmp_path_factory.mktemp("half") / "half.duckdb", readings=history(days=16))
    assert place.backfill(max_windows=11).exit_code == 0
    whole = Plant(place.path.with_name("whole.duckdb"))
    shutil.copy(place.path, whole.path)
    with pytest.MonkeyPatch.context() as patch:
        turn = Turn(patch)
        assert whole.backfill(close_last_window=True).exit_code == 0
    return place, whole, turn.count


def fails(place):
    """Whether a backfill says that it failed; before there is a machine to report on, it raises."""
    try:
        return place.backfill(close_last_window=True).exit_code != 0
    except StoreError:
        return True


def turns(count):
    """The statements to try, counted from one."""
    step = 1 if os.environ.get("CHAOS_TURNS") == "all" else count / SAMPLE
    return sorted({int(1 + number * step) for number in range(int(count / step))})


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_statement_may_fail(half, tmp_path):
    published, undisturbed, count = half
    before, after = (place.dump(without=LOGS) for place in (published, undisturbed))
    wanted = undisturbed.dump(without=ERRORS)
    assert count > 100
    for at in turns(count):
        place = Plant(tmp_path / f"{at}.duckdb")
        shutil.copy(published.path, place.path)
        with pytest.MonkeyPatch.context() as patch:
            Turn(patch, at)
            failed = fails(place)
        found = place.dump(without=LOGS)
        stored = found["ACM_Scores_Wide"].height > before["ACM_Scores_Wide"].height
        assert_same(found, after if stored else before)
        assert stored or failed, f"statement {at}: nothing was stored, and nobody said so"
        assert place.backfill(close_last_window=True).exit_code == 0, f"statement {at}"
        # runs that were announced when the session failed behind their announcement are swept by the next runner
        assert place.query("SELECT count(*) AS n FROM RunLog WHERE Outcome = 'RUNNING'").item() == 0, f"statement {at}"
        resumed = leave_out_preparation(place.dump())
        assert_same({name: frame for name, frame in resumed.items() if name not in ERRORS}, wanted)
        place.path.unlink()
