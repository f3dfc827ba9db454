"""The wheel: it has all files that commands need, and works with the dependencies of the base install alone."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT_FILES = {path.relative_to(ROOT).as_posix() for path in (ROOT / "acm_etl").rglob("*") if path.is_file()}
# Distributions that only an extra installs, and the modules that a base install must do without.
MODULES_OF_EXTRAS = {
    "numba": ("numba", "llvmlite"),
    "mssql-python": ("mssql_python", "mssql_py_core"),
    "pyodbc": ("pyodbc",),
    "arrow-odbc": ("arrow_odbc",),
    "cachetools": ("cachetools",),
    "distributed": ("distributed", "dask"),
    "apprise": ("apprise",),
    "bcpandas": ("bcpandas", "pandas"),
}
# Of the development environment only: a base install has none of them.
DEVELOPMENT_MODULES = ("scipy", "sklearn", "yaml", "jsonschema")
HIDE_EXTRAS = """
import sys
from importlib.machinery import PathFinder

class BaseFinder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.split(".")[0] in {names!r} else super().find_spec(name, path, target)

sys.meta_path[:] = [BaseFinder if finder is PathFinder else finder for finder in sys.meta_path]
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # Without build isolation: the build backend is part of the development environment, and no network is needed.
    command = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([sys.executable, "-m", *command], check=True, timeout=300)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return a function that runs ``acm-etl`` from the wheel in an empty folder, without the libraries of any extra."""
    site, folder = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("work")
    zipfile.ZipFile(wheel).extractall(site)
    names = {*DEVELOPMENT_MODULES, *(name for modules in MODULES_OF_EXTRAS.values() for name in modules)}
    (site / "sitecustomize.py").write_text(HIDE_EXTRAS.format(names=names), encoding="utf-8")

    def run(*words, code=0):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ACM_")}
        environment["PYTHONPATH"] = str(site)
        command = [sys.executable, "-P", "-m", "acm_etl", *words]
        result = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert result.returncode == code, result.stderr
        return result

    run.folder = folder
    return run


@pytest.mark.slow
def test_wheel_has_every_file_of_the_package(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in PROJECT_FILES if "__pycache__" not in name} <= names


@pytest.mark.slow
def test_first_commands_work_without_any_extra(installed):
    assert installed("--version").stdout.split()[-1] == importlib.metadata.version("acm_etl")
    installed("init")
    installed("simulate", "--equip", "FAN_1", "--days", "110")
    installed("backfill", "--equip", "FAN_1")
    installed("report", "FAN_1")
    page = (installed.folder / "FAN_1.html").read_text(encoding="utf-8")
    # The library of the charts is in the page: it opens on a computer without network.
    assert len(page) > 400_000
    checks = json.loads(installed("doctor", "--json").stdout)["checks"]
    assert {check["check"]: check["level"] for check in checks}["kernels"] == "ok"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("--store", "mssql://u:p@127.0.0.1:1/A", "status"), "mssql"),
        (("backfill", "--all", "--scheduler", "tcp://127.0.0.1:1"), "fleet"),
    ],
)
def test_missing_extra_is_named_with_the_command_that_installs_it(installed, words, extra):
    installed("init")
    installed("simulate", "--equip", "FAN_2", "--days", "2", "--if-missing")
    assert f"pip install 'acm_etl[{extra}]'" in installed(*words, code=2).stderr


def test_no_base_dependency_belongs_to_an_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    base = {re.split(r"[^\w-]", text)[0] for text in project["dependencies"]}
    assert not base & set(MODULES_OF_EXTRAS)
