"""Memory limit of DuckDB: it follows the widest table of a store, unless the settings name a limit."""

from __future__ import annotations

import re

import duckdb

AUTO_LIMIT = "auto"
_MIN_BYTES = 256_000_000
# A block of 256 KiB per column is pinned while rows are appended, and several while they are sorted or compressed:
# measured with DuckDB 2.0 and 300 columns, 1.33 MB per column with one thread and 1.67 MB with two are enough if values
# compress well, and 2.5 MB if not.
_BYTES_PER_COLUMN_AND_THREAD = 1_250_000
_MAX_SHARE = 0.6  # of what DuckDB may use at most; frames and models of this process need the rest
_LIMIT_PATTERN = re.compile(r"(?P<number>[\d.]+) (?P<unit>bytes|KiB|MiB|GiB|TiB)")
_UNIT_BYTES = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
# Without a setting DuckDB takes 80 % of the memory of the computer, or of the container if that is less.
# https://duckdb.org/docs/stable/operations_manual/limits
_READ_LIMIT = "SELECT current_setting('memory_limit')"
_WIDEST_TABLE = "SELECT coalesce(max(column_count), 0) FROM duckdb_tables() WHERE database_name = current_database()"


def compute_memory_limit(column_count: int, threads: int, available: int) -> int:
    """Return the memory limit for tables of a width, bytes.

    Args:
        column_count: Columns of the widest table.
        threads: Threads that DuckDB may use.
        available: Memory that DuckDB would take without a limit, bytes.
    """
    wanted = max(_MIN_BYTES, column_count * threads * _BYTES_PER_COLUMN_AND_THREAD)
    return min(wanted, int(available * _MAX_SHARE))


def read_memory_limit(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the current memory limit, bytes."""
    ((text,),) = connection.execute(_READ_LIMIT).fetchall()
    parts = _LIMIT_PATTERN.fullmatch(text)
    # No limit is known: the smallest one that is computed then holds.
    return int(float(parts["number"]) * _UNIT_BYTES[parts["unit"]]) if parts else _MIN_BYTES


def set_memory_limit(connection: duckdb.DuckDBPyConnection, limit: int) -> None:
    """Set the memory limit of all sessions of the file, bytes."""
    connection.execute(f"SET memory_limit = '{limit} bytes'").fetchall()


def read_widest_table(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of columns of the widest table of the store."""
    ((count,),) = connection.execute(_WIDEST_TABLE).fetchall()
    return int(count)
