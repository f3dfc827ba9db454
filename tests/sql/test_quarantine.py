"""The rules by which V8's doubled rows are set aside, run on made-up V8 tables (the rules are plain predicates)."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pytest

from acm_etl.dialects import DUCKDB, MSSQL
from acm_etl.legacy_v8 import quarantine as v8
from acm_etl.legacy_v8.scripts import render_all_scripts

DAY = datetime(2013, 1, 1)
HOUR = timedelta(hours=1)
FIRST, AGAIN, FAILED, STRANGER = "run-first", "run-again", "run-failed", "run-nobody-knows"


@pytest.fixture
def store():
    """Four hours by a first run, the last two again by a second; a failed run came last."""
    connection = duckdb.connect()
    connection.execute('CREATE TABLE "ACM_Runs" ("RunID" VARCHAR, "StartedAt" TIMESTAMP, "HealthStatus" VARCHAR)')
    runs = [(FIRST, DAY, "HEALTHY"), (AGAIN, DAY + HOUR, "ALERT"), (FAILED, DAY + 2 * HOUR, "ERROR")]
    connection.executemany('INSERT INTO "ACM_Runs" VALUES (?, ?, ?)', runs)
    connection.execute(f"CREATE TABLE run_order AS {v8.build_run_ranks_query(DUCKDB)}")
    connection.execute(
        'CREATE TABLE "ACM_HealthTimeline" '
        '("RunID" VARCHAR, "EquipID" INT, "Timestamp" TIMESTAMP, "HealthIndex" DOUBLE)'
    )
    rows = [
        *((FIRST, 1, DAY + hour * HOUR, 90.0) for hour in range(4)),
        *((AGAIN, 1, DAY + hour * HOUR, 80.0) for hour in (2, 3)),
        (AGAIN, 1, DAY + 3 * HOUR, 80.0),  # the same row twice
        (FAILED, 1, DAY, 1.0),
        (STRANGER, 1, DAY + HOUR, 2.0),
        (STRANGER, 1, DAY + 9 * HOUR, 70.0),  # the only row of its time
        (FIRST, 2, DAY, 60.0),  # another machine
        (FIRST, 1, datetime(1900, 1, 1), 0.0),  # V8's invented time
        (FIRST, None, DAY, 0.0),
    ]
    connection.executemany('INSERT INTO "ACM_HealthTimeline" VALUES (?, ?, ?, ?)', rows)
    yield connection
    connection.close()


def _set_aside(connection, name):
    """What the three DELETEs of the script do, in their order; the rows that went, by reason."""
    key, table = v8.V8_KEYS[name], f'"{name}"'
    aside = {}
    for reason, condition in (
        ("no key", v8.keyless_row_condition(key, DUCKDB)),
        ("replaced", v8.later_run_condition(name, key, DUCKDB, ranks_table="run_order")),
    ):
        aside[reason] = connection.execute(f"SELECT * FROM {table} AS t WHERE {condition}").fetchall()
        connection.execute(f"DELETE FROM {table} AS t WHERE {condition}")
    counted = f"({v8.build_copies_query(name, key, DUCKDB)})"
    aside["copy"] = connection.execute(f"SELECT * EXCLUDE (acm_copy) FROM {counted} WHERE acm_copy > 1").fetchall()
    kept = f"SELECT * EXCLUDE (acm_copy) FROM {counted} WHERE acm_copy = 1"
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS {kept}")
    listed = ", ".join(f'"{column}"' for column in key)
    connection.execute(f"CREATE UNIQUE INDEX u ON {table} ({listed})")  # raises where a key is there twice
    return aside


def test_the_latest_good_run_stays_and_nothing_is_lost(store):
    before = sorted(map(str, store.execute('SELECT * FROM "ACM_HealthTimeline"').fetchall()))
    aside = _set_aside(store, "ACM_HealthTimeline")
    kept = store.execute('SELECT * FROM "ACM_HealthTimeline"').fetchall()
    assert sorted(kept, key=str) == sorted(
        [
            (FIRST, 1, DAY, 90.0),  # not the failed run's 1.0, though that came later
            (FIRST, 1, DAY + HOUR, 90.0),  # not the unknown run's 2.0
            (AGAIN, 1, DAY + 2 * HOUR, 80.0),
            (AGAIN, 1, DAY + 3 * HOUR, 80.0),
            (STRANGER, 1, DAY + 9 * HOUR, 70.0),
            (FIRST, 2, DAY, 60.0),
        ],
        key=str,
    )
    assert {reason: len(rows) for reason, rows in aside.items()} == {"no key": 2, "replaced": 4, "copy": 1}
    assert sorted(map(str, [*kept, *(row for rows in aside.values() for row in rows)])) == before


def test_doing_it_again_moves_nothing(store):
    _set_aside(store, "ACM_HealthTimeline")
    store.execute("DROP INDEX u")
    assert not any(_set_aside(store, "ACM_HealthTimeline").values())


def test_summaries_of_two_runs_are_no_duplicates(store):
    store.execute('CREATE TABLE "ACM_DefectSummary" ("RunID" VARCHAR, "EquipID" INT, "Status" VARCHAR)')
    store.execute(
        f"INSERT INTO \"ACM_DefectSummary\" VALUES ('{FIRST}', 1, 'a'), ('{AGAIN}', 1, 'b'), ('{AGAIN}', 1, 'b')"
    )
    aside = _set_aside(store, "ACM_DefectSummary")
    assert aside == {"no key": [], "replaced": [], "copy": [(AGAIN, 1, "b")]}


def test_the_script_uses_these_rules_and_only_counts_as_it_stands():
    text = render_all_scripts(MSSQL)["migrate_v8/001_quarantine.sql"]
    assert "sp_set_session_context N'acm_apply', 0;" in text
    for name, key in v8.V8_KEYS.items():
        batch = text.partition(f"-- {name}: one row per")[2].partition("\nGO\n")[0]
        for rule in (
            v8.keyless_row_condition(key, MSSQL),
            v8.later_run_condition(name, key, MSSQL),
            v8.build_copies_query(name, key, MSSQL),
        ):
            assert rule in batch
        assert batch.count("OUTPUT deleted.*") == batch.count("DELETE ") == 3
        assert f"CREATE UNIQUE INDEX [UQ_{name}_V8] ON [dbo].[{name}]" in batch
        assert batch.count("acm_apply') AS INT) = 1") == 1
    assert "DELETE FROM [dbo]" not in text  # no row goes but through OUTPUT ... INTO [quarantine]
