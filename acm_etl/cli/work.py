"""Commands that change the store."""

from __future__ import annotations

import getpass
import os
import sys
from datetime import datetime
from typing import Any

import click

from acm_etl.cli.options import CliContext, UtcDateTime, echo_diagnostic, require_codes_or_all
from acm_etl.errors import UsageError


@click.command(epilog="Example: acm-etl --store duckdb:///plant.duckdb init")
@click.pass_obj
def init_command(ctx: CliContext) -> None:
    """Create the store or bring it up to date; safe to repeat."""
    from acm_etl.cli.render import tables
    from acm_etl.load import migrate

    engine = ctx.connect_store()
    try:
        applied = migrate.init_schema(engine)
    finally:
        engine.close()
    if not ctx.emit_json({"store": engine.url, "applied": applied}):
        tables.print_init_result(engine.url, applied)


@click.command(
    "import", epilog="Example: acm-etl import fan_a.csv fan_b.csv --equip FD_FAN --timezone America/New_York"
)
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--equip", required=True, metavar="CODE", help="Machine the readings belong to; registered if new.")
@click.option(
    "--timezone", required=True, metavar="ZONE", help="IANA zone of the times in the files, e.g. Europe/Berlin."
)
@click.option("--time-column", metavar="NAME", help="Column of times; found by name and content unless given.")
@click.option(
    "--date-order",
    type=click.Choice(["mdy", "dmy", "ymd"]),
    help="Order of day and month, for files whose dates do not prove it.",
)
@click.pass_obj
def import_command(ctx: CliContext, /, files: tuple[str, ...], equip: str, timezone: str, **options: Any) -> None:  # noqa: ANN401
    """Load CSV or Parquet FILES into a machine's historian table.

    Later files win over earlier ones, later rows over earlier rows, and an import over what is stored. Every row and
    cell that is not taken as it stands is counted and reported. Importing a file again changes nothing.
    """
    from acm_etl.admin import ingest
    from acm_etl.cli.render import tables

    with ctx.open_progress(unit="rows") as progress:
        report = ingest.import_files(
            files, equip=equip, time_zone=timezone, config=ctx.load_settings(), progress=progress, **options
        )
    if not ctx.emit_json(report.to_dict()):
        tables.print_import_report(report)


@click.command("import-progress", epilog="Example: acm-etl import-progress artifacts/.sql_batch_progress.json")
@click.argument("file", type=click.Path())
@click.option("--timezone", metavar="ZONE", help="IANA zone of the times in FILE  [default: each machine's own].")
@click.pass_obj
def import_progress_command(ctx: CliContext, file: str, *, timezone: str | None) -> None:
    """Take a hint from ACM V8's progress FILE: which machines there are, and how far V8 says it was.

    V8's results are not taken over and no progress is set: the first backfill scores the whole history, seconds per
    year. Until then `status` shows what V8 had done. Machines that have begun here are left as they are.
    """
    from pathlib import Path

    from acm_etl.cli.render import tables
    from acm_etl.legacy_v8 import progress_import

    required = ctx.load_settings().training.running_rows
    engine = ctx.connect_store()
    try:
        found = progress_import.import_progress(engine, Path(file), time_zone=timezone, required_rows=required)
    finally:
        engine.close()
    if not ctx.emit_json(found):
        tables.print_progress_import(found)


