from __future__ import annotations

import pytest
from sql.recorder import Recorder

from acm_etl import tables
from acm_etl.dialects import MSSQL
from acm_etl.load import consistency
from acm_etl.load.schema import ddl
from load import made

NAMES = {ddl.name_key_constraint(table, columns) for table in tables.ALL for columns in ((), *table.unique_keys)}
ENFORCED = frozenset(name.casefold() for name in NAMES)


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_keys_have_the_names_of_the_ddl(table):
    created = ddl.build_create_statement(table, MSSQL)
    for columns in ((), *table.unique_keys):
        assert f"CONSTRAINT [{ddl.name_key_constraint(table, columns)}]" in created


@pytest.mark.parametrize(("enforced", "scans"), [(ENFORCED, 0), (frozenset(), 1)])
def test_only_keys_that_the_database_does_not_enforce_are_looked_for(enforced, scans):
    engine = Recorder()
    assert list(consistency._find_duplicate_keys(engine, made.T["ACM_Scores_Wide"], 1, enforced)) == []
    assert len(engine.statements) == scans
