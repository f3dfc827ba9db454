"""A stand-in for SQL Server behind the scripted TDS server: it keeps rows in DuckDB and knows the T-SQL we write.

What it shows is what crosses the wire and that nothing is lost or doubled by it; of SQL Server's own locks, plans and
checks it knows nothing. Statements it has not met are an error, so that none goes unseen.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from templates import copy_template

from acm_etl.dialects import MSSQL
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.io.mssql.statements import build_create_table
from acm_etl.load.schema import ddl, migrate
from acm_etl.tables.reference import SCHEMA_VERSION
from acm_etl.tables.shared_staging import STAGED_ROWS
from mssql.server import Answer, Seen, Server, Session
from mssql.tds import Col, Failure, Rows
from mssql.translate import translate

_SENT = {
    "UUID": "uniqueidentifier",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "HUGEINT": "bigint",
    "DOUBLE": "float",
    "BOOLEAN": "bit",
    "TIMESTAMP_MS": "datetime2(3)",
    "TIMESTAMP": "datetime2(6)",
    "BLOB": "varbinary(max)",
}
_IGNORED = r"^(IF NOT EXISTS|CREATE) .*INDEX|sys\.|@docs|SET \(LOCK_ESCALATION|SCHEMA_ID"
Hook = Callable[[Session, str], None]


def _columns(description: Any) -> list[Col]:
    return [Col(name, _SENT.get(str(kind), "nvarchar(max)")) for name, kind, *_ in description]


class StandIn:
    """Rows of one database, served to real drivers.

    Attributes:
        server: Where it listens, and what it has seen.
        before: Called with session and statement before it is carried out: raise ``Failure`` or ``Dropped`` there.
        after: Called when it has been carried out, before the client gets the answer.
        denied: What the login may not do, as (verb, table).
        may_create: Whether the login may create tables in the schema stage.
        has_shared_procedure: Whether the procedure that empties the shared staging table is there.
        contexts: Last CONTEXT_INFO of each session.
    """

    def __init__(self, path: Path, *, upsert: str = "merge") -> None:
        self._own = duckdb.connect(path)
        self._cursors: dict[int, duckdb.DuckDBPyConnection] = {}
        self._locks: dict[str, int] = {}
        self._temporary: dict[str, int] = {}
        self._guard = threading.RLock()
        self._lock_freed = threading.Condition(self._guard)
        self._upsert = upsert
        self.before: Hook = lambda *_: None
        self.after: Hook = lambda *_: None
        self.denied: set[tuple[str, str]] = set()
        self.may_create = self.has_shared_procedure = True
        self.contexts: dict[int, str] = {}
        self.server = Server(
            self._answer, describe=lambda table: self.describe(_plain(table)), load=self._load, ended=self._ended
        )

    def close(self) -> None:
        self.server.close()
        with self._guard:
            self._own.close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What is stored, past the wire."""
        return self._own.cursor().execute(sql).fetchall()

    def staged(self) -> list[str]:
        """Names of the staging tables that exist."""
        sql = "SELECT table_name FROM duckdb_tables() WHERE regexp_matches(table_name, '^(##)?acm_') ORDER BY 1"
        return [name for (name,) in self.rows(sql)]

    def describe(self, table: str, session: Session | None = None) -> list[Col]:
        """The columns of a table, as this session sees them: its own transaction may have made it."""
        cursor = self._own.cursor() if session is None else self._cursor(session)
        known = cursor.execute(
            "SELECT column_name, data_type, is_nullable FROM duckdb_columns()"
            " WHERE table_name = ? ORDER BY column_index",
            [table],
        )
        return [Col(c, _SENT.get(kind, "nvarchar(max)"), null) for c, kind, null in known.fetchall()]

    def _cursor(self, session: Session) -> duckdb.DuckDBPyConnection:
        with self._guard:
            return self._cursors.setdefault(session.number, self._own.cursor())

    def _ended(self, session: Session) -> None:
        """What a server does when a session is gone: roll back, free its locks, drop its temporary tables."""
        with self._guard, suppress(duckdb.ConnectionException):  # closed before
            if cursor := self._cursors.pop(session.number, None):
                cursor.close()
            self._locks = {name: owner for name, owner in self._locks.items() if owner != session.number}
            self._lock_freed.notify_all()
            for name in [name for name, owner in self._temporary.items() if owner == session.number]:
                del self._temporary[name]
                self._own.cursor().execute(f'DROP TABLE IF EXISTS "{name}"')

    def _load(self, session: Session, table: str, names: list[str], rows: list[tuple[Any, ...]]) -> None:
        self.before(session, f"BULK {table}")
        columns = ", ".join(f'"{name}"' for name in names)
        arrived = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
        with self._guard, _failures():
            cursor = self._cursor(session).register("arrived", arrived)
            cursor.execute(f'INSERT INTO "{_plain(table)}" ({columns}) SELECT * FROM arrived')
            cursor.unregister("arrived")
        self.after(session, f"BULK {table}")

    def _answer(self, session: Session, sql: str, params: tuple[Any, ...]) -> Answer:
        self.before(session, sql)
        try:
            with self._guard:
                answer = self._carry_out(session, sql, params)
        except Failure:
            self._rolled_back(session)  # XACT_ABORT
            raise
        self.after(session, sql)
        return answer

    def _carry_out(self, session: Session, sql: str, params: tuple[Any, ...]) -> Answer:
        for pattern, act in self._acts.items():
            if re.search(pattern, sql):
                return act(self, session, sql, params)
        with _failures():
            return self._translated(session, sql, params)

    def _translated(self, session: Session, sql: str, params: tuple[Any, ...]) -> Answer:
        text = re.sub(r";\nCREATE UNIQUE CLUSTERED INDEX [^;]*", "", translate(sql))
        for name in re.findall(r'CREATE TABLE (?:IF NOT EXISTS )?"(##[^"]+)"', text):
            self._temporary[name] = session.number
        cursor = self._cursor(session).execute(text, list(params))
        if cursor.description and [d[0] for d in cursor.description] != ["Count"]:
            return Rows(_columns(cursor.description), cursor.fetchall())
        counted = cursor.fetchall()
        return int(counted[0][0]) if counted and not text.startswith(("CREATE", "DROP")) else None

    def _batch(self, session: Session, _sql: str, params: tuple[Any, ...]) -> Answer:
        """Run the statements of a batch; each is followed by a row with its row count and time."""
        answers: list[Answer] = []
        for first in range(0, len(params), 4):
            sql, *span = params[first : first + 4]
            if not sql:
                continue
            self.server.note(Seen(session.number, "inner", sql, tuple(span)))
            try:
                answer = self._answer(session, sql, tuple(span) if "@P" in sql else ())
            except Failure as failure:
                return [*answers, failure]
            answers += [part for part in (answer if isinstance(answer, list) else [answer]) if isinstance(part, Rows)]
            count = answer[0] if isinstance(answer, list) else answer
            answers.append(Rows([Col("row_count", "int"), Col("microseconds", "bigint")], [(count or 0, 1000)]))
        return answers

    def _rolled_back(self, session: Session) -> None:
        if session.transaction:
            session.transaction = 0
            with self._guard:
                self._cursor(session).execute("ROLLBACK")

    def _settle(self, session: Session, sql: str, _: Any) -> Answer:
        if context := re.search(r"SET CONTEXT_INFO 0x(\w+)", sql):
            self.contexts[session.number] = bytes.fromhex(context[1]).decode()
        named = Rows([Col("implicit", "int"), Col("home", "nvarchar(128)"), Col("number", "int")])
        named.rows.append((0, "dbo", session.number))
        return [None, named]

    def _begin(self, session: Session, sql: str, _: Any) -> Answer:
        before = 1 if session.transaction else 0
        self._cursor(session).execute("BEGIN TRANSACTION")
        session.transaction += 1000
        machines = re.findall(r"N'public', N'([^']*)'", sql)
        modes = ["Exclusive" if self._locks.get(name) == session.number else "NoLock" for name in machines]
        named = [
            Col("before", "int"),
            Col("depth", "int"),
            *(Col(f"mode{i}", "nvarchar(32)") for i in range(len(modes))),
        ]
        return Rows(named, [(before, before + 1, *modes)])

    def _commit(self, session: Session, *_: Any) -> Answer:
        session.transaction = 0
        with _failures():
            self._cursor(session).execute("COMMIT")
        return Rows([Col("depth", "int")], [(0,)])

    def _rollback(self, session: Session, *_: Any) -> Answer:
        self._rolled_back(session)
        return Rows([Col("depth", "int")], [(0,)])

    def _take(self, session: Session, sql: str, params: tuple[Any, ...]) -> Answer:
        # A client that reconnects may ask before the thread of its lost session has ended: it waits, as at a server.
        timeout = int(re.search(r"@LockTimeout = (\d+)", sql)[1]) / 1000
        self._lock_freed.wait_for(lambda: self._locks.get(params[0], session.number) == session.number, timeout)
        owner = self._locks.setdefault(params[0], session.number)
        return Rows([Col("result", "int")], [(0 if owner == session.number else -1,)])

    def _release(self, _session: Session, _sql: str, params: tuple[Any, ...]) -> Answer:
        self._locks.pop(params[0], None)
        self._lock_freed.notify_all()
        return None

    def _test_lock(self, session: Session, _sql: str, params: tuple[Any, ...]) -> Answer:
        owner = self._locks.get(params[0], session.number)
        return Rows([Col("is_free", "int")], [(int(owner == session.number),)])

    def _claim_slot(self, session: Session, *_: Any) -> Answer:
        number = next(i for i in range(1, 257) if f"acm_etl:stage:{i}" not in self._locks)
        self._locks[f"acm_etl:stage:{number}"] = session.number
        answer = (number, int(self.may_create), int(self.has_shared_procedure))
        return Rows([Col(name, "int") for name in ("slot", "may_alter", "has_shared")], [answer])

    def _context(self, session: Session, _sql: str, params: tuple[Any, ...]) -> Answer:
        self.contexts[session.number] = params[0]
        return None

    def _create_staging(self, session: Session, sql: str, _params: Any) -> Answer:
        """What the procedures that create, empty and drop staging tables do."""
        for call in sql.split(";\n"):
            name, *table = re.findall(r"@(?:Name|Table) = N'([^']*)'", call)
            cursor = self._cursor(session)
            if "Empty" in call:
                cursor.execute(f'DELETE FROM "{name}"')
                continue
            cursor.execute(f'DROP TABLE IF EXISTS "{name}"')
            if "CreateShared" in call:
                cursor.execute(translate(build_create_table(STAGED_ROWS, f"[{name}]", MSSQL, with_key_index=False)))
            if table:
                columns = ", ".join(f'"{col.name}"' for col in self.describe(table[0], session))
                cursor.execute(f'CREATE TABLE "{name}" AS SELECT {columns} FROM "{table[0]}" WHERE false')
        return None

    def _probe(self, _session: Session, sql: str, _: Any) -> Answer:
        output = "OUTPUT" in sql
        if self._upsert == "update-insert" or (output and self._upsert == "merge-counted"):
            raise Failure(102, "Incorrect syntax near 'OUTPUT'.")
        return Rows([Col("action", "nvarchar(10)")], [("INSERT",)]) if output else Rows([Col("n", "int")], [(1,)])

    def _permissions(self, _session: Session, sql: str, _: Any) -> Answer:
        verbs, names = re.findall(r"N'OBJECT', N'(\w+)'", sql), re.findall(r"\(N'(\w+)'\)", sql)
        columns = [Col("name", "nvarchar(128)"), *(Col(f"may_{verb}", "int") for verb in verbs)]
        return Rows(columns, [(name, *(int((verb, name) not in self.denied) for verb in verbs)) for name in names])

    def _may_stage(self, *_: Any) -> Answer:
        """Permissions in the schema ``stage``: with DDL rights, or with those of the procedures."""
        names = ("may_alter", "may_create", "may_insert", "may_call")
        return Rows([Col(name, "int") for name in names], [(int(self.may_create),) * 2 + (1, 1)])

    def _merge(self, session: Session, sql: str, params: tuple[Any, ...]) -> Answer:
        if "OUTPUT" in sql and self._upsert != "merge":
            raise Failure(102, "Incorrect syntax near 'OUTPUT'.")
        merge = translate(re.search(r"MERGE INTO.*?(?=\nOUTPUT|\n;)", sql, re.DOTALL)[0])
        with _failures():
            done = self._cursor(session).execute(f"{merge} RETURNING merge_action", list(params)).fetchall()
        words = [word for (word,) in done]
        counts = [(word, words.count(word)) for word in sorted(set(words))]
        return [len(words), Rows([Col("action", "nvarchar(10)"), Col("changed", "bigint")], counts)]

    def _tables(self, _session: Session, sql: str, _: Any) -> Answer:
        staged = "LIKE 'acm~_%' ESCAPE '~'" if "N'stage'" in sql else "NOT LIKE 'acm~_%' ESCAPE '~'"
        where = f"table_name {staged} AND table_name NOT LIKE '##%'"
        relations = "information_schema.tables" if "'V'" in sql else "duckdb_tables()"
        found = self._own.cursor().execute(f"SELECT table_name FROM {relations} WHERE {where} ORDER BY 1").fetchall()
        return Rows([Col("name", "nvarchar(128)")], found)

    def _home(self, *_: Any) -> Answer:
        return Rows([Col("", "nvarchar(128)")], [("dbo",)])

    def _ordinals(self, _session: Session, sql: str, _: Any) -> Answer:
        """What bcpandas asks about the table it fills."""
        table = re.findall(r"TABLE_NAME = '([^']*)'", sql)[0]
        rows = [(col.name, i) for i, col in enumerate(self.describe(table), 1)]
        return Rows([Col("COLUMN_NAME", "nvarchar(128)"), Col("ORDINAL_POSITION", "int")], rows)

    def _catalogue(self, session: Session, _sql: str, params: tuple[Any, ...]) -> Answer:
        rows = [(col.name, col.base) for col in self.describe(params[0], session)]
        return Rows([Col("name", "nvarchar(128)"), Col("type", "nvarchar(128)")], rows)

    def _columns_by_name(self, session: Session, _sql: str, params: tuple[Any, ...]) -> Answer:
        """Tables that have columns of the given names, and the types of these."""
        sql = "SELECT table_name, column_name FROM duckdb_columns() WHERE list_contains(?, column_name)"
        found = self._own.cursor().execute(sql, [list(params)]).fetchall()
        rows = [
            (table, name, next(col.base for col in self.describe(table, session) if col.name == name))
            for table, name in found
        ]
        return Rows([Col(name, "nvarchar(128)") for name in ("table_name", "column_name", "data_type")], rows)

    def _nested(self, session: Session, sql: str, _params: Any) -> Answer:
        """Run the statements of a message that holds many, each as the argument of EXEC."""
        for text in re.findall(r"(?s)EXEC \(N'((?:[^']|'')*)'\)", sql):
            self._carry_out(session, text.replace("''", "'"), ())
        return None

    def _column_names(self, _session: Session, _sql: str, params: tuple[Any, ...]) -> Answer:
        """The columns of the given tables."""
        sql = "SELECT table_name, column_name FROM duckdb_columns() WHERE list_contains(?, table_name)"
        found = self._own.cursor().execute(sql, [list(params)]).fetchall()
        return Rows([Col(name, "nvarchar(128)") for name in ("table_name", "column_name")], found)

    def _nothing(self, *_: Any) -> Answer:
        return None

    _acts: dict[str, Callable[..., Answer]] = {  # noqa: RUF012 - never changed
        r"^LOGIN$": _nothing,
        r"^EXEC \(N'": _nested,
        r"EXEC sys\.sp_executesql @P1,": _batch,
        r"SCHEMA_NAME\(\) AS home": _settle,
        r"^SELECT schema_name\(\)$": _home,
        r"COLUMN_NAME, ORDINAL_POSITION": _ordinals,
        r"\bBEGIN TRANSACTION": _begin,
        r"^COMMIT": _commit,
        r"ROLLBACK TRANSACTION|^ROLLBACK": _rollback,
        r"acm_etl:stage:": _claim_slot,
        r"SET CONTEXT_INFO": _context,
        r"AS may_call$": _may_stage,
        r"usp_ACM_(Create|CreateShared|Empty|Drop)StagingTable": _create_staging,
        r"sp_getapplock": _take,
        r"APPLOCK_TEST": _test_lock,
        r"sp_releaseapplock": _release,
        r"HAS_PERMS_BY_NAME": _permissions,
        r"MERGE INTO @kept": _probe,
        r"MERGE INTO": _merge,
        r"INFORMATION_SCHEMA\.TABLES|FROM sys\.objects": _tables,
        r"AS data_type\nFROM INFORMATION_SCHEMA\.COLUMNS": _columns_by_name,
        r"AS column_name\nFROM INFORMATION_SCHEMA\.COLUMNS": _column_names,
        r"INFORMATION_SCHEMA\.COLUMNS": _catalogue,
        r"(?i)^\s*INSERT BULK": _nothing,
        _IGNORED: _nothing,
    }


