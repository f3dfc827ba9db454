"""Settings in force with their sources, and the settings stored in the database."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from acm_etl import config, formatting, redaction, setting_sources
from acm_etl.config import Config
from acm_etl.engine import Engine
from acm_etl.load.machines import equipment, machine_settings
from acm_etl.load.machines.machine_settings import ALL_MACHINES_ID
from acm_etl.load.schema import migrate

SettingSource = Literal["default", "all_machines", "machine", "file", "environment", "option"]
"""Sources of a setting, weakest first."""
_ADDRESS_SETTINGS = ("store.url", "backfill.scheduler")


@dataclass(frozen=True, slots=True)
class SettingValue:
    """A setting in force.

    Attributes:
        name: Dotted name, e.g. ``backfill.tick``.
        value: Value in force: number, text, list or mapping; durations as text, e.g. ``12h``; secrets are masked.
        default: Value if no source gives one.
        source: Source of the value.
        meaning: Meaning of the setting, with its unit.
        variable: Environment variable that sets it.
    """

    name: str
    value: Any
    default: Any
    source: SettingSource
    meaning: str
    variable: str


@dataclass(frozen=True, slots=True)
class StoredSettingChange:
    """A setting that was stored in or removed from the database.

    Attributes:
        name: Dotted name.
        equip: Machine code; None for all machines.
        old_value: Value before, in TOML notation; None if the setting was not stored.
        new_value: Value from now on; None if it was removed.
    """

    name: str
    equip: str | None
    old_value: str | None
    new_value: str | None


def list_settings(
    options: Mapping[str, Any],
    *,
    toml_path: Path | None = None,
    stored: Mapping[SettingSource, Mapping[str, str]] | None = None,
) -> list[SettingValue]:
    """List every setting with its value in force and the source of the value.

    Args:
        options: Settings from the command line by dotted name.
        toml_path: Settings file.
        stored: Settings in the database by source (``all_machines``, ``machine``) and name.

    Raises:
        ConfigError: A setting is unknown, or its value is out of range.
    """
    # A later source overrides an earlier one in the dict: settings of the machine come after those of all machines.
    rows = {name: value for values in (stored or {}).values() for name, value in values.items()}
    # By the loader of a backfill, so that this list cannot differ from the settings with which a backfill runs.
    current = config.load_config(options, path=toml_path, config_rows=rows)
    # The loader merges the sources and forgets the origin of a value: names are collected once more, without values.
    sources = dict(_iter_given_names(options, toml_path, stored or {}))
    defaults = dict(Config())
    return [
        SettingValue(
            name=f"{section}.{name}",
            value=_to_plain_value(f"{section}.{name}", getattr(part, name)),
            default=_to_plain_value(f"{section}.{name}", getattr(defaults[section], name)),
            source=sources.get(f"{section}.{name}", "default"),
            meaning=field.description or "",
            variable=setting_sources.variable_name(section, name),
        )
        for section, part in current
        for name, field in type(part).model_fields.items()
    ]


def list_machine_settings(
    engine: Engine, code: str, options: Mapping[str, Any], *, toml_path: Path | None = None
) -> list[SettingValue]:
    """List every setting of a machine, those stored in the database included; see ``list_settings``.

    Raises:
        UsageError: The machine is unknown.
        ConfigError: A setting is unknown, or its value is out of range.
    """
    migrate.require_current_schema(engine)
    equip_id = equipment.find_machine(engine, code).equip_id
    # Only the name and the value; who changed a setting and when is in ACM_ConfigHistory.
    by_id = {
        number: {row.name: row.value for row in machine_settings.list_settings(engine, number)}
        for number in (ALL_MACHINES_ID, equip_id)
    }
    stored: dict[SettingSource, Mapping[str, str]] = {
        "all_machines": by_id[ALL_MACHINES_ID],
        "machine": by_id[equip_id],
    }
    return list_settings(options, toml_path=toml_path, stored=stored)


def set_setting(
    engine: Engine, name: str, value: str, *, equip: str | None, changed_by: str, reason: str | None
) -> StoredSettingChange:
    """Store a setting for one machine, or for all machines; see ``load.machine_settings.set_setting``."""
    change = machine_settings.set_setting(
        engine, _find_equip_id(engine, equip), name, value, changed_by=changed_by, reason=reason
    )
    return StoredSettingChange(change.name, equip, change.old_value, change.new_value)


def unset_setting(
    engine: Engine, name: str, *, equip: str | None, changed_by: str, reason: str | None
) -> StoredSettingChange:
    """Remove a stored setting of one machine, or of all machines; see ``load.machine_settings.unset_setting``."""
    change = machine_settings.unset_setting(
        engine, _find_equip_id(engine, equip), name, changed_by=changed_by, reason=reason
    )
    return StoredSettingChange(change.name, equip, change.old_value, change.new_value)


def _find_equip_id(engine: Engine, equip: str | None) -> int:
    # An unknown machine must be an error: a setting that is stored under a wrong id would never have an effect.
    migrate.require_current_schema(engine)
    return ALL_MACHINES_ID if equip is None else equipment.find_machine(engine, equip).equip_id


def _iter_given_names(
    options: Mapping[str, Any], toml_path: Path | None, stored: Mapping[SettingSource, Mapping[str, str]]
) -> Iterator[tuple[str, SettingSource]]:
    """Yield the names that each source gives, weakest source first: in a dict, the strongest remains."""
    for source, values in stored.items():
        # A source may still have the old name of a setting; the list has the current names.
        yield from ((setting_sources.RENAMED_SETTINGS.get(name, name), source) for name in values)
    nested: list[tuple[SettingSource, Mapping[str, Any]]] = [
        ("file", setting_sources.read_toml(toml_path) if toml_path else {}),
        ("environment", setting_sources.read_environment(os.environ)),
        ("option", setting_sources.nest_names(options)),
    ]
    for source, sections in nested:
        for section, values in sections.items():
            names = (f"{section}.{key}" for key in values)
            yield from ((setting_sources.RENAMED_SETTINGS.get(name, name), source) for name in names)


def _to_plain_value(name: str, value: object) -> object:
    """Convert a value for JSON: durations become text as in the settings file, and secrets of addresses are masked."""
    if name in _ADDRESS_SETTINGS and isinstance(value, str):
        return redaction.redact_address(value)
    return formatting.format_setting(value) if isinstance(value, (str, timedelta)) else value
