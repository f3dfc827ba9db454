"""Pages in a real browser: they draw, zoom, answer to keys, and can be read on a desk and a phone, by day and night."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pages.conftest import HOSTILE

# One process makes the store and drives the browser.
pytestmark = pytest.mark.slow
SIGHTS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
PAGES = ["FAN_1.html", "NEW_1.html", "index.html"]

# Every piece of text that is seen: its size, and its contrast with what is behind it (WCAG 2.1).
READ = """() => {
  const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map(v => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const rgba = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const found = rgba(getComputedStyle(e).backgroundColor);
      if (found[3] === 1) return found;
    }
    return [255, 255, 255, 1];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (!text || !box.width || style.visibility === "hidden") continue;
    if (element.closest("script, .modebar, .hoverlayer, [disabled]")) continue;
    const svg = element instanceof SVGElement;
    const a = light(rgba(svg ? style.fill : style.color)), b = light(behind(element));
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    found.push({text: text.slice(0, 40), size: parseFloat(style.fontSize), contrast});
  }
  return found;
}"""

# Pixels between each two labels of a time axis.
GAPS = """() => [...document.querySelectorAll(".js-plotly-plot")].flatMap(chart => {
  const boxes = [...chart.querySelectorAll(".xaxislayer-above .xtick text")].map(text => text.getBoundingClientRect());
  boxes.sort((a, b) => a.left - b.left);
  return boxes.slice(1).map((box, i) => box.left - boxes[i].right);
})"""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), SIGHTS)
def test_a_page_can_be_read(look, fleet, name, width, scheme):
    page = look(fleet["folder"] / name, width=width, scheme=scheme)
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    texts = page.evaluate(READ)
    assert len(texts) > 10
    assert [text for text in texts if text["size"] < 12] == []
    assert [text for text in texts if text["contrast"] < 4.5] == []
    assert [gap for gap in page.evaluate(GAPS) if gap < 4] == []


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [("FAN_1.html", 1280, "light"), ("FAN_1.html", 390, "dark"), ("index.html", 390, "light")],
)
def test_axe_finds_nothing(browser, fleet, name, width, scheme):
    package = pytest.importorskip("axe_playwright_python", reason="no axe here: pip install axe-playwright-python")
    # The page forbids all scripts but its own.
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    context.set_default_timeout(200_000)
    page = context.new_page()
    page.goto((fleet["folder"] / name).as_uri())
    if page.query_selector("#charts"):
        page.wait_for_selector("html[data-drawn]", state="attached")
    for section in page.query_selector_all("details"):
        section.evaluate("section => { section.open = true; }")
    page.evaluate(Path(package.__file__).with_name("axe.min.js").read_text(encoding="utf-8"))
    result = page.evaluate("axe.run()")
    context.close()
    assert len(result["passes"]) > 20
    assert {finding["id"]: [node["html"] for node in finding["nodes"]] for finding in result["violations"]} == {}


def test_everything_is_drawn_and_nothing_is_fetched(page, fleet):
    assert page.asked == [(fleet["folder"] / "FAN_1.html").as_uri()]
    assert page.locator("#timeline .scatterlayer .trace").count() >= 3
    assert page.locator("#timeline .heatmaplayer image").count() == 2
    assert page.locator(".sensor .chart .main-svg").count() >= 3
    assert page.locator("#forecast-chart .main-svg").count() >= 1


def until(holds, seconds=200):
    """Wait for the page; what playwright has for it is text to evaluate, which the page's policy forbids."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def span(page):
    """Days in view."""
    start, end = page.evaluate("document.getElementById('timeline').layout.xaxis.range.map(unshown)")
    return (end - start) / 864e5


def test_buttons_zoom(page):
    everything = span(page)
    page.click("[data-zoom='7']")
    assert span(page) == pytest.approx(7)
    page.click("[data-zoom='out']")
    assert span(page) > 10
    page.click("[data-zoom='all']")
    assert span(page) == pytest.approx(everything)


