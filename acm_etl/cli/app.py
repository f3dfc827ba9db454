"""The ``acm-etl`` command with all of its subcommands."""

from __future__ import annotations

import click

from acm_etl.cli import (
    backfill,
    data,
    demo,
    episodes,
    failures,
    import_files,
    machines,
    models,
    notify,
    settings,
    sources,
    store,
    watch,
)
from acm_etl.cli.command import MainGroup, add_commands
from acm_etl.cli.context import CliContext
from acm_etl.cli.options import build_global_options

EPILOG = """\b
Examples:
  acm-etl simulate FD_FAN                    generate a year of a simulated fan
  acm-etl import fan.csv --equip FD_FAN --timezone America/New_York
  acm-etl backfill --equip FD_FAN            score it; run again to continue
  acm-etl backfill --all --workers 4         score every machine, four at a time
  acm-etl status                             verdict and progress of every machine
  acm-etl show FD_FAN                        health, episodes and top sensors
  acm-etl report FD_FAN --open               HTML page with history and forecast

Exit codes: 0 done, 1 one or more machines or files failed, 2 wrong usage, 3 store or scheduler unreachable or disk
full, 4 verify found something, 130 interrupted (Ctrl-C or SIGTERM). 134 and 137 come from the system, most often for
lack of memory.
"""


@click.group(
    "acm-etl",
    cls=MainGroup,
    epilog=EPILOG,
    # Without a command the help is printed, with exit code 0: click alone would end with a code of its own.
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=build_global_options(hidden=False),
)
@click.version_option(package_name="acm_etl", prog_name="acm-etl")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Compute machine health from sensor history and publish it as ACM_* tables.

    The global options are accepted before and after the name of a command. Machines are named by their codes alone, or
    behind --equip.
    """
    # Global options in front of the command have already created the context.
    ctx.obj = ctx.obj or CliContext()
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


# In the order of a first use; the help shows the commands in this order.
add_commands(
    main,
    (
        demo.demo_command,
        store.init_command,
        import_files.import_command,
        data.import_progress_command,
        data.simulate_command,
        machines.equipment_group,
        sources.source_command,
        sources.tags_command,
        backfill.backfill_command,
        models.refit_command,
        models.baseline_command,
        models.reset_command,
        store.prune_command,
        watch.status_command,
        machines.show_command,
        episodes.episode_group,
        failures.failures_group,
        store.verify_command,
        data.export_command,
        watch.report_command,
        watch.monitor_command,
        notify.notify_command,
        watch.metrics_command,
        settings.config_group,
        store.sql_command,
        store.doctor_command,
    ),
)
