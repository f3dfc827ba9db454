"""What is done to a store by hand: machines added, coldstarts and machines reset."""

from __future__ import annotations

from typing import Any

from acm_etl.engine import Engine
from acm_etl.load import coldstart, equipment, migrate, rewind


def add_equipment(engine: Engine, code: str, *, time_zone: str, **facts: str | None) -> dict[str, Any]:
    """Register a machine whose historian table exists, with every numeric column as a tag.

    Raises:
        UsageError: The code is taken, the zone unknown, or the historian table missing; nothing is registered.
    """
    migrate.init(engine)
    given = {name: value for name, value in facts.items() if value is not None}
    with engine.transaction():
        machine = equipment.register(engine, code, time_zone=time_zone, **given)
        new, _ = equipment.sync_tags(engine, machine)
    return {"EquipID": machine.equip_id, "code": code, "table": machine.table, "tags": len(new)}


def reset(engine: Engine, code: str, *, coldstart_only: bool = False) -> str:
    """Forget a machine's models, progress and results, or only let its coldstart be tried again.

    Returns:
        What was done, in words.

    Raises:
        UsageError: There is no such machine.
        ConflictError: A runner holds it.
    """
    migrate.check(engine)
    machine = equipment.find(engine, code)
    with engine.lease(code):
        if coldstart_only:
            with engine.transaction():
                coldstart.reset(engine, machine.equip_id)
            return "the coldstart is tried again by the next backfill"
        done = rewind.reset(engine, machine.equip_id)
    rows = sum(done.deleted.values())
    return f"{rows:,} rows deleted, {done.superseded:,} runs superseded; the next backfill starts afresh"
