"""The fleet that these tests share."""

from __future__ import annotations

import os

from fleet.crews import fleet, sequential, untouched

__all__ = ["fleet", "sequential", "untouched"]
# BLAS and Polars in worker processes, too
os.environ.setdefault("MKL_NUM_THREADS", "1")
