"""Events of a batch that messages are sent about: its alarm episodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import polars as pl

from acm_etl.load.episodes import outbox
from acm_etl.load.episodes.episode_notes import EpisodeSpan, find_overlap
from acm_etl.load.episodes.outbox import Notice, format_key
from acm_etl.run.context import MachineContext
from acm_etl.tables.common import EPISODE_SEVERITIES


def build_notices(context: MachineContext, episodes: pl.DataFrame) -> tuple[Notice, ...]:
    """Return the events of the episodes of a batch; the outbox leaves out those that it has.

    The events depend on the episodes only, not on the batch: an episode that is stored as HIGH has opened and risen to
    MEDIUM and HIGH, however many batches that took.

    Args:
        context: The machine.
        episodes: Rows of ACM_Episodes that begin or change in the batch.
    """
    settings = context.config.notify
    # Most batches have no episodes: nothing is read for them.
    if not settings.enabled or episodes.is_empty():
        return ()
    known = outbox.read_episode_keys(context.engine, context.equip_id)
    notices = (notice for row in episodes.iter_rows(named=True) for notice in _list_notices(row, known))
    return tuple(notice for notice in notices if notice.event in settings.events)


def _list_notices(row: Mapping[str, Any], known: Mapping[EpisodeSpan, str]) -> Iterator[Notice]:
    start, end, severity = row["StartTs"], row["EndTs"], row["Severity"]
    facts = {
        "start": start, "end": end, "severity": severity, "peak_z": row["PeakFusedZ"], "detail": row["Culprits"]
    }  # fmt: skip
    subject = _find_subject((start, end), known)
    yield Notice("episode_opened", subject, **facts)
    # An episode begins at the lowest severity at least: that one is no rise.
    for level in EPISODE_SEVERITIES[1 : EPISODE_SEVERITIES.index(severity) + 1]:
        yield Notice("episode_worsened", f"{subject} {level}", **facts)
    if row["Status"] == "CLOSED":
        yield Notice("episode_closed", subject, **facts)


def _find_subject(span: EpisodeSpan, known: Mapping[EpisodeSpan, str]) -> str:
    """Return the key of an episode: its start, or that of the recorded episode that it overlaps.

    A replay over corrected readings may move the start by a reading; that is no new alarm. Unlike for notes, no gap is
    tolerated: a new alarm shortly after another one must be sent.
    """
    own = format_key(span[0])
    if own in known.values():
        return own
    recorded = find_overlap(span, sorted(known), max_gap=timedelta(0))
    return own if recorded is None else known[recorded]
