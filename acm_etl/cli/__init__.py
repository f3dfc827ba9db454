"""Command line: one module per group of commands; ``render`` prints their results.

Nothing heavy (duckdb, polars, numba, drivers) is imported before a command runs, so that ``--help`` is quick.
"""

from __future__ import annotations

import os
import sys

# Before pydantic is imported: it looks for plugins in the metadata of all installed packages, 15 ms of CPU per command.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

try:
    from acm_etl.cli.app import main
except KeyboardInterrupt:
    # Ctrl-C in the first tenth of a second, before ``main`` can answer it: a traceback would look like a defect.
    sys.stderr.write("error: interrupted; run the command again\n")
    sys.exit(130)

__all__ = ["main"]
