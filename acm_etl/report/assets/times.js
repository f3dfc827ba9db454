"use strict";
// Times of the page: UTC as stored, or the local time of the plant, which the reader chooses.

const clock = {zone: document.documentElement.dataset.zone, local: false};

// As the server writes them: browsers differ in theirs.
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const offsets = new Map();
function offset(ms) {
  // A zone changes its offset at full hours or quarters of them: one look-up per quarter is enough.
  const quarter = Math.floor(ms / 9e5);
  if (!offsets.has(quarter)) {
    const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", {
      timeZone: clock.zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric",
      minute: "numeric", second: "numeric",
    }).formatToParts(quarter * 9e5).map(({type, value}) => [type, Number(value)]));
    const wall = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
    offsets.set(quarter, wall - quarter * 9e5);
  }
  return offsets.get(quarter);
}

// Text without a zone: charts show it as it is, wherever they are looked at.
const shown = (ms) => new Date(ms + (clock.local ? offset(ms) : 0)).toISOString().slice(0, 19).replace("T", " ");

function unshown(text) {
  const wall = Date.parse(`${String(text).replace(" ", "T").slice(0, 19)}Z`);
  // Twice, because the offset is that of the result and not that of the text.
  return clock.local ? wall - offset(wall - offset(wall)) : wall;
}

function writeTimes() {
  for (const time of document.querySelectorAll("time")) {
    const [date, moment] = shown(Date.parse(time.dateTime)).split(" ");
    const [year, month, day] = date.split("-").map(Number);
    time.textContent = `${day} ${MONTHS[month - 1]} ${year} ${moment.slice(0, 5)}`;
  }
  for (const name of document.querySelectorAll(".zone-name")) name.textContent = clock.local ? clock.zone : "UTC";
}
