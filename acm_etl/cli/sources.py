"""Commands about where readings come from: source (declare, show, reset) and tags (list, include, exclude)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from acm_etl.cli.command import acm_command
from acm_etl.cli.context import CliContext
from acm_etl.cli.options import GreedyOption, listing_format_option, parse_row_filter, parse_sampling
from acm_etl.errors import UsageError
from acm_etl.words import Aggregate, Fill, QualityRule, SourceShape

if TYPE_CHECKING:
    from acm_etl.admin.source_detection import SourceRequest

SOURCE_EPILOG = """\b
Examples:
  acm-etl source FD_FAN
  acm-etl source FD_FAN --from Runtime.dbo.History --tags "FI-*" "TI-*" --timezone Europe/Berlin --dry-run
  acm-etl source FD_FAN --from Runtime.dbo.History --shape long --tag-column TagName --value-column Value
  acm-etl source FD_FAN --from plant_history --where Machine=FD_FAN --url-setting HISTORIAN_URL
  acm-etl source FD_FAN --every 10m --fill hold --hold-max 8h
  acm-etl source FD_FAN --reset
"""


@acm_command("source", summary="declare where the readings of a machine are", epilog=SOURCE_EPILOG)
@click.argument("code")
@click.option("--from", "object_name", metavar="NAME", help="Table or view: [DATABASE.][SCHEMA.]NAME.")
@click.option("--query", metavar="SELECT", help="A single SELECT that returns the readings, instead of --from.")
@click.option("--url-setting", metavar="VARIABLE", help="Environment variable with the URL of another server.")
@click.option(
    "--shape", type=click.Choice(get_args(SourceShape)), help="One column per tag, or one row per tag and time."
)
@click.option("--time-column", metavar="NAME", help="Time of a reading  [default: found by its name].")
@click.option(
    "--timezone",
    "clock",
    metavar="ZONE",
    help="Clock of the times: an IANA zone, UTC, offset, epoch_s or epoch_ms  [default: by the type, or UTC].",
)
@click.option("--tag-column", metavar="NAME", help="Name of the tag (long)  [default: found by its name].")
@click.option("--value-column", metavar="NAME", help="Value of the tag (long)  [default: found by its name].")
@click.option("--quality-column", metavar="NAME", help="Quality of the value (long); bad values become NULL.")
@click.option(
    "--quality-rule",
    type=click.Choice(get_args(QualityRule)),
    help="Meaning of the quality  [default: found by name and values].",
)
@click.option("--where", metavar="COLUMN=VALUE", help="Rows of this machine, in a source of several machines.")
@click.option("--tags", multiple=True, cls=GreedyOption, metavar="PATTERN...", help='Tags to use, e.g. "FI-*".')
@click.option("--exclude", multiple=True, cls=GreedyOption, metavar="PATTERN...", help="Tags to leave out.")
@click.option("--every", metavar="DURATION", help="Sample the readings on a grid, e.g. 10m; none to take them raw.")
@click.option("--fill", type=click.Choice(get_args(Fill)), help="Values between raw readings  [default hold].")
@click.option("--hold-max", metavar="DURATION", help="Oldest value that is held  [default 8h].")
@click.option(
    "--aggregate",
    type=click.Choice(get_args(Aggregate)),
    help="Value of several raw readings in one interval  [default last].",
)
@click.option("--equip-timezone", metavar="ZONE", help="Register CODE if it is new, with this time zone of its days.")
@click.option("--show", is_flag=True, help="Show the declaration (default without options).")
@click.option("--reset", is_flag=True, help="Forget the declaration: read the wide table CODE_Data again.")
@click.option("--dry-run", is_flag=True, help="Read columns, tags and first rows; store nothing.")
@click.pass_obj
def source_command(
    ctx: CliContext,
    /,
    code: str,
    *,
    equip_timezone: str | None,
    show: bool,
    reset: bool,
    dry_run: bool,
    **options: Any,  # noqa: ANN401 - see _build_request
) -> None:
    """Declare where the readings of a machine are: a table, view or query, wide or long.

    Columns with usual names are found by themselves. The login needs SELECT on the source and nothing else. With
    --every, the raw readings stay as they are, and the machine is scored on readings of that grid.
    """
    from acm_etl.admin import sources
    from acm_etl.cli.render import sources as render

    # Checked before the store is opened: a wrong option needs no connection.
    request = _build_request(**options)
    if (show or reset) and not request.is_empty:
        message = "use --show and --reset without options that declare a source"
        raise UsageError(message)
    with ctx.open_store() as engine:
        if reset:
            report = sources.reset_source(engine, code)
        elif request.is_empty:
            # The command without options changes nothing: it is what people type to look.
            report = sources.show_source(engine, code)
        else:
            report = sources.declare_source(engine, code, request, time_zone=equip_timezone, dry_run=dry_run)
    if not ctx.emit_json(report):
        render.print_source(report, dry_run=dry_run)


def _build_request(
    *,
    where: str | None,
    tags: tuple[str, ...],
    exclude: tuple[str, ...],
    every: str | None,
    fill: str | None,
    hold_max: str | None,
    aggregate: str | None,
    **columns: Any,  # noqa: ANN401 - the other fields of SourceRequest
) -> SourceRequest:
    """Return the request that the options describe."""
    from acm_etl.admin.source_detection import SourceRequest

    is_raw = every == "none"
    return SourceRequest(
        **columns,
        where=None if where is None else parse_row_filter(where),
        # click gives an empty tuple for an option that is not given.
        tag_patterns=tags or None,
        excluded_patterns=exclude or None,
        sampling=parse_sampling(None if is_raw else every, fill=fill, hold_max=hold_max, aggregate=aggregate),
        unsampled=is_raw,
    )


def parse_units(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Return the units by pattern of tags.

    Raises:
        UsageError: A value has no ``=``.
    """
    for value in values:
        if "=" not in value:
            message = f"--unit needs PATTERN=UNIT, not {value}"
            raise UsageError(message)
    # At the last sign: names of tags contain it, and units do not.
    return {pattern: unit.strip() for pattern, _, unit in (value.rpartition("=") for value in values)}


