"""The first hour with acm_etl, as a script: from an export of the historian to an acknowledged alarm and a report.

Install acm_etl, then run ``python first_hour.py``. It runs on Linux, macOS and Windows, and needs neither a database
server nor a network. It works in a new temporary folder, or in the folder that is given, and ends with an error at
the first result that is not as expected. To read your own export, replace ``write_export`` by your file.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import math
import os
import random
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

EQUIP = "FAN_1"
ZONE = "Asia/Kolkata"  # no summer time, so that each hour below exists
DAYS = 130  # 90 of training, a quiet month, and a bearing that becomes hot in the last three days
FAULT_DAYS = 3
START = datetime(2024, 1, 1)  # noqa: DTZ001 - an export has local times without a zone
MAX_BAD_SHARE = 0.02


def main() -> None:
    """Run all steps in the folder of the command line, or in a temporary one."""
    if len(sys.argv) > 1:
        run_all_steps(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory(prefix="acm-first-hour-") as folder:
        run_all_steps(Path(folder))


def run_all_steps(folder: Path) -> None:
    """Import, score, get an e-mail, acknowledge, report; then the same for the next night."""
    export, night, page = folder / "export.csv", folder / "night.csv", folder / f"{EQUIP}.html"
    readings = make_readings()
    last_day = START + timedelta(days=DAYS - 1)
    bad = write_export(export, [row for row in readings if row[0] < last_day])
    write_export(night, [row for row in readings if row[0] >= last_day])

    say("1. create the store, and check the installation")
    run(folder, "init")
    expect(all(check["level"] != "fail" for check in run(folder, "doctor")["checks"]), "doctor finds no failure")

    say("2. import the export: one row per tag and time, with a quality column")
    plan = run(folder, "import", export.name, "--equip", EQUIP, "--timezone", ZONE, "--dry-run")
    expect(bool(plan), "the plan shows how the file is read")
    imported = run(folder, "import", export.name, "--equip", EQUIP, "--timezone", ZONE)
    rejected = sum(part["count"] for part in imported["rejected"])
    expect(rejected == bad, f"all {bad} values of bad quality are left out and counted, not {rejected}")

    say("3. score the history, and get an e-mail about the open episode")
    score_and_receive_mail(folder)
    before = read_progress(folder)

    say("4. acknowledge the episode")
    (episode,) = run(folder, "episode", "list", "--equip", EQUIP, "--open")["episodes"]
    expect("bearing" in episode["culprits"], "the bearing is the first sensor of the open episode")
    run(folder, "episode", "ack", EQUIP, "--text", "bearing ordered", "--by", "plant engineer")
    (episode,) = run(folder, "episode", "list", "--equip", EQUIP, "--open")["episodes"]
    expect(episode["review"]["acknowledged_by"] == "plant engineer", "the acknowledgement is stored")

    say("5. write the report")
    run(folder, "report", EQUIP, "--output", page.name)
    expect(page.stat().st_size > 100_000, "the page is complete")

    say("6. the next night adds a day")
    run(folder, "import", night.name, "--equip", EQUIP, "--timezone", ZONE)
    run(folder, "backfill", "--equip", EQUIP)
    after = read_progress(folder)
    expect(after - before == timedelta(days=1), f"progress moved by one day, from {before} to {after}")
    # Exit code 4 if a recomputed score differs from the stored one.
    run(folder, "verify", "--all")
    say("all steps are done")


def score_and_receive_mail(folder: Path) -> None:
    """Run the backfill with messages to a mail server of this process."""
    with serve_mail() as (port, mails):
        address = f"mailto://127.0.0.1:{port}?from=acm@plant.example&to=shift@plant.example"
        # The readings are of 2024: by default, messages about them would be summed up as history.
        settings = {"ACM_NOTIFY__ENABLED": "true", "ACM_NOTIFY__MAX_AGE": "9999d", "ACM_NOTIFY_URLS": address}
        machine = run(folder, "backfill", "--equip", EQUIP, **settings)["machines"][0]
    expect(machine["outcome"] == "done", "the backfill is done")
    if importlib.util.find_spec("apprise") is None:
        say("   no e-mail: pip install 'acm_etl[notify]'")
        return
    about = [mail for mail in mails if f"Subject: {EQUIP}: alarm" in mail and "bearing" in mail]
    expect(len(about) == 1, f"one e-mail is about the alarm of the bearing, not {len(about)} of {len(mails)}")


@contextmanager
def serve_mail() -> Iterator[tuple[int, list[str]]]:
    """Serve a mail server on this host; yield its port, and the list of the mails that it receives."""
    mails: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 ready\r\n")
            for line in iter(self.rfile.readline, b""):
                word = line.strip().upper()
                if word == b"DATA":
                    self.wfile.write(b"354 send the mail\r\n")
                    mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1], mails
        finally:
            server.shutdown()


def make_readings() -> list[tuple[datetime, str, float]]:
    """Return hourly readings of three tags that follow the load of the fan; the bearing is hot at the end."""
    rng = random.Random(7)
    fault_start = START + timedelta(days=DAYS - 1 - FAULT_DAYS)
    readings = []
    load = 0.0
    for hour in range(DAYS * 24 + 2):
        time = START + timedelta(hours=hour)
        load = 0.9 * load + 0.3 * rng.gauss(0, 1)
        daily = math.sin(2 * math.pi * hour / 24)
        hot = 15.0 if time >= fault_start else 0.0
        readings += [
            (time, "motor current", 40 + 4 * load + daily + rng.gauss(0, 0.3)),
            (time, "outlet pressure", 3 + 0.2 * load + rng.gauss(0, 0.02)),
            (time, "bearing temperature", 60 + 3 * load + 2 * daily + hot + rng.gauss(0, 0.4)),
        ]
    return readings


def write_export(file: Path, readings: list[tuple[datetime, str, float]]) -> int:
    """Write readings as a historian exports them; return how many are of bad quality."""
    rng = random.Random(8)
    bad = 0
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Time", "Tag", "Value", "Quality"])
        for time, tag, value in readings:
            is_bad = rng.random() < MAX_BAD_SHARE / 2
            bad += is_bad
            # A broken sensor has a value, too: only the quality tells it from a reading.
            shown = "-9999" if is_bad else f"{value:.3f}"
            writer.writerow([f"{time:%Y-%m-%d %H:%M:%S}", tag, shown, "Bad" if is_bad else "Good"])
    return bad


def read_progress(folder: Path) -> datetime:
    """Return the time up to which the machine is scored."""
    (machine,) = run(folder, "status")["machines"]
    return datetime.fromisoformat(machine["scored_until"])


def run(folder: Path, *words: str, **settings: str) -> dict[str, Any]:
    """Run an acm-etl command in a folder, with settings as environment variables, and return its JSON."""
    command = [sys.executable, "-m", "acm_etl", "--store", "duckdb:///acm.duckdb", *words, "--json"]
    say(f"   acm-etl {' '.join(words)}")
    result = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
    )
    expect(result.returncode == 0, f"exit code 0, not {result.returncode}")
    parsed: dict[str, Any] = json.loads(result.stdout)
    return parsed


def expect(condition: bool, text: str) -> None:  # noqa: FBT001 - reads as a sentence
    """End the script unless a condition holds."""
    if not condition:
        sys.exit(f"not as expected: {text}")


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
