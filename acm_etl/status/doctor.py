"""Checks of the installation: Python, libraries, the store and its permissions."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from acm_etl.config import Config
from acm_etl.engine import Engine
from acm_etl.errors import AcmError, StoreInUseError, StoreMissingError, UnavailableError, UsageError
from acm_etl.io.connect import engine_url, open_store
from acm_etl.load.schema import migrate
from acm_etl.score.kernels import are_kernels_installed
from acm_etl.status import status_file

CheckLevel = Literal["ok", "warn", "fail"]
# Libraries that every command needs. Drivers are checked by the engine, which knows which of them it uses.
LIBRARIES = ("polars", "pyarrow", "numpy", "duckdb", "pydantic", "click", "rich", "tenacity")
UNREACHABLE_STORE = "store: out of reach"
# Checked here too, because a copied environment may run with another interpreter than it was installed for.
MIN_PYTHON = (3, 11)
# One command adds all of them: the names only show how old the store is.
_MAX_LISTED_NAMES = 10


@dataclass(frozen=True, slots=True)
class Check:
    """Result of one check.

    Attributes:
        check: What was checked.
        level: ``ok``, ``warn`` (works, but needs a look) or ``fail``.
        finding: What was found, and the command or action that mends it.
    """

    check: str
    level: CheckLevel
    finding: str


def run_checks(config: Config) -> list[Check]:
    """Run all checks; each one assumes that those before it passed."""
    libraries = [_check_library(name) for name in LIBRARIES]
    return [_check_python(), *libraries, _check_kernels(), *_check_store(config)]


def exit_code(checks: Sequence[Check]) -> int:
    """Return 0 if no check failed, 3 if the store is unreachable, otherwise 1."""
    failed = [check.check for check in checks if check.level == "fail"]
    if not failed:
        return 0
    # As for every other command: scripts wait and try again after code 3.
    return UnavailableError.exit_code if UNREACHABLE_STORE in failed else 1


def _check_python() -> Check:
    current = sys.version.split()[0]
    if sys.version_info >= MIN_PYTHON:
        return Check("python", "ok", current)
    return Check("python", "fail", f"{current}; install Python {'.'.join(map(str, MIN_PYTHON))} or newer")


def _check_library(name: str) -> Check:
    try:
        # An installed package may still fail to load, e.g. if a system library is missing.
        importlib.import_module(name)
        return Check(name, "ok", version(name))
    except (ImportError, PackageNotFoundError) as error:
        return Check(name, "fail", f"{error}; run: pip install --upgrade {name}")


def _check_kernels() -> Check:
    """Compile the kernels of scoring, so that no backfill has to."""
    if not are_kernels_installed():
        advice = "for large histories run: pip install 'acm_etl[fast]'"
        return Check("kernels", "ok", f"not installed, numpy is used with the same results; {advice}")
    # Imported here: a damaged library has its own check, and is no reason to end without a report.
    try:
        from acm_etl.score import warm_up_kernels  # noqa: PLC0415

        folder = warm_up_kernels()
    except ImportError as error:
        return Check("kernels", "fail", f"{error}; see the library above")
    if folder is None:
        advice = "set NUMBA_CACHE_DIR to a folder that is writable and kept"
        return Check("kernels", "warn", f"compiled, but no folder of a cache is writable; {advice}")
    return Check("kernels", "ok", f"compiled, cached in {folder}")


def _check_store(config: Config) -> list[Check]:
    try:
        # Never created: a mistyped URL must show as a missing store, not as a new empty one.
        engine = open_store(config.store, create=False)
    except StoreInUseError as error:
        # A running backfill is no fault of the installation; its status file can be checked all the same.
        return [Check("store", "warn", str(error)), *_check_status_file(engine_url(config.store.url))]
    except StoreMissingError as error:
        # A new installation has no store yet.
        return [Check("store", "warn", str(error))]
    except UnavailableError as error:
        return [Check(UNREACHABLE_STORE, "fail", str(error)), *_check_status_file(engine_url(config.store.url))]
    except UsageError as error:
        return [Check("store", "fail", str(error))]
    try:
        return [
            Check("store", "ok", engine.url),
            *_check_status_file(engine.url),
            *(Check(finding.name, finding.level, finding.text) for finding in engine.collect_findings()),
            _check_tables(engine),
        ]
    finally:
        engine.close()


def _check_status_file(url: str) -> list[Check]:
    """Report a damaged status file; a missing one is normal while no backfill runs."""
    _, problem = status_file.inspect_status_file(url)
    return [Check("status file", "warn", problem)] if problem else []


def _check_tables(engine: Engine) -> Check:
    try:
        # Apart from the version: a table or a column may have been dropped by hand from a store of the current version.
        missing = migrate.list_missing_relations(engine)
        if not missing:
            migrate.require_current_schema(engine)
            missing = migrate.list_missing_columns(engine)
    except AcmError as error:
        # Not a failure: the message names ``acm-etl init``, and nothing else is wrong.
        return Check("tables", "warn", str(error))
    if not missing:
        return Check("tables", "ok", "up to date")
    names = ", ".join(missing[:_MAX_LISTED_NAMES])
    return Check("tables", "fail", f"missing tables, views or columns ({len(missing)}): {names}; run: acm-etl init")
