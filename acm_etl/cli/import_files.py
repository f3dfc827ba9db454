"""The command that brings files of readings into the store: import."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from acm_etl.cli.command import acm_command
from acm_etl.cli.context import CliContext
from acm_etl.cli.options import FilePath, UtcDateTime, parse_row_filter, parse_sampling, spell_option
from acm_etl.counts import format_count
from acm_etl.errors import InputError, UsageError
from acm_etl.words import Aggregate, DateOrder, Fill

if TYPE_CHECKING:
    from acm_etl.admin.import_preview import ImportPreview
    from acm_etl.admin.import_results import ImportReport
    from acm_etl.io.files.options import ImportOptions
    from acm_etl.io.files.plan import ImportPlan, PreparedImport, RowFilter

EPILOG = """\b
Examples:
  acm-etl import fan_2012.csv fan_2013.csv --equip FD_FAN --timezone America/New_York
  acm-etl import 'exports/*.csv.gz' --equip MILL_01 --timezone Europe/Berlin --dry-run
  acm-etl import history.zip --equip MILL_01 --timezone UTC --tag-column Point --value-column Reading
  acm-etl import fleet.csv --equip-from Asset --timezone UTC
  acm-etl import tags/ --equip PUMP_7 --timezone UTC --every 10m --fill hold
  acm-etl import night.csv --equip MILL_01 --plan mill.toml
  acm-etl import may.csv --equip FD_FAN --timezone UTC --replace 2024-05-01 2024-06-01
"""

_OPTIONS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.option("--equip", metavar="CODE", help="Machine of the readings; registered if new."),
    click.option("--equip-from", metavar="COLUMN", help="One machine for each value of a column."),
    click.option("--timezone", metavar="ZONE", help="Zone of times without an offset (IANA), e.g. Europe/Berlin."),
    click.option("--dry-run", is_flag=True, help="Show the plan and all losses; store nothing."),
    click.option("--save", metavar="TOML", type=FilePath(), help="Write the plan to a file."),
    click.option(
        "--plan",
        metavar="TOML",
        type=FilePath(),
        help="Read the files by a saved plan, without detection.",
    ),
    click.option(
        "--skip",
        multiple=True,
        metavar="PATTERN",
        help="Leave out files, members of archives and sheets of these names, e.g. 'Tag list'.",
    ),
    click.option(
        "--time-column",
        metavar="NAME",
        help="Time column; DATE+CLOCK for two columns, YEAR+MONTH+DAY+HOUR for parts  [default: detected].",
    ),
    click.option("--time-format", metavar="PATTERN", help="Pattern of all times, e.g. '%d.%m.%Y %H:%M:%S'."),
    click.option("--date-order", type=click.Choice(get_args(DateOrder)), help="Order of day and month."),
    click.option("--header-line", type=click.IntRange(0), metavar="N", help="Line of the header; 0: no header."),
    click.option("--tag-column", multiple=True, metavar="NAME", help="Column with the tag of each row (long files)."),
    click.option("--value-column", multiple=True, metavar="NAME", help="Column with the value of each row."),
    click.option("--quality-column", metavar="NAME", help="Column with the quality of each row."),
    click.option("--drop-uncertain", is_flag=True, help="Leave out values of uncertain quality, too."),
    click.option("--where", metavar="COLUMN=VALUE", help="Take the rows of one machine only."),
    click.option("--tags", multiple=True, metavar="PATTERN", help="Take these tags only, e.g. 'FI-*'."),
    click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave these tags out."),
    click.option("--missing", multiple=True, metavar="NUMBERS", help="Numbers that mean a missing value: -999,-200."),
    click.option(
        "--every",
        metavar="DURATION",
        help="Take one reading per step, e.g. 10m, of tags with times of their own  [default: inferred].",
    ),
    click.option(
        "--fill",
        type=click.Choice(get_args(Fill)),
        help="Value of a tag between raw readings: held, or none  [default: hold].",
    ),
    click.option(
        "--hold-max", metavar="DURATION", help="Oldest value that is held  [default: 8h, or inferred with the grid]."
    ),
    click.option(
        "--aggregate",
        type=click.Choice(get_args(Aggregate)),
        help="Value of several raw readings in one step of the grid  [default: last].",
    ),
    click.option(
        "--replace",
        nargs=2,
        type=UtcDateTime(),
        metavar="FROM TO",
        help="From FROM until before TO (UTC), erase stored values that FILES do not have, of the tags in FILES.",
    ),
    click.option("--accept-loss", is_flag=True, help="Import even if more is lost than the settings import.* allow."),
)

_PLANNED_OPTIONS = (
    "timezone", "time_column", "time_format", "date_order", "header_line", "tag_column", "value_column",
    "quality_column", "drop_uncertain", "where", "tags", "exclude", "missing", "every", "fill", "hold_max", "aggregate",
)  # fmt: skip
"""Options that a plan holds; beside ``--plan`` they would have no effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ImportArguments:
    """Options of the command, as click parses them; see ``_OPTIONS``."""

    equip: str | None
    equip_from: str | None
    timezone: str | None
    dry_run: bool
    save: Path | None
    plan: Path | None
    skip: tuple[str, ...]
    time_column: str | None
    time_format: str | None
    date_order: DateOrder | None
    header_line: int | None
    tag_column: tuple[str, ...]
    value_column: tuple[str, ...]
    quality_column: str | None
    drop_uncertain: bool
    where: str | None
    tags: tuple[str, ...]
    exclude: tuple[str, ...]
    missing: tuple[str, ...]
    every: str | None
    fill: str | None
    hold_max: str | None
    aggregate: str | None
    replace: tuple[datetime, datetime] | None
    accept_loss: bool


