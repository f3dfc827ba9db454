"""Whether compiled loops serve a call."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_MIN_CELLS = 200_000
_KERNEL_MODULE = "acm_etl.score.kernels_numba"


def load_kernels(cells: int) -> ModuleType | None:
    """The compiled loops, where there is much to do or they are loaded; None where plain arrays serve.

    Loading them takes half a second once per process, which little work does not make up for.

    Args:
        cells: Values to work on.
    """
    return importlib.import_module(_KERNEL_MODULE) if cells >= _MIN_CELLS or _KERNEL_MODULE in sys.modules else None
