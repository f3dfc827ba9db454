from __future__ import annotations

import pytest
import stores

from acm_etl.dialects import DUCKDB
from acm_etl.errors import StoreError, UsageError
from acm_etl.load.historian import historian_table
from acm_etl.load.machines import equipment
from acm_etl.load.machines.equipment import MachineDescription
from acm_etl.load.staging import UpsertCounts

HOSTILE = [
    'a"b',
    "it's",
    "Pumpe 7 / Süd",
    "风机",
    '"; DROP TABLE "Equipment"; --',
    "x]; DELETE FROM RunLog",
    "🌀",
    " lead",
    "a.b.c",
    "select",
    "%s ? {x}",
    "x" * 100,
]


def _skip_unless_named(engine, name):
    """Skip the test on servers that cannot name a column so in the simplest of statements."""
    column, table = engine.dialect.quote(name), engine.dialect.quote(f"{name}_Probe")
    try:
        engine.execute(f"CREATE TABLE {table} ({column} INT)")
        named = engine.query(f"SELECT * FROM {table}").columns == [name]
        engine.execute(f"DROP TABLE {table}")
    except StoreError:
        named = False
    if not named:
        pytest.skip(f"this server cannot name a column {name!r}")


@pytest.mark.sampled(4)
@pytest.mark.parametrize("code", HOSTILE)
def test_any_name_works(engine, code):
    _skip_unless_named(engine, code)
    machine = equipment.register_machine(engine, code, time_zone="UTC")
    table = historian_table.declare_historian_table(code, [code, "b"])
    historian_table.create_or_extend_table(engine, table)
    if list(engine.get_column_types(table.name)) != ["EntryDateTime", code, "b"]:
        pytest.skip(f"this server cannot keep the name {code!r}")  # SQL Server can, and so can DuckDB
    assert equipment.find_unregistered_codes(engine) == []
    assert equipment.sync_tags(engine, machine) == ([code, "b"], [])
    assert equipment.find_machine(engine, code) == machine
    assert {tag.name for tag in equipment.read_tags(engine, machine.equip_id)} == {code, "b"}
    assert engine.query(f"SELECT {DUCKDB.quote(code)} FROM {DUCKDB.quote(table.name)}").columns == [code]
    assert len(equipment.read_machines(engine)) == 2


def test_ids_count_from_one(engine):
    assert [equipment.register_machine(engine, code, time_zone="UTC").equip_id for code in "xy"] == [2, 3]


def test_the_description_of_a_machine_can_be_changed(engine):
    described = MachineDescription("Feed pump", area="Boiler")
    machine = equipment.register_machine(engine, "PUMP", time_zone="UTC", description=described)
    changed = equipment.change_description(engine, machine, MachineDescription(area="Turbine", unit="2"))
    assert (changed.name, changed.area, changed.unit, changed.time_zone) == ("Feed pump", "Turbine", "2", "UTC")
    assert equipment.change_description(engine, changed, equipment.NO_DESCRIPTION) == changed
    assert equipment.find_machine(engine, "PUMP") == changed


@pytest.mark.parametrize(
    ("code", "zone", "message"),
    [
        ("FAN", "UTC", "machine 'FAN' is registered already"),
        ("", "UTC", "must have 1 to 100 characters, not 0"),
        ("FAN ", "UTC", "must not end with a blank"),
        ("x" * 101, "UTC", "must have 1 to 100 characters, not 101"),
        ("P", "Berlin", "'Berlin' is not a time zone; use an IANA name"),
    ],
)
def test_what_cannot_be_registered(engine, code, zone, message):
    with pytest.raises(UsageError, match=message):
        equipment.register_machine(engine, code, time_zone=zone)


def test_an_unknown_machine_is_answered_with_those_known(engine):
    with pytest.raises(UsageError, match="there is no machine 'fan'; known machines: FAN"):
        equipment.find_machine(engine, "fan")


def test_codes_that_differ_in_case_only_would_share_a_table(engine):
    assert equipment.find_registered(engine, "FAN2") is None
    with pytest.raises(UsageError, match="there is no machine 'fan', but 'FAN'"):
        equipment.find_registered(engine, "fan")


def test_machines_are_found_once_each_in_the_order_of_their_codes(engine):
    for code in ("B", "A"):
        equipment.register_machine(engine, code, time_zone="UTC")
    assert [machine.code for machine in equipment.find_machines(engine, ["FAN", "A", "FAN"])] == ["A", "FAN"]
    assert [machine.code for machine in equipment.find_machines(engine, [])] == ["A", "B", "FAN"]
    with pytest.raises(UsageError, match="'NOPE', 'NONE'; known machines: A, B, FAN"):
        equipment.find_machines(engine, ["NOPE", "A", "NONE"])


def test_unregistered_historian_tables_are_discovered(engine):
    for name in ("FAN_Data", "PUMP_Data", "_Data", "Datax"):
        engine.execute(f'CREATE TABLE "{name}" ("EntryDateTime" {engine.dialect.sql_types["ts3"]})')
    assert equipment.find_unregistered_codes(engine) == ["PUMP"]


@stores.WIRE_TOO
def test_tags_follow_the_columns_and_keep_their_descriptions(engine):
    machine = equipment.find_machine(engine, "FAN")
    with pytest.raises(UsageError, match="there is no table 'FAN_Data'"):
        equipment.sync_tags(engine, machine)
    historian_table.create_or_extend_table(engine, historian_table.declare_historian_table("FAN", ["a", "b"]))
    assert equipment.sync_tags(engine, machine) == (["a", "b"], [])
    described = equipment.Tag("a", "Bearing", "°C", "temperature")
    assert equipment.upsert_tags(engine, machine, [described]) == UpsertCounts(updated=1)
    historian_table.create_or_extend_table(engine, historian_table.declare_historian_table("FAN", ["a", "c"]))
    assert equipment.sync_tags(engine, machine) == (["c"], [])
    engine.execute('ALTER TABLE "FAN_Data" DROP COLUMN "b"')
    assert equipment.sync_tags(engine, machine) == ([], ["b"])
    stored = equipment.read_tags(engine, machine.equip_id)
    assert stored == [described, equipment.Tag("b", is_active=False), equipment.Tag("c")]
    assert equipment.sync_tags(engine, machine) == ([], [])
