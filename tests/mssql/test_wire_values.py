"""How values arrive over the wire: as they were, whatever their type."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
from load.made import T, health, log, publication

from acm_etl.errors import ContractError
from acm_etl.load import publish, runs, staging
from acm_etl.load.historian import historian_table
from mssql.odd_table import ODD, RUN, TIME, odd


@pytest.mark.parametrize("times", [1, 150], ids=["small", "large"])
def test_every_value_arrives_as_it_was(standin, engine, times):
    frame = odd(times)
    name = engine.stage_frame(ODD, frame)
    bulks = [seen for seen in standin.server.log if seen.kind == "bulk"]
    assert len(bulks) == (times > 1), "a few rows come by the control session"
    if bulks:
        assert bulks[0].columns == tuple(frame.columns)
        assert bulks[0].rows[0][1] == RUN, "the bytes of a UUID are in SQL Server's order"
        assert bulks[0].rows[1][1:] == (None,) * 8
        assert bulks[0].rows[0][2] == TIME
    assert engine.query(f"SELECT * FROM {name} ORDER BY k").equals(frame)
    engine.clear_staging()
    assert standin.staged() == []


def test_times_are_rounded_before_they_are_sent(standin, engine):
    fine = health(*range(30)).with_columns(
        Timestamp=pl.col("Timestamp").cast(pl.Datetime("us")) + timedelta(microseconds=600)
    )
    runs.start_runs(engine, log(*range(30)))
    staging.upsert_frame(engine, T["ACM_Scores_Wide"], fine)
    sent = next(seen for seen in standin.server.log if seen.kind == "bulk")
    assert sent.rows[0][sent.columns.index("Timestamp")] == datetime(2024, 1, 1, 0, 0, 0, 1000)


def test_nan_is_refused_before_anything_is_sent(standin, engine):
    standin.server.log.clear()
    bad = health(0, value=float("nan"))
    with pytest.raises(ContractError, match="HealthIndex is NaN or infinite"):
        publish.publish_batch(engine, publication(0, frames={"ACM_Scores_Wide": bad}))
    assert standin.server.statements("CREATE TABLE|BEGIN TRANSACTION|INSERT") == []


def test_nulls_and_question_marks_in_statements(engine):
    engine.execute("CREATE TABLE [what?] ([is it?] INT, [b] NVARCHAR(9))")
    engine.execute("INSERT INTO [what?] ([is it?], [b]) VALUES (?, '?'), (?, ?)", [None, 7, None])
    assert engine.query("SELECT * FROM [what?] WHERE [b] IS NULL OR [b] = '?'").rows() == [(None, "?"), (7, None)]


def test_historian_tables_of_any_name_are_pulled_in_batches(engine):
    table = historian_table.declare_historian_table("FD-FAN.1 süd", ["T 1", "p.in", "a-b", "x[0]"])
    historian_table.create_or_extend_table(engine, table)
    times = [datetime(2024, 1, 1) + timedelta(minutes=i) for i in range(2500)]
    frame = pl.DataFrame(
        {"EntryDateTime": times, "T 1": 1.5, "p.in": None, "a-b": 0.0, "x[0]": -1.0}, schema=table.polars_schema
    )
    assert historian_table.load_readings(engine, table, [frame]).inserted == 2500
    batches = list(
        engine.stream_rows(
            f"SELECT * FROM {engine.dialect.quote(table.name)} ORDER BY [EntryDateTime]", chunk_size=1000
        )
    )
    assert [batch.height for batch in batches] == [1000, 1000, 500]
    assert pl.concat(batches).equals(frame)
