"""Commands run in this process, and what they are held to."""

from __future__ import annotations

import polars as pl
from click.testing import CliRunner
from plants import FAST, history

from acm_etl.cli import main


def run(place, *words, env=None):
    """The command in this process; its exit code and what it wrote."""
    settings = {f"ACM_{name.upper().replace('.', '__')}": str(value) for name, value in FAST.items()}
    return CliRunner().invoke(main, ["--store", place.url, *words], env={**settings, **(env or {})})


def errors(result):
    return [line for line in result.stderr.splitlines() if line.startswith("error: ")]


def assert_refused(result, code, *words):
    """One line, the exit code, no traceback."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    assert len(errors(result)) == 1, result.stderr
    for word in words:
        assert word in errors(result)[0]


def csv(path, frame):
    frame.with_columns(pl.col("EntryDateTime").dt.strftime("%Y-%m-%d %H:%M:%S")).write_csv(path)
    return str(path)


def short(days=3):
    return history(days=days)


def alter(place, sql):
    engine = place.connect()
    try:
        assert engine.execute(sql) >= 0
    finally:
        engine.close()


def damage(place, table, column):
    """A few bytes of every blob are no longer what was stored."""
    engine = place.connect()
    rows = engine.query(f'SELECT rowid AS id, "{column}" AS blob FROM "{table}"')
    for row, blob in rows.iter_rows():
        bad = bytearray(blob)
        bad[len(bad) // 2] ^= 0xFF
        engine.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', [bytes(bad), row])
    engine.close()
