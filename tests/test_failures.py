"""What a failure leaves behind: one line, the documented exit code, and no folder, row or session that is half done."""

from __future__ import annotations

import json

import polars as pl
import pytest
from commands import alter, assert_refused, run
from plants import CODE, make_scored_plant

from acm_etl.admin import ingest
from acm_etl.errors import OUT_OF_MEMORY_MESSAGE, InputError, InternalError
from acm_etl.fleet import machine_task
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.io.store_server import StoreClient, StoreServer


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return make_scored_plant(tmp_path_factory.mktemp("failures") / "acm.duckdb", max_windows=5)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("words", [
    ["report", CODE, "--output", "{missing}/x.html"],
    ["report", "--output", "{missing}/pages"],
    ["export", "Equipment", "--output", "{missing}/x.parquet"],
    ["sql", "duckdb", "--write", "{missing}/sql"],
    ["import", "{missing}/x.csv", "--equip", "NEW", "--timezone", "UTC"],
    ["import", "x.csv", "--plan", "{missing}/plan.toml", "--equip", "NEW"],
    ["import-progress", "{missing}/progress.json"],
    ["--config", "{missing}/acm.toml", "status"],
], ids=lambda words: words[0])  # fmt: skip
def test_a_missing_file_or_folder_is_wrong_usage_and_is_not_created(place, tmp_path, words):
    missing = tmp_path / "missing"
    assert_refused(run(place, *(word.format(missing=missing) for word in words)), 2, str(missing))
    assert not missing.exists()


def test_lack_of_memory_is_no_defect():
    report = machine_task.build_failure_report("FAN", MemoryError())
    assert (report.outcome, report.exit_code, report.message) == ("failed", 1, OUT_OF_MEMORY_MESSAGE)


def test_log_events_have_values_and_no_python_text(plant):
    result = run(plant(), "-vv", "--log-json", "backfill", "--equip", CODE, "--max-windows", "1")
    events = [json.loads(line) for line in result.stderr.splitlines()]
    tables = [event for event in events if "rows_staged" in event]
    assert {type(event[name]) for event in tables for name in ("rows_staged", "rows_deleted")} == {int}
    assert {type(event["seconds"]) for event in tables} == {float}
    assert not [event for event in events if "TableMetric" in event["event"] or "datetime" in event["event"]]


def test_a_result_that_cannot_be_sent_is_an_error_of_one_call(tmp_path, monkeypatch):
    engine = DuckDB(f"duckdb:///{tmp_path / 'store.duckdb'}")
    served = StoreServer(engine)
    client = StoreClient(served.address)
    try:
        for result in (object(), pl.DataFrame({"a": [object()]}), 10**5000):
            with monkeypatch.context() as patched:
                patched.setattr(DuckDB, "get_table_names", lambda _self, result=result: result)
                with pytest.raises(InternalError, match="cannot be sent"):
                    client.get_table_names()
        assert client.get_table_names() == []
    finally:
        client.close()
        served.close()
        engine.close()


@pytest.mark.sampled
@pytest.mark.parametrize("error", [InputError("no rows"), KeyboardInterrupt(), MemoryError()], ids=repr)
def test_a_repeated_import_replaces_the_record_of_its_failure(plant, tmp_path, monkeypatch, error):
    place = plant()
    path = tmp_path / "new.csv"
    tag = place.query('SELECT MIN("TagName") FROM "ACM_TagEquipmentMap"').item()
    path.write_text(f"EntryDateTime,{tag}\n2024-03-01 00:00,1\n2024-03-01 01:00,2\n", encoding="utf-8")
    words = ("import", str(path), "--equip", CODE, "--timezone", "UTC")

    def fail(*_args, **_options):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(ingest, "_stage_and_store", fail)
        assert run(place, *words).exit_code in (1, 130)
    runs = 'SELECT "Outcome", "EquipName", "HealthStatus" FROM "RunLog" JOIN "ACM_Runs" USING ("RunID")'
    assert place.query(f"{runs} WHERE \"Stage\" = 'import'").rows() == [("FAIL", CODE, "UNKNOWN")]
    assert run(place, *words).exit_code == 0
    assert place.query(f"{runs} WHERE \"Stage\" = 'import'").is_empty()
    assert place.query('SELECT "Outcome" FROM "RunLog" WHERE "Stage" = \'import\'').rows() == [("OK",)]


def read_status(place):
    (machine,) = json.loads(run(place, "--json", "status").stdout)["machines"]
    return machine


@pytest.mark.slow
def test_a_failure_before_a_run_shows_in_the_status_until_a_backfill_succeeds(plant):
    place = plant.scored(max_windows=5)
    alter(place, f'ALTER TABLE "{CODE}_Data" RENAME TO "hidden"')
    for _ in range(2):
        assert run(place, "backfill", "--equip", CODE).exit_code == 1
    assert run(place, "backfill", "--equip", CODE, "--dry-run").exit_code == 1
    status = read_status(place)
    assert (status["last_run"]["outcome"], status["failed_runs"]) == ("FAIL", 1)
    assert [reason["code"] for reason in status["verdict"]["reasons"]].count("run_failed") == 1
    failed = 'SELECT "Attempt", "ErrorMessage" FROM "RunLog" WHERE "Outcome" = \'FAIL\''
    ((attempts, message),) = place.query(failed).rows()
    assert attempts == 2
    assert f"{CODE}_Data" in message
    alter(place, f'ALTER TABLE "hidden" RENAME TO "{CODE}_Data"')
    place.backfill_or_fail(max_windows=1)
    status = read_status(place)
    assert (status["last_run"]["outcome"], status["failed_runs"]) == ("OK", 0)
    assert run(place, "verify", "--all", "--sample", "1").exit_code == 0


def test_wrong_usage_is_not_recorded(plant):
    place = plant.scored(max_windows=5)
    assert run(place, "backfill", "--equip", CODE, "--tick", "7d").exit_code == 2
    assert read_status(place)["failed_runs"] == 0
