"use strict";
// Starts the page of a machine: unpacks its data, draws the charts, connects the buttons.

function draw() {
  drawTimeline();
  if (facts.forecast) drawForecast();
  if (chosen !== null) choose(chosen, false);
}

function connectButtons() {
  for (const button of document.querySelectorAll("[data-zoom]")) button.onclick = () => zoom(button.dataset.zoom);
  for (const button of document.querySelectorAll("[data-episode]")) {
    button.onclick = () => choose(Number(button.dataset.episode), true);
  }
  const savers = {history: saveTimeline, forecast: saveForecast};
  for (const button of document.querySelectorAll("[data-save]")) button.onclick = savers[button.dataset.save];
  for (const button of document.querySelectorAll("[data-clock]")) button.onclick = () => setClock(button.dataset.clock === "local");
  addTableButtons();
}

function setClock(local) {
  clock.local = local;
  for (const button of document.querySelectorAll("[data-clock]")) {
    button.setAttribute("aria-pressed", (button.dataset.clock === "local") === local);
  }
  writeTimes();
  draw();
}

// Sizes on A4 paper, pixels: the browser lays the paper out after this event, so that nothing can be measured.
const PAPER_SIZES = {tall: {width: 676, height: 550}, low: {width: 330, height: 170}, small: {width: 330, height: 120}};

function fitPaper() {
  for (const place of document.querySelectorAll(".chart.js-plotly-plot")) {
    const size = Object.keys(PAPER_SIZES).find((name) => place.classList.contains(name));
    Plotly.relayout(place, {autosize: false, ...PAPER_SIZES[size]});
  }
}

function fitScreen() {
  for (const place of document.querySelectorAll(".chart.js-plotly-plot")) {
    Plotly.relayout(place, {autosize: true, width: null, height: null});
  }
}

async function begin() {
  const [library, charts] = await Promise.all([unpacked("library"), unpacked("charts")]);
  run(library);
  facts = JSON.parse(charts);
  if (facts.episodes.length) chosen = 0;
  draw();
  connectButtons();
  chooseByAddress();
  night.addEventListener("change", draw);
  addEventListener("hashchange", chooseByAddress);
  addEventListener("beforeprint", fitPaper);
  addEventListener("afterprint", fitScreen);
  document.documentElement.dataset.drawn = "yes";
}

begin().catch((error) => {
  document.getElementById("timeline").textContent = `The charts could not be drawn: ${error.message}`;
  throw error;
});
