"""What is old goes, what is needed stays."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from templates import copy_template

from acm_etl.config import RetentionSettings
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load import publish
from acm_etl.load.maintenance import retention
from acm_etl.load.models import registry, state_store
from load.made import DAY, T, at, contents, day, episode, health, init_store, log, occupancy, publication, run_of, same
from load.test_coldstart import record

HEAD = 900
ALL = RetentionSettings(
    time_days=400, event_days=400, day_days=400, run_days=400, noop_days=30, failed_days=30, model_versions=1
)


def fill(engine, days, *, state=HEAD, open_at=None):
    """A day of results for each number, progress at ``HEAD``, one state."""
    for number in days:
        frames = {
            "ACM_Scores_Wide": health(number, hours=2),
            "ACM_RegimeOccupancy": occupancy(number, on=5),
            "ACM_Episodes": episode(number, "OPEN" if number == open_at else "CLOSED"),
        }
        publish.publish_batch(engine, publication(number, frames=frames, watermark_update=None))
    kept = state_store.build_state_frame(1, [state_store.StoredState(day(HEAD), 1, b"s", run_of(HEAD - 1))])
    publish.publish_batch(engine, publication(HEAD - 1, frames={}, state_rows=kept))
    if state != HEAD:
        q = engine.dialect.quote
        engine.execute(f"UPDATE {q('ACM_State')} SET {q('AsOf')} = ?", [day(state)])
    assert at(HEAD).last_window_end == day(HEAD)


def left(engine, table):
    return sorted(
        (time - day(0)) // DAY
        for time in engine.query(f'SELECT DISTINCT "{T[table].time_column}" AS t FROM "{table}"')["t"]
    )


def deleted(found):
    return {(one.setting, one.table): one.rows for one in found if one.rows}


@pytest.mark.sampled
def test_rows_older_than_their_kind_is_kept_go(engine):
    fill(engine, [100, 499, 500, 700])
    keep = RetentionSettings(time_days=400, day_days=600)
    before = contents(engine)
    never = RetentionSettings(time_days=10**9, run_days=10**9, noop_days=10**9, failed_days=10**9)
    assert deleted(retention.expire_machine_rows(engine, 1, never)) == {}, "longer than the calendar is never"
    dry = retention.expire_machine_rows(engine, 1, keep)
    assert same(before, contents(engine)), "counting changes nothing"
    assert deleted(dry) == {("time_days", "ACM_Scores_Wide"): 4, ("day_days", "ACM_RegimeOccupancy"): 1}
    assert retention.expire_machine_rows(engine, 1, keep, apply=True) == dry
    assert set(left(engine, "ACM_Scores_Wide")) == {500, 700}
    assert left(engine, "ACM_RegimeOccupancy") == [499, 500, 700]
    assert left(engine, "ACM_Episodes") == [100, 499, 500, 700], "kept for ever, the default"
    again = contents(engine)
    assert deleted(retention.expire_machine_rows(engine, 1, keep, apply=True)) == {}
    assert same(again, contents(engine))


@pytest.mark.sampled
def test_an_open_episode_keeps_everything_since_its_start(engine):
    fill(engine, [50, 100, 200, 700], open_at=100)
    retention.expire_machine_rows(engine, 1, ALL, apply=True)
    assert left(engine, "ACM_Episodes") == [100, 200, 700]
    assert set(left(engine, "ACM_Scores_Wide")) == {100, 200, 700}


@pytest.mark.sampled
def test_what_a_replay_looks_back_on_stays(engine):
    fill(engine, [100, 399, 400, 450, 700], state=800)
    retention.expire_machine_rows(engine, 1, ALL, apply=True)
    assert left(engine, "ACM_RegimeOccupancy") == [400, 450, 700]


@pytest.mark.slow
def test_large_tables_go_in_several_transactions(duck, monkeypatch):
    monkeypatch.setattr(retention, "_DELETE_CHUNK_ROWS", 3)
    fill(duck, range(100, 110))
    statements = []
    original = DuckDB.execute
    monkeypatch.setattr(
        DuckDB, "execute", lambda self, sql, params=(): (statements.append(sql), original(self, sql, params))[1]
    )
    retention.expire_machine_rows(duck, 1, RetentionSettings(time_days=400), apply=True)
    assert sum('FROM "ACM_Scores_Wide"' in sql for sql in statements) == 7
    assert left(duck, "ACM_Scores_Wide") == []


@pytest.mark.slow
def test_runs_that_own_nothing_go_with_what_hangs_on_them(engine):
    fill(engine, [700])
    old, owner = run_of(1), run_of(700)
    rows = pl.concat([
        log(1, outcome="SUPERSEDED"), log(2, outcome="FAIL"), log(3, outcome="NOOP"), log(4, outcome="OK"),
        log(899, outcome="NOOP", RunID=run_of(5), WindowEnd=day(901)),
    ])  # fmt: skip
    publish_runs(engine, rows)
    engine.execute('UPDATE "RunLog" SET "Outcome" = \'SUPERSEDED\' WHERE "RunID" = ?', [owner])
    found = deleted(
        retention.expire_machine_rows(engine, 1, RetentionSettings(noop_days=30, failed_days=30), apply=True)
    )
    assert found[("failed_days", "RunLog")] == 2
    assert found[("noop_days", "RunLog")] == 1
    ids = set(engine.query('SELECT "RunID" FROM "RunLog"')["RunID"].str.to_lowercase())
    assert ids == {owner, run_of(4), run_of(5), run_of(899)}
    assert old not in ids


def publish_runs(engine, rows):
    from acm_etl.load.staging import upsert_frame  # noqa: PLC0415

    with engine.transaction():
        upsert_frame(engine, T["RunLog"], rows)


@pytest.mark.sampled
def test_models_that_hold_or_started_the_machine_stay(engine):
    fill(engine, [700], state=650)
    for version, holds in ((1, 0), (2, 300), (3, 600), (4, 800), (5, 850)):
        made = {"valid_from": day(holds), "train_end": day(9) if version == 1 else day(holds - 1)}
        model = record(version, run_id=run_of(700), **made)
        registry.publish_model(engine, record=model, frames={}, run_log=log(700, outcome="OK"))
    found = deleted(retention.expire_machine_rows(engine, 1, RetentionSettings(model_versions=2), apply=True))
    assert found == {("model_versions", "ModelRegistry"): 1}
    assert registry.read_model_versions(engine, 1)["Version"].to_list() == [1, 3, 4, 5], "3 holds at the oldest state"


@pytest.mark.sampled
def test_a_machine_without_progress_loses_nothing(engine):
    before = contents(engine)
    assert deleted(retention.expire_machine_rows(engine, 1, ALL, apply=True)) == {}
    assert same(before, contents(engine))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Stores that know one machine."""

    def make():
        path = tmp_path_factory.mktemp("retain") / "acm.duckdb"
        return DuckDB(f"duckdb:///{copy_template(('FAN',), path, init_store)}")

    return make


