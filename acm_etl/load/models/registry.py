"""Model registry: versioned models with a hash, written together with the tables that describe them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl import tables
from acm_etl.counts import format_count
from acm_etl.engine import Engine
from acm_etl.errors import ConflictError, ContractError, ModelError
from acm_etl.load.clock import utc_now
from acm_etl.load.contract import validate_frame
from acm_etl.load.merge import build_upsert
from acm_etl.load.runs import restore_attempts
from acm_etl.load.staging import TableLoad, clear_staging_at_exit, run_table_loads
from acm_etl.load.write_metrics import TableMetric
from acm_etl.schema import Table
from acm_etl.tables.runs import MODEL_REGISTRY, RUN_LOG, STATE

# All detectors of a machine are one record: they share preparation and calibration and are only valid together.
_MODEL_TYPE = "pipeline"
# In the order of the fields of ``ModelRecord``.
_RECORD_COLUMNS = (
    "EquipID",
    "RunID",
    "Version",
    "HoldsFrom",
    "TrainStart",
    "TrainEnd",
    "TrainRows",
    "Tags",
    "ParamsJSON",
    "LibrariesJSON",
    "ConfigSignature",
    "ModelBytes",
    "Origin",
)
INITIAL_MODELS = "{HoldsFrom} < {TrainEnd} AND COALESCE({Origin}, 'coldstart') <> 'baseline'"
"""Condition for models of a coldstart, which also score the readings before their training period.

Models of a baseline score their training period, too, but nothing before it.
"""


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One version of the models of a machine.

    Attributes:
        equip_id: Machine.
        run_id: Run that trained the models.
        version: Counted from 1 per machine.
        valid_from: Time of the data from which the version scores.
        train_start: Start of the training period, included.
        train_end: End of the training period, excluded.
        train_rows: Readings in operation used for fitting or calibration.
        tags: Tags in model order.
        params_json: Settings used for fitting, JSON.
        libraries_json: Library versions at fit time, JSON.
        signature: Hash of the settings used for fitting.
        model_bytes: The serialised models.
        origin: ``coldstart``, ``refit`` or ``baseline``; None for models of earlier versions.
    """

    equip_id: int
    run_id: str
    version: int
    valid_from: datetime
    train_start: datetime
    train_end: datetime
    train_rows: int
    tags: tuple[str, ...]
    params_json: str
    libraries_json: str
    signature: str
    model_bytes: bytes
    origin: str | None

    def to_frame(self) -> pl.DataFrame:
        """Return the record as a row of ModelRegistry."""
        row = {
            "RunID": self.run_id,
            "EquipID": self.equip_id,
            "ModelType": _MODEL_TYPE,
            "Version": self.version,
            "HoldsFrom": self.valid_from,
            "TrainStart": self.train_start,
            "TrainEnd": self.train_end,
            "TrainRows": self.train_rows,
            # The order matters: it is the order of the columns in every array of the model.
            "Tags": json.dumps(list(self.tags), ensure_ascii=False),
            "ParamsJSON": self.params_json,
            "LibrariesJSON": self.libraries_json,
            "ConfigSignature": self.signature,
            "ModelBytes": self.model_bytes,
            "Hash": hash_bytes(self.model_bytes),
            "CreatedAt": utc_now(),
            "Origin": self.origin,
        }
        return pl.DataFrame([row], schema=MODEL_REGISTRY.polars_schema)


def hash_bytes(content: bytes) -> str:
    """Return the SHA-256 of stored bytes, 64 hex digits."""
    # SHA-256 instead of a checksum: the hash also says whether two trainings gave the same models.
    return hashlib.sha256(content).hexdigest()


def read_latest_model(engine: Engine, equip_id: int) -> ModelRecord | None:
    """Return the newest version of the models of a machine; None if there is none.

    Raises:
        ModelError: The stored bytes do not match their hash.
    """
    return _read_newest_record(engine, equip_id, valid_at=None)


def read_model_at(engine: Engine, equip_id: int, time: datetime) -> ModelRecord | None:
    """Return the version that scores readings at ``time``; models of a coldstart also score their training period.

    Raises:
        ModelError: The stored bytes do not match their hash.
    """
    return _read_newest_record(engine, equip_id, valid_at=time)


def find_version_at(engine: Engine, equip_id: int, time: datetime) -> int | None:
    """Return the number of the version that scores readings at ``time``; None if there is none."""
    sql, params = _newest_version_query(equip_id, time)
    version = engine.query(engine.dialect.sql(sql), params).item()
    return None if version is None else int(version)


