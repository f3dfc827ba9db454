"use strict";
// Every table and chart of the page as a CSV file; times are UTC, as in the store.

const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
// A spreadsheet must not run a tag name as a formula.
const escaped = (cell) => quoted(/^[=+@\t\r]/.test(cell) || /^-(?![\d.])/.test(cell) ? `'${cell}` : cell);
const cellText = (value) => (value === null || value === undefined ? "" : String(value));
const iso = (ms) => new Date(ms).toISOString().slice(0, 19) + "Z";

function save(name, rows) {
  const text = rows.map((row) => row.map((cell) => escaped(cellText(cell))).join(",")).join("\r\n");
  // The mark tells spreadsheets that the file is UTF-8.
  const file = new Blob(["\ufeff", text, "\r\n"], {type: "text/csv"});
  const link = element("a", undefined, {href: URL.createObjectURL(file), download: `${document.documentElement.dataset.code}-${name}.csv`});
  link.click();
  URL.revokeObjectURL(link.href);
}

function saveTimeline() {
  const line = facts.timeline;
  save("history", [
    ["time_utc", "health_mean", "health_low", "health_high", "regime", "drift_z", ...facts.detectors],
    ...line.bucket.map((bucket, row) => [
      iso(line.start + bucket * line.width), line.mean[row], line.low[row], line.high[row], line.labels[line.regime[row]], line.drift[row],
      ...line.detector_scores.map((scores) => scores[row]),
    ]),
  ]);
}

function saveForecast() {
  const {median, low, high, failure} = facts.forecast;
  const probability = new Map(failure.time.map((time, i) => [time, failure.value[i]]));
  save("forecast", [
    ["time_utc", "health", "lower_80", "upper_80", "probability_below_threshold"],
    ...median.time.map((time, i) => [iso(time), median.value[i], low.value[i], high.value[i], probability.get(time)]),
  ]);
}

// One row per reading of a sensor: the sensors of an episode were thinned at different times.
function saveReadings(episode) {
  save(`episode-${iso(episode.start).replaceAll(":", "")}`, [
    ["tag", "time_utc", "value", "expected", "unit"],
    ...episode.sensors.flatMap((sensor) => sensor.time.map((time, i) => [sensor.name, iso(time), sensor.value[i], sensor.expected[i], sensor.unit])),
  ]);
}

function saveTable(table) {
  const cell = (place) => place.querySelector("time")?.dateTime ?? place.innerText;
  save(table.dataset.name, [...table.rows].map((row) => [...row.cells].map(cell)));
}

function addTableButtons() {
  for (const table of document.querySelectorAll("table[data-name]")) {
    const button = element("button", "CSV", {type: "button", className: "plain csv"});
    button.setAttribute("aria-label", `CSV of ${table.dataset.name}`);
    button.onclick = () => saveTable(table);
    table.closest(".scroll").after(button);
  }
}
