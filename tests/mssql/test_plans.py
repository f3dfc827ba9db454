"""Plans of a real server: statements of a batch look rows up by key, and read no other machine's rows."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from datetime import datetime
from typing import ClassVar

import pytest
import stores
from load import made
from load.made import T, log
from sql.flows import FLOWS

from acm_etl import tables
from acm_etl.dialects import MSSQL
from acm_etl.errors import StoreError
from acm_etl.load import merge, publish, runs
from acm_etl.load.machines import equipment
from acm_etl.run.context import SettingsSources
from acm_etl.status import store_reader
from acm_etl.status.store_reader import StatusInputs
from mssql.batches import make_large_batch

(SERVER_ONLY,) = stores.SERVER.marks
SPAN = [1, datetime(2024, 1, 10), datetime(2024, 1, 11)]
# As drivers declare parameters: a type that differs from that of the column may turn a seek into a scan.
TYPES = {bool: "BIT", int: "INT", float: "FLOAT", str: "NVARCHAR(4000)", datetime: "DATETIME2(7)"}
FRAMES = {
    "RunLog": log(*range(30)),
    "ACM_Scores_Wide": made.health(*range(30)),
    "ACM_EpisodeCulprits": made.culprits(9, "a", "b"),
    "ACM_RegimeOccupancy": made.occupancy(9, on=100),
}
# Statements of a backfill: the flow that sends them, how they begin, and values of their parameters.
SENT = {
    "deletion of runs": ("publish", "DELETE FROM [RunLog] WHERE", [1, "0a39443b-ae1f-4b5b-a35a-42ac78000001"]),
    "replay": ("replay", "DELETE FROM [ACM_Scores_Wide] WITH (PAGLOCK)", SPAN[:2]),
    "attempts of a period": ("runs", "SELECT [RunID], [Attempt], [StartedAt]", SPAN),
    "runs of earlier events": ("runs", "SELECT [WindowStart], [WindowEnd], [RunID]", [*SPAN[:2], *SPAN[:2], SPAN[1]]),
}


def _find_statement(flow, beginning):
    """The first such statement, as the program sends it."""
    return next(text for text in FLOWS[flow]().statements if text.startswith(beginning))


@pytest.fixture(scope="module")
def explain():
    """Return the physical operators of a statement's plan, each with its table; nothing is executed."""
    engine = stores.server()
    equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
    runs.start_runs(engine, log(*range(30)))
    publish.publish_batch(engine, make_large_batch())
    session = engine._ensure_session()
    try:
        session.execute("SET SHOWPLAN_XML ON")
        shown = session.query("SELECT 1 AS x")
        session.execute("SET SHOWPLAN_XML OFF")
    except StoreError as error:
        engine.close()
        pytest.skip(f"this server shows no plans: {error}")
    if shown.columns == ["x"]:
        engine.close()
        pytest.skip("this server ignores SET SHOWPLAN_XML")

    def operators(sql, values):
        session.execute("SET SHOWPLAN_XML ON")
        try:
            return _operators(str(session.query(_declare_parameters(sql, values)).item()))
        finally:
            session.execute("SET SHOWPLAN_XML OFF")

    operators.engine = engine
    yield operators
    engine.close()


def _declare_parameters(sql, values):
    """The statement as a batch whose variables have the types of its parameters."""
    numbers = itertools.count(1)
    text = re.sub(r"\?|@p\d+", lambda _: f"@p{next(numbers)}", sql)
    declared = [
        f"DECLARE @p{number} {TYPES[type(value)]} = {MSSQL.quote_literal(str(value))};"
        for number, value in enumerate(values, start=1)
    ]
    return "\n".join([*declared, text])


