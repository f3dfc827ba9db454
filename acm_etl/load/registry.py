"""Versioned models: bytes with their hash, written together with what they rest on."""

from __future__ import annotations

import hashlib
import json
import time as clock
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl import tables
from acm_etl.engine import Engine, annotate_errors
from acm_etl.errors import ConflictError, ContractError, ModelError
from acm_etl.load.clock import utc_now
from acm_etl.load.contract import validate_frame
from acm_etl.load.merge import build_upsert
from acm_etl.load.publish import TableMetric
from acm_etl.load.runs import restore_attempts
from acm_etl.load.staging import clear_staging_at_exit, run_statements
from acm_etl.schema import Table
from acm_etl.tables.runs import ACM_RUNS, MODEL_REGISTRY, RUN_LOG, STATE

_MODEL_TYPE = "pipeline"
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
)


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One version of a machine's models.

    Attributes:
        equip_id: Machine.
        run_id: The run that trained it.
        version: Counted from 1 per machine.
        valid_from: Data time from which it scores.
        train_start: Start of the training period, included.
        train_end: End of the training period, excluded.
        train_rows: Running readings fitted or calibrated on.
        tags: Tags in model order.
        params_json: Settings the models were fitted with, JSON.
        libraries_json: Library versions at fit time, JSON.
        signature: Settings the models were fitted under.
        model_bytes: The models.
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

    def to_frame(self) -> pl.DataFrame:
        """The record as a row of ModelRegistry."""
        row = {
            "RunID": self.run_id,
            "EquipID": self.equip_id,
            "ModelType": _MODEL_TYPE,
            "Version": self.version,
            "HoldsFrom": self.valid_from,
            "TrainStart": self.train_start,
            "TrainEnd": self.train_end,
            "TrainRows": self.train_rows,
            "Tags": json.dumps(list(self.tags), ensure_ascii=False),
            "ParamsJSON": self.params_json,
            "LibrariesJSON": self.libraries_json,
            "ConfigSignature": self.signature,
            "ModelBytes": self.model_bytes,
            "Hash": hash_bytes(self.model_bytes),
            "CreatedAt": utc_now(),
        }
        return pl.DataFrame([row], schema=MODEL_REGISTRY.polars_schema)


def hash_bytes(content: bytes) -> str:
    """SHA-256 of stored bytes, 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def read_latest_model(engine: Engine, equip_id: int) -> ModelRecord | None:
    """The newest version of a machine's models.

    Raises:
        ModelError: Its bytes are not what was stored.
    """
    return _read_newest_record(engine, equip_id, valid_at=None)


def read_model_at(engine: Engine, equip_id: int, time: datetime) -> ModelRecord | None:
    """The version that scores readings at ``time``; models of a coldstart score all that they were trained on.

    Raises:
        ModelError: Its bytes are not what was stored.
    """
    return _read_newest_record(engine, equip_id, valid_at=time)


def model_change_times(engine: Engine, equip_id: int) -> list[datetime]:
    """Times at which windows are split: the end of the newest coldstart's training, and each switch since."""
    known = read_model_versions(engine, equip_id)
    coldstart = pl.col("HoldsFrom") < pl.col("TrainEnd")
    first = known.filter(coldstart)["Version"].max()
    since = known.filter(pl.col("Version") >= pl.lit(first))
    return since.select(pl.when(coldstart).then("TrainEnd").otherwise("HoldsFrom").alias("at"))["at"].sort().to_list()


def read_model_versions(engine: Engine, equip_id: int) -> pl.DataFrame:
    """Versions of a machine, oldest first: Version, HoldsFrom, TrainStart, TrainEnd, TrainRows, CreatedAt, Hash."""
    q = engine.dialect.quote
    columns = ", ".join(map(q, ("Version", "HoldsFrom", "TrainStart", "TrainEnd", "TrainRows", "CreatedAt", "Hash")))
    sql = f"SELECT {columns} FROM {q(MODEL_REGISTRY.name)} WHERE {q('EquipID')} = ? ORDER BY {q('Version')}"
    return engine.query(sql, [equip_id])


def read_model_settings(engine: Engine, equip_id: int) -> str | None:
    """The settings that the newest version was made with, JSON; None where there is none."""
    q = engine.dialect.quote
    sql = f"SELECT {q('ParamsJSON')} FROM {q(MODEL_REGISTRY.name)} WHERE {q('EquipID')} = ? ORDER BY {q('Version')}"
    found = engine.query(sql, [equip_id])
    return str(found.item(-1, 0)) if found.height else None


def next_model_version(engine: Engine, equip_id: int) -> int:
    """The number the next models of a machine get."""
    q = engine.dialect.quote
    sql = f"SELECT COALESCE(MAX({q('Version')}), 0) + 1 AS n FROM {q(MODEL_REGISTRY.name)} WHERE {q('EquipID')} = ?"
    return int(engine.query(sql, [equip_id]).item())


