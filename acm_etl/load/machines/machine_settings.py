"""Settings stored in ACM_Config, for one machine or for all machines, with a history of their changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl import config, setting_sources
from acm_etl.engine import Engine
from acm_etl.errors import ConfigError
from acm_etl.load.clock import utc_now
from acm_etl.load.staging import UpsertCounts, upsert_frame
from acm_etl.tables.reference import CONFIG, CONFIG_HISTORY

_NEW_VALUE_COLUMNS = ("ParamPath", "NewValue")
ALL_MACHINES_ID = 0
"""EquipID of settings that hold for all machines."""
_NOT_PER_MACHINE = ("store.", "notify.", "backfill.workers", "backfill.scheduler")
"""Settings that are read before ACM_Config, so that a row there would have no effect."""


@dataclass(frozen=True, slots=True)
class StoredSetting:
    """A row of ACM_Config.

    Attributes:
        equip_id: Machine; ``ALL_MACHINES_ID`` for all machines.
        name: Dotted name.
        value: Value in TOML notation.
        updated_at: Time of the last change, UTC.
        updated_by: Login name of the user who made it.
    """

    equip_id: int
    name: str
    value: str
    updated_at: datetime
    updated_by: str | None


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A change of ACM_Config.

    Attributes:
        equip_id: Machine; ``ALL_MACHINES_ID`` for all machines.
        name: Dotted name.
        old_value: Value before in TOML notation; None if the setting was not stored.
        new_value: Value from now on; None if the setting was removed.
    """

    equip_id: int
    name: str
    old_value: str | None
    new_value: str | None


def set_setting(
    engine: Engine,
    equip_id: int,
    name: str,
    value: str,
    *,
    changed_by: str | None = None,
    reason: str | None = None,
) -> SettingChange:
    """Check a setting and store it.

    Args:
        engine: The store.
        equip_id: Machine; ``ALL_MACHINES_ID`` for all machines.
        name: Dotted name; an old name is stored as the current one.
        value: Value in TOML notation; text needs no quotes.
        changed_by: Login name of the user.
        reason: Why, for the history.

    Raises:
        ConfigError: The setting is unknown, not stored per machine, out of range, or contradicts another stored one.
    """
    # Stored under the current name only, so that one setting has one row.
    name = setting_sources.RENAMED_SETTINGS.get(name, name)
    # Refused, because the row would be listed as in force and never be read.
    if name.startswith(_NOT_PER_MACHINE):
        message = f"{name} cannot be stored in the database; set it with an option, a variable or in the settings file"
        raise ConfigError(message)
    if isinstance(setting_sources.parse_value(value), str) and not value.startswith(('"', "'")):
        value = json.dumps(value, ensure_ascii=False)  # the notation of a TOML string
    # With the stored settings: two values can each be valid and contradict each other.
    _check_stored_settings(engine, equip_id, {name: value})
    old_value = _read_own_settings(engine, equip_id).get(name)
    save_settings(engine, equip_id, {name: value}, changed_by=changed_by, reason=reason)
    return SettingChange(equip_id, name, old_value, value)


def unset_setting(
    engine: Engine, equip_id: int, name: str, *, changed_by: str | None = None, reason: str | None = None
) -> SettingChange:
    """Remove a stored setting; the next source in the order of precedence applies again.

    Args:
        engine: The store.
        equip_id: Machine; ``ALL_MACHINES_ID`` for all machines.
        name: Dotted name.
        changed_by: Login name of the user.
        reason: Why, for the history.

    Raises:
        ConfigError: The setting is not stored.
    """
    # Only the own rows: a shared setting cannot be removed for one machine.
    own = _read_own_settings(engine, equip_id)
    if name not in own:
        stored = ", ".join(own) or "none"
        owner = "all machines" if equip_id == ALL_MACHINES_ID else "this machine"
        message = f"{name} is not stored in ACM_Config for {owner}; stored there: {stored}"
        raise ConfigError(message)
    # The column NewValue is NOT NULL since the first version: an empty text records the removal.
    changes = _find_changed_settings(engine, equip_id, {name: ""})
    with engine.transaction():
        _record_changes(engine, equip_id, changes, changed_by=changed_by, reason=reason)
        delete = engine.dialect.sql("DELETE FROM {ACM_Config} WHERE {EquipID} = ? AND {ParamPath} = ?")
        engine.execute(delete, [equip_id, name])
    return SettingChange(equip_id, name, own[name], None)


def list_settings(engine: Engine, equip_id: int | None = None) -> list[StoredSetting]:
    """List stored settings by machine and name.

    Args:
        engine: The store.
        equip_id: Only those of this machine; ``ALL_MACHINES_ID`` for those of all machines, None for every row.
    """
    where, params = ("", []) if equip_id is None else ("WHERE {EquipID} = ? ", [equip_id])
    sql = engine.dialect.sql(
        # In the order of the fields of ``StoredSetting``.
        "SELECT {EquipID}, {ParamPath}, {ParamValue}, {UpdatedAt}, {UpdatedBy} FROM {ACM_Config}"
        f" {where}ORDER BY {{EquipID}}, {{ParamPath}}"
    )
    return [StoredSetting(*row) for row in engine.query(sql, params).iter_rows()]


