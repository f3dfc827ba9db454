"use strict";
// The chosen episode: its sensors beside their normal ranges, and its detectors.

// The address of an episode on this page: a link that is sent to a colleague opens it.
const episodeAddress = (episode) => `#episode-${new Date(episode.start).toISOString().slice(0, 16)}`;

function choose(index, travel) {
  chosen = index;
  const episode = facts.episodes[index];
  for (const button of document.querySelectorAll("[data-episode]")) {
    const mine = Number(button.dataset.episode) === index;
    button.setAttribute("aria-pressed", mine);
    if (mine && travel) button.scrollIntoView({block: "nearest"});
  }
  Plotly.relayout("timeline", {shapes: timelineShapes()});
  drawDetail(episode, document.querySelector(`[data-episode="${index}"] + .description`));
  if (!travel) return;
  history.replaceState(null, "", episodeAddress(episode));
  const detail = document.getElementById("detail");
  detail.focus({preventScroll: true});
  detail.scrollIntoView({block: "nearest"});
}

function chooseByAddress() {
  const hit = facts.episodes.findIndex((episode) => episodeAddress(episode) === location.hash);
  if (hit >= 0) choose(hit, true);
}

function drawDetail(episode, description) {
  const [period, figures] = [...description.children].map((part) => part.cloneNode(true));
  const title = element("h3"), text = element("p");
  title.append(period);
  text.append(figures);
  const sensors = element("div", undefined, {className: "sensors"});
  sensors.append(...episode.sensors.map(sensorPanel));
  const showButton = element("button", "Show in timeline", {type: "button", className: "plain"});
  showButton.onclick = () => {
    show(...episode.shown);
    document.getElementById("history").scrollIntoView();
  };
  const saveButton = element("button", "CSV of the readings", {type: "button", className: "plain"});
  saveButton.onclick = () => saveReadings(episode);
  const tools = element("p", undefined, {className: "tools"});
  tools.append(showButton, saveButton);
  document.getElementById("detail").replaceChildren(title, text, sensors, detectorBars(episode), tools);
  episode.sensors.forEach((sensor, i) => drawSensor(episode, sensor, sensors.children[i].querySelector(".chart")));
}

function sensorPanel(sensor) {
  const unit = sensor.unit ? ` ${sensor.unit}` : "";
  const normal = sensor.band ? `normal ${short(sensor.band[0])} to ${short(sensor.band[1])}${unit}` : "no baseline";
  const panel = element("div", undefined, {className: "sensor"});
  panel.append(element("h3", sensor.name), element("p", `${sensor.share} % of the episode; ${normal}${sensor.about ? `; ${sensor.about}` : ""}`));
  if (sensor.time.length) panel.append(element("div", undefined, {className: "chart small"}));
  else panel.append(element("p", "No readings on this page: only its newest 80 episodes have them. Choose a period with --from and --to.", {className: "empty"}));
  return panel;
}

const short = (value) => Number(value.toPrecision(3)).toLocaleString("en", {maximumSignificantDigits: 3});

function valueRange(sensor) {
  // One outlier must not flatten the line: the range covers all but 1 % at either end, and the normal range.
  const known = sensor.expected.filter((value) => value !== null);
  const sorted = sensor.value.concat(known).sort((a, b) => a - b);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const low = Math.min(at(0.01), ...(sensor.band || [])), high = Math.max(at(0.99), ...(sensor.band || []));
  const pad = (high - low) * 0.08 || Math.abs(high) * 0.05 || 1;
  return [low - pad, high + pad];
}

function drawSensor(episode, sensor, place) {
  if (!place) return;
  const shapes = [{type: "rect", xref: "x", yref: "y domain", x0: shown(episode.start), x1: shown(episode.end), y0: 0, y1: 1,
    fillcolor: faded("episode", 0.18), line: {width: 0}, layer: "below"}];
  if (sensor.band) shapes.push({type: "rect", xref: "x domain", yref: "y", x0: 0, x1: 1, y0: sensor.band[0], y1: sensor.band[1],
    fillcolor: faded("good-fill", 0.18), line: {width: 0}, layer: "below"});
  const trace = {x: sensor.time.map(shown), y: sensor.value, mode: "lines", line: {color: colour("ink"), width: 1.3},
    name: "reading", hovertemplate: "%{y:.4~g}<extra></extra>"};
  // Dashed and not only in another colour: prints are often black and white.
  const expected = {x: trace.x, y: sensor.expected, mode: "lines", line: {color: colour("episode"), width: 1.3, dash: "dash"},
    name: "expected", hovertemplate: "expected %{y:.4~g}<extra></extra>"};
  Plotly.newPlot(place, sensor.expected.length ? [expected, trace] : [trace], layout({
    shapes, margin: {l: 50, r: 12, t: 6, b: 36},
    xaxis: axis({type: "date", range: episode.shown.map(shown), showgrid: false, nticks: narrow() ? 3 : 6, tickangle: 0}),
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
