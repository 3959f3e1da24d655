"""What time is it, and who waits?

The only clock of the product: every other room is handed one. `SystemClock` is the machine's.
`TimeOfHub` is for a hub whose time runs at another speed than ours (the demo): what is compared
with the hub's own stamps is read from the hub, while leases, time-outs and the pace of patches are
about this process and its sockets, and keep real time.

Elsewhere: what a clock must be able to do (hub/clock.py); the embedded hub's own (embedded_hub/).
"""

from __future__ import annotations

import asyncio
import time

from watcher.facts import Instant
from watcher.hub.clock import Clock


class SystemClock:
    """The machine's clocks."""

    def now(self) -> Instant:
        """Seconds since the epoch, UTC; may jump when the machine is set right."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return when so much time has passed; 0 lets others run."""
        await asyncio.sleep(max(seconds, 0.0))


class TimeOfHub:
    """Tells the time of `hub`, and waits and measures in that of `own`."""

    def __init__(self, own: Clock, hub: Clock) -> None:
        self._own = own
        self._hub = hub

    def now(self) -> Instant:
        """What time it is on the hub."""
        return self._hub.now()

    def monotonic(self) -> float:
        """Seconds of our own."""
        return self._own.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of our own."""
        await self._own.sleep(seconds)
