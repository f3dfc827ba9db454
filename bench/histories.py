"""Histories and the stores that hold them: simulated ones of any length and width, a fleet, and a year of a fan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
from checkouts import Checkout

from acm_etl import simulate

MACHINE = "BENCH"
FAN = "FD_FAN"
FAN_FILES = sorted((Path(__file__).parents[2] / "shared" / "data" / "historian").glob("FD_FAN_*.csv"))
# Nineteen years of minutes from here end before today: readings of the future are not scored.
_START = datetime(2000, 1, 1)  # noqa: DTZ001 - all times are naive UTC
# Cells per file: 40 MB in memory, whatever the number of tags.
_CELLS_PER_FILE = 5_000_000


def write_history(folder: Path, readings: int, tags: int) -> list[Path]:
    """Write a simulated history at one-minute cadence as Parquet files; they are written once per folder."""
    target = folder / f"history_{readings}x{tags}"
    if not target.exists():
        target.mkdir()
        chunks = simulate.simulate_chunks(
            readings,
            chunk_rows=max(20_000, _CELLS_PER_FILE // tags),
            start=_START,
            tags=simulate.make_random_tags(tags),
        )
        for number, frame in enumerate(chunks):
            frame.write_parquet(target / f"part{number:04}.parquet")
    return sorted(target.glob("*.parquet"))


def make_history_store(checkout: Checkout, folder: Path, readings: int, tags: int) -> Path:
    """Return a store with one machine and its readings, nothing scored.

    The first file is imported, which registers the machine. The others are inserted by DuckDB: the historian's table
    belongs to the user, and any checkout must read what is there.
    """
    store = folder / f"{checkout.label.replace(' ', '_')}_{readings}x{tags}.duckdb"
    first, *others = write_history(folder, readings, tags)
    checkout.run_all(store, [("import", str(first), "--equip", MACHINE, "--timezone", "UTC")])
    with duckdb.connect(str(store)) as connection:
        for path in others:
            connection.execute(f'INSERT INTO "{MACHINE}_Data" BY NAME SELECT * FROM read_parquet(?)', [str(path)])
    return store


def make_fleet_store(checkout: Checkout, folder: Path, machines: int, readings: int) -> Path:
    """Return a store with many machines of few readings, one per hour."""
    store = folder / f"{checkout.label.replace(' ', '_')}_fleet{machines}.duckdb"
    commands = []
    for number, path in enumerate(_write_fleet(folder, machines, readings)):
        commands.append(("import", str(path), "--equip", f"FAN_{number:02}", "--timezone", "UTC"))
    checkout.run_all(store, commands)
    return store


def _write_fleet(folder: Path, machines: int, readings: int) -> Iterator[Path]:
    for number in range(machines):
        path = folder / f"fan{number:02}_{readings}.parquet"
        if not path.exists():
            next(simulate.simulate_chunks(readings, seed=number, cadence=timedelta(hours=1))).write_parquet(path)
        yield path


def fan_import_command() -> tuple[str, ...]:
    """Return the command that brings a year of the fan: real files if they are here, otherwise a simulation."""
    if not FAN_FILES:
        return ("simulate", "--equip", FAN)
    return ("import", *map(str, FAN_FILES), "--equip", FAN, "--timezone", "America/New_York")
