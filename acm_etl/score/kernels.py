"""Access to the compiled kernels, which a process loads only once it has enough readings to pay for it.

The kernels save 1.2 s of processor time per million cells (readings times tags), most of it in the isolation forest.
Importing numba and loading the cached kernels takes 0.5 s per process; compiling them takes seconds where no cache can
be written (29 Nov 2026, two cores). Smaller work is done by numpy, and all work where the extra ``[fast]`` is missing.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from types import ModuleType

_MIN_CELLS = 400_000  # 45,000 readings of 9 tags: from there on the kernels have saved what their import takes


@dataclass
class _KernelLoader:
    """Kernels of this process.

    Attributes:
        requested_cells: Cells that all calls together have asked for.
        module: The loaded module; None before that.
    """

    requested_cells: int = 0
    module: ModuleType | None = None


_loader = _KernelLoader()


def request_kernels(cells: int) -> None:
    """Load the kernels if this process has asked for enough cells by now, this call included.

    Args:
        cells: Number of readings times tags about to be processed.
    """
    # Counted over all calls: a fleet of small machines gains as much as a large one.
    _loader.requested_cells += cells
    if _loader.module is None and _loader.requested_cells >= _MIN_CELLS and are_kernels_installed():
        load_kernels()


@cache
def are_kernels_installed() -> bool:
    """Return whether numba, which compiles the kernels, is installed."""
    return importlib.util.find_spec("numba") is not None


def load_kernels() -> ModuleType:
    """Load the compiled kernels, whatever the size of the input."""
    # Not by a look into sys.modules: another thread may still be importing the module that is found there.
    _loader.module = importlib.import_module("acm_etl.score.kernels_numba")
    return _loader.module


def get_kernels() -> ModuleType | None:
    """Return the module of compiled kernels; None if it is not loaded, and numpy should be used.

    Results do not depend on the choice: tests/score/test_compiled.py holds both paths to the same bits.
    """
    return _loader.module
