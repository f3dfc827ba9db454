from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import polars as pl
import pytest
import stores

from acm_etl import tables
from acm_etl.engine import annotate_errors
from acm_etl.errors import ConflictError, ContractError, StoreError
from acm_etl.load import publish, runs, watermark
from acm_etl.load.machines import equipment
from acm_etl.load.models import state_store
from acm_etl.windows import Window
from load.made import (
    DAY,
    HOUR,
    at,
    changes,
    contents,
    culprits,
    day,
    health,
    log,
    occupancy,
    outlook,
    publication,
    run_of,
    same,
)


@stores.WIRE_TOO
def test_a_group_is_stored_with_its_runs_and_progress(engine):
    runs.start_runs(engine, log(0, 1))
    metrics = publish.publish_batch(engine, publication(0, 1))
    assert changes(metrics) == {"RunLog": (0, 2, 0), "ACM_Runs": (2, 0, 0), "ACM_Scores_Wide": (48, 0, 0)}
    assert watermark.read_watermark(engine, 1) == at(2)
    history = engine.query("SELECT Outcome, HealthStatus, DurationSeconds, EquipCode FROM ACM_RunHistory")
    assert history.unique().rows() == [("OK", "HEALTHY", 3600, "FAN")]


@stores.WIRE_TOO
def test_publishing_again_changes_nothing(engine):
    everything = publication(
        0,
        frames={
            "ACM_Scores_Wide": health(0),
            "ACM_EpisodeCulprits": culprits(0, "a", "b"),
            "ACM_RegimeOccupancy": occupancy(0, on=60, off=40),
        },
        state_rows=state_store.build_state_frame(1, [state_store.StoredState(day(1), 1, b"state", run_of(0))]),
    )
    publish.publish_batch(engine, everything)
    before = contents(engine)
    assert changes(publish.publish_batch(engine, everything)) == {}
    assert same(before, contents(engine))


@stores.WIRE_TOO
def test_a_changed_group_updates_what_changed_and_deletes_what_is_gone(engine):
    publish.publish_batch(engine, publication(0, 1))
    changed = health(0, 1, value=50.0).filter(pl.col("Timestamp") < day(2) - HOUR)
    again = publication(0, 1, frames={"ACM_Scores_Wide": pl.concat([health(0), changed.tail(23)])})
    assert changes(publish.publish_batch(engine, again)) == {"ACM_Scores_Wide": (0, 23, 1)}


def test_a_row_is_deleted_where_another_takes_its_place(engine):
    publish.publish_batch(engine, publication(0))
    # As many rows as before: their number alone must not hide the stale one.
    moved = health(0).with_columns(
        Timestamp=pl.when(pl.col("Timestamp") == day(0)).then(pl.col("Timestamp") + HOUR / 2).otherwise("Timestamp")
    )
    again = publication(0, frames={"ACM_Scores_Wide": moved})
    assert changes(publish.publish_batch(engine, again)) == {"ACM_Scores_Wide": (1, 0, 1)}
    stored = engine.query('SELECT "Timestamp" AS t FROM "ACM_Scores_Wide"')["t"]
    assert stored.sort().to_list() == moved["Timestamp"].sort().to_list()


def test_keys_of_replaced_rows_contain_machine_and_time():
    """Row counts tell whether a row is stale only if an upsert cannot move a row to another time."""
    timed = [table for table in tables.RESULTS if table.grain in ("time", "event", "day", "state")]
    assert timed
    assert [table.name for table in timed if not {"EquipID", table.time_column} <= set(table.key)] == []


def test_rows_outside_the_span_stay(engine):
    publish.publish_batch(engine, publication(0, 1, 2))
    again = publication(1, frames={}, watermark_update=None)
    assert changes(publish.publish_batch(engine, again)) == {"ACM_Scores_Wide": (0, 0, 24)}
    left = engine.query('SELECT "Timestamp" AS t FROM "ACM_Scores_Wide"')
    assert left["t"].dt.truncate("1d").unique().sort().to_list() == [day(0), day(2)]