def test_dragging_zooms_and_a_double_click_goes_back(page):
    everything = span(page)
    page.locator("#timeline").scroll_into_view_if_needed()
    box = page.locator("#timeline .nsewdrag").first.bounding_box()
    y = box["y"] + box["height"] * 0.7
    page.mouse.move(box["x"] + box["width"] * 0.3, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=4)
    page.mouse.up()
    page.wait_for_function(
        f"unshown(timeline.layout.xaxis.range[1]) - unshown(timeline.layout.xaxis.range[0]) < {everything * 864e5 / 2}"
    )
    assert span(page) == pytest.approx(everything * 0.3, rel=0.1)
    page.click("[data-zoom='all']")


def title(page):
    return page.locator("#detail h3").first.inner_text()


def test_an_episode_is_opened_by_key(page):
    page.locator("[data-episode='0']").click()
    first = title(page)
    page.locator("#episodes").evaluate("e => { e.tabIndex = -1; e.focus() }")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.episode") == "1":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.get_attribute("[data-episode='1']", "aria-pressed") == "true"
    assert page.get_attribute("[data-episode='0']", "aria-pressed") == "false"
    assert title(page) != first
    assert page.evaluate("document.activeElement.id") == "detail"


def test_an_episode_is_opened_where_it_is_drawn(page):
    page.locator("[data-episode='1']").click()
    before = title(page)
    page.locator("#timeline").scroll_into_view_if_needed()
    marks = page.locator("#timeline .scatterlayer .points path.point")
    box = marks.first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("[data-episode='0'][aria-pressed=true]")
    assert title(page) != before


def test_readings_of_the_culprits_are_held_against_what_is_normal(page):
    for chosen in (0, 1):
        page.locator(f"[data-episode='{chosen}']").click()
        for drawn in page.locator(".sensor").all():
            assert "normal " in drawn.locator("p").first.inner_text()
            shapes = drawn.locator(".chart").evaluate("e => e.layout.shapes.length")
            assert shapes == 2  # the episode, and the band of what is normal
            assert drawn.locator(".chart").evaluate("e => e.data[0].y.length") > 50


def test_names_are_text_and_never_markup(page):
    names = set()
    for button in page.locator("[data-episode]").all():
        button.click()
        names |= set(page.locator(".sensor h3").all_inner_texts())
    assert HOSTILE in names
    assert HOSTILE in page.locator("#sensors td").all_inner_texts()
    assert page.locator("img[src=x]").count() == 0
    assert page.complaints == []


def test_night_falls_while_the_page_is_open(page):
    day = page.evaluate("timeline.layout.font.color")
    page.emulate_media(color_scheme="dark")
    until(lambda: page.evaluate("timeline.layout.font.color === colour('ink')"))
    assert page.evaluate("timeline.layout.font.color") != day
    page.emulate_media(color_scheme="light")
    until(lambda: page.evaluate("timeline.layout.font.color === colour('ink')"))
    assert page.complaints == []


def test_a_link_to_an_episode_opens_it(look, fleet, browser):
    page = look(fleet["folder"] / "FAN_1.html")
    page.locator("[data-episode='1']").click()
    address = page.url
    assert "#episode-2024-" in address
    again = browser.new_page()
    again.set_default_timeout(200_000)
    again.goto(address)
    again.wait_for_selector("[data-episode='1'][aria-pressed=true]")
    assert title(again) == title(page)
    again.close()
    page.locator("[data-episode='0']").click()


def saved(page, press):
    with page.expect_download() as download:
        press()
    return pl.read_csv(download.value.path().read_bytes()), download.value.suggested_filename


def test_charts_and_tables_are_saved_as_csv(page, fleet):
    history, name = saved(page, lambda: page.click("[data-save='history']"))
    assert name == "FAN_1-history.csv"
    stored = fleet["place"].query("SELECT MIN(HealthIndex) AS low, MAX(drift_z) AS drift FROM ACM_Scores_Wide").row(0)
    assert (history["health_low"].min(), history["drift_z"].max()) == pytest.approx(stored, abs=0.06)
    assert history["time_utc"][0].endswith("Z")
    readings, _ = saved(page, lambda: page.get_by_role("button", name="CSV of the readings").click())
    assert readings["tag"].n_unique() >= 3
    assert readings["expected"].null_count() < 0.2 * readings.height
    deviations, _ = saved(page, lambda: page.click("#sensors .csv"))
    # As a cell of a spreadsheet, and never as a formula.
    assert HOSTILE in deviations["Sensor"].to_list()
    assert deviations["Time"].str.ends_with("Z").all()


