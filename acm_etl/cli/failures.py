"""Commands about past failures of machines: import and list them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from acm_etl.cli.command import AcmGroup
from acm_etl.cli.context import CliContext
from acm_etl.cli.options import FilePath, listing_format_option, machines_option
from acm_etl.host import find_user_name

GROUP_EPILOG = """\b
Examples:
  acm-etl failures import failures.csv --timezone Europe/Berlin --dry-run
  acm-etl failures import failures.csv --timezone Europe/Berlin
  acm-etl failures list --equip FD_FAN
"""
IMPORT_EPILOG = """\b
Examples:
  acm-etl failures import failures.csv --timezone Europe/Berlin --dry-run
  acm-etl failures import orders.parquet --timezone UTC --machine-column Asset
"""
LIST_EPILOG = """\b
Examples:
  acm-etl failures list
  acm-etl failures list --equip FD_FAN --format csv > failures.csv
"""


@click.group(
    "failures",
    cls=AcmGroup,
    default_command="list",
    short_help="import and list past failures of machines, which label episodes",
    epilog=GROUP_EPILOG,
)
def failures_group() -> None:
    """List past failures of machines (default), or import them from a file.

    An episode that a failure follows within 30 days is labelled with it in episode, show and the report.
    """


@failures_group.command("import", epilog=IMPORT_EPILOG)
@click.argument("file", type=FilePath())
@click.option("--timezone", "zone", required=True, metavar="ZONE", help="Zone of times without an offset (IANA).")
@click.option("--machine-column", metavar="NAME", help="Code of the machine  [default: found by its name].")
@click.option("--time-column", metavar="NAME", help="Time of the failure  [default: detected].")
@click.option("--cause-column", metavar="NAME", help="Cause of the failure  [default: found by its name].")
@click.option("--time-format", metavar="PATTERN", help="Pattern of all times, e.g. '%d.%m.%Y %H:%M'.")
@click.option("--dry-run", is_flag=True, help="Count what would be stored; store nothing.")
@click.pass_obj
def import_command(
    ctx: CliContext,
    file: Path,
    *,
    zone: str,
    machine_column: str | None,
    time_column: str | None,
    cause_column: str | None,
    time_format: str | None,
    dry_run: bool,
) -> None:
    """Store the failures of FILE (CSV, Parquet or Excel): one row per failure with machine, time and cause.

    A failure is known by machine and time: importing a file again changes nothing, and a new cause replaces the stored
    one. Failures of machines that are not registered are named and left out, with exit code 1.
    """
    from acm_etl.admin import failures
    from acm_etl.cli.render import failures as render
    from acm_etl.io.files.failure_log import FailureLogOptions
    from acm_etl.io.files.times.time_column import TimeOptions

    options = FailureLogOptions(
        times=TimeOptions(time_zone=zone, time_column=time_column, time_format=time_format),
        machine_column=machine_column,
        cause_column=cause_column,
    )
    with ctx.open_store() as engine:
        report = failures.import_failures(engine, file, options, author=find_user_name(), dry_run=dry_run)
    if not ctx.emit_json(report):
        render.print_import(report)
    if report.unknown_machines:
        sys.exit(1)


@failures_group.command("list", epilog=LIST_EPILOG)
@machines_option
@listing_format_option
@click.pass_obj
def list_command(ctx: CliContext, *, codes: tuple[str, ...]) -> None:
    """List failures, newest first, with the last episode before each of them and how early it began."""
    from acm_etl.admin import failures
    from acm_etl.cli.render import failures as render

    with ctx.open_store() as engine:
        listing = failures.list_failures(engine, codes)
    if not ctx.emit_records(listing, listing.failures, failures.FailureRow):
        render.print_failures(listing)
