"""Episodes of trouble: alarm rows with short quiet stretches between them, followed across calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acm_etl.score.array_ops import run_length
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState, add_scope, get_scope, take_columns
from acm_etl.score.polars_convert import NO_TIME
from acm_etl.score.prepare.operating_state import OFF
from acm_etl.tables.common import DETECTOR_NAMES

LEAD_ROWS = 10

EpisodeColumns = dict[str, Array]
"""Episodes as columns: start, end, count, peak, peak_at, sums (of the parts), lead, regime, lag_sum, lag_rows, closed
(time, or the smallest integer while open); times in microseconds since 1970 UTC."""


@dataclass(frozen=True)
class EpisodeInputs:
    """Usable rows, in sequence.

    Attributes:
        time: Microseconds since 1970 UTC.
        operating_state: State codes.
        alarm: Whether the alarm rule holds.
        fused: Fused z (0 while off).
        regime: Regime codes.
        sum_columns: Blocks of columns of what is averaged over an episode: fused z, the heads' z, the blame; 9 + d in all.
    """

    time: Ints
    operating_state: Ints
    alarm: Bools
    fused: Floats
    regime: Ints
    sum_columns: tuple[Floats, ...]

    def select_rows(self, rows: Bools | slice) -> EpisodeInputs:
        """Some of the rows."""
        columns = {name: column[rows] for name, column in vars(self).items() if name != "sum_columns"}
        return EpisodeInputs(**columns, sum_columns=tuple(part[rows] for part in self.sum_columns))


def update_episodes(rows: EpisodeInputs, merge_rows: int, state: StreamState) -> tuple[EpisodeColumns, StreamState]:
    """Episodes that were open before these rows or that begin in them.

    An episode starts at the row at which the alarm rule first holds. It stays open until ``merge_rows`` usable rows
    without alarm have passed, and is closed by the last of them.

    Args:
        rows: Usable rows after those of ``state``.
        merge_rows: Quiet rows that close an episode.
        state: Of the call before, or empty.

    Returns:
        The ledger, and the carry.
    """
    before = get_scope("open", state)
    if not len(rows.time):
        return before, state
    quiet_before = int(state.get("quiet", np.int64(merge_rows)))
    quiet = run_length(~rows.alarm, quiet_before)
    begins = rows.alarm & (np.concatenate([[quiet_before], quiet[:-1]]) >= merge_rows)
    number = np.cumsum(begins, dtype=np.int64)  # 0 is the episode that was open before
    tail = np.concatenate([state.get("tail", np.empty(0)), rows.fused[rows.operating_state != OFF]])
    ledger = _extend_open_episode(before, rows, number) if before else {}
    ledger = _concat_episodes(ledger, _start_episodes(rows, begins, number, tail))
    if ledger:
        entry = number if before else number - 1
        _add_lag_sums(ledger, rows, entry, within=(quiet > 0) & (quiet <= merge_rows))
        _close_episodes(ledger, rows.time, entry, closing=quiet == merge_rows)
    last = {name: column[-1:] for name, column in ledger.items()} if ledger else {}
    still_open = last and last["closed"][0] == NO_TIME
    after = add_scope("open", last) if still_open else {}
    return ledger, after | {"quiet": np.minimum(quiet[-1], merge_rows), "tail": tail[-LEAD_ROWS:]}


def is_closed(episodes: EpisodeColumns) -> Bools:
    """Which episodes are over."""
    result: Bools = episodes["closed"] != NO_TIME
    return result


def last_change_times(episodes: EpisodeColumns) -> Ints:
    """Data time of the last change: the row that closed the episode, else its last row in alarm."""
    return np.where(is_closed(episodes), episodes["closed"], episodes["end"])


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
    tag_sums = take_columns(sums[:, first_tag:], positions, 0.0)
    return state | {"open/sums": np.hstack([sums[:, :first_tag], tag_sums])}


def _aggregate_alarm_rows(rows: EpisodeInputs, number: Ints) -> EpisodeColumns:
    """End, count, peak and sums over the alarm rows, one entry per number that has any."""
    alarm = rows.alarm
    fused, time = rows.fused[alarm], rows.time[alarm]
    _, first = np.unique(number[alarm], return_index=True)
    last = np.append(first[1:], len(time)) - 1
    group = np.repeat(np.arange(len(first)), last - first + 1)
    peak = np.maximum.reduceat(fused, first)
    at_peak = np.flatnonzero(fused == peak[group])
    return {
        "end": time[last],
        "count": last - first + 1,
        "peak": peak,
        "peak_at": time[at_peak[np.unique(group[at_peak], return_index=True)[1]]],
        "sums": np.add.reduceat(np.column_stack([part[alarm] for part in rows.sum_columns]), first, axis=0),
    }


def _start_episodes(rows: EpisodeInputs, begins: Bools, number: Ints, tail: Floats) -> EpisodeColumns:
    """Episodes that begin in these rows; ``tail`` ends with the fused z of the running rows among them."""
    if not begins.any():
        return {}
    running = rows.operating_state != OFF
    ahead = (np.cumsum(running) - running)[begins] + len(tail) - int(running.sum())
    padded = np.concatenate([np.full(LEAD_ROWS, np.nan), tail])
    window = padded[ahead[:, None] + np.arange(LEAD_ROWS)]
    known = (~np.isnan(window)).sum(axis=1)
    lead = np.divide(np.nansum(window, axis=1), known, out=np.full(len(known), np.nan), where=known > 0)
    own = number > 0
    fresh = _aggregate_alarm_rows(rows.select_rows(own), number[own])
    n = len(lead)
    return fresh | {
        "start": rows.time[begins],
        "lead": lead,
        "regime": rows.regime[begins],
        "lag_sum": np.zeros(n),
        "lag_rows": np.zeros(n, dtype=np.int64),
        "closed": np.full(n, NO_TIME),
    }


def _extend_open_episode(before: EpisodeColumns, rows: EpisodeInputs, number: Ints) -> EpisodeColumns:
    """The episode that was open before, with its alarm rows among these."""
    own = number == 0
    if not (rows.alarm & own).any():
        return before
    more = _aggregate_alarm_rows(rows.select_rows(own), number[own])
    higher = more["peak"] > before["peak"]
    return before | {
        "end": more["end"],
        "count": before["count"] + more["count"],
        "peak": np.where(higher, more["peak"], before["peak"]),
        "peak_at": np.where(higher, more["peak_at"], before["peak_at"]),
        "sums": before["sums"] + more["sums"],
        "lag_sum": np.zeros(1),
        "lag_rows": np.zeros(1, dtype=np.int64),
    }


def _concat_episodes(first: EpisodeColumns, second: EpisodeColumns) -> EpisodeColumns:
    if not first or not second:
        return first or second
    return {name: np.concatenate([first[name], second[name]]) for name in first}


def _add_lag_sums(episodes: EpisodeColumns, rows: EpisodeInputs, entry: Ints, *, within: Bools) -> None:
    """Adds the running rows after each episode's last alarm row, up to the one that closes it."""
    n = len(episodes["start"])
    after_last = rows.time > episodes["end"][np.maximum(entry, 0)]
    lag = after_last & within & (entry >= 0) & (rows.operating_state != OFF)
    episodes["lag_sum"] = episodes["lag_sum"] + np.bincount(entry[lag], rows.fused[lag], minlength=n)
    episodes["lag_rows"] = episodes["lag_rows"] + np.bincount(entry[lag], minlength=n)


def _close_episodes(episodes: EpisodeColumns, time: Ints, entry: Ints, *, closing: Bools) -> None:
    rows = np.flatnonzero(closing & (entry >= 0))
    done = episodes["closed"].copy()
    done[entry[rows]] = time[rows]
    episodes["closed"] = done
