"""Known faults of a simulated machine: the file that holds them, and their comparison with the stored episodes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import polars as pl

from acm_etl.engine import Engine
from acm_etl.io.connect import find_store_file
from acm_etl.load.machines import equipment
from acm_etl.results import FaultDetection, TruthComparison


def truth_path(url: str, equip: str) -> Path:
    """Return the path of a machine's known faults: next to an embedded store, else in the working folder."""
    # A store on a server or in memory has no folder of its own.
    base = find_store_file(url) or "acm"
    # The code of a machine may contain a slash or any other character.
    return Path(f"{base}.{quote(equip, safe='')}.truth.json")


def compare_with_truth(engine: Engine, equip: str) -> TruthComparison | None:
    """Compare the stored episodes with the simulated faults; None if the machine is not simulated."""
    path = truth_path(engine.url, equip)
    # No ground truth is the normal case: every real machine.
    if not path.exists():
        return None
    from acm_etl import simulate  # noqa: PLC0415 - every backfill comes here, and hardly any machine is simulated

    machine = equipment.find_machine(engine, equip)
    q = engine.dialect.quote
    columns = ", ".join(map(q, ("StartTs", "EndTs", "PrimarySensor", "Culprits")))
    sql = f"SELECT {columns} FROM {q('ACM_Episodes')} WHERE {q('EquipID')} = ? ORDER BY {q('StartTs')}"
    truth = simulate.Truth.from_json(path.read_text(encoding="utf-8"))
    matches = simulate.match_episodes(truth, engine.query(sql, [machine.equip_id]))
    # No episode is expected in the first training period: its readings are the baseline. Later models do not count:
    # before they replace the first ones, those have scored the readings they are trained on.
    trained_until = _read_time(engine, machine, "SELECT MIN({TrainEnd}) AS t FROM {ModelRegistry} WHERE {EquipID} = ?")
    scored_until = _read_time(
        engine, machine, "SELECT MAX({Timestamp}) AS t FROM {ACM_Scores_Wide} WHERE {EquipID} = ?"
    )
    time_type = matches.faults.schema["End"]
    faults = matches.faults.with_columns(
        InTraining=(pl.col("End") <= pl.lit(trained_until, dtype=time_type)).fill_null(value=False),
        InScoredPeriod=(pl.col("Start") <= pl.lit(scored_until, dtype=time_type)).fill_null(value=False),
    )
    # In the order of the fields of ``FaultDetection``.
    fields = ("Name", "Kind", "Start", "End", "Found", "Episodes", "DelayHours", "Primary", "Culprit")
    detections = [FaultDetection(*row) for row in faults.select(*fields, "InTraining", "InScoredPeriod").iter_rows()]
    return TruthComparison(detections, false_episodes=matches.unmatched.height)


def _read_time(engine: Engine, machine: equipment.Equipment, sql: str) -> datetime | None:
    """Return the one time that a query of a machine gives; names in ``sql`` are braced."""
    time: datetime | None = engine.query(engine.dialect.sql(sql), [machine.equip_id]).item()
    return time
