"use strict";
// The page of a machine: its timeline, its episodes, its forecast.

const ZONES = [["alert-fill", 0, 70], ["watch-fill", 70, 85], ["good-fill", 85, 100]];
const REGIMES = ["#6fa8d0", "#c493b8", "#86bba0", "#d9b56f", "#8e92cf", "#cf8f76", "#5f9ea0", "#b0a48f"];
let facts, chosen = null;

function filled(line) {
  // A value for every bucket, null where there is no reading.
  const last = line.bucket[line.bucket.length - 1];
  const place = new Map(line.bucket.map((bucket, row) => [bucket, row]));
  const rows = Array.from({length: last + 1}, (_, bucket) => place.get(bucket));
  return {time: rows.map((_, bucket) => utc(line.start + bucket * line.width)), rows};
}

function gapped(line, names) {
  // Lines break where readings are missing for more than a few buckets.
  const out = Object.fromEntries([["time", []], ...names.map((name) => [name, []])]);
  line.bucket.forEach((bucket, row) => {
    if (row && bucket - line.bucket[row - 1] > 4) {
      out.time.push(utc(line.start + (bucket - 1) * line.width));
      names.forEach((name) => out[name].push(null));
    }
    out.time.push(utc(line.start + (bucket + 0.5) * line.width));
    names.forEach((name) => out[name].push(line[name][row]));
  });
  return out;
}

function pieces(line, names) {
  // A filled band cannot have holes: one piece per period without a gap.
  const found = [];
  let piece = null;
  const out = gapped(line, names);
  out.time.forEach((time, i) => {
    if (names.some((name) => out[name][i] === null)) { piece = null; return; }
    if (!piece) found.push(piece = Object.fromEntries([["time", []], ...names.map((name) => [name, []])]));
    piece.time.push(time);
    names.forEach((name) => piece[name].push(out[name][i]));
  });
  return found;
}

function shading() {
  const zones = ZONES.map(([name, low, high]) => ({
    type: "rect", xref: "x domain", yref: "y", x0: 0, x1: 1, y0: low, y1: high, line: {width: 0}, layer: "below",
    fillcolor: faded(name, night.matches ? 0.16 : 0.11),
  }));
  const episodes = facts.episodes.map((episode, index) => ({
    type: "rect", xref: "x", yref: "y", x0: utc(episode.start), x1: utc(episode.end), y0: 0, y1: 100, layer: "below",
    fillcolor: faded("episode", index === chosen ? 0.5 : 0.28),
    line: {width: index === chosen ? 2 : 0, color: colour("ink")},
  }));
  const critical = {
    type: "line", xref: "x domain", yref: "y4", x0: 0, x1: 1, y0: 3.09, y1: 3.09,
    line: {color: colour("alert"), width: 1, dash: "dot"},
  };
  return [...zones, ...episodes, critical];
}

function heading(text, y) {
  return {text, x: 0, y, xref: "paper", yref: "paper", xanchor: "left", yanchor: "bottom", showarrow: false,
    font: {size: 13, color: colour("soft")}};
}

