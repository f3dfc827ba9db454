from __future__ import annotations

import json
from datetime import datetime

import polars as pl
import pytest
from click.testing import CliRunner
from plants import make_empty_plant
from templates import copy_template

from acm_etl.cli import main
from acm_etl.errors import InputError, UsageError
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.legacy_v8 import progress_import
from acm_etl.load import watermark
from acm_etl.load.historian import historian_table
from acm_etl.load.machines import equipment
from acm_etl.load.models import coldstart

V8 = {
    "FD_FAN": {"coldstart_complete": True, "last_batch_end": "2013-05-20 21:00:00", "batches_completed": 17497},
    "GAS_TURBINE": {"coldstart_complete": False, "last_batch_end": None, "batches_completed": 0},
    "MILL": {"coldstart_complete": True, "last_batch_end": "2013-03-10 02:30:00", "batches_completed": 3},
}


@pytest.fixture
def file(tmp_path):
    def write(content=V8, *, encoding="utf-8"):
        path = tmp_path / ".sql_batch_progress.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding=encoding)
        return path

    return write


def fill_store(path):
    """FD_FAN and GAS_TURBINE are registered, MILL has readings only."""
    engine = make_empty_plant(path).connect()
    for code in ("FD_FAN", "GAS_TURBINE", "MILL"):
        table = historian_table.declare_historian_table(code, ["T1"])
        historian_table.create_or_extend_table(engine, table)
        times = [datetime(2013, 5, 21, hour) for hour in range(4)]
        historian_table.load_readings(
            engine, table, [pl.DataFrame({"EntryDateTime": times, "T1": 1.0}, schema=table.polars_schema)]
        )
    equipment.register_machine(engine, "FD_FAN", time_zone="America/New_York")
    equipment.register_machine(engine, "GAS_TURBINE", time_zone="Europe/Berlin")
    engine.close()


@pytest.fixture
def engine(tmp_path):
    engine = DuckDB(f"duckdb:///{copy_template(('V8',), tmp_path / 'acm.duckdb', fill_store)}")
    yield engine
    engine.close()


def _take(engine, path, zone=None):
    found = progress_import.import_progress(engine, path, time_zone=zone, required_rows=1000)
    return {row.machine: row for row in found.machines}


def test_it_becomes_a_hint_and_no_progress(engine, file):
    found = _take(engine, file())
    fan, turbine, mill = found["FD_FAN"], found["GAS_TURBINE"], found["MILL"]
    assert fan.v8_until == datetime(2013, 5, 21, 1)  # 21:00 in New York, in summer
    assert (fan.v8_batches, fan.newer_readings, fan.state) == (17497, 3, "noted")
    assert fan.next_command == "acm-etl backfill --equip FD_FAN"
    assert (turbine.v8_until, turbine.newer_readings, turbine.state) == (None, 4, "noted")
    assert (mill.v8_until, mill.state) == (None, "not_registered")
    assert mill.next_command == "acm-etl equipment add MILL --timezone ZONE"
    state = coldstart.read_coldstart(engine, 1)
    assert (state.status, state.attempt_count) == ("PENDING", 0)
    assert engine.query('SELECT "RequiredRows" FROM "ACM_ColdstartState" WHERE "EquipID" = 1').item() == 1000
    assert state.reason.startswith("ACM V8 had done 17497 batches, until 2013-05-21 01:00:00 UTC; its results are not")
    assert watermark.read_watermark(engine, 1) is None


def test_a_zone_may_be_given_and_a_time_that_does_not_exist_moves_on(engine, file):
    assert _take(engine, file(), "America/New_York")["MILL"].v8_until == datetime(2013, 3, 10, 7, 30)
    with pytest.raises(UsageError, match="unknown time zone"):
        _take(engine, file(), "Mars")


