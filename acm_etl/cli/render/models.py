"""Results of refit and reset on the terminal."""

from __future__ import annotations

from rich.markup import escape

from acm_etl.admin.models import RefitRequestResult, ResetResult
from acm_etl.cli.render.console import format_command, print_line
from acm_etl.status.formatting import format_count


def print_refit_request(result: RefitRequestResult) -> None:
    """Print whether a request for new models was stored."""
    if result.created:
        message = "retraining requested; the next backfill past midnight UTC trains and validates the new model"
    else:
        message = "a retraining request is already pending; the next backfill past midnight UTC evaluates it"
    print_line(f"[bold]{escape(result.equip)}[/]: {message}")


def print_reset_result(result: ResetResult) -> None:
    """Print what a reset deleted, or that the initial training is retried."""
    print_line(f"[bold]{escape(result.equip)}[/]: {_describe_reset(result)}")
    # A reset alone leaves the machine without results until the next backfill.
    print_line(f"Next: {escape(format_command('backfill', '--equip', result.equip))}")


def _describe_reset(result: ResetResult) -> str:
    if not result.coldstart_only:
        deleted = format_count(sum(result.deleted_rows.values()), "row")
        return f"{deleted} deleted, {format_count(result.superseded_runs, 'run')} superseded; the readings are kept"
    # Not an error: a script may reset every machine.
    if result.previous_coldstart is None:
        return "the initial training was never tried; nothing changed"
    return f"the initial training was {result.previous_coldstart}; the next backfill retries it"
