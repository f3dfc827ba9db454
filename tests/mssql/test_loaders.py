"""The loaders behind one interface: each stores the same batch and the same values."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mssql.batches import TABLES

HERE = Path(__file__).parent
BCP = pytest.param(
    "bcp",
    "table",
    marks=pytest.mark.skipif(
        importlib.util.find_spec("bcpandas") is None, reason="bcpandas is not installed: pip install acm_etl[bcp]"
    ),
)


def load(standin, loader, staging, tmp_path, **environ):
    """Publish a batch in another process; return its output."""
    from acm_etl.io.mssql import driver  # noqa: PLC0415 - it may not load

    (tmp_path / "bcp").symlink_to(HERE / "bcp.py")
    # bcpandas asks ODBC for the driver by its registered name
    (tmp_path / "odbcinst.ini").write_text(f"[ODBC Driver 18 for SQL Server]\nDriver={driver.find_odbc_driver()}\n")
    path = os.pathsep.join([str(tmp_path), str(Path(sys.executable).parent), os.environ["PATH"]])
    url = standin.server.url(password="Plain-Word_1")  # noqa: S106 - made up
    words = [sys.executable, str(HERE / "loading.py"), url, loader, staging]
    return subprocess.run(
        words,
        env={**os.environ, "PATH": path, "ODBCSYSINI": str(tmp_path), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.sampled
@pytest.mark.parametrize(("loader", "staging"), [("arrow", "temp"), ("arrow", "table"), ("odbc", "temp"), BCP])
def test_every_loader_brings_the_same_rows(standin, tmp_path, loader, staging):
    done = load(standin, loader, staging, tmp_path)
    assert done.returncode == 0, done.stderr
    counts = {name: standin.rows(f'SELECT count(*) FROM "{name}"')[0][0] for name in TABLES}
    assert (counts["ACM_Scores_Wide"], counts["ACM_SensorDrift"], counts["RunLog"]) == (720, 720, 30)
    total = standin.rows('SELECT sum("HealthIndex"), count(DISTINCT "Timestamp") FROM "ACM_Scores_Wide"')
    assert total == [(720 * 90.0, 720)]
    bulk = [seen for seen in standin.server.log if seen.kind == "bulk"]
    assert bool(bulk) == (loader == "arrow"), "the others load by INSERT"
    left = standin.rows("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%acm~_%' ESCAPE '~'")
    assert left == []


def _listed_as(standin, spelt):
    """The server lists the columns of a table under other names than they were created with."""
    listed = standin.server.describe
    standin.server.describe = lambda table: [dataclasses.replace(c, name=spelt(c.name)) for c in listed(table)]


@pytest.mark.slow
def test_a_server_that_lists_columns_in_lower_case_is_loaded_by_arrow(standin, tmp_path):
    _listed_as(standin, str.lower)
    done = load(standin, "arrow", "table", tmp_path)
    assert done.returncode == 0, done.stderr
    total = standin.rows('SELECT sum("HealthIndex"), count(DISTINCT "Timestamp") FROM "ACM_Scores_Wide"')
    assert total == [(720 * 90.0, 720)]


@pytest.mark.slow
def test_where_the_bulk_copy_cannot_make_out_a_table_the_next_loader_takes_over(standin, tmp_path):
    _listed_as(standin, "_{}".format)
    done = load(standin, "auto", "table", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "loader arrow disabled" in done.stderr
    assert standin.rows('SELECT count(*) FROM "ACM_Scores_Wide"') == [(720,)]
    assert not [seen for seen in standin.server.log if seen.kind == "bulk"]


@pytest.mark.slow
def test_a_requested_loader_is_not_replaced_by_another(standin, tmp_path):
    _listed_as(standin, "_{}".format)
    done = load(standin, "arrow", "table", tmp_path)
    assert done.returncode == 1
    assert "Failed to resolve column mappings" in done.stderr
    assert standin.rows('SELECT count(*) FROM "ACM_Scores_Wide"') == [(0,)]


@pytest.mark.parametrize(("loader", "staging"), [BCP])
def test_rows_that_bcp_leaves_out_are_missed(standin, tmp_path, loader, staging):
    done = load(standin, loader, staging, tmp_path, ACM_FAKE_BCP="short")
    assert done.returncode == 1
    assert "719 of 720 rows of ACM_Scores_Wide arrived by bcp; nothing was stored" in done.stderr
    assert standin.rows('SELECT count(*) FROM "ACM_Scores_Wide"') == [(0,)]
    assert "Plain-Word_1" not in done.stderr
