"""Closing output of a backfill: fits a terminal of 80 x 24; with ``-v`` it lists every table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.markup import escape
from rich.table import Table

from acm_etl.admin.highlights import EpisodeHighlight, MachineHighlights
from acm_etl.cli.render.console import (
    OUTCOME_STYLES,
    ZONE_STYLES,
    apply_style,
    build_table,
    format_cell,
    format_command,
    format_count,
    make_console,
    print_line,
    print_table,
    print_wrapped,
    truncate_middle,
)
from acm_etl.results import BackfillReport, FaultDetection, MachineReport, TableTotal, TruthComparison

_SLOWEST_TABLES = 3
_MAX_FAULTS = 4
"""Simulated faults that are listed; the rest is counted."""
_LINES_BESIDE_MACHINES = 9
"""Lines of the closing output of a fleet that are not rows of its table, the prompt included."""
_MIN_MACHINE_ROWS = 5
_FLEET_WIDTH = 62
"""Columns of the table of a fleet beside the sensor."""
_EPISODE_WIDTH = 39
"""Columns of an episode line before the sensor."""


def print_backfill_report(
    report: BackfillReport, highlights: Mapping[str, MachineHighlights], *, detailed: bool = False
) -> None:
    """Print the closing output. The reason of a failure is an error line, which the command prints.

    Args:
        report: Result of the backfill.
        highlights: Health and episodes by machine code.
        detailed: Also print the totals of every table and the reasons of rejected values.
    """
    # A machine that failed before its first batch has nothing to show but its error.
    shown = [machine for machine in report.machines if machine.outcome != "failed" or machine.tables]
    if len(report.machines) > 1 and not any(machine.outcome == "planned" for machine in report.machines):
        _print_fleet(report, highlights)
    else:
        for machine in shown:
            _print_machine(machine, highlights.get(machine.equip, MachineHighlights()))
    if detailed:
        for machine in shown:
            _print_details(machine)
    _print_speed(report)


def _print_machine(machine: MachineReport, highlights: MachineHighlights) -> None:
    print_wrapped(_format_headline(machine))
    if machine.outcome == "planned":
        return
    if highlights.health_zone is not None:
        zone = apply_style(highlights.health_zone, ZONE_STYLES)
        print_line(f"  Health {highlights.health_index:.0f} ({zone}) at {format_cell(highlights.assessed_at)} UTC")
    _print_episodes(machine, highlights.newest_episodes)
    _print_written_rows([machine])
    _print_rejected(machine)
    if machine.truth:
        _print_fault_detection(machine.truth)
    _print_next_steps(machine)


def _format_headline(machine: MachineReport) -> str:
    """Return the machine, its outcome with the reason, and the windows and readings scored."""
    parts = [f"[bold]{escape(machine.equip)}[/]: {apply_style(machine.outcome, OUTCOME_STYLES)}"]
    # The message of a failed machine is printed once, as an error line.
    if machine.message and machine.outcome != "failed":
        parts.append(escape(machine.message))
    if machine.outcome != "planned" and (machine.windows or machine.provisional):
        incomplete = f" ({machine.provisional:,} incomplete)" if machine.provisional else ""
        windows = format_count(machine.windows + machine.provisional, "window")
        parts.append(f"{windows}{incomplete}, {format_count(machine.readings, 'reading')} in {machine.seconds:.1f} s")
    return ": ".join(parts[:2]) + "".join(f"; {part}" for part in parts[2:])


def _print_episodes(machine: MachineReport, newest: Sequence[EpisodeHighlight]) -> None:
    if not machine.episodes:
        print_line("  Episodes: none found")
        return
    order = ", newest first" if machine.episodes > 1 else ""
    print_line(f"  Episodes: {machine.episodes:,} found{order} (start, duration, peak z, top sensor)")
    # The sensor comes last, as its name is of any length. Both its ends stay: tags of a plant often differ in the last.
    sensor_width = max(make_console().width - _EPISODE_WIDTH, 20)
    for episode in newest:
        duration = "open" if episode.is_open else f"{episode.duration_hours:.1f} h"
        sensor = truncate_middle(episode.top_sensor, sensor_width)
        print_line(f"    {format_cell(episode.start)} {duration:>8}  z {episode.peak_z:4.1f}  {escape(sensor)}")
    if machine.episodes > len(newest) > 0:
        print_line(f"    ... {machine.episodes - len(newest):,} more: {format_command('show', machine.equip)}")


def _print_written_rows(machines: Sequence[MachineReport]) -> None:
    """Print the rows written to all tables, their speed and the slowest tables."""
    totals = _sum_totals(machines)
    staged = sum(total.staged for total in totals.values())
    seconds = sum(total.seconds for total in totals.values())
    written = sum(machine.rows_written for machine in machines)
    if not staged:
        return
    speed = f"{staged / max(seconds, 1e-3):,.0f} rows/s"
    unchanged = f" ({staged - written:,} unchanged)" if staged > written else ""
    print_line(f"  Rows: {written:,} written{unchanged}, {speed}; all tables with -v or --json")
    if written:
        slowest = sorted(totals.items(), key=lambda item: -item[1].seconds)[:_SLOWEST_TABLES]
        print_wrapped(
            "  Slowest tables: " + ", ".join(f"{name} {_format_seconds(total.seconds)}" for name, total in slowest),
            indent=4,
        )


def _format_seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _sum_totals(machines: Sequence[MachineReport]) -> dict[str, TableTotal]:
    """Return the totals by table over several machines."""
    totals: dict[str, TableTotal] = {}
    for machine in machines:
        for name, part in machine.tables.items():
            total = totals.setdefault(name, TableTotal())
            total.staged += part.staged
            total.inserted += part.inserted
            total.updated += part.updated
            total.deleted += part.deleted
            total.seconds += part.seconds
    return totals


def _print_rejected(machine: MachineReport) -> None:
    if machine.rejected:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in machine.rejected.most_common(3))
        more = ", ..." if len(machine.rejected) > 3 else ""
        print_wrapped(f"  Rejected and changed values: {escape(reasons)}{more}", indent=4)


def _print_fault_detection(truth: TruthComparison) -> None:
    """Print which simulated faults the episodes found, with columns that fit 80 characters."""
    expected = [fault for fault in truth.faults if not fault.in_training or fault.found]
    detected = sum(fault.found for fault in expected)
    false_alarms = format_count(truth.false_episodes, "episode")
    print_line(f"  Simulated faults: {detected} of {len(expected)} detected, {false_alarms} without a fault")
    table = build_table(
        "",
        ("fault", "kind", "start", "detected", "delay", "faulty sensor"),
        [_format_fault(fault) for fault in truth.faults[:_MAX_FAULTS]],
        numeric_columns=(4,),
    )
    table.box, table.padding = None, (0, 0, 0, 4)
    print_table(table)
    if len(truth.faults) > _MAX_FAULTS:
        print_line(f"    ... {len(truth.faults) - _MAX_FAULTS} more: see --json")


def _format_fault(fault: FaultDetection) -> tuple[object, ...]:
    detected = "yes" if fault.found else "in training" if fault.in_training else "[bold red]no[/]"
    rank = "ranked first" if fault.ranked_first else "in top sensors" if fault.in_top_sensors else "not in top sensors"
    delay = None if fault.delay_hours is None else f"{fault.delay_hours:.1f} h"
    return (fault.name, fault.kind, fault.start, detected, delay, rank if fault.found else None)


def _print_next_steps(machine: MachineReport) -> None:
    if machine.late:
        late = format_count(machine.late, "late reading")
        print_line(f"  [yellow]{late}[/] not scored; for the command that scores them: acm-etl status")
    if machine.resume_at:
        print_wrapped(
            f"  Next run starts at {format_cell(machine.resume_at)} UTC. See: {format_command('show', machine.equip)}",
            indent=4,
        )


def _print_fleet(report: BackfillReport, highlights: Mapping[str, MachineHighlights]) -> None:
    """Print one row per machine, the most urgent first, as many as the terminal has lines for."""
    ordered = sorted(report.machines, key=lambda machine: _urgency(machine, highlights))
    console = make_console()
    limit = max(console.height - _LINES_BESIDE_MACHINES, _MIN_MACHINE_ROWS) if console.is_terminal else len(ordered)
    print_table(_build_fleet_table([(machine, highlights.get(machine.equip)) for machine in ordered[:limit]]))
    if len(ordered) > limit:
        print_line(f"... {len(ordered) - limit:,} more: acm-etl status")
    _print_written_rows(report.machines)
    simulated = [machine.truth for machine in report.machines if machine.truth]
    if simulated:
        faults = [fault for truth in simulated for fault in truth.faults if not fault.in_training or fault.found]
        print_line(f"  Simulated faults: {sum(fault.found for fault in faults)} of {len(faults)} detected")
    late = sum(machine.late for machine in report.machines)
    if late:
        print_line(f"  [yellow]{format_count(late, 'late reading')}[/] not scored: acm-etl status")
    print_line("  See: acm-etl status, acm-etl report --open")


def _urgency(machine: MachineReport, highlights: Mapping[str, MachineHighlights]) -> tuple[bool, float, str]:
    """Return the sort key of a machine: failed ones first, then by health, those without health last."""
    health = highlights.get(machine.equip, MachineHighlights()).health_index
    return (machine.outcome != "failed", 101.0 if health is None else health, machine.equip)


def _build_fleet_table(machines: Sequence[tuple[MachineReport, MachineHighlights | None]]) -> Table:
    """Build the table of a fleet; the sensor is cut, not folded, so that a machine is one line."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("machine", "outcome", "health", "episodes", "newest episode: top sensor", "readings", "seconds"):
        numeric = name in ("episodes", "readings", "seconds")
        table.add_column(name, justify="right" if numeric else "left", no_wrap=True, overflow="ellipsis")
    for machine, highlights in machines:
        table.add_row(*_format_fleet_row(machine, highlights or MachineHighlights()))
    return table


