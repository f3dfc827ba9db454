"""Old names of settings work in every source, in stored signatures and in stored models."""

from __future__ import annotations

import json
import logging

import pytest
from plants import history

from acm_etl import config, formatting, setting_sources
from acm_etl.config import BackfillSettings, Config, ScoreParams
from acm_etl.errors import ConfigError
from acm_etl.run.plan import count_affordable_readings

# Another value than the default for each renamed setting.
OTHER_VALUES = {
    "backfill.group": 96,
    "backfill.ahead": 0,
    "backfill.outage": "7m",
    "backfill.lateness": "2h",
    "backfill.state_days": 8,
    "store.side_by_side": 2,
    "score.lasting_z": 2.75,
    "score.lasting_rows": 7,
    "score.recovered_share": 0.5,
}
# Signature of the default settings of the first release.
DEFAULT_SIGNATURE = "b2d308aa953deb7cb676caaf76145343d2f745fc8a44b4c549fcdd3d4e28aa3e"


@pytest.fixture(autouse=True)
def _no_notice_given_yet():
    setting_sources._warn_once.cache_clear()


def load_as(source, name, value, folder):
    section, key = name.split(".")
    if source == "toml":
        path = folder / "acm.toml"
        path.write_text(f"[{section}]\n{key} = {json.dumps(value)}\n", encoding="utf-8")
        return config.load_config(path=path, environ={})
    if source == "environment":
        return config.load_config(environ={f"ACM_{section}__{key}".upper(): str(value)})
    if source == "ACM_Config":
        return config.load_config(config_rows={name: json.dumps(value)}, environ={})
    return config.load_config({name: value}, environ={})


@pytest.mark.parametrize("source", ["toml", "environment", "ACM_Config", "options"])
def test_old_names_set_the_renamed_settings(source, tmp_path):
    assert OTHER_VALUES.keys() == setting_sources.RENAMED_SETTINGS.keys()
    for old, value in OTHER_VALUES.items():
        new = setting_sources.RENAMED_SETTINGS[old]
        loaded = load_as(source, old, value, tmp_path)
        assert loaded == load_as(source, new, value, tmp_path)
        assert loaded != Config()


def test_an_old_name_gives_one_notice(caplog):
    with caplog.at_level(logging.WARNING, "acm_etl"):
        for _ in range(3):
            config.load_config({"backfill.group": 96}, environ={})
    assert [record.name for record in caplog.records] == ["acm_etl.setting_sources"]
    assert "backfill.batch_rows" in caplog.text


def test_the_strongest_source_wins_whatever_name_it_uses(tmp_path):
    path = tmp_path / "acm.toml"
    path.write_text("[backfill]\ngroup = 10\n", encoding="utf-8")
    loaded = config.load_config({"backfill.batch_rows": 30}, path=path, environ={"ACM_BACKFILL__GROUP": "20"})
    assert loaded.backfill.batch_rows == 30
    loaded = config.load_config({"backfill.group": 30}, path=path, environ={"ACM_BACKFILL__BATCH_ROWS": "20"})
    assert loaded.backfill.batch_rows == 30


def test_an_error_in_a_renamed_setting_names_its_source():
    with pytest.raises(ConfigError, match=r"in environment: backfill\.batch_rows"):
        config.load_config(environ={"ACM_BACKFILL__GROUP": "0"})


def test_a_setting_without_effect_is_accepted_with_a_notice(caplog):
    with caplog.at_level(logging.WARNING, "acm_etl"):
        assert config.load_config({"backfill.trip_after": 9}, environ={}) == Config()
    assert len(caplog.records) == 1
    assert "backfill.trip_after has no effect" in caplog.text


def test_renaming_leaves_the_signature(caplog):
    assert Config().signature == DEFAULT_SIGNATURE
    stored = config.load_config({"score.sustained_z": 2.75}, environ={})
    payload = json.loads(stored.signature_payload)
    assert payload["score"]["lasting_z"] == 2.75
    assert Config().restore_settings(stored.signature_payload).score == stored.score
    assert not caplog.records, "no user wrote the stored names"
    assert formatting.diff_settings(Config().signature_payload, stored.signature_payload) == [
        "score.sustained_z 3, requested 2.75"
    ]


def test_stored_models_keep_the_first_names():
    params = ScoreParams(sustained_z=2.75, sustained_rows=7, recovery_ratio=0.5)
    stored = params.to_stored()
    assert {"lasting_z": 2.75, "lasting_rows": 7, "recovered_share": 0.5}.items() <= stored.items()
    assert ScoreParams.model_validate(stored) == params


@pytest.mark.slow
def test_a_store_opens_under_the_new_names_without_a_replay(plant):
    place = plant.scored(
        readings=history(days=16), max_windows=3, options={"score.lasting_z": 2.75, "backfill.group": 96}
    )
    report = place.backfill(options={"score.sustained_z": 2.75, "backfill.batch_rows": 48})
    assert report.exit_code == 0, report.machines[0].message


def test_batches_share_the_memory_budget():
    settings = BackfillSettings(batch_memory_mb=300, prefetch=2)
    few, many = (count_affordable_readings(settings, tag_count=tags) for tags in (10, 1_000))
    assert few > 10 * many
    # A deeper prefetch has more batches in work, each of which gets less.
    deep = settings.model_copy(update={"prefetch": 5})
    assert count_affordable_readings(deep, tag_count=10) == few // 2
    assert count_affordable_readings(settings, tag_count=10**8) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("score.dwell_rows", 10**20),
        ("score.drift_hours", 1e20),
        ("training.days", 1e7),
        ("backfill.replay_days", 10**20),
        ("backfill.allowed_lateness", "999999999d"),
    ],
)
def test_periods_beyond_the_calendar_are_refused(name, value):
    with pytest.raises(ConfigError, match=name):
        config.load_config({name: value}, environ={})
