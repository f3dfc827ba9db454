"""Readings out of a long source: pivoted and sampled as they stream, against a pivot of the whole frame."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from measure import Row, Way, contest

from acm_etl import simulate
from acm_etl.io import historian
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.source_spec import SamplingSpec, SourceSpec

TAGS = 50
ROWS, MANY = 1_000_000, 10_000_000
SPEC = SourceSpec(
    object_name="History", shape="long", time_column="DateTime", tag_column="TagName", value_column="Value",
    quality_column="QualityDetail", quality_rule="opc",
)  # fmt: skip


def long_source(folder: Path, repeats: int) -> list[Row]:
    """A million rows of fifty tags from a long table: pivoted, sampled every ten minutes, and pivoted by Polars."""
    return _pull_long(folder, repeats, ROWS)


def long_decade(folder: Path, repeats: int) -> list[Row]:
    """The same of ten million rows."""
    return _pull_long(folder, repeats, MANY)


def _pull_long(folder: Path, repeats: int, rows: int) -> list[Row]:
    engine = DuckDB(f"duckdb:///{folder / 'long.duckdb'}", memory_limit="256MB")
    try:
        engine.execute(
            'CREATE TABLE "History" AS SELECT'
            " CAST(TIMESTAMP '2024-01-01' + INTERVAL 1 MINUTE * minute AS TIMESTAMP_MS)"
            ' AS "DateTime", \'Plant.Unit.Tag\' || tag AS "TagName", random() * 100 AS "Value", 192 AS "QualityDetail"'
            f" FROM range({rows // TAGS}) AS a (minute), range({TAGS}) AS b (tag)"
        )
        return contest(
            [
                Way("pivot", lambda: _pull(engine, SPEC, rows), rows),
                Way("sample 10m", lambda: _pull(engine, SPEC.with_sampling(SamplingSpec.parse("10m")), rows), rows),
                Way("Polars pivot", lambda: _pivot_whole(engine, rows), rows),
            ],
            repeats,
            against="Polars pivot",
        )
    finally:
        engine.close()


def _pull(engine: DuckDB, spec: SourceSpec, rows: int) -> None:
    tags = tuple(f"Plant.Unit.Tag{tag}" for tag in range(TAGS))
    source = historian.HistorianSource("History", spec.time_column, tags, spec=spec)
    end = simulate.DEFAULT_START.replace(year=2100)
    found = historian.pull_readings(engine, source, simulate.DEFAULT_START.replace(year=2000), end)
    minutes = rows // TAGS
    assert found.height == (minutes if spec.sampling is None else -(-(minutes - 1) // 10) + 1)  # noqa: S101


def _pivot_whole(engine: DuckDB, rows: int) -> None:
    sql = 'SELECT "DateTime", "TagName", "Value" FROM "History" WHERE "QualityDetail" >= 192 ORDER BY "DateTime"'
    found = engine.query(sql).pivot(on="TagName", index="DateTime", values="Value")
    assert found["DateTime"][-1] - found["DateTime"][0] == timedelta(minutes=rows // TAGS - 1)  # noqa: S101
