"""Frozen settings: unknown keys are refused, and only settings that change stored values enter the signature.

Precedence: option > environment (``ACM_SCORE__ALARM_Z=3.5``) > TOML file > ACM_Config row of the machine > default.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from acm_etl.errors import ConfigError

ENV_PREFIX = "ACM_"
_RESERVED_ENV = ("ACM_STORE", "ACM_CONFIG", "ACM_TEST_MSSQL")
_DURATION_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks", "s": "seconds"}


def parse_duration(value: object) -> object:
    """``30m``, ``12h``, ``1d`` or ``1w`` as a timedelta; anything else is left to pydantic.

    Raises:
        ValueError: The text is not a number and a unit.
    """
    if not isinstance(value, str) or value.startswith(("P", "-P")):
        return value
    number = value.rstrip("abcdefghijklmnopqrstuvwxyz").strip()
    unit = _DURATION_UNITS.get(value[len(number) :].strip())
    if unit is None:
        message = f"{value!r} is not a duration; write a number and a unit, e.g. 30m, 12h, 1d, 1w"
        raise ValueError(message)
    try:
        return timedelta(**{unit: float(number)})
    except OverflowError:
        message = f"{value!r} is longer than any history"
        raise ValueError(message) from None


def _require_whole_minutes(tick: timedelta) -> timedelta:
    seconds = tick.total_seconds()
    if seconds < 60 or seconds % 60:
        message = "tick must be a whole number of minutes, at least one"
        raise ValueError(message)
    return tick


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


class _FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())


class ScoreParams(_FrozenModel):
    """Everything that decides a score; one frozen default configuration for all machines."""

    max_abs: float = Field(1e12, gt=0, description="Readings beyond this are impossible: dropped and counted")
    clip_z: float = Field(30.0, gt=3, description="Sensors are clipped at this many robust standard deviations")
    rolling_rows: int = Field(16, ge=4, le=512, description="Readings in a rolling feature window")
    ewma: float = Field(0.2, gt=0, le=1, description="Weight of the newest reading in MEWMA")
    ar1_rows: int = Field(20, ge=1, le=512, description="Readings over which one-step residuals are averaged")
    folds: int = Field(4, ge=2, le=20, description="Blocks of the training period, held out in turn to calibrate on")
    trim_share: float = Field(
        0.02, ge=0, le=0.3, description="Largest share of training readings left out as grossly abnormal"
    )
    min_train_rows: int = Field(50, ge=20, description="Fewest running readings a model can be fitted on")
    idle_level: float = Field(
        0.15, gt=0, lt=0.5, description="A tag is idle below this share of its running level; most tags idle = off"
    )
    transient_hours: float = Field(
        24.0, ge=0, description="Longest time after a start that counts as transient; less where training shows less"
    )
    max_missing: float = Field(0.5, ge=0, lt=1, description="A row with a larger share of missing tags is unusable")
    pca_variance: float = Field(0.9, gt=0, lt=1, description="Share of variance the principal components keep")
    forest_trees: int = Field(100, ge=1, le=1000, description="Trees of the isolation forest")
    forest_samples: int = Field(256, ge=8, description="Readings per tree")
    mixture_components: int = Field(3, ge=1, le=16, description="Components of the Gaussian mixture")
    mixture_dims: int = Field(12, ge=1, description="Principal dimensions the mixture sees")
    weights: dict[str, float] = Field(
        default={
            "ar1_z": 2.0, "pca_spe_z": 0.05, "pca_t2_z": 0.02, "mhal_z": 0.05,
            "iforest_z": 0.02, "gmm_z": 0.02, "omr_z": 2.0, "mewma_z": 0.25,
        },
        description="Weight of each head in the fused score; 0, or not naming it, leaves it out",
    )  # fmt: skip
    alarm_z: float = Field(3.5, gt=0, description="Fused z from which a reading counts towards an alarm")
    lasting_z: float = Field(
        3.0, gt=0, description="Fused z that raises an alarm by lasting; lower where few readings were calibrated on"
    )
    lasting_rows: int = Field(
        12, ge=1, le=1000, description="Successive readings at lasting_z that start, or below clear_z that end an alarm"
    )
    clear_z: float = Field(
        2.5, gt=0, description="Fused z below which readings count towards the end of an alarm; lower as lasting_z is"
    )
    recovered_share: float = Field(
        0.6, ge=0, lt=1, description="Share of an alarm's mean size below which readings end it, too; 0: never"
    )
    alarm_rows: int = Field(
        3, ge=1, le=100, description="Successive readings that start an alarm, or end it by recovery"
    )
    merge_rows: int = Field(24, ge=1, description="Quiet readings after which an episode is closed")
    z_scale: float = Field(4.72, gt=0, description="Fused z at which health is 50; 4.72 puts health 70 at z = 3.09")
    drift_hours: float = Field(48.0, gt=0, description="Span of the slow path")
    regimes_max: int = Field(5, ge=1, le=12, description="Most regimes that are told apart")
    silhouette_min: float = Field(0.25, ge=0, lt=1, description="Below this silhouette there is one regime")
    dwell_rows: int = Field(3, ge=1, description="Successive readings before a change of regime is believed")
    seed: int = Field(17, description="Seed of everything random in fitting")

    @model_validator(mode="after")
    def _check_consistency(self) -> ScoreParams:
        if self.clear_z > self.alarm_z:
            message = f"clear_z ({self.clear_z}) must not exceed alarm_z ({self.alarm_z})"
            raise ValueError(message)
        heads = type(self).model_fields["weights"].default
        unknown = sorted(set(self.weights) - set(heads))
        if unknown or min(self.weights.values(), default=0) < 0 or sum(self.weights.values()) <= 0:
            message = f"weights must name heads ({', '.join(heads)}), none below 0 and not all 0; unknown: {unknown}"
            raise ValueError(message)
        return self


class TrainingSettings(_FrozenModel):
    """Which readings the models are trained on: a function of data and settings only."""

    days: float = Field(90.0, gt=0, description="Length of the training period from the first reading, days")
    running_rows: int = Field(1000, ge=20, description="Running readings it is extended to where it has fewer")
    until: datetime | None = Field(None, description="End of the training period, UTC; replaces days and running_rows")
    retry_after: Duration = Field(timedelta(hours=1), description="A failed coldstart is tried again after this time")


class RefitSettings(_FrozenModel):
    """When models are replaced by themselves, and what new ones must be worth; both rules are off by default.

    A model that works is worth more than a younger one: a fault that creeps in slowly becomes normal with every refit.
    """

    age_days: float | None = Field(None, ge=1, description="Models are refitted after so many days; none for never")
    drift_share: float | None = Field(
        None, gt=0, lt=1, description="Models are refitted when a larger share of running readings drifts; none: never"
    )
    drift_z: float = Field(1.75, gt=0, description="A reading without alarm drifts from this drift_z on")
    drift_days: float = Field(14.0, ge=1, description="Days before a day boundary in which readings that drift count")
    check_days: int = Field(7, ge=1, le=400, description="Days between two looks at drift")
    held_out: float = Field(
        0.2, gt=0, lt=0.9, description="Last share of the baseline, not fitted: models old and new are compared on it"
    )
    max_alarm_share: float = Field(
        0.01,
        ge=0,
        lt=1,
        description="New models with more healthy readings above alarm_z, and more than the old, are worse",
    )


class RetentionSettings(_FrozenModel):
    """How long rows are kept; without a number, for ever. ``acm-etl retain`` deletes, nothing else does."""

    time_days: int | None = Field(None, ge=400, description="Days of rows per reading, before the machine's progress")
    event_days: int | None = Field(None, ge=400, description="Days of episodes and other events, before the progress")
    day_days: int | None = Field(None, ge=400, description="Days of daily summaries, before the progress")
    run_days: int | None = Field(None, ge=1, description="Days of ACM_WriteMetrics, before the progress")
    noop_days: int | None = Field(None, ge=1, description="Days since a run without readings (NOOP) was made")
    failed_days: int | None = Field(None, ge=1, description="Days since a run failed or was superseded")
    model_versions: int | None = Field(None, ge=1, description="Newest versions of models kept per machine")


class BackfillSettings(_FrozenModel):
    """How a backfill walks through the history. Of these only ``tick`` shapes runs; none changes a score."""

    tick: Annotated[Duration, AfterValidator(_require_whole_minutes)] = Field(
        timedelta(days=1), description="Length of a window; whole minutes"
    )
    group: int = Field(50_000, ge=1, description="Readings that share one transaction; fewer for more than 20 tags")
    lateness: Duration = Field(
        timedelta(hours=1), description="A window is final when the newest reading is this far past it"
    )
    summary_days: int = Field(30, ge=1, le=400, description="Trailing days of the day tables")
    forecast_days: int = Field(7, ge=1, le=400, description="Newest days whose forecasts are made and kept")
    state_days: int = Field(60, ge=1, description="Days for which a replay can start at any day boundary")
    ahead: int = Field(2, ge=0, le=8, description="Groups pulled and scored while one is published; 0 for none")
    workers: int = Field(1, ge=1, le=64, description="Machines at a time, each in a process of its own on this host")
    scheduler: str | None = Field(None, description="Dask scheduler whose workers take the machines: tcp://host:8786")
    attempts: int = Field(3, ge=1, le=20, description="Tries per group on transient errors")
    backoff: Duration = Field(timedelta(seconds=1), description="First pause between tries; doubles, up to 10 times")
    outage: Duration = Field(timedelta(minutes=3), description="Longest wait for a server that restarts")
    trip_after: int = Field(5, ge=1, description="Transient failures in a row after which all machines wait for one")


class StoreSettings(_FrozenModel):
    """Where the store is and how it is used."""

    url: str = Field(
        "duckdb:///acm.duckdb",
        repr=False,  # it may have a password in it
        description="duckdb:///PATH or mssql://user@host:1433/DATABASE?encrypt=yes",
    )
    memory_limit: str = Field("256MB", pattern=r"^\d+ ?(MB|GB|MiB|GiB)$", description="Memory DuckDB may use")
    threads: int = Field(2, ge=1, le=256, description="Threads DuckDB may use")
    staging: Literal["temp", "table"] = Field(
        "temp", description="Where SQL Server keeps rows before a MERGE: ##temporary tables, or schema stage"
    )
    loader: Literal["auto", "arrow", "odbc", "bcp"] = Field(
        "auto", description="Bulk loader for SQL Server; doctor says which ones there are"
    )
    reader: Literal["auto", "arrow", "odbc"] = Field(
        "auto", description="Reader of history from SQL Server: mssql-python's Arrow reader, or arrow-odbc"
    )
    side_by_side: int = Field(4, ge=1, le=32, description="Tables bulk-copied into SQL Server at a time")
    login_timeout: Duration = Field(timedelta(seconds=15), description="How long to wait for SQL Server to answer")
    statement_timeout: Duration = Field(
        timedelta(0), description="How long a statement may take on SQL Server; 0s for as long as it needs"
    )
    lock_timeout: Duration = Field(
        timedelta(minutes=1), description="How long to wait for a lock on SQL Server before trying again; 0s for ever"
    )


class Config(_FrozenModel):
    """All settings of one command for one machine."""

    store: StoreSettings = StoreSettings()
    score: ScoreParams = ScoreParams()
    training: TrainingSettings = TrainingSettings()
    backfill: BackfillSettings = BackfillSettings()
    refit: RefitSettings = RefitSettings()
    retention: RetentionSettings = RetentionSettings()

    @property
    def signature(self) -> str:
        """SHA-256 over ``signed``, 64 hex digits."""
        return hashlib.sha256(self.signature_payload.encode()).hexdigest()

    @property
    def signature_payload(self) -> str:
        """The settings that change stored values (never tick, workers, groups or paths), as JSON."""
        kept = {
            "score": self.score.model_dump(mode="json"),
            "training": self.training.model_dump(mode="json", exclude={"retry_after"}),
            "backfill": {"summary_days": self.backfill.summary_days},
        }
        # left out where nothing differs from the defaults: stores from before there were refits stay as they are
        if refit := self.refit.model_dump(mode="json", exclude_defaults=True):
            kept["refit"] = refit
        return json.dumps(kept, sort_keys=True)

    def restore_settings(self, payload: str) -> Config:
        """These settings, but where a ``payload`` text has a say: those it tells of.

        Raises:
            ConfigError: The text is damaged, or this version knows other settings.
        """
        try:
            told = json.loads(payload)
        except ValueError as error:
            message = f"the stored settings are damaged ({error})"
            raise ConfigError(message) from error
        asked = {
            "score": told.get("score", {}),
            "training": {**told.get("training", {}), "retry_after": self.training.retry_after},
            "backfill": {**self.backfill.model_dump(), **told.get("backfill", {})},
            "refit": told.get("refit", {}),
        }
        return self.model_copy(
            update={name: getattr(_validate_settings(asked, "what is stored"), name) for name in asked}
        )


def load_config(
    options: Mapping[str, Any] | None = None,
    *,
    path: Path | None = None,
    config_rows: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """Settings from all sources, the strongest first: options, environment, TOML file, ACM_Config rows.

    Args:
        options: Dotted names (``backfill.tick``) and values; None values are skipped.
        path: TOML file.
        config_rows: ACM_Config rows of the machine, dotted name and value as TOML writes it.
        environ: Environment to read, ``os.environ`` unless given.

    Raises:
        ConfigError: An unknown key or a value out of range, named with its source.
    """
    _validate_settings(
        stored := _nest_dotted_names({name: _parse_value(text) for name, text in (config_rows or {}).items()}),
        "ACM_Config",
    )
    return _validate_settings(
        _merge_nested(stored, collect_settings(options, path=path, environ=environ)), "the combined settings"
    )


def collect_settings(
    options: Mapping[str, Any] | None = None, *, path: Path | None = None, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Settings of all sources but ACM_Config, nested: options for a ``load`` elsewhere; arguments as there."""
    sources = {
        str(path): _read_toml(path) if path else {},
        "environment": _read_environment(os.environ if environ is None else environ),
        "options": _nest_dotted_names({name: value for name, value in (options or {}).items() if value is not None}),
    }
    settings: dict[str, Any] = {}
    for source, values in sources.items():
        _validate_settings(values, source)
        settings = _merge_nested(settings, values)
    return settings


