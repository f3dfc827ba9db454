"""What is done to a store by hand: machines added and reset, new models asked for, what is old deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from acm_etl import config as settings
from acm_etl.config import RetentionSettings
from acm_etl.engine import Engine
from acm_etl.errors import AcmError, ConfigError, StoreError, UsageError
from acm_etl.load import coldstart, equipment, migrate, refit_requests, registry, replay, retention
from acm_etl.load import machine_settings as stored_settings
from acm_etl.load.equipment import Equipment


def add_equipment(
    engine: Engine,
    code: str,
    *,
    time_zone: str,
    table: str | None = None,
    time_column: str = "EntryDateTime",
    name: str | None = None,
) -> dict[str, Any]:
    """Register a machine whose historian table exists, with every column of numbers as a tag.

    Doing it again takes in the columns that the table has gained since.

    Raises:
        UsageError: The code is taken, the zone unknown, or the table is missing or unfit; nothing is registered.
    """
    migrate.init_schema(engine)
    place = table or f"{code}{equipment.HISTORIAN_TABLE_SUFFIX}"
    numbers, others = _classify_columns(engine, place, time_column)
    known = next((machine for machine in equipment.read_machines(engine) if machine.code == code), None)
    if known is None:
        machine = equipment.register_machine(
            engine, code, time_zone=time_zone, table=table, time_column=time_column, name=name
        )
    else:
        machine = _check_same_registration(known, (time_zone, place, time_column))
    new, retired = equipment.sync_tags(engine, machine)
    return {
        "EquipID": machine.equip_id,
        "code": code,
        "table": machine.table,
        "tags": len(numbers),
        "new": new,
        "retired": retired,
        "left_out": others,
    }


def _classify_columns(engine: Engine, table: str, time_column: str) -> tuple[list[str], list[str]]:
    """Columns of a historian table that hold numbers, and those that hold something else.

    Raises:
        UsageError: It cannot be a machine's historian table.
    """
    types = engine.get_column_types(table)
    if not types:
        known = (
            ", ".join(
                f"{found}{equipment.HISTORIAN_TABLE_SUFFIX}" for found in equipment.find_unregistered_codes(engine)
            )
            or "none"
        )
        message = f"there is no table {table!r}; historian tables without a machine: {known}; name one with --table"
        raise UsageError(message)
    if time_column not in types:
        message = (
            f"{table!r} has no column {time_column!r}; name its column of times with --time-column ({', '.join(types)})"
        )
        raise UsageError(message)
    kind = types.pop(time_column)
    if not equipment.is_naive_timestamp_type(kind):
        message = f"column {time_column!r} of {table!r} is {kind}; it has to be a timestamp without a zone, in UTC"
        raise UsageError(message)
    numbers = [name for name, type_ in types.items() if equipment.is_numeric_type(type_)]
    if not numbers:
        message = f"{table!r} has no column of numbers besides {time_column!r}: there is nothing to score"
        raise UsageError(message)
    return numbers, [name for name in types if name not in numbers]


def _check_same_registration(registered: Equipment, requested: tuple[str, str, str]) -> Equipment:
    stored = (registered.time_zone, registered.table, registered.time_column)
    if stored != requested:
        message = (
            f"{registered.code!r} is registered already, with {', '.join(stored)}; now asked for {', '.join(requested)}"
        )
        raise UsageError(message)
    return registered


def reset_machine(engine: Engine, code: str, *, coldstart_only: bool = False) -> str:
    """Forget a machine's models, progress and results, or only let its coldstart be tried again.

    Returns:
        What was done, in words.

    Raises:
        UsageError: There is no such machine, or its coldstart is done and not to be tried again.
        ConflictError: A runner holds it.
    """
    migrate.require_current_schema(engine)
    machine = equipment.find_machine(engine, code)
    with engine.acquire_machine_lock(code):
        if coldstart_only:
            return _reset_coldstart(engine, machine)
        done = replay.reset_machine_data(engine, machine.equip_id)
    rows = sum(done.deleted_rows.values())
    return f"{rows:,} rows deleted, {done.superseded_runs:,} runs superseded; the next backfill starts afresh"


def request_refit(engine: Engine, code: str, *, reason: str, requester: str) -> str:
    """Ask for new models of a machine; its next backfill decides.

    Returns:
        What was done, in words.

    Raises:
        UsageError: There is no such machine, or it has no models yet.
    """
    migrate.require_current_schema(engine)
    machine = equipment.find_machine(engine, code)
    if registry.next_model_version(engine, machine.equip_id) == 1:
        message = f"{code} has no models yet: its first backfill trains them (acm-etl backfill --equip {code})"
        raise UsageError(message)
    if not refit_requests.create_refit_request(engine, machine.equip_id, reason=reason, requester=requester):
        return "a request is pending already; the next backfill decides it"
    return "requested; decided by the backfill that reaches the next day boundary (UTC)"


def apply_retention(
    engine: Engine,
    codes: Sequence[str],
    *,
    options: Mapping[str, Any],
    toml_path: Path | None = None,
    apply: bool = False,
) -> dict[str, Any]:
    """What has expired, deleted if told to: ``expired``, a row per machine and table; ``failed``, a row per machine.

    Nothing is deleted before the settings of all machines are known to be sound. A machine that fails, one that is held
    by a runner say, keeps none of the others from being told about.

    Args:
        engine: The store.
        codes: Machines; where empty, all that have something set to expire.
        options: Settings from the command line, the strongest.
        toml_path: Settings file.
        apply: Delete it.

    Raises:
        UsageError: There is no such machine, nothing is set to expire, or a setting is wrong.
    """
    migrate.require_current_schema(engine)
    machines = [equipment.find_machine(engine, code) for code in codes] or equipment.read_machines(engine)
    kept = [(machine, _load_retention_settings(engine, machine, options, toml_path)) for machine in machines]
    without = [machine.code for machine, keep in kept if keep == RetentionSettings()]
    if without and (codes or len(without) == len(machines)):
        message = (
            f"nothing of {', '.join(without)} is set to expire: say so with --time-days and its like, or with the "
            "settings retention.* (acm-etl config lists them)"
        )
        raise UsageError(message)
    found: dict[str, Any] = {"expired": [], "failed": []}
    for machine, keep in kept:
        if keep == RetentionSettings():
            continue
        try:
            found["expired"] += _apply_machine_retention(engine, machine, keep, apply=apply)
        except AcmError as error:
            # it takes many transactions: those before the one that failed stand
            part = apply and isinstance(error, StoreError)
            told = f"{error}; a part may be deleted already, doing it again finishes it" if part else str(error)
            found["failed"].append({"machine": machine.code, "error": told, "exit_code": error.exit_code})
    return found


def _load_retention_settings(
    engine: Engine, machine: Equipment, options: Mapping[str, Any], toml_path: Path | None
) -> RetentionSettings:
    """How long the rows of a machine are kept.

    Raises:
        ConfigError: A setting is wrong; the machine is named.
    """
    rows = stored_settings.read_settings(engine, machine.equip_id)
    try:
        return settings.load_config(options, path=toml_path, config_rows=rows).retention
    except ConfigError as error:
        message = f"{machine.code}: {error}; nothing was deleted"
        raise ConfigError(message) from error


def _apply_machine_retention(
    engine: Engine, machine: Equipment, limits: RetentionSettings, *, apply: bool
) -> list[dict[str, Any]]:
    with engine.acquire_machine_lock(machine.code):
        expired = retention.expire_machine_rows(engine, machine.equip_id, limits, apply=apply)
    return [{"machine": machine.code, **asdict(one)} for one in expired]


def _reset_coldstart(engine: Engine, machine: Equipment) -> str:
    state = coldstart.read_coldstart(engine, machine.equip_id)
    if state is None:
        return "no coldstart was tried yet; nothing to reset"
    if state.status == "COMPLETE":
        message = (
            f"the coldstart of {machine.code} is COMPLETE; to train anew, reset the machine without --coldstart-only"
        )
        raise UsageError(message)
    with engine.transaction():
        coldstart.reset_coldstart(engine, machine.equip_id)
    return f"its coldstart was {state.status} and is tried again by the next backfill"
