"""When is Argo CD asked to look at an Application?

Once for each Application of a spoke that was unparked, as long as the decision wants it. Nothing
depends on it: where it fails, the periodic resync comes within minutes. So it is not tried again,
but where the hub was too busy or could not be reached and it certainly was not carried out.

Elsewhere: which Applications (decide/recovery.py); what is sent (hub/requests.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from watcher.decide import Refresh
from watcher.facts import Instant
from watcher.hub import ORDINARY, Clock, Outcome, Throttled, Unsent, taken, throttled, wait_s

AGAIN_S = 5.0
"""After a wish that never left, so long is waited."""


class Refresher:
    """Asks for what was decided, one after the other."""

    def __init__(
        self,
        *,
        ask: Callable[[Refresh], Awaitable[Outcome]],
        permitted: Callable[[], bool],
        own_time: Clock,
        told: Callable[[Refresh, Outcome], None],
    ) -> None:
        """`ask` sends one; `told` hears of each outcome."""
        self._ask = ask
        self._permitted = permitted
        self._own_time = own_time
        self._told = told
        self._wanted: dict[str, Refresh] = {}
        self._asked: dict[str, Instant] = {}
        self._given = asyncio.Event()
        self._pace = ORDINARY

    def take(self, wanted: Iterable[Refresh]) -> None:
        """What the last decision wants; it replaces what was wanted before."""
        self._wanted = {each.uid: each for each in wanted}
        self._asked = {uid: at for uid, at in self._asked.items() if uid in self._wanted}
        if self._wanted:
            self._given.set()

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            await self._given.wait()
            if (pause_s := wait_s(self._pace, self._own_time.monotonic())) > 0:
                await self._own_time.sleep(pause_s)
            each = self._next()
            if each is None or not self._permitted():
                self._given.clear()
                continue
            await self._send(each)

    async def _send(self, each: Refresh) -> None:
        self._pace = taken(self._pace, self._own_time.monotonic())
        self._asked[each.uid] = each.unparked_at
        outcome = await self._ask(each)
        self._told(each, outcome)
        if isinstance(outcome, Throttled | Unsent):
            self._asked.pop(each.uid, None)
            after_s = outcome.retry_after_s if isinstance(outcome, Throttled) else 0.0
            now = self._own_time.monotonic()
            self._pace = throttled(self._pace, now, max(AGAIN_S, after_s))

    def _next(self) -> Refresh | None:
        for uid, each in self._wanted.items():
            if self._asked.get(uid) != each.unparked_at:
                return each
        return None