def _add_options(command: Callable[..., Any]) -> Callable[..., Any]:
    # Decorators apply from the bottom up: the help keeps the order of the tuple.
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@acm_command("import", summary="load files of readings into a historian table", epilog=EPILOG)
@click.argument("files", nargs=-1, required=True, type=FilePath(allow_dash=True, path_type=str))
@_add_options
@click.pass_obj
def import_command(ctx: CliContext, /, files: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401 - see _ImportArguments
    """Merge FILES into a machine's historian table, cell by cell.

    FILES are files, folders, quoted patterns, or - for standard input: CSV and text with any delimiter and heading,
    .gz, .zst, .zip, .xlsx, Parquet, Arrow. Shape (one column per tag, one row per reading, pairs of time and value),
    times, numbers and quality are detected; the plan shows how, and --dry-run stores nothing.

    An empty cell keeps the stored value. If there are several values for a cell, that of the later file counts, and
    imported values replace stored ones. Importing a file again changes nothing. If more is lost than the settings
    import.max_lost_rows and import.max_lost_cells allow, nothing is stored.
    """
    from acm_etl.admin.import_preview import ImportPreview
    from acm_etl.io.connect import check_store

    arguments = _ImportArguments(**options)
    # Before any file is read: large files take minutes.
    _check_arguments(arguments)
    plan_imports = _choose_planner(arguments)
    if not arguments.dry_run:
        check_store(ctx.load_settings().store)
    # All files are read before the first machine is stored.
    with ctx.open_progress(unit="row") as progress:
        progress.set_stage(arguments.equip or "all", "read", detail=format_count(len(files), "file"))
        planned = plan_imports(files)
    if len(planned) > 1 and not arguments.dry_run and not arguments.accept_loss:
        _check_losses(ctx, planned)
    results = [_import_machine(ctx, equip, prepared, arguments) for equip, prepared in planned]
    # One JSON value per command: a machine, or the list of machines of --equip-from.
    ctx.emit_json(results[0] if arguments.equip else {"machines": results})
    is_refused = any(result.problems for result in results if isinstance(result, ImportPreview))
    if is_refused and not arguments.accept_loss:
        # A script that tries an import first must not read on.
        sys.exit(InputError.exit_code)


def _check_losses(ctx: CliContext, planned: Sequence[tuple[str, PreparedImport]]) -> None:
    """Refuse all machines of a file if one of them loses too much, before the first one is stored."""
    for equip, prepared in planned:
        preview = _preview_machine(ctx, equip, prepared)
        if preview.problems:
            message = f"{equip}: {'; '.join(preview.problems)}. Nothing was stored, of no machine; see --accept-loss"
            raise InputError(message)


def _preview_machine(ctx: CliContext, equip: str, prepared: PreparedImport) -> ImportPreview:
    from acm_etl.admin import import_preview, ingest

    config = ctx.load_settings()
    with ctx.open_progress(unit="row") as progress:
        limits, latest = ingest.read_loss_limits(config), ingest.compute_latest_time(config)
        return import_preview.preview_import(prepared, equip, limits, latest=latest, progress=progress)


def _check_arguments(arguments: _ImportArguments) -> None:
    """Refuse options that contradict each other."""
    from acm_etl.admin.ingest import check_period

    check_period(arguments.replace)
    if arguments.equip_from and (arguments.plan or arguments.save):
        message = "a plan is about one machine: use --plan and --save with --equip CODE, and --where COLUMN=VALUE"
        raise UsageError(message)
    planned = [spell_option(name) for name in _PLANNED_OPTIONS if getattr(arguments, name) not in (None, (), False)]
    if arguments.plan and planned:
        message = (
            f"the plan {arguments.plan} decides on {', '.join(planned)}: omit it, or import without --plan and --save "
            "a new plan"
        )
        raise UsageError(message)


def _choose_planner(arguments: _ImportArguments) -> Callable[[Sequence[str]], list[tuple[str, PreparedImport]]]:
    """Return the function that plans the imports of files; no file of readings is read yet.

    Raises:
        UsageError: The machine or the time zone is missing, or an option is wrong.
    """
    from acm_etl.io.files.plan import load_plan

    if arguments.equip is not None and arguments.equip_from is None:
        if arguments.plan:
            return partial(_repeat_plan, equip=arguments.equip, plan=load_plan(arguments.plan), skip=arguments.skip)
        return partial(_plan_machine, equip=arguments.equip, options=_build_options(arguments))
    if arguments.equip_from is not None and arguments.equip is None:
        return partial(_plan_machines_of_column, column=arguments.equip_from, options=_build_options(arguments))
    message = "name the machine: --equip CODE, or --equip-from COLUMN for one machine per value"
    raise UsageError(message)


def _repeat_plan(
    files: Sequence[str], *, equip: str, plan: ImportPlan, skip: tuple[str, ...]
) -> list[tuple[str, PreparedImport]]:
    from acm_etl.io.files.prepare import repeat_plan

    return [(equip, repeat_plan(files, plan, skip))]


def _plan_machine(files: Sequence[str], *, equip: str, options: ImportOptions) -> list[tuple[str, PreparedImport]]:
    from acm_etl.io.files.prepare import prepare_import

    return [(equip, prepare_import(files, options))]


def _plan_machines_of_column(
    files: Sequence[str], *, column: str, options: ImportOptions
) -> list[tuple[str, PreparedImport]]:
    from acm_etl.io.files.layout.streams import copy_streams
    from acm_etl.io.files.machines import read_machine_column
    from acm_etl.io.files.prepare import prepare_import

    # The files are read once for the machines, and once more for each of them.
    inputs = copy_streams(files)
    # Each machine is planned by itself: it may have other tags, another cadence and other losses.
    found = read_machine_column(inputs, column, options)
    filters = {name: _build_filter(f"{column}={name}") for name in found.machines}
    plans = [(name, prepare_import(inputs, replace(options, where=where))) for name, where in filters.items()]
    # Once, not once per machine.
    first_name, first = plans[0]
    return [(first_name, replace(first, doubts=(*first.doubts, *found.list_doubts()))), *plans[1:]]


def _build_options(arguments: _ImportArguments) -> ImportOptions:
    from acm_etl.io.files.layout.text_layout import LayoutOptions
    from acm_etl.io.files.options import ImportOptions
    from acm_etl.io.files.shape import ShapeOptions

    # Never guessed: a wrong zone shifts all readings by hours, and nothing in the files shows it.
    if not arguments.timezone:
        message = "--timezone ZONE is missing, e.g. --timezone Europe/Berlin; a saved plan (--plan) has its own"
        raise UsageError(message)
    return ImportOptions(
        time_zone=arguments.timezone,
        time_column=arguments.time_column,
        time_format=arguments.time_format,
        date_order=arguments.date_order,
        layout=LayoutOptions(header_line=arguments.header_line),
        shape=ShapeOptions(tag_columns=arguments.tag_column, value_columns=arguments.value_column),
        quality_column=arguments.quality_column,
        where=None if arguments.where is None else _build_filter(arguments.where),
        missing=_parse_numbers(arguments.missing),
        keep_uncertain=not arguments.drop_uncertain,
        tags=arguments.tags,
        exclude=arguments.exclude,
        sampling=parse_sampling(
            arguments.every, fill=arguments.fill, hold_max=arguments.hold_max, aggregate=arguments.aggregate
        ),
        skip=arguments.skip,
    )


def _build_filter(text: str) -> RowFilter:
    from acm_etl.io.files.plan import RowFilter

    return RowFilter(*parse_row_filter(text))


def _parse_numbers(texts: Sequence[str]) -> tuple[float, ...]:
    try:
        # Both spellings: one option with commas, or the option several times.
        return tuple(float(part) for text in texts for part in text.split(",") if part.strip())
    except ValueError as error:
        message = f"--missing {', '.join(texts)!r} is not a list of numbers; write them as in --missing -999,-200"
        raise UsageError(message) from error


def _import_machine(
    ctx: CliContext, equip: str, prepared: PreparedImport, arguments: _ImportArguments
) -> ImportReport | ImportPreview:
    """Import or preview one machine, and return the result for ``--json``."""
    from acm_etl.admin import import_preview, ingest
    from acm_etl.cli.render import data, import_plan
    from acm_etl.io.files.plan import save_plan

    if arguments.save:
        # Also in a dry run: checking the plan first is what both options are for.
        save_plan(prepared.plan, arguments.save)
    if arguments.dry_run:
        preview = _preview_machine(ctx, equip, prepared)
        if not ctx.as_json:
            import_plan.print_plan(preview, with_tags=True)
        return preview
    if not ctx.as_json:
        # Before anything is stored: a wrong choice can be stopped with Ctrl-C.
        import_plan.print_plan(import_preview.describe_plan(prepared, equip), with_tags=ctx.verbosity > 0)
    choices = ingest.StoreChoices(replace=arguments.replace, accept_loss=arguments.accept_loss)
    with ctx.open_progress(unit="row") as progress:
        report = ingest.import_prepared(
            prepared, equip=equip, config=ctx.load_settings(), choices=choices, progress=progress
        )
    if not ctx.as_json:
        data.print_import_report(report)
    return report
