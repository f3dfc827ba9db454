"""Extras: what a base install says without them, and that [bcp], which brings an old pandas and numpy, fits in."""

from __future__ import annotations

import importlib
import importlib.util
import sys

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.config import ScoreParams, StoreSettings
from acm_etl.errors import UsageError
from acm_etl.io.connect import open_store
from acm_etl.score import kernels
from acm_etl.status import doctor


@pytest.mark.skipif(
    importlib.util.find_spec("bcpandas") is None,
    reason="bcpandas is not installed: make test-bcp installs and tries it",
)
@pytest.mark.filterwarnings("ignore:BCP utility not installed")
def test_bcpandas_and_arrow_live_side_by_side():
    for name in ("pyarrow", "bcpandas", "duckdb", "mssql_python", "pyodbc", "arrow_odbc"):
        importlib.import_module(name)
    dice = np.random.default_rng(1)
    times = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2024, 1, 9), "30m", time_unit="ms", eager=True)
    frame = pl.DataFrame({"Timestamp": times, "a": dice.normal(size=len(times)), "b": dice.normal(size=len(times))})
    assert pl.from_pandas(frame.to_pandas()).equals(
        pl.from_arrow(frame.to_arrow()).cast({"Timestamp": pl.Datetime("ns")})
    )
    assert score.score(frame, score.fit(frame, ScoreParams(forest_trees=4))).frame["fused"].is_finite().all()


def test_store_on_sql_server_without_its_extra_is_a_usage_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "acm_etl.io.mssql.engine", None)
    with pytest.raises(UsageError, match=r"acm_etl\[mssql\]"):
        open_store(StoreSettings(url="mssql://user:password@127.0.0.1:1/ACM"))


@pytest.fixture
def without_numba(monkeypatch):
    kernels.are_kernels_installed.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "numba" else name)
    monkeypatch.setattr(kernels, "_loader", kernels._KernelLoader())
    yield
    kernels.are_kernels_installed.cache_clear()


@pytest.mark.usefixtures("without_numba")
def test_without_numba_large_inputs_are_scored_by_numpy_and_doctor_reports_it():
    kernels.request_kernels(10 * kernels._MIN_CELLS)
    assert kernels.get_kernels() is None
    check = doctor._check_kernels()
    assert check.level == "ok"
    assert "acm_etl[fast]" in check.finding