def test_times_are_shown_in_the_zone_of_the_plant(look, fleet):
    page = look(fleet["folder"] / "FAN_1.html")
    first = page.locator("[data-episode='0'] time").inner_text()
    drawn = page.evaluate("timeline.data[0].x[0]")
    page.click("[data-clock='local']")
    # Five hours in January.
    assert page.locator("[data-episode='0'] time").inner_text() == later(first, hours=-5)
    assert page.evaluate("timeline.data[0].x[0]") == later(drawn, hours=-5, form="%Y-%m-%d %H:%M:%S")
    assert page.locator(".zone-name").first.inner_text() == "America/New_York"
    page.click("[data-clock='utc']")
    assert page.locator("[data-episode='0'] time").inner_text() == first
    assert page.complaints == []


def later(text, *, hours, form="%d %b %Y %H:%M"):
    moved = (datetime.strptime(text, form) + timedelta(hours=hours)).strftime(form)  # noqa: DTZ007 - as it is shown
    return moved.lstrip("0")


def test_times_of_the_change_of_clocks_are_right(look, fleet):
    page = look(fleet["folder"] / "FAN_1.html")
    for moment, local in (
        ("2024-03-10T06:59:00Z", "2024-03-10 01:59:00"),
        ("2024-03-10T07:00:00Z", "2024-03-10 03:00:00"),
        ("2024-11-03T05:30:00Z", "2024-11-03 01:30:00"),
        ("2024-11-03T06:30:00Z", "2024-11-03 01:30:00"),
    ):
        page.evaluate("clock.local = true")
        assert page.evaluate(f"shown(Date.parse('{moment}'))") == local
        page.evaluate("clock.local = false")


def test_a_page_is_printed_on_few_sheets(page):
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 4
    # Back on the screen, the charts fill the window again.
    until(lambda: page.evaluate("timeline.getBoundingClientRect().width > 900 && timeline._fullLayout.width > 900"))


# Pixels between the middles of each two labels of detectors.
ROWS = """() => [...document.querySelectorAll("#timeline .yaxislayer-above .y3tick text")]
  .map(text => text.getBoundingClientRect()).map(box => (box.top + box.bottom) / 2).sort((a, b) => a - b)
  .map((y, i, all) => y - all[i - 1]).slice(1)"""


def test_labels_do_not_touch_on_paper(look, fleet):
    page = look(fleet["folder"] / "FAN_1.html", width=700)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    until(lambda: page.evaluate("timeline._fullLayout.width") == 676)
    assert [gap for gap in page.evaluate(GAPS) if gap < 4] == []
    rows = page.evaluate(ROWS)
    assert rows
    assert min(rows) >= 12


def test_the_overview_is_searched_filtered_and_ordered(look, fleet):
    page = look(fleet["folder"] / "index.html")
    codes = lambda: page.locator(".fleet li:not([hidden])").evaluate_all("rows => rows.map(r => r.dataset.code)")  # noqa: E731
    assert sum(map(int, page.locator(".stats dd").all_inner_texts())) == len(codes()) == 2
    page.fill("#search", "new_1")
    assert codes() == ["NEW_1"]
    assert page.inner_text("#found") == "1 of 2 machines"
    page.fill("#search", "")
    page.select_option("#order", "code")
    assert codes() == ["FAN_1", "NEW_1"]
    page.select_option("#verdict", label=f"{page.locator('.fleet li').last.locator('.chip').inner_text()} (1)")
    assert codes() == ["NEW_1"]
    page.select_option("#verdict", "")
    page.select_option("#order", "urgency")
    assert page.complaints == []


def test_the_overview_leads_to_the_machines(look, fleet):
    page = look(fleet["folder"] / "index.html")
    assert page.locator(".fleet a").count() == 2
    page.locator(".fleet a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/*.html")
    assert page.locator("h1").inner_text() in ("FAN_1", "NEW_1")
