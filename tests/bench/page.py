"""What does it cost to be looked at?

10,000 spokes × 8 tiers, of which 50 gates a second change, in turns of a tenth of a second. It is
asked how long turns take, and how late they begin, when nobody looks, when one reader does, when a
hundred do, and when a hundred do that take a kilobyte a second; how much a reader is sent; and how
long a browser needs to the first view. Readers are a process of their own.
"""

from __future__ import annotations

import asyncio
import gc
import random
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import msgspec

from tests.bench.decide import NOW, SPOKES, TIERS, fleet
from watcher.daemon import SystemClock
from watcher.decide import Carried, Decision, Snapshot, Touched, decide, grouped, regroup
from watcher.decide.changes import changes
from watcher.decide.grouping import place
from watcher.facts import Application, Kind, Source
from watcher.serve import Decided, Report
from watcher.serve.feed import Feed
from watcher.serve.meters import Meters
from watcher.serve.news import News
from watcher.serve.site import serve, site

PHASE_S = 12.0
TURN_S = 0.1
GATES_PER_TURN = 5
READERS = 100
SLOW_BYTES_PER_S = 1024


class Hub:
    """A fleet that goes on changing."""

    def __init__(self) -> None:
        self._policy, self._sets, self._spokes, self._apps = fleet()
        self._groups = grouped(self._apps)
        self._sources = {kind: Source(kind, listed=True, heard_at=NOW) for kind in Kind}
        self._at = 0
        self._decision: Decision | None = None
        self._chance = random.Random(1)  # noqa: S311
        self.news = News()
        self.report = Report(None, leading=True, lease="gate-watcher", leader="bench")
        self.turn(0)

    def turn(self, gates: int) -> float:
        """So many gates change, and it is decided; how long that took."""
        touched = Touched(places=frozenset(place(self._change()) for _ in range(gates)))
        began = time.perf_counter()
        before = self._decision
        snapshot = Snapshot(
            dict(self._spokes),
            self._sets,
            dict(self._groups),
            self._sources,
            carried=Carried() if before is None else before.carried,
            touched=None if before is None else touched,
        )
        self._at += 1
        now = NOW + self._at / 1000
        self._decision = decide(snapshot, self._policy, now)
        told = changes(before, self._decision)
        self.report = msgspec.structs.replace(
            self.report, decided=Decided(self._decision, self._policy, now)
        )
        self.news.take(told, now)
        return time.perf_counter() - began

    def _change(self) -> Application:
        at = self._chance.randrange(len(self._apps))
        before = self._apps[at]
        health = "Progressing" if before.health_status == "Healthy" else "Healthy"
        after = msgspec.structs.replace(
            before, health_status=health, resource_version=str(int(before.resource_version) + 1)
        )
        self._apps[at] = after
        regroup(self._groups, before, after)
        return after


def main() -> None:
    asyncio.run(_main())


async def _main() -> None:
    hub = Hub()
    feed = Feed(lambda: hub.report, hub.news, SystemClock())
    shown = await serve(site(lambda: hub.report, Meters("bench"), feed), host="127.0.0.1", port=0)
    gc.collect()
    gc.freeze()
    print(f"page: {SPOKES} spokes x {len(TIERS)} tiers, 50 gates a second")
    for says, readers, rate in (
        ("nobody looks", 0, 0),
        ("one reader", 1, 0),
        (f"{READERS} readers", READERS, 0),
        (f"{READERS} readers, each 1 KiB/s", READERS, SLOW_BYTES_PER_S),
    ):
        process = await asyncio.to_thread(_readers, shown.url, readers, rate)
        took, late = await _turns(hub, PHASE_S)
        sent = process.communicate()[0]
        print(
            f"  {says:26} turn {statistics.median(took) * 1000:6.2f} ms, nine of ten "
            f"{_ninth(took) * 1000:6.2f}; late {statistics.median(late) * 1000:6.2f} ms, nine of "
            f"ten {_ninth(late) * 1000:6.2f}, most {max(late) * 1000:6.1f}{sent.rstrip()}"
        )
    await _first_view(hub, shown.url)
    await shown.close()
    gc.unfreeze()


async def _turns(hub: Hub, for_s: float) -> tuple[list[float], list[float]]:
    """How long each took, and how late each began."""
    took, late = [], []
    due = time.perf_counter()
    end = due + for_s
    while due < end:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        late.append(time.perf_counter() - due)
        took.append(hub.turn(GATES_PER_TURN))
        due += TURN_S
    return took, late


def _ninth(of: list[float]) -> float:
    return sorted(of)[len(of) * 9 // 10]


async def _first_view(hub: Hub, url: str) -> None:
    from tests.page.standing import browser, chromium, looking

    if chromium() is None:
        print("  first view: there is no browser here")
        return
    async with browser() as started, asyncio.TaskGroup() as tasks:
        turns = tasks.create_task(_turns(hub, 60.0))
        for scheme in ("light", "dark", "light"):
            async with looking(started, url, color_scheme=scheme) as look:
                began = time.perf_counter()
                await look.page.goto(url)
                await look.page.locator("#grid tbody a.gate").first.wait_for()
                print(f"  first view {time.perf_counter() - began:8.2f} s")
        turns.cancel()


def _readers(url: str, number: int, rate: int) -> subprocess.Popen[str]:
    """A process of so many readers, once all of them are there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.page", url, str(number), str(rate)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _read(url: str, number: int, rate: int) -> None:
    """Be so many readers for a while, each of which takes so much a second; 0: all there is."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    waiting = selectors.DefaultSelector()
    if number:
        cursor = _cursor(host, int(port))
        ask = f"GET /api/v1/stream?after={cursor} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    for _ in range(number):
        waiting.register(_opened(host, int(port), ask, small=bool(rate)), selectors.EVENT_READ)
    print("they read", flush=True)
    got, ends = 0, time.monotonic() + PHASE_S
    for _ in _paced(rate, ends):
        for key, _events in waiting.select(timeout=0.2):
            got += len(key.fileobj.recv(rate or 1 << 20))  # type: ignore[union-attr]
    if number:
        print(f"; {got / PHASE_S / number / 1024:.1f} KiB/s each")


def _paced(rate: int, ends: float) -> Iterator[None]:
    while time.monotonic() < ends:
        yield
        if rate:
            time.sleep(1.0)


def _opened(host: str, port: int, ask: bytes, *, small: bool) -> socket.socket:
    made = socket.socket()
    if small:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect((host, port))
    made.sendall(ask)
    return made


def _cursor(host: str, port: int) -> str:
    with socket.create_connection((host, port)) as made:
        made.sendall(f"GET /api/v1/grid HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        whole = b""
        while part := made.recv(1 << 20):
            whole += part
    found: str = msgspec.json.decode(whole.partition(b"\r\n\r\n")[2])["cursor"]
    return found


if __name__ == "__main__":
    _read(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
