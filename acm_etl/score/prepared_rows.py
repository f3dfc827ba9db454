"""Rows of a chunk before they are scored: operating states, deviations, and the readings of faulty sensors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from acm_etl.score.array_ops import select_rows
from acm_etl.score.arrays import Bools, Floats, Ints, StreamState, get_scope
from acm_etl.score.model import Model
from acm_etl.score.prepare.clean import TIME, to_matrix, usable_row_mask
from acm_etl.score.prepare.operating_state import OFF, ON, RowStates
from acm_etl.score.prepare.sensor_faults import NO_FAULT, Deviations, Int8s, carry_faults, list_fault_cells


@dataclass(frozen=True)
class PreparedRows:
    """Rows of a chunk, with what is known of them before they are scored.

    Attributes:
        times: Times of the readings, n.
        X: Readings, n rows by d tags, NaN where missing.
        trusted_readings: Readings of the usable rows, NaN also where the sensor is faulty, d columns.
        is_usable: True for rows with enough readings, n.
        operating_state: State codes, n.
        after_long_stop: True for the first row after a long standstill, n.
        deviations: Deviations of the running rows, NaN where missing or faulty, d columns.
        faults: Codes of sensor faults, n by d.
        lost_loads: Cells of the usable rows whose tag has lost its load, d columns.
        context_excess: By how much the context tags of the running rows are outside their ranges, k columns; None if
            none is.
    """

    times: pl.Series
    X: Floats
    trusted_readings: Floats
    is_usable: Bools
    operating_state: Ints
    after_long_stop: Bools
    deviations: Floats
    faults: Int8s
    lost_loads: Bools
    context_excess: Floats | None

    @cached_property
    def time_us(self) -> Ints:
        """Times as microseconds since 1970 UTC."""
        return self.times.to_physical().to_numpy()

    @cached_property
    def is_off(self) -> Bools:
        """True for rows of state off."""
        is_off: Bools = self.operating_state == OFF
        return is_off

    @cached_property
    def is_running(self) -> Bools:
        """True for rows of operation; idle readings would be extreme deviations from it."""
        return self.operating_state > OFF

    @cached_property
    def has_lost_load(self) -> Bools:
        """True for the usable rows in which a tag has lost its load."""
        lost: Bools = np.asarray(self.lost_loads.any(axis=1))
        return lost

    @property
    def running_states(self) -> RowStates:
        """Operating states of the running rows."""
        running = self.is_running
        return RowStates(
            self.operating_state[running],
            self.after_long_stop[running],
            self.time_us[running],
            self.lost_loads[running[self.is_usable]],
        )

    def list_fault_cells(self, model: Model) -> pl.DataFrame:
        """Return one row per reading of a faulty sensor."""
        return list_fault_cells(self.times, self.faults, self.X, model.tags)

    def list_context_cells(self, model: Model) -> pl.DataFrame:
        """Return one row per reading of a context tag outside its range in training."""
        running = self.is_running
        return model.context_ranges.list_cells(
            self.times.filter(running), select_rows(self.X, running), self.context_excess, model.tags
        )


def prepare_rows(
    readings: pl.DataFrame, model: Model, arrays: StreamState
) -> tuple[PreparedRows, dict[str, StreamState]]:
    """Find the operating states, sensor faults and deviations of readings.

    Args:
        readings: Clean readings, in sequence.
        model: Model of the machine.
        arrays: Arrays of all stages after the reading before.

    Returns:
        The rows, and the states of the stages after them.
    """
    X = to_matrix(readings, model.tags)
    usable = usable_row_mask(X, model.params)
    codes, after_long_stop, classifier_state = model.state_classifier.classify_rows(
        X, usable, get_scope("states", arrays)
    )
    deviations, faults, fault_state = _measure_deviations(X, codes, model, get_scope("faults", arrays))
    is_faulty = faults != NO_FAULT
    trusted_X = select_rows(np.where(is_faulty, np.nan, X) if is_faulty.any() else X, usable)
    # After the faults: a sensor that is dead or stuck tells of no lost load.
    lost_loads, codes[usable], load_state = model.state_classifier.find_lost_loads(
        trusted_X, codes[usable], get_scope("loads", arrays)
    )
    # Lost loads turn rows of state on into transient ones, and none into one of state off: the running rows stay.
    running = codes > OFF
    # A faulty sensor says nothing about the surroundings either.
    excess = model.context_ranges.measure_excess(select_rows(X, running), select_rows(is_faulty, running))
    rows = PreparedRows(
        times=readings[TIME],
        X=X,
        trusted_readings=trusted_X,
        is_usable=usable,
        operating_state=codes,
        after_long_stop=after_long_stop,
        deviations=deviations,
        faults=faults,
        lost_loads=lost_loads,
        context_excess=excess,
    )
    return rows, {"states": classifier_state, "faults": fault_state, "loads": load_state}


def _measure_deviations(
    X: Floats, codes: Ints, model: Model, fault_state: StreamState
) -> tuple[Floats, Int8s, StreamState]:
    """Return the deviations of the running rows, the fault of each cell (n by d), and the state for the next call.

    Args:
        X: Readings, n rows by d tags, NaN where missing.
        codes: State codes of the rows, n.
        model: Model of the machine.
        fault_state: State of the fault classifier after the row before.
    """
    running = codes > OFF
    running_X = select_rows(X, running)
    Z = model.scaler.transform(running_X, model.params.clip_z)
    deviations = Deviations(Z, model.scaler, model.imputation_mean, model.imputation_precision)
    running_faults, state_after = model.fault_classifier.classify_cells(
        running_X, deviations, codes[running] == ON, fault_state
    )
    # A faulty sensor says nothing about the machine: its readings are filled from the other tags.
    if running_faults.any():
        Z[running_faults != NO_FAULT] = np.nan
    return Z, carry_faults(X, running, running_faults, fault_state), state_after
