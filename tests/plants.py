"""Small histories in real stores, and ways to hold two stores against one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
from templates import copy_template, hash_frame

import acm_etl
from acm_etl import config, simulate, tables
from acm_etl.admin import ingest
from acm_etl.io.connect import open_store
from acm_etl.load.schema import migrate

START = datetime(2024, 1, 1)
# Short training and small models: these tests are about transactions, not about detection.
FAST = {"training.days": 12, "training.running_rows": 200, "score.forest_trees": 8, "backfill.backoff": "0.01s"}
DAYS = 30
CODE = "FAN_1"
ZONE = "America/New_York"


def history(
    *, days: int = DAYS, seed: int = 3, cadence: timedelta = timedelta(minutes=30), rise: float = 12.0
) -> pl.DataFrame:
    """A dirty simulated history with a fault after the training: a bearing that is ``rise`` degrees too warm."""
    begin = START + timedelta(days=days * 0.6)
    fault = simulate.Fault("bearing", "sudden", begin, begin + timedelta(days=3), {simulate.FD_FAN_TAGS[4].name: rise})
    made = simulate.simulate_history(seed=seed, start=START, days=days, cadence=cadence, faults=(fault,))
    return made.frame


# Rows about the scripts of a store, which differ with the engine.
SCHEMA = "ACM_SchemaVersion"


@dataclass(frozen=True)
class Plant:
    """A store with one machine's readings in it: a DuckDB file, or what the settings ``server`` name."""

    path: Path
    code: str = CODE
    server: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.server.get("store.url") or f"duckdb:////{self.path.as_posix().lstrip('/')}"

    @property
    def tolerance(self) -> float:
        """How far floats may be from those of an embedded store: sums over rows in another order differ."""
        return 1e-9 if self.server else 0.0

    @property
    def config(self) -> config.Config:
        return config.load_config({"store.url": self.url, **self.server})

    def connect(self):
        return open_store(self.config.store)

    def backfill(self, *, tick="1d", options=None, **request):
        merged = {**FAST, **self.server, **(options or {})}
        return acm_etl.backfill(store=self.url, equip=self.code, tick=tick, settings=merged, **request)

    def backfill_or_fail(self, **request):
        report = self.backfill(**request)
        assert not [machine for machine in report.machines if machine.outcome == "failed"], report
        return report

    def load(self, frame, *, code=None, zone=ZONE):
        ingest.load_frame(frame, equip=code or self.code, time_zone=zone, config=self.config)

    def query(self, sql, params=()):
        engine = self.connect()
        try:
            return engine.query(sql, params)
        finally:
            engine.close()

    def table(self, name):
        """All columns of a table but the volatile ones, sorted by its key."""
        engine = self.connect()
        try:
            return _contents(engine, tables.BY_NAME[name])
        finally:
            engine.close()

    def dump(self, *, without=()):
        """Every table as a frame sorted by its key, volatile columns left out."""
        left = {SCHEMA, *without}
        engine = self.connect()
        try:
            filled = set(list_filled_tables(engine))
            return {
                table.name: _contents(engine, table) if table.name in filled else _empty_contents(table)
                for table in tables.ALL
                if table.name not in left
            }
        finally:
            engine.close()


def leave_out_preparation(dump):
    """A dump without the runs of failures before the first window, which later runs have superseded."""
    failed = pl.col("WindowStart").is_null() & (pl.col("Outcome") == "SUPERSEDED")
    run_ids = dump["RunLog"].filter(failed)["RunID"].implode()
    left = {name: dump[name].filter(~pl.col("RunID").is_in(run_ids)) for name in ("RunLog", "ACM_RunErrors")}
    return dump | left


def list_filled_tables(engine) -> list[str]:
    """Names of the tables that have rows; one statement, where reading the empty ones takes one each."""
    quote = engine.dialect.quote
    counts = [
        f"SELECT '{table.name}' AS TableName, COUNT(*) AS Stored FROM {quote(table.name)}" for table in tables.ALL
    ]
    return engine.query(" UNION ALL ".join(counts)).filter(pl.col("Stored") > 0)["TableName"].to_list()


