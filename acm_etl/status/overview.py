"""How things stand: machines, their progress, their health, their episodes."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from acm_etl.config import StoreSettings
from acm_etl.engine import Engine
from acm_etl.errors import UnavailableError
from acm_etl.io import historian
from acm_etl.io.connect import open_store, public_store_url
from acm_etl.load import coldstart, equipment, late_data, migrate, quality_events, refit_requests, watermark
from acm_etl.load.equipment import Equipment
from acm_etl.status import status_file

_LAST_RUN_COLUMNS = (
    "Outcome", "WindowStart", "WindowEnd", "Provisional", "AttemptStartedAt", "CompletedAt", "ErrorMessage", "Holder",
)  # fmt: skip


def list_machines(engine: Engine) -> dict[str, Any]:
    """Registered machines with the extent of their readings, and historian tables of no machine."""
    migrate.require_current_schema(engine)
    return {
        "machines": [_describe_machine(engine, machine) for machine in equipment.read_machines(engine)],
        "candidates": equipment.find_unregistered_codes(engine),
    }


def _describe_machine(engine: Engine, machine: Equipment) -> dict[str, Any]:
    extent = _read_extent(engine, machine)
    return {
        "code": machine.code,
        "id": machine.equip_id,
        "time zone": machine.time_zone,
        "historian table": machine.table,
        "tags": sum(tag.is_active for tag in equipment.read_tags(engine, machine.equip_id)),
        "readings": extent.reading_count if extent else 0,
        "first": extent.first if extent else None,
        "last": extent.last if extent else None,
    }


def _read_extent(engine: Engine, machine: Equipment) -> historian.ReadingsExtent | None:
    if machine.time_column not in engine.get_column_types(machine.table):
        return None
    return historian.read_extent(engine, historian.HistorianSource(machine.table, machine.time_column, ()))


def read_fleet_status(store: StoreSettings, codes: Sequence[str] = ()) -> dict[str, Any]:
    """How far machines are; while a runner holds an embedded store, what its status feed says.

    Args:
        store: The store.
        codes: Machines; all of them where empty.

    Raises:
        UsageError: An unknown machine, or a store without tables.
        UnavailableError: The store cannot be opened, and no runner says what it does.
    """
    try:
        engine = open_store(store, create=False)
    except UnavailableError as error:
        told, wrong = status_file.inspect_status_file(public_store_url(store.url))
        if told is None and wrong:
            message = f"{error}; {wrong}"
            raise UnavailableError(message) from error
        if told is None:
            raise
        return _build_from_status_file(told, str(error))
    try:
        migrate.require_current_schema(engine)
        known = [equipment.find_machine(engine, code) for code in codes] or equipment.read_machines(engine)
        return {"machines": [_read_machine_status(engine, machine) for machine in known]}
    finally:
        engine.close()


def _build_from_status_file(status_data: dict[str, Any], error: str) -> dict[str, Any]:
    rows = [
        {
            "machine": code,
            "coldstart": None,
            "progress": f"{facts.get('windows_done', 0)} of {facts.get('windows', 0)} windows",
            "lag": None,
            "windows": facts.get("windows_done"),
            "last run": facts.get("stage"),
            "health": None,
            "late": None,
            "failures": None,
        }
        for code, facts in status_data["machines"].items()
    ]
    held = f"{error}. What its runner (PID {status_data['pid']}) said at {status_data['at']}:"
    return {"held": held, "machines": rows}


def _read_machine_status(engine: Engine, machine: Equipment) -> dict[str, Any]:
    progress = watermark.read_watermark(engine, machine.equip_id)
    cold = coldstart.read_coldstart(engine, machine.equip_id)
    run, health = _read_last_run(engine, machine), _read_latest_health(engine, machine)
    behind, still = late_data.count_late_readings(engine, machine), _read_off_since(engine, machine)
    same = 0 if still else quality_events.count_motionless_readings(engine, machine.equip_id)
    extent = _read_extent(engine, machine)
    end = progress.last_window_end if progress else None
    return {
        "machine": machine.code,
        "coldstart": cold.status if cold else "PENDING",
        "progress": end,
        "lag": _format_lag(end, extent.last if extent else None),
        "windows": progress.window_count if progress else 0,
        "last run": run["Outcome"] if run else None,
        "health": f"{health['HealthIndex']:.0f} {health['HealthZone']}" if health else None,
        "late": behind.row_count,
        "failures": _count_failures(engine, machine),
        "motionless": same,
        "notes": [
            *_build_notes(machine, cold, run, behind),
            *(_build_off_note(still) or _build_motionless_note(same)),
            *_build_refit_notes(engine, machine),
        ],
    }


def _format_lag(end: datetime | None, newest: datetime | None) -> str | None:
    """How far the newest reading is ahead of the final windows."""
    if newest is None or end is None:
        return None
    hours = max(newest - end, timedelta()) / timedelta(hours=1)
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"


def _build_notes(
    machine: Equipment,
    coldstart_state: coldstart.ColdstartState | None,
    run: dict[str, Any] | None,
    late_data: late_data.LateReadings,
) -> list[str]:
    notes = []
    if coldstart_state and coldstart_state.reason:
        notes.append(f"coldstart {coldstart_state.status}: {coldstart_state.reason}")
    if run and run["Outcome"] == "FAIL":
        notes.append(f"last run failed: {run['ErrorMessage']}")
    if run and run["Outcome"] == "RUNNING":
        since = f"since {run['AttemptStartedAt']:%Y-%m-%d %H:%M} UTC, by {run['Holder']}"
        notes.append(f"RUNNING {since}; if that process is gone, the next backfill does its windows again")
    if late_data.earliest_window_start:
        code = shlex.quote(machine.code)
        replay = f"acm-etl backfill --equip {code} --restart {late_data.earliest_window_start:%Y-%m-%dT%H:%M}"
        notes.append(f"{late_data.row_count:,} readings arrived late; take them in with: {replay}")
    return notes


def _build_off_note(since: datetime | None) -> list[str]:
    """Why no health is newer than the last one."""
    return [f"off since {since:%Y-%m-%d %H:%M} UTC; its health is that of the last assessed reading"] if since else []


def _build_motionless_note(readings: int) -> list[str]:
    return [f"no tag has changed in {readings:,} readings: is its data collection alive?"] if readings else []


def _build_refit_notes(engine: Engine, machine: Equipment) -> list[str]:
    """The newest request for new models, unless it was met."""
    newest = refit_requests.read_refit_requests(engine, machine.equip_id).tail(1).filter(pl.col("Status") != "DONE")
    return [f"refit {row['Status']}: {row['Message'] or row['Reason']}" for row in newest.iter_rows(named=True)]


def _read_last_run(engine: Engine, machine: Equipment) -> dict[str, Any] | None:
    q = engine.dialect.quote
    columns = ", ".join(map(q, _LAST_RUN_COLUMNS))
    started = (
        f"SELECT MAX({q('AttemptStartedAt')}) FROM {q('RunLog')} WHERE {q('EquipID')} = ? AND {q('Stage')} = 'score'"
    )
    rows = engine.query(
        f"SELECT {columns} FROM {q('RunLog')}\n"
        f"WHERE {q('EquipID')} = ? AND {q('Stage')} = 'score' AND {q('AttemptStartedAt')} = ({started})\n"
        f"ORDER BY {q('WindowStart')} DESC",
        [machine.equip_id, machine.equip_id],
    )
    return rows.row(0, named=True) if rows.height else None


def _read_latest_health(engine: Engine, machine: Equipment) -> dict[str, Any] | None:
    """The newest reading that has a health, which none has while the machine is off; None where there is none."""
    q = engine.dialect.quote
    columns = ", ".join(f"h.{q(name)}" for name in ("Timestamp", "HealthIndex", "HealthZone", "FusedZ"))
    newest = (
        f"SELECT MAX({q('Timestamp')}) FROM {q('ACM_HealthTimeline')}"
        f" WHERE {q('EquipID')} = ? AND {q('HealthIndex')} IS NOT NULL"
    )
    rows = engine.query(
        f"SELECT {columns}, r.{q('RegimeLabel')} FROM {q('ACM_HealthTimeline')} AS h\n"
        f"JOIN {q('ACM_RegimeTimeline')} AS r ON r.{q('EquipID')} = h.{q('EquipID')}"
        f" AND r.{q('Timestamp')} = h.{q('Timestamp')}\n"
        f"WHERE h.{q('EquipID')} = ? AND h.{q('Timestamp')} = ({newest})",
        [machine.equip_id, machine.equip_id],
    )
    return rows.row(0, named=True) if rows.height else None


def _read_off_since(engine: Engine, machine: Equipment) -> datetime | None:
    """When the machine came to a standstill that lasts; None where it does not stand still."""
    q = engine.dialect.quote
    sql = (
        f"SELECT MAX({q('StartTs')}) AS t FROM {q('ACM_Regime_Episodes')}\n"
        f"WHERE {q('EquipID')} = ? AND {q('Status')} = 'OPEN' AND {q('RegimeLabel')} = 'off'"
    )
    since: datetime | None = engine.query(sql, [machine.equip_id]).item()
    return since


def _count_failures(engine: Engine, machine: Equipment) -> int:
    q = engine.dialect.quote
    sql = f"SELECT COUNT(*) AS n FROM {q('RunLog')} WHERE {q('EquipID')} = ? AND {q('Outcome')} = 'FAIL'"
    return int(engine.query(sql, [machine.equip_id]).item())


def read_machine_details(engine: Engine, code: str, *, episodes: int = 10) -> dict[str, Any]:
    """A machine's last health, whether it stands still, its newest episodes and the sensors that stand out.

    Raises:
        UsageError: There is no such machine.
    """
    migrate.require_current_schema(engine)
    machine = equipment.find_machine(engine, code)
    progress = watermark.read_watermark(engine, machine.equip_id)
    return {
        "equip": code,
        "health": _read_latest_health(engine, machine),
        "off since": _read_off_since(engine, machine),
        "progress": progress.last_window_end if progress else None,
        "episodes": _read_episodes(engine, machine, episodes),
        "sensors": _read_sensor_hotspots(engine, machine),
    }


def _read_episodes(engine: Engine, machine: Equipment, limit: int) -> list[dict[str, Any]]:
    q = engine.dialect.quote
    names = ("StartTs", "EndTs", "Status", "DurationHours", "PeakFusedZ", "Severity", "Culprits")
    sql = (
        f"SELECT {', '.join(map(q, names))} FROM {q('ACM_Episodes')}\n"
        f"WHERE {q('EquipID')} = ? ORDER BY {q('StartTs')} DESC"
    )
    return engine.query(sql, [machine.equip_id]).head(limit).to_dicts()


def _read_sensor_hotspots(engine: Engine, machine: Equipment) -> list[dict[str, Any]]:
    """Sensors of the newest summary, the largest deviation first."""
    q = engine.dialect.quote
    names = ("SensorName", "LatestSignedZ", "MaxAbsZ", "MaxTimestamp", "LatestValue", "TrainMean")
    newest = f"SELECT MAX({q('AsOf')}) FROM {q('ACM_SensorHotspots')} WHERE {q('EquipID')} = ?"
    sql = (
        f"SELECT {', '.join(map(q, names))} FROM {q('ACM_SensorHotspots')}\n"
        f"WHERE {q('EquipID')} = ? AND {q('AsOf')} = ({newest}) ORDER BY {q('MaxAbsZ')} DESC"
    )
    return engine.query(sql, [machine.equip_id, machine.equip_id]).to_dicts()
