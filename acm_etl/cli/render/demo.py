"""Output of ``demo`` on the terminal."""

from __future__ import annotations

from acm_etl.cli.render.console import make_console
from acm_etl.cli.render.data import print_simulation_report
from acm_etl.cli.render.report import print_report
from acm_etl.formatting import format_command
from acm_etl.report.pages import ReportResult
from acm_etl.results import SimulationReport


def print_demo(simulation: SimulationReport, result: ReportResult, *, store: str, equip: str) -> None:
    """Print the simulation, the verdict and the page, and what to try next.

    Args:
        simulation: The simulated readings.
        result: The page.
        store: URL of the store.
        equip: Code of the machine.
    """
    print_simulation_report(simulation)
    print_report(result)
    for words in (("show", equip), ("status",)):
        # Not folded, so that the command can be copied.
        make_console().print(f"Next: {format_command('--store', store, *words)}", soft_wrap=True, markup=False)
