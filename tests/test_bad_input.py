"""Each error is one line that says what to do, with the right exit code; nothing is half-written."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from commands import alter, assert_refused, csv, damage, errors, run, short
from plants import CODE, START, Plant, assert_same, history, make_empty_plant, make_scored_plant

from acm_etl import config
from acm_etl.admin import ingest
from acm_etl.cli import main
from acm_etl.errors import StoreError
from acm_etl.io.duckdb.engine import DuckDB

LOGS = ("RunLog", "ACM_Runs", "ACM_RunErrors", "ACM_DataQualityEvents")


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A store with half of its windows published; tests that only look or are refused share it."""
    return make_scored_plant(tmp_path_factory.mktemp("month") / "acm.duckdb", max_windows=15)


@contextmanager
def assert_unchanged(place):
    """The tables are the same afterwards; reading them all takes longer than comparing the bytes of the file."""
    before = place.path.read_bytes()
    yield
    if place.path.read_bytes() != before or place.path.with_suffix(".duckdb.wal").exists():
        original = Plant(place.path.with_name("before.duckdb"))
        original.path.write_bytes(before)
        assert_same(place.dump(), original.dump())


FILES = {
    "directory": (None, 2, "no table in"),
    "columns": (b"a,b\n1,2\n3,4\n", 1, "no column reads as times; the columns are a, b"),
    "one_column": (b"just text\nand more\n", 1, "is no table"),
    "empty": (b"", 1, "is empty"),
    "blank": (b" \n \n", 1, "is empty"),
    "header_only": (b"EntryDateTime,a\n", 1, "has a header but no rows"),
    "binary": (bytes(range(256)) * 20, 1, "is binary or damaged: NUL bytes"),
    "gzip": (b"\x1f\x8b" + b"x" * 50, 1, "cannot be read"),
    "no_numbers": (b"EntryDateTime,a\n2024-01-01 00:00,x\n2024-01-01 01:00,y\n", 1, "no column of numbers"),
    "dates": (b"EntryDateTime,a\nyesterday,1\ntoday,2\n", 1, "no readable time"),
    "parquet_half": (b"PAR1" + b"\0" * 40, 1, "cannot be read"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_history_is_refused_and_changes_nothing(month, tmp_path, name):
    content, code, words = FILES[name]
    path = tmp_path / name
    path.write_bytes(content) if content is not None else path.mkdir()
    with assert_unchanged(month):
        options = ["--time-column", "EntryDateTime"] if name == "dates" else []
        assert_refused(run(month, "import", str(path), "--equip", "NEW", "--timezone", "UTC", *options), code, words)


def test_a_missing_file_leaves_no_store_behind(tmp_path):
    place = Plant(tmp_path / "new.duckdb")
    assert_refused(run(place, "import", "nope.csv", "--equip", "F", "--timezone", "UTC"), 2, "nope.csv does not exist")
    assert not place.path.exists()


def test_of_several_files_a_bad_one_keeps_the_good_ones_out(month, tmp_path):
    good, bad = csv(tmp_path / "good.csv", short()), tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    with assert_unchanged(month):
        assert_refused(run(month, "import", good, str(bad), "--equip", "NEW", "--timezone", "UTC"), 1, "bad.csv")


IMPORT = ("import", __file__, "--equip", "F", "--timezone", "UTC")
USAGE = {
    "unknown machine": (["backfill", "--equip", "NOPE"], "there is no machine 'NOPE'; known machines: FAN_1"),
    "one of two unknown": (["backfill", "--equip", CODE, "NOPE"], "there is no machine 'NOPE'"),
    "equip and all": (["backfill", "--equip", CODE, "--all"], "not both"),
    "neither": (["backfill"], "use either --equip CODE... or --all"),
    "from after to": (["backfill", "--all", "--from", "2024-02-01", "--to", "2024-01-01"], "must be before --to"),
    "no time": (["backfill", "--all", "--from", "soon"], "'soon' is not a time; write 2024-05-31"),
    "before all times": (["export", "ACM_Runs", "--output", "x", "--from", "0001-01-01T00:00+05:00"], "1 to 9999"),
    "after all times": (["backfill", "--all", "--to", "9999-12-31T23:00-05:00"], "1 to 9999 in UTC"),
    "no folder to write": (
        ["sql", "mssql", "--write", "/proc/x/y"],
        "cannot create the folder /proc/x/y: No such file",
    ),
    "look every NaN": (["monitor", "--every", "nan"], "'nan' is not a number of seconds"),
    "look never again": (["monitor", "--every", "inf"], "is not in the range 0.2<=x<=86400"),
    "tick unit": (["backfill", "--all", "--tick", "5x"], "e.g. 30m, 12h, 1d, 1w (got '5x')"),
    "tick seconds": (
        ["backfill", "--all", "--tick", "90s"],
        "tick must be a whole number of minutes, at least one (got '90s')",
    ),
    "tick negative": (["backfill", "--all", "--tick", "-5h"], "tick must be a whole number of minutes"),
    "tick huge": (["backfill", "--all", "--tick", "9" * 30 + "d"], "is too large"),
    "tick none": (["backfill", "--all", "--tick", ""], "is not a duration"),
    "batch": (["backfill", "--all", "--batch", "0"], "greater than or equal to 1"),
    "workers": (["backfill", "--all", "--workers", "many"], "'many' is not a valid integer"),
    "windows": (["backfill", "--all", "--max-windows", "0"], "--max-windows"),
    "restart inside a window": (["backfill", "--all", "--replay-from", "2024-01-05T07:00"], "not a boundary of both"),
    "restart ahead": (["backfill", "--all", "--replay-from", "2030-01-01"], "is after 2024-01-16T00:00, the progress"),
    "restart nonsense": (["backfill", "--all", "--replay-from", "back"], "'back' is not a time"),
    "no such option": (["backfill", "--everything"], "see acm-etl backfill --help"),
    "no such command": (["frobnicate"], "No such command 'frobnicate'; see acm-etl --help"),
    "import without machine": (["import", "x.csv"], "--equip CODE"),
    "zone": (["import", __file__, "--equip", "F", "--timezone", "Mars/Base"], "unknown time zone 'Mars/Base'"),
    "import of a period that ends first": (
        [*IMPORT, "--replace", "2024-02-01", "2024-01-01", "--dry-run"],
        "the period ends before it starts",
    ),
    "import by a step of no length": ([*IMPORT, "--every", "7q", "--dry-run"], "'7q' is not a positive duration"),
    "import without numbers": ([*IMPORT, "--missing", "abc", "--dry-run"], "--missing 'abc' is not a list of numbers"),
    "show": (["show", "NOPE"], "there is no machine 'NOPE'"),
    "status": (["status", "NOPE"], "there is no machine 'NOPE'"),
    "reset": (["reset", "NOPE", "--yes"], "there is no machine 'NOPE'"),
    "reset of a coldstart that is done": (["reset", CODE, "--coldstart-only", "--yes"], "COMPLETE"),
    "add without a table": (["equipment", "add", "X", "--timezone", "UTC"], "there is no table 'X_Data'"),
    "simulate over readings": (["simulate", "--equip", CODE], "readings; simulate another machine"),
    "sql dialect": (["sql", "oracle"], "'oracle' is not one of"),
}


@pytest.mark.sampled(12)
@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage_is_exit_2_and_changes_nothing(month, name):
    words, expected = USAGE[name]
    with assert_unchanged(month):
        assert_refused(run(month, *words), 2, expected)


def test_a_value_that_is_no_duration_is_reported_once(month):
    assert run(month, "backfill", "--all", "--tick", "77y").stderr.count("77y") == 1


def test_a_bad_restart_with_other_settings_trains_nothing(month):
    with assert_unchanged(month):
        bad = ["backfill", "--all", "--replay-from", "2024-01-05T07:00"]
        assert_refused(
            run(month, *bad, env={"ACM_SCORE__ALARM_Z": "7"}), 2, "not a boundary of both the stored 1d windows"
        )


def test_a_restart_of_what_was_never_published_is_refused(plant):
    place = plant()
    assert_refused(run(place, "backfill", "--equip", CODE, "--replay-from", "2024-01-10"), 2, "omit --replay-from")
    assert_refused(run(place, "backfill", "--all", "--dry-run", "--replay-from", "2024-01-10"), 2, "omit --replay-from")


SETTINGS = {
    "unknown key": ("[score]\nalarmz = 3\n", {}, "score.alarmz: unknown key (acm-etl config lists the known ones)"),
    "unknown section": ("[scores]\nalarm_z = 3\n", {}, "scores: unknown key"),
    "malformed": ("[score\n", {}, "is not valid TOML"),
    "not text": (None, {}, "is not valid TOML"),
    "out of range": ("[score]\nalarm_z = -1\n", {}, "score.alarm_z: Input should be greater than 0 (got -1)"),
    "together": ("[score]\nalarm_z = 0.5\n", {}, "must not exceed alarm_z (0.5)"),
    "weights": ("[score.weights]\nar2_z = 1.0\n", {}, "and name only detectors"),
    "variable": ("", {"ACM_SCORE__ALARMZ": "3"}, "in environment: score.alarmz: unknown key"),
    "value of a variable": ("", {"ACM_SCORE__ALARM_Z": "high"}, "in environment: score.alarm_z"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_bad_setting_is_named_with_its_source(month, tmp_path, name):
    text, env, expected = SETTINGS[name]
    path = tmp_path / "acm.toml"
    path.write_bytes(b"\xff\xfe\x00" if text is None else text.encode())
    for command in (["status"], ["backfill", "--all"]):
        assert_refused(run(month, "--config", str(path), *command, env=env), 2, expected)


def test_a_bad_setting_in_the_store_fails_its_machine_only(plant):
    place = plant()
    add = 'INSERT INTO "ACM_Config" SELECT "EquipID", \'score.alarmz\', \'4\', now()::TIMESTAMP, NULL FROM "Equipment"'
    engine = place.connect()
    engine.execute(add)
    engine.close()
    assert_refused(run(place, "backfill", "--all"), 2, CODE, "in ACM_Config: score.alarmz: unknown key")


def test_a_misspelt_variable_is_not_swallowed(month):
    found = run(month, "status", env={"ACM_STOER": "x"})
    assert found.exit_code == 0
    assert found.stderr == (
        "warning: the environment variable ACM_STOER is not a setting and is ignored; "
        "acm-etl config lists the settings\n"
    )


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


@pytest.mark.parametrize(
    "url", ["mysql://sa:geheim@host/db", "postgres://u:geheim@host/db", "u:geheim@host/db", "duckdb:///", "acm.duckdb"]
)
def test_urls_of_other_stores_are_refused_and_passwords_kept(url):
    found = CliRunner().invoke(main, ["--store", url, "status"])
    assert_refused(found, 2, "duckdb:///")
    assert "geheim" not in found.output
    shown = CliRunner().invoke(main, ["--store", url, "config"])
    assert shown.exit_code == 0
    assert "geheim" not in shown.output


def test_a_password_is_kept_wherever_it_was_written(tmp_path):
    slashed = CliRunner().invoke(main, ["--store", "mssql://sa:20/geheim@host/db", "status"])
    assert_refused(slashed, 2, "percent-encode the password")
    toml = tmp_path / "acm.toml"
    toml.write_text('store = "mssql://sa:geheim@host/db"', encoding="utf-8")
    settled = CliRunner().invoke(main, ["--config", str(toml), "status"])
    assert_refused(settled, 2, "bad setting")
    (tmp_path / "word").write_bytes("geheim".encode("utf-16"))
    wide = CliRunner().invoke(main, ["--store", f"mssql://sa@host/db?password_file={tmp_path / 'word'}", "status"])
    assert_refused(wide, 2, "save it as UTF-8")
    assert "geheim" not in slashed.output + settled.output + wide.output


@pytest.mark.sampled(4)
@pytest.mark.parametrize("url", [
    "mssql://u@h/ACM?password=geheim",
    "mssql://u@h/ACM?encrypt=yes&PWD=geheim&trust=no",
    "mssql://u@h/ACM?encrypt=yes;pwd=geheim",
    "mssql://u@h:1433/ACM?password=an@geheim",
    "mssql://u@h/ACM?password=a&geheim=b",
    "mssql://u@h/ACM?geheim",
    "mssql://u:a?geheim@h/ACM",
    "mssql://u:a@b?geheim@h/ACM",
    "u@h/ACM?password=geheim",
    "mssql+odbc:///?odbc_connect=Server=h;PWD={a;geheim&geheim}",
])  # fmt: skip
def test_a_password_behind_the_question_mark_is_kept_too(url):
    shown = CliRunner().invoke(main, ["--store", url, "config"])
    assert shown.exit_code == 0
    assert "***" in shown.output
    assert "geheim" not in shown.output


def test_words_of_a_url_that_are_no_secrets_stay_readable():
    def shown(url):
        settings = json.loads(CliRunner().invoke(main, ["--store", url, "--json", "config"]).output)["settings"]
        return next(setting["value"] for setting in settings if setting["name"] == "store.url")

    url = "mssql://u@h:1433/ACM?encrypt=yes&trust=no&password_file=/run/word"
    assert shown(url) == url
    assert shown("mssql://u@h/ACM?encrypt=yes&pwd=geheim") == "mssql://u@h/ACM?encrypt=yes&pwd=***"


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


@pytest.mark.slow
def test_a_tag_that_is_gone_from_the_historian(plant):
    place = plant.scored(max_windows=15)
    tag = history().columns[3]
    alter(place, f'ALTER TABLE "{CODE}_Data" DROP COLUMN "{tag}"')
    # That it failed is recorded, and nothing else.
    records = ("RunLog", "ACM_Runs", "ACM_RunErrors")
    before = place.dump(without=records)
    assert_refused(run(place, "backfill", "--all"), 1, CODE, "1 of 10 columns missing", tag)
    assert_same(place.dump(without=records), before)
    assert run(place, "equipment", "add", CODE, "--timezone", "America/New_York").exit_code == 0
    assert_refused(run(place, "backfill", "--all"), 1, "1 of 10 columns missing", tag)
    assert run(place, "reset", CODE, "--yes").exit_code == 0
    assert run(place, "backfill", "--all").exit_code == 0


def test_a_historian_table_that_is_gone(plant):
    place = plant()
    alter(place, f'DROP TABLE "{CODE}_Data"')
    assert_refused(run(place, "backfill", "--all"), 1, f"historian table {CODE}_Data does not exist; import readings")


def test_a_historian_without_readings_is_no_failure(plant):
    place = plant(readings=history().clear())
    found = run(place, "backfill", "--all")
    assert found.exit_code == 0
    assert "has no readings" in found.stdout
    assert run(place, "show", CODE).exit_code == 0


@pytest.mark.slow
def test_a_historian_that_was_emptied_is_not_up_to_date(plant):
    place = plant()
    assert run(place, "backfill", "--all").exit_code == 0
    alter(place, f'DELETE FROM "{CODE}_Data"')
    assert_refused(run(place, "backfill", "--all"), 1, f"{CODE}_Data is empty, but has results up to 2024")
    assert_refused(run(place, "backfill", "--all", "--dry-run"), 1, "restore the readings (acm-etl import)")


def test_bounds_that_leave_nothing_are_named(plant):
    found = run(plant(), "backfill", "--all", "--from", "2030-01-01", "--to", "2030-02-01")
    assert found.exit_code == 0
    assert f"{CODE}_Data has no readings from 2030-01-01T00:00 and before 2030-02-01T00:00" in found.stdout


@pytest.mark.slow
def test_text_columns_of_a_foreign_historian_are_no_tags_and_named(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb")
    engine = place.connect()
    engine.execute(
        'CREATE TABLE "MILL_Data" ("EntryDateTime" TIMESTAMP, speed DOUBLE, count INTEGER, shift VARCHAR, day DATE)'
    )
    engine.execute("INSERT INTO \"MILL_Data\" VALUES ('2024-01-01', 1, 2, 'early', '2024-01-01')")
    engine.execute('CREATE TABLE "WORDS_Data" ("EntryDateTime" TIMESTAMP, word VARCHAR)')
    engine.execute('CREATE TABLE "ZONED_Data" ("EntryDateTime" TIMESTAMPTZ, speed DOUBLE)')
    engine.execute('CREATE TABLE "LATE_Data" ("when" TIMESTAMP, speed DOUBLE)')
    engine.close()
    listed = run(place, "equipment", "list").stdout
    assert "Unregistered historian table MILL_Data: acm-etl equipment add MILL" in listed
    added = json.loads(run(place, "--json", "equipment", "add", "MILL", "--timezone", "UTC").stdout)
    assert (added["tags"], added["ignored_columns"]) == (2, ["shift", "day"])
    for code, expected in (("WORDS", "no numeric column"), ("ZONED", "without a time zone"), ("LATE", "--time-column")):
        assert_refused(run(place, "equipment", "add", code, "--timezone", "UTC"), 2, expected)
    assert place.query('SELECT "EquipCode" FROM "Equipment"')["EquipCode"].to_list() == ["MILL"]
    tags = place.query('SELECT "TagName" FROM "ACM_TagEquipmentMap" ORDER BY 1')["TagName"].to_list()
    assert tags == ["count", "speed"]


def test_adding_a_machine_again_takes_new_columns_in(plant):
    place = plant()
    alter(place, f'ALTER TABLE "{CODE}_Data" ADD COLUMN fresh DOUBLE')
    found = run(place, "equipment", "add", CODE, "--timezone", "America/New_York")
    assert "10 tags, 1 new" in found.stdout
    assert_refused(run(place, "equipment", "add", CODE, "--timezone", "UTC"), 2, "already registered")
