"""Commands that read send no statement that writes: a login with SELECT alone can run them."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner
from load.made import log

from acm_etl.cli import main
from acm_etl.io.mssql import session
from acm_etl.load import publish, runs
from mssql.batches import make_large_batch

WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|CREATE|ALTER|DROP|TRUNCATE|BULK)\b", re.IGNORECASE)
# The trial of MERGE at the start of a session, into a table variable.
TRIAL = "MERGE INTO @kept"
COMMANDS = (
    ("status",),
    ("status", "--summary"),
    ("monitor", "--once"),
    ("show", "FAN"),
    ("equipment", "list"),
    ("doctor",),
    ("doctor", "--server"),
)


def _written(statements):
    """Statements that write to a table, whatever their literals and names say."""
    bare = [re.sub(r"N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|--.*", "x", sql) for sql in statements]
    return [sql for sql in bare if WRITES.search(sql) and TRIAL not in sql]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_that_reads_writes_nothing(standin, engine, words):
    runs.start_runs(engine, log(*range(30)))
    publish.publish_batch(engine, make_large_batch())
    standin.server.log.clear()
    done = CliRunner().invoke(main, ["--store", standin.server.url(), *words], catch_exceptions=False)
    sent = [seen.sql for seen in standin.server.log]
    assert any("FROM" in sql for sql in sent), done.output
    assert _written(sent) == []


@pytest.mark.sampled(2)
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("words", "wanted", "expected"),
    [
        (("status",), "true", True),
        (("monitor", "--once"), "true", True),
        (("show", "FAN"), "true", True),
        (("report", "FAN", "--output", "fan.html"), "true", True),
        (("export", "ACM_HealthDaily", "--output", "x.parquet"), "true", True),
        (("status",), "false", False),
        (("verify", "FAN"), "true", False),
        (("equipment", "list"), "true", False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_only_commands_that_may_read_old_rows_go_to_a_replica(standin, monkeypatch, tmp_path, words, wanted, expected):
    monkeypatch.chdir(tmp_path)
    texts, connect = [], session.mssql_python.connect
    monkeypatch.setattr(
        session.mssql_python, "connect", lambda text, **options: texts.append(text) or connect(text, **options)
    )
    environment = {"ACM_STORE__READ_REPLICA": wanted}
    CliRunner().invoke(main, ["--store", standin.server.url(), *words], env=environment, catch_exceptions=False)
    assert [("ApplicationIntent=ReadOnly" in text) for text in texts] == [expected] * len(texts)
    assert texts


def test_statements_that_write_are_found(standin, engine):
    standin.server.log.clear()
    runs.start_runs(engine, log(0))
    assert _written(seen.sql for seen in standin.server.log)
