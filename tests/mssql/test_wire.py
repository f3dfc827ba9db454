"""What crosses the wire by Microsoft's real drivers: which session says what and when."""

from __future__ import annotations

import re
import time

import polars as pl
import pytest
import stores
from load.made import T, changes, health, log, publication

from acm_etl.dialects.mssql import SESSION_OPTIONS
from acm_etl.errors import ConflictError, ConnectionLostError, MachineLockedError, StoreError, TransientError
from acm_etl.io.mssql import bulk_connections, statements
from acm_etl.load import publish, runs, staging
from acm_etl.load.machines import equipment
from mssql.batches import make_large_batch, publish_large_batch
from mssql.odd_table import ODD, odd
from mssql.tds import Failure


def sessions(standin, pattern):
    return {seen.session for seen in standin.server.log if re.search(pattern, seen.sql)}


def test_one_session_has_it_all_from_begin_to_commit_and_loaders_have_their_own(standin, engine):
    runs.start_runs(engine, log(*range(30)))
    standin.server.log.clear()
    metrics = publish.publish_batch(engine, make_large_batch())
    assert changes(metrics)["ACM_Scores_Wide"] == (720, 0, 0)
    seen = [(one.session, one.kind, one.sql) for one in standin.server.log]
    begin = next(i for i, one in enumerate(seen) if "BEGIN TRANSACTION" in one[2])
    commit = next(i for i, one in enumerate(seen) if one[2].startswith("COMMIT"))
    (control,) = {session for session, _, _ in seen[begin : commit + 1]}
    bulks = [i for i, one in enumerate(seen) if one[1] == "bulk"]
    assert len(bulks) == 3, "two large tables, and one for all the others"
    assert max(bulks) < begin, "staging is over before the transaction begins"
    assert control not in {seen[i][0] for i in bulks}
    creates = [i for i, one in enumerate(seen) if "CREATE TABLE [stage].[acm_" in one[2]]
    assert creates[0] < min(bulks)
    assert {seen[i][0] for i in creates} == {control}
    dropped = next(i for i, one in enumerate(seen) if i > commit and one[2].startswith("DROP TABLE"))
    assert "CREATE TABLE" not in seen[dropped][2]
    writes = [re.match(r"(?:DECLARE .*\n)?(MERGE|INSERT) INTO \[(\w+)\]", sql) for _, _, sql in seen]
    merged = [write[2] for write in writes if write and write[2] not in ("stage", "ACM_BatchProgress")]
    assert merged == ["RunLog", "ACM_Runs", "ACM_Scores_Wide", "ACM_SensorDrift", "ACM_WriteMetrics"]
    moved = next(i for i, one in enumerate(seen) if "[ACM_BatchProgress]" in one[2])
    assert begin < moved < commit, "progress moves with the data"


def test_staged_rows_are_indexed_only_to_be_compared_with_stored_ones(standin, engine, monkeypatch):
    monkeypatch.setattr(publish, "_MIN_COUNTED_ROWS", 100)
    monkeypatch.setattr(statements, "MIN_INDEXED_ROWS", 100)
    runs.start_runs(engine, log(*range(30)))
    indexed = []
    for _ in range(2):
        standin.server.log.clear()
        publish.publish_batch(engine, make_large_batch(watermark_update=None))
        created = "".join(standin.server.statements("CREATE UNIQUE CLUSTERED INDEX"))
        indexed.append(
            {name for name in ("Scores_Wide", "SensorDrift") if f"INDEX [IX_key] ON [stage].[acm_ACM_{name}" in created}
        )
    assert indexed == [set(), {"Scores_Wide", "SensorDrift"}]


def test_a_session_is_told_what_it_needs_to_be(standin, engine):
    settled = standin.server.statements("XACT_ABORT ON; SET NOCOUNT OFF; SET IMPLICIT_TRANSACTIONS OFF")
    assert len(settled) == 1
    assert "SET LOCK_TIMEOUT 60000" in settled[0]
    assert SESSION_OPTIONS in settled[0]
    assert set(standin.contexts.values()) == {"acm_etl"}, "a DBA finds every session, also one without a run"
    assert not [seen for seen in standin.server.log if seen.kind == "manager"], "nobody turned autocommit off"
    with engine.transaction():
        engine.execute("DELETE FROM [RunLog] WHERE 1 = 0")
    begun = standin.server.statements("BEGIN TRANSACTION")[-1]
    assert "XACT_ABORT ON" in begun


def _copy_sessions(standin, engine):
    """Stage a frame that is bulk-copied; return the sessions that loaded it."""
    standin.server.log.clear()
    engine.stage_frame(ODD, odd(150))
    engine.clear_staging()
    return {seen.session for seen in standin.server.log if seen.kind == "bulk"}


