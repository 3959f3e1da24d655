"""What does the hub do next, and when?

One list of what is due, for all that this room models: controllers, workloads, scenarios. Due is
what has the earliest instant; what is due at the same instant goes in the order in which it was
put down. So a run under a hand-moved clock is the same each time, and ten thousand Applications
cost no task each: one alarm is set, for the earliest.

Not ideal: nothing is ever struck off. Whoever puts something down looks, when its time comes,
whether it is still to be done.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable

from watcher.embedded_hub.clock import Clock, alarm

_AT_A_TIME = 200
"""After so many the loop goes round, or a fleet that starts at once would keep it from all else."""

_ALREADY_S = 1e-4
"""What is due that soon is due: sums of floating-point seconds do not meet exactly."""


class Agenda:
    """What is due when, on the hub's clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.failures: list[Exception] = []
        """What was raised by what was due: a fault of this room, for whoever ends the hub."""
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._arrivals = itertools.count()
        self._alarm: asyncio.Task[None] | None = None
        self._rings_at: float | None = None
        self._running = False

    def at(self, instant: float, act: Callable[[], None]) -> None:
        """Call `act` at `instant` (seconds since the epoch), or at once if that has passed."""
        heapq.heappush(self._due, (instant, next(self._arrivals), act))
        if self._running and (self._rings_at is None or instant < self._rings_at):
            self._set_alarm()

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Call `act` in `seconds`."""
        self.at(self.clock.now() + seconds, act)

    def start(self) -> None:
        """Begin. What was put down before waits until now. Needs a running loop."""
        self._running = True
        self._set_alarm()

    async def stop(self) -> None:
        """End; what is still to be done stays undone."""
        self._running = False
        if self._alarm is not None:
            self._alarm.cancel()
            await asyncio.gather(self._alarm, return_exceptions=True)

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._rings_at = self._due[0][0] if self._due else None
        if self._rings_at is not None:
            self._alarm = alarm(self.clock, self._rings_at - self.clock.now(), self._ring)

    def _ring(self) -> None:
        self._alarm = None  # this is its last act
        self._rings_at = float("-inf")  # nothing is earlier: no alarm while things are being done
        for _ in range(_AT_A_TIME):
            if not self._due or self._due[0][0] > self.clock.now() + _ALREADY_S:
                break
            self._do(heapq.heappop(self._due)[2])
        if self._running:
            self._set_alarm()

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001  # the hub goes on; stop tells
            self.failures.append(error)
