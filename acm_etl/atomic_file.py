"""Files that other processes see either complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acm_etl.host import replace_file


@contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """Yield the path of a draft, which replaces ``path`` when the block ends without an error.

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
        draft.unlink(missing_ok=True)
