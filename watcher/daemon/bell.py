"""How does a task wait for a fact, or for a time?

Whatever rings while nobody waits is not lost: the next wait ends at once. Any number of rings end
one wait.
"""

from __future__ import annotations

import asyncio

from watcher.daemon.supervisor import Supervisor
from watcher.hub.clock import Clock


class Bell:
    """Rung by others, or by a clock."""

    def __init__(self, supervisor: Supervisor, clock: Clock) -> None:
        self._supervisor = supervisor
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """End the wait."""
        self._rung.set()

    def hush(self) -> None:
        """What rang so far is being dealt with."""
        self._rung.clear()

    async def wait(self, seconds: float | None) -> None:
        """Return once it has rung since it was hushed, or after `seconds`; None: only then."""
        if seconds is None:
            await self._rung.wait()
            return

        async def alarm() -> None:
            await self._clock.sleep(seconds)
            self.ring()

        task = self._supervisor.once("alarm", alarm)
        try:
            await self._rung.wait()
        finally:
            task.cancel()
