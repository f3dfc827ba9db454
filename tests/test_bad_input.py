"""Bad files, options and settings: one line that says what to do, the right exit code, and nothing changed."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from commands import assert_refused, csv, run, short
from plants import CODE, Plant, assert_same, make_scored_plant


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
    "too long a name": (["export", "ACM_Runs", "--output", "x" * 5000], "File name too long"),
    "too long a name to read": (["failures", "import", "x" * 5000, "--timezone", "UTC"], "File name too long"),
    "no UTF-8 in the name of a file": (
        ["export", "ACM_Runs", "--output", "L\udcfcft.csv"],
        "L\\udcfcft.csv is not UTF-8",
    ),
    "no UTF-8 in the address of a store": (["init", "--store", "duckdb:///\udcff"], "\\udcff is not UTF-8; rename"),
    "no UTF-8 in a text": (["episode", "note", CODE, "L\udcfcfter"], "the argument L\\udcfcfter is not UTF-8"),
    "no folder to write": (
        ["sql", "mssql", "--write", "/proc/x/y"],
        "cannot create the folder /proc/x/y: No such file",
    ),
    "look every NaN": (["monitor", "--every", "nan"], "'nan' is not a number of seconds"),
    "look never again": (["monitor", "--every", "inf"], "is not in the range 0.2<=x<=86400"),
    "tick unit": (["backfill", "--all", "--tick", "5x"], "e.g. 30m, 12h, 1d, 1w (got '5x')"),
    "tick seconds": (
        ["backfill", "--all", "--tick", "90s"],
        "tick must be a whole number of minutes, from one minute to ten years (got '90s')",
    ),
    "tick negative": (["backfill", "--all", "--tick", "-5h"], "tick must be a whole number of minutes"),
    "tick huge": (["backfill", "--all", "--tick", "9" * 30 + "d"], "is too large"),
    "tick none": (["backfill", "--all", "--tick", ""], "is not a duration"),
    "tick of ages": (["backfill", "--all", "--tick", "3661d"], "from one minute to ten years"),
    "baseline of ages": (["baseline", CODE, "--from", "9999-12-31T23:59"], "outside of the scored readings"),
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
    "simulate by a negative seed": (["simulate", "NEW", "--seed", "-1"], "-1 is not in the range x>=0"),
    "simulate over readings": (["simulate", "--equip", CODE], "readings; simulate another machine"),
    "sql dialect": (["sql", "oracle"], "'oracle' is not one of"),
}


@pytest.mark.sampled(12)
@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage_is_exit_2_and_changes_nothing(month, name):
    words, expected = USAGE[name]
    with assert_unchanged(month):
        assert_refused(run(month, *words), 2, expected)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
def test_a_file_of_a_folder_whose_name_is_not_utf8_is_named(month, tmp_path):
    Path(csv(tmp_path / "m.csv", short())).rename(tmp_path / "L\udcfcft.csv")
    with assert_unchanged(month):
        words = ["import", str(tmp_path), "--equip", "NEW", "--timezone", "UTC"]
        assert_refused(run(month, *words), 2, "L\\udcfcft.csv is not UTF-8; rename the file")


@pytest.mark.parametrize("time", ["0001-01-01", "9999-12-31T23:59:59"])
def test_times_at_the_ends_of_the_calendar_are_taken(month, time):
    """No window of any length around them leaves the calendar."""
    with assert_unchanged(month):
        result = run(month, "backfill", "--all", "--tick", "3660d", "--replay-from", time, "--dry-run")
    assert result.exit_code == (0 if time < "1970" else 2), result.output


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
