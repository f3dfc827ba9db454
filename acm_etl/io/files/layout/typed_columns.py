"""Columns of Parquet and Arrow files in types that Polars does not read, cast to types that it reads."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from acm_etl.local_time import list_time_zones


def cast_foreign_columns(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch without the types on which Polars raises or panics; values and moments stay the same.

    Args:
        batch: Rows of a Parquet or Arrow file.

    Returns:
        The batch with fixed offsets (``+05:30``) as UTC, wide decimals as floats, runs as plain values, and bytes
        that are UTF-8 as text. Other columns are the same arrays.
    """
    columns = [_cast_foreign(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _cast_foreign(column: pa.Array) -> pa.Array:
    kind = column.type
    # A time with a zone is a moment in UTC, whatever the zone is called; Polars knows names of the IANA only.
    if pa.types.is_timestamp(kind) and kind.tz is not None and kind.tz not in list_time_zones():
        return column.cast(pa.timestamp(kind.unit, "UTC"))
    if pa.types.is_decimal256(kind):
        return column.cast(pa.float64())
    if pa.types.is_run_end_encoded(kind):
        return _cast_foreign(pc.run_end_decode(column))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _decode_text(column)
    return column


def _decode_text(column: pa.Array) -> pa.Array:
    """Return bytes as text: old writers of Parquet store texts without saying so. Other bytes stay as they are."""
    try:
        return column.cast(pa.large_string())
    except pa.ArrowInvalid:
        return column
