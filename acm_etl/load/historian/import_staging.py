"""Stage the readings of one import, fold rows of the same time, and count what they say twice."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import MachineLockedError, StoreError
from acm_etl.load import merge
from acm_etl.load.contract import validate_frame
from acm_etl.load.historian import cell_merge
from acm_etl.load.historian.cell_merge import ORDINAL_COLUMN, ImportTables
from acm_etl.load.schema import ddl
from acm_etl.load.staging import stage_temporarily
from acm_etl.schema import Table
from acm_etl.windows import HOUR
from acm_etl.words import FILE_COLUMN, ROW_COLUMN

log = logging.getLogger(__name__)
# A prefix of its own, so that tables of a killed import can be found and dropped.
STAGING_PREFIX = "ACM_ImportStage_"
_MAX_SLICE_CELLS = 8_000_000
"""Cells to fold or compare in one statement on an embedded engine: its aggregates and joins of many columns fail at the
memory limit, where they should spill. A server spills, and would scan the staging table once per slice."""


Span = tuple[datetime, datetime]
"""Start (included) and end (excluded), UTC."""


@dataclass(frozen=True, slots=True)
class CellConflict:
    """Two different values of one cell.

    Attributes:
        time: Time of the reading, UTC.
        tag: Tag.
        old_value: The value that is replaced.
        new_value: The value that counts.
    """

    time: datetime
    tag: str
    old_value: float
    new_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateCounts:
    """Rows of an import beyond the first of each time, by what they add.

    Attributes:
        exact: Rows that say nothing new.
        complementary: Rows that bring tags which the other rows of their time do not have.
        conflicting: Rows with a value that a later row replaces.
        cells: Values that a later row repeats or replaces.
        conflict_cells: Replaced values by tag.
        conflict_cells_in_file: Replaced values by tag, where the later row is in the same file.
        samples: A few of the replaced values.
    """

    exact: int = 0
    complementary: int = 0
    conflicting: int = 0
    cells: int = 0
    conflict_cells: Mapping[str, int] = field(default_factory=dict)
    conflict_cells_in_file: Mapping[str, int] = field(default_factory=dict)
    samples: tuple[CellConflict, ...] = ()

    @property
    def rows(self) -> int:
        """All rows beyond the first of each time."""
        return self.exact + self.complementary + self.conflicting


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedReadings:
    """Staged readings of one import, valid until the end of ``stage_readings``.

    Attributes:
        tables: Their tables.
        relation: SQL relation with one row per time.
        rows: Staged rows.
        times: Distinct times.
        first_time: Earliest time; None if nothing was staged.
        last_time: Latest time.
        delivered_cells: Values per tag before rows of the same time are folded.
        duplicates: Rows beyond the first of each time.
        slices: Consecutive spans that hold all times, each with a bounded number of cells on an embedded engine.
    """

    tables: ImportTables
    relation: str
    rows: int
    times: int
    first_time: datetime | None
    last_time: datetime | None
    delivered_cells: Mapping[str, int]
    duplicates: DuplicateCounts
    slices: tuple[Span, ...]

    @property
    def cell_count(self) -> int:
        """Values after rows of the same time are folded."""
        return sum(self.delivered_cells.values()) - self.duplicates.cells


@dataclass(slots=True)
class _ChunkTally:
    """Facts of the chunks staged so far."""

    rows: int = 0
    first_time: datetime | None = None
    last_time: datetime | None = None
    is_ascending: bool = True
    cells: dict[str, int] = field(default_factory=dict)
    hours: list[pl.DataFrame] = field(default_factory=list)

    def add_chunk(self, frame: pl.DataFrame, time_column: str) -> None:
        times = frame[time_column]
        first, last = times.min(), times.max()
        if not isinstance(first, datetime) or not isinstance(last, datetime):
            return  # only null times, which the contract refuses
        follows = self.last_time is None or first > self.last_time
        # Strictly ascending times over all chunks prove without a query that no time repeats.
        self.is_ascending &= follows and bool((times.to_physical().diff().slice(1) > 0).all())
        self.first_time = min(self.first_time or first, first)
        self.last_time = max(self.last_time or last, last)
        # Rows per hour are enough to cut slices later, and a decade has only 88,000 hours.
        self.hours.append(times.dt.truncate("1h").alias("hour").value_counts())
        self.rows += frame.height
        for tag in frame.columns:
            self.cells[tag] = self.cells.get(tag, 0) + frame[tag].count()


@contextmanager
def stage_readings(engine: Engine, table: Table, chunks: Iterable[pl.DataFrame]) -> Iterator[StagedReadings]:
    """Stage the readings of an import; the historian table need not exist yet.

    Args:
        engine: The store.
        table: As ``historian_table.declare_historian_table`` declares it, with all tags of the import.
        chunks: Frames with the time column and any of the tags, in order of precedence; optional columns
            ``FileOrdinal`` (ascending) and ``RowOrdinal`` (ignored).

    Raises:
        ContractError: A chunk does not fit the table.
    """
    with _open_import_tables(engine, table) as tables:
        # One pass: chunks come from a stream and cannot be read again.
        tally = _ChunkTally()
        for chunk in chunks:
            if chunk.height:
                _stage_chunk(engine, tables, chunk, tally)
        yield _resolve_repeats(engine, tables, tally)


def drop_dead_staging_tables(engine: Engine) -> list[str]:
    """Drop staging tables of imports that have died, and return their names."""
    # A process that was killed cannot clean up; the next import does it.
    # Without case: some servers list the relations in lower case.
    prefix = STAGING_PREFIX.casefold()
    left = [name for name in engine.get_relation_names() if name.casefold().startswith(prefix)]
    dropped = []
    for token in sorted({_read_token(name) for name in left}):
        # The lock is held as long as the import lives, in whatever process.
        with suppress(MachineLockedError), engine.acquire_lock(STAGING_PREFIX + token):
            dead = [name for name in left if _read_token(name) == token]
            for name in dead:
                engine.execute(f"DROP TABLE IF EXISTS {engine.dialect.quote(name)}")
            dropped += dead
    return dropped


def _read_token(name: str) -> str:
    """Return the part of a staging table's name that tells imports apart."""
    return name.casefold().removeprefix(STAGING_PREFIX.casefold()).partition("_")[0]


