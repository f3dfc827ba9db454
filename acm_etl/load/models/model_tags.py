"""Facts about tags in the newest models of a machine."""

from __future__ import annotations

from dataclasses import dataclass

from acm_etl.engine import Engine
from acm_etl.tables.common import select_newest


@dataclass(frozen=True, slots=True)
class LoadIndicator:
    """A tag that tells whether the machine is in operation.

    Attributes:
        sensor: Tag name.
        idle_level: The machine is idle by this tag below this reading, unit of the tag.
        unit: Unit of the tag.
    """

    sensor: str
    idle_level: float
    unit: str | None = None


def select_newest_models(table: str, alias: str, condition: str) -> str:
    """Return the FROM clause for the rows of a table that belong to the newest models of each machine.

    Args:
        table: Table with one or more rows per machine and model version.
        alias: Alias of these rows.
        condition: Condition on EquipID, for the machines to read.
    """
    newest = select_newest(f"{{{table}}}", "{ModelVersion}", machines=condition)
    return (
        f"FROM {newest} AS n JOIN {{{table}}} AS {alias}\n"
        f"  ON {alias}.{{EquipID}} = n.{{EquipID}} AND {alias}.{{ModelVersion}} = n.newest\n"
    )


def read_load_indicators(engine: Engine, equip_id: int) -> tuple[LoadIndicator, ...]:
    """Return the load indicators of the newest models of a machine, in the order of its tags."""
    sql = engine.dialect.sql(
        "SELECT t.{TagName}, t.{IdleLevel}, m.{TagUnit}\n"
        f"{select_newest_models('ACM_ModelTags', 't', '{EquipID} = ?')}"
        "LEFT JOIN {ACM_TagEquipmentMap} AS m ON m.{EquipID} = t.{EquipID} AND m.{TagName} = t.{TagName}\n"
        "WHERE t.{IdleLevel} IS NOT NULL ORDER BY t.{Ordinal}"
    )
    return tuple(LoadIndicator(*row) for row in engine.query(sql, [equip_id]).iter_rows())
