"""New models for a machine that has some: which readings they learn from, whether they are worse, what they take over.

All of it is a function of frames and models, so that the same stored rows give the same decision again.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from acm_etl.score.arrays import Array, Ints, StreamState
from acm_etl.score.model import Model, ScoringState
from acm_etl.score.pipeline import score
from acm_etl.score.polars_convert import NO_TIME, us_to_datetime
from acm_etl.score.prepare.clean import TIME
from acm_etl.tables.common import DETECTOR_NAMES

_EVENT_STAGES = ("hour", "episode", "day", "track")
"""Stages whose carry says what has happened, not how it is scored."""


def exclude_episodes(frame: pl.DataFrame, episodes: pl.DataFrame, alarm_times: pl.Series) -> pl.DataFrame:
    """The readings outside all episodes.

    Args:
        frame: ``Timestamp`` and tags, in order of time.
        episodes: ``StartTs`` and ``EndTs`` of those that began before the frame ends, in order of time.
        alarm_times: Times of readings in alarm, none after the frame: an episode that goes on is known only up to the last.
    """
    if episodes.is_empty():
        return frame
    last = alarm_times.max()
    known = episodes.select(_start=pl.col("StartTs"), _end=pl.min_horizontal("EndTs", pl.lit(last, alarm_times.dtype)))
    at = pl.col(TIME).dt.round("1ms").cast(pl.Datetime("ms"))
    placed = frame.select(at).join_asof(known, left_on=TIME, right_on="_start", strategy="backward")
    inside = (placed[TIME] <= placed["_end"]).fill_null(value=False)
    return frame.filter(~inside)


def read_open_episode(state: ScoringState) -> pl.DataFrame:
    """``StartTs`` and ``EndTs`` (its last alarm so far) of the episode that is open in a state, if any."""
    carried = (state.arrays.get(f"episode/open/{name}", np.empty(0, np.int64)) for name in ("start", "end"))
    start, end = map(us_to_datetime, carried)
    return pl.DataFrame({"StartTs": start, "EndTs": end})


def drift_share(scores: pl.DataFrame, level: float) -> float:
    """Share of running readings that drift without alarm; 0 where there is none.

    Args:
        scores: ``Phase``, ``OperatingState``, ``alarm`` and ``drift_z`` as stored in ACM_Scores_Wide.
        level: drift_z from which a reading drifts.
    """
    judged = scores.filter((pl.col("Phase") == "SCORE") & (pl.col("OperatingState") == "on"))
    drifting = judged.filter(~pl.col("alarm") & (pl.col("drift_z") >= level)).height
    return drifting / max(judged.height, 1)


def alarm_share(frame: pl.DataFrame, model: Model) -> tuple[float, int]:
    """Share of running readings above the alarm level, and how many there are.

    Args:
        frame: ``Timestamp`` and at least the model's tags; healthy readings that were not fitted.
        model: Scores them from a fresh start.
    """
    found = score(frame.select(TIME, *model.columns), model).frame.filter(pl.col("state") == "on")
    loud = found.filter(pl.col("fused") >= model.params.alarm_z).height
    return loud / max(found.height, 1), found.height


def migrate_state(old: ScoringState, new: ScoringState, models: tuple[Model, Model]) -> ScoringState:
    """The state in which new models take over: they see as ``new`` does, and keep the books of ``old``.

    An open episode, stretches that are followed, the day and the hour go on across the change.

    Args:
        old: Of the models so far, at the time of the change.
        new: Of the new models, after some time of scoring up to it.
        models: The models so far, and the new ones.
    """
    before, after = models
    seen = {name: array for name, array in new.arrays.items() if name.split("/")[0] not in _EVENT_STAGES}
    books = {name: array for name, array in old.arrays.items() if name.split("/")[0] in _EVENT_STAGES}
    if before.tags != after.tags:
        places = {tag: place for place, tag in enumerate(before.tags)}
        books = _reindex_tags(books, np.array([places.get(tag, -1) for tag in after.tags]))
    return ScoringState(after.fingerprint, old.last_time, seen | books)


def _reindex_tags(event_state: StreamState, places: Ints) -> StreamState:
    """The books with their tag columns in the places of the new tags; a tag that is new has done nothing yet."""
    found = dict(event_state)
    if "episode/open/sums" in event_state:
        sums = event_state["episode/open/sums"]
        ahead = 1 + len(DETECTOR_NAMES)
        found["episode/open/sums"] = np.hstack([sums[:, :ahead], _take_tags(sums[:, ahead:], places, 0.0)])
    if "track/drifts/floats" in event_state:
        floats = event_state["track/drifts/floats"]
        ahead = 2  # its first and its highest z, then the sums of the tags
        found["track/drifts/floats"] = np.concatenate([floats[:ahead], _take_tags(floats[ahead:], places, 0.0)])
    for name, array in event_state.items():
        stage, _, part = name.rpartition("/")
        if (stage, part) == ("day/open", "day") or not stage.startswith("day/"):
            continue
        if stage == "day/open" and part in ("readings", "nulls", "gap"):  # all its readings of today are missing
            found[name] = _take_tags(array, places, int(event_state["day/open/readings"][0, 0]))
        else:
            found[name] = _take_tags(array, places, _empty_value(part, array))
    return found


def _empty_value(part: str, array: Array) -> float | int:
    if part.endswith("_at"):
        return NO_TIME
    return np.nan if array.dtype.kind == "f" else 0


def _take_tags(array: Array, places: Ints, missing: float) -> Array:
    filler = np.asarray(missing, dtype=array.dtype)  # as a float, NEVER would be another number
    picked: Array = np.where(places < 0, filler, array[..., places])
    return picked
