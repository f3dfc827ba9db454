"""The outbox: an event is recorded once, together with its cause, and stays until every target has its message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acm_etl.errors import ConflictError
from acm_etl.load import publish
from acm_etl.load.episodes import outbox
from acm_etl.load.episodes.outbox import Notice, format_key
from load import made
from load.made import HOUR, START


def opened(hours=0, **fields):
    start = START + hours * HOUR
    facts = {"severity": "LOW", "peak_z": 3.7, "detail": "a (60 %), 'b' (20 %)", **fields}
    return Notice("episode_opened", format_key(start), start, start + HOUR, **facts)


SILENT = Notice("feed_silent", format_key(START), START, START + HOUR)


def read(engine):
    return [each.notice for each in outbox.read_unsent(engine)]


def test_an_event_is_recorded_once(engine):
    with engine.transaction():
        assert outbox.record_notices(engine, 1, [opened(), SILENT, opened(2)]) == 3
    with engine.transaction():
        assert outbox.record_notices(engine, 1, [opened(severity="HIGH"), SILENT, opened(5)]) == 1
    assert read(engine) == [opened(), SILENT, opened(2), opened(5)], "the first record stays"
    assert outbox.read_episode_keys(engine, 1)[START, START + HOUR] == opened().key


def test_an_event_waits_until_all_targets_have_its_message(engine):
    outbox.record_notices(engine, 1, [opened(), opened(2)])
    outbox.record_attempt(engine, outbox.read_unsent(engine), sent_to={"mailto-1"}, error="slack-1 did not accept it")
    first, second = outbox.read_unsent(engine)
    assert (first.attempts, first.sent_to, first.last_error) == (1, {"mailto-1"}, "slack-1 did not accept it")
    outbox.record_attempt(engine, [first], sent_to={"mailto-1", "slack-1"}, error=None)
    assert read(engine) == [second.notice]
    assert engine.query('SELECT COUNT(*) AS n FROM "ACM_Notifications" WHERE "SentAt" IS NOT NULL').item() == 1


def test_events_are_published_with_their_batch_or_not_at_all(engine):
    batch = replace(made.publication(0), notices=(opened(),))
    with pytest.raises(ConflictError):
        publish.publish_batch(engine, replace(made.publication(1, expected=made.at(1)), notices=(opened(),)))
    assert read(engine) == []
    publish.publish_batch(engine, batch)
    assert read(engine) == [opened()]


def test_events_do_not_depend_on_the_size_of_the_batches():
    from acm_etl.run.notices import _list_notices  # noqa: PLC0415

    course = [("LOW", "OPEN"), ("LOW", "OPEN"), ("HIGH", "OPEN"), ("HIGH", "CLOSED")]
    rows = [
        {
            "StartTs": START,
            "EndTs": START + n * HOUR,
            "PeakFusedZ": 3.0 + n,
            "Culprits": "a",
            "Severity": severity,
            "Status": status,
        }
        for n, (severity, status) in enumerate(course)
    ]
    found = [{(notice.event, notice.key) for notice in _list_notices(row, {})} for row in rows]
    assert set.union(*found) == found[-1], "one batch of all readings gives the events of many batches"
    assert len(found[-1]) == 4


def test_the_span_of_a_recorded_episode_is_its_identity():
    from acm_etl.run.notices import _find_subject  # noqa: PLC0415

    known = {(START, START + 4 * HOUR): format_key(START)}
    assert _find_subject((START, START + 9 * HOUR), known) == format_key(START)
    assert _find_subject((START + HOUR, START + 9 * HOUR), known) == format_key(START), "a replay moved the start"
    assert _find_subject((START + 4.5 * HOUR, START + 9 * HOUR), known) == format_key(START + 4.5 * HOUR), "a new alarm"