@click.command(epilog="Example: acm-etl simulate --equip FD_FAN --days 365 --seed 7")
@click.option("--equip", required=True, metavar="CODE", help="Code of the made-up machine.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 20_000), help="Length of its history.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same history.")
@click.option("--if-missing", is_flag=True, help="Do nothing if the machine has readings.")
@click.pass_obj
def simulate_command(ctx: CliContext, equip: str, *, days: int, seed: int, if_missing: bool) -> None:
    """Fill a historian table with a simulated fan: states, faults, stops, gaps, duplicates.

    The ground truth (what went wrong and when) is written beside the store.
    """
    from acm_etl.admin import simulation
    from acm_etl.cli.render import tables

    report = simulation.write_simulation(equip, days=days, seed=seed, if_missing=if_missing, config=ctx.load_settings())
    if not ctx.emit_json(report.to_dict()):
        tables.print_simulation_report(report)


BACKFILL_EPILOG = """\b
Examples:
  acm-etl backfill --equip FD_FAN                       continue where the last run stopped
  acm-etl backfill --equip FD_FAN GAS_TURBINE --tick 12h
  acm-etl backfill --all --dry-run                      what would be done
  acm-etl backfill --all --workers 4                    four machines at a time, each in a process of its own
  acm-etl backfill --all --scheduler tcp://etl-1:8786   on the workers of a Dask cluster (pip install acm_etl[fleet])
  acm-etl backfill --equip FD_FAN --tick 7d --restart 2013-01-03
"""


class _GreedyOption(click.Option):
    """An option that takes all words up to the next option: ``--equip A B``."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:  # noqa: ANN401 - click's parser is private
        """Let the parser keep taking words."""
        super().add_to_parser(parser, ctx)
        for name in self.opts:
            option = parser._long_opt.get(name)  # noqa: SLF001 - click has no public way to a greedy option
            option.process = _make_greedy(option.process)


def _make_greedy(process: Any) -> Any:  # noqa: ANN401 - click's parser is private
    def take(value: str, state: Any) -> None:  # noqa: ANN401
        process(value, state)
        while state.rargs and not state.rargs[0].startswith("-"):
            process(state.rargs.pop(0), state)

    return take


@click.command(epilog=BACKFILL_EPILOG)
@click.option("--equip", cls=_GreedyOption, multiple=True, metavar="CODE...", help="Machines to backfill.")
@click.option("--all", "all_", is_flag=True, help="Every registered machine.")
@click.option("--tick", metavar="SPAN", help="Length of a window: 30m, 12h, 1d, 7d  [default 1d].")
@click.option("--from", "since", type=UtcDateTime(), help="Ignore readings before this time (UTC).")
@click.option("--to", "until", type=UtcDateTime(), help="Ignore readings from this time on (UTC).")
@click.option("--final", is_flag=True, help="Take the last window as final: no more readings will come for it.")
@click.option("--group", type=int, metavar="READINGS", help="Readings that share a transaction  [default 50000].")
@click.option("--workers", type=int, metavar="N", help="Machines at a time, each in its own process  [default 1].")
@click.option("--scheduler", metavar="URL", help="Dask scheduler whose workers take the machines: tcp://HOST:8786.")
@click.option(
    "--restart",
    type=UtcDateTime(),
    metavar="FROM",
    help="Replay from this window boundary, or from the kept state before it, with tick and settings of now.",
)
@click.option("--train-until", type=UtcDateTime(), help="End of the training period (UTC).")
@click.option("--dry-run", is_flag=True, help="Say what would be done and change nothing.")
@click.option("--max-windows", type=click.IntRange(1), metavar="N", help="Stop after this many windows per machine.")
@click.pass_obj
def backfill(ctx: CliContext, /, equip: tuple[str, ...], *, all_: bool, **options: Any) -> None:  # noqa: ANN401
    """Score the history of machines and publish it; resumes by itself.

    A window is published completely or not at all, and exactly once: kill the command at any moment and run it again.
    A tick or setting that differs from the stored rows is refused unless --restart says from where to replay.
    """
    from acm_etl.cli.render import tables
    from acm_etl.fleet import fleet
    from acm_etl.run.context import SettingsSources

    require_codes_or_all(equip, all_=all_)
    _require_one_executor(**options)
    dry_run = options["dry_run"]
    with ctx.open_progress(quiet=dry_run) as progress, fleet.stop_on_interrupt() as stop:
        report = fleet.backfill_machines(
            list(equip) or None,
            request=_build_request(**options),
            sources=SettingsSources(
                options=ctx.collect_options(**_build_overrides(**options)), toml_path=ctx.toml_path
            ),
            progress=progress,
            stop=stop,
        )
    if not ctx.emit_json(report.to_dict()):
        tables.print_backfill_report(report)
    for machine in report.machines:
        if machine.outcome == "failed":
            echo_diagnostic(f"{machine.equip}: {machine.message}", level="error", machine=machine.equip)
    sys.exit(report.exit_code)


def _require_one_executor(*, workers: int | None, scheduler: str | None, **_: object) -> None:
    """Make sure that machines go to processes on this host or to a cluster.

    Raises:
        UsageError: They are to go to both.
    """
    if workers is not None and scheduler is not None:
        message = "--workers are processes on this host, --scheduler has workers of its own: give one of the two"
        raise UsageError(message)


def _build_request(
    *,
    since: datetime | None,
    until: datetime | None,
    final: bool,
    restart: datetime | None,
    dry_run: bool,
    max_windows: int | None,
    **_: object,
) -> Any:  # noqa: ANN401 - Request is not imported before a command runs
    from acm_etl.run.context import BackfillRequest

    return BackfillRequest(
        since=since, until=until, final=final, restart=restart, dry_run=dry_run, max_windows=max_windows
    )


def _build_overrides(
    *,
    tick: str | None,
    group: int | None,
    workers: int | None,
    scheduler: str | None,
    train_until: datetime | None,
    **_: object,
) -> dict[str, object]:
    return {
        "backfill__tick": tick,
        "backfill__batch_rows": group,
        "backfill__workers": workers,
        "backfill__scheduler": scheduler,
        "training__until": train_until,
    }


@click.command(epilog='Example: acm-etl refit FD_FAN --reason "new bearings in May"')
@click.argument("code")
@click.option("--reason", default="asked for by hand", show_default=True, help="Why, for the record.")
@click.pass_obj
def refit_command(ctx: CliContext, code: str, *, reason: str) -> None:
    """Ask for new models of a machine, fitted on its healthy readings of the last 90 days (training.days).

    Decided by the backfill that reaches the next day boundary. New models score from there on, as a new version; they
    are rejected where they raise more false alarms than the old ones on healthy readings that were not fitted.
    """
    from acm_etl.admin import maintenance

    engine = ctx.connect_store(create=False)
    try:
        done = maintenance.request_refit(engine, code, reason=reason, requester=_current_user())
    finally:
        engine.close()
    if not ctx.emit_json({"equip": code, "refit": done}):
        click.echo(f"{code}: {done}")


def _current_user() -> str:
    """Who asks; a container often runs under a uid that has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # what is raised differs by Python and system
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


_RETENTION_HELP = {
    "time": "rows per reading, before the machine's progress",
    "event": "episodes and other events, before the progress",
    "day": "daily summaries, before the progress",
    "run": "ACM_WriteMetrics, before the progress",
    "noop": "NOOP runs since they were made",
    "failed": "runs since they failed or were superseded",
}

RETAIN_EPILOG = """\b
Examples:
  acm-etl retain --all --time-days 1095               what would be deleted
  acm-etl retain --equip FD_FAN --time-days 1095 --failed-days 90 --apply
"""


def _add_retention_options(command: Any) -> Any:  # noqa: ANN401 - a click command
    """An option per kind of table."""
    for kind, what in reversed(_RETENTION_HELP.items()):
        option = click.option(f"--{kind}-days", type=int, metavar="N", help=f"Keep N days of {what}.")
        command = option(command)
    return command


@click.command(epilog=RETAIN_EPILOG)
@click.option("--equip", cls=_GreedyOption, multiple=True, metavar="CODE...", help="Machines to look at.")
@click.option("--all", "all_", is_flag=True, help="Every registered machine.")
@_add_retention_options
@click.option("--model-versions", type=int, metavar="N", help="Keep the N newest versions of models.")
@click.option("--apply", "apply_", is_flag=True, help="Delete; without it nothing is changed.")
@click.pass_obj
def retain_command(
    ctx: CliContext, /, equip: tuple[str, ...], *, all_: bool, apply_: bool, **retention_options: int | None
) -> None:
    """Delete what is older than it has to be kept, per kind of table (settings retention.*); says what, first.

    What is needed stays, whatever the age: what a replay from the oldest kept state looks back on, open episodes, runs
    that results name, models that hold. With --all, machines with nothing set to expire are left as they are; one that
    is held by a runner is named at the end, and the others are done.
    """
    from acm_etl.admin import maintenance
    from acm_etl.cli.render import tables

    require_codes_or_all(equip, all_=all_)
    options = ctx.collect_options(**{f"retention__{name}": value for name, value in retention_options.items()})
    engine = ctx.connect_store(create=False)
    try:
        found = maintenance.apply_retention(engine, equip, options=options, toml_path=ctx.toml_path, apply=apply_)
    finally:
        engine.close()
    if not ctx.emit_json({"applied": apply_, **found}):
        tables.print_retention_result(found["expired"], applied=apply_)
    for machine in found["failed"]:
        echo_diagnostic(f"{machine['machine']}: {machine['error']}", level="error", machine=machine["machine"])
    sys.exit(min((machine["exit_code"] for machine in found["failed"]), default=0))


@click.command(epilog="Example: acm-etl reset FD_FAN --yes")
@click.argument("code")
@click.option("--coldstart-only", is_flag=True, help="Only let a FAILED coldstart be tried again now; keep everything.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def reset_command(ctx: CliContext, code: str, *, coldstart_only: bool, yes: bool) -> None:
    """Forget a machine's models, progress and results (its readings stay): the next backfill starts afresh."""
    from acm_etl.admin import maintenance

    what = "let a failed coldstart be tried again" if coldstart_only else "delete its models, progress and results"
    if not yes:
        _check_machine_exists(ctx, code)
        _confirm_or_abort(f"{code}: {what}?")
    engine = ctx.connect_store(create=False)
    try:
        done = maintenance.reset_machine(engine, code, coldstart_only=coldstart_only)
    finally:
        engine.close()
    if not ctx.emit_json({"equip": code, "reset": done}):
        click.echo(f"{code}: {done}")


def _check_machine_exists(ctx: CliContext, code: str) -> None:
    """Make sure there is such a machine; the store is not kept open while somebody thinks about a question."""
    from acm_etl.load import equipment, migrate

    engine = ctx.connect_store(create=False)
    try:
        migrate.require_current_schema(engine)
        equipment.find_machine(engine, code)
    finally:
        engine.close()


def _confirm_or_abort(question: str) -> None:
    """Go on only where the answer is yes; what is said next begins on a line of its own.

    Raises:
        click.Abort: The answer is no, or there is none.
    """
    try:
        sure = click.confirm(question)
    except click.Abort:
        click.echo()
        raise
    if not sure:
        if not sys.stdin.isatty():  # on a terminal, who answers has ended the line
            click.echo()
        raise click.Abort
