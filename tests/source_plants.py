"""Stores whose machine has a declared source: its readings in a long table, as they stand or on a grid."""

from __future__ import annotations

from acm_etl.load.machines import equipment, sources
from acm_etl.source_spec import SamplingSpec, SourceSpec

LONG = SourceSpec(
    object_name="main.History",
    shape="long",
    time_column="DateTime",
    tag_column="TagName",
    value_column="Value",
    quality_column="QualityDetail",
    quality_rule="opc",
)
# Of the kinds of source that the ``plant`` fixture knows, the grid.
SAMPLINGS = {
    "long": None,
    "sampled": SamplingSpec.parse("1h", hold_max="8h"),
    "averaged": SamplingSpec.parse("1h", fill="none", aggregate="mean"),
}


def move_to_long_source(place, kind: str) -> None:
    """Replace the wide table of the machine by a long one, whose tags have times of their own if it is sampled."""
    engine = place.connect()
    try:
        machine = equipment.find_machine(engine, place.code)
        tags = [tag.name for tag in equipment.read_tags(engine, machine.equip_id)]
        quote = engine.dialect.quote
        # A minute per tag: with times of their own, rows of the long table never meet.
        step = 1 if SAMPLINGS[kind] else 0
        selects = [
            f'SELECT {engine.dialect.quote_literal(tag)} AS "TagName", '
            f'CAST({quote(machine.time_column)} + INTERVAL {index * step} MINUTE AS TIMESTAMP_MS) AS "DateTime", '
            f'{quote(tag)} AS "Value", 192 AS "QualityDetail" FROM {quote(machine.table)}'
            for index, tag in enumerate(tags)
        ]
        engine.execute(f'CREATE TABLE "History" AS {" UNION ALL ".join(selects)}')
        engine.execute(f"DROP TABLE {quote(machine.table)}")
        sources.save_source(engine, machine.equip_id, LONG.with_sampling(SAMPLINGS[kind]))
    finally:
        engine.close()
