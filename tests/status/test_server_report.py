"""The report about the server of a store: every section survives, and names what it needs."""

from __future__ import annotations

import re

import polars as pl
import pytest
from click.testing import CliRunner
from sql.recorder import Recorder

from acm_etl.cli import main
from acm_etl.dialects import DIALECTS, MSSQL
from acm_etl.errors import ConnectionLostError, StoreError
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load.schema import migrate, procedures
from acm_etl.status import server_report
from acm_etl.status.server_report import Advice
from sql import scriptdom

# Views that show every session, or fail, only with a permission on the server.
SERVER_VIEWS = {
    "dm_os_sys_info",
    "dm_db_log_space_usage",
    "dm_db_file_space_usage",
    "dm_db_index_usage_stats",
    "dm_exec_sessions",
    "dm_exec_requests",
    "dm_tran_locks",
    "dm_hadr_database_replica_states",
}
GRANT = "GRANT VIEW SERVER STATE TO [x]"


class _Server(Recorder):
    """Answers the queries it is given frames for, others with no rows."""

    def query(self, sql, params=()):
        self._keep(sql, params)
        return next((answer for piece, answer in self.answers.items() if piece in sql), pl.DataFrame())


def _sections(report):
    return {section.name: section for section in report.sections}


def test_a_section_without_its_permission_is_skipped_and_names_it():
    missing = pl.DataFrame({"permission": ["VIEW SERVER STATE"], "grant_statement": [GRANT]})
    engine = _Server({"p.grant_statement": missing})
    report = server_report.build_server_report(engine)
    found = _sections(report)
    assert found["permissions"].rows == missing.to_dicts()
    assert (found["sessions"].rows, found["tables"].problem) == ([], None)
    assert found["sessions"].problem == f"needs VIEW SERVER STATE: let a DBA run {GRANT}"
    assert not [sql for sql in engine.statements if "dm_exec_sessions" in sql]


class _Failing(Recorder):
    failure = StoreError("no permission")

    def query(self, sql, params=()):
        self._keep(sql, params)
        raise self.failure


def test_a_section_that_fails_does_not_end_the_report():
    report = server_report.build_server_report(_Failing())
    queries = server_report.list_section_queries(MSSQL)
    assert [section.name for section in report.sections] == [query.name for query in queries]
    assert _sections(report)["sessions"].problem == "no permission; the query needs VIEW SERVER STATE"
    assert (_sections(report)["server"].problem, report.advice) == ("no permission", [])


def test_a_lost_connection_ends_the_report():
    engine = _Failing()
    engine.failure = ConnectionLostError("gone")
    with pytest.raises(ConnectionLostError):
        server_report.build_server_report(engine)


def test_advice_has_the_settings_that_differ():
    settings = pl.DataFrame(
        {"setting": ["A", "B"], "is": ["on", "off"], "change": [None, "SET B"], "reason": ["x", "y"]}
    )
    report = server_report.build_server_report(_Server({"is_auto_shrink_on": settings}))
    assert report.advice == [Advice("B", "off", "SET B", "y")]


def test_the_report_about_a_file(tmp_path):
    engine = DuckDB(f"duckdb:///{tmp_path / 'a.duckdb'}")
    migrate.init_schema(engine)
    found = _sections(server_report.build_server_report(engine))
    engine.close()
    assert [section.problem for section in found.values()] == [None] * len(found)
    assert found["database"].rows[0]["path"] == str(tmp_path / "a.duckdb")
    assert {"table_name": "RunLog", "row_count": 0}.items() <= found["tables"].rows[-1].items()
    assert found["schema"].rows[0]["scripts"] == 5


def test_the_report_is_printed(tmp_path):
    url = f"duckdb:///{tmp_path / 'a.duckdb'}"
    for words in (("init",), ("doctor", "--server")):
        done = CliRunner().invoke(main, ["--store", url, *words], catch_exceptions=False)
        assert done.exit_code == 0
    for name in ("RunLog", "FactHealthDaily"):
        assert (name in done.stdout) == (name == "RunLog"), "tables, and no views"
    assert CliRunner().invoke(main, ["--store", f"{url}.none", "doctor", "--server"]).exit_code == 2


@pytest.mark.parametrize("name", DIALECTS)
def test_names_of_sections_are_unique(name):
    queries = server_report.list_section_queries(DIALECTS[name])
    assert len({query.name for query in queries}) == len(queries) > 3


def test_the_advice_is_that_of_the_script():
    (script,) = procedures.render_manual_scripts(MSSQL)["000_database.sql"]
    queries = {query.name: query.sql for query in server_report.list_section_queries(MSSQL) if query.kind == "advice"}
    assert "\n".join(procedures.render_database_settings(MSSQL)) in queries["database_settings"]
    assert set(re.findall(r"ALTER DATABASE [^']*", queries["database_settings"])) == set(
        re.findall(r"ALTER DATABASE [^']*", script)
    )


@pytest.mark.skipif(bool(scriptdom.MISSING), reason=f"{scriptdom.MISSING}: run tests/sql/fetch_scriptdom.sh")
def test_queries_parse_and_name_the_permission_that_their_views_need(tmp_path):
    queries = server_report.list_section_queries(MSSQL)
    found = scriptdom.parse({query.name: query.sql for query in queries}, tmp_path)
    assert {name: parsed.errors for name, parsed in found.items() if parsed.errors} == {}
    for query in queries:
        views = {name for _, name, _ in found[query.name].tables}
        assert (query.needs == "VIEW SERVER STATE") == bool(views & SERVER_VIEWS), query.name