function timelineTraces(line, grid) {
  const lines = gapped(line, ["mean", "drift"]);
  const envelope = pieces(line, ["low", "high"]).flatMap((piece) => (
    band(piece.time, piece.low, piece.high, faded("accent", 0.28))));
  const at = (name) => grid.rows.map((row) => (row === undefined ? null : name[row]));
  const count = Math.max(line.labels.length, 1);
  const steps = line.labels.flatMap((label, i) => {
    const shade = label === "off" ? colour("idle") : label === "unknown" ? colour("line") : REGIMES[i % REGIMES.length];
    return [[i / count, shade], [(i + 1) / count, shade]];
  });
  const cells = {x: grid.time, type: "heatmap", showscale: false, hoverongaps: false};
  return [
    ...envelope,
    {x: lines.time, y: lines.mean, mode: "lines", line: {color: colour("accent"), width: 1.6}, name: "health",
      hovertemplate: "%{y:.0f}<extra>health</extra>"},
    {x: facts.episodes.map((e) => utc((e.start + e.end) / 2)), y: facts.episodes.map(() => 97), mode: "markers",
      customdata: facts.episodes.map((_, i) => i), name: "episode", hovertemplate: "Episode - click for details<extra></extra>",
      marker: {symbol: "triangle-down", size: 11, color: colour("episode"), line: {width: 1, color: colour("card")}}},
    {...cells, yaxis: "y2", y: [""], z: [at(line.regime)], zmin: -0.5, zmax: count - 0.5, colorscale: steps.length ? steps : undefined,
      text: [at(line.regime).map((i) => (i === null ? "" : line.labels[i]))], hovertemplate: "%{text}<extra>regime</extra>"},
    {...cells, yaxis: "y3", y: facts.detectors, z: line.detector_scores.map(at), zmin: 0, zmax: 6, ygap: 1,
      colorscale: [[0, faded("accent", 0)], [0.33, faded("accent", 0.14)], [0.52, faded("watch-fill", 0.75)], [1, colour("alert-fill")]],
      hovertemplate: "%{y}: z %{z:.1f}<extra></extra>"},
    {x: lines.time, y: lines.drift, yaxis: "y4", mode: "lines", line: {color: colour("ink"), width: 1.3}, name: "drift",
      hovertemplate: "%{y:.1f}<extra>drift z</extra>"},
  ];
}

function timelineLayout(grid) {
  const end = utc(facts.timeline.start + grid.rows.length * facts.timeline.width);
  const drift = facts.timeline.drift.filter((z) => z !== null);
  const top = drift.reduce((most, z) => Math.max(most, z * 1.08), 5);
  return layout({
    margin: {l: narrow() ? 104 : 122, r: narrow() ? 8 : 16, t: 26, b: 40}, shapes: shading(),
    xaxis: axis({type: "date", range: [grid.time[0], end], anchor: "y4", showgrid: false, nticks: narrow() ? 4 : 9}),
    yaxis: axis({domain: [0.53, 1], range: [0, 100.5], tickvals: [0, 50, 70, 85, 100], fixedrange: true, showgrid: false}),
    yaxis2: axis({domain: [0.42, 0.465], fixedrange: true, showgrid: false, showticklabels: false, ticks: ""}),
    yaxis3: axis({domain: [0.155, 0.355], fixedrange: true, showgrid: false, autorange: "reversed", tickfont: {size: 12, color: colour("soft")}}),
    yaxis4: axis({domain: [0, 0.09], range: [-1, top], fixedrange: true, tickvals: top > 12 ? [0, 10, 20, 30] : [0, 3, 6, 9]}),
    annotations: [heading("Health", 1.003), heading("Regime", 0.467), heading("Detectors", 0.357), heading("Drift", 0.092)],
  });
}

function drawTimeline() {
  const grid = filled(facts.timeline);
  const place = document.getElementById("timeline");
  Plotly.react(place, timelineTraces(facts.timeline, grid), timelineLayout(grid), CONFIG);
  place.removeAllListeners?.("plotly_click");
  place.on("plotly_click", ({points: [point]}) => {
    const time = ms(point.x);
    const hit = point.data.name === "episode" ? point.customdata
      : facts.episodes.findIndex((e) => e.start - facts.timeline.width <= time && time <= e.end + facts.timeline.width);
    if (hit >= 0) choose(hit, true);
  });
}

// Zoom by button, so that keys and fingers can.
function zoom(word) {
  const place = document.getElementById("timeline");
  const line = facts.timeline;
  const first = line.start, last = line.start + (line.bucket[line.bucket.length - 1] + 1) * line.width;
  let [from, to] = place.layout.xaxis.range.map(ms);
  const size = to - from;
  if (word === "all") [from, to] = [first, last];
  else if (word === "in") [from, to] = [from + size / 4, to - size / 4];
  else if (word === "out") [from, to] = [from - size / 2, to + size / 2];
  else if (word === "back") [from, to] = [from - size / 2, to - size / 2];
  else if (word === "on") [from, to] = [from + size / 2, to + size / 2];
  else [from, to] = [Math.min(to, last) - Number(word) * 864e5, Math.min(to, last)];
  show(Math.max(from, first), Math.min(to, last));
}

