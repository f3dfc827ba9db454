"""Rows of several tables in one staging table: nothing of them is lost or mixed up on the way."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

from acm_etl import tables
from acm_etl.dialects import DUCKDB, MSSQL
from acm_etl.dialects.parameters import iter_in_lists
from acm_etl.engine import SpanStatement
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.tables.shared_staging import MAX_SHARED_ROWS, STAGED_ROWS, build_relation, can_share, pack_frames
from load.golden_files import assert_golden

VALUES = {
    "uuid": "0a39443b-ae1f-4b5b-a35a-42ac78000001",
    "i32": 7,
    "i64": 2**53 + 1,
    "f64": 0.1 + 0.2,
    "bool": True,
    "str": "Größe",
    "text": "a\nb",
    "ts3": datetime(2024, 2, 29, 23, 59, 59, 999000),
    "bytes": b"\x00\xff",
}


def make_frame(table, rows=2):
    """A frame in which no two columns of a type are equal, with a NULL where the table takes it."""
    frame = table.empty_frame()
    for row in range(rows):
        values = [
            None if column.nullable and (row + number) % 2 else _vary(VALUES[column.base_type], number)
            for number, column in enumerate(table.insertable_columns)
        ]
        frame.extend(pl.DataFrame([values], schema=table.polars_schema, orient="row"))
    return frame


def _vary(value, number):
    match value:
        case bool():
            return value
        case str():
            return value if value == VALUES["uuid"] else value + str(number)
        case bytes():
            return value + bytes([number])
        case datetime():
            return value.replace(microsecond=number * 1000)
        case _:
            return value + number


def test_every_table_comes_back_from_the_shared_staging_table(tmp_path):
    frames = [(table, make_frame(table)) for table in tables.ALL]
    engine = DuckDB(f"duckdb:///{tmp_path / 'x.duckdb'}")
    packed = engine.stage_frame(STAGED_ROWS, pack_frames(frames))
    for table, frame in frames:
        assert can_share(table, frame)
        stored = engine.query(f"SELECT * FROM {build_relation(table, packed, DUCKDB)}")
        assert stored.columns == frame.columns
        assert stored.cast(frame.schema).sort(frame.columns).equals(frame.sort(frame.columns)), table.name
    engine.close()


def test_long_frames_and_wide_tables_are_staged_alone():
    table = tables.BY_NAME["ACM_SensorDrift"]
    frame = make_frame(table, rows=1)
    assert can_share(table, pl.concat([frame] * MAX_SHARED_ROWS))
    assert not can_share(table, pl.concat([frame] * (MAX_SHARED_ROWS + 1)))
    wide = tables.runs.STATE
    assert not can_share(
        type(wide)("Wide", "time", "x", wide.columns * 2, key=wide.key), pl.DataFrame(schema=wide.polars_schema)
    )


def test_golden_sql_of_a_round_trip():
    """What is sent for a batch of statements, as committed."""
    pytest.importorskip("mssql_python")
    from acm_etl.io.mssql import statements  # noqa: PLC0415

    stats = tables.BY_NAME["ACM_Run_Stats"]
    create = statements.build_create_table(STAGED_ROWS, "[stage].[acm_ACM_StagedRows_s1]", MSSQL, with_key_index=True)
    relation = build_relation(stats, "[stage].[acm_ACM_StagedRows_s1]", MSSQL)
    span = (1, datetime(2024, 1, 1), datetime(2024, 1, 2))
    batch = statements.build_batch([SpanStatement("RunLog", "DELETE FROM [a] WHERE [x?] = ? AND [t] >= ?", span)])
    assert batch.values == [
        "DELETE FROM [a] WHERE [x?] = @P1 AND [t] >= @P2", *span, *(["", None, None, None] * 3)
    ]  # fmt: skip
    text = f"{create}\nGO\n\nSELECT * FROM {relation} AS s\nGO\n\n{batch.sql}\nGO\n"
    assert_golden("mssql_batch.sql", text)


def test_the_text_of_a_round_trip_depends_on_few_sizes():
    pytest.importorskip("mssql_python")
    from acm_etl.io.mssql import statements  # noqa: PLC0415

    one = SpanStatement("RunLog", "DELETE FROM [RunLog] WHERE [EquipID] = ?")
    assert len({statements.build_batch([one] * count).sql for count in range(1, 65)}) == 5


@pytest.mark.parametrize("count", [1, 3, 500, 501, 1_200])
def test_the_text_of_an_in_list_depends_on_few_sizes(count):
    lists = [(len(values), text.count("?"), set(values)) for values, text in iter_in_lists(range(count))]
    assert set().union(*(values for _, _, values in lists)) == set(range(count))
    assert all(size == placeholders for size, placeholders, _ in lists)
    assert {size for size, _, _ in lists} <= {1, 4, 16, 64, 256, 500}


def test_no_values_are_no_list():
    assert list(iter_in_lists([])) == []
