"""SQL as committed: a change of the statements has to be read and committed as well."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "golden"


def assert_golden(name, text):
    """Compare SQL with a file of the folder ``golden``.

    To accept a change, delete the file, run the test, and read the file that it writes.
    """
    path = FOLDER / name
    if not path.exists():
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path} was written; read and commit it")
    assert path.read_text(encoding="utf-8") == text
