"""A second, independent parser: sqlfluff's T-SQL dialect. One error makes the rest of a file unreadable to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

# Seconds to minutes each: `make test-all` runs them.
pytestmark = pytest.mark.slow

SQL = Path(__file__).parents[2] / "sql" / "mssql"
UNKNOWN = re.compile(r"^ALTER TABLE \S+ SET \(LOCK_ESCALATION = DISABLE\)$", re.MULTILINE)
"""What sqlfluff 4.5 does not know; Microsoft's parser does."""
# Scripts with the same batches for every table, and how many say as much as all: the parser takes seconds for each.
ALIKE = {"001_quarantine": 6, "004_summaries": 25}


@pytest.fixture(scope="module")
def parse():
    sqlfluff = pytest.importorskip("sqlfluff.core")
    linter = sqlfluff.Linter(config=sqlfluff.FluffConfig(overrides={"dialect": "tsql"}))
    return lambda text: [str(violation) for violation in linter.parse_string(text).violations]


@pytest.mark.parametrize("path", sorted(SQL.rglob("*.sql")), ids=lambda path: path.stem)
def test_scripts_parse(parse, path):
    batches = path.read_text(encoding="utf-8").split("GO\n")[: ALIKE.get(path.stem)]
    # Texts of tables and columns, in the same statement for all of them: of more than half of all bytes, the first.
    texts = [batch for batch in batches if "@docs" in batch]
    chosen = [batch for batch in batches if batch not in texts[1:]]
    assert parse(UNKNOWN.sub("SELECT 1", "GO\n".join(chosen))) == []


def test_a_planted_error_is_found(parse):
    assert parse("CREATE TABLE x (a INT NOT NULL b INT)")
