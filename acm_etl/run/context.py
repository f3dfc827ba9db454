"""One machine's backfill: what it is asked to do, and everything it works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from acm_etl import config as settings
from acm_etl.config import Config
from acm_etl.engine import Engine
from acm_etl.errors import ConfigError, InputError, UsageError
from acm_etl.io import historian
from acm_etl.load import equipment, registry
from acm_etl.load import machine_settings as stored_settings
from acm_etl.progress import NullProgress, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRequest:
    """What the user asked for, beyond settings. Times with an offset become naive UTC.

    Attributes:
        since: Ignore readings before this time, UTC.
        until: Ignore readings from this time on, UTC.
        final: Take the last window as final.
        restart: Replay from this window boundary, UTC.
        dry_run: Say what would be done and change nothing.
        max_windows: Stop after this many windows.
    """

    since: datetime | None = None
    until: datetime | None = None
    final: bool = False
    restart: datetime | None = None
    dry_run: bool = False
    max_windows: int | None = None

    def __post_init__(self) -> None:
        for name in ("since", "until", "restart"):
            time = getattr(self, name)
            if time is not None and time.tzinfo is not None:
                object.__setattr__(self, name, time.astimezone(UTC).replace(tzinfo=None))
        if self.since is not None and self.until is not None and self.since >= self.until:
            message = f"--from ({self.since}) must be before --to ({self.until})"
            raise UsageError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsSources:
    """Where settings come from; the machine's ACM_Config rows are read on the way.

    Attributes:
        options: Dotted names and values.
        toml_path: Settings file.
        environ: Environment to read; that of this process unless given.
    """

    options: dict[str, Any] = field(default_factory=dict)
    toml_path: Path | None = None
    environ: Mapping[str, str] | None = None

    def load_config(self, config_rows: Mapping[str, str] | None = None) -> Config:
        """Settings, with ACM_Config rows of a machine if they are given."""
        return settings.load_config(self.options, path=self.toml_path, config_rows=config_rows, environ=self.environ)

    def resolve_settings(self) -> SettingsSources:
        """The same settings wherever they are loaded: what this host's file and environment say, as options."""
        return SettingsSources(
            options=settings.collect_settings(self.options, path=self.toml_path, environ=self.environ), environ={}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineContext:
    """A machine, its settings and its historian, ready to be worked on."""

    engine: Engine
    machine: equipment.Equipment
    config: Config
    source: historian.HistorianSource
    extent: historian.ReadingsExtent | None
    request: BackfillRequest
    progress: Progress = field(default_factory=NullProgress)
    stop: Event = field(default_factory=Event)

    @property
    def code(self) -> str:
        """Machine code."""
        return self.machine.code

    @property
    def equip_id(self) -> int:
        """Machine id."""
        return self.machine.equip_id


def load_machine_context(
    engine: Engine, code: str, *, request: BackfillRequest, sources: SettingsSources, progress: Progress, stop: Event
) -> MachineContext:
    """Look the machine up, settle its settings and find its readings.

    Raises:
        UsageError: Unknown machine or setting.
        InputError: The historian table or some of its columns are missing.
    """
    machine = equipment.find_machine(engine, code)
    rows = stored_settings.read_settings(engine, machine.equip_id)
    tags = [tag.name for tag in equipment.read_tags(engine, machine.equip_id) if tag.is_active]
    if not tags:
        message = f"{code} has no active tag in ACM_TagEquipmentMap; import readings first"
        raise InputError(message)
    source = historian.HistorianSource(machine.table, machine.time_column, tuple(tags), request.since, request.until)
    historian.check_historian_table(engine, source)
    return MachineContext(
        engine=engine,
        machine=machine,
        config=_keep_training_end(sources.load_config(rows), registry.read_model_settings(engine, machine.equip_id)),
        source=source,
        extent=historian.read_extent(engine, source),
        request=request,
        progress=progress,
        stop=stop,
    )


def _keep_training_end(config: Config, stored_params: str | None) -> Config:
    """The settings, with the end of training that stored models were made with where none is given.

    It is asked for once, to get a machine going; the nights after must not need it.
    """
    if stored_params is None or config.training.until is not None:
        return config
    try:
        until = config.restore_settings(stored_params).training.until
    except ConfigError:  # damaged: whoever needs more of it says so
        return config
    return config.model_copy(update={"training": config.training.model_copy(update={"until": until})})
