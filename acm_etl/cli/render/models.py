"""Results of refit, baseline and reset on the terminal."""

from __future__ import annotations

from rich.markup import escape

from acm_etl.admin.baselines import BaselineResult, BaselineWithdrawal
from acm_etl.admin.models import RefitRequestResult, ResetResult
from acm_etl.cli.render.console import print_line, print_markup
from acm_etl.counts import format_count
from acm_etl.formatting import format_command
from acm_etl.status.formatting import format_date


def print_refit_request(result: RefitRequestResult) -> None:
    """Print whether a request for new models was stored."""
    if result.created:
        message = "retraining requested; the next backfill past midnight UTC trains and validates the new model"
    else:
        message = "a retraining request is already pending; the next backfill past midnight UTC evaluates it"
    print_markup(f"[bold]{escape(result.equip)}[/]: {message}")
    # Who asks again wants to know what came of the last time.
    if result.last_decision:
        print_markup(f"Last decision: {escape(result.last_decision)}")


def print_baseline(result: BaselineResult) -> None:
    """Print the training period of a baseline, and what the next backfill does."""
    state = "counts" if result.stored else "would count"
    print_markup(f"[bold]{escape(result.equip)}[/]: {state} as normal from {format_date(result.effective_from)} on")
    if result.replaced:
        print_markup(f"Replaces {format_count(result.replaced, 'earlier request')} for this date")
    print_markup(_describe_training_period(result))
    if result.is_complete and result.scored_until and result.scored_until > result.effective_from:
        print_markup(f"Scored again: {format_date(result.effective_from)} to {format_date(result.scored_until)}")
    if result.stored:
        print_line(f"Next: {escape(format_command('backfill', '--equip', result.equip))}")
    else:
        print_markup("Dry run: nothing stored. Run the command without --dry-run to store the request.")


def print_withdrawal(result: BaselineWithdrawal) -> None:
    """Print which baseline was withdrawn, and how its readings are scored again."""
    date = format_date(result.effective_from)
    print_markup(f"[bold]{escape(result.equip)}[/]: baseline of {date} withdrawn; the models before it score again")
    print_line(f"Next: {escape(format_command('backfill', '--equip', result.equip))}")


def _describe_training_period(result: BaselineResult) -> str:
    readings = f"{result.running_readings:,} readings in operation"
    if not result.is_complete:
        end = f"readings up to {format_date(result.train_end)}" if result.train_end else "more readings"
        return f"Waits for {end}: {readings} so far, minimum {result.required_readings:,} (training.running_rows)"
    few = " (few: levels are uncertain)" if result.running_readings < result.required_readings else ""
    start, end = format_date(result.effective_from), format_date(result.train_end)
    return f"Trains on {start} to {end}, {readings}{few}"


def print_reset_result(result: ResetResult) -> None:
    """Print what a reset deleted, or that the initial training is retried."""
    print_markup(f"[bold]{escape(result.equip)}[/]: {_describe_reset(result)}")
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
