"""Commands that show the state of a fleet: status, monitor, report."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from acm_etl.cli.command import acm_command
from acm_etl.cli.context import CliContext, open_in_browser
from acm_etl.cli.options import FilePath, SecondsRange, UtcDateTime, listing_format_option

# For type checkers only: the pages load polars and templates, which ``--help`` must not wait for.
if TYPE_CHECKING:
    from acm_etl.report.pages import ReportResult

STATUS_EPILOG = """\b
Examples:
  acm-etl status
  acm-etl status FD_FAN GAS_TURBINE
  acm-etl status --summary | mail -s "ACM" plant@example.com
"""


@acm_command("status", summary="verdict, progress, lag and last run of each machine", epilog=STATUS_EPILOG)
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option("--summary", is_flag=True, help="Print fewer than 30 lines of plain text, for an e-mail.")
@listing_format_option
@click.pass_obj
def status_command(ctx: CliContext, codes: tuple[str, ...], *, summary: bool) -> None:
    """Show the verdict, progress, lag and last run of each machine."""
    from acm_etl.cli.render import console, email_summary
    from acm_etl.cli.render import status as render
    from acm_etl.status import json_shape
    from acm_etl.status.fleet_monitor import FleetMonitor

    with contextlib.closing(FleetMonitor(ctx.collect_sources(), codes)) as monitor:
        fleet = monitor.read_status()
    # Before --summary: a format that was asked for explicitly wins. Built only then: of 500 machines it takes 0.15 s.
    if ctx.output_format != "table":
        ctx.emit_listing(json_shape.build_fleet(fleet), json_shape.build_rows(fleet), json_shape.ROW_COLUMNS)
    elif summary:
        for line in email_summary.format_summary(fleet).splitlines():
            console.print_paragraph(line)
    else:
        render.print_fleet_status(fleet)


METRICS_EPILOG = """\b
Examples:
  acm-etl metrics
  acm-etl metrics --output /var/lib/node_exporter/acm.prom     for the textfile collector, after each backfill
"""


@acm_command("metrics", summary="status of each machine as metrics for Prometheus", epilog=METRICS_EPILOG)
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option("--output", type=FilePath(dir_okay=False), metavar="FILE", help="File to write.")
@click.pass_obj
def metrics_command(ctx: CliContext, codes: tuple[str, ...], *, output: Path | None) -> None:
    """Print or write verdict, health, episodes, lag, failed runs and late readings as metrics for Prometheus.

    A file is replaced in one step, so that a collector never reads half of it. They are also sent to the OpenTelemetry
    collector that OTEL_EXPORTER_OTLP_ENDPOINT names (pip install 'acm_etl[otel]').
    """
    from acm_etl.output_files import write_output_file
    from acm_etl.status.fleet_monitor import FleetMonitor
    from acm_etl.status.metrics import format_metrics
    from acm_etl.tracing import has_collector

    with contextlib.closing(FleetMonitor(ctx.collect_sources(), codes)) as monitor:
        fleet = monitor.read_status()
    if has_collector("METRICS"):
        from acm_etl.status.otlp_metrics import send_metrics

        send_metrics(fleet)
    text = format_metrics(fleet)
    if output is not None:
        with write_output_file(output) as draft:
            draft.write_text(text, encoding="utf-8", newline="\n")
    if not ctx.emit_json({"file": str(output) if output else None, "text": text}) and output is None:
        click.echo(text, nl=False)


REPORT_EPILOG = """\b
Examples:
  acm-etl report FD_FAN --open                        write FD_FAN.html and open it
  acm-etl report FD_FAN --output fan.html --from 2013-01-01
  acm-etl report                                      one page per machine and an overview, in acm-report/
