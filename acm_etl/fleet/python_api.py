"""Backfill from Python: ``acm_etl.backfill``."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from acm_etl.fleet.fleet_backfill import backfill_machines
from acm_etl.progress import Progress
from acm_etl.results import BackfillReport
from acm_etl.run.context import BackfillRequest, SettingsSources

_RENAMED_OPTIONS = {"final": "close_last_window", "restart": "replay_from"}
"""Options of a backfill by the names that they had in earlier versions."""


def backfill(
    *,
    store: str | None = None,
    equip: str | Sequence[str] | None = None,
    tick: str | None = None,
    config: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    settings: dict[str, Any] | None = None,
    **request: Any,  # noqa: ANN401 - the fields of BackfillRequest
) -> BackfillReport:
    """Backfill machines from Python.

    Args:
        store: URL of the store (default: ``ACM_STORE``, the settings file, ``duckdb:///acm.duckdb``).
        equip: Machine code or codes; None for every registered machine.
        tick: Window length, e.g. ``"12h"``.
        config: TOML settings file.
        progress: Receives the progress; ignored by default.
        workers: Worker processes. More than one import the calling script: guard it with
            ``if __name__ == "__main__"``.
        scheduler: Address of a Dask scheduler that distributes the machines.
        settings: Further settings by dotted name, e.g. ``{"score.alarm_z": 3.5}``.
        **request: ``since``, ``until``, ``close_last_window``, ``replay_from``, ``replay_changed``, ``dry_run``,
            ``max_windows`` (see ``BackfillRequest``). The old names ``final`` and ``restart`` are accepted.

    Returns:
        The report; ``report.exit_code`` is 0 if no machine failed.

    Raises:
        UsageError: A machine or setting is unknown, or the tick is invalid.
        UnavailableError: The store cannot be opened.
    """
    options = {
        "store.url": store,
        "backfill.tick": tick,
        "backfill.workers": workers,
        "backfill.scheduler": scheduler,
        **(settings or {}),
    }
    given = {name: value for name, value in options.items() if value is not None}
    return backfill_machines(
        [equip] if isinstance(equip, str) else equip,
        request=BackfillRequest(**_rename_options(request)),
        sources=SettingsSources(options=given, toml_path=Path(config) if config else None),
        progress=progress,
    )


def _rename_options(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a backfill under their current names, with a warning for each old one."""
    for name in request.keys() & _RENAMED_OPTIONS:
        # At the line that calls the public function.
        warnings.warn(f"{name} is now named {_RENAMED_OPTIONS[name]}", DeprecationWarning, stacklevel=3)
    return {_RENAMED_OPTIONS.get(name, name): value for name, value in request.items()}
