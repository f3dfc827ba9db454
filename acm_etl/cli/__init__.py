"""The ``acm-etl`` command: options become settings, errors become one line and an exit code.

Nothing heavy (duckdb, polars, scikit-learn, drivers) is imported before a command runs, so that ``--help`` is quick.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import click

from acm_etl.cli.look import config, doctor, equipment, show, sql, status
from acm_etl.cli.options import Context
from acm_etl.cli.work import backfill, import_, import_progress, init, reset, simulate
from acm_etl.errors import AcmError

EPILOG = """\b
Examples:
  acm-etl simulate --equip FD_FAN            a year of a made-up fan, to try things on
  acm-etl import fan.csv --equip FD_FAN --timezone America/New_York
  acm-etl backfill --equip FD_FAN            score its whole history; run it again to continue
  acm-etl status                             how far every machine is
  acm-etl show FD_FAN                        its health now, its episodes and their culprits

Exit codes: 0 done, 1 some machine or file failed, 2 wrong usage, 3 store unreachable, 130 interrupted.
"""


class _Group(click.Group):
    """Prints deliberate errors as one line and leaves with their exit code."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run a command."""
        try:
            return super().invoke(ctx)
        except AcmError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(130)


@click.group(cls=_Group, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--store", metavar="URL", help="Where the store is  [env ACM_STORE; default duckdb:///acm.duckdb].")
@click.option("--config", "path", type=click.Path(dir_okay=False), metavar="TOML", help="Settings file.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
@click.option("-v", "--verbose", count=True, help="Log what happens; twice for every statement group.")
@click.version_option(package_name="acm_etl", prog_name="acm-etl")
@click.pass_context
def main(ctx: click.Context, store: str | None, path: str | None, *, as_json: bool, verbose: int) -> None:
    """Machine health from plant history: pull, score, stage, publish."""
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    ctx.obj = Context(store=store, path=path, as_json=as_json)


for command in (
    init,
    import_,
    import_progress,
    simulate,
    equipment,
    backfill,
    reset,
    status,
    show,
    config,
    sql,
    doctor,
):
    main.add_command(command)
