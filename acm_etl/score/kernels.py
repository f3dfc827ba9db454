"""Access to the compiled kernels, which are imported only when an input is large enough to pay for it.

Large inputs use the kernels: five times as fast for the isolation forest, ten to thirty times for the EWMAs. Small ones
use numpy: importing numba and loading the cached kernels takes 0.4 to 0.6 s per process, and compiling them takes
seconds where no cache can be written, while 900 readings of four tags are scored in 0.06 s (29 Nov 2026, two cores).
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_MIN_CELLS = 200_000  # 25,000 rows of 8 tags; below, the kernels save less time than their import takes
_KERNEL_MODULE = "acm_etl.score.kernels_numba"


def load_kernels(cells: int) -> ModuleType | None:
    """Return the module of compiled kernels for a large input, or if loaded already; None if numpy should be used.

    Results do not depend on the choice: tests/score/test_compiled.py holds both paths to the same bits.

    Args:
        cells: Number of values to process.
    """
    is_loaded = _KERNEL_MODULE in sys.modules
    return importlib.import_module(_KERNEL_MODULE) if is_loaded or cells >= _MIN_CELLS else None
