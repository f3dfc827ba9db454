"""Tables about the historian as the backfill found it: fingerprints of the scored days, and the last comparison."""

from __future__ import annotations

from acm_etl.schema import Table, col
from acm_etl.tables.common import EQUIP_ID

# UTC days, unlike the summaries: a database groups readings by them without time zones.
READING_FINGERPRINTS = Table(
    "ACM_ReadingFingerprints",
    "state",
    "Fingerprint per day of the readings that were scored; the backfill compares the historian with it",
    (
        EQUIP_ID,
        col("Day", "ts3", "UTC day, as the time at which it starts"),
        col("ReadingCount", "i64", "Readings of the day that were scored, duplicates of a time included"),
        col("RowsHash", "i64", "Hash of the times and values of these readings, whatever their order"),
        col("HashProbe", "i64", "Hash of a constant row; hashes with another probe cannot be compared"),
        col("ModelVersion", "i32", "Models that scored the day; the hash covers their tags"),
        col(
            "ScoredUntil",
            "ts3",
            "End of the windows that the row covers, at most the end of the day, UTC",
            volatile=True,
        ),
        # Not volatile, unlike FoundAt: a change must update the row.
        col("PresentCount", "i64?", "Readings of the day in the historian when a change was found; NULL: no change"),
        col("FoundAt", "ts3?", "When the change was found, UTC; NULL: no change", volatile=True),
    ),
    key=("EquipID", "Day"),
    time_column="Day",
    foreign_keys={"EquipID": "Equipment"},
)

# A table of its own: ACM_BatchProgress is deleted and written again by a replay, this row must survive.
HISTORIAN_CHECKS = Table(
    "ACM_HistorianChecks",
    "state",
    "Start of the scored history, and the last comparison of all its days with the historian; one row per machine",
    (
        EQUIP_ID,
        col("HistoryStart", "ts3", "Start of the first window, UTC"),
        col("SkippedReadings", "i64", "Readings before HistoryStart when the history began: left out by --from"),
        col("ComparedAt", "ts3", "When all days were last compared, UTC", volatile=True),
    ),
    key=("EquipID",),
    foreign_keys={"EquipID": "Equipment"},
)

TABLES = (READING_FINGERPRINTS, HISTORIAN_CHECKS)
