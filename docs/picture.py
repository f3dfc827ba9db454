"""Draws docs/backfill.svg from a real run on a simulated machine: ``.venv/bin/python docs/picture.py``."""
# ruff: noqa: INP001, SLF001 - a script, and it looks behind the console on purpose

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

from rich.console import Console

from acm_etl import config
from acm_etl.admin import simulation
from acm_etl.cli.render import tables
from acm_etl.fleet import fleet
from acm_etl.load import migrate
from acm_etl.run.context import BackfillRequest, SettingsSources

TARGET = Path(__file__).with_name("backfill.svg")
EQUIP = "FD_FAN"
SHARE = 0.55  # of the windows: when the display is caught


class Caught(tables._ProgressBars):
    """The display of a terminal, printed once on its way."""

    def __init__(self, paper: Console) -> None:
        quiet = Console(file=io.StringIO(), force_terminal=True, width=paper.width)
        super().__init__(quiet, "windows")
        self._paper, self._printed = paper, False

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Print the bars when enough is done."""
        super().advance(machine, windows=windows, rows=rows, detail=detail)
        task = self._bars.tasks[0]
        if not self._printed and task.completed >= SHARE * (task.total or 0):
            self._printed = True
            self._paper.print(self._bars.get_renderable())


def main() -> None:
    """Run and draw."""
    paper = Console(file=io.StringIO(), record=True, force_terminal=True, width=122, highlight=False)
    tables._make_console = lambda width=122: paper  # noqa: ARG005 - whatever width is asked for
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        paper.print(f"[dim]$[/] [bold]make backfill EQUIP={EQUIP}[/]")
        settings = config.load_config({"backfill.batch_rows": 1500})
        engine = simulation.open_store(settings.store)
        tables.print_init_result(engine.url, migrate.init_schema(engine))
        engine.close()
        tables.print_simulation_report(
            simulation.write_simulation(EQUIP, days=365, seed=7, if_missing=True, config=settings)
        )
        sources = SettingsSources(options={"backfill.batch_rows": 1500})
        with Caught(paper) as display:
            report = fleet.backfill_machines([EQUIP], request=BackfillRequest(), sources=sources, progress=display)
        tables.print_backfill_report(report)
    TARGET.write_text(paper.export_svg(title="acm_etl"), encoding="utf-8")


if __name__ == "__main__":
    main()
