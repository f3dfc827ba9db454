"""Publishes a batch by one bulk loader, in a process of its own: ``loading.py URL LOADER STAGING``.

pyodbc keeps the interpreter's lock while it waits for the server, so a server in its process could not answer.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from acm_etl.io.mssql import loaders
from acm_etl.io.mssql.engine import MsSql, MssqlOptions
from acm_etl.load.machines import equipment
from acm_etl.tables import shared_staging
from mssql.batches import publish_large_batch
from mssql.odd_table import ODD, odd


def main(url: str, loader: str, staging: str) -> None:
    shared_staging.MAX_SHARED_ROWS = 500  # as in the fixture ``standin``
    loaders._MAX_WIDE_ROWS = 10  # the few shared rows of this batch count as many
    engine = MsSql(url, MssqlOptions(loader=loader, staging=staging))
    try:
        equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
        assert publish_large_batch(engine) == 1
        if loader != "bcp":  # which takes no bytes and no line breaks, and says so
            frame = odd(150)
            assert engine.query(f"SELECT * FROM {engine.stage_frame(ODD, frame)} ORDER BY k").equals(frame)
    finally:
        engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
