"""The modules of the package, read and parsed once for all tests of its structure."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "acm_etl"


@cache
def parse_modules() -> dict[Path, ast.Module]:
    """The syntax tree of each module, by its path."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