def test_other_machines_stay(engine):
    equipment.register_machine(engine, "OTHER", time_zone="UTC")
    publish.publish_batch(engine, publication(0))
    other = run_of(0).replace(run_of(0)[:8], "00000000")
    rename = {"RunID": pl.lit(other), "EquipID": pl.lit(2, pl.Int32)}
    moved = publication(0)
    moved = replace(
        moved,
        equip_id=2,
        run_log=moved.run_log.with_columns(**rename),
        run_summaries=moved.run_summaries.with_columns(**rename),
        frames={"ACM_Scores_Wide": health(0, value=10.0).with_columns(**rename)},
        watermark_update=publish.WatermarkUpdate(None, at(1, equip_id=2)),
    )
    publish.publish_batch(engine, moved)
    publish.publish_batch(engine, replace(moved, frames={}))
    assert engine.query('SELECT EquipID, COUNT(*) AS n FROM "ACM_Scores_Wide" GROUP BY EquipID').rows() == [(1, 24)]


def test_an_event_is_updated_while_it_lasts(engine):
    publish.publish_batch(engine, publication(0, frames={"ACM_EpisodeCulprits": culprits(0, "a", "b")}))
    longer = culprits(0, "b", "a", run=run_of(1))
    metrics = publish.publish_batch(engine, publication(1, frames={"ACM_EpisodeCulprits": longer}, expected=at(1)))
    assert changes(metrics)["ACM_EpisodeCulprits"] == (0, 2, 0)


def test_a_day_closed_by_the_group_replaces_its_rows(engine):
    half = DAY / 2
    frames = {"ACM_RegimeOccupancy": occupancy(0, on=60, off=40)}
    publish.publish_batch(engine, publication(0, frames=frames, start=day(0), end=day(1)))
    later = {"ACM_RegimeOccupancy": occupancy(0, on=100)}
    metrics = publish.publish_batch(
        engine, publication(0, frames=later, start=day(0) + half, end=day(1) + half, watermark_update=None)
    )
    assert changes(metrics)["ACM_RegimeOccupancy"] == (0, 1, 1)


def test_a_day_that_grew_loses_what_it_has_no_rows_of_any_more(engine):
    noon = day(0) + DAY / 2
    young = {"ACM_RegimeOccupancy": occupancy(0, on=60), "ACM_RUL_Summary": outlook(0)}
    publish.publish_batch(engine, publication(0, frames=young))
    grown = {"ACM_RegimeOccupancy": occupancy(0, on=100)}
    metrics = publish.publish_batch(engine, publication(0, frames=grown, start=noon, end=day(1), watermark_update=None))
    assert changes(metrics)["ACM_RUL_Summary"] == (0, 0, 1)


def test_a_day_without_further_readings_keeps_its_rows(engine):
    publish.publish_batch(engine, publication(0, frames={"ACM_RUL_Summary": outlook(0)}))
    nothing = publication(0, frames={}, start=day(0) + HOUR, end=day(1), watermark_update=None)
    metrics = publish.publish_batch(engine, nothing)
    assert "ACM_RUL_Summary" not in changes(metrics)


class Breaking:
    """An engine whose statement about one table fails."""

    def __init__(self, engine, table):
        self._engine, self._table = engine, table

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def execute(self, sql, params=()):
        self._break(sql)
        return self._engine.execute(sql, params)

    def query(self, sql, params=()):
        self._break(sql)
        return self._engine.query(sql, params)

    def execute_batch(self, statements):
        done = []
        for statement in statements:
            with annotate_errors(statement.table):
                self._break(statement.sql)
            done += self._engine.execute_batch([statement])
        return done

    def _break(self, sql):
        if any(f"{verb} INTO {self.dialect.quote(self._table)}" in sql for verb in ("INSERT", "MERGE")):
            message = "injected"
            raise StoreError(message)


@stores.WIRE_TOO
@pytest.mark.parametrize("table", ["ACM_Scores_Wide", "ACM_EpisodeCulprits", "ACM_WriteMetrics"])
def test_a_failure_at_any_table_leaves_no_row(engine, table):
    frames = {"ACM_Scores_Wide": health(0), "ACM_EpisodeCulprits": culprits(0, "a")}
    before = contents(engine)
    with pytest.raises(StoreError, match="injected") as caught:
        publish.publish_batch(Breaking(engine, table), publication(0, frames=frames))
    assert caught.value.table == table
    assert same(before, contents(engine))
    assert changes(publish.publish_batch(engine, publication(0, frames=frames)))[frames.popitem()[0]] == (1, 0, 0)


