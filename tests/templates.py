"""Store files made once per test run and copied: filling one takes seconds, a copy milliseconds."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl

from acm_etl.host import replace_file

# Folder of the templates, which the processes of a test run inherit from the one that starts them.
FOLDER = "TEST_TEMPLATES"


@cache
def _make_folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="acm-tests-")


def share_folder() -> None:
    """Let the processes that this one starts use the templates of one another."""
    os.environ.setdefault(FOLDER, _make_folder().name)


def copy_template(key: tuple, path: Path, build: Callable[[Path], object]) -> Path:
    """Write the store file that ``build`` makes to ``path``; the first call for a key in a test run builds it.

    Args:
        key: All that the content depends on.
        path: File to write; its directory exists.
        build: Makes the file at a path and closes it.
    """
    folder = Path(os.environ.get(FOLDER) or _make_folder().name)
    template = folder / f"{hashlib.sha256(repr(key).encode()).hexdigest()}.duckdb"
    if not template.exists():
        # Two processes may build the same store at the same time: each a file of its own, which is there as a whole.
        draft = template.with_suffix(f".{os.getpid()}")
        draft.unlink(missing_ok=True)
        build(draft)
        replace_file(draft, template)
    shutil.copy(template, path)
    return path


def hash_frame(frame: pl.DataFrame) -> str:
    """Return a hash of names, types and values, for the key of a template."""
    return hashlib.sha256(frame.write_ipc(None).getbuffer()).hexdigest()
