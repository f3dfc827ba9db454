"""Partitions that have expired for all machines are emptied as a whole, and the rest is deleted as before."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import stores

from acm_etl.admin import retention
from acm_etl.dialects import DUCKDB, MSSQL
from acm_etl.load import publish, runs
from acm_etl.load.machines import equipment
from acm_etl.load.maintenance import partitions
from acm_etl.load.schema import storage
from acm_etl.load.schema.storage import StorageOptions
from load.made import HOUR, at, contents, day, health, log, publication, same
from sql import scriptdom

(SERVER_ONLY,) = stores.SERVER.marks
# Limits of the two partitions that the stand-in has.
LIMITS = (day(10), day(20))
KEEP = {"retention.time_days": 400}
LAST = 450


@pytest.fixture
def parted(duck):
    """An embedded store that takes itself for one with partitions, and the statements that empty them."""
    times = ", ".join(f"(TIMESTAMP '{limit}')" for limit in LIMITS)
    found = f"SELECT COUNT(*) AS partitions, MAX(v) AS before FROM (VALUES {times}) AS limits (v) WHERE v <= ?"
    emptied = "DELETE FROM {table} WHERE Timestamp < (SELECT (list_sort([" + (
        ", ".join(f"TIMESTAMP '{limit}'" for limit in LIMITS) + "]))[{count}])"
    )
    duck.dialect = replace(DUCKDB, find_expired_partitions=found, empty_partitions=emptied)
    return duck


def _fill(engine):
    """Readings on days 5, 15, 45 and 100 of one machine; all before day 50 have expired."""
    for number in (5, 15, 45, 100):
        runs.start_runs(engine, log(number))
        frames = {"ACM_Scores_Wide": health(number, hours=2)}
        publish.publish_batch(engine, publication(number, frames=frames, watermark_update=None))
    runs.start_runs(engine, log(LAST - 1))
    update = publish.WatermarkUpdate(None, at(LAST))
    publish.publish_batch(engine, publication(LAST - 1, frames={}, watermark_update=update))


def _statements(engine, monkeypatch):
    sent, execute = [], engine.execute
    monkeypatch.setattr(engine, "execute", lambda sql, params=(): sent.append(sql) or execute(sql, params))
    return sent


def _counts(result):
    return {(one.machine, one.table): one.rows for one in result.expired if one.rows}


def test_the_result_is_that_of_deleting(parted, monkeypatch):
    _fill(parted)
    expected = retention.prune_machines(parted, [], options=KEEP)
    sent = _statements(parted, monkeypatch)
    assert _counts(retention.prune_machines(parted, [], options=KEEP, apply=True)) == _counts(expected)
    assert _counts(expected) == {("FAN", "ACM_Scores_Wide"): 6}
    assert [sql.rpartition("[")[2] for sql in sent if "list_sort" in sql] == ["2])"]
    left = parted.query("SELECT DISTINCT Timestamp AS t FROM ACM_Scores_Wide ORDER BY 1")["t"].to_list()
    assert left == [day(100), day(100) + HOUR]
    before = contents(parted)
    assert _counts(retention.prune_machines(parted, [], options=KEEP, apply=True)) == {}
    assert same(before, contents(parted))


def test_a_count_empties_nothing(parted, monkeypatch):
    _fill(parted)
    sent = _statements(parted, monkeypatch)
    retention.prune_machines(parted, [], options=KEEP)
    assert sent == []


def test_a_machine_that_keeps_its_rows_keeps_the_partitions_of_all(parted, monkeypatch):
    _fill(parted)
    equipment.register_machine(parted, "IDLE", time_zone="UTC")
    cutoffs = {1: day(50), 2: None}
    assert list(partitions.empty_expired_partitions(parted, {1: None, 2: day(50)})) == []
    sent = _statements(parted, monkeypatch)
    retention.prune_machines(parted, ["FAN"], options=KEEP, apply=True)
    assert not [sql for sql in sent if "list_sort" in sql], "not all machines were named"
    assert list(partitions.empty_expired_partitions(parted, cutoffs)) == [], "the rows are gone already"


def test_a_machine_without_rows_does_not_count(parted):
    _fill(parted)
    (emptied,) = partitions.empty_expired_partitions(parted, {1: day(16), 2: None})
    assert (emptied.table, emptied.row_counts) == ("ACM_Scores_Wide", {1: 2, 2: 0})


def test_a_locked_machine_is_left_to_the_deletes(parted, monkeypatch):
    _fill(parted)
    sent = _statements(parted, monkeypatch)
    other = parted.open_session()
    with other.acquire_lock("FAN"):
        result = retention.prune_machines(parted, [], options=KEEP, apply=True)
    other.close()
    assert [failure.machine for failure in result.failed] == ["FAN"]
    assert not [sql for sql in sent if "list_sort" in sql]


@pytest.mark.skipif(bool(scriptdom.MISSING), reason=f"{scriptdom.MISSING}: run tests/sql/fetch_scriptdom.sh")
def test_statements_parse(tmp_path):
    names = MSSQL.name_object("ACM_Scores_Wide")
    texts = {
        "find": re.sub(r"\?", "@p1", MSSQL.find_expired_partitions.format(**names)),
        "empty": MSSQL.empty_partitions.format(count=3, **names),
    }
    assert {name: found.errors for name, found in scriptdom.parse(texts, tmp_path).items()} == {"find": [], "empty": []}


@SERVER_ONLY
def test_mssql_empties_months():
    engine = stores.sql_server()
    equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
    _fill(engine)
    storage.apply_storage_options(engine, StorageOptions(partition_by_month=True))
    # Day 50 is 20 February: January has expired, and February has not.
    (emptied,) = partitions.empty_expired_partitions(engine, {1: day(50)})
    left = engine.query("SELECT MIN([Timestamp]) AS t FROM [ACM_Scores_Wide]").item()
    engine.close()
    assert emptied.row_counts == {1: 4}
    assert left == day(45)
