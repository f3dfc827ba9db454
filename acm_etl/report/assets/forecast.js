"use strict";
// Forecast of health, and the probability that it is below the threshold.

function drawForecast() {
  const forecast = facts.forecast;
  const times = (series) => series.time.map(shown);
  const now = {type: "line", xref: "x", yref: "y domain", x0: shown(forecast.median.time[0]), x1: shown(forecast.median.time[0]), y0: 0, y1: 1,
    line: {color: colour("soft"), width: 1, dash: "dot"}};
  const threshold = facts.threshold === null ? [] : [{type: "line", xref: "x domain", yref: "y", x0: 0, x1: 1, y0: level(facts.threshold),
    y1: level(facts.threshold), line: {color: colour("alert"), width: 1.4, dash: "dash"}}];
  Plotly.react("forecast-chart", [
    ...band(times(forecast.low), forecast.low.value.map(level), forecast.high.value.map(level), faded("accent", 0.25)),
    {x: times(forecast.past), y: forecast.past.value.map(level), customdata: forecast.past.value, mode: "lines", line: {color: colour("ink"), width: 1.5},
      hovertemplate: "%{customdata:.0f}<extra>mean of the day</extra>"},
    {x: times(forecast.median), y: forecast.median.value.map(level), customdata: forecast.median.value, mode: "lines", line: {color: colour("accent"), width: 2, dash: "dash"},
      hovertemplate: "%{customdata:.0f}<extra>forecast</extra>"},
  ], layout({
    shapes: [...zoneShapes(), now, ...threshold], xaxis: axis({type: "date", showgrid: false, nticks: 4, tickangle: 0}),
    yaxis: healthAxis(),
  }), CONFIG);
  const place = document.getElementById("failure-chart");
  if (!forecast.failure.time.length || !place) return;
  // A probability of 2 % is a line on the axis if the axis ends at 100 %.
  const top = Math.min(1.005, Math.max(0.1, ...forecast.failure.value.map((share) => share * 1.2)));
  Plotly.react(place, [{x: times(forecast.failure), y: forecast.failure.value, mode: "lines", fill: "tozeroy",
    fillcolor: faded("alert-fill", 0.2), line: {color: colour("alert"), width: 2}, hovertemplate: "%{y:.1%}<extra></extra>"}],
  layout({xaxis: axis({type: "date", showgrid: false, nticks: 4}), margin: {l: 52, r: 12, t: 10, b: 34},
    yaxis: axis({range: [0, top], tickformat: ".0%", nticks: 6})}), CONFIG);
}
