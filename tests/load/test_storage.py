"""Storage options: the script that changes them, and what is left of the choice on each engine."""

from __future__ import annotations

import re

import polars as pl
import pytest
import stores
from click.testing import CliRunner
from mssql.batches import make_large_batch
from sql.recorder import Recorder

from acm_etl import tables
from acm_etl.cli.app import main
from acm_etl.dialects import MSSQL
from acm_etl.errors import StoreError, UsageError
from acm_etl.load import publish, runs
from acm_etl.load.machines import equipment
from acm_etl.load.schema import ddl, storage
from acm_etl.load.schema.storage import StorageOptions
from load.made import T, log
from sql import scriptdom

(SERVER_ONLY,) = stores.SERVER.marks
ALL_OPTIONS = StorageOptions("page", partition_by_month=True, columnstore=True)
LARGE = [table for table in tables.ALL if table.grain == "time"]


def _sent(options):
    engine = Recorder({"@Columnstore": pl.DataFrame({"statement": ["x"]})})
    assert storage.apply_storage_options(engine, options) == ["x"]
    return engine.statements[0]


@pytest.mark.parametrize(
    ("options", "values"),
    [
        (ALL_OPTIONS, ("N'PAGE'", "1", "1")),
        (StorageOptions("none"), ("N'NONE'", "0", "0")),
        (StorageOptions(columnstore=True), ("NULL", "0", "1")),
    ],
)
def test_the_options_are_the_values_of_the_script(options, values):
    sent = _sent(options)
    names = ("Compression NVARCHAR(4)", "PartitionByMonth BIT", "Columnstore BIT")
    for name, value in zip(names, values, strict=True):
        assert sent.count(f"DECLARE @{name} = {value};") == 1


def test_without_options_nothing_is_sent():
    engine = Recorder()
    assert storage.apply_storage_options(engine, StorageOptions()) == []
    assert engine.statements == []


def test_the_script_builds_the_keys_as_they_are_declared():
    rows = re.findall(r"\(N'(\w+)', N'([^']+)', N'([^']+)'\)", _sent(ALL_OPTIONS))
    assert [name for name, _, _ in rows] == [table.name for table in LARGE]
    for name, key, time in rows:
        created = ddl.build_create_statement(T[name], MSSQL)
        assert f"CONSTRAINT [PK_{name}] PRIMARY KEY CLUSTERED ({key})" in created
        assert time in key, "a partitioned key contains the time"
        # Partitions can be emptied at once only if each index has the same partitions.
        assert "CREATE INDEX" not in "".join(ddl.build_table_statements(T[name], MSSQL))


@pytest.mark.skipif(bool(scriptdom.MISSING), reason=f"{scriptdom.MISSING}: run tests/sql/fetch_scriptdom.sh")
def test_the_statements_that_it_composes_parse(tmp_path):
    statements = {
        "function": "CREATE PARTITION FUNCTION [PF_ACM_Month] (DATETIME2(3)) AS RANGE RIGHT FOR VALUES ('2024-01-01')",
        "scheme": "CREATE PARTITION SCHEME [PS_ACM_Month] AS PARTITION [PF_ACM_Month] ALL TO ([PRIMARY])",
        "months": "ALTER PARTITION SCHEME [PS_ACM_Month] NEXT USED [PRIMARY]; "
        "ALTER PARTITION FUNCTION [PF_ACM_Month]() SPLIT RANGE ('2026-01-01')",
        "move": "CREATE UNIQUE CLUSTERED INDEX [PK_a] ON [dbo].[a] ([EquipID], [Timestamp]) WITH (DROP_EXISTING = ON,"
        " DATA_COMPRESSION = PAGE, ONLINE = ON) ON [PS_ACM_Month]([Timestamp])",
        "compress": "ALTER INDEX [PK_a] ON [dbo].[a] REBUILD PARTITION = ALL WITH (DATA_COMPRESSION = PAGE)",
        "columnstore": "CREATE NONCLUSTERED COLUMNSTORE INDEX [CS_a] ON [dbo].[a] ([b]) WITH (MAXDOP = 1)",
    }
    found = scriptdom.parse({**statements, "script": _sent(ALL_OPTIONS)}, tmp_path)
    assert {name: parsed.errors for name, parsed in found.items() if parsed.errors} == {}


def test_an_embedded_store_has_no_options(duck, tmp_path):
    with pytest.raises(UsageError):
        storage.apply_storage_options(duck, StorageOptions("page"))
    url = f"duckdb:///{tmp_path / 'new.duckdb'}"
    assert CliRunner().invoke(main, ["--store", url, "init", "--partition", "month"]).exit_code == 2


@SERVER_ONLY
def test_mssql_stores_the_tables_so_and_once():
    engine = stores.sql_server()
    equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
    runs.start_runs(engine, log(*range(30)))
    publish.publish_batch(engine, make_large_batch())
    before = engine.query("SELECT * FROM [ACM_Scores_Wide] ORDER BY [EquipID], [Timestamp]")
    storage.apply_storage_options(engine, ALL_OPTIONS)
    assert storage.apply_storage_options(engine, ALL_OPTIONS) == []
    assert engine.query("SELECT * FROM [ACM_Scores_Wide] ORDER BY [EquipID], [Timestamp]").equals(before)
    stored = engine.query(
        "SELECT COUNT(DISTINCT p.partition_number) AS n, MIN(p.data_compression_desc) AS kind FROM sys.partitions AS p"
        " WHERE p.object_id = OBJECT_ID(N'[dbo].[ACM_Scores_Wide]') AND p.index_id = 1"
    )
    assert stored.row(0)[0] > 24
    assert stored.row(0)[1] == "PAGE"
    engine.close()


@SERVER_ONLY
@pytest.mark.parametrize("options", [StorageOptions("page"), StorageOptions(partition_by_month=True)])
def test_mssql_a_table_that_cannot_be_moved_is_named(options):
    engine = stores.server()
    key = "[PK_ACM_SensorDrift]"
    engine.execute(f"ALTER TABLE [ACM_SensorDrift] DROP CONSTRAINT {key}")
    try:
        with pytest.raises(StoreError, match=r"ACM_\w+ has no clustered index"):
            storage.apply_storage_options(engine, options)
    finally:
        columns = "([EquipID], [Timestamp], [SensorName])"
        engine.execute(f"ALTER TABLE [ACM_SensorDrift] ADD CONSTRAINT {key} PRIMARY KEY CLUSTERED {columns}")
        engine.close()
