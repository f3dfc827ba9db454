"""Rows of a chunk after the inference: values of all rows, made of those of operation and of standstill."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from acm_etl.score.array_ops import row_missing_counts, select_rows
from acm_etl.score.arrays import Bools, Floats, Ints
from acm_etl.score.detectors.mahalanobis import MewmaDetector
from acm_etl.score.drift import DriftScorer
from acm_etl.score.events import episodes, streams
from acm_etl.score.events.alarm import AlarmInputs
from acm_etl.score.inference import InferenceResult
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.prepare.operating_state import OFF, ON
from acm_etl.score.prepared_rows import PreparedRows
from acm_etl.score.regimes import REGIME_OFF
from acm_etl.score.standstill_scorer import StandstillScores
from acm_etl.tables.common import DETECTOR_NAMES, WARN_Z


@dataclass(frozen=True)
class ChunkRows:
    """Values of all rows of a chunk.

    Attributes:
        prepared: All rows, with their operating states.
        inference: Results of the running rows.
        standstill: Scores of the rows of state off; None if the model has none for them.
    """

    prepared: PreparedRows
    inference: InferenceResult
    standstill: StandstillScores | None

    @cached_property
    def deviations(self) -> Floats:
        """Deviations, n by d; NaN where missing, faulty or not running."""
        return self.scatter_running(self.prepared.deviations)

    @cached_property
    def fused(self) -> Floats:
        """Fused z; while off that of the standstill, or 0 if nothing is scored then; NaN where unusable."""
        off_z = self.standstill.z if self.standstill else 0.0
        return self._fill_off_rows(self.scatter_running(self.inference.fused), off_z)

    @cached_property
    def contributions(self) -> Floats:
        """Contributions of the tags, n by d; NaN where nothing is scored."""
        off_shares = self.standstill.contributions if self.standstill else np.nan
        return self._fill_off_rows(self.scatter_running(self.inference.contributions), off_shares)

    def _fill_off_rows(self, values: Floats, off_values: Floats | float) -> Floats:
        """Return the values with those of the rows of state off filled in."""
        is_off = self.prepared.is_off
        if is_off.any():  # scatter_running has made a copy then
            values[is_off] = off_values
        return values

    @cached_property
    def regime(self) -> Ints:
        """Regime codes; ``REGIME_OFF`` where not running."""
        regime = np.full(len(self.prepared.operating_state), REGIME_OFF)
        regime[self.prepared.is_running] = self.inference.regime
        return regime

    def scatter_running(self, values: Floats) -> Floats:
        """Return the values of running rows at their positions among all rows, NaN elsewhere."""
        return scatter_rows(values, self.prepared.is_running)

    @cached_property
    def drift_floor(self) -> Floats:
        """Minimum fused z implied by the drift score; NaN where not running."""
        return self.scatter_running(DriftScorer.drift_floor(self.inference.drift_z))

    @property
    def alarm_inputs(self) -> AlarmInputs:
        """Input of the alarm rule: the usable rows."""
        usable = self.prepared.is_usable
        # The rule reads the floor separately: an alarm held by drift does not end by recovery.
        return AlarmInputs(
            self.fused[usable],
            self.scatter_running(self.inference.raw_fused)[usable],
            self.drift_floor[usable],
            self.prepared.operating_state[usable],
            self.prepared.after_long_stop[usable],
        )

    @property
    def standstill_alarm_inputs(self) -> AlarmInputs:
        """Input of the alarm rule at standstill: the usable rows, off and on exchanged; each stop begins anew."""
        is_off = self.prepared.is_off[self.prepared.is_usable]
        raw = np.zeros(len(is_off))
        if self.standstill:
            raw[is_off] = self.standstill.raw
        states = np.where(is_off, ON, OFF)
        return AlarmInputs(self.fused[self.prepared.is_usable], raw, np.zeros(len(is_off)), states, ~is_off)

    def build_episode_inputs(self, alarm: Bools) -> episodes.EpisodeInputs:
        """Return the input of the episode tracker: the usable rows."""
        usable = self.prepared.is_usable
        off_z = np.zeros((np.count_nonzero(self.prepared.is_off), len(DETECTOR_NAMES)))
        if self.standstill:
            off_z[:, DETECTOR_NAMES.index(MewmaDetector.name)] = self.standstill.z
        detector_z = self._fill_off_rows(self.scatter_running(self.inference.detector_z), off_z)
        sum_columns = tuple(select_rows(values, usable) for values in (self.fused, detector_z, self.contributions))
        return episodes.EpisodeInputs(
            self.prepared.time_us[usable],
            self.prepared.operating_state[usable],
            alarm[usable],
            self.fused[usable],
            self.drift_floor[usable],
            self.regime[usable],
            sum_columns,
        )

    def is_healthy(self, alarm: Bools) -> Bools:
        """Return which rows are in state on, below the activity threshold and not in alarm."""
        # fused is NaN for unusable rows, and a comparison with NaN is false.
        healthy: Bools = (self.prepared.operating_state == ON) & (self.fused < WARN_Z) & ~alarm
        return healthy

    def build_segment_inputs(
        self, alarm: Bools, local_day: Ints, *, after_training: Bools, z_scale: float
    ) -> streams.SegmentInputs:
        """Return the input of the segment trackers: all rows."""
        return streams.SegmentInputs(
            time=self.prepared.time_us,
            local_day=local_day,
            is_usable=self.prepared.is_usable,
            is_running=self.prepared.is_running,
            is_assessed=self.prepared.is_usable if self.standstill else self.prepared.is_running,
            fused=self.fused,
            regime=self.regime,
            tag_drift_z=self.inference.tag_drift_z,
            drift_z=self.inference.drift_z,
            alarm=alarm,
            after_training=after_training,
            z_scale=z_scale,
        )

    def to_frame(self, alarm: Bools, hourly: Bools) -> pl.DataFrame:
        """Return the values per reading: columns of ``ScoreResult.frame``, codes instead of labels, NaN for null."""
        detector_z = self.scatter_running(self.inference.detector_z)
        return pl.DataFrame(
            {
                TIME: self.prepared.times,
                "state": self.prepared.operating_state,
                **{name: detector_z[:, column] for column, name in enumerate(DETECTOR_NAMES)},
                "drift_z": self.scatter_running(self.inference.drift_z),
                "fused": self.fused,
                "alarm": alarm,
                "regime": self.regime,
                "hourly": hourly,
                "missing": row_missing_counts(self.prepared.X),
            }
        )


def scatter_rows(values: Floats, rows: Bools) -> Floats:
    """Return values at the positions of the selected rows, NaN elsewhere; without a copy if all rows are selected."""
    if len(values) == len(rows):
        return values
    result = np.full((len(rows), *values.shape[1:]), np.nan)
    result[rows] = values
    return result
