"""Rows of a declared source to cells (time, tag, value); cells that are not taken as they stand are recorded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from acm_etl.io import source_clock
from acm_etl.io.sampling import CellChunk, DroppedCells, Times
from acm_etl.io.source_quality import flag_bad_quality, parse_values
from acm_etl.source_spec import MISSING_TAG, SourceSpec

_SCHEMA = {
    "Timestamp": pl.Datetime("us"),
    "ColumnName": pl.String(),
    "EventType": pl.String(),
    "Value": pl.String(),
}
_HOUR_MS = 3_600_000


class RejectedCells:
    """Collects raw cells that are not taken as they stand, as rows of the form that data quality events have.

    A cell belongs to the period of the first grid time at or after it, as its value does. Only cells of the period are
    recorded: cells before it are read again to hold their values, and were recorded with the period before.

    Args:
        tags: Names of the tags, by position.
        start_ms: Start of the period, milliseconds since the epoch.
        end_ms: End of the period, exclusive.
        every_ms: Distance of the grid times.
    """

    def __init__(self, tags: Sequence[str], start_ms: int, end_ms: int, every_ms: int = 1) -> None:
        # Position 0: an event of a whole row names no column.
        self._names = pl.Series(["", *tags], dtype=pl.String)
        self._limits = (start_ms, end_ms)
        self._every_ms = every_ms
        self._frames: list[pl.DataFrame] = []

    def add(self, event: str, times: Times, tags: npt.NDArray[np.int32] | None, values: pl.Series) -> None:
        """Record cells, or whole rows.

        Args:
            event: EventType.
            times: Milliseconds since the epoch; shape (cells,).
            tags: Positions of the tags; None for whole rows.
            values: The values as they came; shape (cells,).
        """
        positions = np.zeros(times.size, np.int64) if tags is None else tags.astype(np.int64) + 1
        self._add_rows(event, times, self._names.gather(positions), values)

    def add_missing_tags(self, times: pl.Series, spec: SourceSpec) -> None:
        """Record rows of a long source that name no tag.

        Args:
            times: Values of the time column; shape (rows,).
            spec: Declaration of the source.
        """
        utc = source_clock.convert_to_utc(times, spec.clock)
        named = pl.repeat(spec.tag_column, times.len(), dtype=pl.String, eager=True)
        known = utc.is_not_null()
        milliseconds = utc.filter(known).to_physical().to_numpy()
        self._add_rows(MISSING_TAG, milliseconds, named.filter(known), times.filter(known))

    def _add_rows(self, event: str, times: Times, names: pl.Series, values: pl.Series) -> None:
        grid_times = -(-times // self._every_ms) * self._every_ms
        inside = (grid_times >= self._limits[0]) & (grid_times < self._limits[1])
        if not inside.any():
            return
        chosen = pl.Series(inside)
        columns = {
            "Timestamp": pl.Series(grid_times[inside], dtype=pl.Int64).cast(pl.Datetime("ms")),
            "ColumnName": names.filter(chosen),
            "EventType": pl.repeat(event, int(inside.sum()), eager=True),
            "Value": values.cast(pl.String).filter(chosen),
        }
        self._frames.append(pl.DataFrame(columns).cast(pl.Schema(_SCHEMA)))

    def add_dropped(self, dropped: Sequence[DroppedCells]) -> None:
        """Record duplicate cells, of which another one is kept."""
        for group in dropped:
            for event, chosen in (("conflicting_duplicate", group.is_conflict), ("duplicate", ~group.is_conflict)):
                cells = group.cells.take(chosen)
                self.add(event, cells.times, cells.tags, pl.Series(cells.values))

    def build_frame(self) -> pl.DataFrame:
        """Return ``Timestamp``, ``ColumnName``, ``EventType`` and ``Value``, one row per cell."""
        return pl.concat([pl.DataFrame(schema=_SCHEMA), *self._frames])


def read_long_cells(
    rows: pl.DataFrame, spec: SourceSpec, limits: tuple[int, int], rejected: RejectedCells
) -> CellChunk:
    """Convert rows of time, position of the tag, value and perhaps quality, in that order.

    Args:
        rows: Rows ordered by time; columns by position, because some servers return names in lower case.
        spec: Declaration of the source.
        limits: First and end time of the cells to keep, milliseconds since the epoch.
        rejected: Gets cells of bad quality, texts that are no values, and rows without a usable time.
    """
    times, inside = _read_times(rows.to_series(0), spec, limits, rejected)
    # The margin of a local clock, and rows without a time, are gone from here on.
    kept = rows.filter(pl.Series(inside))
    tags = kept.to_series(1).cast(pl.Int32).to_numpy()
    raw = kept.to_series(2)
    values = parse_values(raw)
    _record_unusable(raw, values, (times, tags), rejected)
    # The sampler has no nulls: NaN is its reading without a usable value, which ends a hold.
    numbers = values.fill_null(float("nan")).to_numpy()
    if spec.quality_column and spec.quality_rule:
        # A text that is no value has an event of its own already.
        bad = flag_bad_quality(kept.to_series(3), spec.quality_rule) & values.is_not_null()
        if bad.any():
            chosen = bad.to_numpy()
            rejected.add("bad_quality", times[chosen], tags[chosen], raw.filter(bad))
            numbers = np.where(chosen, np.nan, numbers)
    return CellChunk(times, tags, numbers)


def read_wide_cells(
    rows: pl.DataFrame, spec: SourceSpec, limits: tuple[int, int], rejected: RejectedCells
) -> CellChunk:
    """Convert rows of time and one column per tag; a null cell is no reading of its tag.

    Args:
        rows: Rows ordered by time; columns by position.
        spec: Declaration of the source.
        limits: First and end time of the cells to keep, milliseconds since the epoch.
        rejected: Gets texts that are no values, and rows without a usable time.
    """
    times, inside = _read_times(rows.to_series(0), spec, limits, rejected)
    kept = rows.filter(pl.Series(inside))
    columns = [kept.to_series(index) for index in range(1, kept.width)]
    parsed = [parse_values(column) for column in columns]
    for index, (raw, values) in enumerate(zip(columns, parsed, strict=True)):
        _record_unusable(raw, values, (times, np.full(times.size, index, np.int32)), rejected)
    # Texts are readings without a value, so presence is that of the raw cells.
    present = np.column_stack([column.is_not_null().to_numpy() for column in columns])
    numbers = np.column_stack([values.fill_null(float("nan")).to_numpy() for values in parsed])
    positions, tags = np.nonzero(present)  # in the order of the rows, so by time
    return CellChunk(times[positions], tags.astype(np.int32), numbers[positions, tags])


def _record_unusable(
    raw: pl.Series, values: pl.Series, cells: tuple[Times, npt.NDArray[np.int32]], rejected: RejectedCells
) -> None:
    """Record texts that are no values, and NaN, which a sampled reading cannot tell from a missing one."""
    for event, mask in (("text_value", values.is_null() & raw.is_not_null()), ("nan", values.is_nan())):
        chosen = mask.fill_null(value=False).to_numpy()
        if chosen.any():
            rejected.add(event, cells[0][chosen], cells[1][chosen], raw.filter(pl.Series(chosen)))


def _read_times(
    raw: pl.Series, spec: SourceSpec, limits: tuple[int, int], rejected: RejectedCells
) -> tuple[Times, npt.NDArray[np.bool_]]:
    """Return the times within the limits, and which rows have one."""
    utc = source_clock.convert_to_utc(raw, spec.clock)
    if utc.null_count():
        skipped = raw.filter(utc.is_null())
        # Located by the local time an hour later, which exists: the clock change skips an hour.
        nearby = source_clock.convert_to_utc(skipped.cast(pl.Datetime("ms")).dt.offset_by("1h"), spec.clock)
        # A row without any time gets one before the period, which ``add`` ignores: no period owns such a row.
        times = nearby.to_physical().fill_null(limits[0] - _HOUR_MS).to_numpy()
        rejected.add("skipped_local_time", times, None, skipped)
    _record_ambiguous(raw, utc, spec, rejected)
    # The end is exclusive, so rows without a time fall out of the mask.
    milliseconds = utc.to_physical().fill_null(limits[1]).to_numpy()
    inside = (milliseconds >= limits[0]) & (milliseconds < limits[1])
    return milliseconds[inside], inside


def _record_ambiguous(raw: pl.Series, utc: pl.Series, spec: SourceSpec, rejected: RejectedCells) -> None:
    ambiguous = source_clock.flag_ambiguous(raw, spec.clock)
    if ambiguous is not None and ambiguous.any():
        rejected.add("ambiguous_time", utc.filter(ambiguous).to_physical().to_numpy(), None, raw.filter(ambiguous))
