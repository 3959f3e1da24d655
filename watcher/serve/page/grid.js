// Which spokes are on the screen, and how does the keyboard move among them?
//
// Of a large fleet only the rows are drawn that can be seen; two empty ones keep the others' place.

import { PASSED, cut, el, look, named, number } from "./draw.js";
import { api, link } from "./places.js";

const ROW_PX = 38;
const MORE = 8; // rows beyond either edge, so that a little scrolling finds them there
const LONGEST = 200; // a longer name is not asked about by the dozen
const EVERY_MS = 2000;
const OLD_MS = 15000; // numbers in a reason change while the state stays

export class Grid {
  constructor(table, matching) {
    this.table = table;
    this.matching = matching;
    this.head = table.tHead;
    this.body = table.tBodies[0];
    this.above = el("tr", { class: "space", "aria-hidden": "true" });
    this.below = el("tr", { class: "space", "aria-hidden": "true" });
    this.rows = [];
    this.drawn = new Map();
    this.why = new Map();
    this.stale = new Set();
    this.at = [0, 0];
    this.marked = { kind: "", name: "", gate: "" };
    this.asked = -Infinity;
    this.chosen = "";
    addEventListener("scroll", () => this.soon(), { passive: true });
    addEventListener("resize", () => this.soon());
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("focusin", (event) => this.focused(event));
  }

  show(fleet, chosen, touched = null) {
    const tiers = fleet.tiers.map((tier) => tier.name);
    if (tiers.join("\n") !== this.tiers?.join("\n")) this.heads(tiers);
    const key = JSON.stringify(chosen);
    if (touched === null || key !== this.chosen) this.drawn.clear();
    this.chosen = key;
    this.fleet = fleet;
    for (const name of touched ?? []) this.stale.add(name);
    const found = fleet.matching(chosen);
    this.rows = chosen.by === "ring" ? fleet.byRing(found) : found;
    const all = fleet.sorted.length;
    const says = found.length === all ? "" : `${found.length.toLocaleString("en")} of ${all.toLocaleString("en")} spokes`;
    if (this.matching.textContent !== says) this.matching.textContent = says;
    this.table.setAttribute("aria-rowcount", this.rows.length + 1);
    this.draw();
  }

  mark(at) {
    this.marked = at;
    this.drawn.clear();
    this.draw();
  }

  heads(tiers) {
    this.tiers = tiers;
    const wide = tiers.length <= 5;
    this.table.className = `grid ${wide ? "few" : "many"}`;
    this.table.setAttribute("role", "grid");
    this.table.setAttribute("aria-colcount", tiers.length + 1 + (wide ? 1 : 0));
    const heads = tiers.map((tier) => el("th", { scope: "col", class: "tier" }, el("a", { href: link("tiers", tier), "data-here": true, title: cut(tier, 80) }, named(tier))));
    if (wide) heads.push(el("th", { scope: "col", class: "why" }, "Waits for"));
    this.head.replaceChildren(el("tr", { "aria-rowindex": 1 }, el("th", { scope: "col", class: "spoke" }, "Spoke"), ...heads));
    this.drawn.clear();
  }

  soon() {
    cancelAnimationFrame(this.due);
    this.due = requestAnimationFrame(() => this.draw());
  }

