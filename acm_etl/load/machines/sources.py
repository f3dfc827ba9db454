"""Declared sources of readings in ACM_Sources, one row per machine."""

from __future__ import annotations

import json
from typing import Any, cast

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load.clock import utc_now
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.single_rows import delete_rows
from acm_etl.load.staging import upsert_frame
from acm_etl.source_spec import SamplingSpec, SourceSpec, format_object_name
from acm_etl.tables.reference import SOURCES
from acm_etl.words import Aggregate, Fill, QualityRule, SourceShape


def read_source(engine: Engine, equip_id: int) -> SourceSpec | None:
    """Return the declared source of a machine; None for its wide table."""
    return read_sources(engine, [equip_id]).get(equip_id)


def read_sources(engine: Engine, equip_ids: list[int] | None = None) -> dict[int, SourceSpec]:
    """Return the declared sources by EquipID.

    Args:
        engine: The store.
        equip_ids: Machines to read; None for all.
    """
    sql = engine.dialect.sql("SELECT {columns} FROM {table}", columns=SOURCES.polars_schema, table=SOURCES)
    # One small row per machine: filtering here saves the limit on parameters.
    rows = engine.query(sql).cast(pl.Schema(SOURCES.polars_schema))
    return {
        row["EquipID"]: _build_spec(row)
        for row in rows.iter_rows(named=True)
        if equip_ids is None or row["EquipID"] in equip_ids
    }


def save_source(engine: Engine, equip_id: int, spec: SourceSpec) -> None:
    """Insert or replace the declaration of a machine, inside the caller's transaction or as a statement of its own."""
    upsert_frame(engine, SOURCES, pl.DataFrame([_build_row(equip_id, spec)], schema=SOURCES.polars_schema))


def delete_source(engine: Engine, equip_id: int) -> bool:
    """Delete the declaration of a machine; return whether there was one."""
    return bool(delete_rows(engine, SOURCES, {"EquipID": equip_id}))


def set_sampling(engine: Engine, machine: Equipment, sampling: SamplingSpec | None) -> SourceSpec:
    """Declare that the readings of a machine are sampled on a grid; its raw readings stay as they are.

    Args:
        engine: The store.
        machine: The machine; without a declared source, its wide table is declared.
        sampling: The grid; None to take the readings as they stand.

    Returns:
        The declaration from now on.
    """
    # The rest of a declaration stays: an import may sample a machine that a person has declared.
    spec = (read_source(engine, machine.equip_id) or declare_wide_table(machine)).with_sampling(sampling)
    save_source(engine, machine.equip_id, spec)
    return spec


def declare_wide_table(machine: Equipment) -> SourceSpec:
    """Return the declaration that equals having none: the wide table of a machine, as it stands."""
    # As one part: a machine code, and so its table, may contain dots.
    return SourceSpec(object_name=format_object_name(machine.table), time_column=machine.time_column)


def _build_row(equip_id: int, spec: SourceSpec) -> dict[str, object]:
    grid = spec.sampling
    return {
        "EquipID": equip_id,
        "ObjectName": spec.object_name,
        "Query": spec.query,
        "UrlSetting": spec.url_setting,
        "Shape": spec.shape,
        "TimeColumn": spec.time_column,
        "Clock": spec.clock,
        "TagColumn": spec.tag_column,
        "ValueColumn": spec.value_column,
        "QualityColumn": spec.quality_column,
        "QualityRule": spec.quality_rule,
        "FilterColumn": spec.filter_column,
        "FilterValue": spec.filter_value,
        "TagPatterns": _dump_list(spec.tag_patterns),
        "ExcludedPatterns": _dump_list(spec.excluded_patterns),
        "EveryMs": grid.every_ms if grid else None,
        "Fill": grid.fill if grid else None,
        # Whole milliseconds, the resolution of the stored times: no unit has to be parsed.
        "HoldMaxMs": grid.hold_max_ms if grid else None,
        "Aggregate": grid.aggregate if grid else None,
        "UpdatedAt": utc_now(),
    }


def _build_spec(row: dict[str, Any]) -> SourceSpec:
    grid = None
    # EveryMs decides: the other columns of the grid have values only together with it.
    if row["EveryMs"] is not None:
        fill, aggregate = cast("Fill", row["Fill"]), cast("Aggregate", row["Aggregate"])
        grid = SamplingSpec(row["EveryMs"], fill, row["HoldMaxMs"], aggregate)
    return SourceSpec(
        object_name=row["ObjectName"],
        query=row["Query"],
        url_setting=row["UrlSetting"],
        shape=cast("SourceShape", row["Shape"]),
        time_column=row["TimeColumn"],
        clock=row["Clock"],
        tag_column=row["TagColumn"],
        value_column=row["ValueColumn"],
        quality_column=row["QualityColumn"],
        quality_rule=cast("QualityRule | None", row["QualityRule"]),
        filter_column=row["FilterColumn"],
        filter_value=row["FilterValue"],
        tag_patterns=_load_list(row["TagPatterns"]),
        excluded_patterns=_load_list(row["ExcludedPatterns"]),
        sampling=grid,
    )


def _dump_list(patterns: tuple[str, ...]) -> str | None:
    # JSON, because a pattern may contain any separator.
    return json.dumps(patterns, ensure_ascii=False) if patterns else None


def _load_list(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()
