"""Units and kinds of imported tags, for the list of tags of a machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from acm_etl.engine import Engine
from acm_etl.io.files.plan import PlannedTag
from acm_etl.load.machines import equipment
from acm_etl.load.machines.equipment import Equipment, Tag
from acm_etl.source_spec import HELD_TAG_TYPES
from acm_etl.tables.reference import TAG_MAP

MAX_UNIT_LENGTH = TAG_MAP.columns_by_name["TagUnit"].max_length or 0


def complete_tags(engine: Engine, machine: Equipment, planned: Sequence[PlannedTag]) -> None:
    """Store the units and kinds that the files tell, inside the transaction of the caller.

    A unit or type that is stored stays: a person may have entered it.
    """
    # After the tags were synchronised with the columns, so that the tags of this import are among them.
    stored = {tag.name: tag for tag in equipment.read_tags(engine, machine.equip_id)}
    completed = [_complete_tag(stored[tag.name], tag) for tag in planned if tag.name in stored]
    changed = [tag for tag in completed if tag != stored[tag.name]]
    # A nightly import of the same columns changes nothing, and then needs no statement.
    if changed:
        equipment.upsert_tags(engine, machine, changed)


def _complete_tag(stored: Tag, planned: PlannedTag) -> Tag:
    # Digital tags and counters are held between readings, whatever the grid; other kinds need no type.
    kind = planned.kind if planned.kind in HELD_TAG_TYPES else None
    unit = planned.unit[:MAX_UNIT_LENGTH] or None
    return replace(stored, unit=stored.unit or unit, type=stored.type or kind)
