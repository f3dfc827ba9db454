from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import stores
from sql.recorder import Recorder

from acm_etl import tables
from acm_etl.dialects import DIALECTS, DUCKDB, MSSQL
from acm_etl.errors import StoreError, UnavailableError, UsageError
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.legacy_v8.scripts import render_all_scripts
from acm_etl.load.machines import equipment
from acm_etl.load.schema import ddl, migrate
from acm_etl.schema import col
from acm_etl.status import doctor
from acm_etl.tables import views

SQL = Path(__file__).parents[2] / "sql"


@pytest.fixture
def engine(duck):
    """These tests change the schema itself: of a store of their own."""
    return duck


@pytest.fixture
def engine_on_wire(tmp_path):
    stores.needs_driver()
    from acm_etl.io.mssql.engine import MsSql  # noqa: PLC0415

    with stores.serve(tmp_path / "server.duckdb") as settings:
        engine = MsSql(settings["store.url"])
        yield engine
        engine.close()


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_committed_scripts_are_the_rendered_ones(dialect):
    folder = SQL / dialect.name
    committed = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.sql")}
    assert committed == render_all_scripts(dialect)


def test_scripts_create_every_table_and_view():
    engine = DuckDB("duckdb:///:memory:")
    for text in ddl.render_sql_files(engine.dialect).values():
        engine.execute(text)
    assert set(engine.get_table_names()) == {table.name for table in tables.ALL}
    for view in views.ALL:
        assert engine.query(f'SELECT * FROM "{view.name}"').is_empty()
        assert set(engine.get_column_types(view.name))
    engine.close()


def test_columns_and_docs_are_those_declared(engine):
    for table in tables.ALL:
        assert list(engine.get_column_types(table.name)) == [column.name for column in table.columns]
    silent = engine.query(
        "SELECT c.column_name FROM duckdb_columns() c JOIN duckdb_tables() t USING (table_oid) WHERE c.comment IS NULL"
    )
    assert silent.is_empty()


def test_clustered_keys_fit_sql_server():
    width = {"uuid": 16, "i32": 4, "i64": 8, "f64": 8, "bool": 1, "ts3": 8}
    for table in tables.ALL:
        ordered = table.cluster_columns or table.key
        for key, limit in ((ordered, 900), (table.key, 1700), *((unique, 1700) for unique in table.unique_keys)):
            columns = [table.columns_by_name[name] for name in key]
            size = sum(2 * column.max_length if column.max_length else width[column.base_type] for column in columns)
            assert size <= limit, f"{table.name}: {size} bytes"


def test_names_of_constraints_are_short_and_unique():
    text = "\n".join(ddl.render_init_scripts(MSSQL).values())
    names = [
        line.split("]")[0].partition("[")[2] for line in text.splitlines() if line.lstrip().startswith("CONSTRAINT")
    ]
    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 128


def test_init_again_does_nothing(engine):
    assert migrate.init_schema(engine) == migrate.SchemaUpdate()
    migrate.require_current_schema(engine)


def test_an_empty_store_has_to_be_initialised():
    engine = DuckDB("duckdb:///:memory:")
    with pytest.raises(UsageError, match="acm-etl init"):
        migrate.require_current_schema(engine)
    assert len(migrate.init_schema(engine).applied) == 5
    migrate.require_current_schema(engine)
    engine.close()


def test_a_newer_store_is_refused(engine):
    engine.execute('UPDATE "ACM_SchemaVersion" SET "Version" = 7')
    for verb in (migrate.init_schema, migrate.complete_schema, migrate.require_current_schema):
        with pytest.raises(UnavailableError, match="schema version 7, this acm_etl knows up to 2: upgrade acm_etl"):
            verb(engine)


def _grown(monkeypatch, column, **changes):
    """Pretend that this version declares one more column of Equipment."""
    old = tables.reference.EQUIPMENT
    new = replace(old, columns=(*old.columns, column), **changes)
    parts = {name: tuple(new if table is old else table for table in of) for name, of in ddl._TABLES_BY_SCRIPT.items()}
    monkeypatch.setattr(ddl, "_TABLES_BY_SCRIPT", parts)
    monkeypatch.setattr(ddl, "build_script_statements", ddl.build_script_statements.__wrapped__)  # not from its cache
    monkeypatch.setattr(tables, "ALL", tuple(new if table is old else table for table in tables.ALL))


