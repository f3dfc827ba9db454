"""One thread for the products of matrices: theirs are small here, and a second thread waits for the first by spinning.

On two busy cores that makes everything around it twice as slow. Machines side by side are what further cores are for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def limit_blas_threads() -> Iterator[None]:
    """BLAS of this process has one thread inside; of several Python threads that ask, the first decides."""
    with _blas_controller(sklearn_loaded="sklearn" in sys.modules).limit(limits=1, user_api="blas"):
        yield


@cache
def _blas_controller(*, sklearn_loaded: bool) -> ThreadpoolController:  # noqa: ARG001 - scikit-learn brings further ones
    """The libraries that are loaded by now; looking for them takes milliseconds."""
    return ThreadpoolController()
