"""Imports of files end to end: merged cell by cell, all or nothing, within limits of loss, never from the future."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from commands import assert_refused, run
from plants import Plant, assert_same, make_empty_plant
from progress_receivers import RecordingProgress
from stores import serve

from acm_etl import config
from acm_etl.admin import ingest
from acm_etl.errors import InputError, InternalError, StoreError, UsageError
from acm_etl.io.files import losses
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.prepare import prepare_import
from acm_etl.io.files.rejections import REJECTIONS_SCHEMA
from acm_etl.load.historian import historian_table, import_staging, quality_events
from acm_etl.load.machines import equipment
from acm_etl.load.schema import migrate

START = datetime(2024, 1, 1)


@pytest.fixture(params=["duckdb", "wire"])
def place(request, tmp_path):
    """An empty store of each kind."""
    if request.param == "duckdb":
        yield make_empty_plant(tmp_path / "acm.duckdb", "F")
    else:
        with serve(tmp_path / "server.duckdb") as server:
            yield Plant(tmp_path / "acm.duckdb", "F", server)


def _write(path, rows, header="time,a,b"):
    """A file of rows (minute, cells)."""
    lines = [f"{START + timedelta(minutes=minute):%Y-%m-%d %H:%M},{','.join(cells)}" for minute, *cells in rows]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def _load(place, *paths, **choices):
    options = ImportOptions(time_zone="UTC")
    stored = ingest.StoreChoices(**choices)
    return ingest.import_files(paths, equip="F", options=options, config=place.config, choices=stored)


def _stored(place):
    """Stored readings by minute."""
    columns = ", ".join(f'"{name}"' for name in ("EntryDateTime", "a", "b"))
    rows = place.query(f'SELECT {columns} FROM "F_Data"').iter_rows()
    return {int((time - START).total_seconds() // 60): cells for time, *cells in rows}


def _runs(place):
    return place.query("SELECT Stage, Outcome FROM RunLog").rows()


def _events(place):
    sql = "SELECT ColumnName, EventType, AffectedRows FROM ACM_DataQualityEvents"
    return sorted(place.query(sql).rows())


def _tables(place):
    engine = place.connect()
    try:
        return engine.get_table_names(), engine.get_column_types("F_Data")
    finally:
        engine.close()


@pytest.mark.slow
def test_one_file_per_tag_in_one_command_or_in_several(tmp_path, place):
    first = _write(tmp_path / "a.csv", [(minute, str(minute)) for minute in range(20)], "time,a")
    second = _write(tmp_path / "b.csv", [(minute, str(minute / 2)) for minute in range(10, 30)], "time,b")
    report = _load(place, second, first)
    expected = {minute: [minute if minute < 20 else None, minute / 2 if minute >= 10 else None] for minute in range(30)}
    assert _stored(place) == expected
    assert (report.rows, report.inserted, report.merged_rows, report.conflicts) == (40, 30, 10, [])
    assert (report.cells.inserted, report.rejected) == (40, [])
    assert [(file.rows, file.first) for file in report.file_counts] == [
        (20, START + timedelta(minutes=10)),
        (20, START),
    ]
    other = make_empty_plant(tmp_path / "other.duckdb", "F")
    assert _load(other, first).inserted == 20
    report = _load(other, second)
    assert (report.inserted, report.updated, report.cells.updated) == (10, 10, 0)
    assert _stored(other) == expected


def test_tables_of_a_server_are_committed_before_the_merge(tmp_path, place, monkeypatch):
    """Sessions that list tables, as every command does first, would wait for the end of a long import."""
    if not place.server:
        pytest.skip("an embedded store serves its sessions from one process")
    merge, seen = historian_table.merge_staged_readings, []

    def look_and_merge(engine, staged, **options):
        names, columns = _tables(place)
        seen.append(("F_Data" in names, len(columns)))
        return merge(engine, staged, **options)

    monkeypatch.setattr(historian_table, "merge_staged_readings", look_and_merge)
    _load(place, _write(tmp_path / "a.csv", [(0, "1", "2")]))
    _load(place, _write(tmp_path / "b.csv", [(1, "3", "4")], "time,a,level"))
    assert seen == [(True, 3), (True, 4)]


def test_tags_that_a_machine_did_not_have_are_named(tmp_path, place):
    first = _load(place, _write(tmp_path / "a.csv", [(0, "1", "2")]))
    again = _load(place, _write(tmp_path / "b.csv", [(1, "3", "4")]))
    assert (first.warnings, again.warnings) == ([], [])
    other = _load(place, _write(tmp_path / "other.csv", [(2, "5", "6")], "time,a,level"))
    (warning,) = other.warnings
    assert "1 new tag of F: level." in warning


@pytest.mark.sampled
def test_a_correction_changes_its_cells_only(tmp_path, place):
    _load(place, _write(tmp_path / "all.csv", [(0, "1", "2"), (1, "3", "4")]))
    report = _load(place, _write(tmp_path / "b.csv", [(1, "9")], "time,b"))
    assert _stored(place) == {0: [1, 2], 1: [3, 9]}
    (conflicts,) = report.conflicts
    assert (conflicts.scope, conflicts.rows, conflicts.cells) == ("store", 1, 1)
    (sample,) = conflicts.samples
    assert (sample.tag, sample.old_value, sample.new_value) == ("b", 4, 9)


@pytest.mark.sampled
def test_a_period_is_replaced(tmp_path, place):
    _load(place, _write(tmp_path / "all.csv", [(minute, "1", "2") for minute in range(4)]))
    path = _write(tmp_path / "new.csv", [(1, "1", ""), (3, "5", "2")])
    period = (START + timedelta(minutes=1), START + timedelta(minutes=3))
    report = _load(place, path, replace=period)
    assert _stored(place) == {0: [1, 2], 1: [1, None], 3: [5, 2]}
    assert (report.cells.erased, report.deleted, report.cells.updated) == (3, 1, 1)
    assert (report.replaced_from, report.replaced_to) == period
    with pytest.raises(UsageError):
        _load(place, path, replace=period[::-1])


def test_the_command_replaces_a_period(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb", "F")
    path = _write(tmp_path / "all.csv", [(0, "1", "2"), (1, "3", "4")])
    words = ["import", str(path), "--equip", "F", "--timezone", "UTC", "--json"]
    assert run(place, *words).exit_code == 0
    after = 24 * 60
    _write(path, [(0, "1", ""), (after, "5", "6")])
    found = run(place, *words, "--replace", "2024-01-01", "2024-01-02")
    assert json.loads(found.stdout)["cells"] == {"inserted": 2, "updated": 0, "unchanged": 1, "erased": 3}
    assert _stored(place) == {0: [1, None], after: [5, 6]}
    assert_refused(run(place, *words, "--replace", "2024-01-02", "2024-01-01"), 2, "--replace")


FEW_BAD = [*((minute, "1", "2") for minute in range(98)), (98, "?1", "2"), (99, "1", "2")]
MANY_BAD = [*((minute, "1", "2") for minute in range(90)), *((minute, "x?", "2") for minute in range(90, 100))]


@pytest.mark.sampled
def test_a_refused_first_import_leaves_no_trace_of_the_machine(tmp_path, place):
    with pytest.raises(InputError):
        _load(place, _write(tmp_path / "bad.csv", MANY_BAD))
    assert place.query("SELECT COUNT(*) AS n FROM Equipment").item() == 0
    assert "F_Data" not in _tables(place)[0]
    assert (_runs(place), _events(place)) == ([], [])
    assert not [name for name in _tables(place)[0] if name.startswith(import_staging.STAGING_PREFIX)]


@pytest.mark.sampled
def test_a_refused_import_changes_nothing_but_its_run(tmp_path, place):
    _load(place, _write(tmp_path / "good.csv", [(0, "1", "2")]))
    before, tables = place.dump(without=("RunLog", "ACM_Runs", "ACM_RunErrors")), _tables(place)
    wider = _write(tmp_path / "bad.csv", [(minute, "1", text, "3") for minute, _, text in MANY_BAD], "time,a,b,c")
    wider.write_text(wider.read_text().replace(",2,", ",x?,").replace(",x?,", ",2,", 80))
    with pytest.raises(InputError):
        _load(place, wider)
    assert_same(place.dump(without=("RunLog", "ACM_Runs", "ACM_RunErrors")), before)
    assert _tables(place) == tables
    assert sorted(_runs(place)) == [("import", "FAIL"), ("import", "OK")]


@pytest.mark.sampled
@pytest.mark.parametrize("known", [False, True], ids=["new machine", "known machine"])
@pytest.mark.parametrize(
    ("module", "step"), [(equipment, "sync_tags"), (quality_events, "write_quality_events")], ids=["tags", "events"]
)
def test_an_import_that_fails_at_its_end_changes_nothing(tmp_path, place, monkeypatch, *, known, module, step):
    if known:
        _load(place, _write(tmp_path / "good.csv", [(0, "1", "2")]))
    else:
        engine = place.connect()
        migrate.init_schema(engine)
        engine.close()
    without = ("RunLog", "ACM_Runs", "ACM_RunErrors")
    before, tables = place.dump(without=without), _tables(place)

    def fail(*_args, **_options):
        raise StoreError(step)

    monkeypatch.setattr(module, step, fail)
    with pytest.raises(StoreError, match=step):
        _load(place, _write(tmp_path / "more.csv", [(0, "5", "6", "7")], "time,a,b,c"))
    assert_same(place.dump(without=without), before)
    if not place.server:
        assert _tables(place) == tables
    elif not known:
        # Committed before the merge: an empty table stays, for the next import.
        assert place.query("SELECT * FROM F_Data").is_empty()
    assert sorted(_runs(place)) == ([("import", "FAIL"), ("import", "OK")] if known else [])
    if known:
        assert _stored(place) == {0: [1, 2]}


@pytest.mark.sampled
def test_losses_within_the_limits_are_counted(tmp_path, place):
    report = _load(place, _write(tmp_path / "some.csv", FEW_BAD))
    assert (report.inserted, report.lost_rows) == (100, 0)
    (tag, _) = report.tags
    assert (tag.tag, tag.cells_in, tag.cells_stored, tag.lost) == ("a", 100, 99, {"not_a_number": 1})


@pytest.mark.sampled
def test_larger_losses_can_be_accepted(tmp_path, place):
    path = _write(tmp_path / "bad.csv", MANY_BAD)
    report = _load(place, path, accept_loss=True)
    assert (report.inserted, report.tags[0].cells_stored) == (100, 90)
    limits = config.load_config({"store.url": place.url, **place.server, "import.max_lost_cells": 0.1})
    options = ImportOptions(time_zone="UTC")
    assert ingest.import_files([path], equip="F", options=options, config=limits).unchanged == 100


def test_rows_without_a_time_are_losses(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb", "F")
    path = _write(tmp_path / "bad.csv", [(minute, "1", "2") for minute in range(100)])
    path.write_text(path.read_text().replace("2024-01-01 00:00", "soon").replace("2024-01-01 00:1", "20x4-01-01 00:1"))
    words = ["import", str(path), "--equip", "F", "--timezone", "UTC"]
    assert_refused(run(place, *words), 1, "11 of 100 rows", "unparsed_time", "--accept-loss", "import.max_lost_rows")
    assert run(place, *words, "--accept-loss").exit_code == 0
    assert len(_stored(place)) == 89


@pytest.mark.sampled
def test_readings_from_the_future_are_left_out_and_counted(tmp_path, place):
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0, second=0)
    times = [now - timedelta(days=1) + timedelta(minutes=10 * i) for i in range(148)]
    future = [now + timedelta(hours=1, minutes=10), now + timedelta(days=30)]
    lines = [f"{time:%Y-%m-%d %H:%M},1,2" for time in [*times, *future]]
    path = tmp_path / "f.csv"
    path.write_text("\n".join(["time,a,b", *lines]) + "\n")
    report = _load(place, path)
    assert (report.rows, report.inserted, report.lost_rows, report.last) == (150, 148, 2, times[-1])
    assert _events(place) == [("", "future_reading", 2)]
    assert any("clock" in warning for warning in report.warnings)
    path.write_text("\n".join(["time,a,b", *lines[-50:]]) + "\n")
    with pytest.raises(InputError, match="future_reading"):
        _load(place, path)


@pytest.mark.sampled
def test_a_machine_keeps_its_own_table_and_time_column(tmp_path, place):
    engine = place.connect()
    migrate.init_schema(engine)
    table = historian_table.declare_historian_table("F", ["a"], time_column="Zeit", name="Messwerte")
    historian_table.create_or_extend_table(engine, table)
    equipment.register_machine(engine, "F", time_zone="UTC", table="Messwerte", time_column="Zeit")
    engine.close()
    report = _load(place, _write(tmp_path / "all.csv", [(0, "1", "2")]))
    assert (report.table, report.inserted) == ("Messwerte", 1)
    assert place.query('SELECT "Zeit", "a", "b" FROM "Messwerte"').rows() == [(START, 1, 2)]


def test_rows_that_are_neither_stored_nor_counted_are_a_defect():
    empty = losses.StoredCounts(rows=8, cells={}, conflicts_in_file={})
    report = losses.build_loss_report(pl.DataFrame(schema=REJECTIONS_SCHEMA), empty, rows_in=9)
    with pytest.raises(InternalError):
        losses.check_losses(report, losses.LossLimits(1, 1))


def test_the_worst_tag_is_named_first_with_lines_and_samples():
    rows = [
        ("a", "not_a_number", 10, "x", [2]),
        ("b", "not_a_number", 30, "y, z", [7, 9]),
        ("c", "nan", 90, "NaN", None),
    ]
    schema = {**REJECTIONS_SCHEMA, losses.LINES_COLUMN: pl.List(pl.Int64)}
    stored = losses.StoredCounts(rows=100, cells={"a": 90, "b": 70, "c": 10}, conflicts_in_file={"c": 5})
    report = losses.build_loss_report(pl.DataFrame(rows, schema=schema, orient="row"), stored, rows_in=100)
    assert [(tag.tag, tag.cells_in, tag.limited) for tag in report.tags] == [
        ("a", 100, 10),
        ("b", 100, 30),
        ("c", 100, 0),
    ]
    with pytest.raises(InputError, match=r"(?s)30 of 100 values of b.*y, z.*7, 9.*10 of 100 values of a"):
        losses.check_losses(report, losses.LossLimits(0.02, 0.05))
    losses.check_losses(report, losses.LossLimits(0.02, 0.3))
    losses.check_losses(report, losses.LossLimits(0.02, 0.05), accept_loss=True)


@pytest.mark.parametrize(("conflicts", "is_refused"), [(33, False), (50, True)])
def test_times_that_are_cut_to_the_minute_are_refused(conflicts, is_refused):
    stored = losses.StoredCounts(rows=100, cells={"a": 100, "b": 100}, conflicts_in_file={"a": conflicts})
    report = losses.build_loss_report(pl.DataFrame(schema=REJECTIONS_SCHEMA), stored, rows_in=100)
    limits = losses.LossLimits(0.02, 0.05)
    problems = losses.find_problems(report, limits)
    assert [f"{conflicts} of 100 values of a" in problem for problem in problems] == [True] * is_refused
    losses.check_losses(report, limits, accept_loss=True)


@pytest.mark.slow
def test_a_dry_run_counts_what_the_import_counts(tmp_path):
    """Repeated, completed, replaced and future rows within a file and across files."""
    place = Plant(tmp_path / "acm.duckdb", "F")
    ahead = int(timedelta(days=365 * 50) / timedelta(minutes=1))
    rows = [
        (0, "1", "2"),
        (10, "1", "2"),
        (10, "1", "3"),
        (20, "4", ""),
        (20, "", "5"),
        (30, "", "1"),
        (30, "", "1"),
        (ahead, "1", "1"),
    ]
    paths = [_write(tmp_path / "one.csv", rows), _write(tmp_path / "two.csv", [(0, "9", "2"), (30, "x", "1")])]
    words = ["import", *map(str, paths), "--equip", "F", "--timezone", "UTC", "--accept-loss", "--json"]
    preview = json.loads(run(place, *words, "--dry-run").stdout)
    assert not place.path.exists()
    report = json.loads(run(place, *words).stdout)
    assert preview["merged_rows"] == {"duplicate": 2, "conflicting_duplicate": 2, "complementary_row": 1}
    assert sum(preview["merged_rows"].values()) == report["merged_rows"]
    assert preview["lost_rows"] == {"future_reading": 1}
    assert (preview["readings"], preview["first"], preview["last"]) == (4, report["first"], report["last"])
    assert {tag["tag"]: tag["lost"] for tag in preview["tags"]} == {tag["tag"]: tag["lost"] for tag in report["tags"]}


def test_a_dry_run_of_a_long_file_reports_no_clock_change(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text('Tag,Time,Value\nA,2024-01-15 00:00,1\nB,2024-01-15 00:00,"1,234.5"\n', encoding="utf-8")
    words = ["import", str(path), "--equip", "F", "--timezone", "Europe/Berlin", "--dry-run", "--json"]
    preview = json.loads(run(Plant(tmp_path / "acm.duckdb"), *words).stdout)
    assert (preview["merged_rows"], preview["changed_times"]) == ({"complementary_row": 1}, {})
    assert [(tag["first"], tag["first_number"]) for tag in preview["tags"]] == [("1", 1), ("1,234.5", 1234.5)]


def test_a_long_file_is_counted_by_its_rows_and_shows_different_times(tmp_path):
    path, progress = tmp_path / "long.csv", RecordingProgress()
    rows = [f"{tag},{START + timedelta(minutes=minute)},{minute}" for minute in range(50) for tag in "ABC"]
    path.write_text("\n".join(["tag,time,value", *rows]) + "\n", encoding="utf-8")
    place = make_empty_plant(tmp_path / "acm.duckdb", "F")
    prepared = prepare_import([str(path)], ImportOptions(time_zone="UTC"))
    assert [sample.utc.minute for sample in prepared.files[0].times[0].reading.samples] == [0, 1, 2]
    ingest.import_prepared(prepared, equip="F", config=place.config, progress=progress)
    counted = {event: sum(n for name, _, n in progress.events if name == event) for event in ("start", "advance")}
    assert counted == {"start": 150, "advance": 150}
