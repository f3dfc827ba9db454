"""Simulated machines: write their readings and their known faults."""

from __future__ import annotations

from collections.abc import Callable

from acm_etl.admin import ingest
from acm_etl.admin.ground_truth import truth_path
from acm_etl.config import Config
from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.io.connect import open_store
from acm_etl.load.machines import equipment
from acm_etl.load.schema import migrate
from acm_etl.results import SimulationReport
from acm_etl.simulate import Simulation


def write_simulation(
    equip: str, simulate_readings: Callable[[], Simulation], *, if_missing: bool, config: Config
) -> SimulationReport:
    """Write simulated readings to a machine's historian table, and the known faults to a file next to the store.

    Args:
        equip: Machine code.
        simulate_readings: Called for the history, if it is needed.
        if_missing: Do nothing if the machine has readings.
        config: Settings; they name the store.

    Raises:
        UsageError: The machine has readings.
    """
    # Closed before the import, which opens the store itself.
    engine = open_store(config.store)
    try:
        migrate.complete_schema(engine)
        # The URL of the engine and not of the settings: the same store always gives the same path of the ground truth.
        stored, url = _count_readings(engine, equip), engine.url
    finally:
        engine.close()
    # For scripts that run at every start of a demonstration.
    if stored and if_missing:
        return SimulationReport(equip, stored, None, f"already has {stored:,} readings; nothing simulated")
    # Two simulations in one table would mix readings of two seeds, and match neither ground truth.
    if stored:
        message = f"{equip} already has {stored:,} readings; simulate another machine, or use --if-missing"
        raise UsageError(message)
    history = simulate_readings()
    # As they are: the duplicates and impossible cells of a simulation test how a backfill treats a dirty historian.
    ingest.load_frame(history.frame, equip=equip, time_zone="UTC", config=config)
    path = truth_path(url, equip)
    # After the readings: a ground truth without readings would make every backfill report missed faults.
    path.write_text(history.truth.to_json(), encoding="utf-8")
    fault_count = f"{len(history.truth.faults)} known faults"
    message = f"{history.frame.height:,} simulated readings with {fault_count}; ground truth written to {path}"
    return SimulationReport(equip, history.frame.height, str(path), message)


def _count_readings(engine: Engine, equip: str) -> int:
    """Return the number of readings of a machine; 0 if it is not registered."""
    machine = equipment.find_registered(engine, equip)
    # A failed attempt may have registered the machine and created no table.
    if machine is None or not engine.get_column_types(machine.table):
        return 0
    return int(engine.query(engine.dialect.sql("SELECT COUNT(*) AS n FROM {table}", table=[machine.table])).item())