def publish_model(
    engine: Engine,
    *,
    record: ModelRecord,
    frames: Mapping[str, pl.DataFrame],
    run_log: pl.DataFrame,
    run_summaries: pl.DataFrame | None = None,
    state_rows: pl.DataFrame | None = None,
    completion_step: Callable[[Engine], None] | None = None,
) -> list[TableMetric]:
    """Write models, what they know, their run and what goes with it in one transaction.

    Args:
        engine: The store.
        record: The models.
        frames: Rows of tables of grain ``model`` by table name.
        run_log: RunLog rows of the training.
        run_summaries: ACM_Runs rows of the training.
        state_rows: ACM_State rows with which the models begin.
        completion_step: Called inside the transaction, e.g. ``partial(coldstart.complete, equip_id=..., ...)``.

    Raises:
        ConflictError: The version exists with other bytes.
        ContractError: A frame does not fit; nothing was staged.
    """
    batch = _prepare_frames(engine, record, frames, run_log=run_log, run_summaries=run_summaries)
    if state_rows is not None:
        batch.append((STATE, validate_frame(state_rows, STATE)))
    metrics = []
    with clear_staging_at_exit(engine):
        names = {table.name: engine.stage_frame(table, frame) for table, frame in batch}
        with engine.transaction():
            _reject_version_conflict(engine, record)
            for table, frame in batch:
                metrics.append(_upsert_staged_table(engine, table, frame, relation=names[table.name]))
            if completion_step:
                completion_step(engine)
    return metrics


def _prepare_frames(
    engine: Engine,
    record: ModelRecord,
    frames: Mapping[str, pl.DataFrame],
    *,
    run_log: pl.DataFrame,
    run_summaries: pl.DataFrame | None,
) -> list[tuple[Table, pl.DataFrame]]:
    unknown = [name for name in frames if name not in _MODEL_TABLES]
    if unknown:
        message = f"{len(unknown)} table(s) do not belong to a model: {', '.join(unknown)}"
        raise ContractError(message)
    given = {
        RUN_LOG.name: restore_attempts(engine, validate_frame(run_log, RUN_LOG)),
        ACM_RUNS.name: ACM_RUNS.empty_frame() if run_summaries is None else run_summaries,
        MODEL_REGISTRY.name: record.to_frame(),
        **frames,
    }
    known = {RUN_LOG.name: RUN_LOG, ACM_RUNS.name: ACM_RUNS, MODEL_REGISTRY.name: MODEL_REGISTRY, **_MODEL_TABLES}
    return [(known[name], validate_frame(frame, known[name])) for name, frame in given.items() if frame.height]


_MODEL_TABLES = {table.name: table for table in tables.RESULTS if table.grain == "model"}


def _upsert_staged_table(engine: Engine, table: Table, frame: pl.DataFrame, *, relation: str) -> TableMetric:
    began = clock.perf_counter()
    with annotate_errors(table):
        counts = run_statements(engine, build_upsert(table, relation, engine.dialect))
    seconds = clock.perf_counter() - began
    return TableMetric(table.name, frame.height, counts.inserted, counts.updated, counts.deleted, seconds)


def _reject_version_conflict(engine: Engine, record: ModelRecord) -> None:
    q = engine.dialect.quote
    sql = f"SELECT {q('Hash')} FROM {q(MODEL_REGISTRY.name)} WHERE {q('EquipID')} = ? AND {q('Version')} = ?"
    stored = engine.query(sql, [record.equip_id, record.version])
    if stored.height and stored.item() != hash_bytes(record.model_bytes):
        message = f"machine {record.equip_id} has other models as version {record.version}: a run was faster"
        raise ConflictError(message)


def _read_newest_record(engine: Engine, equip_id: int, *, valid_at: datetime | None) -> ModelRecord | None:
    q = engine.dialect.quote
    table, columns = q(MODEL_REGISTRY.name), ", ".join(map(q, (*_RECORD_COLUMNS, "Hash")))
    newest = f"SELECT MAX({q('Version')}) FROM {table} WHERE {q('EquipID')} = ?"
    params: list[object] = [equip_id, equip_id]
    if valid_at is not None:
        newest += f" AND ({q('HoldsFrom')} <= ? OR {q('HoldsFrom')} < {q('TrainEnd')})"
        params.append(valid_at)
    rows = engine.query(
        f"SELECT {columns} FROM {table} WHERE {q('EquipID')} = ? AND {q('Version')} = ({newest})", params
    )
    return _verify_record(rows.row(0, named=True)) if rows.height else None


def _verify_record(row: dict[str, object]) -> ModelRecord:
    blob = row["ModelBytes"]
    if not isinstance(blob, bytes) or hash_bytes(blob) != row["Hash"]:
        message = (
            f"the models of machine {row['EquipID']}, version {row['Version']}, are corrupt: their bytes do not have"
            " the stored hash; reset the machine to train it again"
        )
        raise ModelError(message)
    values = {**row, "Tags": tuple(json.loads(str(row["Tags"])))}
    return ModelRecord(*(values[name] for name in _RECORD_COLUMNS))  # type: ignore[arg-type]
