// What stands above and beside the spokes?

import { ORDER, ago, amount, chip, cut, el, look, named, number, reasons, redraw, time } from "./draw.js";
import { wanting } from "./people.js";
import { filters, link } from "./places.js";

const MOST_GROUPS = 8;
const MOST_NEXT = 6;
const MOST_CHANGES = 12;

const here = (href, key, ...children) => el("a", { href, "data-here": true, "data-key": key }, ...children);
const only = (chosen) => link("", "", { chosen });

export function totals(fleet, at, foot) {
  const { spokes, gates, decidedAt, leader } = fleet.summary;
  const all = Object.values(gates).reduce((sum, each) => sum + each, 0);
  at.replaceChildren(number(spokes, "spoke"), " · ", number(all, "gate"), " · decided ", time(decidedAt));
  foot.replaceChildren("Decided ", el("time", { datetime: decidedAt }, decidedAt.replace("T", " ").replace("Z", " UTC")), leader ? ` by ${cut(leader, 80)}` : " in a dry run: nothing is written");
}

// For those who hear the page: what needs a person, and nothing that merely goes on.
export function said(fleet, away) {
  const { gates, stops } = fleet.summary;
  const parts = ["Lost", "Stalled", "Degraded"].filter((state) => gates[state]).map((state) => `${number(gates[state], "gate")} ${state}`);
  parts.push(...wanting(fleet).map((each) => each.says));
  if (stops.length) parts.unshift("Nothing is admitted");
  if (away) parts.unshift(`Not connected: ${away}`);
  return parts.join(". ");
}

export function choices(fleet, fields) {
  const fill = (field, first, options) => {
    const kept = field.value || filters()[field.id];
    const listed = kept && !options.some(([value]) => value === kept) ? [...options, [kept, kept]] : options;
    const made = [["", first], ...listed].map(([value, text]) => el("option", { value }, cut(text, 60)));
    if (made.map((each) => each.value).join("\n") === [...field.options].map((each) => each.value).join("\n")) return;
    field.replaceChildren(...made);
    field.value = kept;
  };
  const { tiers, shards: all } = fleet.summary;
  fill(fields.state, "Any state", [["unsettled", "Not settled"], ...ORDER.map((each) => [each, each])]);
  fill(fields.tier, "Any tier", tiers.map((each) => [each.name, each.name]));
  fill(fields.shard, "Any shard", all.map((each) => [each.name, `Shard ${each.name}`]));
  const rings = fleet.rings;
  fill(fields.ring, "Any ring", rings.map((each) => [each, `Ring ${each}`]));
  fill(fields.by, "Not grouped", [["ring", "By ring"]]);
  fields.shard.closest(".field").hidden = all.length < 2 && !fields.shard.value;
  for (const each of [fields.ring, fields.by]) each.closest(".field").hidden = rings.length < 2 && !each.value;
}

// --- what needs a person ---

export function alerts(section, fleet, away) {
  if (fleet === null) {
    section.replaceChildren(alert("bad", el("span", {}, "Nothing can be shown: ", el("bdi", {}, away))));
    return;
  }
  const { gates, stops, troubles, guards, waiting: groups, shards: all } = fleet.summary;
  const made = stops.map((each) => alert("bad", el("strong", {}, "Nothing is admitted: "), el("bdi", {}, each.says)));
  made.push(...troubles.map((each) => alert("bad", el("strong", {}, "Not known: "), el("bdi", {}, each))));
  for (const [state, tone, says] of [["Lost", "lost", "lost: an open gate's label is gone"], ["Stalled", "bad", "stalled: never settled, and past the deadline"]]) {
    if (!gates[state]) continue;
    const group = groups.find((each) => each.state === state);
    const line = here(only({ state }), `alert ${state}`, `${number(gates[state], "gate")} ${says}`);
    made.push(alert(tone, chip(state), line, group ? el("bdi", { class: "quiet" }, `${group.tier}: ${group.reason.says}`) : null));
  }
  for (const { tone, says, names, why } of wanting(fleet)) {
    made.push(alert(tone, el("strong", {}, `${says}: `), names.length ? el("span", {}, ...names) : null, el("bdi", { class: "quiet" }, cut(why ?? "", 300))));
  }
  for (const shard of all.filter((each) => each.parked > 0)) {
    const why = (shard.recovery ?? []).map((each) => each.says).join("; ");
    made.push(alert("held", el("strong", {}, "Recovery: "), here(link("shards", shard.name), `parked ${shard.name}`, `${number(shard.parked, "spoke")} parked on shard ${shard.name}`), why ? el("bdi", { class: "quiet" }, why) : null));
  }
  if (guards.length) made.push(guarded(guards));
  redraw(section, ...made);
}

function alert(tone, ...children) {
  return el("div", { class: `alert ${tone}` }, ...children);
}

const FORCE = { "in force": ["✓", "good"], "not in force": ["✗", "none"], unknown: ["?", "none"] };
const NEEDED = ["A", "B"];

function guarded(guards) {
  const chips = guards.map((guard) => {
    const [mark, tone] = FORCE[guard.force] ?? ["?", "none"];
    const weak = guard.force !== "in force" && NEEDED.includes(guard.name);
    return el("span", { class: `chip ${weak ? "warn" : tone}` }, el("span", { class: "mark", "aria-hidden": "true" }, mark), `${guard.name} ${guard.force}`);
  });
  const why = guards.filter((guard) => guard.why).map((guard) => el("li", {}, el("strong", {}, `Guard ${guard.name}: `), el("bdi", {}, guard.why)));
  if (why.length === 0) return alert("calm", el("span", { class: "quiet" }, "Guards "), ...chips);
  return el("details", { class: "alert calm", "data-key": "guards" }, el("summary", { "data-key": "guards says" }, el("span", { class: "quiet" }, "Guards "), ...chips), el("ul", { class: "reasons" }, ...why));
}

// --- the fleet by tiers and states ---

export function fleetTable(section, fleet) {
  const { tiers } = fleet.summary;
  const states = ORDER.filter((state) => tiers.some((tier) => tier.gates[state]));
  const heads = states.map((state) => el("th", { scope: "col", class: "count" }, chip(state)));
  const rows = tiers.map((tier) => {
    const depends = tier.dependsOn.length ? `after ${tier.dependsOn.join(", ")}` : "depends on nothing";
    const counts = states.map((state) => {
      const count = tier.gates[state] ?? 0;
      if (count === 0) return el("td", { class: "count nought" }, el("span", { "aria-hidden": "true" }, "·"), el("span", { class: "unseen" }, "0"));
      return el("td", { class: "count" }, here(only({ state, tier: tier.name }), `${tier.name}\n${state}`, count.toLocaleString("en")));
    });
    const head = el("th", { scope: "row" }, here(link("tiers", tier.name), `tier ${tier.name}`, named(tier.name)), " ", el("span", { class: "quiet", title: depends.length > 60 ? cut(depends, 400) : null }, cut(depends, 60)));
    return el("tr", {}, head, el("td", { class: "share" }, share(tier.gates)), ...counts);
  });
  const head = el("tr", {}, el("th", { scope: "col" }, "Tier"), el("th", { scope: "col", class: "share" }, el("span", { class: "unseen" }, "Shares")), ...heads);
  redraw(section, el("table", { class: "fleet" }, el("caption", { class: "unseen" }, "How many gates of each tier are in which state"), el("thead", {}, head), el("tbody", {}, ...rows)));
}

// From what is done to what has not begun.
const COURSE = ["Settled", "Soaking", "Progressing", "Degraded", "Stalled", "Lost", "Unadopted", "Held", "Unknown", "Queued", "Waiting", "Skipped", "Ungated"];

export function share(gates) {
  const bar = el("div", { class: "share-bar", "aria-hidden": "true" });
  for (const state of COURSE) {
    if (!gates[state]) continue;
    const part = el("span", { class: `part ${look(state)[1]}`, title: `${state}: ${gates[state]}` });
    part.style.flexGrow = gates[state];
    bar.append(part);
  }
  return bar;
}

// --- why, and what next ---

export function groups(of, most) {
  const items = of.slice(0, most).map((group) => {
    const more = group.gates - group.spokes.length;
    const spokes = group.spokes.flatMap((name, at) => [at ? ", " : "", here(link("spokes", name, { gate: group.tier }), `why ${group.tier} ${group.state} ${name}`, named(name))]);
    const others = group.gates - 1;
    if (group.state === "Waiting") return lean(group);
    return el(
      "li",
      {},
      el("div", { class: "line" }, chip(group.state), el("span", {}, here(only({ state: group.state, tier: group.tier }), `why ${group.tier} ${group.state} ${group.reason.name}`, `${number(group.gates, "gate")} of `, named(group.tier)))),
      el("p", {}, el("bdi", {}, group.reason.says), !group.alike && others > 0 ? el("span", { class: "quiet" }, `; ${others.toLocaleString("en")} more like it`) : null),
      el("p", { class: "quiet names" }, ...spokes, more > 0 ? ` and ${more.toLocaleString("en")} more` : null),
    );
  });
  if (of.length > most) items.push(el("li", { class: "quiet" }, `and ${number(of.length - most, "more reason")}`));
  return el("ul", { class: "list" }, ...items);
}

// What waits for another tier of its own spoke says nothing that the other does not.
function lean(group) {
  const key = `why ${group.tier} ${group.state} ${group.reason.name}`;
  const count = here(only({ state: group.state, tier: group.tier }), key, `${number(group.gates, "gate")} of `, named(group.tier));
  return el("li", { class: "lean" }, el("div", { class: "line" }, chip(group.state), count, el("p", {}, el("bdi", {}, group.reason.says), group.alike ? null : ", or the like")));
}

export function waiting(section, fleet) {
  const of = fleet.summary.waiting;
  redraw(section, of.length ? groups(of, MOST_GROUPS) : el("p", { class: "quiet none" }, "Nothing waits: every gate has passed."));
}

export function coming(section, fleet) {
  const { coming: next, decidedAt } = fleet.summary;
  const items = next.slice(0, MOST_NEXT).map((each) =>
    el(
      "li",
      {},
      el("div", { class: "line" }, el("span", { class: each.opens ? "chip good" : "chip next" }, each.opens ? "now" : `waits ${ago(each.since, decidedAt)}`), el("span", {}, here(link("spokes", each.spoke, { gate: each.tier ?? "" }), `next ${each.spoke} ${each.tier}`, named(each.spoke)), " ", each.tier === null ? "comes back" : named(each.tier))),
    ),
  );
  const why = next.find((each) => each.reasons.length);
  redraw(
    section,
    next.length ? el("ol", { class: "list tight" }, ...items) : el("p", { class: "quiet none" }, "No gate may open now."),
    why ? el("div", { class: "whynot" }, el("h3", {}, "Why not sooner"), reasons(why.reasons)) : null,
  );
}

export function changes(section, fleet) {
  const items = fleet.changes.slice(0, MOST_CHANGES).map(change);
  redraw(section, items.length ? el("ol", { class: "list tight changes" }, ...items) : el("p", { class: "quiet none" }, "Nothing has changed since this watcher began to look."));
}

// Tone and word of what has happened to no gate's state.
const HAPPENED = {
  AdmissionStopped: ["bad", "stopped"],
  AdmissionResumed: ["good", "goes on"],
  OrderGiven: ["held", "ordered"],
  OrderEnded: ["none", "order over"],
  OrderUnreadable: ["bad", "no order"],
  TeardownOrdered: ["warn", "teardown ordered"],
  TeardownDone: ["wait", "torn down"],
  TeardownTakenBack: ["none", "teardown taken back"],
};

export function change(each) {
  const because = each.reasons.length ? each.reasons.map((reason) => reason.says).join("\n") : null;
  if (each.kind === "SpokeLeft") return el("li", {}, time(each.at), el("span", {}, named(each.spoke), " is gone"));
  const [tone, word] = HAPPENED[each.kind] ?? ["none", cut(each.kind, 40)];
  const badge = each.kind === "GateChanged" ? chip(each.after) : el("span", { class: `chip ${tone}` }, word);
  const ofGate = each.kind === "GateChanged" || each.kind.startsWith("Teardown");
  const about = ofGate ? el("span", {}, here(link("spokes", each.spoke, { gate: each.tier }), `change ${each.number}`, named(each.spoke), " ", named(each.tier))) : el("bdi", {}, cut(each.reasons[0]?.says ?? "", 120));
  return el("li", { title: because === null ? null : cut(because, 600) }, time(each.at), badge, about);
}

// --- shards ---

export function shards(section, fleet) {
  const all = fleet.summary.shards;
  redraw(section, ...(all.length ? all.map((each) => shard(each)) : [el("p", { class: "card quiet none" }, "No application controller is known.")]));
}

const BINDS = { running: "by what it can run", restart: "by what it could start again" };

