// What is behind the place that the address names: a spoke, one of its gates, a tier, a shard?

import { PASSED, ago, chip, cut, el, named, number, reasons, redraw, time } from "./draw.js";
import { api, link } from "./places.js";
import { tierByRing } from "./people.js";
import { change, groups, share, shard } from "./sections.js";

const EVERY_MS = 2000;
const NOBODY = { gates: [] };

export class Detail {
  constructor(section, close) {
    this.section = section;
    this.close = close;
    this.at = { kind: "", name: "", gate: "" };
    this.asked = -Infinity;
    this.turn = 0;
  }

  show(fleet, at) {
    const other = at.kind !== this.at.kind || at.name !== this.at.name || at.gate !== this.at.gate;
    this.fleet = fleet;
    this.at = at;
    this.section.hidden = at.kind === "";
    document.body.classList.toggle("looking", at.kind !== "");
    if (other && at.kind === "spokes") this.spoke = null;
    if (other) this.asked = -Infinity;
    this.draw();
    this.ask();
  }

  // A frame has come, and speaks of these spokes.
  look(touched) {
    if (this.at.kind === "") return;
    if (this.at.kind !== "spokes") this.draw();
    else if (touched.has(this.at.name) || this.spoke?.gates.some((gate) => !PASSED.has(gate.state))) this.ask();
  }

  focus() {
    if (!this.section.hidden) this.section.querySelector("h2")?.focus();
  }

  async ask() {
    if (this.at.kind !== "spokes") return;
    clearTimeout(this.later);
    const wait = this.asked + EVERY_MS - performance.now();
    if (wait > 0) {
      this.later = setTimeout(() => this.ask(), wait);
      return;
    }
    this.asked = performance.now();
    this.turn += 1;
    const { turn, at: { name } } = this;
    try {
      const [found, of] = await Promise.all([api("spokes", [["name", name]]), api("changes", [["spoke", name], ["limit", 8]])].map(async (url) => (await fetch(url)).json()));
      if (turn !== this.turn) return;
      this.spoke = found.spokes?.[0] ?? NOBODY;
      this.changes = of.changes ?? [];
      this.draw();
    } catch {
      // the feed says that nobody answers
    }
  }

  draw() {
    const { kind } = this.at;
    if (kind === "spokes") this.drawSpoke();
    if (kind === "tiers") this.drawTier();
    if (kind === "shards") this.drawShard();
  }

  put(title, ...children) {
    const close = el("button", { type: "button", class: "close", "aria-label": "Close", "data-key": "close" }, "✕");
    close.addEventListener("click", this.close);
    redraw(this.section, el("div", { class: "detail-head" }, el("h2", { id: "detail-head", tabindex: -1, "data-key": "detail" }, ...title), close), ...children);
  }

  drawSpoke() {
    const { name, gate } = this.at;
    const title = [named(name)];
    if (this.spoke === null) {
      this.put(title, el("p", { class: "quiet" }, "…"));
      return;
    }
    if (this.spoke === NOBODY) {
      this.put(title, el("p", {}, "There is no spoke of this name."));
      return;
    }
    const now = this.fleet.summary.decidedAt;
    const row = this.fleet.rows.get(name);
    const on = row?.shard ? [" · ", el("a", { href: link("shards", row.shard), "data-here": true, "data-key": "on" }, `shard ${cut(row.shard, 60)}`)] : [];
    if (row?.ring && this.fleet.rings.length > 1) on.push(" · ", el("a", { href: link("", "", { chosen: { ring: row.ring } }), "data-here": true, "data-key": "in" }, `ring ${cut(row.ring, 60)}`));
    const gates = this.spoke.gates.map((each) =>
      el(
        "li",
        { class: each.tier === gate ? "gate-of chosen" : "gate-of", "aria-current": each.tier === gate ? "true" : null },
        el(
          "div",
          { class: "line" },
          chip(each.state),
          el("a", { href: link("spokes", name, { gate: each.tier }), "data-here": true, "data-key": `gate ${each.tier}` }, named(each.tier)),
          each.openedAt ? el("span", { class: "quiet" }, "opened ", time(each.openedAt), `, ${ago(each.openedAt, now)} ago`) : null,
        ),
        each.reasons.length ? reasons(each.reasons, each.tier === gate ? 100 : 4) : null,
      ),
    );
    const came = this.changes.length ? [el("h3", {}, "Its recent changes"), el("ol", { class: "list tight changes" }, ...this.changes.map(change))] : [];
    this.put(title, el("p", { class: "quiet" }, "Secret ", el("bdi", {}, `${this.spoke.namespace}/${cut(this.spoke.secret, 260)}`), ...on), el("ul", { class: "list" }, ...gates), ...came);
  }

  drawTier() {
    const { name } = this.at;
    const tier = this.fleet.tiers.find((each) => each.name === name);
    if (tier === undefined) {
      this.put(["Tier ", named(name)], el("p", {}, "There is no tier of this name in the policy."));
      return;
    }
    const depends = tier.dependsOn.flatMap((each, at) => [at ? ", " : "After ", el("a", { href: link("tiers", each), "data-here": true, "data-key": `after ${each}` }, named(each))]);
    const counts = Object.entries(tier.gates).map(([state, count]) => el("li", {}, chip(state), " ", el("a", { href: link("tiers", name, { chosen: { state, tier: name } }), "data-here": true, "data-key": `count ${state}` }, number(count, "gate"))));
    const of = this.fleet.summary.waiting.filter((each) => each.tier === name);
    this.put(["Tier ", named(name)], el("p", { class: "quiet" }, ...(depends.length ? depends : ["It depends on nothing."])), share(tier.gates), el("ul", { class: "counts" }, ...counts), tierByRing(this.fleet, name), of.length ? groups(of, 50) : el("p", { class: "quiet" }, "None of its gates waits."));
  }

  drawShard() {
    const { name } = this.at;
    const found = this.fleet.summary.shards.find((each) => each.name === name);
    if (found === undefined) {
      this.put([`Shard ${cut(name, 60)}`], el("p", {}, "There is no shard of this name."));
      return;
    }
    const on = this.fleet.sorted.filter((row) => row.shard === name).length;
    const spokes = el("p", {}, el("a", { href: link("shards", name, { chosen: { shard: name } }), "data-here": true, "data-key": "spokes of" }, `Show its ${number(on, "spoke")}`));
    this.put([`Shard ${cut(name, 60)}`], el("p", { class: "quiet" }, "Pod ", el("bdi", {}, cut(found.pod, 260))), on ? spokes : null, shard(found));
  }
}
