"""Microsoft's ODBC driver, for pyodbc and arrow-odbc: both have to be given its path or name."""

from __future__ import annotations

import importlib

from mssql_python.odbc_provider import ProviderManager


def find_odbc_driver() -> str:
    """Return the path of the ODBC driver in mssql-python's wheel, or the name of the newest one of this system.

    Raises:
        ImportError: There is no driver, or pyodbc finds no ODBC driver manager.
    """
    if path := ProviderManager.get_info().get("driver_path"):
        return str(path)
    # Names end with the version ("ODBC Driver 17 for SQL Server", "... 18 ..."): the last one is the newest.
    names = sorted(name for name in importlib.import_module("pyodbc").drivers() if name.endswith("for SQL Server"))
    if not names:
        message = "no ODBC driver for SQL Server"
        raise ImportError(message)
    return str(names[-1])
