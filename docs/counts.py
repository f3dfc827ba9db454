"""Rows per table on the two real histories: ``python docs/counts.py`` measures and writes them into docs/tables.md."""
# ruff: noqa: INP001 - a script

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import acm_etl
from acm_etl import config, tables
from acm_etl.admin import ingest
from acm_etl.io.connect import open_store
from acm_etl.load import equipment

DATA = next(
    (p / "shared/data/historian" for p in Path(__file__).resolve().parents if (p / "shared/data/historian").exists()),
    Path("shared/data/historian"),
)
MACHINES = ("FD_FAN", "GAS_TURBINE")
BEGIN, END = "<!-- counts -->\n", "<!-- /counts -->"


def counts(folder: Path, machines: Iterable[str] = MACHINES) -> dict[str, dict[str, int]]:
    """Rows by machine and table after importing and scoring the histories with default settings."""
    settings = config.load_config({"store.url": f"duckdb:///{folder / 'counts.duckdb'}"})
    for code in machines:
        files = sorted(DATA.glob(f"{code}_*.csv"))
        ingest.import_files(files, equip=code, time_zone="America/New_York", config=settings)
        acm_etl.backfill(store=settings.store.url, equip=code)
    engine = open_store(settings.store)
    try:
        ids = {code: equipment.find_machine(engine, code).equip_id for code in machines}
        return {code: {table.name: _rows(engine, table, number) for table in _told()} for code, number in ids.items()}
    finally:
        engine.close()


def _told() -> list[tables.Table]:
    return [table for table in tables.ALL if "EquipID" in table.columns_by_name]


def _rows(engine: object, table: tables.Table, equip_id: int) -> int:
    sql = f'SELECT COUNT(*) AS n FROM "{table.name}" WHERE "EquipID" = {equip_id}'
    return int(engine.query(sql).item())  # type: ignore[attr-defined]


def block(found: dict[str, dict[str, int]]) -> str:
    """What stands between the marks of docs/tables.md."""
    lines = [f"| table | {' | '.join(found)} |", f"|---|{'--:|' * len(found)}"]
    for table in _told():
        numbers = (f"{rows[table.name]:,}" for rows in found.values())
        lines.append(f"| `{table.name}` | {' | '.join(numbers)} |")
    libraries = ", ".join(f"{name} {version(name)}" for name in ("polars", "numpy", "scikit-learn", "duckdb"))
    return (
        "## Rows on real histories\n\n"
        "Measured by `python docs/counts.py`: all files of both machines, default settings, tick of one day. 0 means\n"
        "that what the table is about did not happen: no failed attempt, no setting stored, no reading refused.\n"
        f"Python {platform.python_version()}, {libraries}, acm_etl {version('acm_etl')}.\n\n"
    ) + "\n".join([*lines, "", ""])


if __name__ == "__main__":
    if not DATA.exists():
        sys.exit(f"there are no histories in {DATA}")
    target = Path(__file__).with_name("tables.md")
    before, _, rest = target.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    with tempfile.TemporaryDirectory() as place:
        target.write_text(f"{before}{BEGIN}{block(counts(Path(place)))}{END}{after}", encoding="utf-8")