def test_the_connection_of_a_bulk_copy_is_kept_for_the_next(standin, engine, monkeypatch):
    first = _copy_sessions(standin, engine)
    assert _copy_sessions(standin, engine) == first
    monkeypatch.setattr(bulk_connections, "MAX_IDLE_SECONDS", -1.0)
    third = _copy_sessions(standin, engine)
    assert third != first, "it may have been dropped by a firewall"
    monkeypatch.undo()
    monkeypatch.delattr("mssql_python.cursor.Cursor._build_pycore_context", raising=True)
    monkeypatch.setattr("mssql_python.cursor.Cursor.bulkcopy_arrow", lambda *_, **__: {"rows_copied": 600})
    assert engine.stage_frame(ODD, odd(150)), "a driver without that method copies on connections of its own"


def _refuse_bulk_copies(_session, sql):
    if sql.startswith("BULK "):
        raise Failure(1205, "deadlock victim", 13)


def test_after_a_failed_copy_its_connection_is_not_used_again(standin, engine, monkeypatch):
    first = _copy_sessions(standin, engine)
    monkeypatch.setattr(standin, "before", _refuse_bulk_copies)
    with pytest.raises(TransientError):
        engine.stage_frame(ODD, odd(150))
    engine.clear_staging()
    monkeypatch.undo()
    assert _copy_sessions(standin, engine).isdisjoint(first)


def test_the_second_backfill_of_a_machine_is_refused(connect):
    one, other = connect(), connect()
    with one.acquire_lock("FAN"):
        assert [engine.is_locked("FAN") for engine in (one, other)] == [True, True]
        with pytest.raises(MachineLockedError, match="FAN"), other.acquire_lock("FAN"):
            pass
        with other.acquire_lock("PUMP"):
            pass
    assert not other.is_locked("FAN")
    with other.acquire_lock("FAN"):
        pass


def test_a_lost_lock_stops_the_runner_before_it_writes(standin, engine):
    with engine.acquire_lock("FAN"):
        runs.start_runs(engine, log(0))
        standin._locks.clear()
        standin.server.log.clear()
        with pytest.raises(ConflictError, match="the lock on FAN was lost"):
            publish.publish_batch(engine, publication(0))
    assert standin.server.statements("MERGE|DELETE|UPDATE") == []
    assert standin.server.statements("ROLLBACK")


def test_a_killed_idle_session_is_made_anew_with_its_locks(standin, engine, monkeypatch):
    with engine.acquire_lock("FAN"):
        control = max(sessions(standin, "sp_getapplock"))
        standin.server.kill(control)
        wait_for(lambda: not standin._locks)
        monkeypatch.setattr(engine, "_last_used", time.monotonic() - 60)  # idle: asked whether it is alive
        assert engine.query("SELECT 1 AS x").item() == 1
        assert list(standin._locks) == ["acm_etl:machine:FAN"]
    first, again = standin.server.statements("sp_getapplock")
    assert ("@LockTimeout = 0;" in first, "@LockTimeout = 15000;" in again) == (True, True), (
        "the server may still be ending the old session, which has the lock"
    )


def test_without_its_lock_a_new_connection_does_nothing(standin, connect, monkeypatch):
    """The server has not noticed yet that the old session is gone, or another runner was faster."""
    monkeypatch.setattr("acm_etl.io.mssql.engine.RELOCK_WAIT_SECONDS", 0)
    one, other = connect(), connect()
    with one.acquire_lock("FAN"):
        standin.server.kill(max(sessions(standin, "sp_getapplock")))
        wait_for(lambda: not standin._locks)
        monkeypatch.setattr(one, "_last_used", time.monotonic() - 60)
        with other.acquire_lock("FAN"):
            for _ in range(2):
                with pytest.raises(ConnectionLostError, match="has not released its lock on FAN yet"):
                    one.execute("CREATE TABLE [never] (k INT)")
        assert one.query("SELECT 1 AS x").item() == 1
        assert list(standin._locks) == ["acm_etl:machine:FAN"]
    assert not standin.server.statements("never")


@pytest.mark.parametrize(("answer", "kind"), [(-2, TransientError), (-3, TransientError), (-999, StoreError)])
def test_only_a_disturbed_lock_is_requested_again(engine, monkeypatch, answer, kind):
    monkeypatch.setattr(engine._control_session, "query", lambda *_: pl.DataFrame({"result": [answer]}))
    with pytest.raises(StoreError) as caught, engine.acquire_lock("FAN"):
        pass
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("version", "edition", "level"),
    [("12.0.2000.8", 5, "ok"), ("12.0.2000.8", 8, "ok"), ("12.0.6024.0", 3, "warn"), ("16.0.1000.6", 2, "ok")],
)
def test_doctor_distinguishes_azure_from_an_old_server(engine, monkeypatch, version, edition, level):
    session, query = engine._control_session, engine._control_session.query
    row = pl.DataFrame({"version": [version], "edition": [edition]})
    monkeypatch.setattr(session, "query", lambda sql, *rest: row if "EngineEdition" in sql else query(sql, *rest))
    assert next(finding for finding in engine.collect_findings() if finding.name == "server").level == level


@pytest.mark.parametrize(("value", "level"), [(120, "warn"), (130, "ok"), (160, "ok")])
def test_doctor_checks_the_compatibility_level(engine, monkeypatch, value, level):
    session, query = engine._control_session, engine._control_session.query
    row = pl.DataFrame({"snapshot": [1], "level": [value]})
    monkeypatch.setattr(session, "query", lambda sql, *rest: row if "sys.databases" in sql else query(sql, *rest))
    levels = {finding.name: finding.level for finding in engine.collect_findings()}
    assert levels["READ_COMMITTED_SNAPSHOT"] == "ok"
    assert levels["compatibility level"] == level


