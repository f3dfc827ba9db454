"""The report about the server, on a real one: every query runs there, and nothing is written."""

from __future__ import annotations

import stores

from acm_etl.status import server_report

(SERVER_ONLY,) = stores.SERVER.marks


@SERVER_ONLY
def test_every_section_is_read():
    engine = stores.sql_server()
    report = server_report.build_server_report(engine)
    engine.close()
    assert [(section.name, section.problem) for section in report.sections if section.problem] == []
    sections = {section.name: section.rows for section in report.sections}
    assert [row for row in sections["session_options"] if row["value"] != row["required"]] == []
    assert {row["table_name"] for row in sections["tables"]} >= {"dbo.RunLog", "dbo.ACM_Scores_Wide"}
    assert len(sections["sessions"]) >= 1
