"""Promise 2: a failure at any table leaves no row of the group in any table, and says where and why."""

from __future__ import annotations

import shutil

import pytest
from plants import Plant, assert_same, history, make_plant

from acm_etl import tables
from acm_etl.errors import StoreError, TransientError
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load import publish

# Tables the data transaction writes; a failure is injected at each in turn.
WRITTEN = [t.name for t in tables.RESULTS if t.grain != "model"] + ["ACM_Runs", "ACM_State", "ACM_BatchProgress"]
# The slow path learns what is normal within the short training of these histories: drift events are written too.
QUICK = {"score.drift_hours": 12}
# What may be there after a failure: that it failed, and what is recorded apart from the data on purpose.
LOGS = {"RunLog", "ACM_Runs", "ACM_RunErrors", "ACM_DataQualityEvents"}
ERRORS = ("ACM_RunErrors",)


class Injected:
    """Makes the n-th writing statement on a table fail inside the data transaction."""

    def __init__(self, monkeypatch, table, error, times=None):
        self.table, self.error, self.left = table, error, times
        original = DuckDB._change_rows

        def change_rows(engine, sql, params):
            verb = sql.lstrip().split(" ", 1)[0]
            hit = f'"{table}"' in sql.split("WHERE")[0] and verb in ("INSERT", "UPDATE", "DELETE", "MERGE")
            if hit and engine._in_transaction and self.armed(sql):
                raise error
            return original(engine, sql, params)

        monkeypatch.setattr(DuckDB, "_change_rows", change_rows)

    def armed(self, sql):
        if self.table == "ACM_Runs" and "FAIL" in sql:
            return False
        if self.left is None:
            return True
        self.left -= 1
        return self.left >= 0


@pytest.fixture(scope="module")
def half(tmp_path_factory):
    """A store whose last windows are not published yet, and the tables of one that is published whole."""
    # A small fault: what the detectors see clearly is no drift, and would leave the table of drift events empty.
    place = make_plant(tmp_path_factory.mktemp("half") / "half.duckdb", readings=history(days=20, rise=3.0))
    place.backfill_or_fail(max_windows=17, options=QUICK)
    whole = Plant(place.path.with_name("whole.duckdb"))
    shutil.copy(place.path, whole.path)
    assert whole.backfill(options=QUICK).exit_code == 0
    return place, place.dump(without=LOGS), whole.dump(without=ERRORS)


def test_a_failure_leaves_nothing_and_is_reported(half, tmp_path, monkeypatch):
    published, before, whole = half
    place = Plant(tmp_path / "acm.duckdb")
    shutil.copy(published.path, place.path)
    # All on one store: a failure that leaves nothing leaves the store as the next one needs it.
    for count, table in enumerate(WRITTEN[:11:10], 1):
        with monkeypatch.context() as patch:
            Injected(patch, table, StoreError("the disk is on fire"), times=1)
            report = place.backfill(options=QUICK)
        assert report.exit_code == 1, table
        assert "on fire" in report.machines[0].message
        assert_same(place.dump(without=LOGS), before)
        failed = place.query("SELECT TableName, ErrorMessage, Attempt FROM ACM_RunErrors ORDER BY OccurredAt")
        assert failed.height == count
        assert failed.row(-1) == (table, "the disk is on fire", count)
        runs = place.query("SELECT r.Outcome, a.ErrorMessage, a.HealthStatus FROM RunLog r "
                           "JOIN ACM_Runs a USING (RunID) WHERE r.Outcome = 'FAIL'")  # fmt: skip
        assert runs.height >= 1
        assert all(table in message and status == "UNKNOWN" for _, message, status in runs.iter_rows())
        assert place.query("SELECT count(*) AS n FROM RunLog WHERE Outcome = 'RUNNING'").item() == 0
    # and the next run makes it good
    assert place.backfill(options=QUICK).exit_code == 0
    assert_same(place.dump(without=ERRORS), whole)


@pytest.mark.slow
def test_a_failure_at_any_table_leaves_nothing(half, tmp_path, monkeypatch):
    published, before, whole = half
    place = Plant(tmp_path / "acm.duckdb")
    shutil.copy(published.path, place.path)
    original, tried = publish.publish_batch, []

    def fail_at_each_table(engine, publication):
        # All with one batch: scoring it takes far longer than publishing it.
        for table in WRITTEN:
            with monkeypatch.context() as patch:
                Injected(patch, table, StoreError("the disk is on fire"))
                with pytest.raises(StoreError, match="on fire") as caught:
                    original(engine, publication)
            assert caught.value.table == table
            assert_same(place.dump(without=LOGS), before)
            tried.append(table)
        return original(engine, publication)

    monkeypatch.setattr(publish, "publish_batch", fail_at_each_table)
    report = place.backfill(options=QUICK)
    assert report.exit_code == 0, report.machines[0].message
    assert tried == WRITTEN
    assert_same(place.dump(without=ERRORS), whole)


@pytest.mark.slow
def test_a_transient_failure_is_tried_again_and_stores_everything_once(plant, monkeypatch):
    readings = history(days=16)
    place, undisturbed = plant(readings=readings), plant.scored("undisturbed", readings=readings)
    Injected(monkeypatch, "ACM_Scores_Wide", TransientError("deadlock victim"), times=2)
    assert place.backfill().exit_code == 0
    assert_same(place.dump(without=ERRORS), undisturbed.dump(without=ERRORS))
    assert place.query("SELECT Attempt FROM ACM_RunErrors ORDER BY 1")["Attempt"].to_list() == [1, 2]


@pytest.mark.slow
def test_a_transient_failure_that_stays_fails_after_three_attempts(plant, monkeypatch):
    place = plant(readings=history(days=16))
    Injected(monkeypatch, "ACM_Scores_Wide", TransientError("deadlock victim"))
    assert place.backfill().exit_code == 1
    assert place.query("SELECT max(Attempt) AS n FROM ACM_RunErrors").item() == 3
    assert place.query("SELECT count(*) AS n FROM ACM_Scores_Wide").item() == 0