def _read_own_settings(engine: Engine, equip_id: int) -> dict[str, str]:
    return {setting.name: setting.value for setting in list_settings(engine, equip_id)}


def _check_stored_settings(engine: Engine, equip_id: int, values: dict[str, str]) -> None:
    """Check new values together with the stored settings of every machine that they concern.

    Raises:
        ConfigError: A value is wrong by itself, or contradicts a stored one.
    """
    # A shared value concerns every machine with own settings: each combination is a run that could fail at night.
    own = {row.equip_id: _read_own_settings(engine, row.equip_id) for row in list_settings(engine)}
    shared = own.pop(ALL_MACHINES_ID, {})
    if equip_id == ALL_MACHINES_ID:
        # A machine without own settings sees the shared ones only.
        combined = [{**shared, **values}, *({**shared, **values, **rows} for rows in own.values())]
    else:
        combined = [{**shared, **own.get(equip_id, {}), **values}]
    for rows in combined:
        # An empty environment: the check must not depend on the variables of the user who stores the setting.
        config.load_config(config_rows=rows, environ={})


def read_settings(engine: Engine, equip_id: int) -> dict[str, str]:
    """Return the stored settings of a machine by name: those of all machines, overridden by its own."""
    # ALL_MACHINES_ID is the lowest id: in this order a machine's own value replaces the shared one in the dict.
    sql = engine.dialect.sql(
        "SELECT {ParamPath}, {ParamValue} FROM {ACM_Config}\nWHERE {EquipID} IN (?, ?) ORDER BY {EquipID}, {ParamPath}"
    )
    return dict(engine.query(sql, [ALL_MACHINES_ID, equip_id]).iter_rows())


def save_settings(
    engine: Engine, equip_id: int, values: dict[str, str], *, changed_by: str | None = None, reason: str | None = None
) -> UpsertCounts:
    """Store settings without a check; record the changes in ACM_ConfigHistory in the same transaction.

    Args:
        engine: The store.
        equip_id: Machine; ``ALL_MACHINES_ID`` for all machines.
        values: Values in TOML notation by dotted name.
        changed_by: Login name of the user.
        reason: Why, for the history.
    """
    rows = [
        {"EquipID": equip_id, "ParamPath": path, "ParamValue": value, "UpdatedAt": utc_now(), "UpdatedBy": changed_by}
        for path, value in values.items()
    ]
    with engine.transaction():
        changes = _find_changed_settings(engine, equip_id, values)
        _record_changes(engine, equip_id, changes, changed_by=changed_by, reason=reason)
        return upsert_frame(engine, CONFIG, pl.DataFrame(rows, schema=CONFIG.polars_schema))


def _record_changes(
    engine: Engine, equip_id: int, changes: pl.DataFrame, *, changed_by: str | None, reason: str | None
) -> None:
    """Append changes to ACM_ConfigHistory, inside the transaction of the caller."""
    if changes.is_empty():
        return
    schema = pl.Schema(CONFIG_HISTORY.polars_schema)
    # Append-only: who changed what stays readable after the setting is gone.
    history = changes.with_columns(
        EquipID=pl.lit(equip_id, pl.Int32),
        ChangedAt=pl.lit(utc_now()),
        ChangedBy=pl.lit(changed_by),
        ChangeReason=pl.lit(reason),
    )
    upsert_frame(engine, CONFIG_HISTORY, history.select(*schema).cast(schema))


def _find_changed_settings(engine: Engine, equip_id: int, values: dict[str, str]) -> pl.DataFrame:
    """Return the settings whose value changes: ParamPath, OldValue, NewValue and Revision, counted from 1."""
    sql = engine.dialect.sql
    stored = engine.query(
        sql("SELECT {ParamPath}, {ParamValue} AS {OldValue} FROM {ACM_Config} WHERE {EquipID} = ?"), [equip_id]
    )
    revisions = engine.query(
        sql("SELECT {ParamPath}, COUNT(*) AS n FROM {ACM_ConfigHistory} WHERE {EquipID} = ? GROUP BY {ParamPath}"),
        [equip_id],
    )
    requested = pl.DataFrame(
        {"ParamPath": values.keys(), "NewValue": values.values()}, schema=dict.fromkeys(_NEW_VALUE_COLUMNS, pl.String)
    )
    joined = requested.join(stored, on="ParamPath", how="left").join(revisions, on="ParamPath", how="left")
    # ne_missing: a setting that was not stored before has NULL as its old value, which differs from any value.
    changed = joined.filter(pl.col("OldValue").ne_missing(pl.col("NewValue")))
    return changed.with_columns(Revision=pl.col("n").fill_null(0) + 1)
