"""Settings: their names, types, bounds and defaults, and the order of precedence of their sources.

All models are frozen and reject unknown keys. Only settings that change stored values enter the signature, which is
stored with the results; a different signature requires a replay.

Precedence: option > environment (``ACM_SCORE__ALARM_Z=3.5``) > TOML file > ACM_Config row of the machine > default.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from acm_etl import setting_sources
from acm_etl.counts import format_count
from acm_etl.errors import ConfigError
from acm_etl.setting_models import Days, Duration, FrozenModel, Hours, NotifySettings, Period, RowCount, WholeDays

_CURRENT_SCORE_NAMES = {
    old.removeprefix("score."): new.removeprefix("score.")
    for old, new in setting_sources.RENAMED_SETTINGS.items()
    if old.startswith("score.")
}
_STORED_SCORE_NAMES = {new: old for old, new in _CURRENT_SCORE_NAMES.items()}


class ScoreParams(FrozenModel):
    """Settings that decide a score; one default configuration serves all machines."""

    max_abs: float = Field(1e12, gt=0, description="Largest plausible reading; larger ones are rejected and counted")
    clip_z: float = Field(30.0, gt=3, description="Clip limit of sensor values, robust standard deviations")
    rolling_rows: int = Field(16, ge=4, le=512, description="Length of the rolling feature window, readings")
    ewma: float = Field(0.2, gt=0, le=1, description="Weight of the newest reading in MEWMA")
    ar1_rows: int = Field(20, ge=1, le=512, description="Averaging window of the AR(1) residuals, readings")
    folds: int = Field(4, ge=2, le=20, description="Cross-validation folds of the training period (calibration)")
    trim_share: float = Field(0.02, ge=0, le=0.3, description="Maximum share of training readings excluded as outliers")
    min_train_rows: int = Field(50, ge=20, description="Minimum number of training readings (machine in operation)")
    idle_level: float = Field(
        0.15, gt=0, lt=0.5, description="A tag below this share of its usual level is idle; mostly idle: machine off"
    )
    states: Literal["auto", "off"] = Field(
        "auto", description="Operating states: auto (from load indicators) or off (the machine always counts as on)"
    )
    context_tags: tuple[str, ...] = Field(
        ("*ambient*", "*outdoor*", "*outside air*", "*outside temp*"),
        description="Patterns of tags that surround the machine; outside their range in training, levels are wider",
    )
    transient_hours: Hours = Field(
        24.0, ge=0, description="Maximum start-up transient, hours; shorter if training data settle faster"
    )
    max_missing: float = Field(0.5, ge=0, lt=1, description="Maximum share of missing tags in a reading that is scored")
    pca_variance: float = Field(0.9, gt=0, lt=1, description="Share of variance explained by the principal components")
    forest_trees: int = Field(100, ge=1, le=1000, description="Number of trees of the isolation forest")
    forest_samples: int = Field(256, ge=8, description="Training readings per tree of the isolation forest")
    mixture_components: int = Field(3, ge=1, le=16, description="Number of components of the Gaussian mixture")
    mixture_dims: int = Field(12, ge=1, description="PCA components used by the Gaussian mixture")
    weights: dict[str, float] = Field(
        default={
            "ar1_z": 2.0, "pca_spe_z": 0.05, "pca_t2_z": 0.02, "mhal_z": 0.05,
            "iforest_z": 0.02, "gmm_z": 0.02, "omr_z": 2.0, "mewma_z": 0.25,
        },
        description="Weight of each detector in the fused score; 0 or a missing name excludes the detector",
    )  # fmt: skip
    alarm_z: float = Field(3.5, gt=0, description="Alarm threshold (z)")
    # A calibration on few readings supports no high z: the model then lowers sustained_z, and clear_z with it.
    sustained_z: float = Field(3.0, gt=0, description="Sustained-alarm threshold (z)")
    sustained_rows: int = Field(
        12,
        ge=1,
        le=1000,
        description="Consecutive readings >= sustained_z that start an alarm, or < clear_z that end it",
    )
    clear_z: float = Field(2.5, gt=0, description="Alarm clear threshold (z)")
    recovery_ratio: float = Field(
        0.6, ge=0, lt=1, description="Clear the alarm when the score falls below this fraction of its mean; 0: never"
    )
    alarm_rows: int = Field(
        3, ge=1, le=100, description="Consecutive readings that start an alarm, or clear it by recovery"
    )
    merge_rows: RowCount = Field(24, ge=1, description="Consecutive readings without alarm that close an episode")
    z_scale: float = Field(4.72, gt=0, description="Fused z at which health is 50; with 4.72, health is 70 at z = 3.09")
    drift_hours: Hours = Field(48.0, gt=0, description="Averaging window of the drift score, hours")
    regimes_max: int = Field(5, ge=1, le=12, description="Maximum number of regimes")
    silhouette_min: float = Field(0.25, ge=0, lt=1, description="Minimum silhouette score to split regimes")
    dwell_rows: RowCount = Field(3, ge=1, description="Debounce: consecutive readings before a regime change")
    seed: int = Field(17, description="Random seed for training")

    @model_validator(mode="before")
    @classmethod
    def _accept_stored_names(cls, values: object) -> object:
        """Accept the names that stored models and signatures use; no notice, as no user wrote them."""
        if not isinstance(values, Mapping):
            return values
        return {_CURRENT_SCORE_NAMES.get(name, name): value for name, value in values.items()}

    def to_stored(self) -> dict[str, Any]:
        """Return the settings as stored with models and signed: plain values under the names first stored.

        A renamed setting changes no score. Under its new name the signature would differ from that of every stored
        row, and each store would ask for a replay.
        """
        values = self.model_dump(mode="json", exclude=self.list_defaults("states", "context_tags"))
        return {_STORED_SCORE_NAMES.get(name, name): value for name, value in values.items()}

    @model_validator(mode="after")
    def _check_consistency(self) -> ScoreParams:
        if self.clear_z > self.alarm_z:
            message = f"clear_z ({self.clear_z}) must not exceed alarm_z ({self.alarm_z})"
            raise ValueError(message)
        detectors = type(self).model_fields["weights"].default
        unknown = sorted(set(self.weights) - set(detectors))
        if unknown or min(self.weights.values(), default=0) < 0 or sum(self.weights.values()) <= 0:
            message = (
                f"weights must be 0 or more, not all 0, and name only detectors ({', '.join(detectors)}); "
                f"unknown: {', '.join(unknown) or 'none'}"
            )
            raise ValueError(message)
        return self


class TrainingSettings(FrozenModel):
    """Selection of the training readings; it depends on data and settings only, never on the time of the run."""

    days: Days = Field(90.0, gt=0, description="Length of the training period, days from the first reading")
    running_rows: int = Field(
        1000,
        ge=20,
        description="Minimum training readings; the period is extended until reached",
    )
    until: datetime | None = Field(None, description="End of the training period, UTC; replaces days and running_rows")
    sample_cells: int = Field(
        5_000_000,
        ge=10_000,
        description="Readings x tags that models are fitted on; of longer periods, blocks of readings are taken",
    )
    retry_after: Duration = Field(timedelta(hours=1), description="Pause before a failed initial training is retried")


class RefitSettings(FrozenModel):
    """Rules of automatic retraining and the acceptance test of new models; both rules are off by default.

    Automatic retraining is off because each refit would make part of a slowly developing fault the new normal.
    """

    age_days: Days | None = Field(None, ge=1, description="Retrain after this many days; none: never")
    drift_share: float | None = Field(
        None, gt=0, lt=1, description="Retrain if a larger share of the readings in operation drifts; none: never"
    )
    drift_z: float = Field(1.75, gt=0, description="Drift threshold (z) of readings without alarm")
    drift_days: Days = Field(14.0, ge=1, description="Days over which the share of drifting readings is computed")
    check_days: int = Field(7, ge=1, le=400, description="Drift check interval, days")
    held_out: float = Field(
        0.2,
        gt=0,
        lt=0.9,
        description="Last share of the training period, kept out of the fit to compare old and new models",
    )
    max_alarm_share: float = Field(
        0.01,
        ge=0,
        lt=1,
        description="Reject a new model whose false-alarm rate exceeds this and that of the current one",
    )


class RetentionSettings(FrozenModel):
    """Retention periods; none: keep for ever. Only ``acm-etl prune`` deletes expired rows."""

    time_days: int | None = Field(None, ge=400, description="Keep N days of per-reading rows, back from the progress")
    event_days: int | None = Field(None, ge=400, description="Keep N days of event rows, back from the progress")
    day_days: int | None = Field(None, ge=400, description="Keep N days of daily summaries, back from the progress")
    run_days: int | None = Field(None, ge=1, description="Keep N days of ACM_WriteMetrics, back from the progress")
    noop_days: int | None = Field(None, ge=1, description="Keep runs without readings (NOOP) for N days after they ran")
    failed_days: int | None = Field(None, ge=1, description="Keep failed and superseded runs for N days")
    model_versions: int | None = Field(None, ge=1, description="Keep the N newest model versions per machine")


class BackfillSettings(FrozenModel):
    """Windows, batches and retries of a backfill. Only ``tick`` changes the runs; none of them changes a score."""

    tick: Annotated[Duration, AfterValidator(setting_sources.require_whole_minutes)] = Field(
        timedelta(days=1), description="Window length; whole minutes"
    )
    batch_rows: int | None = Field(None, ge=1, description="Readings per transaction; none: 245760, SQL Server 50000")
    batch_memory_mb: int = Field(512, ge=16, le=65_536, description="Memory of the batches in work, MB")
    allowed_lateness: Period = Field(
        timedelta(hours=1), description="A window is complete once the newest reading is this much later than its end"
    )
    summary_days: int = Field(30, ge=1, le=400, description="Days covered by the daily summaries")
    forecast_days: int = Field(7, ge=1, le=400, description="Days of forecasts to keep")
    replay_days: WholeDays = Field(
        60,
        ge=1,
        description="Days back to which a replay can start: daily scoring states of two weeks, weekly ones before",
    )
    prefetch: int = Field(2, ge=0, le=8, description="Prefetch depth: batches read and scored ahead; 0: none")
    workers: int = Field(1, ge=1, le=64, description="Worker processes on this host, one machine each at a time")
    scheduler: str | None = Field(None, description="Dask scheduler that distributes the machines: tcp://host:8786")
    worker_timeout: Duration = Field(
        timedelta(minutes=10), description="Maximum wait for a scheduler without any worker; 0s = no timeout"
    )
    attempts: int = Field(3, ge=1, le=20, description="Attempts per batch on transient errors")
    backoff: Duration = Field(timedelta(seconds=1), description="First pause between attempts; doubles up to tenfold")
    reconnect_timeout: Duration = Field(
        timedelta(minutes=3), description="Maximum wait for a lost connection, counted from the last published window"
    )


class StatusSettings(FrozenModel):
    """Thresholds of the verdict that ``status``, ``show``, ``monitor`` and ``report`` share."""

    stale_after: Duration = Field(
        timedelta(days=3), description="Report stale data if the newest reading is older than this; 0s = never"
    )


class ImportSettings(FrozenModel):
    """Losses that an import of files accepts; a larger one is an error that stores nothing, unless --accept-loss."""

    max_lost_rows: float = Field(0.02, ge=0, le=1, description="Maximum share of rows that an import may lose")
    max_lost_cells: float = Field(
        0.05, ge=0, le=1, description="Maximum share of the values of one tag that an import may lose"
    )


class StoreSettings(FrozenModel):
    """Address of the store and limits of its sessions."""

    url: str = Field(
        "duckdb:///acm.duckdb",
        repr=False,  # the URL may contain a password
        description="duckdb:///PATH or mssql://user@host:1433/DATABASE?encrypt=yes",
    )
    memory_limit: str = Field(
        "auto",
        pattern=r"^(auto|\d+ ?(MB|GB|MiB|GiB))$",
        description="DuckDB memory limit; auto: 256 MB, or more if a machine has more than 100 tags",
    )
    threads: int = Field(2, ge=1, le=256, description="DuckDB thread limit")
    staging: Literal["temp", "table"] = Field(
        "table", description="Staging on SQL Server: schema stage, or ##temporary tables, which every login can read"
    )
    loader: Literal["auto", "arrow", "odbc", "bcp"] = Field(
        "auto", description="Bulk loader for SQL Server; acm-etl doctor lists the available ones"
    )
    reader: Literal["auto", "arrow", "odbc"] = Field(
        "auto", description="Reader of history from SQL Server: mssql-python's Arrow reader, or arrow-odbc"
    )
    read_replica: bool = Field(
        default=False, description="Let status, monitor, show, report and export read from a readable secondary"
    )
    parallel_loads: int = Field(4, ge=1, le=32, description="Parallel bulk copies into SQL Server")
    login_timeout: Duration = Field(timedelta(seconds=15), description="Maximum wait for a login to SQL Server")
    statement_timeout: Duration = Field(
        timedelta(0), description="Maximum duration of a statement on SQL Server; 0s = no timeout"
    )
    lock_timeout: Duration = Field(
        timedelta(minutes=1), description="Maximum wait for a lock on SQL Server, then retry; 0s = no timeout"
    )


class Config(FrozenModel):
    """Settings of one command for one machine."""

    store: StoreSettings = StoreSettings()
    score: ScoreParams = ScoreParams()
    training: TrainingSettings = TrainingSettings()
    backfill: BackfillSettings = BackfillSettings()
    refit: RefitSettings = RefitSettings()
    retention: RetentionSettings = RetentionSettings()
    status: StatusSettings = StatusSettings()
    notify: NotifySettings = NotifySettings()
    # ``import`` is a keyword of Python: only in Python the section has another name.
    imports: ImportSettings = Field(ImportSettings(), alias="import")

    def __iter__(self) -> Generator[tuple[str, Any], None, None]:
        """Yield the name of each section, as a settings file has it, and the section."""
        fields = type(self).model_fields
        return ((fields[name].alias or name, section) for name, section in super().__iter__())

    @property
    def signature(self) -> str:
        """SHA-256 of ``signature_payload``, 64 hex digits."""
        return hashlib.sha256(self.signature_payload.encode()).hexdigest()

    @property
    def signature_payload(self) -> str:
        """The settings that change stored values (never tick, workers, batches or paths), as JSON."""
        unsigned = {"retry_after", *self.training.list_defaults("sample_cells")}
        payload = {
            "score": self.score.to_stored(),
            "training": self.training.model_dump(mode="json", exclude=unsigned),
            "backfill": {"summary_days": self.backfill.summary_days},
        }
        # Defaults are omitted: a store filled before this section existed keeps its signature.
        if refit := self.refit.model_dump(mode="json", exclude_defaults=True):
            payload["refit"] = refit
        return json.dumps(payload, sort_keys=True)

    def restore_settings(self, payload: str) -> Config:
        """Return a copy with the settings of a stored ``signature_payload``; all others stay.

        Raises:
            ConfigError: The payload is damaged, or has settings that this version does not know.
        """
        try:
            stored = json.loads(payload)
        except ValueError as error:
            message = f"the stored settings are damaged ({error})"
            raise ConfigError(message) from error
        sections = {
            "score": stored.get("score", {}),
            "training": {**stored.get("training", {}), "retry_after": self.training.retry_after},
            "backfill": {**self.backfill.model_dump(), **stored.get("backfill", {})},
            "refit": stored.get("refit", {}),
        }
        return self.model_copy(
            update={name: getattr(_validate_settings(sections, "the stored settings"), name) for name in sections}
        )


def load_config(
    options: Mapping[str, Any] | None = None,
    *,
    path: Path | None = None,
    config_rows: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """Load the settings of all sources; options override the environment, the TOML file and ACM_Config rows.

    Args:
        options: Dotted names (``backfill.tick``) and values; None values are skipped.
        path: TOML file.
        config_rows: ACM_Config rows of the machine: dotted name and value in TOML notation.
        environ: Environment variables; ``os.environ`` if omitted.

    Raises:
        ConfigError: A setting is unknown or its value is out of range; the message names the source.
    """
    rows = {name: setting_sources.parse_value(text) for name, text in (config_rows or {}).items()}
    stored = _check_source(setting_sources.nest_names(rows), "ACM_Config")
    given = collect_settings(options, path=path, environ=environ)
    # Each source was valid by itself; together they may still contradict (clear_z above alarm_z).
    return _validate_settings(setting_sources.merge_nested(stored, given), "the combined settings")


def collect_settings(
    options: Mapping[str, Any] | None = None, *, path: Path | None = None, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Merge the settings of all sources but ACM_Config.

    Args:
        options: As for ``load_config``.
        path: As for ``load_config``.
        environ: As for ``load_config``.

    Returns:
        Nested settings under their current names; a process elsewhere passes them to ``load_config`` as options.

    Raises:
        ConfigError: A setting is unknown or its value is out of range; the message names the source.
    """
    given = {name: value for name, value in (options or {}).items() if value is not None}
    sources = {
        str(path): setting_sources.read_toml(path) if path else {},
        "environment": setting_sources.read_environment(os.environ if environ is None else environ),
        "options": setting_sources.nest_names(given),
    }
    settings: dict[str, Any] = {}
    for source, values in sources.items():
        settings = setting_sources.merge_nested(settings, _check_source(values, source))
    return settings


def _check_source(values: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return the settings of one source under their current names, each of them valid."""
    renamed = setting_sources.apply_current_names(values, source)
    _validate_settings(renamed, source)
    return renamed


def _validate_settings(values: Mapping[str, Any], source: str) -> Config:
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(map(setting_sources.format_problem, error.errors()))
        message = f"{format_count(error.error_count(), 'bad setting')} in {source}: {problems}"
        raise ConfigError(message) from None
