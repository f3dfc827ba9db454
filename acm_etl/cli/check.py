"""Commands about what is stored: ``verify`` and ``export``."""

from __future__ import annotations

import dataclasses
import sys
import time
from datetime import datetime

import click

from acm_etl.cli.options import CliContext, UtcDateTime, require_codes_or_all

VERIFY_EPILOG = """\b
Examples:
  acm-etl verify FD_FAN
  acm-etl verify --all --sample 20
  acm-etl verify FD_FAN --sample 0        the stored rows among themselves only

Exit codes: 0 nothing wrong, 4 something was found, others as everywhere.
"""


@click.command(epilog=VERIFY_EPILOG)
@click.argument("codes", nargs=-1, metavar="[EQUIP]...")
@click.option("--all", "all_", is_flag=True, help="Every registered machine.")
@click.option(
    "--sample", default=5, show_default=True, type=click.IntRange(0), metavar="N", help="Days recomputed per machine."
)
@click.option("--seed", type=int, metavar="N", help="Chooses the days  [default: the date, so that they vary].")
@click.pass_obj
def verify_command(ctx: CliContext, codes: tuple[str, ...], *, all_: bool, sample: int, seed: int | None) -> None:
    """Hold stored rows against what scoring makes of the same readings now, and against one another.

    Recomputed days start from kept states (backfill.replay_days) and use the stored models, with the tick and settings
    that the rows were made with. What keeps one machine from being looked at is found in it. Duplicate keys, rows whose
    run is missing, gaps, values that the contract refuses, corrupt models, and runs that disagree with the progress
    are looked for in all rows. Nothing is changed.
    """
    from acm_etl.cli.render import tables
    from acm_etl.run import verify as checking
    from acm_etl.run.context import SettingsSources

    require_codes_or_all(codes, all_=all_, usage="EQUIP [EQUIP ...]")
    sources = SettingsSources(options=ctx.collect_options(), toml_path=ctx.toml_path)
    engine = ctx.connect_store(create=False)
    try:
        day = int(time.time() // 86_400)
        chosen = day if seed is None else seed
        findings = checking.verify_machines(engine, codes, sample=sample, seed=chosen, sources=sources)
    finally:
        engine.close()
    rows = [dataclasses.asdict(finding) for finding in findings]
    if not ctx.emit_json({"seed": chosen, "findings": rows}):
        tables.print_checks([{**row, "check": f"{row['machine']} {row['check']}"} for row in rows])
    sys.exit(checking.FINDINGS_EXIT_CODE if any(finding.level == "fail" for finding in findings) else 0)


EXPORT_EPILOG = """\b
Examples:
  acm-etl export ACM_HealthTimeline --equip FD_FAN --output health.parquet
  acm-etl export ACM_Episodes --from 2024-01-01 --output exports/
"""


@click.command(epilog=EXPORT_EPILOG)
@click.argument("table")
@click.option("--equip", metavar="CODE", help="Only rows of this machine.")
@click.option("--from", "since", type=UtcDateTime(), help="Only rows from this time on (UTC).")
@click.option("--to", "until", type=UtcDateTime(), help="Only rows before this time (UTC).")
@click.option("--output", required=True, metavar="FILE.parquet|DIR", help="File, or folder of TABLE.parquet.")
@click.pass_obj
def export_command(
    ctx: CliContext, table: str, *, equip: str | None, since: datetime | None, until: datetime | None, output: str
) -> None:
    """Write a table or view to a Parquet file, whatever its size.

    The file is there once it is complete; a file of that name is replaced. A folder is made where its parent exists.
    """
    from acm_etl.admin import export as exporting

    engine = ctx.connect_store(create=False)
    try:
        done = exporting.export_table(engine, exporting.ExportRequest(table, equip, since, until), output)
    finally:
        engine.close()
    if not ctx.emit_json(done):
        rows = f"{done['rows']:,} row{'' if done['rows'] == 1 else 's'}"
        click.echo(f"{done['file']}: {rows} of {done['table']}, {done['bytes']:,} bytes")
