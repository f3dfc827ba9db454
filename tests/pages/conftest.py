"""A store with two machines, its pages, and a browser to look at them."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from plants import START, make_plant

from acm_etl import simulate
from acm_etl.report import pages

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# What a historian may call a tag.
HOSTILE = "</script><img src=x onerror=alert(1)> <b>&amp;'\"{{ 7*7 }}"


def troubled():
    """Forty days with two faults after the training; one tag has a name made to break pages."""
    tags = [tag.name for tag in simulate.FD_FAN_TAGS]
    faults = [
        simulate.Fault(name, "sudden", START + timedelta(days=day), START + timedelta(days=day + 2), {tags[tag]: size})
        for name, day, tag, size in (("bearing", 22, 4, 14.0), ("motor", 31, 5, 16.0))
    ]
    made = simulate.simulate_history(seed=3, start=START, days=40, cadence=timedelta(minutes=30), faults=tuple(faults))
    return made.frame.rename({tags[4]: HOSTILE})


@pytest.fixture(scope="session")
def fleet(tmp_path_factory):
    """Pages of a machine with episodes and of one without any result, with their overview."""
    folder = tmp_path_factory.mktemp("fleet")
    place = make_plant(folder / "acm.duckdb", readings=troubled())
    place.load(troubled().head(200), code="NEW_1")
    report = place.backfill()
    assert report.exit_code == 0, report.machines
    engine = place.connect()
    try:
        result = pages.write_fleet_pages(engine, folder / "pages")
    finally:
        engine.close()
    return {"folder": folder / "pages", "result": result, "place": place}


@pytest.fixture(scope="session")
def browser():
    """Debian's chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install -y chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright here: pip install playwright")
    with playwright.sync_playwright() as tool:
        # a container has no sandbox to offer to root
        started = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def look(browser):
    """Open a page; whatever it complains about is in its ``complaints``, whatever it asks for in its ``asked``."""
    opened = {}

    def open_(file: Path, *, width=1280, scheme="light"):
        seen = (file, width, scheme)
        if seen in opened and opened[seen].url == file.as_uri():
            return opened[seen]
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.set_default_timeout(200_000)
        page.complaints, page.asked = [], []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(file.as_uri())
        if page.query_selector("#charts"):
            page.wait_for_selector("html[data-drawn]", state="attached")
        opened[seen] = page
        return page

    yield open_
    for page in opened.values():
        page.close()


@pytest.fixture(scope="session")
def page(look, fleet):
    """The page of the troubled machine on a desk, by day."""
    return look(fleet["folder"] / "FAN_1.html")