def _compared_columns(table) -> list[str]:
    return [column.name for column in table.insertable_columns if not column.volatile]


def _empty_contents(table) -> pl.DataFrame:
    return pl.DataFrame(schema={name: table.polars_schema[name] for name in _compared_columns(table)})


def _contents(engine, table) -> pl.DataFrame:
    columns = _compared_columns(table)
    quoted = ", ".join(engine.dialect.quote(name) for name in columns)
    frame = engine.query(f"SELECT {quoted} FROM {engine.dialect.quote(table.name)}")
    return frame.cast({name: table.polars_schema[name] for name in columns}).sort(
        [name for name in table.key if name in columns]
    )


def tidy(frame: pl.DataFrame) -> pl.DataFrame:
    """Readings as a historian on SQL Server holds them: one per time, and no NaN."""
    tags = pl.selectors.float()
    one = frame.unique("EntryDateTime", keep="last", maintain_order=True).sort("EntryDateTime")
    return one.with_columns(pl.when(tags.is_finite()).then(tags))


def make_empty_plant(path, code=CODE):
    """A store as ``acm-etl init`` leaves it."""
    return Plant(copy_template(("empty",), path, lambda template: _init_store(Plant(template))), code)


def _init_store(place) -> None:
    engine = place.connect()
    try:
        migrate.init_schema(engine)
    finally:
        engine.close()


def make_plant(path, *, readings=None, code=CODE, zone=ZONE, server=None):
    """A store with one machine; its readings default to a month of a simulated fan."""
    frame = history() if readings is None else readings
    place = Plant(path, code, server or {})
    if server:
        place.load(frame, zone=zone)
    else:
        key = ("loaded", hash_frame(frame), code, zone)
        copy_template(key, path, lambda template: make_empty_plant(template, code).load(frame, zone=zone))
    return place


def make_scored_plant(path, *, readings=None, code=CODE, zone=ZONE, **request):
    """An embedded store with one machine, after ``Plant.backfill`` with this request."""
    frame = history() if readings is None else readings

    def build(template):
        make_plant(template, readings=frame, code=code, zone=zone).backfill_or_fail(**request)

    key = ("scored", hash_frame(frame), code, zone, repr(sorted(request.items())))
    return Plant(copy_template(key, path, build), code)


def copy_plant(place, folder, name="copy"):
    """The same store again, in a file of its own."""
    copied = Plant(folder / f"{name}.duckdb")
    copied.path.write_bytes(place.path.read_bytes())
    return copied


def assert_same(found: dict[str, pl.DataFrame], wanted: dict[str, pl.DataFrame], *, tolerance: float = 0.0) -> None:
    """Two dumps hold the same rows; floats may differ by ``tolerance``, absolute and relative."""
    assert found.keys() == wanted.keys()
    for name, frame in wanted.items():
        assert found[name].height == frame.height, f"{name}: {found[name].height} rows, not {frame.height}"
        here, there = _drop_foreign_hashes(found[name], frame)
        same = here.equals(there) if tolerance == 0 else _close(here, there, tolerance)
        assert same, f"{name} differs:\n{_difference(here, there)}"


def _drop_foreign_hashes(found: pl.DataFrame, wanted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out hashes of two engines: each has a function of its own, and the hash of a constant tells them apart."""
    if "InputHash" in wanted.columns and not found["InputHash"].equals(wanted["InputHash"]):
        # Made of such hashes: both stores know the inputs of the same windows.
        known = [frame.with_columns(pl.col("InputHash").is_not_null()) for frame in (found, wanted)]
        return known[0], known[1]
    if "HashProbe" not in wanted.columns or found["HashProbe"].equals(wanted["HashProbe"]):
        return found, wanted
    return found.drop("RowsHash", "HashProbe"), wanted.drop("RowsHash", "HashProbe")


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
