"""Where and with what a number was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import acm_etl

LIBRARIES = ("polars", "pyarrow", "numpy", "scikit-learn", "duckdb")


def provenance() -> dict[str, Any]:
    """Commit of the measured package, time, machine and versions."""
    home = Path(acm_etl.__file__).parent  # not the working directory: an installed package may be another one
    git = ["git", "-C", str(home), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False)  # noqa: S603
    return {
        "commit": commit.stdout.strip(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }
