"""Limit of BLAS to one thread.

The matrices here are small: a second BLAS thread waits for the first by spinning, which makes everything around it
twice as slow on two busy cores. Further cores serve further machines.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def limit_blas_threads() -> Iterator[None]:
    """Limit BLAS to one thread inside the context. Nested or concurrent calls keep the outermost limit."""
    with _blas_controller(sklearn_loaded="sklearn" in sys.modules).limit(limits=1, user_api="blas"):
        yield


@cache
def _blas_controller(*, sklearn_loaded: bool) -> ThreadpoolController:  # noqa: ARG001 - part of the cache key
    """Return the controller of the loaded libraries; finding them takes milliseconds, hence the cache."""
    # scikit-learn brings an OpenMP and a BLAS library of its own: search again once it is loaded.
    return ThreadpoolController()