def read_episode_versions(engine: Engine, equip_id: int) -> dict[datetime, int]:
    """Return the number of the version that scores the start of each episode of a machine, by this start."""
    # One statement for all episodes, whose number has no limit.
    sql = engine.dialect.sql(
        "SELECT e.{StartTs}, MAX(m.{Version})\nFROM {ACM_Episodes} AS e\n"
        f"JOIN {{ModelRegistry}} AS m ON m.{{EquipID}} = e.{{EquipID}} AND ({_is_valid_at('e.{StartTs}')})\n"
        "WHERE e.{EquipID} = ?\nGROUP BY e.{StartTs}"
    )
    return dict(engine.query(sql, [equip_id]).iter_rows())


def model_change_times(engine: Engine, equip_id: int) -> list[datetime]:
    """Return the times at which windows are split: the end of the newest initial training, and every later change.

    A baseline adds the time from which its models are valid, and the end of their training period.
    """
    versions = read_model_versions(engine, equip_id)
    is_baseline = pl.col("Origin").eq_missing("baseline")
    # Only models of a coldstart or baseline score readings they were trained on; a refit is valid from after its
    # training period.
    is_coldstart = (pl.col("HoldsFrom") < pl.col("TrainEnd")) & ~is_baseline
    newest_coldstart = versions.filter(is_coldstart)["Version"].max()
    current = versions.filter(pl.col("Version") >= pl.lit(newest_coldstart))
    starts = current.filter(~is_coldstart)["HoldsFrom"].to_list()
    ends = current.filter(is_coldstart | is_baseline)["TrainEnd"].to_list()
    return sorted({*starts, *ends})


def read_model_versions(engine: Engine, equip_id: int) -> pl.DataFrame:
    """Return the versions of a machine, oldest first, with all columns but the models themselves."""
    sql = engine.dialect.sql(
        "SELECT {Version}, {HoldsFrom}, {TrainStart}, {TrainEnd}, {TrainRows}, {CreatedAt}, {Hash}, {Origin}"
        " FROM {ModelRegistry} WHERE {EquipID} = ? ORDER BY {Version}"
    )
    return engine.query(sql, [equip_id])


def read_model_settings(engine: Engine, equip_id: int) -> str | None:
    """Return the settings of the newest version, JSON; None if there is no version."""
    return _read_newest_text(engine, equip_id, "ParamsJSON")


def read_latest_signature(engine: Engine, equip_id: int) -> str | None:
    """Return the hash of the settings of the newest version; None if there is no version."""
    return _read_newest_text(engine, equip_id, "ConfigSignature")


def _read_newest_text(engine: Engine, equip_id: int, column: str) -> str | None:
    sql = "SELECT {columns} FROM {ModelRegistry} WHERE {EquipID} = ? ORDER BY {Version}"
    rows = engine.query(engine.dialect.sql(sql, columns=[column]), [equip_id])
    # All versions are read: they are few, and the engines have no common word for the first row of a result.
    return str(rows.item(-1, 0)) if rows.height else None


def read_model_tags(engine: Engine, equip_id: int) -> dict[int, tuple[str, ...]]:
    """Return the tags of each version of a machine, in the order of the model."""
    rows = engine.query(
        engine.dialect.sql("SELECT {Version}, {Tags} FROM {ModelRegistry} WHERE {EquipID} = ?"), [equip_id]
    )
    # Without the models: their bytes are megabytes per version.
    return {int(version): tuple(json.loads(tags)) for version, tags in rows.iter_rows()}


def next_model_version(engine: Engine, equip_id: int) -> int:
    """Return the version number of the next models of a machine."""
    # The machine lock keeps two processes from the same number, and ``_reject_version_conflict`` checks it.
    sql = engine.dialect.sql("SELECT COALESCE(MAX({Version}), 0) + 1 AS n FROM {ModelRegistry} WHERE {EquipID} = ?")
    return int(engine.query(sql, [equip_id]).item())


