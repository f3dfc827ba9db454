"use strict";
// History of the machine: health, alarms, regimes, detectors and drift on one time axis.

const WATCH = 85, ALERT = 70;
// Health below 50 is rare and always an alarm: it gets less room, so that the zones above can be told apart.
const COMPRESSED_BELOW = 50, COMPRESSION = 0.3;
const HEALTH_TICKS = [0, 50, ALERT, WATCH, 100];
const ZONES = [["alert-fill", 0, ALERT], ["watch-fill", ALERT, WATCH], ["good-fill", WATCH, 100]];
const SEVERITY_COLOURS = {LOW: "accent", MEDIUM: "watch-fill", HIGH: "alert-fill"};
const REGIMES = ["#6fa8d0", "#c493b8", "#86bba0", "#d9b56f", "#8e92cf", "#cf8f76", "#5f9ea0", "#b0a48f"];
const DRIFT_LIMIT = 3.09;
let facts, chosen = null;

// Height of a health index on the axis; null stays a gap.
const level = (health) => (
  health === null || health >= COMPRESSED_BELOW ? health : COMPRESSED_BELOW - (COMPRESSED_BELOW - health) * COMPRESSION);
const healthAxis = (more) => axis({
  ticks: "outside", ticklen: 11, tickcolor: "rgba(0,0,0,0)", // room for the strip of zones
  range: [level(0), 100.5], tickvals: HEALTH_TICKS.map(level), ticktext: HEALTH_TICKS, showgrid: false, fixedrange: true, ...more,
});

function filled(line) {
  // A value for every bucket, null where there is no reading.
  const last = line.bucket[line.bucket.length - 1];
  const place = new Map(line.bucket.map((bucket, row) => [bucket, row]));
  const rows = Array.from({length: last + 1}, (_, bucket) => place.get(bucket));
  return {time: rows.map((_, bucket) => shown(line.start + bucket * line.width)), rows};
}

