"""Comparison of the historian with the readings that were scored: what was added, removed or corrected since.

Each backfill compares the newest days. All days are compared once a day, when the number of readings differs, and for
``--replay-changed``. One grouped query per set of tags reads the fingerprints of the historian.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

import polars as pl

from acm_etl.counts import format_count
from acm_etl.engine import Finding
from acm_etl.host import quote_word
from acm_etl.io import historian
from acm_etl.io.historian import HistorianSource
from acm_etl.load import clock
from acm_etl.load.historian import fingerprints
from acm_etl.load.historian.fingerprints import HistoryCheck
from acm_etl.load.models import coldstart, registry
from acm_etl.load.watermark import Watermark
from acm_etl.results import MachineReport, OlderReadings
from acm_etl.run import day_fingerprints, resume_checks
from acm_etl.run.context import MachineContext
from acm_etl.tables.historian_checks import READING_FINGERPRINTS
from acm_etl.windows import DAY, WindowGrid, floor_to_midnight

log = logging.getLogger(__name__)

_RECENT_DAYS = 7
"""Days before the progress that every backfill compares: most corrections are made within a week."""


@dataclass(frozen=True, slots=True)
class HistorianComparison:
    """Differences between the historian and the scored readings of a machine; nothing of it is stored yet.

    Attributes:
        updated_rows: Fingerprints to insert or update: days that changed, or changed back, and days without one.
        changed_rows: Fingerprints of all days that have changed, those of earlier comparisons included.
        history_check: Row of ACM_HistorianChecks as it is after this comparison.
        oldest_day: First day that the historian still has; fingerprints of earlier days are to be deleted.
        is_check_new: Whether ``history_check`` has to be written.
        expired_days: Number of these earlier days.
        filled_days: Days scored by an earlier version that get their fingerprints now.
    """

    updated_rows: pl.DataFrame
    changed_rows: pl.DataFrame
    history_check: HistoryCheck
    oldest_day: datetime
    is_check_new: bool
    expired_days: int = 0
    filled_days: int = 0


@dataclass(frozen=True, slots=True)
class _TagSpan:
    """Days [start, end) whose models have the same tags."""

    tags: tuple[str, ...]
    start: datetime
    end: datetime


def compare_historian(context: MachineContext, progress: Watermark, *, all_days: bool) -> HistorianComparison:
    """Compare the scored days with the historian; nothing is written.

    Args:
        context: The machine.
        progress: Its stored progress.
        all_days: Compare all days, not only the newest ones.
    """
    check = fingerprints.read_history_check(context.engine, context.equip_id)
    if check is None:
        return _fill_fingerprints(context, progress)
    stored = fingerprints.read_fingerprints(context.engine, context.equip_id)
    oldest_day = _find_oldest_day(context, stored)
    kept = stored.filter(pl.col("Day") >= oldest_day)
    expired_days, now = stored.height - kept.height, clock.utc_now()
    is_due = all_days or expired_days > 0 or now - check.compared_at >= DAY
    is_complete = is_due or _has_other_total(context, progress, kept)
    recent_start = floor_to_midnight(progress.last_window_end) - _RECENT_DAYS * DAY
    start = progress.data_min if is_complete else max(progress.data_min, recent_start)
    differences = _compare_days(context, progress, kept, max(start, oldest_day))
    # The historian may have dropped a part of its oldest day, too: that part can be scored no more.
    cut_day = oldest_day if expired_days else None
    updated = _build_updates(differences, progress.model_version, now, cut_day=cut_day)
    changed = kept.join(updated, on="Day", how="anti").vstack(updated).filter(pl.col("PresentCount").is_not_null())
    if is_complete:
        check = replace(check, compared_at=now)
    return HistorianComparison(updated, changed, check, oldest_day, is_check_new=is_complete, expired_days=expired_days)


def verify_readings(context: MachineContext, progress: Watermark) -> Finding:
    """Return whether the historian still has the readings of all scored days; nothing is written."""
    changed = compare_historian(context, progress, all_days=True).changed_rows
    if not changed.height:
        return Finding("readings", "ok", "the historian has the readings that were scored")
    replay = f"acm-etl backfill --equip {quote_word(context.code)} --replay-changed"
    first = str(changed["Day"].min()).partition(" ")[0]
    days = format_count(changed.height, "day")
    text = f"other readings than were scored on {days}, the first is {first}; to score them again:"
    return Finding("readings", "fail", f"{text} {replay}")


def check_history(context: MachineContext, progress: Watermark | None, report: MachineReport) -> MachineContext:
    """Compare the historian with the scored readings; record and report what has changed.

    Args:
        context: The machine, locked by this process unless this is a dry run.
        progress: Its stored progress; None if there is none.
        report: Gets the changes.

    Returns:
        The context; with the replay that ``--replay-changed`` asks for, if a day has changed.
    """
    if progress is None or context.extent is None:
        return context
    comparison = compare_historian(context, progress, all_days=context.request.replay_changed)
    if not context.request.dry_run:
        record_comparison(context, comparison)
    _report_comparison(context, comparison, report)
    if not context.request.replay_changed or report.changed is None:
        return context
    report.replayed, report.changed = report.changed, None
    first_day = report.replayed.first_day
    reason = (
        f"readings of {format_count(report.replayed.day_count, 'day')} have changed since, from {first_day:%Y-%m-%d} on"
    )
    return request_replay(context, progress, first_day, reason=reason)


def report_remaining_changes(context: MachineContext, report: MachineReport) -> None:
    """Report the changed days that a replay has left: those before its start."""
    rows = fingerprints.read_fingerprints(context.engine, context.equip_id)
    report.changed = fingerprints.summarize_changes(rows, train_end=_read_train_end(context))


def _report_comparison(context: MachineContext, comparison: HistorianComparison, report: MachineReport) -> None:
    code, changed = context.code, None
    if comparison.changed_rows.height:
        changed = fingerprints.summarize_changes(comparison.changed_rows, train_end=_read_train_end(context))
    # Apart from changed days: no window ever covered these readings, so that no fingerprint can show them.
    older = _count_older_readings(context, comparison.history_check)
    report.changed = changed
    report.older = OlderReadings(older.reading_count, older.first) if older else None
    # Added up, because a lost connection runs the comparison again: the deleted fingerprints are found only once.
    report.expired_days += comparison.expired_days
    report.fingerprinted_days += comparison.filled_days
    if changed is not None:
        message = "%s: readings of %s have changed in the historian since, the first of them %s"
        log.warning(message, code, format_count(changed.day_count, "scored day"), f"{changed.first_day:%Y-%m-%d}")
    if older is not None:
        message = "%s: %s older than the first window arrived since, from %s on; not scored"
        log.warning(message, code, format_count(older.reading_count, "reading"), older.first)
    if comparison.expired_days:
        message = "%s: the historian has no readings before %s any longer (%s); their results stay"
        log.warning(
            message, code, f"{comparison.oldest_day:%Y-%m-%d}", format_count(comparison.expired_days, "scored day")
        )
    if comparison.filled_days:
        message = "%s: fingerprints of %s scored by an earlier version taken from the historian as it is now"
        log.info(message, code, format_count(comparison.filled_days, "day"))


def _read_train_end(context: MachineContext) -> datetime | None:
    state = coldstart.read_coldstart(context.engine, context.equip_id)
    return state.train_end if state else None


def request_replay(context: MachineContext, progress: Watermark, first_day: datetime, *, reason: str) -> MachineContext:
    """Return the context with a replay from the window that contains the start of a day.

    Args:
        context: The machine.
        progress: Its stored progress.
        first_day: Start of the day, UTC.
        reason: Why, for the user.
    """
    # A window of a tick that does not divide a day began on the day before.
    grid = WindowGrid(progress.tick, resume_checks.window_split_times(context))
    start = max(grid.last_boundary(first_day), progress.data_min)
    request = replace(context.request, replay_from=start, replay_reason=reason, replay_changed=False)
    if request.since is not None or context.extent is None or context.extent.first >= progress.data_min:
        return replace(context, request=request)
    # Readings before the first window stay out, also if the whole history is recomputed.
    source = replace(context.source, since=progress.data_min)
    extent = historian.read_extent(context.engine, source)
    return replace(context, request=replace(request, since=progress.data_min), source=source, extent=extent)


def record_comparison(context: MachineContext, comparison: HistorianComparison) -> None:
    """Store what a comparison found, in one transaction."""
    engine, equip_id = context.engine, context.equip_id
    # The usual case of a nightly run: no transaction for nothing.
    if not comparison.is_check_new and comparison.updated_rows.is_empty():
        return
    with engine.transaction():
        if comparison.expired_days:
            fingerprints.delete_fingerprints(engine, equip_id, before=comparison.oldest_day)
        fingerprints.upsert_fingerprints(engine, comparison.updated_rows)
        if comparison.is_check_new:
            fingerprints.save_history_check(engine, equip_id, comparison.history_check)


def record_history_start(context: MachineContext, progress: Watermark) -> None:
    """Record where the scored history begins, and the readings before it that --from left out.

    Readings that arrive there later are then told from those that were left out.
    """
    check = fingerprints.read_history_check(context.engine, context.equip_id)
    # Recorded once: counting again later would take readings that arrived since for ones that --from left out.
    if check is not None and check.history_start == progress.data_min:
        return
    compared_at = check.compared_at if check else clock.utc_now()
    skipped = _read_older(context, progress.data_min)
    history_check = HistoryCheck(progress.data_min, skipped.reading_count if skipped else 0, compared_at)
    with context.engine.transaction():
        fingerprints.save_history_check(context.engine, context.equip_id, history_check)


def _count_older_readings(context: MachineContext, check: HistoryCheck) -> historian.ReadingsExtent | None:
    """Return the readings before the first window, without those that --from left out; None if there are none."""
    has_older = context.extent is not None and context.extent.first < check.history_start
    older = _read_older(context, check.history_start) if has_older else None
    if older is None or older.reading_count <= check.skipped_readings:
        return None
    return replace(older, reading_count=older.reading_count - check.skipped_readings)


def _read_older(context: MachineContext, history_start: datetime) -> historian.ReadingsExtent | None:
    source = replace(context.source, since=None, until=history_start)
    return historian.read_extent(context.engine, source)


def _fill_fingerprints(context: MachineContext, progress: Watermark) -> HistorianComparison:
    """Take the fingerprints of all scored days from the historian as it is now."""
    older = _read_older(context, progress.data_min)
    check = HistoryCheck(progress.data_min, older.reading_count if older else 0, clock.utc_now())
    tags = registry.read_model_tags(context.engine, context.equip_id).get(progress.model_version)
    rows = READING_FINGERPRINTS.empty_frame()
    if tags is not None:
        source = _read_tags(context, tags)
        read = day_fingerprints.read_fingerprints(context.engine, source, progress.data_min, progress.last_window_end)
        rows = read.to_rows(context.equip_id, progress.model_version)
    none = READING_FINGERPRINTS.empty_frame()
    return HistorianComparison(rows, none, check, progress.data_min, is_check_new=True, filled_days=rows.height)


def _source_of(context: MachineContext) -> HistorianSource:
    """Return the source without the limits of the request: stored windows do not depend on them."""
    return replace(context.source, since=None, until=None)


def _read_tags(context: MachineContext, tags: tuple[str, ...]) -> HistorianSource:
    """Return the source with the tags of a model.

    Raises:
        InputError: The historian has lost a tag of the model, which may be inactive by now.
    """
    context.check_tags(tags)
    return replace(_source_of(context), tags=tags)


def _find_oldest_day(context: MachineContext, stored: pl.DataFrame) -> datetime:
    """Return the first day that the historian still has.

    Many historians drop their oldest readings. The results of these days stay; nothing can be scored again there.
    """
    first_stored = stored["Day"].min() if stored.height else None
    if context.extent is None or context.request.since is not None or not isinstance(first_stored, datetime):
        return datetime.min  # noqa: DTZ901 - naive UTC, before all days
    oldest = floor_to_midnight(context.extent.first)
    return max(oldest, first_stored)


def _has_other_total(context: MachineContext, progress: Watermark, stored: pl.DataFrame) -> bool:
    """Return whether the scored interval has another number of readings than the last comparison found."""
    if context.source.spec is not None:
        return False  # an extent counts the rows of a declared source, not its readings
    # A known change is expected: it must not cause a comparison of all days at every run.
    expected = stored.select(pl.coalesce("PresentCount", "ReadingCount").sum()).item()
    source = day_fingerprints.clip_source(_source_of(context), progress.data_min, progress.last_window_end)
    extent = historian.read_extent(context.engine, source)
    return bool(expected != (extent.reading_count if extent else 0))


def _compare_days(context: MachineContext, progress: Watermark, stored: pl.DataFrame, start: datetime) -> pl.DataFrame:
    """Join stored and present fingerprints of the days from ``start`` on.

    Returns:
        The columns of ACM_ReadingFingerprints, null for days that are not stored, and ``count``, ``hash`` and ``probe``
        of the historian; ``count`` is 0 for days without readings.
    """
    scope = stored.filter(pl.col("Day") >= floor_to_midnight(start))
    return pl.concat(
        _join_present_days(context, scope, span) for span in _iter_tag_spans(context, progress, scope, start)
    )


def _join_present_days(context: MachineContext, stored: pl.DataFrame, span: _TagSpan) -> pl.DataFrame:
    source = _read_tags(context, span.tags)
    read = day_fingerprints.read_fingerprints(context.engine, source, span.start, span.end)
    present = read.days.select(pl.col("Day").cast(pl.Datetime("ms")), count="ReadingCount", hash="RowsHash")
    first_day = floor_to_midnight(span.start)
    days = stored.filter(pl.col("Day").is_between(first_day, span.end, closed="left"))
    # A stored day that the historian lacks has count 0: its readings were removed.
    return days.join(present, on="Day", how="full", coalesce=True).with_columns(
        pl.col("count").fill_null(0), EquipID=pl.lit(context.equip_id, pl.Int32), probe=pl.lit(read.hash_probe)
    )


def _iter_tag_spans(
    context: MachineContext, progress: Watermark, stored: pl.DataFrame, start: datetime
) -> Iterator[_TagSpan]:
    """Yield the days from ``start`` to the progress, cut where models with other tags begin.

    Models change at midnight, so that one model scores each day.
    """
    tags_by_version = registry.read_model_tags(context.engine, context.equip_id)
    current = tags_by_version.get(progress.model_version, context.source.tags)
    # The tags of a deleted model version are not known: its days are compared by those of the current one.
    tags = [tags_by_version.get(version, current) for version in stored["ModelVersion"]]
    cuts = [day for day, before, after in zip(stored["Day"][1:], tags, tags[1:], strict=False) if before != after]
    edges = [start, *cuts, progress.last_window_end]
    first_tags = tags[:1] or [current]
    by_start = dict(zip(stored["Day"], tags, strict=True))
    for begin, end in pairwise(edges):
        yield _TagSpan(first_tags[0] if begin == start else by_start[begin], begin, end)


def _build_updates(
    differences: pl.DataFrame, model_version: int, now: datetime, *, cut_day: datetime | None
) -> pl.DataFrame:
    """Return the fingerprints that a comparison changes, as rows to insert or update.

    Args:
        differences: Result of ``_compare_days``.
        model_version: Models of the progress; days without stored readings get their version.
        now: Current time, UTC.
        cut_day: Day whose readings are accepted as they are now; None for none.
    """
    # A day without a fingerprint had no readings when it was scored: any reading there is an addition.
    scored = pl.col("ReadingCount").fill_null(0)
    same_probe = pl.col("HashProbe") == pl.col("probe")
    other_rows = (same_probe & (pl.col("RowsHash") != pl.col("hash"))).fill_null(value=False)
    is_cut = pl.lit(value=False) if cut_day is None else pl.col("Day") == cut_day
    changed = ((pl.col("count") != scored) | other_rows) & ~is_cut
    # A new version of the database may hash in another way: a day with as many readings as before gets its new hash.
    renewed = ~changed & (is_cut | ~same_probe.fill_null(value=False))
    marked = pl.col("PresentCount").eq_missing(pl.when(changed).then("count"))
    return (
        differences.filter(~marked | renewed)
        .with_columns(
            ReadingCount=pl.when(is_cut).then("count").otherwise(scored),
            RowsHash=pl.when(renewed).then("hash").otherwise("RowsHash").fill_null(0),
            ScoredUntil=pl.col("ScoredUntil").fill_null(pl.col("Day") + DAY),
            HashProbe=pl.when(renewed).then("probe").otherwise(pl.col("HashProbe").fill_null(pl.col("probe"))),
            ModelVersion=pl.col("ModelVersion").fill_null(model_version),
            PresentCount=pl.when(changed).then("count"),
            FoundAt=pl.when(changed).then(pl.lit(now, pl.Datetime("ms"))),
        )
        .select(*READING_FINGERPRINTS.polars_schema)
        .cast(pl.Schema(READING_FINGERPRINTS.polars_schema))
    )
