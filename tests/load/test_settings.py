"""Settings of a machine and the history of their changes."""

from __future__ import annotations

from acm_etl.load import machine_settings


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
