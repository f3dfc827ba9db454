"""Complete the declaration of a source from its columns and some of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from acm_etl.admin.source_time import choose_clock
from acm_etl.engine import Engine
from acm_etl.errors import MissingTableError, UsageError
from acm_etl.io import source_quality
from acm_etl.io.historian_declared import describe_columns
from acm_etl.io.historian_source import open_reader
from acm_etl.io.source_sql import build_filter, build_relation
from acm_etl.source_spec import SamplingSpec, SourceSpec
from acm_etl.words import QualityRule, SourceShape

_USUAL_NAMES = {
    # AVEVA, GE, WinCC, Ignition, Home Assistant, InfluxDB, and what people call such columns.
    "tag": ("tagname", "varname", "tagid", "entity_id", "tag", "tag_name", "pointname", "point", "sensor", "signal",
            "variable", "_field"),
    "time": ("datetime", "timestamp", "timestring", "t_stamp", "last_changed", "entrydatetime", "time", "ts",
             "date_time", "eventtime", "_time"),
    "value": ("value", "varvalue", "floatvalue", "state", "_value", "reading"),
    "quality": ("qualitydetail", "opcquality", "quality", "dataquality", "validity", "dataintegrity"),
}  # fmt: skip
# Values of a filter column to name, if the one of the machine is not among them, and rows in which to look for them: a
# historian of years has billions.
_MAX_FILTER_VALUES = 10
_MAX_FILTER_ROWS = 1_000_000
# Rows to look at for the clock and the quality rule: both are properties of a column, not of single rows.
_SAMPLE_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRequest:
    """Options of ``acm-etl source``; None for what was not given.

    Attributes:
        object_name: Table or view.
        query: A single SELECT.
        url_setting: Environment variable with the URL of another server.
        shape: ``wide`` or ``long``.
        time_column: Time of a reading.
        clock: Zone of the times, see ``SourceSpec.clock``.
        tag_column: Name of the tag (long).
        value_column: Value of the tag (long).
        quality_column: Quality of the value (long); empty for none.
        quality_rule: How to read the quality.
        where: Filter column and its value for this machine.
        tag_patterns: Tags to use.
        excluded_patterns: Tags to leave out.
        sampling: Grid of the readings.
        unsampled: Take the readings as they stand, whatever was declared before.
    """

    object_name: str | None = None
    query: str | None = None
    url_setting: str | None = None
    shape: SourceShape | None = None
    time_column: str | None = None
    clock: str | None = None
    tag_column: str | None = None
    value_column: str | None = None
    quality_column: str | None = None
    quality_rule: QualityRule | None = None
    where: tuple[str, str] | None = None
    tag_patterns: tuple[str, ...] | None = None
    excluded_patterns: tuple[str, ...] | None = None
    sampling: SamplingSpec | None = None
    unsampled: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no option was given."""
        return self == SourceRequest()

    @property
    def names_object(self) -> bool:
        """Whether the request names a table, view or query, and so replaces the declaration before."""
        return self.object_name is not None or self.query is not None


@dataclass(frozen=True, slots=True)
class DetectedSource:
    """A complete declaration, and how it came about.

    Attributes:
        spec: The declaration.
        columns: Types of the columns of the source.
        found: Columns and rules that were not given, by their part in the declaration.
        doubts: Guesses that a person should confirm, one sentence each.
        no_rows: Sentence about a source without rows of the machine; None if it has rows.
    """

    spec: SourceSpec
    columns: dict[str, pl.DataType]
    found: dict[str, str]
    doubts: list[str]
    no_rows: str | None


def detect_source(engine: Engine, request: SourceRequest, declared: SourceSpec) -> DetectedSource:
    """Complete a request from the columns of the source and some of its rows.

    Args:
        engine: The store.
        request: Options of the command.
        declared: Declaration before; what the request leaves out stays, unless it names another object.

    Raises:
        UsageError: The source or a column does not exist or cannot be found, or the time column has no type of a time.
        StoreError: The login may not read the source.
    """
    # Columns first, then rows: a name that does not exist is refused before anything is scanned.
    draft = _apply_request(request, declared)
    try:
        columns = describe_columns(engine, draft)
    except MissingTableError as error:
        message = f"{draft.label} cannot be read: {error}"
        raise UsageError(message) from error
    draft, found = _find_columns(request, draft, columns)
    _require_columns(draft, columns)
    samples = _read_samples(engine, draft, columns)
    no_rows = _describe_missing_rows(engine, draft) if samples.is_empty() else None
    doubts: list[str] = []
    # A stored clock stays when only the sampling changes: the person has confirmed it.
    if request.names_object or request.clock is not None or request.time_column is not None:
        clock, doubts = choose_clock(engine, draft, samples[draft.time_column], named=request.clock)
        draft = replace(draft, clock=clock)
    if draft.quality_column and draft.quality_rule is None:
        rule = source_quality.choose_quality_rule(draft.quality_column, samples[draft.quality_column])
        draft, found["quality rule"] = replace(draft, quality_rule=rule), rule
    return DetectedSource(draft, columns, found, doubts, no_rows)


