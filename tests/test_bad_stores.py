"""Stores that are missing, foreign, newer, read-only or damaged: an error with a way out; nothing is half-written."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from commands import alter, assert_refused, damage, errors, run, short
from plants import CODE, START, Plant, assert_same, make_empty_plant

from acm_etl import config
from acm_etl.admin import ingest
from acm_etl.errors import StoreError
from acm_etl.io.duckdb.engine import DuckDB

LOGS = ("RunLog", "ACM_Runs", "ACM_RunErrors", "ACM_DataQualityEvents")


def test_stores_that_cannot_be_opened(tmp_path):
    text, table, folder = tmp_path / "text.duckdb", tmp_path / "copy.csv", tmp_path / "folder.duckdb"
    table.write_text("time,a\n2024-01-01,1\n")
    text.write_text("this is not a database, although it is long enough to be looked at")
    folder.mkdir()
    for path, expected in (
        (tmp_path / "no" / "such.duckdb", "its directory does not exist; create it first"),
        (text, "it is not a DuckDB file; name another file"),
        (table, "it is not a DuckDB file; name another file"),
        (folder, "it is a directory; name a file in it"),
    ):
        for words in (["status"], ["init"], ["backfill", "--all"], ["show", CODE]):
            assert_refused(run(Plant(path), *words), 3, expected)
    assert text.read_text().startswith("this is not")


@pytest.mark.parametrize("size", [100, 4096, 300_000])
def test_a_store_that_was_not_copied_completely(tmp_path, size):
    path = tmp_path / "part.duckdb"
    path.write_bytes(make_empty_plant(tmp_path / "whole.duckdb").path.read_bytes()[:size])
    assert_refused(run(Plant(path), "status"), 3, "damaged or incomplete; restore its newest backup")
    assert path.stat().st_size == size


def test_an_import_checks_the_store_before_it_reads_files(tmp_path):
    # The file does not exist: reading it would be an error of its own, with another exit code.
    words = ["import", str(tmp_path / "none.csv"), "--equip", CODE, "--timezone", "UTC"]
    expected = "its directory does not exist; create it first"
    assert_refused(run(Plant(tmp_path / "no" / "such.duckdb"), *words), 3, expected)


def test_looking_at_a_store_that_is_not_there_creates_none(tmp_path):
    place = Plant(tmp_path / "none.duckdb")
    for words in (["status"], ["show", CODE], ["equipment"], ["backfill", "--all"], ["reset", CODE, "--yes"]):
        assert_refused(run(place, *words), 2, "there is no store", "run acm-etl init")
        assert not place.path.exists()


def test_a_store_of_a_newer_version_is_left_alone(plant):
    place = plant()
    engine = place.connect()
    engine.execute('UPDATE "ACM_SchemaVersion" SET "Version" = 99')
    engine.close()
    before = place.dump()
    for words in (
        ["init"],
        ["status"],
        ["backfill", "--all"],
        ["import", __file__, "--equip", "F", "--timezone", "UTC"],
    ):
        found = run(place, *words)
        if words[0] == "import":  # the file is looked at first, and it is no history
            assert found.exit_code == 1
        else:
            assert_refused(found, 3, "schema version 99", "upgrade acm_etl")
    assert_same(place.dump(), before)


def test_a_file_without_our_tables_is_refused_with_advice(tmp_path):
    place = Plant(tmp_path / "other.duckdb")
    duckdb.connect(str(place.path)).close()
    assert_refused(run(place, "status"), 2, "has no tables yet: run acm-etl init")
    assert_refused(run(place, "backfill", "--all"), 2, "has no tables yet: run acm-etl init")


@pytest.fixture
def nobody():
    """Root may write anything: for this, be somebody else for a while."""

    @contextmanager
    def become():
        if os.geteuid():
            yield
            return
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)

    return become


def test_a_read_only_file_fails_before_anything_is_done(nobody):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        place = Plant(Path(folder) / "acm.duckdb")
        ingest.load_frame(short(), equip=CODE, time_zone="UTC", config=config.load_config({"store.url": place.url}))
        assert run(place, "status").exit_code == 0  # everything is imported now
        before = place.dump()
        place.path.chmod(0o444)
        place.path.parent.chmod(0o555)
        with nobody():
            for words in (["status"], ["backfill", "--all"], ["init"]):
                assert_refused(run(place, *words), 3, "no permission to write it")
        assert_same(place.dump(), before)
        place.path.parent.chmod(0o755)


@pytest.mark.slow
def test_a_write_that_fails_leaves_nothing_and_is_reported_once(plant, monkeypatch):
    place = plant.scored(max_windows=15)
    before = place.dump(without=LOGS)
    original = DuckDB._change_rows

    def change_rows(engine, sql, params):
        if engine._in_transaction and sql.startswith(("INSERT", "MERGE")) and '"ACM_Episodes"' in sql:
            message = "no space left on device"
            raise StoreError(message)
        return original(engine, sql, params)

    with monkeypatch.context() as patch:
        patch.setattr(DuckDB, "_change_rows", change_rows)
        assert_refused(run(place, "backfill", "--all"), 1, CODE, "no space left")
    assert_same(place.dump(without=LOGS), before)
    noted = run(place, "status").stdout
    assert "last run failed: at ACM_Episodes: no space left" in noted
    assert run(place, "backfill", "--all").exit_code == 0


@pytest.mark.sampled
@pytest.mark.parametrize(("table", "column", "words"), [
    ("ModelRegistry", "ModelBytes", "models"),
    ("ACM_State", "Blob", "state"),
])  # fmt: skip
def test_corrupt_bytes_are_an_error_with_a_way_out(plant, table, column, words):
    place = plant.scored(max_windows=15)
    damage(place, table, column)
    before = place.dump(without=LOGS)
    found = run(place, "backfill", "--all")
    assert_refused(found, 1, CODE, words, "corrupt")
    assert any(way in errors(found)[0] for way in ("--replay-from", "reset")), "the way out is named"
    assert_same(place.dump(without=LOGS), before)


@pytest.mark.slow
def test_a_corrupt_state_is_mended_by_a_replay(plant):
    place, whole = plant.scored(max_windows=15), plant.scored("whole")
    damage(place, "ACM_State", "Blob")
    assert run(place, "backfill", "--all", "--replay-from", f"{START:%Y-%m-%d}").exit_code == 0
    without = ("RunLog", "ACM_Runs", "ACM_WriteMetrics", "ACM_State")
    assert_same(place.dump(without=without), whole.dump(without=without), tolerance=1e-9)


NEWEST_STATE = '"AsOf" = (SELECT MAX("AsOf") FROM ACM_State)'


@pytest.mark.slow
def test_a_missing_state_is_computed_again_from_the_one_before(plant):
    place, whole = plant.scored(max_windows=15), plant.scored("whole")
    alter(place, f"DELETE FROM ACM_State WHERE {NEWEST_STATE}")
    found = run(place, "backfill", "--all")
    assert found.exit_code == 0
    assert "no scoring state is stored" in found.output
    without = ("RunLog", "ACM_Runs", "ACM_WriteMetrics", "ACM_State")
    assert_same(place.dump(without=without), whole.dump(without=without), tolerance=1e-9)


@pytest.mark.slow
def test_without_any_state_a_warm_up_is_announced(plant):
    place = plant.scored(max_windows=15)
    alter(place, "DELETE FROM ACM_State")
    found = run(place, "backfill", "--all")
    assert found.exit_code == 0
    assert "warming up" in found.output


@pytest.mark.slow
def test_a_state_of_another_day_is_refused(plant):
    place = plant.scored(max_windows=15)
    (blob, digest) = (f'(SELECT {name} FROM ACM_State ORDER BY "AsOf" LIMIT 1)' for name in ("Blob", "Hash"))
    alter(place, f"UPDATE ACM_State SET Blob = {blob}, Hash = {digest} WHERE {NEWEST_STATE}")
    before = place.dump(without=LOGS)
    assert_refused(run(place, "backfill", "--all"), 1, CODE, "copied", "--replay-from")
    assert_same(place.dump(without=LOGS), before)
    assert "copied" in run(place, "verify", "--all", "--sample", "0").output


def test_a_state_of_an_earlier_version_is_continued(plant):
    place, whole = plant.scored(max_windows=15), plant.scored("whole")
    alter(place, "UPDATE ACM_State SET Hash = sha256(Blob)")
    found = run(place, "backfill", "--all")
    assert found.exit_code == 0
    assert "no scoring state" not in found.output
    without = ("RunLog", "ACM_Runs", "ACM_WriteMetrics", "ACM_State")
    assert_same(place.dump(without=without), whole.dump(without=without), tolerance=1e-9)


@pytest.mark.slow
def test_a_corrupt_model_is_mended_by_a_reset(plant):
    place, whole = plant.scored(max_windows=15), plant.scored("whole")
    damage(place, "ModelRegistry", "ModelBytes")
    assert run(place, "reset", CODE, "--yes").exit_code == 0
    assert run(place, "backfill", "--all").exit_code == 0
    without = ("RunLog", "ACM_Runs", "ACM_WriteMetrics")
    assert_same(place.dump(without=without), whole.dump(without=without))
