"""Files of DuckDB: how URLs name them, which are opened, and why the others are not."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from acm_etl.config import StoreSettings
from acm_etl.errors import StoreError, UnavailableError, UsageError
from acm_etl.io.connect import find_store_file, is_server_url, open_store
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.io.duckdb.url import parse_duckdb_path


@pytest.fixture
def url(tmp_path):
    return f"duckdb:///{tmp_path / 'a b.duckdb'}"


def test_urls_name_files():
    assert parse_duckdb_path("duckdb:///a.db") == "a.db"
    assert parse_duckdb_path("duckdb:////a/b.db") == "/a/b.db"
    assert parse_duckdb_path("duckdb:///:memory:") == ":memory:"
    for bad in ("duckdb://a.db", "duckdb:///", "a.db"):
        with pytest.raises(UsageError, match="names no DuckDB file"):
            parse_duckdb_path(bad)


@pytest.mark.parametrize(
    ("url", "file", "is_server"),
    [
        ("duckdb:///a b.duckdb", Path("a b.duckdb"), False),
        ("duckdb:////data/a.duckdb", Path("/data/a.duckdb"), False),
        ("duckdb:///:memory:", None, False),
        ("mssql://u@host:1433/ACM", None, True),
        ("MSSQL+odbc:///?odbc_connect=Server=h", None, True),
        ("acm.duckdb", None, False),
    ],
)
def test_the_url_tells_the_kind_of_store(url, file, is_server):
    assert (find_store_file(url), is_server_url(url)) == (file, is_server)


def test_relative_urls_are_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    DuckDB("duckdb:///x.duckdb").close()
    assert (tmp_path / "x.duckdb").exists()


def test_other_stores_are_answered_clearly(tmp_path):
    with pytest.raises(UsageError, match=r"'sqlite://me:\*\*\*@x' is not a store; write duckdb:///PATH or mssql://"):
        open_store(StoreSettings(url="sqlite://me:secret@x"))
    with pytest.raises(UsageError) as found:
        open_store(StoreSettings(url="/secret/acm.duckdb"))
    assert "secret" not in str(found.value)
    open_store(StoreSettings(url=f"duckdb:///{tmp_path / 'y'}")).close()


def _checksum(data):
    result = 5381
    for (word,) in struct.iter_unpack("<Q", data):
        result ^= word * 0xBF58476D1CE4E5B9 & 2**64 - 1
    return result


def _newer(path):
    duckdb.connect(path).close()
    header = bytearray(path.read_bytes())
    header[12] = 200
    header[:8] = struct.pack("<Q", _checksum(header[8:4096]))
    path.write_bytes(header)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_newer, "another version of DuckDB .storage version [0-9]+, this one reads up to"),
        (lambda path: path.write_text("hello" * 999), "it is not a DuckDB file"),
        (lambda path: path.mkdir(), "it is a directory"),
        (lambda path: path.symlink_to("/nowhere/x"), "its directory does not exist|No such file"),
    ],
)
def test_files_that_do_not_open_are_explained(tmp_path, make, message):
    path = tmp_path / "x.duckdb"
    make(path)
    with pytest.raises(UnavailableError, match=message) as caught:
        DuckDB(f"duckdb:///{path}")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    path = tmp_path / "x.duckdb"
    os.mkfifo(path)
    with pytest.raises(UsageError, match="name a file"):
        DuckDB(f"duckdb:///{path}")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("content", [b"time,a\n2024-01-01,1\n", b"[]", b"PAR1 and more", b"SQLite format 3\0", b""])
@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "x.json", "x.tsv", "x.duckdb"])
def test_files_of_other_kinds_are_refused_and_left_alone(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnavailableError, match="it is not a DuckDB file; name another file"):
        DuckDB(f"duckdb:///{path}")
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "x.json", "x.tsv"])
def test_a_new_file_is_a_store_whatever_it_is_called(tmp_path, name):
    url = f"duckdb:///{tmp_path / name}"
    first = DuckDB(url)
    first.execute("CREATE TABLE kept (i INT)")
    first.close()
    again = DuckDB(url)
    assert again.get_table_names() == ["kept"]
    again.close()


KILLED_CHANGES = ("ALTER TABLE t ADD COLUMN y DOUBLE", "COMMENT ON COLUMN t.x IS 'a'", "ALTER TABLE t RENAME TO u")


@pytest.mark.sampled
@pytest.mark.parametrize("change", KILLED_CHANGES)
def test_a_file_opens_after_a_kill_that_follows_a_change_of_a_checked_table(url, change):
    """Replaying its log needs functions that DuckDB 2.0.1 loads later."""
    engine = DuckDB(url)
    engine.execute("CREATE TABLE t (x DOUBLE CHECK (isfinite(x)))")
    engine.close()
    script = (
        "import os, signal, sys; from acm_etl.io.duckdb.engine import DuckDB; e = DuckDB(sys.argv[1]);"
        "e.execute(sys.argv[2]); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", script, url, change], check=False, timeout=200)
    assert killed.returncode == -9
    engine = DuckDB(url)
    (name,) = engine.get_table_names()
    with pytest.raises(StoreError, match="CHECK constraint failed"):
        engine.execute(f"INSERT INTO {name} (x) VALUES ('nan')")
    engine.close()


def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(UnavailableError, match="its directory does not exist; create it first"):
        DuckDB(f"duckdb:///{tmp_path}/no/x.duckdb")


def test_three_slashes_before_an_absolute_path_are_explained(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = f"{tmp_path}/x.duckdb"
    with pytest.raises(UnavailableError) as found:
        DuckDB(f"duckdb:///{path.lstrip('/')}")
    assert f"duckdb:///{path}" in str(found.value)
    assert not list(tmp_path.iterdir())
