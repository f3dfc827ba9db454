"""Tables whose columns have types: their schema and their batches for each format, in types that Polars reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from acm_etl.io.files.layout.containers import STREAM_ERRORS, InputFile, open_seekable, unreadable_error
from acm_etl.local_time import list_time_zones


def read_schema(source: InputFile) -> pa.Schema:
    """Return the names and types of the columns.

    Raises:
        InputError: The file is damaged.
    """
    return _open_parquet(source).schema_arrow if source.format == "parquet" else _open_ipc(source).schema


def iter_batches(source: InputFile, positions: Sequence[int], max_rows: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of some columns in order.

    Args:
        source: File or member.
        positions: Columns, from 0; names may repeat.
        max_rows: Rows of a batch, at most.

    Raises:
        InputError: The file is damaged at its beginning; damage further on is an error of ``STREAM_ERRORS``.
    """
    if source.format == "parquet":
        return _iter_parquet(source, positions, max_rows)
    return _iter_ipc(source, positions, max_rows)


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


def _iter_parquet(source: InputFile, positions: Sequence[int], max_rows: int) -> Iterator[pa.RecordBatch]:
    file = _open_parquet(source)
    names = file.schema_arrow.names
    # Columns are selected by name to read only their pages; names that repeat leave the position as the only key.
    is_unique = len(set(names)) == len(names) and not any("." in name for name in names)
    columns = [names[i] for i in positions] if is_unique else None
    for batch in file.iter_batches(batch_size=max_rows, columns=columns):
        yield batch.select([names[i] for i in positions] if is_unique else list(positions))


def _iter_ipc(source: InputFile, positions: Sequence[int], max_rows: int) -> Iterator[pa.RecordBatch]:
    reader = _open_ipc(source)
    count = getattr(reader, "num_record_batches", None)
    for batch in reader if count is None else map(reader.get_batch, range(count)):
        # Damaged counts and offsets read beyond the buffers, which ends the process.
        batch.validate(full=True)
        # Writers choose the size of a batch; a whole file may be one. Slices share its memory.
        for start in range(0, batch.num_rows, max_rows):
            yield batch.slice(start, max_rows).select(list(positions))


def _open_parquet(source: InputFile) -> Any:  # noqa: ANN401 - pyarrow ships no type information
    # Text files, which most imports read, need neither this module nor the file systems that it loads: 10 ms of CPU.
    import pyarrow.parquet  # noqa: PLC0415 - see above

    try:
        return pyarrow.parquet.ParquetFile(open_seekable(source))
    except STREAM_ERRORS as error:
        raise unreadable_error(source.name, error) from error


def _open_ipc(source: InputFile) -> Any:  # noqa: ANN401 - pyarrow ships no type information
    try:
        content = open_seekable(source)
        # Feather and Arrow files begin with a magic text, streams of record batches do not.
        is_file = content.read(6) == b"ARROW1"
        content.seek(0)
        return pa.ipc.open_file(content) if is_file else pa.ipc.open_stream(content)
    except STREAM_ERRORS as error:
        raise unreadable_error(source.name, error) from error


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
