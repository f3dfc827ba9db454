"""Whether compiled loops serve a call."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_MANY = 200_000
_COMPILED = "acm_etl.score.kernels_numba"


def compiled(cells: int) -> ModuleType | None:
    """The compiled loops, where there is much to do or they are loaded; None where plain arrays serve.

    Loading them takes half a second once per process, which little work does not make up for.

    Args:
        cells: Values to work on.
    """
    return importlib.import_module(_COMPILED) if cells >= _MANY or _COMPILED in sys.modules else None
