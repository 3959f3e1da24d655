"""What time is it on the embedded hub, and who waits for what time?

Two clocks with one face: `RunningClock` runs a chosen number of times as fast as real time (the
demo), `HandClock` stands still until a test moves it. Everything in this room that looks at the
time or waits is handed one of them; nothing else here may.

Elsewhere: the daemon's own clock (watcher/daemon); the hub knows nothing of it.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Protocol

_TURNS_OF_THE_LOOP = 8
"""How often a hand-moved clock lets the loop go round for each sleeper that it wakes.

A woken task may wake another through a future, and that one a third, before anybody sleeps again;
each link costs one turn of the loop. Eight is twice the longest chain in this package; every test
that moves a clock pays for each turn, some hundred thousand times.
"""


class Clock(Protocol):
    """The time of the hub."""

    def now(self) -> float:
        """The wall clock: seconds since the epoch, UTC."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of the hub's time; at least one turn of the loop."""


class RunningClock:
    """Runs `speed` times as fast as real time, from `start` (default: what time it really is)."""

    def __init__(self, speed: float = 1.0, start: float | None = None) -> None:
        if speed <= 0:
            raise ValueError(f"a clock runs forwards, so not at {speed} times real time")
        self.speed = speed
        self._started_at = time.time() if start is None else start
        self._origin = time.monotonic()

    def now(self) -> float:
        """The wall clock of the hub."""
        return self._started_at + self.monotonic()

    def monotonic(self) -> float:
        """Seconds of the hub since this clock was made."""
        return (time.monotonic() - self._origin) * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait, `speed` times shorter than that in real time."""
        await asyncio.sleep(max(seconds, 0.0) / self.speed)


class HandClock:
    """Stands still until `advance`; sleepers wake one after the other, in the order of time."""

    def __init__(self, start: float) -> None:
        self._started_at = start
        self._now = start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._arrivals = itertools.count()

    def now(self) -> float:
        """The wall clock of the hub: where `advance` left it."""
        return self._now

    def monotonic(self) -> float:
        """How far it was moved in all."""
        return self._now - self._started_at

    async def sleep(self, seconds: float) -> None:
        """Wait until somebody has moved the clock that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._arrivals), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Move on by `seconds`, waking on the way everybody whose time has come.

        Between two sleepers the loop goes round, so that who was woken runs, and may sleep again
        before the next one wakes. What waits for a socket may need longer than that: await its
        outcome, not this.
        """
        until = self._now + seconds
        await _let_the_loop_turn()
        while (wakes_at := self.next_wake_at()) is not None and wakes_at <= until:
            _, _, woken = heapq.heappop(self._sleepers)
            self._now = wakes_at
            woken.set_result(None)
            await _let_the_loop_turn()
        self._now = until
        await _let_the_loop_turn()

    def next_wake_at(self) -> float | None:
        """When the first sleeper wakes (seconds since the epoch); None when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():  # cancelled while it slept
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None


def alarm(clock: Clock, seconds: float, ring: Callable[[], None]) -> asyncio.Task[None]:
    """Call `ring` in `seconds` of the hub's time; cancel the task to call it off."""

    async def wait() -> None:
        await clock.sleep(seconds)
        ring()

    return asyncio.create_task(wait(), name=f"alarm in {seconds:g} s")


async def _let_the_loop_turn() -> None:
    loop = asyncio.get_running_loop()
    turned, turns = loop.create_future(), iter(range(_TURNS_OF_THE_LOOP))

    def turn() -> None:  # a plain callback: half as dear as a task that sleeps for no time
        if turned.cancelled():
            return
        if next(turns, None) is None:
            turned.set_result(None)
        else:
            loop.call_soon(turn)

    turn()
    await turned
