"""When is an Event written?

Soon after what it tells, by the leader, a few a second and the bad news first. What happens to the
same gate again within six minutes is counted in the Event that there is. What finds too many before
it is dropped, since Events are never the only record: the page and the log have everything.

Nothing waits for an Event. One that cannot be written is not tried again; that they cannot is said
once, and then the hub is left alone for a while.

Precedent: client-go (tools/events) takes what comes within six minutes as one series.

Elsewhere: which changes (decide/notices.py); what is sent (hub/telling.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

from msgspec.structs import replace

from watcher.daemon.logs import Log
from watcher.decide import Change, Gate
from watcher.decide.notices import WARNINGS, News, Notice, notice
from watcher.facts import Instant
from watcher.hub import Clock, HubError, Pace, Told, taken, wait_s

SERIES_S = 360.0
"""What happens again within this is counted, not told anew."""

MOST_WAITING = 1000
"""At five a second the last of these is written after three minutes; later it is no news."""

AGAIN_S = 30.0
"""After one that could not be written, so long nothing is."""

PACE = Pace(most_per_s=5.0)

_Key: TypeAlias = tuple[Gate, News, str]


class Teller:
    """Writes Events, one after the other."""

    def __init__(
        self,
        *,
        tell: Callable[[Told], Awaitable[None]],
        permitted: Callable[[], bool],
        own_time: Clock,
        hub_time: Clock,
        log: Log,
        counted: Callable[[str], None],
    ) -> None:
        """`tell` writes one or raises `HubError`; `counted` hears what became of each: `written`,
        `failed` or `dropped`.
        """
        self._tell = tell
        self._permitted = permitted
        self._own_time = own_time
        self._hub_time = hub_time
        self._log = log
        self._counted = counted
        self._waiting: dict[_Key, Told] = {}
        self._told: dict[_Key, Told] = {}
        self._given = asyncio.Event()
        self._pace = PACE
        self._fails = False

    def take(self, changes: Iterable[Change]) -> None:
        """These were decided just now."""
        now = self._hub_time.now()
        for change in changes:
            if (made := notice(change)) is not None:
                self._put(made, now)
        if self._waiting:
            self._given.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._given.wait()
            if (pause_s := wait_s(self._pace, self._own_time.monotonic())) > 0:
                await self._own_time.sleep(pause_s)
            if not self._waiting or not self._permitted():
                self._waiting.clear()
                self._given.clear()
                continue
            await self._write(self._next())

    def _put(self, made: Notice, now: Instant) -> None:
        key = (made.gate, made.news, made.order)
        before = self._waiting.get(key) or self._told.get(key)
        if before is not None and now <= before.last_at + SERIES_S:
            self._waiting[key] = replace(before, notice=made, last_at=now, count=before.count + 1)
        elif len(self._waiting) < MOST_WAITING:
            self._waiting[key] = Told(made, now, now)
        else:
            self._counted("dropped")

    def _next(self) -> _Key:
        bad = (key for key in self._waiting if key[1] in WARNINGS)
        return next(bad, None) or next(iter(self._waiting))

    async def _write(self, key: _Key) -> None:
        told = self._waiting.pop(key)
        self._pace = taken(self._pace, self._own_time.monotonic())
        try:
            await self._tell(told)
        except HubError as error:
            self._failed(error)
            return
        self._counted("written")
        self._remember(key, told)
        if self._fails:
            self._fails = False
            self._log.info("events are written again")

    def _failed(self, error: HubError) -> None:
        self._counted("failed")
        self._pace = replace(self._pace, next_at=self._own_time.monotonic() + AGAIN_S)
        if not self._fails:
            self._fails = True
            self._log.warning("events cannot be written", because=str(error))

    def _remember(self, key: _Key, told: Told) -> None:
        since = self._hub_time.now() - SERIES_S
        self._told = {each: one for each, one in self._told.items() if one.last_at >= since}
        self._told[key] = told
