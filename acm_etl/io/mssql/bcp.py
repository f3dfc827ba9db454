"""The bcp utility by way of bcpandas: for plants that allow nothing else. Permanent staging only, and well guarded.

bcpandas writes a CSV and believes bcp's exit code; it cannot tell an empty text from NULL, and a tab, quote or line
break in a text breaks its row. So frames with such texts are refused, and the rows that arrived are counted.
"""

from __future__ import annotations

import importlib
import shutil

import polars as pl
from polars import selectors as cs

from acm_etl.errors import StoreError
from acm_etl.io.mssql.session import Session, Timeouts
from acm_etl.io.mssql.statements import LoaderName, StagingKind
from acm_etl.io.mssql.url import ConnectionTarget
from acm_etl.schema import Table

_UNSAFE_TEXT_PATTERN = r"[\t\r\n\"]|[^\x20-\x7e]"
_BULK_ROWS = 100_000


class BcpLoader:
    """bcpandas and the bcp utility.

    Args:
        target: The server.
        staging: Has to be ``table``: bcp sees no temporary table.

    Raises:
        ImportError: Something it needs is not there, or it could not log in safely.
    """

    name: LoaderName = "bcp"

    def __init__(self, target: ConnectionTarget, staging: StagingKind) -> None:
        problem = _unusable_reason(target, staging)
        if problem:
            raise ImportError(problem)
        self._target = target
        self._bcpandas = importlib.import_module("bcpandas")

    def refusal_reason(self, frame: pl.DataFrame) -> str | None:
        """Bytes, and texts that would arrive as something else."""
        if frame.select(cs.binary()).width:
            return "bcp takes no bytes"
        for series in frame.select(cs.string()):
            if series.str.contains(_UNSAFE_TEXT_PATTERN).any() or (series == "").any():
                return f"{series.name} has texts that a CSV does not keep"
        return None

    def copy_rows(self, _session: Session, staging_table: str, table: Table, frame: pl.DataFrame) -> int:
        """Write a CSV, have bcp load it, and count what arrived."""
        schema, name = staging_table.strip("[]").split("].[")
        texts = frame.select(
            cs.datetime().dt.strftime("%Y-%m-%d %H:%M:%S%.3f"),
            cs.boolean().cast(pl.Int8),
            cs.exclude(cs.datetime(), cs.boolean()),
        ).select([column.name for column in table.insertable_columns])
        failures = (
            importlib.import_module("bcpandas.constants").BCPandasException,
            importlib.import_module("sqlalchemy.exc").SQLAlchemyError,  # it asks for the columns by SQLAlchemy
        )
        try:
            self._bcpandas.to_sql(
                texts.to_pandas(), name, self._build_credentials(), schema=schema, index=False, if_exists="append",
                batch_size=min(_BULK_ROWS, frame.height), use_tablock=True, process_dest_table=False,
                print_output=False, delimiter="\t", quotechar='"',
            )  # fmt: skip
        except failures:
            message = f"bcp failed for {table.name}; set store.loader to arrow or odbc, or run again"
            raise StoreError(message, table=table.name) from None  # it may repeat the command line with its password
        counting = Session(self._target, Timeouts(), on_schema_change=lambda: None, was_reachable=True)
        try:
            return int(counting.query(f"SELECT COUNT_BIG(*) AS n FROM {staging_table}").item())
        finally:
            counting.close()

    def _build_credentials(self) -> object:
        target = self._target
        server = (target.get_attribute("Server") or "").removeprefix("tcp:")
        host, _, port = server.partition(",")
        return self._bcpandas.SqlCreds(
            host, target.get_attribute("Database"), target.user, target.password, driver_version=18,
            port=int(port or 1433), odbc_kwargs={"encrypt": target.get_attribute("Encrypt") or "yes"},
        )  # fmt: skip


def _unusable_reason(target: ConnectionTarget, staging: StagingKind) -> str | None:
    """Why bcp cannot be used; None where it can."""
    if shutil.which("bcp") is None:
        return "no bcp on the PATH; install Microsoft's mssql-tools18"
    if staging != "table":
        return "bcp sees no temporary tables; set store.staging to table"
    if (target.get_attribute("TrustServerCertificate") or "no").casefold() not in ("no", "false", "0"):
        return "bcpandas cannot pass trust=yes on"
    if target.password and not target.password.replace("_", "").replace("-", "").isalnum():
        return "bcpandas hands the password to a shell: only letters, digits, - and _ are safe there"
    return None
