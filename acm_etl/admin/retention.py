"""Retention: delete rows past their retention period, or count them without deleting."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from acm_etl import config
from acm_etl.config import RetentionSettings
from acm_etl.engine import Engine
from acm_etl.errors import AcmError, ConfigError, MachineLockedError, StoreError, UsageError
from acm_etl.load.machines import equipment, machine_settings
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.maintenance import partitions, retention
from acm_etl.load.maintenance.partitions import EmptiedTable
from acm_etl.load.schema import migrate

log = logging.getLogger(__name__)
# The defaults of all retention settings are None: nothing is deleted unless somebody asked for it.
_KEEP_EVERYTHING = RetentionSettings()


@dataclass(frozen=True, slots=True)
class PrunedTable:
    """Rows of one table and machine that are past their retention period.

    Attributes:
        machine: Machine code.
        table: Table.
        setting: Setting of the retention period.
        before: Rows before this time have expired, UTC; None if the rule is not about time.
        rows: Number of expired rows.
    """

    machine: str
    table: str
    setting: str
    before: datetime | None
    rows: int


@dataclass(frozen=True, slots=True)
class PruneFailure:
    """A machine that was not pruned, or not completely."""

    machine: str
    error: str
    exit_code: int


@dataclass(slots=True)
class PruneResult:
    """Result of a prune.

    Attributes:
        applied: Whether the rows were deleted.
        expired: Expired rows by machine and table.
        failed: Machines with an error.
    """

    applied: bool
    expired: list[PrunedTable] = field(default_factory=list)
    failed: list[PruneFailure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """Lowest exit code of the failed machines, 0 if there is none."""
        # 1 (a machine failed) before 3 (store unreachable): a lost connection may follow from the first error.
        return min((failure.exit_code for failure in self.failed), default=0)


def prune_machines(
    engine: Engine,
    codes: Sequence[str],
    *,
    options: Mapping[str, Any],
    toml_path: Path | None = None,
    apply: bool = False,
) -> PruneResult:
    """Find expired rows of machines, and delete them if ``apply`` is set.

    Nothing is deleted before the settings of all machines were read: a wrong setting of the last machine must not leave
    the first ones pruned. The error of one machine, e.g. a lock, does not affect the others.

    Args:
        engine: The store.
        codes: Machine codes; empty for all machines that have a retention period.
        options: Settings from the command line, which override all others.
        toml_path: Settings file.
        apply: Delete the rows.

    Raises:
        UsageError: A machine is unknown, or no retention period is set.
        ConfigError: A setting of a machine is wrong.
    """
    migrate.require_current_schema(engine)
    # Unknown codes raise here, before any row is deleted.
    machines = equipment.find_machines(engine, codes)
    periods = {machine: _load_periods(engine, machine, options, toml_path) for machine in machines}
    _require_periods(periods, named=bool(codes))
    result = PruneResult(apply)
    emptied = _empty_expired_partitions(engine, periods) if apply else {}
    for machine, limits in periods.items():
        if limits == _KEEP_EVERYTHING:
            continue
        try:
            expired = _prune_machine(engine, machine, limits, apply=apply)
            result.expired += [
                replace(part, rows=part.rows + emptied.get((machine.equip_id, part.table), 0)) for part in expired
            ]
        # Machines are independent: a locked machine is normal during a backfill, and the others are pruned.
        except AcmError as error:
            # Deleting takes many transactions: those before the failed one are committed.
            partial = apply and isinstance(error, StoreError)
            hint = "; some rows may be deleted already, run the command again to delete the rest" if partial else ""
            result.failed.append(PruneFailure(machine.code, f"{error}{hint}", error.exit_code))
    return result


def _empty_expired_partitions(
    engine: Engine, periods: Mapping[Equipment, RetentionSettings]
) -> dict[tuple[int, str], int]:
    """Empty the partitions whose rows have expired for all machines of the store.

    Returns:
        Number of removed rows by EquipID and table.
    """
    if not partitions.has_partitions(engine.dialect) or {*equipment.read_machines(engine)} != {*periods}:
        return {}
    emptied: list[EmptiedTable] = []
    try:
        with ExitStack() as locks:
            for machine in periods:
                locks.enter_context(engine.acquire_lock(machine.code))
            cutoffs = {
                machine.equip_id: retention.find_reading_cutoff(engine, machine.equip_id, limits)
                for machine, limits in periods.items()
            }
            # One by one: what was emptied before an error is counted.
            for part in partitions.empty_expired_partitions(engine, cutoffs):
                emptied.append(part)  # noqa: PERF402
    # A backfill works on a machine, a query reads the table, or a replication forbids it: DELETE does the rest.
    except (MachineLockedError, StoreError) as error:
        log.info("no further partition was emptied: %s", error)
    return {(equip_id, part.table): rows for part in emptied for equip_id, rows in part.row_counts.items()}


def _require_periods(periods: Mapping[Equipment, RetentionSettings], *, named: bool) -> None:
    """Check that each named machine has a retention period, or at least one of all machines.

    Raises:
        UsageError: There is nothing to do.
    """
    without = [machine.code for machine, limits in periods.items() if limits == _KEEP_EVERYTHING]
    # With --all, machines without a period are normal as long as one has a period.
    if without and (named or len(without) == len(periods)):
        message = (
            f"no retention period is set for {', '.join(without)}; set --time-days (or another --*-days), "
            "or a setting retention.* (acm-etl config lists them)"
        )
        raise UsageError(message)


def _load_periods(
    engine: Engine, machine: Equipment, options: Mapping[str, Any], toml_path: Path | None
) -> RetentionSettings:
    """Load the retention periods of a machine.

    Raises:
        ConfigError: A setting is wrong; the message names the machine.
    """
    # Per machine: a plant may keep the history of a few critical machines longer.
    stored = machine_settings.read_settings(engine, machine.equip_id)
    try:
        return config.load_config(options, path=toml_path, config_rows=stored).retention
    except ConfigError as error:
        message = f"{machine.code}: {error}; nothing was deleted"
        raise ConfigError(message) from error


def _prune_machine(engine: Engine, machine: Equipment, limits: RetentionSettings, *, apply: bool) -> list[PrunedTable]:
    # The lock also serves the count: a backfill would move the progress from which the periods are counted.
    with engine.acquire_lock(machine.code):
        expired = retention.expire_machine_rows(engine, machine.equip_id, limits, apply=apply)
    return [PrunedTable(machine.code, part.table, part.setting, part.before, part.rows) for part in expired]
