"""Microsoft's own T-SQL parser, where ``fetch_scriptdom.sh`` has put it: parse texts and list their errors."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HOME = Path(os.environ.get("ACM_SCRIPTDOM") or Path(__file__).parents[2] / "build" / "scriptdom")
MISSING = next(
    (
        reason
        for missing, reason in (
            (not shutil.which("mono"), "mono is not installed"),
            (not (HOME / "check.exe").exists(), f"{HOME} has no check.exe"),
        )
        if missing
    ),
    None,
)
"""Why the parser cannot be used; None where it can."""


@dataclass
class Parsed:
    """What the parser found in one text."""

    batches: int
    errors: list[tuple[int, int, int, str]] = field(default_factory=list)
    tables: list[tuple[int, str, str]] = field(default_factory=list)
    columns: list[tuple[int, str, str]] = field(default_factory=list)
    inserts: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)


def parse(texts: dict[str, str], folder: Path) -> dict[str, Parsed]:
    """Parse texts by name; ``folder`` is for files."""
    paths = {}
    for number, (name, text) in enumerate(texts.items()):
        paths[str(folder / f"{number}.sql")] = name
        (folder / f"{number}.sql").write_text(text, encoding="utf-8")
    done = subprocess.run(["mono", HOME / "check.exe", *paths], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert not done.stderr, done.stderr
    found: dict[str, Parsed] = {}
    for line in done.stdout.splitlines():
        kind, *words = line.split("\t")
        if kind == "file":
            found[paths[words[0]]] = current = Parsed(int(words[1]))
        else:
            _take(current, kind, words)
    assert found.keys() == texts.keys()
    return found


def _take(parsed: Parsed, kind: str, words: list[str]) -> None:
    if kind == "error":
        parsed.errors.append((int(words[0]), int(words[1]), int(words[2]), words[3]))
    elif kind == "table":
        parsed.tables.append((int(words[0]), words[1], words[2]))
    elif kind == "column":
        parsed.columns.append((int(words[0]), words[1], words[2]))
    elif kind == "insert":
        parsed.inserts.append((words[1], tuple(filter(None, words[2].split(", ")))))
