"""Base of the status queries: one SQL statement reads the rows of all requested machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from acm_etl.engine import Engine

_MAX_FILTERED_MACHINES = 500


class MachineQueries:
    """Base of set-based queries: one statement reads the rows of all requested machines.

    Args:
        engine: The store.
        equip_ids: Machines to read.
    """

    def __init__(self, engine: Engine, equip_ids: Sequence[int]) -> None:
        self._engine = engine
        self._wanted = frozenset(equip_ids)
        # SQL Server allows 2,100 parameters per statement. For more machines all rows are read and filtered here.
        few = 0 < len(equip_ids) <= _MAX_FILTERED_MACHINES
        self._filter = f"{engine.dialect.quote('EquipID')} IN ({', '.join('?' * len(equip_ids))})" if few else "1 = 1"
        self._ids = list(equip_ids) if few else []

    def _read(self, sql: str, before: Sequence[Any] = (), after: Sequence[Any] = ()) -> Iterator[dict[str, Any]]:
        """Yield rows of the requested machines.

        Args:
            sql: Statement with ``{braced}`` names; ``{machines}`` stands for the condition on EquipID.
            before: Parameters in front of that condition.
            after: Parameters behind it.
        """
        text = self._engine.dialect.sql(sql, machines=self._filter)
        rows = self._engine.query(text, [*before, *self._ids, *after])
        return (row for row in rows.iter_rows(named=True) if row["EquipID"] in self._wanted)
