"""The loops that arrays cannot express well, compiled: a walk down trees, and recursions along rows.

Importing this costs half a second, so only calls with many rows do (``head.compiles``). The results are those of the
plain forms, bit by bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from acm_etl.score.arrays import Floats


def _compiled(function: Callable[..., None]) -> Callable[..., None]:
    """Compiled once per installation where its cache can be written, else once per process."""
    options: dict[str, Any] = {"nogil": True, "boundscheck": False, "error_model": "numpy"}
    try:
        made: Callable[..., None] = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found no place for its cache
        made = numba.njit(**options)(function)
    return made


@_compiled
def walk(F: Any, trees: Any, depth: int, total: Any) -> None:  # noqa: ANN401 - numba types them
    """Add the path length of each row in each tree to ``total``.

    Eight rows go down side by side: each step waits for memory, and eight wait together.

    Args:
        F: Features, n rows by any number, single precision.
        trees: Of all nodes: roots, feature, threshold, left child (the right one follows; a leaf's is itself), path.
        depth: Steps down.
        total: One sum per row, changed in place.
    """
    roots, feature, threshold, child, path = trees
    n = F.shape[0]
    whole = n - n % 8
    at = np.empty(8, np.int64)
    for root in roots:
        for i in range(0, whole, 8):
            for k in range(8):
                at[k] = root
            for _ in range(depth):
                for k in range(8):
                    node = at[k]
                    at[k] = child[node] + (F[i + k, feature[node]] > threshold[node])
            for k in range(8):
                total[i + k] += path[at[k]]
        for i in range(whole, n):
            node = root
            for _ in range(depth):
                node = child[node] + (F[i, feature[node]] > threshold[node])
            total[i] += path[node]


@_compiled
def smooth(X: Any, weight: float, before: Any, out: Any) -> None:  # noqa: ANN401 - numba types them
    """``out_t = weight x_t + (1 - weight) out_(t-1)`` along rows, column by column.

    Args:
        X: n rows, any number of columns.
        weight: Weight of the newest row.
        before: What holds just before the first row.
        out: The result, as large as X.
    """
    keep = 1 - weight
    n, d = X.shape
    for j in range(d):
        out[0, j] = weight * X[0, j] + keep * before[j]
    for i in range(1, n):
        for j in range(d):
            out[i, j] = weight * X[i, j] + keep * out[i - 1, j]


@_compiled
def squares(x: Any, last: Any, law: Any, out: Any) -> None:  # noqa: ANN401 - numba types them
    """Squares of the one-step residuals ``(x_t - phi x_(t-1)) / sd`` of each column, clipped before.

    Args:
        x: n rows, any number of columns.
        last: The row before the first.
        law: phi and sd of each column, and the largest magnitude of a residual.
        out: The result, as large as x.
    """
    phi, sd, most = law
    n, d = x.shape
    for i in range(n):
        for j in range(d):
            before = x[i - 1, j] if i else last[j]
            step = (x[i, j] - phi[j] * before) / sd[j]
            step = min(max(step, -most), most)
            out[i, j] = step * step


def squared_steps(x: Floats, last: Floats, law: tuple[Floats, Floats], most: float) -> Floats:
    """As ``squares``, into a new array."""
    out = np.empty(x.shape)
    squares(np.ascontiguousarray(x), last, (*law, most), out)
    return out


def smoothed(X: Floats, weight: float, before: Floats) -> Floats:
    """As ``smooth``, into a new array; at least one row."""
    out = np.empty(X.shape)
    smooth(np.ascontiguousarray(X), weight, before, out)
    return out
