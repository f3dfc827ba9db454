"""Notes of people about episodes: stored once, found again after a replay, summed up to one review."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from acm_etl.load.episodes import episode_notes
from acm_etl.load.episodes.episode_notes import EpisodeNote, assign_notes, find_overlap, summarize_notes
from acm_etl.load.machines import equipment
from load.made import HOUR, START


def span(first, last):
    return START + first * HOUR, START + last * HOUR


def note(first=0, last=4, action="ack", **fields):
    start, end = span(first, last)
    given = {"text": None, "label": None, "severity": "MEDIUM", "created_at": START, "created_by": "ann", **fields}
    return EpisodeNote(start, end, action, **given)


def test_a_note_is_read_as_it_was_written(engine):
    written = [note(created_at=START + HOUR), note(action="cause", text="Läger 'B'", label="fault", created_by="bob")]
    for each in written:
        episode_notes.add_note(engine, 1, each)
    other = equipment.register_machine(engine, "PUMP", time_zone="UTC")
    episode_notes.add_note(engine, other.equip_id, note())
    notes = episode_notes.read_notes(engine, [1])
    assert list(notes) == [1]
    assert notes[1].unassigned == tuple(reversed(written)), "oldest first"


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ([(0, 4)], 0),
        ([(0.5, 9)], 0.5),
        ([(-5, 0), (0.5, 4)], 0.5),
        ([(0, 1), (2, 5)], 2),
        ([(-3, 9)], -3),
        ([(5, 6)], 5),
        ([(5.1, 6)], None),
        ([(0, 2), (2, 4)], 0),
        ([], None),
    ],
    ids=["same", "moved", "neighbour", "split", "merged", "gap", "far", "tie", "gone"],
)
def test_a_note_belongs_to_the_episode_that_it_overlaps_most(now, found):
    match = find_overlap(span(0, 4), [span(*each) for each in now])
    assert (match and match[0]) == (None if found is None else START + found * HOUR)


def test_an_episode_of_one_reading_that_moves_by_one_keeps_its_notes():
    at, moved = START, START + timedelta(minutes=30)
    notes = assign_notes([note(0, 0)], [(moved, moved)])
    assert (list(notes.by_start), at < moved) == ([moved], True)


def test_an_acknowledgement_holds_up_to_its_severity():
    known = [note(severity="MEDIUM"), note(action="note", severity="HIGH", text="louder", created_by="bob")]
    assert [summarize_notes(known, each).acknowledged for each in ("LOW", "MEDIUM", "HIGH")] == [True, True, False]
    assert summarize_notes(known, "HIGH").acknowledged_by == "ann", "a remark acknowledges nothing"


def test_the_last_cause_counts_and_acknowledges():
    causes = [
        note(action="cause", text="seal", label="fault"),
        note(action="cause", text="probe", label="sensor", created_by="bob", created_at=START + HOUR),
    ]
    review = summarize_notes(causes, "MEDIUM")
    assert (review.cause, review.label, review.cause_by, review.notes) == ("probe", "sensor", "bob", 2)
    assert (review.acknowledged, review.acknowledged_by, review.acknowledged_at) == (True, "bob", START + HOUR)
    assert summarize_notes([], "HIGH").notes == 0
    assert summarize_notes(causes[:1], None).acknowledged, "an unknown severity asks nobody again"


def test_times_are_those_of_the_store(engine):
    exact = datetime(2024, 1, 1, 0, 0, 0, 123000)
    episode_notes.add_note(engine, 1, note(created_at=exact))
    assert episode_notes.read_notes(engine, [1])[1].unassigned[0].created_at == exact
