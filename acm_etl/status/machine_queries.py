"""Base of the status queries: one SQL statement reads the rows of all requested machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from acm_etl.dialects.parameters import build_in_condition
from acm_etl.engine import Engine

_Fact = TypeVar("_Fact")


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

    def _read_rows(self, sql: str, before: Sequence[Any] = (), after: Sequence[Any] = ()) -> Iterator[dict[str, Any]]:
        """Yield rows of the requested machines.

        Args:
            sql: Statement with ``{braced}`` names; ``{machines}`` stands for the condition on EquipID.
            before: Parameters in front of that condition.
            after: Parameters behind it.
        """
        text = self._engine.dialect.sql(sql, machines=self._filter)
        rows = self._engine.query(text, [*before, *self._ids, *after])
        return (row for row in rows.iter_rows(named=True) if row["EquipID"] in self._wanted)

    def _read_lists(
        self, sql: str, build: Callable[[Mapping[str, Any]], _Fact], after: Sequence[Any] = ()
    ) -> dict[int, list[_Fact]]:
        """Return what ``build`` makes of each row, by EquipID and in the order of the rows; see ``_read_rows``."""
        facts: dict[int, list[_Fact]] = {}
        for row in self._read_rows(sql, after=after):
            facts.setdefault(row["EquipID"], []).append(build(row))
        return facts
