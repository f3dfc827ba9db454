"""What every test has: no settings from outside, one thread a process, and stores to work on."""

from __future__ import annotations

import os
from collections import Counter

# one thread per test process: two run side by side, and more threads than cores only wait for one another
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
import source_plants
import stores
from hypothesis import settings
from plants import history, make_plant, tidy

settings.register_profile("default", deadline=None, max_examples=25, print_blob=True)
settings.register_profile("nightly", parent=settings.get_profile("default"), max_examples=2_500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.hookimpl(tryfirst=True)  # before pytest deselects by marker
def pytest_collection_modifyitems(items):
    """Of the cases of a test marked ``sampled(n)``, leave all but the first n to ``make test-all``."""
    counts = Counter()
    for item in items:
        if marker := item.get_closest_marker("sampled"):
            test = item.nodeid.partition("[")[0]
            counts[test] += 1
            if counts[test] > (marker.args[0] if marker.args else 1):
                item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp()))
    for name in list(os.environ):
        if name.startswith("ACM_") and name != "ACM_TEST_MSSQL":
            monkeypatch.delenv(name)


@pytest.fixture
def plant(tmp_path, request):
    """Make stores in this test's folder.

    Asked for another store (``stores.EVERYWHERE``), the one without a name is there; those with a name stay DuckDB
    files and say how it should have come out.
    """
    kind = getattr(request, "param", "duckdb")

    def make(name="acm", *, readings=None, **options):
        frame = history() if readings is None else readings
        if kind == "duckdb":
            return make_plant(tmp_path / f"{name}.duckdb", readings=frame, **options)
        if kind in source_plants.SAMPLINGS:
            place = make_plant(tmp_path / f"{name}.duckdb", readings=tidy(frame), **options)
            source_plants.move_to_long_source(place, kind)
            return place
        server = {} if name != "acm" else stores.opened(kind, request)
        return make_plant(tmp_path / f"{name}.duckdb", readings=tidy(frame), server=server, **options)

    return make
