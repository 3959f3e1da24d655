// Where does the page stand, and how is a place linked?
//
// The folder above this file is the root, whatever stands before it. A name with a slash stands in
// the path with that slash; a name that no path can hold stands in the query.

export const base = new URL("..", import.meta.url);

const FILTERS = ["q", "state", "tier", "ring", "shard", "by"];
const LONGEST = 1000;

export function api(path, query = []) {
  const url = new URL(`api/v1/${path}`, base);
  for (const [name, value] of query) url.searchParams.append(name, value);
  return url;
}

export function filters() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""]));
}

// `chosen`: the filters that are to be in force there.
export function link(kind, name, { gate = "", chosen = filters() } = {}) {
  const query = new URLSearchParams();
  for (const each of FILTERS) if (chosen[each]) query.set(each, chosen[each]);
  const segments = [...name.split("/"), ...(gate ? [gate] : [])];
  let path = "";
  if (kind && segments.every(plain) && name.length <= LONGEST) {
    path = [kind, ...segments].map(encodeURIComponent).join("/");
  } else if (kind) {
    query.set(kind.slice(0, -1) === "spoke" ? "spoke" : `in-${kind.slice(0, -1)}`, name);
    if (gate) query.set("gate", gate);
  }
  const url = new URL(path, base);
  url.search = query.toString();
  return url.href;
}

function plain(segment) {
  return segment !== "" && segment !== "." && segment !== ".." && !/[%\\\p{C}]/u.test(segment);
}

// What the address names. Whether the last part of a path is a tier is for `isSpoke` to tell.
export function place(isSpoke) {
  const query = new URLSearchParams(location.search);
  if (query.has("spoke")) return { kind: "spokes", name: query.get("spoke"), gate: query.get("gate") ?? "" };
  for (const kind of ["tiers", "shards"]) {
    const name = query.get(`in-${kind.slice(0, -1)}`);
    if (name !== null) return { kind, name, gate: "" };
  }
  const parts = location.pathname.slice(base.pathname.length).split("/").map(decoded);
  const [kind, ...rest] = parts;
  const whole = rest.join("/");
  if (!["spokes", "tiers", "shards"].includes(kind) || whole === "") return { kind: "", name: "", gate: "" };
  const before = rest.slice(0, -1).join("/");
  if (kind === "spokes" && !isSpoke(whole) && isSpoke(before)) {
    return { kind, name: before, gate: rest.at(-1) };
  }
  return { kind, name: whole, gate: "" };
}

function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
