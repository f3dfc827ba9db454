"""Historian tables without tags, readings or the columns of the models: each is named, with what to do."""

from __future__ import annotations

import json

import pytest
from commands import alter, assert_refused, run
from plants import CODE, assert_same, history, make_empty_plant


@pytest.mark.slow
def test_a_tag_that_is_gone_from_the_historian(plant):
    place = plant.scored(max_windows=15)
    tag = history().columns[3]
    alter(place, f'ALTER TABLE "{CODE}_Data" DROP COLUMN "{tag}"')
    # That it failed is recorded, and nothing else.
    records = ("RunLog", "ACM_Runs", "ACM_RunErrors")
    before = place.dump(without=records)
    assert_refused(run(place, "backfill", "--all"), 1, CODE, "1 of 10 columns missing", tag)
    assert_same(place.dump(without=records), before)
    assert run(place, "equipment", "add", CODE, "--timezone", "America/New_York").exit_code == 0
    assert_refused(run(place, "backfill", "--all"), 1, "1 of 10 columns missing", tag)
    assert run(place, "reset", CODE, "--yes").exit_code == 0
    assert run(place, "backfill", "--all").exit_code == 0


def test_a_historian_table_that_is_gone(plant):
    place = plant()
    alter(place, f'DROP TABLE "{CODE}_Data"')
    assert_refused(run(place, "backfill", "--all"), 1, f"historian table {CODE}_Data does not exist; import readings")


def test_a_historian_without_readings_is_no_failure(plant):
    place = plant(readings=history().clear())
    found = run(place, "backfill", "--all")
    assert found.exit_code == 0
    assert "has no readings" in found.stdout
    assert run(place, "show", CODE).exit_code == 0


@pytest.mark.slow
def test_a_historian_that_was_emptied_is_not_up_to_date(plant):
    place = plant()
    assert run(place, "backfill", "--all").exit_code == 0
    alter(place, f'DELETE FROM "{CODE}_Data"')
    assert_refused(run(place, "backfill", "--all"), 1, f"{CODE}_Data is empty, but has results up to 2024")
    assert_refused(run(place, "backfill", "--all", "--dry-run"), 1, "restore the readings (acm-etl import)")


def test_bounds_that_leave_nothing_are_named(plant):
    found = run(plant(), "backfill", "--all", "--from", "2030-01-01", "--to", "2030-02-01")
    assert found.exit_code == 0
    assert f"{CODE}_Data has no readings from 2030-01-01T00:00 and before 2030-02-01T00:00" in found.stdout


@pytest.mark.slow
def test_text_columns_of_a_foreign_historian_are_no_tags_and_named(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb")
    engine = place.connect()
    engine.execute(
        'CREATE TABLE "MILL_Data" ("EntryDateTime" TIMESTAMP, speed DOUBLE, count INTEGER, shift VARCHAR, day DATE)'
    )
    engine.execute("INSERT INTO \"MILL_Data\" VALUES ('2024-01-01', 1, 2, 'early', '2024-01-01')")
    engine.execute('CREATE TABLE "WORDS_Data" ("EntryDateTime" TIMESTAMP, word VARCHAR)')
    engine.execute('CREATE TABLE "ZONED_Data" ("EntryDateTime" TIMESTAMPTZ, speed DOUBLE)')
    engine.execute('CREATE TABLE "LATE_Data" ("when" TIMESTAMP, speed DOUBLE)')
    engine.close()
    listed = run(place, "equipment", "list").stdout
    assert "Unregistered historian table MILL_Data: acm-etl equipment add MILL" in listed
    added = json.loads(run(place, "--json", "equipment", "add", "MILL", "--timezone", "UTC").stdout)
    assert (added["tags"], added["ignored_columns"]) == (2, ["shift", "day"])
    for code, expected in (("WORDS", "no numeric column"), ("ZONED", "without a time zone"), ("LATE", "--time-column")):
        assert_refused(run(place, "equipment", "add", code, "--timezone", "UTC"), 2, expected)
    assert place.query('SELECT "EquipCode" FROM "Equipment"')["EquipCode"].to_list() == ["MILL"]
    tags = place.query('SELECT "TagName" FROM "ACM_TagEquipmentMap" ORDER BY 1')["TagName"].to_list()
    assert tags == ["count", "speed"]


def test_adding_a_machine_again_takes_new_columns_in(plant):
    place = plant()
    alter(place, f'ALTER TABLE "{CODE}_Data" ADD COLUMN fresh DOUBLE')
    found = run(place, "equipment", "add", CODE, "--timezone", "America/New_York")
    assert "10 tags, 1 new" in found.stdout
    assert_refused(run(place, "equipment", "add", CODE, "--timezone", "UTC"), 2, "already registered")