def test_again_it_changes_nothing_and_a_machine_that_has_begun_is_left_alone(engine, file):
    _take(engine, file())
    coldstart.begin_attempt(engine, 1, required_rows=1000)
    stored = engine.query('SELECT * FROM "ACM_ColdstartState" ORDER BY 1')
    before = stored.rows()
    assert stored["FirstAttemptAt"][0] is not None, "the first attempt is timed although the row was there"
    again = _take(engine, file())
    assert again["FD_FAN"].state == "training_started"
    assert engine.query('SELECT * FROM "ACM_ColdstartState" ORDER BY 1').rows() == before
    progress = watermark.Watermark(1, datetime(2014, 1, 1), 5, 1440, "s", 1, True, datetime(2013, 1, 1))  # noqa: FBT003
    watermark.move_watermark(engine, None, progress)
    assert _take(engine, file())["FD_FAN"].scored_until == datetime(2014, 1, 1)


BAD = {
    "": "not valid JSON",
    "{": "not valid JSON",
    "[]": "names no machine",
    "{}": "names no machine",
    "[" * 100_000: "(not valid JSON|nested too deeply)",
    '{"A": 1}': "'A' is not a machine with coldstart_complete",
    '{" ": {}}': "' ' is not a machine",
    '{"A": {}, "A": {}}': "A appears more than once",
    '{"A": {"tick": 1}}': r"A has 1 unknown key: tick; V8 writes coldstart_complete, last_batch_end",
    '{"A": {"batches_completed": "7"}}': "batches_completed is '7'",
    '{"A": {"batches_completed": true}}': "batches_completed is True",
    '{"A": {"batches_completed": -1}}': "batches_completed is -1, below 0",
    '{"A": {"coldstart_complete": 1}}': "coldstart_complete is 1",
    '{"A": {"last_batch_end": 5}}': "last_batch_end is 5",
    '{"A": {"last_batch_end": "2013-13-01 00:00:00"}}': "'2013-13-01 00:00:00', not YYYY-MM-DD HH:MM:SS",
    '{"A": {"last_batch_end": "2013-01-01T00:00:00Z"}}': "not YYYY-MM-DD HH:MM:SS",
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_bad_files_are_one_line_and_leave_nothing(engine, file, text):
    with pytest.raises(InputError, match=BAD[text]) as caught:
        _take(engine, file(text))
    assert "\n" not in str(caught.value)
    assert engine.query('SELECT * FROM "ACM_ColdstartState"').is_empty()


def test_files_that_cannot_be_read(engine, tmp_path, file):
    with pytest.raises(UsageError, match=r"cannot read .*: No such file"):
        _take(engine, tmp_path / "missing.json")
    with pytest.raises(UsageError, match=r"cannot read .*: Is a directory"):
        _take(engine, tmp_path)
    with pytest.raises(InputError, match="not UTF-8 text"):
        _take(engine, file(json.dumps(V8), encoding="utf-16"))
    assert _take(engine, file(encoding="utf-8-sig"))  # Windows' editors put a mark in front


def test_the_command_and_the_backfill_after_it(plant, tmp_path, file):
    place = plant()
    claims = {place.code: {"coldstart_complete": True, "last_batch_end": "2024-01-20 00:00:00", "batches_completed": 9}}
    command = ["--store", place.url, "import-progress", str(file(claims))]
    done = CliRunner().invoke(main, ["--json", *command])
    assert done.exit_code == 0, done.output
    (machine,) = json.loads(done.stdout)["machines"]
    assert (machine["machine"], machine["v8_until"], machine["state"]) == (place.code, "2024-01-20T05:00:00Z", "noted")
    shown = CliRunner().invoke(main, ["--json", "--store", place.url, "status"])
    assert "ACM V8 had done 9 batches" in shown.stdout
    assert place.code in CliRunner().invoke(main, command).stdout
    report = place.backfill()
    assert report.exit_code == 0
    assert place.query('SELECT MIN("Timestamp") AS t FROM "ACM_Scores_Wide"')["t"][0] < datetime(2024, 1, 2)
    bad = CliRunner().invoke(main, ["--store", place.url, "import-progress", str(tmp_path / "nothing.json")])
    assert (bad.exit_code, bad.stderr.count("\n")) == (2, 1)
    assert bad.stderr.startswith("error: cannot read ")
