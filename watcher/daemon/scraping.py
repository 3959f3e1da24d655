"""When is which controller asked for its memory?

Every Pod that runs, has an address and is not being deleted, as often as the policy says, each in a
task of its own: one that hangs is waited for alone, and not asked again meanwhile. Only a replica
whose decisions count asks at all. What comes is handed on as it is; that a Pod gives nothing of use
is logged when it begins, when it changes and when it ends.

The policy's interval is of the hub's time, as every length of time in it is.

Elsewhere: asking (scrape/); what is kept of the answers (holdings.py); what they mean (decide/).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Protocol

from watcher.daemon.bell import Bell
from watcher.daemon.logs import Log
from watcher.daemon.supervisor import Supervisor
from watcher.facts import Pod, Reading
from watcher.hub import Clock
from watcher.policy import Memory


class Scrape(Protocol):
    """How one Pod is asked (scrape/scraping.py)."""

    def __call__(self, ip: str, *, port: int, path: str) -> Awaitable[Reading | str]:
        """A reading, or words that say why there is none."""


class Scraping:
    """Asks every controller, again and again."""

    def __init__(
        self,
        scrape: Scrape,
        *,
        pods: Callable[[], Iterable[Pod]],
        memory: Callable[[], Memory],
        counts: Callable[[], bool],
        came: Callable[[Pod, Reading | str], None],
        supervisor: Supervisor,
        hub_time: Clock,
        log: Log,
    ) -> None:
        """`counts`: whether this replica's decisions do. `came` is told what each attempt gave."""
        self._scrape = scrape
        self._pods = pods
        self._memory = memory
        self._counts = counts
        self._came = came
        self._supervisor = supervisor
        self._clock = hub_time
        self._log = log
        self._bell = Bell(supervisor, hub_time)
        self._asked: dict[str, float] = {}
        """When each Pod was asked last, by UID."""
        self._under_way: set[str] = set()
        self._said: dict[str, str] = {}

    def look(self) -> None:
        """A Pod, the policy, or whether decisions count has changed."""
        self._bell.ring()

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            self._bell.hush()
            await self._bell.wait(self._ask_those_due())

    def _ask_those_due(self) -> float:
        """Begin what is due; in how many seconds the next is."""
        every_s, now = self._memory().scrape_every_s, self._clock.monotonic()
        pods = [each for each in self._pods() if _answers(each)] if self._counts() else []
        uids = {each.uid for each in pods}
        self._asked = {uid: at for uid, at in self._asked.items() if uid in uids}
        self._said = {uid: said for uid, said in self._said.items() if uid in uids}
        next_s = every_s
        for pod in pods:
            if pod.uid in self._under_way:
                continue
            left_s = self._asked.get(pod.uid, now - every_s) + every_s - now
            if left_s > 0:
                next_s = min(next_s, left_s)
                continue
            self._asked[pod.uid] = now
            self._under_way.add(pod.uid)
            self._supervisor.once("scrape", partial(self._ask, pod), about=pod.key)
        return next_s

    async def _ask(self, pod: Pod) -> None:
        memory = self._memory()
        try:
            said = await self._scrape(pod.ip, port=memory.port, path=memory.path)
        finally:
            self._under_way.discard(pod.uid)
            self.look()
        self._tell(pod, said if isinstance(said, str) else "")
        self._came(pod, said)

    def _tell(self, pod: Pod, trouble: str) -> None:
        if trouble == self._said.get(pod.uid, ""):
            return
        self._said[pod.uid] = trouble
        if trouble:
            self._log.warning("memory cannot be read", pod=pod.key, because=trouble)
        else:
            self._log.info("memory can be read again", pod=pod.key)


def _answers(pod: Pod) -> bool:
    return bool(pod.ip) and pod.started_at is not None and pod.deleting_since is None