def test_a_new_nullable_column_is_added_to_what_is_there(engine, monkeypatch):
    _grown(monkeypatch, col("Plant", "str(50)?", "Plant"))
    with pytest.raises(UsageError, match=r"1 of 5 scripts .* \(001_reference.sql\): run acm-etl init"):
        migrate.require_current_schema(engine)
    assert migrate.init_schema(engine).applied == ["applied 001_reference.sql", "added Equipment.Plant"]
    assert engine.query('SELECT EquipCode, Plant FROM "Equipment"').rows() == [("FAN", None)]
    migrate.require_current_schema(engine)


def test_a_required_column_is_refused_where_rows_have_no_value_for_it(engine, monkeypatch):
    _grown(monkeypatch, col("Plant", "str(50)", "Plant"))
    with pytest.raises(UsageError, match=r"Equipment has rows and lacks 1 required column \(Plant\): restore a backup"):
        migrate.init_schema(engine)
    assert "Plant" not in engine.get_column_types("Equipment")


def test_a_table_without_rows_gets_a_required_column(engine, monkeypatch):
    _grown(monkeypatch, col("Plant", "str(50)", "Plant"))
    engine.execute('DELETE FROM "Equipment"')
    # Not a new table: a server refuses to drop one that foreign keys refer to.
    assert migrate.init_schema(engine).applied == ["applied 001_reference.sql", "added Equipment.Plant"]
    migrate.require_current_schema(engine)
    with pytest.raises(StoreError):
        equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")


def test_a_column_of_a_key_is_not_added_without_its_key(engine, monkeypatch):
    _grown(monkeypatch, col("Plant", "str(50)", "Plant"), key=("EquipID", "Plant"))
    engine.execute('DELETE FROM "Equipment"')
    with pytest.raises(UsageError, match="Equipment lacks Plant, a column of its key: drop this table"):
        migrate.init_schema(engine)
    assert "Plant" not in engine.get_column_types("Equipment")


def test_a_script_that_fails_leaves_no_record():
    class Broken(DuckDB):
        def execute(self, sql, params=()):
            if "ACM_Runs" in sql:
                message = "no"
                raise StoreError(message)
            return super().execute(sql, params)

    engine = Broken("duckdb:///:memory:")
    with pytest.raises(StoreError, match="no"):
        migrate.init_schema(engine)
    assert engine.query('SELECT Name FROM "ACM_SchemaVersion"')["Name"].to_list() == ["001_reference.sql"]
    assert "RunLog" not in engine.get_table_names()
    engine.close()


def test_a_server_gets_the_statements_of_a_script_in_one_message():
    engine = Recorder()
    migrate.init_schema(engine)
    sent = "\n".join(engine.statements)
    scripts = ddl.build_script_statements(MSSQL)
    for statement in (statement for statements in scripts.values() for statement in statements):
        assert f"EXEC ({MSSQL.quote_literal(statement)})" in sent
    nested = [statement for statement in engine.statements if statement.startswith("EXEC (N'")]
    # Tables are put in order before the transaction of their script.
    ordered = [name for name in scripts if ddl.list_cluster_statements(name, MSSQL)]
    assert len(nested) == len(scripts) + len(ordered)
    assert len(engine.statements) <= 40


def test_hostile_docs_and_names_stay_text():
    table = replace(
        tables.reference.CONFIG, name="x'; --\"]", doc="it's", columns=(col("a'b", "str(5)?", "it's"),), key=("a'b",)
    )
    engine = DuckDB("duckdb:///:memory:")
    for statement in ddl.build_table_statements(table, DUCKDB):
        engine.execute(statement)
    assert engine.get_table_names() == [table.name]
    assert any("N'it''s'" in statement for statement in ddl.build_table_statements(table, MSSQL))
    engine.close()


