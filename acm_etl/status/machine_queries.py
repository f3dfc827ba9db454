"""Base of the status queries: one SQL statement reads the rows of all requested machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from acm_etl.dialects.parameters import build_in_condition
from acm_etl.engine import Engine


class MachineQueries:
    """Base of set-based queries: one statement reads the rows of all requested machines.

    Args:
        engine: The store.
        equip_ids: Machines to read.
    """

    def __init__(self, engine: Engine, equip_ids: Sequence[int]) -> None:
        self._engine = engine
        # More machines than one IN list may hold are filtered by this set, after a query of all rows.
        self._wanted = frozenset(equip_ids)
        self._filter, self._ids = build_in_condition(engine.dialect.quote("EquipID"), equip_ids)

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
