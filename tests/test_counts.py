"""The rows per table that docs/tables.md states: listed for every table, and measured again where the data is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from acm_etl import tables

ROOT = Path(__file__).parents[1]
# What may not have happened to a machine; a table of anything else that is empty is a fault.
MAYBE = {
    "ACM_Config",
    "ACM_Sources",
    "ACM_ConfigHistory",
    "ACM_RunErrors",
    "ACM_DataQualityEvents",
    "ACM_Episodes",
    "ACM_EpisodeCulprits",
    "ACM_EpisodeNotes",
    "ACM_Failures",
    "ACM_Notifications",
    "ACM_DriftEvents",
    "ACM_RUL_Attribution",
    "ACM_MaintenanceRecommendation",
    "ACM_RefitRequests",
    "ACM_Baselines",
}
# Of them, what neither machine has at the end of its history: nothing degrades, nobody asked for anything.
NEITHER = {
    "ACM_Config",
    "ACM_EpisodeNotes",
    "ACM_Failures",
    "ACM_Notifications",
    "ACM_Sources",
    "ACM_ConfigHistory",
    "ACM_RunErrors",
    "ACM_RUL_Attribution",
    "ACM_MaintenanceRecommendation",
    "ACM_RefitRequests",
    "ACM_Baselines",
}  # fmt: skip


def module():
    spec = importlib.util.spec_from_file_location("counts", ROOT / "docs" / "counts.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def stated():
    """Rows by machine and table, as the document has them."""
    text = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    block = text.partition("<!-- counts -->")[2].partition("<!-- /counts -->")[0]
    machines = re.search(r"^\| table \| (.*) \|$", block, re.MULTILINE)[1].split(" | ")
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", block, re.MULTILINE)
    cells = {name: [int(number.replace(",", "")) for number in numbers.split(" | ")] for name, numbers in rows}
    return {machine: {name: numbers[i] for name, numbers in cells.items()} for i, machine in enumerate(machines)}


def test_every_table_is_listed_and_filled_wherever_there_is_something_to_tell():
    found = stated()
    machine_tables = {table.name for table in tables.ALL if "EquipID" in table.columns_by_name}
    assert set(found) == set(module().MACHINES)
    for machine, rows in found.items():
        assert set(rows) == machine_tables, "run: python docs/counts.py"
        assert {name for name, count in rows.items() if not count} <= MAYBE, machine
    assert all(any(rows[name] for rows in found.values()) for name in MAYBE - NEITHER)


@pytest.mark.slow
def test_the_real_histories_give_the_rows_that_are_stated(tmp_path):
    counts = module()
    if not counts.DATA.exists():
        pytest.skip(f"the histories are not here ({counts.DATA})")
    found = counts.counts(tmp_path)
    for machine, rows in stated().items():
        for name, count in rows.items():
            # another build of a library may move a reading over an edge
            assert found[machine][name] == pytest.approx(count, rel=0.02, abs=2), f"{machine}: {name}"
