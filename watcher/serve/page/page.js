// What does the page do? Hears of the fleet, draws it, and goes where it is sent.

import { follow } from "./feed.js";
import { Fleet } from "./fleet.js";
import { Grid } from "./grid.js";
import { Detail } from "./detail.js";
import { filters, link, place } from "./places.js";
import { ordered, rings } from "./people.js";
import { alerts, changes, choices, coming, fleetTable, said, shards, totals, waiting } from "./sections.js";

// What is written relative to the place where the page was opened must lead there from every other.
for (const each of document.querySelectorAll("a[href]:not([href^='#']), link[rel=icon]")) each.href = String(each.href);

const by = (id) => document.getElementById(id);
const fields = { q: by("search"), state: by("state"), tier: by("tier"), ring: by("ring"), shard: by("shard"), by: by("by") };
const grid = new Grid(by("grid"), by("matching"));
const detail = new Detail(by("detail"), close);
let fleet = null;
let due = 0;

follow({
  grid(whole) {
    fleet = new Fleet(whole);
    choices(fleet, fields);
    draw();
    go();
  },
  frame(frame) {
    const touched = fleet.apply(frame);
    if (frame.fleet.tiers || frame.fleet.rings || frame.fleet.shards) choices(fleet, fields);
    draw(frame.fleet);
    grid.show(fleet, filters(), touched);
    detail.look(touched);
  },
  pulse(is, says) {
    by("pulse").dataset.is = is;
    by("pulse-says").textContent = says;
    if (is === "away") by("said").textContent = `Not connected: ${says}`;
    document.body.classList.toggle("away", is === "away");
    if (fleet !== null) by("said").textContent = said(fleet, is === "away" ? says : "");
    else if (is === "away") alerts(by("alerts"), null, says);
  },
});

// Everything that stands above and beside the spokes; of a frame, only what it speaks of.
function draw(changed = fleet.summary) {
  const has = (...names) => names.some((name) => name in changed);
  if (has("decidedAt", "spokes", "gates")) totals(fleet, by("totals"), by("foot"));
  if (has("gates", "stops", "troubles", "guards", "waiting", "shards", "rings", "orders")) alerts(by("alerts"), fleet, "");
  if (has("tiers")) fleetTable(by("fleet"), fleet);
  if (has("rings", "spokes", "tiers")) rings(by("rings"), fleet);
  if (has("orders")) ordered(by("orders"), fleet);
  if (has("waiting")) waiting(by("waiting"), fleet);
  if (has("coming")) coming(by("coming"), fleet);
  if (has("shards")) shards(by("shards"), fleet);
  changes(by("changes"), fleet);
  if (has("gates", "stops", "rings", "orders")) by("said").textContent = said(fleet, "");
}

// Shows what the address names.
function go() {
  if (fleet === null) return;
  const chosen = filters();
  for (const [name, field] of Object.entries(fields)) {
    if (document.activeElement !== field || name !== "q") field.value = chosen[name];
  }
  by("clear").hidden = !Object.values(chosen).some(Boolean);
  const at = place((name) => fleet.rows.has(name));
  grid.show(fleet, chosen);
  grid.mark(at);
  detail.show(fleet, at);
  document.title = [at.name, at.gate].filter(Boolean).map((each) => each.slice(0, 80)).join(" · ") || "gate watcher";
}

function visit(href, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", href);
  go();
}

function close() {
  visit(link("", ""));
  grid.focus();
}

function filter({ replace }) {
  const at = place((name) => fleet?.rows.has(name));
  const chosen = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]));
  visit(link(at.kind, at.name, { gate: at.gate, chosen }), { replace });
}

document.addEventListener("click", (event) => {
  const a = event.target.closest("a[data-here]");
  if (a === null || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  visit(a.href);
  detail.focus();
});
by("home").addEventListener("click", (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  visit(link("", "", { chosen: {} }));
});
by("filters").addEventListener("submit", (event) => event.preventDefault());
fields.q.addEventListener("input", () => {
  cancelAnimationFrame(due);
  due = requestAnimationFrame(() => filter({ replace: true }));
});
for (const name of ["state", "tier", "ring", "shard", "by"]) fields[name].addEventListener("change", () => filter({ replace: false }));
by("clear").addEventListener("click", () => {
  for (const field of Object.values(fields)) field.value = "";
  filter({ replace: false });
  fields.q.focus();
});
addEventListener("popstate", go);
addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    fields.q.focus();
    fields.q.select();
  } else if (event.key === "Escape" && event.target === fields.q && fields.q.value) {
    fields.q.value = "";
    filter({ replace: true });
  } else if (event.key === "Escape" && place((name) => fleet?.rows.has(name)).kind) {
    close();
  }
});
