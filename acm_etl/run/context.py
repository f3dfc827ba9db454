"""Context of one machine's backfill: the request, the settings, the store session and the historian table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from acm_etl import config as settings
from acm_etl.config import Config
from acm_etl.engine import Engine
from acm_etl.errors import ConfigError, InputError, UsageError
from acm_etl.io import historian
from acm_etl.load import clock
from acm_etl.load.machines import equipment
from acm_etl.load.machines import machine_settings as stored_settings
from acm_etl.load.models import registry
from acm_etl.progress import NullProgress, Progress
from acm_etl.results import FutureReadings
from acm_etl.run.machine_source import locate_readings


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRequest:
    """Options of one backfill that are no settings. Times with an offset are converted to naive UTC.

    Attributes:
        since: Ignore readings before this time, UTC.
        until: Ignore readings from this time on, UTC.
        close_last_window: Treat the last window as complete.
        replay_from: Recompute from this window boundary, UTC.
        replay_reason: Why, if it is not the user who names that time.
        replay_changed: Recompute from the first day whose readings have changed since they were scored.
        dry_run: Report what would be done, without changes.
        max_windows: Stop after this many complete windows.
    """

    since: datetime | None = None
    until: datetime | None = None
    close_last_window: bool = False
    replay_from: datetime | None = None
    replay_reason: str | None = None
    replay_changed: bool = False
    dry_run: bool = False
    max_windows: int | None = None

    def __post_init__(self) -> None:
        for name in ("since", "until", "replay_from"):
            time = getattr(self, name)
            if time is not None and time.tzinfo is not None:
                # The class is frozen; its own initialisation is the one place that may set a field.
                object.__setattr__(self, name, time.astimezone(UTC).replace(tzinfo=None))
        # Refused here and not at the database: an empty period would look like a machine without readings.
        if self.since is not None and self.until is not None and self.since >= self.until:
            message = f"--from ({self.since}) must be before --to ({self.until})"
            raise UsageError(message)
        if self.replay_changed and self.replay_from is not None:
            message = "use either --replay-changed or --replay-from, not both"
            raise UsageError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsSources:
    """Sources of settings, except the ACM_Config rows of the machine.

    Attributes:
        options: Values by dotted name, or nested by section.
        toml_path: Settings file.
        environ: Environment variables; those of this process if None.
    """

    options: dict[str, Any] = field(default_factory=dict)
    toml_path: Path | None = None
    environ: Mapping[str, str] | None = None

    def load_config(self, config_rows: Mapping[str, str] | None = None) -> Config:
        """Load the settings, with the ACM_Config rows of a machine if given."""
        return settings.load_config(self.options, path=self.toml_path, config_rows=config_rows, environ=self.environ)

    def resolve_settings(self) -> SettingsSources:
        """Return sources that give the same settings on any host.

        A worker on another host has neither the settings file nor the environment of this process.
        """
        return SettingsSources(
            options=settings.collect_settings(self.options, path=self.toml_path, environ=self.environ), environ={}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineContext:
    """A machine with everything a backfill needs.

    Attributes:
        engine: Session with the store; for one thread.
        machine: The machine.
        config: Settings, including the ACM_Config rows of the machine.
        source: Historian table, active tags and time limits; readings from the future are beyond its limit.
        extent: Times of the first and the last reading; None if there are no readings.
        future: Readings from the future; None if there are none.
        request: Options of the backfill.
        progress: Receives the progress.
        stop: Set by the user to stop after the current batch.
    """

    engine: Engine
    machine: equipment.Equipment
    config: Config
    source: historian.HistorianSource
    extent: historian.ReadingsExtent | None
    request: BackfillRequest
    future: FutureReadings | None = None
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

    def require_extent(self) -> historian.ReadingsExtent:
        """Return the times of the first and the last reading.

        Raises:
            InputError: There are no readings.
        """
        if self.extent is None:
            message = f"{self.source.table} has no readings"
            raise InputError(message)
        return self.extent

    def check_tags(self, tags: Sequence[str]) -> None:
        """Check that the historian has the tags of a model, which may be inactive by now.

        Raises:
            InputError: A column is missing.
        """
        # The active tags were checked when the machine was loaded.
        if not set(tags) <= set(self.source.tags):
            historian.check_historian_table(self.engine, replace(self.source, tags=tuple(tags)))


def load_machine_context(
    engine: Engine, code: str, *, request: BackfillRequest, sources: SettingsSources, progress: Progress, stop: Event
) -> MachineContext:
    """Read the machine, its settings and the extent of its readings.

    Args:
        engine: Session with the store.
        code: Machine code.
        request: Options of the backfill.
        sources: Sources of the settings.
        progress: Receives the progress.
        stop: Set to stop after the current batch.

    Raises:
        UsageError: The machine or a setting is unknown.
        InputError: The machine has no active tags, or its historian table or some of the columns are missing.
    """
    machine = equipment.find_machine(engine, code)
    # Stored settings are read per machine, after the session is open; all other sources are known before.
    rows = stored_settings.read_settings(engine, machine.equip_id)
    # Inactive tags are skipped for training; stored models keep the tags that they were trained on.
    tags = [tag for tag in equipment.read_tags(engine, machine.equip_id) if tag.is_active]
    if not tags:
        message = f"{code} has no active tag in ACM_TagEquipmentMap; import readings first"
        raise InputError(message)
    source = locate_readings(engine, machine, tags, since=request.since, until=request.until)
    # Before the extent is queried: this message names the missing columns, that of the database would not.
    historian.check_historian_table(engine, source)
    config = _keep_training_end(sources.load_config(rows), registry.read_model_settings(engine, machine.equip_id))
    source, future = _set_future_apart(engine, source, config)
    return MachineContext(
        engine=engine,
        machine=machine,
        config=config,
        source=source,
        extent=historian.read_extent(engine, source),
        request=request,
        future=future,
        progress=progress,
        stop=stop,
    )


def _set_future_apart(
    engine: Engine, source: historian.HistorianSource, config: Config
) -> tuple[historian.HistorianSource, FutureReadings | None]:
    """Return the source without readings from the future, and those readings.

    A reading with the time of a wrong clock would otherwise move the progress to its time, and every later reading
    would be older than the progress. ``--to`` says which time it is, so that simulated histories can be scored.
    """
    if source.until is not None:
        return source, None
    # The clock of a historian may be ahead by a little; ``allowed_lateness`` is the tolerance in both directions.
    limit = clock.utc_now() + config.backfill.allowed_lateness
    future = historian.read_extent(engine, replace(source, since=limit))
    # They stay in the historian: once the clock reaches their time, they are scored as any others.
    return replace(source, until=limit), FutureReadings(future.reading_count, future.first) if future else None


def _keep_training_end(config: Config, stored_params: str | None) -> Config:
    """Return the settings with the end of training of the stored models, unless the user gives another one.

    ``--train-until`` is given once, at the first backfill. Without this, each later run would differ in the signature
    and would be rejected.
    """
    # An end that the user gives replaces the stored one; the signatures then differ, and a replay is required.
    if stored_params is None or config.training.until is not None:
        return config
    try:
        until = config.restore_settings(stored_params).training.until
    except ConfigError:  # damaged settings; resume_checks reports them if the signatures differ
        return config
    return config.model_copy(update={"training": config.training.model_copy(update={"until": until})})
