"""Command line: one module per group of commands; ``render`` prints their results.

Nothing heavy (duckdb, polars, numba, drivers) is imported before a command runs, so that ``--help`` is quick.
"""

from __future__ import annotations

import os

# Before pydantic is imported: it looks for plugins in the metadata of all installed packages, 15 ms of CPU per command.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from acm_etl.cli.app import main

__all__ = ["main"]
