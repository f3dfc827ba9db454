"""The import rule of the house: who may import whom, and who may name a driver."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "acm_etl"

BASE = {"trace", "errors", "schema", "tables", "config", "wording", "engine", "windows", "progress"}
LAYERS = {"io", "score", "load"}
MAY_IMPORT = {
    "errors": set(),
    "schema": set(),
    "windows": set(),
    "progress": set(),
    "report": set(),
    "tables": {"schema"},
    "config": {"errors"},
    "wording": {"config"},
    "engine": {"schema", "errors"},
    "simulate": {"errors"},
    # the three siblings never import one another
    "io": BASE,
    "score": BASE - {"engine"},
    "load": BASE,
    # one machine
    "breaker": set(),
    "trace": set(),
    "logs": {"trace"},
    "feed": BASE | {"breaker"},
    "stamp": BASE,
    "job": BASE | {"io", "load", "breaker"},
    "retries": BASE | {"job"},
    "agreement": BASE | {"job", "load"},
    "results": BASE | {"score", "load", "stamp"},
    "training": BASE | LAYERS | {"job", "results", "stamp"},
    "refit": BASE | LAYERS | {"job", "results", "stamp", "training"},
    "groups": BASE | LAYERS | {"job", "results", "retries", "stamp", "training"},
    "ahead": BASE | LAYERS | {"job", "groups", "training"},
    "runner": BASE | LAYERS | {"agreement", "job", "ahead", "groups", "refit", "retries", "training", "report"},
    # around it
    "ingest": BASE | {"io", "load", "results", "report"},
    "demo": BASE | {"io", "load", "ingest", "simulate", "report"},
    # many
    "task": BASE | {"io", "job", "retries", "runner", "report"},
    "workers": BASE | {"task", "report"},
    "cluster": BASE | {"task", "report"},
    "fleet": BASE | {"io", "load", "job", "task", "workers", "cluster", "report", "feed", "demo"},
    "survey": BASE | {"io", "load", "feed"},
    "verify": BASE | LAYERS | {"agreement", "job", "groups", "training"},
    "export": BASE | {"load"},
    "summary": set(),
    "maintain": BASE | {"io", "load"},
    "monitor": BASE | {"io", "load", "feed"},
    "handover": BASE | {"io", "load"},
    "doctor": BASE | {"io", "load", "feed"},
    "console": BASE | {"report"},
    "pages": BASE | {"io", "load"},
    "screen": BASE,
    "cli": BASE
    | LAYERS
    | {
        "console",
        "demo",
        "logs",
        "doctor",
        "export",
        "fleet",
        "handover",
        "ingest",
        "job",
        "maintain",
        "summary",
        "survey",
        "verify",
        "monitor",
        "pages",
        "screen",
    },
    "__init__": {"fleet", "score"},
    "__main__": {"cli"},
}
ONLY_IN = {
    "duckdb": "io/duckdb.py",
    "mssql_python": "io/mssql",
    "mssql_py_core": "io/mssql",
    "pyodbc": "io/mssql",
    "arrow_odbc": "io/mssql",
    "bcpandas": "io/mssql",
    "cachetools": "io/mssql",
    "rich": ("console.py", "screen.py"),
    "distributed": "cluster.py",
    "dask": "cluster.py",
    "multiprocessing": ("workers.py", "io/remote.py"),
    "sklearn": "score/",
    "scipy": "score/",
    "numba": "score/compiled.py",
    "threadpoolctl": "score/threads.py",
    "click": "cli/",
    "jinja2": "pages/",
    "markupsafe": "pages/",
    "plotly": "pages/",
    "pydantic": "config.py",
    "pydantic_core": "config.py",
}


def files():
    return sorted(PACKAGE.rglob("*.py"))


def unit(path: Path) -> str:
    """The unit a file belongs to: its package under acm_etl, or its own name."""
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imported(path: Path) -> set[str]:
    """Dotted names of all imports, those in functions and behind TYPE_CHECKING included."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_follow_the_rule(path):
    own = unit(path)
    assert own in MAY_IMPORT, f"{own} is not in the import rule: add it deliberately"
    inside = {name.split(".")[1] for name in imported(path) if name.startswith("acm_etl.")}
    foreign = inside - {own} - MAY_IMPORT[own]
    assert not foreign, f"{own} must not import {sorted(foreign)}"


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_where_they_belong(path):
    relative = path.relative_to(PACKAGE).as_posix()
    for name in imported(path):
        home = ONLY_IN.get(name.split(".")[0])
        assert home is None or relative.startswith(home), f"{relative} must not import {name}"


def test_no_broad_handlers():
    for path in files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
                    continue  # cleans up and lets the error go on: nothing is swallowed
                names = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"bare"}
                assert not names & {"bare", "Exception", "BaseException"}, f"{path}:{node.lineno}"


def test_files_and_functions_stay_small():
    for path in files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lines = path.read_text(encoding="utf-8").count("\n")
        assert lines <= 400, f"{path} has {lines} lines"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                body = [n for n in node.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
                length = (node.end_lineno - body[0].lineno + 1) if body else 0
                assert length <= 60, f"{path}:{node.lineno} {node.name} has {length} lines"
