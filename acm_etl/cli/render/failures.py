"""Past failures of machines, on the terminal."""

from __future__ import annotations

from collections.abc import Callable

from rich.markup import escape
from rich.text import Text

from acm_etl.admin.failures import FailureImport, FailureList, FailureRow
from acm_etl.cli.render.console import format_cell, print_line, print_paragraph
from acm_etl.cli.render.fitted_table import FittedColumn, print_columns
from acm_etl.counts import format_count
from acm_etl.formatting import format_command
from acm_etl.status.formatting import format_span


def print_import(report: FailureImport) -> None:
    """Print what was stored, and the machines that are not registered."""
    done = "would be stored" if report.is_dry_run else "stored"
    rows = f"{format_count(report.rows, 'row')}, {format_count(report.duplicates, 'repeated row')}"
    changes = f"{format_count(report.added, 'new failure')} and {format_count(report.changed, 'changed cause')} {done}"
    known = f"{format_count(report.unchanged, 'failure')} known before"
    print_paragraph(f"{report.file}: {rows}; {changes}, {known}")
    for unknown in report.unknown_machines:
        left_out = f"{format_count(unknown.failures, 'failure')} left out; register it, then import again:"
        print_paragraph(f"{unknown.machine} is not registered: {left_out}", indent=2)
        command = format_command("equipment", "add", unknown.machine, "--timezone", "ZONE")
        print_line(escape(f"    {command}"))


def print_failures(listing: FailureList) -> None:
    """Print one row per failure, newest first."""
    if not listing.failures:
        print_line("no failures; import them with: acm-etl failures import FILE --timezone ZONE")
        return
    columns = [
        FittedColumn("machine", _build_cells(listing, lambda row: row.machine)),
        FittedColumn("failed", _build_cells(listing, lambda row: format_cell(row.failed_at))),
        FittedColumn("cause", _build_cells(listing, lambda row: row.cause or "-"), is_wrapped=True),
        FittedColumn("last episode", _build_cells(listing, lambda row: format_cell(row.episode_start)), priority=2),
        FittedColumn("warned", _build_cells(listing, lambda row: format_span(row.warning_hours)), is_numeric=True),
        FittedColumn("imported by", _build_cells(listing, lambda row: row.imported_by), priority=3),
    ]
    print_columns("Failures, newest first (times in UTC)", columns)


def _build_cells(listing: FailureList, describe: Callable[[FailureRow], str]) -> list[Text]:
    return [Text(describe(row)) for row in listing.failures]
