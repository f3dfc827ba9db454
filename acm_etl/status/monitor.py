"""What a running fleet does: from the store, or from the runner's status feed while it holds an embedded store."""

from __future__ import annotations

import math
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from acm_etl.config import StoreSettings
from acm_etl.engine import Engine
from acm_etl.errors import StoreError, TransientError, UnavailableError
from acm_etl.formatting import redact_url
from acm_etl.io.connect import open_store, public_store_url
from acm_etl.load import clock, equipment, migrate
from acm_etl.status import status_file

SPEED_WINDOW = timedelta(minutes=10)
"""Speed is that of the windows that were finished so lately."""
Snapshot = dict[str, Any]
_EMBEDDED_URL_PREFIX, _SERVER_URL_PREFIX = "duckdb:///", "mssql"


class Monitor:
    """Looks at a store again and again, and stays out of the way of whoever works on it.

    An embedded store is closed between two looks. The session with a server is kept, and made anew after a failure.

    Args:
        store: The store.
        codes: Machines that are wanted; all of them where empty.
    """

    def __init__(self, store: StoreSettings, codes: Sequence[str] = ()) -> None:
        self._store = store
        self._codes = tuple(codes)
        embedded = store.url.startswith(_EMBEDDED_URL_PREFIX) and ":memory:" not in store.url
        self._store_path = Path(store.url.removeprefix(_EMBEDDED_URL_PREFIX)) if embedded else None
        self._cached_snapshot: tuple[float, Snapshot] | None = None
        self._engine: Engine | None = None

    def close(self) -> None:
        """End the session with a server, if there is one."""
        engine, self._engine = self._engine, None
        if engine is not None:
            with suppress(StoreError):  # it may be lost: nothing of it is needed any more
                engine.close()

    def read_snapshot(self) -> Snapshot:
        """How things stand now.

        Returns:
            ``store``, ``at``, ``source`` (``feed`` or ``store``), ``runner`` (``pid``, ``at``, ``alive``; None where no
            feed is there), ``note`` and one row per machine under ``machines``.

        Raises:
            UsageError: There is no store, or no such machine.
            UnavailableError: The store cannot be opened, and no runner says what it does.
            TransientError: It did not answer this time, and no runner says what it does.
        """
        told, wrong = status_file.inspect_status_file(public_store_url(self._store.url))
        if told and self._store_path and is_process_alive(told["pid"]):
            return self._build_from_status_file(told, note="")
        try:
            found = self._read_from_store()
        except (UnavailableError, TransientError) as error:
            if told is None:
                raise
            return self._build_from_status_file(told, note=str(error))
        return {**found, "at": clock.utc_now(), "note": wrong, **_describe_backfill_process(told)}

    def _build_from_status_file(self, status_data: Snapshot, *, note: str) -> Snapshot:
        machines = [
            _build_row_from_status_file(code, facts, status_data)
            for code, facts in status_data["machines"].items()
            if not self._codes or code in self._codes
        ]
        return {**self._build_header("feed", note), **_describe_backfill_process(status_data), "machines": machines}

    def _build_header(self, source: str, note: str = "") -> Snapshot:
        return {"store": redact_url(self._store.url), "at": clock.utc_now(), "source": source, "note": note}

    def _read_from_store(self) -> Snapshot:
        """The store's own account; an embedded store is not opened again until its file has changed."""
        if self._cached_snapshot and self._cached_snapshot[0] == self._read_store_mtime():
            return self._cached_snapshot[1]
        engine = self._engine = self._engine or open_store(self._store, create=False)
        kept = False
        try:
            migrate.require_current_schema(engine)
            found = {**self._build_header("store"), "machines": self._query_machines(engine)}
            kept = self._store.url.casefold().startswith(_SERVER_URL_PREFIX)
        finally:
            if not kept:
                self.close()
        changed = self._read_store_mtime()
        self._cached_snapshot = (changed, found) if changed is not None else None
        return found

    def _read_store_mtime(self) -> float | None:
        """When the file of an embedded store was written last."""
        return self._store_path.stat().st_mtime if self._store_path and self._store_path.exists() else None

    def _query_machines(self, engine: Engine) -> list[Snapshot]:
        for code in self._codes:
            equipment.find_machine(engine, code)
        speeds, failures, running = _query_throughput(engine), _count_failures(engine), _query_running_windows(engine)
        health = _query_health(engine)
        q = engine.dialect.quote
        columns = ("EquipID", "EquipCode", "ColdstartStatus", "LastBatchEndTime", "BatchesCompleted", "TickMinutes",
                   "DataMax", "LastOutcome", "LastError")  # fmt: skip
        rows = engine.query(
            f"SELECT {', '.join(map(q, columns))} FROM {q('ACM_BatchStatus')} ORDER BY {q('EquipCode')}"
        )
        return [
            {
                **_compute_progress(row),
                **speeds.get(row["EquipID"], {"rows": 0, "rows_per_second": None}),
                "failures": failures.get(row["EquipID"], 0),
                "health": health.get(row["EquipID"]),
                **_describe_activity(row, running.get(row["EquipID"])),
            }
            for row in rows.iter_rows(named=True)
            if not self._codes or row["EquipCode"] in self._codes
        ]


