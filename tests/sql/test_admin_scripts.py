"""Scripts with which an administrator installs and removes acm_etl."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from acm_etl import tables
from acm_etl.cli.app import main
from acm_etl.dialects import MSSQL
from acm_etl.load.historian.import_staging import STAGING_PREFIX
from acm_etl.load.schema import admin_scripts, ddl
from acm_etl.load.schema.replaced_tables import REPLACED_TABLES
from acm_etl.tables import views
from sql import scriptdom

RENDERERS = {"install": admin_scripts.render_install_script, "uninstall": admin_scripts.render_uninstall_script}


def _batches(kind):
    text = RENDERERS[kind](MSSQL)
    return [batch.strip() for batch in re.split(r"^GO$", text, flags=re.MULTILINE) if batch.strip()]


@pytest.mark.skipif(bool(scriptdom.MISSING), reason=f"{scriptdom.MISSING}: run tests/sql/fetch_scriptdom.sh")
def test_scripts_parse(tmp_path):
    found = scriptdom.parse({kind: render(MSSQL) for kind, render in RENDERERS.items()}, tmp_path)
    assert {kind: parsed.errors for kind, parsed in found.items()} == {"install": [], "uninstall": []}


def test_the_install_script_has_every_statement_of_init_and_its_record_in_one_transaction():
    batches = _batches("install")
    first, last = (
        next(place for place, batch in enumerate(batches) if batch.startswith(word))
        for word in ("BEGIN TRANSACTION", "COMMIT TRANSACTION")
    )
    expected = [
        statement.strip()
        for name, statements in ddl.build_script_statements(MSSQL).items()
        for statement in (*statements, ddl.build_record_statement(name, statements, MSSQL))
    ]
    # The first statement adds columns to existing tables; a check of errors follows each statement.
    assert batches[first + 3 : last : 2] == expected
    assert set(batches[first + 2 : last : 2]) == {batches[first + 2]}
    assert "NOEXEC ON" in batches[first + 2]
    assert batches[last + 1 :] == ["SET NOEXEC OFF"]


def test_the_install_script_knows_every_column_with_its_clause():
    text = RENDERERS["install"](MSSQL)
    for table in tables.ALL:
        for column in table.columns:
            words = ", ".join(
                map(MSSQL.quote_literal, (table.name, column.name, ddl.build_column_clause(column, MSSQL)))
            )
            assert f"({words}, {int(not column.nullable)})" in text


def test_the_uninstall_script_drops_each_created_object_once_before_those_it_needs():
    text = RENDERERS["uninstall"](MSSQL)
    listed = re.findall(r"\(N'(\w+)', N'(TABLE|VIEW|PROCEDURE)', (\d+)\)", text)
    names = [name for name, _, _ in listed]
    created = re.findall(
        r"^CREATE (?:OR ALTER )?(?:TABLE|VIEW|PROCEDURE) \[dbo\]\.\[(\w+)\]",
        "\n".join(ddl.render_init_scripts(MSSQL).values()),
        re.MULTILINE,
    )
    assert sorted(names) == sorted({*created, *(replaced.old_name for replaced in REPLACED_TABLES)})
    places = {name: int(place) for name, _, place in listed}
    for table in tables.ALL:
        assert all(places[table.name] < places[parent] for parent in table.foreign_keys.values()), table.name
    for view in views.ALL:
        assert all(places[view.name] < places[name] for name in re.findall(r"\{(\w+)\}", view.select) if name in places)


def test_the_uninstall_script_empties_the_schema_of_staging():
    text = RENDERERS["uninstall"](MSSQL)
    created = re.findall(r"PROCEDURE \[stage\]\.\[(\w+)\]", ddl.render_init_scripts(MSSQL)["007_roles.sql"])
    dropped, kept = re.findall(r"name (?:NOT )?LIKE N'(usp\S+)%'", text)
    assert dropped == kept
    assert created
    assert all(name.startswith(re.sub(r"[\[\]]", "", dropped)) for name in created)
    # Without it, an import that was killed would leave its readings in a table that nobody knows.
    assert f"LIKE N'{STAGING_PREFIX.replace('_', '[_]')}%'" in text


@pytest.mark.parametrize("kind", RENDERERS)
def test_a_script_does_not_wait_for_locks_without_end(kind):
    before, begun, _ = RENDERERS[kind](MSSQL).partition("BEGIN TRANSACTION")
    assert begun
    assert "\nSET LOCK_TIMEOUT 60000;\n" in before
    assert "XACT_ABORT ON" in before, "the timeout rolls everything back"


def test_scripts_have_no_variables_of_sqlcmd():
    assert [kind for kind, render in RENDERERS.items() if "$(" in render(MSSQL)] == []


@pytest.mark.parametrize("kind", RENDERERS)
def test_the_command_prints_the_script(kind):
    option = f"--{kind}-script"
    assert CliRunner().invoke(main, ["sql", "mssql", option]).stdout == RENDERERS[kind](MSSQL)
    (script,) = json.loads(CliRunner().invoke(main, ["--json", "sql", "mssql", option]).stdout)["scripts"]
    assert script == {"name": f"{kind}.sql", "text": RENDERERS[kind](MSSQL)}


@pytest.mark.parametrize("arguments", [["duckdb"], ["mssql", "--write", "x"]])
def test_the_command_refuses_what_has_no_such_script(arguments):
    assert CliRunner().invoke(main, ["sql", *arguments, "--install-script"]).exit_code == 2
