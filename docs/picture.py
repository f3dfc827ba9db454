"""Draw docs/backfill.svg from a real run on a simulated machine: ``.venv/bin/python docs/picture.py``."""
# ruff: noqa: INP001 - a script

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

from rich.console import Console

from acm_etl import config
from acm_etl.admin import highlights, schema, simulation
from acm_etl.cli.render import backfill, console, data, fitted_table, progress, status, store
from acm_etl.fleet.fleet_backfill import backfill_machines
from acm_etl.io.connect import open_store
from acm_etl.load.machines import equipment
from acm_etl.run.context import BackfillRequest, SettingsSources
from acm_etl.simulate import simulate_history
from acm_etl.status.fleet_monitor import FleetMonitor

TARGET = Path(__file__).with_name("backfill.svg")
EQUIP = "FD_FAN"
WIDTH = 100
CAPTURED_SHARE = 0.55
"""Share of the windows after which the progress bar is printed."""
OPTIONS = {"backfill.batch_rows": 1500}  # small batches, so that there is a bar to catch halfway


class CapturedBars(progress.ProgressBars):
    """Progress bars that are printed once, halfway.

    Args:
        paper: Console that records the picture.
    """

    def __init__(self, paper: Console) -> None:
        super().__init__(Console(file=io.StringIO(), force_terminal=True, width=paper.width), "windows")
        self._paper, self._is_printed = paper, False

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Advance the bar, and print it when enough windows are done."""
        super().advance(machine, windows=windows, rows=rows, detail=detail)
        task = self._bars.tasks[0]
        if not self._is_printed and task.completed >= CAPTURED_SHARE * (task.total or 0):
            self._is_printed = True
            self._paper.print(self._bars.get_renderable())


def main() -> None:
    """Run the commands of ``make backfill`` and draw their output."""
    paper = Console(file=io.StringIO(), record=True, force_terminal=True, width=WIDTH, highlight=False)
    # Each module has its own reference to the function.
    for module in (backfill, console, data, fitted_table, status, store):
        if hasattr(module, "make_console"):
            module.make_console = lambda _width=WIDTH: paper  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        paper.print(f"[dim]$[/] [bold]make backfill EQUIP={EQUIP}[/]")
        settings = config.load_config(OPTIONS)
        engine = open_store(settings.store)
        store.print_init_result(schema.init_store(engine))
        engine.close()
        data.print_simulation_report(
            simulation.write_simulation(EQUIP, simulate_history, if_missing=True, config=settings)
        )
        sources = SettingsSources(options=OPTIONS)
        with CapturedBars(paper) as display:
            report = backfill_machines([EQUIP], request=BackfillRequest(), sources=sources, progress=display)
        statuses = {machine.code: machine for machine in FleetMonitor(sources, [EQUIP]).read_status().machines}
        engine = open_store(settings.store)
        newest = highlights.read_newest_episodes(
            engine, equipment.find_machines(engine, [EQUIP]), {EQUIP: report.machines[0].episodes}
        )
        engine.close()
        backfill.print_backfill_report(report, statuses, newest)
    TARGET.write_text(paper.export_svg(title="acm_etl"), encoding="utf-8")


if __name__ == "__main__":
    main()