def publish_model(
    engine: Engine,
    *,
    record: ModelRecord,
    frames: Mapping[str, pl.DataFrame],
    run_log: pl.DataFrame,
    state_rows: pl.DataFrame | None = None,
    completion_step: Callable[[Engine], None] | None = None,
) -> list[TableMetric]:
    """Write models, the tables that describe them, their run and the first state in one transaction.

    Args:
        engine: The store.
        record: The models.
        frames: Rows of tables of grain ``model`` by table name.
        run_log: RunLog rows of the training.
        state_rows: ACM_State rows from which scoring with these models starts.
        completion_step: Called inside the transaction, e.g. to complete the coldstart together with the models.

    Raises:
        ConflictError: The version is stored with other bytes.
        ContractError: A frame does not fit its table; nothing was staged.
    """
    batch = _prepare_frames(engine, record, frames, run_log=run_log)
    # The state belongs to the models: scoring resumes from a state of the same version, or not at all.
    if state_rows is not None:
        batch.append((STATE, validate_frame(state_rows, STATE)))
    with clear_staging_at_exit(engine):
        # Staged before the transaction begins: bulk copies are slow, and locks on the tables must be short.
        staged = engine.stage_frames(batch)
        loads = [
            TableLoad(table, build_upsert(table, rows.relation, engine.dialect))
            for (table, _), rows in zip(batch, staged, strict=True)
        ]
        with engine.transaction():
            _reject_version_conflict(engine, record)
            results = run_table_loads(engine, loads)
            # In this transaction: a coldstart that is COMPLETE without models, or the reverse, must never be visible.
            if completion_step:
                completion_step(engine)
    return [
        TableMetric.from_counts(table, frame.height, result.counts, seconds=rows.seconds + result.seconds)
        for (table, frame), rows, result in zip(batch, staged, results, strict=True)
    ]


def _prepare_frames(
    engine: Engine,
    record: ModelRecord,
    frames: Mapping[str, pl.DataFrame],
    *,
    run_log: pl.DataFrame,
) -> list[tuple[Table, pl.DataFrame]]:
    # Staged under the version of the model: rows of another grain would never be found again.
    unknown = set(frames) - {table.name for table in tables.MODEL_RESULTS}
    if unknown:
        message = f"{format_count(len(unknown), 'table')} cannot belong to a model: {', '.join(sorted(unknown))}"
        raise ContractError(message)
    given = {
        RUN_LOG.name: restore_attempts(engine, validate_frame(run_log, RUN_LOG)),
        MODEL_REGISTRY.name: record.to_frame(),
        **frames,
    }
    tables_by_name = {table.name: table for table in (RUN_LOG, MODEL_REGISTRY, *tables.MODEL_RESULTS)}
    return [
        (tables_by_name[name], validate_frame(frame, tables_by_name[name]))
        for name, frame in given.items()
        # Tables without rows are not staged: each staging table costs statements of its own.
        if frame.height
    ]


def _reject_version_conflict(engine: Engine, record: ModelRecord) -> None:
    sql = engine.dialect.sql("SELECT {Hash} FROM {ModelRegistry} WHERE {EquipID} = ? AND {Version} = ?")
    # The same bytes are accepted: a commit whose answer was lost is repeated with equal models.
    stored = engine.query(sql, [record.equip_id, record.version])
    if stored.height and stored.item() != hash_bytes(record.model_bytes):
        message = f"machine {record.equip_id} has other models as version {record.version}: another run was faster"
        raise ConflictError(message)


def _read_newest_record(engine: Engine, equip_id: int, *, valid_at: datetime | None) -> ModelRecord | None:
    newest, params = _newest_version_query(equip_id, valid_at)
    sql = engine.dialect.sql(
        f"SELECT {{columns}} FROM {{ModelRegistry}} WHERE {{EquipID}} = ? AND {{Version}} = ({newest})",
        columns=(*_RECORD_COLUMNS, "Hash"),
    )
    rows = engine.query(sql, [equip_id, *params])
    return _verify_record(rows.row(0, named=True)) if rows.height else None


def _newest_version_query(equip_id: int, valid_at: datetime | None) -> tuple[str, list[object]]:
    """Return the SELECT of the newest version, or of the newest one that is valid at a time, and its parameters."""
    newest = "SELECT MAX({Version}) FROM {ModelRegistry} WHERE {EquipID} = ?"
    if valid_at is None:
        return newest, [equip_id]
    return f"{newest} AND ({_is_valid_at('?')})", [equip_id, valid_at]


def _is_valid_at(time: str) -> str:
    """Return the condition on ModelRegistry for versions that are valid at a time, given as SQL."""
    return f"{{HoldsFrom}} <= {time} OR {INITIAL_MODELS}"


def _verify_record(row: dict[str, object]) -> ModelRecord:
    model_bytes = row["ModelBytes"]
    # Checked before the bytes are parsed: damaged bytes could fail anywhere, or load as a different model.
    if not isinstance(model_bytes, bytes) or hash_bytes(model_bytes) != row["Hash"]:
        message = (
            f"the models of machine {row['EquipID']}, version {row['Version']}, are corrupt: their bytes do not have"
            " the stored hash; reset the machine to train it again"
        )
        raise ModelError(message)
    # The other columns have the types of the fields; only the list of tags is stored as text.
    values = {**row, "Tags": tuple(json.loads(str(row["Tags"])))}
    return ModelRecord(*(values[name] for name in _RECORD_COLUMNS))  # type: ignore[arg-type]
