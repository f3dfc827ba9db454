from __future__ import annotations

import pytest

from acm_etl.dialects import DIALECTS, MSSQL
from acm_etl.load.historian import cell_merge, historian_table
from load.golden_files import assert_golden

TARGET = historian_table.declare_historian_table("FAN", ["Tag.1 Fan-A", "x]y"])
TABLES = cell_merge.declare_import_tables(TARGET, "stage_1")


def _statements(dialect):
    """Every statement of an import by its purpose, for times that repeat."""
    relation = cell_merge.build_resolved_relation(TABLES, dialect, has_repeats=True)
    stored = ["EntryDateTime", "Tag.1 Fan-A", "x]y", "other"]
    yield "repeated times", cell_merge.build_repeat_count(TABLES, dialect)
    yield from zip(("last values", "folded rows"), cell_merge.build_fold(TABLES, dialect), strict=True)
    yield "duplicates", cell_merge.build_duplicate_counts(TABLES, dialect)
    yield "conflicts within the import", cell_merge.build_duplicate_samples(TABLES, "x]y", dialect)
    yield "stored rows", cell_merge.build_stored_count(TABLES, dialect)
    yield "comparison", cell_merge.build_comparison(TABLES, relation, dialect)
    yield "conflicts with the store", cell_merge.build_comparison_samples(TABLES, relation, "x]y", dialect)
    if not dialect.has_mass_updates:
        for sql in cell_merge.build_row_rewrite(TABLES, relation, stored, dialect):
            yield "changed rows", sql
    for statement in cell_merge.build_cell_upsert(TABLES, relation, dialect, empty_target=False):
        yield statement.row_effect, statement.sql
    yield "erasable cells", cell_merge.build_erasable_counts(TABLES, relation, dialect)
    yield "erased cells", cell_merge.build_tag_erasure(TABLES, relation, "x]y", dialect)
    yield "empty rows", cell_merge.build_empty_row_delete(TABLES, relation, stored, dialect)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_golden_sql(dialect):
    """The statements of an import, as committed."""
    text = "\n".join(f"-- {purpose}\n{sql}{dialect.batch_separator}" for purpose, sql in _statements(dialect))
    assert_golden(f"{dialect.name}_import.sql", text)


def test_times_that_do_not_repeat_are_merged_from_the_staging_table_itself():
    assert cell_merge.build_resolved_relation(TABLES, MSSQL, has_repeats=False) == "[stage_1]"


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_an_append_does_not_look(dialect):
    (only,) = cell_merge.build_cell_upsert(TABLES, "s", dialect, empty_target=True)
    assert only.row_effect == "inserted"
    assert only.sql.startswith("INSERT INTO")
    assert "EXISTS" not in only.sql
