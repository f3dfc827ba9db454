"""Bulk loader on the bcp utility, called through bcpandas, for plants that allow no other way into the server.

bcpandas writes a CSV file and relies on bcp's exit code. Its CSV cannot distinguish an empty text from NULL, and a tab,
quote or line break in a text breaks the row. This loader therefore rejects frames with such texts, and counts the rows
that arrived. https://github.com/yehoshuadimarsky/bcpandas
"""

from __future__ import annotations

import importlib
import shutil

import polars as pl
from polars import selectors as cs

from acm_etl.errors import StoreError
from acm_etl.io.mssql.session import Session, Timeouts
from acm_etl.io.mssql.statements import BULK_ROWS, LoaderName, StagingKind
from acm_etl.io.mssql.url import ConnectionTarget
from acm_etl.schema import Table

# Outside ASCII the code page of the host decides what bcp reads.
_UNSAFE_TEXT_PATTERN = r"[\t\r\n\"]|[^\x20-\x7e]"


class BcpLoader:
    """Loads CSV files with the bcp utility.

    Args:
        target: Server and database.
        staging: Must be ``table``: bcpandas cannot load temporary tables.

    Raises:
        ImportError: bcp or bcpandas is missing, or bcpandas cannot log in safely.
    """

    name: LoaderName = "bcp"

    def __init__(self, target: ConnectionTarget, staging: StagingKind) -> None:
        problem = _unusable_reason(target, staging)
        if problem:
            raise ImportError(problem)
        self._target = target
        try:
            self._bcpandas = importlib.import_module("bcpandas")
        except ModuleNotFoundError as error:
            message = f"{error}; pip install 'acm_etl[bcp]', with Python 3.11 or 3.12"
            raise ImportError(message) from error

    def refusal_reason(self, frame: pl.DataFrame) -> str | None:
        """Return the reason why a CSV file cannot hold a frame; None if it can."""
        if frame.select(cs.binary()).width:
            return "bcp cannot load bytes"
        for series in frame.select(cs.string()):
            if series.str.contains(_UNSAFE_TEXT_PATTERN).any() or (series == "").any():
                return f"{series.name} has texts that bcp would change"
        return None

    def copy_rows(self, _session: Session, staging_table: str, table: Table, frame: pl.DataFrame) -> int:
        """Load a frame through a CSV file; return the number of rows that arrived.

        Raises:
            StoreError: bcp or bcpandas failed.
        """
        schema, name = staging_table.strip("[]").split("].[")
        texts = frame.select(
            cs.datetime().dt.strftime("%Y-%m-%d %H:%M:%S%.3f"),
            cs.boolean().cast(pl.Int8),
            cs.exclude(cs.datetime(), cs.boolean()),
        ).select([column.name for column in table.insertable_columns])
        # bcpandas queries the columns of the table through SQLAlchemy.
        driver_errors = (
            importlib.import_module("bcpandas.constants").BCPandasException,
            importlib.import_module("sqlalchemy.exc").SQLAlchemyError,
        )
        try:
            self._bcpandas.to_sql(
                texts.to_pandas(), name, self._build_credentials(), schema=schema, index=False, if_exists="append",
                batch_size=min(BULK_ROWS, frame.height), use_tablock=True, process_dest_table=False,
                print_output=False, delimiter="\t", quotechar='"',
            )  # fmt: skip
        except driver_errors:
            message = f"bcp failed for {table.name}; set store.loader to arrow or odbc, or run again"
            # "from None": the text of the cause may contain the command line with the password.
            raise StoreError(message, table=table.name) from None
        # A session of its own: the control session is shared by the threads that load other tables.
        session = Session(self._target, Timeouts(), on_schema_change=lambda: None, was_reachable=True)
        try:
            return int(session.query(f"SELECT COUNT_BIG(*) AS n FROM {staging_table}").item())
        finally:
            session.close()

    def _build_credentials(self) -> object:
        target = self._target
        server = (target.get_attribute("Server") or "").removeprefix("tcp:")
        host, _, port = server.partition(",")
        return self._bcpandas.SqlCreds(
            host, target.get_attribute("Database"), target.user, target.password, driver_version=18,
            port=int(port or 1433), odbc_kwargs={"encrypt": target.get_attribute("Encrypt") or "yes"},
        )  # fmt: skip


def _unusable_reason(target: ConnectionTarget, staging: StagingKind) -> str | None:
    """Return the reason why bcp cannot be used; None if it can."""
    if shutil.which("bcp") is None:
        return "no bcp on the PATH; install Microsoft's mssql-tools18"
    if staging != "table":
        return "bcp cannot load temporary tables; set store.staging to table"
    if (target.get_attribute("TrustServerCertificate") or "no").casefold() not in ("no", "false", "0"):
        return "bcpandas does not support trust=yes"
    # bcpandas runs a command line through a shell, password included.
    if target.password and not target.password.replace("_", "").replace("-", "").isalnum():
        return "bcpandas passes the password through a shell, where only letters, digits, - and _ are safe"
    return None
