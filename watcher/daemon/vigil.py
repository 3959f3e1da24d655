"""Is the hub heard, and who is told when that changes?

What fails is kept by whoever asks the hub, as words, and goes when the hub is heard again. Once a
second it is looked whether such words came or went: then that is logged, once, and a turn is made,
since no object need have changed for a gate to have another reason. A stream that ends and is
resumed within the second is no news.

A watch of the controllers' Pods that fails is said like any other, and gates that wait for memory
give it as their reason. Readiness does not hang on it: the process sees every gate, opens what was
lost, closes what is torn down and shows why nothing is admitted, and to take it out of service, or
to halt its own upgrade, would mend nothing.

Elsewhere: asking the hub (hub/); what stale data mean for a gate (decide/freshness.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from watcher.daemon.logs import Log
from watcher.decide import say
from watcher.decide.freshness import freshness
from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.reasons import NotListed, Stale
from watcher.facts import Kind, Source
from watcher.hub import Clock

EVERY_S = 1.0

Sources: TypeAlias = Callable[[], Mapping[Kind, Source]]


class Vigil:
    """Watches over what is asked of the hub."""

    def __init__(
        self,
        *,
        troubles: Mapping[str, Callable[[], str]],
        sources: Sources,
        stale_after_s: Callable[[], float],
        own_time: Clock,
        hub_time: Clock,
        log: Log,
        wake: Callable[[], None],
    ) -> None:
        """`troubles`: what is asked for, to what is wrong with it now; empty where nothing is."""
        self._troubles = troubles
        self._sources = sources
        self._stale_after_s = stale_after_s
        self._own_time = own_time
        self._hub_time = hub_time
        self._log = log
        self._wake = wake
        self._said: dict[str, str] = {}
        self._seen: tuple[Source, ...] = ()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await self._own_time.sleep(EVERY_S)

    def look(self) -> None:
        """Say what came and went since the last look."""
        for what, trouble in self._troubles.items():
            self._compare(what, trouble())
        doubtful = tuple(filter(self._doubtful, self._sources().values()))
        if doubtful != self._seen:
            self._seen = doubtful
            self._wake()

    def _doubtful(self, source: Source) -> bool:
        """Whether too little is heard of a kind, the Pods among them."""
        if not source.listed or source.heard_at is None:
            return True
        ends_at = source.heard_at + self._stale_after_s()
        return not source.heard_at - CLOCKS_APART_S <= self._hub_time.now() < ends_at

    def missing(self) -> tuple[NotListed | Stale, ...]:
        """What has never been listed, or is stale, and holds up every gate."""
        now = self._hub_time.now()
        fresh = freshness(
            self._sources(), stale_after_s=self._stale_after_s(), believed_at=now, now=now
        )
        return (*fresh.unlisted, *fresh.stale)

    def not_ready(self) -> tuple[str, ...]:
        """The same in words."""
        return tuple(map(say, self.missing()))

    def _compare(self, what: str, trouble: str) -> None:
        if trouble == self._said.get(what, ""):
            return
        if trouble:
            self._said[what] = trouble
            self._log.warning("hub does not answer", about=what, because=trouble)
        else:
            del self._said[what]
            self._log.info("hub answers again", about=what)
