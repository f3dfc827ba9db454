"""Declared sources of readings: inspect, declare, show and reset the source of a machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import polars as pl

from acm_etl.admin.source_detection import DetectedSource, SourceRequest, detect_source
from acm_etl.admin.source_doubts import list_doubts
from acm_etl.counts import format_count
from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.io import sampling
from acm_etl.io.declared_readings import read_sample_cells
from acm_etl.io.historian import HistorianSource
from acm_etl.io.historian_declared import TagExtent, count_missing_times, read_tag_extents
from acm_etl.io.source_sql import check_query
from acm_etl.load import watermark
from acm_etl.load.machines import equipment, sources
from acm_etl.load.machines.equipment import Equipment, Tag
from acm_etl.load.schema import migrate
from acm_etl.source_spec import SourceSpec, format_duration
from acm_etl.windows import DAY
from acm_etl.words import TagKind

# Days of raw readings from which cadence and kind of the tags are taken; more where there are few readings. Whole days,
# as machines have daily cycles.
_SAMPLE_DAYS = (1, 30, 36_500)
# A source that reports on exception may have a handful of readings on its first day.
_MIN_SAMPLE_CELLS = 1000
_MIN_KIND_CELLS = 20
"""Readings of a tag from which its kind is taken; fewer say nothing."""


@dataclass(frozen=True, slots=True)
class SourceTag:
    """A tag of a source.

    Attributes:
        name: Name of the tag.
        readings: Number of its raw readings.
        first: Time of the first one, UTC; None without readings.
        last: Time of the last one, UTC; None without readings.
        cadence_seconds: Median distance of its readings in the sample; None if the sample has fewer than two.
        kind: ``digital`` and ``counter`` keep their last value in every aggregate.
    """

    name: str
    readings: int
    first: datetime | None
    last: datetime | None
    cadence_seconds: float | None
    kind: TagKind


@dataclass(frozen=True, slots=True)
class SourceReport:
    """The source of a machine.

    Attributes:
        equip: Machine code.
        source: Name of the table or view, or that it is a query.
        spec: The declaration.
        is_declared: Whether the store has this declaration; otherwise the machine has its wide table.
        is_stored: Whether this command stored it.
        columns: Types of the columns of the source.
        found: Columns and rules that were found by themselves.
        tags: Tags that the declaration selects.
        left_out: Tags and columns that it does not select.
        sample_losses: Raw cells of the sample that are not taken as they stand, by event.
        doubts: Guesses that a person should confirm, one sentence each.
        scored_since: Start of the scored history, if there are results of another source; None otherwise.
    """

    equip: str
    source: str
    spec: SourceSpec
    is_declared: bool
    is_stored: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)
    tags: list[SourceTag] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    sample_losses: dict[str, int] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    scored_since: datetime | None = None

    @property
    def readings(self) -> int:
        """Raw readings of all selected tags."""
        return sum(tag.readings for tag in self.tags)


def show_source(engine: Engine, code: str) -> SourceReport:
    """Return the source of a machine as it is declared; its readings are not read.

    Raises:
        UsageError: The machine is unknown.
    """
    migrate.require_current_schema(engine)
    machine = equipment.find_machine(engine, code)
    # From the store only: the other server may be down, which must not keep a user from seeing the declaration.
    declared = sources.read_source(engine, machine.equip_id)
    spec = declared or sources.declare_wide_table(machine)
    return SourceReport(code, spec.label, spec, declared is not None)


def reset_source(engine: Engine, code: str) -> SourceReport:
    """Delete the declaration of a machine: its readings are in its wide table again.

    Raises:
        UsageError: The machine is unknown.
    """
    # Showing and resetting change no table, so they do not update the schema on the way.
    migrate.require_current_schema(engine)
    machine = equipment.find_machine(engine, code)
    deleted = sources.delete_source(engine, machine.equip_id)
    spec = sources.declare_wide_table(machine)
    progress = _find_scored_start(engine, machine) if deleted else None
    return SourceReport(code, spec.label, spec, is_declared=False, is_stored=deleted, scored_since=progress)


def declare_source(
    engine: Engine, code: str, request: SourceRequest, *, time_zone: str | None = None, dry_run: bool = False
) -> SourceReport:
    """Declare the source of a machine, after reading its columns and some of its rows.

    Args:
        engine: The store; its schema is updated unless this is a dry run.
        code: Machine code; registered if new and ``time_zone`` is given.
        request: Options; what is left out stays as declared before, or is found from the source.
        time_zone: IANA time zone of the days of a new machine.
        dry_run: Report, and store nothing.

    Returns:
        The declaration, the tags and their readings, and doubts.

    Raises:
        UsageError: The source or a column is missing or cannot be found, no tag is selected, or the machine is unknown.
        StoreError: The login may not read the source.
    """
    # A dry run changes nothing, not even the schema: a login that may only read can run it.
    if not dry_run:
        migrate.complete_schema(engine)
    # Before anything is read: the text becomes part of each later statement.
    if request.query is not None:
        check_query(request.query)
    machine = equipment.find_registered(engine, code)
    declared = _read_declaration(engine, code, machine, request)
    detected = detect_source(engine, request, declared or _build_placeholder(request))
    report = _inspect_source(engine, code, detected, is_declared=declared == detected.spec)
    # Refused: a machine without tags would be registered and could never be trained.
    if not report.tags:
        raise _missing_tags_error(detected, report)
    if dry_run:
        return report
    return _store_source(engine, code, machine, report, time_zone=time_zone)


def _read_declaration(
    engine: Engine, code: str, machine: Equipment | None, request: SourceRequest
) -> SourceSpec | None:
    if machine is not None:
        # A machine without a declaration has its wide table: options such as --every then change that table's reading.
        return sources.read_source(engine, machine.equip_id) or sources.declare_wide_table(machine)
    if not request.names_object:
        message = f"{code} is not registered and has no source: name one with --from TABLE or --query SELECT"
        raise UsageError(message)
    return None


def _missing_tags_error(detected: DetectedSource, report: SourceReport) -> UsageError:
    # A long source without rows has no tags that other options could select.
    if detected.no_rows and not report.left_out:
        return UsageError(detected.no_rows)
    message = (
        f"{report.source} has no tag that {report.equip} could use; change --tags and --exclude. "
        f"Tags: {'; '.join([', '.join(report.left_out[:20]) or 'none', *report.doubts])}"
    )
    return UsageError(message)


def _build_placeholder(request: SourceRequest) -> SourceSpec:
    return SourceSpec(object_name=request.object_name, query=request.query)


def _inspect_source(engine: Engine, code: str, detected: DetectedSource, *, is_declared: bool) -> SourceReport:
    spec, doubts = detected.spec, list(detected.doubts)
    extents = read_tag_extents(engine, spec, _list_numeric_columns(detected))
    selected = [extent for extent in extents if spec.matches(extent.name)]
    used = {extent.name for extent in selected}
    # Of a long source only tags can be left out; its further columns are not meant as tags.
    others = [extent.name for extent in extents] if spec.shape == "long" else list(detected.columns)
    report = SourceReport(
        equip=code,
        source=spec.label,
        spec=spec,
        is_declared=is_declared,
        columns={name: _name_type(dtype) for name, dtype in detected.columns.items()},
        found=detected.found,
        left_out=[name for name in others if name not in used and name not in spec.columns],
        doubts=doubts,
    )
    # The sample begins at the first reading: an ordered read from there is cheap with an index on time.
    starts = [extent.first for extent in selected if extent.first is not None]
    if starts:
        cells, losses = _read_sample(engine, spec, [extent.name for extent in selected], min(starts))
        report.tags.extend(_summarize_tags(selected, cells))
        # Shown before the first backfill: bad-quality and text values are counted, never taken in silence.
        report.sample_losses.update(losses["EventType"].value_counts().iter_rows())
        doubts.extend(list_doubts(spec, selected, cells, losses))
    else:
        report.tags.extend(SourceTag(extent.name, 0, None, None, None, "analog") for extent in selected)
        doubts.append(detected.no_rows or f"{spec.label} has no readings yet")
    source = HistorianSource(spec.label, spec.time_column, tuple(extent.name for extent in selected), spec=spec)
    if timeless := count_missing_times(engine, source) if selected else 0:
        doubts.append(f"{format_count(timeless, 'row')} without a time in {spec.time_column}: never scored")
    return report


def _name_type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Datetime):
        return "time" if dtype.time_zone is None else "time with offset"
    if dtype.is_numeric():
        return "number"
    return {"String": "text", "Boolean": "boolean"}.get(str(dtype), str(dtype))


def _list_numeric_columns(detected: DetectedSource) -> list[str]:
    return [
        name
        for name, dtype in detected.columns.items()
        # Booleans are digital tags; SQL Server has them as BIT.
        if name not in detected.spec.columns and (dtype.is_numeric() or dtype == pl.Boolean)
    ]


def _read_sample(
    engine: Engine, spec: SourceSpec, tags: Sequence[str], first: datetime
) -> tuple[sampling.CellChunk, pl.DataFrame]:
    source = HistorianSource(spec.label, spec.time_column, tuple(tags), spec=spec)
    # The shortest span first: a fast source has millions of readings in a month.
    cells, losses = read_sample_cells(engine, source, first, first + _SAMPLE_DAYS[0] * DAY)
    for days in _SAMPLE_DAYS[1:]:
        if cells.times.size >= _MIN_SAMPLE_CELLS:
            break
        # A time such as 9999-12-31 means that there is no end.
        end = first + min(days * DAY, datetime.max - first)  # noqa: DTZ901 - naive UTC
        cells, losses = read_sample_cells(engine, source, first, end)
    return cells, losses


def _summarize_tags(extents: Sequence[TagExtent], cells: sampling.CellChunk) -> list[SourceTag]:
    cadences, _ = sampling.measure_cadences(cells, len(extents))
    return [
        SourceTag(
            extent.name,
            extent.readings,
            extent.first,
            extent.last,
            float(cadences[index]) / 1000 or None,  # 0 means fewer than two readings
            _classify_values(cells.values[cells.tags == index]),
        )
        for index, extent in enumerate(extents)
    ]


def _classify_values(values: sampling.Values) -> TagKind:
    # NaN is a cell that a quality rule rejected.
    known = values[~np.isnan(values)]
    if known.size < _MIN_KIND_CELLS:
        return "analog"
    # Before the test for counters: a signal that changes once from 0 to 1 also never falls.
    if np.isin(known, (0.0, 1.0)).all():
        return "digital"
    # A counter that is reset within the sample is taken as analog: the user can correct the type, and sampling only
    # averages.
    steps = np.diff(known)
    # A counter of whole units; a temperature that only rises in the sample has fractions.
    is_counter = (steps >= 0).all() and (steps > 0).mean() > 0.5 and (known == np.floor(known)).all()
    return "counter" if is_counter else "analog"


def _store_source(
    engine: Engine, code: str, machine: Equipment | None, report: SourceReport, *, time_zone: str | None
) -> SourceReport:
    if machine is None:
        # Not guessed from --timezone: the clock of a historian is often not that of the plant.
        if time_zone is None:
            message = f"{code} is not registered yet; add --equip-timezone with the IANA time zone of its days"
            raise UsageError(message)
        machine = equipment.register_machine(engine, code, time_zone=time_zone)
    scored = None if report.is_declared else _find_scored_start(engine, machine)
    # Together: a declaration without its tags would train on the tags before.
    with engine.transaction():
        sources.save_source(engine, machine.equip_id, report.spec)
        equipment.upsert_tags(engine, machine, _plan_tags(engine, machine, report))
    return replace(
        report,
        is_declared=True,
        is_stored=True,
        scored_since=scored,
        doubts=[*report.doubts, *_list_off(engine, machine, report)],
    )


def _list_off(engine: Engine, machine: Equipment, report: SourceReport) -> list[str]:
    present = {tag.name for tag in report.tags}
    off = [t.name for t in equipment.read_tags(engine, machine.equip_id) if t.name in present and not t.is_active]
    if not off:
        return []
    return [f"tags that are switched off ({len(off)}): {', '.join(off[:5])}; see acm-etl tags {machine.code}"]


def _plan_tags(engine: Engine, machine: Equipment, report: SourceReport) -> list[Tag]:
    """Return the tags to write: new ones, those whose kind is known now, and inactive those that the source lacks."""
    # Tags are never deleted, because models and results refer to them by name.
    stored = {tag.name: tag for tag in equipment.read_tags(engine, machine.equip_id)}
    present = {tag.name for tag in report.tags}
    kinds = {tag.name: None if tag.kind == "analog" else tag.kind for tag in report.tags}
    new = [Tag(name, type=kinds[name]) for name in sorted(present - stored.keys())]
    # A person may have switched a tag off, or corrected its type: both stay.
    gone = [
        Tag(t.name, t.description, t.unit, t.type, is_active=False) for t in stored.values() if t.name not in present
    ]
    typed = [
        Tag(tag.name, tag.description, tag.unit, kinds[tag.name], is_active=tag.is_active)
        for tag in stored.values()
        if tag.name in present and tag.type is None and kinds[tag.name]
    ]
    return [*new, *gone, *typed]


def _find_scored_start(engine: Engine, machine: Equipment) -> datetime | None:
    progress = watermark.read_watermark(engine, machine.equip_id)
    return progress.data_min if progress else None


def format_options(spec: SourceSpec) -> list[str]:
    """Return the options of ``acm-etl source`` that declare a source."""
    # In the order of the help. Everything is spelled out, so that a later release cannot detect something else.
    texts = {
        "--from": spec.object_name,
        "--query": spec.query,
        "--url-setting": spec.url_setting,
        "--shape": spec.shape,
        "--time-column": spec.time_column,
        "--timezone": spec.clock,
        "--tag-column": spec.tag_column,
        "--value-column": spec.value_column,
        "--quality-column": spec.quality_column,
        "--quality-rule": spec.quality_rule,
        "--where": f"{spec.filter_column}={spec.filter_value}" if spec.filter_column else None,
    }
    if spec.sampling is not None:
        texts["--every"] = format_duration(spec.sampling.every_ms)
        texts["--fill"] = spec.sampling.fill
        texts["--hold-max"] = format_duration(spec.sampling.hold_max_ms) if spec.sampling.fill == "hold" else None
        texts["--aggregate"] = spec.sampling.aggregate
    words = [word for option, text in texts.items() if text is not None for word in (option, text)]
    words += [word for pattern in spec.tag_patterns for word in ("--tags", pattern)]
    return words + [word for pattern in spec.excluded_patterns for word in ("--exclude", pattern)]
