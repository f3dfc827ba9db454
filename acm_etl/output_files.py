"""Files and folders that commands write to."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acm_etl.errors import AcmError, UnavailableError, UsageError
from acm_etl.host import remove_file, replace_file

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """Yield the path of a draft, which replaces ``path`` when the block ends without an error.

    Other processes see the file either complete or not at all.

    Args:
        path: File to write; an existing one is replaced.

    Raises:
        OSError: The draft cannot replace the file; an existing file is unchanged.
    """
    # In the same folder: a rename is atomic within one file system only. The process id keeps two writers apart.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield draft
        replace_file(draft, path)
    finally:
        remove_file(draft)


@contextmanager
def write_output_file(path: Path) -> Iterator[Path]:
    """As ``write_atomically``, for a file that the user has named.

    Raises:
        UsageError: The file cannot be written; an existing file is unchanged.
        UnavailableError: The disk is full; an existing file is unchanged.
    """
    if not path.name:
        # "." and "/": a draft beside them has no name either.
        raise unwritable_error(path, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    try:
        with write_atomically(path) as draft:
            yield draft
    except OSError as error:
        raise unwritable_error(path, error) from error


def is_disk_full(error: OSError) -> bool:
    """Return True if a write has failed for lack of space or quota."""
    return error.errno in _DISK_FULL


def unwritable_error(path: Path, error: OSError) -> AcmError:
    """Return the error for a file that the user has named: another name helps, unless the disk is full."""
    reason = f"cannot write {path}: {error.strerror or error}"
    if is_disk_full(error):
        return UnavailableError(f"{reason}; make space, then run the command again")
    return UsageError(f"{reason}; name another file")


def create_folder(folder: Path, *, option: str) -> None:
    """Create a folder in an existing one, unless it exists.

    Args:
        folder: The folder.
        option: Option of the command that names it, for the message.

    Raises:
        UsageError: The folder cannot be created, or its parent does not exist.
    """
    try:
        # Without parents: a mistyped path must not create a tree of folders.
        folder.mkdir(exist_ok=True)
    except OSError as error:
        message = f"cannot create the folder {folder}: {error.strerror or error}; name another one with {option}"
        raise UsageError(message) from error
