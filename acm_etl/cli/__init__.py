"""The ``acm-etl`` command: options become settings, errors become one line and an exit code.

Nothing heavy (duckdb, polars, scikit-learn, drivers) is imported before a command runs, so that ``--help`` is quick.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from acm_etl import logs
from acm_etl.cli.check import export_command, verify_command
from acm_etl.cli.look import config_command, doctor_command, equipment_group, show_command, sql_command, status_command
from acm_etl.cli.options import CliContext, echo_diagnostic, unknown_env_vars
from acm_etl.cli.see import monitor_command, report_command
from acm_etl.cli.work import (
    backfill,
    import_command,
    import_progress_command,
    init_command,
    refit_command,
    reset_command,
    retain_command,
    simulate_command,
)
from acm_etl.errors import AcmError

EPILOG = """\b
Examples:
  acm-etl simulate --equip FD_FAN            a year of a made-up fan, to try things on
  acm-etl import fan.csv --equip FD_FAN --timezone America/New_York
  acm-etl backfill --equip FD_FAN            score its whole history; run it again to continue
  acm-etl backfill --all --workers 4         every machine, four at a time
  acm-etl status                             how far every machine is
  acm-etl show FD_FAN                        its health now, its episodes and their culprits
  acm-etl report FD_FAN --open               the same as a page, with its history, sensors and forecast

Exit codes: 0 done, 1 one or more machines or files failed, 2 wrong usage, 3 store or scheduler unreachable,
4 verify found something, 130 interrupted.
"""


class _ErrorHandlingGroup(click.Group):
    """Prints deliberate errors as one line and leaves with their exit code."""

    def main(self, *args: Any, standalone_mode: bool = True, **options: Any) -> Any:  # noqa: ANN401 - click's signature
        """Parse the command line, run the command, end the process with its exit code."""
        try:
            code = super().main(*args, standalone_mode=False, **options)  # type: ignore[call-overload]
        except click.Abort:
            code = _print_error("nothing was changed; --yes does without the question", 1)
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx else "acm-etl"
            code = _print_error(f"{error.format_message().rstrip('.')}; see {where} --help", error.exit_code)
        except click.ClickException as error:
            code = _print_error(error.format_message(), error.exit_code)
        if not standalone_mode:
            return code
        sys.exit(code)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run a command."""
        try:
            super().invoke(ctx)
        except AcmError as error:
            return _print_error(str(error), error.exit_code)
        except KeyboardInterrupt:
            return _print_error("interrupted; run the command again to continue", 130)
        except BrokenPipeError:
            # the reader of our output has seen enough, as in "acm-etl show FD_FAN | head"
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - closed when the process ends
            return 0
        return 0


def _print_error(message: str, code: int) -> int:
    echo_diagnostic(" ".join(message.split()), level="error", code=code)
    return code


@click.group(
    "acm-etl",
    cls=_ErrorHandlingGroup,
    epilog=EPILOG,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--store", metavar="URL", help="Where the store is  [env ACM_STORE; default duckdb:///acm.duckdb].")
@click.option("--config", "path", envvar="ACM_CONFIG", metavar="TOML", help="Settings file  [env ACM_CONFIG].")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
@click.option("-v", "--verbose", count=True, help="Log each group of windows; twice: each table of it.")
@click.option("--log-json", is_flag=True, help="Log one JSON object per event on standard error, progress included.")
@click.version_option(package_name="acm_etl", prog_name="acm-etl")
@click.pass_context
def main(
    ctx: click.Context, store: str | None, path: str | None, *, as_json: bool, verbose: int, log_json: bool
) -> None:
    """Machine health from plant history: pull, score, stage, publish."""
    logs.configure_logging(verbosity=verbose, as_json=log_json)
    for name in unknown_env_vars():
        echo_diagnostic(f"{name} is no setting and is ignored; acm-etl config lists the variables", level="warning")
    ctx.obj = CliContext(store=store, path=path, as_json=as_json, log_json=log_json)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for command in (
    init_command,
    import_command,
    import_progress_command,
    simulate_command,
    equipment_group,
    backfill,
    refit_command,
    reset_command,
    retain_command,
    status_command,
    show_command,
    verify_command,
    export_command,
    report_command,
    monitor_command,
    config_command,
    sql_command,
    doctor_command,
):
    main.add_command(command)