def is_process_alive(pid: int) -> bool:
    """Whether a process of this host still runs; on Windows, where asking would interrupt it, it is believed."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it runs, as somebody else
    return True


def _describe_backfill_process(status_data: Snapshot | None) -> Snapshot:
    """Return the process that writes the status file, under ``runner``."""
    if status_data is None:
        return {"runner": None}
    said = datetime.fromisoformat(status_data["at"]).replace(tzinfo=None)
    runner = {"pid": status_data["pid"], "at": said, "alive": is_process_alive(status_data["pid"])}
    return {"runner": runner}


def _build_row_from_status_file(code: str, machine_data: Snapshot, status_data: Snapshot) -> Snapshot:
    """A machine as the feed has it."""
    times = [machine_data.get("begun"), machine_data.get("ended") or status_data["at"]]
    begun, until = (datetime.fromisoformat(time) if time else None for time in times)
    seconds = (until - begun).total_seconds() if begun and until else 0.0
    outcome = machine_data.get("outcome")
    stage = " ".join(filter(None, (machine_data.get("stage"), machine_data.get("detail"))))
    return {
        "machine": code,
        "state": outcome or ("running" if is_process_alive(status_data["pid"]) else "dead"),
        "doing": "" if outcome else stage,
        "windows": machine_data.get("windows_done", 0),
        "of": machine_data.get("windows"),
        "rows": machine_data.get("rows", 0),
        "rows_per_second": machine_data.get("rows", 0) / seconds if seconds > 0 else None,
        "failures": int(outcome == "failed"),
        "lag_hours": None,
        "health": None,
        "error": None,
    }


def _compute_progress(row: Snapshot) -> Snapshot:
    """How far a machine is, and what is left of the readings that are known."""
    end, newest = row["LastBatchEndTime"], row["DataMax"]
    behind = max(newest - end, timedelta()) if end and newest else None
    left = math.floor(behind / timedelta(minutes=row["TickMinutes"])) if behind is not None else None
    done = row["BatchesCompleted"] or 0
    return {
        "machine": row["EquipCode"],
        "windows": done,
        "of": None if left is None else done + left,
        "lag_hours": None if behind is None else behind / timedelta(hours=1),
    }


def _describe_activity(row: Snapshot, run: Snapshot | None) -> Snapshot:
    """What is done with a machine now, or how that ended."""
    if run:
        doing = f"{run['Runs']} windows by {run['Holder']} since {run['Since']:%H:%M:%S}"
        return {"state": "running" if _is_holder_alive(run["Holder"]) else "dead", "doing": doing, "error": None}
    if row["LastOutcome"] == "FAIL":
        return {"state": "failed", "doing": "", "error": row["LastError"]}
    if row["LastBatchEndTime"] is None:
        return {"state": "waiting", "doing": f"coldstart {row['ColdstartStatus']}", "error": None}
    return {"state": "idle", "doing": "", "error": None}


def _is_holder_alive(holder: str | None) -> bool:
    """Whether ``host:pid`` still runs; what runs on another host is believed to."""
    host, _, pid = (holder or "").rpartition(":")
    return host != socket.gethostname() or not pid.isdigit() or is_process_alive(int(pid))


def _query_throughput(engine: Engine) -> dict[int, Snapshot]:
    """Readings of the windows that were finished lately, and how fast they were."""
    q = engine.dialect.quote
    first, last, read = q("AttemptStartedAt"), q("CompletedAt"), q("RowsRead")
    rows = engine.query(
        f"SELECT {q('EquipID')}, SUM({read}) AS n, MIN({first}) AS a, MAX({last}) AS b\nFROM {q('RunLog')}\n"
        f"WHERE {last} >= ? AND {q('Outcome')} = 'OK' AND {q('Stage')} = 'score'\nGROUP BY {q('EquipID')}",
        [clock.utc_now() - SPEED_WINDOW],
    )
    found = {}
    for equip_id, number, begun, ended in rows.iter_rows():
        seconds = (ended - begun).total_seconds()
        speed = float(number or 0) / seconds if seconds > 0 else None
        found[equip_id] = {"rows": int(number or 0), "rows_per_second": speed}
    return found


def _count_failures(engine: Engine) -> dict[int, int]:
    q = engine.dialect.quote
    sql = (
        f"SELECT {q('EquipID')}, COUNT(*) AS n FROM {q('RunLog')} WHERE {q('Outcome')} = 'FAIL' GROUP BY {q('EquipID')}"
    )
    return {equip_id: int(number) for equip_id, number in engine.query(sql).iter_rows()}


def _query_running_windows(engine: Engine) -> dict[int, Snapshot]:
    """Windows that are announced, and by whom."""
    q = engine.dialect.quote
    rows = engine.query(
        f"SELECT {q('EquipID')}, COUNT(*) AS {q('Runs')}, MIN({q('AttemptStartedAt')}) AS {q('Since')},"
        f" MAX({q('Holder')}) AS {q('Holder')}\n"
        f"FROM {q('RunLog')} WHERE {q('Outcome')} = 'RUNNING' GROUP BY {q('EquipID')}"
    )
    return {row["EquipID"]: row for row in rows.iter_rows(named=True)}


def _query_health(engine: Engine) -> dict[int, str]:
    q = engine.dialect.quote
    columns = ", ".join(map(q, ("EquipID", "HealthIndex", "HealthZone")))
    rows = engine.query(f"SELECT {columns} FROM {q('ACM_HealthTimeline_Latest')}")
    return {equip_id: f"{health:.0f} {zone}" for equip_id, health, zone in rows.iter_rows()}
