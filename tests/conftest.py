"""What every test has: no settings from outside, one thread a process, and stores to work on."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

# one thread per test process: two run side by side, and more threads than cores only wait for one another
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import plants
import pytest
import source_plants
import stores
import templates
from hypothesis import settings

settings.register_profile("default", deadline=None, max_examples=25, print_blob=True)
settings.register_profile("nightly", parent=settings.get_profile("default"), max_examples=2_500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_configure():
    templates.share_folder()


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


@dataclass(frozen=True)
class PlantMaker:
    """Makes stores in the folder of a test.

    Asked for another kind of store (``stores.EVERYWHERE``), the one without a name is there; those with a name stay
    DuckDB files and say how it should have come out.
    """

    folder: Path
    kind: str
    servers: ExitStack

    def __call__(self, name="acm", *, readings=None, **machine):
        """Make a store with the readings of a machine, given its ``code`` and ``zone``."""
        return self._make(name, readings, machine)

    def scored(self, name="acm", *, readings=None, code=plants.CODE, zone=plants.ZONE, **request):
        """Make a store and backfill it with this request."""
        return self._make(name, readings, {"code": code, "zone": zone}, request)

    def _make(self, name, readings, machine, request=None):
        kind = self.kind if name == "acm" or self.kind in source_plants.SAMPLINGS else "duckdb"
        frame = plants.history() if readings is None else readings
        frame = frame if self.kind == "duckdb" else plants.tidy(frame)
        path, code = self.folder / f"{name}.duckdb", machine.get("code", plants.CODE)

        def fill(path, server=None):
            place = plants.make_plant(path, readings=frame, server=server, **machine)
            if kind in source_plants.SAMPLINGS:
                source_plants.move_to_long_source(place, kind)
            if request is not None:
                place.backfill_or_fail(**request)
            return place

        def fill_served(path):
            with stores.serve(path) as server:
                fill(path, server)

        if kind == "duckdb":
            make = plants.make_plant if request is None else plants.make_scored_plant
            return make(path, readings=frame, **machine, **(request or {}))
        key = (kind, templates.hash_frame(frame), repr(machine), repr(request))
        if kind == "mssql":
            return fill(path, stores.empty_real_server())
        if kind == "wire":
            served = templates.copy_template(key, self.folder / "server.duckdb", fill_served)
            return plants.Plant(path, code, self.servers.enter_context(stores.serve(served)))
        return plants.Plant(templates.copy_template(key, path, fill), code)


@pytest.fixture
def plant(tmp_path, request):
    """Make stores of the kind that the test asks for; of equal stores all but the first in a test run are copies."""
    with ExitStack() as servers:
        yield PlantMaker(tmp_path, getattr(request, "param", "duckdb"), servers)
