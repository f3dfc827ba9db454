"""Work on two machines at the same time: neither waits for the other, whoever commits first."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest
import stores
from load import made

from acm_etl import config
from acm_etl.admin import ingest
from acm_etl.io.files.options import ImportOptions
from acm_etl.load import publish, runs
from acm_etl.load.historian import historian_table
from acm_etl.load.machines import equipment
from acm_etl.load.schema import migrate

(SERVER_ONLY,) = stores.SERVER.marks
# More rows in one statement than the 5,000 locks from which on a server would lock the whole table.
WINDOWS = range(6_000)
LOCK_SECONDS = 5


def _of_second_machine(frame):
    """The same rows, of machine 2 and its own runs."""
    ids = {
        made.run_of(number): runs.build_run_id(
            "PUMP", made.day(number), made.day(number + 1), model_version=1, signature=made.SIGNATURE
        )
        for number in WINDOWS
    }
    return frame.with_columns(pl.lit(2, pl.Int32).alias("EquipID"), pl.col("RunID").replace_strict(ids))


def _publish_both(first, second):
    """Publish the batch of machine 2 while that of machine 1 has been written, but not committed."""
    for code in ("FAN", "PUMP"):
        equipment.register_machine(first, code, time_zone="Europe/Berlin")
    one = made.publication(*WINDOWS, frames={"ACM_Scores_Wide": made.health(0, 1)}, watermark_update=None)
    two = dataclasses.replace(
        one,
        equip_id=2,
        run_log=_of_second_machine(one.run_log),
        run_summaries=_of_second_machine(one.run_summaries),
        frames={name: _of_second_machine(frame) for name, frame in one.frames.items()},
    )
    runs.start_runs(first, made.log(*WINDOWS))
    runs.start_runs(second, _of_second_machine(made.log(*WINDOWS)))
    commit = first._commit_transaction

    def publish_second(session):
        first._commit_transaction = commit
        # A transient error (1222) if it had to wait for longer than the timeout.
        publish.publish_batch(second, two)
        commit(session)

    first._commit_transaction = publish_second
    publish.publish_batch(first, one)
    sql = "SELECT COUNT(*) AS n FROM [RunLog] WHERE [Outcome] = 'OK' GROUP BY [EquipID] ORDER BY [EquipID]"
    assert first.query(sql)["n"].to_list() == [len(WINDOWS)] * 2


@pytest.mark.slow
def test_batches_that_overlap_are_both_stored(connect):
    _publish_both(connect(), connect())


@pytest.fixture
def impatient():
    """A session that fails if it has to wait for a lock."""
    from acm_etl.io.mssql.engine import MsSql, MssqlOptions  # noqa: PLC0415 - it may not load
    from acm_etl.io.mssql.session import Timeouts  # noqa: PLC0415

    engine = MsSql(stores.URL, MssqlOptions(timeouts=Timeouts(lock=LOCK_SECONDS)))
    yield engine
    engine.close()


@SERVER_ONLY
def test_no_batch_waits_for_that_of_another_machine(impatient):
    first = stores.sql_server()
    try:
        _publish_both(first, impatient)
    finally:
        first.close()


@SERVER_ONLY
def test_no_command_waits_for_the_merge_of_an_import(impatient, tmp_path, monkeypatch):
    stores.sql_server().close()
    merge, seen = historian_table.merge_staged_readings, []

    def look_and_merge(engine, staged, **options):
        counts = merge(engine, staged, **options)
        # What every command does first, while the merge is not committed.
        migrate.complete_schema(impatient)
        seen.append((equipment.find_unregistered_codes(impatient), equipment.read_machines(impatient)))
        return counts

    monkeypatch.setattr(historian_table, "merge_staged_readings", look_and_merge)
    file = tmp_path / "fan.csv"
    file.write_text("time,a,b\n2024-03-14 00:00,1,2\n2024-03-14 00:01,3,4\n", encoding="utf-8")
    store = config.load_config({"store.url": stores.URL})
    assert ingest.import_files([file], equip="F", options=ImportOptions(time_zone="UTC"), config=store).inserted == 2
    assert seen == [(["F"], [])]