def test_a_script_the_runner_can_do_without_may_be_refused(engine, monkeypatch):
    """Who may create tables may not always create roles; a lost connection is another matter."""
    monkeypatch.setattr(ddl, "is_optional_script", lambda name: name == "007_roles.sql")
    parts = {**ddl.build_script_statements(DUCKDB), "007_roles.sql": ["CREATE ROLE acm_reader"]}
    monkeypatch.setattr(ddl, "build_script_statements", lambda _: parts)
    update = migrate.init_schema(engine)
    assert update.applied == []
    (message,) = update.skipped
    assert message.startswith("skipped 007_roles.sql: ")
    assert "a database owner can run it from sql/duckdb" in message
    migrate.require_current_schema(engine)

    def lost(*_):
        message = "the connection is gone"
        raise UnavailableError(message)

    monkeypatch.setattr(engine, "execute", lost)
    with pytest.raises(UnavailableError, match="gone"):
        migrate.init_schema(engine)
    # A command that only needs the tables does not try again.
    migrate.complete_schema(engine)


def test_a_command_that_needs_the_tables_creates_what_is_missing(duck):
    duck.execute('DROP TABLE "ACM_Runs" CASCADE')
    migrate.complete_schema(duck)
    assert not migrate.list_missing_relations(duck)


def test_a_column_that_somebody_dropped_comes_back(duck):
    duck.execute('DROP VIEW "ACM_DriftSeries"')
    duck.execute('ALTER TABLE "ACM_Scores_Wide" DROP COLUMN "pca_t2_z"')
    assert migrate.list_missing_columns(duck) == ["ACM_Scores_Wide.pca_t2_z"]
    assert "added ACM_Scores_Wide.pca_t2_z" in migrate.init_schema(duck).applied
    assert migrate.list_missing_columns(duck) == []
    assert migrate.init_schema(duck) == migrate.SchemaUpdate()


def _drop(engine, *names):
    for name in names:
        kind = "VIEW" if name in views.BY_NAME else "TABLE"
        engine.execute(f"DROP {kind} {engine.dialect.quote(name)}")


LOST = ("ACM_Episodes", "ACM_RunErrors", views.ALL[0].name)


def test_dropped_tables_and_views_are_missed_and_come_back(duck):
    _drop(duck, *LOST)
    with pytest.raises(UsageError, match=r"lacks 3 of its tables and views .*: run acm-etl init") as refused:
        migrate.require_current_schema(duck)
    assert all(name in str(refused.value) for name in LOST)
    assert sorted(migrate.list_missing_relations(duck)) == sorted(LOST)
    assert doctor._check_tables(duck).level == "fail"
    lines = [line for line in migrate.init_schema(duck).applied if "was missing and was created" in line]
    assert sorted(line.split()[0] for line in lines) == sorted(LOST)
    # Only scored rows can be computed again from the readings.
    assert [line.split()[0] for line in lines if "--replay-from" in line] == ["ACM_Episodes"]
    assert duck.query('SELECT COUNT(*) FROM "ACM_Episodes"').item() == 0
    assert duck.query('SELECT COUNT(*) FROM "Equipment"').item() == 1
    assert doctor._check_tables(duck).level == "ok"
    assert migrate.init_schema(duck) == migrate.SchemaUpdate()


def test_a_table_of_a_newer_version_is_no_missing_one(duck):
    _drop(duck, "ACM_Episodes")
    duck.execute('UPDATE "ACM_SchemaVersion" SET "Hash" = \'old\' WHERE "Name" = \'003_scores.sql\'')
    assert migrate.list_missing_relations(duck) == []
    assert migrate.init_schema(duck).applied == ["applied 003_scores.sql"]
    migrate.require_current_schema(duck)


def test_a_server_lists_its_tables_and_views(engine_on_wire):
    engine = engine_on_wire
    assert {*tables.BY_NAME, *views.BY_NAME} <= set(engine.get_relation_names())
    _drop(engine, *LOST)
    assert sorted(migrate.list_missing_relations(engine)) == sorted(LOST)
    with pytest.raises(UsageError, match="run acm-etl init"):
        migrate.require_current_schema(engine)


def test_models_that_a_login_may_not_see_are_not_called_missing(engine_on_wire):
    _drop(engine_on_wire, "ModelRegistry", "ACM_State")
    migrate.require_current_schema(engine_on_wire)
