// How does the page hear of the fleet?
//
// The whole of it once, then frame by frame. Where no stream gets through, as behind a proxy that
// waits for the end of each answer, the whole of it again every few seconds.

import { next } from "./early.js";
import { api } from "./places.js";

const AGAIN_MS = 3000;
const NO_STREAM_MS = 10000;
const EACH_MS = 5000;

// `told`: `grid(grid)`, `frame(frame)`, `pulse(is, says)`.
export function follow(told) {
  let source = null;
  let timer = 0;

  async function begin() {
    clearTimeout(timer);
    source?.close();
    const grid = await whole();
    if (grid === null) return;
    told.grid(grid);
    listen(grid.cursor);
  }

  async function whole() {
    try {
      const answer = await next();
      const body = await answer.json();
      if (answer.ok) return body;
      again(body.message ?? `it answers ${answer.status}`);
    } catch {
      again("the watcher does not answer");
    }
    return null;
  }

  function again(why, after = AGAIN_MS) {
    told.pulse("away", why);
    source?.close();
    clearTimeout(timer);
    timer = setTimeout(begin, after);
  }

  function listen(cursor) {
    source = new EventSource(api("stream", [["after", cursor]]));
    timer = setTimeout(poll, NO_STREAM_MS);
    source.onopen = () => {
      clearTimeout(timer);
      told.pulse("live", "live");
    };
    source.onmessage = (event) => {
      const frame = JSON.parse(event.data);
      told.frame(frame);
    };
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) again("the stream has ended");
      else told.pulse("away", "the watcher does not answer");
    };
    source.addEventListener("reload", begin);
    source.addEventListener("refused", (event) => again(JSON.parse(event.data).message));
  }

  async function poll() {
    source?.close();
    const grid = await whole();
    if (grid === null) return;
    told.grid(grid);
    told.pulse("live", `every ${EACH_MS / 1000} s`);
    timer = setTimeout(poll, EACH_MS);
  }

  begin();
}
