// How are things drawn? Whatever came from the hub becomes text, never markup.

// Mark, tone and rank of each state: the mark and the word say it, the colour only helps.
const LOOKS = {
  Lost: ["!", "lost"],
  Stalled: ["✗", "bad"],
  Degraded: ["◒", "bad"],
  Unadopted: ["?", "lost"],
  Unknown: ["?", "none"],
  Held: ["▣", "held"],
  Progressing: ["◐", "busy"],
  Soaking: ["◕", "busy"],
  Queued: ["○", "next"],
  Waiting: ["·", "wait"],
  Settled: ["●", "good"],
  Skipped: ["↷", "held"],
  Ungated: ["–", "none"],
};

export const ORDER = Object.keys(LOOKS);
export const PASSED = new Set(["Settled", "Ungated", "Skipped"]);

export function look(state) {
  return LOOKS[state] ?? ["?", "none"];
}

// `attributes`: `class`, `href`, `aria-…`, `data-…`; null ones are left out.
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// A name that somebody else chose: it may be long, and may run from right to left.
export function named(text) {
  return el("bdi", { class: "name", title: text.length > 40 ? cut(text, 400) : null }, cut(text, 200));
}

export function cut(text, most) {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

export function chip(state, text = state) {
  const [mark, tone] = look(state);
  return el("span", { class: `chip ${tone}` }, el("span", { class: "mark", "aria-hidden": "true" }, mark), text);
}

export function number(count, thing) {
  return `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;
}

// As the command line and the reasons say it.
export function amount(bytes) {
  const mib = Math.round(bytes / 2 ** 20);
  return mib < 1024 ? `${mib} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

// The hub's time, as it is written everywhere; the whole instant is one look away.
export function time(at) {
  return el("time", { datetime: at, title: at }, at.slice(11, 19));
}

export function ago(at, now) {
  const s = Math.max(0, (Date.parse(now) - Date.parse(at)) / 1000);
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} d`;
}

export function reasons(of, most = Infinity) {
  const shown = of.slice(0, most);
  const list = el("ul", { class: "reasons" }, ...shown.map((each) => el("li", {}, el("bdi", {}, each.says), " ", el("span", { class: "tag" }, each.name))));
  if (of.length > shown.length) list.append(el("li", { class: "quiet" }, `and ${of.length - shown.length} more`));
  return list;
}

// Draws anew, and leaves the keyboard where it was.
export function redraw(section, ...children) {
  const key = section.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const open = new Set([...section.querySelectorAll("details[open]")].map((each) => each.dataset.key));
  section.replaceChildren(...children.filter((child) => child !== null));
  for (const each of section.querySelectorAll("details")) each.open = open.has(each.dataset.key);
  if (key !== undefined) [...section.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key)?.focus({ preventScroll: true });
}
