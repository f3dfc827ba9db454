"""Standard input and pipes of an import."""

import errno
import io
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from acm_etl.errors import InputError, UnavailableError, UsageError
from acm_etl.io.files.layout.inputs import expand_inputs
from acm_etl.io.files.layout.raw_table import open_table
from acm_etl.io.files.layout.streams import copy_streams
from acm_etl.io.files.layout.table_rows import read_chunks
from acm_etl.io.files.machines import read_machine_column
from acm_etl.io.files.options import ImportOptions

CSV = b"Asset,Time,A\nP1,2024-01-01 00:00,1\nP2,2024-01-01 01:00,2\n"
ROWS = [("P1", "2024-01-01 00:00", "1"), ("P2", "2024-01-01 01:00", "2")]


@pytest.fixture
def give(monkeypatch):
    """Put bytes on standard input."""
    return lambda content: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def read_rows(source):
    table = open_table(source)
    return [row for chunk in read_chunks(table, table.columns) for row in chunk.iter_rows()]


def test_standard_input_is_read_as_often_as_needed(give):
    give(CSV)
    inputs = copy_streams(["-", "-"])
    machines = read_machine_column(inputs, "Asset", ImportOptions(time_zone="UTC")).machines
    assert machines == ("P1", "P2")
    notes = []
    (source,) = expand_inputs(inputs, notes.append)
    assert (source.name, len(notes)) == ("stdin", 1)
    assert read_rows(source) == read_rows(source) == ROWS


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_pipes_are_read_as_often_as_needed_and_devices_refused(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as writer:
        written = writer.submit(pipe.write_bytes, CSV)
        (source,) = expand_inputs([pipe])
    assert written.result() == len(CSV)
    assert source.name == str(pipe)
    assert read_rows(source) == read_rows(source) == ROWS
    with pytest.raises(UsageError, match="device"):
        expand_inputs([os.devnull])


@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, UnavailableError), (errno.EIO, InputError)])
def test_a_stream_that_cannot_be_copied_is_told(give, monkeypatch, number, error):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    give(CSV)
    monkeypatch.setattr(shutil, "copyfileobj", fail)
    with pytest.raises(error, match="stdin cannot be copied"):
        copy_streams(["-"])