export function shard(of) {
  const also = [[of.loading, "loading"], [of.later, "with a later gate in progress"], [of.parked, "parked"]].filter(([count]) => count).map(([count, what]) => `${count} ${what}`);
  const head = el("h3", {}, here(link("shards", of.name), `shard ${of.name}`, `Shard ${cut(of.name, 60)}`), el("span", { class: "quiet" }, [number(of.spokes, "spoke"), ...also].join(", ")));
  return el("article", { class: "card shard" }, head, ...memory(of), ...room(of), ...told(of));
}

function memory(of) {
  const { usedBytes: used, limitBytes: limit, reservedBytes, filledToBytes: filled } = of;
  if (used === null || limit === null) {
    const known = of.residentBytes === null ? "What it takes of its memory is not known." : `${amount(of.residentBytes)} resident${of.liveBytes === null ? "" : `, ${amount(of.liveBytes)} of it live heap`}`;
    return [el("p", { class: "quiet" }, limit === null ? known : `${known} Its limit is ${amount(limit)}.`)];
  }
  const reserved = reservedBytes ?? 0;
  const says = `${amount(used)} used, ${amount(reserved)} reserved, of ${amount(limit)}${filled === null ? "" : `; filled to ${amount(filled)}`}`;
  const bar = el("div", { class: `memory${used + reserved > limit ? " over" : ""}`, role: "img", "aria-label": says });
  const part = (name, from, to) => {
    const made = el("span", { class: name });
    made.style.left = `${Math.min(100, (100 * from) / limit)}%`;
    made.style.width = `${Math.max(0, Math.min(100, (100 * to) / limit) - Math.min(100, (100 * from) / limit))}%`;
    bar.append(made);
  };
  part("used", 0, used);
  part("reserved", used, used + reserved);
  if (filled !== null) part("mark-at", filled, filled);
  if (of.restartBytes !== null) part("restart-at", of.restartBytes, of.restartBytes);
  const key = (name, text) => el("span", { class: "key" }, el("span", { class: `swatch ${name}`, "aria-hidden": "true" }), text);
  const keys = [key("used", `${amount(used)} used`)];
  if (reserved > 0) keys.push(key("reserved", `${amount(reserved)} reserved`));
  if (filled !== null) keys.push(key("mark-at", `filled to ${amount(filled)}`));
  if (of.restartBytes !== null) keys.push(key("restart-at", `a restart takes ${amount(of.restartBytes)}`));
  keys.push(el("span", { class: "key" }, `of ${amount(limit)}`));
  return [bar, el("p", { class: "keyed" }, ...keys)];
}

function room(of) {
  const said = [];
  if (of.fits !== null) said.push(`${of.fits ? number(of.fits, "more spoke") : "No more spokes"} fit${of.fits === 1 ? "s" : ""}${BINDS[of.binds] ? `, ${BINDS[of.binds]}` : ""}`);
  if (of.waiting) said.push(`${number(of.waiting, "spoke")} wait${of.waiting === 1 ? "s" : ""} for it`);
  return said.length ? [el("p", { class: "fits" }, said.join("; "))] : [];
}

function told(of) {
  const made = of.stops.map((each) => el("p", { class: "bad-text" }, el("strong", {}, "Nothing is admitted on it: "), el("bdi", {}, each.says)));
  if (of.survivesRestart === false) made.push(el("p", { class: "bad-text" }, el("strong", {}, "It would not survive a restart.")));
  if (of.kills) made.push(el("p", { class: "bad-text" }, `Killed for its memory ${number(of.kills, "time")}`, of.killedAt ? ", last " : "", of.killedAt ? time(of.killedAt) : ""));
  for (const each of of.recovery ?? []) made.push(el("p", { class: "quiet" }, el("bdi", {}, each.says)));
  for (const each of of.findings) made.push(el("p", { class: "finding" }, el("span", { class: "mark", "aria-hidden": "true" }, "! "), el("bdi", {}, each.says)));
  if (of.helps.length) made.push(el("p", { class: "help" }, el("strong", {}, "Would help: "), of.helps.map(help).join("; or ")));
  return made;
}

function help(of) {
  const what = { GOMEMLIMIT: `GOMEMLIMIT=${Math.round(of.bytes / 2 ** 20)}MiB on the controller`, limit: `a limit of ${amount(of.bytes)}` }[of.remedy] ?? `another shard of ${amount(of.bytes)}`;
  return `${what} (${number(of.spokes, "more spoke")})`;
}
