"use strict";
// Search, filters and order of the overview. Without scripts the page shows all machines, most urgent first.

const list = document.querySelector(".fleet");
const machines = [...list.children];
const field = (id) => document.getElementById(id)?.value ?? "";
// By health, machines without a score come last: the page gives them 101.
const ORDERS = {
  urgency: (a, b) => machines.indexOf(a) - machines.indexOf(b),
  health: (a, b) => a.dataset.health - b.dataset.health,
  code: (a, b) => a.dataset.code.localeCompare(b.dataset.code, undefined, {numeric: true}),
};

function arrange() {
  const words = field("search").toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const row of machines) {
    const text = row.textContent.toLowerCase();
    const fits = words.every((word) => text.includes(word)) && (!field("verdict") || row.dataset.level === field("verdict"))
      && (!field("area") || row.dataset.area === field("area"));
    row.hidden = !fits;
    found += fits;
  }
  list.append(...machines.toSorted(ORDERS[field("order")]));
  document.getElementById("found").textContent = found === machines.length ? "" : `${found} of ${machines.length} machines`;
}

if (document.querySelector(".finder")) {
  for (const control of document.querySelectorAll(".finder input, .finder select")) control.addEventListener("input", arrange);
}
