"""An engine that speaks T-SQL to nobody: it keeps every statement and answers as an amenable server would."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from acm_etl import engine as port
from acm_etl import tables
from acm_etl.dialects import MSSQL

_TYPES = {"n": pl.Int64(), **{column.name: column.polars_type for table in tables.ALL for column in table.columns}}


@dataclass
class Recorder:
    """Statements in order, and canned answers: ``answers`` maps a piece of SQL to the frame it returns."""

    answers: dict[str, pl.DataFrame] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    present: dict[str, dict[str, str]] = field(default_factory=dict)

    dialect = MSSQL
    url = "mssql://nowhere"

    def query(self, sql, params=()):
        self._keep(sql, params)
        for piece, answer in self.answers.items():
            if piece in sql:
                return answer
        if "$action" in sql:
            return pl.DataFrame({"action": ["INSERT"], "changed": [1]})
        return _empty(sql)

    def execute(self, sql, params=()):
        self._keep(sql, params)
        return 1

    def execute_batch(self, statements):
        results = []
        for statement in statements:
            self._keep(statement.sql, statement.span or ())
            counts = {"INSERT": 1} if "$action" in statement.sql else {}
            results.append(port.StatementResult(1, 0.0, counts))
        return results

    def stream_rows(self, sql, params=(), *, chunk_size=100_000):
        del chunk_size
        yield self.query(sql, params)

    def stage_frame(self, table, frame):
        assert list(frame.columns) == list(table.polars_schema)
        return MSSQL.quote(f"##acm_token_{table.name}")

    def stage_frames(self, frames, *, has_lookups=True):
        del has_lookups
        return [port.StagedFrame(self.stage_frame(table, frame), 0.0) for table, frame in frames]

    def clear_staging(self):
        pass

    @contextmanager
    def transaction(self):
        yield

    @contextmanager
    def acquire_lock(self, machine):
        del machine
        yield

    def is_locked(self, name):
        del name
        return False

    def reserve_memory(self, column_count):
        del column_count

    def checkpoint_wal(self):
        pass

    def get_column_types(self, table):
        return self.present.get(table, {})

    def get_table_names(self):
        return list(self.present)

    def get_relation_names(self):
        return list(self.present)

    def _keep(self, sql, params):
        marks = iter(range(1, 10_000))
        parts = re.split(r"('(?:[^']|'')*'|\[(?:[^\]]|\]\])*\])", sql)  # literals and names stay as they are
        bound = [part if i % 2 else re.sub(r"\?", lambda _: f"@p{next(marks)}", part) for i, part in enumerate(parts)]
        count = sum(part.count("?") for part in parts[::2])
        assert count == len(params), f"{count} placeholders, {len(params)} values: {sql}"
        self.statements.append("".join(bound))


def _empty(sql: str) -> pl.DataFrame:
    """No rows with the columns of the first SELECT; one row for an aggregate called ``n``."""
    if "AS name, COUNT(" in sql:
        names = re.findall(r"^SELECT '(\w+)'", sql, re.MULTILINE)
        return pl.DataFrame({"name": names, "n": [0, 1] * (len(names) // 2) + [0] * (len(names) % 2)})
    if "AS first" in sql:
        return pl.DataFrame({"n": [1], "first": [datetime(2024, 1, 1)], "last": [datetime(2024, 1, 2)]})
    if re.search(r"AS n\b", sql) and "GROUP BY" not in sql:
        return pl.DataFrame({"n": [0]})
    selected = sql.partition("SELECT")[2].partition("\nFROM")[0].partition(" FROM ")[0]
    names = [re.findall(r"\w+", column)[-1] for column in selected.split(",") if re.search(r"\w", column)]
    return pl.DataFrame(schema={name: _TYPES.get(name, pl.String()) for name in dict.fromkeys(names)})
