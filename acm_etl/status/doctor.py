"""What could keep the product from working here: Python, libraries, the store and what may be done in it."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, TypedDict

from acm_etl.config import Config
from acm_etl.errors import AcmError, UnavailableError, UsageError
from acm_etl.io.connect import engine_url, open_store
from acm_etl.load import migrate
from acm_etl.status import status_file

LIBRARIES = ("polars", "pyarrow", "numpy", "scipy", "sklearn", "duckdb", "pydantic", "click", "rich", "tenacity")
UNREACHABLE_STORE = "store: out of reach"
_PACKAGE_NAMES = {"sklearn": "scikit-learn"}


class Check(TypedDict):
    """One finding: what was looked at, how it is, and what to do."""

    check: str
    level: Literal["ok", "warn", "fail"]
    finding: str


def run_checks(config: Config) -> list[Check]:
    """All checks, in the order in which one would mend things."""
    return [_check_python(), *(_check_library(name) for name in LIBRARIES), *_check_store(config)]


def _check_python() -> Check:
    found = sys.version.split()[0]
    good = sys.version_info >= (3, 11)
    return Check(check="python", level="ok" if good else "fail", finding=found if good else f"{found}; 3.11 is needed")


def _check_library(name: str) -> Check:
    package = _PACKAGE_NAMES.get(name, name)
    try:
        importlib.import_module(name)
        return Check(check=package, level="ok", finding=version(package))
    except (ImportError, PackageNotFoundError) as error:
        return Check(check=package, level="fail", finding=f"{error}; run: pip install --upgrade {package}")


def _check_tables(missing_columns: list[str]) -> Check:
    if not missing_columns:
        return Check(check="tables", level="ok", finding="up to date")
    finding = f"{len(missing_columns)} column(s) are gone: {', '.join(missing_columns[:10])}; run acm-etl init"
    return Check(check="tables", level="fail", finding=finding)


def exit_code(checks: list[Check]) -> int:
    """0 where nothing fails, 3 where the store is out of reach, else 1."""
    failed = [check["check"] for check in checks if check["level"] == "fail"]
    return (UnavailableError.exit_code if UNREACHABLE_STORE in failed else 1) if failed else 0


def _check_status_file(url: str) -> list[Check]:
    """Report a damaged status file; a missing one is normal."""
    _, problem = status_file.inspect_status_file(url)
    return [Check(check="status feed", level="warn", finding=problem)] if problem else []


def _check_store(config: Config) -> list[Check]:
    try:
        engine = open_store(config.store, create=False)
    except UnavailableError as error:
        # a runner that holds the file is no fault of the installation
        held = "held" in str(error)
        level: Literal["warn", "fail"] = "warn" if held else "fail"
        check = Check(check="store" if held else UNREACHABLE_STORE, level=level, finding=str(error))
        return [check, *_check_status_file(engine_url(config.store.url))]
    except UsageError as error:
        # a store that is not there yet is no fault either; a URL that no engine serves is
        level = "warn" if "acm-etl init" in str(error) else "fail"
        return [Check(check="store", level=level, finding=str(error))]
    try:
        found = [Check(check="store", level="ok", finding=engine.url)]
        found += _check_status_file(engine.url)
        found += [Check(check=one.name, level=one.level, finding=one.text) for one in engine.collect_findings()]
        try:
            migrate.require_current_schema(engine)
            found.append(_check_tables(migrate.list_missing_columns(engine)))
        except AcmError as error:
            found.append(Check(check="tables", level="warn", finding=str(error)))
        return found
    finally:
        engine.close()
