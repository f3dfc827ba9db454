"""prune of several machines: settings of all are known before anything is deleted, and a locked one is left out."""

from __future__ import annotations

import json

import pytest
from commands import assert_refused, run
from plants import copy_plant, history, make_plant

from acm_etl.load.machines import machine_settings


def test_prune_without_a_number_is_refused(plant):
    place = plant(readings=history(days=3))
    assert_refused(run(place, "prune", "--all"), 2, "no retention period is set for FAN_1")
    assert_refused(run(place, "prune", "--all", "--time-days", "30"), 2, "retention.time_days", "400")


def metrics(place):
    pair = "Equipment LEFT JOIN ACM_WriteMetrics AS m USING (EquipID)"
    return dict(place.query(f"SELECT EquipCode, count(m.EquipID) AS n FROM {pair} GROUP BY 1").iter_rows())


@pytest.fixture(scope="module")
def three_machines(tmp_path_factory):
    """A store with the same history of three machines, scored."""
    place = make_plant(tmp_path_factory.mktemp("fleet") / "fleet.duckdb", readings=history(days=16))
    for code in ("FAN_2", "FAN_3"):
        place.load(history(days=16), code=code)
    assert run(place, "backfill", "--all").exit_code == 0
    return place


@pytest.fixture
def fleet(three_machines, tmp_path):
    """Three machines, the first two with something that has expired."""
    place = copy_plant(three_machines, tmp_path)
    engine = place.connect()
    for equip_id in (1, 2):
        machine_settings.save_settings(engine, equip_id, {"retention.run_days": "1"})
    engine.close()
    return place


@pytest.mark.slow
def test_prune_of_all_passes_over_machines_with_nothing_set(fleet):
    before = metrics(fleet)
    found = run(fleet, "--json", "prune", "--all", "--apply")
    assert found.exit_code == 0, found.stderr
    assert {row["machine"] for row in json.loads(found.stdout)["expired"]} == {"FAN_1", "FAN_2"}
    after = metrics(fleet)
    assert after["FAN_1"] < before["FAN_1"]
    assert after["FAN_2"] < before["FAN_2"]
    assert after["FAN_3"] == before["FAN_3"]


@pytest.mark.slow
def test_prune_deletes_nothing_before_all_settings_are_known(fleet):
    before = metrics(fleet)
    refused = run(fleet, "prune", "--equip", "FAN_1", "FAN_3", "--apply")
    assert_refused(refused, 2, "no retention period is set for FAN_3")
    engine = fleet.connect()
    machine_settings.save_settings(engine, 3, {"retention.run_days": "0"})
    engine.close()
    refused = run(fleet, "prune", "--all", "--apply")
    assert_refused(refused, 2, "FAN_3", "retention.run_days", "nothing was deleted")
    assert metrics(fleet) == before


@pytest.mark.slow
def test_prune_names_the_locked_machine_and_prunes_the_others(fleet):
    before, engine = metrics(fleet), fleet.connect()
    with engine.acquire_lock("FAN_2"):
        held = run(fleet, "--json", "prune", "--all", "--apply")
        dry = json.loads(run(fleet, "--json", "prune", "--all").stdout)
    engine.close()
    assert_refused(held, 1, "FAN_2")
    assert sum(row["rows"] for row in json.loads(held.stdout)["expired"]) > 0
    after = metrics(fleet)
    assert after["FAN_1"] < before["FAN_1"]
    assert after["FAN_2"] == before["FAN_2"]
    assert [(one["machine"], one["exit_code"]) for one in dry["failed"]] == [("FAN_2", 1)]
    assert {row["machine"] for row in dry["expired"]} == {"FAN_1"}
