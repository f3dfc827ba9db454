"""Commands about the store: init, sql, prune, verify, doctor."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import click

from acm_etl.cli.command import acm_command
from acm_etl.cli.context import CliContext, echo_diagnostic
from acm_etl.cli.options import FilePath, GreedyOption, listing_format_option, require_codes_or_all
from acm_etl.errors import UsageError
from acm_etl.output_files import create_folder, unwritable_error

AdminScriptKind = Literal["install", "uninstall"]

INIT_EPILOG = """\b
Examples:
  acm-etl init
  acm-etl --store duckdb:///plant.duckdb init
  acm-etl init --drop-old                 drop the tables that an upgrade has set aside
  acm-etl init --partition month --compression page      on SQL Server: tables with a row per reading
"""


@acm_command("init", summary="create the store, or update its schema", epilog=INIT_EPILOG)
@click.option("--drop-old", is_flag=True, help="Drop the tables of earlier versions that were set aside.")
@click.option(
    "--accept-differences", is_flag=True, help="Set tables of earlier versions aside even if their rows differ."
)
@click.option("--partition", type=click.Choice(["month"]), help="Partition tables with a row per reading (SQL Server).")
@click.option("--compression", type=click.Choice(["page", "none"]), help="Compress these tables (SQL Server).")
@click.option("--columnstore", is_flag=True, help="Add a columnstore index to each of these tables (SQL Server).")
@click.pass_obj
def init_command(
    ctx: CliContext,
    *,
    drop_old: bool,
    accept_differences: bool,
    partition: str | None,
    compression: Literal["page", "none"] | None,
    columnstore: bool,
) -> None:
    """Create the store or update its schema; safe to repeat.

    Tables of earlier versions that are views now are compared with these views and kept as NAME_Replaced.
    """
    from acm_etl.admin import schema
    from acm_etl.cli.render import store as render
    from acm_etl.load.schema.storage import StorageOptions

    options = StorageOptions(compression, partition_by_month=partition is not None, columnstore=columnstore)
    # One of the few commands that create a store; reading commands treat a missing one as an error.
    with ctx.open_store(create=True) as engine:
        result = schema.init_store(
            engine, accept_differences=accept_differences, drop_old=drop_old, storage_options=options
        )
    if not ctx.emit_json(result):
        render.print_init_result(result)


SQL_EPILOG = """\b
Examples:
  acm-etl sql mssql > acm.sql
  acm-etl sql mssql --write scripts/
  acm-etl sql mssql --install-script > install.sql        for a DBA: sqlcmd -b -I -d ACM -i install.sql
  acm-etl sql mssql --uninstall-script > uninstall.sql
