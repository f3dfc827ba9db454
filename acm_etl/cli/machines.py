"""Commands about single machines: equipment (list, add) and show."""

from __future__ import annotations

import click

from acm_etl.cli.command import AcmGroup, acm_command
from acm_etl.cli.context import CliContext
from acm_etl.cli.options import listing_format_option

EQUIPMENT_EPILOG = """\b
Examples:
  acm-etl equipment
  acm-etl equipment add MILL_01 --timezone Asia/Kolkata
"""


@click.group(
    "equipment",
    cls=AcmGroup,
    default_command="list",
    short_help="list machines, or register a historian table",
    epilog=EQUIPMENT_EPILOG,
)
def equipment_group() -> None:
    """List machines (default), or register a historian table."""


@equipment_group.command(
    "list", epilog="\b\nExamples:\n  acm-etl equipment list\n  acm-etl equipment list --format csv > machines.csv"
)
@listing_format_option
@click.pass_obj
def list_command(ctx: CliContext) -> None:
    """List registered machines, and historian tables that no machine uses."""
    # Imported in the command: ``--help`` must not wait for polars and the drivers; a test holds its time.
    from acm_etl.admin import equipment
    from acm_etl.cli.render import machines as render

    with ctx.open_store() as engine:
        result = equipment.list_equipment(engine)
    if not ctx.emit_records(result, result.machines, equipment.RegisteredMachine):
        render.print_equipment(result)


ADD_EPILOG = """\b
Examples:
  acm-etl equipment add MILL_01 --timezone Asia/Kolkata
  acm-etl equipment add MILL_01 --timezone Asia/Kolkata --table Mill1_History --name "Coal mill 1" --area Grinding
"""


@equipment_group.command("add", epilog=ADD_EPILOG)
@click.argument("code")
@click.option("--timezone", required=True, metavar="ZONE", help="Time zone used for daily aggregates (IANA).")
@click.option("--table", metavar="NAME", help="Historian table  [default CODE_Data].")
@click.option("--time-column", metavar="NAME", help="Timestamp column, UTC  [default EntryDateTime].")
@click.option("--name", help="Display name.")
@click.option("--area", help="Plant area, by which the fleet page filters.")
@click.option("--unit", help="Plant unit.")
@click.pass_obj
def add_command(
    ctx: CliContext, /, code: str, *, timezone: str, table: str | None, time_column: str | None, **texts: str | None
) -> None:
    """Register a machine whose historian table exists; each numeric column becomes a tag.

    Run again to register new columns, or to change name, area and unit.
    """
    from acm_etl.admin import equipment
    from acm_etl.cli.render import machines as render
    from acm_etl.load.machines.equipment import MachineDescription
    from acm_etl.words import HISTORIAN_TIME_COLUMN

    with ctx.open_store() as engine:
        result = equipment.add_equipment(
            engine,
            code,
            time_zone=timezone,
            table=table,
            time_column=time_column or HISTORIAN_TIME_COLUMN,
            description=MachineDescription(**texts),
        )
    if not ctx.emit_json(result):
        render.print_added_machine(result)


SHOW_EPILOG = """\b
Examples:
  acm-etl show FD_FAN
  acm-etl show FD_FAN --episodes 50
"""


@acm_command("show", summary="health, episodes and top sensors of one machine", epilog=SHOW_EPILOG)
@click.argument("code")
@click.option("--episodes", default=10, show_default=True, type=click.IntRange(1), help="Number of recent episodes.")
@click.pass_obj
def show_command(ctx: CliContext, code: str, *, episodes: int) -> None:
    """Show the current health of a machine, its recent episodes and its top sensors."""
    from acm_etl.cli.render import status as render
    from acm_etl.load.clock import utc_now
    from acm_etl.load.machines import equipment
    from acm_etl.load.schema import migrate
    from acm_etl.status import json_shape, store_reader

    sources = ctx.collect_sources()
    # One clock for the verdict and its text, so that "2 h ago" fits the level.
    inputs = store_reader.StatusInputs(sources, utc_now())
    with ctx.open_store(allow_replica=True) as engine:
        # Reading commands never update a schema: the login may only be allowed to read.
        migrate.require_current_schema(engine)
        machine = equipment.find_machine(engine, code)
        details = store_reader.read_details(engine, machine, inputs, episodes=episodes)
    if not ctx.emit_json(json_shape.build_details(details, inputs.now)):
        render.print_machine_details(details, inputs.now)