def _operators(plan):
    """(operator, table) of every access to a table.

    Staging tables are read as a whole, and Equipment has a row per machine: both are left out.
    """
    name = "{http://schemas.microsoft.com/sqlserver/2004/07/showplan}"
    for node in ET.fromstring(plan).iter(f"{name}RelOp"):  # noqa: S314 - of our own server
        for found in node.findall(f"./*/{name}Object"):
            if found.get("Schema") == "[dbo]" and found.get("Table") != "[Equipment]":
                yield node.get("PhysicalOp"), found.get("Table")


def _scans(operators):
    return [(kind, table) for kind, table in operators if kind.endswith("Scan")]


@SERVER_ONLY
@pytest.mark.parametrize("name", FRAMES)
def test_an_upsert_seeks(explain, name):
    table, staged = T[name], explain.engine.stage_frame(T[name], FRAMES[name])
    for empty in (False, True):
        for statement in merge.build_upsert(table, staged, MSSQL, empty_target=empty, limit_to_span=table.large):
            found = list(explain(statement.sql, SPAN if statement.takes_span else []))
            assert found
            assert _scans(found) == []
    if table.time_column:
        stale = merge.build_stale_delete(table, staged, MSSQL)
        assert _scans(explain(stale.sql, SPAN)) == []
    explain.engine.clear_staging()


@SERVER_ONLY
@pytest.mark.parametrize("name", SENT)
def test_a_statement_of_a_backfill_seeks(explain, name):
    flow, beginning, values = SENT[name]
    found = list(explain(_find_statement(flow, beginning), values))
    assert found
    assert _scans(found) == []


@SERVER_ONLY
def test_status_reads_the_newest_rows_by_seeks(explain):
    class Recording:
        statements: ClassVar = []

        def __getattr__(self, name):
            return getattr(explain.engine, name)

        def query(self, sql, params=()):
            self.statements.append((sql, params))
            return explain.engine.query(sql, params)

    engine = Recording()
    machines = equipment.read_machines(explain.engine)
    store_reader.read_details(engine, machines[0], StatusInputs(SettingsSources(), datetime(2024, 3, 1)))
    growing = {f"[{table.name}]" for table in tables.RESULTS if table.large or table.grain == "day"} | {"[RunLog]"}
    assert len(engine.statements) > 10
    for sql, params in engine.statements:
        found = _scans(explain(sql, params))
        assert [(kind, table) for kind, table in found if table in growing] == []


@pytest.mark.parametrize("name", SENT)
def test_explained_statements_are_sent(name):
    flow, beginning, values = SENT[name]
    assert _find_statement(flow, beginning).count("@p") == len(values)


@pytest.mark.parametrize("flow", FLOWS)
def test_changes_of_many_runs_name_the_machine(flow):
    """For many ids a server may scan the table, and then waits for rows that other machines' batches have locked."""
    changed = [
        text for text in FLOWS[flow]().statements if re.match(r"(DELETE|UPDATE).*\[RunID\] IN \(@", text, re.DOTALL)
    ]
    assert [text for text in changed if "[EquipID] = @" not in text] == []


def test_parameters_have_the_types_of_the_driver():
    assert _declare_parameters("SELECT 1 WHERE a = ? AND t >= ?", SPAN[:2]).splitlines() == [
        "DECLARE @p1 INT = N'1';",
        "DECLARE @p2 DATETIME2(7) = N'2024-01-10 00:00:00';",
        "SELECT 1 WHERE a = @p1 AND t >= @p2",
    ]


def test_scans_are_found():
    plan = (
        '<ShowPlanXML xmlns="http://schemas.microsoft.com/sqlserver/2004/07/showplan"><RelOp PhysicalOp="Table Scan">'
        '<TableScan><Object Schema="[dbo]" Table="[a]"/></TableScan></RelOp><RelOp PhysicalOp="Index Seek"><IndexScan>'
        '<Object Schema="[dbo]" Table="[b]"/></IndexScan></RelOp></ShowPlanXML>'
    )
    assert _scans(_operators(plan)) == [("Table Scan", "[a]")]
