"""Sessions of other processes with a store that one process holds."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing import get_context

import polars as pl
import pytest

from acm_etl import tables
from acm_etl.engine import Engine
from acm_etl.errors import MachineLockedError, StoreError, UnavailableError
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.io.store_server import StoreClient, StoreServer, protocol


@pytest.fixture
def owner(tmp_path):
    engine = DuckDB(f"duckdb:///{tmp_path / 'store.duckdb'}")
    engine.execute("CREATE TABLE t (k INTEGER, at_ts TIMESTAMP_MS)")
    served = StoreServer(engine)
    yield served
    served.close()
    engine.close()


@contextmanager
def session(owner):
    engine = StoreClient(owner.address)
    try:
        yield engine
    finally:
        engine.close()


def count(engine):
    return engine.query("SELECT count(*) AS n FROM t").item()


def test_what_one_session_commits_another_sees_and_an_error_undoes(owner):
    with session(owner) as one, session(owner) as two:
        with one.transaction():
            assert one.execute("INSERT INTO t VALUES (?, ?), (2, NULL)", [1, None]) == 2
            assert count(two) == 0
        assert count(two) == 2
        with suppress(ZeroDivisionError), one.transaction():
            assert one.execute("DELETE FROM t") // 0
        assert count(one) == 2
        assert one.get_column_types("t") == {"k": "INTEGER", "at_ts": "TIMESTAMP_MS"}
        assert (one.get_table_names(), one.dialect.name) == (["t"], "duckdb")


def test_every_member_of_an_engine_has_one_kind_of_request():
    kinds = (protocol.CALL_METHODS, protocol.SCOPE_METHODS, protocol.STREAM_METHODS, protocol.LOCAL_MEMBERS)
    members = {name for name in vars(Engine) if not name.startswith("_")}
    assert sorted(name for kind in kinds for name in kind) == sorted(members)
    assert members <= set(dir(StoreClient))


def test_a_request_for_anything_else_ends_the_session(owner):
    with session(owner) as engine, pytest.raises(UnavailableError):
        engine._request("_discard_connection")


def test_rows_come_in_batches_while_the_session_answers(owner):
    with session(owner) as engine:
        engine.execute("INSERT INTO t SELECT range, NULL FROM range(5000)")
        batches = engine.stream_rows("SELECT k FROM t ORDER BY k", chunk_size=2048)
        first = next(batches)
        assert count(engine) == 5000
        assert pl.concat([first, *batches])["k"].to_list() == list(range(5000))
        with pytest.raises(StoreError, match="nowhere"):
            list(engine.stream_rows("SELECT * FROM nowhere"))


def test_frames_are_handed_over(owner):
    table = tables.BY_NAME["ACM_SchemaVersion"]
    frame = pl.DataFrame([{"Version": 3, "Name": "x", "Hash": "0", "AppliedAt": None}], schema=table.polars_schema)
    with session(owner) as engine:
        places = engine.stage_frames([(table, frame), (table, frame.clear()), (table, frame)])
        names = [place.relation for place in places]
        assert names[0] != names[2]
        assert engine.query(f"SELECT Version, Name FROM {names[2]}").rows() == [(3, "x")]
        assert engine.stage_frame(table, frame.clear()) == names[1]
        engine.clear_staging()
        with pytest.raises(StoreError):
            engine.query(f"SELECT * FROM {names[0]}")


def test_errors_are_those_of_the_store(owner):
    with session(owner) as engine:
        with pytest.raises(StoreError, match="nowhere"):
            engine.query("SELECT * FROM nowhere")
        with pytest.raises(StoreError, match="already open"), engine.transaction(), engine.transaction():
            pass
        assert count(engine) == 0


def test_a_machine_is_held_by_one_session(owner):
    with session(owner) as one, session(owner) as two:
        with one.acquire_lock("FAN"):
            with pytest.raises(MachineLockedError, match="FAN"), two.acquire_lock("FAN"):
                pass
            with two.acquire_lock("MILL"):
                pass
        with two.acquire_lock("FAN"):
            pass


def _die_inside(address):
    engine = StoreClient(address)
    with engine.acquire_lock("FAN"), engine.transaction():
        engine.execute("INSERT INTO t VALUES (1, NULL)")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_dies_leaves_nothing_open(owner):
    process = get_context("spawn").Process(target=_die_inside, args=(owner.address,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with session(owner) as engine:
        for _ in range(100):
            try:
                with engine.acquire_lock("FAN"), engine.transaction():
                    assert count(engine) == 0
                    break
            except MachineLockedError:
                continue


def test_who_does_not_know_the_key_and_who_says_nothing_get_nowhere(owner, caplog):
    with pytest.raises(UnavailableError, match="does not answer"):
        StoreClient(replace(owner.address, key=b"guessed"))
    patience = time.monotonic() + 30  # it is said by a thread of the owner, after the caller knows
    while "invalid key" not in caplog.text and time.monotonic() < patience:
        time.sleep(0.01)
    assert "invalid key" in caplog.text
    with socket.create_connection((owner.address.host, owner.address.port)), session(owner) as engine:
        assert count(engine) == 0
    assert repr(owner.address.key) not in repr(owner.address)


def test_sessions_are_told_when_the_owner_has_gone(owner):
    with session(owner) as engine, session(owner) as other:
        assert count(other) == 0
        owner.close()
        with pytest.raises(UnavailableError):
            count(engine)
        with pytest.raises(UnavailableError):
            StoreClient(owner.address)
