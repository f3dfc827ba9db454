"""Nothing that is sent depends on the collation of the server, the database or tempdb, or on inherited SET options."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from acm_etl.dialects import MSSQL
from acm_etl.dialects.mssql import SESSION_OPTIONS
from acm_etl.legacy_v8.scripts import render_all_scripts
from acm_etl.load.schema import admin_scripts
from acm_etl.status import server_report
from sql.flows import FLOWS

SQL = Path(__file__).parents[2] / "sql" / "mssql"
# Literals and comments, or a name: bracketed, a variable, or a word.
TOKEN = re.compile(r"N?'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|(\[(?:[^\]]|\]\])*\]|@*#*\w+)", re.DOTALL)
# Two names of two things in one statement, each with one spelling: columns of the catalogue or of a derived table.
HOMONYMS = {"name", "severity", "action", "m", "day", "object_id"}


def _scripts():
    texts = {path.relative_to(SQL).as_posix(): path.read_text(encoding="utf-8") for path in SQL.rglob("*.sql")}
    return texts | {
        "install.sql": admin_scripts.render_install_script(MSSQL),
        "uninstall.sql": admin_scripts.render_uninstall_script(MSSQL),
    }


def _texts():
    flows = {name: "\nGO\n".join(dict.fromkeys(flow().statements)) for name, flow in FLOWS.items()}
    report = "\nGO\n".join(query.sql for query in server_report.list_section_queries(MSSQL))
    return _scripts() | flows | {"report.sql": report}


def find_mixed_case(text):
    """Return the spellings of each name that a batch writes in two ways; words in capitals are keywords."""
    found = []
    for batch in re.split(r"^GO$", text, flags=re.MULTILINE):
        spellings = defaultdict(set)
        for match in TOKEN.finditer(batch):
            word = match[1] or ""
            if word.startswith(("[", "@", "#")) or not word.isupper():
                spellings[word.strip("[]").casefold()].add(word.strip("[]"))
        found += [sorted(words) for word, words in spellings.items() if len(words) > 1 and word not in HOMONYMS]
    return found


@pytest.fixture(scope="module")
def texts():
    return _texts()


def test_each_name_has_one_spelling(texts):
    assert {name: mixed for name, text in texts.items() if (mixed := find_mixed_case(text))} == {}


def test_sysname_is_in_small_letters(texts):
    # Other spellings are no type in a case-sensitive database.
    # https://learn.microsoft.com/sql/relational-databases/collations/collation-and-unicode-support
    spellings = {word for text in texts.values() for word in re.findall(r"\bsysname\b", text, re.IGNORECASE)}
    assert spellings == {"sysname"}


def test_temporary_tables_have_no_text_of_the_collation_of_tempdb(texts):
    for name, text in texts.items():
        for body in re.findall(r"CREATE TABLE \[?#[^(]*\((.*?)\n?\);", text, re.DOTALL):
            lines = re.findall(r"[^\n,]*\b(?:N?VARCHAR|N?CHAR|sysname)\b[^\n,]*", body)
            assert [line for line in lines if "COLLATE" not in line] == [], name


def test_scripts_set_the_options_that_computed_columns_need():
    options = set(re.findall(r"[A-Z]+_[A-Z_]+|ARITHABORT", SESSION_OPTIONS))
    for name, text in _scripts().items():
        # It changes settings of the database, and no table.
        if name == "000_database.sql":
            continue
        first = text.partition("\nGO\n")[0]
        assert options <= set(re.findall(r"[A-Z]+_[A-Z_]+|ARITHABORT", first)), name
        assert not re.search(r"SET (?:QUOTED_IDENTIFIER|ANSI_\w+|ARITHABORT) OFF", text), name


def test_planted_faults_are_found():
    mixed = "SELECT [EquipID] FROM t WHERE EquipId = @now AND @NOW > 1"
    assert find_mixed_case(mixed) == [["EquipID", "EquipId"], ["@NOW", "@now"]]
    assert find_mixed_case("SELECT DATE, 'Date', [Date] -- date\nFROM t") == []
    assert render_all_scripts(MSSQL).keys() <= _texts().keys()
