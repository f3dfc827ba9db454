"""Standard input and pipes of an import, which can be read only once."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from acm_etl.errors import InputError, UnavailableError, UsageError
from acm_etl.output_files import is_disk_full

_STDIN = "-"


@dataclass(frozen=True, slots=True)
class CopiedStream:
    """A temporary file with all bytes of a stream."""

    path: Path
    name: str

    def __str__(self) -> str:
        """Return the name for messages."""
        return self.name


def copy_streams(arguments: Sequence[str | Path | CopiedStream]) -> list[str | CopiedStream]:
    """Return the arguments with copies in place of standard input (``-``) and pipes, as of ``<(gunzip -c FILE)``.

    An import reads its files several times. A stream that is given twice is copied once.

    Args:
        arguments: Files, folders, patterns, streams, and copies of streams.

    Returns:
        Names of files, folders and patterns, and copies; all of them can be read as often as needed.

    Raises:
        UsageError: An argument is a device or a socket.
        InputError: A stream cannot be read.
        UnavailableError: The disk of temporary files is full.
    """
    copies: dict[str, str | CopiedStream] = {}
    for argument in arguments:
        if not isinstance(argument, CopiedStream) and str(argument) not in copies:
            copies[str(argument)] = _copy_stream(str(argument))
    return [argument if isinstance(argument, CopiedStream) else copies[str(argument)] for argument in arguments]


def _copy_stream(argument: str) -> str | CopiedStream:
    path = Path(argument)
    if argument == _STDIN:
        return CopiedStream(_copy_to_file(None, "stdin"), "stdin")
    if path.is_fifo():
        return CopiedStream(_copy_to_file(path, argument), argument)
    if path.is_char_device() or path.is_block_device() or path.is_socket():
        message = f"{argument} is a device or a socket; name files, folders or patterns, or - for standard input"
        raise UsageError(message)
    return argument


def _copy_to_file(pipe: Path | None, name: str) -> Path:
    """Copy a pipe, or standard input, to a temporary file, which is removed when the process ends."""
    try:
        # delete=False: the file is opened again by name, which Windows refuses while it is open.
        with (
            tempfile.NamedTemporaryFile(prefix="acm-etl-stdin-", delete=False) as file,
            nullcontext(sys.stdin.buffer) if pipe is None else pipe.open("rb") as stream,
        ):
            copy = Path(file.name)
            atexit.register(partial(copy.unlink, missing_ok=True))
            shutil.copyfileobj(stream, file)
    except OSError as error:
        reason = f"{name} cannot be copied to {tempfile.gettempdir()}: {error.strerror or error}"
        if is_disk_full(error):
            message = f"{reason}; make space there, or name another folder by the variable TMPDIR"
            raise UnavailableError(message) from error
        raise InputError(reason) from error
    return copy
