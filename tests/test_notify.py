"""Messages about alarms: what is sent when, to whom, how often; and that no address is ever shown."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sinks
from commands import alter, assert_refused, run
from plants import CODE, make_empty_plant
from test_json import parse

from acm_etl.load.episodes import outbox
from acm_etl.load.episodes.outbox import Notice, UnsentNotice, format_cause_key, format_key
from acm_etl.load.machines import equipment
from acm_etl.notify.messages import plan_messages
from acm_etl.notify.status_events import find_status_notices
from acm_etl.setting_models import NotifySettings
from acm_etl.status.machine_status import Activity, Forecast, Health, MachineStatus, Readings, RunAttempt

NOW = datetime(2024, 5, 1, 12)
HOUR = timedelta(hours=1)
SETTINGS = NotifySettings(enabled=True)
KOLKATA = equipment.Equipment(1, "FAN", None, None, None, "Asia/Kolkata", "FAN_Data", "EntryDateTime")  # UTC+5:30
MACHINES = {1: KOLKATA, 2: replace(KOLKATA, equip_id=2, code="MILL")}
ON = {"ACM_NOTIFY__ENABLED": "true"}

pytest.importorskip("apprise")
# Apprise imports it; in Python 3.13 it has a copy of its own.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def notice(event="episode_opened", hours=-1.0, *, equip_id=1, level=None, severity="LOW", recorded=NOW, length=0.5):
    start = NOW + hours * HOUR
    key = f"{format_key(start)} {level}" if level else format_key(start)
    found = Notice(event, key, start, start + length * HOUR, severity, 3.7, "a (60 %)")
    return UnsentNotice(equip_id, found, recorded)


def plan(*unsent, now=NOW, **settings):
    found = plan_messages(unsent, MACHINES, SETTINGS.model_copy(update=settings), now)
    assert {id(each) for message in found.messages for each in message.notices} | set(map(id, found.held)) == set(
        map(id, unsent)
    ), "every event is sent or held"
    return found


def test_an_episode_is_one_message_about_its_last_event():
    course = [
        notice(),
        notice("episode_worsened", level="MEDIUM", severity="MEDIUM"),
        notice("episode_worsened", level="HIGH", severity="HIGH"),
        notice("episode_closed", severity="HIGH"),
    ]
    for count, title in enumerate(["opened, LOW", "risen to MEDIUM", "risen to HIGH", "closed, HIGH"], start=1):
        (message,) = plan(*course[:count]).messages
        assert title in message.title
    assert len(plan(notice(), notice(hours=-9), notice(equip_id=2)).messages) == 3


def test_different_causes_at_one_time_have_a_message_each():
    causes = [notice(event, severity=None) for event in ("feed_silent", "run_failed", "machine_failing")]
    titles = {message.title for message in plan(*causes, notice()).messages}
    assert len(titles) == 4


def test_old_events_are_one_digest_and_an_old_episode_that_lasts_is_news():
    history = [notice(hours=-24.0 * day, equip_id=1 + day % 2) for day in range(3, 300)]
    (digest,) = plan(*history).messages
    assert (len(digest.notices), digest.body.count("FAN: "), digest.body.count("MILL: ")) == (297, 1, 1)
    assert len(plan(*history, notice(hours=-240, length=239)).messages) == 2
    assert len(plan(*history, max_age=timedelta(days=400), max_messages=4).messages) == 5


def test_the_most_severe_events_have_messages_of_their_own():
    many = [notice(hours=-hours, severity="HIGH" if hours == 7 else "LOW") for hours in range(1, 20)]
    single, digest = plan(*many, max_messages=1).messages
    assert (single.notices, len(digest.notices)) == ((many[6],), 18)


@pytest.mark.parametrize(
    ("quiet_hours", "clock", "is_held"),
    [
        ("22:00-06:00", datetime(2024, 5, 1, 16, 30), True),
        ("22:00-06:00", datetime(2024, 5, 1, 16, 29), False),
        ("22:00-06:00", datetime(2024, 5, 2, 0, 29), True),
        ("22:00-06:00", datetime(2024, 5, 2, 0, 30), False),
        ("09:00-10:00", datetime(2024, 5, 1, 4, 0), True),
        ("", datetime(2024, 5, 1, 18, 0), False),
    ],
)
def test_quiet_hours_are_those_of_the_machine(quiet_hours, clock, is_held):
    found = plan(notice(hours=2), now=clock, quiet_hours=quiet_hours)
    assert (len(found.held), len(found.messages)) == (int(is_held), int(not is_held))


def test_the_events_of_a_night_are_one_message():
    night = datetime(2024, 5, 1, 20)
    held = [notice(hours=hours, recorded=night) for hours in (5, 6, 7)]
    (digest,) = plan(*held, now=datetime(2024, 5, 2, 1), quiet_hours="22:00-06:00").messages
    assert len(digest.notices) == 3


def test_the_status_of_a_machine_gives_events_with_stable_keys():
    status = MachineStatus(
        code="FAN",
        source="store",
        observed_at=NOW,
        stale_after_hours=72.0,
        activity=Activity("failed"),
        scored_until=NOW,
        readings=Readings(1000, NOW - 100 * 24 * HOUR, NOW - 96 * HOUR),
        last_run=RunAttempt("FAIL", NOW - 24 * HOUR, error="no space left"),
        health=Health(NOW, 60.0, "ALERT"),
        forecast=Forecast("DEGRADING", NOW, 70.0, 48.0, 24.0, 72.0, None, NOW - 240 * HOUR),
    )
    first, later = (
        {each.event: each.key for each in find_status_notices(status, clock)} for clock in (NOW, NOW + 24 * HOUR)
    )
    assert first == later
    assert first == {
        "feed_silent": format_key(NOW - 96 * HOUR),
        "run_failed": format_key(NOW - 24 * HOUR),
        "machine_failing": format_key(NOW - 240 * HOUR),
    }


@pytest.mark.slow
def test_a_failure_before_a_window_is_sent_once_until_a_backfill_succeeds(plant):
    place = plant.scored(max_windows=5)
    with sinks.serve_webhook() as (url, messages):
        env = {**ON, "ACM_NOTIFY_URLS": url, "ACM_NOTIFY__EVENTS": '["run_failed"]'}

        def fail(times):
            alter(place, f'ALTER TABLE "{CODE}_Data" RENAME TO "hidden"')
            for _ in range(times):
                assert run(place, "backfill", "--equip", CODE, env=env).exit_code == 1
            alter(place, f'ALTER TABLE "hidden" RENAME TO "{CODE}_Data"')

        fail(3)
        assert len(messages) == 1
        assert run(place, "backfill", "--equip", CODE, "--max-windows", "1", env=env).exit_code == 0
        fail(2)
    assert len(messages) == 2


def test_causes_differ_by_words_and_not_by_numbers():
    keys = [
        format_cause_key(text) for text in ("no table A after 3 s", "no table A after 40 s", "no table B after 3 s")
    ]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.slow
def test_a_backfill_sends_its_history_once_as_a_digest(plant):
    place = plant()
    with sinks.serve_webhook() as (url, messages):
        env = {**ON, "ACM_NOTIFY_URLS": url}
        assert run(place, "backfill", "--all", env=env).exit_code == 0
        assert sorted(message["title"].partition(":")[0] for message in messages) == [CODE, "acm-etl"]
        sent = place.query('SELECT COUNT(*) AS n FROM "ACM_Notifications" WHERE "SentAt" IS NOT NULL').item()
        episodes = place.query('SELECT COUNT(*) AS n FROM "ACM_Episodes"').item()
        assert sent > episodes > 0
        replay = str(place.query('SELECT MIN("StartTs") AS t FROM "ACM_Episodes"').item().date())
        for words in (["backfill", "--all"], ["backfill", "--all", "--replay-from", replay], ["notify"]):
            assert run(place, *words, env=env).exit_code == 0
        assert len(messages) == 2
        listed = parse("notify_pending", run(place, "notify", "--pending", "--json").stdout)
    assert listed["events"] == []


def test_a_backfill_without_messages_records_nothing(plant):
    place = plant.scored()
    assert place.query('SELECT COUNT(*) AS n FROM "ACM_Notifications"').item() == 0
    assert_refused(run(place, "notify"), 2, "notify.enabled")


@pytest.fixture
def store(tmp_path):
    """A store with a machine and a new alarm to be sent."""
    place = make_empty_plant(tmp_path / "acm.duckdb")
    engine = place.connect()
    machine = equipment.register_machine(engine, CODE, time_zone="UTC")
    fresh = datetime.now().replace(microsecond=0)  # noqa: DTZ005 - within a day of UTC
    alarm = Notice("episode_opened", format_key(fresh), fresh, fresh, "HIGH", 7.0, "a (60 %)")
    outbox.record_notices(engine, machine.equip_id, [alarm])
    engine.close()
    return place


def test_a_target_that_fails_gets_the_message_later_and_no_other_target_twice(store):
    with sinks.serve_webhook() as (good, messages), sinks.serve_webhook(503) as (bad, refused):
        secret = bad.replace("/hook", "/T0KEN-S3CRET")
        env = {**ON, "ACM_NOTIFY_URLS": f"{good}\n{secret}"}
        for attempt in (1, 2):
            result = run(store, "notify", "--json", env=env)
            assert result.exit_code == 1
            assert parse("notify", result.stdout)["failed"] == 1
            assert "T0KEN-S3CRET" not in result.output
            assert (len(messages), len(refused)) == (1, attempt)
        listed = run(store, "notify", "--pending")
        assert "json-2" in listed.stdout
        assert "503" in listed.stdout
        assert "T0KEN-S3CRET" not in listed.output
        assert "T0KEN" not in str(store.query('SELECT * FROM "ACM_Notifications"').rows())
        status = run(store, "status", "--json")
        assert '"unsent_events": 1' in status.stdout
        assert "notify --pending" in run(store, "status").stdout
        assert run(store, "notify", env={**env, "ACM_NOTIFY_URLS": f"{good} {good}"}).exit_code == 0
    assert len(messages) == 2


def test_a_mail_has_title_and_facts(store):
    with sinks.serve_mail() as (port, mails):
        env = {**ON, "ACM_NOTIFY_URLS": f"mailto://127.0.0.1:{port}?from=acm@plant.example&to=anna@plant.example"}
        assert run(store, "notify", env=env).exit_code == 0
    (mail,) = mails
    assert f"Subject: {CODE}: alarm opened, HIGH" in mail
    assert f"acm-etl episode show {CODE}" in mail


def test_targets_are_tested(store):
    with sinks.serve_webhook() as (good, messages), sinks.serve_webhook(404) as (bad, _):
        env = {"ACM_NOTIFY_URLS": f"{good} {bad} nonsense://x"}
        result = run(store, "notify", "--test", "--json", env=env)
        checks = {check["target"]: check["error"] for check in parse("notify_test", result.stdout)["targets"]}
        assert (result.exit_code, list(checks)) == (1, ["json-1", "json-2", "nonsense-1"])
        assert checks["json-1"] is None
        assert "404" in checks["json-2"]
        assert [message["title"] for message in messages] == ["acm-etl: test message"]
        tested = run(store, "notify", "--test", env={"ACM_NOTIFY_URLS": good, "ACM_NOTIFY__ENABLED": "false"})
        assert (tested.exit_code, "ACM_NOTIFY__ENABLED=true" in tested.stdout) == (0, True)
    assert_refused(run(store, "notify", "--test", env={"ACM_NOTIFY_URLS": ""}), 2, "ACM_NOTIFY_URLS")
    refused = run(store, "notify", "--test", env={"ACM_NOTIFY_URLS": "S3CRET"})
    assert_refused(refused, 2, "entry 1 of 1")
    assert "S3CRET" not in refused.output
    assert_refused(run(store, "notify", "--test", "--pending"), 2, "--pending")


def test_a_missing_target_delays_the_messages(store):
    result = run(store, "notify", env={**ON, "ACM_NOTIFY_URLS": ""})
    assert_refused(result, 2, "ACM_NOTIFY_URLS")
    events = parse("notify_pending", run(store, "notify", "--pending", "--json").stdout)["events"]
    assert [(event["machine"], event["event"], event["attempts"]) for event in events] == [(CODE, "episode_opened", 0)]


_KILLED_AFTER_SENDING = """
import os, signal
from acm_etl.cli import main
from acm_etl.load.episodes import outbox
outbox.record_attempt = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
main()
"""


def test_a_process_killed_before_it_records_a_message_sends_it_once_more(store):
    with sinks.serve_webhook() as (url, messages):
        env = {**ON, "ACM_NOTIFY_URLS": url}
        killed = subprocess.run(
            [sys.executable, "-c", _KILLED_AFTER_SENDING, "--store", store.url, "notify"],
            env={**os.environ, **env},
            check=False,
        )
        assert (killed.returncode, len(messages)) == (-signal.SIGKILL, 1)
        assert [run(store, "notify", env=env).exit_code for _ in range(2)] == [0, 0]
    assert len(messages) == 2, "at least once: the store cannot know that the first one has arrived"
