"""A column of the historian whose type was changed ends with one error that names it, and nothing is stored."""

from __future__ import annotations

import pytest
from commands import run
from plants import history, tidy


def retype(place, column, sql_type):
    engine = place.connect()
    try:
        engine.execute(f'ALTER TABLE "{place.code}_Data" ALTER COLUMN "{column}" TYPE {sql_type}')
    finally:
        engine.close()


@pytest.mark.sampled
@pytest.mark.parametrize(("column", "sql_type"), [
    ("EntryDateTime", "VARCHAR"),
    ("tag", "VARCHAR"),
    ("EntryDateTime", "TIMESTAMP WITH TIME ZONE"),
    ("tag", "TIMESTAMP USING TIMESTAMP '2024-01-01'"),
])  # fmt: skip
def test_a_retyped_column_is_named_with_both_types(plant, column, sql_type):
    place = plant.scored(max_windows=5)
    tag = place.query('SELECT MIN("TagName") FROM "ACM_TagEquipmentMap"').item()
    name = tag if column == "tag" else column
    before = place.query('SELECT * FROM "ACM_BatchProgress"')
    retype(place, name, sql_type)
    (report,) = place.backfill(max_windows=1).machines
    assert (report.outcome, report.exit_code) == ("failed", 1)
    assert f"{name} is {sql_type.split(' USING')[0]}, was " in report.message
    assert "unexpected" not in report.message
    assert place.query('SELECT * FROM "ACM_BatchProgress"').equals(before)
    for words in (["status"], ["show", place.code], ["equipment", "list"], ["verify", "--all"]):
        result = run(place, *words)
        assert isinstance(result.exception, (SystemExit, type(None))), words


@pytest.mark.sampled
@pytest.mark.parametrize("sql_type", ["DECIMAL(18,6)", "FLOAT"])
def test_another_type_of_numbers_is_read(plant, sql_type):
    place = plant.scored(readings=tidy(history()), max_windows=5)
    tag = place.query('SELECT MIN("TagName") FROM "ACM_TagEquipmentMap"').item()
    retype(place, tag, sql_type)
    place.backfill_or_fail(max_windows=1)
