"""Historian tables: declared, created, extended, and filled cell by cell in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from acm_etl.counts import format_count
from acm_etl.engine import Engine
from acm_etl.errors import InputError
from acm_etl.load.historian import cell_merge
from acm_etl.load.historian.import_staging import CellConflict, Span, StagedReadings, sample_conflicts, stage_readings
from acm_etl.load.machines.equipment import HISTORIAN_TABLE_SUFFIX
from acm_etl.load.schema import ddl
from acm_etl.load.staging import TableLoad, UpsertCounts, run_table_loads
from acm_etl.schema import Table, col
from acm_etl.words import HISTORIAN_TIME_COLUMN


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCounts:
    """Values of an import by what became of the cells of the store.

    Attributes:
        inserted: Cells that had no value before.
        updated: Cells that had another value.
        unchanged: Cells that had the same value.
        erased: Stored values in the replaced period that the import does not have.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    erased: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeCounts:
    """Effect of an import on the historian table.

    Attributes:
        inserted: New rows.
        updated: Stored rows with a cell that is new or changed.
        unchanged: Rows that were stored already.
        conflicting: Stored rows with a value that changes.
        deleted: Rows of the replaced period that have no value left.
        cells: The same, counted in cells.
        conflict_samples: A few of the changed values.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicting: int = 0
    deleted: int = 0
    cells: CellCounts = CellCounts()
    conflict_samples: tuple[CellConflict, ...] = ()


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Staged readings compared with the stored ones."""

    stored_times: int = 0
    changed_times: int = 0
    conflicting_times: int = 0
    equal_cells: Mapping[str, int] = field(default_factory=dict)
    changed_cells: Mapping[str, int] = field(default_factory=dict)


def declare_historian_table(
    code: str, tags: Sequence[str], *, time_column: str = HISTORIAN_TIME_COLUMN, name: str | None = None
) -> Table:
    """Declare the wide table of a machine: a time and one column per tag.

    Args:
        code: Machine code.
        tags: Names of the tags.
        time_column: Name of the time column.
        name: Name of the table, ``<code>_Data`` unless given.

    Raises:
        InputError: Two columns would have the same name (databases ignore case).
    """
    names = [time_column, *tags]
    # Databases compare names of columns without case; a file need not.
    seen = {name.casefold() for name in names}
    if len(seen) < len(names):
        twice = [name for i, name in enumerate(names) if name.casefold() in {n.casefold() for n in names[:i]}]
        columns = format_count(len(twice), "column")
        message = f"{columns} of {code!r} differing from others in case only: {', '.join(twice)}; rename them"
        raise InputError(message)
    return Table(
        # A registered machine may have a table of another name; the default is for new ones.
        name or f"{code}{HISTORIAN_TABLE_SUFFIX}",
        "time",
        f"Readings of machine {code}",
        (
            col(time_column, "ts3", "Time of the reading, UTC"),
            # A historian may hold infinity, and DuckDB stores it: cleaning is the task of scoring, which counts such
            # cells.
            *(col(tag, "f64?", "Reading", allow_nonfinite=True) for tag in tags),
        ),
        key=(time_column,),
        time_column=time_column,
        large=True,
    )


def create_or_extend_table(engine: Engine, table: Table) -> list[str]:
    """Create a historian table, or add the tags that it lacks, in a transaction of its own.

    Returns:
        Names of the tags that were added to an existing table.
    """
    # Either all new columns or none: a table with half of its tags would lose cells of the next import.
    with engine.transaction():
        added = apply_table_ddl(engine, table)
    engine.checkpoint_wal()
    return added


def apply_table_ddl(engine: Engine, table: Table) -> list[str]:
    """Do the same as ``create_or_extend_table`` inside the transaction of the caller."""
    engine.reserve_memory(len(table.columns))
    # Empty for a missing table: the engines raise no error there.
    known = {name.casefold() for name in engine.get_column_types(table.name)}
    added = [column for column in table.columns if known and column.name.casefold() not in known]
    statements = [ddl.build_add_column(table, column, engine.dialect) for column in added]
    # Not shared by machines: the table has no EquipID, and its key is the time alone.
    if not known:
        statements = ddl.build_table_statements(table, engine.dialect, shared_by_machines=False)
    for statement in ddl.combine_statements(statements, engine.dialect):
        engine.execute(statement)
    return [column.name for column in added]


def load_readings(
    engine: Engine, table: Table, chunks: Iterable[pl.DataFrame], *, replaced_span: Span | None = None
) -> MergeCounts:
    """Merge readings cell by cell into an existing historian table, in one transaction.

    Args:
        engine: The store.
        table: As ``declare_historian_table`` declares it; created or extended before.
        chunks: See ``import_staging.stage_readings``.
        replaced_span: See ``merge_staged_readings``.

    Raises:
        ContractError: A chunk does not fit the table; the historian table is as it was.
    """
    # Staging is long and needs no lock on the historian: the transaction begins when all chunks are there.
    with stage_readings(engine, table, chunks) as staged, engine.transaction():
        counts = merge_staged_readings(engine, staged, replaced_span=replaced_span)
    engine.checkpoint_wal()
    return counts