def _apply_request(request: SourceRequest, declared: SourceSpec) -> SourceSpec:
    """Return the declaration with the given options; columns that were not given are those of a wide table."""
    if request.names_object:
        # Columns of another object mean nothing here; the grid belongs to the machine.
        base = SourceSpec(object_name=request.object_name, query=request.query, sampling=declared.sampling)
    else:
        base = declared
    where = request.where or (base.filter_column, base.filter_value)
    return replace(
        base,
        # An empty text is a value: it takes the readings from the server of the store again.
        url_setting=request.url_setting if request.url_setting is not None else base.url_setting,
        filter_column=where[0],
        filter_value=where[1],
        tag_patterns=base.tag_patterns if request.tag_patterns is None else request.tag_patterns,
        excluded_patterns=base.excluded_patterns if request.excluded_patterns is None else request.excluded_patterns,
        sampling=None if request.unsampled else request.sampling or base.sampling,
        clock=request.clock or base.clock,
    )


def _find_columns(
    request: SourceRequest, draft: SourceSpec, columns: Mapping[str, pl.DataType]
) -> tuple[SourceSpec, dict[str, str]]:
    """Return the declaration with its columns: as given, as declared before, or found by their usual names.

    Returns:
        The declaration, and what was found, by its part in the declaration.
    """
    given = _list_given_columns(request, draft)
    # Servers differ in the case of the same product's columns.
    by_name = {name.casefold(): name for name in columns}
    likely = {part: given[part] or _find_usual(by_name, _USUAL_NAMES[part]) for part in given}
    shape = request.shape or _infer_shape(request, draft, likely)
    if shape == "wide" and (request.tag_column or request.value_column):
        message = "--tag-column and --value-column are of long tables: omit them, or use --shape long"
        raise UsageError(message)
    chosen = _choose_columns(request, likely, shape, label=draft.label, columns=columns)
    found = {f"{part} column": name for part, name in chosen.items() if name and not given[part]}
    if request.shape is None and request.names_object:
        found["shape"] = shape
    # The rule belongs to its column.
    keeps_rule = chosen["quality"] and chosen["quality"] == draft.quality_column
    spec = replace(
        draft,
        shape=shape,
        time_column=chosen["time"],
        tag_column=chosen.get("tag"),
        value_column=chosen.get("value"),
        quality_column=chosen["quality"] or None,
        quality_rule=request.quality_rule or (draft.quality_rule if keeps_rule else None),
    )
    return spec, found


def _infer_shape(request: SourceRequest, draft: SourceSpec, likely: Mapping[str, str]) -> SourceShape:
    if request.tag_column or request.value_column:
        return "long"
    if not request.names_object:
        return draft.shape
    # A wide table may have a column "value"; both a tag and a value column make a long one.
    return "long" if likely["tag"] and likely["value"] else "wide"


def _list_given_columns(request: SourceRequest, draft: SourceSpec) -> dict[str, str]:
    """Return the columns that the request or the declaration before names, by part; empty for the others."""
    return {
        "time": request.time_column or ("" if request.names_object else draft.time_column),
        "tag": request.tag_column or draft.tag_column or "",
        "value": request.value_column or draft.value_column or "",
        "quality": request.quality_column if request.quality_column is not None else draft.quality_column or "",
    }


