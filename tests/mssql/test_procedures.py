"""What other programs may call, on a server that carries procedures out (``ACM_TEST_MSSQL``)."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
import stores
from load.test_retention import ALL, fill

from acm_etl.errors import StoreError
from acm_etl.load.historian import historian_table
from acm_etl.load.machines import equipment
from acm_etl.load.maintenance import abandoned_runs, retention

pytestmark = list(stores.SERVER.marks)
RUN, OTHER = "0a39443b-ae1f-4b5b-a35a-42ac78000001", "0a39443b-ae1f-4b5b-a35a-42ac78000002"
START, END = datetime(2024, 1, 1), datetime(2024, 1, 2)
TAGS = ("t 1", "p-in.x")


@pytest.fixture
def server():
    """A session with an empty database that has the historian table of a machine."""
    engine = stores.server()
    try:
        engine.execute("CREATE OR ALTER PROCEDURE [dbo].[acm_probe] AS SELECT 1 AS k")
        engine.execute("DROP PROCEDURE [dbo].[acm_probe]")
    except StoreError as error:
        engine.close()
        pytest.skip(f"this server lacks CREATE OR ALTER PROCEDURE, which the scripts need: {error}")
    table = historian_table.declare_historian_table("FAN", TAGS)
    historian_table.create_or_extend_table(engine, table)
    times = [START + timedelta(hours=i) for i in range(48)]
    values = {"t 1": [float(i) for i in range(48)], "p-in.x": [None] * 48}
    frame = pl.DataFrame({"EntryDateTime": times, **values}, schema=table.polars_schema)
    historian_table.load_readings(engine, table, [frame])
    yield engine
    engine.close()


def register(engine, **named):
    arguments = "".join(f", @{name} = ?" for name in named)
    sql = f"DECLARE @id INT; EXEC dbo.usp_ACM_RegisterEquipment @EquipCode = ?, @EquipID = @id OUTPUT{arguments};\n"
    return engine.query(sql + "SELECT @id AS id", ["FAN", *named.values()]).item()


def start(engine, **changes):
    window = {"WindowStart": START, "WindowEnd": END}
    named = {"EquipID": 1, "ConfigHash": "abc", **window, "Stage": "score", "RunID": RUN, **changes}
    given = {name: value for name, value in named.items() if value is not None}
    engine.execute(f"EXEC dbo.usp_ACM_StartRun {', '.join(f'@{name} = ?' for name in given)}", list(given.values()))


def finalize(engine, outcome, run=RUN, **named):
    arguments = "".join(f", @{name} = ?" for name in named)
    engine.execute(f"EXEC dbo.usp_ACM_FinalizeRun @RunID = ?, @Outcome = ?{arguments}", [run, outcome, *named.values()])


def log(engine):
    return engine.query("SELECT RunID, Outcome, Attempt, RowsRead, ErrorMessage FROM RunLog ORDER BY RunID").rows()


def test_a_machine_is_registered_once_with_the_tags_of_its_table(server):
    assert register(server, TimeZone="Europe/Berlin") == 1
    assert register(server) == 1
    tags = server.query("SELECT TagName FROM ACM_TagEquipmentMap WHERE EquipID = 1 ORDER BY TagName")
    assert tags["TagName"].to_list() == sorted(TAGS)
    with pytest.raises(StoreError, match="registered with FAN_Data"):
        register(server, TimeZone="UTC")
    with pytest.raises(StoreError, match="must be an IANA name"):
        server.execute("EXEC dbo.usp_ACM_RegisterEquipment @EquipCode = N'X', @TimeZone = N'Berlin'")


def test_a_run_starts_once_and_ends_once(server):
    register(server)
    start(server)
    assert log(server) == [(RUN, "RUNNING", 1, None, None)]
    start(server)
    assert log(server)[0][2] == 2, "started again: another attempt"
    finalize(server, "OK", RowsRead=24)
    finalize(server, "OK", RowsRead=99)
    assert log(server) == [(RUN, "OK", 2, 24, None)]
    with pytest.raises(StoreError, match="is finished"):
        start(server)
    with pytest.raises(StoreError, match="cannot end as FAIL"):
        finalize(server, "FAIL")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"RunID": None}, "RunID is missing"),
        ({"EquipID": 9}, "no machine with EquipID 9"),
        ({"Stage": "bogus"}, "Stage must be score"),
        ({"WindowEnd": START}, "needs a window"),
        ({"ConfigHash": None}, "ConfigHash is missing"),
    ],
)
def test_a_run_without_required_arguments_is_refused(server, changes, words):
    register(server)
    with pytest.raises(StoreError, match=words):
        start(server, **changes)
    assert log(server) == []


def test_a_failure_is_kept_with_its_reason(server):
    register(server)
    start(server)
    finalize(server, "FAIL", ErrorJSON='{"type": "Timeout", "message": "' + "x" * 2000 + '"}')
    errors = server.query("SELECT Attempt, ErrorType, LEN(ErrorMessage) AS n FROM ACM_RunErrors").rows()
    assert errors == [(1, "Timeout", 1000)]


def test_a_window_is_published_by_one_run(server):
    register(server)
    start(server)
    finalize(server, "OK")
    start(server, RunID=OTHER, WindowStart=START + timedelta(hours=1))
    with pytest.raises(StoreError, match="has published part of this window"):
        finalize(server, "OK", run=OTHER)


def test_a_machine_that_somebody_works_on_is_left_alone(server):
    register(server)
    runner = server.open_session()
    with runner.acquire_lock("FAN"), pytest.raises(StoreError, match="holds the lock of this machine"):
        start(server)
    runner.close()


def test_readings_come_half_open_and_only_by_known_tags(server):
    register(server)
    ask = "EXEC dbo.usp_ACM_GetHistorianData @StartTime = ?, @EndTime = ?, @EquipmentName = N'FAN'"
    found = server.query(ask, [START, END])
    assert found.columns == ["EntryDateTime", *TAGS]
    assert found["t 1"].to_list() == [float(i) for i in range(24)]
    with pytest.raises(StoreError, match="Not tags of this machine"):
        server.query(f"{ask}, @TagNames = N't 1, x]; DROP TABLE RunLog; --'", [START, END])


def test_coldstart_is_reported_by_legal_steps(server):
    register(server)
    ask = (
        "DECLARE @needs BIT, @rows BIGINT; EXEC dbo.usp_ACM_CheckColdstartStatus @EquipID = 1, @NeedsColdstart = @needs"
        " OUTPUT, @AccumulatedRows = @rows OUTPUT; SELECT @needs AS needs, @rows AS found"
    )
    assert server.query(ask).rows() == [(True, 0)]
    for _ in range(2):
        server.execute("EXEC dbo.usp_ACM_UpdateColdstartProgress @EquipID = 1, @RowsReceived = 400")
    assert server.query(ask).rows() == [(True, 400)], "attempts overlap: rows are replaced, not added up"
    with pytest.raises(StoreError, match="COMPLETE needs models"):
        server.execute("EXEC dbo.usp_ACM_UpdateColdstartProgress @EquipID = 1, @RowsReceived = 4000, @Success = 1")
    server.execute("EXEC dbo.usp_ACM_UpdateColdstartProgress @EquipID = 1, @ErrorMessage = N'disk'")
    with pytest.raises(StoreError, match="is not repeated before"):
        server.execute("EXEC dbo.usp_ACM_UpdateColdstartProgress @EquipID = 1, @RowsReceived = 4000")


def test_retention_deletes_what_prune_would_delete(server):
    register(server)
    fill(server, [100, 499, 500, 700])

    def expire(**named):
        limits = "@TimeDays = 400, @EventDays = 400, @DayDays = 400, @RunDays = 400, @NoopDays = 30, @FailedDays = 30"
        arguments = "".join(f", @{name} = {value}" for name, value in named.items())
        found = server.query(f"EXEC dbo.usp_ACM_DataRetention {limits}, @ModelVersions = 1{arguments}")
        return {row["TableName"]: row["Rows"] for row in found.to_dicts() if row["Rows"]}

    expected = {one.table: one.rows for one in retention.expire_machine_rows(server, 1, ALL) if one.rows}
    assert expected["ACM_Scores_Wide"] == 4
    assert expire() == expected
    assert expire(DryRun=0, MaxRows=1) == expected, "in transactions of one row"
    assert expire() == {}
    assert not [one for one in retention.expire_machine_rows(server, 1, ALL) if one.rows]


def test_our_own_runs_and_theirs_share_a_log(server):
    register(server)
    start(server)
    assert abandoned_runs.fail_abandoned_runs(server, equipment.find_machine(server, "FAN")) == 1, (
        "a runner that finds it RUNNING while it holds the machine calls it dead"
    )
    assert log(server)[0][1] == "FAIL"
