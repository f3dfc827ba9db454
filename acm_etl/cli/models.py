"""Commands about the models of a machine: refit, baseline and reset."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from acm_etl.cli.command import acm_command
from acm_etl.cli.context import CliContext
from acm_etl.cli.options import UtcDateTime
from acm_etl.host import find_user_name

REFIT_EPILOG = """\b
Examples:
  acm-etl refit FD_FAN
  acm-etl refit FD_FAN --reason "new bearings in May"
"""


@acm_command("refit", summary="request new models, trained on recent healthy readings", epilog=REFIT_EPILOG)
@click.argument("code")
@click.option("--reason", default="manual", show_default=True, help="Reason, stored with the request.")
@click.pass_obj
def refit_command(ctx: CliContext, code: str, *, reason: str) -> None:
    """Request new models of a machine, trained on its healthy readings of the last 90 days (training.days).

    The next backfill past midnight UTC trains and validates them. New models score from there on, as a new version;
    they are rejected if they raise more false alarms than the current ones on healthy readings outside the training.
    """
    from acm_etl.admin import models
    from acm_etl.cli.render import models as render

    with ctx.open_store() as engine:
        result = models.request_refit(engine, code, reason=reason, requester=find_user_name())
    if not ctx.emit_json(result):
        render.print_refit_request(result)


BASELINE_EPILOG = """\b
Examples:
  acm-etl baseline FD_FAN --from 2024-05-01 --reason "new rotor" --dry-run
  acm-etl baseline FD_FAN --from 2024-05-01 --reason "new rotor"
  acm-etl baseline FD_FAN --from 2024-05-01 --to 2024-06-15 --reason "new rotor"
  acm-etl baseline FD_FAN --from 2024-05-01 --withdraw
"""


@acm_command("baseline", summary="declare a machine normal from a date on", epilog=BASELINE_EPILOG)
@click.argument("code")
@click.option("--from", "since", type=UtcDateTime(), required=True, help="First normal reading, UTC; midnight counts.")
@click.option("--to", "until", type=UtcDateTime(), help="End of the readings to train on, UTC.")
@click.option("--reason", default="manual", show_default=True, help="Reason, stored with the baseline.")
@click.option("--dry-run", is_flag=True, help="Show the training period; store nothing.")
@click.option("--withdraw", is_flag=True, help="Withdraw the baseline of this date.")
@click.pass_obj
def baseline_command(
    ctx: CliContext, code: str, *, since: datetime, until: datetime | None, reason: str, dry_run: bool, withdraw: bool
) -> None:
    """Declare a machine normal from a date on: after an overhaul, a change of a sensor or of a unit.

    The next backfill trains new models on the readings from this date on, closes the open episode there, and scores
    the readings from this date on again. Earlier scores stay. Without --to, the period has up to 90 days
    (training.days); with too few readings so far, the backfill waits for them. With --withdraw, the next backfill
    scores again from this date on with the models before it.
    """
    from acm_etl.admin import baselines
    from acm_etl.cli.render import models as render

    if withdraw:
        with ctx.open_store() as engine:
            withdrawal = baselines.withdraw_baseline(engine, code, since)
        if not ctx.emit_json(withdrawal):
            render.print_withdrawal(withdrawal)
        return
    request = baselines.BaselineRequest(since, until, reason, find_user_name(), dry_run)
    with ctx.open_store() as engine:
        result = baselines.set_baseline(engine, code, request, sources=ctx.collect_sources())
    if not ctx.emit_json(result):
        render.print_baseline(result)


RESET_EPILOG = """\b
Examples:
  acm-etl reset FD_FAN
  acm-etl reset FD_FAN --yes
  acm-etl reset FD_FAN --coldstart-only --yes
"""


@acm_command("reset", summary="delete a machine's models, progress and results", epilog=RESET_EPILOG)
@click.argument("code")
@click.option("--coldstart-only", is_flag=True, help="Only retry a failed initial training; keep all data.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def reset_command(ctx: CliContext, code: str, *, coldstart_only: bool, yes: bool) -> None:
    """Delete a machine's models, progress and results; readings and settings stay.

    The next backfill trains new models and scores the whole history.
    """
    from acm_etl.admin import models
    from acm_etl.cli.render import models as render

    if not yes:
        action = "retry its failed initial training" if coldstart_only else "delete its models, progress and results"
        # An embedded store is closed while the user thinks: an open one would block every other process.
        with ctx.open_store() as engine:
            models.require_machine(engine, code)
        # The machine is checked before: nobody should confirm the reset of a mistyped code.
        _confirm_or_abort(f"{code}: {action}?")
    with ctx.open_store() as engine:
        result = models.reset_machine(engine, code, coldstart_only=coldstart_only)
    if not ctx.emit_json(result):
        render.print_reset_result(result)


def _confirm_or_abort(question: str) -> None:
    """Ask a question and return if the answer is yes.

    Raises:
        click.Abort: The answer is no, or standard input has ended.
    """
    try:
        confirmed = click.confirm(question)
    # Ctrl-C and the end of standard input leave the cursor behind the question.
    except click.Abort:
        click.echo()
        raise
    if not confirmed:
        # The error line must start on a line of its own. On a terminal, the Enter key has ended the line of the prompt.
        if not sys.stdin.isatty():
            click.echo()
        raise click.Abort
