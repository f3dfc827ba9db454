"""Command line: one module per group of commands; ``render`` prints their results.

Nothing heavy (duckdb, polars, numba, drivers) is imported before a command runs, so that ``--help`` is quick.
"""

from __future__ import annotations

from acm_etl.cli.app import main

__all__ = ["main"]