"""


@acm_command("sql", summary="print the DDL of the store", epilog=SQL_EPILOG)
@click.argument("engine", type=click.Choice(["duckdb", "mssql"]))
@click.option("--write", type=FilePath(file_okay=False), metavar="DIR", help="Write files to DIR.")
@click.option(
    "--install-script", "kind", flag_value="install", help="Print one script that does what `init` does on SQL Server."
)
@click.option(
    "--uninstall-script", "kind", flag_value="uninstall", help="Print a script that removes acm_etl from a database."
)
@click.pass_obj
def sql_command(ctx: CliContext, engine: str, write: Path | None, kind: AdminScriptKind | None) -> None:
    """Print the DDL that `init` applies to an engine.

    With --write, the numbered scripts are written to files, those included that only an administrator runs.
    """
    if kind is not None:
        _print_admin_script(ctx, engine, kind, write)
        return
    from acm_etl.dialects import DIALECTS
    from acm_etl.legacy_v8.scripts import render_all_scripts
    from acm_etl.load.schema import ddl

    # Printed are only the scripts that init applies: piped into a client, the others would run as well.
    scripts = render_all_scripts(DIALECTS[engine]) if write else ddl.render_init_scripts(DIALECTS[engine])
    if write:
        _write_scripts(write, scripts)
    if ctx.emit_json({"engine": engine, "scripts": [{"name": name, "text": text} for name, text in scripts.items()]}):
        return
    if not write:
        for name, text in scripts.items():
            click.echo(f"-- {name}\n{text}")


def _print_admin_script(ctx: CliContext, engine: str, kind: AdminScriptKind, write: Path | None) -> None:
    """Print the script with which an administrator installs or removes acm_etl.

    Raises:
        UsageError: The engine has no administrator, or the script was to be written to a folder.
    """
    from acm_etl.dialects import DIALECTS
    from acm_etl.load.schema import admin_scripts

    dialect = DIALECTS[engine]
    if dialect.is_embedded:
        advice = "run acm-etl init to create the store, delete its file to remove it"
        message = f"there is no {kind} script for {engine}, whose store is a file: {advice}"
        raise UsageError(message)
    if write:
        message = f"--write does not write the {kind} script: omit it, and redirect the output to a file"
        raise UsageError(message)
    render = admin_scripts.render_install_script if kind == "install" else admin_scripts.render_uninstall_script
    text = render(dialect)
    if not ctx.emit_json({"engine": engine, "scripts": [{"name": f"{kind}.sql", "text": text}]}):
        click.echo(text, nl=False)


def _write_scripts(folder: Path, scripts: dict[str, str]) -> None:
    """Write scripts to a folder, which is created in an existing one.

    Raises:
        UsageError: A file cannot be written.
        UnavailableError: The disk is full.
    """
    create_folder(folder, option="--write")
    try:
        for name, text in scripts.items():
            path = folder / name
            # Scripts of the migration lie in a subfolder.
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise unwritable_error(folder, error) from error


PRUNE_EPILOG = """\b
Examples:
  acm-etl prune --all --time-days 1095               show what would be deleted
  acm-etl prune --equip FD_FAN --time-days 1095 --failed-days 90 --apply
"""

# Keys are the names of the settings ``retention.<key>_days``.
_RETENTION_HELP = {
    "time": "rows per reading, counted back from the machine's progress (at least 400)",
    "event": "episodes and other events, counted back from the progress (at least 400)",
    "day": "daily summaries, counted back from the progress (at least 400)",
    "run": "ACM_WriteMetrics, counted back from the progress",
    "noop": "runs without readings (NOOP), counted from their end",
    "failed": "failed and superseded runs, counted from their end",
}


def _retention_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add one option per retention period."""
    # Decorators apply from the bottom up, so the last period is added first.
    for kind, rows in reversed(_RETENTION_HELP.items()):
        command = click.option(f"--{kind}-days", type=int, metavar="N", help=f"Keep N days of {rows}.")(command)
    return command


@acm_command("prune", summary="delete rows past their retention period", epilog=PRUNE_EPILOG)
@click.option("--equip", cls=GreedyOption, multiple=True, metavar="CODE...", help="Machines to prune.")
@click.option("--all", "all_machines", is_flag=True, help="Prune every machine that has a retention period.")
@_retention_options
@click.option("--model-versions", type=int, metavar="N", help="Keep the N newest model versions.")
@click.option("--apply/--dry-run", "apply_changes", help="Delete the rows, or only show them  [default: show].")
@listing_format_option
@click.pass_obj
def prune_command(
    ctx: CliContext,
    /,
    equip: tuple[str, ...],
    *,
    all_machines: bool,
    apply_changes: bool,
    **retention_options: int | None,
) -> None:
    """Delete rows past their retention period (settings retention.*); only show them unless --apply is given.

    Rows still needed are never deleted: those used to recompute from the oldest saved state, open episodes, referenced
    runs and models in use. A machine that cannot be pruned, e.g. because a backfill has locked it, is named at the end;
    the others are pruned.
    """
    from acm_etl.admin import retention
    from acm_etl.cli.render import store as render

    # Neither is an error: deleting on all machines must be asked for.
    require_codes_or_all(equip, all_machines=all_machines)
    options = ctx.collect_options(**{f"retention__{name}": value for name, value in retention_options.items()})
    with ctx.open_store() as engine:
        result = retention.prune_machines(engine, equip, options=options, toml_path=ctx.toml_path, apply=apply_changes)
    if not ctx.emit_records(result, result.expired, retention.PrunedTable):
        render.print_prune_result(result)
    # On standard error, after the result: a script that reads the result gets all machines that were pruned.
    for failure in result.failed:
        echo_diagnostic(f"{failure.machine}: {failure.error}", level="error", machine=failure.machine)
    sys.exit(result.exit_code)


