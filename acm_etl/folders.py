"""Folders that commands write to."""

from __future__ import annotations

from pathlib import Path

from acm_etl.errors import UsageError


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