@contextmanager
def _claim_name(engine: Engine) -> Iterator[str]:
    """Hold the lock of the lowest number that no other import uses; yield the name of its staging table."""
    # Not a random name: each import would send new statement texts, and a server would compile and keep all of them.
    with ExitStack() as lock:
        for number in itertools.count(1):
            name = f"{STAGING_PREFIX}{number}"
            with suppress(MachineLockedError):
                lock.enter_context(engine.acquire_lock(name))
                break
        yield name


@contextmanager
def _open_import_tables(engine: Engine, table: Table) -> Iterator[ImportTables]:
    """Create the staging table of one import under a lock of its own; drop all its tables at the end."""
    with _claim_name(engine) as name:
        tables = cell_merge.declare_import_tables(table, name)
        engine.reserve_memory(len(tables.stage.columns))
        # The last two exist only if times repeat; the DROP does not mind.
        drop = ";\n".join(
            f"DROP TABLE IF EXISTS {engine.dialect.quote(each.name)}"
            for each in (tables.stage, tables.last, tables.folded)
        )
        try:
            # An import that has died since the last look may have left tables of this name, with rows.
            engine.execute(drop)
            engine.execute(ddl.build_create_statement(tables.stage, engine.dialect))
            yield tables
        finally:
            _drop_tables(engine, name, drop)


def _drop_tables(engine: Engine, name: str, drop: str) -> None:
    try:
        engine.execute(drop)
    except StoreError as error:  # must not hide the error that ended the import
        log.warning("%s could not be dropped, the next import does it: %s", name, error)


def _stage_chunk(engine: Engine, tables: ImportTables, chunk: pl.DataFrame, tally: _ChunkTally) -> None:
    file_ordinal = chunk[FILE_COLUMN].cast(pl.Int64) if FILE_COLUMN in chunk.columns else 0
    readings = chunk.drop(FILE_COLUMN, ROW_COLUMN, strict=False)
    # Counted over all files: within a step of the file ordinal it still orders the rows of each file.
    rows = pl.int_range(tally.rows, tally.rows + chunk.height, eager=True)
    ordinals = (rows + file_ordinal * cell_merge.FILE_ORDINAL_STEP).alias(ORDINAL_COLUMN)
    # Only columns with values: in an import of one file per tag, a chunk has one of them.
    filled = {column.name for column in readings if column.null_count() < len(column)}
    # Unknown columns are passed on, so that the contract refuses them instead of losing them here.
    unknown = set(readings.columns) - set(tables.stage.columns_by_name)
    required = {ORDINAL_COLUMN, tables.time, *unknown}
    present = tuple(c for c in tables.stage.columns if c.name in filled | required)
    narrow = replace(tables.stage, columns=present)
    columns = [name for name in readings.columns if name in filled | required]
    frame = validate_frame(readings.select(*columns, ordinals), narrow)
    with stage_temporarily(engine, [(narrow, frame)]) as names:
        engine.execute(merge.build_insert(narrow, names[narrow.name], engine.dialect, skip_stored_keys=False))
    tally.add_chunk(frame.drop(ORDINAL_COLUMN), tables.time)


