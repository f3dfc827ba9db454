"""Rows of one machine, from any table or view of the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from acm_etl import tables
from acm_etl.engine import Engine
from acm_etl.load.equipment import Equipment


@dataclass(frozen=True, slots=True)
class MachineRows:
    """What the store knows of one machine.

    Attributes:
        engine: The store.
        machine: The machine.
    """

    engine: Engine
    machine: Equipment

    def build_select(self, name: str, columns: Sequence[str], *, order: str = "", where: str = "") -> str:
        """A SELECT of the machine's rows; ``{braced}`` names in ``where`` and ``order`` are quoted."""
        q = self.engine.dialect.quote
        sql = f"SELECT {', '.join(map(q, columns))}\nFROM {q(name)}\nWHERE {q('EquipID')} = ?"
        if where:
            sql += f" AND {self.engine.dialect.sql(where)}"
        return f"{sql}\nORDER BY {self.engine.dialect.sql(order)}" if order else sql

    def read_rows(
        self, name: str, columns: Sequence[str], *, order: str = "", where: str = "", params: Sequence[Any] = ()
    ) -> pl.DataFrame:
        """Rows of a table or view."""
        sql = self.build_select(name, columns, order=order, where=where)
        return self.engine.query(sql, [self.machine.equip_id, *params])

    def read_first(
        self, name: str, columns: Sequence[str], *, order: str = "", where: str = ""
    ) -> dict[str, Any] | None:
        """The first row; None where there is none."""
        found = self.read_rows(name, columns, order=order, where=where)
        return found.row(0, named=True) if found.height else None

    def aggregate_rows(
        self, name: str, by: Sequence[str], aggregates: str, *, where: str = "", params: Sequence[Any] = ()
    ) -> pl.DataFrame:
        """Aggregate in the database: ``aggregates`` is SQL with ``{braced}`` names, one row per value of ``by``."""
        q = self.engine.dialect.quote
        columns = ", ".join(map(q, by))
        condition = f" AND {self.engine.dialect.sql(where)}" if where else ""
        return self.engine.query(
            f"SELECT {columns}, {self.engine.dialect.sql(aggregates)}\nFROM {q(name)}\n"
            f"WHERE {q('EquipID')} = ?{condition}\nGROUP BY {columns}",
            [self.machine.equip_id, *params],
        )

    def stream_rows(
        self, name: str, columns: Sequence[str], *, where: str = "", params: Sequence[Any] = ()
    ) -> Iterator[pl.DataFrame]:
        """Rows of a large table in batches, in no order; the first batch is empty, so that there is one."""
        kinds = tables.BY_NAME[name].polars_schema
        yield pl.DataFrame(schema={column: kinds[column] for column in columns})
        yield from self.engine.stream_rows(
            self.build_select(name, columns, where=where), [self.machine.equip_id, *params]
        )
