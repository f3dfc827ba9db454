"""Draw docs/report.png from the page of a simulated machine: ``.venv/bin/python docs/page.py`` (needs chromium)."""
# ruff: noqa: INP001 - a script

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

import acm_etl
from acm_etl import config
from acm_etl.admin import simulation
from acm_etl.io.connect import open_store
from acm_etl.load.machines import equipment
from acm_etl.load.schema import migrate
from acm_etl.report import pages
from acm_etl.run.context import SettingsSources
from acm_etl.simulate import simulate_history
from acm_etl.status.store_reader import StatusInputs

TARGET = Path(__file__).with_name("report.png")
EQUIP = "FD_FAN"
UNTIL = datetime(2023, 5, 11)  # noqa: DTZ001 - naive UTC; the second simulated fault is under way, so an episode is open


def write_page() -> Path:
    """Write the page of a machine with an open episode into the current folder, and return its path."""
    settings = config.load_config({})
    engine = open_store(settings.store)
    migrate.init_schema(engine)
    engine.close()
    simulation.write_simulation(EQUIP, partial(simulate_history, days=178), if_missing=False, config=settings)
    remove_readings_after(UNTIL, settings)
    acm_etl.backfill(store=settings.store.url, equip=EQUIP, until=UNTIL, close_last_window=True)
    engine = open_store(settings.store)
    # The clock of the verdict is that of the data: today it would say that the readings are years old.
    inputs = StatusInputs(SettingsSources(), UNTIL)
    pages.write_machine_page(engine, EQUIP, Path("page.html"), inputs=inputs)
    engine.close()
    return Path("page.html").resolve()


def remove_readings_after(time: datetime, settings: config.Config) -> None:
    """Remove simulated readings that a clock at ``time`` could not have seen; the page would report them."""
    engine = open_store(settings.store)
    machine, q = equipment.find_machine(engine, EQUIP), engine.dialect.quote
    engine.execute(f"DELETE FROM {q(machine.table)} WHERE {q(machine.time_column)} >= ?", [time])
    engine.close()


def main() -> None:
    """Write the page and save a screenshot."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        # The default store is a file in the current folder: nothing is left in the repository.
        os.chdir(folder)
        path = write_page()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": 1240, "height": 1900}, device_scale_factor=0.75)
        view.goto(path.as_uri())
        # The page unpacks itself and draws with JavaScript; this mark is set when it has finished.
        view.wait_for_selector("html[data-drawn]", state="attached")
        view.screenshot(path=TARGET)
        browser.close()
        os.chdir(TARGET.parent)


if __name__ == "__main__":
    main()
