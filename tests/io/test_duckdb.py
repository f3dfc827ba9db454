"""Sessions with DuckDB: values, staging, transactions, locks, limits of memory and disk."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from acm_etl.errors import MachineLockedError, StoreError, TransientError, UnavailableError, UsageError
from acm_etl.io.duckdb import engine as duckdb_engine
from acm_etl.io.duckdb import memory
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.io.duckdb.errors import translate_duckdb_error
from acm_etl.io.duckdb.url import parse_duckdb_path
from acm_etl.schema import Table, col

TABLE = Table(
    "T",
    "time",
    "x",
    (col("r", "uuid?", "x"), col("k", "i32", "x"), col("t", "ts3", "x"), col("b", "bytes?", "x")),
    key=("k",),
    time_column="t",
)
TIME = datetime(2024, 1, 1, 0, 0, 0, 123000)
RUN = "0a39443b-ae1f-4b5b-a35a-42ac78000000"


@pytest.fixture
def url(tmp_path):
    return f"duckdb:///{tmp_path / 'a b.duckdb'}"


@pytest.fixture
def engine(url):
    engine = DuckDB(url)
    engine.execute('CREATE TABLE "T" (r UUID, k INTEGER PRIMARY KEY, t TIMESTAMP_MS, b BLOB)')
    yield engine
    engine.close()


def _frame(*keys):
    rows = [(RUN, key, TIME, b"\x00\xff") for key in keys]
    return pl.DataFrame(rows, schema=TABLE.polars_schema, orient="row")


def _fill(engine, *keys):
    name = engine.stage_frame(TABLE, _frame(*keys))
    count = engine.execute(f'INSERT INTO "T" SELECT * FROM {name}')
    engine.clear_staging()
    return count


def test_passwords_in_urls_are_masked():
    for url in ("duckdb://u:S3CRET@/x", "duckdb://u:S3CRET@host", "u:S3CRET@x"):
        with pytest.raises(UsageError) as caught:
            parse_duckdb_path(url)
        assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize(("text", "expected"), [("Query interrupted", KeyboardInterrupt), ("other", RuntimeError)])
def test_ctrl_c_during_a_query_is_an_interrupt(engine, monkeypatch, text, expected):
    """DuckDB has an error of its own for Ctrl-C, which it notices at a time that no test can choose."""

    def fail(*_):
        raise RuntimeError(text)

    monkeypatch.setattr(duckdb_engine, "run_select", fail)
    with pytest.raises(expected):
        engine.query("SELECT 1")


def test_types_come_back_as_they_were_staged(engine):
    assert _fill(engine, 1) == 1
    frame = engine.query('SELECT *, t::TIMESTAMP AS us, sum(k) OVER () AS total FROM "T"')
    assert frame.row(0) == (RUN, 1, TIME, b"\x00\xff", TIME, 1)
    assert frame.schema["us"] == pl.Datetime("ms")
    assert frame.schema["total"] == pl.Int64()


def test_values_are_bound(engine):
    _fill(engine, 1, 2)
    assert engine.query('SELECT k FROM "T" WHERE r = ? AND t = ? AND k > ?', [RUN, TIME, 1])["k"].to_list() == [2]
    assert engine.execute('UPDATE "T" SET b = ? WHERE k = ?', [b"x", 1]) == 1
    assert engine.execute('DELETE FROM "T" WHERE k > ?', [0]) == 2
    assert engine.execute("CREATE TABLE u (i INT)") == 0


def test_an_error_in_the_middle_of_a_result_is_an_error_of_the_store(engine):
    # Far enough that the first rows have been read when it comes.
    late = "SELECT CAST(CASE WHEN i = 300000 THEN 'x' ELSE '1' END AS INTEGER) AS n FROM range(400000) AS t(i)"
    with pytest.raises(StoreError, match="Conversion Error"):
        engine.query(late)
    assert engine.query("SELECT 1 AS n").item() == 1


def test_streams_come_in_batches_and_survive_other_statements(engine):
    engine.execute('INSERT INTO "T" (k, t) SELECT range, ? FROM range(10000)', [TIME])
    stream = engine.stream_rows('SELECT k, t FROM "T" ORDER BY k', chunk_size=2048)
    first = next(stream)
    assert engine.query('SELECT COUNT(*) FROM "T"').item() == 10000
    rest = list(stream)
    assert pl.concat([first, *rest])["k"].to_list() == list(range(10000))
    assert max(frame.height for frame in rest) <= 2048
    assert first.schema["t"] == pl.Datetime("ms")


def test_nothing_staged_stays(engine):
    name = engine.stage_frame(TABLE, _frame(1))
    engine.clear_staging()
    with pytest.raises(StoreError, match="does not exist"):
        engine.query(f"SELECT * FROM {name}")

    def stage_and_fail():
        with engine.transaction():
            engine.stage_frame(TABLE, _frame(1))
            engine.clear_staging()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stage_and_fail()
    assert engine.query("SELECT view_name FROM duckdb_views() WHERE temporary AND NOT internal").is_empty()


def test_staged_rows_fill_whole_row_groups(engine):
    row_group, times = 122_880, pl.Series("t", [TIME], dtype=pl.Datetime("ms"))
    half = pl.DataFrame({"k": pl.int_range(row_group, eager=True, dtype=pl.Int32)}).select(
        pl.lit(RUN).alias("r"), "k", pl.lit(times).first().alias("t"), pl.lit(b"").alias("b")
    )
    # Chunks of other sizes, as results of several pieces have.
    frame = pl.concat([half.head(70_000), half.slice(70_000), half.with_columns(pl.col("k") + row_group)])
    engine.execute('CREATE TABLE "Large" AS SELECT * FROM "T"')
    engine.execute(f'INSERT INTO "Large" SELECT * FROM {engine.stage_frame(TABLE, frame)}')
    segments = "pragma_storage_info('Large') WHERE column_name = 'k' AND segment_type = 'INTEGER'"
    groups = engine.query(f"SELECT SUM(count) AS n FROM {segments} GROUP BY row_group_id")
    assert groups["n"].to_list() == [row_group, row_group]


def test_a_transaction_is_all_or_nothing(engine):
    def interrupted():
        with engine.transaction():
            _fill(engine, 1)
            raise KeyboardInterrupt

    def doubled():
        with engine.transaction():
            _fill(engine, 1)
            _fill(engine, 1)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(StoreError, match=r"[Dd]uplicate key"):
        doubled()
    assert engine.query('SELECT COUNT(*) FROM "T"').item() == 0
    with engine.transaction():
        _fill(engine, 1)
    assert engine.query('SELECT COUNT(*) FROM "T"').item() == 1


def test_a_transaction_has_one_owner(engine):
    with engine.transaction(), pytest.raises(StoreError), engine.transaction():
        pass
    with engine.transaction():
        _fill(engine, 1)


def test_a_failed_rollback_is_reported_and_the_session_discarded(engine):
    def lose_the_transaction():
        with engine.transaction():
            engine._connection.execute("COMMIT").fetchall()
            message = "mine"
            raise ValueError(message)

    with pytest.raises(UnavailableError, match=r"rollback failed .* after: mine; connection closed"):
        lose_the_transaction()
    with pytest.raises(UnavailableError, match="closed after a failed rollback"):
        engine.query("SELECT 1")


def test_writers_of_one_file_take_turns(engine):
    def work(fork, offset):
        for key in range(offset, offset + 20):
            with fork.transaction():
                _fill(fork, key)
                fork.execute('UPDATE "T" SET b = NULL WHERE k = -1')
        fork.close()

    _fill(engine, -1)
    threads = [threading.Thread(target=work, args=(engine.open_session(), 100 * n)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert engine.query('SELECT COUNT(*) FROM "T"').item() == 81


def test_conflicts_are_transient(engine):
    _fill(engine, 1)
    other = engine.open_session()

    def both():
        with engine.transaction(), other.transaction():
            engine.execute('UPDATE "T" SET b = NULL')
            other.execute('UPDATE "T" SET b = NULL')

    with pytest.raises(TransientError, match=r"[Cc]onflict"):
        both()
    other.close()


def test_a_machine_is_held_by_one_runner(engine):
    other = engine.open_session()
    with engine.acquire_lock("FAN"):
        with pytest.raises(MachineLockedError, match="FAN"), other.acquire_lock("FAN"):
            pass
        with other.acquire_lock("PUMP"):
            pass
    with other.acquire_lock("FAN"):
        pass


@pytest.mark.usefixtures("engine")
def test_a_held_file_names_its_holder(url):
    code = "import sys; from acm_etl.io.duckdb.engine import DuckDB; DuckDB(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert f"is held by process {os.getpid()} (" in last
    assert "pytest" in last
    assert last.endswith("wait until it ends, or stop it")


@pytest.mark.usefixtures("engine")
def test_sessions_with_other_settings_are_refused(url):
    with pytest.raises(UnavailableError, match="has it open with other settings"):
        DuckDB(url, threads=1)


_LOG_NOT_OPENED = 'TransactionContext Error: Failed to commit: Cannot open file "/data/a.duckdb.wal": '


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (duckdb.TransactionException("TransactionContext Error: Conflict on update!"), TransientError),
        (duckdb.TransactionException("TransactionContext Error: Failed to commit: x"), TransientError),
        (duckdb.TransactionException(f"{_LOG_NOT_OPENED}Permission denied"), UnavailableError),
        (duckdb.TransactionException(f"{_LOG_NOT_OPENED}Too many open files"), TransientError),
        (duckdb.TransactionException("TransactionContext Error: no transaction is active"), StoreError),
        (duckdb.FatalException("FATAL: invalidated"), UnavailableError),
        (duckdb.OutOfMemoryException("Out of Memory Error: x"), StoreError),
        (duckdb.ParserException("Parser Error: x\nLINE 1"), StoreError),
    ],
)
def test_errors_are_translated_once(error, kind):
    translated = translate_duckdb_error(error)
    assert type(translated) is kind
    assert "\n" not in str(translated)


def test_tables_and_columns_are_those_of_the_file(engine):
    engine.stage_frame(TABLE, _frame(1))
    assert engine.get_table_names() == ["T"]
    assert engine.get_column_types("T") == {"r": "UUID", "k": "INTEGER", "t": "TIMESTAMP_MS", "b": "BLOB"}
    assert engine.get_column_types("nope") == {}
    engine.clear_staging()
    engine.checkpoint_wal()
    with engine.open_session().transaction():
        pass


def memory_limit(engine: DuckDB) -> int:
    (finding,) = (finding for finding in engine.collect_findings() if finding.name == "memory")
    return int(finding.text.split(" MB")[0].replace(",", ""))


def test_the_memory_limit_follows_the_widest_table(url):
    engine = DuckDB(url, threads=2)
    assert memory_limit(engine) == 256
    engine.reserve_memory(400)
    assert memory_limit(engine) == 1000
    # Never lowered: another session of the file may need the memory.
    engine.reserve_memory(10)
    assert memory_limit(engine) == memory_limit(engine.open_session()) == 1000
    engine.execute(f"CREATE TABLE Wide ({', '.join(f't{i} DOUBLE' for i in range(300))})")
    engine.close()
    reopened = DuckDB(url, threads=2)
    assert memory_limit(reopened) == 750
    reopened.close()


def test_a_memory_limit_of_the_settings_stays(url):
    engine = DuckDB(url, memory_limit="300MB")
    engine.reserve_memory(4000)
    assert memory_limit(engine) == 300
    engine.close()


def test_the_memory_limit_leaves_memory_to_the_process():
    assert memory.compute_memory_limit(10, 2, 8 * 10**9) == 256 * 10**6
    assert memory.compute_memory_limit(4000, 2, 2 * 10**9) == 1.2 * 10**9


_FILL_A_FULL_DISK = """
import resource, signal, sys
from acm_etl.io.duckdb.engine import DuckDB
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
engine = DuckDB(sys.argv[1])
engine.execute("CREATE TABLE T (x DOUBLE)")
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))
for _ in range(20):
    with engine.transaction():
        engine.execute("INSERT INTO T SELECT random() FROM range(100000)")
