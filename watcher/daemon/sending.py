"""When is a patch sent, and what follows from its answer?

A decision's patches are sent in its order, as fast as the pace allows, and only until the next
decision: that one's patches take the place of all that were not sent. A decision that is older than
a second is not acted on any more, but asked for again. So no patch is ever sent twice, and none
that rests on what is no longer known.

The permit is asked for again immediately before a request leaves. A patch whose answer was lost is
not sent again either: a look, or the watch, tells what became of it.

Facts: every write to any cluster Secret makes Argo CD reconcile every ApplicationSet with a
clusters generator (applicationset/controllers/clustereventhandler.go), hence a pace at all.

Elsewhere: what is patched (decide/); what an answer means (hub/patching.py); what is outstanding
(writes.py).
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import assert_never

from watcher.daemon.supervisor import Supervisor, is_cancelled
from watcher.daemon.writes import Outstanding, Writes
from watcher.decide import PatchGates
from watcher.facts import Refusal
from watcher.hub import (
    ORDINARY,
    URGENT,
    Clock,
    Conflict,
    Gone,
    HubError,
    Metadata,
    Outcome,
    Pace,
    Patched,
    Refused,
    Replaced,
    Throttled,
    Unknown,
    Unsent,
    taken,
    throttled,
    wait_s,
)

ACTED_ON_S = 1.0
"""How long a decision is acted on. Shorter than any soak; what has changed since has woken a turn
anyway, so this is for a process in which turns have stopped."""

REFUSED_S = 60.0
"""How long a refused patch waits: its cause is a person's to mend."""

STORM = 5
STORM_S = 10.0
"""After so many conflicts in a row on one Secret, somebody writes it all the time: then so long is
waited there, and said, before it is tried again."""

LOOK_AFTER_S = 30.0
"""How long the watch has to show what became of a patch, before that is asked for."""

_LEAST_PAUSE_S = 0.001
"""A clock may show a hair less than what was waited for; that is not waited for again."""

_PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Before the next patch, by how many in a row found no hub that carries patches out."""


class Sender:
    """Sends what was decided last."""

    def __init__(
        self,
        *,
        patch: Callable[[PatchGates], Awaitable[Outcome]],
        look: Callable[[PatchGates], Awaitable[Metadata | None]],
        permitted: Callable[[], bool],
        writes: Writes,
        supervisor: Supervisor,
        own_time: Clock,
        hub_time: Clock,
        wake: Callable[[], None],
        told: Callable[[PatchGates, Outcome], None],
    ) -> None:
        """`patch` sends one, `look` looks at its Secret (None: gone; raises `HubError`), `wake`
        asks for another decision, `told` hears of each outcome.
        """
        self._patch = patch
        self._look = look
        self._permitted = permitted
        self._writes = writes
        self._supervisor = supervisor
        self._own_time = own_time
        self._hub_time = hub_time
        self._wake = wake
        self._told = told
        self._queue: deque[PatchGates] = deque()
        self._decided_at = 0.0
        self._given = asyncio.Event()
        self._ordinary, self._urgent = ORDINARY, URGENT
        self._conflicts: Counter[str] = Counter()
        self._failures = 0
        self._quiet_until = 0.0
        self._stopping = False
        self._sends: set[asyncio.Task[None]] = set()

    def take(self, patches: Iterable[PatchGates]) -> None:
        """The patches of the last decision, urgent ones first; they replace those before."""
        self._queue = deque(patches)
        self._decided_at = self._own_time.monotonic()
        if self._queue:
            self._given.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._given.wait()
            if (pause_s := self._pause_s()) >= _LEAST_PAUSE_S:
                await self._own_time.sleep(pause_s)
            else:
                self._send_next()

    async def stop(self, within_s: float) -> None:
        """Send nothing more, and wait so long for the answers that are still to come."""
        self._stopping = True
        self._queue.clear()
        if self._sends:
            await asyncio.wait(self._sends, timeout=within_s)

    def _pause_s(self) -> float:
        if not self._queue:
            return 0.0
        now = self._own_time.monotonic()
        return max(wait_s(self._pace(self._queue[0]), now), self._quiet_until - now)

    def _send_next(self) -> None:
        """Send the first of those that wait; at the end, wait for the next decision."""
        if self._own_time.monotonic() > self._decided_at + ACTED_ON_S and self._queue:
            self._queue.clear()
            self._wake()
        if not self._queue or self._stopping or not self._permitted():
            self._given.clear()
            return
        patch = self._queue.popleft()
        if self._writes.outstanding(patch.spoke) is not None:
            return
        self._spend(patch)
        self._writes.sending(patch, self._hub_time.now())
        task = self._supervisor.once("patch", partial(self._send, patch), about=_about(patch))
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)

    async def _send(self, patch: PatchGates) -> None:
        try:
            outcome = await self._patch(patch)
        except BaseException:
            known = self._writes.unanswered(patch.spoke)
            if not is_cancelled():
                self._look_in(LOOK_AFTER_S, known)
            raise
        self._told(patch, outcome)
        self._follow(patch, outcome)

    def _follow(self, patch: PatchGates, outcome: Outcome) -> None:
        uid = patch.spoke
        if not isinstance(outcome, Throttled | Unknown | Unsent):
            self._failures = 0
        match outcome:
            case Patched(resource_version):
                self._conflicts.pop(uid, None)
                self._writes.answered(uid, resource_version)
            case Conflict():
                self._overtaken(uid)
            case Gone() | Replaced():
                self._writes.overtaken(uid)
            case Refused(status, message, retry_after_s):
                self._refused(uid, status, message, max(REFUSED_S, retry_after_s))
            case Throttled(retry_after_s):
                self._slow_down(retry_after_s)
                self._writes.forget(uid)
            case Unsent():
                self._back_off()
                self._writes.forget(uid)
            case Unknown():
                self._back_off()
                self._look_in(LOOK_AFTER_S, self._writes.unanswered(uid))
            case _:
                assert_never(outcome)

    def _overtaken(self, uid: str) -> None:
        self._conflicts[uid] += 1
        if self._conflicts[uid] < STORM:
            self._look_in(0.0, self._writes.overtaken(uid))
            return
        del self._conflicts[uid]
        self._refused(uid, 409, f"{STORM} times in a row somebody else was faster", STORM_S)

    def _refused(self, uid: str, status: int, message: str, pause_s: float) -> None:
        now = self._hub_time.now()
        self._writes.refused(uid, Refusal(status, message, now, now + pause_s))

    def _look_in(self, seconds: float, known: Outstanding | None) -> None:
        if known is not None:
            look = partial(self._look_until_it_shows, known, seconds)
            self._supervisor.keep("look", look, about=_about(known.patch))

    async def _look_until_it_shows(self, known: Outstanding, pause_s: float) -> None:
        uid = known.patch.spoke
        while True:
            await self._own_time.sleep(pause_s)
            if self._writes.outstanding(uid) is not known:
                return
            try:
                found = await self._look(known.patch)
            except HubError:
                pause_s = LOOK_AFTER_S
                continue
            if found is not None and found.uid == uid:
                self._writes.looked(known, found.resource_version)
            return

    def _pace(self, patch: PatchGates) -> Pace:
        return self._urgent if patch.urgent else self._ordinary

    def _spend(self, patch: PatchGates) -> None:
        now = self._own_time.monotonic()
        if patch.urgent:
            self._urgent = taken(self._urgent, now)
        else:
            self._ordinary = taken(self._ordinary, now)

    def _slow_down(self, retry_after_s: float) -> None:
        now = self._own_time.monotonic()
        self._urgent = throttled(self._urgent, now, retry_after_s)
        self._ordinary = throttled(self._ordinary, now, retry_after_s)
        self._queue.clear()

    def _back_off(self) -> None:
        pause_s = _PAUSES_S[min(self._failures, len(_PAUSES_S) - 1)]
        self._failures += 1
        self._quiet_until = self._own_time.monotonic() + pause_s
        self._queue.clear()


def _about(patch: PatchGates) -> str:
    return f"secret {patch.namespace}/{patch.secret}"
