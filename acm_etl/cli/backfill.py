"""Command ``backfill``: score the history of machines and publish it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from acm_etl.cli.command import acm_command
from acm_etl.cli.context import CliContext, echo_diagnostic
from acm_etl.cli.notify import send_after_backfill
from acm_etl.cli.options import GreedyOption, UtcDateTime, require_codes_or_all
from acm_etl.errors import AcmError, UsageError

if TYPE_CHECKING:
    from acm_etl.admin.highlights import EpisodeHighlight
    from acm_etl.engine import Engine
    from acm_etl.results import BackfillReport
    from acm_etl.run.context import BackfillRequest, SettingsSources
    from acm_etl.status.machine_status import MachineStatus

log = logging.getLogger(__name__)

EPILOG = """\b
Examples:
  acm-etl backfill --equip FD_FAN                       continue where the last run stopped
  acm-etl backfill --equip FD_FAN GAS_TURBINE --window 12h
  acm-etl backfill --all --dry-run                      show what would be done
  acm-etl backfill --all --workers 4                    four machines at a time, one process each
  acm-etl backfill --all --scheduler tcp://etl-1:8786   on a Dask cluster (pip install acm_etl[fleet])
  acm-etl backfill --equip FD_FAN --window 7d --replay-from 2013-01-03
  acm-etl backfill --equip FD_FAN --replay-changed      score readings that were corrected in the historian