  draw() {
    if (this.fleet === undefined) return;
    const top = this.table.getBoundingClientRect().top + this.head.offsetHeight;
    const seen = (px) => Math.max(0, Math.min(this.rows.length, Math.floor(px / ROW_PX)));
    const first = Math.max(0, seen(-top) - MORE);
    const last = Math.min(this.rows.length, seen(innerHeight - top) + MORE + 1);
    this.at[0] = Math.min(this.at[0], Math.max(0, this.rows.length - 1));
    const focus = this.body.contains(document.activeElement);
    const key = document.activeElement?.dataset?.key;
    const drawn = new Map();
    const shown = [];
    for (let at = first; at < last; at += 1) {
      const row = this.rows[at];
      const id = row.heading === undefined ? row.name : `\n${row.heading}`;
      const print = `${row.letters ?? row.spokes} ${this.why.get(id)?.print ?? ""}`;
      const before = this.drawn.get(id);
      const same = before !== undefined && before.print === print ? before.made : this.row(row);
      same.setAttribute("aria-rowindex", at + 2);
      drawn.set(id, { print, made: same });
      shown.push(same);
    }
    this.above.style.height = `${first * ROW_PX}px`;
    this.below.style.height = `${(this.rows.length - last) * ROW_PX}px`;
    const nobody = this.rows.length ? null : el("tr", { class: "nobody" }, el("td", { colspan: this.tiers.length + 2 }, ...this.whyNobody()));
    const wanted = [this.above, ...shown, this.below, ...(nobody ? [nobody] : [])];
    if (wanted.length !== this.body.children.length || wanted.some((each, at) => each !== this.body.children[at])) {
      this.body.replaceChildren(...wanted);
      if (focus && key !== undefined) this.body.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
    }
    this.drawn = drawn;
    this.first = first;
    this.roam();
    this.ask(first, last);
  }

  whyNobody() {
    if (this.fleet.sorted.length === 0) return ["There is no spoke on the hub yet."];
    const strange = this.fleet.strange(JSON.parse(this.chosen));
    return strange === null ? ["No spoke is like this."] : [`${strange.says} `, named(strange.name), "."];
  }

  row(row) {
    if (row.heading !== undefined) return this.heading(row);
    const marked = this.marked.kind === "spokes" && this.marked.name === row.name;
    const name = el("a", { href: link("spokes", row.name), "data-here": true, tabindex: -1, "data-key": `${row.name}\n0` }, named(row.name));
    const cells = this.tiers.map((tier, at) => this.cell(row, tier, at, marked));
    if (this.tiers.length <= 5) cells.push(this.because(row));
    return el("tr", { class: marked ? "marked" : null }, el("th", { scope: "row", class: "spoke" }, name), ...cells);
  }

  heading({ heading, spokes }) {
    const columns = this.tiers.length + (this.tiers.length <= 5 ? 2 : 1);
    return el("tr", { class: "heading" }, el("th", { scope: "rowgroup", colspan: columns }, "Ring ", named(heading), el("span", { class: "quiet" }, ` ${number(spokes, "spoke")}`)));
  }

  cell(row, tier, at, marked) {
    const state = this.fleet.state(row, at);
    if (!state) return el("td");
    const [mark, tone] = look(state);
    const why = this.why.get(row.name)?.gates.get(tier);
    const a = el(
      "a",
      {
        class: `gate ${tone}`,
        href: link("spokes", row.name, { gate: tier }),
        "data-here": true,
        "data-key": `${row.name}\n${at + 1}`,
        tabindex: -1,
        "aria-label": `${state}: ${cut(row.name, 60)}, ${cut(tier, 60)}`,
        "aria-current": marked && this.marked.gate === tier ? "true" : null,
        title: why?.length ? cut(why.map((each) => each.says).join("\n"), 600) : null,
      },
      el("span", { class: "mark", "aria-hidden": "true" }, mark),
      el("span", { class: "word" }, state),
    );
    return el("td", {}, a);
  }

  because(row) {
    const known = this.fleet.passed(row) ? undefined : this.why.get(row.name);
    return el("td", { class: "why" }, known?.first ? el("span", { title: cut(known.first, 600) }, el("bdi", {}, known.first)) : "");
  }

