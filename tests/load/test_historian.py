from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
import stores
from hypothesis import given
from hypothesis import strategies as st

from acm_etl.dialects import MSSQL
from acm_etl.errors import ContractError, InputError
from acm_etl.load.historian import historian_table, import_staging
from acm_etl.load.historian.historian_table import CellCounts, MergeCounts
from acm_etl.load.historian.import_staging import CellConflict
from acm_etl.load.schema import ddl
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


def _load(engine, batches, table=TABLE, **options):
    """What was staged, and what the store took."""
    with import_staging.stage_readings(engine, table, batches) as staged, engine.transaction():
        return staged, historian_table.merge_staged_readings(engine, staged, **options)


def test_readings_are_counted_by_what_became_of_them(historied):
    first = historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, None), (1, 2.0, 3.0))])
    assert (first.inserted, first.updated, first.unchanged) == (2, 0, 0)
    staged, again = _load(historied, [_batch((0, 1.0, None), (1, 2.0, 4.0), (2, 0.0, 0.0))])
    assert (staged.rows, again.inserted, again.updated, again.unchanged) == (3, 1, 1, 1)
    assert again.cells == CellCounts(inserted=2, updated=1, unchanged=2)
    assert again.conflict_samples == (CellConflict(START + timedelta(minutes=1), "b", 3.0, 4.0),)
    assert (staged.first_time, staged.last_time) == (START, START + timedelta(minutes=2))
    assert [name for name in historied.get_table_names() if "Import" in name] == []


def test_of_values_of_the_same_cell_the_last_one_wins(historied):
    batches = [_batch((0, 1.0, 1.0), (0, 1.0, 1.0), (1, 5.0, 5.0)), _batch((0, 2.0, None)), _batch((0, 2.0, 1.0))]
    staged, done = _load(historied, batches)
    assert (staged.rows, staged.times, done.inserted) == (5, 2, 2)
    duplicates = staged.duplicates
    assert (duplicates.exact, duplicates.complementary, duplicates.conflicting) == (1, 0, 2)
    assert duplicates.conflict_cells == {"a": 2, "b": 0}
    assert duplicates.samples == (CellConflict(START, "a", 1.0, 2.0),) * 2
    assert _stored(historied) == {0: [2.0, 1.0], 1: [5.0, 5.0]}


@stores.WIRE_TOO
def test_an_empty_cell_changes_nothing(historied):
    """One file per tag, and a correction of one cell."""
    batches = [_batch((0, 1.0, None), (1, 2.0, None)), _batch((0, None, 3.0), (1, None, None))]
    staged, done = _load(historied, batches)
    assert (staged.duplicates.exact, staged.duplicates.complementary, staged.duplicates.conflicting) == (1, 1, 0)
    assert done.cells == CellCounts(inserted=3)
    assert _stored(historied) == {0: [1.0, 3.0], 1: [2.0, None]}
    _, done = _load(historied, [_batch((0, None, 4.0), (1, None, 5.0))])
    assert (done.updated, done.cells) == (2, CellCounts(inserted=1, updated=1))
    assert _stored(historied) == {0: [1.0, 4.0], 1: [2.0, 5.0]}


def test_conflicts_within_a_file_are_distinguished_from_those_between_files(historied):
    rows = _batch((0, 1.0, 1.0), (0, 2.0, 1.0), (1, 1.0, 1.0), (1, 1.0, 2.0))
    files = pl.Series("FileOrdinal", [0, 0, 0, 1], dtype=pl.Int32)
    staged, _ = _load(historied, [rows.with_columns(files, RowOrdinal=pl.lit(0))])
    assert staged.duplicates.conflict_cells == {"a": 1, "b": 1}
    assert staged.duplicates.conflict_cells_in_file == {"a": 1, "b": 0}


@pytest.mark.sampled
@pytest.mark.parametrize("limit", [0, 10])
def test_many_repeated_times_are_folded_slice_by_slice(historied, monkeypatch, limit):
    monkeypatch.setattr(import_staging, "_MAX_SLICE_CELLS", limit)
    hours = range(0, 600, 60)
    batches = [_batch(*((hour, 1.0, None) for hour in hours)), _batch(*((hour + 1, None, 2.0) for hour in hours))]
    batches += [_batch(*((hour, 3.0, 2.0) for hour in hours)), _batch(*((hour + 1, None, 2.0) for hour in hours))]
    staged, _ = _load(historied, batches)
    assert (staged.duplicates.exact, staged.duplicates.conflicting, staged.times) == (10, 10, 20)
    assert staged.duplicates.conflict_cells == {"a": 10, "b": 0}
    assert _stored(historied) == {hour + i: [[3.0, 2.0], [None, 2.0]][i] for hour in hours for i in (0, 1)}
    # Stored rows are compared and changed slice by slice, too.
    _, done = _load(historied, [_batch(*((hour, 4.0, 2.0) for hour in hours))])
    assert (done.updated, done.inserted, done.cells) == (10, 0, CellCounts(updated=10, unchanged=10))
    assert _stored(historied) == {hour + i: [[4.0, 2.0], [None, 2.0]][i] for hour in hours for i in (0, 1)}


