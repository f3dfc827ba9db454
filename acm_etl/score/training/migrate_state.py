"""Scoring state at a model change: detector memory of the new model, open episodes and counters of the old one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import polars as pl

from acm_etl.score.arrays import Ints, StreamState, add_scope, datetime_to_us, get_scope
from acm_etl.score.events import episodes, streams
from acm_etl.score.events.episode_tables import culprit_rows, episode_rows
from acm_etl.score.model import Model
from acm_etl.score.state import ScoringState
from acm_etl.score.summaries import sensor_daily
from acm_etl.tables.scores import EPISODE_CULPRITS, EPISODES

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
    detector_memory = {name: array for name, array in new.arrays.items() if _stage_of(name) not in _EVENT_STAGES}
    event_state = _migrate_events(old, models, _EVENT_STAGES)
    return ScoringState(models[1].fingerprint, old.last_time, detector_memory | event_state)


class BaselineStart(NamedTuple):
    """Start of a new baseline.

    Attributes:
        state: State of the new model.
        closed_rows: Rows of the episode that was open, by table name, without RunID and EquipID.
    """

    state: ScoringState
    closed_rows: dict[str, pl.DataFrame]


def start_baseline(old: ScoringState, models: tuple[Model, Model], at: datetime) -> BaselineStart:
    """Return the state of a new model from which a machine counts as normal.

    The model begins without detector memory: the readings before are those of another condition. The open episode is
    closed by the baseline; open segments, the current day and the current hour continue.

    Args:
        old: State of the old model at the time of the baseline.
        models: The old and the new model.
        at: Time of the baseline, UTC.
    """
    old_model, new_model = models
    events = _migrate_events(old, models, tuple(stage for stage in _EVENT_STAGES if stage != "episode"))
    state = ScoringState(new_model.fingerprint, old.last_time, events)
    episode = episodes.read_open_columns(get_scope("episode", old.arrays))
    if not episode:
        return BaselineStart(state, {})
    closed = episode | {"closed": np.array([datetime_to_us(at)])}
    rows = episode_rows(closed, old_model.tags, old_model.params.z_scale).with_columns(ClosedBy=pl.lit("baseline"))
    culprits = culprit_rows(closed, old_model.tags)
    tables = {EPISODES.name: rows, EPISODE_CULPRITS.name: culprits}
    return BaselineStart(state, {name: frame.drop("ChangedAt") for name, frame in tables.items()})


def _migrate_events(old: ScoringState, models: tuple[Model, Model], stages: Sequence[str]) -> StreamState:
    """Return the state of event stages for the tags of the new model."""
    old_model, new_model = models
    event_state = {name: array for name, array in old.arrays.items() if _stage_of(name) in stages}
    if old_model.tags == new_model.tags:
        return event_state
    # Event stages store sums per tag by position, not by name.
    old_positions = {tag: position for position, tag in enumerate(old_model.tags)}
    return _reindex_tags(event_state, np.array([old_positions.get(tag, -1) for tag in new_model.tags]))


def _stage_of(name: str) -> str:
    return name.split("/", maxsplit=1)[0]


def _reindex_tags(event_state: StreamState, positions: Ints) -> StreamState:
    """Move tag columns to the positions of the new tags; -1 is a tag that the old model did not score."""
    result = dict(event_state)
    for stage, reindex_tags in _TAG_REINDEXERS.items():
        result |= add_scope(stage, reindex_tags(get_scope(stage, event_state), positions))
    return result
