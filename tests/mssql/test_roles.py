"""Logins of each role do their work and are refused the rest, on a real server (``ACM_TEST_MSSQL``)."""

from __future__ import annotations

import secrets

import polars as pl
import pytest
import stores
from load import made

from acm_etl.errors import StoreError
from acm_etl.load import publish, runs
from acm_etl.load.machines import equipment
from mssql.batches import make_large_batch

pytestmark = list(stores.SERVER.marks)
PROBE = "acm_Probe"


@pytest.fixture(scope="module")
def owner():
    engine = stores.server()
    try:
        engine.execute("EXECUTE AS USER = N'dbo'; REVERT")
    except StoreError as error:
        engine.close()
        pytest.skip(f"this server cannot act as another user, as the procedures of the schema stage do: {error}")
    equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
    yield engine
    engine.close()


@pytest.fixture
def login(owner):
    """Open a session with a new login that has one role; login and user are dropped afterwards."""
    from acm_etl.io.mssql.engine import MsSql  # noqa: PLC0415 - it may not load

    made_logins, engines = [], []

    def make(role):
        name, password = f"acm_test_{secrets.token_hex(4)}", f"Aa1-{secrets.token_hex(12)}"
        owner.execute(f"CREATE LOGIN [{name}] WITH PASSWORD = N'{password}'")
        made_logins.append(name)
        owner.execute(f"CREATE USER [{name}] FOR LOGIN [{name}] WITH DEFAULT_SCHEMA = [dbo]")
        owner.execute(f"ALTER ROLE [{role}] ADD MEMBER [{name}]")
        address = stores.URL.partition("@")[2]
        engines.append(MsSql(f"mssql://{name}:{password}@{address}"))
        return engines[-1]

    yield make
    for engine in engines:
        engine.close()
    for name in made_logins:
        owner.execute(f"DROP USER [{name}]; DROP LOGIN [{name}]")


REFUSED = {
    "acm_reader": (
        "DELETE FROM [RunLog]",
        "UPDATE [ModelRegistry] SET [Version] = 2",
        "DELETE FROM [ACM_State]",
        "INSERT INTO [ACM_Config] ([EquipID], [ParamPath], [ParamValue]) VALUES (0, N'x', N'1')",
        "CREATE TABLE [dbo].[x] (k INT)",
        "CREATE TABLE [stage].[acm_x] (k INT)",
        "EXEC [stage].[usp_ACM_CreateStagingTable] @Name = N'acm_x', @Table = N'RunLog'",
        "EXEC [dbo].[usp_ACM_DataRetention]",
    ),
    "acm_loader": (
        "UPDATE [Equipment] SET [EquipName] = N'x'",
        "DELETE FROM [ACM_Config]",
        "DELETE FROM [ACM_ConfigHistory]",
        "UPDATE [ACM_Sources] SET [Query] = N'SELECT 1 AS k'",
        "CREATE TABLE [dbo].[x] (k INT)",
        "CREATE TABLE [stage].[acm_x] (k INT)",
        "CREATE VIEW [stage].[acm_v] AS SELECT 1 AS k",
        f"CREATE TRIGGER [stage].[acm_t] ON [stage].[{PROBE}] AFTER INSERT AS DELETE FROM [dbo].[Equipment]",
        f"ALTER TABLE [stage].[{PROBE}] ADD x INT",
        f"DROP TABLE [stage].[{PROBE}]",
        "EXEC [stage].[usp_ACM_CreateStagingTable] @Name = N'usp_ACM_x', @Table = N'RunLog'",
        "EXEC [stage].[usp_ACM_CreateStagingTable] @Name = N'acm_x', @Table = N'x] (k INT); DROP TABLE [RunLog'",
        "EXECUTE AS USER = N'acm_stage_owner'",
        "ALTER ROLE [acm_admin] ADD MEMBER [acm_loader]",
        "EXEC [dbo].[usp_ACM_DataRetention]",
    ),
    "acm_admin": (
        "EXECUTE AS USER = N'dbo'",
        "ALTER ROLE [db_owner] ADD MEMBER [acm_admin]",
        "CREATE USER [acm_x] WITHOUT LOGIN",
    ),
}


@pytest.mark.parametrize("role", REFUSED)
def test_a_role_is_refused_what_it_does_not_need(owner, login, role):
    owner.execute(f"DROP TABLE IF EXISTS [stage].[{PROBE}]; CREATE TABLE [stage].[{PROBE}] (k INT)")
    engine = login(role)
    for statement in REFUSED[role]:
        with pytest.raises(StoreError):
            engine.execute(statement)
    assert owner.query("SELECT COUNT(*) AS n FROM [Equipment]").item() == 1
    owner.execute(f"DROP TABLE [stage].[{PROBE}]")


def test_the_owner_of_the_staging_schema_reads_no_row_of_dbo(owner):
    with pytest.raises(StoreError):
        owner.query("EXECUTE AS USER = N'acm_stage_owner'; SELECT COUNT(*) AS n FROM [dbo].[RunLog]")
    owner.execute("IF USER_NAME() = N'acm_stage_owner' REVERT")


def test_a_loader_publishes_and_leaves_nothing_behind(owner, login):
    engine = login("acm_loader")
    runs.start_runs(engine, made.log(*range(30)))
    metrics = publish.publish_batch(engine, make_large_batch())
    assert made.changes(metrics)["ACM_Scores_Wide"] == (720, 0, 0)
    engine.close()
    staged = owner.query("SELECT COUNT(*) AS n FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = N'stage'")
    assert staged.item() == 0


def test_retention_leaves_out_a_machine_that_somebody_works_on(login):
    runner, admin = login("acm_loader"), login("acm_admin")
    named = "EXEC [dbo].[usp_ACM_DataRetention] @DryRun = 0, @NoopDays = 1, @FailedDays = 1"
    with runner.acquire_lock("FAN"):
        rows = admin.query(named)
        assert rows.filter(pl.col("TableName").is_null())["EquipID"].to_list() == [1]
        with pytest.raises(StoreError, match="holds the lock of this machine"):
            admin.execute(f"{named}, @EquipID = 1")
    assert admin.query(named)["TableName"].null_count() == 0
    with runner.acquire_lock("FAN"):
        pass
