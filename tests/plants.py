"""Small histories in real stores, and ways to hold two stores against one another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

import acm_etl
from acm_etl import config, ingest, simulate, tables
from acm_etl.io.open import connect

START = datetime(2024, 1, 1)
#: Short training and small models: these tests are about transactions, not about detection.
FAST = {"training.days": 12, "training.running_rows": 200, "score.forest_trees": 8, "backfill.backoff": "0.01s"}
DAYS = 30
CODE = "FAN_1"


def history(*, days: int = DAYS, seed: int = 3, cadence: timedelta = timedelta(minutes=30)) -> pl.DataFrame:
    """A dirty simulated history with a fault after the training."""
    begin = START + timedelta(days=days * 0.6)
    fault = simulate.Fault("bearing", "sudden", begin, begin + timedelta(days=3), {simulate.FD_FAN[4].name: 12.0})
    made = simulate.simulate(seed=seed, start=START, days=days, cadence=cadence, faults=(fault,))
    return made.frame


@dataclass(frozen=True)
class Plant:
    """A store with one machine's readings in it."""

    path: Path
    code: str = CODE

    @property
    def url(self) -> str:
        return f"duckdb:////{self.path.as_posix().lstrip('/')}"

    def connect(self):
        return connect(config.Store(url=self.url))

    def backfill(self, *, tick="1d", options=None, **request):
        merged = {**FAST, **(options or {})}
        return acm_etl.backfill(store=self.url, equip=self.code, tick=tick, settings=merged, **request)

    def query(self, sql, params=()):
        engine = self.connect()
        try:
            return engine.query(sql, params)
        finally:
            engine.close()

    def dump(self, *, without=()):
        """Every table as a frame sorted by its key, volatile columns left out."""
        engine = self.connect()
        try:
            return {table.name: _contents(engine, table) for table in tables.ALL if table.name not in without}
        finally:
            engine.close()


def _contents(engine, table) -> pl.DataFrame:
    columns = [column.name for column in table.stored if not column.volatile]
    quoted = ", ".join(engine.dialect.quote(name) for name in columns)
    frame = engine.query(f"SELECT {quoted} FROM {engine.dialect.quote(table.name)}")
    return frame.sort([name for name in table.key if name in columns])


def make_plant(path, *, readings=None, code=CODE, zone="America/New_York"):
    """A store with one machine; its readings default to a month of a simulated fan."""
    place = Plant(path, code)
    frame = history() if readings is None else readings
    ingest.load_frame(frame, equip=code, time_zone=zone, config=config.load({"store.url": place.url}))
    return place


def assert_same(found: dict[str, pl.DataFrame], wanted: dict[str, pl.DataFrame], *, tolerance: float = 0.0) -> None:
    """Two dumps hold the same rows; floats may differ by ``tolerance``, absolute and relative."""
    assert found.keys() == wanted.keys()
    for name, frame in wanted.items():
        assert found[name].height == frame.height, f"{name}: {found[name].height} rows, not {frame.height}"
        same = found[name].equals(frame) if tolerance == 0 else _close(found[name], frame, tolerance)
        assert same, f"{name} differs:\n{_difference(found[name], frame)}"


def _close(found: pl.DataFrame, wanted: pl.DataFrame, tolerance: float) -> bool:
    floats = [name for name, kind in wanted.schema.items() if kind.is_float()]
    if not found.drop(floats).equals(wanted.drop(floats)):
        return False
    return all(
        found[name].is_null().equals(wanted[name].is_null())
        and ((found[name] - wanted[name]).abs() <= tolerance * (1 + wanted[name].abs())).fill_null(value=True).all()
        for name in floats
    )


def _difference(found: pl.DataFrame, wanted: pl.DataFrame) -> str:
    differing = [name for name in wanted.columns if not found[name].equals(wanted[name])]
    rows = pl.any_horizontal(pl.Series(found[name]).ne_missing(wanted[name]) for name in differing)
    mask = pl.select(rows).to_series()
    return f"columns {differing}\nfound {found.filter(mask).head(3)}\nwanted {wanted.filter(mask).head(3)}"
