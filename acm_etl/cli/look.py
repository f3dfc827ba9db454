"""Commands that only look (``equipment add`` apart)."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from acm_etl.cli.options import CliContext
from acm_etl.errors import UsageError


@click.group(invoke_without_command=True, epilog="Example: acm-etl equipment add MILL_01 --timezone Asia/Kolkata")
@click.pass_context
def equipment_group(ctx: click.Context) -> None:
    """Machines: list them (default), or add one."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command)


@equipment_group.command("list", epilog="Example: acm-etl equipment list")
@click.pass_obj
def list_command(ctx: CliContext) -> None:
    """Registered machines, and historian tables that look like further ones."""
    from acm_etl.cli.render import tables
    from acm_etl.status import overview

    engine = ctx.connect_store(create=False)
    try:
        found = overview.list_machines(engine)
    finally:
        engine.close()
    if not ctx.emit_json(found):
        tables.print_equipment(found)


@equipment_group.command(epilog="Example: acm-etl equipment add MILL_01 --timezone Asia/Kolkata --table MILL_01_Data")
@click.argument("code")
@click.option("--timezone", required=True, metavar="ZONE", help="IANA zone: the days of the machine are days there.")
@click.option("--table", metavar="NAME", help="Its historian table  [default CODE_Data].")
@click.option("--time-column", default="EntryDateTime", show_default=True, help="Column of times (UTC).")
@click.option("--name", help="Longer name.")
@click.pass_obj
def add_command(ctx: CliContext, /, code: str, timezone: str, **options: str | None) -> None:
    """Register a machine whose historian table exists; every column of numbers becomes a tag.

    Doing it again takes in the columns that the table has gained since.
    """
    from acm_etl.admin import maintenance
    from acm_etl.cli.render import tables

    given = {name: value for name, value in options.items() if value is not None}
    engine = ctx.connect_store(create=False)
    try:
        machine = maintenance.add_equipment(engine, code, time_zone=timezone, **given)
    finally:
        engine.close()
    if not ctx.emit_json(machine):
        tables.print_added_machine(machine)


@click.command(epilog="Example: acm-etl status")
@click.argument("codes", nargs=-1)
@click.option("--summary", is_flag=True, help="Fewer than 30 lines of plain text: what needs attention, for an e-mail.")
@click.pass_obj
def status_command(ctx: CliContext, codes: tuple[str, ...], *, summary: bool) -> None:
    """How far each machine is: progress, coldstart, last run, health, lag, late rows, failures."""
    from acm_etl.cli.render import email_summary as mail
    from acm_etl.cli.render import tables
    from acm_etl.formatting import redact_url
    from acm_etl.status import overview

    store = ctx.load_settings().store
    found = overview.read_fleet_status(store, codes)
    if ctx.emit_json(found):
        return
    if summary:
        now = datetime.now(UTC)
        click.echo(mail.format_summary(found, store=redact_url(store.url), at=now))
    else:
        tables.print_fleet_status(found)


@click.command(epilog="Example: acm-etl show FD_FAN")
@click.argument("code")
@click.option("--episodes", default=10, show_default=True, type=click.IntRange(1), help="How many recent episodes.")
@click.pass_obj
def show_command(ctx: CliContext, code: str, *, episodes: int) -> None:
    """A machine's health now, its open and recent episodes and their culprits."""
    from acm_etl.cli.render import tables
    from acm_etl.status import overview

    engine = ctx.connect_store(create=False)
    try:
        found = overview.read_machine_details(engine, code, episodes=episodes)
    finally:
        engine.close()
    if not ctx.emit_json(found):
        tables.print_machine_details(found)


@click.command(epilog="Example: acm-etl config | grep alarm")
@click.pass_obj
def config_command(ctx: CliContext) -> None:
    """Every setting with its value in force, its meaning and the variable that sets it."""
    from acm_etl import formatting
    from acm_etl.cli.render import tables

    found = formatting.describe_settings(ctx.load_settings())
    if not ctx.emit_json({setting.name: setting.value for setting in found}):
        tables.print_settings(found)


@click.command(epilog="Example: acm-etl sql mssql > acm.sql")
@click.argument("engine", type=click.Choice(["duckdb", "mssql"]))
@click.option(
    "--write", type=click.Path(file_okay=False), metavar="DIR", help="Write the numbered files there instead."
)
@click.pass_obj
def sql_command(ctx: CliContext, engine: str, write: str | None) -> None:
    """Print the DDL for an engine, as `init` applies it; --write adds the scripts that only a person runs."""
    from acm_etl.engine import DIALECTS
    from acm_etl.legacy_v8.scripts import render_all_scripts
    from acm_etl.load import ddl

    scripts = render_all_scripts(DIALECTS[engine]) if write else ddl.render_init_scripts(DIALECTS[engine])
    if ctx.emit_json(scripts):
        return
    if write:
        _write_scripts(Path(write), scripts)
        return
    for name, text in scripts.items():
        click.echo(f"-- {name}\n{text}")


def _write_scripts(folder: Path, scripts: dict[str, str]) -> None:
    """Write scripts below a folder.

    Raises:
        UsageError: It cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in scripts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"cannot write to {folder}: {error.strerror or error}; name another folder with --write"
        raise UsageError(message) from error


@click.command(epilog="Example: acm-etl doctor")
@click.pass_obj
def doctor_command(ctx: CliContext) -> None:
    """Check Python, libraries, drivers, the store and what may be done in it.

    Leaves with 0 when nothing fails, 3 when the store is out of reach, else 1.
    """
    from acm_etl.cli.render import tables
    from acm_etl.status import doctor as checks

    found = checks.run_checks(ctx.load_settings())
    if not ctx.emit_json({"checks": found}):
        tables.print_checks(found)
    sys.exit(checks.exit_code(found))
