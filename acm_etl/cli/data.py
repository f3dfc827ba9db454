"""Commands that bring simulated readings and V8 progress into the store, and results out of it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

import click

from acm_etl.cli.command import acm_command
from acm_etl.cli.context import CliContext
from acm_etl.cli.options import FilePath, UtcDateTime, listing_format_option

IMPORT_PROGRESS_EPILOG = """\b
Examples:
  acm-etl import-progress artifacts/.sql_batch_progress.json
  acm-etl import-progress progress.json --timezone America/New_York
"""


@acm_command(
    "import-progress", summary="read an ACM V8 progress file (informational only)", epilog=IMPORT_PROGRESS_EPILOG
)
@click.argument("file", type=FilePath())
@click.option(
    "--timezone", metavar="ZONE", help="Time zone of the times in FILE (IANA)  [default: that of each machine]."
)
@listing_format_option
@click.pass_obj
def import_progress_command(ctx: CliContext, file: Path, *, timezone: str | None) -> None:
    """Read the progress FILE of ACM V8; informational only.

    Results of V8 are not imported and no progress is stored: the first backfill scores the whole history. Until then
    `status` shows what V8 had done. Machines with results in this store are not changed.
    """
    from acm_etl.cli.render import data as render
    from acm_etl.legacy_v8 import progress_import

    # The number is stored with the machine, and ``status`` shows it beside the readings that are there.
    required = ctx.load_settings().training.running_rows
    with ctx.open_store(create=True) as engine:
        result = progress_import.import_progress(engine, file, time_zone=timezone, required_rows=required)
    if not ctx.emit_records(result, result.machines, progress_import.ImportedProgress):
        render.print_progress_import(result)


SIMULATE_EPILOG = """\b
Examples:
  acm-etl simulate FD_FAN
  acm-etl simulate FAN_2 --days 730 --seed 8
"""


@acm_command("simulate", summary="generate simulated fan data with known faults", epilog=SIMULATE_EPILOG)
@click.argument("code")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 20_000), help="Length of the history.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=7,
    show_default=True,
    help="Random seed; the same seed gives the same history.",
)
@click.option("--if-missing", is_flag=True, help="Do nothing if the machine has readings.")
@click.pass_obj
def simulate_command(ctx: CliContext, code: str, *, days: int, seed: int, if_missing: bool) -> None:
    """Generate fan data for the machine CODE, with known faults, stops, gaps and duplicates.

    The history begins in 2023, or earlier if it is longer than 1,000 days. The known faults are written to a file next
    to the store; backfill compares its episodes with them.
    """
    from acm_etl import simulate
    from acm_etl.admin import simulation
    from acm_etl.cli.render import data as render

    # No open store here: the simulation and its import open it one after the other.
    history = partial(simulate.simulate_history, seed=seed, start=simulate.choose_start(days), days=days)
    report = simulation.write_simulation(code, history, if_missing=if_missing, config=ctx.load_settings())
    if not ctx.emit_json(report):
        render.print_simulation_report(report)


EXPORT_EPILOG = """\b
Examples:
  acm-etl export ACM_HealthTimeline --equip FD_FAN --output health.parquet
  acm-etl export ACM_Episodes --from 2024-01-01 --output exports/
"""


@acm_command("export", summary="write a table or view to a Parquet file", epilog=EXPORT_EPILOG)
@click.argument("table")
@click.option("--equip", metavar="CODE", help="Only rows of this machine.")
@click.option("--from", "since", type=UtcDateTime(), help="Only rows from this time on (UTC).")
@click.option("--to", "until", type=UtcDateTime(), help="Only rows before this time (UTC).")
@click.option(
    "--output",
    required=True,
    type=FilePath(path_type=str),
    metavar="FILE.parquet|DIR",
    help="File, or folder for TABLE.parquet.",
)
@click.pass_obj
def export_command(
    ctx: CliContext, table: str, *, equip: str | None, since: datetime | None, until: datetime | None, output: str
) -> None:
    """Write a table or view to a Parquet file.

    The file is written atomically: an existing file is replaced only by a complete one. The folder is created if its
    parent exists. Memory use does not depend on the size of the table.
    """
    from acm_etl.admin import export
    from acm_etl.cli.render import data as render

    with ctx.open_store(allow_replica=True) as engine:
        result = export.export_table(engine, export.ExportRequest(table, equip, since, until), output)
    if not ctx.emit_json(result):
        render.print_export_result(result)
