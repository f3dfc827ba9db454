"""Data of a refit: the training readings outside episodes, and the measures that decide for or against new models.

All functions depend on frames and models only, so the same stored rows give the same decision again in a replay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from acm_etl.score.model import Model
from acm_etl.score.pipeline import score
from acm_etl.score.polars_convert import us_to_datetime
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.state import ScoringState


class AlarmShare(NamedTuple):
    """False-alarm rate of a model on healthy readings.

    Attributes:
        share: Share (0..1) of the readings whose fused z reaches ``alarm_z``.
        rows: Number of readings in state on.
    """

    share: float
    rows: int


def exclude_episodes(frame: pl.DataFrame, episodes: pl.DataFrame, alarm_times: pl.Series) -> pl.DataFrame:
    """Return the readings outside all episodes.

    Args:
        frame: ``Timestamp`` and tags, ascending in time.
        episodes: ``StartTs`` and ``EndTs`` of the episodes that began before the end of the frame, ascending in time.
        alarm_times: Times of the readings in alarm up to the end of the frame.
    """
    if episodes.is_empty():
        return frame
    # A stored EndTs may lie after the frame: it was extended later. At the time of this refit only the alarms up to
    # the frame's end were known, and a replay must decide as the first run did.
    last_alarm = pl.lit(alarm_times.max(), alarm_times.dtype)
    spans = episodes.select(_start=pl.col("StartTs"), _end=pl.min_horizontal("EndTs", last_alarm))
    # Episode times are stored in milliseconds; compare in the same unit, or the first row of an episode stays.
    rounded_times = frame.select(pl.col(TIME).dt.round("1ms").cast(pl.Datetime("ms")))
    latest_span = rounded_times.join_asof(spans, left_on=TIME, right_on="_start", strategy="backward")
    in_episode = (latest_span[TIME] <= latest_span["_end"]).fill_null(value=False)
    return frame.filter(~in_episode)


def read_open_episode(state: ScoringState) -> pl.DataFrame:
    """Return ``StartTs`` and ``EndTs`` (the last alarm so far) of the open episode of a state, or no row."""
    bounds = (state.arrays.get(f"episode/open/{name}", np.empty(0, np.int64)) for name in ("start", "end"))
    start, end = map(us_to_datetime, bounds)
    return pl.DataFrame({"StartTs": start, "EndTs": end})


def drift_share(scores: pl.DataFrame, min_drift_z: float) -> float:
    """Return the share (0..1) of running readings that drift without being in alarm; 0 if there is no running reading.

    Args:
        scores: ``Phase``, ``OperatingState``, ``alarm`` and ``drift_z`` as stored in ACM_Scores_Wide.
        min_drift_z: drift_z at or above which a reading counts as drifting.
    """
    # Rows of the training period are healthy by assumption and would dilute the share.
    running = scores.filter((pl.col("Phase") == "SCORE") & (pl.col("OperatingState") == "on"))
    drifting = running.filter(~pl.col("alarm") & (pl.col("drift_z") >= min_drift_z))
    return drifting.height / max(running.height, 1)


def false_alarm_share(frame: pl.DataFrame, model: Model) -> AlarmShare:
    """Return the share of healthy running readings above the alarm threshold, scored from an empty state.

    Args:
        frame: ``Timestamp`` and at least the tags of the model; healthy readings that the model was not fitted on.
        model: Model to judge.
    """
    scores = score(frame.select(TIME, *model.columns), model).frame
    # Transient rows are left out: their threshold depends on how many starts each training period had.
    running = scores.filter(pl.col("state") == "on")
    above = running.filter(pl.col("fused") >= model.params.alarm_z)
    return AlarmShare(above.height / max(running.height, 1), running.height)
