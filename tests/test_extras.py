"""The extra [bcp]: bcpandas brings an old pandas and numpy, beside which everything else has to import and run."""

from __future__ import annotations

import importlib
import importlib.util

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.config import ScoreParams


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
