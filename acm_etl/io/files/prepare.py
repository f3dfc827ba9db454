"""Pass 1 of an import: open the files, profile their cells, and decide how they are read, or repeat a saved plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from acm_etl.errors import InputError
from acm_etl.host import quote_word
from acm_etl.io.files.decisions import decide_kinds, group_by_kind
from acm_etl.io.files.facts import (
    build_file,
    build_tags,
    describe_file,
    describe_no_tags,
    describe_ragged_rows,
    doubt_parts,
)
from acm_etl.io.files.first_rows import NoRowsError
from acm_etl.io.files.inspection import InspectedFile, inspect_file, reopen_file
from acm_etl.io.files.layout.containers import InputFile
from acm_etl.io.files.layout.inputs import expand_inputs
from acm_etl.io.files.layout.streams import CopiedStream
from acm_etl.io.files.machines import choose_machine
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.plan import ImportPlan, PreparedImport, RowFilter
from acm_etl.io.files.scan import FileScan, scan_file
from acm_etl.io.files.tag_cells import fit_filter
from acm_etl.io.files.tag_units import check_units, doubt_units
from acm_etl.io.files.times.time_decision import DecidedTime, decide_times
from acm_etl.io.files.times.time_search import NoTimesError
from acm_etl.io.files.times.zones import check_time_zone

_SHOWN_SKIPS = 10


def prepare_import(arguments: Sequence[str | Path | CopiedStream], options: ImportOptions) -> PreparedImport:
    """Run pass 1 over the files of one machine, and decide how they are read.

    Args:
        arguments: Files, folders, patterns, or ``-`` for standard input.
        options: Statements of the user.

    Raises:
        UsageError: No files, a file that is missing, or an unknown zone.
        InputError: A file holds no readings, its times cannot be read, or it holds several machines.
    """
    # First, because passes over large files take minutes: a misspelt zone is refused at once.
    check_time_zone(options.time_zone)
    notes: list[str] = []
    # Each inspection reads a sample, each scan a whole file: a file that cannot be read is refused before the first
    # scan.
    files = _inspect_files(expand_inputs(arguments, notes.append, options.skip), options, notes)
    filters = [choose_machine(file, options) for file in files]
    scans = [_scan_file(file, where) for file, where in zip(files, filters, strict=True)]
    # All files at once: a file of the first twelve days of a month does not prove the order of day and month, but its
    # neighbours do.
    decision = decide_times([time for scan in scans for time in scan.file.times], options.date_order)
    times = _split_times(scans, decision.times)
    kinds, doubts = decide_kinds(group_by_kind(scans, times), options)
    # The options state one filter for all files, so that of any file is that of the plan.
    where = next((scan.where for scan in scans if scan.where is not None), None)
    plan = ImportPlan(options.time_zone, kinds, options.keep_uncertain, where, options.sampling)
    all_doubts = (*doubts, *doubt_parts(scans), *doubt_units(scans))
    return _build_prepared(plan, scans, times, notes=[*notes, *decision.messages], doubts=all_doubts)


def repeat_plan(
    arguments: Sequence[str | Path | CopiedStream], plan: ImportPlan, skip: tuple[str, ...] = ()
) -> PreparedImport:
    """Run pass 1 over files that a saved plan describes; nothing is detected again but the clock changes of each file.

    Args:
        arguments: Files, folders, patterns, or ``-`` for standard input.
        plan: Plan of an earlier import.
        skip: Patterns of names of files, members of archives and sheets to leave out.

    Raises:
        UsageError: No files, or a file that is missing.
        InputError: A file does not have the columns of any kind of file in the plan.
    """
    notes: list[str] = []
    scans: list[FileScan] = []
    for source in expand_inputs(arguments, notes.append, skip):
        file, kind_index = reopen_file(source, plan)
        scans.append(_scan_file(file, fit_filter(plan.where, file.shape), kind_index=kind_index))
    # As without a plan; a night of nothing else is left to the command.
    if filled := [scan for scan in scans if not scan.is_blank]:
        notes.extend(_note_blank(scan.file.table.name) for scan in scans if scan.is_blank)
        scans = filled
    decision = decide_times([time for scan in scans for time in scan.file.times])
    return _build_prepared(plan, scans, _split_times(scans, decision.times), notes=notes)


def _inspect_files(sources: Sequence[InputFile], options: ImportOptions, notes: list[str]) -> tuple[InspectedFile, ...]:
    """Look at each file; those of nothing but a header are skipped beside others.

    Raises:
        InputError: A file holds no table or no times. The message names all files without times, with the options that
            leave them out: lists of tags and summaries often lie beside the readings.
    """
    files: list[InspectedFile] = []
    failed: list[tuple[InputFile, InputError]] = []
    for source in sources:
        try:
            files.append(inspect_file(source, options))
        except (NoTimesError, NoRowsError) as error:
            failed.append((source, error))
    timeless = [source for source, error in failed if isinstance(error, NoTimesError)]
    if failed and not files:
        raise failed[0][1]
    if timeless:
        first = next(error for source, error in failed if source is timeless[0])
        skip = _advise_skip(timeless, sources)
        message = f"{first}. To leave out what has no times, if it holds no readings: {skip}"
        raise InputError(message) from first
    notes.extend(_note_blank(source.name) for source, _ in failed)
    return tuple(files)


def _note_blank(name: str) -> str:
    return f"{name} is skipped: it has a header and no rows"


def _advise_skip(timeless: Sequence[InputFile], sources: Sequence[InputFile]) -> str:
    """Return the options that leave out the files without times, and no others."""
    left_out = dict.fromkeys(source.name for source in timeless)
    kept = [source for source in sources if source.name not in left_out]
    # A name alone leaves out all that are called so, and the workbooks whose only sheet is.
    taken = {name.casefold() for source in kept for name in (PurePath(source.name).name, source.sheet) if name}
    short = ((name, PurePath(name).name) for name in left_out)
    # A name without a folder stands for those in folders, too, unless it says that it is in this one.
    whole = {name: name if PurePath(name).is_absolute() else f"./{name.removeprefix('./')}" for name in left_out}
    patterns = list(dict.fromkeys(whole[name] if last.casefold() in taken else last for name, last in short))
    more = f", and {len(patterns) - _SHOWN_SKIPS:,} more" if len(patterns) > _SHOWN_SKIPS else ""
    return " ".join(f"--skip {quote_word(pattern)}" for pattern in patterns[:_SHOWN_SKIPS]) + more


def _scan_file(file: InspectedFile, where: RowFilter | None, *, kind_index: int = -1) -> FileScan:
    scan = scan_file(file, where, kind_index=kind_index)
    _check_scan(scan)
    return scan


def _build_prepared(
    plan: ImportPlan,
    scans: Sequence[FileScan],
    times: Sequence[tuple[DecidedTime, ...]],
    *,
    notes: Sequence[str],
    doubts: Sequence[str] = (),
) -> PreparedImport:
    if not plan.tags:
        raise InputError(describe_no_tags(scans, plan.kinds))
    check_units(scans, plan)
    files = tuple(build_file(scan, plan, decided) for scan, decided in zip(scans, times, strict=True))
    all_notes = (*notes, *(note for scan in scans for note in describe_file(scan)))
    all_doubts = (
        *(doubt for scan in scans for doubt in scan.file.doubts),
        *doubts,
        *(doubt for decided in times for time in decided for doubt in time.reading.doubts),
    )
    return PreparedImport(
        # Files of one kind repeat their notes and doubts word for word; a folder of a year would say each 365 times.
        plan,
        files,
        build_tags(scans, plan),
        tuple(dict.fromkeys(all_notes)),
        tuple(dict.fromkeys(all_doubts)),
    )


def _check_scan(scan: FileScan) -> None:
    name = scan.file.table.name
    # More rows misfit than fit, so the header is wrong, not the rows. The loss limit would blame the rows.
    if scan.ragged_count > scan.row_count + scan.other_machine_count:
        total = scan.ragged_count + scan.row_count + scan.other_machine_count
        message = (
            f"{name}: of {total:,} rows, {describe_ragged_rows(scan)}; name the line of the header: --header-line N"
        )
        raise InputError(message)
    if not scan.row_count and scan.where is not None:
        message = f"{name} has no row with {scan.where.column} = {scan.where.value!r}; check --where"
        raise InputError(message)


def _split_times(scans: Sequence[FileScan], decided: Sequence[DecidedTime]) -> list[tuple[DecidedTime, ...]]:
    """Return the decided times by file."""
    # decide_times keeps the order of its columns, so the flat list is dealt out again file by file.
    rest = iter(decided)
    return [tuple(next(rest) for _ in scan.file.times) for scan in scans]
