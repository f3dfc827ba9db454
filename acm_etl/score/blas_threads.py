"""Limit of BLAS to one thread.

The matrices here are small: a second BLAS thread waits for the first by spinning, which makes everything around it
twice as slow on two busy cores. Further cores serve further machines.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np  # noqa: F401 - the controller finds only libraries that are loaded by then
from threadpoolctl import ThreadpoolController


@contextmanager
def limit_blas_threads() -> Iterator[None]:
    """Limit BLAS to one thread inside the context. Nested or concurrent calls keep the outermost limit."""
    with _blas_controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _blas_controller() -> ThreadpoolController:
    """Return the controller of the loaded libraries; finding them takes milliseconds, hence the cache."""
    return ThreadpoolController()
