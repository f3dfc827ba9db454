"""Results of import, import-progress, simulate and export on the terminal."""

from __future__ import annotations

from rich.markup import escape
from rich.text import Text

from acm_etl.admin.export import ExportResult
from acm_etl.admin.import_results import ImportConflicts, ImportReport
from acm_etl.cli.render.console import format_cell, make_console, print_line, print_markup, print_paragraph
from acm_etl.cli.render.fitted_table import print_rows
from acm_etl.counts import format_count
from acm_etl.formatting import format_command
from acm_etl.legacy_v8.progress_import import ProgressImport
from acm_etl.results import SimulationReport
from acm_etl.status.formatting import truncate_line

_STATE_TEXTS = {
    "noted": "noted",
    "training_started": "initial training has started",
    "scored": "already scored",
    "not_registered": "not registered",
}

_CONFLICT_SCOPES = {"files": "of the files", "store": "of the store"}


def print_import_report(report: ImportReport) -> None:
    """Print the counts, and rejected and changed values of an import; the plan was printed before."""
    print_markup(
        f"[bold]{escape(report.equip)}[/]: {format_count(report.rows, 'row')} read in {report.seconds:.1f} s: "
        f"{report.inserted:,} new, {report.updated:,} updated, {report.unchanged:,} unchanged",
    )
    print_markup(f"{format_cell(report.first)} to {format_cell(report.last)} UTC, in {escape(report.table)}", indent=2)
    cells = report.cells
    print_markup(f"values: {cells.inserted:,} new, {cells.updated:,} changed, {cells.unchanged:,} unchanged", indent=2)
    if report.replaced_from:
        period = f"{format_cell(report.replaced_from)} to {format_cell(report.replaced_to)}"
        deleted = format_count(report.deleted, "reading")
        print_markup(
            f"{period} replaced: {format_count(cells.erased, 'stored value')} erased, {deleted} deleted", indent=2
        )
    for conflicts in report.conflicts:
        _print_conflicts(conflicts)
    for warning in report.warnings:
        print_markup(f"[yellow]{escape(warning)}[/]", indent=2)
    if report.rejected:
        # Examples are long texts: they get what three narrow columns leave of the line.
        examples_width = max(make_console().width - 62, 16)
        rows = [
            (part.column or "(whole row)", part.rule, part.count, truncate_line(part.samples or "", examples_width))
            for part in report.rejected
        ]
        columns = {"column": 0, "reason": 0, "rows": 0, "examples": 1}
        print_rows("Rejected and changed values", columns, rows, numeric=("rows",))
    print_line(f"Next: {escape(format_command('backfill', '--equip', report.equip))}")


def _print_conflicts(conflicts: ImportConflicts) -> None:
    """Print how many values were replaced by later ones, with samples."""
    values, scope = format_count(conflicts.cells, "value"), _CONFLICT_SCOPES[conflicts.scope]
    print_markup(f"{values} {scope} in {format_count(conflicts.rows, 'row')} replaced by another one, e.g.:", indent=2)
    for sample in conflicts.samples:
        # Not rounded for reading: the two values may differ in the last digit only.
        print_markup(
            f"{sample.time} {escape(sample.tag)}: {sample.old_value:.15g} -> {sample.new_value:.15g}", indent=4
        )


def print_simulation_report(report: SimulationReport) -> None:
    """Print what a simulation wrote."""
    print_paragraph(Text.assemble((report.equip, "bold"), f": {report.message}"))


def print_progress_import(result: ProgressImport) -> None:
    """Print the machines of a progress file of ACM V8, and the next command for each."""
    columns = {"machine": 0, "V8 until": 0, "V8 batches": 2, "newer readings": 1, "state here": 0}
    rows = [
        (part.machine, part.v8_until, part.v8_batches, part.newer_readings, _STATE_TEXTS[part.state])
        for part in result.machines
    ]
    print_rows("Progress of ACM V8 (times UTC)", columns, rows, numeric=("V8 batches", "newer readings"))
    for part in result.machines:
        if part.next_command:
            print_line(f"  {escape(part.machine)}: {escape(part.next_command)}")


def print_export_result(result: ExportResult) -> None:
    """Print the file that an export wrote."""
    rows = format_count(result.rows, "row")
    print_line(f"{escape(str(result.file))}: {rows} of {escape(result.table)}, {result.bytes:,} bytes")
