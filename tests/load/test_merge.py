from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acm_etl import tables
from acm_etl.dialects import DIALECTS, DUCKDB, MSSQL
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load import merge, runs, staging
from acm_etl.load.schema import ddl
from acm_etl.schema import Table, col
from load.golden_files import assert_golden
from load.made import T, health, log


def _statements(table, dialect):
    staged = dialect.quote("stage_1")
    if table.time_column:
        yield merge.build_stale_delete(table, staged, dialect)
    yield from merge.build_upsert(table, staged, dialect, limit_to_span=table.large)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_golden_sql(dialect):
    """The statements of every table, as committed."""
    text = "\n".join(
        f"-- {table.name}: {statement.row_effect}\n{statement.sql}{dialect.batch_separator}"
        for table in tables.ALL
        for statement in _statements(table, dialect)
    )
    assert_golden(f"{dialect.name}.sql", text)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_an_append_does_not_look(dialect):
    (only,) = merge.build_upsert(T["ACM_Scores_Wide"], "s", dialect, empty_target=True, limit_to_span=True)
    assert only.row_effect == "inserted"
    assert not only.takes_span
    assert only.sql.startswith("INSERT INTO")
    assert "EXISTS" not in only.sql


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_without_staged_rows_the_whole_span_is_deleted(dialect):
    statement = merge.build_stale_delete(T["ACM_Scores_Wide"], None, dialect)
    assert (statement.row_effect, statement.takes_span) == ("deleted", True)
    assert "EXISTS" not in statement.sql
    assert statement.sql.count("?") == 3


def test_merge_into_a_large_table_names_its_range():
    (only,) = merge.build_upsert(T["ACM_Scores_Wide"], "[s]", MSSQL, limit_to_span=True)
    assert only.takes_span
    condition = only.sql.partition("\nON ")[2].partition("\nWHEN")[0]
    assert condition.endswith(" AND t.[EquipID] = ? AND t.[Timestamp] >= ? AND t.[Timestamp] < ?")


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_merge_locks_no_range_of_a_batch_and_never_changes_keys_or_volatile_columns_alone(table):
    (only,) = merge.build_upsert(table, "[s]", MSSQL)
    # The range behind the newest rows of a machine reaches up to the next machine, whose batch would wait.
    assert f"WITH ({'HOLDLOCK, ' if table in tables.ADMINISTERED else ''}UPDLOCK)" in only.sql
    compared = only.sql.partition("EXCEPT")[2].partition(")")[0]
    updated = only.sql.partition("UPDATE SET")[2].partition("WHEN NOT")[0]
    for column in table.insertable_columns:
        name = MSSQL.quote(column.name)
        assert (f"t.{name}" in compared) == (column in table.change_detection_columns)
        if column.name in table.key:
            assert f"{name} = s" not in updated


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_a_long_batch_of_one_machine_locks_no_table_as_a_whole(table):
    statements = "\n".join(ddl.build_table_statements(table, MSSQL))
    assert f"ALTER TABLE [dbo].[{table.name}] SET (LOCK_ESCALATION = DISABLE)" in statements


def test_hostile_names_cannot_leave_their_quotes():
    name = 'a"]; DROP TABLE x; --'
    table = Table(name, "time", "x", (col(name, "i32", "x"), col("v", "f64?", "x")), key=(name,), time_column=name)
    for dialect in DIALECTS.values():
        for statement in merge.build_upsert(table, dialect.quote("s"), dialect):
            assert dialect.quote(name) in statement.sql
            assert name not in statement.sql.replace(dialect.quote(name), "")


PAIR = Table(
    "Pair",
    "time",
    "x",
    (col("k", "i32", "x"), col("v", "f64?", "x"), col("t", "str(9)?", "x"), col("c", "i32", "x", volatile=True)),
    key=("k",),
    time_column="k",
    large=True,
)
ROW = st.tuples(st.sampled_from([None, 0.0, 1.5]), st.sampled_from([None, "", "a"]), st.integers(0, 2))
ROWS = st.dictionaries(st.integers(0, 8), ROW, max_size=8)


def _frame(rows):
    return pl.DataFrame([(k, *row) for k, row in rows.items()], schema=PAIR.polars_schema, orient="row")


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_upserting_equals_a_dict(batches):
    engine = DuckDB("duckdb:///:memory:")
    engine.execute(ddl.build_create_statement(PAIR, DUCKDB))
    model: dict = {}
    for rows in batches:
        counts = staging.upsert_frame(engine, PAIR, _frame(rows))
        new = {k: row for k, row in rows.items() if k not in model}
        other = {k: row for k, row in rows.items() if k in model and row[:2] != model[k][:2]}
        assert (counts.inserted, counts.updated) == (len(new), len(other))
        model |= new | other
        again = staging.upsert_frame(engine, PAIR, _frame(rows))
        assert (again.inserted, again.updated) == (0, 0)
    stored = engine.query('SELECT * FROM "Pair"')
    assert {row[0]: row[1:] for row in stored.iter_rows()} == model
    engine.close()


def test_counts_of_a_write(engine):
    runs.start_runs(engine, log(0, 1))
    first = staging.upsert_frame(engine, T["ACM_Scores_Wide"], health(0))
    second = staging.upsert_frame(engine, T["ACM_Scores_Wide"], health(0, 1, value=10.0))
    assert (first.inserted, second.inserted, second.updated) == (24, 24, 24)
