"""Results of the equipment commands on the terminal."""

from __future__ import annotations

from rich.markup import escape

from acm_etl.admin.equipment import AddedMachine, EquipmentList
from acm_etl.cli.render.console import print_line
from acm_etl.cli.render.fitted_table import print_rows
from acm_etl.counts import format_count
from acm_etl.formatting import format_command


def print_equipment(listing: EquipmentList) -> None:
    """Print the registered machines, and a command for each unregistered historian table."""
    columns = {
        "code": 0,
        "id": 6,
        "time zone": 5,
        "historian table": 3,
        "source": 4,
        "tags": 2,
        "readings": 1,
        "first": 1,
        "last": 0,
    }
    rows = [
        (
            machine.code,
            machine.equip_id,
            machine.time_zone,
            machine.historian_table,
            machine.source,
            machine.active_tags,
            machine.readings,
            # Days are enough to find a machine; the minutes are in --format csv and in acm-etl show.
            f"{machine.first:%Y-%m-%d}" if machine.first else None,
            f"{machine.last:%Y-%m-%d}" if machine.last else None,
        )
        for machine in listing.machines
    ]
    # An empty table would look like an error of the terminal.
    if rows:
        print_rows("Machines", columns, rows, numeric=("id", "tags", "readings"))
    else:
        print_line("no machine is registered; import readings first: acm-etl import --help")
    # A command per table: the time zone cannot be guessed, so that registering is left to a person.
    for code in listing.unregistered:
        command = format_command("equipment", "add", code, "--timezone", "ZONE")
        print_line(f"  Unregistered historian table {escape(code)}_Data: {escape(command)}")


def print_added_machine(machine: AddedMachine) -> None:
    """Print the tags of a machine that was registered or updated."""
    names = ", ".join(machine.retired_tags)
    retired = escape(f", {len(machine.retired_tags)} retired ({names})") if names else ""
    print_line(
        f"[bold]{escape(machine.code)}[/]: machine {machine.equip_id} reads {escape(machine.historian_table)}: "
        f"{format_count(machine.tags, 'tag')}, {len(machine.new_tags)} new{retired}"
    )
    # Named, because a column of numbers stored as text would otherwise be missed only when results are read.
    if machine.ignored_columns:
        names = escape(", ".join(machine.ignored_columns))
        print_line(f"  {format_count(len(machine.ignored_columns), 'column')} not numeric, ignored: {names}")
    print_line(f"Next: {escape(format_command('backfill', '--equip', machine.code))}")
