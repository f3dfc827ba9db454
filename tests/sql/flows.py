"""Every statement that the load layer sends to SQL Server, collected by a recorder: one flow per function."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
from load import made
from load.old_store import OLD_COLUMNS

from acm_etl import tables
from acm_etl.config import RetentionSettings
from acm_etl.dialects import MSSQL
from acm_etl.errors import StoreError
from acm_etl.io import historian, historian_declared
from acm_etl.load import lookback, merge, publish, runs, single_rows, watermark
from acm_etl.load.episodes import episode_notes, failures, outbox
from acm_etl.load.historian import historian_table, late_data, quality_events
from acm_etl.load.machines import equipment, machine_settings, sources
from acm_etl.load.maintenance import abandoned_runs, replay, retention
from acm_etl.load.models import baselines, coldstart, refit_requests, registry, state_store
from acm_etl.load.models.coldstart import TrainingData
from acm_etl.load.schema import ddl, migrate, replaced_tables
from acm_etl.source_spec import SourceSpec
from acm_etl.tables.runs import BASELINES
from acm_etl.windows import Window
from sql.recorder import Recorder

MACHINE = equipment.Equipment(1, "FAN", None, None, None, "Europe/Berlin", "FAN_Data", "EntryDateTime")
BATCH = (*made.log(0, 1)["RunID"],)


def _state(status="IN_PROGRESS"):
    row = (status, None, None, None, 1)
    return pl.DataFrame([row], schema=list(coldstart._STATE_COLUMNS), orient="row")


def _progress(number):
    values = made.at(number)
    return pl.DataFrame(
        [[getattr(values, name) for name in values.__slots__]], schema=list(watermark._WATERMARK_COLUMNS), orient="row"
    )


def record_runs():
    engine = Recorder(
        {"SELECT [RunID], [Stage] FROM": pl.DataFrame({"RunID": ["a", "b"], "Stage": ["score", "import"]})}
    )
    run_log = made.log(0, 1)
    runs.start_runs(engine, run_log)
    runs.restore_attempts(engine, run_log)
    runs.fail_runs(engine, run_log, StoreError("no", table="RunLog"), attempt=1, span=Window(made.day(0), made.day(2)))
    abandoned_runs.fail_abandoned_runs(engine, MACHINE)
    runs.find_run_ids_at(engine, 1, [made.day(0), made.day(1)])
    return engine


def record_publishing():
    engine = Recorder({"AS kept": pl.DataFrame({"RunID": ["a", "b"], "kept": [0, 1]})})
    stored = made.publication(
        1,
        frames={
            "ACM_Scores_Wide": made.health(1),
            "ACM_EpisodeCulprits": made.culprits(1, "a", "b"),
            "ACM_RegimeOccupancy": made.occupancy(1, on=3),
        },
        expected=made.at(1),
        drop_state_times=(made.day(0),),
        drop_states_before=made.day(0),
    )
    publish.publish_batch(engine, stored)
    publish.publish_batch(engine, made.publication(0))
    return engine


def record_coldstart():
    engine = Recorder()
    coldstart.begin_attempt(engine, 1, required_rows=1000)
    steps = {
        "PENDING": lambda e: coldstart.begin_attempt(e, 1, required_rows=1000),
        "IN_PROGRESS": lambda e: coldstart.record_shortage(e, 1, TrainingData(1, 2, made.day(0), None), reason="short"),
        "COMPLETE": lambda e: coldstart.record_lost_models(e, 1, reason="gone"),
        "FAILED": lambda e: coldstart.reset_coldstart(e, 1),
    }
    for status, step in steps.items():
        engine.answers["ACM_ColdstartState"] = _state(status)
        step(engine)
    return engine


def record_watermark():
    engine = Recorder({"FROM [ACM_BatchProgress]": _progress(1)})
    watermark.move_watermark(engine, None, made.at(1))
    watermark.move_watermark(engine, made.at(1), made.at(2))
    watermark.read_watermark(engine, 1)
    watermark.delete_watermark(engine, 1)
    return engine


def record_replay():
    engine = Recorder()
    engine.answers |= {"AS first_window": pl.DataFrame({"first_window": [made.day(0)]})}
    engine.answers |= {"MIN([Version])": pl.DataFrame({"n": [2]}), "ACM_ColdstartState": _state("COMPLETE")}
    replay.rewind_machine(engine, 1, to=made.day(1), base_watermark=made.at(3))
    replay.reset_machine_data(engine, 1)
    return engine


def record_import():
    """An import with repeated times into stored rows, and the replacement of a period."""
    counts = pl.DataFrame({f"n{i}": [1] for i in range(8)})
    sample = pl.DataFrame({"at_time": [made.START], "old_value": [1.0], "new_value": [2.0]})
    engine = Recorder({"AS at_time": sample, "AS n0": counts, "AS n": pl.DataFrame({"n": [1]})})
    table = historian_table.declare_historian_table("FAN", ["Tag.1 Fan-A", "x]y"])
    historian_table.create_or_extend_table(engine, table)
    rows = {"EntryDateTime": [datetime(2024, 1, 1)], "Tag.1 Fan-A": [1.0], "x]y": [2.0]}
    chunks = [pl.DataFrame(rows, schema=table.polars_schema)] * 2
    engine.present = {table.name: dict.fromkeys((*rows, "other"), "x")}
    historian_table.load_readings(engine, table, chunks, replaced_span=(made.day(0), made.day(1)))
    engine.present = {table.name: dict.fromkeys(("EntryDateTime", "Tag.1 Fan-A"), "x")}
    historian_table.create_or_extend_table(engine, table)
    return engine


def record_replaced_tables():
    """The migration of tables that are views now, of 150,000 rows each."""
    extent = {"EquipID": [1], "n": [150_000], "first": [made.day(0)], "last": [made.day(30)]}
    engine = Recorder({"AS last": pl.DataFrame(extent)})
    for table in replaced_tables.REPLACED_TABLES:
        columns = dict.fromkeys(OLD_COLUMNS[table.name], "x")
        engine.present |= dict.fromkeys((table.name, table.old_name), columns)
        replaced_tables.copy_moved_columns(engine, table)
        replaced_tables.set_table_aside(engine, table)
        replaced_tables.check_view(engine, table)
    replaced_tables.drop_old_tables(engine)
    return engine


def record_models():
    engine = Recorder()
    model = registry.ModelRecord(1, BATCH[0], 1, *(made.START,) * 3, 5, ("a",), "{}", "{}", "s", b"x", "coldstart")
    registry.publish_model(engine, record=model, frames={}, run_log=made.log(0, outcome="OK", Stage="coldstart"))
    registry.read_latest_model(engine, 1)
    registry.read_model_at(engine, 1, made.START)
    registry.read_episode_versions(engine, 1)
    registry.read_model_versions(engine, 1)
    registry.next_model_version(engine, 1)
    state_store.read_state_at(engine, 1, made.START)
    state_store.read_last_state(engine, 1, made.START)
    state_store.read_state_times(engine, 1, at_or_before=made.START)
    return engine


def record_refits():
    engine = Recorder()
    refit_requests.create_refit_request(engine, 1, reason="new bearings", requester="me")
    refit_requests.schedule_pending_requests(engine, 1, effective_from=made.day(3))
    for by in ("REQUEST", "AGE"):
        refit_requests.record_refit_decision(
            engine, refit_requests.RefitDecision(1, made.day(3), by, "old", "they hold", 2, 96, 0.1, 0.0)
        )
    refit_requests.revert_refit_decisions(engine, 1, made.day(2))
    refit_requests.read_refit_requests(engine, 1)
    lookback.read_scores(engine, 1, since=made.START, until=made.day(1))
    lookback.read_episode_spans(engine, 1, since=made.START, until=made.day(1))
    registry.model_change_times(engine, 1)
    return engine


def record_baselines():
    engine = Recorder()
    row = baselines.Baseline(1, made.day(9), made.day(3), None, "PENDING", "me", "new bearings")
    baselines.create_baseline(engine, row)
    baselines.record_baseline_decision(engine, row)
    baselines.revert_baseline_decisions(engine, 1, after=made.day(2))
    baselines.retire_baselines(engine, 1, made.day(3), "WITHDRAWN")
    baselines.read_baselines(engine, 1)
    values = {
        "EquipID": 1,
        "RequestedAt": made.day(9),
        "Reason": "x",
        "EffectiveFrom": made.day(3),
        "Status": "PENDING",
    }
    schema = BASELINES.polars_schema
    single_rows.replace_rows(engine, BASELINES, pl.DataFrame([dict.fromkeys(schema) | values], schema=schema))
    return engine


def record_retention():
    kept = dict.fromkeys(("time_days", "event_days", "day_days"), 400)
    keep = RetentionSettings(**kept, run_days=9, noop_days=9, failed_days=9, model_versions=2)
    counted = []
    for apply in (False, True):
        engine = Recorder(
            {
                "AS first": pl.DataFrame({"n": [60_000], "first": [made.START]}),
                "MIN([StartTs])": pl.DataFrame({"n": [made.day(500)]}),
                "SELECT MIN([AsOf]) AS n": pl.DataFrame({"n": [made.day(500)]}),
                "SELECT r.[RunID]": pl.DataFrame({"RunID": [*BATCH]}),
                "SELECT [Version]": pl.DataFrame({"Version": [2]}),
                "FROM [ACM_BatchProgress]": _progress(900),
            }
        )
        retention.expire_machine_rows(engine, 1, keep, apply=apply)
        counted += engine.statements
    engine.statements = counted
    return engine


def record_other_tables():
    late = pl.DataFrame({"EquipID": [1], "surplus": [2], "earliest": [made.START]})
    engine = Recorder({"SELECT [EquipID], [EquipCode]": _machine(), "AS surplus": late})
    equipment.register_machine(engine, "FAN", time_zone="UTC")
    equipment.change_description(engine, MACHINE, equipment.MachineDescription("Fan", "Boiler", "2"))
    equipment.upsert_tags(engine, MACHINE, [equipment.Tag("a")])
    equipment.read_tags(engine, 1)
    machine_settings.read_settings(engine, 1)
    machine_settings.save_settings(engine, 1, {"a": "1"})
    lookback.read_trailing_rows(engine, 1, since=made.START, until=made.day(1))
    late_data.count_late_readings(engine, MACHINE)
    event = {
        "RunID": BATCH[0],
        "EquipID": 1,
        "TableName": "t",
        "ColumnName": "c",
        "EventType": "nan",
        "AffectedRows": 1,
    }
    quality_events.record_quality_events(
        engine, pl.DataFrame([{**event, "SampleValues": None, "EventTime": made.START}])
    )
    migrate.init_schema(engine)
    return engine


def record_pull():
    engine = Recorder({"AS readings": pl.DataFrame({"first": [made.START], "last": [made.day(1)], "readings": [9]})})
    source = historian.HistorianSource("FAN_Data", "EntryDateTime", ("Tag.1 Fan-A", "x]y"), made.START, made.day(1))
    historian.read_extent(engine, source)
    engine.answers["[x]]y]"] = pl.DataFrame({"EntryDateTime": [made.START], "Tag.1 Fan-A": [1.0], "x]y": [1.0]})
    historian.pull_readings(engine, source, made.START, made.day(1))
    engine.answers["AS time"] = pl.DataFrame({"time": [made.START]})
    historian.count_readings(engine, source, [Window(made.START, made.day(1))])
    equipment.sync_tags(Recorder(present={"FAN_Data": {"EntryDateTime": "x", "a": "y"}}), MACHINE)
    coldstart.create_pending(engine, 1, required_rows=9, reason="V8")
    return engine


def record_declared_sources():
    """Declared sources of all shapes and clocks, with the queries of all readers."""
    engine = Recorder()
    window, tags = Window(made.START, made.day(1)), ("Tag.1 Fan-A", "O'Neill")
    long = SourceSpec(object_name="Runtime.dbo.[My History]", shape="long", tag_column="TagName", value_column="Value",
                      quality_column="Q", quality_rule="opc", filter_column="M", filter_value="FAN")  # fmt: skip
    query = "SELECT [EntryDateTime], [TagName], [Value] FROM [x] -- all"
    specs = [replace(long, clock=clock) for clock in ("UTC", "offset", "epoch_s", "epoch_ms", "Europe/Berlin")]
    others = [replace(long, object_name=None, query=query), SourceSpec(object_name="FAN_Data")]
    for spec in (*specs, *others):
        source = historian.HistorianSource(spec.label, spec.time_column, tags, made.START, made.day(1), spec)
        times = {"offset": made.START.replace(tzinfo=UTC), "epoch_s": 1.5, "epoch_ms": 1500}
        time = times.get(spec.clock, made.START)
        columns = {"EntryDateTime": [time], "TagName": ["a"], "Value": [1.0], "Q": [192], "M": ["FAN"]}
        wide = pl.DataFrame({"EntryDateTime": [time], **{tag: [1.0] for tag in tags}})
        row = pl.DataFrame({"time": [time], "tag": [0], "value": [1.0], "quality": [192]})
        engine.answers = {
            "WHERE 1 = 0": pl.DataFrame(columns),
            "AS rows_hash": pl.DataFrame({"slot": [time], "readings": [1], "rows_hash": [1]}),
            "AS readings": pl.DataFrame({"tag": ["a"], "first": [time], "last": [time], "readings": [9]}),
            "DISTINCT": row.select("time"),
            "ORDER BY": row if spec.shape == "long" else wide,
        }
        historian.check_historian_table(engine, replace(source, tags=()))
        historian.pull_readings(engine, source, window.start, window.end)
        historian.count_readings(engine, source, [window])
        historian.read_extent(engine, source)
        engine.answers["AS n FROM"] = pl.DataFrame({"n": [0]})
        historian.count_missing_times(engine, source)
        if spec.clock not in ("epoch_s", "epoch_ms"):
            historian.read_day_fingerprints(engine, source)
        historian_declared.read_tag_extents(engine, spec, tags)
    sources.save_source(engine, 1, long)
    sources.delete_source(engine, 1)
    return engine


def record_merges():
    """The upsert and the deletion of every table, whether or not another flow needs it."""
    engine = Recorder()
    for table in tables.ALL:
        staged = MSSQL.quote(f"##acm_{table.name}")
        upserts = [
            *merge.build_upsert(table, staged, MSSQL, limit_to_span=table.large),
            *(merge.build_stale_delete(table, rows, MSSQL) for rows in (staged, None) if table.time_column),
        ]
        for statement in upserts:
            engine.execute(statement.sql, ["?"] * statement.sql.count("?"))
        engine.execute(merge.build_insert(table, staged, MSSQL))
        for column in table.columns:
            engine.execute(ddl.build_add_column(table, column, MSSQL))
    return engine


def record_notices():
    """Notes of people, and events that messages are sent about."""
    engine = Recorder()
    now = made.day(0)
    note = episode_notes.make_note((now, now), "ack", text=None, label=None, severity="LOW", author="ann")
    episode_notes.add_note(engine, 1, note)
    notes = [(1, now, now, "ack", None, None, "LOW", now, "ann")]
    columns = ["EquipID", "StartTs", "EndTs", "Action", "NoteText", "Label", "Severity", "CreatedAt", "CreatedBy"]
    engine.answers = {"FROM [ACM_EpisodeNotes] WHERE": pl.DataFrame(notes, schema=columns, orient="row")}
    episode_notes.read_notes(engine, [1])
    failures.replace_failure(engine, 1, failures.Failure(now, "seal", now, "ann"))
    notice = outbox.Notice("episode_opened", outbox.format_key(now), now, now, "LOW", 3.7, "a (60 %)")
    outbox.record_notices(engine, 1, [notice, outbox.Notice("feed_silent", outbox.format_key(now), now, now)])
    outbox.read_episode_keys(engine, 1)
    outbox.read_unsent(engine)
    for error in (None, "refused"):
        outbox.record_attempt(engine, [outbox.UnsentNotice(1, notice, now)], sent_to=(), error=error)
    return engine


FLOWS = {
    "notices": record_notices,
    "runs": record_runs,
    "publish": record_publishing,
    "coldstart": record_coldstart,
    "watermark": record_watermark,
    "replay": record_replay,
    "import": record_import,
    "replaced tables": record_replaced_tables,
    "models": record_models,
    "refits": record_refits,
    "baselines": record_baselines,
    "retention": record_retention,
    "other tables": record_other_tables,
    "pull": record_pull,
    "declared sources": record_declared_sources,
    "merges": record_merges,
}


def _machine():
    values = ("FAN", None, None, None, "UTC", "FAN_Data", "EntryDateTime")
    return pl.DataFrame([(1, *values)], schema=list(equipment._EQUIPMENT_COLUMNS), orient="row")
