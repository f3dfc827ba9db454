"""Stored rows held against what scoring makes of the same readings now; read-only, by the code that published them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from threading import Event
from typing import Any

import polars as pl

from acm_etl import score, tables
from acm_etl.engine import Engine, Finding
from acm_etl.errors import (
    AcmError,
    ConfigError,
    ConnectionLostError,
    InputError,
    MismatchError,
    ModelError,
    UnavailableError,
)
from acm_etl.io import historian
from acm_etl.load import consistency, equipment, migrate, state_store, watermark
from acm_etl.load.watermark import Watermark
from acm_etl.progress import NullProgress
from acm_etl.run import resume_checks, training
from acm_etl.run.batch import ResumePoint, WindowBatch
from acm_etl.run.context import BackfillRequest, MachineContext, SettingsSources, load_machine_context
from acm_etl.schema import Table
from acm_etl.windows import Window

FINDINGS_EXIT_CODE = 4
"""Exit code where something was found."""
_DAY = timedelta(days=1)
_FLOAT_TOLERANCE = 1e-9
"""Floats are equal up to this, absolute and relative: what any grouping of windows promises."""
_TIMED_GRAINS = ("time", "event", "day")


def verify_machines(
    engine: Engine, codes: Sequence[str], *, sample: int, seed: int, sources: SettingsSources | None = None
) -> list[dict[str, Any]]:
    """Findings about machines: ``machine``, ``check``, ``level`` and ``finding``.

    Args:
        engine: The store; only SELECTs are sent.
        codes: Machines; all of them where empty.
        sample: Days that are recomputed per machine.
        seed: Chooses them.
        sources: Where settings come from.

    Raises:
        UsageError: An unknown machine.
        LostError: The store went away, or ``UnavailableError``; what befalls one machine only is a finding about it.
    """
    migrate.require_current_schema(engine)
    machines = [equipment.find_machine(engine, code) for code in codes] or equipment.read_machines(engine)
    if lost := migrate.list_missing_columns(engine):
        told = f"{len(lost)} column(s) are gone: {', '.join(lost[:10])}; run acm-etl init"
        return [{"machine": machine.code, "check": "columns", "level": "fail", "finding": told} for machine in machines]
    wanted = sources or SettingsSources()
    return [row for one in machines for row in _verify_machine(engine, one, sample=sample, seed=seed, sources=wanted)]


def _verify_machine(
    engine: Engine, machine: equipment.Equipment, *, sample: int, seed: int, sources: SettingsSources
) -> list[dict[str, Any]]:
    found: list[Finding] = []
    before = watermark.read_watermark(engine, machine.equip_id)
    try:
        for one in _run_checks(engine, machine, before, sample=sample, seed=seed, sources=sources):
            found.append(one)  # noqa: PERF402 - what was found before an error is kept
    except (ConnectionLostError, UnavailableError):
        raise
    except AcmError as error:
        found.append(Finding("verify", "fail", f"{error}; the checks that follow were not made"))
    if any(one.level == "fail" for one in found) and watermark.read_watermark(engine, machine.equip_id) != before:
        found.append(Finding("progress", "warn", "a runner has published meanwhile: look again when it is done"))
    return [{"machine": machine.code, "check": f.name, "level": f.level, "finding": f.text} for f in found]


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
    if progress is None:
        return
    job = load_machine_context(
        engine, machine.code, request=BackfillRequest(), sources=sources, progress=NullProgress(), stop=Event()
    )
    yield from _check_window_gaps(job, progress)
    yield from _check_row_counts(job, progress)
    yield from _check_model_tables(job)
    yield from _check_recomputed_rows(job, progress, sample, seed)


def _check_model_tables(job: MachineContext) -> Iterator[Finding]:
    """What is stored about the newest models, against what they say themselves."""
    try:
        trained = training.load_trained_model(job)
    except ModelError:  # said where rows are recomputed by them, and by the checks of what is stored
        return
    if trained is None:
        return
    wrong = []
    for name, rows in score.model_tables(trained.model, model_version=trained.version).items():
        table, made = tables.BY_NAME[name], rows.with_columns(EquipID=pl.lit(job.equip_id, pl.Int32))
        stored = _select_rows(job.engine, table, {"EquipID": job.equip_id, "ModelVersion": trained.version})
        wrong += [f"{name}: {text}" for text in _find_differences(table, made, stored, stored)]
    told = f"version {trained.version} is described as it is"
    yield from (Finding("models", "fail", text) for text in wrong)
    yield from [] if wrong else [Finding("models", "ok", told)]


def _check_window_gaps(job: MachineContext, progress: Watermark) -> list[Finding]:
    """Final windows cover the history from its start to the progress, each time once."""
    runs, here, wrong = consistency.read_final_runs(job.engine, job.equip_id), progress.data_min, []
    tail = ("the progress", progress.last_window_end, progress.last_window_end)
    for run, start, end in (*runs.select("RunID", "WindowStart", "WindowEnd").iter_rows(), tail):
        if start < here and start < end:
            wrong.append(f"the window of {run} starts at {start}, before the one before it has ended ({here})")
        elif start > here and (missed := _count_readings(job, here, start)):
            wrong.append(f"no run covers {here} to {start}, where the historian has {missed} reading(s)")
        here = max(here, end)
    late = runs.filter(pl.col("RowsRead") > 0).height
    return [Finding("gaps", "fail", text) for text in wrong] or [Finding("gaps", "ok", f"{late} windows, no gap")]


def _count_readings(job: MachineContext, start: datetime, end: datetime) -> int:
    """Readings of a stretch; runs without any may have been deleted because of their age."""
    return sum(historian.count_readings(job.engine, job.source, [Window(start, end)]))


def _check_row_counts(job: MachineContext, progress: Watermark) -> Iterator[Finding]:
    """Rows per run, as far back as rows are kept."""
    since = progress.data_min
    if job.config.retention.time_days is not None:
        q, table = job.engine.dialect.quote, consistency.TABLES_PER_READING[0]
        sql = f"SELECT MIN({q('Timestamp')}) AS first FROM {q(table)} WHERE {q('EquipID')} = ?"
        since = job.engine.query(sql, [job.equip_id]).item() or progress.last_window_end
    return consistency.check_row_counts(job.engine, job.equip_id, since=since)


@dataclass(frozen=True, slots=True)
class _RecomputeSpan:
    """Windows whose scoring can begin with what is stored: at a kept state, or at the start of the history."""

    windows: Sequence[Window]
    rows_read: Sequence[int]
    state_time: datetime | None


def _check_recomputed_rows(job: MachineContext, progress: Watermark, sample: int, seed: int) -> Iterator[Finding]:
    if sample == 0:
        return
    try:
        job = resume_checks.apply_stored_settings(job, progress)
    except (ConfigError, MismatchError, ModelError) as error:
        yield Finding("recomputed", "fail", f"{error}; --sample 0 looks at the stored rows only")
        return
    known = _find_recompute_spans(job, progress)
    chosen = sorted(Random(seed).sample(range(len(known)), min(sample, len(known))))  # noqa: S311 - a sample
    rows, wrong = 0, []
    for stretch in (known[index] for index in chosen):
        try:
            compared, differing = _compare_span(job, progress, stretch)
        except (ModelError, InputError) as error:
            compared, differing = 0, [str(error)]
        rows += compared
        wrong += [f"{_format_span(stretch)}: {text}" for text in differing]
    if wrong:
        yield from (Finding("recomputed", "fail", text) for text in wrong)
    else:
        told = f"{len(chosen)} of {len(known)} stretches that can be recomputed, {rows:,} rows: all as stored"
        yield Finding("recomputed", "ok", told)


def _format_span(span: _RecomputeSpan) -> str:
    return f"{span.windows[0].start:%Y-%m-%d %H:%M} to {span.windows[-1].end:%Y-%m-%d %H:%M}"


def _find_recompute_spans(job: MachineContext, progress: Watermark) -> list[_RecomputeSpan]:
    """A day, or a window if that is longer, from each stored state on, and the first one."""
    starts: list[tuple[datetime, datetime | None]] = [
        (time, time)
        for time in state_store.read_state_times(job.engine, job.equip_id, at_or_before=progress.last_window_end)
    ]
    kept = job.config.retention
    if kept.time_days is None and kept.event_days is None and kept.day_days is None:
        starts.append((progress.data_min, None))
    runs = consistency.read_final_runs(job.engine, job.equip_id)
    found = []
    for start, state in sorted(starts, key=lambda pair: pair[0]):
        until = min((at for at, _ in starts if at > start), default=progress.last_window_end)
        day = runs.filter(
            (pl.col("WindowStart") >= start) & (pl.col("WindowStart") < start + _DAY) & (pl.col("WindowEnd") <= until)
        )
        windows = [Window(*pair) for pair in day.select("WindowStart", "WindowEnd").iter_rows()]
        if windows and windows[0].start == start:
            found.append(_RecomputeSpan(windows, day["RowsRead"].to_list(), state))
    return found


def _compare_span(job: MachineContext, progress: Watermark, span: _RecomputeSpan) -> tuple[int, list[str]]:
    """Rows compared, and what differs, a line per table."""
    there = historian.count_readings(job.engine, job.source, span.windows)
    if there != list(span.rows_read):
        told = f"{sum(span.rows_read)} readings were read, the historian has {sum(there)} now"
        return 0, [f"{told}: not compared (late readings are taken in by a replay, see acm-etl status)"]
    start = span.windows[0].start
    trained = training.load_trained_model(job, start)
    if trained is None:
        return 0, ["the models that scored it are not in ModelRegistry"]
    held = state_store.read_state_at(job.engine, job.equip_id, span.state_time) if span.state_time else None
    state = score.ScoringState.from_bytes(held.state_bytes) if held else None
    here = replace(progress, last_window_end=start)
    newest = replace(job.extent, last=progress.data_max) if job.extent and progress.data_max else job.extent
    group = WindowBatch(
        replace(job, extent=newest), trained, span.windows, ResumePoint(here, here, state), provisional=False
    )
    planned, frames = group.recompute_tables()
    runs = pl.Series([run.run_id for run in planned], dtype=pl.String)
    results = {t.name: t for t in tables.RESULTS if t.grain in _TIMED_GRAINS}
    made = {name: frames.get(name, table.empty_frame()) for name, table in results.items()}
    wrong = [
        f"{name}: {text}" for name, frame in made.items() for text in _compare_table(group, results[name], frame, runs)
    ]
    return sum(frame.height for frame in made.values()), wrong


def _compare_table(batch: WindowBatch, table: Table, recomputed: pl.DataFrame, runs: pl.Series) -> list[str]:
    """What differs in one table.

    Rows that a later window has changed since (events that lasted, days that went on) name its run: of those, only
    that they are there can be said.
    """
    stored = _read_stored_rows(batch, table, recomputed)
    # event rows from before the stretch that it has not changed are not its business
    recomputed = recomputed.filter(
        pl.col("RunID").is_in(runs.implode()) | pl.col("RunID").is_in(stored["RunID"].implode())
    )
    settled = stored.filter(pl.col("RunID").is_in(runs.implode())) if table.grain != "time" else stored
    return _find_differences(table, recomputed, stored, settled)


def _find_differences(
    table: Table, recomputed: pl.DataFrame, stored: pl.DataFrame, unchanged: pl.DataFrame
) -> list[str]:
    """What is missing from the stored rows, and what is not as it is made in those that nothing has changed since."""
    key = list(table.key)
    missing = recomputed.join(stored, on=key, how="anti")
    strange = unchanged.join(recomputed, on=key, how="anti")
    pairs = unchanged.join(recomputed, on=key, how="inner", suffix="_made")
    differing = [
        column.name for column in table.insertable_columns
        if not column.volatile and f"{column.name}_made" in pairs.columns and not _are_columns_equal(pairs, column.name)
    ]  # fmt: skip
    told = {
        f"{missing.height} row(s) are missing{_format_example(missing, key)}": missing.height,
        f"{strange.height} row(s) that scoring does not make{_format_example(strange, key)}": strange.height,
        f"other values in {', '.join(differing)}": len(differing),
    }
    return [text for text, count in told.items() if count]


def _read_stored_rows(batch: WindowBatch, table: Table, recomputed: pl.DataFrame) -> pl.DataFrame:
    q, engine, time = batch.context.engine.dialect.quote, batch.context.engine, table.time_column or ""
    start = batch.start if table.grain == "time" else min(recomputed[time].min() or batch.start, batch.start)
    columns = ", ".join(q(column.name) for column in table.insertable_columns)
    sql = f"SELECT {columns} FROM {q(table.name)} WHERE {q('EquipID')} = ? AND {q(time)} >= ? AND {q(time)} < ?"
    found = engine.query(sql, [batch.context.equip_id, start, batch.end])
    return found.cast(pl.Schema(table.polars_schema))


def _select_rows(engine: Engine, table: Table, where: Mapping[str, Any]) -> pl.DataFrame:
    """Rows of a table with these values, without the run that wrote them."""
    q = engine.dialect.quote
    columns = [column.name for column in table.insertable_columns if column.name != "RunID"]
    conditions = " AND ".join(f"{q(name)} = ?" for name in where)
    sql = f"SELECT {', '.join(map(q, columns))} FROM {q(table.name)} WHERE {conditions}"
    return engine.query(sql, list(where.values())).cast(
        pl.Schema({name: table.polars_schema[name] for name in columns})
    )


def _are_columns_equal(pairs: pl.DataFrame, name: str) -> bool:
    left, right = pairs[name], pairs[f"{name}_made"]
    if not left.dtype.is_float():
        return bool(left.eq_missing(right).all())
    if not left.is_null().equals(right.is_null(), check_names=False):
        return False
    return bool(((left - right).abs() <= _FLOAT_TOLERANCE * (1 + right.abs())).fill_null(value=True).all())


def _format_example(rows: pl.DataFrame, key: Sequence[str]) -> str:
    if rows.is_empty():
        return ""
    row: Mapping[str, Any] = rows.row(0, named=True)
    return ", e.g. " + ", ".join(f"{name} {row[name]}" for name in key if name != "EquipID")
