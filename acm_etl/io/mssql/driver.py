"""Microsoft's ODBC driver, wherever it is: what pyodbc and arrow-odbc have to be told."""

from __future__ import annotations

import importlib

from mssql_python.odbc_provider import ProviderManager


def find_odbc_driver() -> str:
    """The driver out of mssql-python's wheels, or the newest one this system knows.

    Raises:
        ImportError: There is none, or pyodbc has no ODBC to find one with.
    """
    if found := ProviderManager.get_info().get("driver_path"):
        return str(found)
    known = sorted(name for name in importlib.import_module("pyodbc").drivers() if name.endswith("for SQL Server"))
    if not known:
        message = "no ODBC driver for SQL Server"
        raise ImportError(message)
    return str(known[-1])
