"""Failures of a machine before a run is announced: one failed run without a window, until a backfill succeeds.

Without it, ``status`` would show a machine whose historian table is gone as idle.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import AcmError, ConflictError, TransientError, UnavailableError, UsageError
from acm_etl.load import clock, run_cleanup, runs
from acm_etl.load.episodes import outbox
from acm_etl.load.machines import equipment
from acm_etl.load.models import coldstart
from acm_etl.run import run_rows
from acm_etl.windows import Window

log = logging.getLogger(__name__)
# A wrong option concerns its user only; another process, or a store that is in use or lost, is no fault of the machine.
_NOT_RECORDED = (UsageError, ConflictError, TransientError, UnavailableError)
_UNKNOWN_SETTINGS = "not loaded"


@contextmanager
def record_failure(engine: Engine, code: str) -> Iterator[None]:
    """Record an error of the block as a failed run of the machine, then raise it again.

    Args:
        engine: The store.
        code: Machine code.
    """
    try:
        yield
    except _NOT_RECORDED:
        raise
    except AcmError as error:
        _store_failure(engine, code, error)
        raise


def clear_failure(engine: Engine, machine: equipment.Equipment) -> None:
    """Mark the failed run of a machine as superseded: a backfill has been prepared."""
    run_id = _build_run_id(machine.code)
    # Read first: a backfill that finds nothing new writes nothing.
    if not runs.has_failed(engine, run_id):
        return
    with engine.transaction():
        run_cleanup.supersede_failed_run(engine, machine.equip_id, run_id)
        outbox.rearm_failures(engine, machine.equip_id)


def _store_failure(engine: Engine, code: str, error: AcmError) -> None:
    try:
        machine = equipment.find_machine(engine, code)
        status = coldstart.read_coldstart(engine, machine.equip_id)
        # A failed training has a record of its own.
        if status is not None and status.status == "FAILED":
            return
        now = clock.utc_now()
        facts = {"EquipID": machine.equip_id, "ConfigSignature": _UNKNOWN_SETTINGS, "Stage": "score"}
        run_ids = pl.DataFrame({"RunID": [_build_run_id(code)]})
        run_log = run_rows.build_running_rows(run_ids, now=now, shared_values=facts)
        attempt = runs.start_runs(engine, run_log)["Attempt"][0]
        runs.fail_runs(engine, run_log, error, attempt=attempt, span=Window(now, now), equip_code=code)
    except AcmError as failure:  # the first error is the one to report
        log.warning("%s: its failure cannot be recorded: %s", code, failure)


def _build_run_id(code: str) -> str:
    # One per machine: a machine that fails every night has one run with many attempts.
    return runs.build_run_id(code, None, None, stage="preparation", model_version=None, signature=_UNKNOWN_SETTINGS)
