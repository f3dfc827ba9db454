"""Closing output of a backfill: fits a terminal of 80 x 24; with ``-v`` it lists every table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from rich.text import Text

from acm_etl.admin.highlights import EpisodeHighlight
from acm_etl.cli.render.console import (
    OUTCOME_STYLES,
    format_cell,
    make_console,
    print_line,
    print_paragraph,
    truncate_middle,
)
from acm_etl.cli.render.fitted_table import FittedColumn, build_fitted_table, print_columns
from acm_etl.cli.render.status import LEVEL_STYLES, format_health
from acm_etl.counts import format_count
from acm_etl.formatting import format_command
from acm_etl.results import BackfillReport, ChangedReadings, FaultDetection, MachineReport, TableTotal, TruthComparison
from acm_etl.status import texts
from acm_etl.status.formatting import format_date
from acm_etl.status.machine_status import MachineStatus
from acm_etl.status.reasons import ChangedData, FutureData, Level, OlderData, Reason
from acm_etl.status.verdict import JudgedMachine, Urgency, judge_machine

# Enough to see where the time of publishing goes; -v lists every table.
_SLOWEST_TABLES = 3
_MAX_FAULTS = 4
"""Simulated faults that are listed; the others are counted."""
_FLEET_LINES = 12
"""Lines of the closing output of a fleet beside the rows of its table: its frame, progress bars and the prompt."""
_MIN_FLEET_ROWS = 4
_LINE_WIDTH = 77
"""Columns of an indented line; with a further line, the output of a small machine would not fit 24 lines."""
_EPISODE_WIDTH = 40
"""Columns of an episode line before the sensor, and the empty last one."""
_FLEET_SENSOR_WIDTH = 24

Statuses = Mapping[str, MachineStatus]
Episodes = Mapping[str, Sequence[EpisodeHighlight]]


def print_backfill_report(
    report: BackfillReport, statuses: Statuses, episodes: Episodes, *, detailed: bool = False
) -> None:
    """Print the closing output. The reason of a failure is an error line, which the command prints.

    Args:
        report: Result of the backfill.
        statuses: Status after the backfill by machine code; empty if the store could not be read.
        episodes: Newest episodes of the backfill by machine code, newest first.
        detailed: Also print the totals of every table and all reasons of rejected values.
    """
    # A machine that failed before its first batch has nothing to show but its error.
    shown = [machine for machine in report.machines if machine.outcome != "failed" or machine.tables]
    # A dry run lists its machines one by one: their plans are sentences, which no table can hold.
    if len(report.machines) > 1 and all(machine.outcome != "planned" for machine in report.machines):
        _print_fleet(report, statuses, episodes)
    else:
        for machine in shown:
            _print_machine(machine, statuses.get(machine.equip), episodes.get(machine.equip, ()))
    if detailed:
        for machine in shown:
            _print_details(machine)
    _print_speed(report)


def _print_machine(machine: MachineReport, status: MachineStatus | None, newest: Sequence[EpisodeHighlight]) -> None:
    print_paragraph(_build_headline(machine))
    # A dry run has changed nothing, so there are no results to show.
    if machine.outcome == "planned":
        return
    if status is not None:
        # Judged at the time of the observation, as everywhere: no two outputs may differ in the level.
        verdict = judge_machine(status, status.observed_at)
        label = Text(texts.LEVEL_LABELS[verdict.level], style=LEVEL_STYLES[verdict.level])
        print_paragraph(Text.assemble("Verdict: ", label, f". {texts.describe_headline(status, verdict)}"), indent=2)
    # The verdict names the most urgent reason; health is shown in any case, because plants track it.
    if status is not None and status.health is not None:
        time = format_cell(status.health.time)
        print_paragraph(Text.assemble("Health: ", format_health(status), f" at {time} UTC"), indent=2)
    if machine.training is not None:
        style = "yellow" if machine.training.doubts else ""
        text = texts.describe_training(machine.training, machine.equip)
        print_paragraph(text[:1].upper() + text[1:], indent=2, style=style)
    _print_episodes(machine, newest)
    _print_written_rows([machine])
    if machine.rejected:
        reasons = [f"{reason} {count:,}" for reason, count in machine.rejected.most_common()]
        print_paragraph(_join_fitting("Rejected and changed values", reasons), indent=2)
    if machine.truth:
        _print_fault_detection(machine.truth)
    _print_next_steps(machine)


def _build_headline(machine: MachineReport) -> Text:
    """Return the machine, its outcome with the reason, and the windows scored."""
    outcome = Text(machine.outcome, style=OUTCOME_STYLES.get(machine.outcome, ""))
    headline = Text.assemble((machine.equip, "bold"), ": ", outcome)
    # The message of a failed machine is printed once, as an error line.
    if machine.message and machine.outcome != "failed":
        headline.append(f": {machine.message}")
    if machine.outcome != "planned" and (machine.windows or machine.provisional):
        windows = format_count(machine.windows, "complete window")
        incomplete = f" and {machine.provisional:,} incomplete" if machine.provisional else ""
        headline.append(f"; {windows}{incomplete}")
    return headline


def _print_episodes(machine: MachineReport, newest: Sequence[EpisodeHighlight]) -> None:
    # Said explicitly: a missing line could also mean that episodes were not looked up.
    if not machine.episodes:
        print_line("  Episodes: none in these windows")
        return
    which = f", the newest {len(newest)}" if 0 < len(newest) < machine.episodes else ""
    print_line(f"  Episodes: {machine.episodes:,}{which} (start, duration, peak z, top sensor)")
    # The sensor comes last, as its name is of any length. Both its ends stay: tags of a plant often differ in the last.
    sensor_width = max(make_console().width - _EPISODE_WIDTH, 20)
    for episode in newest:
        duration = "open" if episode.is_open else f"{episode.duration_hours:.1f} h"
        sensor = truncate_middle(episode.top_sensor, sensor_width)
        line = f"{format_cell(episode.start)} {duration:>8}  z {episode.peak_z:4.1f}  {sensor}"
        print_paragraph(line, indent=4)


def _print_written_rows(machines: Sequence[MachineReport]) -> None:
    """Print the rows written to all tables, their speed and the slowest tables."""
    totals = _sum_totals(machines)
    staged = sum(total.staged for total in totals.values())
    if not staged:
        return
    written = sum(total.rows_written for total in totals.values())
    seconds = sum(total.seconds for total in totals.values())
    unchanged = f" ({staged - written:,} unchanged)" if staged > written else ""
    # Staged rows: unchanged ones were staged and compared, too.
    speed = f"{staged / max(seconds, 1e-3):,.0f} rows/s"
    print_paragraph(f"Rows: {written:,} written{unchanged}, {speed}; all tables with -v", indent=2)
    if written:
        print_paragraph(_join_fitting("Slowest tables", _list_slowest_tables(totals)), indent=2)


def _list_slowest_tables(totals: Mapping[str, TableTotal]) -> list[str]:
    """Return the slowest tables with their seconds."""
    slowest = sorted(totals.items(), key=lambda item: -item[1].seconds)[:_SLOWEST_TABLES]
    return [f"{name} {_format_seconds(total.seconds)}" for name, total in slowest]


def _join_fitting(label: str, parts: Sequence[str]) -> str:
    """Return a label and as many of its parts as fit one line, at least one; ``...`` stands for the others."""
    for count in range(len(parts), 1, -1):
        more = ", ..." if count < len(parts) else ""
        line = f"{label}: {', '.join(parts[:count])}{more}"
        if len(line) <= _LINE_WIDTH:
            return line
    return f"{label}: {parts[0]}{', ...' if len(parts) > 1 else ''}"


def _sum_totals(machines: Sequence[MachineReport]) -> dict[str, TableTotal]:
    """Return the totals by table over several machines."""
    totals: dict[str, TableTotal] = {}
    for machine in machines:
        for name, part in machine.tables.items():
            totals.setdefault(name, TableTotal()).add_total(part)
    return totals


def _format_seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _print_fault_detection(truth: TruthComparison) -> None:
    """Print which simulated faults the episodes found, one line each."""
    false_alarms = format_count(truth.false_episodes, "episode")
    detected, expected = _count_detected(truth)
    print_line(f"  Simulated faults: {detected} of {expected} detected; {false_alarms} without a fault")
    faults = truth.faults[:_MAX_FAULTS]
    columns = [
        FittedColumn("    fault", _build_cells(faults, lambda fault: f"    {fault.name}")),
        FittedColumn("kind", _build_cells(faults, lambda fault: fault.kind), priority=2),
        FittedColumn("start", _build_cells(faults, lambda fault: format_cell(fault.start)), priority=1),
        FittedColumn("detected", _build_cells(faults, _format_detection)),
        FittedColumn("delay", _build_cells(faults, _format_delay), is_numeric=True),
        FittedColumn("faulty sensor", _build_cells(faults, _format_rank)),
    ]
    # Without a frame: three lines less, which the terminal of 24 lines needs.
    console = make_console()
    table = build_fitted_table("", columns, console.width)
    table.box, table.pad_edge = None, False
    console.print(table)
    if len(truth.faults) > len(faults):
        print_line(f"    ... {len(truth.faults) - len(faults)} more: use --json")


def _count_detected(truth: TruthComparison) -> tuple[int, int]:
    """Return the number of detected faults, and of those that could be: scored, and not in the training period."""
    # Faults in the training period belong to the normal behaviour that the models learned.
    expected = [fault for fault in truth.faults if fault.found or (fault.in_scored_period and not fault.in_training)]
    return sum(fault.found for fault in expected), len(expected)


def _build_cells(faults: Sequence[FaultDetection], format_fault: Callable[[FaultDetection], str]) -> list[Text]:
    return [Text(format_fault(fault)) for fault in faults]


def _format_detection(fault: FaultDetection) -> str:
    if fault.found:
        return "yes"
    if not fault.in_scored_period:
        return "not scored"
    return "in training" if fault.in_training else "NO"


def _format_delay(fault: FaultDetection) -> str:
    return "-" if fault.delay_hours is None else f"{fault.delay_hours:.1f} h"


def _format_rank(fault: FaultDetection) -> str:
    if not fault.found:
        return "-"
    return "ranked first" if fault.ranked_first else "in top sensors" if fault.in_top_sensors else "not in top sensors"


def _print_next_steps(machine: MachineReport) -> None:
    if machine.late:
        late = format_count(machine.late, "late reading")
        print_paragraph(f"{late} not scored; acm-etl status shows how to score them", indent=2, style="yellow")
    for line in _iter_change_lines(machine):
        print_paragraph(line[:1].upper() + line[1:], indent=2, style="yellow")
    if machine.resume_at:
        command = format_command("show", machine.equip)
        print_paragraph(f"Next run starts at {format_cell(machine.resume_at)} UTC. See: {command}", indent=2)


def _iter_change_lines(machine: MachineReport) -> Iterator[str]:
    """Yield a sentence for each difference between the historian and the scored readings."""
    changed, replayed = machine.changed, machine.replayed
    if replayed:
        days = format_count(replayed.day_count, "changed day")
        yield f"{days} ({texts.describe_changes(replayed)}): {_describe_replay(replayed, machine)}"
    # Days that only gained readings are counted as late readings already.
    if changed and (changed.removed_readings or changed.corrected_days or not machine.late):
        yield _describe_difference(ChangedData(changed), machine)
    if machine.older:
        yield _describe_difference(OlderData(machine.older.count, machine.older.first), machine)
    if machine.future:
        yield _describe_difference(FutureData(machine.future.count, machine.future.first), machine)
    if machine.expired_days:
        yield f"the historian no longer has {format_count(machine.expired_days, 'scored day')}; their results stay"
    if machine.fingerprinted_days:
        days = format_count(machine.fingerprinted_days, "day")
        yield f"changes of readings are found from now on: fingerprints of {days} scored before were taken"


def _describe_replay(replayed: ChangedReadings, machine: MachineReport) -> str:
    """Return how far the replay of changed days has come."""
    first = format_date(replayed.first_day)
    if machine.outcome == "planned":
        return f"a replay scores again from {first} on"
    if machine.outcome == "done" or machine.resume_at is None:
        return f"scored again from {first} on"
    # Stopped or failed on the way: the windows behind it have lost their results until the next run.
    command = format_command("backfill", "--equip", machine.equip)
    return f"scored again from {first} to {format_cell(machine.resume_at)} UTC so far; {command} continues"


def _describe_difference(facts: ChangedData | OlderData | FutureData, machine: MachineReport) -> str:
    return texts.describe_reason(Reason(Level.CHECK_DATA, facts), machine.equip)


def _print_fleet(report: BackfillReport, statuses: Statuses, episodes: Episodes) -> None:
    """Print one row per machine, the most urgent first, as many as the terminal has lines for."""
    ordered = sorted(report.machines, key=lambda machine: _rank_machine(machine, statuses))
    console = make_console()
    # A pipe has no height: it gets all machines.
    limit = max(console.height - _FLEET_LINES, _MIN_FLEET_ROWS) if console.is_terminal else len(ordered)
    columns = _build_fleet_columns(ordered[:limit], statuses, episodes)
    print_columns("", columns)
    if len(ordered) > limit:
        print_line(f"... {len(ordered) - limit:,} more: acm-etl status")
    _print_written_rows(report.machines)
    counts = [_count_detected(machine.truth) for machine in report.machines if machine.truth]
    if counts:
        detected, expected = (sum(part) for part in zip(*counts, strict=True))
        # Before any reading is scored there is nothing to detect.
        if expected:
            print_line(f"  Simulated faults: {detected} of {expected} detected")
    # Sums only: the rows of the machines are full, and ``status`` names each machine.
    late = sum(machine.late for machine in report.machines)
    if late:
        print_paragraph(f"{format_count(late, 'late reading')} not scored", indent=2, style="yellow")
    changed = sum(machine.changed.day_count for machine in report.machines if machine.changed)
    if changed:
        print_paragraph(f"{format_count(changed, 'scored day')} changed since", indent=2, style="yellow")
    print_line("  See: acm-etl status, acm-etl report --open")


def _rank_machine(machine: MachineReport, statuses: Statuses) -> tuple[bool, Urgency]:
    """Return the sort key of a machine: failed ones first, then by urgency of the verdict."""
    status = statuses.get(machine.equip)
    urgency: Urgency = (0, False, 0.0, machine.equip)
    if status is not None:
        # Judged at the time of the observation, so that table and verdict agree however long printing takes.
        urgency = JudgedMachine(status, judge_machine(status, status.observed_at)).urgency
    # A failed machine is first even if it was healthy: its results are out of date.
    return machine.outcome != "failed", urgency


def _build_fleet_columns(
    machines: Sequence[MachineReport], statuses: Statuses, episodes: Episodes
) -> list[FittedColumn]:
    """Return the columns of the table of a fleet; narrow terminals drop those with a priority."""
    # Wide terminals show long tag names in full, narrow ones at least both ends.
    width = make_console().width
    sensor_width = max(_FLEET_SENSOR_WIDTH, width // 4)
    outcomes = [Text(machine.outcome, style=OUTCOME_STYLES.get(machine.outcome, "")) for machine in machines]
    return [
        FittedColumn("machine", [Text(machine.equip, style="bold") for machine in machines], is_folded=True),
        FittedColumn("outcome", outcomes),
        FittedColumn("verdict, health", [_format_verdict(statuses.get(machine.equip)) for machine in machines]),
        # "new": the open episode of the verdict may have begun in earlier windows.
        FittedColumn("episodes", [Text(f"{machine.episodes:,} new") for machine in machines], 1, is_numeric=True),
        FittedColumn(
            "top sensor",
            [_format_top_sensor(episodes.get(machine.equip, ()), sensor_width) for machine in machines],
            priority=2,
        ),
        FittedColumn("readings", [Text(f"{machine.readings:,}") for machine in machines], priority=3, is_numeric=True),
        FittedColumn("seconds", [Text(f"{machine.seconds:.1f}") for machine in machines], priority=4, is_numeric=True),
    ]


def _format_verdict(status: MachineStatus | None) -> Text:
    """Return the level of the verdict, and the health index where there is one."""
    if status is None:
        return Text("-")
    level = judge_machine(status, status.observed_at).level
    health = "" if status.health is None else f", {status.health.index:.0f}"
    return Text.assemble((texts.LEVEL_LABELS[level], LEVEL_STYLES[level]), health)


def _format_top_sensor(newest: Sequence[EpisodeHighlight], width: int) -> Text:
    """Return the top sensor of the newest episode."""
    return Text(truncate_middle(newest[0].top_sensor, width) if newest else "-")


def _print_details(machine: MachineReport) -> None:
    """Print the totals of every table that changed, and all reasons of rejected values."""
    if machine.rejected:
        reasons = sorted(machine.rejected.items())
        columns = [
            FittedColumn("reason", [Text(reason) for reason, _ in reasons]),
            FittedColumn("values", [Text(f"{count:,}") for _, count in reasons], is_numeric=True),
        ]
        print_columns(f"{machine.equip}: rejected and changed values", columns)
    # Tables without changes would be most of the list in a nightly run.
    changed = [(name, total) for name, total in machine.tables.items() if total.rows_written or total.deleted]
    if changed:
        columns = [FittedColumn("table", [Text(name) for name, _ in changed])]
        # At 80 columns the long names of tables leave no room for all of them.
        for priority, title in enumerate(("staged", "inserted", "updated", "deleted", "rows_per_second")):
            cells = [Text(f"{getattr(total, title):,.0f}") for _, total in changed]
            heading = {"staged": "rows", "rows_per_second": "rows/s"}.get(title, title)
            columns.append(FittedColumn(heading, cells, priority=priority, is_numeric=True))
        print_columns(f"{machine.equip}: rows written", columns)


def _print_speed(report: BackfillReport) -> None:
    total = sum(machine.readings for machine in report.machines if machine.outcome != "planned")
    # A run without new readings has no speed.
    if total:
        speed = total / max(report.seconds, 1e-3)
        print_line(f"{format_count(total, 'reading')} in {report.seconds:.1f} s: {speed:,.0f} readings/s end to end")