  // Asks why, for those that can be seen and have not passed.
  async ask(first, last) {
    clearTimeout(this.later);
    const old = (name) => this.stale.has(name) || !(performance.now() - this.why.get(name)?.at < OLD_MS);
    const wanted = this.rows.slice(first, last).filter((row) => row.heading === undefined && row.name.length <= LONGEST && !this.fleet.passed(row) && old(row.name));
    if (wanted.length === 0) return;
    const wait = this.asked + EVERY_MS - performance.now();
    if (wait > 0) {
      this.later = setTimeout(() => this.draw(), wait);
      return;
    }
    this.asked = performance.now();
    const query = wanted.map((row) => ["name", row.name]);
    try {
      const answer = await fetch(api("spokes", [["limit", 1000], ...query]));
      if (!answer.ok) return;
      const { spokes } = await answer.json();
      for (const spoke of spokes) this.learn(spoke);
      for (const row of wanted) this.stale.delete(row.name);
      this.draw();
    } catch {
      // the feed says that nobody answers
    }
  }

  learn(spoke) {
    const gates = new Map(spoke.gates.map((gate) => [gate.tier, gate.reasons]));
    const gate = spoke.gates.find((each) => !PASSED.has(each.state) && each.reasons.length);
    // What is stalled says that it is past its deadline; why is the news.
    const foremost = gate?.reasons.find((each) => each.name !== "DeadlinePassed") ?? gate?.reasons[0];
    const first = gate ? `${gate.tier}: ${foremost.says}` : "";
    this.stale.delete(spoke.name);
    this.why.set(spoke.name, { at: performance.now(), gates, first, print: spoke.gates.map((each) => each.reasons.map((reason) => reason.says).join()).join() });
    if (this.why.size > 2000) this.why.delete(this.why.keys().next().value);
  }

  // --- the keyboard ---

  focused(event) {
    const [name, column] = this.of(event.target);
    if (name === undefined) return;
    const row = this.rows.findIndex((each) => each.name === name);
    if (row >= 0) this.at = [row, column];
    this.roam();
  }

  of(target) {
    const key = target.dataset?.key;
    if (key === undefined) return [];
    const at = key.lastIndexOf("\n");
    return [key.slice(0, at), Number(key.slice(at + 1))];
  }

  link([row, column]) {
    const name = this.rows[row]?.name;
    return name === undefined ? null : this.drawn.get(name)?.made.querySelectorAll("a")[column] ?? null;
  }

  // Exactly one link of the grid is reached by Tab: the one where the keyboard was last.
  roam() {
    for (const each of this.body.querySelectorAll('a[tabindex="0"]')) each.tabIndex = -1;
    const here = this.link(this.at) ?? this.body.querySelector("a");
    if (here) here.tabIndex = 0;
  }

  key(event) {
    const [row, column] = this.at;
    const page = Math.max(1, Math.floor(innerHeight / ROW_PX) - 4);
    const to = {
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      PageDown: [row + page, column],
      PageUp: [row - page, column],
      Home: [event.ctrlKey ? 0 : row, 0],
      End: [event.ctrlKey ? this.rows.length - 1 : row, this.tiers.length],
    }[event.key];
    if (to === undefined || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.move(to);
  }

  move([row, column]) {
    const within = (value, most) => Math.max(0, Math.min(value, most));
    const headed = (at) => this.rows[at]?.heading !== undefined;
    let to = within(row, this.rows.length - 1);
    if (headed(to) && to < this.at[0] && to > 0) to -= 1;
    else if (headed(to)) to += 1;
    this.at = [to, within(column, this.tiers.length)];
    const head = this.head.offsetHeight;
    const y = this.table.getBoundingClientRect().top + head + this.at[0] * ROW_PX;
    if (y < head + 8) scrollBy(0, y - head - 8);
    if (y + ROW_PX > innerHeight - 8) scrollBy(0, y + ROW_PX - innerHeight + 8);
    this.draw();
    this.link(this.at)?.focus({ preventScroll: true });
  }

  focus() {
    const row = this.rows.findIndex((each) => each.name === this.marked.name);
    if (row >= 0) this.at[0] = row;
    (this.link(this.at) ?? this.table.querySelector("a"))?.focus({ preventScroll: true });
  }
}