function show(from, to) {
  if (to - from > 6e4) Plotly.relayout("timeline", {"xaxis.range": [utc(from), utc(to)]});
}

function choose(index, travel) {
  chosen = index;
  const episode = facts.episodes[index];
  for (const button of document.querySelectorAll("[data-episode]")) {
    const mine = Number(button.dataset.episode) === index;
    button.setAttribute("aria-pressed", mine);
    if (mine && travel) button.scrollIntoView({block: "nearest"});
  }
  if (travel) Plotly.relayout("timeline", {shapes: shading()});
  const detail = document.getElementById("detail");
  const [period, ...description] = document.querySelector(`[data-episode="${index}"]`).dataset.description.split(" · ");
  detail.replaceChildren(element("h3", period), element("p", description.join(" · ")));
  const showButton = element("button", "Show in timeline", {type: "button", className: "plain"});
  showButton.onclick = () => {
    show(...episode.shown);
    document.getElementById("history").scrollIntoView();
  };
  detail.append(...episode.sensors.map(sensorPanel), detectorBars(episode), showButton);
  episode.sensors.forEach((sensor, i) => drawSensor(episode, sensor, detail.querySelectorAll(".sensor .chart")[i]));
  if (travel) {
    detail.focus({preventScroll: true});
    detail.scrollIntoView({block: "nearest"});
  }
}

function sensorPanel(sensor) {
  const unit = sensor.unit ? ` ${sensor.unit}` : "";
  const normal = sensor.band ? `normal ${short(sensor.band[0])} to ${short(sensor.band[1])}${unit}` : "no baseline";
  const panel = element("div", undefined, {className: "sensor"});
  panel.append(element("h3", sensor.name), element("p", `${sensor.share} % of the episode; ${normal}${sensor.about ? `; ${sensor.about}` : ""}`));
  if (sensor.time.length) panel.append(element("div", undefined, {className: "chart"}));
  else panel.append(element("p", "No readings on this page: only its newest 80 episodes have them. Choose a period with --from and --to.", {className: "empty"}));
  return panel;
}

const short = (value) => Number(value.toPrecision(3)).toLocaleString("en", {maximumSignificantDigits: 3});

function valueRange(sensor) {
  // One outlier must not flatten the line: the range covers all but 1 % at either end, and the normal range.
  const sorted = sensor.value.slice().sort((a, b) => a - b);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const low = Math.min(at(0.01), ...(sensor.band || [])), high = Math.max(at(0.99), ...(sensor.band || []));
  const pad = (high - low) * 0.08 || Math.abs(high) * 0.05 || 1;
  return [low - pad, high + pad];
}

function drawSensor(episode, sensor, place) {
  if (!place) return;
  const shapes = [{type: "rect", xref: "x", yref: "y domain", x0: utc(episode.start), x1: utc(episode.end), y0: 0, y1: 1,
    fillcolor: faded("episode", 0.18), line: {width: 0}, layer: "below"}];
  if (sensor.band) shapes.push({type: "rect", xref: "x domain", yref: "y", x0: 0, x1: 1, y0: sensor.band[0], y1: sensor.band[1],
    fillcolor: faded("good-fill", 0.18), line: {width: 0}, layer: "below"});
  const trace = {x: sensor.time.map(utc), y: sensor.value, mode: "lines", line: {color: colour("ink"), width: 1.3},
    hovertemplate: "%{y:.4~g}<extra></extra>"};
  Plotly.newPlot(place, [trace], layout({
    shapes, margin: {l: 50, r: 12, t: 6, b: 36},
    xaxis: axis({type: "date", range: episode.shown.map(utc), showgrid: false, nticks: narrow() ? 3 : 6}),
    yaxis: axis({range: valueRange(sensor), nticks: 4}),
  }), {...CONFIG, displayModeBar: false});
  place.on("plotly_relayout", (change) => linked(place, change));
}

function linked(place, change) {
  const from = change["xaxis.range[0]"], to = change["xaxis.range[1]"];
  if (!from || place.dataset.following) return;
  for (const other of document.querySelectorAll(".sensor .chart")) {
    if (other === place) continue;
    other.dataset.following = "yes";
    Plotly.relayout(other, {"xaxis.range[0]": from, "xaxis.range[1]": to}).then(() => delete other.dataset.following);
  }
}

