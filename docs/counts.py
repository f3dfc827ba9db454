"""Count the rows per table of the two real histories, and write them into docs/tables.md: ``python docs/counts.py``."""
# ruff: noqa: INP001 - a script

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import acm_etl
from acm_etl import config, tables
from acm_etl.admin import ingest
from acm_etl.engine import Engine
from acm_etl.io.connect import open_store
from acm_etl.io.files.options import ImportOptions
from acm_etl.load.machines import equipment
from acm_etl.schema import Table

DATA = next(
    (p / "shared/data/historian" for p in Path(__file__).resolve().parents if (p / "shared/data/historian").exists()),
    Path("shared/data/historian"),
)
MACHINES = ("FD_FAN", "GAS_TURBINE")
BEGIN, END = "<!-- counts -->\n", "<!-- /counts -->"


def counts(folder: Path, machines: Iterable[str] = MACHINES) -> dict[str, dict[str, int]]:
    """Import and score the histories with default settings, and count the rows by machine and table.

    Args:
        folder: Folder of the store that is created.
        machines: Codes of the machines; each has its files in ``DATA``.
    """
    settings = config.load_config({"store.url": f"duckdb:///{folder / 'counts.duckdb'}"})
    for code in machines:
        files = sorted(DATA.glob(f"{code}_*.csv"))
        options = ImportOptions(time_zone="America/New_York")
        ingest.import_files(files, equip=code, options=options, config=settings)
        acm_etl.backfill(store=settings.store.url, equip=code)
    engine = open_store(settings.store)
    try:
        ids = {code: equipment.find_machine(engine, code).equip_id for code in machines}
        return {
            code: {table.name: _count_rows(engine, table, equip_id) for table in _list_tables()}
            for code, equip_id in ids.items()
        }
    finally:
        engine.close()


def _list_tables() -> list[Table]:
    """Return the tables whose rows belong to a machine."""
    return [table for table in tables.ALL if "EquipID" in table.columns_by_name]


def _count_rows(engine: Engine, table: Table, equip_id: int) -> int:
    sql = f'SELECT COUNT(*) AS n FROM "{table.name}" WHERE "EquipID" = {equip_id}'
    return int(engine.query(sql).item())


def render_block(rows_by_machine: dict[str, dict[str, int]]) -> str:
    """Return the text between the marks of docs/tables.md."""
    lines = [f"| table | {' | '.join(rows_by_machine)} |", f"|---|{'--:|' * len(rows_by_machine)}"]
    for table in _list_tables():
        numbers = (f"{rows[table.name]:,}" for rows in rows_by_machine.values())
        lines.append(f"| `{table.name}` | {' | '.join(numbers)} |")
    # Counts depend on the libraries: another build may move a reading over a threshold.
    libraries = ", ".join(f"{name} {version(name)}" for name in ("polars", "numpy", "duckdb"))
    return (
        "## Rows on real histories\n\n"
        "Rows per table after importing and scoring all files of both machines with default settings and one-day\n"
        "windows. 0 means that the event did not happen: no failed attempt, no stored setting, no rejected reading.\n"
        f"Counted by `python docs/counts.py` on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()},\n"
        f"{libraries}, acm_etl {version('acm_etl')}.\n\n"
    ) + "\n".join([*lines, "", ""])


if __name__ == "__main__":
    if not DATA.exists():
        sys.exit(f"no histories in {DATA}")
    target = Path(__file__).with_name("tables.md")
    before, _, rest = target.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    with tempfile.TemporaryDirectory() as folder:
        target.write_text(f"{before}{BEGIN}{render_block(counts(Path(folder)))}{END}{after}", encoding="utf-8")
