"""Storage options of the tables with a row per reading: compression, partitions by month, columnstore indexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from acm_etl.dialects import Dialect
from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.load.schema import procedures

STORAGE_SCRIPT = "storage.sql"
# Lines of the script that hold its values; a person edits the same lines.
_COMPRESSION_LINE = "DECLARE @Compression NVARCHAR(4) = NULL;"
_PARTITION_LINE = "DECLARE @PartitionByMonth BIT = 0;"
_COLUMNSTORE_LINE = "DECLARE @Columnstore BIT = 0;"


@dataclass(frozen=True, slots=True)
class StorageOptions:
    """Storage of the tables with a row per reading. The defaults leave it as it is.

    Attributes:
        compression: Compression of the rows; None leaves it as it is.
        partition_by_month: Partition by the month of the reading.
        columnstore: Add a columnstore index for reports over long periods.
    """

    compression: Literal["page", "none"] | None = None
    partition_by_month: bool = False
    columnstore: bool = False


def apply_storage_options(engine: Engine, options: StorageOptions) -> list[str]:
    """Change the storage of the tables; without effect on tables that are stored so already.

    A table is built anew, which takes minutes per 10 GB. After an interruption the next call continues.

    Returns:
        The statements that were run.

    Raises:
        UsageError: The store has no such options.
    """
    if options == StorageOptions():
        return []
    statement = _render_statement(engine.dialect, options)
    if statement is None:
        message = (
            f"{engine.url} has no options of storage: DuckDB compresses by itself; omit --compression, --partition and"
            " --columnstore"
        )
        raise UsageError(message)
    return engine.query(statement)["statement"].to_list()


def _render_statement(dialect: Dialect, options: StorageOptions) -> str | None:
    scripts = procedures.render_manual_scripts(dialect)
    if STORAGE_SCRIPT not in scripts:
        return None
    (statement,) = scripts[STORAGE_SCRIPT]
    compression = f"N'{options.compression.upper()}'" if options.compression else "NULL"
    for line, value in (
        (_COMPRESSION_LINE, compression),
        (_PARTITION_LINE, int(options.partition_by_month)),
        (_COLUMNSTORE_LINE, int(options.columnstore)),
    ):
        statement = statement.replace(line, f"{line.partition(' = ')[0]} = {value};")
    return statement
