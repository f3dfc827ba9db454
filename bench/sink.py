"""A TDS server that discards the rows of bulk loads, so that only the work of the client is measured.

    python bench/sink.py      prints its URL and serves until its standard input ends

It runs in a process of its own, because pyodbc holds the interpreter lock while it waits.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from mssql import server
from mssql.standin import StandIn
from mssql.tds import Col, Rows, done

COLUMNS = [Col("RunID", "uniqueidentifier"), Col("EquipID", "int"), Col("Timestamp", "datetime2(3)")]
COLUMNS += [Col(f"v{i}", "float") for i in range(10)]
ROWS = {"expected": 0}


def answer(session: server.Session, sql: str, _params: tuple[Any, ...]) -> server.Answer:
    """Answer the statements that a loader sends."""
    if expected := re.search(r"expect (\d+)", sql):
        ROWS["expected"] = int(expected[1])
    if sql in ("BEGIN TRANSACTION", "COMMIT", "ROLLBACK"):  # drivers expect the number of an open transaction
        session.transaction = int(sql.startswith("BEGIN"))
        return None
    if "SCHEMA_NAME() AS home" in sql:
        keeper: Any = SimpleNamespace(contexts={})
        return StandIn._settle(keeper, session, sql, None)  # noqa: SLF001
    if "INFORMATION_SCHEMA.TABLES" in sql:
        return Rows([Col("name", "nvarchar(128)")], [])
    if "COUNT_BIG" in sql:
        return Rows([Col("n", "bigint")], [(ROWS["expected"],)])
    if "MERGE INTO @kept" in sql:
        return Rows([Col("action", "nvarchar(10)")], [("INSERT",)])
    return 1 if sql.startswith("INSERT") else None


class _DiscardingConnection(server._Connection):  # noqa: SLF001 - the server of the tests
    def _bulk(self, data: bytes) -> bytes:
        del data
        return done(count=ROWS["expected"])


def main() -> None:
    """Serve until standard input ends."""
    server._Connection = _DiscardingConnection  # type: ignore[misc]  # noqa: SLF001
    discarding = server.Server(answer, describe=lambda _: COLUMNS)
    print(discarding.url(), flush=True)
    sys.stdin.read()
    discarding.close()


if __name__ == "__main__":
    main()
