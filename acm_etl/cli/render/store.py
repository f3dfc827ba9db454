"""Results of init, prune, verify, doctor and the report about the server on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape

from acm_etl.admin.retention import PruneResult
from acm_etl.admin.schema import InitResult
from acm_etl.cli.render.console import format_cell, print_line, print_markup
from acm_etl.cli.render.fitted_table import print_rows
from acm_etl.counts import format_count
from acm_etl.status.server_report import Advice, Section, ServerReport

_CHECK_MARKS = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[bold red]FAIL[/]"}


def print_init_result(result: InitResult) -> None:
    """Print whether the schema was created or updated, the scripts that were skipped and the tables set aside."""
    changes = format_count(len(result.applied), "change")
    action = "created" if result.created else "updated"
    state = f"schema {action} ({changes})" if result.applied else "schema up to date"
    print_markup(f"{escape(result.store)}: {state}")
    # A new store is created as a whole; of another one, the lines say what to do about tables that were missing.
    for line in () if result.created else result.applied:
        print_line(f"  {escape(line)}")
    for line in result.skipped:
        print_markup(f"[yellow]{escape(line)}[/]", indent=2)
    for name in result.dropped:
        print_line(f"  dropped {escape(name)}")
    for statement in result.storage:
        print_line(f"  {escape(statement)}")
    for each in result.closed:
        runs = format_count(each.runs, "run") if each.runs else "initial training"
        print_markup(f"{escape(each.machine)}: {runs} of a process that ended unexpectedly marked as failed", indent=2)
    if result.old_tables:
        names = (
            f"{format_count(len(result.old_tables), 'table')} of an earlier version ({', '.join(result.old_tables)})"
        )
        print_markup(f"{escape(names)} kept; to drop, run acm-etl init --drop-old", indent=2)


def print_prune_result(result: PruneResult) -> None:
    """Print the expired rows by machine and table; tables without any are left out."""
    action = "deleted" if result.applied else "would be deleted"
    # JSON lists every table, people only need those with expired rows.
    rows = [(part.machine, part.table, part.setting, part.before, part.rows) for part in result.expired if part.rows]
    if not rows:
        print_markup("Nothing to delete")
        return
    columns = {"machine": 0, "table": 0, "setting": 1, "before": 2, "rows": 0}
    print_rows(f"Rows past their retention period (times UTC), {action}", columns, rows, numeric=("rows",))
    advice = "" if result.applied else "; run again with --apply to delete"
    print_markup(f"{format_count(sum(row[4] for row in rows), 'row')} {action}{advice}")


def print_checks(checks: Sequence[tuple[str, str, str]]) -> None:
    """Print checks, one line each.

    Args:
        checks: Name, level (``ok``, ``warn``, ``fail``) and finding of each check.
    """
    # Lines instead of a table: findings are sentences with commands, which a table would cut.
    for name, level, finding in checks:
        print_markup(f"{_CHECK_MARKS[level]} {escape(name)}: {escape(finding)}")


def print_server_report(report: ServerReport) -> None:
    """Print the sections of a report about the server, then the advice."""
    print_line(f"{escape(report.store)}, {report.observed_at:%Y-%m-%d %H:%M} UTC, acm_etl {report.acm_etl_version}")
    for section in report.sections:
        print_line("")
        _print_section(section)
    print_line("")
    if not report.advice:
        print_markup("No setting differs from the advice")
    for advice in report.advice:
        _print_advice(advice)


def _print_section(section: Section) -> None:
    if section.problem:
        print_line(f"[bold]{escape(section.title)}[/]: [yellow]not read[/]: {escape(section.problem)}")
    elif not section.rows:
        print_line(f"[bold]{escape(section.title)}[/]: none")
    elif len(section.rows) == 1:
        # One object with many properties reads better as lines than as a table wider than the terminal.
        print_line(f"[bold]{escape(section.title)}[/]")
        for name, value in section.rows[0].items():
            print_line(f"  {name}: {escape(format_cell(value))}")
    else:
        # The first column names the row; the others leave a narrow terminal from the right.
        columns = {name: place for place, name in enumerate(section.rows[0])}
        numeric = [name for name, value in section.rows[0].items() if isinstance(value, (int, float))]
        print_rows(section.title, columns, [tuple(row.values()) for row in section.rows], numeric=numeric)


def _print_advice(advice: Advice) -> None:
    found = f"{advice.setting} is {format_cell(advice.current)}. {advice.reason}"
    print_line(f"{_CHECK_MARKS['warn']} {escape(found)}")
    print_line(f"     run: {escape(advice.statement)}")