def _validate_settings(values: Mapping[str, Any], source: str) -> Config:
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {_format_problem(e)}" for e in error.errors())
        message = f"{error.error_count()} bad setting(s) in {source}: {problems}"
        raise ConfigError(message) from None


def _format_problem(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown key (acm-etl config lists the known ones)"
    told = error["msg"].removeprefix("Value error, ")
    if isinstance(error["input"], Mapping) or "store" in error["loc"]:
        return told  # a store's URL may have a password in it, wherever it was written
    given = repr(error["input"])
    return told if told.startswith(given) else f"{told} (got {given})"


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"cannot read the settings file {path}: {error.strerror}"
        raise ConfigError(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path} is not valid TOML: {error}"
        raise ConfigError(message) from error


def _read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """``ACM_BACKFILL__TICK=1d`` sets ``backfill.tick``; ``ACM_STORE`` is the store's URL."""
    dotted = {
        name.removeprefix(ENV_PREFIX).lower().replace("__", "."): _parse_value(value)
        for name, value in environ.items()
        if name.startswith(ENV_PREFIX) and "__" in name and name not in _RESERVED_ENV
    }
    if environ.get("ACM_STORE"):
        dotted["store.url"] = environ["ACM_STORE"]
    return _nest_dotted_names(dotted)


def _parse_value(text: str) -> object:
    """A value as TOML writes it; bare words are taken as text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _nest_dotted_names(dotted: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in dotted.items():
        *parents, leaf = name.split(".")
        place = nested
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                message = f"1 bad setting: {name} is within {parent!r}, which is given a value of its own"
                raise ConfigError(message)
        place[leaf] = value
    return nested


def _merge_nested(weak: Mapping[str, Any], strong: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(weak)
    for key, value in strong.items():
        old = merged.get(key)
        merged[key] = _merge_nested(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged
