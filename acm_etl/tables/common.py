"""Columns that many tables share, so that they mean the same everywhere."""

from __future__ import annotations

from acm_etl.schema import Column, Table, col

RUN_ID = col("RunID", "uuid", "Run that wrote the row (RunLog.RunID)")
EQUIP_ID = col("EquipID", "i32", "Machine (Equipment.EquipID)")
TIMESTAMP = col("Timestamp", "ts3", "Time of the reading, UTC")
AS_OF = col(
    "AsOf", "ts3", "Local day of the machine, as the UTC time at which it starts; the summary includes that day"
)

HEADS = ("ar1_z", "pca_spe_z", "pca_t2_z", "mhal_z", "iforest_z", "gmm_z", "omr_z", "mewma_z")
"""Detector heads, in the order in which they are stored; each a normal-equivalent z."""

OUTCOMES = ("RUNNING", "OK", "NOOP", "FAIL", "SUPERSEDED")
HEALTH_STATUS = ("HEALTHY", "CAUTION", "ALERT", "UNKNOWN")
ZONES = ("GOOD", "WATCH", "ALERT")
COLDSTART = ("PENDING", "IN_PROGRESS", "COMPLETE", "FAILED")
REFIT = ("PENDING", "DONE", "REJECTED")
REFIT_BY = ("REQUEST", "AGE", "DRIFT")
OPERATING = ("off", "transient", "on")

SECONDS = "SECONDS"
"""Marks, in a view, whole seconds between two times: ``SECONDS(s.{TrendStart}|c.{Timestamp})``; rendered per engine."""


def scored(name: str, doc: str, key: tuple[str, ...], *columns: Column, **options: object) -> Table:
    """A table of results: RunID and EquipID in front, EquipID first in the key, both references declared."""
    foreign = {"RunID": "RunLog", "EquipID": "Equipment"}
    return Table(
        name,
        doc=doc,
        columns=(RUN_ID, EQUIP_ID, *columns),
        key=("EquipID", *key),
        foreign_keys=foreign,
        **options,  # type: ignore[arg-type]
    )
