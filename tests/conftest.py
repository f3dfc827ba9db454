"""What every test has: no settings from outside, one thread a process, and stores to work on."""

from __future__ import annotations

import os

# one thread per test process: two run side by side, and more threads than cores only wait for one another
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings
from plants import make_plant

settings.register_profile("default", deadline=None, max_examples=25, print_blob=True)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in list(os.environ):
        if name.startswith("ACM_") and name != "ACM_TEST_MSSQL":
            monkeypatch.delenv(name)


@pytest.fixture
def plant(tmp_path):
    """Make stores in this test's folder."""

    def make(name="acm", **options):
        return make_plant(tmp_path / f"{name}.duckdb", **options)

    return make
