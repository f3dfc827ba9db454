"""Models of a machine: request new ones, or delete them with all results."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.load.machines import equipment
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.maintenance import replay
from acm_etl.load.models import coldstart, refit_requests, registry
from acm_etl.load.schema import migrate


@dataclass(frozen=True, slots=True)
class RefitRequestResult:
    """Result of a request for new models.

    Attributes:
        equip: Machine code.
        created: False if a request was pending already: its reason stays.
        last_decision: Text of the newest decision before; None if there is none.
    """

    equip: str
    created: bool
    last_decision: str | None = None


@dataclass(frozen=True, slots=True)
class ResetResult:
    """Result of a reset.

    Attributes:
        equip: Machine code.
        coldstart_only: Whether only the initial training was reset.
        previous_coldstart: Status of the initial training before; None if it was never tried.
        deleted_rows: Deleted rows by table.
        superseded_runs: Runs marked SUPERSEDED.
    """

    equip: str
    coldstart_only: bool
    previous_coldstart: str | None
    deleted_rows: dict[str, int] = field(default_factory=dict)
    superseded_runs: int = 0


def require_machine(engine: Engine, code: str) -> Equipment:
    """Return a machine of a store with a current schema.

    Raises:
        UsageError: The machine is unknown.
    """
    # A reset deletes by the declared tables: with another schema it could leave rows behind.
    migrate.require_current_schema(engine)
    return equipment.find_machine(engine, code)


def request_refit(engine: Engine, code: str, *, reason: str, requester: str) -> RefitRequestResult:
    """Request new models of a machine; the next backfill past a day boundary trains and validates them.

    Args:
        engine: The store.
        code: Machine code.
        reason: Why, for the record.
        requester: Login name of the user.

    Raises:
        UsageError: The machine is unknown, or has no models yet.
    """
    machine = require_machine(engine, code)
    # Version 1 is the next one only if no models exist; the coldstart trains them without a request.
    if registry.next_model_version(engine, machine.equip_id) == 1:
        message = f"{code} has no models yet: its first backfill trains them (acm-etl backfill --equip {code})"
        raise UsageError(message)
    created = refit_requests.create_refit_request(engine, machine.equip_id, reason=reason, requester=requester)
    decided = refit_requests.read_refit_requests(engine, machine.equip_id).filter(pl.col("Status") != "PENDING")
    return RefitRequestResult(code, created, decided["Message"][-1] if decided.height else None)


def reset_machine(engine: Engine, code: str, *, coldstart_only: bool = False) -> ResetResult:
    """Delete a machine's models, progress and results, or only let a failed initial training be retried.

    Args:
        engine: The store.
        code: Machine code.
        coldstart_only: Keep all data; the next backfill retries the initial training at once.

    Raises:
        UsageError: The machine is unknown, or its initial training is complete (with ``coldstart_only``).
        ConflictError: Another process has locked the machine.
    """
    machine = require_machine(engine, code)
    # A running backfill would publish results of the old models after the reset.
    with engine.acquire_lock(code):
        state = coldstart.read_coldstart(engine, machine.equip_id)
        previous = state.status if state else None
        # The replay deletes results, models and progress in one transaction: a reset is complete or has not happened.
        if not coldstart_only:
            rewind = replay.reset_machine_data(engine, machine.equip_id)
            return ResetResult(code, coldstart_only, previous, rewind.deleted_rows, rewind.superseded_runs)
        _reset_coldstart(engine, machine, previous)
        return ResetResult(code, coldstart_only, previous)


def _reset_coldstart(engine: Engine, machine: Equipment, status: str | None) -> None:
    # Refused instead of ignored: the user expects new models, which this option does not train.
    if status == "COMPLETE":
        message = (
            f"the initial training (coldstart) of {machine.code} is COMPLETE; to train new models, run "
            f"acm-etl refit {machine.code}, or reset the machine without --coldstart-only"
        )
        raise UsageError(message)
    # Without a status the training was never tried: the next backfill tries it anyway.
    if status is not None:
        with engine.transaction():
            coldstart.reset_coldstart(engine, machine.equip_id)
