"""Microsoft's T-SQL parser reads every script and every statement that is sent to SQL Server."""

from __future__ import annotations

from pathlib import Path

import pytest

from acm_etl import tables
from acm_etl.dialects import MSSQL
from acm_etl.legacy_v8.scripts import render_all_scripts
from acm_etl.tables import views
from sql import scriptdom
from sql.flows import FLOWS

pytestmark = pytest.mark.skipif(
    bool(scriptdom.MISSING), reason=f"{scriptdom.MISSING}: run tests/sql/fetch_scriptdom.sh"
)
SQL = Path(__file__).parents[2] / "sql" / "mssql"


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    texts = {path.relative_to(SQL).as_posix(): path.read_text(encoding="utf-8") for path in SQL.rglob("*.sql")}
    return scriptdom.parse(texts, tmp_path_factory.mktemp("scripts"))


@pytest.fixture(scope="module")
def flows(tmp_path_factory):
    """Statements of each flow, in batches of their own; DDL that `init` sends is parsed as scripts already."""
    texts = {name: "\nGO\n".join(dict.fromkeys(flow().statements)) for name, flow in FLOWS.items()}
    return scriptdom.parse(texts, tmp_path_factory.mktemp("flows"))


def test_scripts_parse(scripts):
    assert {name: found.errors for name, found in scripts.items() if found.errors} == {}
    assert (
        scripts["008_procedures.sql"].batches == 1 + 2 * 7 - 1
    )  # opening and closing; the last three have fewer grants


@pytest.mark.parametrize("flow", FLOWS)
def test_what_is_sent_parses(flows, flow):
    assert flows[flow].errors == []
    assert flows[flow].batches > 3


def _known():
    """Columns by lower-case name of everything the scripts may read."""
    known = {table.name: {column.name for column in table.columns} for table in tables.ALL}
    known["ACM_TimeZones"] = {"IanaName", "WindowsName"}
    return known


def _strangers(found, known):
    """Columns that a batch names for a table (by its alias) and that the table does not have."""
    bound = {}
    for batch, name, alias in found.tables:
        bound.setdefault((batch, alias.lower()), set()).add(name)
    for batch, alias, column in found.columns:
        names = bound.get((batch, alias.lower()), set())
        if names and names <= known.keys() and not any(column in known[name] for name in names):
            yield f"{alias}.{column} of {', '.join(sorted(names))}"


def test_columns_exist(scripts, flows):
    known = _known()
    applied = {name: found for name, found in scripts.items() if not name.startswith("migrate_v8")}
    for name, found in (applied | flows).items():
        assert list(_strangers(found, known)) == [], name


def test_names_without_alias_exist_somewhere(scripts):
    """Not resolved by scope, but a misspelt name is in no table at all."""
    known = set().union(*_known().values())
    known |= {column for _, _, column in scripts["006_views.sql"].columns}  # output names of views, checked on DuckDB
    system = {
        "object_id",
        "name",
        "column_id",
        "system_type_id",
        "value",
        "major_id",
        "minor_id",
        "class",
        "HOUR",
        "DAY",
    }
    local = {"Name", "Grain", "Cutoff", "Oldest", "Ordinal", "TimeColumn", "Rows", "DryRun"}
    local |= {"Needed", "Time", "Newest", "Coldstart", "Held"}  # of derived tables
    system |= {"max_length", "scale", "collation_name", "is_nullable", "is_computed"}
    system |= {"index_id", "is_primary_key", "key_ordinal"}  # of sys.indexes and sys.index_columns
    for name in ("008_procedures.sql", "007_roles.sql"):
        used = {column for _, _, column in scripts[name].columns}
        assert used - known - system - local == set()


def test_inserts_bring_every_required_column(scripts):
    required = {
        table.name: {column.name for column in table.insertable_columns if not column.nullable} for table in tables.ALL
    }
    checked = 0
    for found in (scripts["008_procedures.sql"], scripts["migrate_v8/003_carry_over.sql"]):
        for table, columns in found.inserts:
            if table in required:
                assert required[table] <= set(columns) <= set(tables.BY_NAME[table].polars_schema), table
                checked += 1
    assert checked == 8


def test_tables_exist(scripts):
    """The procedures read nothing but this schema, the catalogue and their own table variables."""
    known = {table.name for table in tables.ALL} | {view.name for view in views.ALL} | {"ACM_TimeZones"}
    catalogue = {"columns", "extended_properties", "x", "r", "t"}  # x, r, t: targets of DELETE t FROM ... AS t
    assert {name for _, name, _ in scripts["008_procedures.sql"].tables} <= known | catalogue


PLANTED = {
    "MERGE without its semicolon": "MERGE INTO a AS t USING b AS s ON t.i = s.i WHEN MATCHED THEN DELETE\nSELECT 1",
    "a reserved word as a name": "CREATE TABLE x (Off INT)",
    "a missing bracket": "SELECT 1 FROM [a WHERE x = 1",
    "a missing comma": "CREATE TABLE x (a INT NOT NULL b INT)",
    "DuckDB's USING": "DELETE FROM a USING b WHERE a.i = b.i",
    "IS DISTINCT FROM": "SELECT 1 FROM a WHERE x IS DISTINCT FROM y",
    "a misspelt keyword": "CREATE PROCEDURE p AS BEGIN SELCT 1 END",
    "THROW without a state": "IF 1 = 1 THROW 50001, N'x'",
    "an unfilled mark": "INSERT INTO t VALUES {{rows}}",
}


def test_planted_errors_are_found(tmp_path):
    found = scriptdom.parse({**PLANTED, "nothing wrong": "SELECT 1;"}, tmp_path)
    assert [name for name, parsed in found.items() if not parsed.errors] == ["nothing wrong"]
    assert found["MERGE without its semicolon"].errors[0][2] == 46097


def test_an_error_in_a_real_script_is_found_where_it_is(tmp_path):
    text = (SQL / "008_procedures.sql").read_text(encoding="utf-8")
    broken = text.replace("WITH (UPDLOCK, HOLDLOCK)", "WITH (UPDLOCK, HOLDLOCK", 1)
    line = text[: text.index("WITH (UPDLOCK, HOLDLOCK)")].count("\n") + 1
    (error,) = scriptdom.parse({"x": broken}, tmp_path)["x"].errors[:1]
    assert line <= error[0] <= line + 1


def test_a_planted_column_is_found(tmp_path):
    text = "SELECT r.[Outcome], r.[Outcom] FROM [dbo].[RunLog] AS r"
    found = scriptdom.parse({"x": text}, tmp_path)["x"]
    assert list(_strangers(found, _known())) == ["r.Outcom of RunLog"]
    assert render_all_scripts(MSSQL).keys() == {path.relative_to(SQL).as_posix() for path in SQL.rglob("*.sql")}