"""


def test_a_full_disk_is_no_conflict_and_loses_nothing(url):
    """A limit of the file size fails like a full disk: while the log of a commit is written."""
    done = subprocess.run(
        [sys.executable, "-c", _FILL_A_FULL_DISK, url], capture_output=True, text=True, timeout=300, check=False
    )
    assert "UnavailableError: the disk of the store cannot be written (File too large)" in done.stderr
    engine = DuckDB(url)
    rows = engine.query("SELECT COUNT(*) FROM T").item()
    assert rows % 100_000 == 0, "whole transactions"
    engine.close()


@pytest.mark.parametrize("error", [duckdb.FatalException, duckdb.TransactionException, duckdb.IOException])
def test_texts_of_a_full_disk(error):
    text = 'Failed to commit: Could not write file "/data/a.duckdb.wal": No space left on device'
    translated = translate_duckdb_error(error(text))
    assert isinstance(translated, UnavailableError)
    assert not isinstance(translated, TransientError)


@pytest.mark.parametrize("change", ["deleted", "moved", "replaced"])
def test_a_commit_notices_that_the_file_is_gone(engine, url, change):
    path = Path(parse_duckdb_path(url))
    session = engine.open_session()
    with session.transaction():
        session.execute('INSERT INTO "T" (k) VALUES (1)')
    if change == "deleted":
        path.unlink()
    else:
        path.rename(path.with_suffix(".moved"))
    if change == "replaced":
        path.write_bytes(b"another file")
    for each in (session, engine):
        with pytest.raises(UnavailableError, match="deleted, moved or replaced"), each.transaction():
            each.execute('INSERT INTO "T" (k) VALUES (2) ON CONFLICT DO NOTHING')
    session.close()


def _measure_memory(engine):
    """Bytes that DuckDB has allocated for rows and index entries that are not in the file yet."""
    sql = (
        "SELECT SUM(memory_usage_bytes)::BIGINT AS n FROM duckdb_memory() WHERE tag IN ('ART_INDEX', 'IN_MEMORY_TABLE')"
    )
    return engine.query(sql).item()


def test_many_small_commits_do_not_fill_the_memory(engine, url, monkeypatch):
    monkeypatch.setattr(duckdb_engine, "_COMMITS_PER_CHECKPOINT", 10)
    log = Path(f"{parse_duckdb_path(url)}.wal")
    found = []
    for number in range(60):
        with engine.transaction():
            engine.execute("INSERT INTO \"T\" SELECT NULL, ? * 2000 + range, NOW(), 'x' FROM range(2000)", [number])
        found.append((_measure_memory(engine), log.stat().st_size))
    (early_memory, early_log), (late_memory, late_log) = (
        map(max, zip(*part, strict=True)) for part in (found[:20], found[-20:])
    )
    assert late_memory <= 1.2 * early_memory
    assert late_log <= 1.2 * early_log
    assert _fill(engine, -1) == 1
