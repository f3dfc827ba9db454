"""Fingerprints of the readings of a day: count and hash tell every change, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from acm_etl.io.historian import HistorianSource, read_day_fingerprints, read_hash_probe
from acm_etl.load.historian import historian_table
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