"""


@acm_command("backfill", summary="score the history of machines; resume where it stopped", epilog=EPILOG)
@click.option("--equip", cls=GreedyOption, multiple=True, metavar="CODE...", help="Machines to score.")
@click.option("--all", "all_machines", is_flag=True, help="Score every registered machine.")
@click.option("--tick", "--window", "tick", metavar="SPAN", help="Window length: 30m, 12h, 1d, 7d  [default 1d].")
@click.option("--from", "since", type=UtcDateTime(), help="Ignore readings before this time (UTC).")
@click.option("--to", "until", type=UtcDateTime(), help="Ignore readings from this time on (UTC).")
@click.option("--close-last-window", is_flag=True, help="Treat the last window as complete.")
@click.option("--batch", "batch_rows", type=int, metavar="READINGS", help="Maximum readings per transaction.")
@click.option("--workers", type=int, metavar="N", help="Worker processes, one machine each at a time  [default 1].")
@click.option("--scheduler", metavar="URL", help="Dask scheduler whose workers score the machines: tcp://HOST:8786.")
@click.option(
    "--replay-from",
    type=UtcDateTime(),
    metavar="TIME",
    help="Recompute from this window, or from the last saved state before it, with the current settings.",
)
@click.option(
    "--replay-changed",
    is_flag=True,
    help="Compare all scored days with the historian, and recompute from the first day that has changed.",
)
@click.option("--train-until", type=UtcDateTime(), metavar="TIME", help="End of the training period (UTC).")
@click.option("--dry-run", is_flag=True, help="Show what would be done, without changes.")
@click.option("--max-windows", type=click.IntRange(1), metavar="N", help="Stop after N windows per machine.")
@click.pass_obj
def backfill_command(ctx: CliContext, /, **options: Any) -> None:  # noqa: ANN401 - see _BackfillArguments
    """Score the history of machines and publish the results; resume where the last run stopped.

    Each batch of windows is published completely or not at all, and exactly once: after a kill, run the command again.
    A window length or scoring setting that differs from the stored rows is refused; recompute with --replay-from.
    """
    from acm_etl.cli.render.backfill import print_backfill_report
    from acm_etl.fleet.fleet_backfill import backfill_machines, stop_on_interrupt

    arguments = _BackfillArguments(**options)
    # Scoring everything must be asked for: a forgotten --equip would otherwise start a run of hours.
    require_codes_or_all(arguments.equip, all_machines=arguments.all_machines)
    settings = arguments.build_settings()
    highlights = _Highlights(ctx.collect_sources())
    with ctx.open_progress(quiet=arguments.dry_run) as progress, stop_on_interrupt() as stop:
        report = backfill_machines(
            list(arguments.equip) or None,
            request=arguments.build_request(),
            sources=ctx.collect_sources(**settings),
            progress=progress,
            stop=stop,
            read_results=highlights.read_results,
        )
    # After the progress display is closed: both write to the terminal.
    if ctx.as_json:
        ctx.emit_json(_build_json(report, highlights.statuses, highlights.episodes))
    else:
        print_backfill_report(report, highlights.statuses, highlights.episodes, detailed=ctx.verbosity > 0)
    for machine in report.machines:
        if machine.outcome == "failed":
            echo_diagnostic(f"{machine.equip}: {machine.message}", level="error", machine=machine.equip)
    if not arguments.dry_run:
        send_after_backfill(ctx, highlights.statuses.values())
    # A code of its own even if most machines succeeded: a scheduler only sees the code.
    sys.exit(report.exit_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _BackfillArguments:
    """Options of the command, as click parses them."""

    equip: tuple[str, ...]
    all_machines: bool
    tick: str | None
    since: datetime | None
    until: datetime | None
    close_last_window: bool
    batch_rows: int | None
    workers: int | None
    scheduler: str | None
    replay_from: datetime | None
    replay_changed: bool
    train_until: datetime | None
    dry_run: bool
    max_windows: int | None

    def build_request(self) -> BackfillRequest:
        """Return the request that the options describe."""
        from acm_etl.run.context import BackfillRequest

        return BackfillRequest(
            since=self.since,
            until=self.until,
            close_last_window=self.close_last_window,
            replay_from=self.replay_from,
            replay_changed=self.replay_changed,
            dry_run=self.dry_run,
            max_windows=self.max_windows,
        )

    def build_settings(self) -> dict[str, object]:
        """Return the settings that options override.

        Raises:
            UsageError: Local workers and a cluster are requested at the same time.
        """
        # Refused instead of ranked: each means another place of work, and ignoring one would surprise the user.
        if self.workers is not None and self.scheduler is not None:
            message = "use either --workers (processes on this host) or --scheduler (workers of a cluster), not both"
            raise UsageError(message)
        return {
            "backfill__tick": self.tick,
            "backfill__batch_rows": self.batch_rows,
            "backfill__workers": self.workers,
            "backfill__scheduler": self.scheduler,
            "training__until": self.train_until,
        }


@dataclass(slots=True)
class _Highlights:
    """Status and newest episodes of the machines, by code; empty if the store cannot be read.

    The backfill is over and its results are stored: an error here must not change its exit code.
    """

    sources: SettingsSources
    statuses: dict[str, MachineStatus] = field(default_factory=dict)
    episodes: dict[str, list[EpisodeHighlight]] = field(default_factory=dict)

    def read_results(self, engine: Engine, report: BackfillReport) -> None:
        """Read status and episodes in the session of the fleet, which connects again if it was idle for long."""
        from acm_etl.admin import highlights
        from acm_etl.load.clock import utc_now
        from acm_etl.load.machines import equipment
        from acm_etl.status import store_reader

        # A dry run may have no rows to read.
        counts = {machine.equip: machine.episodes for machine in report.machines if machine.outcome != "planned"}
        if not counts:
            return
        inputs = store_reader.StatusInputs(self.sources, utc_now())
        try:
            machines = equipment.find_machines(engine, list(counts))
            statuses = store_reader.read_statuses(engine, machines, inputs)
            episodes = highlights.read_newest_episodes(engine, machines, counts)
        except AcmError as error:
            log.debug("the closing output has no verdicts and episodes: %s", error)
            return
        self.statuses, self.episodes = {status.code: status for status in statuses}, episodes


def _build_json(
    report: BackfillReport,
    statuses: Mapping[str, MachineStatus],
    episodes: Mapping[str, Sequence[EpisodeHighlight]],
) -> dict[str, Any]:
    """Return the report, with the status and the newest episodes of each machine."""
    from acm_etl.status import json_shape

    result = report.to_dict()
    for machine in result["machines"]:
        status = statuses.get(machine["equip"])
        machine["status"] = json_shape.build_machine(status, status.observed_at) if status else None
        # An empty list and not a missing key: programs find the same keys for every machine.
        machine["newest_episodes"] = episodes.get(machine["equip"], [])
    return result
