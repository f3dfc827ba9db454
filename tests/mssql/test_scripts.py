"""The scripts of ``init`` on a real server (``ACM_TEST_MSSQL``)."""

from __future__ import annotations

import pytest
import stores

from acm_etl import tables
from acm_etl.dialects import MSSQL
from acm_etl.load.schema import ddl

pytestmark = list(stores.SERVER.marks)
SCRIPTS = [name for name in ddl.build_script_statements(MSSQL) if not ddl.is_optional_script(name)]


@pytest.fixture(scope="module")
def engine():
    engine = stores.server()
    yield engine
    engine.close()


def list_indexes(engine):
    sql = (
        "SELECT OBJECT_NAME(x.object_id) AS o, x.index_id AS i, COL_NAME(x.object_id, x.column_id) AS c,\n"
        "    x.key_ordinal AS n\n"
        "FROM sys.index_columns AS x INNER JOIN sys.tables AS t ON t.object_id = x.object_id"
    )
    return sorted(engine.query(sql).rows())


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_repeated_script_changes_no_index(engine, name):
    before = list_indexes(engine)
    for statement in ddl.combine_statements(ddl.build_script_statements(MSSQL)[name], MSSQL):
        engine.execute(statement)
    assert before
    assert list_indexes(engine) == before


def test_a_batch_never_locks_a_table_as_a_whole(engine):
    sql = "SELECT name, lock_escalation_desc AS escalation FROM sys.tables WHERE schema_id = SCHEMA_ID(N'dbo')"
    escalations = {name.casefold(): escalation for name, escalation in engine.query(sql).iter_rows()}
    if engine.query("SELECT SERVERPROPERTY('BabelfishVersion') AS version").item() is not None:
        pytest.skip("this server has no lock escalation")
    assert {escalations[table.name.casefold()] for table in tables.ALL} == {"DISABLE"}