"""


@acm_command("report", summary="write an HTML page per machine and an overview", epilog=REPORT_EPILOG)
@click.argument("code", required=False)
@click.option("--all", "all_machines", is_flag=True, help="Report on every machine (default without CODE).")
@click.option(
    "--output",
    type=FilePath(),
    metavar="PATH",
    help="Page to write  [default CODE.html]; for all machines, the folder  [default acm-report].",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@click.option("--from", "since", type=UtcDateTime(), help="Start of the history shown (UTC).")
@click.option("--to", "until", type=UtcDateTime(), help="End of the history shown (UTC).")
@click.pass_obj
def report_command(
    ctx: CliContext,
    /,
    code: str | None,
    *,
    all_machines: bool,
    output: Path | None,
    open_page: bool,
    **period: Any,  # noqa: ANN401 - since and until
) -> None:
    """Write an HTML page about machine CODE; without CODE, one page per machine and an overview of the fleet.

    Each page is one file that needs no network. It shows the verdict, health and episodes over time, the sensors of
    each episode beside their baseline, the forecast, detectors, data quality and runs.
    """
    from acm_etl.cli.render.report import print_report
    from acm_etl.report import json_shape

    if code is not None and all_machines:
        message = "use either CODE or --all (not both)"
        # Refused: one page and a folder of pages go to different places.
        raise click.UsageError(message)
    result = _write_pages(ctx, code, output, **period)
    if not ctx.emit_json(json_shape.build_report(result)):
        print_report(result)
    # After the output: a browser that cannot be started must not hide where the page was written.
    if open_page:
        open_in_browser(result.file)


def _write_pages(
    ctx: CliContext, code: str | None, output: Path | None, *, since: datetime | None, until: datetime | None
) -> ReportResult:
    """Write the page of one machine, or those of the fleet."""
    from acm_etl.load.clock import utc_now
    from acm_etl.report import pages
    from acm_etl.report.timeline import ReportPeriod
    from acm_etl.status.store_reader import StatusInputs

    period, inputs = ReportPeriod(since, until), StatusInputs(ctx.collect_sources(), utc_now())
    with ctx.open_store(allow_replica=True) as engine:
        if code is not None:
            return pages.write_machine_page(engine, code, output, period=period, inputs=inputs)
        return pages.write_fleet_pages(engine, output or Path("acm-report"), period=period, inputs=inputs)


MONITOR_EPILOG = """\b
Examples:
  acm-etl monitor                    live, until Ctrl-C
  acm-etl monitor FD_FAN --every 10
  acm-etl monitor --once             print the state once; with --json as JSON
"""


@acm_command("monitor", summary="watch a running fleet", epilog=MONITOR_EPILOG)
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option("--once", is_flag=True, help="Print the state once and exit; implied by --json, and in a pipe or file.")
@click.option(
    "--every", default=2.0, show_default=True, type=SecondsRange(0.2), metavar="SECONDS", help="Refresh interval."
)
@click.pass_obj
def monitor_command(ctx: CliContext, /, codes: tuple[str, ...], *, once: bool, every: float) -> None:
    """Watch a running fleet: machines, windows, rows per second, failures, lag.

    On SQL Server, monitor queries the database. With DuckDB it reads the status file that the running backfill writes;
    a process that ended unexpectedly is shown as dead.
    """
    from acm_etl.cli.render import live
    from acm_etl.status import json_shape
    from acm_etl.status.fleet_monitor import FleetMonitor

    sources = ctx.collect_sources()
    # Closed also after an error: an open embedded store would block the next backfill.
    with contextlib.closing(FleetMonitor(sources, codes, prefers_status_file=True)) as monitor:
        # JSON implies one look: a stream of documents is no JSON. What cannot redraw would show nothing until the end.
        if once or ctx.as_json or not live.can_redraw():
            fleet = monitor.read_status()
            if not ctx.emit_json(json_shape.build_fleet(fleet)):
                live.print_frame(fleet)
            return
        # Ctrl-C is the normal end of the live view, not an error.
        with contextlib.suppress(KeyboardInterrupt):
            live.watch_fleet(monitor.read_status, seconds=every)
