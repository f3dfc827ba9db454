"""Store files made once per test process and copied: filling one takes seconds, a copy milliseconds."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl

_made: dict[tuple, Path] = {}


@cache
def _folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="acm-tests-")


def copy_template(key: tuple, path: Path, build: Callable[[Path], object]) -> Path:
    """Write the store file that ``build`` makes to ``path``; the first call for a key builds it.

    Args:
        key: All that the content depends on.
        path: File to write; its directory exists.
        build: Makes the file at a path and closes it.
    """
    if key not in _made:
        template = Path(_folder().name) / f"{hashlib.sha256(repr(key).encode()).hexdigest()}.duckdb"
        build(template)
        _made[key] = template
    shutil.copy(_made[key], path)
    return path


def hash_frame(frame: pl.DataFrame) -> str:
    """Return a hash of names, types and values, for the key of a template."""
    return hashlib.sha256(frame.write_ipc(None).getbuffer()).hexdigest()
