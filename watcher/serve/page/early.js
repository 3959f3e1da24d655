// The fleet is asked for before the rest of the page is there: on a large hub it takes longest.

import { api } from "./places.js";

const grid = () => fetch(api("grid"), { headers: { Accept: "application/json" } });

let asked = grid();
asked.catch(() => null); // whoever takes it hears of it

// The answer that was asked for first; from then on, a new one.
export function next() {
  const answer = asked ?? grid();
  asked = null;
  return answer;
}