TAGS_EPILOG = """\b
Examples:
  acm-etl tags FD_FAN
  acm-etl tags FD_FAN --exclude "II-*" "*_SETPOINT"
  acm-etl tags FD_FAN --include II-106
  acm-etl tags FD_FAN --unit "TI-*=°C" --unit PI-101=bar
"""


@acm_command("tags", summary="list the tags of a machine, use or leave out some, set units", epilog=TAGS_EPILOG)
@click.argument("code")
@click.option("--exclude", multiple=True, cls=GreedyOption, metavar="PATTERN...", help="Tags to leave out of scoring.")
@click.option("--include", multiple=True, cls=GreedyOption, metavar="PATTERN...", help="Tags to use again.")
@click.option(
    "--unit",
    "units",
    multiple=True,
    metavar="PATTERN=UNIT",
    callback=parse_units,
    help="Unit of these tags, shown with their values; without a unit, remove it.",
)
@listing_format_option
@click.pass_obj
def tags_command(
    ctx: CliContext, code: str, *, exclude: tuple[str, ...], include: tuple[str, ...], units: dict[str, str]
) -> None:
    """List the tags of a machine with their first and last readings, choose which ones are scored, and set units.

    The choice takes effect with the next models: request a refit, or recompute the history.
    """
    from acm_etl.admin import tags
    from acm_etl.cli.render import sources as render

    with ctx.open_store() as engine:
        report = tags.change_tags(engine, code, excluded=exclude, included=include, units=units)
    if not ctx.emit_records(report, report.tags, tags.MachineTag):
        render.print_tags(report)
