"""Machine health from plant history: read sensor history, score it, publish scores, alarms and forecasts.

    import acm_etl
    report = acm_etl.backfill(store="duckdb:///acm.duckdb", equip="FD_FAN", tick="1d")

or, without a store, on a Polars frame with ``Timestamp`` and one numeric column per tag:

    model = acm_etl.score.fit(frame)
    result = acm_etl.score.score(frame, model)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from acm_etl import score
    from acm_etl.fleet.python_api import backfill

__all__ = ["__version__", "backfill", "score"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module or a function
    """Import the requested attribute on first use."""
    # Importing polars and duckdb takes seconds; ``acm-etl --help`` must not wait for them.
    if name == "backfill":
        return importlib.import_module("acm_etl.fleet.python_api").backfill
    if name == "__version__":
        # As a module of its own: it imports the packages email and zipfile, which no command needs at its start.
        return importlib.import_module("importlib.metadata").version("acm_etl")
    if name == "score":
        return importlib.import_module("acm_etl.score")
    message = f"module 'acm_etl' has no attribute {name!r}"
    raise AttributeError(message)