def _resolve_repeats(engine: Engine, tables: ImportTables, tally: _ChunkTally) -> StagedReadings:
    dialect = engine.dialect
    # COUNT(DISTINCT) scans the whole staging table, which ascending times save.
    repeats = 0 if tally.is_ascending else int(engine.query(cell_merge.build_repeat_count(tables, dialect)).item())
    relation = cell_merge.build_resolved_relation(tables, dialect, has_repeats=repeats > 0)
    delivered = {tag: tally.cells.get(tag, 0) for tag in tables.tags}
    # Each slice holds whole times, so that folding slice by slice gives the rows of folding at once.
    slices = tuple(_slice_times(tally, len(tables.tags), is_limited=dialect.is_embedded)) if tally.hours else ()
    duplicates = DuplicateCounts()
    if repeats:
        _fold_repeats(engine, tables, slices)
        duplicates = _count_duplicates(engine, tables, repeats, slices)
    return StagedReadings(
        tables=tables,
        relation=relation,
        rows=tally.rows,
        times=tally.rows - repeats,
        first_time=tally.first_time,
        last_time=tally.last_time,
        delivered_cells=delivered,
        duplicates=duplicates,
        slices=slices,
    )


def _slice_times(tally: _ChunkTally, tag_count: int, *, is_limited: bool) -> Iterator[Span]:
    """Yield consecutive spans of time that hold a bounded number of cells, as far as whole hours allow."""
    hours = pl.concat(tally.hours).group_by("hour").agg(pl.col("count").sum()).sort("hour")
    start, cells = hours["hour"][0], 0
    for hour, rows in hours.iter_rows():
        # An hour with too many cells is a slice of its own: slices end at whole hours.
        if is_limited and cells and cells + rows * tag_count > _MAX_SLICE_CELLS:
            yield start, hour
            start, cells = hour, 0
        cells += rows * tag_count
    yield start, hours["hour"][-1] + HOUR


def _fold_repeats(engine: Engine, tables: ImportTables, slices: Sequence[Span]) -> None:
    for table in (tables.last, tables.folded):
        engine.execute(ddl.build_create_statement(table, engine.dialect))
    note, fetch = cell_merge.build_fold(tables, engine.dialect)
    for span in slices:
        for statement in (note, fetch):
            engine.execute(statement, span * 2)


def _count_duplicates(engine: Engine, tables: ImportTables, repeats: int, slices: Sequence[Span]) -> DuplicateCounts:
    select = cell_merge.build_duplicate_counts(tables, engine.dialect)
    row = pl.concat([engine.query(select, span * 3) for span in slices], how="vertical_relaxed").sum().row(0)
    conflicting, complementary = int(row[0]), int(row[1])
    repeated, replaced, in_file = (cell_merge.read_counts(row, tables.tags, skip=skip, of=3) for skip in (2, 3, 4))
    return DuplicateCounts(
        # The rest: equal rows are found by counting the others, without comparing every column once more.
        exact=repeats - conflicting - complementary,
        complementary=complementary,
        conflicting=conflicting,
        cells=sum(repeated.values()),
        conflict_cells=replaced,
        conflict_cells_in_file=in_file,
        samples=sample_conflicts(
            engine, replaced, lambda tag: cell_merge.build_duplicate_samples(tables, tag, engine.dialect)
        ),
    )


def sample_conflicts(
    engine: Engine, cells: Mapping[str, int], build_select: Callable[[str], str]
) -> tuple[CellConflict, ...]:
    """Return a few conflicts of the tags that have any.

    Args:
        engine: The store.
        cells: Conflicts by tag.
        build_select: Returns the SELECT of (time, old value, new value) of a tag.
    """
    samples: list[CellConflict] = []
    # A SELECT per tag: at most three are needed, because each such tag has at least one conflict.
    for tag in [tag for tag, count in cells.items() if count][: cell_merge.SAMPLE_ROWS]:
        if len(samples) < cell_merge.SAMPLE_ROWS:
            rows: Sequence[tuple[datetime, float, float]] = engine.query(build_select(tag)).rows()
            samples += [CellConflict(time, tag, old, new) for time, old, new in rows]
    return tuple(samples[: cell_merge.SAMPLE_ROWS])