@stores.WIRE_TOO
def test_a_stale_backfill_is_refused_and_stores_nothing(engine):
    publish.publish_batch(engine, publication(0))
    publish.publish_batch(engine, publication(1, expected=at(1)))
    before = contents(engine)
    with pytest.raises(ConflictError):
        publish.publish_batch(engine, publication(1, 2, expected=at(1)))
    assert same(before, contents(engine))


@pytest.mark.parametrize("change", [{"tick_minutes": 60}, {"signature": "6" * 64}, {"window_count": 7}])
def test_progress_has_to_be_as_expected_in_all_it_guards(engine, change):
    publish.publish_batch(engine, publication(0))
    with pytest.raises(ConflictError):
        publish.publish_batch(engine, publication(1, expected=at(1, **change)))


def test_a_first_row_is_not_inserted_twice(engine):
    publish.publish_batch(engine, publication(0))
    with pytest.raises(ConflictError):
        publish.publish_batch(engine, publication(0, 1))


@contextmanager
def _refused(match):
    with pytest.raises(ContractError, match=match):
        yield


def test_frames_that_do_not_belong_are_refused_before_staging(engine):
    with _refused("1 table other than the result tables cannot be published: Equipment"):
        publish.publish_batch(engine, publication(0, frames={"Equipment": health(0)}))
    with _refused("are not within the batch"):
        publish.publish_batch(engine, publication(0, frames={"ACM_Scores_Wide": health(1)}))
    with _refused("24 rows of another machine than 1"):
        other = health(0).with_columns(EquipID=pl.lit(9, pl.Int32))
        publish.publish_batch(engine, publication(0, frames={"ACM_Scores_Wide": other}))
    with _refused("with a RunID that RunLog does not have: ACM_Scores_Wide: 1"):
        stranger = health(0).with_columns(RunID=pl.lit(run_of(50)))
        publish.publish_batch(engine, publication(0, frames={"ACM_Scores_Wide": stranger}))
    with _refused("has no runs"):
        publish.publish_batch(engine, publication(0, run_log=log()))


def test_rows_stored_twice_are_found_where_no_key_forbids_them(duck):
    engine = duck
    publish.publish_batch(engine, publication(0))
    engine.execute('INSERT INTO "ACM_Scores_Wide" SELECT * FROM "ACM_Scores_Wide" LIMIT 3')
    with pytest.raises(StoreError, match="would have 27 rows for 24 keys") as caught:
        publish.publish_batch(engine, publication(0))
    assert caught.value.table == "ACM_Scores_Wide"


def test_attempts_that_became_nothing_are_replaced(engine):
    runs.start_runs(engine, log(0, 1, 2))
    whole = log(0, outcome="NOOP", WindowEnd=day(3))
    whole = whole.with_columns(RunID=pl.lit(runs.build_run_id("FAN", day(0), day(3), model_version=1, signature="x")))
    publish.publish_batch(
        engine, publication(0, 1, 2, run_log=whole, run_summaries=publication(0).run_summaries.clear(), frames={})
    )
    assert engine.query('SELECT RunID, Outcome FROM "RunLog"').rows() == [(whole["RunID"][0], "NOOP")]


@stores.WIRE_TOO
def test_a_provisional_run_gives_way_to_the_final_one(engine):
    provisional = log(0, outcome="OK", Provisional=True).with_columns(RunID=pl.lit(run_of(99)))
    frames = {"ACM_Scores_Wide": health(0, hours=7).with_columns(RunID=pl.lit(run_of(99)))}
    early = publication(
        0, run_log=provisional, run_summaries=publication(0).run_summaries.clear(), frames=frames, watermark_update=None
    )
    publish.publish_batch(engine, early)
    assert watermark.read_watermark(engine, 1) is None
    publish.publish_batch(engine, publication(0))
    assert engine.query('SELECT RunID FROM "RunLog"')["RunID"].to_list() == [run_of(0)]
    assert engine.query('SELECT DISTINCT RunID FROM "ACM_WriteMetrics"')["RunID"].to_list() == [run_of(0)]
    assert engine.query('SELECT COUNT(*) FROM "ACM_Scores_Wide"').item() == 24


