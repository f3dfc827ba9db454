"""Commands for people who look: the HTML report, and the live view of a running fleet."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from acm_etl.cli.options import CliContext, SecondsRange, UtcDateTime

REPORT_EPILOG = """\b
Examples:
  acm-etl report FD_FAN --open                        write FD_FAN.html and show it
  acm-etl report FD_FAN --output fan.html --from 2013-01-01
  acm-etl report                                      overview and a page per machine, in acm-report/
"""


@click.command(epilog=REPORT_EPILOG)
@click.argument("code", required=False)
@click.option("--all", "all_", is_flag=True, help="The whole fleet, as without CODE.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="File to write  [default CODE.html]; of the fleet: the directory  [default acm-report].",
)
@click.option("--open", "open_", is_flag=True, help="Show it in the browser.")
@click.option("--from", "since", type=UtcDateTime(), help="Show the history from this time (UTC).")
@click.option("--to", "until", type=UtcDateTime(), help="Show the history up to this time (UTC).")
@click.pass_obj
def report_command(
    ctx: CliContext,
    /,
    code: str | None,
    *,
    all_: bool,
    output: Path | None,
    open_: bool,
    **period: Any,  # noqa: ANN401
) -> None:
    """Write an HTML page about machine CODE; without CODE, an overview that ranks all machines and a page for each.

    Each page is one file that needs no network: the verdict now, health and episodes over time, the sensors of each
    episode against what is normal, forecast, detectors, data quality, runs.
    """
    from acm_etl.cli.render import live

    if code and all_:
        message = "name one machine, or take --all (not both)"
        raise click.UsageError(message)
    found = _write_pages(ctx, code, output, **period)
    if not ctx.emit_json(found):
        live.print_report_pages(found)
    if open_:
        click.launch(Path(found["file"]).resolve().as_uri())


def _write_pages(
    ctx: CliContext, code: str | None, output: Path | None, *, since: datetime | None, until: datetime | None
) -> dict[str, Any]:
    from acm_etl.report import pages
    from acm_etl.report.timeline import ReportPeriod

    period = ReportPeriod(since, until)
    engine = ctx.connect_store(create=False)
    try:
        if code:
            return pages.write_machine_page(engine, code, output, period=period)
        return pages.write_fleet_pages(engine, output or Path("acm-report"), period=period)
    finally:
        engine.close()


MONITOR_EPILOG = """\b
Examples:
  acm-etl monitor                    live, until Ctrl-C
  acm-etl monitor FD_FAN --every 10
  acm-etl monitor --once             one frame, for scripts; --json gives it as JSON
"""


@click.command(epilog=MONITOR_EPILOG)
@click.argument("codes", nargs=-1)
@click.option("--once", is_flag=True, help="Print one frame and end; so does --json.")
@click.option(
    "--every", default=2.0, show_default=True, type=SecondsRange(0.2), metavar="SECONDS", help="How often to look."
)
@click.pass_obj
def monitor_command(ctx: CliContext, /, codes: tuple[str, ...], *, once: bool, every: float) -> None:
    """Watch a running fleet: machines, windows, rows per second, failures, lag.

    A server is asked itself. An embedded store is held by its runner, whose status feed says how things stand; a
    runner that died without a word is shown as dead.
    """
    from acm_etl.cli.render import live
    from acm_etl.status.monitor import Monitor

    with contextlib.closing(Monitor(ctx.load_settings().store, codes)) as look:
        if once or ctx.as_json:
            found = look.read_snapshot()
            if not ctx.emit_json(found):
                live.print_snapshot(found)
            return
        with contextlib.suppress(KeyboardInterrupt):
            live.watch_fleet(look.read_snapshot, seconds=every)