@pytest.mark.slow
@settings(max_examples=12)
@given(
    days=st.sets(st.integers(0, HEAD - 2), min_size=1, max_size=6),
    state=st.integers(500, HEAD),
    kept=st.integers(400, 950),
    place=st.integers(0, 9),
)
def test_needed_rows_stay_and_twice_is_once(fresh, days, state, kept, place):
    engine = fresh()
    ordered = sorted(days)
    begun = ordered[place] if place < len(ordered) else None
    fill(engine, ordered, state=state, open_at=begun)
    keep = RetentionSettings(time_days=kept, event_days=kept, day_days=kept)
    retention.expire_machine_rows(engine, 1, keep, apply=True)
    oldest = min(HEAD - kept, state - retention.MAX_LOOKBACK_DAYS, HEAD if begun is None else begun)
    for table in ("ACM_Scores_Wide", "ACM_RegimeOccupancy", "ACM_Episodes"):
        assert sorted(set(left(engine, table))) == [number for number in ordered if number >= oldest]
    assert deleted(retention.expire_machine_rows(engine, 1, keep, apply=True)) == {}
    engine.close()


@pytest.mark.parametrize("setting", ["time_days", "event_days", "day_days"])
def test_results_are_kept_as_long_as_day_tables_look_back(setting):
    with pytest.raises(ValueError, match="400"):
        RetentionSettings(**{setting: 399})