def test_a_failed_run_with_recorded_errors_is_kept_as_superseded(engine):
    runs.start_runs(engine, log(5, WindowStart=day(0), WindowEnd=day(1)))
    failed = log(5, WindowStart=day(0), WindowEnd=day(1))
    runs.fail_runs(engine, failed, StoreError("no", table="X"), attempt=1, span=Window(day(0), day(1)))
    publish.publish_batch(engine, publication(0))
    outcomes = dict(engine.query('SELECT RunID, Outcome FROM "RunLog"').iter_rows())
    assert outcomes == {run_of(0): "OK", run_of(5): "SUPERSEDED"}


def test_a_failed_run_that_turns_out_empty_has_no_error_any_more(engine):
    runs.fail_runs(engine, log(0), StoreError("no"), attempt=1, span=Window(day(0), day(1)))
    noop = publication(0, run_log=log(0, outcome="NOOP"), run_summaries=publication(0).run_summaries.clear(), frames={})
    publish.publish_batch(engine, noop)
    assert engine.query('SELECT Outcome, HealthStatus, ErrorMessage FROM "ACM_RunHistory"').rows() == [
        ("NOOP", None, None)
    ]


def test_states_that_are_not_needed_any_more_go(engine):
    def stored(*days):
        return state_store.build_state_frame(
            1, [state_store.StoredState(day(n), 1, bytes([n]), run_of(0)) for n in days]
        )

    publish.publish_batch(engine, publication(0, 1, 2, state_rows=stored(1, 2, 3)))
    publish.publish_batch(
        engine,
        publication(3, expected=at(3), state_rows=stored(4), drop_state_times=(day(3),), drop_states_before=day(2)),
    )
    assert state_store.read_state_times(engine, 1, at_or_before=day(9)) == [day(4), day(2)]
    assert state_store.read_last_state(engine, 1, day(3)).state_bytes == bytes([2])
    assert state_store.read_state_at(engine, 1, day(3)) is None


def test_forecasts_that_are_not_needed_any_more_go(engine):
    def summary(*days):
        rows = [
            {"RunID": run_of(n), "EquipID": 1, "AsOf": day(n), "IssuedAt": day(n + 1), "Status": "STABLE",
             "TrendDays": 9, "ThresholdUsed": 70.0, "Method": "level"}
            for n in days
        ]  # fmt: skip
        return {"ACM_RUL_Summary": pl.DataFrame(rows, schema=tables.BY_NAME["ACM_RUL_Summary"].polars_schema)}

    def kept():
        return engine.query('SELECT "AsOf" FROM "ACM_RUL_Summary" ORDER BY "AsOf"')["AsOf"].to_list()

    publish.publish_batch(engine, publication(0, 1, 2, frames=summary(0, 1, 2), drop_forecasts_before=day(1)))
    assert kept() == [day(1), day(2)]
    later = publication(3, frames=summary(3), expected=at(3), drop_forecasts_before=day(2))
    publish.publish_batch(engine, later)
    assert kept() == [day(2), day(3)]
    assert changes(publish.publish_batch(engine, later)) == {}


def test_times_of_the_first_attempt_are_kept(engine):
    runs.start_runs(engine, log(0, StartedAt=day(0), AttemptStartedAt=day(0)))
    second = runs.start_runs(engine, log(0, StartedAt=day(5), AttemptStartedAt=day(5)))
    assert second.select("Attempt", "StartedAt", "AttemptStartedAt").row(0) == (2, day(0), day(5))
    publish.publish_batch(engine, publication(0))
    row = engine.query('SELECT Attempt, StartedAt, AttemptStartedAt, CompletedAt FROM "RunLog"').row(0)
    assert row == (2, day(0), day(5), day(5))
