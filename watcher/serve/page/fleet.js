// What is known of the fleet, and which spokes are asked for?

import { ORDER, PASSED } from "./draw.js";

const collator = new Intl.Collator("en", { numeric: true });
const FIRST = "a".charCodeAt(0);
const MOST_CHANGES = 50;

export class Fleet {
  constructor(grid) {
    this.states = grid.states;
    this.summary = grid.fleet;
    this.changes = grid.changes;
    this.rows = new Map();
    this.put(grid.spokes);
    this.sort();
  }

  put(rows) {
    for (const [name, letters, shard, ring] of rows) {
      this.rows.set(name, { name, letters, shard, ring, lower: name.toLowerCase() });
    }
  }

  sort() {
    this.sorted = [...this.rows.values()].sort((one, other) => collator.compare(one.name, other.name));
  }

  // What a frame says of it; the names of the spokes that it speaks of.
  apply(frame) {
    const known = frame.gone.length === 0 && frame.spokes.every(([name]) => this.rows.has(name));
    for (const name of frame.gone) this.rows.delete(name);
    if (known) {
      for (const [name, letters, shard, ring] of frame.spokes) Object.assign(this.rows.get(name), { letters, shard, ring });
    } else {
      this.put(frame.spokes);
      this.sort();
    }
    Object.assign(this.summary, frame.fleet);
    this.changes = [...frame.changes, ...this.changes].slice(0, MOST_CHANGES);
    return new Set([...frame.gone, ...frame.spokes.map(([name]) => name)]);
  }

  get tiers() {
    return this.summary.tiers;
  }

  state(row, at) {
    return this.states[row.letters.charCodeAt(at) - FIRST] ?? "";
  }

  passed(row) {
    return [...row.letters].every((_, at) => PASSED.has(this.state(row, at)));
  }

  // In their order; those that no tier waits for, behind.
  get rings() {
    const held = new Set(this.sorted.map((row) => row.ring));
    const ordered = (this.summary.rings ?? []).map((each) => each.ring);
    return [...new Set([...ordered, ...held])].filter((each) => held.has(each));
  }

  // Those under one another that are in one ring, each ring under a heading: a row with `heading`.
  byRing(rows) {
    return this.rings.flatMap((heading) => {
      const of = rows.filter((row) => row.ring === heading);
      return of.length ? [{ heading, spokes: of.length }, ...of] : [];
    });
  }

  // The spokes that are asked for: by a part of the name, by the state of a gate, by ring, by shard.
  matching({ q, state, tier, ring, shard }) {
    const part = q.toLowerCase();
    const letters = this.lettersOf(state);
    const at = this.tiers.findIndex((each) => each.name === tier);
    const fits = (letter) => letters === null || letters.includes(letter);
    return this.sorted.filter((row) => {
      if (part && !row.lower.includes(part)) return false;
      if (shard && row.shard !== shard) return false;
      if (ring && row.ring !== ring) return false;
      if (tier && at < 0) return false;
      if (letters === null) return true;
      return at < 0 ? [...row.letters].some(fits) : fits(row.letters[at]);
    });
  }

  // What is asked for and is nowhere, as a sentence about a name: the first of it, or null.
  strange({ state, tier, ring, shard }) {
    const { shards } = this.summary;
    const nowhere = [
      ["There is no tier", tier, this.tiers.map((each) => each.name)],
      ["There is no state", state, ["unsettled", ...this.states]],
      ["No spoke is in a ring", ring, this.rings],
      ["No spoke is on a shard", shard, [...shards.map((each) => each.name), ...this.sorted.map((row) => row.shard)]],
    ];
    const found = nowhere.find(([, name, known]) => name && !known.includes(name));
    return found === undefined ? null : { says: found[0], name: found[1] };
  }

  lettersOf(state) {
    if (!state) return null;
    const asked = state === "unsettled" ? ORDER.filter((each) => !PASSED.has(each)) : [state];
    return asked.map((each) => String.fromCharCode(FIRST + this.states.indexOf(each))).join("");
  }
}