function gapped(line, names) {
  // Lines break where readings are missing for more than a few buckets.
  const out = Object.fromEntries([["time", []], ...names.map((name) => [name, []])]);
  line.bucket.forEach((bucket, row) => {
    if (row && bucket - line.bucket[row - 1] > 4) {
      out.time.push(shown(line.start + (bucket - 1) * line.width));
      names.forEach((name) => out[name].push(null));
    }
    out.time.push(shown(line.start + (bucket + 0.5) * line.width));
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

// Zones as a strip at the edge and two lines: painted behind the line, they would colour healthy machines red.
function zoneShapes() {
  const strip = ZONES.map(([name, low, high]) => ({
    type: "rect", xref: "x domain", yref: "y", xsizemode: "pixel", xanchor: 0, x0: -10, x1: -3, y0: level(low), y1: level(high), line: {width: 0},
    fillcolor: colour(name),
  }));
  const limits = [[WATCH, "watch"], [ALERT, "alert"]].map(([health, name]) => ({
    type: "line", xref: "x domain", yref: "y", x0: 0, x1: 1, y0: health, y1: health, layer: "below",
    line: {color: colour(name), width: 1, dash: "dash"},
  }));
  return [...strip, ...limits];
}

function timelineShapes() {
  const trained = facts.trainings.map(([from, to]) => ({
    type: "rect", xref: "x", yref: "y", x0: shown(from), x1: shown(to), y0: level(0), y1: 100, layer: "below", line: {width: 0},
    fillcolor: faded("idle", 0.16),
  }));
  const episodes = facts.episodes.flatMap((episode, index) => {
    const period = {type: "rect", xref: "x", x0: shown(episode.start), x1: shown(episode.end), line: {width: 0}};
    const severity = colour(SEVERITY_COLOURS[episode.severity]);
    return [
      {...period, yref: "y", y0: level(0), y1: 100, layer: "below", fillcolor: faded("episode", index === chosen ? 0.4 : 0.16)},
      // With a border, so that an episode of an hour is seen in a history of years.
      {...period, yref: "y5 domain", y0: 0, y1: 1, layer: "below", fillcolor: severity,
        line: {width: 2, color: index === chosen ? colour("ink") : severity}},
    ];
  });
  const limit = {
    type: "line", xref: "x domain", yref: "y4", x0: 0, x1: 1, y0: DRIFT_LIMIT, y1: DRIFT_LIMIT,
    line: {color: colour("alert"), width: 1, dash: "dot"},
  };
  return [...trained, ...zoneShapes(), ...episodes, limit];
}

function heading(text, y) {
  return {text, x: 0, y, xref: "paper", yref: "paper", xanchor: "left", yanchor: "bottom", showarrow: false,
    font: {size: 13, color: colour("soft")}};
}

function regimeColours(labels) {
  return labels.flatMap((label, i) => {
    const shade = label === "off" ? colour("idle") : label === "unknown" ? colour("line") : REGIMES[i % REGIMES.length];
    return [[i / labels.length, shade], [(i + 1) / labels.length, shade]];
  });
}

function regimeText(label) {
  const about = facts.regimes[label];
  return about ? `${label}: ${about}` : label;
}

function healthTraces(line) {
  const lines = gapped(line, ["mean", "low", "high"]);
  const envelope = pieces(line, ["low", "high"]).flatMap((piece) => (
    band(piece.time, piece.low.map(level), piece.high.map(level), faded("accent", 0.28))));
  const range = lines.mean.map((_, i) => [lines.mean[i], lines.low[i], lines.high[i]]);
  return [
    ...envelope,
    {x: lines.time, y: lines.mean.map(level), customdata: range, mode: "lines", line: {color: colour("accent"), width: 1.6}, name: "health",
      hovertemplate: "%{customdata[0]:.0f} (low %{customdata[1]:.0f}, high %{customdata[2]:.0f})<extra>health</extra>"},
    // One mark in the middle of each episode, which fingers and mice hit more easily than a thin strip.
    {x: facts.episodes.map((e) => shown((e.start + e.end) / 2)), y: facts.episodes.map(() => 0.5), yaxis: "y5", mode: "markers",
      customdata: facts.episodes.map((_, i) => i), name: "episode", hovertemplate: "click for details<extra>episode</extra>",
      marker: {symbol: "diamond", size: 9, color: colour("card"), line: {width: 1.5, color: colour("ink")}}},
  ];
}

function timelineTraces(line, grid) {
  const drift = gapped(line, ["drift"]);
  const at = (name) => grid.rows.map((row) => (row === undefined ? null : name[row]));
  const regimes = at(line.regime);
  const cells = {x: grid.time, type: "heatmap", showscale: false, hoverongaps: false};
  return [
    ...healthTraces(line),
    {...cells, yaxis: "y2", y: [""], z: [regimes], zmin: -0.5, zmax: Math.max(line.labels.length, 1) - 0.5,
      colorscale: line.labels.length ? regimeColours(line.labels) : undefined,
      text: [regimes.map((i) => (i === null ? "" : regimeText(line.labels[i])))], hovertemplate: "%{text}<extra>regime</extra>"},
    {...cells, yaxis: "y3", y: facts.detectors, z: line.detector_scores.map(at), zmin: 0, zmax: 6, ygap: 1,
      colorscale: [[0, faded("accent", 0)], [0.33, faded("accent", 0.14)], [0.52, faded("watch-fill", 0.75)], [1, colour("alert-fill")]],
      hovertemplate: "%{y}: z %{z:.1f}<extra></extra>"},
    {x: drift.time, y: drift.drift, yaxis: "y4", mode: "lines", line: {color: colour("ink"), width: 1.3}, name: "drift",
      hovertemplate: "%{y:.1f}<extra>drift z</extra>"},
  ];
}

function timelineLayout(grid) {
  const end = shown(facts.timeline.start + grid.rows.length * facts.timeline.width);
  const drift = facts.timeline.drift.filter((z) => z !== null);
  const top = drift.reduce((most, z) => Math.max(most, z * 1.08), 5);
  return layout({
    margin: {l: narrow() ? 118 : 128, r: narrow() ? 8 : 16, t: 26, b: 40}, shapes: timelineShapes(),
    xaxis: axis({type: "date", range: [grid.time[0], end], anchor: "y4", showgrid: false, nticks: narrow() ? 3 : 9, tickangle: 0,
      hoverformat: "%-d %b %Y %H:%M"}),
    yaxis: healthAxis({domain: [0.6, 1]}),
    yaxis5: axis({domain: [0.51, 0.54], range: [0, 1], fixedrange: true, showgrid: false, showticklabels: false, ticks: ""}),
    yaxis2: axis({domain: [0.42, 0.455], fixedrange: true, showgrid: false, showticklabels: false, ticks: ""}),
    yaxis3: axis({domain: [0.155, 0.36], fixedrange: true, showgrid: false, autorange: "reversed", tickvals: facts.detectors, tickfont: {size: 12, color: colour("soft")}}),
    yaxis4: axis({domain: [0, 0.09], range: [-1, top], fixedrange: true, tickvals: top > 12 ? [0, 10, 20, 30] : [0, 3, 6, 9]}),
    annotations: [heading("Health", 1.003), heading("Episodes", 0.543), heading("Regime", 0.457), heading("Detectors", 0.362), heading("Drift", 0.092)],
  });
}

function drawTimeline() {
  const grid = filled(facts.timeline);
  const place = document.getElementById("timeline");
  Plotly.react(place, timelineTraces(facts.timeline, grid), timelineLayout(grid), CONFIG);
  place.removeAllListeners?.("plotly_click");
  place.on("plotly_click", ({points: [point]}) => {
    const time = unshown(point.x);
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
  let [from, to] = place.layout.xaxis.range.map(unshown);
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
  if (to - from > 6e4) Plotly.relayout("timeline", {"xaxis.range": [shown(from), shown(to)]});
}
