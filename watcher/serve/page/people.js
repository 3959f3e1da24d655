// What have people decided: in which rings the fleet goes on, and what they ordered?

import { chip, cut, el, named, number, reasons, redraw, time } from "./draw.js";
import { link } from "./places.js";

const MOST_ORDERS = 20;
const MOST_WHY = 12;

const here = (href, key, ...children) => el("a", { href, "data-here": true, "data-key": key }, ...children);
const only = (chosen) => link("", "", { chosen });

// --- rings ---

export function rings(section, fleet) {
  const of = fleet.summary.rings ?? [];
  section.closest("section").hidden = of.length === 0;
  if (of.length === 0) {
    redraw(section);
    return;
  }
  const spokes = new Map();
  for (const row of fleet.sorted) spokes.set(row.ring, (spokes.get(row.ring) ?? 0) + 1);
  const tiers = fleet.tiers.map((tier) => tier.name);
  const heads = tiers.map((tier) => el("th", { scope: "col" }, here(link("tiers", tier), `rings ${tier}`, named(tier))));
  const rows = fleet.rings.map((ring) => {
    const cells = tiers.map((tier) => el("td", {}, ...stand(of.find((each) => each.ring === ring && each.tier === tier))));
    return el("tr", {}, el("th", { scope: "row" }, here(only({ ring }), `ring ${ring}`, named(ring)), " ", el("span", { class: "quiet" }, number(spokes.get(ring) ?? 0, "spoke"))), ...cells);
  });
  const table = el("table", { class: "rings" }, el("caption", { class: "unseen" }, "How far each tier is in each ring"), el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Ring"), ...heads)), el("tbody", {}, ...rows));
  redraw(section, el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "How far each tier is in each ring" }, table), ...whyNot(of));
}

// A word for it, and how many of its gates have settled.
export function standing(of) {
  const names = of.reasons.map((each) => each.name);
  const apart = Object.values(of.apart).reduce((sum, each) => sum + each, 0);
  if (names.includes("RingStopped")) return ["Stalled", "stopped"];
  if (names.includes("WindowClosed")) return ["Held", "window shut"];
  if (names.includes("ApprovalMissing")) return ["Held", "wants approval"];
  if (names.includes("RingBakes")) return ["Soaking", "bakes"];
  if (names.length) return ["Queued", "waits"];
  if (of.settled + apart >= of.gates) return of.settled ? ["Settled", "settled"] : ["Held", "nobody waits"];
  return of.started ? ["Progressing", "started"] : ["Queued", "may start"];
}

function stand(of) {
  if (of === undefined) return [el("span", { class: "quiet" }, "–")];
  const [state, says] = standing(of);
  return [chip(state, says), el("span", { class: "quiet of" }, `${of.settled.toLocaleString("en")} of ${of.gates.toLocaleString("en")}${apartSaid(of)}`)];
}

function apartSaid(of) {
  const parts = Object.entries(of.apart).map(([why, count]) => `${count.toLocaleString("en")} ${why}`);
  return parts.length ? `, ${parts.join(", ")}` : "";
}

// Why a ring opens no gate of a tier. What needs a person stands there; the rest is a look away.
function whyNot(of) {
  const wait = of.filter((each) => each.reasons.length);
  const [stopped, others] = [wait.filter(isStopped), wait.filter((each) => !isStopped(each))];
  const made = stopped.length ? [el("ul", { class: "list" }, ...stopped.slice(0, MOST_WHY).map(why))] : [];
  if (others.length) {
    const more = others.length - MOST_WHY;
    const rest = more > 0 ? el("li", { class: "quiet" }, `and ${more} more`) : null;
    made.push(el("details", { class: "rest", "data-key": "why rings" }, el("summary", { "data-key": "why rings says" }, `Why ${stopped.length ? "the others wait" : "they wait"}`), el("ul", { class: "list" }, ...others.slice(0, MOST_WHY).map(why), ...(rest ? [rest] : []))));
  }
  return made;
}

const isStopped = (of) => of.reasons.some((each) => each.name === "RingStopped");

function why(of) {
  const [state, says] = standing(of);
  const line = el("div", { class: "line" }, chip(state, says), here(only({ ring: of.ring, tier: of.tier, state: "unsettled" }), `ring ${of.ring} ${of.tier}`, named(of.ring), " · ", named(of.tier)));
  return el("li", {}, line, reasons(of.reasons, 4), stalled(of));
}

function stalled(of) {
  if (of.stalled.length === 0) return null;
  const names = of.stalled.slice(0, 5).flatMap((name, at) => [at ? ", " : "Stalled: ", here(link("spokes", name, { gate: of.tier }), `stalled ${of.ring} ${of.tier} ${name}`, named(name))]);
  const more = of.stalled.length - 5;
  const also = [more > 0 ? ` and ${more.toLocaleString("en")} more` : "", of.forgiven ? `; ${of.forgiven} forgiven` : ""].join("");
  return el("p", { class: "quiet names" }, ...names, also);
}

