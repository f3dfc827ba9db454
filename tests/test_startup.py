"""Start-up: a command imports only the libraries that it needs, and a short job sends few statements."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from plants import FAST, make_plant, make_scored_plant

# Libraries that neither ``status`` nor a nightly backfill of a small machine needs.
UNUSED = (
    "sklearn",
    "numpy",
    "numba",
    "scipy",
    "jinja2",
    "distributed",
    "dask",
    "httpx",
    "pyodbc",
    "mssql_python",
    "fastexcel",
    "tomli_w",
    "pyarrow",
    "multiprocessing.connection",
    "rich._emoji_codes",
)
# Packages of the product that other commands need.
UNUSED_PACKAGES = (
    "acm_etl.io.files",
    "acm_etl.report",
    "acm_etl.admin.ingest",
    "acm_etl.legacy_v8",
    "acm_etl.simulate",
    "acm_etl.fleet.processes",
    "acm_etl.io.store_server",
)
SCRIPT = """
import gc
import sys
from acm_etl.cli import main
try:
    main(sys.argv[2:])
except SystemExit as end:
    assert end.code in (None, 0), end.code
assert gc.get_threshold()[0] >= 10_000, "garbage is collected during the imports"
print([name for name in sys.argv[1].split() if name in sys.modules], file=sys.stderr)
"""

THREADS_SCRIPT = """
import sys
from threadpoolctl import threadpool_info
from acm_etl import score
from acm_etl.cli import main
from acm_etl.run import backfill
def print_threads(context, report):
    assert score.Model, "scoring is loaded"
    print({library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}, file=sys.stderr)
backfill.prepare_plan = print_threads
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """A store with a machine that has been scored."""
    return make_scored_plant(tmp_path_factory.mktemp("scored") / "acm.duckdb")


@pytest.mark.parametrize("command", [["status"], ["backfill", "--equip", "FAN_1"]], ids=["status", "backfill"])
def test_short_commands_import_only_what_they_need(scored, command):
    names = " ".join((*UNUSED, *UNUSED_PACKAGES))
    options = ["--store", scored.url, *command]
    # The settings of the stored rows: a backfill with others is refused.
    settings = {f"ACM_{name.upper().replace('.', '__')}": str(value) for name, value in FAST.items()}
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT, names, *options],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env=os.environ | settings,
    )
    assert found.stderr.splitlines()[-1] == "[]"


def test_backfill_limits_libraries_that_it_loads_later(tmp_path):
    url = make_plant(tmp_path / "acm.duckdb").url
    found = subprocess.run(
        [sys.executable, "-c", THREADS_SCRIPT, "--store", url, "backfill", "--equip", "FAN_1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "2"},
    )
    assert "{1}" in found.stderr.splitlines()
