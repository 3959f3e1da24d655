"""What may the room hub know of time?

A clock is an argument everywhere: the daemon has the only real one, tests move theirs by hand.

- `now` is wall time, for what is compared with the hub's own stamps and for what people read.
- `monotonic` never goes back: every duration, every deadline, the lease.

Time-outs on the wire are not here: they guard sockets, so the event loop keeps them (timeouts.py).
"""

from __future__ import annotations

from typing import Protocol

from watcher.facts import Instant


class Clock(Protocol):
    """The time, and waiting."""

    def now(self) -> Instant:
        """Seconds since the epoch, UTC."""

    def monotonic(self) -> float:
        """Seconds since some moment; only differences mean anything."""

    async def sleep(self, seconds: float) -> None:
        """Return when so much time has passed; 0 lets others run."""
