"""Build the SQL of an import that merges readings cell by cell: pure functions from tables and a dialect to text.

A NULL cell says nothing: of the rows of one time each tag takes its last value, and a stored value stays where the
import has none. All statements work on sets, so that memory is bounded by the engine and not by the import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from acm_etl.dialects import Dialect
from acm_etl.load import merge
from acm_etl.schema import Table, col

# A prefix that no tag of a plant has: the column stands next to the tags of the import.
ORDINAL_COLUMN = "ACM_Ordinal"
"""Order of precedence of a staged row: of two values of one cell, the one with the higher ordinal counts."""
# Room for 2**39 rows per file, and for 2**23 files in an Int64: no import comes near either.
FILE_ORDINAL_STEP = 2**40
"""Distance between the ordinals of two files; rows of one file are less than half of it apart."""
# Three samples show whether conflicts are rounding, a shift of time or another machine.
SAMPLE_ROWS = 3


@dataclass(frozen=True, slots=True)
class ImportTables:
    """Tables of one import.

    Attributes:
        target: The historian table, declared with the time and the tags of the import.
        stage: All rows of the import: ordinal, time, tags.
        last: One row per time that repeats: per tag the ordinal of its last value; in the column of the ordinal, that
            of the last row with any value.
        folded: One row per time that repeats: per tag its last value.
    """

    target: Table
    stage: Table
    last: Table
    folded: Table

    @property
    def time(self) -> str:
        """Name of the time column."""
        return self.target.key[0]

    @property
    def tags(self) -> tuple[str, ...]:
        """Names of the tags of the import."""
        return tuple(column.name for column in self.target.columns if column.name != self.time)


def declare_import_tables(target: Table, prefix: str) -> ImportTables:
    """Declare the staging tables of one import; their names begin with ``prefix``."""
    time, *tags = target.columns
    # The order of the rows is a column: a table has no order, and a bulk copy does not keep the one of its frame.
    ordinal = col(ORDINAL_COLUMN, "i64", "Order of precedence")
    stage = Table(
        prefix,
        "time",
        "Import",
        (ordinal, time, *tags),
        # Not the time: files repeat times, and each row has to arrive before repeats can be counted.
        key=(ORDINAL_COLUMN,),
        time_column=ORDINAL_COLUMN,
        large=True,
    )
    # The columns of this table have the names of the tags, so that one loop builds all parts of a statement.
    ordinals = (col(tag.name, "i64?", "Ordinal of the last value") for tag in tags)
    last = Table(f"{prefix}_o", "time", "Import", (ordinal, time, *ordinals), key=(time.name,), large=True)
    folded = Table(f"{prefix}_f", "time", "Import", (time, *tags), key=(time.name,), large=True)
    return ImportTables(target, stage, last, folded)


def build_repeat_count(tables: ImportTables, dialect: Dialect) -> str:
    """Return the SELECT of the number of rows whose time another row has too, the last one of each time excepted."""
    time, stage = dialect.quote(tables.time), dialect.quote(tables.stage.name)
    return f"SELECT COUNT(*) - COUNT(DISTINCT {time}) AS n FROM {stage}"


def build_fold(tables: ImportTables, dialect: Dialect) -> tuple[str, str]:
    """Return the two INSERTs that fold the rows of each time that repeats into one row, for times in [``?``, ``?``).

    The first one notes for each tag which row has its last value, the second one fetches these values: SQL Server has
    no aggregate that returns the value of the row with the highest ordinal. Both take the span twice.
    """
    q = dialect.quote
    time, ordinal, stage = q(tables.time), q(ORDINAL_COLUMN), q(tables.stage.name)
    span = _span_condition(tables, "s", dialect=dialect)
    # The last row with any value, and not the last row: an empty row at the end neither wins nor conflicts.
    filled = " OR ".join(f"s.{q(tag)} IS NOT NULL" for tag in tables.tags)
    last = [f"MAX(CASE WHEN s.{q(tag)} IS NOT NULL THEN s.{ordinal} END)" for tag in tables.tags]
    note = (
        f"INSERT INTO {q(tables.last.name)} ({_join_names(tables.last, dialect)})\n"
        f"SELECT COALESCE(MAX(CASE WHEN {filled} THEN s.{ordinal} END), MAX(s.{ordinal})), s.{time},\n"
        f"  {', '.join(last)}\n"
        f"FROM {stage} AS s\n"
        f"WHERE {span} AND s.{time} IN (\n"
        f"  SELECT s.{time} FROM {stage} AS s WHERE {span} GROUP BY s.{time} HAVING COUNT(*) > 1)\n"
        f"GROUP BY s.{time}"
    )
    # MAX over one row: ordinals are distinct, so that the CASE has a value in at most one row of each time.
    values = [f"MAX(CASE WHEN s.{ordinal} = o.{q(tag)} THEN s.{q(tag)} END)" for tag in tables.tags]
    fetch = (
        f"INSERT INTO {q(tables.folded.name)} ({_join_names(tables.folded, dialect)})\n"
        f"SELECT s.{time},\n  {', '.join(values)}\n"
        f"FROM {stage} AS s JOIN {q(tables.last.name)} AS o ON o.{time} = s.{time}\n"
        f"WHERE {_span_condition(tables, 's', 'o', dialect=dialect)}\nGROUP BY s.{time}"
    )
    return note, fetch


def build_resolved_relation(tables: ImportTables, dialect: Dialect, *, has_repeats: bool) -> str:
    """Return the relation with one row per time of the import."""
    q = dialect.quote
    # Most imports repeat no time: the staging table itself has one row per time, and nothing is joined.
    if not has_repeats:
        return q(tables.stage.name)
    time, folded, columns = q(tables.time), q(tables.folded.name), _join_names(tables.folded, dialect)
    # Only repeated times are folded: in a long history they are a few rows, and the others are never copied.
    single = f"NOT EXISTS (SELECT 1 FROM {folded} AS f WHERE f.{time} = a.{time})"
    return (
        f"(SELECT {columns} FROM {q(tables.stage.name)} AS a WHERE {single}\nUNION ALL SELECT {columns} FROM {folded})"
    )


def build_duplicate_counts(tables: ImportTables, dialect: Dialect) -> str:
    """Return the SELECT of (conflicting rows, complementary rows, then three counts per tag).

    The counts of a tag are the cells that a later row repeats or replaces, those it replaces, and of these the ones
    that a row of the same file replaces.

    Counts rows with times in [``?``, ``?``), a span that the SELECT takes three times. One row of each time is left
    out: the last one that has any value, which can neither conflict nor repeat.
    """
    q = dialect.quote
    ordinal = q(ORDINAL_COLUMN)
    # A plain <> is right here: an empty cell compares as unknown, and an empty cell never conflicts.
    differs = " OR ".join(f"s.{q(tag)} <> f.{q(tag)}" for tag in tables.tags)
    wins = " OR ".join(f"s.{ordinal} = o.{q(tag)}" for tag in tables.tags)
    counts = [
        f"COUNT(CASE WHEN {differs} THEN 1 END)",
        # A row that conflicts in one tag and completes another counts as conflicting only: the rows have to add up.
        f"COUNT(CASE WHEN {differs} THEN NULL WHEN {wins} THEN 1 END)",
    ]
    for tag in map(q, tables.tags):
        # Ordinals of one file are closer than half a step, those of two files further apart: no column for the file is
        # needed.
        in_file = f"o.{tag} - s.{ordinal} < {FILE_ORDINAL_STEP // 2}"
        counts.append(f"COUNT(CASE WHEN s.{ordinal} <> o.{tag} THEN s.{tag} END)")
        counts.append(f"COUNT(CASE WHEN s.{tag} <> f.{tag} THEN 1 END)")
        counts.append(f"COUNT(CASE WHEN s.{tag} <> f.{tag} AND {in_file} THEN 1 END)")
    return (
        f"SELECT {_number_columns(counts)}\n{_join_repeats(tables, dialect)}\n"
        f"WHERE s.{ordinal} <> o.{ordinal} AND {_span_condition(tables, 's', 'o', 'f', dialect=dialect)}"
    )


def build_duplicate_samples(tables: ImportTables, tag: str, dialect: Dialect) -> str:
    """Return the SELECT of the first few (time, lost value, kept value) of one tag within the import."""
    time, name = dialect.quote(tables.time), dialect.quote(tag)
    return _build_samples(_join_repeats(tables, dialect), f"s.{name} <> f.{name}", (time, name), ("s", "f"))


def build_stored_count(tables: ImportTables, dialect: Dialect) -> str:
    """Return the SELECT of the number of stored rows with time in [``?``, ``?``], both included."""
    time = dialect.quote(tables.time)
    return f"SELECT COUNT(*) AS n FROM {_lock_target(tables, dialect)} WHERE t.{time} >= ? AND t.{time} <= ?"


def build_comparison(tables: ImportTables, relation: str, dialect: Dialect) -> str:
    """Return the SELECT of (stored times, those that change, those with a changed value, then per tag two counts).

    Compares times in [``?``, ``?``), a span that the SELECT takes twice. The counts of a tag are its equal cells and
    its changed cells. A time changes too if a cell gets its first value.
    """
    # DISTINCT: a historian on DuckDB has no key, so that a time may be stored several times.
    time = f"t.{dialect.quote(tables.time)}"
    changed = _build_change_condition(tables.tags, "t", dialect)
    differs = " OR ".join(f"s.{tag} <> t.{tag}" for tag in map(dialect.quote, tables.tags))
    counts = [
        f"COUNT(DISTINCT {time})",
        f"COUNT(DISTINCT CASE WHEN {changed} THEN {time} END)",
        f"COUNT(DISTINCT CASE WHEN {differs} THEN {time} END)",
    ]
    for tag in map(dialect.quote, tables.tags):
        counts += [f"COUNT(CASE WHEN s.{tag} {sign} t.{tag} THEN 1 END)" for sign in ("=", "<>")]
    span = _span_condition(tables, "s", "t", dialect=dialect)
    return f"SELECT {_number_columns(counts)}\n{_join_stored(tables, relation, dialect)}\nWHERE {span}"


def build_comparison_samples(tables: ImportTables, relation: str, tag: str, dialect: Dialect) -> str:
    """Return the SELECT of the first few (time, stored value, imported value) of one tag that differ."""
    time, name = dialect.quote(tables.time), dialect.quote(tag)
    return _build_samples(_join_stored(tables, relation, dialect), f"s.{name} <> t.{name}", (time, name), ("t", "s"))


def build_cell_upsert(
    tables: ImportTables, relation: str, dialect: Dialect, *, empty_target: bool
) -> tuple[merge.LoadStatement, ...]:
    """Return the statements that insert new rows and update the cells that the import has.

    Without mass updates, only new rows are inserted; ``build_row_rewrite`` changes the stored ones, and comes first.

    Args:
        tables: Tables of the import.
        relation: One row per time.
        dialect: The SQL to write.
        empty_target: The caller knows that no time is stored: insert without a look-up.
    """
    target = tables.target
    # On a server, the locks of the caller's count keep an empty span empty.
    if empty_target or not dialect.has_mass_updates:
        return (
            merge.LoadStatement(
                "inserted", merge.build_insert(target, relation, dialect, skip_stored_keys=not empty_target)
            ),
        )
    # UPDATE first: the other way round it would compare every row that was just inserted.
    if dialect.upsert_strategy == "update-insert":
        name, time = dialect.quote(target.name), dialect.quote(tables.time)
        update = (
            f"UPDATE {name} SET {_build_assignments(tables.tags, name, dialect)}\n"
            f"FROM {relation} AS s WHERE {name}.{time} = s.{time}\n"
            f"  AND ({_build_change_condition(tables.tags, name, dialect)})"
        )
        return (
            merge.LoadStatement("updated", update),
            merge.LoadStatement("inserted", merge.build_insert(target, relation, dialect)),
        )
    # In parentheses: the MERGE puts an AND before the condition, which is a chain of OR.
    changed = f"({_build_change_condition(tables.tags, 't', dialect)})"
    sql = merge.build_counted_merge(
        target, relation, dialect, changed=changed, assignments=_build_assignments(tables.tags, "t", dialect)
    )
    return (merge.LoadStatement("merged", sql),)


def build_row_rewrite(
    tables: ImportTables, relation: str, stored_columns: Iterable[str], dialect: Dialect
) -> tuple[str, str, str, str]:
    """Return four statements that change stored rows by DELETE and INSERT, for a database without mass updates.

    The first two change times in [``?``, ``?``), a span that each of them takes twice. A temporary table takes the
    changed rows with all columns of the store, because the import need not have each tag.
    """
    q = dialect.quote
    target, scratch = q(tables.target.name), q(f"{tables.stage.name}_c")
    # Databases compare names of columns without case, and the file may spell a tag in another case than the store.
    time, own = q(tables.time), {tag.casefold(): tag for tag in tables.tags}
    names = list(stored_columns)
    merged = ", ".join(
        f"COALESCE(s.{q(own[name.casefold()])}, t.{q(name)}) AS {q(name)}"
        if name.casefold() in own
        else f"t.{q(name)} AS {q(name)}"
        for name in names
    )
    columns = ", ".join(map(q, names))
    # The rows are kept before they are deleted: the relation of the import has no values of the other tags.
    keep = (
        f"CREATE TEMPORARY TABLE {scratch} AS SELECT {merged}\n{_join_stored(tables, relation, dialect)}\n"
        f"WHERE {_span_condition(tables, 's', 't', dialect=dialect)}\n"
        f"  AND ({_build_change_condition(tables.tags, 't', dialect)})"
    )
    delete = (
        f"DELETE FROM {target}\nUSING {relation} AS s\nWHERE {target}.{time} = s.{time}\n"
        f"  AND {_span_condition(tables, 's', target, dialect=dialect)}\n"
        f"  AND ({_build_change_condition(tables.tags, target, dialect)})"
    )
    restore = f"INSERT INTO {target} ({columns})\nSELECT {columns} FROM {scratch}"
    return keep, delete, restore, f"DROP TABLE {scratch}"


def build_erasable_counts(tables: ImportTables, relation: str, dialect: Dialect) -> str:
    """Return the SELECT per tag of stored values with time in [``?``, ``?``) that the import does not have."""
    q = dialect.quote
    time = q(tables.time)
    # COUNT of the stored value: a cell that is empty on both sides is not erased.
    counts = [f"COUNT(CASE WHEN s.{q(tag)} IS NULL THEN t.{q(tag)} END)" for tag in tables.tags]
    return (
        f"SELECT {_number_columns(counts)}\n"
        f"FROM {_lock_target(tables, dialect)} LEFT JOIN {relation} AS s ON s.{time} = t.{time}\n"
        f"WHERE t.{time} >= ? AND t.{time} < ?"
    )


def build_tag_erasure(tables: ImportTables, relation: str, tag: str, dialect: Dialect) -> str:
    """Return the UPDATE that sets the values of one tag in [``?``, ``?``) to NULL where the import has none."""
    q = dialect.quote
    target, time, name = q(tables.target.name), q(tables.time), q(tag)
    # NOT EXISTS also covers times that the import does not have at all: their values are erased, too.
    brought = f"SELECT 1 FROM {relation} AS s WHERE s.{time} = {target}.{time} AND s.{name} IS NOT NULL"
    return (
        f"UPDATE {target} SET {name} = NULL\nWHERE {target}.{time} >= ? AND {target}.{time} < ?\n"
        f"  AND {name} IS NOT NULL AND NOT EXISTS ({brought})"
    )


def build_empty_row_delete(tables: ImportTables, relation: str, stored_columns: Iterable[str], dialect: Dialect) -> str:
    """Return the DELETE of the rows in [``?``, ``?``) without any value whose time the import does not have."""
    q = dialect.quote
    target, time = q(tables.target.name), q(tables.time)
    # All columns of the store, not the tags of the import: a row with a value of another tag must stay.
    values = [q(name) for name in stored_columns if name.casefold() != tables.time.casefold()]
    brought = f"SELECT 1 FROM {relation} AS s WHERE s.{time} = {target}.{time}"
    return (
        f"DELETE FROM {target}\nWHERE {target}.{time} >= ? AND {target}.{time} < ?\n"
        f"  AND {' AND '.join(f'{name} IS NULL' for name in values)}\n  AND NOT EXISTS ({brought})"
    )


def read_counts(row: Sequence[int | None], tags: Sequence[str], *, skip: int, of: int) -> Mapping[str, int]:
    """Return one count per tag from a row of counts.

    Args:
        row: Result of one of the SELECTs above.
        tags: Tags in the order of the SELECT.
        skip: Columns before the count of the first tag.
        of: Counts per tag.
    """
    return {tag: int(row[skip + of * i] or 0) for i, tag in enumerate(tags)}


def _build_change_condition(tags: Iterable[str], stored: str, dialect: Dialect) -> str:
    """Return the condition under which a row ``s`` of the import changes a stored row."""
    names = map(dialect.quote, tags)
    return " OR ".join(
        # An empty cell of the import changes nothing; a stored NULL has to be named, because <> with NULL is unknown.
        f"(s.{name} IS NOT NULL AND ({stored}.{name} IS NULL OR {stored}.{name} <> s.{name}))"
        for name in names
    )


def _build_assignments(tags: Iterable[str], stored: str, dialect: Dialect) -> str:
    return ", ".join(f"{name} = COALESCE(s.{name}, {stored}.{name})" for name in map(dialect.quote, tags))


def _span_condition(tables: ImportTables, *sides: str, dialect: Dialect) -> str:
    # For each side of a join: DuckDB derives no range of one side from that of the other, and would join all rows.
    times = [f"{side}.{dialect.quote(tables.time)}" for side in sides]
    return " AND ".join(f"{time} >= ? AND {time} < ?" for time in times)


def _join_repeats(tables: ImportTables, dialect: Dialect) -> str:
    q, time = dialect.quote, dialect.quote(tables.time)
    return (
        f"FROM {q(tables.stage.name)} AS s JOIN {q(tables.last.name)} AS o ON o.{time} = s.{time}\n"
        f"JOIN {q(tables.folded.name)} AS f ON f.{time} = s.{time}"
    )


def _join_stored(tables: ImportTables, relation: str, dialect: Dialect) -> str:
    time = dialect.quote(tables.time)
    return f"FROM {_lock_target(tables, dialect)} JOIN {relation} AS s ON s.{time} = t.{time}"


def _lock_target(tables: ImportTables, dialect: Dialect) -> str:
    """Return the historian table as ``t``, locked until the end of the transaction as its MERGE locks it."""
    # Without the locks another session could write between the counts and the MERGE, and the report would be wrong.
    hint = " WITH (HOLDLOCK, UPDLOCK)" if dialect.upsert_strategy in ("merge", "merge-counted") else ""
    return f"{dialect.quote(tables.target.name)} AS t{hint}"


def _build_samples(source: str, condition: str, names: tuple[str, str], sides: tuple[str, str]) -> str:
    time, tag = names
    old, new = sides
    return (
        f"SELECT s.{time} AS at_time, {old}.{tag} AS old_value, {new}.{tag} AS new_value\n{source}\nWHERE {condition}\n"
        f"ORDER BY s.{time} OFFSET 0 ROWS FETCH NEXT {SAMPLE_ROWS} ROWS ONLY"
    )


def _number_columns(expressions: Iterable[str]) -> str:
    return ",\n  ".join(f"{expression} AS n{i}" for i, expression in enumerate(expressions))


def _join_names(table: Table, dialect: Dialect) -> str:
    return ", ".join(dialect.quote(column.name) for column in table.columns)
