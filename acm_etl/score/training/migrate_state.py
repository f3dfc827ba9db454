"""Scoring state at a model change: detector memory of the new model, open episodes and counters of the old one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from acm_etl.score.arrays import Ints, StreamState, add_scope, get_scope
from acm_etl.score.events import episodes, streams
from acm_etl.score.model import Model
from acm_etl.score.state import ScoringState
from acm_etl.score.summaries import sensor_daily

_TAG_REINDEXERS: dict[str, Callable[[StreamState, Ints], StreamState]] = {
    "episode": episodes.reindex_tags,
    "day": sensor_daily.reindex_tags,
    "track": streams.reindex_tags,
}
_EVENT_STAGES = ("hour", *_TAG_REINDEXERS)
"""Stages that record events, which a model change keeps, as opposed to detector memory; ``hour`` has no tags."""


def migrate_state(old: ScoringState, new: ScoringState, models: tuple[Model, Model]) -> ScoringState:
    """Merge the states of two models at a model change.

    Open episodes, open segments, the current day and the current hour continue across the change.

    Args:
        old: State of the old model at the time of the change.
        new: State of the new model after a warm-up that ends at the same time.
        models: The old and the new model.

    Returns:
        State of the new model.
    """
    # The warm-up of the new model fills its detector memory; its own alarms and episodes were never published.
    old_model, new_model = models
    detector_memory = {name: array for name, array in new.arrays.items() if _stage_of(name) not in _EVENT_STAGES}
    event_state = {name: array for name, array in old.arrays.items() if _stage_of(name) in _EVENT_STAGES}
    if old_model.tags != new_model.tags:
        # Event stages store sums per tag by position, not by name.
        old_positions = {tag: position for position, tag in enumerate(old_model.tags)}
        event_state = _reindex_tags(event_state, np.array([old_positions.get(tag, -1) for tag in new_model.tags]))
    return ScoringState(new_model.fingerprint, old.last_time, detector_memory | event_state)


def _stage_of(name: str) -> str:
    return name.split("/", maxsplit=1)[0]


def _reindex_tags(event_state: StreamState, positions: Ints) -> StreamState:
    """Move tag columns to the positions of the new tags; -1 is a tag that the old model did not score."""
    result = dict(event_state)
    for stage, reindex_tags in _TAG_REINDEXERS.items():
        result |= add_scope(stage, reindex_tags(get_scope(stage, event_state), positions))
    return result
