from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acm_etl.dialects import MSSQL
from acm_etl.errors import ContractError, InputError
from acm_etl.load import ddl, historian_table
from load.made import START, day

TABLE = historian_table.declare_historian_table("P", ["a", "b"])


def _batch(*rows):
    """Readings (minute, a, b)."""
    times = pl.Series([START + timedelta(minutes=row[0]) for row in rows], dtype=pl.Datetime("ms"))
    values = {"a": [row[1] for row in rows], "b": [row[2] for row in rows]}
    return pl.DataFrame({"EntryDateTime": times, **values}, schema=TABLE.polars_schema)


def _stored(engine):
    rows = engine.query('SELECT * FROM "P_Data"').iter_rows()
    return {int((time - START).total_seconds() // 60): values for time, *values in rows}


@pytest.fixture
def historied(engine):
    historian_table.create_or_extend_table(engine, TABLE)
    return engine


def test_readings_are_counted_by_what_became_of_them(historied):
    first = historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, None), (1, 2.0, 3.0))])
    assert (first.rows_read, first.inserted, first.updated, first.unchanged) == (2, 2, 0, 0)
    again = historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, None), (1, 2.0, 4.0), (2, 0.0, 0.0))])
    assert (again.rows_read, again.inserted, again.updated, again.unchanged) == (3, 1, 1, 1)
    assert again.conflict_samples == ("2024-01-01 00:01:00: b 3.0 -> 4.0",)
    assert (again.first_time, again.last_time) == (START, START + timedelta(minutes=2))
    assert [name for name in historied.get_table_names() if "Import" in name] == []


def test_of_readings_of_the_same_time_the_last_one_wins(historied):
    batches = [_batch((0, 1.0, 1.0), (0, 1.0, 1.0), (1, 5.0, 5.0)), _batch((0, 2.0, 1.0)), _batch((0, 2.0, 1.0))]
    done = historian_table.load_readings(historied, TABLE, batches)
    assert (done.rows_read, done.inserted) == (5, 2)
    assert (done.exact_duplicates, done.conflicting_duplicates) == (1, 2)
    assert done.conflict_samples == ("2024-01-01 00:00:00: a 1.0 -> 2.0",) * 2
    assert _stored(historied) == {0: [2.0, 1.0], 1: [5.0, 5.0]}


VALUE = st.sampled_from([None, 0.0, 1.5])
READING = st.tuples(st.integers(0, 6), VALUE, VALUE)


@given(st.lists(st.lists(st.lists(READING, max_size=6), max_size=3), min_size=1, max_size=3))
def test_imports_equal_a_dict(imports):
    from acm_etl.io.duckdb.engine import DuckDB  # noqa: PLC0415 - only this test makes its own store

    engine, model = DuckDB("duckdb:///:memory:"), {}
    historian_table.create_or_extend_table(engine, TABLE)
    for batches in imports:
        done = historian_table.load_readings(engine, TABLE, [_batch(*rows) for rows in batches])
        rows = [row for batch in batches for row in batch]
        new = {minute: [a, b] for minute, a, b in rows}
        assert done.rows_read == len(rows) == len(new) + done.exact_duplicates + done.conflicting_duplicates
        assert done.inserted == len(new.keys() - model.keys())
        assert done.updated == sum(model[key] != new[key] for key in new.keys() & model.keys())
        assert done.unchanged == len(new) - done.inserted - done.updated
        model |= new
        assert _stored(engine) == model
    engine.close()


def test_a_bad_batch_leaves_everything_as_it_was(historied):
    historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, 1.0))])
    with pytest.raises(ContractError, match="NaN or infinite"):
        historian_table.load_readings(historied, TABLE, [_batch((1, 1.0, 1.0)), _batch((2, float("nan"), 1.0))])
    assert _stored(historied) == {0: [1.0, 1.0]}
    assert historied.get_table_names().count("P_Data") == len(
        [n for n in historied.get_table_names() if n.endswith("_Data")]
    )
    assert historian_table.drop_dead_staging_tables(historied) == []


def test_new_tags_extend_the_table(historied):
    historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, 1.0))])
    wider = historian_table.declare_historian_table("P", ["a", "b", "c"])
    assert historian_table.create_or_extend_table(historied, wider) == ["c"]
    batch = _batch((1, 1.0, 1.0)).with_columns(c=2.0)
    assert historian_table.load_readings(historied, wider, [batch]).inserted == 1
    assert _stored(historied) == {0: [1.0, 1.0, None], 1: [1.0, 1.0, 2.0]}
    assert historian_table.load_readings(historied, TABLE, [_batch((2, 0.0, 0.0))]).inserted == 1
    with pytest.raises(
        InputError, match=r"1 stored reading\(s\) of P_Data would lose 1 tag\(s\).*: c; import all tags"
    ):
        historian_table.load_readings(historied, TABLE, [_batch((1, 9.0, 9.0))])
    assert _stored(historied)[1] == [1.0, 1.0, 2.0]


def test_tags_that_differ_in_case_only_are_refused():
    with pytest.raises(InputError, match="differ from others in case only: A, entrydatetime"):
        historian_table.declare_historian_table("P", ["a", "A", "entrydatetime"])


def test_a_file_may_write_tags_in_another_case(historied):
    historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, 1.0))])
    louder = historian_table.declare_historian_table("P", ["A", "B"])
    assert historian_table.create_or_extend_table(historied, louder) == []
    batch = _batch((0, 2.0, 3.0)).rename({"a": "A", "b": "B"})
    assert historian_table.load_readings(historied, louder, [batch]).updated == 1
    assert _stored(historied) == {0: [2.0, 3.0]}


@pytest.mark.parametrize(("shared", "kept"), [(True, True), (False, False)])
def test_a_table_of_its_own_may_be_locked_as_a_whole(shared, kept):
    """An import is one transaction: a lock for each of its rows would take gigabytes of a server's memory."""
    statements = ddl.build_table_statements(TABLE, MSSQL, shared_by_machines=shared)
    assert any("LOCK_ESCALATION = DISABLE" in statement for statement in statements) == kept


def test_what_other_imports_use_is_left_alone(historied):
    """Two imports side by side, of whatever machines and processes: each sweeps what it takes for dead."""
    other = historied.open_session()
    with historian_table._open_staging_tables(other, TABLE) as (stage, winners):
        assert historian_table.drop_dead_staging_tables(historied) == []
        assert historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, 1.0))]).inserted == 1
        assert {stage.name, winners.name} <= set(historied.get_table_names())
    other.close()
    assert historian_table.drop_dead_staging_tables(historied) == []
    assert not [name for name in historied.get_table_names() if name.startswith("ACM_ImportStage")]


def test_what_dead_imports_left_is_swept(historied):
    historied.execute('CREATE TABLE "ACM_ImportStage_0123" (x INT)')
    assert historian_table.drop_dead_staging_tables(historied) == ["ACM_ImportStage_0123"]
    assert historian_table.load_readings(historied, TABLE, []).first_time is None
    assert day(0) == START