@pytest.mark.parametrize(
    ("row", "level", "words"),
    [
        ((1, 1, 1, 1), "ok", "created by this login"),
        ((0, 0, 1, 1), "ok", "created by its procedures"),
        ((1, 0, 1, 1), "warn", "add it to the role acm_loader"),
        ((0, 1, 0, 1), "warn", "add it to the role acm_loader"),
        ((None, 1, None, None), "warn", "no such schema"),
    ],
)
def test_doctor_tells_whether_the_login_may_stage_rows(engine, monkeypatch, row, level, words):
    session, query = engine._control_session, engine._control_session.query
    names = ["may_alter", "may_create", "may_insert", "may_call"]
    rights = pl.DataFrame([row], schema=names, orient="row")
    monkeypatch.setattr(session, "query", lambda sql, *rest: rights if "may_call" in sql else query(sql, *rest))
    (finding,) = (finding for finding in engine.collect_findings() if finding.name == "staging")
    assert finding.level == level
    assert words in finding.text


def wait_for(condition):
    deadline = time.monotonic() + 200
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def test_a_session_drops_what_a_dead_one_left_in_its_slot_and_nothing_else(standin, connect):
    alive = connect()
    kept = alive.stage_frame(ODD, odd())
    for name in ("acm_Odd_s2", "acm_Odd_s2_2", "acm_Odd_s22", "acm_other_tool"):
        standin._own.execute(f'CREATE TABLE "{name}" (k INT)')
    engine = connect()
    names = [engine.stage_frame(ODD, odd()) for _ in range(2)]
    assert kept == "[stage].[acm_Odd_s1]"
    assert names == ["[stage].[acm_Odd_s2]", "[stage].[acm_Odd_s2_2]"]
    engine.clear_staging()
    assert standin.staged() == ["acm_Odd_s1", "acm_Odd_s22", "acm_other_tool"]
    assert alive.query(f"SELECT COUNT(*) AS n FROM {kept}").item() == 4


@pytest.mark.parametrize("count", [1, 400])
def test_rows_of_one_table_are_staged_and_removed(engine, standin, count):
    standin.server.log.clear()
    for _ in range(2):
        relation = engine.stage_frame(T["RunLog"], log(*range(count)))
        assert engine.query(f"SELECT * FROM {relation} AS s").height == count
        engine.clear_staging()
        assert engine.query(f"SELECT * FROM {relation} AS s").is_empty()
    assert len(standin.server.statements("CREATE TABLE")) == 1


def test_a_login_without_ddl_rights_stages_by_procedures(standin, connect):
    standin.may_create = False
    engine = connect()
    equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
    standin.server.log.clear()
    assert publish_large_batch(engine) == 1
    assert standin.rows('SELECT count(*) FROM "ACM_Scores_Wide"') == [(720,)]
    assert standin.rows('SELECT count(*) FROM "acm_ACM_StagedRows_s1"') == [(0,)]
    engine.close()
    assert standin.staged() == []
    assert not standin.server.statements("CREATE TABLE|DROP TABLE|CREATE SCHEMA \\[stage\\] AUTH")


def test_temporary_staging_has_a_name_that_no_other_login_can_predict(connect):
    names = {connect(staging="temp").stage_frame(ODD, odd()) for _ in range(2)}
    assert len(names) == 2
    assert all(re.fullmatch(r"\[##acm_Odd_[0-9a-f]{16}\]", name) for name in names)


@pytest.mark.sampled
@pytest.mark.parametrize("upsert", ["merge", "merge-counted", "update-insert"])
def test_every_kind_of_upsert_counts_alike(tmp_path, upsert):
    stores.needs_driver()
    from acm_etl.io.mssql.engine import MsSql  # noqa: PLC0415
    from mssql.standin import StandIn, prepared  # noqa: PLC0415

    served = StandIn(prepared(tmp_path / "other.duckdb"), upsert=upsert)
    engine = MsSql(served.server.url())
    assert engine.dialect.upsert_strategy == upsert
    first = staging.upsert_frame(engine, T["ACM_Scores_Wide"], health(0))
    second = staging.upsert_frame(engine, T["ACM_Scores_Wide"], health(0, 1, value=10.0))
    again = staging.upsert_frame(engine, T["ACM_Scores_Wide"], health(0, 1, value=10.0))
    counts = [(done.inserted, done.updated) for done in (first, second, again)]
    assert counts == [(24, 0), (24, 24), (0, 0)]
    engine.close()
    served.close()


def test_a_login_whose_roles_are_of_an_earlier_version_stages_table_by_table(standin, connect):
    standin.may_create = standin.has_shared_procedure = False
    engine = connect()
    equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
    assert publish_large_batch(engine) == 1
    assert not standin.server.statements("StagedRows")
    assert standin.rows('SELECT count(*) FROM "ACM_Scores_Wide"') == [(720,)]
