"""Whether compiled loops serve a call."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_MANY = 20_000
_COMPILED = "acm_etl.score.compiled"


def compiled(rows: int) -> ModuleType | None:
    """The compiled loops, where rows are many or the loops are loaded; None where plain arrays serve.

    Loading them takes half a second once per process, which few rows do not make up for.

    Args:
        rows: Rows in the call.
    """
    return importlib.import_module(_COMPILED) if rows >= _MANY or _COMPILED in sys.modules else None
