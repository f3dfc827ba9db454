"""Read a long source, one row per value: pivoted while it streams, against pivots of Polars and of DuckDB."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
from measure import Candidate, Measurement, interleave

from acm_etl import simulate
from acm_etl.io import historian
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.source_spec import SamplingSpec, SourceSpec

TAGS = 50
OURS, SAMPLED, POLARS, SQL = "acm_etl, pivot", "acm_etl, sampled every 10 min", "Polars, pivot", "DuckDB, PIVOT"
_SPEC = SourceSpec(
    object_name="History", shape="long", time_column="DateTime", tag_column="TagName", value_column="Value",
    quality_column="QualityDetail", quality_rule="opc",
)  # fmt: skip
_GOOD = '"QualityDetail" >= 192'


def measure_long(folder: Path, rounds: int, rows: int) -> list[Measurement]:
    """Measure rows of fifty tags as a frame with one column per tag."""
    engine = DuckDB(f"duckdb:///{folder / 'long.duckdb'}", memory_limit="1GB")
    try:
        _write_source(engine, rows)
        sampled = _SPEC.with_sampling(SamplingSpec.parse("10m"))
        candidates = [
            Candidate.from_call(OURS, rows, lambda: _pull(engine, _SPEC, rows)),
            Candidate.from_call(SAMPLED, rows, lambda: _pull(engine, sampled, rows)),
            Candidate.from_call(POLARS, rows, lambda: _pivot_by_polars(engine, rows)),
            Candidate.from_call(SQL, rows, lambda: _pivot_by_duckdb(engine, rows)),
        ]
        return interleave(candidates, rounds, warm_up=True)
    finally:
        engine.close()


def _write_source(engine: DuckDB, rows: int) -> None:
    engine.execute(
        'CREATE TABLE "History" AS SELECT'
        " CAST(TIMESTAMP '2024-01-01' + INTERVAL 1 MINUTE * minute AS TIMESTAMP_MS)"
        ' AS "DateTime", \'Plant.Unit.Tag\' || tag AS "TagName", random() * 100 AS "Value", 192 AS "QualityDetail"'
        f" FROM range({rows // TAGS}) AS a (minute), range({TAGS}) AS b (tag)"
    )


def _pull(engine: DuckDB, spec: SourceSpec, rows: int) -> None:
    tags = tuple(f"Plant.Unit.Tag{tag}" for tag in range(TAGS))
    source = historian.HistorianSource("History", spec.time_column, tags, spec=spec)
    end = simulate.DEFAULT_START + timedelta(days=30_000)
    found = historian.pull_readings(engine, source, simulate.DEFAULT_START, end)
    minutes = rows // TAGS
    _check_height(found, minutes if spec.sampling is None else -(-(minutes - 1) // 10) + 1)


def _pivot_by_polars(engine: DuckDB, rows: int) -> None:
    sql = f'SELECT "DateTime", "TagName", "Value" FROM "History" WHERE {_GOOD} ORDER BY "DateTime"'
    _check_height(engine.query(sql).pivot(on="TagName", index="DateTime", values="Value"), rows // TAGS)


def _pivot_by_duckdb(engine: DuckDB, rows: int) -> None:
    tags = ", ".join(f"'Plant.Unit.Tag{tag}'" for tag in range(TAGS))
    sql = (
        f'SELECT * FROM (SELECT "DateTime", "TagName", "Value" FROM "History" WHERE {_GOOD})'
        f' PIVOT (LAST("Value") FOR "TagName" IN ({tags})) ORDER BY "DateTime"'
    )
    _check_height(engine.query(sql), rows // TAGS)


def _check_height(frame: pl.DataFrame, expected: int) -> None:
    assert frame.height == expected  # noqa: S101 - candidates that do different work cannot be compared