def _choose_columns(
    request: SourceRequest, likely: Mapping[str, str], shape: SourceShape, *, label: str, columns: Iterable[str]
) -> dict[str, str]:
    """Return the columns that a shape needs, and that of the quality, which may be empty.

    Raises:
        UsageError: A column that the shape needs is not known.
    """
    parts = ("time", "tag", "value") if shape == "long" else ("time",)
    chosen = {part: likely[part] for part in parts}
    # An empty option means that bad values are to be taken as good, which no guess may override.
    chosen["quality"] = likely["quality"] if shape == "long" and request.quality_column != "" else ""
    # All missing columns in one message: the user repeats the command once.
    missing = [part for part in parts if not chosen[part]]
    if missing:
        options = " and ".join(f"--{part}-column NAME" for part in missing)
        message = f"the {' and '.join(missing)} column of {label} is not known; use {options} with one of: "
        raise UsageError(message + ", ".join(columns))
    return chosen


def _find_usual(by_name: Mapping[str, str], usual_names: Sequence[str]) -> str:
    return next((by_name[name] for name in usual_names if name in by_name), "")


def _require_columns(spec: SourceSpec, columns: Mapping[str, pl.DataType]) -> None:
    # Checked here, because an error of the database names one column and not the ones that exist.
    missing = [name for name in spec.columns if name not in columns]
    if missing:
        message = (
            f"{len(missing)} of {len(spec.columns)} columns missing in {spec.label}: {', '.join(missing)}; "
            f"it has: {', '.join(columns)}"
        )
        raise UsageError(message)
    if spec.filter_column and columns[spec.filter_column].is_numeric() and not _is_number(spec.filter_value or ""):
        message = (
            f"column {spec.filter_column} of {spec.label} holds numbers, and {spec.filter_value!r} is none; "
            f"use --where {spec.filter_column}=NUMBER"
        )
        raise UsageError(message)
    # A time or a binary value as a number would be a wrong one.
    if spec.shape == "long" and not source_quality.is_value_type(columns[spec.value_column or ""]):
        message = (
            f"column {spec.value_column} of {spec.label} holds {columns[spec.value_column or '']}, not values; "
            f"use --value-column NAME with one of: {', '.join(columns)}"
        )
        raise UsageError(message)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read_samples(engine: Engine, spec: SourceSpec, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Return some rows of the machine, with the columns of the declaration."""
    with open_reader(engine, spec) as reader:
        quote = reader.dialect.quote
        # A filter may use the tag column, and a database returns a repeated name under another one.
        names = list(dict.fromkeys(spec.columns))
        columns = ", ".join(f"s.{quote(name)}" for name in names)
        condition = build_filter(spec, reader.dialect)
        sql = f"SELECT {columns} FROM {build_relation(spec, reader.dialect)}{condition.where}"
        # The first batch of a stream: TOP and LIMIT differ between the dialects.
        rows = next(reader.stream_rows(sql, condition.params, chunk_size=_SAMPLE_ROWS), None)
    if rows is None:
        return pl.DataFrame(schema={name: types[name] for name in names})
    # Servers differ in the case of returned names.
    rows.columns = names
    return rows


def _describe_missing_rows(engine: Engine, spec: SourceSpec) -> str:
    if spec.filter_column is None:
        return f"{spec.label} has no readings yet"
    found = _describe_filter_values(engine, spec)
    return f"no row of {spec.label} has {spec.filter_column} = {spec.filter_value!r}; {found}"


def _describe_filter_values(engine: Engine, spec: SourceSpec) -> str:
    """Return a clause with the values of the filter column, or with some of them if there are many values or rows."""
    values: set[str] = set()
    read = 0
    with open_reader(engine, spec) as reader:
        column = f"s.{reader.dialect.quote(spec.filter_column or '')}"
        # Not DISTINCT, for which a database reads the whole historian before it returns the first value.
        for rows in reader.stream_rows(f"SELECT {column} AS found FROM {build_relation(spec, reader.dialect)}"):
            values.update(rows.to_series().drop_nulls().unique().cast(pl.String))
            read += rows.height
            if len(values) > _MAX_FILTER_VALUES or read >= _MAX_FILTER_ROWS:
                break
    # Quoted, because blanks at the end make a difference.
    named = ", ".join(map(repr, sorted(values)[:_MAX_FILTER_VALUES]))
    if len(values) > _MAX_FILTER_VALUES:
        return f"values of this column are {named} and others"
    if read >= _MAX_FILTER_ROWS:
        return f"in the first {read:,} rows, this column has {named or 'no values'}"
    return f"values of this column are {named}" if named else "this column has no values"
