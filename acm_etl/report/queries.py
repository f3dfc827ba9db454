"""Read rows of one machine from any table or view of the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from acm_etl import tables
from acm_etl.engine import Engine
from acm_etl.load.machines.equipment import Equipment


@dataclass(frozen=True, slots=True)
class MachineRows:
    """Reader of the rows of one machine.

    Attributes:
        engine: The store.
        machine: The machine.
    """

    engine: Engine
    machine: Equipment

    def build_select(self, name: str, columns: Sequence[str], *, order: str = "", where: str = "") -> str:
        """Build a SELECT of the rows of the machine; ``{braced}`` names in ``where`` and ``order`` are quoted."""
        q = self.engine.dialect.quote
        sql = f"SELECT {', '.join(map(q, columns))}\nFROM {q(name)}\nWHERE {q('EquipID')} = ?"
        # The machine first, then the condition: the key of every result table starts with EquipID.
        if where:
            sql += f" AND {self.engine.dialect.sql(where)}"
        return f"{sql}\nORDER BY {self.engine.dialect.sql(order)}" if order else sql

    def read_rows(
        self, name: str, columns: Sequence[str], *, order: str = "", where: str = "", params: Sequence[object] = ()
    ) -> pl.DataFrame:
        """Return rows of a table or view."""
        sql = self.build_select(name, columns, order=order, where=where)
        return self.engine.query(sql, [self.machine.equip_id, *params])

    def aggregate_rows(
        self, name: str, by: Sequence[str], aggregates: str, *, where: str = "", params: Sequence[object] = ()
    ) -> pl.DataFrame:
        """Return aggregates that the database computes, one row per value of ``by``.

        Args:
            name: Table or view.
            by: Columns to group by.
            aggregates: SQL of the aggregates, with ``{braced}`` names.
            where: Condition, with ``{braced}`` names.
            params: Parameters of the condition.
        """
        q = self.engine.dialect.quote
        columns = ", ".join(map(q, by))
        condition = f" AND {self.engine.dialect.sql(where)}" if where else ""
        return self.engine.query(
            f"SELECT {columns}, {self.engine.dialect.sql(aggregates)}\nFROM {q(name)}\n"
            f"WHERE {q('EquipID')} = ?{condition}\nGROUP BY {columns}",
            [self.machine.equip_id, *params],
        )

    def stream_rows(
        self, name: str, columns: Sequence[str], *, where: str = "", params: Sequence[object] = ()
    ) -> Iterator[pl.DataFrame]:
        """Yield rows of a large table in batches, unordered.

        The first batch is empty, so that callers always get a schema.
        """
        # The declared types: drivers return a column that is NULL throughout with a type of their own.
        types = tables.BY_NAME[name].polars_schema
        yield pl.DataFrame(schema={column: types[column] for column in columns})
        yield from self.engine.stream_rows(
            self.build_select(name, columns, where=where), [self.machine.equip_id, *params]
        )