def merge_staged_readings(engine: Engine, staged: StagedReadings, *, replaced_span: Span | None = None) -> MergeCounts:
    """Merge staged readings into the historian table inside the transaction of the caller.

    A cell with a value inserts or updates that cell only; an empty cell never erases a value.

    Args:
        engine: The store.
        staged: Readings of one import.
        replaced_span: Period for which the import is the whole truth: stored values of its tags that it does not have
            become NULL, and rows without any value are deleted.
    """
    # An import without readings can still erase: it says that the replaced period has none.
    if staged.first_time is None or staged.last_time is None:
        return _erase_missing_cells(engine, staged, replaced_span, MergeCounts())
    # Before the upsert: afterwards no query can tell which cells were new or had another value.
    compared = _compare_with_stored(engine, staged, staged.first_time, staged.last_time)
    samples = sample_conflicts(
        engine,
        compared.changed_cells,
        lambda tag: cell_merge.build_comparison_samples(staged.tables, staged.relation, tag, engine.dialect),
    )
    rows = _upsert_cells(engine, staged, compared)
    equal, changed = sum(compared.equal_cells.values()), sum(compared.changed_cells.values())
    counts = MergeCounts(
        inserted=rows.inserted,
        updated=rows.updated,
        # From the counts of the upsert and not of the comparison: they cannot add up to more than was staged.
        unchanged=staged.times - rows.inserted - rows.updated,
        conflicting=compared.conflicting_times,
        # Never below 0: where a DuckDB historian stores a time several times, its cells are compared several times.
        cells=CellCounts(inserted=max(staged.cell_count - equal - changed, 0), updated=changed, unchanged=equal),
        conflict_samples=samples,
    )
    return _erase_missing_cells(engine, staged, replaced_span, counts)


def _compare_with_stored(engine: Engine, staged: StagedReadings, first: datetime, last: datetime) -> _Comparison:
    tables, dialect = staged.tables, engine.dialect
    # Most imports append: a count within their period is answered without a join.
    if not engine.query(cell_merge.build_stored_count(tables, dialect), [first, last]).item():
        return _Comparison()
    select = cell_merge.build_comparison(tables, staged.relation, dialect)
    # Slices hold whole times, so that their counts of distinct times add up.
    row = pl.concat([engine.query(select, span * 2) for span in staged.slices], how="vertical_relaxed").sum().row(0)
    return _Comparison(
        int(row[0]),
        int(row[1]),
        int(row[2]),
        cell_merge.read_counts(row, tables.tags, skip=3, of=2),
        cell_merge.read_counts(row, tables.tags, skip=4, of=2),
    )


def _upsert_cells(engine: Engine, staged: StagedReadings, compared: _Comparison) -> UpsertCounts:
    # A repeated import ends here, without a write: nothing is new, and nothing differs.
    has_new = compared.stored_times < staged.times
    if not has_new and not compared.changed_times:
        return UpsertCounts()
    tables, relation, dialect = staged.tables, staged.relation, engine.dialect
    # Before the insert, which would otherwise add its rows to those that have to be compared.
    if compared.changed_times and not dialect.has_mass_updates:
        _rewrite_changed_rows(engine, staged)
    inserted = UpsertCounts()
    if has_new or dialect.has_mass_updates:
        empty = compared.stored_times == 0
        upsert = cell_merge.build_cell_upsert(tables, relation, dialect, empty_target=empty)
        inserted = run_table_loads(engine, [TableLoad(tables.target, upsert)])[0].counts
    if dialect.has_mass_updates:
        return inserted
    # The rewrite deletes and inserts: its row counts say nothing about changed rows, the comparison does.
    return UpsertCounts(inserted.inserted, compared.changed_times)


def _rewrite_changed_rows(engine: Engine, staged: StagedReadings) -> None:
    stored = engine.get_column_types(staged.tables.target.name)
    keep, delete, restore, drop = cell_merge.build_row_rewrite(staged.tables, staged.relation, stored, engine.dialect)
    for span in staged.slices:
        engine.execute(keep, span * 2)
        engine.execute(delete, span * 2)
        engine.execute(restore)
        engine.execute(drop)


def _erase_missing_cells(engine: Engine, staged: StagedReadings, span: Span | None, counts: MergeCounts) -> MergeCounts:
    """Erase the stored values of the period that the import does not have; return the counts with these."""
    if span is None:
        return counts
    tables, relation, dialect = staged.tables, staged.relation, engine.dialect
    # Counted before they are erased: afterwards no query can tell.
    row = engine.query(cell_merge.build_erasable_counts(tables, relation, dialect), span).row(0)
    erasable = cell_merge.read_counts(row, tables.tags, skip=0, of=1)
    # One statement per tag that has something to erase: an UPDATE of all tags would rewrite every row of the period.
    for tag in [tag for tag, count in erasable.items() if count]:
        engine.execute(cell_merge.build_tag_erasure(tables, relation, tag, dialect), span)
    stored = engine.get_column_types(tables.target.name)
    # A row without values is no reading: it would count as one in every check of the historian.
    deleted = engine.execute(cell_merge.build_empty_row_delete(tables, relation, stored, dialect), span)
    cells = replace(counts.cells, erased=sum(erasable.values()))
    return replace(counts, deleted=deleted, cells=cells)