function detectorBars(episode) {
  const panel = element("div");
  if (!episode.detector_means.length) return panel;
  const list = element("ul", undefined, {className: "bars"});
  const ranked = facts.detectors.map((name, i) => [name, episode.detector_means[i]]).sort((a, b) => (b[1] ?? -9) - (a[1] ?? -9));
  for (const [name, z] of ranked) {
    const row = element("li"), bar = element("span", undefined, {className: "bar"}), fill = element("i");
    fill.style.width = `${Math.max(0, Math.min(100, ((z ?? 0) / 6) * 100))}%`;
    bar.append(fill);
    row.append(element("span", name), bar, element("b", z === null ? "–" : `z ${z.toFixed(1)}`));
    list.append(row);
  }
  panel.append(element("h3", "Mean detector score (z)"), list, element("p"));
  return panel;
}

function drawForecast() {
  const forecast = facts.forecast;
  const times = (series) => series.time.map(utc);
  const last = forecast.past.value.length - 1;
  const zones = shading().slice(0, 3);
  const now = {type: "line", xref: "x", yref: "y domain", x0: utc(forecast.median.time[0]), x1: utc(forecast.median.time[0]), y0: 0, y1: 1,
    line: {color: colour("soft"), width: 1, dash: "dot"}};
  const threshold = facts.threshold === null ? [] : [{type: "line", xref: "x domain", yref: "y", x0: 0, x1: 1, y0: facts.threshold,
    y1: facts.threshold, line: {color: colour("alert"), width: 1.4, dash: "dash"}}];
  Plotly.react("forecast-chart", [
    ...band(times(forecast.low), forecast.low.value, forecast.high.value, faded("accent", 0.25)),
    {x: times(forecast.past), y: forecast.past.value, mode: "lines", line: {color: colour("ink"), width: 1.5},
      hovertemplate: "%{y:.0f}<extra>mean of the day</extra>"},
    {x: times(forecast.median), y: forecast.median.value, mode: "lines", line: {color: colour("accent"), width: 2, dash: "dash"},
      hovertemplate: "%{y:.0f}<extra>forecast</extra>"},
  ], layout({
    shapes: [...zones, now, ...threshold], xaxis: axis({type: "date", showgrid: false, nticks: narrow() ? 4 : 8}),
    yaxis: axis({range: [0, 100.5], tickvals: [0, 50, 70, 85, 100], showgrid: false}),
  }), CONFIG);
  const place = document.getElementById("failure-chart");
  if (!forecast.failure.time.length || !place) return;
  Plotly.react(place, [{x: times(forecast.failure), y: forecast.failure.value, mode: "lines", fill: "tozeroy",
    fillcolor: faded("alert-fill", 0.2), line: {color: colour("alert"), width: 2}, hovertemplate: "%{y:.1%}<extra></extra>"}],
  layout({xaxis: axis({type: "date", showgrid: false, nticks: 4}), margin: {l: 52, r: 12, t: 10, b: 34},
    yaxis: axis({range: [0, 1.005], tickformat: ".0%", nticks: 6})}), CONFIG);
}

function draw() {
  drawTimeline();
  if (facts.forecast) drawForecast();
  if (chosen !== null) choose(chosen, false);
}

async function begin() {
  const [library, charts] = await Promise.all([unpacked("library"), unpacked("charts")]);
  run(library);
  facts = JSON.parse(charts);
  if (facts.episodes.length) chosen = 0;
  draw();
  for (const button of document.querySelectorAll("[data-zoom]")) button.onclick = () => zoom(button.dataset.zoom);
  for (const button of document.querySelectorAll("[data-episode]")) {
    button.onclick = () => choose(Number(button.dataset.episode), true);
  }
  night.addEventListener("change", draw);
  document.documentElement.dataset.drawn = "yes";
}

begin().catch((error) => {
  document.getElementById("timeline").textContent = `The charts could not be drawn: ${error.message}`;
  throw error;
});
