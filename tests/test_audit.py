"""``docs/audit.md`` answers every point of the audit, and every test that it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TEXT = (TESTS.parent / "docs" / "audit.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)
# A judgement that asks for nothing.
WITHOUT = {97}


@cache
def defined(file):
    """Test functions that pytest collects from a file."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_point_is_answered_once_and_in_order():
    assert [int(row[0]) for row in ROWS] == list(range(1, 101))


@pytest.mark.parametrize(("number", "tests"), [(int(row[0]), row[4]) for row in ROWS])
def test_the_tests_that_are_named_exist(number, tests):
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", tests)
    assert named or number in WITHOUT
    for file, name in named:
        assert Path(file).name.startswith("test_"), file
        assert name in defined(file), f"{number}: {file} has no {name}"
