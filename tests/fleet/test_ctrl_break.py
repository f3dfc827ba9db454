"""Ctrl-Break on Windows, where a handler runs between two waits of the main thread and never within one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from fleet.fleet_stores import MACHINES, OPTIONS, backfill_fleet

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="other systems: test_workers.py")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_break_finishes_the_batches_and_ends_the_command(fleet, workers):
    settings = {f"ACM_{name.upper().replace('.', '__')}": str(value) for name, value in OPTIONS.items()}
    words = ["--store", fleet.url, "backfill", "--all", "--workers", workers]
    with subprocess.Popen(
        [sys.executable, "-m", "acm_etl", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **settings},
        creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
    ) as process:  # fmt: skip
        while "windows to do" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.CTRL_BREAK_EVENT)
        output, errors = process.communicate(timeout=200)
    assert (process.returncode, "Traceback" in errors) == (130, False)
    assert output.count("stopped") >= len(MACHINES)
    assert backfill_fleet(fleet).exit_code == 0
    assert fleet.query("SELECT count(DISTINCT EquipID) AS n FROM ACM_Scores_Wide").item() == len(MACHINES)
