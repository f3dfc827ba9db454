"""Frames and publications for the tests of this folder: machine 1, windows of one day from ``START``."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import polars as pl
from plants import list_filled_tables

from acm_etl import tables
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load import publish, runs, watermark
from acm_etl.load.machines import equipment
from acm_etl.load.schema import migrate

START = datetime(2024, 1, 1)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SIGNATURE = "5" * 64
T = tables.BY_NAME


def init_store(path):
    """Make a store that knows machine 1, FAN."""
    engine = DuckDB(f"duckdb:///{path}")
    migrate.init_schema(engine)
    equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
    engine.close()


def day(number: int) -> datetime:
    return START + number * DAY


@cache
def run_of(number: int, *, version: int = 1) -> str:
    return runs.build_run_id("FAN", day(number), day(number + 1), model_version=version, signature=SIGNATURE)


def log(*days: int, outcome: str = "RUNNING", **changes) -> pl.DataFrame:
    rows = [
        {
            "RunID": run_of(number),
            "EquipID": 1,
            "Stage": "score",
            "WindowStart": day(number),
            "WindowEnd": day(number + 1),
            "Outcome": outcome,
            "Provisional": False,
            "TickMinutes": 1440,
            "ModelVersion": 1,
            "ConfigSignature": SIGNATURE,
            "RowsRead": 24,
            "Attempt": 1,
            "AttemptStartedAt": day(number),
            "StartedAt": day(number),
            "CompletedAt": None if outcome == "RUNNING" else day(number + 1),
            "Holder": "here:1",
            "Version": "0",
            **changes,
        }
        for number in days
    ]
    return pl.DataFrame(rows, schema=T["RunLog"].polars_schema)


def analytics(*days: int) -> pl.DataFrame:
    rows = [
        {
            "RunID": run_of(number),
            "EquipID": 1,
            "EquipName": "FAN",
            "StartedAt": day(number),
            "CompletedAt": day(number) + HOUR,
            "ConfigSignature": SIGNATURE,
            "HealthStatus": "HEALTHY",
            "RefitRequested": False,
            "CreatedAt": day(number),
        }
        for number in days
    ]
    return pl.DataFrame(rows, schema=T["ACM_Runs"].polars_schema)


def health(*days: int, value: float = 90.0, hours: int = 24) -> pl.DataFrame:
    rows = [
        {
            "RunID": run_of(number),
            "EquipID": 1,
            "Timestamp": day(number) + hour * HOUR,
            "Phase": "SCORE",
            "OperatingState": "on",
            "fused": 1.0,
            "alarm": False,
            "ModelVersion": 1,
            "HealthIndex": value,
        }
        for number in days
        for hour in range(hours)
    ]
    return pl.DataFrame(rows, schema=T["ACM_Scores_Wide"].polars_schema)


def culprits(number: int, *sensors: str, run: str | None = None) -> pl.DataFrame:
    rows = [
        {
            "RunID": run or run_of(number),
            "EquipID": 1,
            "StartTs": day(number) + 5 * HOUR,
            "SensorName": sensor,
            "Rank": rank,
            "ContributionPct": 100.0 / len(sensors),
        }
        for rank, sensor in enumerate(sensors, start=1)
    ]
    return pl.DataFrame(rows, schema=T["ACM_EpisodeCulprits"].polars_schema)


def occupancy(number: int, **shares: int) -> pl.DataFrame:
    rows = [
        {
            "RunID": run_of(number),
            "EquipID": 1,
            "AsOf": day(number),
            "RegimeLabel": label,
            "RecordCount": count,
            "Percentage": float(count),
        }
        for label, count in shares.items()
    ]
    return pl.DataFrame(rows, schema=T["ACM_RegimeOccupancy"].polars_schema)


def episode(number: int, status: str = "CLOSED") -> pl.DataFrame:
    start = day(number)
    row = {
        "RunID": run_of(number), "EquipID": 1, "StartTs": start, "EndTs": start + HOUR, "Status": status,
        "DurationHours": 1.0, "RecordCount": 3, "PeakTimestamp": start, "PeakFusedZ": 5.0, "AvgFusedZ": 4.0,
        "MinHealthIndex": 40.0, "Severity": "MEDIUM", "PrimaryDetector": "ar1_z", "PrimarySensor": "a", "Culprits": "a",
        "RegimeLabel": "1",
    }  # fmt: skip
    return pl.DataFrame([row], schema=T["ACM_Episodes"].polars_schema)


def outlook(number: int) -> pl.DataFrame:
    row = {
        "RunID": run_of(number),
        "EquipID": 1,
        "AsOf": day(number),
        "IssuedAt": day(number + 1),
        "Status": "STABLE",
        "ThresholdUsed": 70.0,
        "Method": "level",
        "TrendDays": 3,
    }
    return pl.DataFrame([row], schema=T["ACM_RUL_Summary"].polars_schema)


def at(number: int, **changes) -> watermark.Watermark:
    """The progress row after day ``number - 1``."""
    values = {
        "equip_id": 1,
        "last_window_end": day(number),
        "window_count": number,
        "tick_minutes": 1440,
        "signature": SIGNATURE,
        "model_version": 1,
        "coldstart_complete": True,
        "data_min": START,
        "data_max": day(100),
    }
    return watermark.Watermark(**{**values, **changes})


def publication(*days: int, frames=None, expected=None, **changes) -> publish.Publication:
    values = {
        "equip_id": 1,
        "start": day(days[0]),
        "end": day(days[-1] + 1),
        "run_log": log(*days, outcome="OK"),
        "run_summaries": analytics(*days),
        "frames": {"ACM_Scores_Wide": health(*days)} if frames is None else frames,
        "watermark_update": publish.WatermarkUpdate(expected, at(days[-1] + 1)),
    }
    return publish.Publication(**{**values, **changes})


def changes(metrics) -> dict[str, tuple[int, int, int]]:
    """Tables in which something happened: rows inserted, updated, deleted."""
    counts = {metric.table: (metric.rows_inserted, metric.rows_updated, metric.rows_deleted) for metric in metrics}
    return {table: count for table, count in counts.items() if any(count)}


def contents(engine) -> dict[str, pl.DataFrame]:
    """Every table that has rows, for comparison before and after."""
    return {
        name: engine.query(f'SELECT * FROM "{name}"').sort(list(T[name].key)) for name in list_filled_tables(engine)
    }


def same(left: dict[str, pl.DataFrame], right: dict[str, pl.DataFrame]) -> bool:
    return left.keys() == right.keys() and all(frame.equals(right[name]) for name, frame in left.items())
