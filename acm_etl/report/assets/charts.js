"use strict";
// What the charts share: unpacking, colours of the day or night, axes.

async function unpacked(id) {
  const packed = document.getElementById(id).textContent;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// The policy of the page allows this very text, by its digest, and no other.
function run(code) {
  const script = document.createElement("script");
  script.textContent = code;
  document.head.append(script);
}

const night = matchMedia("(prefers-color-scheme: dark)");
const narrow = () => innerWidth < 700;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const faded = (name, share) => {
  const [r, g, b] = colour(name).match(/\w\w/g).map((hex) => parseInt(hex, 16));
  return `rgba(${r},${g},${b},${share})`;
};
// The bar of the charts has what the page's own buttons have not.
const CONFIG = {responsive: true, displaylogo: false, doubleClick: "reset", modeBarButtons: [["toImage", "resetScale2d"]]};

function axis(more) {
  return {
    gridcolor: colour("line"), linecolor: colour("line"), zeroline: false, tickfont: {size: 12, color: colour("soft")},
    automargin: false, showspikes: more.type === "date", spikemode: "across", spikethickness: 1, spikedash: "solid", spikecolor: colour("soft"),
    ...more,
  };
}

function layout(more) {
  return {
    paper_bgcolor: colour("card"), plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
    dragmode: narrow() ? false : "zoom", // on a phone, dragging scrolls the page: the buttons zoom
    font: {family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("ink")},
    hoverlabel: {bgcolor: colour("card"), bordercolor: colour("line"), font: {size: 13, color: colour("ink")}},
    margin: {l: 44, r: 12, t: 10, b: 34}, hovermode: "x unified",
    modebar: {bgcolor: "rgba(0,0,0,0)", color: colour("soft"), activecolor: colour("accent")}, ...more,
  };
}

// A band between two lines: two traces, the upper filled down to the lower.
function band(time, low, high, fill, more) {
  const edge = {x: time, mode: "lines", line: {width: 0}, hoverinfo: "skip", ...more};
  return [{...edge, y: low}, {...edge, y: high, fill: "tonexty", fillcolor: fill}];
}

function element(name, text, more) {
  return Object.assign(document.createElement(name), text === undefined ? {} : {textContent: text}, more);
}
