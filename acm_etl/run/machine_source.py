"""Location of the readings of a machine, from its registration, its tags and its declared source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from acm_etl.engine import Engine
from acm_etl.io.historian import HistorianSource
from acm_etl.load.machines import sources
from acm_etl.load.machines.equipment import Equipment, Tag
from acm_etl.source_spec import HELD_TAG_TYPES


def locate_readings(
    engine: Engine,
    machine: Equipment,
    tags: Sequence[Tag],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> HistorianSource:
    """Return where the readings of a machine are.

    Args:
        engine: The store.
        machine: The machine.
        tags: Tags to read; their types decide which values a sampled source holds.
        since: Ignore raw readings before this time, UTC.
        until: Ignore raw readings from this time on, UTC.
    """
    # Read anew for each backfill: a declaration may change between two runs, never within one.
    spec = sources.read_source(engine, machine.equip_id)
    return HistorianSource(
        table=spec.label if spec else machine.table,
        time_column=spec.time_column if spec else machine.time_column,
        tags=tuple(tag.name for tag in tags),
        since=since,
        until=until,
        spec=spec,
        # From the stored types, not from the values: the same in every window.
        held_tags=frozenset(tag.name for tag in tags if tag.type in HELD_TAG_TYPES),
    )