def _format_fleet_row(machine: MachineReport, highlights: MachineHighlights) -> Iterator[str]:
    yield f"[bold]{escape(machine.equip)}[/]"
    yield apply_style(machine.outcome, OUTCOME_STYLES)
    zone = highlights.health_zone
    yield "-" if zone is None else f"{highlights.health_index:.0f} {apply_style(zone, ZONE_STYLES)}"
    yield f"{machine.episodes:,}"
    newest = highlights.newest_episodes
    yield escape(truncate_middle(newest[0].top_sensor, max(make_console().width - _FLEET_WIDTH, 12))) if newest else "-"
    yield f"{machine.readings:,}"
    yield f"{machine.seconds:.1f}"


def _print_details(machine: MachineReport) -> None:
    """Print the totals of every table that changed, and all reasons of rejected values."""
    if machine.rejected:
        rows = sorted(machine.rejected.items())
        title = f"{machine.equip}: rejected and changed values"
        print_table(build_table(title, ("reason", "values"), rows, numeric_columns=(1,)))
    changed = [
        (name, total.staged, total.inserted, total.updated, total.deleted, round(total.rows_per_second))
        for name, total in machine.tables.items()
        if total.rows_written or total.deleted
    ]
    if changed:
        columns = ("table", "rows", "inserted", "updated", "deleted", "rows/s")
        print_table(build_table(f"{machine.equip}: rows written", columns, changed, numeric_columns=(1, 2, 3, 4, 5)))


def _print_speed(report: BackfillReport) -> None:
    total = sum(machine.readings for machine in report.machines if machine.outcome != "planned")
    if total:
        speed = total / max(report.seconds, 1e-3)
        print_line(f"{format_count(total, 'reading')} in {report.seconds:.1f} s: {speed:,.0f} readings/s end to end")
