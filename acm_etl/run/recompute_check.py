"""Compare stored rows with a recomputation of the same readings; read-only.

The recomputation runs the code that published the rows (``WindowBatch``), with the stored models, the stored scoring
states and the settings that are stored with the rows. Every grouping of windows gives the same rows, so any difference
beyond rounding means that a row was changed by another program, that another version of acm_etl scored it, or that
scoring is not reproducible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any

import polars as pl

from acm_etl import score, tables
from acm_etl.counts import format_count
from acm_etl.engine import Finding
from acm_etl.errors import ConfigError, InputError, MismatchError, ModelError
from acm_etl.io import historian
from acm_etl.load import consistency, lookback
from acm_etl.load.models import state_store
from acm_etl.load.watermark import Watermark
from acm_etl.run import publication, resume_checks, run_rows, trained_model
from acm_etl.run.batch import ResumePoint, WindowBatch
from acm_etl.run.context import MachineContext
from acm_etl.schema import Table
from acm_etl.windows import DAY, Window

_FLOAT_TOLERANCE = 1e-9
"""Absolute and relative tolerance of floats: sums over another grouping of windows round differently."""
_RECOMPUTED = "_recomputed"  # suffix of recomputed columns beside the stored ones


@dataclass(frozen=True, slots=True)
class _RecomputeSpan:
    """Consecutive windows that can be recomputed from stored data.

    Attributes:
        windows: The windows.
        rows_read: Readings of each window when it was published.
        state_time: Time of the stored scoring state from which they are reached; None at the start of the history.
        earlier: The spans between that state and the windows, which are scored for the state at their end only.
        other_versions: Versions of acm_etl that scored the windows, without this one.
    """

    windows: Sequence[Window]
    rows_read: Sequence[int]
    state_time: datetime | None
    earlier: Sequence[_RecomputeSpan]
    other_versions: Sequence[str]


def check_recomputed_rows(context: MachineContext, progress: Watermark, sample: int, seed: int) -> Iterator[Finding]:
    """Recompute days and compare them with the stored rows.

    Args:
        context: The machine.
        progress: Its progress.
        sample: Number of days; 0 for no check.
        seed: Seed of the choice of days.
    """
    # --sample 0 checks the stored rows only: recomputing needs the readings, which may be gone.
    if sample == 0:
        return
    try:
        context = resume_checks.apply_stored_settings(context, progress)
    except (ConfigError, MismatchError, ModelError) as error:
        yield Finding("recomputed", "fail", f"{error}; to check the stored rows only, use --sample 0")
        return
    spans = _find_recompute_spans(context, progress)
    # Sorted, so that the findings of one machine are in the order of time.
    chosen = sorted(Random(seed).sample(range(len(spans)), min(sample, len(spans))))  # noqa: S311 - no secret
    row_count, findings = 0, []
    for span in (spans[index] for index in chosen):
        try:
            compared, differences = _compare_span(context, progress, span)
        except (ModelError, InputError) as error:
            # A damaged state or missing columns concern this day only: the other days are still compared.
            findings.append(Finding("recomputed", "fail", f"{_format_span(span)}: {error}"))
            continue
        row_count += compared
        findings += _describe_differences(span, differences)
    if findings:
        yield from findings
    else:
        summary = f"{len(chosen)} of {len(spans)} days recomputed, {row_count:,} rows identical"
        yield Finding("recomputed", "ok", summary)


def _describe_differences(span: _RecomputeSpan, differences: Sequence[str]) -> list[Finding]:
    """Return a failure per difference; one warning if another version of acm_etl scored the span."""
    if differences and span.other_versions:
        # Versions may score by other rules: then a difference is no damage, and none can be told from one.
        text = (
            f"{_format_span(span)}: scored by acm_etl {', '.join(span.other_versions)}; {run_rows.PACKAGE_VERSION}"
            f" gives other values ({'; '.join(differences)}); to have values of one version, replay with acm-etl reset"
        )
        return [Finding("recomputed", "warn", text)]
    return [Finding("recomputed", "fail", f"{_format_span(span)}: {text}") for text in differences]


def _format_span(span: _RecomputeSpan) -> str:
    return f"{span.windows[0].start:%Y-%m-%d %H:%M} to {span.windows[-1].end:%Y-%m-%d %H:%M}"


def _find_recompute_spans(context: MachineContext, progress: Watermark) -> list[_RecomputeSpan]:
    """Return the days (or longer windows) behind each stored state, and the first one of the history."""
    starts: list[tuple[datetime, datetime | None]] = [
        (time, time)
        for time in state_store.read_state_times(
            context.engine, context.equip_id, at_or_before=progress.last_window_end
        )
    ]
    # The start of the history needs no state, but its rows may have been pruned.
    retention = context.config.retention
    if retention.time_days is None and retention.event_days is None and retention.day_days is None:
        starts.append((progress.data_min, None))
    runs = consistency.read_final_runs(context.engine, context.equip_id)
    spans = []
    for start, state_time in sorted(starts, key=lambda pair: pair[0]):
        next_start = min((time for time, _ in starts if time > start), default=progress.last_window_end)
        # Without a state, the next stored one may be years away.
        limit = min(next_start, start + (publication.STATE_INTERVAL if state_time else DAY))
        spans += _cut_days(runs, start, limit, next_start=next_start, state_time=state_time)
    return spans


def _cut_days(
    runs: pl.DataFrame, start: datetime, limit: datetime, *, next_start: datetime, state_time: datetime | None
) -> list[_RecomputeSpan]:
    """Return the windows that begin in [start, limit) and end by the next state as one span per day."""
    spans: list[_RecomputeSpan] = []
    for day in range(-((start - limit) // DAY)):
        day_start = start + day * DAY
        in_day = pl.col("WindowStart").is_between(day_start, min(day_start + DAY, limit), closed="left")
        rows = runs.filter(in_day & (pl.col("WindowEnd") <= next_start))
        windows = [Window(*pair) for pair in rows.select("WindowStart", "WindowEnd").iter_rows()]
        # A replay may have left a state whose windows were cut differently since.
        if windows and windows[0].start == (spans[-1].windows[-1].end if spans else start):
            other_versions = sorted(set(rows["Version"]) - {run_rows.PACKAGE_VERSION})
            spans.append(_RecomputeSpan(windows, rows["RowsRead"].to_list(), state_time, tuple(spans), other_versions))
    return spans


def _compare_span(context: MachineContext, progress: Watermark, span: _RecomputeSpan) -> tuple[int, list[str]]:
    """Recompute the windows of a span; return the number of rows compared and one text per difference.

    Raises:
        InputError: The historian has other readings than were scored.
        ModelError: The models or the state of that time are missing or damaged.
    """
    for part in (*span.earlier, span):
        _check_reading_counts(context, part)
    batch = _build_span_batch(context, progress, span)
    planned_runs, frames = batch.recompute_tables()
    run_ids = pl.Series([run.run_id for run in planned_runs], dtype=pl.String)
    checked_tables = {table.name: table for table in tables.RESULTS if table.grain in tables.TIMED_GRAINS}
    recomputed = {
        name: frames.get(name, table.empty_frame()).cast(pl.Schema(table.polars_schema))
        for name, table in checked_tables.items()
    }
    differences = [
        f"{name}: {text}"
        for name, frame in recomputed.items()
        for text in _compare_table(batch, checked_tables[name], frame, run_ids)
    ]
    return sum(frame.height for frame in recomputed.values()), differences


def _check_reading_counts(context: MachineContext, span: _RecomputeSpan) -> None:
    """Check that the historian still has as many readings as were scored.

    Raises:
        InputError: It has others.
    """
    counts = historian.count_readings(context.engine, context.source, span.windows)
    if counts != list(span.rows_read):
        problem = f"{sum(span.rows_read)} readings were scored, the historian now has {sum(counts)}"
        message = f"{problem}: not compared (a replay scores late readings, see acm-etl status)"
        raise InputError(message)


def _build_span_batch(context: MachineContext, progress: Watermark, span: _RecomputeSpan) -> WindowBatch:
    """Return the batch that recomputes a span with the models and the state of that time.

    Raises:
        ModelError: The models or the state of that time are missing or damaged.
    """
    trained = trained_model.load_trained_model(context, span.windows[0].start)
    if trained is None:
        message = "the models that scored these windows are not in ModelRegistry"
        raise ModelError(message)
    stored = state_store.read_state_at(context.engine, context.equip_id, span.state_time) if span.state_time else None
    state = score.ScoringState.from_bytes(stored.state_bytes) if stored else None
    if context.extent and progress.data_max:
        # Forecast rows depend on the newest reading. Use the one of the last publication, not today's.
        context = replace(context, extent=replace(context.extent, last=progress.data_max))
    for part in span.earlier:
        batch = _build_batch(context, trained, part.windows, progress=progress, state=state)
        state = batch.score_readings(batch.pull_readings(context.engine).readings).state
    return _build_batch(context, trained, span.windows, progress=progress, state=state)


def _build_batch(
    context: MachineContext,
    trained: trained_model.TrainedModel,
    windows: Sequence[Window],
    *,
    progress: Watermark,
    state: score.ScoringState | None,
) -> WindowBatch:
    # The batch starts at its state, as it did when it was published.
    watermark_then = replace(progress, last_window_end=windows[0].start)
    resume_point = ResumePoint(watermark_then, watermark_then, state)
    return WindowBatch(context, trained, windows, resume_point, complete_until=windows[-1].end)


def _compare_table(batch: WindowBatch, table: Table, recomputed: pl.DataFrame, run_ids: pl.Series) -> list[str]:
    """Return one text per difference between the stored and the recomputed rows of a table.

    A later window may have changed an event or a day since; the row then has the RunID of that window. Of such a row
    only the existence is checked.
    """
    stored = _read_stored_rows(batch, table, recomputed)
    # An event that began before the span and did not change in it is recomputed from the state, but stored by no run
    # of the span: it may have been pruned.
    recomputed = recomputed.filter(
        pl.col("RunID").is_in(run_ids.implode()) | pl.col("RunID").is_in(stored["RunID"].implode())
    )
    unchanged = stored.filter(pl.col("RunID").is_in(run_ids.implode())) if table.grain != "time" else stored
    return find_differences(table, recomputed, stored, unchanged)


def find_differences(
    table: Table, recomputed: pl.DataFrame, stored: pl.DataFrame, unchanged: pl.DataFrame
) -> list[str]:
    """Compare rows by key; return one text each for missing rows, surplus rows and differing columns.

    Args:
        table: Their table.
        recomputed: Expected rows.
        stored: Stored rows, among which every expected row must be.
        unchanged: The stored rows that no later window has changed: these must be expected, with equal values.
    """
    key = list(table.key)
    missing = recomputed.join(stored, on=key, how="anti")
    surplus = unchanged.join(recomputed, on=key, how="anti")
    pairs = unchanged.join(recomputed, on=key, how="inner", suffix=_RECOMPUTED)
    # Volatile columns differ at each run: clocks and durations say nothing about the results.
    compared = [column.name for column in table.insertable_columns if not column.volatile]
    differing = [
        name for name in compared if f"{name}{_RECOMPUTED}" in pairs.columns and not _are_columns_equal(pairs, name)
    ]
    counts = {
        f"{format_count(missing.height, 'row')} missing{_format_example(missing, key)}": missing.height,
        f"{format_count(surplus.height, 'row')} not recomputed{_format_example(surplus, key)}": surplus.height,
        f"other values in {', '.join(differing)}": len(differing),
    }
    return [text for text, count in counts.items() if count]


def _read_stored_rows(batch: WindowBatch, table: Table, recomputed: pl.DataFrame) -> pl.DataFrame:
    # Events and days may begin before the span.
    first = None if table.grain == "time" else recomputed[table.row_time].min()
    start = min(first, batch.start) if isinstance(first, datetime) else batch.start
    columns = [column.name for column in table.insertable_columns]
    context = batch.context
    rows = lookback.read_rows(context.engine, table, columns, context.equip_id, since=start, until=batch.end)
    return rows.cast(pl.Schema(table.polars_schema))


def _are_columns_equal(pairs: pl.DataFrame, name: str) -> bool:
    left, right = pairs[name], pairs[f"{name}{_RECOMPUTED}"]
    # NULL equals NULL here, also in texts and times.
    if not left.dtype.is_float():
        return bool(left.eq_missing(right).all())
    if not left.is_null().equals(right.is_null(), check_names=False):
        return False
    # The comparison of two NULLs is NULL; the line before has made sure that no NULL meets a number.
    return bool(((left - right).abs() <= _FLOAT_TOLERANCE * (1 + right.abs())).fill_null(value=True).all())


def _format_example(rows: pl.DataFrame, key: Sequence[str]) -> str:
    if rows.is_empty():
        return ""
    row: Mapping[str, Any] = rows.row(0, named=True)
    return ", e.g. " + ", ".join(f"{name} {row[name]}" for name in key if name != "EquipID")