VALUE = st.sampled_from([None, 0.0, 1.5])
READING = st.tuples(st.integers(0, 6), VALUE, VALUE)


def _merge_into(model, rows):
    """The rule in Python: of each cell the last value counts."""
    for minute, *values in rows:
        old = model.get(minute, [None] * len(values))
        model[minute] = [before if value is None else value for before, value in zip(old, values, strict=True)]


@pytest.mark.slow
@given(st.lists(st.lists(st.lists(READING, max_size=6), max_size=3), min_size=1, max_size=3))
def test_imports_equal_a_dict(imports):
    from acm_etl.io.duckdb.engine import DuckDB  # noqa: PLC0415 - only this test makes its own store

    engine, model = DuckDB("duckdb:///:memory:"), {}
    historian_table.create_or_extend_table(engine, TABLE)
    for batches in imports:
        staged, done = _load(engine, [_batch(*rows) for rows in batches])
        rows = [row for batch in batches for row in batch]
        new, before = {}, dict(model)
        _merge_into(new, rows)
        _merge_into(model, rows)
        assert staged.rows == len(rows) == len(new) + staged.duplicates.rows
        assert min(staged.duplicates.exact, staged.duplicates.complementary, staged.duplicates.conflicting) >= 0
        assert done.inserted == len(new.keys() - before.keys())
        assert done.updated == sum(model[key] != before[key] for key in new.keys() & before.keys())
        assert done.unchanged == len(new) - done.inserted - done.updated
        cells = {(key, i): value for key, row in new.items() for i, value in enumerate(row) if value is not None}
        old = {cell: before.get(cell[0], [None, None])[cell[1]] for cell in cells}
        inserted = sum(value is None for value in old.values())
        unchanged = sum(old[cell] == value for cell, value in cells.items())
        assert done.cells == CellCounts(
            inserted=inserted, updated=len(cells) - inserted - unchanged, unchanged=unchanged
        )
        assert _stored(engine) == model
    engine.close()


@pytest.mark.slow
@given(st.lists(READING, unique_by=lambda row: row[0], max_size=6), st.data())
def test_any_order_and_split_without_conflict_gives_the_same_table(rows, data):
    """Rows are torn into cells, cells are put into files and commands of any order."""
    from acm_etl.io.duckdb.engine import DuckDB  # noqa: PLC0415 - only this test makes its own store

    cells = [(minute, a, None) for minute, a, _ in rows] + [(minute, None, b) for minute, _, b in rows]
    shuffled = data.draw(
        st.permutations(cells + data.draw(st.lists(st.sampled_from(rows), max_size=3) if rows else st.just([])))
    )
    commands = [[[], []], [[], []]]
    for cell in shuffled:
        commands[data.draw(st.integers(0, 1))][data.draw(st.integers(0, 1))].append(cell)
    engine = DuckDB("duckdb:///:memory:")
    historian_table.create_or_extend_table(engine, TABLE)
    conflicts = 0
    for files in commands:
        staged, done = _load(engine, [_batch(*file) for file in files])
        conflicts += staged.duplicates.conflicting + done.cells.updated
    assert (conflicts, _stored(engine)) == (0, {minute: [a, b] for minute, a, b in rows})
    engine.close()


PERIOD = (START + timedelta(minutes=1), START + timedelta(minutes=4))


@stores.WIRE_TOO
def test_a_replaced_period_holds_the_rows_of_the_import(historied):
    wider = historian_table.declare_historian_table("P", ["a", "b", "c"])
    historian_table.create_or_extend_table(historied, wider)
    stored = _batch(*((minute, 1.0, 2.0) for minute in range(6)))
    historian_table.load_readings(historied, TABLE, [stored])
    other = historian_table.declare_historian_table("P", ["c"])
    historian_table.load_readings(historied, other, [_batch((2, 7.0, None)).drop("b").rename({"a": "c"})])
    _, done = _load(historied, [_batch((1, 1.0, None), (5, None, 3.0))], replaced_span=PERIOD)
    assert _stored(historied) == {
        0: [1.0, 2.0, None], 1: [1.0, None, None], 2: [None, None, 7.0],
        4: [1.0, 2.0, None], 5: [1.0, 3.0, None],
    }  # fmt: skip
    assert (done.cells.erased, done.deleted) == (5, 1)


