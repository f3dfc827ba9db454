"""Damaged messages end one session of the store server; the server goes on.

``make test`` sends 250 messages, ``make test-all`` 2,500, ``make fuzz`` 10,000. A failure names its seed.
"""

from __future__ import annotations

import os
import random
from datetime import datetime

import polars as pl
import pytest

from acm_etl import tables
from acm_etl.errors import AcmError
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.io.store_server import StoreClient, StoreServer
from acm_etl.io.store_server.codec import encode_message
from acm_etl.io.store_server.messages import MessageChannel

COUNT = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 2_500
GROUP = 250
TABLE = tables.BY_NAME["ACM_SchemaVersion"]
ROWS = pl.DataFrame([{"Version": 3, "Name": "x", "Hash": "0", "AppliedAt": None}], schema=TABLE.polars_schema)
REQUESTS = (
    ("query", ("SELECT ?", [1, 2.5, "x", b"\0", None, datetime(2024, 1, 1)]), {}),
    ("stage_frame", (TABLE, ROWS), {}),
    ("stage_frames", ([(TABLE, ROWS), (TABLE, ROWS)],), {}),
    ("stream_rows", ("SELECT 1",), {"chunk_size": 10}),
    ("acquire_lock", ("FAN",), {}),
)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("first", range(0, COUNT, GROUP))
def test_damaged_messages_end_one_session_only(tmp_path, first):
    engine = DuckDB(f"duckdb:///{tmp_path / 'store.duckdb'}")
    server = StoreServer(engine)
    try:
        for seed in range(first, first + GROUP):
            try:
                send_damaged(server.address, random.Random(seed))
            except Exception as error:
                error.add_note(f"seed {seed}")
                raise
        client = StoreClient(server.address)
        assert client.query("SELECT 1 AS n").item() == 1
        client.close()
    finally:
        server.close()
        engine.close()


def send_damaged(address, chance):
    client = StoreClient(address)
    try:
        for part in make_damaged_message(address.key, chance):
            client._connection.send_bytes(part)
        # A head that claims more payloads than follow waits for them, as a silent client may.
        if client._connection.poll(0.05):
            client._receive_answer()
    except (AcmError, OSError):
        pass
    finally:
        client.close()


def make_damaged_message(key, chance):
    """Damage a signed part, or sign a damaged head: the signature then lets it reach the checks of its content."""
    channel = MessageChannel(None, key)
    head, *payloads = map(bytearray, encode_message(chance.choice(REQUESTS)))
    if chance.random() < 0.5:
        damage(head, chance)
        return [channel._sign_parts([head, *payloads]) + head, *payloads]
    parts = [bytearray(channel._sign_parts([head, *payloads]) + head), *payloads]
    damage(chance.choice(parts), chance)
    return parts


def damage(part, chance):
    """Flip, cut, double or insert some bytes."""
    for _ in range(chance.choice((1, 1, 2, 8))):
        place = chance.randrange(len(part) + 1)
        kind = chance.randrange(4)
        if kind == 0 and place < len(part):
            part[place] = chance.randrange(256)
        elif kind == 1:
            del part[place : place + chance.randrange(1, 9)]
        elif kind == 2:
            part[place:place] = part[place : place + chance.randrange(1, 40)]
        else:
            part[place:place] = chance.choice((b"[", b'"', b"-1", b"null", b"true", b"\xff\xff\xff\x7f", b"[0,"))
