"""The fleet that these tests share."""

from __future__ import annotations

import os

from fleet.fleet_stores import fleet, sequential, unscored

__all__ = ["fleet", "sequential", "unscored"]
# BLAS and Polars in worker processes, too
os.environ.setdefault("MKL_NUM_THREADS", "1")