VERIFY_EPILOG = """\b
Examples:
  acm-etl verify FD_FAN
  acm-etl verify --all --sample 20
  acm-etl verify FD_FAN --sample 0        check the stored rows only, recompute none

Exit codes: 0 no finding, 4 one or more findings, others as for every command.
"""


@acm_command("verify", summary="recompute sampled days and compare; check stored rows", epilog=VERIFY_EPILOG)
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option("--all", "all_machines", is_flag=True, help="Check every registered machine.")
@click.option(
    "--sample", default=5, show_default=True, type=click.IntRange(0), metavar="N", help="Days to recompute per machine."
)
@click.option("--seed", type=int, metavar="N", help="Random seed of the choice of days  [default: today's date].")
@listing_format_option
@click.pass_obj
def verify_command(
    ctx: CliContext, codes: tuple[str, ...], *, all_machines: bool, sample: int, seed: int | None
) -> None:
    """Recompute sampled days and compare with the stored rows; check keys, references and gaps.

    Recomputation uses the window length and settings stored with the rows, and the stored models and states. An error
    that prevents checking a machine is reported as a finding for it. Nothing is changed.
    """
    from acm_etl.cli.render import store as render
    from acm_etl.run import verify

    require_codes_or_all(codes, all_machines=all_machines)
    # Another choice of days every day: nightly checks then cover more and more of the history.
    seed = int(time.time() // 86_400) if seed is None else seed
    with ctx.open_store() as engine:
        findings = verify.verify_machines(engine, codes, sample=sample, seed=seed, sources=ctx.collect_sources())
    if not ctx.emit_records({"seed": seed, "findings": findings}, findings, verify.MachineFinding):
        render.print_checks([(f"{one.machine} {one.check}", one.level, one.finding) for one in findings])
    # An exit code of its own: monitoring tells wrong rows from a check that could not run.
    sys.exit(verify.FINDINGS_EXIT_CODE if any(finding.level == "fail" for finding in findings) else 0)


DOCTOR_EPILOG = """\b
Examples:
  acm-etl doctor
  acm-etl --store mssql://svc_acm@plant-sql/ACM doctor --json
  acm-etl doctor --server > report.txt    for a DBA: settings, sizes, sessions, and the statements to run

Exit code 0 if all checks pass, 3 if the store is unreachable, otherwise 1. With --server: 0 if the report was
printed, whatever its advice.
"""


@acm_command("doctor", summary="check libraries, drivers, store and permissions", epilog=DOCTOR_EPILOG)
@click.option("--server", is_flag=True, help="Print a report about the server of the store for its administrator.")
@click.pass_obj
def doctor_command(ctx: CliContext, *, server: bool) -> None:
    """Check Python, libraries, drivers, the store and its permissions.

    --server reads only: version, settings, collations, sizes, statistics, log, tempdb, missing permissions, sessions
    and blocking, then each setting that differs from the advice with the statement to run. A section that the login
    may not read names the permission.
    """
    from acm_etl.cli.render import store as render
    from acm_etl.status import doctor, server_report

    if server:
        with ctx.open_store() as engine:
            report = server_report.build_server_report(engine)
        if not ctx.emit_json(report):
            render.print_server_report(report)
        return
    # Without an open store: a store that cannot be opened is a finding, and not the end of the command.
    checks = doctor.run_checks(ctx.load_settings())
    if not ctx.emit_json({"checks": checks}):
        render.print_checks([(check.check, check.level, check.finding) for check in checks])
    sys.exit(doctor.exit_code(checks))
