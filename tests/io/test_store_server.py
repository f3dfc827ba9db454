"""Sessions of other processes with a store that one process holds."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from multiprocessing import get_context

import polars as pl
import pytest

from acm_etl import tables
from acm_etl.engine import Engine
from acm_etl.errors import MachineLockedError, StoreError, UnavailableError
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.io.store_server import StoreClient, StoreServer, codec, messages, protocol, server


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
        engine._send_request("_discard_connection")


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
        deadline = time.monotonic() + 200  # the owner hears of the death a little later
        while not is_free(engine, "FAN"):
            assert time.monotonic() < deadline, "the dead process still has its lock"
        assert count(engine) == 0


def is_free(engine, name):
    """Whether the lock can be had, and a transaction begun."""
    try:
        with engine.acquire_lock(name), engine.transaction():
            return True
    except MachineLockedError:
        return False


def test_clients_without_the_key_or_without_a_message_are_refused(owner, caplog):
    with pytest.raises(UnavailableError, match="does not answer"):
        StoreClient(replace(owner.address, key=b"guessed"))
    patience = time.monotonic() + 200  # a thread of the owner logs it after the call has returned
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


def connect_silently(owner):
    return socket.create_connection((owner.address.host, owner.address.port), timeout=60)


def is_closed(connection):
    """Whether the server ends a connection within the time-out; its challenge comes first."""
    with suppress(ConnectionResetError):
        while connection.recv(4096):
            pass
    return True


def test_a_silent_connection_is_closed_and_blocks_nobody(owner, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(server, "HANDSHAKE_SECONDS", 0.3)
        silent = connect_silently(owner)
        assert silent.recv(1), "the challenge: its time runs"
    # The other client has all the time it needs, however busy the machine is.
    with silent, session(owner) as engine:
        assert count(engine) == 0
        assert is_closed(silent)
        assert count(engine) == 0


def test_many_silent_connections_keep_no_client_out(owner, monkeypatch):
    monkeypatch.setattr(server, "MAX_HANDSHAKES", 3)
    with ExitStack() as stack:
        silent = [stack.enter_context(connect_silently(owner)) for _ in range(20)]
        with session(owner) as engine:
            assert count(engine) == 0
            assert is_closed(silent[0])
            assert len(owner._handshakes) <= 3


def test_sessions_beyond_the_limit_are_refused(owner, monkeypatch):
    monkeypatch.setattr(server, "MAX_SESSIONS", 2)
    with session(owner) as one, session(owner) as two:
        assert count(one) == count(two) == 0
        with session(owner) as third, pytest.raises(UnavailableError):
            count(third)
        assert count(one) == 0


@pytest.mark.parametrize("arguments", [(), (1,), ("SELECT 1", 5), ("SELECT 1", [], 3), ("SELECT 1", "text")])
def test_arguments_of_other_types_end_the_session(owner, arguments):
    with session(owner) as engine, pytest.raises(UnavailableError):
        engine._send_request("query", *arguments)


def test_pickled_and_oversized_messages_end_the_session(owner, monkeypatch):
    with session(owner) as engine:
        engine._connection.send_bytes(pickle.dumps(("query", ("SELECT 1",), {})))
        with pytest.raises(UnavailableError):
            engine._receive_answer()
    monkeypatch.setattr(messages, "MAX_HEAD_BYTES", 1000)
    with session(owner) as engine, pytest.raises(UnavailableError):
        engine.query("SELECT 1 " + " " * 2000)


def test_a_message_that_was_changed_on_the_way_is_not_decoded(owner, monkeypatch, caplog):
    decoded = []
    monkeypatch.setattr(messages, "decode_message", lambda *_: decoded.append(1))
    with session(owner) as engine:
        channel = messages.MessageChannel(None, owner.address.key)
        head, payload = map(bytes, codec.encode_message(("query", ("SELECT 1",), {"x": pl.DataFrame({"x": [1]})})))
        engine._connection.send_bytes(channel._sign_parts([head, payload]) + head)
        engine._connection.send_bytes(payload[:-1] + b"\0" + payload[-1:])
        with pytest.raises(UnavailableError):
            engine._receive_answer()
    assert decoded == []
    assert "signature" in caplog.text
