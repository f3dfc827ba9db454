"""Compilation of the kernels ahead of the first backfill."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from acm_etl.score import kernels
from acm_etl.score.pipeline import score
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.training.fit import fit

_ROWS, _TAGS = 400, 3
_FIRST_TIME = datetime(2024, 1, 1)  # noqa: DTZ001 - all times here are naive UTC


def warm_up_kernels() -> Path | None:
    """Compile the kernels, or load them from their cache, by fitting and scoring a few made-up readings.

    numba keeps the cache beside the module. If that folder is read-only, it uses the cache folder of the user;
    ``NUMBA_CACHE_DIR`` names another one.

    Returns:
        Folder of the cache; None if no folder is writable, so that every process compiles for itself.

    Raises:
        ImportError: numba is not installed, or cannot be loaded.
    """
    compiled = kernels.load_kernels()
    frame = _make_readings()
    score(frame, fit(frame))
    cache_path = compiled.add_path_lengths.stats.cache_path
    return Path(cache_path) if cache_path else None


def _make_readings() -> pl.DataFrame:
    """Return readings with gaps and a standstill, as every branch of the kernels compiles on its own types."""
    rng = np.random.default_rng(1)
    X = 50 + rng.normal(size=(_ROWS, _TAGS))
    X[_ROWS // 2 : _ROWS // 2 + 20] = 0.0
    X[rng.random(X.shape) < 0.02] = np.nan
    times = pl.select(pl.lit(_FIRST_TIME) + pl.duration(minutes=30) * pl.int_range(_ROWS)).to_series()
    return pl.DataFrame([times.alias(TIME), *(pl.Series(f"tag {tag}", X[:, tag]) for tag in range(_TAGS))])
