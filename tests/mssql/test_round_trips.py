"""How many messages cross the wire, and that the texts of statements do not depend on the rows."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta

import pytest
import stores
from load.made import at, changes, episode, health, log, publication
from plants import START, Plant, history
from templates import copy_template

from acm_etl import log_context
from acm_etl.engine import SpanStatement
from acm_etl.errors import StoreError
from acm_etl.io.mssql import statements
from acm_etl.load import publish, runs
from acm_etl.tables import shared_staging
from mssql.odd_table import TIME


@pytest.mark.slow
def test_the_texts_of_statements_do_not_depend_on_the_rows(standin, engine):
    """New texts would each be compiled, and stored in the plan cache and Query Store."""

    def publish_days(first, count):
        days = range(first, first + count)
        with log_context.bind_run(log(first)["RunID"].item()):
            runs.start_runs(engine, log(*days))
            frames = {"ACM_Scores_Wide": health(*days, value=first)}
            expected = at(first) if first else None
            publish.publish_batch(engine, publication(*days, frames=frames, expected=expected))

    publish_days(0, 1)
    publish_days(1, 2)
    warm_texts = {seen.sql for seen in standin.server.log}
    standin.server.calls.clear()
    standin.server.messages.clear()
    for i in range(15):
        publish_days(3 + i, 1)
    assert {seen.sql for seen in standin.server.log} - warm_texts == set()
    # Of the 17 batches, the first one alone makes a table: a server would compile the statements on a new one again.
    assert len(standin.server.statements("CREATE TABLE|DROP TABLE")) == 1
    assert set(standin.server.calls) == {"sp_prepexec"}, "one message per statement: no handle is dropped"
    assert sum(standin.server.messages.values()) <= 15 * 22


def test_rows_are_counted_by_one_text_whenever_events_began(standin, engine):
    for number, began in enumerate((episode(0, "OPEN"), episode(0))):
        runs.start_runs(engine, log(number))
        expected = at(number) if number else None
        metrics = publish.publish_batch(engine, publication(number, frames={"ACM_Episodes": began}, expected=expected))
        assert changes(metrics)["ACM_Episodes"] == ((0, 1, 0) if number else (1, 0, 0))
    counts = standin.server.statements(r"(?s)SELECT '\w+' AS name, COUNT.*UNION ALL")
    assert len(counts) == 2
    assert len(set(counts)) == 1


def test_a_session_ends_without_a_message_per_statement(standin, engine):
    for number in range(5):
        engine.query(f"SELECT ? AS a, {number} AS b", [number])
    standin.server.calls.clear()
    engine.close()
    assert not standin.server.calls


def test_types_of_parameters_do_not_depend_on_the_values(standin, engine):
    declared = []
    standin.server.declare = declared.append
    for values in ([1, "a", 1.0, TIME], [300, "a" * 300, 2.5, datetime(2024, 1, 1)], [70_000, "ä", -0.0, TIME]):
        engine.query("SELECT ? AS i, ? AS s, ? AS f, ? AS t", values)
    assert set(declared) == {"@P1 int,@P2 nvarchar(4000),@P3 float,@P4 datetime2"}


def _backfill_two_weeks(path):
    with stores.serve(path) as server:
        place = Plant(path, server=server)
        place.load(history(days=15))
        place.backfill_or_fail(until=START + timedelta(days=14), close_last_window=True)


@pytest.fixture
def served_plant(tmp_path):
    """A stand-in with the limits of production, and a machine whose store it is."""
    stores.needs_driver()
    from mssql.standin import StandIn  # noqa: PLC0415

    file = copy_template(("two weeks on the wire",), tmp_path / "server.duckdb", _backfill_two_weeks)
    with closing(StandIn(file)) as standin:
        yield standin, Plant(tmp_path / "unused.duckdb", server={"store.url": standin.server.url()})
    assert standin.server.faults == []


def count_messages(standin, first, last):
    """Messages from the first statement that matches to the last one: those of the protocol, logins included."""
    log = standin.server.log
    begin = next(i for i, seen in enumerate(log) if first in seen.sql)
    end = max(i for i, seen in enumerate(log) if last in seen.sql)
    between = [seen for seen in log[begin : end + 1] if seen.kind != "inner"]
    # Two messages to connect and log in for each session but that of the backfill, which was there before.
    return len(between) + 2 * (len({seen.session for seen in between}) - 1)


@pytest.mark.slow
def test_one_window_with_all_tables_takes_at_most_40_messages(served_plant):
    """A batch of a real machine, not of one table: its messages are the round trips of a nightly run."""
    standin, place = served_plant
    place.backfill_or_fail(until=START + timedelta(days=15), close_last_window=True)
    assert count_messages(standin, "[acm_ACM_StagedRows_s1]", "UPDATE [ACM_BatchProgress]") <= 40
    assert sum(standin.server.messages.values()) <= 110


def test_a_batch_with_bulk_copies_takes_at_most_120_messages(served_plant, monkeypatch):
    """As a batch of 50,000 readings: each timeline has a copy of its own, whatever its number of rows."""
    standin, place = served_plant
    monkeypatch.setattr(shared_staging, "MAX_SHARED_ROWS", 20)
    monkeypatch.setattr(statements, "fits_one_insert", lambda frame: frame.height <= 20)
    place.backfill_or_fail(until=START + timedelta(days=15), close_last_window=True)
    copies = [seen for seen in standin.server.log if seen.kind == "bulk"]
    assert len(copies) >= 6
    assert count_messages(standin, "[acm_ACM_StagedRows_s1]", "UPDATE [ACM_BatchProgress]") <= 120


@pytest.mark.parametrize("number", [0, 2, 3])
def test_an_error_in_a_round_trip_names_the_table_of_its_statement(engine, number):
    names = ("RunLog", "ACM_Runs", "ACM_Run_Stats", "ACM_State")
    good = [SpanStatement(name, f"DELETE FROM [{name}] WHERE 1 = 0") for name in names]
    broken = SpanStatement(names[number], "DELETE FROM [there_is_no_such_table]")
    with pytest.raises(StoreError) as caught, engine.transaction():
        engine.execute_batch([*good[:number], broken, *good[number + 1 :]])
    assert caught.value.table == names[number]
    # The error has rolled the transaction back, and the session goes on.
    assert [result.row_count for result in engine.execute_batch(good * 20)] == [0] * 80
