"""Tags of a machine: list them with their readings, choose which are scored, and set their units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from acm_etl.admin.import_tags import MAX_UNIT_LENGTH
from acm_etl.engine import Engine
from acm_etl.errors import StoreError, UsageError
from acm_etl.io.historian_declared import TagExtent, describe_columns, read_tag_extents
from acm_etl.load import watermark
from acm_etl.load.machines import equipment, sources
from acm_etl.load.machines.equipment import Equipment, Tag
from acm_etl.load.schema import migrate
from acm_etl.source_spec import SourceSpec, is_selected


@dataclass(frozen=True, slots=True)
class MachineTag:
    """A tag of a machine.

    Attributes:
        name: Name of the tag.
        unit: Unit of measurement; None if it is not known.
        type: Type of the tag; None if it is not known.
        is_used: Whether new models use the tag.
        readings: Number of its raw readings; 0 if the source lacks it.
        first: Time of the first one, UTC; None without readings.
        last: Time of the last one, UTC; None without readings.
    """

    name: str
    unit: str | None
    type: str | None
    is_used: bool
    readings: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class TagsReport:
    """The tags of a machine, and what a change of them requires.

    Attributes:
        equip: Machine code.
        tags: All tags, by name.
        excluded: Tags that this command left out.
        included: Tags that this command takes up again.
        with_new_unit: Tags whose unit this command has changed.
        scored_since: Start of the scored history, if the change came after its models; None otherwise.
        message: Why the readings are not known; empty if they are.
    """

    equip: str
    tags: list[MachineTag]
    excluded: list[str] = field(default_factory=list)
    included: list[str] = field(default_factory=list)
    with_new_unit: list[str] = field(default_factory=list)
    scored_since: datetime | None = None
    message: str = ""


def change_tags(
    engine: Engine,
    code: str,
    *,
    excluded: tuple[str, ...] = (),
    included: tuple[str, ...] = (),
    units: Mapping[str, str] | None = None,
) -> TagsReport:
    """Change which tags of a machine are used and what their units are, and list them.

    Models keep the tags that they were trained on: another choice takes effect with a refit or a replay. A unit is
    only shown, and takes effect at once.

    Args:
        engine: The store.
        code: Machine code.
        excluded: Patterns of tags to leave out.
        included: Patterns of tags to use again.
        units: Units by pattern of tags; an empty unit removes the stored one.

    Raises:
        UsageError: The machine is unknown, a pattern matches no tag, a unit is too long, or no tag would be left.
    """
    migrate.require_current_schema(engine)
    machine = equipment.find_machine(engine, code)
    stored = equipment.read_tags(engine, machine.equip_id)
    request = _TagRequest(excluded, included, units or {})
    # A pattern without a match is most often a typing error, which would otherwise change nothing in silence.
    _require_matches(code, stored, (*excluded, *included, *request.units))
    _require_short_units(request.units)
    # A tag that is as requested already is no change, so that a repeated command asks for no replay.
    pairs = [(before, request.apply_to(before)) for before in stored]
    changed = [after for before, after in pairs if after != before]
    # Tags that new models will use and the current ones do not, or the other way round.
    switched = [after for before, after in pairs if after.is_active != before.is_active]
    current = sorted((after for _, after in pairs), key=lambda tag: tag.name)
    # A backfill without tags fails; refuse the change instead.
    if switched and not any(tag.is_active for tag in current):
        message = f"{code} would have no tag left; use at least one with --include PATTERN"
        raise UsageError(message)
    if changed:
        with engine.transaction():
            equipment.upsert_tags(engine, machine, changed)
    # After the change is stored: reading the extents of a large source takes minutes, and may fail.
    extents, message = _read_extents(engine, machine, [tag.name for tag in current])
    # Only a machine with results has models that keep the tags before.
    progress = watermark.read_watermark(engine, machine.equip_id) if switched else None
    return TagsReport(
        equip=code,
        tags=[_describe_tag(tag, extents.get(tag.name)) for tag in current],
        excluded=[tag.name for tag in switched if not tag.is_active],
        included=[tag.name for tag in switched if tag.is_active],
        with_new_unit=[after.name for before, after in pairs if after.unit != before.unit],
        scored_since=progress.data_min if progress else None,
        message=message,
    )


@dataclass(frozen=True, slots=True)
class _TagRequest:
    excluded: tuple[str, ...]
    included: tuple[str, ...]
    units: Mapping[str, str]

    def apply_to(self, tag: Tag) -> Tag:
        """Return the tag as requested; an excluding pattern counts more than an including one."""
        # The last unit counts, as for any option that is given twice.
        for pattern, unit in self.units.items():
            if is_selected(tag.name, (pattern,)):
                tag = replace(tag, unit=unit or None)
        # An empty tuple of patterns selects all tags, which is wrong for both options here: hence the tests.
        if self.excluded and is_selected(tag.name, self.excluded):
            return replace(tag, is_active=False)
        if self.included and is_selected(tag.name, self.included):
            return replace(tag, is_active=True)
        return tag


def _require_short_units(units: Mapping[str, str]) -> None:
    long = [unit for unit in units.values() if len(unit) > MAX_UNIT_LENGTH]
    if long:
        message = f"a unit has at most {MAX_UNIT_LENGTH} characters, not {len(long[0])}: {long[0]}"
        raise UsageError(message)


def _require_matches(code: str, tags: list[Tag], patterns: tuple[str, ...]) -> None:
    unmatched = [pattern for pattern in patterns if not any(is_selected(tag.name, (pattern,)) for tag in tags)]
    if unmatched:
        # Enough to see how the tags are named; a machine may have hundreds.
        names = ", ".join(tag.name for tag in tags[:20])
        message = f"no tag of {code} matches {' or '.join(unmatched)}; its tags: {names}"
        raise UsageError(message)


def _read_extents(engine: Engine, machine: Equipment, names: list[str]) -> tuple[dict[str, TagExtent], str]:
    spec = sources.read_source(engine, machine.equip_id) or sources.declare_wide_table(machine)
    try:
        present = _list_present(engine, spec, names)
        extents = read_tag_extents(engine, spec, present) if present else []
    except (StoreError, UsageError) as error:
        # The choice of tags is stored already, and needs no readings.
        return {}, f"the readings of {spec.label} cannot be read: {error}"
    return {extent.name: extent for extent in extents}, ""


def _list_present(engine: Engine, spec: SourceSpec, names: list[str]) -> list[str]:
    # The tags of a long source are values of a column; one that is missing has no readings and raises no error.
    if spec.shape == "long":
        return names
    # A registered tag may have lost its column.
    columns = describe_columns(engine, spec)
    return [name for name in names if name in columns]


def _describe_tag(tag: Tag, extent: TagExtent | None) -> MachineTag:
    readings, first, last = (extent.readings, extent.first, extent.last) if extent else (0, None, None)
    return MachineTag(tag.name, tag.unit, tag.type, tag.is_active, readings, first, last)
