"""Standard output and standard error of a command."""

from __future__ import annotations

import io
import os
import stat
import sys
from typing import TYPE_CHECKING, TextIO

from acm_etl.host import NO_READER_ERRORS, choose_output_encoding

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _PipeWriter(io.FileIO):
    """A pipe whose reader may leave: what is written from then on is discarded."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes; return how many were written or discarded."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in NO_READER_ERRORS:
                raise
            return memoryview(data).nbytes


def outlive_readers() -> None:
    """Let commands finish their work if the reader of their output leaves, as in ``acm-etl import ... | head``.

    By default Python raises an error in the middle of whatever is printed: an import that shows its plan would store
    nothing, and a backfill that shows its progress would stop.
    """
    sys.stdout = _replace_pipe(sys.stdout)
    sys.stderr = _replace_pipe(sys.stderr)


def accept_all_characters() -> None:
    """Let commands print names in any script: a character that the encoding of a stream lacks becomes an escape."""
    for stream in (sys.stdout, sys.stderr):
        # Streams of tests and of programs without a console have no encoding.
        if isinstance(stream, io.TextIOWrapper):
            errors = "backslashreplace" if stream.errors == "strict" else stream.errors
            stream.reconfigure(encoding=choose_output_encoding(stream), errors=errors)


def _replace_pipe(stream: TextIO) -> TextIO:
    # Streams of tests and of programs without a console have no file.
    if not isinstance(stream, io.TextIOWrapper) or not _is_pipe(stream):
        return stream
    stream.flush()
    raw = _PipeWriter(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        # Without a buffer where Python has none (option -u).
        raw if isinstance(stream.buffer, io.RawIOBase) else io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _is_pipe(stream: TextIO) -> bool:
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):  # closed, or without a file
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