class _failures:  # noqa: N801 - reads as the word it is
    """DuckDB's errors by SQL Server's numbers."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, duckdb.TransactionException):
            raise Failure(1205, str(error), 13) from error
        if isinstance(error, duckdb.ConstraintException):
            number = 515 if "NOT NULL" in str(error) else 547 if "CHECK" in str(error) else 2627
            raise Failure(number, str(error), 14) from error
        if isinstance(error, duckdb.Error):
            raise Failure(208 if "does not exist" in str(error) else 102, str(error), 15) from error


def _plain(table: str) -> str:
    """The name of a table without brackets and schema."""
    return re.findall(r"\[((?:[^\]]|\]\])*)\]", table)[-1].replace("]]", "]")


def prepared(path: Path) -> Path:
    """An initialised database."""
    return copy_template(("server",), path, _prepare)


def _prepare(path: Path) -> None:
    engine = DuckDB(f"duckdb:///{path}")
    migrate.init_schema(engine)
    engine.close()
    says_it_is_sql_server(path)


def says_it_is_sql_server(path: Path) -> None:
    """A store that DuckDB's scripts made says that it was made by SQL Server's."""
    engine = DuckDB(f"duckdb:///{path}")
    engine.execute(f'DELETE FROM "{SCHEMA_VERSION.name}"')
    for name, statements in ddl.build_script_statements(MSSQL).items():
        engine.execute(
            f'INSERT INTO "{SCHEMA_VERSION.name}" ("Version", "Name", "Hash", "AppliedAt") VALUES (?, ?, ?, now())',
            [ddl.CURRENT_SCHEMA_VERSION, name, ddl.hash_statements(statements)],
        )
    engine.close()
