"""A TDS server that throws away what it is sent: what remains of a bulk load is the client's work.

    python bench/sink.py      prints its URL and serves until its input ends

It runs in a process of its own: pyodbc keeps the interpreter's lock while it waits.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from mssql import server
from mssql.standin import StandIn
from mssql.tds import Col, Rows, done

COLUMNS = [Col("RunID", "uniqueidentifier"), Col("EquipID", "int"), Col("Timestamp", "datetime2(3)")]
COLUMNS += [Col(f"v{i}", "float") for i in range(10)]
ROWS = {"expected": 0}


def answer(session: server.Session, sql: str, _params: tuple[Any, ...]) -> server.Answer:
    """What a loader has to hear."""
    if expected := re.search(r"expect (\d+)", sql):
        ROWS["expected"] = int(expected[1])
    if sql in ("BEGIN TRANSACTION", "COMMIT", "ROLLBACK"):  # a driver believes in a transaction that has a number
        session.transaction = int(sql.startswith("BEGIN"))
        return None
    if "SCHEMA_NAME() AS home" in sql:
        return StandIn._settle(None, session)  # type: ignore[arg-type]  # noqa: SLF001 - it needs nothing of it
    if "INFORMATION_SCHEMA.TABLES" in sql:
        return Rows([Col("name", "nvarchar(128)")], [])
    if "COUNT_BIG" in sql:
        return Rows([Col("n", "bigint")], [(ROWS["expected"],)])
    if "MERGE INTO @kept" in sql:
        return Rows([Col("action", "nvarchar(10)")], [("INSERT",)])
    return 1 if sql.startswith("INSERT") else None


class _Swallowing(server._Connection):  # noqa: SLF001 - the tests' server, but for what it does with rows
    def _bulk(self, data: bytes) -> bytes:
        del data
        return done(count=ROWS["expected"])


def main() -> None:
    """Serve."""
    server._Connection = _Swallowing  # type: ignore[misc]  # noqa: SLF001
    served = server.Server(answer, describe=lambda _: COLUMNS)
    print(served.url(), flush=True)
    sys.stdin.read()
    served.close()


if __name__ == "__main__":
    main()