def test_without_a_replaced_period_nothing_is_erased(historied):
    historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, 2.0))])
    _, done = _load(historied, [_batch((0, None, None))])
    assert (done.unchanged, done.deleted, done.cells.erased) == (1, 0, 0)
    assert _stored(historied) == {0: [1.0, 2.0]}


def test_a_bad_batch_leaves_everything_as_it_was(historied):
    historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, 1.0))])
    with pytest.raises(ContractError, match="NaN or infinite"):
        historian_table.load_readings(historied, TABLE, [_batch((1, 1.0, 1.0)), _batch((2, float("nan"), 1.0))])
    assert _stored(historied) == {0: [1.0, 1.0]}
    assert historied.get_table_names().count("P_Data") == len(
        [n for n in historied.get_table_names() if n.endswith("_Data")]
    )
    assert import_staging.drop_dead_staging_tables(historied) == []


@stores.WIRE_TOO
def test_new_tags_extend_the_table(historied):
    historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, 1.0))])
    wider = historian_table.declare_historian_table("P", ["a", "b", "c"])
    assert historian_table.create_or_extend_table(historied, wider) == ["c"]
    batch = _batch((1, 1.0, 1.0)).with_columns(c=2.0)
    assert historian_table.load_readings(historied, wider, [batch]).inserted == 1
    assert _stored(historied) == {0: [1.0, 1.0, None], 1: [1.0, 1.0, 2.0]}
    assert historian_table.load_readings(historied, TABLE, [_batch((2, 0.0, 0.0))]).inserted == 1
    assert historian_table.load_readings(historied, TABLE, [_batch((1, 9.0, 9.0))]).updated == 1
    assert _stored(historied)[1] == [9.0, 9.0, 2.0]


def test_a_table_of_a_transaction_that_fails_is_gone(engine):
    other = historian_table.declare_historian_table("Q", ["a"])

    def fail():
        with engine.transaction():
            historian_table.apply_table_ddl(engine, other)
            assert list(engine.get_column_types("Q_Data")) == ["EntryDateTime", "a"]
            raise InputError

    with pytest.raises(InputError):
        fail()
    assert engine.get_column_types("Q_Data") == {}


def test_repeated_rows_of_the_store_stay_repeated(duck):
    """A historian on DuckDB has no key, and whoever fills it may repeat times."""
    historian_table.create_or_extend_table(duck, TABLE)
    duck.execute(
        'INSERT INTO "P_Data" VALUES (?, 1, 2), (?, 1, 3), (?, 5, 5)', [START, START, START + timedelta(minutes=1)]
    )
    _, done = _load(duck, [_batch((0, 1.0, 3.0), (1, 5.0, 5.0))])
    assert (done.inserted, done.updated, done.unchanged) == (0, 1, 1)
    assert duck.query('SELECT a, b FROM "P_Data" ORDER BY ALL').rows() == [(1, 3), (1, 3), (5, 5)]


def test_tags_that_differ_in_case_only_are_refused():
    with pytest.raises(InputError, match="differing from others in case only: A, entrydatetime"):
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
    """Two imports at once, of any machines and processes: each drops the staging tables that it takes for dead."""
    other = historied.open_session()
    with import_staging.stage_readings(other, TABLE, [_batch((0, 1.0, 1.0), (0, 2.0, 1.0))]) as staged:
        own = {staged.tables.stage.name, staged.tables.last.name, staged.tables.folded.name}
        assert import_staging.drop_dead_staging_tables(historied) == []
        assert historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, 1.0))]).inserted == 1
        assert own <= set(historied.get_table_names())
    other.close()
    assert import_staging.drop_dead_staging_tables(historied) == []
    assert not [name for name in historied.get_table_names() if name.startswith("ACM_ImportStage")]


def test_imports_one_after_the_other_use_the_same_table(historied):
    names = set()
    for _ in range(2):
        with import_staging.stage_readings(historied, TABLE, [_batch((0, 1.0, 1.0))]) as staged:
            names.add(staged.tables.stage.name)
    assert len(names) == 1


def test_an_import_that_dies_while_another_begins_leaves_it_no_rows(historied):
    with import_staging.stage_readings(historied, TABLE, []) as staged:
        name = staged.tables.stage.name
    historied.execute(f'CREATE TABLE "{name}" (x INT)')
    assert historian_table.load_readings(historied, TABLE, [_batch((0, 1.0, 1.0))]).inserted == 1


def test_what_dead_imports_left_is_swept(historied):
    historied.execute('CREATE TABLE "ACM_ImportStage_0123" (x INT)')
    # Some servers list names in lower case.
    assert [name.casefold() for name in import_staging.drop_dead_staging_tables(historied)] == ["acm_importstage_0123"]
    assert historian_table.load_readings(historied, TABLE, []) == MergeCounts()
    assert day(0) == START
