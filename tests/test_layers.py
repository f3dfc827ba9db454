"""The import rule of the house: who may import whom, and who may name a driver."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from package_modules import PACKAGE, parse_modules

# Rooms, lowest first: a room imports itself and the rooms of lower levels, never one beside or above it.
LEVELS = (
    {"counts", "host", "words"},
    {"errors", "schema", "windows", "local_time", "progress", "results", "log_context"} | {"plain_values", "redaction"},
    {"setting_sources", "dialects", "output_files", "tracing"},
    {"setting_models"},
    {"config", "engine", "tables", "simulate", "logs", "source_spec"},
    {"formatting"},
    {"io", "score", "load"},
    {"run", "legacy_v8"},
    {"status", "admin"},
    {"report", "fleet", "notify"},
    {"cli"},
    {"__init__", "__main__"},
)
# Rooms that must do without a lower one: scoring is frames in, frames out.
FORBIDDEN = {"score": {"dialects", "engine", "progress", "results", "windows"}}
ONLY_IN = {
    "duckdb": ("io/duckdb/",),
    "mssql_python": ("io/mssql/",),
    "mssql_py_core": ("io/mssql/",),
    "pyodbc": ("io/mssql/",),
    "arrow_odbc": ("io/mssql/",),
    "bcpandas": ("io/mssql/",),
    "cachetools": ("io/mssql/",),
    "rich": ("cli/render/",),
    "click": ("cli/",),
    "distributed": ("fleet/",),
    "dask": ("fleet/",),
    "multiprocessing": ("fleet/", "io/store_server"),
    "numba": ("score/kernels_numba.py",),
    "threadpoolctl": ("score/blas_threads.py",),
    "jinja2": ("report/",),
    "markupsafe": ("report/",),
    "fastexcel": ("io/files/layout/workbook.py",),
    "pydantic": ("config.py", "setting_models.py", "io/files/plan.py"),
    "apprise": ("notify/targets.py",),
    "opentelemetry": ("tracing.py", "status/otlp_metrics.py"),
    "pydantic_core": ("config.py",),
    "tomli_w": ("io/files/plan.py",),
}


def unit(path: Path) -> str:
    """The unit a file belongs to: its package under acm_etl, or its own name."""
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


@cache
def imported(path: Path) -> set[str]:
    """Dotted names of all imports, those in functions and behind TYPE_CHECKING included."""
    names = set()
    for node in ast.walk(parse_modules()[path]):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_rooms_import_lower_rooms_only():
    level = {room: number for number, rooms in enumerate(LEVELS) for room in rooms}
    for path in parse_modules():
        own = unit(path)
        assert own in level, f"{own} is not in the import rule: add it deliberately"
        for room in {name.split(".")[1] for name in imported(path) if name.startswith("acm_etl.")} - {own}:
            assert level[room] < level[own], f"{path}: {own} must not import {room}"
            assert room not in FORBIDDEN.get(own, ()), f"{path}: {own} must not import {room}"


def test_libraries_stay_where_they_belong():
    for path in parse_modules():
        relative = path.relative_to(PACKAGE).as_posix()
        for name in imported(path):
            home = ONLY_IN.get(name.split(".")[0])
            assert home is None or relative.startswith(home), f"{relative} must not import {name}"


def test_no_broad_handlers():
    for path, tree in parse_modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
                    continue  # cleans up and lets the error go on: nothing is swallowed
                names = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"bare"}
                assert not names & {"bare", "Exception", "BaseException"}, f"{path}:{node.lineno}"


def test_files_of_tests_stay_small():
    for path in Path(__file__).parent.rglob("*.py"):
        assert path.read_text(encoding="utf-8").count("\n") <= 400, path


def test_files_and_functions_stay_small():
    for path, tree in parse_modules().items():
        lines = path.read_text(encoding="utf-8").count("\n")
        assert lines <= 400, f"{path} has {lines} lines"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                body = [n for n in node.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
                length = (node.end_lineno - body[0].lineno + 1) if body else 0
                assert length <= 60, f"{path}:{node.lineno} {node.name} has {length} lines"
