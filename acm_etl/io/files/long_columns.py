"""Columns of tags and of values in long files, by their usual names."""

from __future__ import annotations

from collections.abc import Sequence

from acm_etl.io.files.column_names import (
    INFLUX_BOOKKEEPING,
    TAG_NAMES,
    TEXT_VALUE_NAMES,
    UNNAMED,
    VALUE_NAMES,
    simplify_name,
)
from acm_etl.io.files.row_keys import ColumnFacts


def find_named_tags(facts: Sequence[ColumnFacts]) -> tuple[str, ...]:
    """Return the tag columns by usual names; of an Influx export, the columns that vary from series to series."""
    names = {fact.plain_name for fact in facts}
    if {"_value", "_field"} <= names:
        # The column of annotations has no name; further tables of the file write theirs there.
        named = [fact for fact in facts if not fact.is_time and not UNNAMED.fullmatch(fact.name)]
        keys = [fact for fact in named if fact.plain_name not in INFLUX_BOOKKEEPING]
        varying = [fact.name for fact in keys if fact.distinct > 1]
        # A column that never varies adds nothing to the name of a tag, but the field does where nothing varies.
        return tuple(varying) or tuple(fact.name for fact in keys if fact.plain_name == "_field")
    # A tag has a name, so a column of numbers is a tag only where it is an identifier: tagid.
    named = [f for f in facts if f.plain_name in TAG_NAMES and _can_name(f)]
    # A name may be that of anything, but before a lone column "Value" it is that of the tag (IP.21).
    numbers = [fact for fact in facts if fact.is_number and not fact.is_quality]
    if not named and len(numbers) == 1 and numbers[0].plain_name in VALUE_NAMES:
        named = [fact for fact in facts[:1] if fact.plain_name == "name"]
    # A topic may be anything, too, but that of a message (MQTT, Node-RED) names its value.
    if not named and "payload" in names:
        named = [fact for fact in facts if fact.plain_name == "topic"]
    # A name says more than a number: TagName, where TagId stands before it (eWON).
    return (min(named, key=lambda fact: fact.is_number).name,) if named else ()


def _can_name(fact: ColumnFacts) -> bool:
    return not fact.is_number or fact.plain_name.endswith(("id", "index"))


def find_named_values(facts: Sequence[ColumnFacts], exclude: tuple[str, ...]) -> tuple[str, ...]:
    """Return the value columns by usual names, or the only column of numbers, besides those of tags."""
    # A column without cells holds no readings, whatever its name: products with a column per type leave some empty.
    named = [fact for fact in facts if fact.plain_name in VALUE_NAMES and fact.name not in exclude and fact.filled]
    # Behind a topic, the payload is the value; alone it may be the load of a truck.
    if not named and "topic" in map(simplify_name, exclude):
        named = [fact for fact in facts if fact.plain_name == "payload" and fact.filled]
    if named:
        # Ignition has one column per type: intvalue, floatvalue, and stringvalue with the states of digital tags.
        typed = [fact for fact in named if fact.is_number or fact.plain_name in TEXT_VALUE_NAMES]
        # Numbers first: a text column may also repeat the number with its unit.
        typed.sort(key=lambda fact: fact.plain_name in TEXT_VALUE_NAMES)
        return tuple(fact.name for fact in typed or named[:1])
    numbers = [fact.name for fact in facts if fact.is_number and not fact.is_quality and fact.name not in exclude]
    return (numbers[0],) if len(numbers) == 1 else ()
