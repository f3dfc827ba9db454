"""Command ``demo``: simulate a machine with faults, score it, and show its report."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acm_etl.cli.command import acm_command
from acm_etl.cli.context import CliContext, open_in_browser
from acm_etl.cli.options import FilePath
from acm_etl.output_files import create_folder

if TYPE_CHECKING:
    from acm_etl.report.pages import ReportResult
    from acm_etl.results import SimulationReport

_EQUIP = "FD_FAN"
_DAYS = 200  # 90 of training, then a leak, an overload and a bearing that wears
_SEED = 7

EPILOG = """\b
Examples:
  acm-etl demo
  acm-etl demo --dir /tmp/acm-demo --no-open
  uvx --from . acm-etl demo               in a checkout, without installing acm_etl
"""


@acm_command("demo", summary="simulate a machine, score it and open its report", epilog=EPILOG)
@click.option(
    "--dir",
    "folder",
    type=FilePath(file_okay=False),
    default=Path("acm-demo"),
    show_default=True,
    help="Folder of the store and the page; created if its parent exists.",
)
@click.option("--no-open", is_flag=True, help="Do not open the page in the browser.")
@click.pass_obj
def demo_command(ctx: CliContext, *, folder: Path, no_open: bool) -> None:
    """Simulate 200 days of a fan up to today, score them, write the report and open it.

    The fan leaks, is overloaded, and has a bearing that wears until now. Nothing outside the folder is changed. Run
    the command again to write the report again from the same readings.
    """
    from acm_etl.cli.render.demo import print_demo
    from acm_etl.report import json_shape

    if ctx.store is not None:
        message = "demo keeps its store in --dir; omit --store"
        raise click.UsageError(message)
    create_folder(folder, option="--dir")
    url = f"duckdb:///{(folder.resolve() / 'acm.duckdb').as_posix()}"
    demo_ctx = ctx.override("store", url)
    simulation = _simulate_fan(demo_ctx)
    _score_readings(demo_ctx)
    result = _write_page(demo_ctx, folder / f"{_EQUIP}.html")
    if not ctx.emit_json({"store": url, "simulate": simulation, "report": json_shape.build_report(result)}):
        print_demo(simulation, result, store=url, equip=_EQUIP)
    if not no_open:
        open_in_browser(result.file)


def _simulate_fan(ctx: CliContext) -> SimulationReport:
    """Write the readings of the fan, unless the folder has some of an earlier call."""
    from acm_etl import simulate
    from acm_etl.admin.simulation import write_simulation
    from acm_etl.load.clock import utc_now

    # Up to today, so that no page calls the data stale.
    start = datetime.combine(utc_now().date(), time.min) - timedelta(days=_DAYS)
    faults = simulate.make_demo_faults(start, _DAYS)
    history = partial(simulate.simulate_history, seed=_SEED, start=start, days=_DAYS, faults=faults)
    return write_simulation(_EQUIP, history, if_missing=True, config=ctx.load_settings())


def _score_readings(ctx: CliContext) -> None:
    """Score the readings.

    Raises:
        AcmError: The machine failed.
        KeyboardInterrupt: The user stopped the backfill after a batch; the page would show a part of the readings.
    """
    from acm_etl.errors import AcmError
    from acm_etl.fleet.fleet_backfill import backfill_machines, stop_on_interrupt
    from acm_etl.run.context import BackfillRequest

    # No later reading shows that the last day is complete.
    request = BackfillRequest(close_last_window=True)
    with ctx.open_progress() as progress, stop_on_interrupt() as stop:
        report = backfill_machines(
            [_EQUIP], request=request, sources=ctx.collect_sources(), progress=progress, stop=stop
        )
    if report.interrupted:
        raise KeyboardInterrupt
    if report.exit_code:
        raise AcmError("; ".join(machine.message for machine in report.machines))


def _write_page(ctx: CliContext, file: Path) -> ReportResult:
    from acm_etl.load.clock import utc_now
    from acm_etl.report import pages
    from acm_etl.status.store_reader import StatusInputs

    inputs = StatusInputs(ctx.collect_sources(), utc_now())
    with ctx.open_store() as engine:
        return pages.write_machine_page(engine, _EQUIP, file, inputs=inputs)
