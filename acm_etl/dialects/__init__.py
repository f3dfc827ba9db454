"""Facts about the SQL of each supported database; generators of SQL read them and never ask for the engine's name."""

from __future__ import annotations

from acm_etl.dialects.base import Dialect
from acm_etl.dialects.duckdb import DUCKDB
from acm_etl.dialects.mssql import MSSQL

DIALECTS = {dialect.name: dialect for dialect in (DUCKDB, MSSQL)}
"""All dialects by their name."""

__all__ = ["DIALECTS", "DUCKDB", "MSSQL", "Dialect"]
