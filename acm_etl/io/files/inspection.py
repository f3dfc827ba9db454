"""First look at a file: a sample of its rows, the roles of its columns, and its shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import polars as pl

from acm_etl.errors import InputError
from acm_etl.host import quote_word
from acm_etl.io.files.column_names import TAG_NAMES, UNNAMED, VALUE_WORDS, is_generic_value_name, simplify_name
from acm_etl.io.files.first_rows import SAMPLE_ROWS, open_with_times
from acm_etl.io.files.layout.containers import PACKED_SUFFIXES, TABLE_SUFFIXES, InputFile
from acm_etl.io.files.layout.cut_end import find_cut_line
from acm_etl.io.files.layout.raw_table import RawTable, open_table, rebuild_table
from acm_etl.io.files.layout.text_encoding import list_odd_names
from acm_etl.io.files.layout.text_layout import TextLayout
from acm_etl.io.files.layout.text_rows import is_time_like
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.plan import ImportPlan
from acm_etl.io.files.row_keys import ColumnFacts, list_distinct
from acm_etl.io.files.shape import (
    FILE_NAME_TAG,
    FileShape,
    ShapeOptions,
    detect_shape,
    match_column,
)
from acm_etl.io.files.times.clock_columns import has_dates_alone
from acm_etl.io.files.times.date_parts import split_time_columns
from acm_etl.io.files.times.month_names import is_month_name
from acm_etl.io.files.times.second_clock import doubt_gaps, doubt_zone
from acm_etl.io.files.times.time_column import TimeColumn, open_time_column
from acm_etl.io.files.times.time_names import is_clock_name, is_time_name, numbers_parts_of_day
from acm_etl.io.files.values.number_text import Notation
from acm_etl.io.files.values.quality import detect_quality_scheme
from acm_etl.io.files.values.quality_columns import QualityColumns, QualityUse, find_quality_columns
from acm_etl.io.files.values.value_format import ValueFormat, decide_format
from acm_etl.io.files.values.value_profile import ValueProfile
from acm_etl.source_spec import matches_any_pattern

_FORMAT_SUFFIXES = TABLE_SUFFIXES | PACKED_SUFFIXES | {".txt", ".dat", ".log"}
_MIN_TIME_NAMES = 3
_SHOWN_END = 30  # characters of a last line
_HOUR_COLUMN = re.compile(r"(?:he|h|hr|hour|hour ending|std|stunde|uhr)?[ _.-]?(\d\d?) ?(?:h|uhr)?", re.IGNORECASE)
_CLOCK = r"\d:\d\d|\d{10}|\d ?(?i:h|[ap]\.?m)\b"  # 13:05, 2024030513, 13h, 1 pm
_CLOCK_CELL = re.compile(r"\d{1,2}:\d{1,2}(?:[:.,]\d+)*\s?(?:[ap]\.?m\.?)?", re.IGNORECASE)
# First and last number of the hours, half hours and quarters of an hour of a day, also of one with a clock change.
_DAY_NUMBERS = frozenset({(0, 23), *((1, last) for last in (24, 25, 48, 50, 96, 100))})
_DAY_HOURS = frozenset(range(1, 24))
_SHEET_WORDS = frozenset({"sheet", "tabelle", "feuil", "hoja", "foglio", "blad", "ark", "part", "data", "export"})
_YEAR = re.compile(r"(?:19|20)\d\d(?!\d\d?$)")
_MAX_CODES = 20
_MAX_WORDS = 4  # good, bad, uncertain and another one; comments and names of people have more
_SHOWN_CODES = 5


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """A file, its shape and its time columns before pass 1.

    Attributes:
        table: The file, opened.
        shape: Roles of its columns.
        times: Time columns in the order of ``shape.times``.
        default_tag: Tag of a file that names none: the name of the file; None if the file names its tags.
        plain_columns: Columns of which the sample holds nothing but numbers with a decimal point.
        doubts: Sentences about choices that a person should check.
    """

    table: RawTable
    shape: FileShape
    times: tuple[TimeColumn, ...]
    default_tag: str | None
    doubts: tuple[str, ...]
    plain_columns: frozenset[str] = frozenset()


def inspect_file(source: InputFile, options: ImportOptions) -> InspectedFile:
    """Open a file and find its shape.

    Raises:
        InputError: The file holds no table, no times or no rows.
    """
    table, sample, times = open_with_times(source, options)
    roles = _match_roles(options, table)
    qualities = _find_qualities(sample, times, options)
    facts = _describe_columns(sample, times, qualities, options)
    # What the user states outranks what was found.
    uses = qualities.map_values() | _state_quality(sample, options, table)
    shape = detect_shape(facts, sample, [time.columns for time in times], qualities=uses, options=roles)
    _refuse_times_as_names(table, shape, sample)
    _refuse_times_as_key(table, shape, roles, sample)
    by_columns = {time.columns: time for time in times}
    default_tag, shape = _name_lone_value(table, shape, sample)
    doubts = [*_doubt_table(shape, table), *qualities.doubts]
    if default_tag and _names_period(default_tag):
        doubts.append(f"{table.name}: the name {default_tag} is the tag of its values; if it is none, rename the file")
    doubts += _doubt_codes(shape, sample, facts, qualities)
    if len(shape.times) == 1:
        others = [time for time in times if time.columns not in shape.times]
        for find_doubts in (doubt_zone, doubt_gaps):
            doubts += find_doubts(by_columns[shape.times[0]], others, sample)
    file_times = tuple(by_columns[time] for time in shape.times)
    return InspectedFile(
        table, shape, file_times, default_tag, tuple(doubts), _find_plain_columns(table, sample, shape)
    )


def reopen_file(source: InputFile, plan: ImportPlan) -> tuple[InspectedFile, int]:
    """Open a file by a saved plan.

    Returns:
        The file, and the position of its kind in the plan.

    Raises:
        InputError: No kind of file in the plan has the columns of the file.
    """
    columns: tuple[str, ...] = ()
    for index, kind in enumerate(plan.kinds):
        table = _try_layout(source, kind.layout)
        # Remembered for the message: the columns under the last layout that could be read.
        columns = table.columns if table else columns
        if table and table.columns == kind.columns:
            times = tuple(open_time_column(table.name, reading) for reading in kind.times)
            # The plan leaves this tag open: each file brings its own.
            is_open = any(value.tag == FILE_NAME_TAG for value in kind.shape.values)
            tag = find_name_tag(source) if is_open else None
            return InspectedFile(table, kind.shape, times, tag, ()), index
    known = plan.kinds[0].columns
    missing = [name for name in known if name not in columns]
    added = [name for name in columns if name not in known]
    message = (
        f"{source.name} does not have the columns of the plan: missing {', '.join(missing[:10]) or 'none'}, "
        f"added {', '.join(added[:10]) or 'none'}; import it without --plan, and save a new plan"
    )
    raise InputError(message)


def _try_layout(source: InputFile, layout: TextLayout | None) -> RawTable | None:
    """Open a file under a layout, or return None if the layout does not fit."""
    if (layout is None) != source.is_typed:
        return None
    try:
        return open_table(source) if layout is None else rebuild_table(source, layout)
    except InputError:
        return None


def _doubt_table(shape: FileShape, table: RawTable) -> Iterator[str]:
    """Yield the doubts about the shape of a file, with the name of the file."""
    for doubt in shape.doubts:
        yield f"{table.name}: {doubt}"
    odd = list_odd_names(table.columns) if table.layout and table.layout.encoding == "cp1252" else []
    if odd:
        yield (
            f"{table.name} is not UTF-8 and read as Windows-1252, which gives {', '.join(odd[:_SHOWN_CODES])}; if that "
            "is wrong, convert it: iconv -f ENCODING -t utf-8 OLD > NEW, with cp1250 (Central European) or macintosh"
        )
    if last := find_cut_line(table.source):
        yield (
            f"{table.name} ends without a line break, in {last[-_SHOWN_END:]}, with fewer decimals than all lines "
            "before; if the file was cut there, export it again"
        )


def _match_roles(options: ImportOptions, table: RawTable) -> ShapeOptions:
    """Return the roles that the user states, with the names of the columns as the file writes them."""
    stated, columns = options.shape, table.columns
    machine = stated.machine_column or (options.where.column if options.where else None)
    return ShapeOptions(
        tag_columns=tuple(match_column(name, columns, file=table.name) for name in stated.tag_columns),
        value_columns=tuple(match_column(name, columns, file=table.name) for name in stated.value_columns),
        machine_column=match_column(machine, columns, file=table.name) if machine else None,
    )


def _find_qualities(sample: pl.DataFrame, times: tuple[TimeColumn, ...], options: ImportOptions) -> QualityColumns:
    taken = {name for time in times for name in time.columns} | set(options.shape.tag_columns)
    names = [name for name in sample.columns if name not in taken]
    return find_quality_columns(names, {name: sample[name] for name in names})


def _state_quality(sample: pl.DataFrame, options: ImportOptions, table: RawTable) -> dict[str, QualityUse]:
    """Return the quality column that the user names, as that of every column.

    Raises:
        InputError: Its cells do not tell good from bad.
    """
    if options.quality_column is None:
        return {}
    name = match_column(options.quality_column, sample.columns, file=table.name)
    # Under a usual name, whatever its own: the user has already decided that the column holds quality.
    scheme = detect_quality_scheme("quality", sample[name], is_strong=True)
    if scheme in (None, "unknown"):
        cells = ", ".join(str(cell) for cell in sample[name].drop_nulls().unique().head(5).to_list())
        message = f"{table.name}: column {name} does not tell good from bad, it holds {cells or 'nothing'}"
        raise InputError(message)
    return {column: QualityUse(name, scheme) for column in sample.columns if column != name}


def _describe_columns(
    sample: pl.DataFrame, times: tuple[TimeColumn, ...], qualities: QualityColumns, options: ImportOptions
) -> list[ColumnFacts]:
    time_names = {name for time in times for name in time.columns}
    quality_names = {column.name for column in qualities.columns}
    return [
        ColumnFacts(
            name=column.name,
            is_time=column.name in time_names,
            # Epochs are numbers too; as times they are no values.
            is_number=column.name not in time_names and _is_number(column),
            is_quality=column.name in quality_names,
            filled=column.count(),
            distinct=column.drop_nulls().n_unique(),
            is_excluded=matches_any_pattern(column.name, options.exclude),
        )
        for column in sample.get_columns()
    ]


def _is_number(column: pl.Series) -> bool:
    """Return True if most cells are numbers, or states such as On and Off."""
    profile = _profile_sample(column)
    is_mostly_numbers = 2 * profile.number_count > profile.cell_count > 0
    return is_mostly_numbers or isinstance(decide_format(profile), ValueFormat)


def _find_plain_columns(table: RawTable, sample: pl.DataFrame, shape: FileShape) -> frozenset[str]:
    """Return the value columns that may be read as numbers without a look at their text."""
    names = {value.column for value in shape.values} | set(shape.value_columns)
    if table.layout is not None and table.layout.has_guards:
        return frozenset()
    return frozenset(name for name in names if sample[name].dtype == pl.String and _is_plain(sample[name]))


def _is_plain(column: pl.Series) -> bool:
    profile = _profile_sample(column)
    has_other_cells = profile.texts or profile.units or profile.thousands or profile.number_count < profile.cell_count
    # A column of whole numbers may have 1.234 further down, which another column of the file proves to be thousands.
    proves_point = profile.notations[Notation.POINT_DECIMAL] > 0
    return proves_point and not has_other_cells and not profile.point_groups.count and not profile.comma_groups.count


def _refuse_times_as_names(table: RawTable, shape: FileShape, sample: pl.DataFrame) -> None:
    """Check that the value columns are not called by times, as in a table with a row per day and a column per hour."""
    names = [value.column for value in shape.values]
    times = [name for name in names if is_time_like(name)] or _list_hours(names, sample.select(shape.times[0]))
    if shape.kind != "wide" or len(times) < _MIN_TIME_NAMES or 2 * len(times) <= len(names):
        return
    message = (
        f"{table.name}: {len(times)} of {len(names)} value columns are called by times ({', '.join(times[:3])}); "
        "export one row per time and one column per tag"
    )
    raise InputError(message)


def _refuse_times_as_key(table: RawTable, shape: FileShape, stated: ShapeOptions, sample: pl.DataFrame) -> None:
    """Check that no times of day that cannot be read, nor numbers of hours, pass for the tags or machines of a date."""
    found = [name for name in (shape.machine_column, *shape.tag_columns) if name]
    detected = (name for name in found if name not in {stated.machine_column, *stated.tag_columns})
    key = next((name for name in detected if _tells_part_of_day(name, sample[name])), None)
    if key is None:
        return
    cells = ", ".join(list_distinct(sample[key])[:3])
    times = shape.times[0]
    clocks = split_time_columns(times)[1] if len(times) > 1 else [t for t in times if not has_dates_alone(sample[t])]
    if clocks:
        reason = f"though {clocks[0]} has times of day already; leave out one of the two columns"
    else:
        reason = "which do not all read as times of day; write them as 00:30"
    message = (
        f"{table.name}: the rows of one date have different cells in column {key} ({cells}), {reason}. "
        f"If they name tags: --tag-column {quote_word(key)}"
    )
    raise InputError(message)


def _tells_part_of_day(name: str, values: pl.Series) -> bool:
    """Return whether the cells of a column are times of day, or the numbers of all hours or intervals of a day."""
    cells = [str(cell) for cell in values.drop_nulls().unique()]
    if is_clock_name(name) and all(map(_CLOCK_CELL.fullmatch, cells)):
        return True
    # Other numbers are those of sensors or of lengths: intervals of 5, 10 and 15 minutes.
    numbers = {int(cell) for cell in cells if cell.isdecimal()}
    is_day = len(numbers) == len(cells) and (min(numbers), max(numbers)) in _DAY_NUMBERS
    is_complete = is_day and len(numbers) == max(numbers) - min(numbers) + 1
    return is_complete and (numbers_parts_of_day(name) or is_clock_name(name))


def _list_hours(names: Sequence[str], times: pl.DataFrame) -> list[str]:
    """Return the columns of the hours of a day (0 to 23, HE1 to HE24) if they are all there and no time has a clock."""
    hours = {int(match[1]): name for name in names if (match := _HOUR_COLUMN.fullmatch(name))}
    # A column besides the date is a clock.
    is_day = times.width == 1 and not times.to_series().cast(pl.String).str.contains(_CLOCK).any()
    return [*hours.values()] if is_day and hours.keys() >= _DAY_HOURS else []


def _name_lone_value(table: RawTable, shape: FileShape, sample: pl.DataFrame) -> tuple[str | None, FileShape]:
    """Return the tag of a file whose only value column is called "Value", and the shape that leaves the tag open.

    Historians write one file per tag and call it by the tag: ``FI-101.csv`` with ``Timestamp,Value``, maybe with
    comments, units or record numbers. PI DataLink writes the tag above the times, and nothing above the values.
    """
    if shape.kind != "wide" or not shape.values:
        return None, shape
    value, time = shape.values[0], shape.times[0][0]
    is_unnamed = len(shape.values) == 1 and UNNAMED.fullmatch(value.column) is not None
    if is_unnamed and not UNNAMED.fullmatch(time) and not is_time_name(time):
        return None, replace(shape, values=(replace(value, tag=time),))
    generic = [value for value in shape.values if is_generic_value_name(value.column)]
    # Standard input has no name that could be a tag.
    if len(generic) != 1 or table.source.name == "stdin":
        return None, shape
    lone, others = generic[0], [value for value in shape.values if value is not generic[0]]
    tags = [other.column for other in others if _holds_values(sample[other.column])]
    if tags and simplify_name(lone.column) not in VALUE_WORDS:
        return None, shape
    if tags:
        doubt = (
            f"{lone.column} is taken for a tag, as {', '.join(tags[:3])}; if files are called by their tags, rename it"
        )
        return None, replace(shape, doubts=(*shape.doubts, doubt))
    values = tuple(replace(value, tag=FILE_NAME_TAG) if value is lone else value for value in shape.values)
    return find_name_tag(table.source), replace(shape, values=values)


def _holds_values(column: pl.Series) -> bool:
    """Return True if the import would take the column for a tag."""
    return isinstance(decide_format(_profile_sample(column)), ValueFormat)


def _profile_sample(column: pl.Series) -> ValueProfile:
    profile = ValueProfile(column.name)
    profile.add_values(column.head(SAMPLE_ROWS))
    return profile


def find_name_tag(source: InputFile) -> str:
    """Return the tag that a file is called by; of a workbook with several sheets, a sheet."""
    if source.sheet is not None and source.name.endswith(f"/{source.sheet}") and not _names_period(source.sheet):
        return source.sheet.strip()
    tag = PurePath(source.member or source.path.name).name
    for suffix in reversed(PurePath(tag).suffixes):
        # "FI-101.PV.csv.gz" is tag FI-101.PV: only suffixes of formats go.
        if suffix.casefold() in _FORMAT_SUFFIXES:
            tag = tag[: -len(suffix)]
    return tag


def _names_period(name: str) -> bool:
    """Return True for a name without a tag: 2024-03, Jan, Sheet2."""
    words = re.findall(r"[^\W\d_]+", name)
    if not words:
        return _YEAR.match(name) is not None
    return all(is_month_name(word) or word.casefold() in _SHEET_WORDS for word in words)


def _doubt_codes(
    shape: FileShape, sample: pl.DataFrame, facts: Sequence[ColumnFacts], qualities: QualityColumns
) -> Iterator[str]:
    """Yield a doubt for each column of few codes or words beside the values of a long file: they may mark bad ones."""
    left_out = {name for name, _ in shape.ignored} if shape.kind == "long" else set()
    for fact in facts:
        is_code = not fact.is_quality and 1 < fact.distinct <= (_MAX_CODES if fact.is_number else _MAX_WORDS)
        # A column with the name of a quality column has its doubt already, that of tags numbers them.
        is_known = fact.is_excluded or fact.name in qualities.rejected_names or fact.plain_name in TAG_NAMES
        if is_code and fact.name in left_out and not is_known and not _describes_tags(shape, sample, fact.name):
            shown = ", ".join(list_distinct(sample[fact.name])[:_SHOWN_CODES])
            cells = "numbers" if fact.is_number else "texts"
            yield f"{fact.name} is left out ({shown}); if its {cells} mark bad values, remove those rows"


def _describes_tags(shape: FileShape, sample: pl.DataFrame, name: str) -> bool:
    """Return True for a column that has one text for each tag, as descriptions and areas have."""
    tags = list(shape.tag_columns)
    rows = sample.select(*tags, name).drop_nulls().unique()
    return rows.height == rows.select(tags).n_unique()
