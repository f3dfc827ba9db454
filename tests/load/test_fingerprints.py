"""Fingerprints of the readings of a day: count and hash tell every change, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl
import pytest
import stores
from sql.recorder import Recorder

from acm_etl.io.historian import HistorianSource, read_day_fingerprints, read_hash_probe
from acm_etl.load.historian import historian_table
from acm_etl.source_spec import SourceSpec
from load.made import START

TABLE = historian_table.declare_historian_table("P", ["Tag.1 Fan-A", "b"])
SOURCE = HistorianSource("P_Data", "EntryDateTime", ("Tag.1 Fan-A", "b"))


def _load(engine, rows):
    frame = pl.DataFrame(
        {
            "EntryDateTime": pl.Series([START + timedelta(hours=hour) for hour, *_ in rows], dtype=pl.Datetime("ms")),
            "Tag.1 Fan-A": [row[1] for row in rows],
            "b": [row[2] for row in rows],
        },
        schema=TABLE.polars_schema,
    )
    engine.execute(f"DELETE FROM {engine.dialect.quote(TABLE.name)}")
    historian_table.load_readings(engine, TABLE, [frame])


def _read(engine, **limits):
    return read_day_fingerprints(engine, replace(SOURCE, **limits)).rows()


ROWS = [(0, 1.0, None), (1, 2.0, 3.0), (30, 4.0, 5.0)]
CHANGES = {
    "value": [(0, 1.0, None), (1, 2.5, 3.0), (30, 4.0, 5.0)],
    "null": [(0, 1.0, 7.0), (1, 2.0, 3.0), (30, 4.0, 5.0)],
    "swapped": [(0, 2.0, None), (1, 1.0, 3.0), (30, 4.0, 5.0)],
    "moved": [(0, 1.0, None), (2, 2.0, 3.0), (30, 4.0, 5.0)],
    "deleted": [(0, 1.0, None), (30, 4.0, 5.0)],
}


@pytest.mark.sampled(5)
@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_shows_in_its_day_only(engine, kind):
    historian_table.create_or_extend_table(engine, TABLE)
    _load(engine, ROWS)
    before = _read(engine)
    _load(engine, CHANGES[kind])
    after = _read(engine)
    assert [row[0] for row in before] == [date(2024, 1, 1), date(2024, 1, 2)]
    assert [row[1] for row in before] == [2, 1]
    assert before[0] != after[0]
    assert before[1] == after[1]
    _load(engine, ROWS[::-1])
    assert _read(engine) == before


def test_days_are_read_within_their_limits(engine):
    historian_table.create_or_extend_table(engine, TABLE)
    assert _read(engine) == []
    _load(engine, [(hour, float(hour), None) for hour in range(0, 96, 6)])
    days = _read(engine)
    assert len(days) == 4
    assert _read(engine, since=datetime(2024, 1, 2), until=datetime(2024, 1, 4)) == days[1:3]
    assert _read(engine, since=datetime(2024, 1, 3)) == days[2:]


def test_the_probe_is_constant(engine):
    assert read_hash_probe(engine) == read_hash_probe(engine)


# As many numbers as a table of SQL Server takes, and a few long texts.
MANY_COLUMNS = {"numbers": (1_023, "0.5", "1.5"), "texts": (30, f"'{'x' * 400}'", f"'{'x' * 399}y'")}


def _many_columns(engine, kind, changed=None):
    """A source of one row, in which one column may have changed."""
    count, before, after = MANY_COLUMNS[kind]
    cells = ", ".join(f"{after if number == changed else before} AS c{number}" for number in range(count))
    time = f"CAST('2024-01-01' AS {engine.dialect.sql_types['ts3']}) AS t"
    tags = tuple(f"c{number}" for number in range(count))
    return HistorianSource("q", "t", tags, spec=SourceSpec(query=f"SELECT {time}, {cells}", time_column="t"))


# Over the wire, `make test` takes the few long texts, whose hashes are joined as those of the many numbers.
@pytest.mark.parametrize(
    ("engine", "kind"),
    [
        ("duckdb", "numbers"),
        ("duckdb", "texts"),
        ("wire", "texts"),
        pytest.param("wire", "numbers", marks=pytest.mark.slow),
        *(pytest.param(*stores.SERVER.values, kind, marks=stores.SERVER.marks) for kind in MANY_COLUMNS),
    ],
    indirect=["engine"],
)
def test_every_column_of_a_wide_table_counts(engine, kind):
    last = MANY_COLUMNS[kind][0] - 1
    hashes = {read_day_fingerprints(engine, _many_columns(engine, kind, n))["RowsHash"].item() for n in (None, 0, last)}
    assert len(hashes) == 3


@pytest.mark.parametrize("kind", MANY_COLUMNS)
def test_no_join_of_cells_is_cut_by_sql_server(kind):
    """A join of values that are not of type MAX ends at 8,000 bytes, without an error."""
    engine = Recorder()
    text = pl.Series(["x"]) if kind == "texts" else pl.Series([0.5])
    source = _many_columns(engine, kind)
    engine.answers = {
        "WHERE 1 = 0": pl.DataFrame(dict.fromkeys(source.tags, text)),
        "AS rows_hash": pl.DataFrame({"slot": [START], "readings": [1], "rows_hash": [1]}),
    }
    read_day_fingerprints(engine, source)
    sql = next(statement for statement in engine.statements if "AS rows_hash" in statement).partition("FROM")[0]
    groups = re.findall(r"CAST\((.*?) AS VARBINARY\(MAX\)\)", sql)
    assert len(groups) > 1
    assert sum(group.count("CAST(s.[c") for group in groups) == len(source.tags)
    assert max(8 * group.count("BINARY(8)") + 800 * group.count("BINARY(800)") for group in groups) <= 8_000
