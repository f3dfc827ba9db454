"""Fingerprints of scored days: what the historian had when its readings were scored.

A fingerprint is written in the transaction that publishes the results of its day, from readings counted and hashed
before they were pulled. A change between the two steps is therefore reported, and never missed.

Day, ReadingCount and RowsHash are additive: a day that is scored in two batches has the sums of its parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load.single_rows import delete_rows, replace_row
from acm_etl.load.staging import upsert_frame
from acm_etl.results import ChangedReadings
from acm_etl.tables.historian_checks import HISTORIAN_CHECKS, READING_FINGERPRINTS

# Enough to see a pattern in a message; the first and last day are named anyway.
_SAMPLE_DAYS = 10


@dataclass(frozen=True, slots=True)
class HistoryCheck:
    """The row of ACM_HistorianChecks.

    Attributes:
        history_start: Start of the first window, UTC.
        skipped_readings: Readings before it when the history began.
        compared_at: When all days were last compared with the historian, UTC.
    """

    history_start: datetime
    skipped_readings: int
    compared_at: datetime


def build_fingerprint_rows(
    days: pl.DataFrame, *, equip_id: int, hash_probe: int, model_version: int, scored_until: datetime
) -> pl.DataFrame:
    """Build rows of ACM_ReadingFingerprints for days without a change.

    Args:
        days: ``Day`` (Date), ``ReadingCount`` and ``RowsHash``.
        equip_id: Machine.
        hash_probe: Hash of a constant row, read together with the days.
        model_version: Models that score the days.
        scored_until: End of the windows that the days were read for, UTC.
    """
    day = pl.col("Day").cast(pl.Datetime("ms"))
    return (
        # The last day of a batch is usually incomplete: ScoredUntil says up to when its readings were counted.
        days.with_columns(
            EquipID=pl.lit(equip_id),
            Day=day,
            HashProbe=pl.lit(hash_probe),
            ModelVersion=pl.lit(model_version),
            ScoredUntil=pl.min_horizontal(day + timedelta(days=1), pl.lit(scored_until, pl.Datetime("ms"))),
            PresentCount=pl.lit(None),
            FoundAt=pl.lit(None),
        )
        .select(*READING_FINGERPRINTS.polars_schema)
        .cast(pl.Schema(READING_FINGERPRINTS.polars_schema))
    )


def read_fingerprints(engine: Engine, equip_id: int, *, day: datetime | None = None) -> pl.DataFrame:
    """Read the fingerprints of a machine, or of one of its days, in the order of the days."""
    where, params = ("", [equip_id]) if day is None else (" AND {Day} = ?", [equip_id, day])
    sql = f"SELECT {{columns}} FROM {{table}} WHERE {{EquipID}} = ?{where} ORDER BY {{Day}}"
    text = engine.dialect.sql(sql, columns=READING_FINGERPRINTS.polars_schema, table=READING_FINGERPRINTS)
    return engine.query(text, params).cast(pl.Schema(READING_FINGERPRINTS.polars_schema))


def summarize_changes(rows: pl.DataFrame, *, train_end: datetime | None) -> ChangedReadings | None:
    """Summarize the days whose readings have changed since they were scored.

    Args:
        rows: ``Day``, ``ReadingCount`` and ``PresentCount`` of scored days.
        train_end: End of the training period of the models, UTC; None if it is not known.

    Returns:
        The summary; None if no day has changed.
    """
    # PresentCount is set only by a comparison that found a difference.
    changed = rows.filter(pl.col("PresentCount").is_not_null()).sort("Day")
    if changed.is_empty():
        return None
    surplus, days = changed["PresentCount"] - changed["ReadingCount"], changed["Day"].to_list()
    return ChangedReadings(
        day_count=len(days),
        first_day=days[0],
        last_day=days[-1],
        # Days with more and days with fewer readings apart: a shift by a day would otherwise add up to no change.
        added_readings=int(surplus.clip(lower_bound=0).sum()),
        removed_readings=int(-surplus.clip(upper_bound=0).sum()),
        # The same number with another hash: values were corrected, or readings were swapped.
        corrected_days=int((surplus == 0).sum()),
        training_days=sum(train_end is not None and day < train_end for day in days),
        sample_days=tuple(days[:_SAMPLE_DAYS]),
    )


def upsert_fingerprints(engine: Engine, rows: pl.DataFrame) -> None:
    """Insert or update fingerprints, inside the caller's transaction or as a statement of its own."""
    # Staging an empty frame costs statements that change nothing.
    if rows.height:
        upsert_frame(engine, READING_FINGERPRINTS, rows)


def delete_fingerprints(
    engine: Engine, equip_id: int, *, since: datetime | None = None, before: datetime | None = None
) -> int:
    """Delete the fingerprints of the days of [since, before), inside the caller's transaction."""
    bounds = {"{Day} >= ?": since, "{Day} < ?": before}
    conditions = "".join(f" AND {condition}" for condition, bound in bounds.items() if bound is not None)
    sql = engine.dialect.sql(f"DELETE FROM {{table}} WHERE {{EquipID}} = ?{conditions}", table=READING_FINGERPRINTS)
    return engine.execute(sql, [equip_id, *(bound for bound in bounds.values() if bound is not None)])


def forget_history(engine: Engine, equip_id: int) -> dict[str, int]:
    """Delete all fingerprints of a machine and its comparison; return the deleted rows by table."""
    history = (READING_FINGERPRINTS, HISTORIAN_CHECKS)
    return {table.name: delete_rows(engine, table, {"EquipID": equip_id}) for table in history}


def read_history_check(engine: Engine, equip_id: int) -> HistoryCheck | None:
    """Return the last comparison of a machine; None for a store filled before there were fingerprints."""
    sql = "SELECT {HistoryStart}, {SkippedReadings}, {ComparedAt} FROM {table} WHERE {EquipID} = ?"
    rows = engine.query(engine.dialect.sql(sql, table=HISTORIAN_CHECKS), [equip_id])
    return HistoryCheck(*rows.row(0)) if rows.height else None


def save_history_check(engine: Engine, equip_id: int, check: HistoryCheck) -> None:
    """Insert or replace the row of a machine, inside the caller's transaction."""
    values = {
        "EquipID": equip_id,
        "HistoryStart": check.history_start,
        "SkippedReadings": check.skipped_readings,
        "ComparedAt": check.compared_at,
    }
    # Not an upsert: ComparedAt is volatile, and an upsert leaves a row alone in which nothing else has changed.
    replace_row(engine, HISTORIAN_CHECKS, values)
