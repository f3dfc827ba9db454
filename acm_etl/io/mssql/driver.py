"""Microsoft's ODBC driver, for arrow-odbc, which has to be given its path."""

from __future__ import annotations

from mssql_python.odbc_provider import ProviderManager


def find_odbc_driver() -> str:
    """Return the path of the ODBC driver in mssql-python's wheel.

    Raises:
        ImportError: There is no driver.
    """
    path = ProviderManager.get_info().get("driver_path")
    if not path:
        message = "mssql-python has no ODBC driver for this system"
        raise ImportError(message)
    return str(path)
