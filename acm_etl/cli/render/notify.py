"""Messages about alarms, on the terminal: tests of the targets, events still to be sent, results of sending."""

from __future__ import annotations

from collections.abc import Sequence

from acm_etl.cli.render.console import print_line, print_paragraph
from acm_etl.cli.render.fitted_table import print_rows
from acm_etl.counts import format_count
from acm_etl.notify.send import PendingEvent, SendReport, TargetCheck


def print_checks(checks: Sequence[TargetCheck], *, is_enabled: bool) -> None:
    """Print one line per target, and whether messages are off."""
    for check in checks:
        print_paragraph(check.error or f"{check.target} accepted the test message")
    # Who has tested the targets expects messages from now on.
    if not is_enabled:
        print_paragraph("Messages are off: set notify.enabled = true, or ACM_NOTIFY__ENABLED=true", style="yellow")


def print_pending(events: Sequence[PendingEvent]) -> None:
    """Print the events that are still to be sent."""
    if not events:
        print_line("no event is waiting to be sent")
        return
    columns = {"machine": 0, "event": 0, "start": 1, "severity": 3, "recorded": 4, "attempts": 2, "last error": 0}
    rows = [
        (
            *(event.machine, event.event.replace("_", " "), event.start, event.severity),
            *(event.recorded_at, event.attempts, event.last_error),
        )
        for event in events
    ]
    print_rows("Events to be sent (times in UTC)", columns, rows, numeric=("attempts",))


def print_report(report: SendReport) -> None:
    """Print what was sent, what failed and what is held."""
    held = f"; {format_count(report.held, 'event')} held until the quiet hours end" if report.held else ""
    failed = f", {report.failed:,} failed" if report.failed else ""
    print_line(f"{format_count(report.sent, 'message')} sent{failed}{held}")
    for error in report.errors:
        print_paragraph(error, indent=2)
