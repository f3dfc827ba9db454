"""``acm-etl export``: any table or view as Parquet, complete or not at all."""

from __future__ import annotations

import json
from datetime import datetime

import polars as pl
import polars.selectors as cs
import pyarrow.parquet as pq
import pytest
from commands import assert_refused, run
from plants import history, make_scored_plant
from polars.testing import assert_frame_equal
from stores import EVERYWHERE

from acm_etl import tables
from acm_etl.admin import export
from acm_etl.errors import TransientError
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.tables import views


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return make_scored_plant(tmp_path_factory.mktemp("export") / "acm.duckdb", readings=history(days=16))


def exported(place, *words):
    found = run(place, "--json", "export", *words)
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


@pytest.mark.slow
def test_every_table_and_view_comes_back_as_it_is_stored(published, tmp_path):
    engine = published.connect()
    for name in [t.name for t in tables.ALL] + [v.name for v in views.ALL] + ["FAN_1_Data"]:
        done = export.export_table(engine, export.ExportRequest(name), str(tmp_path))
        stored = engine.query(f'SELECT * FROM "{name}"')
        found = pl.read_parquet(tmp_path / f"{name}.parquet")
        assert done.rows == stored.height
        assert_frame_equal(found, stored, check_row_order=False)
    engine.close()
    codec = pq.ParquetFile(tmp_path / "ACM_Scores_Wide.parquet").metadata.row_group(0).column(0).compression
    assert codec == "ZSTD"


@pytest.mark.parametrize("name", ["ACM_HealthZoneByPeriod", "FAN_1_Data"])
def test_rows_without_a_declared_key_have_an_order_too(published, tmp_path, name):
    exported(published, name, "--output", str(tmp_path))
    found = pl.read_parquet(tmp_path / f"{name}.parquet")
    assert_frame_equal(found, found.sort(~cs.float(), nulls_last=True))


def test_rows_are_chosen_by_machine_and_time(published, tmp_path):
    file = tmp_path / "health.parquet"
    done = exported(published, "acm_healthtimeline", "--equip", "FAN_1", "--from", "2024-01-13",
                    "--to", "2024-01-14", "--output", str(file))  # fmt: skip
    times = pl.read_parquet(file)["Timestamp"]
    assert done["rows"] == len(times) > 30
    assert times.is_sorted()
    assert datetime(2024, 1, 13) <= times[0] <= times[-1] < datetime(2024, 1, 14)
    view = exported(published, "ACM_DriftSeries", "--from", "2024-01-13", "--output", str(tmp_path))
    everything = published.query("SELECT count(*) AS n FROM ACM_DriftSeries").item()
    assert 0 < view["rows"] < everything


def test_what_cannot_be_exported_is_said(published, tmp_path):
    out = ("--output", str(tmp_path / "x.parquet"))
    assert_refused(run(published, "export", "ACM_HealthTimelin", *out), 2, "ACM_HealthTimeline")
    assert_refused(run(published, "export", "ACM_SchemaVersion", "--equip", "FAN_1", *out), 2, "no EquipID")
    assert_refused(run(published, "export", "Equipment", "--from", "2024-01-01", *out), 2, "--from")
    assert_refused(run(published, "export", "ACM_Runs", "--equip", "FAN_9", *out), 2, "FAN_9")
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert_refused(run(published, "export", "ACM_Runs", "--output", str(tmp_path / "file" / "x")), 2, "cannot create")
    assert not (tmp_path / "x.parquet").exists()


@pytest.mark.parametrize(("output", "expected"), [
    ("z.csv", "tables are written as Parquet; name FILE.parquet, or a folder"),
    ("no/z.parquet", "does not exist; create it first"),
    ("no/folder/", "does not exist; create it first"),
])  # fmt: skip
def test_an_output_that_cannot_be_meant_is_refused(published, tmp_path, output, expected):
    assert_refused(run(published, "export", "RunLog", "--output", f"{tmp_path}/{output}"), 2, output, expected)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("output", "file"), [
    ("new/", "new/Equipment.parquet"),
    ("night.2024/", "night.2024/Equipment.parquet"),
    ("E.PARQUET", "E.PARQUET"),
])  # fmt: skip
def test_a_folder_is_made_and_rows_are_counted_in_words(published, tmp_path, output, file):
    found = run(published, "export", "Equipment", "--output", f"{tmp_path}/{output}")
    assert found.stdout.startswith(f"{tmp_path / file}: 1 row of Equipment, ")
    assert pl.read_parquet(tmp_path / file).height == 1


def test_a_broken_export_leaves_the_old_file(published, tmp_path, monkeypatch):
    file = tmp_path / "runs.parquet"
    exported(published, "RunLog", "--output", str(file))
    before = file.read_bytes()

    def stream(engine, sql, params=()):
        yield engine.query(sql, params).head(3)
        message = "the connection was lost"
        raise TransientError(message)

    monkeypatch.setattr(DuckDB, "stream_rows", stream)
    assert run(published, "export", "RunLog", "--output", str(file)).exit_code == 1
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


@EVERYWHERE
def test_every_engine_exports(plant, tmp_path):
    place = plant(readings=history(days=3))
    done = exported(place, "ACM_TagEquipmentMap", "--equip", "FAN_1", "--output", str(tmp_path))
    assert pl.read_parquet(done["file"]).height == done["rows"] > 3
