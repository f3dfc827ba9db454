"""Every declared table, walked through the DDL of both engines and the documents."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from acm_etl import tables
from acm_etl.dialects import DIALECTS, DUCKDB, MSSQL
from acm_etl.legacy_v8 import quarantine
from acm_etl.legacy_v8.scripts import render_all_scripts
from acm_etl.load.schema import admin_scripts, ddl, indexes
from acm_etl.tables import views
from acm_etl.tables.runs import RUN_LOG
from sql.zones import EXTRA, SCRIPT, script

ROOT = Path(__file__).parents[2]
EACH = pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
BOTH = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)


def _block(table, dialect):
    """CREATE TABLE of one table, out of the committed script."""
    text = (ROOT / "sql" / dialect.name / ddl.find_script_name(table)).read_text(encoding="utf-8")
    name = re.escape(f"{dialect.schema_prefix}{dialect.quote(table.name)}")
    return re.search(rf"CREATE TABLE (?:IF NOT EXISTS )?{name} \((.*?)\n\)", text, re.DOTALL)[1]


def _list(columns, dialect):
    return f"({', '.join(map(dialect.quote, columns))})"


@BOTH
@EACH
def test_columns_stand_in_their_order_with_their_types(table, dialect):
    lines = [line.strip() for line in _block(table, dialect).splitlines() if "CONSTRAINT" not in line]
    found = [line.rstrip(",") for line in lines if line]
    assert found == [ddl.build_column_clause(column, dialect) for column in table.columns]
    for column in table.insertable_columns:
        clause = ddl.build_column_clause(column, dialect)
        assert clause.endswith(" NULL" if column.nullable else " NOT NULL")
        assert dialect.sql_types[column.base_type].format(length=column.max_length) in clause


@BOTH
@EACH
def test_keys_and_unique_sets_have_names(table, dialect):
    block = _block(table, dialect)
    keywords = indexes.primary_key_keywords(table, dialect)
    keyed = f"CONSTRAINT {dialect.quote('PK_' + table.name)} {keywords} {_list(table.key, dialect)}"
    assert (keyed in block) == (dialect.has_large_table_keys or not table.large)
    for columns in table.unique_keys:
        name = dialect.quote("_".join(("UQ", table.name, *columns)))
        assert f"CONSTRAINT {name} UNIQUE {_list(columns, dialect)}" in block


@EACH
def test_rows_lie_by_machine_and_time_never_by_random_run(table):
    """The order of the rows of SQL Server: a machine writes to its own end of it."""
    order = table.cluster_columns or table.key
    assert "RunID" not in order[:2]
    text = (ROOT / "sql" / "mssql" / ddl.find_script_name(table)).read_text(encoding="utf-8")
    assert (f"CLUSTERED INDEX [CX_{table.name}] ON [dbo].[{table.name}] {_list(order, MSSQL)}" in text) == bool(
        table.cluster_columns
    )


def test_a_new_order_restores_every_reference_that_it_drops():
    (statement,) = indexes.build_cluster_statements(RUN_LOG, MSSQL)
    children = re.findall(r"^ +\(N'(\w+)'\)", statement, re.MULTILINE)
    declared = [child.name for child in tables.ALL if ("RunID", "RunLog") in indexes.list_foreign_keys(child)]
    assert children == declared
    assert statement.index("DROP CONSTRAINT") < statement.index("WITH CHECK ADD CONSTRAINT")
    assert list(indexes.build_cluster_statements(RUN_LOG, DUCKDB)) == []


@BOTH
@EACH
def test_checks(table, dialect):
    block = _block(table, dialect)
    for column in table.insertable_columns:
        if column.allowed_values:
            name = dialect.quote(f"CK_{table.name}_{column.name}")
            values = ", ".join(dialect.quote_literal(value) for value in column.allowed_values)
            assert f"CONSTRAINT {name} CHECK ({dialect.quote(column.name)} IN ({values})" in block
    for first, second in ddl.TIME_ORDER_PAIRS.get(table.name, ()):
        assert f"CHECK ({dialect.quote(second)} >= {dialect.quote(first)})" in block
    finite = [column for column in table.insertable_columns if column.base_type == "f64"]
    assert block.count("isfinite(") == (len(finite) if dialect is DUCKDB else 0)


@EACH
def test_references_of_sql_server_and_their_indexes(table):
    text = (ROOT / "sql" / "mssql" / ddl.find_script_name(table)).read_text(encoding="utf-8")
    block = _block(table, MSSQL)
    assert "FOREIGN KEY" not in _block(table, DUCKDB)
    for column, parent in table.foreign_keys.items():
        clause = (
            f"CONSTRAINT [FK_{table.name}_{column}] FOREIGN KEY ([{column}]) REFERENCES [dbo].[{parent}] ([{column}])"
        )
        large = table.large and parent == "RunLog"
        assert (clause in block) == (not large)
        if parent == "RunLog" and not large:  # deleting a run looks here for its rows
            indexed = f"CREATE INDEX [IX_{table.name}_RunID] ON [dbo].[{table.name}] ([RunID])"
            assert table.key[0] == "RunID" or indexed in text


@EACH
def test_referenced_tables_come_first(table):
    order = [known.name for known in tables.ALL]
    assert all(order.index(parent) < order.index(table.name) for parent in table.foreign_keys.values())


def test_durations_are_computed_by_the_database():
    assert "[DurationSeconds] AS (DATEDIFF(second, [StartedAt], [CompletedAt])) PERSISTED" in _block(
        tables.BY_NAME["ACM_Runs"], MSSQL
    )
    computed = [f"{t.name}.{c.name}" for t in tables.ALL for c in t.columns if c.computed]
    assert computed == ["ACM_Runs.DurationSeconds"]


def test_every_text_of_sql_server_is_compared_byte_by_byte():
    clauses = [ddl.build_column_clause(column, MSSQL) for table in tables.ALL for column in table.insertable_columns]
    texts = [clause for clause in clauses if "NVARCHAR" in clause]
    assert len(texts) > 50
    assert all("COLLATE Latin1_General_100_BIN2 N" in clause for clause in texts)


@EACH
def test_docs_describe_every_column_and_that_times_are_utc(table):
    text = (ROOT / "sql" / "mssql" / ddl.find_script_name(table)).read_text(encoding="utf-8")
    assert f"(CAST(NULL AS sysname), {MSSQL.quote_literal(table.doc)})" in text
    for column in table.columns:
        assert f"(N'{column.name}', {MSSQL.quote_literal(column.doc)})" in text
        if column.base_type == "ts3":
            assert "UTC" in column.doc, f"{table.name}.{column.name} does not say which time it is"


@BOTH
def test_every_view_is_created_and_documented(dialect):
    text = "\n".join(ddl.render_init_scripts(dialect).values())
    for view in views.ALL:
        assert f"VIEW {dialect.schema_prefix}{dialect.quote(view.name)} AS" in text
        assert dialect.quote_literal(view.doc) in text


def test_nothing_needs_more_than_sql_server_2017():
    for name, text in render_all_scripts(MSSQL).items():
        for word in (
            "IS DISTINCT",
            "GREATEST(",
            "LEAST(",
            "DATETRUNC",
            "GENERATE_SERIES",
            " BETWEEN ",
        ):
            assert word not in re.sub(r"--.*", "", text), f"{word} in {name}"


def test_statements_of_a_script_are_those_that_init_applies():
    """A script run by hand records itself under the hash that ``check`` looks for."""
    for name, statements in ddl.build_script_statements(MSSQL).items():
        text = ddl.render_init_scripts(MSSQL)[name]
        batches = [batch.strip() for batch in re.split(r"^GO$", text, flags=re.MULTILINE)]
        assert batches[1:-2] == statements
        assert f"N'{ddl.hash_statements(statements)}'" in batches[-2]


def test_roles_reach_every_table_and_view():
    text = ddl.render_init_scripts(MSSQL)["007_roles.sql"]
    for name in [table.name for table in tables.ALL] + [view.name for view in views.ALL]:
        assert re.search(rf"GRANT SELECT[A-Z, ]* ON \[dbo\]\.\[{name}\] TO \[acm_loader\];", text)
        assert f"GRANT SELECT ON [dbo].[{name}] TO [acm_reader];" in text
    written = set(re.findall(r"GRANT SELECT, INSERT, UPDATE, DELETE ON \[dbo\]\.\[(\w+)\]", text))
    assert written == {table.name for table in tables.ALL} - {table.name for table in tables.ADMINISTERED}


def test_retention_and_migration_know_every_table():
    text = ddl.render_init_scripts(MSSQL)["008_procedures.sql"]
    for table in tables.ALL:
        if table.grain in ("time", "event", "day"):
            assert f"(N'{table.name}', N'{table.time_column}', N'{table.grain}')" in text
        if table.grain == "model":
            assert f"DELETE t FROM [dbo].[{table.name}] AS t INNER JOIN @versions" in text
        if table in tables.RESULTS:
            assert text.count(f"NOT EXISTS (SELECT 1 FROM [dbo].[{table.name}] AS t WHERE") == 2
    aside = render_all_scripts(MSSQL)["migrate_v8/002_set_aside.sql"]
    assert all(f"(N'{table.name}')" in aside for table in tables.ALL if table.name != "ACM_SchemaVersion")
    assert all(f"(N'{name}')" in aside for name in quarantine.V8_KEYS)


def test_time_zones_are_those_of_cldr():
    """When this fails, tzlocal knows newer zones: run ``python tests/sql/zones.py`` and ``make sql``."""
    assert SCRIPT.read_text(encoding="utf-8") == script()
    assert "(N'Asia/Kolkata', N'India Standard Time')" in script()
    assert all(f"(N'{iana}', N'{windows}')" in script() for iana, windows in EXTRA.items())


def test_documents_list_every_script_procedure_and_error():
    text = (ROOT / "docs" / "mssql.md").read_text(encoding="utf-8")
    sql = "\n".join((*render_all_scripts(MSSQL).values(), admin_scripts.render_uninstall_script(MSSQL)))
    for name in re.findall(r"CREATE OR ALTER PROCEDURE \[dbo\]\.\[(\w+)\]\n(.*?)\nAS\n", sql, re.DOTALL):
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name[0]}`"))
        for parameter in re.findall(r"^ +@(\w+) ", name[1], re.MULTILINE):
            assert parameter in row, f"{name[0]} takes @{parameter}"
    documented = set(re.findall(r"\b50\d{3}\b", text))
    assert documented == set(re.findall(r"THROW (\d{5}),", sql))
    for name in render_all_scripts(MSSQL):
        assert name.rpartition("/")[2] in text or name[:3] in ("002", "003"), name


def test_a_server_that_refuses_computed_columns_gets_an_empty_one():
    refusing = replace(MSSQL, computed_column=None)
    assert "[DurationSeconds] BIGINT NULL" in ddl.build_create_statement(tables.BY_NAME["ACM_Runs"], refusing)
