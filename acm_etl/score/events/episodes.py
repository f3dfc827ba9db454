"""Episodes: spans of alarm rows, with short quiet gaps between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acm_etl.score.array_ops import run_length
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState, add_scope, get_scope, take_columns
from acm_etl.score.events.spans import SpanColumns, SpanRows, is_closed, update_spans
from acm_etl.score.prepare.operating_state import OFF
from acm_etl.tables.common import DETECTOR_NAMES

_LEAD_ROWS = 10  # running rows before an episode whose mean fused z is kept

EpisodeColumns = SpanColumns
"""Columns of spans over the alarm rows, and lead (mean fused z of the running rows before the episode), regime (at the
start), opened_by (1 if the drift score alone raised the first alarm row, else 0; ``UNKNOWN_CAUSE`` in states of earlier
versions), lag_sum and lag_rows (fused z and number of the running rows after the last alarm row)."""

UNKNOWN_CAUSE = -1


@dataclass(frozen=True)
class EpisodeInputs:
    """Usable rows, in time order.

    Attributes:
        time: Microseconds since 1970 UTC.
        operating_state: State codes.
        alarm: Alarm flags.
        fused: Fused z (0 while off).
        drift_floor: Minimum fused z implied by the drift score, NaN while off.
        regime: Regime codes.
        sum_columns: Blocks of columns that are averaged over an episode: fused z, z of the detectors and
            contributions of the d tags; 9 + d columns in all.
    """

    time: Ints
    operating_state: Ints
    alarm: Bools
    fused: Floats
    drift_floor: Floats
    regime: Ints
    sum_columns: tuple[Floats, ...]

    @property
    def is_running(self) -> Bools:
        """Rows at which the machine is not off."""
        running: Bools = self.operating_state != OFF
        return running


def update_episodes(rows: EpisodeInputs, merge_rows: int, state: StreamState) -> tuple[EpisodeColumns, StreamState]:
    """Return the episodes that were open before these rows or begin in them.

    An episode starts at an alarm row. ``merge_rows`` consecutive usable rows without alarm close it; the last of them
    is the row that closes it. Only alarm rows count in its aggregates.

    Args:
        rows: Usable rows after those of ``state``.
        merge_rows: Quiet rows that close an episode.
        state: State of the previous call, or empty.

    Returns:
        Episodes in time order, and the state for the next call.
    """
    open_episode = read_open_columns(state)
    if not len(rows.time):
        return open_episode, state
    # Before the very first row, the machine counts as quiet for long enough: its first alarm row starts an episode.
    quiet_before = int(state.get("quiet", np.int64(merge_rows)))
    quiet = run_length(~rows.alarm, quiet_before)
    begins = rows.alarm & (np.concatenate([[quiet_before], quiet[:-1]]) >= merge_rows)
    recent_fused = np.concatenate([state.get("tail", np.empty(0)), rows.fused[rows.is_running]])
    start_columns = _start_columns(rows, begins, recent_fused)
    episodes = update_spans(_select_alarm_rows(rows), begins[rows.alarm], open_episode, start_columns)
    if episodes:
        # Position of the latest episode at each row, -1 before the first one.
        latest = np.cumsum(begins, dtype=np.int64) - (0 if open_episode else 1)
        episodes |= _lag_columns(episodes, rows, latest, within=(quiet > 0) & (quiet <= merge_rows))
        episodes["closed"] = _close_episodes(episodes, rows.time, latest, closing=quiet == merge_rows)
    # More quiet rows than ``merge_rows`` have no further effect: capped, the state stays small and equal.
    state_after = {"quiet": np.minimum(quiet[-1], merge_rows), "tail": recent_fused[-_LEAD_ROWS:]}
    if episodes and not is_closed(episodes)[-1]:
        state_after |= add_scope("open", {name: column[-1:] for name, column in episodes.items()})
    return episodes, state_after


def read_open_columns(state: StreamState) -> EpisodeColumns:
    """Return the columns of the open episode of a state of ``update_episodes``; empty if there is none."""
    open_episode = get_scope("open", state)
    # States of earlier versions do not have the column.
    return {"opened_by": np.array([UNKNOWN_CAUSE]), **open_episode} if open_episode else {}


def reindex_tags(state: StreamState, positions: Ints) -> StreamState:
    """Move the tag columns of a state to the positions of other tags.

    Args:
        state: State of ``update_episodes``.
        positions: Old position of each new tag, -1 for a tag that was not scored before: its sum starts at 0.
    """
    if "open/sums" not in state:
        return state
    # The tags come last, after fused z and the detectors' z (see EpisodeInputs.sum_columns).
    first_tag = 1 + len(DETECTOR_NAMES)
    sums = state["open/sums"]
    # The share of a new tag in the open episode counts from now on.
    tag_sums = take_columns(sums[:, first_tag:], positions, 0.0)
    return state | {"open/sums": np.hstack([sums[:, :first_tag], tag_sums])}


def _select_alarm_rows(rows: EpisodeInputs) -> SpanRows:
    # Alarms are rare: stack the columns of their rows only.
    sum_columns = np.column_stack([block[rows.alarm] for block in rows.sum_columns])
    return SpanRows(rows.time[rows.alarm], rows.fused[rows.alarm], sum_columns)


def _start_columns(rows: EpisodeInputs, begins: Bools, recent_fused: Floats) -> dict[str, Array]:
    """Return the columns of new episodes that are known at their first row.

    Args:
        rows: Usable rows.
        begins: First rows of episodes.
        recent_fused: Fused z of the running rows, those of earlier calls in front.
    """
    count = int(begins.sum())
    return {
        "lead": _lead_means(rows, begins, recent_fused) if count else np.empty(0),
        "regime": rows.regime[begins],
        # Equal, not only close: the fused z is the larger one of the detectors' z and this floor.
        "opened_by": (rows.fused[begins] == rows.drift_floor[begins]).astype(np.int64),
        "lag_sum": np.zeros(count),
        "lag_rows": np.zeros(count, dtype=np.int64),
    }


def _lead_means(rows: EpisodeInputs, begins: Bools, recent_fused: Floats) -> Floats:
    """Return the mean fused z of the running rows before each new episode; NaN if there are none."""
    running = rows.is_running
    earlier_rows = len(recent_fused) - int(running.sum())
    running_before: Ints = earlier_rows + np.cumsum(running)[begins] - running[begins]
    # NaN in front, so that an episode near the very start has a window of full width, too.
    padded = np.concatenate([np.full(_LEAD_ROWS, np.nan), recent_fused])
    window = padded[running_before[:, None] + np.arange(_LEAD_ROWS)]
    counts: Ints = (~np.isnan(window)).sum(axis=1)
    means: Floats = np.divide(np.nansum(window, axis=1), counts, out=np.full(len(counts), np.nan), where=counts > 0)
    return means


def _lag_columns(episodes: EpisodeColumns, rows: EpisodeInputs, latest: Ints, *, within: Bools) -> dict[str, Array]:
    """Return sum and number of the running rows after the last alarm row, up to the row that closes the episode."""
    n = len(episodes["start"])
    after_alarm = rows.time > episodes["end"][np.maximum(latest, 0)]
    is_lag = after_alarm & within & (latest >= 0) & rows.is_running
    # An alarm row in this call makes the quiet rows of earlier calls a gap within the episode.
    is_restarted = episodes["end"] >= rows.time[0]
    lag_sum = np.where(is_restarted, 0.0, episodes["lag_sum"])
    lag_rows = np.where(is_restarted, 0, episodes["lag_rows"])
    return {
        "lag_sum": lag_sum + np.bincount(latest[is_lag], rows.fused[is_lag], minlength=n),
        "lag_rows": lag_rows + np.bincount(latest[is_lag], minlength=n),
    }


def _close_episodes(episodes: EpisodeColumns, time: Ints, latest: Ints, *, closing: Bools) -> Ints:
    """Return the closing time of each episode; ``NO_TIME`` while open."""
    # One call can close several episodes, each at its own row.
    rows = np.flatnonzero(closing & (latest >= 0))
    closed: Ints = episodes["closed"].copy()
    closed[latest[rows]] = time[rows]
    return closed