// One tier, ring by ring.
export function tierByRing(fleet, tier) {
  const of = (fleet.summary.rings ?? []).filter((each) => each.tier === tier);
  if (of.length === 0) return null;
  const items = of.map((each) => el("li", {}, el("div", { class: "line" }, ...stand(each), el("span", {}, "ring ", here(only({ ring: each.ring, tier }), `tier of ring ${each.ring}`, named(each.ring)))), each.reasons.length ? reasons(each.reasons, 4) : null));
  return el("ul", { class: "list tight" }, ...items);
}

// --- what needs a person ---

const MOST_NAMED = 5;

// What only a person can mend of what people decided, the worst first: `tone`, `says` in words,
// `names` that lead there, and `why` of the first.
export function wanting(fleet) {
  const { rings: all = [], orders = [] } = fleet.summary;
  const unreadable = orders.filter((each) => each.problem !== null);
  const stopped = all.filter(isStopped);
  const unapproved = all.filter((each) => each.waiting && wantsApproval(each));
  const found = [
    { of: unreadable, tone: "bad", says: `${number(unreadable.length, "order")} cannot be read`, names: [], why: unreadable[0]?.says },
    { of: stopped, tone: "bad", says: `${ringsOf(stopped, "is", "are")} stopped`, names: namesOf(stopped, "Stalled"), why: reasonOf(stopped[0], "RingStopped") },
    { of: unapproved, tone: "held", says: `${ringsOf(unapproved, "waits", "wait")} for approval`, names: namesOf(unapproved, "unsettled"), why: reasonOf(unapproved[0], "ApprovalMissing") },
  ];
  return found.filter((each) => each.of.length);
}

// While it waits for the ring before it, an approval is looking ahead, and nobody misses it.
function wantsApproval({ reasons: against }) {
  const names = against.map((each) => each.name);
  return names.includes("ApprovalMissing") && !names.includes("RingWaits") && !names.includes("RingBakes");
}

function ringsOf(of, one, several) {
  const count = new Set(of.map((each) => each.ring)).size;
  return `${number(count, "ring")} ${count === 1 ? one : several}`;
}

function namesOf(of, state) {
  const names = of.slice(0, MOST_NAMED).flatMap(({ ring, tier }, at) => [at ? ", " : "", here(only({ ring, tier, state }), `wanting ${state} ${ring} ${tier}`, named(ring), " · ", named(tier))]);
  return of.length > MOST_NAMED ? [...names, ` and ${of.length - MOST_NAMED} more`] : names;
}

function reasonOf(first, name) {
  return first?.reasons.find((each) => each.name === name)?.says;
}

// --- orders ---

export function ordered(section, fleet) {
  const of = fleet.summary.orders ?? [];
  section.closest("section").hidden = of.length === 0;
  const items = of.slice(0, MOST_ORDERS).map(order);
  if (of.length > MOST_ORDERS) items.push(el("li", { class: "quiet" }, `and ${number(of.length - MOST_ORDERS, "more order")}`));
  redraw(section, of.length ? el("ul", { class: "list" }, ...items) : null);
}

function order(of) {
  if (of.problem !== null) {
    return el("li", {}, el("div", { class: "line" }, chip("Stalled", "no order"), named(of.key)), el("p", {}, el("bdi", {}, cut(of.problem, 300))));
  }
  const force = of.inForce === false ? el("span", { class: "quiet" }, "not in force") : null;
  const until = of.until === null ? " until it is taken back" : "";
  return el(
    "li",
    { class: of.inForce === false ? "over" : null },
    el("div", { class: "line" }, chip("Held", of.order), el("span", {}, ...target(of)), force),
    of.why ? el("p", {}, el("bdi", {}, cut(of.why, 300))) : null,
    el("p", { class: "quiet" }, "by ", el("bdi", {}, cut(of.by || "nobody knows who", 80)), ", ", stamp(of.at), of.until === null ? until : ", until ", of.until === null ? null : stamp(of.until), through(of)),
  );
}

function stamp(at) {
  const made = time(at);
  made.textContent = at.slice(0, 16).replace("T", " ");
  return made;
}

function target(of) {
  const { spoke, tier, ring, selector, everything } = of.target;
  if (everything) return ["everything"];
  const parts = [];
  const add = (what, made) => parts.push(parts.length ? ", " : "", `${what} `, made);
  if (spoke !== null) add("spoke", here(link("spokes", spoke, { gate: tier ?? "" }), `order ${of.key}`, named(spoke)));
  if (tier !== null) add("tier", here(link("tiers", tier), `order ${of.key} tier`, named(tier)));
  if (ring !== null) add("ring", here(only({ ring }), `order ${of.key} ring`, named(ring)));
  if (selector !== null) add("labels", named(selector));
  return of.spokes === null || spoke !== null ? parts : [...parts, el("span", { class: "quiet" }, ` (${number(of.spokes, "spoke")})`)];
}

function through(of) {
  const parts = [];
  if (of.through.length) parts.push(`lets through ${of.through.join(", ")}`);
  if (of.forgives.length) parts.push(`forgives ${number(of.forgives.length, "stalled gate")}`);
  return parts.length ? `; ${parts.join("; ")}` : null;
}
