"""Fingerprints of the days that a batch scores, and of the day that a replay cuts.

UTC days and not local ones: a database groups by them without a time zone, and no day has 23 hours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from acm_etl.engine import Engine
from acm_etl.io import historian
from acm_etl.io.historian import HistorianSource
from acm_etl.load.historian import fingerprints
from acm_etl.windows import DAY, floor_to_midnight


@dataclass(frozen=True, slots=True)
class DayFingerprints:
    """Fingerprints of the readings of [start, end), by UTC day.

    Attributes:
        start: Start of the interval, UTC.
        end: End of the interval, UTC.
        days: ``Day``, ``ReadingCount`` and ``RowsHash``; days without readings are missing.
        hash_probe: Hash of a constant row.
    """

    start: datetime
    end: datetime
    days: pl.DataFrame
    hash_probe: int

    def to_rows(self, equip_id: int, model_version: int) -> pl.DataFrame:
        """Return rows of ACM_ReadingFingerprints for days that these models score."""
        return fingerprints.build_fingerprint_rows(
            self.days,
            equip_id=equip_id,
            hash_probe=self.hash_probe,
            model_version=model_version,
            scored_until=self.end,
        )


def clip_source(source: HistorianSource, start: datetime, end: datetime) -> HistorianSource:
    """Return a source that has the readings of [start, end) only."""
    # The limits of the request stay: readings outside of them are not scored, and must not enter a fingerprint.
    since, until = source.limit_period(start, end)
    return replace(source, since=since, until=until)


def read_fingerprints(engine: Engine, source: HistorianSource, start: datetime, end: datetime) -> DayFingerprints:
    """Read the fingerprints of the readings of [start, end) from the historian."""
    # The database hashes its rows: no reading crosses the network for a comparison.
    days = historian.read_day_fingerprints(engine, clip_source(source, start, end))
    return DayFingerprints(start, end, days, historian.read_hash_probe(engine))


def build_batch_rows(
    engine: Engine, source: HistorianSource, batch: DayFingerprints, *, equip_id: int, model_version: int
) -> pl.DataFrame:
    """Build the rows of ACM_ReadingFingerprints that a batch adds, and the row of a day that it continues.

    Args:
        engine: The store.
        source: Historian table with the tags of the models.
        batch: Fingerprints of the readings of the batch.
        equip_id: Machine.
        model_version: Models that score the batch.
    """
    rows, day = batch.to_rows(equip_id, model_version), floor_to_midnight(batch.start)
    part = rows.filter(pl.col("Day") == day)
    # Only the first day of a batch can have a stored part: batches follow one another in time.
    stored = fingerprints.read_fingerprints(engine, equip_id, day=day) if day < batch.start else rows.clear()
    if part.is_empty() or stored.is_empty():
        return rows
    before = stored.row(0, named=True)
    if before["HashProbe"] == batch.hash_probe and before["ScoredUntil"] <= batch.start:
        return _replace_day(rows, _add_parts(stored, part))
    # Hashes of two versions of the database do not add up, and a part must not be added twice when a batch is repeated
    # after a lost commit message: take the day from the historian as it is now.
    whole = read_fingerprints(engine, source, day, min(day + DAY, batch.end))
    return _replace_day(rows, whole.to_rows(equip_id, model_version))


def read_cut_day(
    engine: Engine, source: HistorianSource, time: datetime, *, equip_id: int, model_version: int
) -> pl.DataFrame | None:
    """Return the row of the day that contains a time, for its readings before that time; None at midnight."""
    day = floor_to_midnight(time)
    # At midnight no day is cut, and all fingerprints from there on are deleted.
    if day == time:
        return None
    return read_fingerprints(engine, source, day, time).to_rows(equip_id, model_version)


def _add_parts(stored: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    """Return the row of a day from its stored part and the part of the batch; a known change stays known."""
    return stored.with_columns(
        pl.col("ReadingCount") + part["ReadingCount"],
        # The hash of a day is the sum of the hashes of its rows, so that parts add up in any order.
        pl.col("RowsHash") + part["RowsHash"],
        pl.col("PresentCount") + part["ReadingCount"],
        part["ScoredUntil"],
    )


def _replace_day(rows: pl.DataFrame, day_row: pl.DataFrame) -> pl.DataFrame:
    # The row of the whole day comes first, and so replaces the part of the batch.
    return pl.concat([day_row, rows]).unique("Day", keep="first").sort("Day")
