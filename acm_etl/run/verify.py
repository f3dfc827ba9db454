"""Check the stored results of machines: consistency, gaps, readings, models and recomputed rows; read-only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from zoneinfo import ZoneInfoNotFoundError

import polars as pl

from acm_etl import score, tables
from acm_etl.counts import format_count
from acm_etl.engine import Engine, Finding
from acm_etl.errors import (
    AcmError,
    ConnectionLostError,
    ModelError,
    UnavailableError,
)
from acm_etl.formatting import format_command
from acm_etl.io import historian
from acm_etl.load import consistency, watermark
from acm_etl.load.machines import equipment
from acm_etl.load.maintenance import abandoned_runs
from acm_etl.load.schema import migrate
from acm_etl.load.watermark import Watermark
from acm_etl.progress import NullProgress
from acm_etl.run import historian_check, recompute_check, trained_model
from acm_etl.run.context import BackfillRequest, MachineContext, SettingsSources, load_machine_context
from acm_etl.windows import Window

FINDINGS_EXIT_CODE = 4
"""Exit code of ``acm-etl verify`` if a check fails."""
_MACHINE_ERRORS = (MemoryError, RecursionError, ZoneInfoNotFoundError, pl.exceptions.PolarsError)
"""Errors beside AcmError that damaged rows of one machine cause: models that are too large, unknown time zones."""


@dataclass(frozen=True, slots=True)
class MachineFinding:
    """Result of one check of one machine.

    Attributes:
        machine: Machine code.
        check: Name of the check.
        level: ``ok``, ``warn`` or ``fail``.
        finding: Result in words.
    """

    machine: str
    check: str
    level: str
    finding: str


def verify_machines(
    engine: Engine, codes: Sequence[str], *, sample: int, seed: int, sources: SettingsSources | None = None
) -> list[MachineFinding]:
    """Check the stored rows of machines.

    Args:
        engine: The store; only SELECT statements are sent.
        codes: Machine codes; empty for all machines.
        sample: Number of days to recompute per machine.
        seed: Random seed of the choice of days.
        sources: Sources of the settings.

    Returns:
        One finding per check and machine, in the order of the machines.

    Raises:
        UsageError: A machine is unknown.
        ConnectionLostError: The connection was lost.
        UnavailableError: The store cannot be opened. Any other error of a machine becomes a finding.
    """
    migrate.require_current_schema(engine)
    machines = equipment.find_machines(engine, codes)
    if missing := migrate.list_missing_columns(engine):
        problem = f"missing columns ({len(missing)}): {', '.join(missing[:10])}; run acm-etl init"
        return [MachineFinding(machine.code, "columns", "fail", problem) for machine in machines]
    sources = sources or SettingsSources()
    return [
        MachineFinding(machine.code, finding.name, finding.level, finding.text)
        for machine in machines
        for finding in _verify_machine(engine, machine, sample=sample, seed=seed, sources=sources)
    ]


def _verify_machine(
    engine: Engine, machine: equipment.Equipment, *, sample: int, seed: int, sources: SettingsSources
) -> list[Finding]:
    findings: list[Finding] = []
    # No lock is taken: a check of an hour must not keep a backfill waiting.
    before = watermark.read_watermark(engine, machine.equip_id)
    try:
        for finding in _run_checks(engine, machine, before, sample=sample, seed=seed, sources=sources):
            findings.append(finding)  # noqa: PERF402 - extend() would lose the findings before an error
    except (ConnectionLostError, UnavailableError):
        raise
    except (AcmError, *_MACHINE_ERRORS) as error:
        # The other machines are checked in any case: one damaged machine must not hide the state of a fleet.
        reason = error if isinstance(error, AcmError) else f"{type(error).__name__}: {error}"
        findings.append(Finding("verify", "fail", f"{reason}; the remaining checks were skipped"))
    # The checks read in several transactions: a batch published in between looks like a difference.
    failed = any(finding.level == "fail" for finding in findings)
    if failed and watermark.read_watermark(engine, machine.equip_id) != before:
        findings.append(Finding("progress", "warn", "data changed during the check; run verify again"))
    return findings


def _run_checks(
    engine: Engine,
    machine: equipment.Equipment,
    progress: Watermark | None,
    *,
    sample: int,
    seed: int,
    sources: SettingsSources,
) -> Iterator[Finding]:
    yield from consistency.check_stored_rows(engine, machine.equip_id)
    yield from _check_abandoned_runs(engine, machine)
    if progress is None:
        return
    context = load_machine_context(
        engine, machine.code, request=BackfillRequest(), sources=sources, progress=NullProgress(), stop=Event()
    )
    yield from _check_window_gaps(context, progress)
    yield from _check_row_counts(context, progress)
    yield _describe_states(context)
    yield historian_check.verify_readings(context, progress)
    # --sample 0 checks the stored rows only: the models may be damaged, and large.
    if sample > 0:
        yield from _check_model_tables(context)
    yield from recompute_check.check_recomputed_rows(context, progress, sample, seed)


def _check_abandoned_runs(engine: Engine, machine: equipment.Equipment) -> Iterator[Finding]:
    # A warning: no result is wrong, only the outcome of the runs is not recorded.
    if abandoned := abandoned_runs.find_abandoned_runs(engine, machine):
        runs = format_count(len(abandoned), "run")
        text = f"{runs} recorded as RUNNING, but no process works on them; to correct that, run: acm-etl init"
        yield Finding("runs", "warn", text)


def _check_model_tables(context: MachineContext) -> Iterator[Finding]:
    """Compare the stored tables about the newest models with the models."""
    try:
        trained = trained_model.load_trained_model(context)
    except ModelError:  # reported by check_recomputed_rows and by consistency.check_stored_rows
        return
    if trained is None:
        return
    differences = []
    for name, rows in score.model_tables(trained.model, model_version=trained.version).items():
        table, expected = tables.BY_NAME[name], rows.with_columns(EquipID=pl.lit(context.equip_id, pl.Int32))
        stored = consistency.read_model_rows(context.engine, table, context.equip_id, model_version=trained.version)
        # Added to the table later: the rows of older models have no value in it.
        if "IdleLevel" in stored.columns and stored["IdleLevel"].is_null().all():
            expected = expected.with_columns(IdleLevel=pl.lit(None, pl.Float64))
        differences += [f"{name}: {text}" for text in recompute_check.find_differences(table, expected, stored, stored)]
    if differences:
        yield from (Finding("models", "fail", text) for text in differences)
    else:
        yield Finding("models", "ok", f"model {trained.version} matches its stored description")


def _describe_states(context: MachineContext) -> Finding:
    """Return how often the machine counted as off, and the command that shows by which levels."""
    # Whether a level is right, only a person can tell: the share of readings shows a wrong one.
    readings, stopped = consistency.count_off_readings(context.engine, context.equip_id)
    levels = format_command("show", context.code)
    text = f"the machine is off in {stopped:,} of {readings:,} scored readings; for the levels, run: {levels}"
    return Finding("states", "ok", text)


def _check_window_gaps(context: MachineContext, progress: Watermark) -> list[Finding]:
    """Check that the complete windows cover the history up to the progress, without gap or overlap."""
    runs = consistency.read_final_runs(context.engine, context.equip_id)
    covered_until, problems = progress.data_min, []
    # The progress closes the list like a last, empty run, so that a gap before it is found too.
    sentinel = ("the progress", progress.last_window_end, progress.last_window_end)
    for run, start, end in (*runs.select("RunID", "WindowStart", "WindowEnd").iter_rows(), sentinel):
        if start < covered_until and start < end:
            problems.append(f"the window of {run} starts at {start}, but the one before it ends at {covered_until}")
        elif start > covered_until and (missed := _count_readings(context, covered_until, start)):
            problems.append(
                f"no run covers {covered_until} to {start}, where the historian has {format_count(missed, 'reading')}"
            )
        covered_until = max(covered_until, end)
    if problems:
        return [Finding("gaps", "fail", text) for text in problems]
    with_readings = runs.filter(pl.col("RowsRead") > 0).height
    return [Finding("gaps", "ok", f"{with_readings} windows with readings, no gap")]


def _count_readings(context: MachineContext, start: datetime, end: datetime) -> int:
    # Not every gap is an error: prune deletes old runs without readings.
    return sum(historian.count_readings(context.engine, context.source, [Window(start, end)]))


def _check_row_counts(context: MachineContext, progress: Watermark) -> Iterator[Finding]:
    """Compare the stored rows per run with RunLog, back to the oldest kept row."""
    since = progress.data_min
    if context.config.retention.time_days is not None:
        first = consistency.find_first_score(context.engine, context.equip_id)
        since = first or progress.last_window_end
    return consistency.check_row_counts(context.engine, context.equip_id, since=since)
