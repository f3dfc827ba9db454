"""Settings of a machine and the history of their changes."""

from __future__ import annotations

import pytest
import stores

from acm_etl.errors import ConfigError
from acm_etl.load.machines import machine_settings


def test_only_what_changes_is_a_row_of_the_history(engine):
    machine_settings.save_settings(engine, 1, {"score.alarm_z": "3.5", "backfill.tick": '"1d"'}, changed_by="ann")
    machine_settings.save_settings(engine, 1, {"score.alarm_z": "3.5"}, changed_by="bob")
    machine_settings.save_settings(engine, 1, {"score.alarm_z": "4.0"}, changed_by="bob", reason="too many alarms")
    rows = engine.query(
        'SELECT "ParamPath", "Revision", "OldValue", "NewValue", "ChangedBy", "ChangeReason"\n'
        'FROM "ACM_ConfigHistory" ORDER BY "ParamPath", "Revision"'
    )
    assert rows.rows() == [
        ("backfill.tick", 1, None, '"1d"', "ann", None),
        ("score.alarm_z", 1, None, "3.5", "ann", None),
        ("score.alarm_z", 2, "3.5", "4.0", "bob", "too many alarms"),
    ]
    assert machine_settings.read_settings(engine, 1)["score.alarm_z"] == "4.0"


def test_machines_have_histories_of_their_own(engine):
    machine_settings.save_settings(engine, 0, {"score.alarm_z": "3.5"})
    machine_settings.save_settings(engine, 1, {"score.alarm_z": "3.6"})
    rows = engine.query('SELECT "EquipID", "Revision" FROM "ACM_ConfigHistory" ORDER BY 1')
    assert rows.rows() == [(0, 1), (1, 1)]


@stores.WIRE_TOO
def test_a_setting_is_checked_stored_and_removed_with_its_history(engine):
    change = machine_settings.set_setting(engine, 1, "backfill.tick", "12h", changed_by="ann")
    assert change == machine_settings.SettingChange(1, "backfill.tick", None, '"12h"')
    change = machine_settings.set_setting(engine, 1, "score.lasting_z", "2.9")
    assert (change.name, change.new_value) == ("score.sustained_z", "2.9")
    listed = machine_settings.list_settings(engine, 1)
    assert [(row.name, row.value, row.updated_by) for row in listed] == [
        ("backfill.tick", '"12h"', "ann"),
        ("score.sustained_z", "2.9", None),
    ]
    removed = machine_settings.unset_setting(engine, 1, "backfill.tick", reason="default again")
    assert (removed.old_value, removed.new_value) == ('"12h"', None)
    machine_settings.set_setting(engine, 1, "backfill.tick", "1d")
    history = engine.query(
        'SELECT "Revision", "OldValue", "NewValue" FROM "ACM_ConfigHistory"\n'
        "WHERE \"ParamPath\" = 'backfill.tick' ORDER BY 1"
    )
    assert history.rows() == [(1, None, '"12h"'), (2, '"12h"', ""), (3, None, '"1d"')]


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("score.alarmz", "3"),
        ("score.alarm_z", "-1"),
        ("score.alarm_z", "high"),
        ("backfill.tick", "90s"),
        ("store.url", "duckdb:///x.duckdb"),
        ("backfill.workers", "4"),
    ],
)
def test_a_setting_that_cannot_be_stored_is_refused(engine, name, value):
    with pytest.raises(ConfigError):
        machine_settings.set_setting(engine, 1, name, value)
    assert machine_settings.list_settings(engine) == []


def test_a_setting_of_all_machines_must_agree_with_those_of_each_machine(engine):
    machine_settings.set_setting(engine, 1, "score.clear_z", "3.4")
    with pytest.raises(ConfigError, match="must not exceed alarm_z"):
        machine_settings.set_setting(engine, machine_settings.ALL_MACHINES_ID, "score.alarm_z", "3.2")


def test_a_setting_that_is_not_stored_cannot_be_removed(engine):
    with pytest.raises(ConfigError, match="not stored"):
        machine_settings.unset_setting(engine, 1, "score.alarm_z")
