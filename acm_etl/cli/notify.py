"""Command ``notify``: send the messages that are due, test the targets, list what is still to be sent."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from acm_etl.cli.command import acm_command
from acm_etl.cli.context import CliContext, echo_diagnostic
from acm_etl.cli.options import listing_format_option
from acm_etl.errors import AcmError, UsageError

if TYPE_CHECKING:
    from acm_etl.engine import Engine
    from acm_etl.notify.send import SendReport
    from acm_etl.setting_models import NotifySettings
    from acm_etl.status.machine_status import MachineStatus

log = logging.getLogger(__name__)
EPILOG = """\b
Examples:
  acm-etl notify --test          send a test message to every target
  acm-etl notify --pending       list the events that are still to be sent
  acm-etl notify                 look for silent feeds, send what is due
"""


@acm_command("notify", summary="send messages about alarms, silent feeds, failures", epilog=EPILOG)
@click.option("--test", "is_test", is_flag=True, help="Only send a test message to every target.")
@click.option("--pending", "is_listing", is_flag=True, help="Only list the events that are still to be sent.")
@listing_format_option
@click.pass_obj
def notify_command(ctx: CliContext, *, is_test: bool, is_listing: bool) -> None:
    """Send the messages that are due; backfill does so at its end.

    The targets are addresses of Apprise in the environment variable ACM_NOTIFY_URLS. A target that does not accept a
    message gets it again with the next run; exit code 1 says so.
    """
    if is_test and is_listing:
        message = "use either --test or --pending"
        raise UsageError(message)
    if is_test:
        sys.exit(_send_test(ctx))
    if is_listing:
        _list_pending(ctx)
        return
    sys.exit(_send_due(ctx))


def _send_test(ctx: CliContext) -> int:
    from acm_etl.cli.render import notify as render
    from acm_etl.notify import send, targets

    checks = send.send_test_message(targets.read_targets())
    if not ctx.emit_json({"targets": checks}):
        render.print_checks(checks, is_enabled=ctx.load_settings().notify.enabled)
    return int(any(check.error for check in checks))


def _list_pending(ctx: CliContext) -> None:
    from acm_etl.cli.render import notify as render
    from acm_etl.load.schema import migrate
    from acm_etl.notify import send

    with ctx.open_store() as engine:
        migrate.require_current_schema(engine)
        events = send.list_pending(engine)
    if not ctx.emit_records({"events": events}, events, send.PendingEvent):
        render.print_pending(events)


def _send_due(ctx: CliContext) -> int:
    from acm_etl.cli.render import notify as render
    from acm_etl.load.clock import utc_now
    from acm_etl.load.machines import equipment
    from acm_etl.load.schema import migrate
    from acm_etl.status import store_reader

    settings = ctx.load_settings().notify
    if not settings.enabled:
        message = "messages are off: set notify.enabled = true in the settings file, or ACM_NOTIFY__ENABLED=true"
        raise UsageError(message)
    inputs = store_reader.StatusInputs(ctx.collect_sources(), utc_now())
    with ctx.open_store() as engine:
        migrate.require_current_schema(engine)
        statuses = store_reader.read_statuses(engine, equipment.read_machines(engine), inputs)
        report = _record_and_send(engine, statuses, settings)
    if not ctx.emit_json(report):
        render.print_report(report)
    return int(report.failed > 0)


def send_after_backfill(ctx: CliContext, statuses: Iterable[MachineStatus]) -> None:
    """Send the messages that are due after a backfill, if messages are on.

    The results are stored: an error here is a warning, and the next run sends the messages.

    Args:
        ctx: The invocation.
        statuses: Status of the machines of the backfill.
    """
    settings = ctx.load_settings().notify
    if not settings.enabled:
        return
    try:
        with ctx.open_store() as engine:
            report = _record_and_send(engine, statuses, settings)
    except AcmError as error:
        echo_diagnostic(f"messages were not sent: {error}; to send them, run: acm-etl notify", level="warning")
        return
    for text in report.errors:
        echo_diagnostic(f"{text}; to try again, run: acm-etl notify", level="warning")
    log.info("messages: %d sent, %d failed, %d events held", report.sent, report.failed, report.held)


def _record_and_send(engine: Engine, statuses: Iterable[MachineStatus], settings: NotifySettings) -> SendReport:
    """Record the events of the statuses, then send what is due.

    Raises:
        UsageError: There are no targets, or Apprise is not installed.
        MachineLockedError: Another process is sending.
    """
    from acm_etl.load.clock import utc_now
    from acm_etl.notify import send, targets

    now = utc_now()
    # Recorded first: without targets, the events wait until there are some.
    send.record_status_events(engine, statuses, settings, now)
    return send.send_pending(engine, settings, targets.read_targets(), now)
