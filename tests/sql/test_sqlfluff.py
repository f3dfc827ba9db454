"""A second, independent parser: sqlfluff's T-SQL dialect. One error makes the rest of a file unreadable to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

#: Seconds to minutes each: `make test-all` runs them.
pytestmark = pytest.mark.slow

sqlfluff = pytest.importorskip("sqlfluff.core")
SQL = Path(__file__).parents[2] / "sql" / "mssql"
UNKNOWN = re.compile(r"^ALTER TABLE \S+ SET \(LOCK_ESCALATION = DISABLE\)$", re.MULTILINE)
"""What sqlfluff 4.5 does not know; Microsoft's parser does."""


@pytest.fixture(scope="module")
def parse():
    linter = sqlfluff.Linter(config=sqlfluff.FluffConfig(overrides={"dialect": "tsql"}))
    return lambda text: [str(violation) for violation in linter.parse_string(text).violations]


@pytest.mark.parametrize("path", sorted(SQL.rglob("*.sql")), ids=lambda path: path.stem)
def test_scripts_parse(parse, path):
    text = path.read_text(encoding="utf-8")
    if path.stem == "001_quarantine":  # the same batch for every table: three of them say as much, and six seconds less
        text = "GO\n".join(text.split("GO\n")[:6])
    assert parse(UNKNOWN.sub("SELECT 1", text)) == []


def test_a_planted_error_is_found(parse):
    assert parse("CREATE TABLE x (a INT NOT NULL b INT)")
